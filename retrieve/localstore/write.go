package localstore

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Replace is as in retrieve.Store.
func (s *Store) Replace(ctx context.Context, doc ingest.Ref, recs []retrieve.Record) error {
	dims, err := retrieve.CheckRecords(doc, recs)
	if err != nil {
		return err
	}
	recs = slices.Clone(recs)
	slices.SortStableFunc(recs, func(a, b retrieve.Record) int { return cmp.Compare(a.Ordinal, b.Ordinal) })
	var fresh map[string]uint32
	err = s.write(ctx, s.writer, func(tx *sql.Tx) error {
		if err := checkDimensions(ctx, tx, dims); err != nil {
			return err
		}
		if _, err := remove(ctx, tx, doc); err != nil {
			return err
		}
		fresh, err = s.insert(ctx, tx, doc, recs)
		if err != nil {
			return err
		}
		return bump(ctx, tx)
	}, func() { maps.Copy(s.dict.nums, fresh) })
	return s.fail("write "+doc.String(), err)
}

// checkDimensions compares with any vector in the store.
func checkDimensions(ctx context.Context, tx *sql.Tx, dims int) error {
	var size int
	err := tx.QueryRowContext(ctx, `SELECT length(vector) FROM search LIMIT 1`).Scan(&size)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil && size/4 != dims {
		return fmt.Errorf("%d, the index has %d: %w", dims, size/4, retrieve.ErrDimensions)
	}
	return err
}

// remove deletes a document; false if there is none.
func remove(ctx context.Context, tx *sql.Tx, doc ingest.Ref) (bool, error) {
	var num int64
	err := tx.QueryRowContext(ctx, `SELECT num FROM docs WHERE collection = ? AND id = ?`, doc.Collection, doc.ID).Scan(&num)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, q := range []string{
		`DELETE FROM search WHERE row IN (SELECT row FROM passages WHERE doc = ?)`,
		`DELETE FROM passages WHERE doc = ?`,
		`DELETE FROM docs WHERE num = ?`,
		`INSERT INTO gone (doc) VALUES (?)`,
	} {
		if _, err := tx.ExecContext(ctx, q, num); err != nil {
			return false, err
		}
	}
	return true, nil
}

// keepGone is how many removed documents are remembered, at least, for readers
// to catch up with; one that is further behind begins anew.
const keepGone = 1 << 16

// bump tells readers that passages have changed.
func bump(ctx context.Context, tx *sql.Tx) error {
	var gone int64
	err := tx.QueryRowContext(ctx, `SELECT coalesce(max(seq) - min(seq), 0) FROM gone`).Scan(&gone)
	if err != nil {
		return err
	}
	if gone > 2*keepGone {
		return newEpoch(ctx, tx)
	}
	_, err = tx.ExecContext(ctx, `UPDATE state SET change = change + 1`)
	return err
}

// newEpoch makes every reader load the index anew.
func newEpoch(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM gone; UPDATE state SET change = change + 1, epoch = epoch + 1`)
	return err
}

// insert writes a document that is not there; it returns the tokens it met that
// the dictionary did not know.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, doc ingest.Ref, recs []retrieve.Record) (map[string]uint32, error) {
	if err := s.dict.load(ctx, tx); err != nil {
		return nil, err
	}
	terms := 0
	for i := range recs {
		terms += len(recs[i].Terms)
	}
	info, err := marshalInfo(recs[0].Info)
	if err != nil {
		return nil, err
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO docs (collection, id, passages, terms, info) VALUES (?, ?, ?, ?, ?)`,
		doc.Collection, doc.ID, len(recs), terms, info)
	if err != nil {
		return nil, err
	}
	num, err := res.LastInsertId()
	if err != nil {
		return nil, err
	}
	passage, err := tx.PrepareContext(ctx, `INSERT INTO passages
		(doc, ordinal, id, start, stop, page, anchor, heading, info, context, text) VALUES (?,?,?,?,?,?,?,?,?,?,?)`)
	if err != nil {
		return nil, err
	}
	defer passage.Close()
	search, err := tx.PrepareContext(ctx, `INSERT INTO search (row, doc, lo, hi, id, vector, terms) VALUES (?,?,?,?,?,?,?)`)
	if err != nil {
		return nil, err
	}
	defer search.Close()
	fresh := map[string]uint32{}
	for i := range recs {
		r := &recs[i]
		heading, err := json.Marshal(r.Heading)
		if err != nil {
			return nil, err
		}
		own, err := marshalInfo(r.Info)
		if err != nil {
			return nil, err
		}
		if string(own) == string(info) {
			own = []byte{}
		}
		res, err := passage.ExecContext(ctx, num, r.Ordinal, r.ID, r.Start, r.End, r.Page, r.Anchor, heading, own, r.Context, r.Text)
		if err != nil {
			return nil, err
		}
		row, err := res.LastInsertId()
		if err != nil {
			return nil, err
		}
		packed, err := s.dict.pack(ctx, tx, r.Terms, fresh)
		if err != nil {
			return nil, err
		}
		lo, hi := span(&r.Info)
		if _, err := search.ExecContext(ctx, row, num, lo, hi, r.ID, packVector(r.Vector), packed); err != nil {
			return nil, err
		}
	}
	return fresh, nil
}

// Delete is as in retrieve.Store; it is one transaction.
func (s *Store) Delete(ctx context.Context, docs ...ingest.Ref) error {
	if len(docs) == 0 {
		return nil
	}
	return s.fail("delete", s.write(ctx, s.writer, func(tx *sql.Tx) error {
		removed := false
		for _, d := range docs {
			ok, err := remove(ctx, tx, d)
			if err != nil {
				return fmt.Errorf("%s: %w", d, err)
			}
			removed = removed || ok
		}
		if !removed {
			return nil
		}
		return bump(ctx, tx)
	}))
}

func packVector(v embed.Vector) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

// span turns the dates of a passage into the first and the last moment at which
// it is current, in nanoseconds since 1970.
func span(i *retrieve.Info) (lo, hi int64) {
	lo, hi = max(nanos(i.Published), nanos(i.ValidFrom)), math.MaxInt64
	if !i.ValidUntil.IsZero() {
		hi = nanos(i.ValidUntil)
	}
	return lo, hi
}

// nanos is UnixNano, with the nearest it can be for what lies outside the years
// 1678 to 2262.
func nanos(t time.Time) int64 {
	switch {
	case t.Before(time.Unix(0, math.MinInt64)):
		return math.MinInt64
	case t.After(time.Unix(0, math.MaxInt64)):
		return math.MaxInt64
	}
	return t.UnixNano()
}
