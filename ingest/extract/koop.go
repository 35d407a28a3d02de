package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractKOOP reads any XML that is not HTML.
func extractKOOP(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "XML is not read yet")
}
