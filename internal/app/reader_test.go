package app

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/internal/sandbox"
)

// hostile is the work of the children of these tests: what the name of a file
// says, or reading it.
func hostile(ctx context.Context, header, data []byte, alive func()) []byte {
	switch {
	case strings.Contains(string(header), "crash.pdf"):
		panic("a bug in a parser")
	case strings.Contains(string(header), "hang.pdf"):
		select {}
	case strings.Contains(string(header), "nonsense.pdf"):
		return []byte(`{"Document":{"Text":"x","Blocks":[{"Start":5,"End":9}]}}`)
	}
	return extract.Serve(ctx, header, data, alive)
}

// A file that crashes or hangs its parser costs that file only, with one line
// that names it.
func TestHostileFiles(t *testing.T) {
	r := &reader{pool: sandbox.New(sandbox.Options{Time: 3 * time.Second}), log: slog.New(slog.DiscardHandler)}
	defer r.Close()
	letter, err := os.ReadFile("../../testdata/documents/begroting-2026.pdf")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, want string }{
		{"crash.pdf", "crash.pdf: unreadable: its parser crashed: panic: a bug in a parser"},
		{"hang.pdf", "hang.pdf: unreadable: its parser took too long: over 3 s"},
		{"nonsense.pdf", "not sound"},
	} {
		_, err := r.apart(t.Context(), extract.Input{Name: c.name, Data: letter})
		if !errors.Is(err, extract.ErrUnreadable) || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		doc, err := r.apart(t.Context(), extract.Input{Name: "begroting.pdf", Data: letter})
		if err != nil || len(doc.Text) < 100 {
			t.Errorf("after %s: %v", c.name, err)
		}
	}
	if _, err := r.apart(t.Context(), extract.Input{Name: "foto.jpg", Data: []byte("\xff\xd8\xff\xe0")}); !errors.Is(err, extract.ErrUnsupported) {
		t.Errorf("an error of the parser came back as %v", err)
	}
}
