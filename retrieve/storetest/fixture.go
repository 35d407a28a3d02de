package storetest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// all is larger than any store of the suite.
const all = 1000

// fixture is a store under test beside the suite's own idea of what is in it.
type fixture struct {
	t      *testing.T
	ctx    context.Context
	open   Open
	store  retrieve.Store
	ledger retrieve.Ledger
	docs   map[ingest.Ref][]retrieve.Record
	// roundedTies is set where equal scores may come from different sums, which
	// rounding can tell apart: their order is free then.
	roundedTies bool
}

func newFixture(t *testing.T, open Open) *fixture {
	f := &fixture{t: t, ctx: t.Context(), open: open, docs: map[ingest.Ref][]retrieve.Record{}}
	f.store, f.ledger = open(t)
	t.Cleanup(func() {
		if err := f.store.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return f
}

func (f *fixture) reopen() {
	f.t.Helper()
	if err := f.store.Close(); err != nil {
		f.t.Fatalf("Close: %v", err)
	}
	f.store, f.ledger = f.open(f.t)
}

func (f *fixture) replace(doc ingest.Ref, recs ...retrieve.Record) {
	f.t.Helper()
	if err := f.store.Replace(f.ctx, doc, recs); err != nil {
		f.t.Fatalf("Replace(%s): %v", doc, err)
	}
	f.docs[doc] = recs
}

func (f *fixture) delete(docs ...ingest.Ref) {
	f.t.Helper()
	if err := f.store.Delete(f.ctx, docs...); err != nil {
		f.t.Fatalf("Delete(%v): %v", docs, err)
	}
	for _, d := range docs {
		delete(f.docs, d)
	}
}

func ref(collection, id string) ingest.Ref { return ingest.Ref{Collection: collection, ID: id} }

// rec is a passage of doc whose terms are the words of its text, each with its
// number of occurrences as its weight.
func rec(doc ingest.Ref, ordinal int, text string, v ...float32) retrieve.Record {
	return retrieve.Record{
		Passage: retrieve.Passage{
			Chunk: chunk.Chunk{
				ID: fmt.Sprintf("%s-%s-%d-%s", doc.Collection, doc.ID, ordinal, text), Doc: doc, Ordinal: ordinal,
				Start: 100 * ordinal, End: 100*ordinal + len(text), Text: text,
			},
			Info: retrieve.Info{Title: "Titel van " + doc.ID},
		},
		Vector: embed.Vector(v).Unit(),
		Terms:  words(text),
	}
}

func words(text string) retrieve.Terms {
	count := map[string]float32{}
	for _, w := range strings.Fields(text) {
		count[w]++
	}
	var ts retrieve.Terms
	for _, w := range slices.Sorted(maps.Keys(count)) {
		ts = append(ts, retrieve.Term{Token: w, Weight: count[w]})
	}
	return ts
}

func in(collections ...string) retrieve.Selection {
	return retrieve.Selection{Scope: retrieve.NewScope(collections...), Limit: all}
}

// wantNearest is what Nearest owes without a limit, computed in float64.
func (f *fixture) wantNearest(v embed.Vector, sel retrieve.Selection) []retrieve.Hit {
	return f.want(sel, func(r *retrieve.Record) (float64, bool) {
		var s float64
		for i := range v {
			s += float64(v[i]) * float64(r.Vector[i])
		}
		return s, true
	})
}

// wantMatch is what Match owes without a limit.
func (f *fixture) wantMatch(q retrieve.Terms, sel retrieve.Selection) []retrieve.Hit {
	passages, holding := 0.0, map[string]float64{}
	for doc, recs := range f.docs {
		if slices.Contains(sel.Scope.Collections(), doc.Collection) {
			for _, r := range recs {
				passages++
				for _, t := range r.Terms {
					holding[t.Token]++
				}
			}
		}
	}
	return f.want(sel, func(r *retrieve.Record) (score float64, shares bool) {
		for _, t := range q {
			for _, have := range r.Terms {
				if have.Token == t.Token {
					n := holding[t.Token]
					idf := math.Log(1 + (passages-n+0.5)/(n+0.5))
					score, shares = score+float64(t.Weight)*float64(have.Weight)*idf, true
				}
			}
		}
		return score, shares
	})
}

func (f *fixture) want(sel retrieve.Selection, score func(*retrieve.Record) (float64, bool)) []retrieve.Hit {
	var hits []retrieve.Hit
	for doc, recs := range f.docs {
		if !slices.Contains(sel.Scope.Collections(), doc.Collection) {
			continue
		}
		for i := range recs {
			if !current(&recs[i], sel.AsOf) || !sel.Filter.Allows(&recs[i].Info) {
				continue
			}
			if s, ok := score(&recs[i]); ok {
				hits = append(hits, retrieve.Hit{Passage: recs[i].Passage, Score: s})
			}
		}
	}
	slices.SortFunc(hits, func(a, b retrieve.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return hits
}

// current says what Selection.AsOf promises, in other words than it.
func current(r *retrieve.Record, asOf time.Time) bool {
	if asOf.IsZero() {
		return true
	}
	published := r.Published.IsZero() || r.Published.Before(asOf) || r.Published.Equal(asOf)
	started := r.ValidFrom.IsZero() || r.ValidFrom.Before(asOf) || r.ValidFrom.Equal(asOf)
	ended := !r.ValidUntil.IsZero() && r.ValidUntil.Before(asOf)
	return published && started && !ended
}

func (f *fixture) checkNearest(v embed.Vector, sel retrieve.Selection) {
	f.t.Helper()
	got, err := f.store.Nearest(f.ctx, v, sel)
	if err != nil {
		f.t.Fatalf("Nearest: %v", err)
	}
	f.compareHits("Nearest", got, f.wantNearest(v, sel), sel.Limit)
}

func (f *fixture) checkMatch(q string, sel retrieve.Selection) {
	f.t.Helper()
	got, err := f.store.Match(f.ctx, words(q), sel)
	if err != nil {
		f.t.Fatalf("Match(%q): %v", q, err)
	}
	f.compareHits("Match "+q, got, f.wantMatch(words(q), sel), sel.Limit)
}

// tolerance is what float32 arithmetic may differ from the exact score.
const tolerance = 2e-5

// compareHits wants the first limit of want: the same passages, whole, with
// the same scores, in the same order. Where exact scores are nearer to each
// other than the tolerance but not equal, their order is free.
func (f *fixture) compareHits(what string, got, want []retrieve.Hit, limit int) {
	f.t.Helper()
	if n := min(len(want), max(limit, 0)); len(got) != n {
		f.t.Fatalf("%s: %d hits %v, want %d of %v", what, len(got), ids(got), n, ids(want))
	}
	byID := map[string]retrieve.Hit{}
	for _, w := range want {
		byID[w.ID] = w
	}
	for i, g := range got {
		w := want[i]
		if math.Abs(g.Score-w.Score) > tolerance*max(1, math.Abs(w.Score)) {
			f.t.Fatalf("%s: hit %d is %s with score %v, want %s with %v", what, i, g.ID, g.Score, w.ID, w.Score)
		}
		mine, ok := byID[g.ID]
		delete(byID, g.ID) // nothing is found twice
		if !ok || g.ID != w.ID && mine.Score == w.Score && !f.roundedTies {
			f.t.Fatalf("%s: hit %d is %s, want %s (score %v)", what, i, g.ID, w.ID, w.Score)
		}
		if d := gocmp.Diff(mine.Passage, g.Passage, cmpopts.EquateEmpty()); d != "" {
			f.t.Fatalf("%s: hit %d differs (-want +got):\n%s", what, i, d)
		}
	}
}

func ids(hits []retrieve.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, h.ID)
	}
	return out
}

// checkPassages compares every document the suite knows of with the store.
func (f *fixture) checkPassages() {
	f.t.Helper()
	for doc, recs := range f.docs {
		got, err := f.store.Passages(f.ctx, retrieve.NewScope(doc.Collection), doc)
		if err != nil {
			f.t.Fatalf("Passages(%s): %v", doc, err)
		}
		comparePassages(f.t, doc.String(), got, recs)
	}
}

func comparePassages(t *testing.T, what string, got []retrieve.Passage, recs []retrieve.Record) {
	t.Helper()
	var want []retrieve.Passage
	for _, r := range recs {
		want = append(want, r.Passage)
	}
	slices.SortStableFunc(want, func(a, b retrieve.Passage) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	if d := gocmp.Diff(want, got, cmpopts.EquateEmpty()); d != "" {
		t.Fatalf("passages of %s differ (-want +got):\n%s", what, d)
	}
}

func (f *fixture) checkStats(collections ...string) {
	f.t.Helper()
	var want retrieve.Stats
	for doc, recs := range f.docs {
		if slices.Contains(collections, doc.Collection) {
			want.Documents++
			want.Passages += len(recs)
		}
	}
	got, err := f.store.Stats(f.ctx, retrieve.NewScope(collections...))
	if err != nil {
		f.t.Fatalf("Stats: %v", err)
	}
	if got != want {
		f.t.Fatalf("Stats(%v) = %+v, want %+v", collections, got, want)
	}
}

// checkAll compares what All yields with what the suite knows.
func (f *fixture) checkAll(collections ...string) {
	f.t.Helper()
	got := map[ingest.Ref][]retrieve.Passage{}
	var last ingest.Ref
	for p, err := range f.store.All(f.ctx, retrieve.NewScope(collections...)) {
		if err != nil {
			f.t.Fatalf("All: %v", err)
		}
		if p.Doc != last && len(got[p.Doc]) > 0 {
			f.t.Fatalf("All: %s comes in two parts", p.Doc)
		}
		last = p.Doc
		got[p.Doc] = append(got[p.Doc], p)
	}
	for doc, recs := range f.docs {
		if slices.Contains(collections, doc.Collection) {
			comparePassages(f.t, doc.String(), got[doc], recs)
			delete(got, doc)
		}
	}
	if len(got) > 0 {
		f.t.Fatalf("All yields passages that were not expected: %v", got)
	}
}
