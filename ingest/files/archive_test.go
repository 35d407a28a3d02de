package files

import (
	"archive/zip"
	"bytes"
	"context"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
)

func pack(t *testing.T, file string, at time.Time, parts ...string) {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, at, at); err != nil {
		t.Fatal(err)
	}
}

// Each file of an archive is a document of its own; an archive that did not
// change is not opened, one that was cut short is read again.
func TestArchives(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "Woo.ZIP")
	opened := 0
	src, err := New(Options{Name: "a", Collection: "c", Path: dir, ExtractVersion: "1",
		Extract: func(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
			return extract.Extract(ctx, extract.Input{Name: name, Data: data})
		},
		Members: func(ctx context.Context, name string, data []byte) (iter.Seq[Member], bool) {
			opened++
			all, ok := extract.Archive(ctx, extract.Input{Name: name, Data: data})
			return func(yield func(Member) bool) {
				for m := range all {
					if !yield(Member(m)) {
						return
					}
				}
			}, ok
		}})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	l := ledger{}
	step := func(what string, want ...string) {
		t.Helper()
		got, err := run(t, src, l)
		if err != nil {
			t.Fatal(err)
		}
		slices.Sort(got)
		for i, line := range got {
			got[i], _, _ = strings.Cut(line, ":") // without reasons
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	pack(t, file, at, "een.txt", "Het eerste stuk.", "map/twee.txt", "Het tweede stuk.", "foto.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF")
	step("new", "fail Woo.ZIP/foto.jpg", "put Woo.ZIP/een.txt", "put Woo.ZIP/map/twee.txt")
	before := opened
	step("unchanged", "fail Woo.ZIP/foto.jpg", "keep Woo.ZIP/een.txt", "keep Woo.ZIP/map/twee.txt")
	if opened != before {
		t.Error("an archive that did not change was opened")
	}
	pack(t, file, at.Add(time.Hour), "een.txt", "Het eerste stuk.", "map/twee.txt", "Het tweede stuk, verbeterd.", "drie.txt", "Het derde stuk.")
	step("changed", "gone Woo.ZIP/foto.jpg", "keep Woo.ZIP/een.txt", "put Woo.ZIP/drie.txt", "put Woo.ZIP/map/twee.txt")

	// Killed after its first member: the next run reads the archive again.
	pack(t, file, at.Add(2*time.Hour), "een.txt", "Het eerste stuk.", "vier.txt", "Het vierde stuk.", "vijf.txt", "Het vijfde stuk.")
	for c, err := range src.Changes(t.Context(), l) {
		if err != nil {
			t.Fatal(err)
		}
		l.apply(c)
		break
	}
	step("after a kill", "gone Woo.ZIP/drie.txt", "gone Woo.ZIP/map/twee.txt", "keep Woo.ZIP/een.txt", "put Woo.ZIP/vier.txt", "put Woo.ZIP/vijf.txt")

	if err := os.WriteFile(file, []byte("PK\x03\x04kapot"), 0o600); err != nil {
		t.Fatal(err)
	}
	step("damaged", "fail Woo.ZIP")
	step("still damaged", "fail Woo.ZIP")
	pack(t, file, at.Add(3*time.Hour), "een.txt", "Het eerste stuk.")
	step("repaired", "gone Woo.ZIP", "gone Woo.ZIP/vier.txt", "gone Woo.ZIP/vijf.txt", "keep Woo.ZIP/een.txt")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	step("removed", "gone Woo.ZIP/een.txt")
}
