package index

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// sourcesFact lists the sources that have ever written to the index.
const sourcesFact = "sources"

// Withdraw removes all documents of the sources that wrote to the index and are
// no longer among those that are configured: what is not a source may not be
// cited. The configured ones are noted for the next time. It adds to the report.
func (x *Indexer) Withdraw(ctx context.Context, configured []string, r *Report) error {
	text, err := x.Ledger.Fact(ctx, sourcesFact)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	var names []string
	if text != "" {
		if err := json.Unmarshal([]byte(text), &names); err != nil {
			return fmt.Errorf("the list of sources in the index cannot be read: %w", err)
		}
	}
	for _, n := range names {
		known[n] = true
	}
	for _, n := range names {
		if !slices.Contains(configured, n) {
			if err := x.withdraw(ctx, n, r); err != nil {
				return fmt.Errorf("source %q is no longer configured, and its documents could not be removed: %w", n, err)
			}
			delete(known, n)
		}
	}
	for _, n := range configured {
		known[n] = true
	}
	b, err := json.Marshal(slices.Sorted(maps.Keys(known)))
	if err != nil {
		return err
	}
	return x.Ledger.SetFact(ctx, sourcesFact, string(b))
}

func (x *Indexer) withdraw(ctx context.Context, source string, r *Report) error {
	var entries []ingest.Entry // collected first: the ledger changes below
	for e, err := range x.Ledger.Entries(ctx, source) {
		if err != nil {
			return err
		}
		entries = append(entries, e)
	}
	for _, e := range entries {
		if err := x.gone(ctx, source, e.Ref, e, r); err != nil {
			return err
		}
	}
	// Should it be configured again, it begins anew.
	if err := x.Ledger.SetCursor(ctx, source, ingest.Cursor{}); err != nil {
		return err
	}
	if err := x.Ledger.SetFact(ctx, runsFact(source), ""); err != nil {
		return err
	}
	x.Log.Warn("a source is no longer configured; its documents were removed", "source", source, "documents", len(entries))
	return nil
}

// ownedBy names another source that has the document, "" if none has. Two sources
// of one collection may come upon the same document; the first keeps it.
func (x *Indexer) ownedBy(ctx context.Context, source string, ref ingest.Ref) (string, error) {
	for _, s := range x.Siblings {
		if s == source {
			continue
		}
		e, ok, err := x.Ledger.Entry(ctx, s, ref.ID)
		if err != nil {
			return "", err
		}
		if ok && e.Ref == ref && e.Passages > 0 {
			return s, nil
		}
	}
	return "", nil
}
