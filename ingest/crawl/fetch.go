package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxAttempts is how often one address is requested when its server asks for
// patience (429, 503).
const maxAttempts = 3

// fetcher makes all requests of one run.
type fetcher struct {
	s     *Source
	hosts map[string]*host // by scheme://host:port
	paces map[string]*pace // by host:port
	clock clock
}

func newFetcher(s *Source) *fetcher {
	return &fetcher{s: s, hosts: map[string]*host{}, paces: map[string]*pace{}, clock: s.opts.clock}
}

// purpose says why something is requested, which decides whether it may be.
type purpose int

const (
	forPage  purpose = iota // a page or document: within the allowed prefixes
	forRules                // robots.txt or a sitemap: on an allowed host
)

// response is an answer with what was read of its body.
type response struct {
	status      int
	header      http.Header
	contentType string // of the header, or of the first bytes where it says nothing
	body        []byte
	unread      string // why the body was not read: its type or its size
	tooLarge    bool
}

// get requests an address, at the host's pace. Servers that ask for patience
// are asked again after it. The error says why there is no answer.
func (f *fetcher) get(ctx context.Context, u *url.URL, why purpose, st state) (*response, error) {
	h := f.host(u)
	for attempt := 1; ; attempt++ {
		if h.down != nil {
			return nil, h.down
		}
		resp, err := f.once(ctx, h, u, why, st)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err != nil || (resp.status != http.StatusTooManyRequests && resp.status != http.StatusServiceUnavailable) {
			f.account(ctx, h, u, why, resp, err)
			return resp, err
		}
		pause := f.patience(resp.header, h, attempt)
		if pause > f.s.opts.MaxRetryAfter {
			h.down = fmt.Errorf("%s answers %d and asks to come back in %s; the rest is left for a later run", h.name, resp.status, pause.Round(time.Second))
			return resp, nil
		}
		h.rest(f.clock.now().Add(pause))
		if attempt == maxAttempts {
			f.account(ctx, h, u, why, resp, nil)
			return resp, nil
		}
	}
}

// patience is how long a server wants to be left alone: its Retry-After, in
// seconds or as a date, else twice as long with each attempt.
func (f *fetcher) patience(header http.Header, h *host, attempt int) time.Duration {
	v := strings.TrimSpace(header.Get("Retry-After"))
	if secs, err := strconv.Atoi(v); err == nil && secs >= 0 {
		return time.Duration(min(secs, 1<<30)) * time.Second
	}
	if at, err := http.ParseTime(v); err == nil {
		return max(at.Sub(f.clock.now()), 0)
	}
	return min(max(h.interval, time.Second)<<attempt, f.s.opts.MaxRetryAfter)
}

// once makes one request. It is the only place where requests are made, and
// checks once more that this one may be.
func (f *fetcher) once(ctx context.Context, h *host, u *url.URL, why purpose, st state) (*response, error) {
	if !f.s.white.hosts(u) || why == forPage && !f.s.white.allows(u) {
		return nil, fmt.Errorf("%s is outside the allowed prefixes", u)
	}
	if err := f.clock.sleep(ctx, h.next.Sub(f.clock.now())); err != nil {
		return nil, err
	}
	began := f.clock.now()
	defer func() { h.paced(began, f.clock.now()) }()
	ctx, cancel := context.WithTimeout(ctx, f.s.opts.Timeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", f.s.opts.UserAgent)
	req.Header.Set("Accept", "text/html,application/xhtml+xml,application/pdf;q=0.9,*/*;q=0.5")
	req.Header.Set("Accept-Language", "nl,en;q=0.5")
	if st.ETag != "" {
		req.Header.Set("If-None-Match", st.ETag)
	}
	if st.LastModified != "" {
		req.Header.Set("If-Modified-Since", st.LastModified)
	}
	res, err := f.s.client.Do(req)
	if err != nil {
		return nil, plainError(err)
	}
	defer res.Body.Close()
	out := &response{status: res.StatusCode, header: res.Header, contentType: res.Header.Get("Content-Type")}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return out, nil
	}
	if why == forRules {
		limit := int64(maxSitemapBytes)
		if u.Path == "/robots.txt" {
			limit = maxRobots + 1
		}
		out.body, err = io.ReadAll(io.LimitReader(res.Body, limit))
	} else {
		err = f.readPage(out, res)
	}
	if err != nil {
		return nil, fmt.Errorf("its answer broke off: %w", plainError(err))
	}
	return out, nil
}

// plainError leaves out the method and address that http repeats.
func plainError(err error) error {
	var ue *url.Error
	if errors.As(err, &ue) {
		err = ue.Err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("no complete answer within the time-out")
	}
	return err
}

// readPage reads the body as far as its type and the limits allow.
func (f *fetcher) readPage(out *response, res *http.Response) error {
	head, body, err := peek(res.Body, 512)
	if err != nil {
		return err
	}
	out.contentType = sniff(out.contentType, head)
	if !worthReading(out.contentType) {
		out.unread = "it is " + out.contentType + ", not a document"
		return nil
	}
	limit := f.s.opts.MaxFile
	if isHTML(out.contentType) {
		limit = f.s.opts.MaxHTML
	}
	if res.ContentLength <= limit {
		out.body, err = io.ReadAll(io.LimitReader(body, limit+1))
		if err != nil {
			return err
		}
	}
	if res.ContentLength > limit || int64(len(out.body)) > limit {
		out.body, out.tooLarge = nil, true
		out.unread = fmt.Sprintf("it is larger than %d MB", limit>>20)
	}
	return nil
}

// sniff is the type the server gave, unless it gave none or the first bytes
// are plainly those of a PDF.
func sniff(given string, head []byte) string {
	if bytes.HasPrefix(bytes.TrimLeft(head, "\r\n\t "), []byte("%PDF-")) {
		return "application/pdf"
	}
	switch media(given) {
	case "", "application/octet-stream", "binary/octet-stream", "application/x-download", "application/force-download":
		return http.DetectContentType(head)
	}
	return given
}

// media is a content type without parameters, in lower case.
func media(contentType string) string {
	t, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		t, _, _ = strings.Cut(contentType, ";")
	}
	return strings.ToLower(strings.TrimSpace(t))
}

func isHTML(contentType string) bool {
	m := media(contentType)
	return m == "text/html" || m == "application/xhtml+xml"
}

// worthReading reports whether a type can hold a document. Office files are
// often sent as zip or as unknown bytes, so those are read when linked.
func worthReading(contentType string) bool {
	m := media(contentType)
	for _, prefix := range []string{"image/", "video/", "audio/", "font/"} {
		if strings.HasPrefix(m, prefix) {
			return false
		}
	}
	switch m {
	case "text/css", "text/javascript", "application/javascript", "application/x-javascript", "application/json",
		"application/ld+json", "application/rss+xml", "application/atom+xml", "text/calendar", "text/vcard",
		"application/gzip", "application/x-gzip", "application/x-rar-compressed", "application/x-7z-compressed":
		return false
	}
	return true
}
