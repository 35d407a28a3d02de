// Package sandbox runs work that may crash, hang or take all memory in child
// processes of this program, a few of them, each used for many pieces of work.
// It owns the processes and the bytes between them. What the bytes mean is its
// caller's affair.
//
// A child that dies, is silent for too long or grows too large costs the piece
// of work it was on; the next piece gets a new child. The child has no secrets
// of the environment, and it is no prison: it may do what this program may.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Work is what a child does: a piece of work in, its result out. What goes wrong
// belongs in the result. It calls alive from time to time where it takes long
// on purpose.
type Work func(ctx context.Context, header, data []byte, alive func()) []byte

// The reasons why a piece of work has no result. An error of Pool.Do wraps one
// of them, or that of the context.
var (
	ErrCrashed = errors.New("crashed")
	ErrTime    = errors.New("took too long")
	ErrMemory  = errors.New("needed too much memory")
	// ErrNoChild: this program cannot start itself as a child.
	ErrNoChild = errors.New("no child process")
)

// childEnv set to childServe makes this program a child of itself.
const (
	childEnv   = "VRAAGBAAK_SANDBOX_CHILD"
	childServe = "serve"
)

// able is whether the main function of this program serves children. Without
// that, starting this program again would do who knows what: run its tests, for
// instance.
var able atomic.Bool

// RunChildIfAsked does the work of a child on stdin and stdout and ends the
// process, if this process was started to do so; otherwise it only notes that
// this program can be a child. It belongs at the very beginning of main, and of
// TestMain in tests that use children.
func RunChildIfAsked(work Work) {
	able.Store(true)
	if os.Getenv(childEnv) != childServe {
		return
	}
	if err := serve(os.Stdin, os.Stdout, work); err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Able reports whether this program can start children.
func Able() bool { return able.Load() }

// Defaults of Options.
const (
	DefaultWorkers = 2
	DefaultMemory  = 1 << 30
	DefaultTime    = 5 * time.Minute
	DefaultTotal   = time.Hour
	DefaultIdle    = time.Minute
)

// Options bound the children of a pool.
type Options struct {
	Workers int           // children at the same time; 0 for DefaultWorkers
	Memory  int64         // of one child, in bytes; 0 for DefaultMemory
	Time    time.Duration // without a sign of life from a piece of work; 0 for DefaultTime
	Total   time.Duration // for a piece of work; 0 for DefaultTotal
	Idle    time.Duration // after which a child without work is ended; 0 for DefaultIdle
	Log     *slog.Logger  // nil for none
}

// Pool keeps children for work. Its methods may be called at the same time.
type Pool struct {
	o     Options
	slots chan struct{}

	mu     sync.Mutex
	idle   []*worker
	closed bool
}

// New gives a pool. It starts nothing yet.
func New(o Options) *Pool {
	if o.Workers <= 0 {
		o.Workers = DefaultWorkers
	}
	if o.Memory <= 0 {
		o.Memory = DefaultMemory
	}
	if o.Time <= 0 {
		o.Time = DefaultTime
	}
	if o.Total <= 0 {
		o.Total = DefaultTotal
	}
	if o.Idle <= 0 {
		o.Idle = DefaultIdle
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pool{o: o, slots: make(chan struct{}, o.Workers)}
}

// Do has a child do a piece of work and returns its result. It waits for a
// child that is free. When the context ends, the child is killed.
//
// A child that has done other work before and dies may have been brought to it
// by that: the work is then tried once more, in a new child.
func (p *Pool) Do(ctx context.Context, header, data []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-p.slots }()
	for {
		w, err := p.take()
		if err != nil {
			return nil, err
		}
		used := w.done > 0
		reply, err := w.do(ctx, header, data)
		if err == nil {
			p.give(w)
			return reply, nil
		}
		w.end()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		p.o.Log.Warn("a child process was lost", "error", err, "had_done", w.done)
		if !used || errors.Is(err, ErrTime) {
			return nil, err
		}
	}
}

// take is a child that is ready, the last one used before a new one.
func (p *Pool) take() (*worker, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return nil, errors.New("the pool of child processes is closed")
	}
	for len(p.idle) > 0 {
		w := p.idle[len(p.idle)-1]
		p.idle = p.idle[:len(p.idle)-1]
		if w.rest.Stop() {
			return w, nil
		}
	}
	return start(p.o)
}

// give takes a child back, and ends it if it gets no work for long or says that
// it has grown.
func (p *Pool) give(w *worker) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || w.grown {
		go w.end()
		return
	}
	w.rest = time.AfterFunc(p.o.Idle, func() {
		p.mu.Lock()
		for i, other := range p.idle {
			if other == w {
				p.idle = append(p.idle[:i], p.idle[i+1:]...)
				break
			}
		}
		p.mu.Unlock()
		w.end()
	})
	p.idle = append(p.idle, w)
}

// Close ends the children that have no work; those that have end with it.
func (p *Pool) Close() error {
	p.mu.Lock()
	p.closed = true
	idle := p.idle
	p.idle = nil
	p.mu.Unlock()
	for _, w := range idle {
		w.rest.Stop()
		w.end()
	}
	return nil
}

// environment is what a child gets of the environment: nothing that could be a
// key or a password.
func environment() (env []string) {
	for _, v := range os.Environ() {
		name, _, _ := strings.Cut(v, "=")
		switch strings.ToUpper(name) {
		case "PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "LC_ALL", "XDG_CACHE_HOME", "VRAAGBAAK_HOME", "TESSDATA_PREFIX",
			"SYSTEMROOT", "LOCALAPPDATA", "USERPROFILE", "GOCOVERDIR":
			env = append(env, v)
		}
	}
	return append(env, childEnv+"="+childServe)
}
