package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func extractPDF(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "PDF is not read yet")
}
