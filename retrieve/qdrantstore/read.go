package qdrantstore

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"

	"github.com/qdrant/go-client/qdrant"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// page is how many points one answer holds.
const page = 256

// scroll yields the points of a collection that a filter selects; none if the
// collection is not there.
func (s *Store) scroll(ctx context.Context, collection string, f *qdrant.Filter, withVectors bool) iter.Seq2[*qdrant.RetrievedPoint, error] {
	return func(yield func(*qdrant.RetrievedPoint, error) bool) {
		req := &qdrant.ScrollPoints{
			CollectionName: collection, Filter: f, Limit: new(uint32(page)),
			WithPayload: qdrant.NewWithPayload(true), WithVectors: qdrant.NewWithVectors(withVectors),
		}
		for {
			points, next, err := s.client.ScrollAndOffset(ctx, req)
			if absent(err) {
				return
			}
			if err != nil {
				yield(nil, err)
				return
			}
			for _, p := range points {
				if !yield(p, nil) {
					return
				}
			}
			if next == nil {
				return
			}
			req.Offset = next
		}
	}
}

// Passages is as in retrieve.Store.
func (s *Store) Passages(ctx context.Context, scope retrieve.Scope, doc ingest.Ref) ([]retrieve.Passage, error) {
	if !scope.Allows(doc.Collection) {
		return nil, nil
	}
	ps, err := s.passages(ctx, doc)
	return ps, s.fail("read "+doc.String(), err)
}

// passages reads the generation that counts. If it is incomplete it was
// replaced while it was read, and the next is read.
func (s *Store) passages(ctx context.Context, doc ingest.Ref) ([]retrieve.Passage, error) {
	for range 20 {
		heads, err := s.headsOf(ctx, []ingest.Ref{doc})
		h, ok := heads[doc]
		if err != nil || !ok {
			return nil, err
		}
		var out []retrieve.Passage
		f := &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeyword("doc", doc.ID), qdrant.NewMatchInt("gen", h.gen)}}
		for p, err := range s.scroll(ctx, s.alias(doc.Collection), f, false) {
			if err != nil {
				return nil, err
			}
			passage, err := decode(p.Payload)
			if err != nil {
				return nil, err
			}
			out = append(out, passage)
		}
		if len(out) == h.passages {
			slices.SortFunc(out, func(a, b retrieve.Passage) int {
				return cmp.Or(cmp.Compare(a.Ordinal, b.Ordinal), strings.Compare(a.ID, b.ID))
			})
			return out, nil
		}
	}
	return nil, errUnsettled
}

// All is as in retrieve.Store, documents ordered by reference. Each document is
// whole; those that are written while the iteration runs may or may not be in it.
func (s *Store) All(ctx context.Context, scope retrieve.Scope) iter.Seq2[retrieve.Passage, error] {
	return func(yield func(retrieve.Passage, error) bool) {
		refs, err := s.documents(ctx, scope)
		if err != nil {
			yield(retrieve.Passage{}, s.fail("list documents", err))
			return
		}
		for _, doc := range refs {
			ps, err := s.passages(ctx, doc)
			if err != nil {
				yield(retrieve.Passage{}, s.fail("read "+doc.String(), err))
				return
			}
			for _, p := range ps {
				if !yield(p, nil) {
					return
				}
			}
		}
	}
}

func inScope(scope retrieve.Scope) *qdrant.Filter {
	return &qdrant.Filter{Must: []*qdrant.Condition{qdrant.NewMatchKeywords("collection", scope.Collections()...)}}
}

func (s *Store) documents(ctx context.Context, scope retrieve.Scope) ([]ingest.Ref, error) {
	if len(scope.Collections()) == 0 {
		return nil, nil
	}
	var refs []ingest.Ref
	for p, err := range s.scroll(ctx, s.heads(), inScope(scope), false) {
		if err != nil {
			return nil, err
		}
		refs = append(refs, decodeHead(p.Payload).ref)
	}
	slices.SortFunc(refs, compareRefs)
	return refs, nil
}

// Stats is as in retrieve.Store.
func (s *Store) Stats(ctx context.Context, scope retrieve.Scope) (retrieve.Stats, error) {
	st, err := s.stats(ctx, scope)
	return st, s.fail("count", err)
}

func (s *Store) stats(ctx context.Context, scope retrieve.Scope) (retrieve.Stats, error) {
	var st retrieve.Stats
	if len(scope.Collections()) == 0 {
		return st, nil
	}
	n, err := s.client.Count(ctx, &qdrant.CountPoints{CollectionName: s.heads(), Filter: inScope(scope), Exact: new(true)})
	if err != nil {
		return st, err
	}
	st.Documents = int(n)
	for _, c := range scope.Collections() {
		n, err := s.client.Count(ctx, &qdrant.CountPoints{CollectionName: s.alias(c), Exact: new(true)})
		if err != nil && !absent(err) {
			return st, err
		}
		st.Passages += int(n)
	}
	return st, nil
}

// Reweigh is as in retrieve.Store: it fills new collections, switches all
// aliases to them in one step, and deletes the old ones. Nothing may be written
// meanwhile.
func (s *Store) Reweigh(ctx context.Context, terms func(*retrieve.Passage) retrieve.Terms) error {
	return s.fail("reweigh", s.reweigh(ctx, terms))
}

func (s *Store) reweigh(ctx context.Context, terms func(*retrieve.Passage) retrieve.Terms) error {
	targets, err := s.targets(ctx)
	if err != nil || len(targets) == 0 {
		return err
	}
	dims, err := s.dimensions(ctx)
	if err != nil {
		return err
	}
	var actions []*qdrant.AliasOperations
	var made []string
	drop := func(names []string) error {
		for _, name := range names {
			if err := s.client.DeleteCollection(context.WithoutCancel(ctx), name); err != nil {
				return err
			}
		}
		return nil
	}
	var old []string
	for alias, from := range targets {
		to, err := successor(alias, from)
		if err != nil {
			return err
		}
		// One may be left of a Reweigh that was cut short.
		if ok, err := s.client.CollectionExists(ctx, to); err != nil {
			return err
		} else if ok {
			if err := drop([]string{to}); err != nil {
				return err
			}
		}
		made, old = append(made, to), append(old, from)
		if err := s.copy(ctx, from, to, dims, terms); err != nil {
			drop(made) // what matters is why the copy failed; the next Reweigh drops them too
			return err
		}
		actions = append(actions, qdrant.NewAliasDelete(alias), qdrant.NewAliasCreate(alias, to))
	}
	if err := s.client.UpdateAliases(ctx, actions); err != nil {
		return err
	}
	return drop(old)
}

// successor numbers the collections behind an alias.
func successor(alias, from string) (string, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(from, alias+"-"))
	if err != nil {
		return "", fmt.Errorf("alias %s leads to %s, which we did not make", alias, from)
	}
	return fmt.Sprintf("%s-%d", alias, n+1), nil
}

// copy copies a collection with new terms.
func (s *Store) copy(ctx context.Context, from, to string, dims int, terms func(*retrieve.Passage) retrieve.Terms) error {
	if err := s.createPassages(ctx, to, dims); err != nil {
		return err
	}
	var points []*qdrant.PointStruct
	flush := func() error {
		if len(points) == 0 {
			return nil
		}
		err := s.upsert(ctx, to, points)
		points = points[:0]
		return err
	}
	for p, err := range s.scroll(ctx, from, nil, true) {
		if err != nil {
			return err
		}
		passage, err := decode(p.Payload)
		if err != nil {
			return err
		}
		ts := terms(&passage)
		if err := ts.Check(); err != nil {
			return fmt.Errorf("%s: passage %s: %w", passage.Doc, passage.ID, err)
		}
		v := p.Vectors.GetVectors().GetVectors()[dense].GetDense().GetData()
		points = append(points, &qdrant.PointStruct{Id: p.Id, Payload: p.Payload, Vectors: vectors(v, ts)})
		if len(points) == batch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}
