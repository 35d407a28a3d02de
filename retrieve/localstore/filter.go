package localstore

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// properties are what filters compare, of every document: read when a filter is
// first used, and after that only of what is new. Numbers are never used again, so
// what is gone does no harm.
type properties struct {
	mu      sync.Mutex
	lastDoc int64
	lastRow int64
	docs    map[int64]property // by number of the document
	rows    map[int64]property // of passages whose properties are not their document's
}

type property struct {
	tags      []string
	published time.Time
}

func propertyOf(data []byte) (property, error) {
	i, err := unmarshalInfo(data)
	if err != nil {
		return property{}, fmt.Errorf("properties: %w: %w", ErrDamaged, err)
	}
	return property{i.Tags(), i.Published}, nil
}

// passes is which slots a filter lets through; nil lets all through. tx is the
// transaction of the search.
func (s *Store) passes(ctx context.Context, tx *sql.Tx, f retrieve.Filter) (passing, error) {
	if f.Empty() {
		return nil, nil
	}
	ps := &s.properties
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.docs == nil {
		ps.docs, ps.rows = map[int64]property{}, map[int64]property{}
	}
	var err error
	if ps.lastDoc, err = readProperties(ctx, tx, `SELECT num, info FROM docs WHERE num > ? ORDER BY num`, ps.lastDoc, ps.docs); err != nil {
		return nil, err
	}
	if ps.lastRow, err = readProperties(ctx, tx, `SELECT row, info FROM passages WHERE row > ? AND length(info) > 0 ORDER BY row`, ps.lastRow, ps.rows); err != nil {
		return nil, err
	}
	groups := f.Groups()
	allows := func(p property) bool { return f.Published(p.published) && retrieve.Pass(groups, p.tags) }
	docs, rows := map[int64]bool{}, map[int64]bool{}
	for num, p := range ps.docs {
		if allows(p) {
			docs[num] = true
		}
	}
	for row, p := range ps.rows {
		rows[row] = allows(p)
	}
	return func(p part, slot int) bool {
		if own, ok := rows[p.rows[slot]]; ok {
			return own
		}
		return docs[p.docs[slot]]
	}, nil
}

// readProperties adds those of the rows after last, and returns the last of them.
func readProperties(ctx context.Context, tx *sql.Tx, query string, last int64, into map[int64]property) (int64, error) {
	rows, err := tx.QueryContext(ctx, query, last)
	if err != nil {
		return last, err
	}
	defer rows.Close()
	for rows.Next() {
		var num int64
		var data sql.RawBytes
		if err := rows.Scan(&num, &data); err != nil {
			return last, err
		}
		if into[num], err = propertyOf(data); err != nil {
			return last, err
		}
		last = num
	}
	return last, rows.Err()
}
