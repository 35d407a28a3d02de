package localstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Cursor is as in retrieve.Ledger.
func (s *Store) Cursor(ctx context.Context, source string) (ingest.Cursor, error) {
	var c []byte
	err := s.readers.QueryRowContext(ctx, `SELECT cursor FROM cursors WHERE source = ?`, source).Scan(&c)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return c, s.fail("read the cursor of "+source, err)
}

// SetCursor is as in retrieve.Ledger.
func (s *Store) SetCursor(ctx context.Context, source string, c ingest.Cursor) error {
	return s.note(ctx, "write the cursor of "+source, `INSERT OR REPLACE INTO cursors (source, cursor) VALUES (?, ?)`,
		source, append([]byte{}, c...))
}

// note runs one statement on the ledger.
func (s *Store) note(ctx context.Context, what, query string, args ...any) error {
	return s.fail(what, s.write(ctx, s.ledger, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, query, args...)
		return err
	}))
}

// Entry is as in retrieve.Ledger.
func (s *Store) Entry(ctx context.Context, source, id string) (ingest.Entry, bool, error) {
	var b []byte
	err := s.readers.QueryRowContext(ctx, `SELECT entry FROM entries WHERE source = ? AND id = ?`, source, id).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return ingest.Entry{}, false, nil
	}
	var e ingest.Entry
	if err == nil {
		e, err = unmarshalEntry(b)
	}
	if err != nil {
		return ingest.Entry{}, false, s.fail(fmt.Sprintf("read the entry of %s %s", source, id), err)
	}
	return e, true, nil
}

// Entries is as in retrieve.Ledger. It reads in batches and keeps nothing open
// between them, so the entries may be written meanwhile.
func (s *Store) Entries(ctx context.Context, source string) iter.Seq2[ingest.Entry, error] {
	return func(yield func(ingest.Entry, error) bool) {
		const batch = 500
		for last, more := "", true; more; {
			es, err := s.entriesAfter(ctx, source, last, batch)
			if err != nil {
				yield(ingest.Entry{}, s.fail("read the entries of "+source, err))
				return
			}
			for _, e := range es {
				if !yield(e, nil) {
					return
				}
				last = e.Ref.ID
			}
			more = len(es) == batch
		}
	}
}

func (s *Store) entriesAfter(ctx context.Context, source, id string, limit int) ([]ingest.Entry, error) {
	rows, err := s.readers.QueryContext(ctx,
		`SELECT entry FROM entries WHERE source = ? AND id > ? ORDER BY id LIMIT ?`, source, id, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ingest.Entry
	for rows.Next() {
		var b sql.RawBytes
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		e, err := unmarshalEntry(b)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// PutEntry is as in retrieve.Ledger.
func (s *Store) PutEntry(ctx context.Context, source string, e ingest.Entry) error {
	what := fmt.Sprintf("write the entry of %s %s", source, e.Ref.ID)
	if e.Ref.ID == "" {
		return s.fail(what, errors.New("it has no ID"))
	}
	b, err := json.Marshal(entry(e))
	if err != nil {
		return s.fail(what, err)
	}
	return s.note(ctx, what, `INSERT OR REPLACE INTO entries (source, id, entry) VALUES (?, ?, ?)`, source, e.Ref.ID, b)
}

// DropEntry is as in retrieve.Ledger.
func (s *Store) DropEntry(ctx context.Context, source, id string) error {
	return s.note(ctx, fmt.Sprintf("drop the entry of %s %s", source, id),
		`DELETE FROM entries WHERE source = ? AND id = ?`, source, id)
}

// Fact is as in retrieve.Ledger.
func (s *Store) Fact(ctx context.Context, key string) (string, error) {
	var v string
	err := s.readers.QueryRowContext(ctx, `SELECT value FROM facts WHERE key = ?`, key).Scan(&v)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return v, s.fail("read the fact "+key, err)
}

// SetFact is as in retrieve.Ledger.
func (s *Store) SetFact(ctx context.Context, key, value string) error {
	return s.note(ctx, "write the fact "+key, `INSERT OR REPLACE INTO facts (key, value) VALUES (?, ?)`, key, value)
}

// Lease is as in retrieve.Ledger, by this machine's clock.
func (s *Store) Lease(ctx context.Context, name, owner string, ttl time.Duration) error {
	return s.fail("lease "+name, s.write(ctx, s.ledger, func(tx *sql.Tx) error {
		now := time.Now()
		var holder string
		var expires int64
		err := tx.QueryRowContext(ctx, `SELECT owner, expires FROM leases WHERE name = ?`, name).Scan(&holder, &expires)
		switch {
		case err != nil && !errors.Is(err, sql.ErrNoRows):
			return err
		case err == nil && holder != owner && now.UnixNano() < expires:
			return fmt.Errorf("%w: %s, until %s", retrieve.ErrLeased, holder, time.Unix(0, expires).Format(time.RFC3339))
		}
		_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO leases (name, owner, expires) VALUES (?, ?, ?)`,
			name, owner, now.Add(ttl).UnixNano())
		return err
	}))
}

// Release is as in retrieve.Ledger.
func (s *Store) Release(ctx context.Context, name, owner string) error {
	return s.note(ctx, "release "+name, `DELETE FROM leases WHERE name = ? AND owner = ?`, name, owner)
}

// entry is the stored form of ingest.Entry.
type entry struct {
	Ref         ingest.Ref
	Digest      string    `json:",omitempty"`
	State       string    `json:",omitempty"`
	URL         string    `json:",omitempty"`
	Title       string    `json:",omitempty"`
	Passages    int       `json:",omitempty"`
	Indexed     time.Time `json:",omitzero"`
	Checked     time.Time `json:",omitzero"`
	Failure     string    `json:",omitempty"`
	FailedSince time.Time `json:",omitzero"`
}

func unmarshalEntry(b []byte) (ingest.Entry, error) {
	var e entry
	if err := json.Unmarshal(b, &e); err != nil {
		return ingest.Entry{}, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return ingest.Entry(e), nil
}
