package localstore

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// index holds the newest snapshot. Readers take it without a lock; one at a
// time brings it up to date.
type index struct {
	newest atomic.Pointer[snapshot]
	mu     sync.Mutex
}

// forget frees the memory; the next search loads it again.
func (ix *index) forget() { ix.newest.Store(nil) }

// snapshot is the search structure of one state of the file. It is immutable:
// what changes makes a new one that shares what stayed the same.
type snapshot struct {
	change, epoch int64
	lastDoc       int64 // highest numbers that were seen
	lastRow       int64
	lastGone      int64
	dims          int // of the vectors; 0 while there are none
	parts         map[string][]part
}

// part is a segment with what has gone from it.
type part struct {
	*segment
	gone bitmap // of slots; nil while nothing has
	live int
}

// inside runs f in a read transaction with the snapshot of exactly the state
// that the transaction sees.
func (s *Store) inside(ctx context.Context, f func(*sql.Tx, *snapshot) error) error {
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		done, err := s.tryInside(ctx, f)
		if done || err != nil {
			return err
		}
	}
}

// tryInside is false if another search has taken the index past the state that
// this one began with; beginning again is all that is needed then.
func (s *Store) tryInside(ctx context.Context, f func(*sql.Tx, *snapshot) error) (bool, error) {
	tx, err := s.readers.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() // it only reads: this is how it ends
	var change, epoch int64
	if err := tx.StmtContext(ctx, s.stmts.state).QueryRowContext(ctx).Scan(&change, &epoch); err != nil {
		return false, err
	}
	snap := s.index.newest.Load()
	if snap == nil || snap.change < change {
		if snap, err = s.catchUp(ctx, tx, change, epoch); err != nil {
			return false, err
		}
	}
	if snap.change != change {
		return false, nil
	}
	return true, f(tx, snap)
}

// catchUp makes the snapshot of the state that tx sees and keeps it as the
// newest, unless there is a newer one already: then it returns that.
func (s *Store) catchUp(ctx context.Context, tx *sql.Tx, change, epoch int64) (*snapshot, error) {
	s.index.mu.Lock()
	defer s.index.mu.Unlock()
	old := s.index.newest.Load()
	if old != nil && old.change >= change {
		return old, nil
	}
	began := time.Now()
	if old == nil || old.epoch != epoch {
		// The old one is let go before the new one is built, so that memory never
		// holds both; searches that still run keep theirs as long as they need it.
		old = &snapshot{}
		s.index.forget()
	}
	snap := &snapshot{
		change: change, epoch: epoch, lastDoc: old.lastDoc, lastRow: old.lastRow, lastGone: old.lastGone,
		dims: old.dims, parts: make(map[string][]part, len(old.parts)),
	}
	for c, ps := range old.parts {
		snap.parts[c] = slices.Clone(ps)
	}
	if err := snap.removeGone(ctx, tx); err != nil {
		return nil, err
	}
	added, err := snap.addNew(ctx, tx)
	if err != nil {
		return nil, err
	}
	for c := range snap.parts {
		snap.tidy(c)
	}
	s.index.newest.Store(snap)
	if d := time.Since(began); d > time.Second {
		s.opt.Log.Info("index loaded into memory", "file", s.path, "passages", added, "seconds", d.Seconds())
	}
	return snap, nil
}

// removeGone marks the slots of documents that were replaced or deleted.
func (sn *snapshot) removeGone(ctx context.Context, tx *sql.Tx) error {
	rows, err := tx.QueryContext(ctx, `SELECT seq, doc FROM gone WHERE seq > ? ORDER BY seq`, sn.lastGone)
	if err != nil {
		return err
	}
	defer rows.Close()
	var docs []int64
	for rows.Next() {
		var doc int64
		if err := rows.Scan(&sn.lastGone, &doc); err != nil {
			return err
		}
		if doc <= sn.lastDoc { // else it came and went unseen
			docs = append(docs, doc)
		}
	}
	if err := rows.Err(); err != nil || len(docs) == 0 {
		return err
	}
	for _, ps := range sn.parts {
		for i := range ps {
			ps[i] = ps[i].without(docs)
		}
	}
	return nil
}

// without is the part with the documents gone.
func (p part) without(docs []int64) part {
	cloned := false
	for _, doc := range docs {
		first, _ := slices.BinarySearch(p.docs, doc)
		for slot := first; slot < len(p.docs) && p.docs[slot] == doc; slot++ {
			if !cloned {
				p.gone, cloned = p.gone.clone(len(p.docs)), true
			}
			p.gone.set(slot)
			p.live--
		}
	}
	return p
}

// addNew reads the documents that came after the last one that was seen, into
// a new segment per collection. It returns the number of their passages.
func (sn *snapshot) addNew(ctx context.Context, tx *sql.Tx) (int, error) {
	docs, builders, err := sn.readNew(ctx, tx)
	if err != nil || len(docs) == 0 {
		return 0, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT row, doc, lo, hi, id, vector, terms FROM search WHERE row > ? ORDER BY row`, sn.lastRow)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	added, at := 0, 0
	for ; rows.Next(); added++ {
		var e element
		if err := rows.Scan(&e.row, &e.doc, &e.lo, &e.hi, &e.id, &e.vector, &e.terms); err != nil {
			return 0, err
		}
		for at < len(docs) && docs[at].num < e.doc {
			at++
		}
		if at == len(docs) || docs[at].num != e.doc {
			return 0, fmt.Errorf("passage %d is of document %d, which is not there: %w", e.row, e.doc, ErrDamaged)
		}
		if sn.dims == 0 {
			sn.dims = len(e.vector) / 4
		}
		b := builders[docs[at].collection]
		if b.dims = sn.dims; len(e.vector) != 4*sn.dims || len(e.terms)%8 != 0 {
			return 0, fmt.Errorf("vector or terms of passage %d: %w", e.row, ErrDamaged)
		}
		b.add(&e)
		sn.lastRow = e.row
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	sn.lastDoc = docs[len(docs)-1].num
	for c, b := range builders {
		seg := b.build()
		sn.parts[c] = append(sn.parts[c], part{segment: seg, live: len(seg.docs)})
	}
	return added, nil
}

type newDoc struct {
	num        int64
	collection string
}

// readNew lists the documents that are new to the snapshot, ordered by number,
// and makes a builder of the right size for each of their collections.
func (sn *snapshot) readNew(ctx context.Context, tx *sql.Tx) ([]newDoc, map[string]*builder, error) {
	rows, err := tx.QueryContext(ctx, `SELECT num, collection, passages, terms FROM docs WHERE num > ? ORDER BY num`, sn.lastDoc)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	var docs []newDoc
	builders := map[string]*builder{}
	for rows.Next() {
		var d newDoc
		var passages, terms int
		if err := rows.Scan(&d.num, &d.collection, &passages, &terms); err != nil {
			return nil, nil, err
		}
		b := builders[d.collection]
		if b == nil {
			b = &builder{}
			builders[d.collection] = b
		} else if n := len(docs); n > 0 {
			d.collection = b.name // one string for all
		}
		b.name = d.collection
		b.slots += passages
		b.postings += terms
		docs = append(docs, d)
	}
	return docs, builders, rows.Err()
}

// tidy merges the segments of a collection so that there are few of them and
// none is mostly empty: each has more than twice the passages of the next, which
// costs every passage a logarithmic number of copies.
func (sn *snapshot) tidy(collection string) {
	var out []part
	for _, p := range sn.parts[collection] {
		if p.live == 0 {
			continue
		}
		if p.live < len(p.docs)/2 {
			p = merge(p)
		}
		out = append(out, p)
		for n := len(out); n > 1 && out[n-2].live <= 2*out[n-1].live; n = len(out) {
			out = append(out[:n-2], merge(out[n-2], out[n-1]))
		}
	}
	if len(out) == 0 {
		delete(sn.parts, collection)
		return
	}
	sn.parts[collection] = out
}
