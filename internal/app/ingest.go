package app

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
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

// IngestOptions say what to bring up to date, and how.
type IngestOptions struct {
	Sources       []string           // names; none for all
	AcceptDeletes bool               // see index.Indexer
	Full          bool               // ask for all pages, whatever their history
	Whole         bool               // read websites to their end that are else read in parts
	Progress      func(index.Report) // after every document; may be nil
}

// Ingest brings the index up to date with the named sources, or with all. A
// source that cannot be read does not keep the others from being read; its error
// is joined to the others.
func (a *App) Ingest(ctx context.Context, o IngestOptions) (index.Report, error) {
	report := index.Report{Failures: []index.Failure{}}
	e := env{network: a.Config.Network, log: a.log, reader: openReader(ctx, a.log)}
	defer e.reader.Close()
	feeds, err := a.feeds(e, o)
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
		Chunks: chunk.Defaults(), Log: a.log, Progress: o.Progress, AcceptDeletes: o.AcceptDeletes}
	var names []string
	for _, s := range a.Config.Sources {
		names = append(names, s.Name)
	}
	x.Siblings = names
	var errs []error
	for _, f := range feeds {
		if err := a.run(ctx, x, f, &report); err != nil {
			errs = append(errs, err)
			if ctx.Err() != nil {
				return report, errors.Join(errs...)
			}
		}
	}
	if err := x.Withdraw(ctx, names, &report); err != nil {
		errs = append(errs, err)
	}
	if err := x.Freeze(ctx, a.Scope()); err != nil {
		errs = append(errs, err)
	}
	return report, errors.Join(errs...)
}

// run ingests one source. Of a website that was read to its end it notes what
// became of the addresses that are no documents.
func (a *App) run(ctx context.Context, x *index.Indexer, s feed, report *index.Report) error {
	owner, release, err := a.hold(ctx, s.Name())
	if err != nil {
		return err
	}
	defer release()
	x.Owner = owner
	if err := x.Run(ctx, s, report); err != nil {
		return err
	}
	if report.Seen == 0 {
		a.log.Warn("the source has no documents", "source", s.Name())
	}
	if s.visits == nil {
		return nil
	}
	return s.visits.write(ctx, a.Store, s.Name())
}

// feed is a source with what it tells besides its documents.
type feed struct {
	ingest.Source
	visits *visits // of a website; nil for others
}

func newFeed(s config.Source, e env, how IngestOptions) (feed, error) {
	if s.Kind != "website" {
		src, err := NewSource(s, e)
		return feed{Source: src}, err
	}
	o, met := crawlOptions(s, e), newVisits()
	o.Trace, o.Full = met.add, how.Full
	if how.Whole && o.Adaptive {
		o.MaxPages = math.MaxInt
	}
	src, err := crawl.New(o)
	return feed{src, met}, err
}

// CheckSources reports the first name that no source of the configuration has.
// The error wraps ErrUsage.
func CheckSources(cfg *config.Config, names []string) error {
	var known []string
	for _, s := range cfg.Sources {
		known = append(known, s.Name)
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return fmt.Errorf("%w: there is no source %q; the configuration has: %s", ErrUsage, n, strings.Join(known, ", "))
		}
	}
	return nil
}

// feeds opens the named sources, or all.
func (a *App) feeds(e env, o IngestOptions) ([]feed, error) {
	if err := CheckSources(a.Config, o.Sources); err != nil {
		return nil, err
	}
	var out []feed
	for _, s := range selected(a.Config, o.Sources) {
		f, err := newFeed(s, e, o)
		if err != nil {
			return nil, fmt.Errorf("%w: source %q: %w", ErrUsage, s.Name, err)
		}
		out = append(out, f)
	}
	return out, nil
}

// selected are the named sources of a configuration, or all.
func selected(cfg *config.Config, names []string) []config.Source {
	var out []config.Source
	for _, s := range cfg.Sources {
		if len(names) == 0 || slices.Contains(names, s.Name) {
			out = append(out, s)
		}
	}
	return out
}

// ErrUsage marks errors of the command line or configuration.
var ErrUsage = errors.New("wrong usage")

// NewSource opens a source as it is configured.
func NewSource(s config.Source, e env) (ingest.Source, error) {
	read := e.of(s)
	if s.Kind == "folder" {
		return files.New(files.Options{Name: s.Name, Collection: s.Collection, Path: s.Path,
			Extract: func(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
				return read.extract(ctx, extract.Input{Name: name, Data: data})
			},
			Describe: describe, Address: extract.Address, NotDocument: func(err error) bool { return errors.Is(err, extract.ErrMetadata) },
			Members: members, ExtractVersion: extract.Version, Abilities: read.abilities(), Lacking: lacking,
			Timeout: readTotal + readSilence})
	}
	if s.IsService() {
		return newService(s, e)
	}
	return crawl.New(crawlOptions(s, e))
}

// describe reads the metadata of a publication.
func describe(_ string, data []byte) (files.Description, bool) {
	m, err := extract.ReadMetadata(data)
	if err != nil {
		return files.Description{}, false
	}
	return files.Description{Identifier: m.Identifier, Apply: m.Apply}, true
}

// members unpacks an archive of documents.
func members(ctx context.Context, name string, data []byte) (iter.Seq[files.Member], bool) {
	all, ok := extract.Archive(ctx, extract.Input{Name: name, Data: data})
	if !ok {
		return nil, false
	}
	return func(yield func(files.Member) bool) {
		for m := range all {
			if !yield(files.Member(m)) {
				return
			}
		}
	}, true
}

func crawlOptions(s config.Source, e env) crawl.Options {
	read := e.of(s)
	return crawl.Options{
		Name: s.Name, Collection: s.Collection, Start: s.Start, Allow: s.Allow,
		RequestsPerSecond: s.RequestsPerSecond, AllowPrivate: e.network.AllowPrivate, Contact: s.Contact, MaxPages: s.MaxPages,
		Adaptive: s.Revisit == "adaptive", Languages: s.Languages,
		Extract: func(ctx context.Context, in crawl.Input) (*ingest.Document, error) {
			return read.extract(ctx, extract.Input{Name: in.URL, URL: in.URL, ContentType: in.ContentType, Data: in.Data})
		},
		ExtractVersion: extract.Version, Log: e.log,
	}
}
