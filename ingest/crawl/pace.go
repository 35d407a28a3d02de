package crawl

import (
	"fmt"
	"net/http"
	"net/url"
	"time"
)

const (
	// maxFailures in a row mean that a host is down or wants to be left alone.
	maxFailures = 10
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

// account notes how a request went. Failures in a row double the pause between
// requests; after maxFailures the host is left alone.
func (p *pace) account(resp *response, err error) {
	if err == nil && resp.status < 500 && resp.status != http.StatusTooManyRequests {
		p.failures, p.backoff = 0, 0
		return
	}
	p.failures++
	p.backoff = min(max(2*p.backoff, p.interval), maxPause)
	p.next = p.next.Add(p.backoff)
	what := fmt.Sprint(err)
	if err == nil {
		what = fmt.Sprintf("answered with %d", resp.status)
	}
	if p.failures >= maxFailures {
		p.down = fmt.Errorf("%s: %d requests failed in a row, the last one: %s; the rest is left for a later run", p.name, p.failures, what)
	}
}
