package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/sandbox"
)

// env is what sources are opened with.
type env struct {
	network config.Network
	log     *slog.Logger
	reader  *reader // nil reads in this process, without text recognition
}

// Times for one file. A scan of a thousand pages takes most of an hour; it says
// after each page that it goes on.
const (
	readSilence = 5 * time.Minute
	readTotal   = time.Hour
)

// reader turns files into documents, in processes of their own: a file that
// crashes or hangs its parser costs that file only.
type reader struct {
	pool *sandbox.Pool
	ocr  *extract.OCR // nil where there is none
	log  *slog.Logger
}

// openReader looks for the program that reads scans; without it they are listed as
// unread. Close it.
func openReader(ctx context.Context, log *slog.Logger) *reader {
	ocr, err := extract.FindOCR(ctx)
	if err != nil {
		log.Info("scans are not read", "reason", err)
	}
	return &reader{pool: sandbox.New(sandbox.Options{Time: readSilence, Total: readTotal, Log: log}), ocr: ocr, log: log}
}

// Close ends the processes.
func (r *reader) Close() error {
	if r == nil {
		return nil
	}
	return r.pool.Close()
}

// of is what reads the files of a source.
func (e env) of(s config.Source) sourceReader {
	out := sourceReader{reader: e.reader}
	if e.reader != nil && s.OCR != "off" {
		out.ocr = e.reader.ocr
	}
	return out
}

// sourceReader reads as one source wants it.
type sourceReader struct {
	*reader
	ocr *extract.OCR
}

// abilities names what is used besides this program to read files. It is no part
// of the version: what was read without it stays as good as it was, and only
// the files that it would read are read again.
func (r sourceReader) abilities() string { return r.ocr.String() }

// lacking reports whether a file was not, or only partly, read for want of an
// ability.
func lacking(doc *ingest.Document, err error) bool {
	if err != nil {
		return errors.Is(err, extract.ErrNeedsOCR)
	}
	return doc.Meta["unread_pages"] != ""
}

func (r sourceReader) extract(ctx context.Context, in extract.Input) (*ingest.Document, error) {
	in.OCR = r.ocr
	if r.reader == nil {
		return extract.Extract(ctx, in)
	}
	return r.apart(ctx, in)
}

// apart has a child read a file; this process does where it cannot have
// children.
func (r *reader) apart(ctx context.Context, in extract.Input) (*ingest.Document, error) {
	if !sandbox.Able() {
		return extract.Extract(ctx, in)
	}
	header, err := in.Header()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	answer, err := r.pool.Do(ctx, header, in.Data)
	switch {
	case err == nil:
		return extract.Result(answer)
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", in.Name, ctx.Err())
	case errors.Is(err, sandbox.ErrNoChild):
		r.log.Warn("documents are read in this process", "error", err)
		return extract.Extract(ctx, in)
	}
	return nil, fmt.Errorf("%s: %w: its parser %w; please report this file", in.Name, extract.ErrUnreadable, err)
}

// ReadOptions say how Read reads.
type ReadOptions struct {
	NoOCR   bool          // leaves scans unread
	OCRTime time.Duration // for the pages of a scan; 0 for no limit
}

// Read reads one file, in a process of its own.
func Read(ctx context.Context, in extract.Input, o ReadOptions, log *slog.Logger) (*ingest.Document, error) {
	r := &reader{pool: sandbox.New(sandbox.Options{Time: readSilence, Total: readTotal, Workers: 1, Log: log}), log: log}
	if !o.NoOCR && mayBeScanned(in) {
		r = openReader(ctx, log)
		if in.OCR = r.ocr; in.OCR != nil {
			in.OCR.Time = o.OCRTime
		}
	}
	defer r.Close()
	return r.apart(ctx, in)
}

// mayBeScanned reports whether a file may hold a PDF: there is no need to look
// for Tesseract where it holds none.
func mayBeScanned(in extract.Input) bool {
	const base64PDF = "JVBERi" // in a message
	return bytes.Contains(in.Data[:min(len(in.Data), 1024)], []byte("%PDF-")) || bytes.HasPrefix(in.Data, []byte("PK")) ||
		bytes.Contains(in.Data, []byte(base64PDF))
}

// RunReaderIfAsked reads documents for a parent and ends the process, if this
// process was started to do so. It belongs at the very beginning of main, and of
// TestMain in tests that ingest.
func RunReaderIfAsked() { sandbox.RunChildIfAsked(extract.Serve) }
