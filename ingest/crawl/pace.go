package crawl

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxFailures in a row mean that a host is down or wants to be left alone,
	// unless the page that was read first in this run can still be read.
	maxFailures = 10
	// maxProofs in a row are enough: a cache may answer for a site that is down.
	maxProofs = 10
	// maxPause bounds the pauses that failures and slow answers lead to.
	maxPause = time.Minute
)

// pace is how fast a server is asked. http and https of one host share it: they
// are the same server, and most sites redirect from one to the other.
type pace struct {
	name     string        // host:port
	interval time.Duration // between the starts of two requests
	backoff  time.Duration // added after the last failure
	next     time.Time     // before which nothing is requested
	failures int           // in a row
	down     error         // why nothing more is requested in this run
	proof    *url.URL      // the page that was read first, most often a start address
	proofs   int           // how often it was asked for since another page was read
}

// pace of the host of u.
func (f *fetcher) pace(u *url.URL) *pace {
	p := f.paces[u.Host]
	if p == nil {
		p = &pace{name: u.Host, interval: time.Duration(float64(time.Second) / f.s.opts.RequestsPerSecond)}
		f.paces[u.Host] = p
	}
	return p
}

// paced sets when the next request may start: an interval after the start of
// this one, and after a slow answer as long as that took, so that a site under
// load is used at most half of the time.
func (p *pace) paced(began, ended time.Time) {
	took := ended.Sub(began)
	next := began.Add(p.interval)
	if took > p.interval {
		next = later(next, ended.Add(min(took, 10*time.Second)))
	}
	p.next = later(p.next, next)
}

// ready reports whether the host of an address can be asked without waiting
// longer than its usual pace.
func (f *fetcher) ready(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return true
	}
	p := f.paces[u.Host]
	return p == nil || !p.next.After(f.clock.now())
}

// rest leaves the host alone until t.
func (p *pace) rest(t time.Time) { p.next = later(p.next, t) }

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// account notes how a request went. After maxFailures the page that was read
// first is asked for again: if it is there, the pages are broken and not the
// site, and the run goes on, as slowly as it has become. Else the host is left
// alone.
func (f *fetcher) account(ctx context.Context, h *host, u *url.URL, why purpose, resp *response, err error) {
	if h.note(resp, err); h.failures == 0 {
		h.proofs = 0
		if h.proof == nil && why == forPage && works(resp) {
			h.proof = u
		}
	}
	if h.failures < maxFailures {
		return
	}
	if h.proof != nil && h.proofs < maxProofs {
		h.proofs++
		if resp, err := f.once(ctx, h, h.proof, forPage, state{}); err == nil && works(resp) {
			h.failures = 0
			return
		}
	}
	h.down = fmt.Errorf("%s: %d requests failed in a row, the last one: %s; the rest is left for a later run", h.name, h.failures, failing(resp, err))
}

// note counts failures in a row; they double the pause between requests.
func (p *pace) note(resp *response, err error) {
	if err == nil && resp.status < 500 && resp.status != http.StatusTooManyRequests {
		p.failures, p.backoff = 0, 0
		return
	}
	p.failures++
	p.backoff = min(max(2*p.backoff, p.interval), maxPause)
	p.next = p.next.Add(p.backoff)
}

func failing(resp *response, err error) string {
	if err != nil {
		return err.Error()
	}
	return fmt.Sprintf("answered with %d", resp.status)
}

// works reports whether an answer shows that the site works: redirects and 404
// may come from a server in front of it.
func works(resp *response) bool {
	return resp.status == http.StatusOK || resp.status == http.StatusNotModified
}
