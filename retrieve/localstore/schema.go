package localstore

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of a file that cannot be used; test with errors.Is.
var (
	ErrDamaged = errors.New("the file is damaged; restore a backup of it, or delete it with its -wal and -shm files and run ingest again")
	ErrForeign = errors.New("the file is not an index of vraagbaak; choose another data_dir, or move the file away and run ingest again")
	ErrVersion = errors.New("the file has a format of another version of vraagbaak; use that version, or delete the file and run ingest again")
)

// application marks our files in SQLite's header (PRAGMA application_id);
// format counts changes to the schema (PRAGMA user_version).
const (
	application = 0x7662616b // "vbak"
	format      = 1
	magic       = "SQLite format 3\x00"
)

// schema. Numbers of documents and passages only grow and are never used
// again, so whoever knows the highest he has seen can read what came after it.
//
//   - state: one row. change counts the transactions that changed passages;
//     epoch counts those after which readers must begin anew.
//   - gone: documents that were replaced or deleted, for readers that have them.
//   - search: what is loaded into memory. vector: float32s, terms: pairs of a
//     token's number (uint32) and a weight (float32), all little-endian. lo and
//     hi: from and until when the passage is current; see span.
//   - passages.info is empty where it is the same as the document's.
const schema = `
CREATE TABLE state (
	change INTEGER NOT NULL,
	epoch  INTEGER NOT NULL
);
INSERT INTO state VALUES (0, 0);
CREATE TABLE docs (
	num        INTEGER PRIMARY KEY AUTOINCREMENT,
	collection TEXT NOT NULL,
	id         TEXT NOT NULL,
	passages   INTEGER NOT NULL,
	terms      INTEGER NOT NULL,
	info       BLOB NOT NULL,
	UNIQUE (collection, id)
);
CREATE TABLE gone (
	seq INTEGER PRIMARY KEY AUTOINCREMENT,
	doc INTEGER NOT NULL
);
CREATE TABLE passages (
	row     INTEGER PRIMARY KEY AUTOINCREMENT,
	doc     INTEGER NOT NULL REFERENCES docs (num),
	ordinal INTEGER NOT NULL,
	id      TEXT NOT NULL,
	start   INTEGER NOT NULL,
	stop    INTEGER NOT NULL,
	page    INTEGER NOT NULL,
	anchor  TEXT NOT NULL,
	heading BLOB NOT NULL,
	info    BLOB NOT NULL,
	context TEXT NOT NULL,
	text    TEXT NOT NULL
);
CREATE INDEX passages_doc ON passages (doc);
CREATE TABLE search (
	row    INTEGER PRIMARY KEY,
	doc    INTEGER NOT NULL,
	lo     INTEGER NOT NULL,
	hi     INTEGER NOT NULL,
	id     TEXT NOT NULL,
	vector BLOB NOT NULL,
	terms  BLOB NOT NULL
);
CREATE TABLE tokens (
	num   INTEGER PRIMARY KEY AUTOINCREMENT,
	token TEXT NOT NULL UNIQUE
);
CREATE TABLE cursors (source TEXT PRIMARY KEY, cursor BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE entries (
	source TEXT NOT NULL,
	id     TEXT NOT NULL,
	entry  BLOB NOT NULL,
	PRIMARY KEY (source, id)
) WITHOUT ROWID;
CREATE TABLE facts (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE leases (name TEXT PRIMARY KEY, owner TEXT NOT NULL, expires INTEGER NOT NULL) WITHOUT ROWID;
`

// create makes the file where there is none, and else checks that it is ours.
func create(ctx context.Context, path string, busy time.Duration) error {
	fail := func(err error) error { return fmt.Errorf("index %s: %w", path, explain(err)) }
	if err := checkMagic(path); err != nil {
		return fail(err)
	}
	db, err := connect(path, busy, true, "page_size(8192)")
	if err != nil {
		return fail(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	var app, version, tables int
	if err := identify(ctx, db, &app, &version, &tables); err != nil {
		return fail(err)
	}
	if app == 0 && version == 0 && tables == 0 {
		// Two processes may be here at once: the second waits for the first, and
		// then finds the schema.
		if _, err := db.ExecContext(ctx, "PRAGMA journal_mode = WAL"); err != nil {
			return fail(err)
		}
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return fail(err)
		}
		defer tx.Rollback()
		if err := identify(ctx, tx, &app, &version, &tables); err != nil {
			return fail(err)
		}
		if tables == 0 {
			ours := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", application, format)
			if _, err := tx.ExecContext(ctx, schema+ours); err != nil {
				return fail(err)
			}
			if err := tx.Commit(); err != nil {
				return fail(err)
			}
			return nil
		}
	}
	switch {
	case app != application:
		return fail(ErrForeign)
	case version != format:
		return fail(fmt.Errorf("format %d, this version reads %d: %w", version, format, ErrVersion))
	}
	return nil
}

// checkMagic tells a file of another kind from a damaged one. SQLite says the
// same of both.
func checkMagic(path string) error {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	head := make([]byte, len(magic))
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return err
	}
	if n > 0 && !bytes.Equal(head[:n], []byte(magic[:n])) {
		return ErrForeign
	}
	return nil
}

type querier interface {
	QueryRowContext(context.Context, string, ...any) *sql.Row
}

func identify(ctx context.Context, db querier, app, version, tables *int) error {
	return errors.Join(
		db.QueryRowContext(ctx, "PRAGMA application_id").Scan(app),
		db.QueryRowContext(ctx, "PRAGMA user_version").Scan(version),
		db.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(tables),
	)
}

// explain adds what to do to what SQLite says.
func explain(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return fmt.Errorf("%w (%w)", ErrDamaged, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another process keeps the file locked; wait until it is done, or stop it: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full; make room and run it again, nothing was lost: %w", err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("the file or its folder cannot be written; check their permissions: %w", err)
	}
	return err
}

// fail wraps an error with the file and what was done to it.
func (s *Store) fail(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("index %s: %s: %w", s.path, what, explain(err))
}
