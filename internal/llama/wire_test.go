package llama

import (
	"bytes"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

func TestFrames(t *testing.T) {
	var b bytes.Buffer
	sent := []frame{{kindLoad, 1, []byte("{}")}, {kindPassage, math.MaxUint64, []byte{}}, {kindPiece, 7, []byte("VB\x00")}}
	for _, f := range sent {
		if err := writeFrame(&b, f); err != nil {
			t.Fatal(err)
		}
	}
	whole := b.String()
	for _, want := range sent {
		if got, err := readFrame(&b); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v; want %v", got, err, want)
		}
	}
	if _, err := readFrame(&b); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	for _, bad := range []string{whole[:frameHeader-1], whole[:frameHeader+1], "ggml_cuda_init: found 1 device", "x", "VB\x01\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"} {
		if _, err := readFrame(strings.NewReader(bad)); err == nil || err == io.EOF {
			t.Errorf("%q: error %v", bad, err)
		}
	}
	if err := writeFrame(io.Discard, frame{payload: make([]byte, maxPayload+1)}); err == nil {
		t.Error("an overlong frame was written")
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte("VB\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00{}"))
	f.Add([]byte("garbage on the pipe"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readFrame(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := writeFrame(&out, got); err != nil || !bytes.HasPrefix(b, out.Bytes()) {
			t.Errorf("%x was read as %v, which is written as %x (%v)", b, got, out.Bytes(), err)
		}
	})
}

func TestEmbeddingOnTheWire(t *testing.T) {
	want := Embedding{Vector: []float32{0, -1.5, float32(math.SmallestNonzeroFloat32), 3e38}, Tokens: 513, Truncated: true}
	got, err := unmarshalEmbedding(want.marshal())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v", got, err)
	}
	for _, n := range []int{0, 4, 7} {
		if _, err := unmarshalEmbedding(make([]byte, n)); err == nil {
			t.Errorf("%d bytes were read as an embedding", n)
		}
	}
}

func TestFailureOnTheWire(t *testing.T) {
	var long *TooLongError
	if err := readFailure(asFailure(&TooLongError{Tokens: 9, Limit: 8})); !errors.As(err, &long) || *long != (TooLongError{9, 8}) {
		t.Errorf("got %v", err)
	}
	if err := readFailure(asFailure(ErrGrammar)); !errors.Is(err, ErrGrammar) {
		t.Errorf("got %v", err)
	}
	if err := readFailure(asFailure(errors.New("stuk"))); err == nil || err.Error() != "stuk" {
		t.Errorf("got %v", err)
	}
	if err := readFailure([]byte("{")); err == nil {
		t.Error("a malformed failure is no error")
	}
}

// A protocol that is not followed ends the child with an error, never a hang.
func TestChildRefusesNonsense(t *testing.T) {
	open := func(loadRequest) (engine, error) { return &fakeEngine{}, nil }
	load := "VB\x01\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00{}"
	for in, want := range map[string]string{
		"":                       "first message",
		"hello, is this a child": "not a frame",
		"VB\x02\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00":        "kind 2",
		"VB\x01\x01\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00x":       "request to load",
		load + "VB\x63\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00": "unknown kind 99",
		load + "VB": "unexpected EOF",
	} {
		err := serveChild(strings.NewReader(in), io.Discard, open)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want one with %q", in, err, want)
		}
	}
	if err := serveChild(strings.NewReader(load), io.Discard, open); err != nil {
		t.Errorf("a parent that leaves is not an error: %v", err)
	}
}

func TestCheckABI(t *testing.T) {
	m := modelParams{splitMode: 1, useExtraBufts: 1}
	c := contextParams{
		nCtx: 512, nBatch: 2048, nUbatch: 512, nSeqMax: 1, ropeScalingType: -1, poolingType: -1,
		attentionType: -1, flashAttnType: -1, typeK: 1, typeV: 1, offloadKQV: 1,
	}
	if err := checkABI(m, c); err != nil {
		t.Fatal(err)
	}
	c.poolingType, c.attentionType = 0, 0 // as if a field had come before them
	if err := checkABI(m, c); err == nil || !strings.Contains(err.Error(), "these libraries are not llama.cpp v0.5.0") {
		t.Errorf("error %v", err)
	}
}
