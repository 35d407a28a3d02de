package extract

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// What travels to a process of its own that reads a document, and back: the
// input without its data, and the document or the reason why there is none.
type wireInput struct {
	Name, URL, ContentType string
	OCR                    *OCR
	MaxHTML                int
}

type wireResult struct {
	Document *ingest.Document
	Message  string // of the error
	Reasons  []int  // that it wraps: of wireReasons
}

// wireReasons are the errors that are recognised on the other side.
var wireReasons = []error{ErrUnsupported, ErrEmpty, ErrUnreadable, ErrMetadata, ErrNeedsOCR, context.DeadlineExceeded, context.Canceled}

// Header is the input without its data, for Serve.
func (in Input) Header() ([]byte, error) {
	return json.Marshal(wireInput{in.Name, in.URL, in.ContentType, in.OCR, in.MaxHTML})
}

// Serve does what Extract does with an input that comes as Header and data,
// and writes the result for Result. alive is called while a document takes long
// on purpose.
func Serve(ctx context.Context, header, data []byte, alive func()) []byte {
	var w wireInput
	var r wireResult
	err := json.Unmarshal(header, &w)
	if err == nil {
		r.Document, err = Extract(ctx, Input{Name: w.Name, URL: w.URL, ContentType: w.ContentType, OCR: w.OCR, MaxHTML: w.MaxHTML, Data: data, Alive: alive})
	}
	if err != nil {
		r.Document, r.Message = nil, err.Error()
		for i, reason := range wireReasons {
			if errors.Is(err, reason) {
				r.Reasons = append(r.Reasons, i)
			}
		}
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(r); err != nil {
		b.Reset()
		_ = e.Encode(wireResult{Message: fmt.Sprintf("%s: cannot be passed on: %v", w.Name, err)})
	}
	return b.Bytes()
}

// Result reads what Serve wrote. It trusts nothing of it: a document that is
// not sound is an error.
func Result(data []byte) (*ingest.Document, error) {
	var r wireResult
	if err := json.Unmarshal(data, &r); err != nil {
		return nil, fmt.Errorf("%w: what its parser wrote cannot be read: %w", ErrUnreadable, err)
	}
	if r.Document == nil {
		e := &farError{message: r.Message}
		for _, i := range r.Reasons {
			if i >= 0 && i < len(wireReasons) {
				e.reasons = append(e.reasons, wireReasons[i])
			}
		}
		return nil, e
	}
	if err := r.Document.Check(); err != nil {
		return nil, fmt.Errorf("%w: what its parser wrote is not sound: %w", ErrUnreadable, err)
	}
	if r.Document.Meta == nil {
		r.Document.Meta = map[string]string{}
	}
	return r.Document, nil
}

// farError is an error from another process.
type farError struct {
	message string
	reasons []error
}

func (e *farError) Error() string   { return e.message }
func (e *farError) Unwrap() []error { return e.reasons }
