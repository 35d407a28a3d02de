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
	answer   TEXT NOT NULL -- JSON
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
	if keep > 0 {
		before := time.Now().Add(-keep).UTC().Format(time.RFC3339)
		if _, err := db.ExecContext(ctx, "DELETE FROM answers WHERE created < ?", before); err != nil {
			db.Close()
			return nil, fmt.Errorf("%s: erase old records: %w", path, err)
		}
	}
	return &Store{db}, nil
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
	return s.one(ctx, "SELECT question, answer FROM answers WHERE key = ?", key)
}

// Answer finds an answer by its ID.
func (s *Store) Answer(ctx context.Context, id string) (*answer.Answer, bool, error) {
	return s.one(ctx, "SELECT question, answer FROM answers WHERE id = ?", id)
}

func (s *Store) one(ctx context.Context, query, arg string) (*answer.Answer, bool, error) {
	var question, text string
	err := s.db.QueryRowContext(ctx, query, arg).Scan(&question, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	} else if err != nil {
		return nil, false, err
	}
	var a answer.Answer
	if err := json.Unmarshal([]byte(text), &a); err != nil {
		return nil, false, fmt.Errorf("a recorded answer is damaged: %w", err)
	}
	a.Question = question
	return &a, true, nil
}

// Record implements answer.Recorder. The first answer to a key stays.
func (s *Store) Record(ctx context.Context, key string, a *answer.Answer) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, "INSERT INTO answers (id, key, created, question, answer) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING",
		a.ID, key, time.Now().UTC().Format(time.RFC3339), a.Question, string(text))
	return err
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }
