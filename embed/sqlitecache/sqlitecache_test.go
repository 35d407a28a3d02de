package sqlitecache_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
	"github.com/vraagbaak/vraagbaak/embed/sqlitecache"
)

func open(t *testing.T, path string, log *slog.Logger) *sqlitecache.Cache {
	t.Helper()
	c, err := sqlitecache.Open(t.Context(), path, log)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestCache(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vectors?.db")
	embedtest.RunCache(t, func(t *testing.T) embed.Cache { return open(t, path, nil) })
}

func TestEmbedderBehindIt(t *testing.T) {
	embedtest.RunEmbedder(t, embed.Cached(embedtest.New(64), open(t, filepath.Join(t.TempDir(), "v.db"), nil)))
}

// TestUnusableFile opens files that are no cache, and finds an empty cache, a
// warning, and the file beside it.
func TestUnusableFile(t *testing.T) {
	for name, content := range map[string]string{
		"text":      strings.Repeat("dit is geen database\n", 1000),
		"truncated": "SQLite format 3\x00\x10\x00",
		"zeros":     strings.Repeat("\x00", 20000),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "v.db")
			if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			c := open(t, path, slog.New(slog.NewTextHandler(&log, nil)))
			works(t, c)
			if !strings.Contains(log.String(), "level=WARN") || !strings.Contains(log.String(), path) {
				t.Errorf("no warning that names the file: %q", log.String())
			}
			if aside(t, dir) != 1 {
				t.Errorf("the file was not moved aside")
			}
		})
	}
}

func works(t *testing.T, c *sqlitecache.Cache) {
	t.Helper()
	m := embed.Model{Name: "m", Dimensions: 1}
	if err := c.Put(t.Context(), m, embed.Query, []string{"x"}, []embed.Vector{{1}}); err != nil {
		t.Fatal(err)
	}
	if vs, err := c.Get(t.Context(), m, embed.Query, []string{"x"}); err != nil || len(vs[0]) != 1 {
		t.Fatalf("%v, %v", vs, err)
	}
}

func aside(t *testing.T, dir string) int {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "v.db.damaged-*"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range found {
		if !strings.HasSuffix(f, "-wal") && !strings.HasSuffix(f, "-shm") {
			n++
		}
	}
	return n
}

// TestDamageWhileInUse overwrites the pages behind the first: opening still
// works, reading does not, and no embedding fails for it.
func TestDamageWhileInUse(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "v.db")
	var texts []string
	for i := range 500 {
		texts = append(texts, fmt.Sprint("tekst ", i))
	}
	e := embedtest.New(64)
	c := open(t, path, nil)
	if _, err := embed.Cached(e, c).Embed(t.Context(), embed.Passage, texts); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 8192; i < len(b); i++ {
		b[i] = 0xa5
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	c = open(t, path, slog.New(slog.NewTextHandler(&log, nil)))
	cached := embed.Cached(e, c)
	for range 2 {
		vs, err := cached.Embed(t.Context(), embed.Passage, texts)
		if err != nil || len(vs) != len(texts) {
			t.Fatalf("%d vectors, %v", len(vs), err)
		}
	}
	if cached.Stats().Failures == 0 {
		t.Error("damage went unseen")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if aside(t, dir) != 1 || !strings.Contains(log.String(), "level=WARN") {
		t.Errorf("not moved aside, or no warning: %q", log.String())
	}
	works(t, open(t, path, nil))
}

func BenchmarkGet(b *testing.B) {
	c, err := sqlitecache.Open(b.Context(), filepath.Join(b.TempDir(), "v.db"), nil)
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	e := embed.Cached(embedtest.New(384), c)
	var texts []string
	for i := range 1000 {
		texts = append(texts, fmt.Sprint("tekst ", i))
	}
	for b.Loop() {
		if _, err := e.Embed(b.Context(), embed.Passage, texts); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(texts)), "µs/vector")
}
