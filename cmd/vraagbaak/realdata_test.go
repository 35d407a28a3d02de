package main

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed/embedtest"
	"github.com/vraagbaak/vraagbaak/internal/index"
)

// All real documents in one run: what is listed as failed has no text that a
// program could read, for a reason that is known here.
func TestAllRealDocuments(t *testing.T) {
	data, err := filepath.Abs("../../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(data); err != nil {
		t.Skip("shared/data is absent")
	}
	if testing.Short() {
		t.Skip("all real documents take long: not with -short")
	}
	embedder := httptest.NewServer(embeddings(embedtest.New(32)))
	defer embedder.Close()
	p := &program{dir: t.TempDir(), home: t.TempDir()}
	var sources []string
	for _, name := range []string{"documents", "koop", "web"} {
		sources = append(sources, `{name: `+name+`, kind: folder, path: "`+filepath.Join(data, name)+`"}`)
	}
	p.write(t, "v.yaml", "data_dir: data\nsources: ["+strings.Join(sources, ", ")+"]\nanswer: {mode: extract}\n"+
		`models: {embedder: {kind: openai, name: embedtest, url: "`+embedder.URL+`/v1"}}`+"\n")
	out, code := p.run(t, "ingest", "--config", "v.yaml", "--json")
	if code != 0 {
		t.Fatalf("exit code %d", code)
	}
	var r index.Report
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &r); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d documents, %d passages, %d failed, %.0f s", r.New, r.Passages, r.Failed, r.Seconds)
	for _, f := range r.Failures {
		known := false
		for _, why := range unreadable {
			known = known || strings.Contains(f.Error, why)
		}
		if !known {
			t.Errorf("%s", f.Error)
		} else {
			t.Log(f.Error)
		}
	}
	if r.New < 300 || r.Failed > r.New/10 {
		t.Errorf("%d new, %d failed", r.New, r.Failed)
	}
}

// unreadable are the reasons for which a real file has no text.
var unreadable = []string{
	"empty", "password", "not a ", "damaged", "no text layer", "picture", "garbled", "breaks off", "UOF", "old Office file",
}
