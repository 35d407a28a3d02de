// Package sandbox runs work that may crash, hang or take all memory in processes
// of its own: children of this program, used for many pieces of work one after
// the other. It owns their start, limits and end. It never knows what the work
// is: requests and answers are bytes.
package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// Errors of a piece of work that its child did not survive.
var (
	ErrCrashed = errors.New("its process ended")
	ErrTime    = errors.New("it took too long")
	ErrMemory  = errors.New("it needed too much memory")
)

// env set to a name makes this program a child that does the work of that name.
const env = "VRAAGBAAK_SANDBOX"

// maxFrame bounds one request or answer, in bytes.
const maxFrame = 1 << 30

// Work answers one request. What it returns as error is for faults of the
// protocol; the outcome of the work, good or bad, is in the answer.
type Work func(request []byte) ([]byte, error)

// RunChildIfAsked does the work and ends the process, if this process was started
// to do so; otherwise it does nothing. It belongs at the beginning of main, and
// of TestMain in tests that use the sandbox.
func RunChildIfAsked(name string, work Work) {
	if os.Getenv(env) != name {
		return
	}
	debug.SetMemoryLimit(600 << 20) // collects harder before the parent has to step in
	go endWithParent()
	for {
		request, err := readFrame(os.Stdin)
		if errors.Is(err, io.EOF) {
			os.Exit(0)
		}
		var answer []byte
		if err == nil {
			answer, err = work(request)
		}
		if err == nil {
			err = writeFrame(os.Stdout, answer)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "sandbox:", err)
			os.Exit(1)
		}
	}
}

// endWithParent ends a child whose parent was killed while it was at work; one
// that waits sees the end of its input.
func endWithParent() {
	parent := os.Getppid()
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	os.Exit(1)
}

// Options of a Pool. Zero values mean the default.
type Options struct {
	Name    string        // of the work, as given to RunChildIfAsked
	Size    int           // children at the same time: 2
	Timeout time.Duration // of one piece of work: 5 minutes
	Memory  int64         // resident, of one child, in bytes: 1.5 GB
	// Tired is the resident memory above which a child is replaced after its work:
	// 400 MB.
	Tired   int64
	Command []string // that starts a child; this program by default
	Log     *slog.Logger
}

// Pool runs work in a few children. It is safe for concurrent use. Close it.
type Pool struct {
	o     Options
	slots chan struct{}
	mu    sync.Mutex
	idle  []*child
	shut  bool
}

// New starts no child yet.
func New(o Options) *Pool {
	if o.Size <= 0 {
		o.Size = 2
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Minute
	}
	if o.Memory <= 0 {
		o.Memory = 1536 << 20
	}
	if o.Tired <= 0 {
		o.Tired = 400 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Pool{o: o, slots: make(chan struct{}, o.Size)}
}

// Do has one piece of work done. The error is that of ctx, or wraps ErrCrashed,
// ErrTime or ErrMemory: the child is gone then, and the next piece of work gets a
// new one.
func (p *Pool) Do(ctx context.Context, request []byte) ([]byte, error) {
	select {
	case p.slots <- struct{}{}:
		defer func() { <-p.slots }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	c, err := p.take()
	if err != nil {
		return nil, err
	}
	answer, err := c.do(ctx, request, p.o)
	if err != nil {
		c.kill()
		p.o.Log.Warn("a sandboxed process was ended", "work", p.o.Name, "error", err)
		return nil, err
	}
	p.put(c)
	return answer, nil
}

// Close ends the children.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shut = true
	for _, c := range p.idle {
		c.end()
	}
	p.idle = nil
	return nil
}

func (p *Pool) take() (*child, error) {
	p.mu.Lock()
	if n := len(p.idle); n > 0 {
		c := p.idle[n-1]
		p.idle = p.idle[:n-1]
		p.mu.Unlock()
		return c, nil
	}
	p.mu.Unlock()
	return start(p.o)
}

func (p *Pool) put(c *child) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if used, ok := resident(c.cmd.Process.Pid); p.shut || ok && used > p.o.Tired {
		c.end()
		return
	}
	p.idle = append(p.idle, c)
}

// child is one process.
type child struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    io.ReadCloser
	stderr *tail
}

func start(o Options) (*child, error) {
	command := o.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find this program, to start it as a sandbox: %w", err)
		}
		command = []string{self}
	}
	c := &child{cmd: exec.Command(command[0], command[1:]...), stderr: &tail{}}
	c.cmd.Env = append(os.Environ(), env+"="+o.Name)
	c.cmd.Stderr = c.stderr
	c.cmd.SysProcAttr = apart()
	var err error
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.out, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a sandbox: %w", err)
	}
	return c, nil
}

// do sends a request and waits for its answer, within the limits.
func (c *child) do(ctx context.Context, request []byte, o Options) ([]byte, error) {
	type outcome struct {
		answer []byte
		err    error
	}
	done := make(chan outcome, 1)
	go func() {
		if err := writeFrame(c.in, request); err != nil {
			done <- outcome{nil, err}
			return
		}
		answer, err := readFrame(c.out)
		done <- outcome{answer, err}
	}()
	timer := time.NewTimer(o.Timeout)
	defer timer.Stop()
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case r := <-done:
			if r.err != nil {
				c.kill() // and its last words are read to the end
				return nil, fmt.Errorf("%w%s", ErrCrashed, c.stderr.reason())
			}
			return r.answer, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-timer.C:
			return nil, fmt.Errorf("%w: more than %s", ErrTime, o.Timeout)
		case <-look.C:
			if used, ok := resident(c.cmd.Process.Pid); ok && used > o.Memory {
				return nil, fmt.Errorf("%w: more than %d MB", ErrMemory, o.Memory>>20)
			}
		}
	}
}

// kill ends a child that is at work.
func (c *child) kill() {
	c.cmd.Process.Kill()
	c.cmd.Wait()
}

// end ends a child that waits for work.
func (c *child) end() {
	c.in.Close()
	stop := time.AfterFunc(2*time.Second, func() { c.cmd.Process.Kill() })
	defer stop.Stop()
	c.cmd.Wait()
}

// tail keeps the last of what a child writes to standard error.
type tail struct {
	mu   sync.Mutex
	text []byte
}

func (t *tail) Write(p []byte) (int, error) {
	const most = 8 << 10
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	if n := len(t.text); n > most {
		t.text = append(t.text[:0], t.text[n-most:]...)
	}
	return len(p), nil
}

// reason is the line that says why, such as "panic: …" or "fatal error: …".
func (t *tail) reason() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(string(t.text)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "sandbox:") || strings.HasPrefix(line, "runtime: ") {
			return " (" + line + ")"
		}
	}
	return ""
}

func writeFrame(w io.Writer, b []byte) error {
	if len(b) > maxFrame {
		return fmt.Errorf("a message of %d bytes is longer than %d", len(b), maxFrame)
	}
	var head [4]byte
	binary.LittleEndian.PutUint32(head[:], uint32(len(b)))
	if _, err := w.Write(head[:]); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}

func readFrame(r io.Reader) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(head[:])
	if n > maxFrame {
		return nil, fmt.Errorf("a message of %d bytes is longer than %d", n, maxFrame)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}
