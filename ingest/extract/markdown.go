package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func extractMarkdown(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "Markdown is not read yet")
}
