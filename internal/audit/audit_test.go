package audit

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// writerEnv makes the test program a second process that records answers in the
// file it names.
const writerEnv = "VRAAGBAAK_AUDIT_TEST_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeMany(context.Background(), path, "child"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func open(t *testing.T, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func sample(id, text string) *answer.Answer {
	return &answer.Answer{ID: id, Question: "Wat kost een paspoort?", Status: answer.Answered, Mode: answer.Extracted,
		Statements: []answer.Statement{{Text: text, Citations: []answer.Citation{{Source: 1, Quote: text, URL: "p.html", Heading: []string{"Kosten"}, Start: 3, End: 3 + len(text)}}}},
		Choices:    []string{}, Sources: []answer.Source{{N: 1, URL: "p.html", Text: text, Heading: []string{"Kosten"}}},
		Models: answer.Models{Embedder: "e5"}, Timings: answer.Timings{Total: 12.5}}
}

// basis has something in every field.
func basis() *answer.Basis {
	day := time.Date(2026, 5, 3, 14, 5, 6, 789, time.UTC)
	return &answer.Basis{Engine: "3", Prompt: "ab", Options: answer.Defaults(), Collections: []string{"site"},
		History: []answer.Turn{{Question: "Wat kost een rijbewijs?", Answer: "€ 49,35."}}, Filter: retrieve.Filter{Dossiers: []string{"36600-VII"}, From: day},
		AsOf: day, Moment: day, Embedder: answer.ModelState{Name: "e5", SHA256: "cd"}, Generator: answer.ModelState{Name: "qwen", SHA256: "ef"}, State: "1 2",
		Documents: []answer.DocumentState{{Collection: "site", ID: "p.html", Digest: "12"}},
		Index:     answer.IndexState{Made: "m", Revision: "1", Lexicon: "2", Signature: map[string]string{"chunks": "220/60"}}}
}

func record(key string, a *answer.Answer) answer.Record {
	return answer.Record{Key: key, Answer: a, Basis: basis()}
}

// A file of an earlier version is taken over as it is; what it does not say is
// said to be unknown.
func TestFileOfAnEarlierVersion(t *testing.T) {
	ctx, path := t.Context(), filepath.Join(t.TempDir(), "answers.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(sample("old", "Een paspoort kost € 86,85."))
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{
		"CREATE TABLE answers (id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, created TEXT NOT NULL, question TEXT NOT NULL, answer TEXT NOT NULL) STRICT",
		"INSERT INTO answers VALUES ('old', 'k', '2026-05-03T14:05:06Z', 'Wat kost een paspoort?', '" + string(text) + "')",
	} {
		if _, err := db.ExecContext(ctx, do); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 { // that open it at once
		wg.Go(func() {
			s, err := Open(ctx, path, 0)
			if err != nil {
				t.Error(err)
				return
			}
			s.Close()
		})
	}
	wg.Wait()
	s := open(t, path)
	rec, ok, err := s.Find(ctx, "old")
	if err != nil || !ok || rec.Basis != nil || rec.Answer.Question != "Wat kost een paspoort?" || rec.Given.Year() != 2026 {
		t.Errorf("got %+v, %v, %v", rec, ok, err)
	}
	if a, ok, err := s.Recall(ctx, "k"); err != nil || !ok || a.ID != "old" {
		t.Errorf("recall: %+v, %v, %v", a, ok, err)
	}
	if err := s.Record(ctx, record("k2", sample("new", "Tekst."))); err != nil {
		t.Fatal(err)
	}
	if rec, _, err := s.Find(ctx, "new"); err != nil || !reflect.DeepEqual(rec.Basis, basis()) {
		t.Errorf("got %+v, %v", rec.Basis, err)
	}
}

func TestRecall(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "a folder with ? and #", "answers.db")
	if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	s := open(t, path)
	if _, ok, err := s.Recall(ctx, "key"); ok || err != nil {
		t.Errorf("an empty file: %v, %v", ok, err)
	}
	want := sample("id1", "Een paspoort kost € 86,85.")
	if err := s.Record(ctx, record("key", want)); err != nil {
		t.Fatal(err)
	}
	if err := s.Record(ctx, record("key", sample("id2", "Iets anders."))); err != nil {
		t.Errorf("a second answer to the same key: %v", err)
	}
	check := func(s *Store) {
		t.Helper()
		got, ok, err := s.Recall(ctx, "key")
		if err != nil || !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("got %+v, %v, %v; want the first answer, %+v", got, ok, err, want)
		}
		if got, ok, err := s.Find(ctx, "id1"); err != nil || !ok || got.Key != "key" || time.Since(got.Given) > time.Hour || !reflect.DeepEqual(got.Answer, want) || !reflect.DeepEqual(got.Basis, basis()) {
			t.Errorf("by ID: %+v, %v, %v", got, ok, err)
		}
		for _, id := range []string{"id2", "", "id1' OR 1=1 --"} {
			if _, ok, err := s.Find(ctx, id); ok || err != nil {
				t.Errorf("by ID %q: %v, %v", id, ok, err)
			}
		}
	}
	check(s)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	check(open(t, path))
}

func TestDamagedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers.db")
	if err := os.WriteFile(path, bytes.Repeat([]byte("no database "), 1000), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), path, 0); err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), "delete it to start a new one") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(t.Context(), filepath.Join(path, "answers.db"), 0); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("below a file: %v", err)
	}
}

func TestDamagedRecord(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "answers.db"))
	if err := s.Record(t.Context(), record("key", sample("id1", "Tekst."))); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "UPDATE answers SET answer = '{'"); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := s.Recall(t.Context(), "key"); ok || err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v, %v", ok, err)
	}
}

const perWriter = 25

// writeMany records answers of its own, and answers to keys that others write
// too.
func writeMany(ctx context.Context, path, name string) error {
	s, err := Open(ctx, path, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	for i := range perWriter {
		for _, key := range []string{fmt.Sprintf("%s/%d", name, i), fmt.Sprintf("shared/%d", i)} {
			if err := s.Record(ctx, record(key, sample(name+" "+key, "Tekst van "+name))); err != nil {
				return fmt.Errorf("%s: record %s: %w", name, key, err)
			}
			if _, ok, err := s.Recall(ctx, key); !ok || err != nil {
				return fmt.Errorf("%s: recall %s: %v, %w", name, key, ok, err)
			}
		}
	}
	return nil
}

// Handles of this process and of others make the file, and write it, at once.
func TestAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers.db")
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			if err := writeMany(t.Context(), path, fmt.Sprintf("handle%d", i)); err != nil {
				t.Error(err)
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), os.Args[0])
			cmd.Env = append(os.Environ(), writerEnv+"="+path)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a second process: %v: %s", err, out)
			}
		})
	}
	wg.Wait()
	s := open(t, path)
	for i := range perWriter {
		for _, key := range []string{fmt.Sprintf("handle0/%d", i), fmt.Sprintf("child/%d", i), fmt.Sprintf("shared/%d", i)} {
			if _, ok, err := s.Recall(t.Context(), key); !ok || err != nil {
				t.Errorf("%s: %v, %v", key, ok, err)
			}
		}
	}
}

func TestOldRecordsAreErased(t *testing.T) {
	path := filepath.Join(t.TempDir(), "answers.db")
	s, err := Open(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Record(t.Context(), record("k", &answer.Answer{ID: "a"})); err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.Exec("UPDATE answers SET created = '2020-01-01T00:00:00Z'"); err != nil {
		t.Fatal(err)
	}
	s.Close()
	if s, err = Open(t.Context(), path, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, ok, err := s.Recall(t.Context(), "k"); ok || err != nil {
		t.Errorf("a record of 2020 is still there (%v)", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is readable for others: %v, %v", info.Mode(), err)
	}
}
