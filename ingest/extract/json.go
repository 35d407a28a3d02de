package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func extractJSON(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "JSON is not read yet")
}
