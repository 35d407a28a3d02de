package crawl

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
)

// Plan is what a run would start from, found out without requesting a page.
type Plan struct {
	Start    []PlannedStart  `json:"start"`
	Hosts    []PlannedHost   `json:"hosts"`
	Sitemaps []SitemapReport `json:"sitemaps"`
	// Pages is how many different allowed addresses the sitemaps list.
	Pages int `json:"pages"`
	// Disallowed is how many of those robots.txt forbids.
	Disallowed int `json:"disallowed"`
}

// PlannedStart is a start address and whether it may be requested.
type PlannedStart struct {
	URL     string  `json:"url"`
	Verdict Verdict `json:"verdict"`
}

// PlannedHost is how a host would be treated.
type PlannedHost struct {
	Host     string  `json:"host"`
	Robots   string  `json:"robots"`   // which rules hold, in words
	Interval float64 `json:"interval"` // seconds between two requests
}

// SitemapReport is one sitemap file that was asked for.
type SitemapReport struct {
	URL     string `json:"url"`
	Listed  int    `json:"listed"`  // addresses in it
	Allowed int    `json:"allowed"` // of those, within the whitelist
	Files   int    `json:"files"`   // further sitemaps it names
	Error   string `json:"error"`   // why it was not read to its end
}

// Plan reads robots.txt and the sitemaps, and no pages.
func (s *Source) Plan(ctx context.Context) (Plan, error) {
	f := newFetcher(s)
	p := Plan{Start: []PlannedStart{}, Hosts: []PlannedHost{}, Sitemaps: []SitemapReport{}}
	for _, u := range s.start {
		v, err := f.verdict(ctx, u)
		if err != nil {
			return p, fmt.Errorf("website source %q: %w", s.opts.Name, err)
		}
		p.Start = append(p.Start, PlannedStart{u.String(), v})
	}
	reports, pages, err := f.sitemaps(ctx)
	if err != nil {
		return p, fmt.Errorf("website source %q: %w", s.opts.Name, err)
	}
	p.Sitemaps = append(p.Sitemaps, reports...)
	p.Pages = len(pages)
	for _, l := range pages {
		u, err := url.Parse(l.loc)
		if err != nil {
			continue
		}
		v, err := f.verdict(ctx, u)
		if err != nil {
			return p, fmt.Errorf("website source %q: %w", s.opts.Name, err)
		}
		if !v.Allowed {
			p.Disallowed++
		}
	}
	for _, root := range f.roots() {
		h := f.host(root)
		p.Hosts = append(p.Hosts, PlannedHost{Host: h.root, Robots: h.describe(), Interval: h.interval.Seconds()})
	}
	return p, nil
}

// describe says which rules hold for a host.
func (h *host) describe() string {
	switch {
	case h.all != nil:
		return h.all.Reason
	case h.rules == nil:
		return "robots.txt was not read"
	case h.rules.agent == "":
		return "robots.txt has no rules for us"
	}
	return fmt.Sprintf("robots.txt has %d rules for %q", len(h.rules.rules), h.rules.agent)
}

// Verdict says whether an address may be requested: by the whitelist, and then
// by the robots.txt of its host, which it reads.
func (s *Source) Verdict(ctx context.Context, raw string) (Verdict, error) {
	u, err := normalize(nil, raw)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", raw, err)
	}
	if !s.white.allows(u) {
		return Verdict{Reason: "it is outside the prefixes of allow"}, nil
	}
	v, err := newFetcher(s).verdict(ctx, u)
	if err != nil {
		return Verdict{}, fmt.Errorf("%s: %w", raw, err)
	}
	return v, nil
}

// roots are the hosts of start and allow, each once, as addresses.
func (f *fetcher) roots() []*url.URL {
	var out []*url.URL
	seen := map[string]bool{}
	for _, u := range append(append([]*url.URL{}, f.s.start...), f.s.white.roots()...) {
		if seen[u.Host] { // http and https of one host have the same sitemaps
			continue
		}
		seen[u.Host] = true
		out = append(out, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"})
	}
	return out
}

// sitemaps reads the sitemaps of all hosts: those that robots.txt names, else
// /sitemap.xml. pages are the allowed addresses in them, normalized, each once.
// The error is the context's.
func (f *fetcher) sitemaps(ctx context.Context) (reports []SitemapReport, pages []listed, err error) {
	seen := map[string]bool{}
	type file struct {
		u     *url.URL
		depth int
		guess bool // nobody named it
	}
	var queue []file
	add := func(base *url.URL, raw string, depth int, guess bool) {
		u, err := normalize(base, raw)
		if err != nil || !f.s.white.hosts(u) || seen[u.String()] || len(seen) >= maxSitemapFiles {
			return
		}
		seen[u.String()] = true
		queue = append(queue, file{u, depth, guess})
	}
	for _, root := range f.roots() {
		h, err := f.withRules(ctx, root, nil)
		if err != nil {
			return nil, nil, err
		}
		if h.all != nil && !h.all.Allowed {
			continue
		}
		if h.rules != nil && len(h.rules.sitemaps) > 0 {
			for _, s := range h.rules.sitemaps {
				add(root, s, 0, false)
			}
			continue
		}
		if v, err := f.verdict(ctx, root.JoinPath("sitemap.xml")); err == nil && v.Allowed {
			add(root, "/sitemap.xml", 0, true)
		}
	}
	have := map[string]bool{}
	for ; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		sm, final, err := f.sitemap(ctx, at.u)
		if ctx.Err() != nil {
			return nil, nil, ctx.Err()
		}
		if err != nil && at.guess && len(sm.pages) == 0 {
			continue
		}
		rep := SitemapReport{URL: at.u.String(), Listed: len(sm.pages), Files: len(sm.files)}
		if err != nil {
			rep.Error = err.Error()
		}
		for _, l := range sm.pages {
			u, err := normalize(final, l.loc)
			if err != nil || !f.s.white.allows(u) || !readable(u) {
				continue
			}
			rep.Allowed++
			if l.loc = u.String(); !have[l.loc] {
				have[l.loc] = true
				pages = append(pages, l)
			}
		}
		if at.depth < maxSitemapDepth {
			for _, s := range sm.files {
				add(final, s, at.depth+1, false)
			}
		} else if len(sm.files) > 0 && rep.Error == "" {
			rep.Error = fmt.Sprintf("its %d sitemaps are nested more than %d deep and were not read", len(sm.files), maxSitemapDepth)
		}
		reports = append(reports, rep)
	}
	return reports, pages, nil
}

// sitemap requests one file; final is its address after redirects.
func (f *fetcher) sitemap(ctx context.Context, u *url.URL) (sm sitemap, final *url.URL, err error) {
	for range maxHops + 1 {
		// The rules of a host are read before anything else on it.
		if _, err := f.withRules(ctx, u, nil); err != nil {
			return sitemap{}, u, err
		}
		resp, err := f.persist(ctx, u)
		if err != nil {
			return sitemap{}, u, err
		}
		target, ok := redirect(u, resp)
		switch {
		case ok && (target == nil || !f.s.white.hosts(target)):
			return sitemap{}, u, errors.New("it redirects outside the allowed hosts")
		case ok:
			u = target
			continue
		case resp.status != 200:
			return sitemap{}, u, fmt.Errorf("it answers %d", resp.status)
		}
		sm, err = parseSitemap(bytes.NewReader(resp.body), maxSitemapBytes)
		return sm, u, err
	}
	return sitemap{}, u, fmt.Errorf("it redirects more than %d times", maxHops)
}
