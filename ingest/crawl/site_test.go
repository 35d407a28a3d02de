package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// site is two web servers, "site" and "other", with the pages of a txtar
// archive. An entry is named by its path, for the other server "other/path".
// Lines at its start that begin with "!" are about the answer:
//
//	!status 301
//	!header Location: /elders
//	!etag            give an ETag, and answer 304 to it
//	!gzip            compress the body (the file, not the transfer)
//	!never           must not be requested: a request fails the test
//	!times 2         the status holds for the first so many requests
//
// {site} and {other} stand for the addresses of the servers.
type site struct {
	t     *testing.T
	main  *httptest.Server
	other *httptest.Server
	clock *fakeClock

	mu    sync.Mutex
	pages map[string]*entry
	log   []request
	down  bool // connections are broken off
}

type entry struct {
	status, times       int
	header              http.Header
	etag, never, zipped bool
	body                []byte
}

type request struct {
	server, path string
	at           time.Time
	conditional  bool
	agent        string
}

func newSite(t *testing.T, archive string) *site {
	s := &site{t: t, clock: &fakeClock{t: time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)}}
	s.main = httptest.NewServer(s.handler("site"))
	s.other = httptest.NewServer(s.handler("other"))
	t.Cleanup(s.main.Close)
	t.Cleanup(s.other.Close)
	s.pages = map[string]*entry{}
	s.set(archive)
	if len(s.pages) == 0 {
		t.Fatal("the archive has no pages")
	}
	return s
}

// set adds or replaces pages.
func (s *site) set(archive string) {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		name := strings.Replace(f.Name, "{missing}", missingName(host1(s.main.URL)), 1)
		if strings.HasPrefix(name, "/") {
			name = "site" + name
		}
		e := &entry{status: 200, header: http.Header{}}
		body := strings.NewReplacer("{site}", s.main.URL, "{other}", s.other.URL).Replace(string(f.Data))
		for strings.HasPrefix(body, "!") {
			var line string
			line, body, _ = strings.Cut(body, "\n")
			word, rest, _ := strings.Cut(line[1:], " ")
			switch word {
			case "status":
				e.status, _ = strconv.Atoi(rest)
			case "times":
				e.times, _ = strconv.Atoi(rest)
			case "header":
				k, v, _ := strings.Cut(rest, ": ")
				e.header.Add(k, v)
			case "etag":
				e.etag = true
			case "never":
				e.never = true
			case "gzip":
				e.zipped = true
			default:
				s.t.Fatalf("%s: unknown directive %q", name, line)
			}
		}
		e.body = []byte(body)
		if e.zipped {
			var b bytes.Buffer
			w := gzip.NewWriter(&b)
			w.Write(e.body)
			w.Close()
			e.body = b.Bytes()
		}
		s.pages[name] = e
	}
}

func (s *site) remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.pages, "site"+path)
}

func (s *site) setDown(down bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.down = down
}

func (s *site) handler(server string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.down {
			panic(http.ErrAbortHandler)
		}
		s.log = append(s.log, request{server, r.URL.RequestURI(), s.clock.now(), r.Header.Get("If-None-Match") != "" || r.Header.Get("If-Modified-Since") != "", r.UserAgent()})
		e := s.pages[server+r.URL.RequestURI()]
		if e == nil {
			e = s.pages[server+r.URL.Path]
		}
		if e == nil {
			http.NotFound(w, r)
			return
		}
		if e.never {
			s.t.Errorf("%s%s was requested", server, r.URL.RequestURI())
		}
		for k, vs := range e.header {
			w.Header()[k] = vs
		}
		if w.Header().Get("Content-Type") == "" {
			w.Header().Set("Content-Type", contentTypeOf(r.URL.Path))
		}
		status := e.status
		if e.times < 0 {
			status = 200
		} else if e.times > 0 {
			if e.times--; e.times == 0 {
				e.times = -1
			}
		}
		if e.etag {
			tag := fmt.Sprintf(`"%x"`, sha256.Sum256(e.body))
			w.Header().Set("ETag", tag)
			if status == 200 && r.Header.Get("If-None-Match") == tag {
				w.WriteHeader(http.StatusNotModified)
				return
			}
		}
		w.WriteHeader(status)
		w.Write(e.body)
	})
}

func contentTypeOf(p string) string {
	switch {
	case strings.HasSuffix(p, ".txt"):
		return "text/plain"
	case strings.HasSuffix(p, ".xml"):
		return "application/xml"
	case strings.HasSuffix(p, ".pdf"):
		return "application/pdf"
	}
	return "text/html; charset=utf-8"
}

// owns checks that every document is on the main server.
func (s *site) owns(l *ledger) {
	s.t.Helper()
	for id := range l.entries {
		if !strings.HasPrefix(id, s.main.URL+"/") {
			s.t.Errorf("document %s is outside the whitelist", id)
		}
	}
}

// requests are the paths asked of a server since the last call of forget.
func (s *site) requests(server string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, r := range s.log {
		if r.server == server {
			out = append(out, r.path)
		}
	}
	return out
}

func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
}

// conditional reports whether the last request of a path was conditional.
func (s *site) conditional(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range slices.Backward(s.log) {
		if r.server == "site" && r.path == path {
			return r.conditional
		}
	}
	s.t.Errorf("%s was not requested", path)
	return false
}

// source crawls the site with fake time; edit may change the options.
func (s *site) source(edit func(*Options)) *Source {
	s.t.Helper()
	o := Options{Name: "waterrijk", Collection: "site", Start: []string{s.main.URL + "/"}, Allow: []string{s.main.URL + "/"},
		AllowPrivate: []string{host1(s.main.URL), host1(s.other.URL)}, Extract: extractMain,
		clock: clock{now: s.clock.now, sleep: s.clock.sleep}}
	if edit != nil {
		edit(&o)
	}
	src, err := New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return src
}

func host1(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		panic(err)
	}
	return u.Host
}

// extractMain is the least an extractor does: the text of <main>, of <body>
// without one, and of other formats as it stands.
func extractMain(_ context.Context, in Input) (*ingest.Document, error) {
	if !isHTML(in.ContentType) {
		return &ingest.Document{Title: in.URL, Text: string(in.Data)}, nil
	}
	d, err := goquery.NewDocumentFromReader(bytes.NewReader(in.Data))
	if err != nil {
		return nil, err
	}
	text := d.Find("main").Text()
	if text == "" {
		text = d.Find("body").Text()
	}
	if strings.Contains(text, "PANIEK") {
		panic("a parser that fails")
	}
	return &ingest.Document{Title: d.Find("title").Text(), Text: strings.TrimSpace(text)}, nil
}

// fakeClock moves only when somebody sleeps.
type fakeClock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *fakeClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *fakeClock) sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if d > 0 {
		c.t = c.t.Add(d)
	}
	return ctx.Err()
}

// ledger stands for the index: it carries changes out as the indexer does.
type ledger struct {
	mu      sync.Mutex
	entries map[string]ingest.Entry
}

func newLedger() *ledger { return &ledger{entries: map[string]ingest.Entry{}} }

func (l *ledger) Cursor(context.Context) (ingest.Cursor, error) { return nil, nil }

func (l *ledger) Entry(_ context.Context, id string) (ingest.Entry, bool, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e, ok := l.entries[id]
	return e, ok, nil
}

func (l *ledger) Entries(context.Context) iter.Seq2[ingest.Entry, error] {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []ingest.Entry
	for _, e := range l.entries {
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b ingest.Entry) int { return strings.Compare(a.Ref.ID, b.Ref.ID) })
	return func(yield func(ingest.Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

// counts are the paths of what a run did to the index.
type counts struct {
	New, Changed, Same, Deleted, Failed []string
	Err                                 error
	errs                                map[string]string // of Failed
}

// apply carries a run out.
func (l *ledger) apply(t *testing.T, src *Source, max int) counts {
	t.Helper()
	out := counts{errs: map[string]string{}}
	seen := map[string]bool{}
	n := 0
	for c, err := range src.Changes(t.Context(), l) {
		if err != nil {
			out.Err = errors.Join(out.Err, err)
			continue
		}
		id := c.Ref.ID
		if c.Ref.Collection != "site" || seen[id] {
			t.Errorf("second change of %s in one run, or wrong collection", c.Ref)
		}
		seen[id] = true
		p := short(id)
		l.mu.Lock()
		e, known := l.entries[id]
		e.Ref = c.Ref
		switch c.Op {
		case ingest.Put:
			if c.Doc == nil || c.Doc.URL != id || c.Doc.Ref != c.Ref || c.Doc.Fetched.IsZero() || c.Doc.Text == "" {
				t.Errorf("%s: incomplete document %+v", id, c.Doc)
			}
			digest := ingest.HexDigest(c.Doc.Digest)
			switch {
			case e.Digest == "":
				out.New = append(out.New, p)
			case e.Digest != digest:
				out.Changed = append(out.Changed, p)
			default:
				out.Same = append(out.Same, p)
			}
			e.Digest, e.Failure, e.State, e.Title = digest, "", c.State, c.Doc.Text
			l.entries[id] = e
		case ingest.Keep:
			if e.Digest == "" {
				t.Errorf("%s kept but not indexed", id)
			}
			e.Failure, e.State = "", orWord(c.State, e.State)
			l.entries[id] = e
			out.Same = append(out.Same, p)
		case ingest.Gone:
			if !known {
				t.Errorf("%s deleted but not known", id)
			}
			if e.Digest != "" {
				out.Deleted = append(out.Deleted, p)
			}
			delete(l.entries, id)
		case ingest.Fail:
			e.Failure, e.State = c.Err.Error(), orWord(c.State, e.State)
			l.entries[id] = e
			out.Failed = append(out.Failed, p)
			out.errs[p] = c.Err.Error()
		}
		l.mu.Unlock()
		if n++; max > 0 && n == max {
			break // as after kill -9: nothing more is carried out
		}
	}
	for _, s := range []*[]string{&out.New, &out.Changed, &out.Same, &out.Deleted, &out.Failed} {
		slices.Sort(*s)
	}
	return out
}

// indexed are the paths with their text.
func (l *ledger) indexed() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]string{}
	for id, e := range l.entries {
		if e.Digest != "" {
			out[short(id)] = e.Title
		}
	}
	return out
}

// short is the path of an ID.
func short(id string) string {
	u, err := url.Parse(id)
	if err != nil {
		return id
	}
	return u.RequestURI()
}

// want compares what a run did: lists of paths separated by spaces.
func (c counts) want(t *testing.T, fresh, changed, same, deleted, failed string) {
	t.Helper()
	for _, x := range []struct {
		what, want string
		got        []string
	}{{"new", fresh, c.New}, {"changed", changed, c.Changed}, {"unchanged", same, c.Same}, {"deleted", deleted, c.Deleted}, {"failed", failed, c.Failed}} {
		if got := strings.Join(x.got, " "); got != x.want {
			t.Errorf("%s: %q, want %q (%v)", x.what, got, x.want, c.errs)
		}
	}
}
