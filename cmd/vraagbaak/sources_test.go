package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
)

// The scripts have a website at http://$SITE and an embedding server at $EMBED.
func TestSourceScripts(t *testing.T) {
	const dir = "testdata/sources"
	if found, err := filepath.Glob(filepath.Join(dir, "*.txtar")); err != nil || len(found) == 0 {
		t.Fatalf("no scripts in %s: %v", dir, err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                dir,
		RequireUniqueNames: true,
		Setup: func(env *testscript.Env) error {
			w := &website{changed: map[string]string{}}
			site, embedder := httptest.NewServer(w), httptest.NewServer(embeddings(embedtest.New(32)))
			env.Defer(site.Close)
			env.Defer(embedder.Close)
			env.Values[siteKey{}] = w
			env.Setenv("GORACE", "atexit_sleep_ms=0") // the race detector would wait a second at each end
			env.Setenv("SITE", strings.TrimPrefix(site.URL, "http://"))
			env.Setenv("EMBED", embedder.URL+"/v1")
			env.Setenv("VRAAGBAAK_HOME", filepath.Join(env.WorkDir, "home"))
			return os.Mkdir(filepath.Join(env.WorkDir, "home"), 0o700)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      scriptExits,
			"oneline":    scriptOneLine,
			"keys":       scriptKeys,
			"expand":     scriptExpand,
			"value":      scriptValue,
			"requested":  scriptRequested,
			"change":     scriptChange,
			"documents":  scriptDocuments,
			"awaitrun":   scriptAwaitRun,
			"keepid":     scriptKeepID,
			"agerecords": scriptAgeRecords,
			"records":    scriptRecords,
		},
	})
}

type siteKey struct{}

// website is a small site that notes what is asked of it.
type website struct {
	mu       sync.Mutex
	requests []string
	changed  map[string]string // path to the answer that replaces its page: a status, or text
}

func (w *website) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.requests = append(w.requests, r.URL.Path)
	changed := w.changed[r.URL.Path]
	w.mu.Unlock()
	if status, err := strconv.Atoi(changed); err == nil {
		out.WriteHeader(status)
		return
	}
	page := func(head, text string) {
		if changed != "" {
			text = changed
		}
		out.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(out, `<!doctype html><html lang="nl"><head><title>%[1]s</title>%[2]s</head><body><main><h1>%[1]s</h1>%[3]s</main></body></html>`,
			strings.TrimPrefix(r.URL.Path, "/"), head, text)
	}
	switch r.URL.Path {
	case "/lijst":
		text := "<p>Alle besluiten.</p>"
		for i := range 59 {
			text += fmt.Sprintf(`<a href="/besluit/%d">b</a> `, i)
		}
		page("", text)
	case "/robots.txt":
		fmt.Fprintf(out, "User-agent: *\nDisallow: /intern/\nSitemap: http://%s/sitemap.xml\n", r.Host)
	case "/sitemap.xml":
		out.Header().Set("Content-Type", "application/xml")
		io.WriteString(out, `<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">`)
		for _, p := range []string{"/", "/kaart", "/intern/plan"} {
			fmt.Fprintf(out, "<url><loc>http://%s%s</loc></url>", r.Host, p)
		}
		io.WriteString(out, "<url><loc>https://elders.example/</loc></url></urlset>")
	case "/":
		page("", `<p>Welkom bij de gemeente Waterrijk.</p><a href="/afval">Afval</a> <a href="/paspoort">Paspoort</a> <a href="/noindex">n</a>
			<a href="/dubbel">d</a> <a href="/verhuisd">v</a> <a href="/kapot">k</a> <a href="/intern/geheim">g</a> <a href="/naar-buiten">b</a> <a href="/weg">w</a>`)
	case "/afval":
		page("", "<h2>Restafval</h2><p>De gemeente haalt het restafval eens per drie weken op, op een vaste dag die op de afvalkalender staat.</p>")
	case "/dubbel":
		page(`<link rel="canonical" href="/afval">`, "<p>De gemeente haalt het restafval eens per drie weken op.</p>")
	case "/paspoort":
		page("", "<p>Een paspoort kost 83,87 euro.</p>")
	case "/kaart":
		page("", "<p>De bibliotheek is op zondag gesloten.</p>")
	case "/noindex":
		page(`<meta name="robots" content="noindex">`, "<p>Een tekst die niet in de index hoort.</p>")
	case "/verhuisd":
		http.Redirect(out, r, "/paspoort", http.StatusMovedPermanently)
	case "/naar-buiten":
		http.Redirect(out, r, "https://elders.example/x", http.StatusFound)
	case "/kapot":
		out.WriteHeader(http.StatusForbidden)
	default:
		if n, ok := strings.CutPrefix(r.URL.Path, "/besluit/"); ok {
			page("", "<p>Besluit nummer "+n+" van het college.</p>")
			return
		}
		serveGovernment(out, r)
	}
}

// embeddings is a server that speaks OpenAI's embeddings.
func embeddings(e embed.Embedder) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Input []string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		vectors, err := e.Embed(r.Context(), embed.Passage, in.Input)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		type item struct {
			Index     int          `json:"index"`
			Embedding embed.Vector `json:"embedding"`
		}
		out := struct {
			Data []item `json:"data"`
		}{}
		for i, v := range vectors {
			out.Data = append(out.Data, item{i, v})
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(out)
	})
}

// expand FILE...: the variables in the files get their values.
func scriptExpand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: expand file...")
	}
	for _, f := range args {
		ts.Check(os.WriteFile(ts.MkAbs(f), []byte(os.Expand(ts.ReadFile(f), ts.Getenv)), 0o600))
	}
}

// value FILE PATH WANT: what stands at the path in the JSON of the file, such as
// sources.0.name; the number of elements at the end of it is len.
func scriptValue(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: value file path want")
	}
	var v any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[0])), &v))
	for _, part := range strings.Split(args[1], ".") {
		switch at := v.(type) {
		case map[string]any:
			next, ok := at[part]
			if !ok {
				ts.Fatalf("%s: there is no %q in %v", args[1], part, v)
			}
			v = next
		case []any:
			if part == "len" {
				v = len(at)
				continue
			}
			i, err := strconv.Atoi(part)
			if err != nil || i >= len(at) {
				ts.Fatalf("%s: there is no %q in %v", args[1], part, v)
			}
			v = at[i]
		default:
			ts.Fatalf("%s: %q is below %v", args[1], part, v)
		}
	}
	if got := fmt.Sprint(v); (got == os.Expand(args[2], ts.Getenv)) == neg {
		ts.Fatalf("%s is %q", args[1], got)
	}
}

// requested PATH...: exactly these paths were asked of the site since the last
// time.
func scriptRequested(ts *testscript.TestScript, neg bool, args []string) {
	w := ts.Value(siteKey{}).(*website)
	w.mu.Lock()
	got := slices.Compact(slices.Sorted(slices.Values(w.requests)))
	w.requests = nil
	w.mu.Unlock()
	if want := slices.Sorted(slices.Values(args)); neg || !slices.Equal(got, want) {
		ts.Fatalf("requested %q, want %q", got, want)
	}
}

// change ANSWER PATH...: from now on the site answers so.
func scriptChange(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: change status|text path...")
	}
	w := ts.Value(siteKey{}).(*website)
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, path := range args[1:] {
		w.changed[path] = args[0]
	}
}

// documents FOLDER FROM TO: text files with these numbers; with !, no such files.
func scriptDocuments(ts *testscript.TestScript, neg bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: documents folder from to")
	}
	from, err := strconv.Atoi(args[1])
	ts.Check(err)
	to, err := strconv.Atoi(args[2])
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o700))
	for i := from; i <= to; i++ {
		f := filepath.Join(ts.MkAbs(args[0]), fmt.Sprintf("besluit-%03d.txt", i))
		if neg {
			ts.Check(os.Remove(f))
			continue
		}
		ts.Check(os.WriteFile(f, fmt.Appendf(nil, "Besluit nummer %d van het college van de gemeente Waterrijk.\n", i), 0o600))
	}
}

// awaitrun NAME...: waits until the ledger has a run of each of these sources.
func scriptAwaitRun(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: awaitrun source...")
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		ts.Check(ts.Exec("vraagbaak", "sources", "status", "--json"))
		var status struct {
			Sources []struct {
				Name string
				Run  struct{ Ended string } `json:"last_run"`
			}
		}
		ts.Check(json.Unmarshal([]byte(ts.ReadFile("stdout")), &status))
		waiting := slices.Clone(args)
		for _, s := range status.Sources {
			if s.Run.Ended != "" {
				waiting = slices.DeleteFunc(waiting, func(n string) bool { return n == s.Name })
			}
		}
		if len(waiting) == 0 {
			return
		}
	}
	ts.Fatalf("no run within a minute")
}
