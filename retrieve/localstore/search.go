package localstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"runtime"
	"strconv"
	"sync"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Nearest is as in retrieve.Store: a scan of every vector in the scope.
func (s *Store) Nearest(ctx context.Context, v embed.Vector, sel retrieve.Selection) ([]retrieve.Hit, error) {
	if sel.Limit <= 0 {
		return nil, nil
	}
	var hits []retrieve.Hit
	err := s.inside(ctx, func(tx *sql.Tx, snap *snapshot) (err error) {
		if snap.dims != 0 && snap.dims != len(v) {
			return fmt.Errorf("question has %d, the index %d: %w", len(v), snap.dims, retrieve.ErrDimensions)
		}
		pass, err := s.passes(ctx, tx, sel.Filter)
		if err != nil {
			return err
		}
		hits, err = s.read(ctx, tx, snap.nearest(v, sel, s.workers(), pass))
		return err
	})
	return hits, s.fail("search", err)
}

func (s *Store) workers() int {
	if s.opt.Workers > 0 {
		return s.opt.Workers
	}
	return min(4, runtime.GOMAXPROCS(0))
}

// Match is as in retrieve.Store.
func (s *Store) Match(ctx context.Context, q retrieve.Terms, sel retrieve.Selection) ([]retrieve.Hit, error) {
	if err := q.Check(); err != nil {
		return nil, err
	}
	if sel.Limit <= 0 || len(q) == 0 {
		return nil, nil
	}
	var hits []retrieve.Hit
	err := s.inside(ctx, func(tx *sql.Tx, snap *snapshot) error {
		terms, err := s.numbers(ctx, tx, q)
		if err != nil {
			return err
		}
		pass, err := s.passes(ctx, tx, sel.Filter)
		if err != nil {
			return err
		}
		hits, err = s.read(ctx, tx, snap.match(terms, sel, pass))
		return err
	})
	return hits, s.fail("search", err)
}

// term is a token of a question by its number.
type term struct {
	token  uint32
	weight float64
}

// numbers looks up the tokens of a question; those that no passage ever held
// are left out.
func (s *Store) numbers(ctx context.Context, tx *sql.Tx, q retrieve.Terms) ([]term, error) {
	lookup := tx.StmtContext(ctx, s.stmts.token)
	var out []term
	for _, t := range q {
		var num uint32
		err := lookup.QueryRowContext(ctx, t.Token).Scan(&num)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, term{num, float64(t.Weight)})
	}
	return out, nil
}

// read makes hits of slots.
func (s *Store) read(ctx context.Context, tx *sql.Tx, fs []found) ([]retrieve.Hit, error) {
	if len(fs) == 0 {
		return nil, nil
	}
	place := make(map[int64]int, len(fs))
	list := []byte{'['}
	for i, f := range fs {
		row := f.seg.rows[f.slot]
		place[row] = i
		if i > 0 {
			list = append(list, ',')
		}
		list = strconv.AppendInt(list, row, 10)
	}
	ps, err := readPassages(tx.StmtContext(ctx, s.stmts.hits).QueryContext(ctx, string(append(list, ']'))))
	if err != nil {
		return nil, err
	}
	if len(ps) != len(fs) {
		return nil, fmt.Errorf("%d of %d passages that were found are not there: %w", len(fs)-len(ps), len(fs), ErrDamaged)
	}
	hits := make([]retrieve.Hit, len(fs))
	for i := range ps {
		at := place[ps[i].row]
		hits[at] = retrieve.Hit{Passage: ps[i].Passage, Score: fs[at].score}
	}
	return hits, nil
}

// within lists the parts a selection may read.
func (sn *snapshot) within(scope retrieve.Scope) (ps []part, live int) {
	for _, c := range scope.Collections() {
		for _, p := range sn.parts[c] {
			ps = append(ps, p)
			live += p.live
		}
	}
	return ps, live
}

// passing reports whether a filter lets a slot through; nil lets all through.
type passing func(p part, slot int) bool

// always is the moment at which every passage counts as current.
const always = math.MinInt64

func asOf(sel retrieve.Selection) int64 {
	if sel.AsOf.IsZero() {
		return always
	}
	return max(nanos(sel.AsOf), always+1)
}

// chunkSize is how many slots a worker scans at a time.
const chunkSize = 4096

func (sn *snapshot) nearest(v embed.Vector, sel retrieve.Selection, workers int, pass passing) []found {
	parts, live := sn.within(sel.Scope)
	limit, at := min(sel.Limit, live), asOf(sel)
	if limit == 0 {
		return nil
	}
	type job struct {
		part
		first, end int
	}
	var jobs []job
	for _, p := range parts {
		for first := 0; first < len(p.docs); first += chunkSize {
			jobs = append(jobs, job{p, first, min(first+chunkSize, len(p.docs))})
		}
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	total := best{limit: limit}
	work := func() {
		mine := best{limit: limit}
		for {
			mu.Lock()
			if len(jobs) == 0 {
				for _, f := range mine.heap {
					total.show(f)
				}
				mu.Unlock()
				return
			}
			j := jobs[0]
			jobs = jobs[1:]
			mu.Unlock()
			j.scan(v, j.first, j.end, at, pass, &mine)
		}
	}
	for range min(workers, len(jobs)) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return total.sorted()
}

// scan shows the slots from first to end to b.
func (p part) scan(v embed.Vector, first, end int, at int64, pass passing, b *best) {
	for slot := first; slot < end; slot++ {
		if p.gone.has(slot) || at != always && !p.current(slot, at) || pass != nil && !pass(p, slot) {
			continue
		}
		score := float64(embed.Dot(v, p.vector(slot)))
		if len(b.heap) < b.limit || score >= b.heap[0].score {
			b.show(found{score, p.segment, slot})
		}
	}
}

func (sn *snapshot) match(q []term, sel retrieve.Selection, pass passing) []found {
	parts, live := sn.within(sel.Scope)
	limit, at := min(sel.Limit, live), asOf(sel)
	if limit == 0 {
		return nil
	}
	weights := make([]float64, len(q))
	for i, t := range q {
		holding := 0
		for _, p := range parts {
			holding += p.holding(t.token)
		}
		weights[i] = t.weight * retrieve.IDF(live, holding)
	}
	b := best{limit: limit}
	for _, p := range parts {
		p.match(q, weights, at, pass, &b)
	}
	return b.sorted()
}

// holding counts the passages that hold a token.
func (p part) holding(token uint32) int {
	list := p.list(token)
	if p.gone == nil {
		return len(list)
	}
	n := 0
	for _, e := range list {
		if !p.gone.has(int(e.slot)) {
			n++
		}
	}
	return n
}

// match adds up the scores of a part, a term at a time, and shows them to b.
func (p part) match(q []term, weights []float64, at int64, pass passing, b *best) {
	scores, seen := make([]float64, len(p.docs)), newBitmap(len(p.docs))
	for i, t := range q {
		w := weights[i]
		for _, e := range p.list(t.token) {
			scores[e.slot] += w * float64(e.weight)
			seen.set(int(e.slot))
		}
	}
	for slot := range seen.all() {
		if p.gone.has(slot) || at != always && !p.current(slot, at) || pass != nil && !pass(p, slot) {
			continue
		}
		if score := scores[slot]; len(b.heap) < b.limit || score >= b.heap[0].score {
			b.show(found{score, p.segment, slot})
		}
	}
}
