// Package index keeps a store in step with its sources: it carries out every
// change a source reports, document by document, and moves on only when it is
// written. It never fetches or parses; sources do.
package index

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Indexer writes changes of sources to a store.
type Indexer struct {
	Store    retrieve.Store
	Ledger   retrieve.Ledger
	Embedder embed.Embedder
	Analyzer retrieve.Analyzer
	Chunks   chunk.Options
	Log      *slog.Logger
	// Owner names this process in leases.
	Owner string
	// Progress, if set, is called after every change.
	Progress func(Report)
	// Siblings are the names of all sources of this index: a document that one of
	// them has is not taken from it by another.
	Siblings []string
	// Ahead is how many changes a source may be read and parsed ahead of the
	// embedding; 0 means 4.
	Ahead int
	// AcceptDeletes removes whatever a source says is gone. Without it a run
	// that would remove more than a fifth of a source stops, see ErrDeletes.
	AcceptDeletes bool
}

// Failure is a document, or a whole source, that could not be read.
type Failure struct {
	Ref   string `json:"ref"`
	Error string `json:"error"`
}

// Report counts what a run did. Passages is the number written, Embedded the
// number whose vectors had to be computed.
type Report struct {
	New       int       `json:"new"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	Deleted   int       `json:"deleted"`
	Failed    int       `json:"failed"`
	Passages  int       `json:"passages"`
	Embedded  int       `json:"embedded"`
	Seconds   float64   `json:"seconds"`
	Failures  []Failure `json:"failures"`

	Source string `json:"-"` // at work now
	Known  int    `json:"-"` // documents the ledger knew of this source, for an estimate
	Seen   int    `json:"-"` // changes of this source so far
}

// leaseTime is how long a source stays ours after a crash before another
// process may take it over.
const leaseTime = 2 * time.Minute

// Run brings the store up to date with one source and adds to the report. It
// returns an error when the source as a whole could not be read, or when
// nothing more can be written; documents that failed are in the report. How the
// run went is noted in the ledger, see SourceRuns.
func (x *Indexer) Run(ctx context.Context, src ingest.Source, r *Report) (err error) {
	start, before := time.Now(), *r
	defer func() { r.Seconds += time.Since(start).Seconds() }()
	lease := "ingest/" + src.Name()
	if err := x.Ledger.Lease(ctx, lease, x.Owner, leaseTime); err != nil {
		if errors.Is(err, retrieve.ErrLeased) {
			return fmt.Errorf("source %q is being ingested by another process; wait for it, or try again within %s of its end: %w", src.Name(), leaseTime, err)
		}
		return err
	}
	defer x.Ledger.Release(context.WithoutCancel(ctx), lease, x.Owner)
	defer func() {
		if errors.Is(err, retrieve.ErrLeased) { // the ledger is another's by now
			return
		}
		if e := x.noteRun(ctx, src.Name(), start, before, *r, err); e != nil && err == nil {
			err = fmt.Errorf("source %q: note the run: %w", src.Name(), e)
		}
	}()
	return x.run(ctx, src, lease, r)
}

// run carries out the changes of a source whose lease is ours.
func (x *Indexer) run(ctx context.Context, src ingest.Source, lease string, r *Report) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	go x.hold(ctx, cancel, lease)

	r.Source, r.Seen, r.Known = src.Name(), 0, 0
	indexed := 0
	for e, err := range x.Ledger.Entries(ctx, src.Name()) {
		if err != nil {
			return err
		}
		r.Known++
		if e.Passages > 0 {
			indexed++
		}
	}
	gone := newDeletes(indexed, x.AcceptDeletes)
	steps := x.ahead(ctx, src)
	defer func() { // the source has ended before the lease is given back
		cancel(nil)
		for range steps {
		}
	}()
	for s := range steps {
		if ctx.Err() != nil {
			break
		}
		if s.err != nil {
			err := s.err
			if ctx.Err() == nil { // what the source established before holds
				err = errors.Join(err, x.release(ctx, src.Name(), gone, r))
			}
			return fmt.Errorf("source %q: %w", src.Name(), err)
		}
		if err := x.step(ctx, src.Name(), s.change, gone, r); err != nil {
			switch {
			case ctx.Err() != nil:
			case errors.Is(err, ErrDeletes):
				return fmt.Errorf("source %q: %w", src.Name(), err)
			default:
				return fmt.Errorf("source %q: %s: %w", src.Name(), s.change.Ref.ID, err)
			}
			break
		}
		r.Seen++
		if x.Progress != nil {
			x.Progress(*r)
		}
	}
	if context.Cause(ctx) == nil {
		if err := x.release(ctx, src.Name(), gone, r); err != nil && ctx.Err() == nil {
			return fmt.Errorf("source %q: %w", src.Name(), err)
		}
	}
	if err := context.Cause(ctx); err != nil {
		return fmt.Errorf("source %q: %w", src.Name(), err)
	}
	return nil
}

// hold renews the lease until the run ends: one document can take longer than a
// lease lasts. It ends the run when another process has taken the lease over.
func (x *Indexer) hold(ctx context.Context, cancel context.CancelCauseFunc, lease string) {
	t := time.NewTicker(leaseTime / 4)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		err := x.Ledger.Lease(ctx, lease, x.Owner, leaseTime)
		switch {
		case errors.Is(err, retrieve.ErrLeased):
			cancel(fmt.Errorf("taken over by another process: %w", err))
			return
		case err != nil && ctx.Err() == nil:
			x.Log.Warn("the lease could not be renewed; it is tried again", "lease", lease, "error", err)
		}
	}
}

type step struct {
	change ingest.Change
	err    error
}

// ahead reads the source in its own goroutine, a few changes ahead: fetching
// and parsing go on while the model embeds.
func (x *Indexer) ahead(ctx context.Context, src ingest.Source) <-chan step {
	n := x.Ahead
	if n <= 0 {
		n = 4
	}
	steps := make(chan step, n)
	go func() {
		defer close(steps)
		for c, err := range src.Changes(ctx, memory{x.Ledger, src.Name(), src.Collection()}) {
			select {
			case steps <- step{c, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return steps
}

// apply carries out one change completely before the cursor moves.
func (x *Indexer) apply(ctx context.Context, source string, c ingest.Change, r *Report) error {
	old, known, err := x.Ledger.Entry(ctx, source, c.Ref.ID)
	if err != nil {
		return err
	}
	switch c.Op {
	case ingest.Put:
		err = x.put(ctx, source, c, old, known, r)
	case ingest.Keep:
		err = x.keep(ctx, source, c, old, known, r)
	case ingest.Gone:
		if known {
			err = x.gone(ctx, source, c.Ref, old, r)
		}
	case ingest.Fail:
		err = x.fail(ctx, source, c, old, known, c.Err, r)
	default:
		err = fmt.Errorf("the source reported an unknown operation %d", c.Op)
	}
	if err != nil || c.Next == nil {
		return err
	}
	return x.Ledger.SetCursor(ctx, source, c.Next)
}

func (x *Indexer) put(ctx context.Context, source string, c ingest.Change, old ingest.Entry, known bool, r *Report) error {
	doc := c.Doc
	doc.Ref = c.Ref
	doc.Digest = doc.ContentDigest()
	digest := ingest.HexDigest(doc.Digest)
	if known && old.Digest == digest && old.Ref == doc.Ref {
		return x.keep(ctx, source, c, old, true, r)
	}
	if other, err := x.ownedBy(ctx, source, doc.Ref); err != nil {
		return err
	} else if other != "" {
		return x.fail(ctx, source, c, old, known, fmt.Errorf("source %q has a document of that name in collection %q; give one of the two sources another collection", other, doc.Ref.Collection), r)
	}
	if err := doc.Check(); err != nil {
		return x.fail(ctx, source, c, old, known, err, r)
	}
	chunks := chunk.Split(doc, x.Chunks)
	if len(chunks) == 0 {
		return x.fail(ctx, source, c, old, known, errors.New("no text was found in it; what the index has of it stays"), r)
	}
	recs, computed, err := x.records(ctx, doc, chunks)
	if err != nil {
		if x.embeds(ctx) { // the model is well: it is this document it cannot take
			return x.fail(ctx, source, c, old, known, err, r)
		}
		return err
	}
	now := time.Now().UTC()
	if !known {
		old.Ref = doc.Ref
	}
	if err := x.revise(ctx, source, old, func() error {
		if err := x.Store.Replace(ctx, doc.Ref, recs); err != nil || old.Ref == doc.Ref {
			return err
		}
		return x.Store.Delete(ctx, old.Ref) // the source now has another collection
	}); err != nil {
		return err
	}
	e := ingest.Entry{Ref: doc.Ref, Digest: digest, State: c.State, URL: doc.URL, Title: doc.Title, Passages: len(recs), Indexed: now, Checked: now}
	if err := x.Ledger.PutEntry(ctx, source, e); err != nil {
		return err
	}
	r.Passages += len(recs)
	r.Embedded += computed
	if old.Passages > 0 {
		r.Changed++
	} else {
		r.New++
	}
	return nil
}

func (x *Indexer) gone(ctx context.Context, source string, ref ingest.Ref, old ingest.Entry, r *Report) error {
	if other, err := x.ownedBy(ctx, source, ref); err != nil {
		return err
	} else if other != "" {
		return x.Ledger.DropEntry(ctx, source, old.Ref.ID)
	}
	if err := x.revise(ctx, source, old, func() error {
		return x.Store.Delete(ctx, old.Ref, ref) // two where it was on its way to another collection
	}); err != nil {
		return err
	}
	if err := x.Ledger.DropEntry(ctx, source, old.Ref.ID); err != nil {
		return err
	}
	if old.Passages > 0 {
		r.Deleted++
	}
	return nil
}

// cutShort is the failure of a document whose passages are being changed.
const cutShort = "its indexing was cut short; it is read again at the next run"

// revise changes the passages of a document, whose entry is old. Before that it
// notes the intent: should the process die before the final entry is written,
// the next run finds a document that has to be read again, or removed if it is
// gone by then. Without it, passages could stay that no entry leads to, or go
// missing under an entry that says they are there.
func (x *Indexer) revise(ctx context.Context, source string, old ingest.Entry, change func() error) error {
	old.Digest, old.State, old.Failure = "", "", cutShort
	if old.FailedSince.IsZero() {
		old.FailedSince = time.Now().UTC()
	}
	if err := x.Ledger.PutEntry(ctx, source, old); err != nil {
		return err
	}
	if err := newRevision(ctx, x.Ledger); err != nil {
		return err
	}
	if err := change(); err != nil {
		return err
	}
	return newRevision(ctx, x.Ledger)
}

// counting is what a caching embedder can also tell: how many texts were not
// in its cache.
type counting interface{ Stats() embed.CacheStats }

func (x *Indexer) computed() int {
	if c, ok := x.Embedder.(counting); ok {
		return int(c.Stats().Misses)
	}
	return 0
}

// embeds reports whether the model embeds a plain word.
func (x *Indexer) embeds(ctx context.Context) bool {
	_, err := x.Embedder.Embed(ctx, embed.Query, []string{"woord"})
	return err == nil
}

func (x *Indexer) records(ctx context.Context, doc *ingest.Document, chunks []chunk.Chunk) ([]retrieve.Record, int, error) {
	info := retrieve.Info{URL: doc.URL, Title: doc.Title, Language: doc.Language, Published: doc.Published,
		Modified: doc.Modified, ValidFrom: doc.ValidFrom, ValidUntil: endOfDay(doc.ValidUntil), Meta: doc.Meta}
	recs := make([]retrieve.Record, len(chunks))
	texts := make([]string, len(chunks))
	for i, c := range chunks {
		p := retrieve.Passage{Chunk: c, Info: info}
		recs[i] = retrieve.Record{Passage: p, Terms: x.Analyzer.Passage(&p)}
		texts[i] = p.Searchable()
	}
	before := x.computed()
	vs, err := x.Embedder.Embed(ctx, embed.Passage, texts)
	if err != nil {
		return nil, 0, fmt.Errorf("embed: %w", err)
	}
	computed := len(texts)
	if _, ok := x.Embedder.(counting); ok {
		computed = x.computed() - before
	}
	for i := range recs {
		recs[i].Vector = vs[i]
	}
	return recs, computed, nil
}

// recheck is how old the note of the last check may become before an unchanged
// document costs a write.
const recheck = 24 * time.Hour

func (x *Indexer) keep(ctx context.Context, source string, c ingest.Change, old ingest.Entry, known bool, r *Report) error {
	if !known {
		return errors.New("the source says it is unchanged, but it was never indexed")
	}
	if old.Digest == "" { // it could not be read before, and has not changed
		return x.fail(ctx, source, c, old, true, errors.New(old.Failure), r)
	}
	if old.Ref != c.Ref {
		return x.fail(ctx, source, c, old, true, errors.New("the source says it is unchanged, but the index has it in another collection"), r)
	}
	r.Unchanged++
	stale := time.Since(old.Checked) > recheck
	if old.Failure == "" && !stale && (c.State == "" || c.State == old.State) {
		return nil
	}
	if c.State != "" {
		old.State = c.State
	}
	old.Checked, old.Failure, old.FailedSince = time.Now().UTC(), "", time.Time{}
	return x.Ledger.PutEntry(ctx, source, old)
}

// fail notes why a document could not be read. What the index has of it stays.
func (x *Indexer) fail(ctx context.Context, source string, c ingest.Change, old ingest.Entry, known bool, why error, r *Report) error {
	if why == nil {
		why = errors.New("the source gave no reason")
	}
	r.Failed++
	r.Failures = append(r.Failures, Failure{c.Ref.ID, why.Error()})
	x.Log.Info("document not read", "source", source, "document", c.Ref.ID, "error", why)
	e := old
	if !known {
		e.Ref = c.Ref
	}
	if c.State != "" {
		e.State = c.State
	}
	if e.Failure == why.Error() && e.State == old.State {
		return nil
	}
	if e.Failure == "" {
		e.FailedSince = time.Now().UTC()
	}
	e.Failure = why.Error()
	return x.Ledger.PutEntry(ctx, source, e)
}

// endOfDay makes a date without a time its last second: a text is valid through
// the day on which it ends.
func endOfDay(t time.Time) time.Time {
	if t.IsZero() || !t.Equal(t.Truncate(24*time.Hour)) {
		return t
	}
	return t.Add(24*time.Hour - time.Second)
}
