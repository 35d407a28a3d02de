package app

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"log/slog"
	"net/url"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/internal/config"
)

// fetchPages bounds the requests for one document: itself after redirects.
const fetchPages = 11

// Fetch reads the document at a URL as the crawler would: by the rules of its
// robots.txt, after redirects within its server, and not from internal addresses
// unless allowed.
func Fetch(ctx context.Context, address string, allowPrivate []string, how ReadOptions, log *slog.Logger) (*ingest.Document, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil, fmt.Errorf("%s is not a URL", address)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	r := openReader(ctx, log)
	defer r.Close()
	if how.NoOCR {
		r.ocr = nil
	} else if r.ocr != nil {
		r.ocr.Time = how.OCRTime
	}
	server := (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}).String()
	o := crawlOptions(config.Source{Name: "extract", Collection: "extract", Start: []string{address}, Allow: []string{server},
		RequestsPerSecond: 5, MaxPages: fetchPages}, // no more than a browser would
		env{network: config.Network{AllowPrivate: allowPrivate}, reader: r})
	o.Trace = func(v crawl.Visit) { // the crawler would go on with the rest of the site
		none := v.Outcome == "skip" || v.Outcome == "gone" || v.Outcome == "redirect" && v.Reason != ""
		if v.From == "start" && none {
			cancel(fmt.Errorf("%s: %s", v.URL, cmp.Or(v.Reason, "there is no such page")))
		}
	}
	src, err := crawl.New(o)
	if err != nil {
		return nil, err
	}
	for c, err := range src.Changes(ctx, nothing{}) {
		switch {
		case context.Cause(ctx) != nil:
			return nil, context.Cause(ctx)
		case err != nil:
			return nil, err
		case c.Op == ingest.Put:
			return c.Doc, nil
		case c.Op == ingest.Fail:
			return nil, c.Err
		}
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return nil, fmt.Errorf("%s: nothing there may be read", address)
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
