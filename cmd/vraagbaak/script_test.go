package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vraagbaak/vraagbaak/internal/models"
)

// The scripts have no models: $VRAAGBAAK_HOME is an empty folder. $SERVER is the
// host:port of a web server with what no file can be.
func TestScripts(t *testing.T) {
	const dir = "testdata/script"
	if found, err := filepath.Glob(filepath.Join(dir, "*.txtar")); err != nil || len(found) == 0 {
		t.Fatalf("no scripts in %s: %v", dir, err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			server := httptest.NewServer(oddPages())
			env.Defer(server.Close)
			env.Setenv("SERVER", strings.TrimPrefix(server.URL, "http://"))
			env.Setenv("VRAAGBAAK_HOME", filepath.Join(env.WorkDir, "home"))
			return os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":    scriptExits,
			"oneline":  scriptOneLine,
			"keys":     scriptKeys,
			"ranges":   scriptRanges,
			"repeat":   scriptRepeat,
			"badmodel": scriptBadModel,
		},
	})
}

// oddPages are pages that no server should have.
func oddPages() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/lus", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/lus/terug", http.StatusFound)
	})
	mux.HandleFunc("/lus/terug", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/lus", http.StatusFound)
	})
	mux.HandleFunc("/pagina", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, `<!doctype html><html lang="nl"><title>Afval</title><main><h1>Afval</h1><p>Het afval wordt op maandag opgehaald.</p></main>`)
	})
	mux.Handle("/verhuisd", http.RedirectHandler("/pagina", http.StatusMovedPermanently))
	mux.Handle("/elders", http.RedirectHandler("https://www.waterrijk.example/", http.StatusFound))
	mux.HandleFunc("/groot", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		paragraph := []byte(strings.Repeat("<p>Dit is een alinea van een heel grote pagina.</p>\n", 1000))
		for range (100 << 20) / len(paragraph) {
			if _, err := w.Write(paragraph); err != nil {
				return // the reader has had enough
			}
		}
	})
	return mux
}

// exits CODE COMMAND ARG...
func scriptExits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits code command [arg...]")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	code := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		code = exit.ExitCode()
	}
	if code != want {
		ts.Fatalf("exit code %d, want %d; standard error:\n%s", code, want, ts.ReadFile("stderr"))
	}
}

// oneline FILE
func scriptOneLine(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	if one := strings.Count(text, "\n") == 1 && strings.HasSuffix(text, "\n") && len(text) > 1; one == neg {
		ts.Fatalf("%s:\n%s", args[0], text)
	}
}

// keys FILE KEY...: the last line of the file is a JSON object, or a list of
// them, with these keys; nothing in it is null.
func scriptKeys(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: keys file key...")
	}
	lines := strings.Split(strings.TrimSuffix(ts.ReadFile(args[0]), "\n"), "\n")
	var value any
	dec := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	ts.Check(dec.Decode(&value))
	if path := null(value, "$"); path != "" {
		ts.Fatalf("%s is null", path)
	}
	objects, ok := value.([]any)
	if !ok {
		objects = []any{value}
	}
	if len(objects) == 0 {
		ts.Fatalf("the list is empty")
	}
	for _, o := range objects {
		object, ok := o.(map[string]any)
		if !ok {
			ts.Fatalf("not an object: %v", o)
		}
		for _, key := range args[1:] {
			if _, ok := object[key]; !ok {
				ts.Fatalf("key %q is missing in %v", key, o)
			}
		}
	}
}

// null finds a null.
func null(v any, path string) string {
	switch v := v.(type) {
	case nil:
		return path
	case []any:
		for i, e := range v {
			if p := null(e, fmt.Sprintf("%s[%d]", path, i)); p != "" {
				return p
			}
		}
	case map[string]any:
		for k, e := range v {
			if p := null(e, path+"."+k); p != "" {
				return p
			}
		}
	}
	return ""
}

// ranges EXTRACTED CHUNKS: the blocks of what extract printed are ranges of its
// text, and each chunk's text stands at its range.
func scriptRanges(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ranges extracted chunks")
	}
	var doc extractedJSON
	var chunks []passageJSON
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &doc))
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &chunks))
	if doc.Text == "" || len(doc.Blocks) == 0 || len(chunks) == 0 {
		ts.Fatalf("there is no text, no block or no chunk")
	}
	for _, b := range doc.Blocks {
		if b.Start < 0 || b.End < b.Start || b.End > len(doc.Text) {
			ts.Fatalf("block [%d,%d) is outside the text of %d bytes", b.Start, b.End, len(doc.Text))
		}
	}
	for _, c := range chunks {
		if c.Start < 0 || c.End > len(doc.Text) || c.Start >= c.End || doc.Text[c.Start:c.End] != c.Text {
			ts.Fatalf("chunk [%d,%d) is not its text %q", c.Start, c.End, c.Text)
		}
	}
}

// repeat FILE BYTES TEXT: a file of at least so many bytes of the text, in which
// \x00 is the byte 0.
func scriptRepeat(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: repeat file bytes text")
	}
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := strconv.Unquote(`"` + args[2] + `"`)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), bytes.Repeat([]byte(text), n/len(text)+1), 0o600))
}

// badmodel puts a file in the place of the default embedding model that has its
// size and not its sha256.
func scriptBadModel(ts *testscript.TestScript, neg bool, args []string) {
	cache := models.New(ts.Getenv("VRAAGBAAK_HOME"))
	e, err := cache.Entry(models.DefaultEmbedder)
	ts.Check(err)
	ts.Check(os.MkdirAll(cache.Dir(e), 0o700))
	f, err := os.Create(filepath.Join(cache.Dir(e), e.Files[0].Name))
	ts.Check(err)
	ts.Check(f.Truncate(e.Files[0].Size)) // a hole: it takes no room
	ts.Check(f.Close())
}
