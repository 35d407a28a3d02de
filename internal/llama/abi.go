package llama

import "fmt"

//lint:file-ignore U1000 fields that are never set are there for their place

// The structs below mirror llama.h of llama.cpp v0.5.0 field for field; C's
// bool is a uint8 here. They cross the call boundary by value, so a field more
// or less in another version shifts all that follow it: see checkABI.

type modelParams struct {
	devices             uintptr
	tensorBuftOverrides uintptr
	nGPULayers          int32
	splitMode           int32
	loadMode            int32
	lazyMode            int32
	mainGPU             int32
	_                   int32
	tensorSplit         uintptr
	progressCallback    uintptr
	progressUserData    uintptr
	kvOverrides         uintptr
	vocabOnly           uint8
	checkTensors        uint8
	useExtraBufts       uint8
	noHost              uint8
	noAlloc             uint8
	loadMTP             uint8
	_                   [2]uint8
}

type contextParams struct {
	nCtx              uint32
	nBatch            uint32
	nUbatch           uint32
	nSeqMax           uint32
	nRsSeq            uint32
	nOutputsMax       uint32
	nOutputsMaxPerSeq uint32
	nThreads          int32
	nThreadsBatch     int32
	ctxType           int32
	ropeScalingType   int32
	poolingType       int32
	attentionType     int32
	flashAttnType     int32
	ropeFreqBase      float32
	ropeFreqScale     float32
	yarnExtFactor     float32
	yarnAttnFactor    float32
	yarnBetaFast      float32
	yarnBetaSlow      float32
	yarnOrigCtx       uint32
	defragThold       float32
	cbEval            uintptr
	cbEvalUserData    uintptr
	typeK             int32
	typeV             int32
	abortCallback     uintptr
	abortCallbackData uintptr
	embeddings        uint8
	offloadKQV        uint8
	noPerf            uint8
	opOffload         uint8
	swaFull           uint8
	kvUnified         uint8
	_                 [2]uint8
	samplers          uintptr
	nSamplers         uint64
	ctxOther          uintptr
}

// batch is llama_batch with only its tokens set: one sequence, positions
// tracked by the library, logits for the last token.
type batch struct {
	nTokens int32
	_       int32
	token   *int32
	embd    uintptr
	pos     uintptr
	nSeqID  uintptr
	seqID   uintptr
	logits  uintptr
}

type tokenData struct {
	id    int32
	logit float32
	p     float32
}

type tokenDataArray struct {
	data     *tokenData
	size     uint64
	selected int64
	sorted   uint8
	_        [7]uint8
}

type chatMessage struct {
	role, content *byte
}

// Values of llama.h's enums that are used here.
const (
	poolingUnspecified = -1
	poolingMean        = 1
	ropeUnspecified    = -1
	attnUnspecified    = -1
	flashAttnAuto      = -1
	flashAttnOff       = 0
	ggmlTypeF16        = 1
)

// checkABI compares the defaults that the library returns with those that
// v0.5.0 is known to return, in fields spread over the structs: a field that
// was added, removed or moved changes at least one of them.
func checkABI(m modelParams, c contextParams) error {
	type field struct {
		name      string
		got, want any
	}
	for _, f := range []field{
		{"model.devices", m.devices, uintptr(0)},
		{"model.split_mode", m.splitMode, int32(1)},
		{"model.main_gpu", m.mainGPU, int32(0)},
		{"model.tensor_split", m.tensorSplit, uintptr(0)},
		{"model.kv_overrides", m.kvOverrides, uintptr(0)},
		{"model.vocab_only", m.vocabOnly, uint8(0)},
		{"model.use_extra_bufts", m.useExtraBufts, uint8(1)},
		{"model.no_alloc", m.noAlloc, uint8(0)},
		{"context.n_ctx", c.nCtx, uint32(512)},
		{"context.n_batch", c.nBatch, uint32(2048)},
		{"context.n_ubatch", c.nUbatch, uint32(512)},
		{"context.n_seq_max", c.nSeqMax, uint32(1)},
		{"context.rope_scaling_type", c.ropeScalingType, int32(ropeUnspecified)},
		{"context.pooling_type", c.poolingType, int32(poolingUnspecified)},
		{"context.attention_type", c.attentionType, int32(attnUnspecified)},
		{"context.flash_attn_type", c.flashAttnType, int32(flashAttnAuto)},
		{"context.cb_eval", c.cbEval, uintptr(0)},
		{"context.type_k", c.typeK, int32(ggmlTypeF16)},
		{"context.type_v", c.typeV, int32(ggmlTypeF16)},
		{"context.abort_callback", c.abortCallback, uintptr(0)},
		{"context.embeddings", c.embeddings, uint8(0)},
		{"context.offload_kqv", c.offloadKQV, uint8(1)},
		{"context.samplers", c.samplers, uintptr(0)},
		{"context.n_samplers", c.nSamplers, uint64(0)},
		{"context.ctx_other", c.ctxOther, uintptr(0)},
	} {
		if f.got != f.want {
			return fmt.Errorf("these libraries are not llama.cpp v0.5.0: the default of %s is %v, expected %v",
				f.name, f.got, f.want)
		}
	}
	return nil
}
