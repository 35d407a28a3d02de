package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path"
	"runtime/debug"
	"time"
)

// headers sets what every response carries; handlers of pages and scripts
// replace what is different for them.
func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("API-Version", APIVersion)
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		next.ServeHTTP(w, r)
	})
}

// strictPath refuses what http.ServeMux would redirect: a path is right or it
// is not there.
func strictPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := r.URL.Path
		clean := path.Clean("/" + p)
		if clean != p && clean+"/" != p {
			writeProblem(w, r, errNotFound)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// loopbackHost refuses requests for another host than this machine. Without
// it a web page could reach an open server on loopback through a name of its
// own that resolves to 127.0.0.1 (DNS rebinding).
func loopbackHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.Host)
		if err != nil {
			host = r.Host
		}
		if !isLoopback(host) {
			writeProblem(w, r, errHost)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// recovered turns a panic into a 500, or ends the connection if the response
// had begun.
func recovered(log *slog.Logger, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &recorder{ResponseWriter: w}
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			logPanic(log, r, v)
			if seen.status != 0 {
				panic(http.ErrAbortHandler) // the client must not take half a response for a whole one
			}
			writeProblem(w, r, errInternal)
		}()
		next.ServeHTTP(seen, r)
	})
}

func (s *server) panicked(r *http.Request, v any) { logPanic(s.Log, r, v) }

// logPanic logs the type of what was thrown and the stack, not the value: that
// may hold the text of a question.
func logPanic(log *slog.Logger, r *http.Request, v any) {
	log.ErrorContext(r.Context(), "panic", "type", fmt.Sprintf("%T", v), "path", r.URL.Path, "stack", string(debug.Stack()))
}

// logged writes a line per request: what, result, origin and duration.
func (s *server) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		seen := &recorder{ResponseWriter: w}
		defer func() {
			level := slog.LevelInfo
			if r.URL.Path == "/livez" || r.URL.Path == "/readyz" {
				level = slog.LevelDebug
			}
			status := seen.status
			if r.Context().Err() == context.Canceled {
				status = 499 // the client hung up
			}
			s.Log.Log(r.Context(), level, "request", "method", r.Method, "path", r.URL.Path, "status", status,
				"bytes", seen.bytes, "origin", r.RemoteAddr, "ms", time.Since(start).Milliseconds())
		}()
		next.ServeHTTP(seen, r)
	})
}

// recorder notes what was sent.
type recorder struct {
	http.ResponseWriter
	status, bytes int
}

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

func (r *recorder) Write(b []byte) (int, error) {
	if r.status == 0 {
		r.status = http.StatusOK
	}
	n, err := r.ResponseWriter.Write(b)
	r.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController through.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
