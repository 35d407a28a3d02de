// Package sqlitecache keeps vectors in a SQLite file that several processes may
// share. It keeps no texts, only their hashes. What it holds can always be
// computed again, so nothing about it is ever fatal: a damaged file is moved
// aside and a new one begun.
package sqlitecache

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"github.com/vraagbaak/vraagbaak/embed"
)

// Cache is an open file. It is safe for concurrent use.
type Cache struct {
	path    string
	db      *sql.DB
	get     *sql.Stmt
	log     *slog.Logger
	damaged atomic.Bool // found out while in use: it rests until it is closed
}

var _ embed.Cache = (*Cache)(nil)

const (
	application = 0x76626b63 // "vbkc", PRAGMA application_id
	format      = 1          // PRAGMA user_version
)

var errUnusable = errors.New("not a vector cache of this version")

// Open opens the file at path, or makes it. One that is damaged or of another
// format is moved aside, with a warning in log (nil is silent); an error means
// that no file can be made there at all.
func Open(ctx context.Context, path string, log *slog.Logger) (*Cache, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("vector cache: %w", err)
	}
	c := &Cache{path: path, log: log}
	err = c.open(ctx)
	if unusable(err) {
		c.moveAside(err)
		err = c.open(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("vector cache %s: %w", path, err)
	}
	return c, nil
}

func (c *Cache) open(ctx context.Context) error {
	q := url.Values{"_pragma": {
		"busy_timeout(30000)", "page_size(8192)", "journal_mode(WAL)",
		// A power cut may cost the newest vectors, never the file.
		"synchronous(NORMAL)",
	}, "_txlock": {"immediate"}}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(c.path), RawQuery: q.Encode()}
	db, err := sql.Open("sqlite", u.String())
	if err != nil {
		return err
	}
	db.SetMaxIdleConns(2)
	if err = c.prepare(ctx, db); err != nil {
		db.Close()
		return err
	}
	c.db = db
	return nil
}

func (c *Cache) prepare(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var app, version, tables int
	err = errors.Join(
		tx.QueryRowContext(ctx, "PRAGMA application_id").Scan(&app),
		tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version),
		tx.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_schema").Scan(&tables),
	)
	switch {
	case err != nil:
		return err
	case tables == 0:
		_, err = tx.ExecContext(ctx, fmt.Sprintf(`
			CREATE TABLE vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL);
			PRAGMA application_id = %d; PRAGMA user_version = %d;`, application, format))
	case app != application || version != format:
		err = errUnusable
	}
	if err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	c.get, err = db.PrepareContext(ctx, `SELECT vector FROM vectors WHERE key = ?`)
	return err
}

// unusable tells a file that is damaged or foreign from a passing failure.
func unusable(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		code := e.Code() & 0xff
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.Is(err, errUnusable)
}

func (c *Cache) moveAside(why error) {
	aside := c.path + ".damaged-" + time.Now().UTC().Format("20060102T150405.000")
	c.log.Warn("vector cache cannot be used; moved aside, vectors are computed again",
		"file", c.path, "moved_to", aside, "error", why)
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(c.path+suffix, aside+suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			c.log.Warn("vector cache could not be moved aside", "file", c.path+suffix, "error", err)
		}
	}
}

// Close closes the file.
func (c *Cache) Close() error {
	err := c.db.Close()
	if c.damaged.Load() {
		c.moveAside(errors.New("damage was found while it was used"))
	}
	return err
}

// failed notes damage, so that the file is left alone from then on.
func (c *Cache) failed(what string, err error) error {
	if unusable(err) && c.damaged.CompareAndSwap(false, true) {
		c.log.Warn("vector cache is damaged; going on without it", "file", c.path, "error", err)
	}
	return fmt.Errorf("vector cache %s: %s: %w", c.path, what, err)
}

// Get is as in embed.Cache.
func (c *Cache) Get(ctx context.Context, m embed.Model, role embed.Role, texts []string) ([]embed.Vector, error) {
	out := make([]embed.Vector, len(texts))
	if c.damaged.Load() {
		return out, nil
	}
	for i, t := range texts {
		var b []byte
		err := c.get.QueryRowContext(ctx, key(m, role, t)).Scan(&b)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return nil, c.failed("read", err)
		}
		if len(b) == 4*m.Dimensions {
			out[i] = unpack(b)
		}
	}
	return out, nil
}

// Put is as in embed.Cache, in one transaction.
func (c *Cache) Put(ctx context.Context, m embed.Model, role embed.Role, texts []string, vs []embed.Vector) error {
	if len(texts) == 0 || c.damaged.Load() {
		return nil
	}
	if len(texts) != len(vs) {
		return fmt.Errorf("vector cache %s: %d vectors for %d texts", c.path, len(vs), len(texts))
	}
	if err := c.put(ctx, m, role, texts, vs); err != nil {
		return c.failed("write", err)
	}
	return nil
}

func (c *Cache) put(ctx context.Context, m embed.Model, role embed.Role, texts []string, vs []embed.Vector) error {
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	insert, err := tx.PrepareContext(ctx, `INSERT OR REPLACE INTO vectors (key, vector) VALUES (?, ?)`)
	if err != nil {
		return err
	}
	defer insert.Close()
	for i, t := range texts {
		if _, err := insert.ExecContext(ctx, key(m, role, t), pack(vs[i])); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// key is the SHA-256 of everything a vector depends on, each with its length.
func key(m embed.Model, role embed.Role, text string) []byte {
	h := sha256.New()
	for _, s := range []string{m.Name, m.Revision, fmt.Sprint(m.Dimensions), string(role), text} {
		h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(s))))
		io.WriteString(h, s)
	}
	return h.Sum(nil)
}

func pack(v embed.Vector) []byte {
	b := make([]byte, 0, 4*len(v))
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func unpack(b []byte) embed.Vector {
	v := make(embed.Vector, 0, len(b)/4)
	for ; len(b) >= 4; b = b[4:] {
		v = append(v, math.Float32frombits(binary.LittleEndian.Uint32(b)))
	}
	return v
}
