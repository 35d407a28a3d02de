package llama

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"runtime"
	"unsafe"
)

// writer generates text. It is not safe for concurrent use.
//
// The prompt is computed in chunks of promptChunk tokens, and what the next
// prompt has in common with it is reused in whole chunks only: so every token
// is always computed in a batch of the same shape, and the same prompt gives
// the same text whatever came before it.
type writer struct {
	*model
	ctx      uintptr
	mem      uintptr
	window   int
	nVocab   int
	template chatTemplate
	cached   []int32 // the prompt tokens whose keys and values are in memory
	all      []tokenData
	reading  *pace // of the prompt, in chunks
	writing  *pace // of the output, token by token
}

// promptChunk is also how many tokens are computed before a cancelled request
// is noticed: see BenchmarkGenerate for what another size costs.
const promptChunk = 128

func newWriter(m *model, contextTokens, threads int) (engine, error) {
	ctx, err := m.newContext(func(p *contextParams) {
		p.nCtx, p.nBatch, p.nUbatch = uint32(contextTokens), promptChunk, promptChunk
		p.nSeqMax = 1
		p.nThreads, p.nThreadsBatch = int32(threads), int32(threads)
		// ggml splits flash attention of a single token over the threads, and
		// then the sum, and so the text, depends on their number.
		p.flashAttnType = flashAttnOff
		p.noPerf = 1
	})
	if err != nil {
		return nil, err
	}
	mem := m.lib.getMemory(ctx)
	if mem == 0 {
		return nil, fmt.Errorf("%s cannot generate text", m.description())
	}
	w := &writer{
		model: m, ctx: ctx, mem: mem, window: int(m.lib.nCtx(ctx)),
		nVocab:  int(m.lib.vocabNTokens(m.vocab)),
		reading: newPace(threads), writing: newPace(threads),
	}
	w.template = newChatTemplate(w.render)
	return w, nil
}

func (w *writer) info() Info {
	return Info{Description: w.description(), ContextTokens: w.window}
}

func (w *writer) count(text string) (int, error) {
	toks, err := w.lib.tokens(w.vocab, text, false, false)
	return len(toks), err
}

// render has llama.cpp write a conversation in the model's own template.
func (w *writer) render(withSystem bool) string {
	tmpl := w.lib.modelChatTemplate(w.handle, nil)
	if tmpl == nil {
		return ""
	}
	var msgs []chatMessage
	if withSystem {
		msgs = append(msgs, chatMessage{cString("system"), cString(systemMark)})
	}
	msgs = append(msgs, chatMessage{cString("user"), cString(userMark)})
	buf := make([]byte, 16<<10)
	n := int(w.lib.chatApplyTemplate(tmpl, &msgs[0], uint64(len(msgs)), true, &buf[0], int32(len(buf))))
	runtime.KeepAlive(msgs)
	if n < 0 || n > len(buf) {
		return ""
	}
	return string(buf[:n])
}

func (w *writer) prompt(r Request) ([]int32, error) {
	var out []int32
	for i, s := range w.template.forRequest(r) {
		text := s.text
		switch s.slot {
		case slotSystem:
			text = r.System
		case slotUser:
			text = r.User
		}
		toks, err := w.lib.tokens(w.vocab, text, i == 0, s.slot == slotNone)
		if err != nil {
			return nil, err
		}
		out = append(out, toks...)
	}
	return out, nil
}

func (w *writer) run(ctx context.Context, f frame, send func(kind, []byte) error) (kind, []byte, error) {
	var r Request
	if f.kind != kindGenerate {
		return 0, nil, fmt.Errorf("%s generates; it does not embed", w.description())
	}
	if err := json.Unmarshal(f.payload, &r); err != nil {
		return 0, nil, fmt.Errorf("read the request: %w", err)
	}
	toks, err := w.prompt(r)
	if err != nil {
		return 0, nil, err
	}
	if len(toks) > w.window-1 {
		return 0, nil, &TooLongError{Tokens: len(toks), Limit: w.window - 1}
	}
	smpl, err := w.newSampler(r.Grammar)
	if err != nil {
		return 0, nil, err
	}
	defer smpl.close()
	sum := Summary{PromptTokens: len(toks)}
	if sum.CachedTokens, err = w.read(ctx, toks, send); err != nil {
		return 0, nil, err
	}
	if err := w.write(ctx, r, smpl, &sum, send); err != nil {
		return 0, nil, err
	}
	b, err := json.Marshal(sum)
	return kindDone, b, err
}

// read computes the prompt, but for what memory holds of it already, and
// returns how many tokens that was.
func (w *writer) read(ctx context.Context, toks []int32, send func(kind, []byte) error) (int, error) {
	pos := 0
	for pos < len(toks)-1 && pos < len(w.cached) && toks[pos] == w.cached[pos] {
		pos++
	}
	pos -= pos % promptChunk
	if !w.lib.memorySeqRm(w.mem, 0, int32(pos), -1) {
		w.lib.memoryClear(w.mem, true) // a model whose memory cannot be cut
		pos = 0
	}
	reused := pos
	w.cached = toks[:pos]
	for pos < len(toks) {
		if err := ctx.Err(); err != nil {
			return reused, err
		}
		n := min(promptChunk, len(toks)-pos)
		if err := w.decode(w.reading, toks[pos:pos+n]); err != nil {
			return reused, err
		}
		pos += n
		w.cached = toks[:pos]
		if err := send(kindStarted, nil); err != nil {
			return reused, err
		}
	}
	return reused, nil
}

// write generates until the model or a limit ends it.
func (w *writer) write(ctx context.Context, r Request, smpl *sampler, sum *Summary, send func(kind, []byte) error) error {
	out := newPieces(r.Stop)
	emit := func(s string) error {
		if s == "" {
			return send(kindStarted, nil)
		}
		return send(kindPiece, []byte(s))
	}
	room := min(r.MaxTokens, w.window-sum.PromptTokens)
	sum.Reason = ReasonLength
	for sum.OutputTokens < room {
		if err := ctx.Err(); err != nil {
			return err
		}
		tok, err := smpl.next()
		if err != nil {
			return err
		}
		if w.lib.vocabIsEOG(w.vocab, tok) {
			sum.Reason = ReasonEnd
			break
		}
		sum.OutputTokens++
		if err := emit(out.push(w.piece(tok))); err != nil {
			return err
		}
		if out.stopped {
			sum.Reason = ReasonStop
			return nil
		}
		if sum.OutputTokens == room {
			break
		}
		if err := w.decode(w.writing, []int32{tok}); err != nil {
			return err
		}
	}
	if rest := out.flush(); rest != "" {
		return emit(rest)
	}
	return nil
}

func (w *writer) decode(p *pace, toks []int32) error {
	n := int32(p.threads())
	w.lib.setNThreads(w.ctx, n, n)
	watch := startWatch()
	rc := w.lib.decode(w.ctx, batch{nTokens: int32(len(toks)), token: &toks[0]})
	runtime.KeepAlive(toks)
	if rc != 0 {
		w.lib.memoryClear(w.mem, true)
		w.cached = nil
		return fmt.Errorf("llama_decode of %d tokens: code %d", len(toks), rc)
	}
	watch.stop(p, len(toks)+callTokens)
	return nil
}

// piece is the bytes of a token; control tokens have none.
func (w *writer) piece(tok int32) []byte {
	buf := make([]byte, 64)
	n := w.lib.tokenToPiece(w.vocab, tok, &buf[0], int32(len(buf)), 0, false)
	if n < 0 {
		buf = make([]byte, -n)
		n = w.lib.tokenToPiece(w.vocab, tok, &buf[0], int32(len(buf)), 0, false)
	}
	return buf[:max(n, 0)]
}

// sampler takes the likeliest token, of those that the grammar allows.
type sampler struct {
	w       *writer
	grammar uintptr // 0 for none
}

func (w *writer) newSampler(grammar string) (*sampler, error) {
	s := &sampler{w: w}
	if grammar != "" {
		if s.grammar = w.lib.samplerInitGrammar(w.vocab, grammar, "root"); s.grammar == 0 {
			return nil, ErrGrammar
		}
	}
	return s, nil
}

func (s *sampler) close() {
	if s.grammar != 0 {
		s.w.lib.samplerFree(s.grammar)
	}
}

func (s *sampler) next() (int32, error) {
	p := s.w.lib.getLogitsIth(s.w.ctx, -1)
	if p == nil {
		return 0, fmt.Errorf("llama.cpp returned no logits")
	}
	logits := unsafe.Slice(p, s.w.nVocab)
	best := 0
	for i, x := range logits {
		if x > logits[best] {
			best = i
		}
	}
	tok := int32(best)
	if s.grammar == 0 {
		return tok, nil
	}
	// Asking the grammar about the whole vocabulary is slow, and it mostly
	// agrees with the model.
	if !s.allowed(tok, logits[best]) {
		var err error
		if tok, err = s.bestAllowed(logits); err != nil {
			return 0, err
		}
	}
	s.w.lib.samplerAccept(s.grammar, tok)
	return tok, nil
}

func (s *sampler) allowed(tok int32, logit float32) bool {
	one := []tokenData{{id: tok, logit: logit}}
	s.apply(one)
	return !math.IsInf(float64(one[0].logit), -1)
}

func (s *sampler) bestAllowed(logits []float32) (int32, error) {
	all := s.w.all[:0]
	for i, x := range logits {
		all = append(all, tokenData{id: int32(i), logit: x})
	}
	s.w.all = all
	s.apply(all)
	best := 0
	for i := range all {
		if all[i].logit > all[best].logit {
			best = i
		}
	}
	if math.IsInf(float64(all[best].logit), -1) {
		return 0, fmt.Errorf("%w: it allows no token at this point", ErrGrammar)
	}
	return all[best].id, nil
}

func (s *sampler) apply(candidates []tokenData) {
	arr := &tokenDataArray{data: &candidates[0], size: uint64(len(candidates)), selected: -1}
	s.w.lib.samplerApply(s.grammar, arr)
	runtime.KeepAlive(candidates)
}
