package app

import (
	"context"
	"fmt"
	"iter"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/config"
)

// Fetch reads the document at a URL as the crawler would: one page, by the
// rules of its robots.txt, and not from internal addresses unless allowed.
func Fetch(ctx context.Context, url string, allowPrivate []string) (*ingest.Document, error) {
	src, err := NewSource(config.Source{Name: "extract", Kind: "website", Collection: "extract", Start: []string{url}, Allow: []string{url}, MaxPages: 1},
		config.Network{AllowPrivate: allowPrivate}, nil)
	if err != nil {
		return nil, err
	}
	for c, err := range src.Changes(ctx, nothing{}) {
		switch {
		case err != nil:
			return nil, err
		case c.Op == ingest.Put:
			return c.Doc, nil
		case c.Op == ingest.Fail:
			return nil, c.Err
		}
	}
	return nil, fmt.Errorf("%s: nothing there may be read", url)
}

// nothing is the memory of a source that never ran.
type nothing struct{}

func (nothing) Cursor(context.Context) (ingest.Cursor, error) { return nil, nil }
func (nothing) Entry(context.Context, string) (ingest.Entry, bool, error) {
	return ingest.Entry{}, false, nil
}
func (nothing) Entries(context.Context) iter.Seq2[ingest.Entry, error] {
	return func(func(ingest.Entry, error) bool) {}
}

var _ ingest.Memory = nothing{}
