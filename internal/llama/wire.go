package llama

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"sync"
)

// A frame is what travels over the pipes between parent and child, both ways:
//
//	"VB" kind:uint8 id:uint64 length:uint32 payload[length]    little-endian
//
// The id is the request's; several requests are in flight at once. The two
// fixed bytes reveal text that something printed onto the pipe.
type frame struct {
	kind    kind
	id      uint64
	payload []byte
}

type kind uint8

// Kinds of frames from the parent.
const (
	kindLoad     kind = iota + 1 // JSON loadRequest; the first frame
	kindPassage                  // text to embed
	kindQuery                    // text to embed, ahead of all passages
	kindGenerate                 // JSON Request
	kindCount                    // text whose tokens are to be counted
	kindCancel                   // ends the request with this id
)

// Kinds of frames from the child.
const (
	kindReady   kind = iota + 64 // JSON Info
	kindStarted                  // work on this request begins, or goes on
	kindVector                   // Embedding.marshal; ends the request
	kindTokens                   // uint32; ends the request
	kindPiece                    // text that was generated, whole characters
	kindDone                     // JSON Summary; ends the request
	kindFailure                  // JSON failure; ends the request
)

const (
	frameHeader = 15
	maxPayload  = 64 << 20
)

func writeFrame(w io.Writer, f frame) error {
	if len(f.payload) > maxPayload {
		return fmt.Errorf("a message of %d bytes is over the limit of %d", len(f.payload), maxPayload)
	}
	b := make([]byte, frameHeader, frameHeader+len(f.payload))
	b[0], b[1], b[2] = 'V', 'B', byte(f.kind)
	binary.LittleEndian.PutUint64(b[3:], f.id)
	binary.LittleEndian.PutUint32(b[11:], uint32(len(f.payload)))
	_, err := w.Write(append(b, f.payload...))
	return err
}

// readFrame returns io.EOF only where the stream ends between two frames.
func readFrame(r io.Reader) (frame, error) {
	var h [frameHeader]byte
	if n, err := io.ReadFull(r, h[:]); err != nil {
		if err == io.ErrUnexpectedEOF && h[0] != 'V' {
			return frame{}, fmt.Errorf("not a frame: %q", h[:n])
		}
		return frame{}, err
	}
	if h[0] != 'V' || h[1] != 'B' {
		return frame{}, fmt.Errorf("not a frame: %q", h[:])
	}
	n := binary.LittleEndian.Uint32(h[11:])
	if n > maxPayload {
		return frame{}, fmt.Errorf("a frame of %d bytes is over the limit of %d", n, maxPayload)
	}
	f := frame{kind: kind(h[2]), id: binary.LittleEndian.Uint64(h[3:]), payload: make([]byte, n)}
	if _, err := io.ReadFull(r, f.payload); err != nil {
		return frame{}, fmt.Errorf("a frame of %d bytes broke off: %w", n, io.ErrUnexpectedEOF)
	}
	return f, nil
}

// frameWriter writes whole frames from several goroutines.
type frameWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (w *frameWriter) send(k kind, id uint64, payload []byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return writeFrame(w.w, frame{k, id, payload})
}

func (w *frameWriter) sendJSON(k kind, id uint64, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.send(k, id, b)
}

// loadRequest tells a child what to be.
type loadRequest struct {
	Role          role
	LibraryDir    string
	ModelFile     string
	ContextTokens int
	Threads       int
}

type role string

const (
	roleEncoder role = "encoder"
	roleWriter  role = "writer"
)

// failure is how a child reports that one request failed; it lives on.
type failure struct {
	Code    string
	Message string
	Tokens  int
	Limit   int
}

// Codes of a failure.
const (
	codeLoad      = "load"
	codeTooLong   = "too_long"
	codeGrammar   = "grammar"
	codeCancelled = "cancelled"
	codeOther     = "other"
)
