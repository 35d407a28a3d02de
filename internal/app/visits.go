package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// maxVisits is how many addresses without a document of their own are noted of
// a run.
const maxVisits = 5000

// visit is what became of an address that has no document of its own.
type visit struct {
	Outcome string `json:"outcome"` // see crawl.Visit
	Reason  string `json:"reason,omitempty"`
	From    string `json:"from,omitempty"`
	ID      string `json:"id,omitempty"` // of the document it leads to
}

// visits are those of the last complete run of a website.
type visits struct {
	At      time.Time        `json:"at"`
	ByURL   map[string]visit `json:"by_url"`
	LeftOut int              `json:"left_out"` // more than maxVisits
}

func newVisits() *visits { return &visits{ByURL: map[string]visit{}} }

// add is the crawler's Trace. Addresses that are their own document are in the
// ledger, and not noted.
func (v *visits) add(c crawl.Visit) {
	if (c.Outcome == "put" || c.Outcome == "keep") && c.ID == c.URL {
		delete(v.ByURL, c.URL)
		return
	}
	if _, ok := v.ByURL[c.URL]; !ok && len(v.ByURL) >= maxVisits {
		v.LeftOut++
		return
	}
	n := visit{Outcome: c.Outcome, Reason: c.Reason, From: c.From}
	if c.ID != c.URL {
		n.ID = c.ID
	}
	v.ByURL[c.URL] = n
}

func visitsFact(source string) string { return "visits/" + source }

func (v *visits) write(ctx context.Context, l retrieve.Ledger, source string) error {
	v.At = time.Now().UTC()
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return l.SetFact(ctx, visitsFact(source), string(b))
}

func readVisits(ctx context.Context, l retrieve.Ledger, source string) (*visits, error) {
	out := newVisits()
	s, err := l.Fact(ctx, visitsFact(source))
	if err != nil || s == "" {
		return out, err
	}
	if err := json.Unmarshal([]byte(s), out); err != nil {
		return nil, fmt.Errorf("what the index notes of the last visit to source %q cannot be read; run ingest again: %w", source, err)
	}
	return out, nil
}

// leadingTo lists the addresses that led to a document, sorted.
func (v *visits) leadingTo(id string) []string {
	return slices.SortedFunc(func(yield func(string) bool) {
		for u := range maps.Keys(v.ByURL) {
			if v.ByURL[u].ID == id && !yield(u) {
				return
			}
		}
	}, strings.Compare)
}
