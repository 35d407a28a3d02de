package endpoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// StatusError is an answer of the server that is not 200.
type StatusError struct {
	Code       int
	Message    string        // what the server said, on one line, without the key; may be ""
	RetryAfter time.Duration // how long the server asks to wait; 0 if it does not
}

func (e *StatusError) Error() string {
	s := fmt.Sprintf("HTTP %d", e.Code)
	if t := http.StatusText(e.Code); t != "" {
		s += " " + t
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	return s
}

// Temporary reports whether the same request may succeed later: the server is
// busy, starting or restarting.
func (e *StatusError) Temporary() bool {
	switch e.Code {
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusTooManyRequests, http.StatusInternalServerError,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// ErrSilent is the cause of a request that was given up because the server did
// not say anything for as long as [Config.Idle].
var ErrSilent = errors.New("the server fell silent")

// Watch learns the outcome of the requests that are made with its context.
type Watch struct {
	mu     sync.Mutex
	err    error // the last outcome
	cancel context.CancelCauseFunc
	parent context.Context
	ctx    context.Context
}

type watchKey struct{}

// Watch returns a context for requests to the server, and what learns their
// outcome. Call [Watch.Close] when they are done.
func (e *Endpoint) Watch(parent context.Context) (context.Context, *Watch) {
	w := &Watch{parent: parent}
	ctx, cancel := context.WithCancelCause(parent)
	w.cancel = cancel
	w.ctx = context.WithValue(ctx, watchKey{}, w)
	return w.ctx, w
}

// Close ends the requests that still run.
func (w *Watch) Close() { w.cancel(nil) }

// Err is why the last request failed, or nil: the error of the context that
// [Endpoint.Watch] was given, [ErrSilent], a [*StatusError], or an error of the
// network. What a library returned beyond that (an answer that it could not
// read) is not in it.
func (w *Watch) Err() error {
	if err := w.parent.Err(); err != nil {
		return err
	}
	if cause := context.Cause(w.ctx); errors.Is(cause, ErrSilent) {
		return cause
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

func (w *Watch) set(err error) {
	if w == nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.err = err
}

// transport adds the key, watches the outcome and the silence.
type transport struct {
	base     http.RoundTripper
	endpoint *Endpoint
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	w, _ := req.Context().Value(watchKey{}).(*Watch)
	w.set(nil)
	req = req.Clone(req.Context())
	req.Header.Del("Authorization")
	if t.endpoint.key != "" {
		req.Header.Set("Authorization", "Bearer "+t.endpoint.key)
	}
	var timer *time.Timer
	if w != nil {
		timer = time.AfterFunc(t.endpoint.idle, func() { w.cancel(fmt.Errorf("%w for %s", ErrSilent, t.endpoint.idle)) })
	}
	resp, err := t.base.RoundTrip(req)
	stop(timer)
	if err != nil {
		w.set(err)
		return nil, err
	}
	resp.Body = &body{ReadCloser: resp.Body, watch: w, timer: timer, idle: t.endpoint.idle}
	if resp.StatusCode != http.StatusOK {
		t.failed(resp, w)
	}
	return resp, nil
}

// failed keeps what an answer that is not 200 says, and leaves it readable.
func (t *transport) failed(resp *http.Response, w *Watch) {
	const enough = 64 << 10
	text, _ := io.ReadAll(io.LimitReader(resp.Body, enough))
	resp.Body.Close()
	resp.Body = io.NopCloser(bytes.NewReader(text))
	e := &StatusError{Code: resp.StatusCode, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	e.Message = t.endpoint.clean(message(text))
	if to := resp.Header.Get("Location"); to != "" && resp.StatusCode < 400 && resp.StatusCode >= 300 {
		e.Message = t.endpoint.clean("redirects to " + to + ", which is not followed; configure that address if it is the server")
	}
	w.set(e)
}

// clean makes one short line of s, without the key.
func (e *Endpoint) clean(s string) string {
	if e.key != "" {
		s = strings.ReplaceAll(s, e.key, "***")
	}
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "?")), " ")
	const most = 300
	if len(s) > most {
		cut := most
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		s = s[:cut] + "…"
	}
	return s
}

// message finds what a server says in an error. In use are {"error": "text"}
// (Ollama, TEI), {"error": {"message": "text"}} (OpenAI, vLLM, llama-server),
// {"message": "text"} and {"detail": "text"} (older vLLM, FastAPI); anything else
// is shown as it is, unless it is a page of HTML.
func message(text []byte) string {
	var m map[string]any
	if json.Unmarshal(text, &m) == nil {
		for _, v := range []any{m["error"], m["message"], m["detail"]} {
			if inner, ok := v.(map[string]any); ok {
				v = inner["message"]
			}
			if s, ok := v.(string); ok && s != "" {
				return s
			}
		}
	}
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
		return ""
	}
	return string(text)
}

// retryAfter reads the header of that name: seconds, or a date (RFC 9110,
// 10.2.3).
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, t.Sub(now))
	}
	return 0
}

// body notes how reading ended, and times the silence while it is being read:
// a caller that takes its time between two pieces is not the server's silence.
type body struct {
	io.ReadCloser
	watch *Watch
	timer *time.Timer
	idle  time.Duration
}

func (b *body) Read(p []byte) (int, error) {
	if b.timer != nil {
		b.timer.Reset(b.idle)
	}
	n, err := b.ReadCloser.Read(p)
	stop(b.timer)
	if err != nil && err != io.EOF {
		b.watch.set(fmt.Errorf("the answer broke off: %w", err))
	}
	return n, err
}

func (b *body) Close() error {
	stop(b.timer)
	return b.ReadCloser.Close()
}

func stop(t *time.Timer) {
	if t != nil {
		t.Stop()
	}
}
