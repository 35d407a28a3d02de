package index

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

// many are n files, the first of which are left out.
func many(n, without int) folder {
	f := folder{collection, map[string]string{}}
	for i := without; i < n; i++ {
		f.files[fmt.Sprintf("f%03d", i)] = fmt.Sprintf("Document %d.", i)
	}
	return f
}

func TestDeletes(t *testing.T) {
	for name, tt := range map[string]struct {
		n, gone int
		accept  bool
		removed int
	}{
		"few documents":            {n: 50, gone: 49, removed: 49},
		"a fifth":                  {n: 60, gone: 12, removed: 12},
		"more than a fifth":        {n: 60, gone: 13},
		"everything":               {n: 60, gone: 60},
		"more than a fifth, meant": {n: 60, gone: 60, accept: true, removed: 60},
		"just above the limit":     {n: 51, gone: 11},
		"a fifth of 51, rounded":   {n: 51, gone: 10, removed: 10},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(t, many(tt.n, 0))
			b.AcceptDeletes = tt.accept
			for range 2 { // a second run says the same
				r := Report{}
				err := b.Run(t.Context(), many(tt.n, tt.gone), &r)
				if stops := tt.removed == 0; errors.Is(err, ErrDeletes) != stops || !stops && err != nil {
					t.Fatalf("error %v", err)
				}
				if err != nil && (!strings.Contains(err.Error(), "--accept-deletes") || !strings.Contains(err.Error(), fmt.Sprintf("of its %d documents, such as f000, f001, f002;", tt.n))) {
					t.Errorf("error %v", err)
				}
				if got := len(everything(t, b.store, collection)); got != tt.n-tt.removed {
					t.Fatalf("%d documents are left, want %d", got, tt.n-tt.removed)
				}
				if tt.removed > 0 {
					break
				}
			}
		})
	}
}

// What could never be read is no loss.
func TestDeletesOfFailures(t *testing.T) {
	b := newBench(t)
	f := many(60, 0)
	for i := range 30 {
		f.files[fmt.Sprintf("stuk%d", i)] = "!niet te lezen"
	}
	b.run(t, f)
	b.wantCounts(t, many(60, 1), "new 0 changed 0 unchanged 59 deleted 1 failed 0")
	n := 0
	for range b.store.Entries(t.Context(), sourceName) {
		n++
	}
	if n != 59 {
		t.Errorf("%d entries, want 59", n)
	}
}

// The cursor never overtakes a deletion that was held back.
func TestDeletesHoldTheCursor(t *testing.T) {
	b := newBench(t)
	b.run(t, many(60, 0))
	gone := func(id, next string) ingest.Change {
		return ingest.Change{Ref: ingest.Ref{Collection: collection, ID: id}, Op: ingest.Gone, Next: ingest.Cursor(next)}
	}
	cursor := func() string {
		c, err := b.store.Cursor(t.Context(), sourceName)
		if err != nil {
			t.Fatal(err)
		}
		return string(c)
	}
	later := put(collection, "nieuw", "Nieuw.")
	later.Next = ingest.Cursor("c")
	changes := []ingest.Change{put(collection, "x", "X."), gone("f000", "b"), later}
	changes[0].Next = ingest.Cursor("a")

	ctx, cancel := context.WithCancel(t.Context())
	b.Progress = func(r Report) {
		if r.New == 2 {
			cancel()
		}
	}
	if err := b.Run(ctx, script{changes: changes}, &Report{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	b.Progress = nil
	if _, ok := b.entry(t, "f000"); !ok || cursor() != "a" {
		t.Errorf("cut short: the cursor is %q, the document is there: %v", cursor(), ok)
	}
	over := []ingest.Change{changes[0], changes[1], later}
	for i := range 12 {
		over = append(over, gone(fmt.Sprintf("f%03d", i+1), "d"))
	}
	if err := b.Run(t.Context(), script{changes: over}, &Report{}); !errors.Is(err, ErrDeletes) || cursor() != "a" {
		t.Errorf("too much: the cursor is %q, error %v", cursor(), err)
	}
	b.run(t, script{changes: changes})
	if _, ok := b.entry(t, "f000"); ok || cursor() != "c" {
		t.Errorf("complete: the cursor is %q, the document is there: %v", cursor(), ok)
	}
}

// A document that turns out to be there stays; a source that breaks down has
// done what it did.
func TestDeletesAndOtherNews(t *testing.T) {
	b := newBench(t)
	b.run(t, many(60, 0))
	gone := func(id string) ingest.Change {
		return ingest.Change{Ref: ingest.Ref{Collection: collection, ID: id}, Op: ingest.Gone}
	}
	back := put(collection, "f000", "Document 0, verplaatst.")
	r := Report{}
	err := b.Run(t.Context(), script{changes: []ingest.Change{gone("f000"), gone("f001"), back}, err: errors.New("de site is weg")}, &r)
	if err == nil || err.Error() != `source "stukken": de site is weg` {
		t.Errorf("error %v", err)
	}
	if got := counts(r); got != "new 0 changed 1 unchanged 0 deleted 1 failed 0" {
		t.Error(got)
	}
	if _, ok := b.entry(t, "f000"); !ok {
		t.Error("a document that came back was removed")
	}
}

// Killed at any write, the next run removes what is left to remove.
func TestDeletesKilled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		undisturbed := memstore.New()
		benchOn(undisturbed).run(t, many(55, 0))
		benchOn(undisturbed).run(t, many(55, 3))
		for k := 1; ; k++ {
			d := &dying{storage: memstore.New()}
			b := benchOn(d)
			b.run(t, many(55, 0))
			d.writes, d.at = 0, k
			err := b.Run(t.Context(), many(55, 3), &Report{})
			d.at = 0
			time.Sleep(leaseTime + time.Second)
			b.run(t, many(55, 3))
			if got, want := kept(t, d.storage), kept(t, undisturbed); got != want {
				t.Fatalf("killed at write %d:\n%s\nwant\n%s", k, got, want)
			}
			if err == nil {
				if k < 15 {
					t.Fatalf("only %d writes", k)
				}
				return
			}
		}
	})
}

func TestSourceRuns(t *testing.T) {
	b := newBench(t)
	runs := func() Runs {
		t.Helper()
		r, err := SourceRuns(t.Context(), b.store, sourceName)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if r := runs(); r != (Runs{}) {
		t.Errorf("before the first run: %+v", r)
	}
	b.run(t, folder{"elders", map[string]string{"z": "Andere."}})
	report := Report{New: 7, Passages: 9} // of another source
	if err := b.Run(t.Context(), folder{collection, map[string]string{"a": "Eerste.", "b": "!stuk", "z": "Andere."}}, &report); err != nil {
		t.Fatal(err)
	}
	r := runs()
	if *r.Last != *r.Success || r.Last.New != 1 || r.Last.Changed != 1 || r.Last.Failed != 1 || r.Last.Passages != 2 || r.Last.Ended.Before(r.Last.Started) || r.Last.Started.IsZero() {
		t.Errorf("after a run: %+v", *r.Last)
	}
	if err := b.Run(t.Context(), script{err: errors.New("de site is weg")}, &Report{}); err == nil {
		t.Error("no error")
	}
	if after := runs(); *after.Success != *r.Success || after.Last.Error != `source "stukken": de site is weg` {
		t.Errorf("after a run that failed: %+v", *after.Last)
	}
	if err := b.store.SetFact(t.Context(), runsFact(sourceName), "{"); err != nil {
		t.Fatal(err)
	}
	if _, err := SourceRuns(t.Context(), b.store, sourceName); err == nil {
		t.Error("a damaged note was read")
	}
	b.run(t, script{})
	if r := runs(); r.Success == nil {
		t.Error("a damaged note stays")
	}
}

// A process that lost its lease leaves the notes to the other.
func TestRunOfAnotherIsNotNoted(t *testing.T) {
	b := newBench(t)
	if err := b.store.Lease(t.Context(), "ingest/"+sourceName, "another", time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := b.Run(t.Context(), script{}, &Report{}); err == nil {
		t.Error("no error")
	}
	if s, _ := b.store.Fact(t.Context(), runsFact(sourceName)); s != "" {
		t.Errorf("noted: %s", s)
	}
}
