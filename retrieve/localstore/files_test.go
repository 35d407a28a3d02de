//go:build unix

package localstore_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/localstore"
)

func open(t *testing.T, path string) *localstore.Store {
	t.Helper()
	s, err := localstore.Open(t.Context(), path, localstore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// write replaces document n with passages that all carry the same mark.
func write(ctx context.Context, s *localstore.Store, n int, mark string, passages int) error {
	doc := ingest.Ref{Collection: "a", ID: fmt.Sprint("d", n)}
	var recs []retrieve.Record
	for o := range passages {
		recs = append(recs, retrieve.Record{
			Passage: retrieve.Passage{Chunk: chunk.Chunk{ID: fmt.Sprint(n, mark, o), Doc: doc, Ordinal: o, Text: mark + strings.Repeat(" tekst", 300)}},
			Vector:  embed.Vector{1, 0}, Terms: retrieve.Terms{{Token: mark, Weight: 1}, {Token: "tekst", Weight: 2}},
		})
	}
	return s.Replace(ctx, doc, recs)
}

func TestUnusableFile(t *testing.T) {
	other := func(t *testing.T, path string, statements string) {
		db, err := sql.Open("sqlite", path)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(statements); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		make func(t *testing.T, path string)
		want error
	}{
		{"text", func(t *testing.T, path string) {
			os.WriteFile(path, []byte("dit is geen index"), 0o600)
		}, localstore.ErrForeign},
		{"other database", func(t *testing.T, path string) {
			other(t, path, "CREATE TABLE x (y)")
		}, localstore.ErrForeign},
		{"newer format", func(t *testing.T, path string) {
			open(t, path).Close()
			other(t, path, "PRAGMA user_version = 1000")
		}, localstore.ErrVersion},
		{"only a header", func(t *testing.T, path string) {
			os.WriteFile(path, []byte("SQLite format 3\x00 and nothing of it is right"), 0o600)
		}, localstore.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "index.db")
			c.make(t, path)
			s, err := localstore.Open(t.Context(), path, localstore.Options{})
			if err == nil {
				s.Close()
			}
			if !errors.Is(err, c.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("Open: %v; want an error that names the file and is %v", err, c.want)
			}
		})
	}
}

func TestUnwritableFolder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "nowhere", "index.db")
	_, err := localstore.Open(t.Context(), path, localstore.Options{})
	if err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("Open below a folder that is not there: %v", err)
	}
}

// TestDamagedFile spoils the pages behind the first, which opening does not
// read.
func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	s := open(t, path)
	for n := range 50 {
		if err := write(t.Context(), s, n, "heel", 5); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := 20 * 8192; i < len(b); i++ {
		b[i] = 0x5a
	}
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err = localstore.Open(t.Context(), path, localstore.Options{})
	if err == nil {
		defer s.Close()
		_, err = s.Nearest(t.Context(), embed.Vector{1, 0}, retrieve.Selection{Scope: retrieve.NewScope("a"), Limit: 10})
	}
	if !errors.Is(err, localstore.ErrDamaged) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "ingest") {
		t.Errorf("damaged file: %v; want ErrDamaged, the file's name and what to do", err)
	}
}

// TestKill ends a writing process at once and looks at what it left: every
// document it reported as written, and every document whole.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "VRAAGBAAK_TEST_WRITER="+path)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	written := -1
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if _, err := fmt.Sscan(lines.Text(), &written); err != nil {
			t.Fatalf("writer says %q", lines.Text())
		}
		if written == 25 {
			cmd.Process.Kill()
		}
	}
	if err := cmd.Wait(); err == nil || written < 25 {
		t.Fatalf("writer ended by itself at %d: %v", written, err)
	}
	s := open(t, path)
	scope := retrieve.NewScope("a")
	for n := range 10 {
		ps, err := s.Passages(t.Context(), scope, ingest.Ref{Collection: "a", ID: fmt.Sprint("d", n)})
		if err != nil {
			t.Fatal(err)
		}
		marks := map[string]int{}
		for _, p := range ps {
			mark, _, _ := strings.Cut(p.Text, " ")
			marks[mark]++
		}
		newest := written - (written-n)%10
		ok := len(marks) == 1 && (marks[fmt.Sprint("m", newest)] == 4 || marks[fmt.Sprint("m", newest+10)] == 4)
		if !ok {
			t.Errorf("document %d has %v after the kill at %d", n, marks, written)
		}
	}
	st, err := s.Stats(t.Context(), scope)
	hits, err2 := s.Match(t.Context(), retrieve.Terms{{Token: "tekst", Weight: 1}}, retrieve.Selection{Scope: scope, Limit: 1000})
	if err != nil || err2 != nil || len(hits) != st.Passages || st.Documents != 10 {
		t.Errorf("%d hits of %+v after the kill: %v, %v", len(hits), st, err, err2)
	}
}

// writeForever replaces ten documents in turn and prints each number once it
// is written; TestKill ends it.
func writeForever(path string) error {
	ctx := context.Background()
	s, err := localstore.Open(ctx, path, localstore.Options{})
	if err != nil {
		return err
	}
	for n := 0; ; n++ {
		if err := write(ctx, s, n%10, fmt.Sprint("m", n), 4); err != nil {
			return err
		}
		if _, err := fmt.Println(n); err != nil {
			return err
		}
	}
}
