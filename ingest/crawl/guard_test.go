package crawl

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"code.dny.dev/ssrf"
)

func TestGuardRefusesInternalAddresses(t *testing.T) {
	guard := ssrf.New()
	for _, tt := range []struct {
		network, address string
		ok               bool
	}{
		{"tcp4", "127.0.0.1:80", false},
		{"tcp4", "127.8.9.10:443", false},
		{"tcp4", "0.0.0.0:80", false},
		{"tcp4", "10.1.2.3:80", false},
		{"tcp4", "100.64.1.1:80", false},
		{"tcp4", "169.254.169.254:80", false},
		{"tcp4", "172.16.0.1:80", false},
		{"tcp4", "172.31.255.255:80", false},
		{"tcp4", "192.0.2.1:80", false},
		{"tcp4", "192.168.1.1:443", false},
		{"tcp4", "198.18.0.1:80", false},
		{"tcp4", "224.0.0.1:80", false},
		{"tcp4", "255.255.255.255:80", false},
		{"tcp6", "[::1]:80", false},
		{"tcp6", "[::]:80", false},
		{"tcp6", "[::ffff:127.0.0.1]:80", false},
		{"tcp6", "[::ffff:10.0.0.1]:80", false},
		{"tcp6", "[fe80::1%eth0]:80", false},
		{"tcp6", "[fc00::1]:80", false},
		{"tcp6", "[64:ff9b::7f00:1]:80", false},
		{"tcp6", "[2002:7f00:1::]:80", false},
		{"tcp6", "[2001:db8::1]:80", false},
		{"tcp4", "93.184.216.34:22", false},
		{"tcp4", "93.184.216.34:8080", false},
		{"udp4", "93.184.216.34:443", false},
		{"tcp4", "localhost:80", false}, // never resolved here: an IP or nothing
		{"tcp4", "onzin", false},
		{"tcp4", "93.184.216.34:80", true},
		{"tcp4", "172.32.0.1:443", true},
		{"tcp6", "[2a02:1234::1]:443", true},
		{"tcp6", "[::ffff:93.184.216.34]:80", true},
	} {
		err := checkAddress(guard, tt.network, tt.address, nil)
		if (err == nil) != tt.ok {
			t.Errorf("%s %s: %v", tt.network, tt.address, err)
		}
		if err != nil && !errors.Is(err, errRefused) {
			t.Errorf("%s %s: error %v is not errRefused", tt.network, tt.address, err)
		}
	}
}

// The exception for internal servers is for a host and port as in the URL,
// not for the address behind it.
func TestGuardExceptions(t *testing.T) {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer srv.Close()
	_, port, err := net.SplitHostPort(host1(srv.URL))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		private, host string
		ok            bool
	}{
		{"", "127.0.0.1:" + port, false},
		{"", "localhost:" + port, false},
		{"", "[::ffff:127.0.0.1]:" + port, false},
		{"127.0.0.1:" + port, "127.0.0.1:" + port, true},
		{"127.0.0.1:" + port, "localhost:" + port, false},
		{"localhost:" + port, "127.0.0.1:" + port, false},
		{"LOCALHOST:" + port, "localhost:" + port, true},
		{"127.0.0.1:1", "127.0.0.1:" + port, false},
	} {
		var private []string
		if tt.private != "" {
			private = []string{tt.private}
		}
		tr, err := guardedTransport(private)
		if err != nil {
			t.Fatal(err)
		}
		conn, err := tr.DialContext(t.Context(), "tcp", tt.host)
		if (err == nil) != tt.ok {
			t.Errorf("exception %q, dial %s: %v", tt.private, tt.host, err)
		}
		if err != nil && !errors.Is(err, errRefused) {
			t.Errorf("exception %q, dial %s: error %v is not errRefused", tt.private, tt.host, err)
		}
		if conn != nil {
			conn.Close()
		}
		if tr.Proxy != nil {
			t.Error("a proxy would hide addresses from the guard")
		}
	}
	for _, bad := range []string{"127.0.0.1", "intranet", ":80", "http://intranet:80", "intranet:"} {
		if _, err := guardedTransport([]string{bad}); err == nil {
			t.Errorf("allow_private %q was accepted", bad)
		}
	}
}

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
