package koop

import (
	"fmt"
	"net/url"
	"strings"
	"time"
)

// dialect is what differs between the search services: where they are, what
// their indexes are called, and where a record is to be read by people.
type dialect struct {
	address string
	hosts   []string // that files come from, besides
	params  url.Values

	identifier, modified, kind, creator, date, dossier string

	all        []string // holds for every record
	attachment string   // what attachments are known by; "" where there are none
	kinds      []string // names of kinds; none where any will do
	// current are the conditions that a record is valid on a day; nil where
	// records do not lose their validity.
	current func(today string) []string
	overlap int // days before the last harvest that the next one reads again
	page    func(r record) string
}

// lawFiles is where the files of laws and regulations are.
const lawFiles = "https://repository.officiele-overheidspublicaties.nl"

var dialects = map[string]dialect{
	"": {address: "https://repository.overheid.nl/sru", params: url.Values{"version": {"2.0"}},
		identifier: "dt.identifier", modified: "dt.modified", kind: "w.publicatienaam", creator: "dt.creator",
		date: "dt.date", dossier: "w.dossiernummer",
		all: []string{"c.product-area==officielepublicaties"}, attachment: "dt.type==Bijlage",
		kinds: []string{"Kamerstuk", "Kamervragen (Aanhangsel)", "Kamervragen zonder antwoord", "Handelingen",
			"Staatsblad", "Staatscourant", "Tractatenblad", "Gemeenteblad", "Provinciaal blad", "Waterschapsblad", "Blad gemeenschappelijke regeling"},
		overlap: 2,
		page: func(r record) string {
			return "https://zoek.officielebekendmakingen.nl/" + r.first("identifier") + ".html"
		}},
	// Of a law there is a record for each of its versions; on one day there is one.
	// A version comes into force long after it was modified: hence the overlap.
	"bwb": {address: "https://zoekservice.overheid.nl/sru/Search", hosts: []string{lawFiles}, params: url.Values{"version": {"1.2"}, "x-connection": {"BWB"}},
		identifier: "dcterms.identifier", modified: "dcterms.modified", kind: "dcterms.type", creator: "overheid.authority", date: "dcterms.modified",
		current: func(today string) []string {
			return []string{"overheidbwb.geldigheidsdatum==" + today, "overheidbwb.zichtdatum==" + today}
		},
		overlap: 366,
		page: func(r record) string {
			address := "https://wetten.overheid.nl/" + r.first("identifier")
			if from := r.first("geldigheidsperiode_startdatum"); from != "" {
				address += "/" + from
			}
			return address
		}},
	"cvdr": {address: "https://zoekservice.overheid.nl/sru/Search", hosts: []string{lawFiles}, params: url.Values{"version": {"1.2"}, "x-connection": {"cvdr"}},
		identifier: "dcterms.identifier", modified: "dcterms.modified", kind: "dcterms.type", creator: "dcterms.creator", date: "dcterms.issued",
		overlap: 2,
		page: func(r record) string {
			return "https://lokaleregelgeving.overheid.nl/" + strings.Replace(r.first("identifier"), "_", "/", 1)
		}},
}

// valid are the conditions that a record is valid now.
func (p *Publications) valid() []string {
	if p.dialect.current == nil {
		return nil
	}
	return p.dialect.current(day(p.opts.clock.now()))
}

// kindAliases are names that people use for kinds.
var kindAliases = map[string]string{"aanhangsel": "Kamervragen (Aanhangsel)", "kamerstukken": "Kamerstuk", "handeling": "Handelingen"}

// kindNames are the kinds as the service writes them.
func (d dialect) kindNames(kinds []string) ([]string, error) {
	var out []string
	for _, k := range kinds {
		name := kindAliases[strings.ToLower(strings.TrimSpace(k))]
		for _, known := range d.kinds {
			if strings.EqualFold(known, strings.TrimSpace(k)) {
				name = known
			}
		}
		if name == "" {
			return nil, fmt.Errorf("kinds: there is no publication %q; there are: %s", k, strings.Join(d.kinds, ", "))
		}
		out = append(out, name)
	}
	return out, nil
}

// period is when a record is in force; zero for what it does not say. The end is
// the last day.
func (r record) period() (from, until time.Time) {
	from, until = parseDay(r.first("geldigheidsperiode_startdatum")), parseDay(r.first("geldigheidsperiode_einddatum"))
	if from.IsZero() {
		from = parseDay(r.first("inwerkingtredingDatum"))
	}
	if out := parseDay(r.first("uitwerkingtredingDatum")); until.IsZero() && !out.IsZero() {
		until = out.AddDate(0, 0, -1) // the first day on which it no longer is
	}
	if until.Year() >= 9999 {
		until = time.Time{}
	}
	return from, until
}
