package sandbox

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
)

// A frame is what travels over the pipes between parent and child, both ways:
//
//	"VS" kind:uint8 length:uint32 payload[length]    little-endian
//
// The parent sends a header and then the data; the child answers with any
// number of signs of life and a result. There is one piece of work at a time.
type kind uint8

const (
	kindHeader kind = iota + 1 // from the parent: what to do
	kindData                   // from the parent: with what
	kindLimits                 // from the parent, first of all: 8 bytes memory, 8 bytes time
	kindAlive  kind = iota + 61
	kindResult
	kindGrown // a result, after which the child wants to be replaced
)

const (
	frameHeader = 7
	maxFrame    = 1 << 30
)

func writeFrame(w io.Writer, k kind, payload []byte) error {
	if len(payload) > maxFrame {
		return fmt.Errorf("a message of %d bytes is over the limit of %d", len(payload), maxFrame)
	}
	var h [frameHeader]byte
	h[0], h[1], h[2] = 'V', 'S', byte(k)
	binary.LittleEndian.PutUint32(h[3:], uint32(len(payload)))
	if _, err := w.Write(h[:]); err != nil {
		return err
	}
	_, err := w.Write(payload)
	return err
}

// readFrame returns io.EOF only where the stream ends between two frames. It
// takes no more memory than what has arrived.
func readFrame(r io.Reader) (kind, []byte, error) {
	var h [frameHeader]byte
	if _, err := io.ReadFull(r, h[:]); err != nil {
		return 0, nil, err
	}
	if h[0] != 'V' || h[1] != 'S' {
		return 0, nil, fmt.Errorf("not a message: %q", h[:])
	}
	n := int64(binary.LittleEndian.Uint32(h[3:]))
	if n > maxFrame {
		return 0, nil, fmt.Errorf("a message of %d bytes is over the limit of %d", n, maxFrame)
	}
	var b bytes.Buffer
	b.Grow(int(min(n, 4<<20)))
	if got, err := b.ReadFrom(io.LimitReader(r, n)); err != nil || got < n {
		return 0, nil, fmt.Errorf("a message of %d bytes broke off: %w", n, io.ErrUnexpectedEOF)
	}
	return kind(h[2]), b.Bytes(), nil
}
