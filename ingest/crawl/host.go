package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/guard"
)

const (
	// robotsAge is how long a robots.txt is used (RFC 9309, section 2.4).
	robotsAge = 24 * time.Hour
	// maxHops is how many redirects are followed.
	maxHops = 5
)

// host is what a run knows of one authority: its rules, and its pace.
type host struct {
	*pace
	root string // scheme://host:port

	read  time.Time // when the rules were
	rules *robots
	all   *Verdict // the verdict about every page, where there are no rules
}

// host of u, without having read its rules.
func (f *fetcher) host(u *url.URL) *host {
	root := u.Scheme + "://" + u.Host
	h := f.hosts[root]
	if h == nil {
		h = &host{root: root, pace: f.pace(u)}
		f.hosts[root] = h
	}
	return h
}

// verdict says whether robots.txt lets u be requested; it reads the file where
// that has not been done yet.
func (f *fetcher) verdict(ctx context.Context, u *url.URL) (Verdict, error) {
	h, err := f.withRules(ctx, u, nil)
	if err != nil {
		return Verdict{}, err
	}
	if h.all != nil {
		return *h.all, nil
	}
	return h.rules.verdict(u), nil
}

// withRules is the host of u with its robots.txt read. trail holds the hosts
// that are being read, which redirected here.
func (f *fetcher) withRules(ctx context.Context, u *url.URL, trail []*host) (*host, error) {
	h := f.host(u)
	now := f.clock.now()
	if !h.read.IsZero() && now.Sub(h.read) < robotsAge {
		return h, nil
	}
	rules, all, err := f.readRules(ctx, h, append(trail, h))
	if err != nil {
		return nil, err
	}
	h.rules, h.all, h.read = rules, all, now
	if rules != nil && rules.delay > h.interval {
		h.interval = rules.delay
		if rules.delay == maxCrawlDelay {
			f.s.opts.Log.Warn("site is slow to crawl: its Crawl-delay is a minute or more", "host", h.root)
		}
	}
	if all != nil {
		f.s.opts.Log.Info("no rules from robots.txt", "host", h.root, "allowed", all.Allowed, "reason", all.Reason)
	}
	return h, nil
}

// readRules requests robots.txt, following redirects, and gives either its
// rules or the verdict that holds for all pages. The error is the context's.
func (f *fetcher) readRules(ctx context.Context, h *host, trail []*host) (*robots, *Verdict, error) {
	at, err := url.Parse(h.root + "/robots.txt")
	if err != nil {
		return nil, nil, err
	}
	for range maxHops + 1 {
		resp, err := f.persist(ctx, at)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil {
			return nil, closed(true, "robots.txt could not be read: %v", err), nil
		}
		if target, ok := redirect(at, resp); ok {
			switch {
			case target == nil:
				return nil, open("robots.txt redirects to nowhere, which counts as having none"), nil
			case !f.s.white.hosts(target):
				// Its rules are there (RFC 9309, section 2.3.1.2), and we may not look.
				return nil, closed(false, "robots.txt redirects to %s, which may not be requested; add that host to allow", target), nil
			case target.Path == "/robots.txt" && !inTrail(trail, f.host(target)):
				other, err := f.withRules(ctx, target, trail)
				if err != nil {
					return nil, nil, err
				}
				return other.rules, other.all, nil
			}
			at = target
			continue
		}
		rules, all := judge(resp)
		return rules, all, nil
	}
	return nil, open("robots.txt redirects more than 5 times, which counts as having none"), nil
}

// judge applies the status classes of RFC 9309, section 2.3.1, with two
// stricter: 401 and 403 close the site, and 429 closes it for now.
func judge(resp *response) (*robots, *Verdict) {
	switch s := resp.status; {
	case s >= 200 && s < 300:
		return parseRobots(resp.body), nil
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		return nil, closed(false, "robots.txt answers %d: the site does not want to be read", s)
	case s == http.StatusTooManyRequests || s >= 500:
		return nil, closed(true, "robots.txt answers %d; until it can be read nothing is requested", s)
	case s >= 400:
		return nil, open("there is no robots.txt (%d)", s)
	default:
		return nil, closed(true, "robots.txt answers %d, which says nothing", s)
	}
}

func open(format string, args ...any) *Verdict {
	return &Verdict{Allowed: true, Reason: fmt.Sprintf(format, args...)}
}

func closed(temporary bool, format string, args ...any) *Verdict {
	return &Verdict{Temporary: temporary, Reason: fmt.Sprintf(format, args...)}
}

func inTrail(trail []*host, h *host) bool {
	for _, t := range trail {
		if t == h {
			return true
		}
	}
	return false
}

// persist requests a file that much depends on, and tries again once after a
// failure.
func (f *fetcher) persist(ctx context.Context, u *url.URL) (*response, error) {
	resp, err := f.get(ctx, u, forRules, state{})
	if ctx.Err() != nil || errors.Is(err, guard.ErrRefused) || err == nil && (resp.status < 500 || resp.status == http.StatusServiceUnavailable) {
		return resp, err
	}
	f.host(u).rest(f.clock.now().Add(time.Second))
	return f.get(ctx, u, forRules, state{})
}

// redirect is the target of a redirecting answer; nil where it has none that
// can be requested.
func redirect(at *url.URL, resp *response) (target *url.URL, ok bool) {
	switch resp.status {
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
	default:
		return nil, false
	}
	loc := resp.header.Get("Location")
	if loc == "" {
		return nil, true
	}
	target, err := normalize(at, loc)
	if err != nil {
		return nil, true
	}
	return target, true
}
