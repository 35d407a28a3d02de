package index

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// named is a script under another source's name.
type named struct {
	script
	name string
}

func (n named) Name() string { return n.name }

func TestRemovedSourceIsWithdrawn(t *testing.T) {
	b := newBench(t)
	a := named{script{changes: []ingest.Change{put(collection, "a", "Van de eerste bron.")}}, "een"}
	c := named{script{changes: []ingest.Change{put(collection, "c", "Van de tweede bron.")}}, "twee"}
	c.changes[0].Next = ingest.Cursor("1")
	both := []string{"een", "twee"}
	var r Report
	b.run(t, a)
	b.run(t, c)
	if err := b.Withdraw(t.Context(), both, &r); err != nil || r.Deleted != 0 {
		t.Fatalf("%d deleted, %v", r.Deleted, err)
	}
	before := b.revision(t)
	if err := b.Withdraw(t.Context(), []string{"een"}, &r); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(everything(t, b.store, collection), "\n")
	if r.Deleted != 1 || strings.Contains(got, "tweede") || !strings.Contains(got, "eerste") || b.revision(t) == before {
		t.Errorf("%d deleted; the store holds %s", r.Deleted, got)
	}
	if cursor, err := b.store.Cursor(t.Context(), "twee"); err != nil || len(cursor) != 0 {
		t.Errorf("its cursor is still %q, %v", cursor, err)
	}
	if runs, err := SourceRuns(t.Context(), b.store, "twee"); err != nil || runs != (Runs{}) {
		t.Errorf("its runs are still noted: %+v, %v", runs, err)
	}
	b.wantCounts(t, c, "new 1 changed 0 unchanged 0 deleted 0 failed 0") // configured again
}

func TestTwoSourcesDoNotTakeEachOthersDocuments(t *testing.T) {
	b := newBench(t)
	b.Siblings = []string{"een", "twee"}
	b.run(t, named{script{changes: []ingest.Change{put(collection, "info.md", "Van de eerste bron.")}}, "een"})
	r := b.run(t, named{script{changes: []ingest.Change{put(collection, "info.md", "Van de tweede bron.")}}, "twee"})
	if len(r.Failures) != 1 || !strings.Contains(r.Failures[0].Error, `source "een" has a document of that name`) {
		t.Errorf("failures %v", r.Failures)
	}
	b.run(t, named{script{changes: []ingest.Change{{Ref: ingest.Ref{Collection: collection, ID: "info.md"}, Op: ingest.Gone}}}, "twee"})
	if got := strings.Join(everything(t, b.store, collection), "\n"); !strings.Contains(got, "eerste") {
		t.Errorf("the document of the first source is gone: %q", got)
	}
}

// picky cannot embed one text.
type picky struct{ embed.Embedder }

func (p picky) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	if slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, "vergif") }) {
		return nil, errors.New("the model died")
	}
	return p.Embedder.Embed(ctx, role, texts)
}

func TestOneDocumentTheModelCannotTakeStopsNothing(t *testing.T) {
	b := newBench(t)
	b.Indexer.Embedder = picky{b.embedder}
	r := b.run(t, script{changes: []ingest.Change{put(collection, "a", "Eerst."), put(collection, "b", "vergif"), put(collection, "c", "Daarna.")}})
	if r.New != 2 || len(r.Failures) != 1 || r.Failures[0].Ref != "b" {
		t.Errorf("%+v", r)
	}
}

func TestValidThroughTheLastDay(t *testing.T) {
	b := newBench(t)
	c := put(collection, "a", "Geldig tot en met vandaag.")
	c.Doc.ValidUntil = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	b.run(t, script{changes: []ingest.Change{c}})
	sel := retrieve.Selection{Scope: retrieve.NewScope(collection), Limit: 1}
	for at, want := range map[time.Time]int{time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC): 1, time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC): 0} {
		sel.AsOf = at
		hits, err := b.store.Match(t.Context(), b.Analyzer.Query("geldig vandaag"), sel)
		if err != nil || len(hits) != want {
			t.Errorf("at %s: %d hits, %v", at, len(hits), err)
		}
	}
}

// An ingest that began before another gave the index a new lexicon has weighed
// its passages with the old one.
func TestFreezeWeighsWhatAnOlderRunWrote(t *testing.T) {
	late := newBench(t)
	late.run(t, script{changes: []ingest.Change{put(collection, "d1", "Het afval wordt op maandag opgehaald.")}})
	early := benchOn(late.store)
	scope := retrieve.NewScope(collection)
	if err := early.Freeze(t.Context(), scope); err != nil {
		t.Fatal(err)
	}
	late.run(t, script{changes: []ingest.Change{put(collection, "d1", "Het afval wordt op maandag opgehaald."), put(collection, "d2", "Het afval wordt op maandag opgehaald.")}})
	if err := late.Freeze(t.Context(), scope); err != nil {
		t.Fatal(err)
	}
	a, err := Analyzer(t.Context(), late.store)
	if err != nil {
		t.Fatal(err)
	}
	hits, err := late.store.Match(t.Context(), a.Query("afval maandag"), retrieve.Selection{Scope: scope, Limit: 5})
	if err != nil || len(hits) != 2 {
		t.Fatalf("%v, %v", hits, err)
	}
	if d := hits[0].Score - hits[1].Score; d > 1e-6 {
		t.Errorf("the same words score %v and %v", hits[0].Score, hits[1].Score)
	}
}
