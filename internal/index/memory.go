package index

import (
	"context"
	"iter"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func (m memory) Cursor(ctx context.Context) (ingest.Cursor, error) {
	return m.ledger.Cursor(ctx, m.source)
}

func (m memory) Entry(ctx context.Context, id string) (ingest.Entry, bool, error) {
	return m.ledger.Entry(ctx, m.source, id)
}

func (m memory) Entries(ctx context.Context) iter.Seq2[ingest.Entry, error] {
	return m.ledger.Entries(ctx, m.source)
}
