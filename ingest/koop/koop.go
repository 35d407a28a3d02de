// Package koop is the source of the publication services of the Dutch
// government: the official publications of KOOP (SRU), the papers of the Tweede
// Kamer (OData and SyncFeed) and the open data of rijksoverheid.nl. It owns how
// these services are asked, what of them is selected, and how far a harvest got.
// It never turns bytes into text: the Extract function of its options does; and
// it never stores anything but what travels in cursors and states.
//
// These are interfaces made for programs, so robots.txt, which speaks to
// crawlers that follow links, is not consulted; the pace is that of a polite
// crawler all the same.
package koop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Input is one manifestation of a record, to be turned into a document.
type Input struct {
	Name        string // file name, such as kst-32545-143.xml
	URL         string // it was read from
	ContentType string // as the server gave it
	Data        []byte
}

// ExtractFunc turns a manifestation into a document with its Title, Text,
// Blocks, dates and Meta. An error means this manifestation has no text to use,
// and the next one is tried.
type ExtractFunc func(ctx context.Context, in Input) (*ingest.Document, error)

// Service is what the sources of all services are configured with. Zero values
// mean the default of the service.
type Service struct {
	Name       string
	Collection string
	// Address replaces that of the service, for an imitation of it. Then nothing
	// else is asked but the servers of Allow.
	Address string
	// Allow lists further servers, as scheme://host, that files may come from.
	Allow             []string
	RequestsPerSecond float64  // to one host: 1
	AllowPrivate      []string // internal servers, host:port, that may be asked
	Contact           string   // URL or e-mail address in the User-Agent

	Extract ExtractFunc // required
	// ExtractVersion changes when Extract gives other documents for the same
	// bytes; then every record is read again.
	ExtractVersion string

	Log *slog.Logger // discards by default

	transport http.RoundTripper // of the tests
	clock     clock             // of the tests
}

// open checks what all services need, and makes the client that asks address
// and the hosts. It fills in the defaults.
func (s *Service) open(address string, hosts ...string) (*client, error) {
	switch {
	case s.Name == "" || s.Collection == "":
		return nil, errors.New("name and collection are required")
	case s.Extract == nil:
		return nil, errors.New("a function that extracts documents is required")
	}
	if s.Address != "" {
		hosts = nil
	} else {
		s.Address = address
	}
	u, err := url.Parse(s.Address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("url %q: write the address of the service without parameters, such as %s", s.Address, address)
	}
	if s.Log == nil {
		s.Log = slog.New(slog.DiscardHandler)
	}
	if s.clock.now == nil {
		s.clock = realClock()
	}
	hosts = append(append([]string{origin(u)}, hosts...), s.Allow...)
	return newClient(clientOptions{Hosts: hosts, RequestsPerSecond: s.RequestsPerSecond, AllowPrivate: s.AllowPrivate,
		Contact: s.Contact, Log: s.Log, transport: s.transport, clock: s.clock})
}

// Survey says what a run would ask for, and how much of it there is. It is
// made without requesting documents.
type Survey struct {
	Address  string       `json:"address"`
	Query    string       `json:"query"`    // as the service gets it
	Records  int          `json:"records"`  // that the service reports
	Estimate bool         `json:"estimate"` // the service says it did not count them all
	Parts    []SurveyPart `json:"parts"`    // of the selection; a record can be in several
}

// SurveyPart is one kind, dossier or creator of a selection.
type SurveyPart struct {
	Kind    string `json:"kind"`
	Dossier string `json:"dossier"`
	Creator string `json:"creator"`
	Query   string `json:"query"`
	Records int    `json:"records"`

	cql cql
}

// Origin is where the text of a document came from.
type Origin struct {
	Manifestation string // xml, html, pdf, odt or json
	Reason        string // why no better one was used; "" for the best
	Requested     string // address that it was read from
}

// OriginOf reads the State of a document of any source of this package; zero
// where it says nothing.
func OriginOf(state string) Origin {
	var o struct {
		Manifestation string `json:"man"`
		Reason        string `json:"why"`
		URL           string `json:"url"`
	}
	if state == "" || json.Unmarshal([]byte(state), &o) != nil {
		return Origin{}
	}
	return Origin{o.Manifestation, o.Reason, o.URL}
}

// PublicationID is the identifier in the address of an official publication, or
// the identifier itself; false for what is neither.
func PublicationID(query string) (string, bool) {
	id := query
	if strings.Contains(query, "://") {
		u, err := url.Parse(query)
		if err != nil || !strings.HasSuffix(u.Host, "officielebekendmakingen.nl") && !strings.HasSuffix(u.Host, "overheid.nl") {
			return query, false
		}
		id = path.Base(u.Path)
		id = strings.TrimSuffix(id, path.Ext(id))
	}
	return id, publicationID.MatchString(id)
}

var publicationID = regexp.MustCompile(`^(?:[a-z]{1,6}(?:-[A-Za-z0-9()]+)+|BWB[RVW]\d{7}|CVDR\d+(?:_\d+)?)$`)

// day is a date in the form of the services.
func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// parseDay reads a date, with or without a time behind it; zero if it is none.
func parseDay(s string) time.Time {
	if len(s) < len(time.DateOnly) {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	if err != nil {
		return time.Time{}
	}
	return t
}
