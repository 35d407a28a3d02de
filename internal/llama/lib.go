package llama

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// library holds the functions of llama.cpp that are used here. It exists in the
// child only.
type library struct {
	backendLoadAllFromPath func(dir string)
	backendRegCount        func() uint64

	backendInit          func()
	logSet               func(callback, userData uintptr)
	modelDefaultParams   func() modelParams
	modelLoadFromFile    func(path string, p modelParams) uintptr
	modelNEmbd           func(model uintptr) int32
	modelGetVocab        func(model uintptr) uintptr
	modelChatTemplate    func(model uintptr, name *byte) *byte
	modelDesc            func(model uintptr, buf *byte, size uint64) int32
	contextDefaultParams func() contextParams
	initFromModel        func(model uintptr, p contextParams) uintptr
	nCtx                 func(ctx uintptr) uint32
	setNThreads          func(ctx uintptr, one, many int32)
	encode               func(ctx uintptr, b batch) int32
	decode               func(ctx uintptr, b batch) int32
	getEmbeddingsSeq     func(ctx uintptr, seq int32) *float32
	getLogitsIth         func(ctx uintptr, i int32) *float32
	getMemory            func(ctx uintptr) uintptr
	memoryClear          func(mem uintptr, data bool)
	memorySeqRm          func(mem uintptr, seq, p0, p1 int32) bool
	tokenize             func(vocab uintptr, text *byte, n int32, out *int32, max int32, addSpecial, parseSpecial bool) int32
	tokenToPiece         func(vocab uintptr, token int32, buf *byte, n, lstrip int32, special bool) int32
	vocabNTokens         func(vocab uintptr) int32
	vocabIsEOG           func(vocab uintptr, token int32) bool
	chatApplyTemplate    func(tmpl *byte, msgs *chatMessage, n uint64, addAssistant bool, buf *byte, size int32) int32
	samplerInitGrammar   func(vocab uintptr, grammar, root string) uintptr
	samplerApply         func(smpl uintptr, candidates *tokenDataArray)
	samplerAccept        func(smpl uintptr, token int32)
	samplerFree          func(smpl uintptr)
}

// openLibrary opens the shared libraries in dir, checks that they are the
// version whose structs are known, and loads the CPU backend that suits this
// machine best. llama.cpp's own messages of level warning and above go to
// stderr.
func openLibrary(dir string) (*library, error) {
	lib := new(library)
	ggml, err := openOne(dir, "ggml")
	if err != nil {
		return nil, err
	}
	llama, err := openOne(dir, "llama")
	if err != nil {
		return nil, err
	}
	for _, f := range lib.symbols() {
		handle := llama
		if f.ggml {
			handle = ggml
		}
		addr, err := symbol(handle, f.name)
		if err != nil {
			return nil, fmt.Errorf("the libraries in %s are not llama.cpp v0.5.0: %w", dir, err)
		}
		purego.RegisterFunc(f.fn, addr)
	}
	if err := checkABI(lib.modelDefaultParams(), lib.contextDefaultParams()); err != nil {
		return nil, fmt.Errorf("%s: %w", dir, err)
	}
	lib.logSet(purego.NewCallback(logLine), 0)
	lib.backendLoadAllFromPath(dir)
	if lib.backendRegCount() == 0 {
		return nil, fmt.Errorf("%s: no ggml backend could be loaded; the ggml-cpu libraries belong in the same folder", dir)
	}
	lib.backendInit()
	return lib, nil
}

type symbolOf struct {
	name string
	fn   any
	ggml bool
}

func (l *library) symbols() []symbolOf {
	return []symbolOf{
		{"ggml_backend_load_all_from_path", &l.backendLoadAllFromPath, true},
		{"ggml_backend_reg_count", &l.backendRegCount, true},
		{"llama_backend_init", &l.backendInit, false},
		{"llama_log_set", &l.logSet, false},
		{"llama_model_default_params", &l.modelDefaultParams, false},
		{"llama_model_load_from_file", &l.modelLoadFromFile, false},
		{"llama_model_n_embd", &l.modelNEmbd, false},
		{"llama_model_get_vocab", &l.modelGetVocab, false},
		{"llama_model_chat_template", &l.modelChatTemplate, false},
		{"llama_model_desc", &l.modelDesc, false},
		{"llama_context_default_params", &l.contextDefaultParams, false},
		{"llama_init_from_model", &l.initFromModel, false},
		{"llama_n_ctx", &l.nCtx, false},
		{"llama_set_n_threads", &l.setNThreads, false},
		{"llama_encode", &l.encode, false},
		{"llama_decode", &l.decode, false},
		{"llama_get_embeddings_seq", &l.getEmbeddingsSeq, false},
		{"llama_get_logits_ith", &l.getLogitsIth, false},
		{"llama_get_memory", &l.getMemory, false},
		{"llama_memory_clear", &l.memoryClear, false},
		{"llama_memory_seq_rm", &l.memorySeqRm, false},
		{"llama_tokenize", &l.tokenize, false},
		{"llama_token_to_piece", &l.tokenToPiece, false},
		{"llama_vocab_n_tokens", &l.vocabNTokens, false},
		{"llama_vocab_is_eog", &l.vocabIsEOG, false},
		{"llama_chat_apply_template", &l.chatApplyTemplate, false},
		{"llama_sampler_init_grammar", &l.samplerInitGrammar, false},
		{"llama_sampler_apply", &l.samplerApply, false},
		{"llama_sampler_accept", &l.samplerAccept, false},
		{"llama_sampler_free", &l.samplerFree, false},
	}
}

// openOne opens one library by its plain name, or else by the only versioned
// name in the folder (libllama.v0.5.0.so), which is how some packages ship it.
func openOne(dir, name string) (uintptr, error) {
	prefix, ext := "lib", ".so"
	switch runtime.GOOS {
	case "darwin":
		ext = ".dylib"
	case "windows":
		prefix, ext = "", ".dll"
	}
	path := filepath.Join(dir, prefix+name+ext)
	if _, err := os.Stat(path); err != nil {
		versioned, _ := filepath.Glob(filepath.Join(dir, prefix+name+".v*"+ext))
		if len(versioned) != 1 {
			return 0, fmt.Errorf("open the llama.cpp runtime: %w", err)
		}
		path = versioned[0]
	}
	handle, err := openShared(path)
	if err != nil {
		return 0, fmt.Errorf("open the llama.cpp runtime %s: %w", path, err)
	}
	return handle, nil
}

// logLevelWarn and above are passed on (ggml_log_level: 1 debug, 2 info,
// 3 warning, 4 error, 5 continues the previous line).
const logLevelWarn = 3

func logLine(level int32, text *byte, _ uintptr) uintptr {
	if level == logLevelWarn || level == logLevelWarn+1 {
		_, _ = os.Stderr.WriteString(goString(text))
	}
	return 0
}

// goString copies a NUL-terminated C string.
func goString(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

// cString returns s with a terminating NUL; a NUL inside s ends it.
func cString(s string) *byte {
	b := make([]byte, len(s)+1)
	copy(b, s)
	return &b[0]
}

// tokens splits text into the model's tokens. With parseSpecial, control
// tokens written in the text are read as such: only ever for our own template,
// never for what a user or a source wrote.
func (l *library) tokens(vocab uintptr, text string, addSpecial, parseSpecial bool) ([]int32, error) {
	in := []byte(text)
	if len(in) == 0 {
		in = []byte{0} // the address of an empty slice is not valid
	}
	out := make([]int32, len(text)+8)
	n := l.tokenize(vocab, &in[0], int32(len(text)), &out[0], int32(len(out)), addSpecial, parseSpecial)
	if n < 0 {
		if n == -1<<31 {
			return nil, fmt.Errorf("tokenize a text of %d bytes: too long", len(text))
		}
		out = make([]int32, -n)
		n = l.tokenize(vocab, &in[0], int32(len(text)), &out[0], int32(len(out)), addSpecial, parseSpecial)
	}
	runtime.KeepAlive(in)
	if n < 0 {
		return nil, fmt.Errorf("tokenize a text of %d bytes: code %d", len(text), n)
	}
	return out[:n], nil
}

// model is a loaded model.
type model struct {
	lib    *library
	handle uintptr
	vocab  uintptr
}

func (l *library) load(path string) (*model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the model: %w", err)
	}
	_ = f.Close()
	h := l.modelLoadFromFile(path, l.modelDefaultParams())
	if h == 0 {
		return nil, fmt.Errorf("llama.cpp cannot load the model %s; run 'vraagbaak models verify'", path)
	}
	return &model{lib: l, handle: h, vocab: l.modelGetVocab(h)}, nil
}

// description is llama.cpp's one line about the model, e.g. "bert 33M Q4_0".
func (m *model) description() string {
	buf := make([]byte, 256)
	n := int(m.lib.modelDesc(m.handle, &buf[0], uint64(len(buf))))
	return string(buf[:max(0, min(n, len(buf)-1))])
}

func (m *model) newContext(set func(*contextParams)) (uintptr, error) {
	p := m.lib.contextDefaultParams()
	set(&p)
	ctx := m.lib.initFromModel(m.handle, p)
	if ctx == 0 {
		return 0, fmt.Errorf("llama.cpp cannot make a context of %d tokens; is there enough memory?", p.nCtx)
	}
	return ctx, nil
}
