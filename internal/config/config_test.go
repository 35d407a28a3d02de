package config

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func load(t *testing.T, text string) (*Config, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "vraagbaak.yaml")
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return Load(path)
}

func TestLoad(t *testing.T) {
	c, err := load(t, `
data_dir: data
sources:
  - {name: docs, kind: folder, path: stukken}
  - name: site
    kind: website
    start: ['https://www.waterrijk.example/']
    allow: ['https://www.waterrijk.example/']
    requests_per_second: 2
    every: 6h
    collection: web
network:
  allow_private: ['127.0.0.1:8000']
`)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(c.File)
	if c.DataDir != filepath.Join(dir, "data") || c.Sources[0].Path != filepath.Join(dir, "stukken") {
		t.Errorf("paths do not start at the folder of the file: %s, %s", c.DataDir, c.Sources[0].Path)
	}
	if got := c.Collections(); !reflect.DeepEqual(got, []string{"docs", "web"}) {
		t.Errorf("collections: %v", got)
	}
	for i, want := range []time.Duration{24 * time.Hour, 6 * time.Hour} {
		if got, err := c.Sources[i].Interval(); err != nil || got != want {
			t.Errorf("%s is read every %v, %v; want %v", c.Sources[i].Name, got, err, want)
		}
	}
	if c.Answer.Mode != "generate" || c.Network.AllowPrivate[0] != "127.0.0.1:8000" || c.Sources[1].RequestsPerSecond != 2 {
		t.Errorf("got %+v", c)
	}
}

func TestLoadErrors(t *testing.T) {
	for name, tt := range map[string]struct{ text, want string }{
		"unknown key":        {"data_dir: x\nsorces: []\n", `:2: unknown key "sorces"; did you mean "sources"?`},
		"unknown nested key": {"sources:\n  - name: a\n    kind: folder\n    pad: x\n", `:4: unknown key "sources.pad"; did you mean "sources.path"?`},
		"no YAML":            {"sources: [\n", "vraagbaak.yaml: "},
		"wrong type":         {"sources: 3\n", "vraagbaak.yaml: "},
		"unknown kind":       {"sources:\n  - {name: a, kind: ftp}\n", `source "a": kind is "ftp"; it must be one of: folder, website`},
		"no whitelist":       {"sources:\n  - {name: a, kind: website, start: [http://x/]}\n", `allow is missing`},
		"no start":           {"sources:\n  - {name: a, kind: website, allow: [http://x/]}\n", `start is missing`},
		"no path":            {"sources:\n  - {name: a, kind: folder}\n", `path is missing`},
		"twice":              {"sources:\n  - {name: a, kind: folder, path: x}\n  - {name: a, kind: folder, path: y}\n", `two sources of that name`},
		"every":              {"sources:\n  - {name: a, kind: folder, path: x, every: daily}\n", `source "a": every is "daily"; give hours or minutes`},
		"every, no unit":     {"sources:\n  - {name: a, kind: folder, path: x, every: 6}\n", `every is "6"`},
		"every, too often":   {"sources:\n  - {name: a, kind: folder, path: x, every: 59s}\n", `at least 1m`},
		"every, negative":    {"sources:\n  - {name: a, kind: folder, path: x, every: -6h}\n", `at least 1m`},
		"mode":               {"answer: {mode: guess}\n", `answer.mode is "guess"`},
		"threshold":          {"answer: {threshold: 2}\n", `answer.threshold is 2`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := load(t, tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q in it", err, tt.want)
			}
		})
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "no such configuration file") {
		t.Errorf("a missing file: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("sources:\n  - {name: a, kind: folder, path: x}\n")
	f.Fuzz(func(t *testing.T, text string) {
		c, err := load(t, text)
		if (c == nil) == (err == nil) {
			t.Errorf("got %v and %v", c, err)
		}
	})
}

func TestAnswersCanBeSwitchedOff(t *testing.T) {
	for text, off := range map[string]bool{"answer: {enabled: false}\n": true, "answer: {enabled: true}\n": false, "answer: {mode: extract}\n": false} {
		c, err := load(t, text)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Answer.Enabled != nil && !*c.Answer.Enabled; got != off {
			t.Errorf("%q: off is %v", text, got)
		}
	}
}
