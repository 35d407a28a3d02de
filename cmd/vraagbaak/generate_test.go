package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/models"
)

const generating = `
data_dir: data
sources:
  - {name: site, kind: folder, path: site, collection: site}
answer: {mode: generate, max_tokens: 96}
models:
  generator: {kind: local, name: %s}
`

// smallest is the smallest answer model that is on this machine.
func smallest(t *testing.T) string {
	t.Helper()
	cache, err := models.Open()
	if err != nil {
		t.Fatal(err)
	}
	const small = "qwen2.5-coder-0.5b"
	if _, err := cache.Path(small); err == nil {
		return small
	}
	return models.DefaultGenerator
}

// TestGenerate lets a real model word answers, and kills it while it does.
func TestGenerate(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("finds the model's process in /proc: Linux only")
	}
	name := smallest(t)
	p := newProgram(t, models.DefaultEmbedder, name)
	for _, page := range []string{"identiteitskaart", "rijbewijs", "afval-inzamelen", "paspoort"} {
		b, err := os.ReadFile("../../testdata/site/producten/" + page + ".html")
		if err != nil {
			t.Fatal(err)
		}
		p.write(t, "site/"+page+".html", string(b))
	}
	p.write(t, "v.yaml", fmt.Sprintf(generating, name))
	p.ingest(t, "v.yaml")

	t.Setenv("VRAAGBAAK_HOME", p.home)
	cfg, err := config.Load(filepath.Join(p.dir, "v.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	a, err := app.Open(t.Context(), cfg, slog.New(slog.NewTextHandler(testLog{t}, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	// The embedding model's process comes first, so that the other is known.
	if _, err := a.Embedder.Embed(t.Context(), embed.Query, []string{"warm"}); err != nil {
		t.Fatal(err)
	}
	others := children(t)
	a.Warm(t.Context())
	generator := slices.DeleteFunc(children(t), func(pid int) bool { return slices.Contains(others, pid) })
	if len(generator) != 1 {
		t.Fatalf("the answer model runs in processes %v", generator)
	}

	for _, q := range []string{"Wat kost een identiteitskaart voor een volwassene?", "Wat kost een rijbewijs?"} {
		ans := ask(t, p, a, q, nil)
		t.Logf("%q: %s %s %q: %v", q, ans.Mode, ans.Status, ans.Reason, ans.Statements)
		if ans.Status != answer.Answered || ans.Models.Generator != name {
			t.Errorf("%q: %s %s by %q", q, ans.Status, ans.Reason, ans.Models.Generator)
		}
		if ans.Mode == answer.Extracted && ans.Reason != answer.NothingVerified {
			t.Errorf("%q: extracted, and the reason is %q", q, ans.Reason)
		}
	}
	ans := ask(t, p, a, "Wanneer is mijn paspoort klaar?", func() { go killAtWork(t, generator[0]) })
	t.Logf("killed: %s %s %s: %v", ans.Mode, ans.Status, ans.Reason, ans.Statements)
	if ans.Reason != answer.ModelUnavailable || len(ans.Statements) == 0 ||
		ans.Mode == answer.Extracted && ans.Status != answer.Answered || ans.Mode == answer.Generated && ans.Status != answer.Partial {
		t.Errorf("after the model was killed: %s %s %s, %d statements", ans.Mode, ans.Status, ans.Reason, len(ans.Statements))
	}
	ans = ask(t, p, a, "Wanneer is mijn paspoort klaar?", nil)
	t.Logf("again: %s %s %q: %v", ans.Mode, ans.Status, ans.Reason, ans.Statements)
	if ans.Status != answer.Answered || ans.Reason == answer.ModelUnavailable {
		t.Errorf("the next question: %s %s", ans.Status, ans.Reason)
	}
}

// ask answers a question and checks its quotations; sourced is called when the
// sources are there and the model begins.
func ask(t *testing.T, p *program, a *app.App, text string, sourced func()) *answer.Answer {
	t.Helper()
	var ans *answer.Answer
	for ev, err := range a.Engine.Ask(t.Context(), answer.Question{Text: text, Scope: a.Scope()}) {
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case ev.Kind == answer.EventSources && sourced != nil:
			sourced()
		case ev.Kind == answer.EventDone:
			ans = ev.Answer
		}
	}
	if ans == nil {
		t.Fatal("no answer")
	}
	p.checkQuotes(t, text, *ans)
	return ans
}

// children are the processes that this one started and that still run.
func children(t *testing.T) []int {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	var out []int
	for _, d := range dirs {
		pid, err := strconv.Atoi(filepath.Base(d))
		if err != nil {
			t.Fatal(err)
		}
		if parent, _, ok := procStat(pid); ok && parent == os.Getpid() {
			out = append(out, pid)
		}
	}
	return out
}

// procStat reads the parent of a process and the clock ticks it has worked;
// false if it is gone, or dead and not yet waited for.
func procStat(pid int) (parent, ticks int, ok bool) {
	b, err := fs.ReadFile(os.DirFS("/proc"), strconv.Itoa(pid)+"/stat")
	if err != nil {
		return 0, 0, false
	}
	text := string(b)
	f := strings.Fields(text[strings.LastIndexByte(text, ')')+1:]) // from the state on
	if len(f) < 13 || f[0] == "Z" {
		return 0, 0, false
	}
	parent, err1 := strconv.Atoi(f[1])
	user, err2 := strconv.Atoi(f[11])
	system, err3 := strconv.Atoi(f[12])
	return parent, user + system, err1 == nil && err2 == nil && err3 == nil
}

// killAtWork kills a process once it has worked a little for the question that
// was just asked.
func killAtWork(t *testing.T, pid int) {
	_, before, ok := procStat(pid)
	for deadline := time.Now().Add(time.Minute); ok && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		var now int
		if _, now, ok = procStat(pid); now-before >= 5 {
			process, err := os.FindProcess(pid)
			if err == nil {
				err = process.Kill()
			}
			if err != nil {
				t.Errorf("kill %d: %v", pid, err)
			}
			return
		}
	}
	t.Errorf("process %d was not seen at work", pid)
}

// testLog writes what the program logs to the log of the test.
type testLog struct{ t *testing.T }

func (l testLog) Write(b []byte) (int, error) {
	l.t.Logf("%s", b)
	return len(b), nil
}
