package app

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"log/slog"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/sandbox"
)

// sandboxWork names the work of the children that read documents.
const sandboxWork = "extract"

// env is what sources are opened with.
type env struct {
	network config.Network
	log     *slog.Logger
	reader  *reader // nil reads in this process, without text recognition
}

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
		log.Info("no text recognition", "reason", err)
	}
	return &reader{pool: sandbox.New(sandbox.Options{Name: sandboxWork, Log: log}), ocr: ocr, log: log}
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

// version changes when other documents come of the same bytes.
func (r sourceReader) version() string {
	if r.ocr != nil {
		return extract.Version + "+ocr"
	}
	return extract.Version
}

func (r sourceReader) extract(ctx context.Context, in extract.Input) (*ingest.Document, error) {
	in.OCR = r.ocr
	if r.reader == nil {
		return extract.Extract(ctx, in)
	}
	return r.apart(ctx, in)
}

// outcome is the answer of a child.
type outcome struct {
	Doc     *ingest.Document
	Message string
	Kind    int // of the error, in kinds
}

// kinds are the errors that callers tell apart.
var kinds = []error{extract.ErrUnsupported, extract.ErrEmpty, extract.ErrUnreadable, extract.ErrMetadata}

// told is an error that came from a child.
type told struct {
	message string
	kind    error
}

func (e told) Error() string { return e.message }
func (e told) Unwrap() error { return e.kind }

// apart has a child read a file.
func (r *reader) apart(ctx context.Context, in extract.Input) (*ingest.Document, error) {
	var request bytes.Buffer
	if err := gob.NewEncoder(&request).Encode(in); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Name, err)
	}
	answer, err := r.pool.Do(ctx, request.Bytes())
	switch {
	case ctx.Err() != nil:
		return nil, fmt.Errorf("%s: %w", in.Name, ctx.Err())
	case errors.Is(err, sandbox.ErrCrashed), errors.Is(err, sandbox.ErrTime), errors.Is(err, sandbox.ErrMemory):
		return nil, fmt.Errorf("%s: %w: its parser was ended: %w; please report this file", in.Name, extract.ErrUnreadable, err)
	case err != nil:
		r.log.Warn("documents are read in this process", "error", err)
		return extract.Extract(ctx, in)
	}
	var o outcome
	if err := gob.NewDecoder(bytes.NewReader(answer)).Decode(&o); err != nil {
		return nil, fmt.Errorf("%s: the answer of its parser: %w", in.Name, err)
	}
	if o.Doc == nil {
		e := told{message: o.Message, kind: extract.ErrUnreadable}
		if o.Kind >= 0 && o.Kind < len(kinds) {
			e.kind = kinds[o.Kind]
		}
		return nil, e
	}
	if o.Doc.Meta == nil { // an empty map does not travel
		o.Doc.Meta = map[string]string{}
	}
	return o.Doc, nil
}

// RunReaderIfAsked reads documents for a parent and ends the process, if this
// process was started to do so. It belongs at the very beginning of main, and of
// TestMain in tests that ingest.
func RunReaderIfAsked() {
	sandbox.RunChildIfAsked(sandboxWork, func(request []byte) ([]byte, error) {
		var in extract.Input
		if err := gob.NewDecoder(bytes.NewReader(request)).Decode(&in); err != nil {
			return nil, err
		}
		var o outcome
		doc, err := extract.Extract(context.Background(), in)
		if err == nil {
			o.Doc = doc
		} else {
			o.Message, o.Kind = err.Error(), -1
			for i, k := range kinds {
				if errors.Is(err, k) {
					o.Kind = i
				}
			}
		}
		var answer bytes.Buffer
		err = gob.NewEncoder(&answer).Encode(o)
		return answer.Bytes(), err
	})
}
