package llama

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// process is one child from its start to its death.
type process struct {
	log     *slog.Logger
	silence time.Duration
	cmd     *exec.Cmd
	stdin   io.WriteCloser
	out     *frameWriter
	info    Info

	lastID  atomic.Uint64
	mu      sync.Mutex
	calls   map[uint64]*call
	heard   time.Time // when the child last said something, or was first given work
	verdict error     // why it was killed, if it was

	gone chan struct{} // closed when dead; err is set before
	err  error
}

// call is a request in flight. Its frames arrive in order; the channel has room
// for all of them, so that one slow reader never holds up another's.
type call struct {
	id      uint64
	frames  chan frame
	started bool // the child began to work on it
}

// spawn starts a child and waits until its model is loaded.
func spawn(ctx context.Context, c Config, r role) (*process, error) {
	p := &process{log: c.Log, silence: c.Silence, calls: map[uint64]*call{}, gone: make(chan struct{})}
	if err := p.start(c); err != nil {
		return nil, err
	}
	req, err := json.Marshal(loadRequest{
		Role: r, LibraryDir: c.LibraryDir, ModelFile: c.ModelFile,
		ContextTokens: c.ContextTokens, Threads: c.Threads,
	})
	if err != nil {
		return nil, err
	}
	timer := time.AfterFunc(c.LoadTimeout, func() {
		p.kill(fmt.Errorf("the model was not loaded within %s", c.LoadTimeout))
	})
	defer timer.Stop()
	load, err := p.send(kindLoad, req, 4)
	if err != nil {
		return nil, err
	}
	f, err := p.receive(ctx, load)
	switch {
	case err != nil:
		p.kill(errors.New("no longer wanted while loading"))
		return nil, err
	case f.kind == kindFailure:
		p.kill(errors.New("could not load"))
		<-p.gone
		var why failure
		_ = json.Unmarshal(f.payload, &why)
		return nil, &LoadError{ModelFile: c.ModelFile, Message: why.Message}
	case f.kind != kindReady:
		p.kill(fmt.Errorf("answered the request to load with kind %d", f.kind))
		<-p.gone
		return nil, p.err
	}
	if err := json.Unmarshal(f.payload, &p.info); err != nil {
		p.kill(err)
		return nil, fmt.Errorf("read what the model process says about itself: %w", err)
	}
	p.done(load)
	go p.watch()
	c.Log.Info("model loaded", "model", c.ModelFile, "pid", p.cmd.Process.Pid, "description", p.info.Description)
	return p, nil
}

func (p *process) start(c Config) error {
	command := c.Command
	if len(command) == 0 {
		self, err := os.Executable()
		if err != nil {
			return fmt.Errorf("find this program, to start the model process: %w", err)
		}
		command = []string{self}
	}
	p.cmd = exec.Command(command[0], command[1:]...)
	p.cmd.Env = append(append(os.Environ(), childEnv+"="+childServe), c.Env...)
	p.cmd.SysProcAttr = dieWithParent()
	var stdout, stderr io.ReadCloser
	var err error
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return err
	}
	if stdout, err = p.cmd.StdoutPipe(); err != nil {
		return err
	}
	if stderr, err = p.cmd.StderrPipe(); err != nil {
		return err
	}
	p.out = &frameWriter{w: p.stdin}
	started := make(chan error)
	go func() {
		// The death signal follows the thread that started the child, so that
		// thread stays until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := p.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		<-p.gone
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("start the model process: %w", err)
	}
	last := &tail{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		last.follow(stderr, func(line string) { p.log.Debug("llama.cpp", "line", line) })
	}()
	go p.readAll(stdout, read, last)
	return nil
}

// readAll hands every frame to its call, until the child is gone.
func (p *process) readAll(stdout io.Reader, stderrRead <-chan struct{}, last *tail) {
	r := bufio.NewReaderSize(stdout, 64<<10)
	for {
		f, err := readFrame(r)
		if err != nil {
			if err != io.EOF {
				p.kill(fmt.Errorf("wrote what is not in the protocol: %w", err))
			}
			break
		}
		if !p.deliver(f) {
			p.kill(fmt.Errorf("sent more than was asked for (kind %d, request %d)", f.kind, f.id))
			break
		}
	}
	// Its end of the pipe is closed or unreadable: whatever it still is, it is
	// of no more use.
	p.kill(nil)
	_, _ = io.Copy(io.Discard, r)
	<-stderrRead
	state := p.cmd.Wait()
	p.mu.Lock()
	why := p.verdict
	p.mu.Unlock()
	if why == nil {
		why = state
	}
	if why == nil {
		why = errors.New("ended by itself")
	}
	p.err = fmt.Errorf("%w (pid %d): %w%s", ErrChildDied, p.cmd.Process.Pid, why, last)
	close(p.gone)
}

func (p *process) deliver(f frame) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = time.Now()
	c, ok := p.calls[f.id]
	if !ok {
		return true // its caller has left
	}
	if f.kind == kindStarted {
		c.started = true
		return true
	}
	select {
	case c.frames <- f:
		return true
	default:
		return false
	}
}

// send registers and sends a request that is answered with at most room frames.
func (p *process) send(k kind, payload []byte, room int) (*call, error) {
	c := &call{id: p.lastID.Add(1), frames: make(chan frame, room)}
	p.mu.Lock()
	if len(p.calls) == 0 {
		p.heard = time.Now()
	}
	p.calls[c.id] = c
	p.mu.Unlock()
	if err := p.out.send(k, c.id, payload); err != nil {
		if len(payload) > maxPayload {
			p.done(c)
			return nil, err
		}
		p.kill(nil)
		<-p.gone
		return nil, p.err
	}
	return c, nil
}

// receive waits for the next frame of a call.
func (p *process) receive(ctx context.Context, c *call) (frame, error) {
	select {
	case f := <-c.frames:
		return f, nil
	default:
	}
	select {
	case f := <-c.frames:
		return f, nil
	case <-p.gone:
		select {
		case f := <-c.frames: // it came just before the end
			return f, nil
		default:
			return frame{}, p.err
		}
	case <-ctx.Done():
		return frame{}, ctx.Err()
	}
}

// done forgets a call that got its last frame.
func (p *process) done(c *call) {
	p.mu.Lock()
	delete(p.calls, c.id)
	p.mu.Unlock()
}

// cancel forgets a call and tells the child to stop working on it.
func (p *process) cancel(c *call) {
	p.done(c)
	select {
	case <-p.gone:
	default:
		// The pipe of a child that hangs may be full.
		go func() { _ = p.out.send(kindCancel, c.id, nil) }()
	}
}

// begun says whether the child had begun to work on the call.
func (p *process) begun(c *call) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return c.started
}

// watch kills a child that has work and says nothing.
func (p *process) watch() {
	tick := time.NewTicker(max(p.silence/10, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-p.gone:
			return
		case <-tick.C:
			p.mu.Lock()
			hung := len(p.calls) > 0 && time.Since(p.heard) > p.silence
			p.mu.Unlock()
			if hung {
				p.kill(fmt.Errorf("was silent for %s and has been killed", p.silence))
				return
			}
		}
	}
}

// kill ends the child; the first reason given is the one that is reported.
func (p *process) kill(why error) {
	p.mu.Lock()
	if p.verdict == nil {
		p.verdict = why
	}
	p.mu.Unlock()
	_ = p.cmd.Process.Kill()
}

// close lets the child end by itself, and kills it if it does not.
func (p *process) close(wait time.Duration) {
	p.mu.Lock()
	if p.verdict == nil {
		p.verdict = ErrClosed
	}
	p.mu.Unlock()
	_ = p.stdin.Close()
	select {
	case <-p.gone:
	case <-time.After(wait):
		_ = p.cmd.Process.Kill()
		<-p.gone
	}
}

func (p *process) alive() bool {
	select {
	case <-p.gone:
		return false
	default:
		return true
	}
}

// tail keeps the last lines of a stream.
type tail struct{ lines []string }

const (
	tailLines    = 8
	tailLineSize = 300
)

func (t *tail) follow(r io.Reader, each func(string)) {
	br := bufio.NewReaderSize(r, 4096)
	for {
		b, more, err := br.ReadLine()
		if len(b) > 0 {
			line, _ := cutAtRune(strings.ToValidUTF8(string(b), "�"), tailLineSize)
			each(line)
			t.lines = append(t.lines, line)
			if len(t.lines) > tailLines {
				t.lines = t.lines[1:]
			}
		}
		for more && err == nil { // the rest of an overlong line
			_, more, err = br.ReadLine()
		}
		if err != nil {
			return
		}
	}
}

// String is read only after follow has returned.
func (t *tail) String() string {
	if len(t.lines) == 0 {
		return ""
	}
	return "; its last words: " + strings.Join(t.lines, " | ")
}
