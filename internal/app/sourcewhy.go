package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/ingest/files"
	"github.com/vraagbaak/vraagbaak/ingest/koop"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Why explains an address or document ID: what the index has of it, or why it
// has nothing.
type Why struct {
	Query   string      `json:"query"`
	Indexed bool        `json:"indexed"` // by at least one source
	Sources []SourceWhy `json:"sources"` // one for each source of the configuration
}

// The states of an address in a source.
const (
	StateIndexed = "indexed" // it has passages
	StateFailed  = "failed"  // it could not be read, and never was
	StateSkipped = "skipped" // it was met in the last complete run, and left out for a reason
	StateUnseen  = "unseen"  // the source may have it, but no run came across it
	StateRefused = "refused" // it may not be read: robots.txt, or a rule for files
	StateOutside = "outside" // the source is not about it
)

// SourceWhy is what one source has to say. Times are RFC 3339 in UTC, "" for
// never.
type SourceWhy struct {
	SourceName
	State  string `json:"state"`
	Reason string `json:"reason"` // in words; for an indexed document why the last attempt failed
	// Of the document that the address leads to.
	ID          string `json:"id"`
	URL         string `json:"url"`
	Title       string `json:"title"`
	Indexed     string `json:"indexed"` // when its passages were written
	Checked     string `json:"checked"` // when the source last confirmed it
	FailedSince string `json:"failed_since"`
	Requested   string `json:"requested"` // address it was read at
	From        string `json:"from"`      // where that was found: a page, "start", "sitemap" or "index"
	Due         string `json:"due"`       // when it is asked for next, where pages are visited by their history
	// Alternates are its other languages, each "en https://…".
	Alternates []string `json:"alternates"`
	// Manifestation of a record of a service that was read: xml, html, pdf, odt or
	// json; and why no better one was.
	Manifestation       string `json:"manifestation,omitempty"`
	ManifestationReason string `json:"manifestation_reason,omitempty"`
	// Aliases are other addresses that led to it in the last run.
	Aliases  []string     `json:"aliases"`
	Passages []WhyPassage `json:"passages"`
	// Verdict is that of the whitelist and robots.txt, for an address without an
	// indexed document. Reason "" says that they were not asked.
	Verdict crawl.Verdict `json:"verdict"`
}

// WhyPassage names a passage.
type WhyPassage struct {
	ID      string   `json:"id"`
	Heading []string `json:"heading"`
	Page    int      `json:"page"`
	Anchor  string   `json:"anchor"`
	Words   string   `json:"words"` // the first of its text
}

// firstWords is how many words show what a passage is.
const firstWords = 12

// WhySource explains an address or document ID without requesting the document;
// robots.txt is read where the ledger cannot tell.
func WhySource(ctx context.Context, cfg *config.Config, query string, log *slog.Logger) (out Why, err error) {
	store, err := openExisting(ctx, cfg, log)
	if err != nil {
		return out, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	out = Why{Query: query, Sources: []SourceWhy{}}
	for _, s := range cfg.Sources {
		w := explainer{cfg: cfg, store: store, source: s, log: log,
			out: SourceWhy{SourceName: sourceName(s), Alternates: []string{}, Aliases: []string{}, Passages: []WhyPassage{}}}
		if err := w.explain(ctx, query); err != nil {
			return out, fmt.Errorf("source %q: %w", s.Name, err)
		}
		out.Sources = append(out.Sources, w.out)
		out.Indexed = out.Indexed || w.out.State == StateIndexed
	}
	return out, nil
}

// explainer asks one source.
type explainer struct {
	cfg    *config.Config
	store  storage
	source config.Source
	log    *slog.Logger
	runs   index.Runs
	visits *visits
	out    SourceWhy
}

func (w *explainer) explain(ctx context.Context, query string) (err error) {
	if w.runs, err = index.SourceRuns(ctx, w.store, w.source.Name); err != nil {
		return err
	}
	if w.visits = newVisits(); w.runs.Success != nil { // else they are of a source that was taken out and put back
		if w.visits, err = readVisits(ctx, w.store, w.source.Name); err != nil {
			return err
		}
	}
	name, valid := w.name(query)
	for _, id := range slices.Compact([]string{query, name}) {
		e, known, err := w.store.Entry(ctx, w.source.Name, id)
		if err != nil {
			return err
		}
		if known {
			return w.known(ctx, e)
		}
	}
	if !valid {
		w.out.State, w.out.Reason = StateOutside, "it is not in this source"
		return nil
	}
	if w.source.Kind == "folder" {
		w.file(name)
		return nil
	}
	if w.source.IsService() {
		w.out.ID = name
		w.unseen("no harvest came across it: it is not in the selection, or it was published later")
		return nil
	}
	if e, ok, err := w.alias(ctx, name); err != nil || ok {
		if ok {
			err = w.known(ctx, e)
		}
		return err
	}
	return w.address(ctx, name)
}

// name is the form of a query that the source would use as the ID; false if it
// has none.
func (w *explainer) name(query string) (string, bool) {
	if w.source.Kind == "folder" {
		if strings.Contains(query, "://") {
			return query, false
		}
		id, ok := files.ID(w.folder(), query)
		return id, ok
	}
	if w.source.Kind == "publicaties" {
		return koop.PublicationID(query)
	}
	if w.source.Kind == "tweedekamer" {
		return koop.PaperNumber(query)
	}
	a, err := crawl.Address(query)
	return a, err == nil && (!w.source.IsService() || strings.Contains(a, "rijksoverheid.nl/"))
}

func (w *explainer) folder() files.Options {
	return files.Options{Name: w.source.Name, Path: w.source.Path}
}

// alias finds the document that an address led to.
func (w *explainer) alias(ctx context.Context, address string) (ingest.Entry, bool, error) {
	for at, hops := w.visits.ByURL[address], 0; at.ID != "" && hops < 5; at, hops = w.visits.ByURL[at.ID], hops+1 { // a redirect to a duplicate is two
		e, known, err := w.store.Entry(ctx, w.source.Name, at.ID)
		if err != nil || known {
			return e, known, err
		}
	}
	for e, err := range w.store.Entries(ctx, w.source.Name) {
		if err != nil {
			return e, false, err
		}
		if o := crawl.OriginOf(e.State); o.Requested == address || slices.Contains(o.Via, address) {
			return e, true, nil
		}
	}
	return ingest.Entry{}, false, nil
}

// known explains a document that the ledger has.
func (w *explainer) known(ctx context.Context, e ingest.Entry) error {
	o := &w.out
	o.ID, o.URL, o.Title, o.Reason = e.Ref.ID, e.URL, e.Title, e.Failure
	o.Indexed, o.Checked, o.FailedSince = moment(e.Indexed), moment(e.Checked), moment(e.FailedSince)
	if w.source.Kind == "website" {
		origin := crawl.OriginOf(e.State)
		o.Requested, o.From = origin.Requested, origin.From
		o.Alternates = append(o.Alternates, origin.Alternates...)
		if w.source.Revisit == "adaptive" {
			o.Due = moment(origin.Due)
		}
		led := append(origin.Via, origin.Requested)
		led = append(led, w.visits.leadingTo(e.Ref.ID)...)
		slices.Sort(led)
		for _, a := range slices.Compact(led) {
			if a != "" && a != e.Ref.ID {
				o.Aliases = append(o.Aliases, a)
			}
		}
	}
	if w.source.IsService() && e.Passages > 0 {
		origin := koop.OriginOf(e.State)
		o.Requested, o.Manifestation, o.ManifestationReason = origin.Requested, origin.Manifestation, origin.Reason
	}
	if o.State = StateIndexed; e.Passages == 0 {
		o.State = StateFailed
		return w.verdict(ctx, e.Ref.ID)
	}
	ps, err := w.store.Passages(ctx, retrieve.NewScope(e.Ref.Collection), e.Ref)
	if err != nil {
		return err
	}
	for _, p := range ps {
		heading := p.Heading
		if heading == nil {
			heading = []string{}
		}
		o.Passages = append(o.Passages, WhyPassage{p.ID, heading, p.Page, p.Anchor, beginning(p.Text, firstWords)})
	}
	return nil
}

// beginning is the first words of a text, on one line.
func beginning(text string, n int) string {
	words := strings.Fields(text)
	if len(words) <= n {
		return strings.Join(words, " ")
	}
	return strings.Join(words[:n], " ") + " …"
}

// file explains a file that the ledger does not have.
func (w *explainer) file(id string) {
	w.out.ID = id
	if w.out.Reason = files.Why(w.folder(), id); w.out.Reason != "" {
		w.out.State = StateRefused
		return
	}
	w.unseen("the file is there; the next run reads it")
}

// address explains an address that leads to no document of the ledger.
func (w *explainer) address(ctx context.Context, address string) error {
	if err := w.verdict(ctx, address); err != nil {
		return err
	}
	v, met := w.visits.ByURL[address]
	w.out.From = v.From
	if !w.out.Verdict.Allowed {
		w.out.Reason = w.out.Verdict.Reason
		return nil
	}
	if met {
		w.out.State, w.out.Reason = StateSkipped, v.Reason
		if v.Reason == "" {
			w.out.Reason = "in the last run its outcome was: " + v.Outcome
		}
		return nil
	}
	why := "no start address, sitemap or link led to it"
	if w.visits.LeftOut > 0 {
		why += fmt.Sprintf(", or it is one of %d addresses that were too many to note", w.visits.LeftOut)
	}
	w.unseen(why)
	return nil
}

func (w *explainer) unseen(why string) {
	w.out.State, w.out.Reason = StateUnseen, why
	if w.runs.Success == nil {
		w.out.Reason = "no run has read this source to its end yet"
	}
}

// verdict asks the whitelist and robots.txt, and sets the state by it.
func (w *explainer) verdict(ctx context.Context, address string) error {
	if w.source.Kind != "website" {
		return nil
	}
	src, err := crawl.New(crawlOptions(w.source, env{network: w.cfg.Network, log: w.log}))
	if err != nil {
		return err
	}
	w.out.Verdict, err = src.Verdict(ctx, address)
	switch {
	case w.out.State != "" || w.out.Verdict.Allowed:
	case src.Allows(address):
		w.out.State = StateRefused
	default:
		w.out.State = StateOutside
	}
	return err
}
