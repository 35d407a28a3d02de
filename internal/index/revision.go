package index

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

const revisionFact = "revision"

// Revision names the content of the index, so that what was said of one content
// is never taken for another's. It changes before and after every change of a
// document's passages, and both before its entry is written: a crash anywhere in
// between repeats them.
func Revision(ctx context.Context, l retrieve.Ledger) (string, error) {
	return l.Fact(ctx, revisionFact)
}

func newRevision(ctx context.Context, l retrieve.Ledger) error {
	return l.SetFact(ctx, revisionFact, newName())
}

// newName is one that no other has.
func newName() string {
	b := make([]byte, 8)
	rand.Read(b)
	return hex.EncodeToString(b)
}
