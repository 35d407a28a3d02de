package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/ingest/files"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
)

// Ingest brings the index up to date with the named sources, or with all. A
// source that cannot be read does not keep the others from being read; its error
// is joined to the others.
func (a *App) Ingest(ctx context.Context, names []string, progress func(index.Report)) (index.Report, error) {
	report := index.Report{Failures: []index.Failure{}}
	sources, err := a.sources(names)
	if err != nil {
		return report, err
	}
	if err := index.WriteSignature(ctx, a.Store, a.signature()); err != nil {
		return report, err
	}
	analyzer, err := index.Analyzer(ctx, a.Store)
	if err != nil {
		return report, err
	}
	x := &index.Indexer{Store: a.Store, Ledger: a.Store, Embedder: a.Embedder, Analyzer: analyzer,
		Chunks: chunk.Defaults(), Log: a.log, Owner: a.owner, Progress: progress}
	var errs []error
	for _, s := range sources {
		if err := x.Run(ctx, s, &report); err != nil {
			errs = append(errs, err)
			if ctx.Err() != nil {
				return report, errors.Join(errs...)
			}
		}
	}
	if _, err := index.Freeze(ctx, a.Store, a.Store, a.Scope()); err != nil {
		errs = append(errs, err)
	}
	return report, errors.Join(errs...)
}

func (a *App) sources(names []string) ([]ingest.Source, error) {
	var out []ingest.Source
	var known []string
	for _, s := range a.Config.Sources {
		known = append(known, s.Name)
		if len(names) > 0 && !slices.Contains(names, s.Name) {
			continue
		}
		src, err := NewSource(s, a.Config.Network, a.log)
		if err != nil {
			return nil, fmt.Errorf("source %q: %w", s.Name, err)
		}
		out = append(out, src)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, fmt.Errorf("%w: there is no source %q; the configuration has: %s", ErrUsage, n, strings.Join(known, ", "))
		}
	}
	return out, nil
}

// ErrUsage marks errors of the command line or configuration.
var ErrUsage = errors.New("wrong usage")

// NewSource opens a source as it is configured.
func NewSource(s config.Source, n config.Network, log *slog.Logger) (ingest.Source, error) {
	if s.Kind == "folder" {
		return files.New(files.Options{Name: s.Name, Collection: s.Collection, Path: s.Path,
			Extract: func(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
				return extract.Extract(ctx, extract.Input{Name: name, Data: data})
			},
			ExtractVersion: extract.Version})
	}
	return crawl.New(crawl.Options{
		Name: s.Name, Collection: s.Collection, Start: s.Start, Allow: s.Allow,
		RequestsPerSecond: s.RequestsPerSecond, AllowPrivate: n.AllowPrivate, Contact: s.Contact, MaxPages: s.MaxPages,
		Extract: func(ctx context.Context, in crawl.Input) (*ingest.Document, error) {
			return extract.Extract(ctx, extract.Input{Name: in.URL, URL: in.URL, ContentType: in.ContentType, Data: in.Data})
		},
		ExtractVersion: extract.Version, Log: log,
	})
}

// Rebuild makes the index anew beside the old one and puts it in its place when
// it is complete. Vectors of unchanged passages come from the cache. A server
// that runs has to be started again.
func Rebuild(ctx context.Context, cfg *config.Config, log *slog.Logger, progress func(index.Report)) (report index.Report, err error) {
	if cfg.Store.Kind != "local" {
		return report, fmt.Errorf("%w: a rebuild is possible with the local store only", ErrUsage)
	}
	building, current := filepath.Join(cfg.DataDir, rebuildFile), filepath.Join(cfg.DataDir, indexFile)
	a, err := open(ctx, cfg, log, rebuildFile)
	if err != nil {
		return report, err
	}
	report, err = a.Ingest(ctx, nil, progress)
	if err = errors.Join(err, a.Close()); err != nil {
		return report, fmt.Errorf("the old index stays in use; the rebuild goes on from here when it is run again: %w", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} { // belong to the old file, and are empty after an orderly end
		if err := os.Remove(current + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return report, err
		}
	}
	return report, os.Rename(building, current)
}
