package files

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func tree(t *testing.T) Options {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.txt": "een", "b.TXT": "twee", "sub/c.pdf": "drie!", "LEESMIJ": "x", ".verborgen/d.txt": "x", "~$a.docx": "x",
		"sub/groot.txt": strings.Repeat("x", 100),
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"koppeling.txt": "a.txt", "map": "sub"} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip("symbolic links cannot be made here: ", err)
		}
	}
	return Options{Name: "archief", Path: dir, MaxBytes: 50}
}

func TestLook(t *testing.T) {
	o := tree(t)
	got, err := Look(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	want := Survey{Files: 5, Bytes: 113, Kinds: []Kind{{"txt", 3, 107}, {"", 1, 1}, {"pdf", 1, 5}}, TooLarge: []string{"sub/groot.txt"}, Links: 2}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if _, err := Look(t.Context(), Options{Name: "archief", Path: filepath.Join(o.Path, "weg")}); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing folder: %v", err)
	}
	if _, err := Look(t.Context(), Options{Name: "archief", Path: filepath.Join(o.Path, "a.txt")}); err == nil {
		t.Error("a file is no folder")
	}
}

// What Look counts is what a run reads, and Why finds a reason only for what
// it does not.
func TestSurveyAgreesWithRun(t *testing.T) {
	o := tree(t)
	s, err := Look(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	o.Extract = func(_ context.Context, name string, data []byte) (*ingest.Document, error) {
		return &ingest.Document{Text: string(data), Meta: map[string]string{}}, nil
	}
	src, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for c, err := range src.Changes(t.Context(), ledger{}) {
		if err != nil {
			t.Fatal(err)
		}
		n++
		if why := Why(o, c.Ref.ID); (c.Op == ingest.Put) != (why == "") {
			t.Errorf("%s: operation %d, %q", c.Ref.ID, c.Op, why)
		}
	}
	if n != s.Files {
		t.Errorf("%d files were read, Look counts %d", n, s.Files)
	}
}

func TestWhy(t *testing.T) {
	o := tree(t)
	for id, want := range map[string]string{
		".verborgen/d.txt": "is passed over",
		"~$a.docx":         "is passed over",
		"weg.txt":          "no such file",
		"sub":              "it is a folder",
		"sub/groot.txt":    "more than the limit of 50",
		"koppeling.txt":    "koppeling.txt is a symbolic link",
		"map/c.pdf":        "map is a symbolic link",
		"a.txt/x":          "not a directory",
		"sub/c.pdf":        "",
	} {
		if got := Why(o, id); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s: %q, want %q in it", id, got, want)
		}
	}
}

func TestID(t *testing.T) {
	o := Options{Path: t.TempDir()}
	for name, want := range map[string]string{
		"a.txt": "a.txt", "sub/../b.txt": "b.txt", "./c.txt": "c.txt", "../d.txt": "", "": "", ".": "",
		filepath.Join(o.Path, "sub", "e.txt"): "sub/e.txt", filepath.Join(o.Path, "..", "f.txt"): "",
		"cafe\u0301.txt": "caf\u00e9.txt",
	} {
		if got, ok := ID(o, name); got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v; want %q", name, got, ok, want)
		}
	}
}
