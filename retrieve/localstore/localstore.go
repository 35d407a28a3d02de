// Package localstore is the embedded default: a retrieve.Store and
// retrieve.Ledger in one SQLite file, for one machine.
//
// The file is the system of record. What searches run on is derived from it
// and lives in memory: per collection the vectors side by side for an exact
// scan, and an inverted index of the terms. It is read on the first search (a
// process that only writes or only reads the ledger never loads it) and catches
// up before each search with what this or another process has written since,
// so an ingest beside a running server is seen at once.
//
// Every search runs inside one read transaction and on an index of exactly
// that state of the file. That is why nobody sees a document half replaced,
// and why the text of a hit is the text that was searched.
//
// The package never ranks across methods (retrieve does), never cuts or embeds
// text, and holds no language-dependent rule.
package localstore

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"time"

	_ "modernc.org/sqlite" // database/sql driver "sqlite": SQLite translated to Go, no cgo

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Options of a store; the zero value is good.
type Options struct {
	// Busy is how long a write waits for another process that writes; 0 is a
	// minute. The context of the call can end the wait earlier.
	Busy time.Duration
	// Workers is how many goroutines one vector search is split over; 0 is the
	// number of processors, at most 4.
	Workers int
	// Log gets what took long or was done on its own account; nil is silent.
	Log *slog.Logger
}

// Store is an open file. It is safe for concurrent use, and several processes
// may have the same file open, on a local disk.
type Store struct {
	path    string
	opt     Options
	writer  *sql.DB // one connection, synchronous=FULL
	ledger  *sql.DB // one connection, synchronous=NORMAL
	readers *sql.DB
	// writing keeps the two writing connections of this process from waiting
	// for each other in SQLite, which polls.
	writing chan struct{}
	dict    dictionary // of the writer; guarded by writing
	index   index
	stmts   statements
	// properties of documents, for filters.
	properties properties
}

var (
	_ retrieve.Store  = (*Store)(nil)
	_ retrieve.Ledger = (*Store)(nil)
)

// Open opens the file at path, or makes it. A file that is damaged (ErrDamaged),
// of another program (ErrForeign) or of a newer version of this one is an error
// that says what to do.
//
// Passages are written with synchronous=FULL: once Replace has returned they
// survive a power cut. The ledger is written with synchronous=NORMAL: after a
// power cut its last writes may be gone, which repeats work and loses none, for
// the write-ahead log keeps their order and a ledger never gets ahead of the
// passages. Nothing is lost when only the process is killed.
func Open(ctx context.Context, path string, opt Options) (*Store, error) {
	if opt.Busy == 0 {
		opt.Busy = time.Minute
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("index %s: %w", path, err)
	}
	if err := create(ctx, abs, opt.Busy); err != nil {
		return nil, err
	}
	s := &Store{path: abs, opt: opt, writing: make(chan struct{}, 1)}
	for _, c := range []struct {
		db      **sql.DB
		pragmas []string
		conns   int
	}{
		{&s.writer, []string{"synchronous(FULL)"}, 1},
		{&s.ledger, []string{"synchronous(NORMAL)"}, 1},
		{&s.readers, []string{"query_only(1)"}, 0},
	} {
		db, err := connect(abs, opt.Busy, c.conns == 1, c.pragmas...)
		if err != nil {
			s.Close()
			return nil, s.fail("open", err)
		}
		db.SetMaxOpenConns(c.conns)
		db.SetMaxIdleConns(4)
		*c.db = db
	}
	if err := s.stmts.prepare(ctx, s); err != nil {
		s.Close()
		return nil, s.fail("open", err)
	}
	return s, nil
}

// connect opens a pool on the file. Writers take the write lock when their
// transaction begins, so that none fails halfway for having read first.
func connect(path string, busy time.Duration, writes bool, pragmas ...string) (*sql.DB, error) {
	q := url.Values{"_pragma": append([]string{
		fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds()),
		"foreign_keys(1)",
	}, pragmas...)}
	if writes {
		q.Set("_txlock", "immediate")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return sql.Open("sqlite", u.String())
}

// Path is the file's absolute path.
func (s *Store) Path() string { return s.path }

// Close closes the file; calls that are under way may fail.
func (s *Store) Close() error {
	var errs []error
	s.index.forget()
	for _, db := range []*sql.DB{s.readers, s.ledger, s.writer} {
		if db != nil {
			errs = append(errs, db.Close())
		}
	}
	return errors.Join(errs...)
}

// write runs f in one transaction on db, which is s.writer or s.ledger, and
// committed once that is committed, before anything else is written.
func (s *Store) write(ctx context.Context, db *sql.DB, f func(*sql.Tx) error, committed ...func()) error {
	select {
	case s.writing <- struct{}{}:
		defer func() { <-s.writing }()
	case <-ctx.Done():
		return ctx.Err()
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // no effect after Commit
	if err := f(tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, f := range committed {
		f()
	}
	return nil
}

// statements are prepared once per connection and used in every transaction.
type statements struct {
	state, token, hits *sql.Stmt // on readers
}

func (st *statements) prepare(ctx context.Context, s *Store) (err error) {
	for _, p := range []struct {
		stmt **sql.Stmt
		sql  string
	}{
		{&st.state, `SELECT change, epoch FROM state`},
		{&st.token, `SELECT num FROM tokens WHERE token = ?`},
		{&st.hits, selectPassage + ` WHERE p.row IN (SELECT value FROM json_each(?))`},
	} {
		if *p.stmt, err = s.readers.PrepareContext(ctx, p.sql); err != nil {
			return err
		}
	}
	return nil
}
