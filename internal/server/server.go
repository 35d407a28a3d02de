// Package server is the HTTP side of vraagbaak: routes, bounds, headers, the
// answer API as JSON and as Server-Sent Events, and the one place where errors
// become HTTP. It owns no knowledge of how an answer is made, never reads a
// store, and never writes the text of a question to the log.
package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/widget"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// APIVersion is the version of the API under /v1, in the header API-Version.
const APIVersion = "1.0.0"

// Options is what a server is made of. Asker and Scope or Authorize are
// required; the rest has defaults.
type Options struct {
	Asker answer.Asker
	// Ready reports why questions cannot be answered now; nil: always ready.
	Ready func(context.Context) error
	// Authorize gives the scope of a request, or an error that wraps ErrUnauthorized
	// or ErrForbidden. Nil: everybody may read Collections, and requests whose Host
	// is not this machine are refused, so that no web page elsewhere can reach the
	// server through a name that resolves to it.
	Authorize   func(*http.Request) (retrieve.Scope, error)
	Collections []string
	// Site is shown at / (the demo); nil for none. The origin SiteOrigin in its
	// robots.txt and sitemap.xml is replaced by that of the request.
	Site   fs.FS
	Log    *slog.Logger
	Limits Limits
}

// Limits bounds what clients can ask of the server. Zero fields take the
// defaults.
type Limits struct {
	Answers    int           // answers in progress at the same time; default 8
	AnswerTime time.Duration // for one answer; then it is a timed_out outcome; default 2 minutes
	Ping       time.Duration // between comments on a silent event stream; default 15 s
	Write      time.Duration // for a client to take in one piece of a response; default 20 s
}

func (l Limits) withDefaults() Limits {
	if l.Answers <= 0 {
		l.Answers = 8
	}
	if l.AnswerTime <= 0 {
		l.AnswerTime = 2 * time.Minute
	}
	if l.Ping <= 0 {
		l.Ping = 15 * time.Second
	}
	if l.Write <= 0 {
		l.Write = 20 * time.Second
	}
	return l
}

// Errors an Authorize function wraps.
var (
	ErrUnauthorized = errors.New("no valid credential")
	ErrForbidden    = errors.New("not allowed")
)

type server struct {
	Options
	slots chan struct{} // one per answer in progress
}

// New returns the handler of all routes.
//
//	POST /v1/answers              answer as application/json or text/event-stream
//	GET  /livez, /readyz          the process is up; questions can be answered
//	GET  /widget/v1/vraagbaak.js  the widget
//	GET  /...                     the demo site, if there is one
func New(o Options) (http.Handler, error) {
	if o.Asker == nil {
		return nil, errors.New("server: no Asker")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &server{Options: o}
	s.Limits = o.Limits.withDefaults()
	s.slots = make(chan struct{}, s.Limits.Answers)

	mux := http.NewServeMux()
	only := func(path string, methods map[string]http.HandlerFunc) {
		mux.Handle(path, methodHandler(methods))
	}
	only("/v1/answers", map[string]http.HandlerFunc{http.MethodPost: s.answers})
	only("/livez", map[string]http.HandlerFunc{http.MethodGet: s.livez})
	only("/readyz", map[string]http.HandlerFunc{http.MethodGet: s.readyz})
	only(widget.Path, map[string]http.HandlerFunc{http.MethodGet: widget.Handler().ServeHTTP})
	notFound := func(w http.ResponseWriter, r *http.Request) { writeProblem(w, r, errNotFound) }
	mux.HandleFunc("/v1/", notFound)
	mux.HandleFunc("/widget/", notFound)
	if s.Site != nil {
		only("/", map[string]http.HandlerFunc{http.MethodGet: siteHandler(s.Site).ServeHTTP})
	} else {
		mux.HandleFunc("/", notFound)
	}

	var h http.Handler = strictPath(mux)
	if s.Authorize == nil {
		h = loopbackHost(h)
	}
	return s.logged(recovered(s.Log, headers(h))), nil
}

// methodHandler answers 405 with Allow for other methods; HEAD goes with GET.
func methodHandler(methods map[string]http.HandlerFunc) http.Handler {
	var allow []string
	for _, m := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete} {
		if methods[m] != nil {
			allow = append(allow, m)
		}
	}
	if get := methods[http.MethodGet]; get != nil {
		methods[http.MethodHead] = get
		allow = append(allow, http.MethodHead)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := methods[r.Method]; h != nil {
			h(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		writeProblem(w, r, errMethod)
	})
}

func (s *server) scope(r *http.Request) (retrieve.Scope, error) {
	if s.Authorize == nil {
		return retrieve.NewScope(s.Collections...), nil
	}
	return s.Authorize(r)
}

func (s *server) livez(w http.ResponseWriter, r *http.Request) {
	writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
}

func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	if s.Ready != nil {
		ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
		defer cancel()
		if err := s.Ready(ctx); err != nil {
			s.Log.WarnContext(r.Context(), "not ready", "err", err)
			writeProblem(w, r, errNotReady)
			return
		}
	}
	writeJSON(w, http.StatusOK, map[string]string{"status": "ready"})
}

// CheckListen refuses an address that other machines can reach while no
// authentication is configured.
func CheckListen(addr string, authenticated bool) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("listen address %q: want HOST:PORT, such as 127.0.0.1:8080: %w", addr, err)
	}
	if authenticated || isLoopback(host) {
		return nil
	}
	return fmt.Errorf("listen address %q can be reached from other machines, and no auth is configured: "+
		"listen on 127.0.0.1 or configure auth", addr)
}

// isLoopback reports whether a host, without port, can only be this machine.
func isLoopback(host string) bool {
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}
