package retrieve

import (
	"context"
	"iter"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
)

// Store keeps passages and finds them. It is safe for concurrent use; searches
// go on while documents are replaced, and see a document's old passages or its
// new ones, never a mixture or none. What a call has written is there after a
// crash once the call has returned. storetest holds the suite that every Store
// passes.
type Store interface {
	// Replace makes recs the passages of doc, atomically; what the store had of
	// doc is gone. Every record's Doc must be doc. No records is ErrNoRecords: an
	// extraction that yields nothing never empties a document by accident. A
	// vector of other dimensions than those in the store is ErrDimensions.
	Replace(ctx context.Context, doc ingest.Ref, recs []Record) error

	// Delete removes documents with all their passages. Unknown documents are no
	// error; no documents deletes nothing.
	Delete(ctx context.Context, docs ...ingest.Ref) error

	// Nearest returns the passages whose vectors have the largest dot product
	// with v, best first, ties by passage ID; the scores are exact.
	Nearest(ctx context.Context, v embed.Vector, sel Selection) ([]Hit, error)

	// Match returns the passages with the largest sum, over the terms they share
	// with q, of query weight × passage weight × idf, best first, ties by ID.
	// Passages that share no term are not returned.
	//
	//	idf = ln(1 + (N - n + 0.5) / (n + 0.5))
	//
	// N and n count the passages in the collections of the selection's scope, so
	// that what somebody may not read never changes what they see.
	Match(ctx context.Context, q Terms, sel Selection) ([]Hit, error)

	// Passages returns the passages of a document in order; none if the document
	// is unknown or outside the scope.
	Passages(ctx context.Context, scope Scope, doc ingest.Ref) ([]Passage, error)

	// All yields every passage of the scope, document by document, in order.
	All(ctx context.Context, scope Scope) iter.Seq2[Passage, error]

	// Reweigh replaces the terms of every passage, in one step that searches see
	// as a whole: the lexical analysis changed, the vectors stay.
	Reweigh(ctx context.Context, terms func(*Passage) Terms) error

	// Stats counts documents and passages in the scope.
	Stats(ctx context.Context, scope Scope) (Stats, error)

	Close() error
}

// Stats is the size of a store.
type Stats struct{ Documents, Passages int }

// Ledger is what ingestion remembers between runs: cursors, the state of every
// document, who is at work, and facts about the index itself. It lives where
// the store lives.
type Ledger interface {
	Cursor(ctx context.Context, source string) (ingest.Cursor, error)
	SetCursor(ctx context.Context, source string, c ingest.Cursor) error

	// Entry returns the entry of a document as the source knows it; false if
	// there is none.
	Entry(ctx context.Context, source, id string) (ingest.Entry, bool, error)
	// Entries yields all entries of a source, ordered by ID.
	Entries(ctx context.Context, source string) iter.Seq2[ingest.Entry, error]
	PutEntry(ctx context.Context, source string, e ingest.Entry) error
	DropEntry(ctx context.Context, source, id string) error

	// Fact and SetFact keep facts about the index: its signature, the lexicon.
	// A fact that was never set is "".
	Fact(ctx context.Context, key string) (string, error)
	SetFact(ctx context.Context, key, value string) error

	// Lease takes or renews a named lease for an owner until ttl from now;
	// ErrLeased while another owner holds it. Release gives it back if the owner
	// holds it.
	Lease(ctx context.Context, name, owner string, ttl time.Duration) error
	Release(ctx context.Context, name, owner string) error
}
