package storetest

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func (f *fixture) wantCursor(source, want string) {
	f.t.Helper()
	got, err := f.ledger.Cursor(f.ctx, source)
	if err != nil || string(got) != want {
		f.t.Fatalf("Cursor(%q) = %q, %v; want %q", source, got, err, want)
	}
}

func testCursor(t *testing.T, f *fixture) {
	f.wantCursor("site", "")
	for _, c := range []string{"eerste", "\x00\xff binair", "derde", ""} {
		if err := f.ledger.SetCursor(f.ctx, "site", ingest.Cursor(c)); err != nil {
			t.Fatal(err)
		}
		f.wantCursor("site", c)
		f.wantCursor("andere", "")
	}
}

func entry(id string) ingest.Entry {
	return ingest.Entry{
		Ref: ref("a", id), Digest: "00ff", State: `{"etag":"\"x\""}`, URL: "https://waterrijk.example/" + id, Title: "Titel " + id,
		Passages: 7, Indexed: time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC), Checked: day(2026, 2, 1),
	}
}

func (f *fixture) wantEntry(source, id string, want ingest.Entry, wantOK bool) {
	f.t.Helper()
	got, ok, err := f.ledger.Entry(f.ctx, source, id)
	if err != nil || ok != wantOK {
		f.t.Fatalf("Entry(%q, %q): %v, %v; want %v", source, id, ok, err, wantOK)
	}
	if d := gocmp.Diff(want, got); d != "" {
		f.t.Fatalf("Entry(%q, %q) differs (-want +got):\n%s", source, id, d)
	}
}

func (f *fixture) put(source string, e ingest.Entry) {
	f.t.Helper()
	if err := f.ledger.PutEntry(f.ctx, source, e); err != nil {
		f.t.Fatal(err)
	}
}

func testEntry(t *testing.T, f *fixture) {
	f.wantEntry("site", "x", ingest.Entry{}, false)
	e := entry("x")
	f.put("site", e)
	f.wantEntry("site", "x", e, true)
	f.wantEntry("andere", "x", ingest.Entry{}, false)
	e.Failure, e.FailedSince, e.Digest, e.Indexed = "HTTP 500", day(2026, 3, 1), "", time.Time{}
	f.put("site", e)
	f.wantEntry("site", "x", e, true)
	for range 2 { // dropping what is not there is no error
		if err := f.ledger.DropEntry(f.ctx, "site", "x"); err != nil {
			t.Fatal(err)
		}
		f.wantEntry("site", "x", ingest.Entry{}, false)
	}
}

func testEntries(t *testing.T, f *fixture) {
	order := []string{"b", "a/2", "a/10", "ä", "Z", "a"}
	for _, id := range order {
		f.put("site", entry(id))
	}
	f.put("andere", entry("vreemd"))
	slices.Sort(order)
	var got []string
	for e, err := range f.ledger.Entries(f.ctx, "site") {
		if err != nil {
			t.Fatal(err)
		}
		if d := gocmp.Diff(entry(e.Ref.ID), e); d != "" {
			t.Fatalf("entry %s differs (-want +got):\n%s", e.Ref.ID, d)
		}
		got = append(got, e.Ref.ID)
	}
	if !slices.Equal(got, order) {
		t.Fatalf("Entries are %q, want %q", got, order)
	}
	// A source writes and drops entries while it goes through them.
	n := 0
	for e, err := range f.ledger.Entries(f.ctx, "site") {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n%2 == 0 {
			if err := f.ledger.DropEntry(f.ctx, "site", e.Ref.ID); err != nil {
				t.Fatal(err)
			}
		} else {
			f.put("site", e)
		}
	}
	if n != len(order) {
		t.Fatalf("%d entries while they are written, want %d", n, len(order))
	}
	for range f.ledger.Entries(f.ctx, "site") {
		break
	}
	for e, err := range f.ledger.Entries(f.ctx, "onbekend") {
		t.Fatalf("entry of an unknown source: %v, %v", e, err)
	}
	f.put("site", entry("daarna"))
}

func (f *fixture) wantFact(key, want string) {
	f.t.Helper()
	if got, err := f.ledger.Fact(f.ctx, key); err != nil || got != want {
		f.t.Fatalf("Fact(%q) = %q, %v; want %q", key, got, err, want)
	}
}

func testFact(t *testing.T, f *fixture) {
	f.wantFact("handtekening", "")
	for _, v := range []string{"een", "twee \x00 🙂", ""} {
		if err := f.ledger.SetFact(f.ctx, "handtekening", v); err != nil {
			t.Fatal(err)
		}
		f.wantFact("handtekening", v)
		f.wantFact("lexicon", "")
	}
}

func (f *fixture) lease(name, owner string, ttl time.Duration, held bool) {
	f.t.Helper()
	err := f.ledger.Lease(f.ctx, name, owner, ttl)
	if held && !errors.Is(err, retrieve.ErrLeased) || !held && err != nil {
		f.t.Fatalf("Lease(%q, %q): %v; held by another: %v", name, owner, err, held)
	}
}

func (f *fixture) release(name, owner string) {
	f.t.Helper()
	if err := f.ledger.Release(f.ctx, name, owner); err != nil {
		f.t.Fatalf("Release(%q, %q): %v", name, owner, err)
	}
}

func testLease(t *testing.T, f *fixture) {
	f.lease("site", "een", time.Hour, false)
	f.lease("site", "een", time.Hour, false) // renewed
	f.lease("site", "twee", time.Hour, true)
	f.lease("map", "twee", time.Hour, false)
	f.release("site", "twee") // does not hold it
	f.lease("site", "twee", time.Hour, true)
	f.release("site", "een")
	f.release("site", "een")
	f.release("onbekend", "een")
	f.lease("site", "twee", time.Hour, false)
	f.lease("site", "een", time.Hour, true)
}

func testLeaseExpires(t *testing.T, f *fixture) {
	f.lease("site", "een", time.Millisecond, false)
	deadline := time.Now().Add(20 * time.Second)
	for {
		err := f.ledger.Lease(f.ctx, "site", "twee", time.Hour)
		if err == nil {
			break
		}
		if !errors.Is(err, retrieve.ErrLeased) || time.Now().After(deadline) {
			t.Fatalf("an expired lease is not taken over: %v", err)
		}
	}
	f.lease("site", "een", time.Hour, true)
	f.release("site", "een") // the dead owner awakes: it does not take the lease with it
	f.lease("site", "drie", time.Hour, true)
}

// testLeaseRace lets many owners, on two handles, ask for one lease at once.
func testLeaseRace(t *testing.T, f *fixture) {
	second, ledger := f.open(t)
	defer second.Close()
	var won atomic.Int32
	var wg sync.WaitGroup
	for i := range 8 {
		l := []retrieve.Ledger{f.ledger, ledger}[i%2]
		wg.Go(func() {
			switch err := l.Lease(f.ctx, "site", fmt.Sprint("eigenaar", i), time.Hour); {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, retrieve.ErrLeased):
				t.Errorf("Lease: %v", err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d owners hold the lease, want 1", won.Load())
	}
}

func testLedgerReopen(t *testing.T, f *fixture) {
	f.put("site", entry("x"))
	if err := f.ledger.SetCursor(f.ctx, "site", ingest.Cursor("ver")); err != nil {
		t.Fatal(err)
	}
	if err := f.ledger.SetFact(f.ctx, "handtekening", "abc"); err != nil {
		t.Fatal(err)
	}
	f.lease("site", "een", time.Hour, false)
	f.reopen()
	f.wantEntry("site", "x", entry("x"), true)
	f.wantCursor("site", "ver")
	f.wantFact("handtekening", "abc")
	f.lease("site", "twee", time.Hour, true)
	f.lease("site", "een", time.Hour, false)
}
