package koop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// fakeTime is a clock that only sleeping moves.
type fakeTime struct{ at time.Time }

func newTime(s string) *fakeTime {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return &fakeTime{t}
}

func (f *fakeTime) clock() clock {
	return clock{now: func() time.Time { return f.at }, sleep: func(ctx context.Context, d time.Duration) error {
		f.at = f.at.Add(max(d, 0))
		return ctx.Err()
	}}
}

// asked is a request that the imitation of a service got.
type asked struct {
	at   time.Time
	url  string
	host string
}

// wire is a transport that ends in a handler, and notes what goes over it.
type wire struct {
	time *fakeTime
	to   http.Handler
	log  []asked
}

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	w.log = append(w.log, asked{w.time.at, r.URL.String(), r.URL.Scheme + "://" + r.URL.Host})
	rec := httptest.NewRecorder()
	w.to.ServeHTTP(rec, r)
	if rec.Code == 599 { // no answer at all
		return nil, errors.New("connection refused")
	}
	res := rec.Result()
	res.Request = r
	return res, nil
}

// count is how many requests since the last call match the pattern.
func (w *wire) count(pattern string) int {
	re, n := regexp.MustCompile(pattern), 0
	for _, a := range w.log {
		if re.MatchString(a.url) {
			n++
		}
	}
	return n
}

// polite checks that only these hosts were asked, and none of them twice within
// a second.
func (w *wire) polite(t *testing.T, hosts ...string) {
	t.Helper()
	last := map[string]time.Time{}
	for _, a := range w.log {
		if !slices.Contains(hosts, a.host) {
			t.Fatalf("%s was asked", a.url)
		}
		if before, ok := last[a.host]; ok && a.at.Sub(before) < time.Second {
			t.Fatalf("%s was asked %s after the request before it", a.url, a.at.Sub(before))
		}
		last[a.host] = a.at
	}
}

// ledger is what the indexer keeps, with its way of carrying out changes.
type ledger struct {
	cursor  ingest.Cursor
	entries map[string]ingest.Entry
	docs    map[string]*ingest.Document
	ops     map[ingest.Op]int
	log     []string
}

func newLedger() *ledger {
	return &ledger{entries: map[string]ingest.Entry{}, docs: map[string]*ingest.Document{}, ops: map[ingest.Op]int{}}
}

func (l *ledger) Cursor(context.Context) (ingest.Cursor, error) { return slices.Clone(l.cursor), nil }
func (l *ledger) Entry(_ context.Context, id string) (ingest.Entry, bool, error) {
	e, ok := l.entries[id]
	return e, ok, nil
}
func (l *ledger) Entries(context.Context) iter.Seq2[ingest.Entry, error] {
	all := slices.Collect(maps.Values(l.entries))
	return func(yield func(ingest.Entry, error) bool) {
		for _, e := range all {
			if !yield(e, nil) {
				return
			}
		}
	}
}

func (l *ledger) apply(t *testing.T, c ingest.Change) {
	t.Helper()
	e, known := l.entries[c.Ref.ID]
	e.Ref = c.Ref
	if c.State != "" {
		e.State = c.State
	}
	l.ops[c.Op]++
	l.log = append(l.log, fmt.Sprintf("%d %s", c.Op, c.Ref.ID))
	switch c.Op {
	case ingest.Put:
		e.Digest, e.Failure, e.Passages, e.URL = ingest.HexDigest(c.Doc.ContentDigest()), "", 1, c.Doc.URL
		l.docs[c.Ref.ID] = c.Doc
	case ingest.Keep:
		if !known {
			t.Errorf("%s is kept but was never indexed", c.Ref.ID)
		}
		if e.Digest != "" {
			e.Failure = ""
		}
	case ingest.Fail:
		if c.Err == nil {
			t.Errorf("%s fails without a reason", c.Ref.ID)
		} else {
			e.Failure = c.Err.Error()
		}
	case ingest.Gone:
		delete(l.entries, c.Ref.ID)
		delete(l.docs, c.Ref.ID)
	}
	if c.Op != ingest.Gone {
		l.entries[c.Ref.ID] = e
	}
	if c.Next != nil {
		l.cursor = c.Next
	}
}

// run carries out a run, behind by lag changes as the indexer is, and dies after
// dieAfter changes were carried out; 0 for never. It returns the error of the
// run, and whether it died.
func (l *ledger) run(t *testing.T, src ingest.Source, lag, dieAfter int) (error, bool) {
	t.Helper()
	l.ops, l.log = map[ingest.Op]int{}, nil
	var waiting []ingest.Change
	done := 0
	take := func() bool {
		l.apply(t, waiting[0])
		waiting = waiting[1:]
		done++
		return dieAfter == 0 || done < dieAfter
	}
	for c, err := range src.Changes(context.Background(), l) {
		if err != nil {
			for len(waiting) > 0 {
				if !take() {
					return nil, true
				}
			}
			return err, false
		}
		waiting = append(waiting, c)
		if len(waiting) > lag && !take() {
			return nil, true
		}
	}
	for len(waiting) > 0 {
		if !take() {
			return nil, true
		}
	}
	return nil, false
}

func (l *ledger) ids() []string { return slices.Sorted(maps.Keys(l.docs)) }

var tags = regexp.MustCompile(`<[^>]*>`)

// readText is an extractor that cannot read what says it is broken.
func readText(_ context.Context, in Input) (*ingest.Document, error) {
	if bytes.Contains(in.Data, []byte("kapot")) {
		return nil, fmt.Errorf("%s: no text", in.Name)
	}
	text := strings.TrimSpace(tags.ReplaceAllString(string(in.Data), " "))
	return &ingest.Document{Text: text, Title: in.Name, Meta: map[string]string{"van_bestand": in.Name}}, nil
}
