// Package memstore is the reference implementation of retrieve.Store and
// retrieve.Ledger: everything in memory, every search a full scan, nothing
// clever. The other stores are held against it. It never writes to disk.
package memstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Store keeps passages and ledger in memory. Records given to it must not be
// changed afterwards.
type Store struct {
	ledger
	mu   sync.RWMutex
	docs map[ingest.Ref][]retrieve.Record // in order
}

var (
	_ retrieve.Store  = (*Store)(nil)
	_ retrieve.Ledger = (*Store)(nil)
)

// New returns an empty store.
func New() *Store {
	return &Store{docs: map[ingest.Ref][]retrieve.Record{}, ledger: newLedger()}
}

// Close does nothing: the store stays usable.
func (s *Store) Close() error { return nil }

// Replace is as in retrieve.Store.
func (s *Store) Replace(ctx context.Context, doc ingest.Ref, recs []retrieve.Record) error {
	dims, err := retrieve.CheckRecords(doc, recs)
	if err != nil {
		return err
	}
	recs = slices.Clone(recs)
	slices.SortStableFunc(recs, func(a, b retrieve.Record) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if have, ok := s.dimensions(); ok && have != dims {
		return fmt.Errorf("%s: %d, the store has %d: %w", doc, dims, have, retrieve.ErrDimensions)
	}
	s.docs[doc] = recs
	return nil
}

// dimensions of the vectors in the store; false if it is empty.
func (s *Store) dimensions() (int, bool) {
	for _, recs := range s.docs {
		return len(recs[0].Vector), true
	}
	return 0, false
}

// Delete is as in retrieve.Store.
func (s *Store) Delete(ctx context.Context, docs ...ingest.Ref) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range docs {
		delete(s.docs, d)
	}
	return nil
}

// Nearest is as in retrieve.Store.
func (s *Store) Nearest(ctx context.Context, v embed.Vector, sel retrieve.Selection) ([]retrieve.Hit, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if have, ok := s.dimensions(); ok && have != len(v) {
		return nil, fmt.Errorf("question has %d, the store %d: %w", len(v), have, retrieve.ErrDimensions)
	}
	var hits []retrieve.Hit
	for r := range s.records(sel.Scope) {
		if sel.Allows(&r.Passage) {
			hits = append(hits, retrieve.Hit{Passage: r.Passage, Score: float64(embed.Dot(v, r.Vector))})
		}
	}
	return best(hits, sel.Limit), nil
}

// Match is as in retrieve.Store.
func (s *Store) Match(ctx context.Context, q retrieve.Terms, sel retrieve.Selection) ([]retrieve.Hit, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	passages, holding := 0, map[string]int{}
	for r := range s.records(sel.Scope) {
		passages++
		for _, t := range r.Terms {
			holding[t.Token]++
		}
	}
	var hits []retrieve.Hit
	for r := range s.records(sel.Scope) {
		score, shares := 0.0, false
		for _, t := range q {
			if i, ok := slices.BinarySearchFunc(r.Terms, t.Token, byToken); ok {
				shares = true
				score += float64(t.Weight) * float64(r.Terms[i].Weight) * retrieve.IDF(passages, holding[t.Token])
			}
		}
		if shares && sel.Allows(&r.Passage) {
			hits = append(hits, retrieve.Hit{Passage: r.Passage, Score: score})
		}
	}
	return best(hits, sel.Limit), nil
}

func byToken(t retrieve.Term, token string) int { return strings.Compare(t.Token, token) }

// best sorts hits and keeps the first limit.
func best(hits []retrieve.Hit, limit int) []retrieve.Hit {
	slices.SortFunc(hits, func(a, b retrieve.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return hits[:min(max(limit, 0), len(hits))]
}

// records yields the records of a scope, ordered by document. The caller holds
// the lock.
func (s *Store) records(scope retrieve.Scope) iter.Seq[*retrieve.Record] {
	return func(yield func(*retrieve.Record) bool) {
		for _, doc := range s.refs(scope) {
			for i := range s.docs[doc] {
				if !yield(&s.docs[doc][i]) {
					return
				}
			}
		}
	}
}

func (s *Store) refs(scope retrieve.Scope) []ingest.Ref {
	var refs []ingest.Ref
	for d := range s.docs {
		if scope.Allows(d.Collection) {
			refs = append(refs, d)
		}
	}
	slices.SortFunc(refs, func(a, b ingest.Ref) int {
		return cmp.Or(strings.Compare(a.Collection, b.Collection), strings.Compare(a.ID, b.ID))
	})
	return refs
}

// Passages is as in retrieve.Store.
func (s *Store) Passages(ctx context.Context, scope retrieve.Scope, doc ingest.Ref) ([]retrieve.Passage, error) {
	if !scope.Allows(doc.Collection) {
		return nil, nil
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []retrieve.Passage
	for _, r := range s.docs[doc] {
		out = append(out, r.Passage)
	}
	return out, nil
}

// All yields the passages as they are when the iteration begins, documents
// ordered by reference.
func (s *Store) All(ctx context.Context, scope retrieve.Scope) iter.Seq2[retrieve.Passage, error] {
	return func(yield func(retrieve.Passage, error) bool) {
		s.mu.RLock()
		var all []retrieve.Passage
		for r := range s.records(scope) {
			all = append(all, r.Passage)
		}
		s.mu.RUnlock()
		for _, p := range all {
			if err := ctx.Err(); err != nil {
				yield(retrieve.Passage{}, err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// Reweigh is as in retrieve.Store; terms must not call the store.
func (s *Store) Reweigh(ctx context.Context, terms func(*retrieve.Passage) retrieve.Terms) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	docs := make(map[ingest.Ref][]retrieve.Record, len(s.docs))
	for ref, recs := range s.docs {
		recs = slices.Clone(recs)
		for i := range recs {
			t := terms(&recs[i].Passage)
			if err := t.Check(); err != nil {
				return fmt.Errorf("%s: passage %s: %w", ref, recs[i].ID, err)
			}
			recs[i].Terms = t
		}
		docs[ref] = recs
	}
	s.docs = docs
	return nil
}

// Stats is as in retrieve.Store.
func (s *Store) Stats(ctx context.Context, scope retrieve.Scope) (retrieve.Stats, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var st retrieve.Stats
	for _, d := range s.refs(scope) {
		st.Documents++
		st.Passages += len(s.docs[d])
	}
	return st, nil
}
