package index

import (
	"context"
	"crypto/rand"
	"encoding/hex"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

const revisionFact = "revision"

// Revision names the content of the index: it changes before and after a run
// that changes any passage, so that what was said of one content is never taken
// for another's.
func Revision(ctx context.Context, l retrieve.Ledger) (string, error) {
	return l.Fact(ctx, revisionFact)
}

func newRevision(ctx context.Context, l retrieve.Ledger) error {
	b := make([]byte, 8)
	rand.Read(b)
	return l.SetFact(ctx, revisionFact, hex.EncodeToString(b))
}
