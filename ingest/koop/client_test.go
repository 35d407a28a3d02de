package koop

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

func TestClient(t *testing.T) {
	for name, tt := range map[string]struct {
		serve   func(n int, w http.ResponseWriter, r *http.Request)
		want    string // body
		err     string
		seconds float64 // that it takes
		calls   int
	}{
		"at once": {serve: func(_ int, w http.ResponseWriter, r *http.Request) { io.WriteString(w, r.UserAgent()) },
			want: "vraagbaak/1.0 (+https://waterrijk.example/bot)", calls: 1},
		"a status is no error": {serve: func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(404) }, calls: 1},
		"patience": {serve: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n < 3 {
				w.WriteHeader(503)
			}
		}, seconds: 2 + 4, calls: 3},
		"retry-after": {serve: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n < 2 {
				w.Header().Set("Retry-After", "90")
				w.WriteHeader(429)
			}
		}, seconds: 90, calls: 2},
		"retry-after at once": {serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "0")
			w.WriteHeader(503)
		}, err: "answers 503", seconds: 1 + 1 + 1, calls: 4},
		"retry-after in the past": {serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "Fri, 20 Nov 2026 07:59:00 GMT")
			w.WriteHeader(429)
		}, err: "answers 429", seconds: 1 + 1 + 1, calls: 4},
		"too long": {serve: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(503)
		}, err: "1h0m0s of patience", calls: 1},
		"down":             {serve: func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, err: "answers 500", seconds: 2 + 4 + 8, calls: 4},
		"no connection":    {serve: func(_ int, w http.ResponseWriter, _ *http.Request) { w.WriteHeader(599) }, err: "refused", seconds: 2 + 4 + 8, calls: 4},
		"redirect":         {serve: func(n int, w http.ResponseWriter, r *http.Request) { redirect(n, w, r, "/elders") }, seconds: 1, calls: 2},
		"redirect away":    {serve: func(n int, w http.ResponseWriter, r *http.Request) { redirect(n, w, r, "https://elders.example/") }, err: "not one of", calls: 1},
		"redirect to http": {serve: func(n int, w http.ResponseWriter, r *http.Request) { redirect(n, w, r, "http://dienst.example/") }, err: "not one of", calls: 1},
		"redirects for ever": {serve: func(_ int, w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/", http.StatusFound) },
			err: "redirects more than", seconds: 5, calls: 6},
		"too large": {serve: func(_ int, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, strings.Repeat("x", 2000)) }, err: "too large", calls: 1},
	} {
		t.Run(name, func(t *testing.T) {
			now, n := newTime("2026-11-20T08:00:00Z"), 0
			began := now.at
			w := &wire{time: now, to: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n++; tt.serve(n, w, r) })}
			c, err := newClient(clientOptions{Hosts: []string{"https://Dienst.example/pad"}, Contact: "https://waterrijk.example/bot", MaxBody: 1000, transport: w, clock: now.clock()})
			if err != nil {
				t.Fatal(err)
			}
			a, err := c.get(t.Context(), "https://dienst.example/", "")
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) || !strings.Contains(err.Error(), "https://dienst.example") {
					t.Errorf("error %v", err)
				}
			} else if err != nil || tt.want != "" && string(a.Body) != tt.want {
				t.Errorf("got %v, %v", a, err)
			}
			if took := now.at.Sub(began).Seconds(); took != tt.seconds || n != tt.calls {
				t.Errorf("%d requests in %g seconds, want %d in %g", n, took, tt.calls, tt.seconds)
			}
			w.polite(t, "https://dienst.example")
		})
	}
}

func redirect(n int, w http.ResponseWriter, r *http.Request, to string) {
	if n == 1 {
		http.Redirect(w, r, to, http.StatusFound)
	}
}

func TestClientPace(t *testing.T) {
	now := newTime("2026-11-20T08:00:00Z")
	w := &wire{time: now, to: http.HandlerFunc(func(http.ResponseWriter, *http.Request) { now.at = now.at.Add(100 * time.Millisecond) })}
	c, err := newClient(clientOptions{Hosts: []string{"https://a.example", "https://b.example"}, RequestsPerSecond: 0.5, transport: w, clock: now.clock()})
	if err != nil {
		t.Fatal(err)
	}
	for i := range 6 {
		if _, err := c.get(t.Context(), fmt.Sprintf("https://%c.example/%d", 'a'+rune(i%2), i), ""); err != nil {
			t.Fatal(err)
		}
	}
	last := map[string]time.Time{}
	for _, a := range w.log {
		if before, ok := last[a.host]; ok && a.at.Sub(before) != 2*time.Second {
			t.Errorf("%s %s after the one before", a.url, a.at.Sub(before))
		}
		last[a.host] = a.at
	}
	if _, err := c.get(t.Context(), "https://c.example/", ""); !errors.Is(err, errNotAllowed) {
		t.Errorf("error %v", err)
	}
}

func TestServiceOptions(t *testing.T) {
	ok := Service{Name: "n", Collection: "c", Extract: readText}
	for name, tt := range map[string]struct {
		change func(*Service)
		err    string
	}{
		"name":      {func(s *Service) { s.Name = "" }, "name and collection"},
		"extract":   {func(s *Service) { s.Extract = nil }, "extracts documents"},
		"address":   {func(s *Service) { s.Address = "repository.overheid.nl/sru" }, "write the address"},
		"parameter": {func(s *Service) { s.Address = "https://x.example/sru?x=1" }, "without parameters"},
		"allow":     {func(s *Service) { s.Allow = []string{"x.example"} }, "write it as https://host"},
		"rate":      {func(s *Service) { s.RequestsPerSecond = -1 }, "above 0"},
		"private":   {func(s *Service) { s.AllowPrivate = []string{"x"} }, "host:port"},
	} {
		s := ok
		tt.change(&s)
		if _, err := NewPublications(PublicationsOptions{Service: s, Selection: Selection{Kinds: []string{"Kamerstuk"}}}); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v", name, err)
		}
		if _, err := NewOpenData(OpenDataOptions{Service: s}); err == nil || !strings.Contains(err.Error(), tt.err) {
			t.Errorf("%s: error %v", name, err)
		}
	}
	if _, err := NewPublications(PublicationsOptions{Service: ok, Connection: "wetten", Selection: Selection{Query: "a==b"}}); err == nil || !strings.Contains(err.Error(), "bwb") {
		t.Errorf("error %v", err)
	}
	if _, err := NewOpenData(OpenDataOptions{Service: ok, Kinds: []string{"../geheim"}}); err == nil || !strings.Contains(err.Error(), "write faq") {
		t.Errorf("error %v", err)
	}
	p, err := NewPublications(PublicationsOptions{Service: ok, Selection: Selection{Kinds: []string{"Kamerstuk"}}})
	if err != nil || p.secure("http://repository.overheid.nl/x") != "https://repository.overheid.nl/x" || p.Name() != "n" || p.Collection() != "c" {
		t.Errorf("got %+v, %v", p, err)
	}
}
