package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
)

var update = flag.Bool("update", false, "write the examples again")

// Every example is what the command in its first line writes.
func TestExamplesAreMadeByInit(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/vraagbaak.yaml")
	if err != nil || len(files) < 4 {
		t.Fatalf("examples: %v %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			want := content(t, file)
			first, _, _ := strings.Cut(want, "\n")
			_, command, ok := strings.Cut(first, "Gemaakt met: vraagbaak ")
			if !ok {
				t.Fatalf("no command in %q", first)
			}
			absolute, err := filepath.Abs(file)
			if err != nil {
				t.Fatal(err)
			}
			t.Chdir(t.TempDir())
			if err := os.Mkdir("documenten", 0o700); err != nil {
				t.Fatal(err)
			}
			var out, errOut bytes.Buffer
			if code := run(words(command), strings.NewReader("\n\n\n\n"), &out, &errOut); code != 0 {
				t.Fatalf("%s: exit code %d: %s", command, code, errOut.String())
			}
			if got := content(t, "vraagbaak.yaml"); got != want {
				t.Errorf("%s is not what %q writes (-update writes it again):\n%s", file, command, got)
				if *update {
					if err := os.WriteFile(absolute, []byte(got), 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}

// words splits a command line with single quotes.
func words(line string) []string {
	var out []string
	for i, part := range strings.Split(line, "'") {
		if i%2 == 1 {
			out = append(out, part)
			continue
		}
		out = append(out, strings.Fields(part)...)
	}
	return out
}

// example makes a program with a configuration of examples/, whose servers are
// replaced by ones of the test. It has no models: the embedder is that of the
// tests, and answers are verbatim passages.
func example(t *testing.T, name string, servers map[string]string) *program {
	t.Helper()
	p := &program{dir: t.TempDir(), home: t.TempDir()}
	embedder := httptest.NewServer(embeddings(embedtest.New(256)))
	t.Cleanup(embedder.Close)
	text := strings.Replace(content(t, filepath.Join("../../examples", name, "vraagbaak.yaml")), "mode: generate", "mode: extract", 1)
	private := []string{host(embedder.URL)}
	for real, test := range servers {
		if !strings.Contains(text, real) {
			t.Fatalf("%s does not read %s", name, real)
		}
		text = strings.ReplaceAll(text, real, test)
		private = append(private, host(test))
	}
	// The pace of the tests is that of their own machine.
	text = strings.ReplaceAll(text, "requests_per_second: 1\n", "requests_per_second: 1000\n")
	p.write(t, "vraagbaak.yaml", text+"\nmodels: {embedder: {kind: openai, name: embedtest, url: \""+embedder.URL+"/v1\"}}\nnetwork: {allow_private: ["+`"`+strings.Join(private, `", "`)+`"`+"]}\n")
	return p
}

func host(url string) string { return strings.TrimPrefix(url, "http://") }

// ask answers a question with the configuration of an example.
func (p *program) ask(t *testing.T, question string) answer.Answer {
	t.Helper()
	var a answer.Answer
	if err := json.Unmarshal([]byte(p.mustRun(t, "ask", "--json", question)), &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// finds fails the test unless the best source of an answer is the document.
// Whether it is answered depends on the model, which the tests do not have.
func finds(t *testing.T, a answer.Answer, url string) {
	t.Helper()
	if len(a.Sources) == 0 || !strings.HasPrefix(a.Sources[0].URL, url) {
		t.Errorf("%s, sources %+v; want %s", a.Status, a.Sources, url)
	}
}

// The example of a municipality, with the site of Waterrijk in the place of
// goes.nl.
func TestExampleGoes(t *testing.T) {
	srv := httptest.NewServer(http.FileServer(http.Dir("../../testdata/site")))
	defer srv.Close()
	p := example(t, "goes", map[string]string{"https://www.goes.nl": srv.URL})
	r := p.ingest(t, "vraagbaak.yaml")
	if r.New < 15 || r.Failed > 0 {
		t.Fatalf("%+v", r)
	}
	finds(t, p.ask(t, "Wat kost het ophalen van grofvuil?"), srv.URL+"/producten/grofvuil.html")
	if again := p.ingest(t, "vraagbaak.yaml"); again.New+again.Changed+again.Embedded > 0 || again.Unchanged != r.New {
		t.Errorf("the second run changed something: %+v", again)
	}
}

// The example of an archive, with the documents of Waterrijk in its folder.
func TestExampleArchief(t *testing.T) {
	p := example(t, "archief", nil)
	if err := os.CopyFS(filepath.Join(p.dir, "documenten"), os.DirFS("../../testdata/documents")); err != nil {
		t.Fatal(err)
	}
	if r := p.ingest(t, "vraagbaak.yaml"); r.New < 5 || r.Failed > 0 {
		t.Fatalf("%+v", r)
	}
	finds(t, p.ask(t, "Binnen hoeveel weken wordt een schriftelijke klacht afgehandeld?"), "verordening-schriftelijke-klachten.md")
}

// government serves an imitation of the services of the government. An example
// that names no address gets it through the key url.
func government(t *testing.T, name, kind, path string) (*program, string) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(serveGovernment))
	t.Cleanup(srv.Close)
	p := example(t, name, nil)
	file := filepath.Join(p.dir, "vraagbaak.yaml")
	text := strings.Replace(content(t, file), "kind: "+kind+"\n", "kind: "+kind+"\n    url: "+srv.URL+path+"\n", 1)
	text = strings.Replace(text, `allow_private: [`, `allow_private: ["`+host(srv.URL)+`", `, 1)
	p.write(t, "vraagbaak.yaml", text)
	return p, srv.URL
}

// The example of a dossier of parliament: its letter and its motion are read, and
// a question that names one finds it first.
func TestExampleKamerstukken(t *testing.T) {
	p, _ := government(t, "kamerstukken", "publicaties", "/sru")
	if r := p.ingest(t, "vraagbaak.yaml"); r.New != 2 || r.Failed > 0 {
		t.Fatalf("%+v", r)
	}
	finds(t, p.ask(t, "Wie houdt toezicht op de steigers en de sluis?"), "https://zoek.officielebekendmakingen.nl/kst-99001-1.html")
	finds(t, p.ask(t, "Wat staat er in 99 001, nr. 2?"), "https://zoek.officielebekendmakingen.nl/kst-99001-2.html")
	if again := p.ingest(t, "vraagbaak.yaml"); again.New+again.Changed+again.Embedded > 0 || again.Unchanged != 2 {
		t.Errorf("the second run changed something: %+v", again)
	}
}

// The example of rijksoverheid.nl.
func TestExampleRijksoverheid(t *testing.T) {
	p, _ := government(t, "rijksoverheid", "rijksoverheid", "/v1")
	if r := p.ingest(t, "vraagbaak.yaml"); r.New != 1 || r.Failed > 0 {
		t.Fatalf("%+v", r)
	}
	finds(t, p.ask(t, "Mag ik aanleggen in de haven?"), "https://www.rijksoverheid.nl/vraag/aanleggen")
}
