package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
)

// Rebuild makes the index anew beside the old one and puts it in its place when
// it is complete: when it has what the old one has, apart from what is gone.
// Vectors of unchanged passages come from the cache. A server that runs has to be
// started again. There is no report where it could not begin.
func Rebuild(ctx context.Context, cfg *config.Config, log *slog.Logger, o IngestOptions) (*index.Report, error) {
	if cfg.Store.Kind != "local" {
		return nil, fmt.Errorf("%w: a rebuild is possible with the local store only", ErrUsage)
	}
	building, current := filepath.Join(cfg.DataDir, rebuildFile), filepath.Join(cfg.DataDir, indexFile)
	a, err := open(ctx, cfg, log, rebuildFile)
	if useless(err) { // an earlier rebuild was cut short, and cannot be gone on with
		log.Info("beginning the rebuild anew", "why", err)
		if err := removeAll(building, building+"-wal", building+"-shm"); err != nil {
			return nil, err
		}
		a, err = open(ctx, cfg, log, rebuildFile)
	}
	if err != nil {
		return nil, err
	}
	o.Sources, o.Whole = nil, true
	report, err := a.fill(ctx, current, o)
	if err = errors.Join(err, a.Close()); err != nil {
		return &report, fmt.Errorf("the old index stays in use; the rebuild goes on from here when it is run again: %w", err)
	}
	// What the log of the old file holds is written into it first, so that a kill
	// between the next two steps leaves the old index whole.
	if old, err := localstore.Open(ctx, current, localstore.Options{Log: log}); err == nil {
		if err := old.Close(); err != nil {
			return &report, err
		}
	}
	if err := removeAll(current+"-wal", current+"-shm"); err != nil { // of the old file; empty after an orderly end
		return &report, err
	}
	return &report, os.Rename(building, current)
}

// fill ingests all sources into the index that is being built, and compares it
// with the old one, in the file current.
func (a *App) fill(ctx context.Context, current string, o IngestOptions) (index.Report, error) {
	report, err := a.Ingest(ctx, o)
	if err != nil || o.AcceptDeletes {
		return report, err
	}
	old, err := localstore.Open(ctx, current, localstore.Options{Log: a.log})
	if err != nil { // there is none, or it is of no use
		a.log.Info("there is no old index to compare the rebuild with", "why", err)
		return report, nil
	}
	defer old.Close()
	lost, err := a.lost(ctx, old)
	if err != nil {
		return report, err
	}
	return report, lost.tooMuch()
}

// losses are the documents that the old index has and the new one has not.
type losses struct {
	failed  []string // that could not be read
	missing []losing
}

// losing are the documents of one source that were not met.
type losing struct {
	source string
	ids    []string
	of     int
}

func (a *App) lost(ctx context.Context, old *localstore.Store) (losses, error) {
	var l losses
	for _, s := range a.Config.Sources {
		m := losing{source: s.Name}
		for e, err := range old.Entries(ctx, s.Name) {
			if err != nil {
				return l, err
			}
			if e.Passages == 0 {
				continue
			}
			m.of++
			now, known, err := a.Store.Entry(ctx, s.Name, e.Ref.ID)
			switch {
			case err != nil:
				return l, err
			case !known:
				m.ids = append(m.ids, e.Ref.ID)
			case now.Passages == 0:
				l.failed = append(l.failed, e.Ref.ID)
			}
		}
		l.missing = append(l.missing, m)
	}
	return l, nil
}

// tooMuch says what may not be lost without the consent of a person: documents
// that could not be read, and more of a source than a run may remove.
func (l losses) tooMuch() error {
	var errs []error
	if n := len(l.failed); n > 0 {
		errs = append(errs, fmt.Errorf("%w: %d that the old index has could not be read, such as %s; run it again, or with --accept-deletes to do without them",
			index.ErrDeletes, n, strings.Join(l.failed[:min(n, 3)], ", ")))
	}
	for _, m := range l.missing {
		if n := len(m.ids); index.TooMany(n, m.of) {
			errs = append(errs, fmt.Errorf("%w: source %q has %d of its %d documents no more, such as %s; check it, and if they are really gone run it with --accept-deletes",
				index.ErrDeletes, m.source, n, m.of, strings.Join(m.ids[:min(n, 3)], ", ")))
		}
	}
	return errors.Join(errs...)
}

func useless(err error) bool {
	for _, target := range []error{index.ErrSignature, localstore.ErrDamaged, localstore.ErrForeign, localstore.ErrVersion} {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

func removeAll(files ...string) error {
	for _, f := range files {
		if err := os.Remove(f); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}
