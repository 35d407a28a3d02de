// Package crawl is the source of websites: it visits the pages below the
// allowed prefixes, politely and each once, and yields what changed.
//
// It owns what may be requested (whitelist, robots.txt, the guard against
// internal addresses), how (rate, back-off, limits, conditional requests) and
// in what order (sitemaps, links breadth first). It never turns bytes into
// text: Options.Extract does. It never stores anything: what a later run must
// know travels in the State of each document. It never sends cookies, logs in,
// submits forms or runs scripts.
//
// From the bottom up: address.go gives URLs one form, whitelist.go and guard.go
// say where requests may go, robots.go, sitemap.go and page.go read what a site
// says about itself, fetch.go, host.go and pace.go make the requests, frontier.go
// and calendar.go keep out of traps, run.go decides what to visit and what became
// of it, plan.go shows that without visiting pages.
package crawl

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/guard"
)

// Input is one response that was read in full, to be turned into a document.
type Input struct {
	URL         string // address it was read from, after redirects
	ContentType string // as the server gave it; as its first bytes show where it gave none
	Data        []byte
}

// ExtractFunc turns a response into a document with its Title, Language, Text,
// Blocks, dates and Meta; Ref, URL, Fetched and Digest are set here. An error,
// or a document without text, counts as a failure of that page.
type ExtractFunc func(ctx context.Context, in Input) (*ingest.Document, error)

// Options describe one website source. Zero values mean the default.
type Options struct {
	Name       string
	Collection string
	// Start are the addresses a run begins with; they must be allowed.
	Start []string
	// Allow are the URL prefixes within which pages may be requested; see
	// whitelist.allows.
	Allow []string
	// RequestsPerSecond to one host, robots.txt and sitemaps included: 1.
	// A longer Crawl-delay in robots.txt goes before it.
	RequestsPerSecond float64
	// AllowPrivate lists internal servers, host:port as in their URLs, that
	// may be crawled. All other internal addresses are refused.
	AllowPrivate []string
	// Contact is a URL or e-mail address for the User-Agent, so that whoever
	// runs the site can reach us. UserAgent replaces the whole header.
	Contact, UserAgent string

	Extract ExtractFunc // required
	// ExtractVersion changes when Extract gives other documents for the same
	// bytes; then all pages are requested in full once.
	ExtractVersion string

	// Adaptive visits pages by their history: one that changes often is visited
	// more often, between once an hour and once a week. Start addresses and
	// sitemaps are read in every run. Without it, every run visits all pages.
	Adaptive bool
	// Full asks for all pages in this run, due or not.
	Full bool
	// Languages are the ones whose pages are indexed, such as "nl"; none means all.
	// Pages that do not show their language are indexed.
	Languages []string

	MaxPages    int           // requests for pages in one run: 50,000
	MaxDepth    int           // links from a start address: 30
	MaxVariants int           // different queries of one path: 200; sitemaps are exempt
	MaxPattern  int           // paths that differ in their numbers only: 20,000; sitemaps are exempt
	MaxHTML     int64         // bytes of one HTML page: 10 MB
	MaxFile     int64         // bytes of another document: 100 MB
	Timeout     time.Duration // of one request with its body: 2 minutes
	// MaxRetryAfter is the longest pause a server can ask for within a run: 1
	// minute. If it asks for more, the run leaves that host alone.
	MaxRetryAfter time.Duration

	Log *slog.Logger // discards by default
	// Trace, if set, is told what became of each address that was considered,
	// from one goroutine at a time.
	Trace func(Visit)

	clock clock // of the tests
}

// Visit is what became of one address in a run.
type Visit struct {
	URL     string
	From    string // where it was found: a page's address, "start", "sitemap" or "index"
	Status  int    // of the answer; 0 without a request or an answer
	ID      string // of the document it led to, "" if none
	Outcome string // "put", "keep", "gone", "fail", "redirect" or "skip"
	Reason  string // why it was not requested or not indexed
}

// Source is a website. It is safe for one run at a time.
type Source struct {
	opts   Options
	start  []*url.URL
	white  whitelist
	client *http.Client
	scope  string
}

var _ ingest.Source = (*Source)(nil)

// New checks the options; it makes no request.
func New(o Options) (*Source, error) {
	s, err := newSource(o)
	if err != nil {
		return nil, fmt.Errorf("website source %q: %w", o.Name, err)
	}
	return s, nil
}

func newSource(o Options) (*Source, error) {
	switch {
	case o.Name == "" || o.Collection == "":
		return nil, errors.New("name and collection are required")
	case o.Extract == nil:
		return nil, errors.New("a function that extracts documents is required")
	case len(o.Start) == 0:
		return nil, errors.New("start is empty; give at least one URL, such as https://www.waterrijk.example/")
	case len(o.Allow) == 0:
		return nil, errors.New("allow is empty; give the URL prefixes that may be read, such as https://www.waterrijk.example/")
	case o.RequestsPerSecond < 0 || o.RequestsPerSecond != o.RequestsPerSecond:
		return nil, fmt.Errorf("requests_per_second is %v; give a number above 0", o.RequestsPerSecond)
	}
	o.defaults()
	white, err := newWhitelist(o.Allow)
	if err != nil {
		return nil, err
	}
	s := &Source{opts: o, white: white, scope: scopeOf(o)}
	for i, raw := range o.Start {
		u, err := normalize(nil, raw)
		if err != nil {
			return nil, fmt.Errorf("start[%d] %q: %w", i, raw, err)
		}
		if !white.allows(u) {
			return nil, fmt.Errorf("start[%d] %q is outside all prefixes of allow; add one it lies under", i, raw)
		}
		s.start = append(s.start, u)
	}
	transport, err := guard.Transport(o.AllowPrivate)
	if err != nil {
		return nil, err
	}
	s.client = &http.Client{
		Transport: transport,
		// Redirects are steps of the run: each target passes the whitelist,
		// robots.txt and the rate as any other request does.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return s, nil
}

func (o *Options) defaults() {
	if o.RequestsPerSecond == 0 {
		o.RequestsPerSecond = 1
	}
	if o.UserAgent == "" {
		contact := o.Contact
		if contact == "" {
			contact = "https://github.com/vraagbaak/vraagbaak"
		}
		if strings.HasPrefix(contact, "http") {
			contact = "+" + contact
		}
		o.UserAgent = productToken + "/1.0 (" + contact + ")"
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Trace == nil {
		o.Trace = func(Visit) {}
	}
	if o.clock.now == nil {
		o.clock = realClock()
	}
	setDefault(&o.MaxPages, 50_000)
	setDefault(&o.MaxDepth, 30)
	setDefault(&o.MaxVariants, 200)
	setDefault(&o.MaxPattern, 20_000)
	setDefault(&o.MaxHTML, 10<<20)
	setDefault(&o.MaxFile, 100<<20)
	setDefault(&o.Timeout, 2*time.Minute)
	setDefault(&o.MaxRetryAfter, time.Minute)
}

func setDefault[T int | int64 | time.Duration](v *T, d T) {
	if *v <= 0 {
		*v = d
	}
}

// scopeOf names what the links in a state were filtered by and how the page was
// read. Under another scope the page is requested in full.
func scopeOf(o Options) string {
	h := fnv.New64a()
	allow, languages := slices.Sorted(slices.Values(o.Allow)), slices.Sorted(slices.Values(o.Languages))
	fmt.Fprintf(h, "2\x00%s\x00%s\x00\x00%s", o.ExtractVersion, strings.Join(allow, "\x00"), strings.Join(languages, "\x00"))
	return strconv.FormatUint(h.Sum64(), 36)
}

// Name of the source in the configuration.
func (s *Source) Name() string { return s.opts.Name }

// Collection its documents belong to.
func (s *Source) Collection() string { return s.opts.Collection }

// Changes visits the site and yields what changed since the run that mem
// remembers. Crawling runs a few pages ahead of the consumer. The error, always
// the last item, says which hosts could not be read to the end; nothing of
// those is yielded as Gone.
func (s *Source) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		changes := make(chan ingest.Change, 8)
		var err error
		go func() {
			defer close(changes)
			err = newRun(s, mem, changes).crawl(ctx)
		}()
		// The run has ended when Changes has: nothing is requested afterwards.
		defer func() {
			cancel()
			for range changes {
			}
		}()
		for c := range changes {
			if !yield(c, nil) {
				return
			}
		}
		if err != nil {
			yield(ingest.Change{}, fmt.Errorf("website source %q: %w", s.opts.Name, err))
		}
	}
}

// clock is the time that the rate is kept by.
type clock struct {
	now   func() time.Time
	sleep func(context.Context, time.Duration) error
}

func realClock() clock {
	return clock{now: time.Now, sleep: func(ctx context.Context, d time.Duration) error {
		if d <= 0 {
			return ctx.Err()
		}
		t := time.NewTimer(d)
		defer t.Stop()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-t.C:
			return nil
		}
	}}
}
