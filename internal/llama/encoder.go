package llama

import (
	"encoding/binary"
	"fmt"
	"math"
	"runtime"
	"unicode/utf8"
	"unsafe"
)

// encoder computes embeddings, one sequence per call: on a CPU larger batches
// are slower. It is not safe for concurrent use.
type encoder struct {
	*model
	ctx    uintptr
	dims   int
	window int // tokens the model reads, those at both ends included
	pace   *pace
}

// callTokens is what a call costs apart from its tokens, in tokens.
const callTokens = 16

// maxTextBytes bounds what is tokenized: 512 tokens of the longest kind.
const maxTextBytes = 64 << 10

func newEncoder(m *model, contextTokens, threads int) (*encoder, error) {
	ctx, err := m.newContext(func(p *contextParams) {
		p.nCtx, p.nBatch, p.nUbatch = uint32(contextTokens), uint32(contextTokens), uint32(contextTokens)
		p.nSeqMax = 1
		p.nThreads, p.nThreadsBatch = int32(threads), int32(threads)
		p.poolingType = poolingMean
		p.embeddings = 1
		p.noPerf = 1
	})
	if err != nil {
		return nil, err
	}
	e := &encoder{model: m, ctx: ctx, dims: int(m.lib.modelNEmbd(m.handle)), window: contextTokens, pace: newPace(threads)}
	if _, err := e.encode("opwarmen"); err != nil {
		return nil, err
	}
	return e, nil
}

// encode returns the mean-pooled vector of the text, not normalised.
func (e *encoder) encode(text string) (Embedding, error) {
	text, cut := cutAtRune(text, maxTextBytes)
	toks, err := e.lib.tokens(e.vocab, text, true, false)
	if err != nil {
		return Embedding{}, err
	}
	out := Embedding{Tokens: len(toks), Truncated: cut}
	if len(toks) == 0 {
		return out, fmt.Errorf("the text gave no tokens at all, not even those at its ends")
	}
	if len(toks) > e.window {
		out.Truncated = true
		toks[e.window-1] = toks[len(toks)-1] // the end token stays
		toks = toks[:e.window]
	}
	n := int32(e.pace.threads())
	e.lib.setNThreads(e.ctx, n, n)
	watch := startWatch()
	if rc := e.lib.encode(e.ctx, batch{nTokens: int32(len(toks)), token: &toks[0]}); rc != 0 {
		return out, fmt.Errorf("llama_encode of %d tokens: code %d", len(toks), rc)
	}
	runtime.KeepAlive(toks)
	watch.stop(e.pace, len(toks)+callTokens)
	p := e.lib.getEmbeddingsSeq(e.ctx, 0)
	if p == nil {
		return out, fmt.Errorf("llama.cpp returned no embedding; is %s an embedding model?", e.description())
	}
	out.Vector = append([]float32(nil), unsafe.Slice(p, e.dims)...)
	return out, nil
}

// cutAtRune cuts text to at most n bytes without splitting a character.
func cutAtRune(text string, n int) (string, bool) {
	if len(text) <= n {
		return text, false
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n], true
}

// An embedding on the wire: tokens uint32, truncated uint8, then the vector,
// all little-endian.
const embeddingHeader = 5

func (e Embedding) marshal() []byte {
	b := make([]byte, 0, embeddingHeader+4*len(e.Vector))
	b = binary.LittleEndian.AppendUint32(b, uint32(e.Tokens))
	if e.Truncated {
		b = append(b, 1)
	} else {
		b = append(b, 0)
	}
	for _, x := range e.Vector {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
	}
	return b
}

func unmarshalEmbedding(b []byte) (Embedding, error) {
	if len(b) < embeddingHeader || (len(b)-embeddingHeader)%4 != 0 {
		return Embedding{}, fmt.Errorf("an embedding of %d bytes is malformed", len(b))
	}
	e := Embedding{
		Tokens:    int(binary.LittleEndian.Uint32(b)),
		Truncated: b[4] != 0,
		Vector:    make([]float32, (len(b)-embeddingHeader)/4),
	}
	for i := range e.Vector {
		e.Vector[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[embeddingHeader+4*i:]))
	}
	return e, nil
}
