package qdrantstore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/qdrant/go-client/qdrant"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// tieRoom is how many more points are asked for than are wanted, so that those
// of the same score as the last can be put in order of ID.
const tieRoom = 32

// Nearest is as in retrieve.Store.
func (s *Store) Nearest(ctx context.Context, v embed.Vector, sel retrieve.Selection) ([]retrieve.Hit, error) {
	if sel.Limit <= 0 {
		return nil, nil
	}
	have, err := s.dimensions(ctx)
	if err == nil && have != 0 && have != len(v) {
		err = fmt.Errorf("question has %d, the index %d: %w", len(v), have, retrieve.ErrDimensions)
	}
	if err != nil || have == 0 {
		return nil, s.fail("search", err)
	}
	hits, err := s.search(ctx, sel, func(string) *qdrant.QueryPoints {
		return &qdrant.QueryPoints{
			Query: qdrant.NewQueryDense(v), Using: new(dense),
			Params: &qdrant.SearchParams{Exact: new(s.opt.Exact)},
		}
	})
	return hits, s.fail("search", err)
}

// errUnsettled is very unlikely: each round leaves out what was replaced during
// the one before.
var errUnsettled = errors.New("documents are replaced faster than they can be searched; try again")

// search asks every collection of the scope, and once more without the
// generations that turned out not to count, until all that is found counts.
// query gives the question for a collection, nil for none.
func (s *Store) search(ctx context.Context, sel retrieve.Selection, query func(collection string) *qdrant.QueryPoints) ([]retrieve.Hit, error) {
	limit, err := s.bound(ctx, sel)
	if err != nil || limit == 0 {
		return nil, err
	}
	stale := map[int64]ingest.Ref{} // generations left out
	for range 20 {
		var found []*qdrant.ScoredPoint
		for _, c := range sel.Scope.Collections() {
			q := query(c)
			if q == nil {
				continue
			}
			q.CollectionName, q.Filter = s.alias(c), filter(sel, stale)
			q.Limit, q.WithPayload = new(uint64(limit+tieRoom)), qdrant.NewWithPayload(true)
			points, err := s.client.Query(ctx, q)
			if err != nil && !absent(err) {
				return nil, err
			}
			found = append(found, points...)
		}
		settled, err := s.settle(ctx, found, stale)
		if err != nil {
			return nil, err
		}
		if settled {
			return hits(found, sel, limit)
		}
	}
	return nil, errUnsettled
}

// bound is the limit, or the number of passages where that is less: Qdrant
// makes room for as many as are asked for.
func (s *Store) bound(ctx context.Context, sel retrieve.Selection) (int, error) {
	if sel.Limit <= 1000 {
		return sel.Limit, nil
	}
	st, err := s.stats(ctx, sel.Scope)
	return min(sel.Limit, st.Passages), err
}

// filter leaves out what AsOf, the Filter of a selection and stale generations do. Qdrant keeps dates to
// the microsecond: the filter errs on the side of what is allowed, and hits
// looks again.
func filter(sel retrieve.Selection, stale map[int64]ingest.Ref) *qdrant.Filter {
	var not []*qdrant.Condition
	if !sel.AsOf.IsZero() {
		at := timestamppb.New(sel.AsOf.Truncate(time.Microsecond))
		not = append(not,
			qdrant.NewDatetimeRange("from", &qdrant.DatetimeRange{Gt: at}),
			qdrant.NewDatetimeRange("until", &qdrant.DatetimeRange{Lt: at}))
	}
	if len(stale) > 0 {
		not = append(not, qdrant.NewMatchInts("gen", slices.Sorted(maps.Keys(stale))...))
	}
	var must []*qdrant.Condition
	for _, g := range sel.Filter.Groups() {
		must = append(must, qdrant.NewMatchKeywords("tags", g...))
	}
	if f := sel.Filter; !f.From.IsZero() || !f.Until.IsZero() {
		r := &qdrant.DatetimeRange{}
		if !f.From.IsZero() {
			r.Gte = timestamppb.New(f.From.Truncate(time.Microsecond))
		}
		if !f.Until.IsZero() {
			r.Lt = timestamppb.New(f.End())
		}
		must = append(must, qdrant.NewDatetimeRange("published", r))
	}
	return &qdrant.Filter{Must: must, MustNot: not}
}

// settle compares generations with heads. It is true if everything found counts
// and nothing that counts was left out; else it has brought stale up to date.
func (s *Store) settle(ctx context.Context, found []*qdrant.ScoredPoint, stale map[int64]ingest.Ref) (bool, error) {
	gens := maps.Clone(stale)
	for _, p := range found {
		h := decodeHead(p.Payload)
		gens[h.gen] = h.ref
	}
	refs := slices.Collect(maps.Values(gens))
	slices.SortFunc(refs, compareRefs)
	heads, err := s.headsOf(ctx, slices.Compact(refs))
	if err != nil {
		return false, err
	}
	settled := true
	for gen, ref := range gens {
		counts := heads[ref].gen == gen
		if _, out := stale[gen]; counts == out {
			settled = false
		}
		if counts {
			delete(stale, gen)
		} else {
			stale[gen] = ref
		}
	}
	return settled, nil
}

func compareRefs(a, b ingest.Ref) int {
	return cmp.Or(strings.Compare(a.Collection, b.Collection), strings.Compare(a.ID, b.ID))
}

func hits(found []*qdrant.ScoredPoint, sel retrieve.Selection, limit int) ([]retrieve.Hit, error) {
	var out []retrieve.Hit
	for _, f := range found {
		p, err := decode(f.Payload)
		if err != nil {
			return nil, err
		}
		if sel.Allows(&p) {
			out = append(out, retrieve.Hit{Passage: p, Score: float64(f.Score)})
		}
	}
	slices.SortFunc(out, func(a, b retrieve.Hit) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.ID, b.ID))
	})
	return out[:min(len(out), limit)], nil
}

// Match is as in retrieve.Store.
func (s *Store) Match(ctx context.Context, q retrieve.Terms, sel retrieve.Selection) ([]retrieve.Hit, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	if sel.Limit <= 0 || len(q) == 0 {
		return nil, nil
	}
	indices, values := sparseVector(q)
	weights, err := s.evenOut(ctx, sel.Scope.Collections(), indices, values)
	if err != nil {
		return nil, s.fail("search", err)
	}
	found, err := s.search(ctx, sel, func(collection string) *qdrant.QueryPoints {
		return &qdrant.QueryPoints{Query: qdrant.NewQuerySparse(indices, weights[collection]), Using: new(sparse)}
	})
	return found, s.fail("search", err)
}

// evenOut gives the weights of a question per collection. Qdrant multiplies
// each with the idf of the collection; in a scope of several the idf of the
// whole scope is owed, so the weights make up for the difference. That takes a
// request more per collection; one collection takes none.
func (s *Store) evenOut(ctx context.Context, collections []string, indices []uint32, values []float32) (map[string][]float32, error) {
	out := make(map[string][]float32, len(collections))
	if len(collections) < 2 {
		for _, c := range collections {
			out[c] = values
		}
		return out, nil
	}
	idf := map[string][]float64{}
	passages, holding := 0, make([]float64, len(indices))
	for _, c := range collections {
		n, local, err := s.idf(ctx, c, indices)
		if err != nil {
			return nil, err
		}
		passages += n
		idf[c] = local
		for i, x := range local {
			if x > 0 { // idf = ln(1 + (N-n+0.5)/(n+0.5)) = ln((N+1)/(n+0.5))
				holding[i] += math.Round(float64(n+1)/math.Exp(x) - 0.5)
			}
		}
	}
	for _, c := range collections {
		weights := slices.Clone(values)
		for i, x := range idf[c] {
			if x > 0 {
				weights[i] = float32(float64(values[i]) * retrieve.IDF(passages, int(holding[i])) / x)
			}
		}
		out[c] = weights
	}
	return out, nil
}

// idf finds out the number of passages of a collection and the idf that Qdrant
// gives to terms, 0 where no passage holds them: the best passage for a term
// alone scores its weight times the idf.
func (s *Store) idf(ctx context.Context, collection string, indices []uint32) (passages int, out []float64, err error) {
	out = make([]float64, len(indices))
	alias := s.alias(collection)
	n, err := s.client.Count(ctx, &qdrant.CountPoints{CollectionName: alias, Exact: new(true)})
	if absent(err) || err == nil && n == 0 {
		return 0, out, nil
	}
	if err != nil {
		return 0, nil, err
	}
	var probes []*qdrant.QueryPoints
	for _, i := range indices {
		probes = append(probes, &qdrant.QueryPoints{
			CollectionName: alias, Query: qdrant.NewQuerySparse([]uint32{i}, []float32{1}), Using: new(sparse),
			Limit: new(uint64(1)), WithVectors: qdrant.NewWithVectorsInclude(sparse),
		})
	}
	answers, err := s.client.QueryBatch(ctx, &qdrant.QueryBatchPoints{CollectionName: alias, QueryPoints: probes})
	if err != nil {
		return 0, nil, err
	}
	if len(answers) != len(indices) {
		return 0, nil, fmt.Errorf("%d answers to %d questions", len(answers), len(indices))
	}
	for i, a := range answers {
		for _, p := range a.Result {
			if w := weightOf(p.Vectors, indices[i]); w != 0 {
				out[i] = float64(p.Score) / w
			}
		}
	}
	return int(n), out, nil
}

// weightOf is the weight of a dimension in the sparse vector of a point.
func weightOf(v *qdrant.VectorsOutput, dimension uint32) float64 {
	indices, values := sparseOf(v)
	if i, ok := slices.BinarySearch(indices, dimension); ok {
		return float64(values[i])
	}
	return 0
}

func sparseOf(v *qdrant.VectorsOutput) ([]uint32, []float32) {
	s := v.GetVectors().GetVectors()[sparse].GetSparse()
	return s.GetIndices(), s.GetValues()
}
