package extract

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func extractFlatODF(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "flat ODF is not read yet")
}

func extractODT(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "ODT is not read yet")
}

func extractDOCX(_ context.Context, in Input) (*ingest.Document, error) {
	return nil, in.fail(ErrUnsupported, "DOCX is not read yet")
}
