package localstore

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// selectPassage is what stored reads.
const selectPassage = `SELECT p.row, p.doc, d.collection, d.id, p.ordinal, p.id, p.start, p.stop, p.page, p.anchor,
	p.heading, iif(length(p.info) > 0, p.info, d.info), p.context, p.text
	FROM passages p JOIN docs d ON d.num = p.doc`

// stored is a passage with its numbers in the file.
type stored struct {
	retrieve.Passage
	row, num int64
}

// scan reads a row of selectPassage.
func (p *stored) scan(rows *sql.Rows) error {
	var heading, info sql.RawBytes
	err := rows.Scan(&p.row, &p.num, &p.Doc.Collection, &p.Doc.ID, &p.Ordinal, &p.ID, &p.Start, &p.End, &p.Page, &p.Anchor,
		&heading, &info, &p.Context, &p.Text)
	if err != nil {
		return err
	}
	if string(heading) != "null" {
		if err := json.Unmarshal(heading, &p.Heading); err != nil {
			return fmt.Errorf("headings of passage %d: %w: %w", p.row, ErrDamaged, err)
		}
	}
	if p.Info, err = unmarshalInfo(info); err != nil {
		return fmt.Errorf("properties of passage %d: %w: %w", p.row, ErrDamaged, err)
	}
	return nil
}

// readPassages takes the results of a query for selectPassage.
func readPassages(rows *sql.Rows, err error) ([]stored, error) {
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []stored
	for rows.Next() {
		var p stored
		if err := p.scan(rows); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// Passages is as in retrieve.Store.
func (s *Store) Passages(ctx context.Context, scope retrieve.Scope, doc ingest.Ref) ([]retrieve.Passage, error) {
	if !scope.Allows(doc.Collection) {
		return nil, nil
	}
	found, err := readPassages(s.readers.QueryContext(ctx,
		selectPassage+` WHERE d.collection = ? AND d.id = ? ORDER BY p.row`, doc.Collection, doc.ID))
	if err != nil {
		return nil, s.fail("read "+doc.String(), err)
	}
	var out []retrieve.Passage
	for i := range found {
		out = append(out, found[i].Passage)
	}
	return out, nil
}

// All yields the passages as they are when the iteration begins, documents
// ordered by reference.
func (s *Store) All(ctx context.Context, scope retrieve.Scope) iter.Seq2[retrieve.Passage, error] {
	return func(yield func(retrieve.Passage, error) bool) {
		names, err := json.Marshal(scope.Collections())
		if err != nil {
			yield(retrieve.Passage{}, err)
			return
		}
		rows, err := s.readers.QueryContext(ctx, selectPassage+
			` WHERE d.collection IN (SELECT value FROM json_each(?)) ORDER BY d.collection, d.id, p.row`, string(names))
		if err != nil {
			yield(retrieve.Passage{}, s.fail("read", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var p stored
			if err := p.scan(rows); err != nil {
				yield(retrieve.Passage{}, s.fail("read", err))
				return
			}
			if !yield(p.Passage, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(retrieve.Passage{}, s.fail("read", err))
		}
	}
}

// Stats is as in retrieve.Store.
func (s *Store) Stats(ctx context.Context, scope retrieve.Scope) (retrieve.Stats, error) {
	var st retrieve.Stats
	names, err := json.Marshal(scope.Collections())
	if err != nil {
		return st, err
	}
	err = s.readers.QueryRowContext(ctx, `SELECT count(*), coalesce(sum(passages), 0) FROM docs
		WHERE collection IN (SELECT value FROM json_each(?))`, string(names)).Scan(&st.Documents, &st.Passages)
	return st, s.fail("count", err)
}

// info is the stored form of retrieve.Info.
type info struct {
	URL        string            `json:"url,omitempty"`
	Title      string            `json:"title,omitempty"`
	Language   string            `json:"language,omitempty"`
	Published  time.Time         `json:"published,omitzero"`
	Modified   time.Time         `json:"modified,omitzero"`
	ValidFrom  time.Time         `json:"valid_from,omitzero"`
	ValidUntil time.Time         `json:"valid_until,omitzero"`
	Meta       map[string]string `json:"meta,omitempty"`
}

func marshalInfo(i retrieve.Info) ([]byte, error) { return json.Marshal(info(i)) }

func unmarshalInfo(b []byte) (retrieve.Info, error) {
	var i info
	err := json.Unmarshal(b, &i)
	return retrieve.Info(i), err
}
