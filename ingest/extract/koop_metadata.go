package extract

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Metadata is what a metadata file says about a publication.
type Metadata struct {
	Identifier                                 string // "kst-32545-143"
	Title                                      string
	URL                                        string // official page, "" if the identifier does not say
	Language                                   string
	Published, Modified, ValidFrom, ValidUntil time.Time
	Meta                                       map[string]string // see the Key constants
}

// maxMetadata bounds a metadata file in bytes; the longest known has 50 kB.
const maxMetadata = 8 << 20

// ReadMetadata reads what describes one publication: metadata.xml
// (metadata_gegevens), metadata_owms.xml (owms-metadata), or one record of an
// SRU response (record, gzd, or a response with a single record). The error
// wraps ErrUnreadable for XML that is damaged, and ErrUnsupported for anything
// that is not the description of one publication with an identifier.
func ReadMetadata(data []byte) (Metadata, error) {
	in := Input{Name: "metadata", Data: data}
	if len(data) > maxMetadata {
		return Metadata{}, in.fail(ErrUnsupported, "%d bytes are too many for metadata", len(data))
	}
	root, err := parseXML(context.Background(), in, func(name string) error {
		if !metadataOfOne[strings.ToLower(name)] {
			return in.fail(ErrUnsupported, "root element %q is not that of metadata of one publication", name)
		}
		return nil
	})
	if err != nil {
		return Metadata{}, err
	}
	if records := root.all("recordData"); len(records) > 1 {
		return Metadata{}, in.fail(ErrUnsupported, "it describes %d publications, not one", len(records))
	}
	var values []property
	switch root.name {
	case "metadata_gegevens":
		for _, n := range root.children {
			if n.name == "metadata" {
				values = append(values, property{n.attr("name"), n.attr("scheme"), n.attr("content")})
			}
		}
	default:
		root.each(func(n *node) {
			if !slices.ContainsFunc(n.children, func(c *node) bool { return c.name != "" }) {
				values = append(values, property{n.name, n.attr("scheme"), n.flat()})
			}
		})
	}
	d := description{meta: map[string]string{}}
	d.read(values)
	id := d.meta[KeyIdentifier]
	if id == "" {
		return Metadata{}, in.fail(ErrUnsupported, "it names no identifier of a publication")
	}
	var doc ingest.Document
	doc.Meta = d.meta
	identified(&doc, id)
	return Metadata{Identifier: id, Title: d.title, URL: cmp.Or(d.url, doc.URL), Language: d.language, Meta: d.meta,
		Published: d.published, Modified: d.modified, ValidFrom: d.validFrom, ValidUntil: d.validUntil}, nil
}

var metadataOfOne = set("metadata_gegevens", "owms-metadata", "record", "gzd", "originaldata", "searchretrieveresponse", "recorddata")

// Apply puts the metadata into the document it belongs to. Where both say
// something, the metadata is right: it is corrected, the document is not. The
// address of the document stays.
func (m Metadata) Apply(doc *ingest.Document) {
	if doc.Meta == nil {
		doc.Meta = map[string]string{}
	}
	maps.Copy(doc.Meta, m.Meta)
	doc.Title = cmp.Or(m.Title, doc.Title)
	doc.Language = cmp.Or(m.Language, doc.Language)
	for _, t := range []struct {
		to   *time.Time
		from time.Time
	}{{&doc.Published, m.Published}, {&doc.Modified, m.Modified}, {&doc.ValidFrom, m.ValidFrom}, {&doc.ValidUntil, m.ValidUntil}} {
		if !t.from.IsZero() {
			*t.to = t.from
		}
	}
}

// Address is where a reader finds the publication that a file of that name
// holds: the official page of an XML file, and of other formats, which do not
// say for certain what they are, only where metadata beside the file does. It is
// "" for a document without one.
func Address(name string, doc *ingest.Document) string {
	id := doc.Meta[KeyIdentifier]
	if id == "" || strings.ContainsAny(id, "/ \\?#") {
		return ""
	}
	in := Input{Name: name}
	switch ext := in.ext(); {
	case ext == ".xml":
		if strings.HasPrefix(doc.URL, "https://") {
			return doc.URL
		}
		return officialPage(id)
	case doc.Meta[KeyMetadata] == "":
		return ""
	case ext == ".pdf":
		return strings.TrimSuffix(officialPage(id), ".html") + ".pdf"
	default:
		return officialPage(id)
	}
}

// property is one value of a metadata file. Names come as "DC.title",
// "dcterms:title", "OVERHEIDop.indiener", or in metadata_owms.xml literally
// "dcterms.modified"; what stands before the last point says nothing more.
type property struct{ name, scheme, value string }

// read takes the properties that a document has a place for.
func (d *description) read(values []property) {
	var kind, types []string
	var issued, date, available time.Time
	for _, p := range values {
		value := oneLine(normalise(unprint(p.value)))
		name := strings.ToLower(p.name[strings.LastIndexAny(p.name, ".:")+1:])
		if value == "" {
			continue
		}
		switch name {
		case "identifier":
			d.set(KeyIdentifier, value)
		case "title":
			if d.title == "" {
				d.title, d.titled = value, true
			}
		case "language":
			d.language = cmp.Or(d.language, strings.ToLower(value))
		case "preferredurl":
			d.url = value
		case "issued":
			issued = firstDay(issued, parseDay(value))
		case "date", "datumvergadering", "datumindiening", "datumontvangst":
			date = firstDay(date, parseDay(value))
			if name == "datumindiening" {
				d.set(KeyAsked, value)
			}
		case "available":
			available = firstDay(available, parseDay(value))
		case "modified":
			d.modified = firstDay(d.modified, parseDay(value))
		case "inwerkingtredingdatum", "inwerkingtreding":
			d.validFrom = firstDay(d.validFrom, parseDay(value))
		case "uitwerkingtredingdatum":
			d.validUntil = firstDay(d.validUntil, parseDay(value))
		case "publicationname", "publicatienaam":
			kind = append(kind, value)
		case "type", "subrubriek":
			if !strings.HasSuffix(p.scheme, "Informatietype") {
				types = append(types, value)
			}
		case "creator":
			d.creator(value)
		case "authority", "publisher":
			d.ministry(value)
		case "dossiernummer":
			for _, v := range strings.Split(value, ", ") {
				d.add(KeyDossier, dossierNumber(v))
			}
		case "behandelddossier":
			d.add(KeyDiscussed, strings.Replace(value, ";", ", nr. ", 1))
		case "indiener":
			d.add(KeyAuthor, personName(value))
		case "ontvanger":
			d.add(KeyReceiver, personName(value))
		case "ondernummer":
			d.set(KeyNumber, value)
		case "vergaderjaar":
			d.set(KeySession, session(value))
		case "aanhangselnummer", "publicationissue", "publicatienummer", "publicationnumber":
			if !strings.ContainsRune(value, '/') {
				d.set(KeyIssue, shortIssue(value))
			}
		case "handelingenitemnummer":
			d.set(KeyAgendaItem, value)
		case "subject", "category":
			d.add(KeySubject, value)
		default:
			if key := plainKeys[name]; key != "" {
				d.set(key, value)
			}
		}
	}
	d.published = firstDay(d.published, firstDay(issued, firstDay(date, available)))
	if !available.IsZero() && !available.Equal(d.published) {
		d.set(KeyAvailable, available.Format(time.DateOnly))
	}
	for _, k := range append(kind, types...) {
		if k = publicationKind(k); len(kind) == 0 || !twins[k] {
			d.add(KeyKind, k)
		}
	}
	if strings.HasPrefix(d.meta[KeyIdentifier], "h-") && d.meta[KeyDossier] == "" {
		for _, v := range strings.Split(d.meta[KeyDiscussed], "; ") {
			number, _, _ := strings.Cut(v, ",")
			d.add(KeyDossier, dossierNumber(number))
		}
	}
}

// plainKeys are properties that are taken as they are.
var plainKeys = map[string]string{
	"dossiertitel": KeyDossierTitle, "vraagnummer": KeyQuestion, "hoofddocument": KeyMainDocument, "isreplacedby": KeyReplacedBy,
	"documentstatus": KeyStatus,
}

// twins are types that say again which publication it is.
var twins = set("Aanhangsel van de Handelingen", "Handeling", "Kamerstukken", "Kamervragen zonder Antwoord")

func firstDay(a, b time.Time) time.Time {
	if a.IsZero() {
		return b
	}
	return a
}

func (d *description) creator(value string) {
	if strings.EqualFold(value, "overige") { // in metadata_owms.xml, for want of a value
		return
	}
	d.set(KeyCreator, value)
	d.set(KeyChamber, chamber(value))
	d.ministry(value)
}

func (d *description) ministry(value string) {
	if strings.HasPrefix(value, "Ministerie") {
		d.set(KeyMinistry, value)
	}
}

// chamber is "Tweede Kamer" for "Tweede Kamer der Staten-Generaal".
func chamber(s string) string {
	for _, c := range []string{"Tweede Kamer", "Eerste Kamer"} {
		if strings.HasPrefix(strings.TrimSpace(s), c) {
			return c
		}
	}
	return ""
}

var (
	sessionYears = regexp.MustCompile(`((?:19|20)\d{2})\s*[-–/]\s*((?:19|20)?\d{2})`)
	spaces       = regexp.MustCompile(`\s+`)
	dossierParts = regexp.MustCompile(`^(\d{5})[-;]?([A-Z]{1,6}|\(R\d+\))?$`)
	nameTurned   = regexp.MustCompile(`^([^,;]+), ((?:\p{Lu}[\p{L}.]*\.?\s?)+(?:\([^)]+\)\s?)?(?:van|de|der|den|ter|ten|te|el|la|in|'t|op|[ ])*)$`)
)

// session is a parliamentary year as "2020-2021", from "Vergaderjaar
// 2020–2021", "1998/99" and the like; "" if there is none.
func session(s string) string {
	m := sessionYears.FindStringSubmatch(s)
	if m == nil {
		return ""
	}
	if len(m[2]) == 2 {
		m[2] = fmt.Sprint(atoi(m[1]) + 1)
	}
	return m[1] + "-" + m[2]
}

// dossierNumber is the number of a dossier as "36600-VII", from "36 600 VII",
// "36600;VII" and the like. What is no such number stays as it is.
func dossierNumber(s string) string {
	s = spaces.ReplaceAllString(strings.TrimSpace(s), "")
	s = strings.TrimSuffix(strings.ReplaceAll(s, ".", ""), "-")
	if m := dossierParts.FindStringSubmatch(s); m != nil {
		if m[2] == "" {
			return m[1]
		}
		return m[1] + "-" + m[2]
	}
	return s
}

// personName is a name in the order of running text: "D.J.H. van Dijk" for
// "Dijk, D.J.H. van".
func personName(s string) string {
	if m := nameTurned.FindStringSubmatch(s); m != nil {
		return strings.TrimSpace(m[2]) + " " + strings.TrimSpace(m[1])
	}
	return s
}

// shortIssue is the number that people use: "1244" for "242501244", whose
// first four digits are the parliamentary year.
func shortIssue(s string) string {
	if len(s) == 9 && atoi(s[2:4]) == (atoi(s[:2])+1)%100 && strings.Trim(s, "0123456789") == "" {
		return strings.TrimLeft(s[4:], "0")
	}
	return s
}

// publicationKind is the normal form of the name of a publication.
func publicationKind(s string) string {
	s = oneLine(s)
	switch strings.ToLower(s) {
	case "kamerstukken", "kamerstuk":
		return "Kamerstuk"
	case "aanhangsel van de handelingen", "kamervragen (aanhangsel)":
		return "Kamervragen (Aanhangsel)"
	case "handelingen", "handeling":
		return "Handelingen"
	case "kamervragen zonder antwoord":
		return "Kamervragen zonder antwoord"
	}
	return s
}

// paperKinds are the kinds of parliamentary papers by the beginning of their
// titles, after the list OVERHEIDop.KamerstukTypen; the longer first.
var paperKinds = []string{
	"Gewijzigde motie", "Nader gewijzigde motie", "Gewijzigd amendement", "Nader gewijzigd amendement", "Gewijzigd voorstel van wet",
	"Motie", "Amendement", "Subamendement", "Voorstel van wet", "Memorie van toelichting", "Memorie van antwoord", "Nota van wijziging",
	"Nota naar aanleiding van het verslag", "Nota naar aanleiding van het nader verslag", "Nader verslag", "Verslag", "Voorlopig verslag",
	"Advies", "Brief", "Koninklijke boodschap", "Geleidende brief", "Lijst van vragen en antwoorden", "Lijst van vragen", "Jaarverslag",
	"Eindverslag", "Initiatiefnota", "Rapport", "Nota",
}

// paperKind reads the kind of a paper from its title; "" if the title does not
// say. A changed motion is a motion too.
func paperKind(title string) string {
	t := strings.ToLower(oneLine(title))
	for _, k := range paperKinds {
		low := strings.ToLower(k)
		if !strings.HasPrefix(t, low) || len(t) > len(low) && wordRune(rune(t[len(low)])) {
			continue
		}
		for _, base := range []string{"motie", "amendement"} {
			if strings.HasSuffix(low, base) {
				return capital(base)
			}
		}
		return k
	}
	return ""
}

// IsMetadata reports whether an error says that a file only describes a
// document: no failure where a folder holds both.
func IsMetadata(err error) bool { return errors.Is(err, ErrMetadata) }
