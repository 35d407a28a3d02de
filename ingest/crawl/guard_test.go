package crawl

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A site inside the whitelist that redirects to an internal server, or whose
// own address is internal, reaches nothing.
func TestCrawlNeverReachesInternalServers(t *testing.T) {
	s := newSite(t, `
-- / --
<main>Welkom. <a href=/omleiding>o</a></main>
-- /omleiding --
!status 302
!header Location: {other}/geheim
-- other/robots.txt --
!never
-- other/geheim --
!never
`)
	// Even where the whitelist has the internal server by mistake.
	src := s.source(func(o *Options) {
		o.Allow = append(o.Allow, s.other.URL+"/")
		o.AllowPrivate = o.AllowPrivate[:1]
	})
	one := newLedger().apply(t, src, 0)
	one.want(t, "/", "", "", "", "")
	if one.Err == nil || !strings.Contains(one.Err.Error(), "network.allow_private") {
		t.Errorf("error %v does not say what to do", one.Err)
	}

	src = s.source(func(o *Options) { o.AllowPrivate = nil })
	s.forget()
	none := newLedger().apply(t, src, 0)
	none.want(t, "", "", "", "", "")
	if none.Err == nil || !strings.Contains(none.Err.Error(), "network.allow_private") {
		t.Errorf("error %v does not say what to do", none.Err)
	}
	if asked := s.requests("site"); len(asked) > 0 {
		t.Errorf("an internal site was asked %v", asked)
	}
}

func TestSlowAnswersTimeOut(t *testing.T) {
	release := make(chan struct{})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<main>Welkom. <a href=/traag>t</a> <a href=/daarna>d</a></main>"))
		case "/traag":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<main>En toen"))
			w.(http.Flusher).Flush()
			select {
			case <-release:
			case <-r.Context().Done():
			}
		case "/daarna":
			w.Header().Set("Content-Type", "text/html")
			w.Write([]byte("<main>Daarna.</main>"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	defer close(release)
	fake := &fakeClock{t: time.Unix(0, 0)}
	src, err := New(Options{Name: "traag", Collection: "site", Start: []string{srv.URL}, Allow: []string{srv.URL}, AllowPrivate: []string{host1(srv.URL)},
		Extract: extractMain, Timeout: 300 * time.Millisecond, clock: clock{now: fake.now, sleep: fake.sleep}})
	if err != nil {
		t.Fatal(err)
	}
	one := newLedger().apply(t, src, 0)
	one.want(t, "/ /daarna", "", "", "", "/traag")
	if !strings.Contains(one.errs["/traag"], "time-out") {
		t.Errorf("reason %q", one.errs["/traag"])
	}
}

func TestRunEndsWithItsContext(t *testing.T) {
	s := newSite(t, waterrijk)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	var last error
	for _, err := range s.source(nil).Changes(ctx, newLedger()) {
		last = err
		n++
		cancel()
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("after %d changes: %v", n, last)
	}
}
