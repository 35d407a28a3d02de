package llama

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// supervisor keeps one child running while it is asked for.
type supervisor struct {
	config Config
	role   role

	mu       sync.Mutex
	closed   bool
	proc     *process
	starting chan struct{} // closed when the start in progress is over
	starts   int
	failures int       // deaths in a row without one answer between them
	retryAt  time.Time // no start before this
	last     error     // the last death or failed start
	info     Info
	stop     context.CancelFunc // ends a start in progress
}

const (
	maxBackoff = 30 * time.Second
	closeWait  = 2 * time.Second
)

// get returns a child that is ready. While the pause after a failed start
// lasts, it waits, or, with failFast or where a new start cannot help, returns
// the error of that failure.
func (s *supervisor) get(ctx context.Context, failFast bool) (*process, error) {
	for {
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return nil, ErrClosed
		}
		if s.proc != nil && s.proc.alive() {
			p := s.proc
			s.mu.Unlock()
			return p, nil
		}
		if s.proc != nil {
			s.fail(s.proc.err)
			s.proc = nil
		}
		if s.starting == nil {
			pause := time.Until(s.retryAt)
			if pause <= 0 {
				s.begin()
			} else if load := (*LoadError)(nil); failFast || errors.As(s.last, &load) {
				err := fmt.Errorf("%w (next attempt in %s)", s.last, pause.Round(time.Millisecond))
				s.mu.Unlock()
				return nil, err
			} else {
				s.mu.Unlock()
				if err := sleep(ctx, pause); err != nil {
					return nil, err
				}
				continue
			}
		}
		wait, attempt := s.starting, s.starts
		s.mu.Unlock()
		select {
		case <-wait:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		s.mu.Lock()
		if s.proc == nil && s.starts == attempt && !s.closed && s.last != nil {
			err := s.last
			s.mu.Unlock()
			return nil, err
		}
		s.mu.Unlock()
	}
}

// begin starts a child in the background: several requests may wait for it,
// and one that leaves must not take it from the others.
func (s *supervisor) begin() {
	ctx, cancel := context.WithCancel(context.Background())
	s.starting, s.stop = make(chan struct{}), cancel
	s.starts++
	go func() {
		defer cancel()
		p, err := spawn(ctx, s.config, s.role)
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil {
			s.fail(err)
		} else {
			s.proc, s.info = p, p.info
		}
		if s.closed && p != nil {
			go p.close(0)
		}
		close(s.starting)
		s.starting = nil
	}()
}

// fail counts a death or a failed start; s.mu is held.
func (s *supervisor) fail(err error) {
	s.last = err
	s.failures++
	if s.failures > 1 {
		pause := min(s.config.Backoff<<min(s.failures-2, 16), maxBackoff)
		s.retryAt = time.Now().Add(pause)
	}
	var load *LoadError
	if errors.As(err, &load) && s.failures == 1 {
		s.retryAt = time.Now().Add(s.config.Backoff)
	}
	s.config.Log.Warn("model process failed", "model", s.config.ModelFile, "in_a_row", s.failures, "error", err)
}

// answered ends a row of failures.
func (s *supervisor) answered() {
	s.mu.Lock()
	s.failures = 0
	s.mu.Unlock()
}

// Start loads the model now, instead of at the first request.
func (s *supervisor) Start(ctx context.Context) (Info, error) {
	p, err := s.get(ctx, true)
	if err != nil {
		return Info{}, err
	}
	return p.info, nil
}

// Close ends the child. Requests in flight fail. It may be called again.
func (s *supervisor) Close() error {
	s.mu.Lock()
	s.closed = true
	p, wait := s.proc, s.starting
	if wait != nil {
		s.stop()
	}
	s.mu.Unlock()
	if wait != nil {
		<-wait
	}
	if p != nil {
		p.close(closeWait)
	}
	return nil
}

// Status tells how the child is. It does not start one.
func (s *supervisor) Status() Status {
	s.mu.Lock()
	defer s.mu.Unlock()
	st := Status{Starts: s.starts, Info: s.info}
	if s.proc != nil && s.proc.alive() {
		st.Running = true
		st.PID = s.proc.cmd.Process.Pid
		st.RSS = rss(st.PID)
	}
	if s.proc != nil && !s.proc.alive() {
		st.LastError = s.proc.err.Error()
	} else if s.last != nil {
		st.LastError = s.last.Error()
	}
	return st
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
