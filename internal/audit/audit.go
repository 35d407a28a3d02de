// Package audit keeps the answers that were given, in one SQLite file: so that
// the same question on the same index gets the same answer, and so that an
// answer can be shown to whoever is accountable for it. It never holds a question
// with personal data; the engine refuses those before they come here.
package audit

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // the driver

	"github.com/vraagbaak/vraagbaak/answer"
)

const schema = `
CREATE TABLE IF NOT EXISTS answers (
	id       TEXT PRIMARY KEY,
	key      TEXT NOT NULL UNIQUE, -- of everything that decides the answer
	created  TEXT NOT NULL, -- RFC 3339, UTC
	question TEXT NOT NULL,
	answer   TEXT NOT NULL, -- JSON
	basis    TEXT NOT NULL DEFAULT '' -- JSON; '' in records of versions before it
) STRICT`

// Store is an open file of answers. It is safe for concurrent use by several
// processes.
type Store struct{ db *sql.DB }

// Open opens the file at path, or makes it, readable for its owner alone.
// Records older than keep are erased; 0 keeps all.
func Open(ctx context.Context, path string, keep time.Duration) (*Store, error) {
	if err := create(path); err != nil {
		return nil, err
	}
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(),
		RawQuery: "_pragma=busy_timeout(5000)&_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)"}).String()
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return nil, err
	}
	if _, err := db.ExecContext(ctx, schema); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: %w; delete it to start a new one", path, err)
	}
	if err := addBasis(ctx, db); err != nil {
		db.Close()
		return nil, fmt.Errorf("%s: make it a file of this version: %w", path, err)
	}
	if keep > 0 {
		before := time.Now().Add(-keep).UTC().Format(time.RFC3339)
		if _, err := db.ExecContext(ctx, "DELETE FROM answers WHERE created < ?", before); err != nil {
			db.Close()
			return nil, fmt.Errorf("%s: erase old records: %w", path, err)
		}
	}
	return &Store{db}, nil
}

// addBasis adds the column that files of earlier versions lack; what they hold
// stays.
func addBasis(ctx context.Context, db *sql.DB) error {
	lacking := func() (bool, error) {
		var n int
		err := db.QueryRowContext(ctx, "SELECT COUNT(*) FROM pragma_table_info('answers') WHERE name = 'basis'").Scan(&n)
		return n == 0, err
	}
	if lacks, err := lacking(); err != nil || !lacks {
		return err
	}
	_, err := db.ExecContext(ctx, "ALTER TABLE answers ADD COLUMN basis TEXT NOT NULL DEFAULT ''")
	if err == nil {
		return nil
	}
	if lacks, e := lacking(); e == nil && !lacks { // another process was first
		return nil
	}
	return err
}

// create makes an empty file at path, readable for its owner alone, unless
// there is one. It is made under another name and closed before it gets this
// one: POSIX drops all of a process's locks on a file as soon as it closes any
// descriptor of it, and another Store may hold locks by then.
func create(path string) error {
	if _, err := os.Stat(path); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.new") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}

// Recall implements answer.Recorder.
func (s *Store) Recall(ctx context.Context, key string) (*answer.Answer, bool, error) {
	rec, ok, err := s.one(ctx, "WHERE key = ?", key)
	return rec.Answer, ok, err
}

// Find returns the record of the answer with an ID; false if there is none. Its
// Basis is nil where an earlier version recorded it.
func (s *Store) Find(ctx context.Context, id string) (answer.Record, bool, error) {
	return s.one(ctx, "WHERE id = ?", id)
}

func (s *Store) one(ctx context.Context, where, arg string) (answer.Record, bool, error) {
	var none, rec answer.Record
	var given, question, text, basis string
	err := s.db.QueryRowContext(ctx, "SELECT key, created, question, answer, basis FROM answers "+where, arg).Scan(&rec.Key, &given, &question, &text, &basis)
	if errors.Is(err, sql.ErrNoRows) {
		return none, false, nil
	} else if err != nil {
		return none, false, err
	}
	if rec.Given, err = time.Parse(time.RFC3339, given); err != nil {
		return none, false, fmt.Errorf("a recorded answer is damaged: %w", err)
	}
	rec.Answer = new(answer.Answer)
	if err := json.Unmarshal([]byte(text), rec.Answer); err != nil {
		return none, false, fmt.Errorf("a recorded answer is damaged: %w", err)
	}
	if basis != "" {
		if err := json.Unmarshal([]byte(basis), &rec.Basis); err != nil {
			return none, false, fmt.Errorf("what a recorded answer rests on is damaged: %w", err)
		}
	}
	rec.Answer.Question = question
	return rec, true, nil
}

// Record implements answer.Recorder. The first answer to a key stays.
func (s *Store) Record(ctx context.Context, rec answer.Record) error {
	text, err := json.Marshal(rec.Answer)
	if err != nil {
		return err
	}
	var basis []byte
	if rec.Basis != nil {
		if basis, err = json.Marshal(rec.Basis); err != nil {
			return err
		}
	}
	_, err = s.db.ExecContext(ctx, "INSERT INTO answers (id, key, created, question, answer, basis) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
		rec.Answer.ID, rec.Key, time.Now().UTC().Format(time.RFC3339), rec.Answer.Question, string(text), string(basis))
	return err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
