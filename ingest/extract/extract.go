// Package extract turns the bytes of one file or response into a document with
// canonical text: HTML, PDF, official publications in XML, ODT, DOCX, Markdown,
// plain text and the JSON of rijksoverheid.nl. It never fetches, walks, stores
// or splits anything, and never runs what it reads.
//
// Every parser writes through one builder, so that block ranges, whitespace
// and Unicode form are right by construction.
package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime/debug"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Version changes whenever the same bytes give another document; it belongs
// to the signature of an index and to the state of a read file.
const Version = "4"

// The reasons why a document has no text. Errors of Extract wrap exactly one
// of them, or the error of the context.
var (
	// ErrUnsupported: a format that is not read, such as an image.
	ErrUnsupported = errors.New("format not supported")
	// ErrEmpty: no text of its own, such as a scan without text layer.
	ErrEmpty = errors.New("no text")
	// ErrUnreadable: damaged, encrypted, too large or too deep.
	ErrUnreadable = errors.New("unreadable")
	// ErrMetadata: describes a document without holding its text, such as
	// an SRU record or a manifest.
	ErrMetadata = errors.New("metadata only")
)

// ErrNeedsOCR is wrapped beside one of the reasons where OCR, which was not
// there, would read the document.
var ErrNeedsOCR = errors.New("OCR would read it")

// Input is one file or response.
type Input struct {
	Name        string // file name or path of the URL: a hint about the format, and the title of last resort
	URL         string // absolute address it came from, "" for a file; relative links are resolved against it
	ContentType string // as the server gave it, "" if unknown
	Data        []byte
	OCR         *OCR   // reads pages without text; nil for none: they are listed as unread
	Alive       func() // called after each page that takes long on purpose; may be nil
	MaxHTML     int    // limit on HTML in bytes, 0 for DefaultMaxHTML

	depth int // how many files it stands in
}

// fail makes the one-line error of an input: its name, what is wrong and what
// to do about it.
func (in Input) fail(kind error, format string, args ...any) error {
	return fmt.Errorf("%s: %w: %s", in.label(), kind, fmt.Sprintf(format, args...))
}

// needsOCR marks an error that OCR would spare.
func needsOCR(err error) error { return &farError{err.Error(), []error{err, ErrNeedsOCR}} }

func (in Input) label() string {
	switch {
	case in.URL != "":
		return in.URL
	case in.Name != "":
		return in.Name
	}
	return "input"
}

// ext is the extension in lower case, with its dot.
func (in Input) ext() string { return strings.ToLower(path.Ext(in.Name)) }

// mediaType is the content type in lower case without its parameters.
func (in Input) mediaType() string {
	t, _, _ := strings.Cut(in.ContentType, ";")
	return strings.ToLower(strings.TrimSpace(t))
}

// Extract reads a document. It sets Title, URL, Language, Meta, Text, Blocks
// and the dates it finds; Ref, Fetched and Digest are the caller's. The format
// is decided by the content first, then by content type and extension.
//
// A parser that panics costs this document only (ErrUnreadable). When the
// context ends, Extract returns its error at once; the parser stops at its
// next block.
func Extract(ctx context.Context, in Input) (*ingest.Document, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", in.label(), err)
	}
	if len(strings.TrimSpace(string(in.Data[:min(len(in.Data), 4096)]))) == 0 && blank(in.Data) {
		return nil, in.fail(ErrEmpty, "the file is empty; put its content back or remove it")
	}
	parse, err := detect(in)
	if err != nil {
		return nil, err
	}
	type result struct {
		doc *ingest.Document
		err error
	}
	done := make(chan result, 1)
	go func() {
		doc, err := guard(ctx, in, parse)
		done <- result{doc, err}
	}()
	select {
	case <-ctx.Done():
		return nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
	case r := <-done:
		if r.err != nil {
			return nil, r.err
		}
		return finish(in, r.doc)
	}
}

type parser func(context.Context, Input) (*ingest.Document, error)

// guard runs a parser and turns a panic into an error of this document.
func guard(ctx context.Context, in Input, parse parser) (doc *ingest.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			at := "unknown place"
			for line := range strings.Lines(string(debug.Stack())) {
				if _, file, ok := strings.Cut(line, "/ingest/extract/"); ok && !strings.HasPrefix(file, "extract.go") {
					at, _, _ = strings.Cut(strings.TrimSpace(file), " ")
					break
				}
			}
			doc, err = nil, in.fail(ErrUnreadable, "its parser failed (%s, %s); please report this file", oneLine(fmt.Sprint(p)), at)
		}
	}()
	return parse(ctx, in)
}

// finish checks what every parser owes and fills in what it left open.
func finish(in Input, doc *ingest.Document) (*ingest.Document, error) {
	if doc == nil || doc.Text == "" {
		return nil, in.fail(ErrEmpty, "it holds no text of its own; scans need a text layer")
	}
	if err := doc.Check(); err != nil {
		return nil, in.fail(ErrUnreadable, "%v; please report this file", err)
	}
	doc.Title = oneLine(normalise(doc.Title))
	if doc.Title == "" {
		doc.Title = cmp.Or(titleFromName(in), "document")
	}
	if doc.URL == "" {
		doc.URL = in.URL
	}
	if doc.Language == "" {
		doc.Language = detectLanguage(doc.Text)
	}
	if doc.Meta == nil {
		doc.Meta = map[string]string{}
	}
	dropTitle(doc)
	markQuestions(doc)
	return doc, nil
}

// dropTitle leaves the title of the document out of the heading paths: it is
// kept once, in Title.
func dropTitle(doc *ingest.Document) {
	for i, b := range doc.Blocks {
		if len(b.Heading) > 0 && b.Heading[0] == doc.Title {
			doc.Blocks[i].Heading = b.Heading[1:]
		}
	}
}

func titleFromName(in Input) string {
	name := path.Base(strings.TrimRight(strings.ReplaceAll(in.Name, `\`, "/"), "/"))
	if name == "." || name == "/" {
		return in.label()
	}
	if title := strings.TrimSpace(strings.TrimSuffix(name, path.Ext(name))); title != "" {
		return oneLine(normalise(title))
	}
	return oneLine(normalise(name))
}
