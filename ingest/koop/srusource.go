package koop

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// PublicationsOptions describe a harvest of official publications. Zero values
// mean the default.
type PublicationsOptions struct {
	Service
	Selection
	// Connection names another collection than the official publications: bwb
	// for laws, cvdr for the regulations of municipalities and provinces.
	Connection string
	// Recheck is the time after which a document that no harvest came across is
	// asked for again: a week, and a day for laws.
	Recheck time.Duration
}

const (
	pageSize  = 100  // records in one answer
	maxWindow = 1000 // records of a window that is more than a day long

	defaultRecheck = 7 * 24 * time.Hour
	// soon is the time to the next look at what is expected to change: a paper
	// without XML, a document that was not found.
	soon      = 20 * time.Hour
	maxMisses = 3
	// doubt is how long a harvest waits for records that the service counts and
	// does not give, where it says that the count is an estimate.
	doubt = 3 * 24 * time.Hour
)

// Publications is a selection of the official publications. It is safe for one
// run at a time.
type Publications struct {
	opts    PublicationsOptions
	client  *client
	dialect dialect
	query   cql
	scope   string // names the selection, and how records are read

	page, window int // pageSize and maxWindow; smaller in tests
}

var _ ingest.Source = (*Publications)(nil)

// NewPublications checks the options; it makes no request.
func NewPublications(o PublicationsOptions) (*Publications, error) {
	p, err := newPublications(o)
	if err != nil {
		return nil, fmt.Errorf("publications source %q: %w", o.Name, err)
	}
	return p, nil
}

func newPublications(o PublicationsOptions) (*Publications, error) {
	d, ok := dialects[o.Connection]
	if !ok {
		return nil, fmt.Errorf("connection is %q; it must be bwb, cvdr, or left out", o.Connection)
	}
	if o.Recheck <= 0 {
		if o.Recheck = defaultRecheck; d.current != nil {
			o.Recheck = soon // a version comes into force on any day
		}
	}
	p := &Publications{opts: o, dialect: d, page: pageSize, window: maxWindow}
	var err error
	if p.query, err = o.Selection.build(d); err != nil {
		return nil, err
	}
	if p.client, err = p.opts.open(d.address, d.hosts...); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "1\x00%s\x00%s\x00%s\x00%s", p.opts.Address, o.Connection, p.query, o.ExtractVersion)
	p.scope = strconv.FormatUint(h.Sum64(), 36)
	return p, nil
}

// Name of the source in the configuration.
func (p *Publications) Name() string { return p.opts.Name }

// Collection its documents belong to.
func (p *Publications) Collection() string { return p.opts.Collection }

// Changes harvests what was modified since the harvest that mem remembers, and
// asks again for documents that were not met for long. The error, always the
// last item, says why the service could not be read to the end; what is left is
// for the next run, and nothing is yielded as Gone for it.
func (p *Publications) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		r := &sruRun{p: p, mem: mem, today: dateOf(p.opts.clock.now()), out: newEmitter(func(c ingest.Change) bool { return yield(c, nil) })}
		err := r.harvest(ctx)
		if err == nil {
			err = r.recheck(ctx)
		}
		if errors.Is(err, errStopped) || r.out.flush() != nil {
			return
		}
		if err != nil {
			yield(ingest.Change{}, fmt.Errorf("publications source %q: %w", p.opts.Name, err))
		}
	}
}

// errStopped: whoever takes the changes wants no more.
var errStopped = errors.New("stopped")

// search requests one page of a query. Its Next is 0 only where nothing is left
// of what the service counted.
func (p *Publications) search(ctx context.Context, q cql, start, maximum int) (*response, error) {
	v := url.Values{}
	for k, vs := range p.dialect.params {
		v[k] = vs
	}
	v.Set("operation", "searchRetrieve")
	v.Set("query", q.String())
	v.Set("startRecord", strconv.Itoa(start))
	v.Set("maximumRecords", strconv.Itoa(maximum))
	a, err := p.client.get(ctx, p.opts.Address+"?"+v.Encode(), "application/xml, text/xml;q=0.9")
	if err != nil {
		return nil, err
	}
	if a.Status != http.StatusOK {
		return nil, fmt.Errorf("%s: the service answers %d", a.URL, a.Status)
	}
	r, err := parseResponse(a.Body)
	var d *diagnosticError
	switch {
	case errors.As(err, &d):
		return nil, fmt.Errorf("%w; the query was %s", err, q)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", a.URL, err)
	}
	if r.Broken > 0 {
		p.opts.Log.Warn("the service could not give some records", "source", p.opts.Name, "records", r.Broken, "url", a.URL)
	}
	if end := start + len(r.Records) + r.Broken; r.Next == 0 && end <= r.Total {
		r.Next = end // it ended early: its own count says that there is more
	}
	return r, nil
}

// Survey counts the records of the selection, and of each kind, dossier and
// creator in it; one request each, without documents.
func (p *Publications) Survey(ctx context.Context) (Survey, error) {
	s := Survey{Address: p.opts.Address, Query: p.query.String(), Parts: []SurveyPart{}}
	r, err := p.search(ctx, p.query.with(p.valid()...), 1, 1)
	if err != nil {
		return s, err
	}
	s.Records, s.Estimate = r.Total, r.Estimate
	parts := p.opts.Selection.parts(p.dialect)
	if len(parts) == 1 {
		parts[0].Records = r.Total
		s.Parts = parts
		return s, nil
	}
	for _, part := range parts {
		r, err := p.search(ctx, part.cql.with(p.valid()...), 1, 1)
		if err != nil {
			return s, err
		}
		part.Records = r.Total
		s.Parts = append(s.Parts, part)
	}
	return s, nil
}

// order is how well manifestations can be read, the best first.
var order = []string{"xml", "html", "pdf", "odt"}

// bestFirst orders the manifestations of a record, without those that describe
// it only.
func bestFirst(items []item) []item {
	rank := func(i item) int {
		if n := slices.Index(order, i.Manifestation); n >= 0 {
			return n
		}
		return len(order)
	}
	out := slices.DeleteFunc(slices.Clone(items), func(i item) bool { return strings.HasPrefix(i.Manifestation, "metadata") })
	slices.SortStableFunc(out, func(a, b item) int { return rank(a) - rank(b) })
	return out
}

func dateOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// secure is an address with https where only that may be asked.
func (p *Publications) secure(address string) string {
	rest, ok := strings.CutPrefix(address, "http://")
	if !ok {
		return address
	}
	host, _, _ := strings.Cut(rest, "/")
	if !slices.Contains(p.client.o.Hosts, "http://"+strings.ToLower(host)) {
		return "https://" + rest
	}
	return address
}
