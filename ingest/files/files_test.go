package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
)

// ledger is a Memory that does with changes what the indexer does.
type ledger map[string]ingest.Entry

func (l ledger) Cursor(context.Context) (ingest.Cursor, error) { return nil, nil }

func (l ledger) Entry(_ context.Context, id string) (ingest.Entry, bool, error) {
	e, ok := l[id]
	return e, ok, nil
}

func (l ledger) Entries(context.Context) iter.Seq2[ingest.Entry, error] {
	return func(yield func(ingest.Entry, error) bool) {
		for _, e := range l {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (l ledger) apply(c ingest.Change) {
	e := l[c.Ref.ID]
	e.Ref = c.Ref
	if c.State != "" {
		e.State = c.State
	}
	switch c.Op {
	case ingest.Gone:
		delete(l, c.Ref.ID)
		return
	case ingest.Put:
		e.Digest, e.Failure = ingest.HexDigest(c.Doc.ContentDigest()), ""
	case ingest.Fail:
		e.Failure = c.Err.Error()
	}
	l[c.Ref.ID] = e
}

// run applies the changes of a run and gives them as lines.
func run(t *testing.T, s ingest.Source, l ledger) ([]string, error) {
	t.Helper()
	var out []string
	for c, err := range s.Changes(t.Context(), l) {
		if err != nil {
			return out, err
		}
		if c.Op == ingest.Put {
			if err := c.Doc.Check(); err != nil {
				t.Error(err)
			}
			if c.Doc.Ref != c.Ref {
				t.Errorf("document %v in the change of %v", c.Doc.Ref, c.Ref)
			}
		}
		line := [...]string{"put", "keep", "gone", "fail"}[c.Op] + " " + c.Ref.ID
		if c.Err != nil {
			line += ": " + c.Err.Error()
		}
		out = append(out, line)
		l.apply(c)
	}
	return out, nil
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	p := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return p
}

// read extracts as the program does.
func read(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
	return extract.Extract(ctx, extract.Input{Name: name, Data: data})
}

func open(t *testing.T, dir string, o ...func(*Options)) ingest.Source {
	t.Helper()
	opts := Options{Name: "docs", Collection: "archief", Path: dir, Extract: read, ExtractVersion: "1"}
	for _, f := range o {
		f(&opts)
	}
	s, err := New(opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && strings.HasPrefix(got[i], want[i])
	}
	if !ok {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func TestLifeOfAFolder(t *testing.T) {
	dir, l := t.TempDir(), ledger{}
	s := open(t, dir)
	afval := write(t, dir, "afval.txt", "Afval\n\nHet afval wordt op maandag opgehaald in Waterrijk.")
	write(t, dir, "sub/paspoort.md", "# Paspoort\n\nEen paspoort kost € 77,85.")
	write(t, dir, "leeg.txt", " \n")
	write(t, dir, "foto.jpg", "\xff\xd8\xff\xe0....")
	write(t, dir, ".verborgen.txt", "geheim")
	write(t, dir, ".git/config", "geheim")
	write(t, dir, "~$brief.docx", "slot")
	outside := write(t, t.TempDir(), "buiten.txt", "Dit staat buiten de map.")
	if err := os.Symlink(outside, filepath.Join(dir, "link.txt")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Dir(outside), filepath.Join(dir, "linkmap")); err != nil {
		t.Fatal(err)
	}

	got, err := run(t, s, l)
	if err != nil {
		t.Fatal(err)
	}
	want(t, got, "put afval.txt", "fail foto.jpg: foto.jpg: format not supported", "fail leeg.txt: leeg.txt: no text", "put sub/paspoort.md")

	opened := 0
	counting := open(t, dir, func(o *Options) {
		o.Extract = func(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
			opened++
			return read(ctx, name, data)
		}
	})
	got, _ = run(t, counting, l)
	want(t, got, "keep afval.txt", "fail foto.jpg: foto.jpg: format not supported", "fail leeg.txt", "keep sub/paspoort.md")
	if opened != 0 {
		t.Errorf("%d unchanged files were extracted again", opened)
	}

	// Touched without a change: read, kept, and then not read again.
	later := time.Now().Add(time.Hour)
	if err := os.Chtimes(afval, later, later); err != nil {
		t.Fatal(err)
	}
	before := l["afval.txt"].State
	got, _ = run(t, counting, l)
	if got[0] != "keep afval.txt" || opened != 0 || l["afval.txt"].State == before {
		t.Errorf("a touched file: %s, %d extracted, state %q", got[0], opened, l["afval.txt"].State)
	}

	// A changed file, a repaired one, and one that is gone.
	write(t, dir, "afval.txt", "Afval\n\nHet afval wordt op dinsdag opgehaald in Waterrijk.")
	write(t, dir, "leeg.txt", "Nu staat hier een regel tekst.")
	if err := os.RemoveAll(filepath.Join(dir, "sub")); err != nil {
		t.Fatal(err)
	}
	got, _ = run(t, s, l)
	want(t, got, "put afval.txt", "fail foto.jpg", "put leeg.txt", "gone sub/paspoort.md")
}

func TestDocument(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "brieven/Brief cafe\u0301.txt", "Zonder titel is de naam van het bestand de titel van dit document.")
	for c, err := range open(t, dir).Changes(t.Context(), ledger{}) {
		if err != nil {
			t.Fatal(err)
		}
		d := c.Doc
		if c.Ref.ID != "brieven/Brief café.txt" || d.URL != c.Ref.ID || d.Meta["file"] != c.Ref.ID || d.Title != "Brief café" {
			t.Errorf("ref %q, url %q, file %q, title %q", c.Ref.ID, d.URL, d.Meta["file"], d.Title)
		}
		if d.Modified.IsZero() || d.Digest != d.ContentDigest() || d.Ref.Collection != "archief" {
			t.Errorf("modified %v, digest %x, ref %v", d.Modified, d.Digest, d.Ref)
		}
	}
}

func TestAFailureOfTheIndexerIsTriedAgain(t *testing.T) {
	dir, l := t.TempDir(), ledger{}
	write(t, dir, "a.txt", "Een tekst die de eerste keer niet in de index kwam.")
	if _, err := run(t, open(t, dir), l); err != nil {
		t.Fatal(err)
	}
	e := l["a.txt"]
	e.Failure, e.Digest = "embedder: out of memory", ""
	l["a.txt"] = e
	got, _ := run(t, open(t, dir), l)
	want(t, got, "put a.txt")
}

func TestMissingAndEmptyFolders(t *testing.T) {
	many := func(n int) ledger {
		l := ledger{}
		for i := range n {
			id := fmt.Sprintf("%d.txt", i)
			l[id] = ingest.Entry{Ref: ingest.Ref{Collection: "archief", ID: id}}
		}
		return l
	}
	dir := t.TempDir()
	file := write(t, t.TempDir(), "x.txt", "x")
	for _, c := range []struct {
		name, path string
		known      int
		err        string
		gone       int
	}{
		{"missing", filepath.Join(dir, "weg"), 3, "no such file", 0},
		{"a file", file, 3, "it is a file", 0},
		{"empty, few known", dir, emptyLimit, "", emptyLimit},
		{"empty, many known", dir, emptyLimit + 1, "nothing was removed", 0},
		{"empty, none known", dir, 0, "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := run(t, open(t, c.path), many(c.known))
			if (err == nil) != (c.err == "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if len(got) != c.gone {
				t.Errorf("%d changes, want %d", len(got), c.gone)
			}
		})
	}
}

func TestAnUnreadableFolderDeletesNothing(t *testing.T) {
	l := ledger{"dicht/b.txt": {Ref: ingest.Ref{Collection: "archief", ID: "dicht/b.txt"}}}
	w := &walk{source: open(t, t.TempDir()).(*source), ctx: t.Context(), mem: l, seen: map[string]bool{},
		yield: func(c ingest.Change, _ error) bool {
			t.Errorf("change %v", c)
			return true
		}}
	if err := w.visit("dicht", nil, fs.ErrPermission); err != nil {
		t.Fatalf("the walk ends at a folder that is closed: %v", err)
	}
	if err := w.finish(); err == nil || !strings.Contains(err.Error(), "nothing was removed") {
		t.Errorf("error %v", err)
	}
}

func TestLimitsAndTimeouts(t *testing.T) {
	dir, l := t.TempDir(), ledger{}
	write(t, dir, "groot.txt", strings.Repeat("tekst ", 100))
	got, _ := run(t, open(t, dir, func(o *Options) { o.MaxBytes = 50 }), l)
	want(t, got, "fail groot.txt: groot.txt: 600 bytes are more than the limit")

	slow := func(o *Options) {
		o.Timeout = time.Millisecond
		o.Extract = func(ctx context.Context, _ string, _ []byte) (*ingest.Document, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}
	}
	l = ledger{}
	got, err := run(t, open(t, dir, slow), l)
	want(t, got, "fail groot.txt: groot.txt: not read within")
	if err != nil || l["groot.txt"].State != "" {
		t.Errorf("a time-out ends in %v and state %q; it must be tried again", err, l["groot.txt"].State)
	}
}

func TestTheContextEndsTheRun(t *testing.T) {
	dir := t.TempDir()
	for i := range 5 {
		write(t, dir, fmt.Sprintf("%d.txt", i), "Een tekst in een bestand.")
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range open(t, dir).Changes(ctx, ledger{}) {
		n++
		last = err
		cancel()
	}
	if n != 2 || !errors.Is(last, context.Canceled) {
		t.Errorf("%d steps, last error %v", n, last)
	}
}

func TestStoppingEarly(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.txt", "Een tekst in een bestand.")
	write(t, dir, "b.txt", "Een tekst in een bestand.")
	for range open(t, dir).Changes(t.Context(), ledger{}) {
		break
	}
}
