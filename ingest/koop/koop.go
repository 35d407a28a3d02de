// Package koop is the source of the publication services of the Dutch
// government: the official publications of KOOP (SRU), the papers of the Tweede
// Kamer (OData and SyncFeed) and the open data of rijksoverheid.nl. It owns how
// these services are asked, what of them is selected, and how far a harvest got.
// It never turns bytes into text: the Extract function of its options does; and
// it never stores anything but what travels in cursors and states.
//
// These are interfaces made for programs, so robots.txt, which speaks to
// crawlers that follow links, is not consulted; the pace is that of a polite
// crawler all the same.
package koop

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Input is one manifestation of a record, to be turned into a document.
type Input struct {
	Name        string // file name, such as kst-32545-143.xml
	URL         string // it was read from
	ContentType string // as the server gave it
	Data        []byte
}

// ExtractFunc turns a manifestation into a document with its Title, Text,
// Blocks, dates and Meta. An error means this manifestation has no text to use,
// and the next one is tried.
type ExtractFunc func(ctx context.Context, in Input) (*ingest.Document, error)
