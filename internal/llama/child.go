package llama

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// childEnv set to childServe makes this program a child of itself.
const (
	childEnv   = "VRAAGBAAK_LLAMA_CHILD"
	childServe = "serve"
)

// RunChildIfAsked serves a model on stdin and stdout and ends the process, if
// this process was started to do so; otherwise it does nothing. It belongs at
// the very beginning of main, and of TestMain in tests that use a model.
func RunChildIfAsked() {
	if os.Getenv(childEnv) != childServe {
		return
	}
	// The parent ends its children through stdin, once what is running has
	// been answered; a signal to the whole group must not come before that.
	signal.Ignore(os.Interrupt, syscall.SIGTERM)
	preferToDie()
	out, err := privateStdout()
	if err == nil {
		err = serveChild(os.Stdin, out, openEngine)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "llama child:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// engine is a loaded model in the child.
type engine interface {
	info() Info
	// run answers one request with any number of frames before its last one,
	// which it returns. Between the steps of its work it looks at ctx.
	run(ctx context.Context, f frame, send func(kind, []byte) error) (kind, []byte, error)
	count(text string) (int, error)
}

// openEngine loads the libraries and the model.
func openEngine(r loadRequest) (engine, error) {
	lib, err := openLibrary(r.LibraryDir)
	if err != nil {
		return nil, err
	}
	m, err := lib.load(r.ModelFile)
	if err != nil {
		return nil, err
	}
	switch r.Role {
	case roleEncoder:
		return newEncoder(m, r.ContextTokens, r.Threads)
	case roleWriter:
		return newWriter(m, r.ContextTokens, r.Threads)
	}
	return nil, fmt.Errorf("unknown role %q", r.Role)
}

// serveChild answers frames until in ends. It returns an error where the
// protocol is broken or the parent no longer listens.
func serveChild(in io.Reader, out io.Writer, open func(loadRequest) (engine, error)) error {
	w := &frameWriter{w: out}
	first, err := readFrame(in)
	if err != nil {
		return fmt.Errorf("read the first message: %w", err)
	}
	var req loadRequest
	if first.kind != kindLoad {
		return fmt.Errorf("the first message is of kind %d, not a request to load", first.kind)
	}
	if err := json.Unmarshal(first.payload, &req); err != nil {
		return fmt.Errorf("read the request to load: %w", err)
	}
	eng, err := open(req)
	if err != nil {
		return w.sendJSON(kindFailure, first.id, failure{Code: codeLoad, Message: err.Error()})
	}
	if err := w.sendJSON(kindReady, first.id, eng.info()); err != nil {
		return err
	}
	s := &childServer{engine: eng, out: w, live: map[uint64]context.CancelFunc{}}
	s.wake.L = &s.mu
	go s.work()
	// Returning ends the process, even in the middle of a computation.
	return s.read(in)
}

// childServer queues requests: queries before passages and generations, each
// in order of arrival.
type childServer struct {
	engine engine
	out    *frameWriter

	mu     sync.Mutex
	wake   sync.Cond
	urgent []job
	queue  []job
	live   map[uint64]context.CancelFunc
}

type job struct {
	ctx context.Context
	frame
}

func (s *childServer) read(in io.Reader) error {
	for {
		f, err := readFrame(in)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		switch f.kind {
		case kindCancel:
			s.mu.Lock()
			if cancel, ok := s.live[f.id]; ok {
				cancel()
			}
			s.mu.Unlock()
		case kindCount:
			// Reading the vocabulary does not disturb a computation.
			go s.count(f)
		case kindQuery, kindPassage, kindGenerate:
			ctx, cancel := context.WithCancel(context.Background())
			s.mu.Lock()
			s.live[f.id] = cancel
			if f.kind == kindQuery {
				s.urgent = append(s.urgent, job{ctx, f})
			} else {
				s.queue = append(s.queue, job{ctx, f})
			}
			s.wake.Signal()
			s.mu.Unlock()
		default:
			return fmt.Errorf("a message of unknown kind %d", f.kind)
		}
	}
}

func (s *childServer) next() job {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.urgent)+len(s.queue) == 0 {
		s.wake.Wait()
	}
	q := &s.urgent
	if len(*q) == 0 {
		q = &s.queue
	}
	j := (*q)[0]
	*q = (*q)[1:]
	return j
}

func (s *childServer) work() {
	for {
		j := s.next()
		k, payload, err := s.one(j)
		s.mu.Lock()
		s.live[j.id]()
		delete(s.live, j.id)
		s.mu.Unlock()
		if err != nil {
			k, payload = kindFailure, asFailure(err)
		}
		if err := s.out.send(k, j.id, payload); err != nil {
			return // the parent is gone; stdin will end too
		}
	}
}

func (s *childServer) one(j job) (kind, []byte, error) {
	if err := j.ctx.Err(); err != nil {
		return 0, nil, err
	}
	send := func(k kind, payload []byte) error { return s.out.send(k, j.id, payload) }
	if err := send(kindStarted, nil); err != nil {
		return 0, nil, err
	}
	return s.engine.run(j.ctx, j.frame, send)
}

func (s *childServer) count(f frame) {
	n, err := s.engine.count(string(f.payload))
	if err != nil {
		_ = s.out.send(kindFailure, f.id, asFailure(err))
		return
	}
	_ = s.out.send(kindTokens, f.id, binary.LittleEndian.AppendUint32(nil, uint32(n)))
}

func asFailure(err error) []byte {
	f := failure{Code: codeOther, Message: err.Error()}
	var long *TooLongError
	switch {
	case errors.As(err, &long):
		f.Code, f.Tokens, f.Limit = codeTooLong, long.Tokens, long.Limit
	case errors.Is(err, ErrGrammar):
		f.Code = codeGrammar
	case errors.Is(err, context.Canceled):
		f.Code = codeCancelled
	}
	b, _ := json.Marshal(f) // strings and numbers only: cannot fail
	return b
}

func (e *encoder) info() Info {
	return Info{Description: e.description(), Dimensions: e.dims, ContextTokens: e.window}
}

func (e *encoder) run(_ context.Context, f frame, _ func(kind, []byte) error) (kind, []byte, error) {
	if f.kind == kindGenerate {
		return 0, nil, errors.New("this model embeds; it does not generate")
	}
	v, err := e.encode(string(f.payload))
	return kindVector, v.marshal(), err
}

func (e *encoder) count(text string) (int, error) {
	toks, err := e.lib.tokens(e.vocab, text, true, false)
	return len(toks), err
}
