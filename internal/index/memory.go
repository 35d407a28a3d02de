package index

import (
	"context"
	"iter"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// memory gives a source its own part of the ledger.
type memory struct {
	ledger     retrieve.Ledger
	source     string
	collection string
}

func (m memory) Cursor(ctx context.Context) (ingest.Cursor, error) {
	return m.ledger.Cursor(ctx, m.source)
}

func (m memory) Entry(ctx context.Context, id string) (ingest.Entry, bool, error) {
	e, ok, err := m.ledger.Entry(ctx, m.source, id)
	return m.view(e), ok, err
}

func (m memory) Entries(ctx context.Context) iter.Seq2[ingest.Entry, error] {
	return func(yield func(ingest.Entry, error) bool) {
		for e, err := range m.ledger.Entries(ctx, m.source) {
			if !yield(m.view(e), err) {
				return
			}
		}
	}
}

// view hides what would let a source pass over a document that has to move: the
// source was given another collection since it was indexed.
func (m memory) view(e ingest.Entry) ingest.Entry {
	if e.Ref.ID != "" && e.Ref.Collection != m.collection {
		e.Ref.Collection = m.collection
		e.Digest, e.State, e.Failure = "", "", "it is in another collection"
	}
	return e
}
