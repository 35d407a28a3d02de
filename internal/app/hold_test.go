package app

import (
	"context"
	"errors"
	"log/slog"
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// One process at a time ingests a source; the next one has the same name in
// leases, so that it need not wait for the lease of one that was killed.
func TestHold(t *testing.T) {
	dir := t.TempDir()
	open := func(file string) *App {
		return &App{Config: &config.Config{DataDir: dir}, log: slog.New(slog.DiscardHandler), file: file}
	}
	a, b := open(indexFile), open(indexFile)
	first, release, err := a.hold(t.Context(), "docs")
	if err != nil || first == "" {
		t.Fatalf("%q, %v", first, err)
	}
	for _, free := range []struct {
		app    *App
		source string
	}{{b, "site"}, {open(rebuildFile), "docs"}} {
		_, release, err := free.app.hold(t.Context(), free.source)
		if err != nil {
			t.Fatalf("%s of %s is another's: %v", free.source, free.app.file, err)
		}
		release()
	}
	if _, _, err := b.hold(t.Context(), "docs"); !errors.Is(err, retrieve.ErrLeased) {
		t.Errorf("held twice: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := b.hold(ctx, "docs"); !errors.Is(err, context.Canceled) {
		t.Errorf("with a context that ended: %v", err)
	}
	release()
	second, release, err := b.hold(t.Context(), "docs")
	if err != nil || second != first {
		t.Errorf("after the first: %q, %v; want %q", second, err, first)
	}
	release()
}

func TestCheckSources(t *testing.T) {
	cfg := &config.Config{Sources: []config.Source{{Name: "a"}, {Name: "b"}}}
	if err := CheckSources(cfg, []string{"b", "a"}); err != nil {
		t.Error(err)
	}
	if err := CheckSources(cfg, nil); err != nil {
		t.Error(err)
	}
	if err := CheckSources(cfg, []string{"a", "c"}); !errors.Is(err, ErrUsage) {
		t.Errorf("a name that is not there: %v", err)
	}
}
