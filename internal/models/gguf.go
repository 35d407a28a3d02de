package models

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
)

// ggufAlignment is the default of general.alignment: every tensor starts at a
// multiple of it, counted from the start of the data section.
const ggufAlignment = 32

// Types of metadata values and of tensors, as numbered in the GGUF
// specification (ggml/docs/gguf.md).
const (
	ggufUint32  = 4
	ggufInt32   = 5
	ggufFloat32 = 6
	ggufBool    = 7
	ggufString  = 8
	ggufArray   = 9

	ggmlF32  = 0
	ggmlQ4_0 = 2
)

// A block of Q4_0 holds 32 weights: one half-precision scale and 32 nibbles.
const (
	q4Weights = 32
	q4Bytes   = 18
)

// ggufKV is one metadata entry. Value is a uint32, float32, bool, string,
// []string, []float32 or []int32. A slice of entries, not a map: the order in
// the file is part of its sha256.
type ggufKV struct {
	Key   string
	Value any
}

// ggufTensor is one tensor: its name, its shape (the fastest dimension first),
// its ggml type, and its data as it stands in the file.
type ggufTensor struct {
	Name string
	Dims []uint64
	Type uint32
	Data *io.SectionReader
}

// writeGGUF writes a GGUF version 3 file, little-endian. The same entries and
// tensors give the same bytes, always: there is no time, no host and no map
// order in the file.
func writeGGUF(w io.Writer, kvs []ggufKV, tensors []ggufTensor) error {
	g := &ggufWriter{w: bufio.NewWriterSize(w, 1<<20)}
	g.bytes([]byte("GGUF"))
	g.u32(3)
	g.u64(uint64(len(tensors)))
	g.u64(uint64(len(kvs)))
	for _, kv := range kvs {
		g.str(kv.Key)
		if err := g.value(kv.Value); err != nil {
			return fmt.Errorf("gguf: key %s: %w", kv.Key, err)
		}
	}
	var offset uint64
	for _, t := range tensors {
		g.str(t.Name)
		g.u32(uint32(len(t.Dims)))
		for _, d := range t.Dims {
			g.u64(d)
		}
		g.u32(t.Type)
		g.u64(offset)
		offset += roundUp(uint64(t.Data.Size()))
	}
	g.pad()
	for _, t := range tensors {
		g.copy(t)
		g.pad()
	}
	if g.err != nil {
		return fmt.Errorf("gguf: %w", g.err)
	}
	if err := g.w.Flush(); err != nil {
		return fmt.Errorf("gguf: %w", err)
	}
	return nil
}

func roundUp(n uint64) uint64 { return (n + ggufAlignment - 1) / ggufAlignment * ggufAlignment }

// ggufWriter keeps the first error, so that the calls above read as the format.
type ggufWriter struct {
	w   *bufio.Writer
	n   uint64 // bytes written: alignment counts from the start of the file
	err error
}

func (g *ggufWriter) bytes(b []byte) {
	if g.err != nil {
		return
	}
	n, err := g.w.Write(b)
	g.n += uint64(n)
	g.err = err
}

func (g *ggufWriter) u32(v uint32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	g.bytes(b[:])
}

func (g *ggufWriter) u64(v uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	g.bytes(b[:])
}

func (g *ggufWriter) str(s string) {
	g.u64(uint64(len(s)))
	g.bytes([]byte(s))
}

func (g *ggufWriter) array(elem uint32, n int) {
	g.u32(ggufArray)
	g.u32(elem)
	g.u64(uint64(n))
}

func (g *ggufWriter) value(v any) error {
	switch v := v.(type) {
	case uint32:
		g.u32(ggufUint32)
		g.u32(v)
	case float32:
		g.u32(ggufFloat32)
		g.u32(math.Float32bits(v))
	case bool:
		g.u32(ggufBool)
		if v {
			g.bytes([]byte{1})
		} else {
			g.bytes([]byte{0})
		}
	case string:
		g.u32(ggufString)
		g.str(v)
	case []string:
		g.array(ggufString, len(v))
		for _, s := range v {
			g.str(s)
		}
	case []float32:
		g.array(ggufFloat32, len(v))
		for _, f := range v {
			g.u32(math.Float32bits(f))
		}
	case []int32:
		g.array(ggufInt32, len(v))
		for _, i := range v {
			g.u32(uint32(i))
		}
	default:
		return fmt.Errorf("no GGUF type for %T", v)
	}
	return nil
}

func (g *ggufWriter) pad() {
	g.bytes(make([]byte, roundUp(g.n)-g.n))
}

func (g *ggufWriter) copy(t ggufTensor) {
	if g.err != nil {
		return
	}
	n, err := io.Copy(g.w, io.NewSectionReader(t.Data, 0, t.Data.Size()))
	g.n += uint64(n)
	if err == nil && n != t.Data.Size() {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		g.err = fmt.Errorf("tensor %s: %w", t.Name, err)
	}
}
