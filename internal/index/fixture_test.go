package index

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

// storage is what every store is: passages and ledger.
type storage interface {
	retrieve.Store
	retrieve.Ledger
}

// script is a source that yields what a test wrote.
type script struct {
	changes []ingest.Change
	err     error // yielded last
}

const (
	sourceName = "stukken"
	collection = "beleid"
)

func (script) Name() string       { return sourceName }
func (script) Collection() string { return collection }

func (s script) Changes(context.Context, ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		for _, c := range s.changes {
			if !yield(c, nil) {
				return
			}
		}
		if s.err != nil {
			yield(ingest.Change{}, s.err)
		}
	}
}

// folder is a source as the real ones are: what the ledger's state says is
// unchanged is kept, what it knows and is not there is gone, and each change
// carries a cursor.
type folder struct {
	collection string
	files      map[string]string // text by ID; one that begins with '!' cannot be read
}

func (folder) Name() string         { return sourceName }
func (f folder) Collection() string { return f.collection }

func (f folder) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		n := 0
		emit := func(c ingest.Change) bool {
			n++
			c.Next = fmt.Appendf(nil, "%d", n)
			return yield(c, nil)
		}
		for _, id := range slices.Sorted(maps.Keys(f.files)) {
			e, known, err := mem.Entry(ctx, id)
			if err != nil {
				yield(ingest.Change{}, err)
				return
			}
			text := f.files[id]
			c := put(f.collection, id, text)
			if bad, ok := strings.CutPrefix(text, "!"); ok {
				c = ingest.Change{Ref: c.Ref, Op: ingest.Fail, Err: errors.New(bad)}
			} else if c.State = "state of " + text; known && e.State == c.State && e.Digest != "" && e.Failure == "" {
				c.Op, c.Doc = ingest.Keep, nil
			}
			if !emit(c) {
				return
			}
		}
		for e, err := range mem.Entries(ctx) {
			if err != nil {
				yield(ingest.Change{}, err)
				return
			}
			if _, ok := f.files[e.Ref.ID]; !ok && !emit(ingest.Change{Ref: e.Ref, Op: ingest.Gone}) {
				return
			}
		}
	}
}

// document has one paragraph per line of text.
func document(collection, id, text string) *ingest.Document {
	d := &ingest.Document{Ref: ingest.Ref{Collection: collection, ID: id}, URL: id, Title: "Titel van " + id, Text: text}
	at := 0
	for line := range strings.Lines(text) {
		if s := strings.TrimRight(line, "\n"); s != "" {
			d.Blocks = append(d.Blocks, ingest.Block{Start: at, End: at + len(s), Kind: ingest.Paragraph})
		}
		at += len(line)
	}
	return d
}

func put(collection, id, text string) ingest.Change {
	d := document(collection, id, text)
	return ingest.Change{Ref: d.Ref, Op: ingest.Put, Doc: d}
}

// meter counts the texts that are embedded.
type meter struct {
	embed.Embedder
	texts atomic.Int64
}

func (m *meter) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	m.texts.Add(int64(len(texts)))
	return m.Embedder.Embed(ctx, role, texts)
}

// bench is an indexer on a store in memory.
type bench struct {
	*Indexer
	store    storage
	embedder *meter
}

func newBench(t *testing.T) *bench {
	t.Helper()
	return benchOn(memstore.New())
}

func benchOn(s storage) *bench {
	m := &meter{Embedder: embedtest.New(64)}
	return &bench{&Indexer{Store: s, Ledger: s, Embedder: m, Analyzer: dutch.New(dutch.Lexicon{}), Chunks: chunk.Defaults(),
		Log: slog.New(slog.DiscardHandler), Owner: "test"}, s, m}
}

// run ingests and returns the report of this run alone.
func (b *bench) run(t *testing.T, src ingest.Source) Report {
	t.Helper()
	r := Report{Failures: []Failure{}}
	if err := b.Run(t.Context(), src, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func counts(r Report) string {
	return fmt.Sprintf("new %d changed %d unchanged %d deleted %d failed %d", r.New, r.Changed, r.Unchanged, r.Deleted, r.Failed)
}

func (b *bench) wantCounts(t *testing.T, src ingest.Source, want string) Report {
	t.Helper()
	r := b.run(t, src)
	if got := counts(r); got != want {
		t.Errorf("got %s, want %s; failures %v", got, want, r.Failures)
	}
	return r
}

// everything lists the passages of the collections, as text.
func everything(t *testing.T, s retrieve.Store, collections ...string) []string {
	t.Helper()
	out := []string{}
	for p, err := range s.All(context.WithoutCancel(t.Context()), retrieve.NewScope(collections...)) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%s %s %q", p.Doc, p.ID, p.Text))
	}
	return out
}

func (b *bench) revision(t *testing.T) string {
	t.Helper()
	s, err := Revision(t.Context(), b.store)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (b *bench) entry(t *testing.T, id string) (ingest.Entry, bool) {
	t.Helper()
	e, ok, err := b.store.Entry(t.Context(), sourceName, id)
	if err != nil {
		t.Fatal(err)
	}
	return e, ok
}
