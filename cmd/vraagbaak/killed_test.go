package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/embed/embedtest"
)

// kills is how often an ingest is killed before one may finish.
const kills = 20

// An ingest of a website and a folder that is killed at random moments, and run
// again each time, gives the index of an undisturbed one: nothing is lost, and
// nothing is there twice.
func TestKilledAtRandomMoments(t *testing.T) {
	embedder := embeddings(embedtest.New(64))
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select { // a model takes its time: it is what an ingest spends its own on
		case <-time.After(5 * time.Millisecond):
		case <-r.Context().Done():
		}
		embedder.ServeHTTP(w, r)
	}))
	defer slow.Close()
	site := httptest.NewServer(http.FileServer(http.Dir("../../testdata/site")))
	defer site.Close()
	p := &program{dir: t.TempDir(), home: t.TempDir()}
	p.copyTree(t, "documents")
	config := func(data, home string) string {
		return fmt.Sprintf(`
data_dir: %[1]s
sources:
  - {name: site, kind: website, start: ["%[2]s/"], allow: ["%[2]s/"], requests_per_second: 1000, collection: site}
  - {name: documents, kind: folder, path: documents, collection: documents}
network: {allow_private: ["%[3]s", "%[4]s"]}
models: {embedder: {kind: openai, name: embedtest-%[5]s, url: "%[6]s/v1"}}
answer: {mode: extract}
`, data, site.URL, host(site.URL), host(slow.URL), home, slow.URL)
	}
	// Names of their own keep the two from sharing vectors through the cache.
	p.write(t, "whole.yaml", config("whole", "a"))
	p.write(t, "killed.yaml", config("killed", "b"))
	start := time.Now()
	whole := p.ingest(t, "whole.yaml")
	took := time.Since(start)
	if whole.New < 20 || whole.Failed > 0 {
		t.Fatalf("%+v", whole)
	}

	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d; an undisturbed run takes %s", seed, took)
	random := rand.New(rand.NewPCG(seed, 0))
	want := stored(t, p, "whole")
	check := func() {
		t.Helper()
		if r := p.ingest(t, "killed.yaml"); r.Deleted+r.Failed > 0 {
			t.Errorf("the run after the kills: %+v", r)
		}
		if got := stored(t, p, "killed"); len(want) < 50 || !slices.Equal(got, want) {
			t.Errorf("%d passages, want %d", len(got), len(want))
		}
	}
	killed, runs := 0, 0
	for ; killed < kills && runs < 10*kills; runs++ {
		cmd, _, errOut := p.command(t.Context(), t, "ingest", "--config", "killed.yaml")
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Duration(random.Int64N(int64(took))), func() { cmd.Process.Kill() })
		err := cmd.Wait()
		var exit *exec.ExitError
		switch {
		case err == nil: // it came to its end: begin again
			check()
			if err := os.RemoveAll(filepath.Join(p.dir, "killed")); err != nil {
				t.Fatal(err)
			}
		case errors.As(err, &exit) && exit.ExitCode() == -1:
			killed++
		default:
			t.Fatalf("%v: %s", err, errOut)
		}
	}
	if killed < kills {
		t.Errorf("only %d of %d runs were killed", killed, runs)
	}
	check()
}
