package sandbox

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"time"
)

// worker is one child. Only one piece of work is done at a time.
type worker struct {
	o     Options
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *bufio.Reader
	last  *tail
	rest  *time.Timer // ends it while it has no work
	done  int         // pieces of work
	grown bool
	gone  chan struct{}
	once  sync.Once
	state error // of the process; read after gone
}

func start(o Options) (*worker, error) {
	if !Able() {
		return nil, fmt.Errorf("%w: this program does not serve as one", ErrNoChild)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoChild, err)
	}
	w := &worker{o: o, last: &tail{}, gone: make(chan struct{})}
	w.cmd = exec.Command(self)
	w.cmd.Args = []string{self, "extract-worker"} // what a list of processes shows
	w.cmd.Env = environment()
	w.cmd.SysProcAttr = dieWithParent()
	w.cmd.Stderr = w.last
	if w.in, err = w.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	w.out = bufio.NewReaderSize(out, 64<<10)
	started := make(chan error)
	go func() {
		// The death signal follows the thread that started the child, so that
		// thread stays until the child is gone.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := w.cmd.Start(); err != nil {
			started <- err
			return
		}
		started <- nil
		<-w.gone
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("%w: %w", ErrNoChild, err)
	}
	limits := binary.LittleEndian.AppendUint64(nil, uint64(o.Memory))
	limits = binary.LittleEndian.AppendUint64(limits, uint64(o.Total))
	if err := writeFrame(w.in, kindLimits, limits); err != nil {
		w.end()
		return nil, fmt.Errorf("%w: %w", ErrNoChild, w.verdict(nil))
	}
	return w, nil
}

// do sends a piece of work and waits for its result. After an error the worker
// is of no more use.
func (w *worker) do(ctx context.Context, header, data []byte) ([]byte, error) {
	var mu sync.Mutex
	var why error
	kill := func(reason error) {
		mu.Lock()
		defer mu.Unlock()
		if why == nil {
			why = reason
			_ = w.cmd.Process.Kill()
		}
	}
	stop := context.AfterFunc(ctx, func() { kill(ctx.Err()) })
	defer stop()
	silence := time.AfterFunc(w.o.Time, func() { kill(fmt.Errorf("%w: over %s", ErrTime, seconds(w.o.Time))) })
	defer silence.Stop()
	total := time.AfterFunc(w.o.Total, func() { kill(fmt.Errorf("%w: over %s", ErrTime, seconds(w.o.Total))) })
	defer total.Stop()

	failed := func(err error) ([]byte, error) {
		w.end()
		mu.Lock()
		defer mu.Unlock()
		if why != nil {
			return nil, why
		}
		return nil, w.verdict(err)
	}
	if err := writeFrame(w.in, kindHeader, header); err != nil {
		return failed(nil)
	}
	if err := writeFrame(w.in, kindData, data); err != nil {
		return failed(nil)
	}
	for {
		k, payload, err := readFrame(w.out)
		switch {
		case err != nil:
			return failed(err)
		case k == kindAlive:
			silence.Reset(w.o.Time)
		case k == kindResult, k == kindGrown:
			w.done++
			w.grown = k == kindGrown
			return payload, nil
		default:
			return failed(fmt.Errorf("a message of unknown kind %d", k))
		}
	}
}

func seconds(d time.Duration) string {
	if d < time.Second {
		return d.String()
	}
	return fmt.Sprintf("%d s", int(d.Seconds()))
}

// end kills the child and waits until it is gone.
func (w *worker) end() {
	w.once.Do(func() {
		_ = w.in.Close()
		_ = w.cmd.Process.Kill()
		w.state = w.cmd.Wait()
		close(w.gone)
	})
	<-w.gone
}

// verdict says why a child died by itself; err is how that was noticed.
func (w *worker) verdict(err error) error {
	words := w.last.String()
	var exit *exec.ExitError
	if errors.As(w.state, &exit) && exit.ExitCode() == exitMemory || strings.Contains(words, "out of memory") || strings.Contains(words, "cannot allocate memory") {
		return fmt.Errorf("%w: over %d MB", ErrMemory, w.o.Memory>>20)
	}
	detail := w.last.reason()
	switch {
	case detail != "":
	case errors.As(w.state, &exit) && exit.ExitCode() >= 0:
		detail = exit.Error()
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, os.ErrClosed):
		detail = err.Error()
	default:
		detail = "its process ended"
	}
	return fmt.Errorf("%w: %s", ErrCrashed, detail)
}

// tail keeps the beginning of what a child says on standard error: a crash says
// its reason first.
type tail struct {
	mu   sync.Mutex
	text []byte
}

const maxTail = 16 << 10

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, b[:min(len(b), maxTail-len(t.text))]...)
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.ToValidUTF8(string(t.text), "\ufffd")
}

// reason is the line of a panic or fatal error.
func (t *tail) reason() string {
	for line := range strings.Lines(t.String()) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic:") || strings.HasPrefix(line, "fatal error:") || strings.HasPrefix(line, "runtime: goroutine stack exceeds") {
			if len(line) > 200 {
				line = strings.ToValidUTF8(line[:200], "") + "…"
			}
			return line
		}
	}
	return ""
}
