package koop

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"iter"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// ChamberOptions describe a harvest of the papers of the Tweede Kamer. Zero values
// mean the default. Without a selection every document is taken.
type ChamberOptions struct {
	Service
	Dossiers []string // in any spelling: "36600-VII"; one of them
	Kinds    []string // Soort of the service, such as "Motie"; one of them
	// From and Until bound the date of a document, both included.
	From, Until time.Time
	// Recheck is the time between two full listings, which show what is only
	// missing. A week.
	Recheck time.Duration
}

const chamberAddress = "https://gegevensmagazijn.tweedekamer.nl"

// Chamber are the papers of the Tweede Kamer, by OData v5 and SyncFeed 2.0. It is
// safe for one run at a time.
type Chamber struct {
	opts   ChamberOptions
	client *client
	scope  string
	filter string // OData, of the selection
}

var _ ingest.Source = (*Chamber)(nil)

// NewChamber checks the options; it makes no request.
func NewChamber(o ChamberOptions) (*Chamber, error) {
	s, err := newChamber(o)
	if err != nil {
		return nil, fmt.Errorf("tweedekamer source %q: %w", o.Name, err)
	}
	return s, nil
}

func newChamber(o ChamberOptions) (*Chamber, error) {
	if o.Recheck <= 0 {
		o.Recheck = defaultRecheck
	}
	s := &Chamber{opts: o}
	var err error
	if s.filter, err = chamberFilter(o); err != nil {
		return nil, err
	}
	if s.client, err = s.opts.open(chamberAddress); err != nil {
		return nil, err
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "1\x00%s\x00%s", s.opts.Address, s.filter)
	s.scope = strconv.FormatUint(h.Sum64(), 36)
	return s, nil
}

// chamberFilter is the selection as the service takes it.
func chamberFilter(o ChamberOptions) (string, error) {
	var all []string
	either := func(parts []string) {
		if len(parts) > 0 {
			all = append(all, "("+strings.Join(parts, " or ")+")")
		}
	}
	var parts []string
	for _, d := range o.Dossiers {
		number, addition, ok := splitDossier(d)
		if !ok {
			return "", fmt.Errorf("dossiers: %q is no dossier number; write it as 36600-VII", d)
		}
		test := "d/Nummer eq " + number
		if addition != "" {
			test += " and d/Toevoeging eq " + literal(addition)
		}
		parts = append(parts, "Kamerstukdossier/any(d: "+test+")")
	}
	either(parts)
	parts = nil
	for _, k := range o.Kinds {
		parts = append(parts, "Soort eq "+literal(k))
	}
	either(parts)
	if !o.From.IsZero() {
		all = append(all, "Datum ge "+day(o.From)+"T00:00:00Z")
	}
	if !o.Until.IsZero() {
		all = append(all, "Datum lt "+day(o.Until.AddDate(0, 0, 1))+"T00:00:00Z")
	}
	return strings.Join(all, " and "), nil
}

// literal is a string of OData.
func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// splitDossier takes a dossier number apart: "36 600 VII" is 36600 and VII.
func splitDossier(s string) (number, addition string, ok bool) {
	s = strings.TrimSpace(strings.NewReplacer("–", "-", ".", "").Replace(s))
	i := strings.IndexFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != ' ' })
	if i < 0 {
		i = len(s)
	}
	number = strings.ReplaceAll(s[:i], " ", "")
	addition = strings.Trim(s[i:], " -()")
	if len(number) < 4 || len(number) > 6 || len(addition) > 8 || strings.ContainsAny(addition, "' ") {
		return "", "", false
	}
	return number, strings.ToUpper(addition), true
}

// Name of the source in the configuration.
func (s *Chamber) Name() string { return s.opts.Name }

// Collection its documents belong to.
func (s *Chamber) Collection() string { return s.opts.Collection }

// Changes lists what is new or was modified, reads it, and removes what the
// service says is deleted. The error, always the last item, says why the service
// could not be read to the end; the rest is for the next run.
func (s *Chamber) Changes(ctx context.Context, mem ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		r := &chamberRun{s: s, mem: mem, out: newEmitter(func(c ingest.Change) bool { return yield(c, nil) })}
		err := r.harvest(ctx)
		if errors.Is(err, errStopped) || r.out.flush() != nil {
			return
		}
		if err != nil {
			yield(ingest.Change{}, fmt.Errorf("tweedekamer source %q: %w", s.opts.Name, err))
		}
	}
}

// expansions are what a listing asks for beside the documents themselves. A
// service that does not know one of them is asked without.
const expansions = "Kamerstukdossier,DocumentActor,Zaak"

// listing is the address of the first page of a list. The service wants the names
// of its options as they are, and gives at most 250 rows a page; $top would take
// the link to the next page away.
func (s *Chamber) listing(filter, expand string) string {
	q := "$filter=" + escape(filter) + "&$orderby=" + escape("GewijzigdOp,Id")
	if expand != "" {
		q += "&$expand=" + escape(expand)
	}
	return s.odata("Document") + "?" + q
}

func (s *Chamber) odata(path string) string {
	return strings.TrimSuffix(s.opts.Address, "/") + "/OData/v5/" + path
}

func escape(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// and joins filters; empty ones are left out.
func and(parts ...string) string {
	var out []string
	for _, p := range parts {
		if p != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, " and ")
}

// Survey asks for the first page of the selection.
func (s *Chamber) Survey(ctx context.Context) (Survey, error) {
	filter := and("Verwijderd eq false", s.filter)
	v := Survey{Address: s.opts.Address, Query: filter, Parts: []SurveyPart{}}
	page, err := s.page(ctx, s.listing(filter, ""))
	if err != nil {
		return v, err
	}
	v.Records, v.Estimate = len(page.Value), page.Next != "" // the service counts too slowly to ask it
	return v, nil
}

// PaperNumber is the number in the address of a paper of the Tweede Kamer, or the
// number itself; false for what is neither.
func PaperNumber(query string) (string, bool) {
	if u, err := url.Parse(query); err == nil && u.Host != "" {
		if !strings.HasSuffix(u.Host, "tweedekamer.nl") {
			return query, false
		}
		query = u.Query().Get("id")
	}
	return strings.ToUpper(query), paperNumber.MatchString(query)
}

var paperNumber = regexp.MustCompile(`(?i)^20\d{2}[DZ]\d{5}$`)
