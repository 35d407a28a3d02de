package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// DefaultMaxHTML is the limit on a page of HTML in bytes.
const DefaultMaxHTML = 10 << 20

func extractHTML(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "HTML is not read yet")
}
