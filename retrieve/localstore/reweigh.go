package localstore

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Reweigh is as in retrieve.Store, in one transaction: readers go on with the
// old terms until it is committed, writers wait. terms must not write to the
// store.
func (s *Store) Reweigh(ctx context.Context, terms func(*retrieve.Passage) retrieve.Terms) error {
	return s.fail("reweigh", s.write(ctx, s.writer, func(tx *sql.Tx) error {
		// A new dictionary, so that tokens that no passage has any more are gone.
		if _, err := tx.ExecContext(ctx, `DELETE FROM tokens`); err != nil {
			return err
		}
		counts, err := reweighAll(ctx, tx, terms)
		if err != nil {
			return err
		}
		for doc, n := range counts {
			if _, err := tx.ExecContext(ctx, `UPDATE docs SET terms = ? WHERE num = ?`, n, doc); err != nil {
				return err
			}
		}
		return newEpoch(ctx, tx)
	}))
}

// reweighAll goes through the passages in batches, for SQLite does not promise
// what a query yields of a table that is changed under it. It returns the number
// of terms per document.
func reweighAll(ctx context.Context, tx *sql.Tx, terms func(*retrieve.Passage) retrieve.Terms) (map[int64]int, error) {
	const batch = 500
	dict := dictionary{nums: map[string]uint32{}}
	counts := map[int64]int{}
	for last := int64(0); ; {
		found, err := readPassages(tx.QueryContext(ctx, selectPassage+` WHERE p.row > ? ORDER BY p.row LIMIT ?`, last, batch))
		if err != nil || len(found) == 0 {
			return counts, err
		}
		for i := range found {
			p := &found[i]
			ts := terms(&p.Passage)
			if err := ts.Check(); err != nil {
				return nil, fmt.Errorf("%s: passage %s: %w", p.Doc, p.ID, err)
			}
			packed, err := dict.pack(ctx, tx, ts, dict.nums)
			if err != nil {
				return nil, err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE search SET terms = ? WHERE row = ?`, packed, p.row); err != nil {
				return nil, err
			}
			counts[p.num] += len(ts)
			last = p.row
		}
	}
}
