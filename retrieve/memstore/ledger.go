package memstore

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// ledger implements retrieve.Ledger.
type ledger struct {
	lmu     sync.Mutex
	cursors map[string]ingest.Cursor
	entries map[string]map[string]ingest.Entry
	facts   map[string]string
	leases  map[string]lease
}

type lease struct {
	owner   string
	expires time.Time
}

func newLedger() ledger {
	return ledger{
		cursors: map[string]ingest.Cursor{},
		entries: map[string]map[string]ingest.Entry{},
		facts:   map[string]string{},
		leases:  map[string]lease{},
	}
}

// Cursor is as in retrieve.Ledger.
func (l *ledger) Cursor(ctx context.Context, source string) (ingest.Cursor, error) {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	return slices.Clone(l.cursors[source]), nil
}

// SetCursor is as in retrieve.Ledger.
func (l *ledger) SetCursor(ctx context.Context, source string, c ingest.Cursor) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	l.cursors[source] = slices.Clone(c)
	return nil
}

// Entry is as in retrieve.Ledger.
func (l *ledger) Entry(ctx context.Context, source, id string) (ingest.Entry, bool, error) {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	e, ok := l.entries[source][id]
	return e, ok, nil
}

// Entries yields the entries as they are when the iteration begins.
func (l *ledger) Entries(ctx context.Context, source string) iter.Seq2[ingest.Entry, error] {
	return func(yield func(ingest.Entry, error) bool) {
		l.lmu.Lock()
		entries := maps.Clone(l.entries[source])
		l.lmu.Unlock()
		for _, id := range slices.Sorted(maps.Keys(entries)) {
			if !yield(entries[id], nil) {
				return
			}
		}
	}
}

// PutEntry is as in retrieve.Ledger.
func (l *ledger) PutEntry(ctx context.Context, source string, e ingest.Entry) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	if l.entries[source] == nil {
		l.entries[source] = map[string]ingest.Entry{}
	}
	l.entries[source][e.Ref.ID] = e
	return nil
}

// DropEntry is as in retrieve.Ledger.
func (l *ledger) DropEntry(ctx context.Context, source, id string) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	delete(l.entries[source], id)
	return nil
}

// Fact is as in retrieve.Ledger.
func (l *ledger) Fact(ctx context.Context, key string) (string, error) {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	return l.facts[key], nil
}

// SetFact is as in retrieve.Ledger.
func (l *ledger) SetFact(ctx context.Context, key, value string) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	l.facts[key] = value
	return nil
}

// Lease is as in retrieve.Ledger.
func (l *ledger) Lease(ctx context.Context, name, owner string, ttl time.Duration) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	now := time.Now()
	if h, ok := l.leases[name]; ok && h.owner != owner && now.Before(h.expires) {
		return fmt.Errorf("%s: %w (%s)", name, retrieve.ErrLeased, h.owner)
	}
	l.leases[name] = lease{owner, now.Add(ttl)}
	return nil
}

// Release is as in retrieve.Ledger.
func (l *ledger) Release(ctx context.Context, name, owner string) error {
	l.lmu.Lock()
	defer l.lmu.Unlock()
	if l.leases[name].owner == owner {
		delete(l.leases, name)
	}
	return nil
}
