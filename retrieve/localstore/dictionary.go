package localstore

import (
	"context"
	"database/sql"
	"encoding/binary"
	"math"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// dictionary is what a writer knows of the table of tokens: part of it, all
// correct as of one epoch.
type dictionary struct {
	nums  map[string]uint32
	epoch int64
}

// load reads the table, unless that was done in this epoch.
func (d *dictionary) load(ctx context.Context, tx *sql.Tx) error {
	var epoch int64
	if err := tx.QueryRowContext(ctx, `SELECT epoch FROM state`).Scan(&epoch); err != nil {
		return err
	}
	if d.nums != nil && d.epoch == epoch {
		return nil
	}
	d.nums = nil
	nums := map[string]uint32{}
	rows, err := tx.QueryContext(ctx, `SELECT num, token FROM tokens`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var num uint32
		var token string
		if err := rows.Scan(&num, &token); err != nil {
			return err
		}
		nums[token] = num
	}
	if err := rows.Err(); err != nil {
		return err
	}
	d.nums, d.epoch = nums, epoch
	return nil
}

// pack turns terms into what table search keeps. Tokens that the dictionary
// does not know are looked up or added in the table, and added to fresh: the
// dictionary itself may know them only once the transaction is committed.
func (d *dictionary) pack(ctx context.Context, tx *sql.Tx, ts retrieve.Terms, fresh map[string]uint32) ([]byte, error) {
	b := make([]byte, 0, 8*len(ts))
	for _, t := range ts {
		num, ok := d.nums[t.Token]
		if !ok {
			num, ok = fresh[t.Token]
		}
		if !ok {
			// Another process may have added it: the update changes nothing, and
			// makes RETURNING give its number.
			err := tx.QueryRowContext(ctx, `INSERT INTO tokens (token) VALUES (?)
				ON CONFLICT (token) DO UPDATE SET token = token RETURNING num`, t.Token).Scan(&num)
			if err != nil {
				return nil, err
			}
			fresh[t.Token] = num
		}
		b = binary.LittleEndian.AppendUint32(b, num)
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(t.Weight))
	}
	return b, nil
}
