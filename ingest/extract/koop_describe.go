package extract

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// description is what a head or a metadata file says about a publication.
type description struct {
	id, title, url                             string
	titled                                     bool // the title is that of the metadata
	published, modified, validFrom, validUntil time.Time
	meta                                       map[string]string
	language                                   string
}

// set keeps the first value of a key.
func (d *description) set(key, value string) {
	if v := oneLine(normalise(unprint(value))); v != "" && d.meta[key] == "" {
		d.meta[key] = v
	}
}

// add puts a value behind those a key has, once.
func (d *description) add(key, value string) {
	v := oneLine(normalise(unprint(value)))
	if v == "" || len(d.meta[key]) > 4000 {
		return
	}
	if old := d.meta[key]; old == "" {
		d.meta[key] = v
	} else if !slices.ContainsFunc(strings.Split(old, "; "), func(s string) bool { return strings.EqualFold(s, v) }) {
		d.meta[key] = old + "; " + v
	}
}

func (d *description) setTitle(nodes ...*node) {
	for _, n := range nodes {
		if n != nil && d.title == "" {
			d.title = oneLine(normalise(unprint(n.flat())))
		}
	}
}

func dayOf(n *node) time.Time {
	if n == nil {
		return time.Time{}
	}
	return parseDay(n.flat())
}

// describe takes what the head of a publication says about it.
func (w *koopWalker) describe(name string, root *node) {
	d := &w.d
	text := func(n *node, key string) {
		if n != nil {
			d.set(key, n.flat())
		}
	}
	switch name {
	case "officiele-publicatie":
		w.describePublication(root)
	case "kamerwrk":
		w.describeLegacy(root)
	case "toestand":
		w.describeLaw(root)
	case "cvdr":
		text(root.find("identifier"), KeyIdentifier)
		text(root.find("creator"), KeyCreator)
		text(root.find("subject"), KeySubject)
		d.set(KeyKind, "lokale regelgeving")
		if id := d.meta[KeyIdentifier]; id != "" {
			if !strings.HasPrefix(id, "CVDR") {
				id = "CVDR" + id
			}
			d.meta[KeyIdentifier] = id
			d.url = officialPage(id)
		}
		d.setTitle(root.find("title"), root.find("intitule"))
		d.published, d.modified = dayOf(root.find("issued")), dayOf(root.find("modified"))
		d.validFrom, d.validUntil = dayOf(root.find("inwerkingtredingDatum")), dayOf(root.find("uitwerkingtredingDatum"))
		if !d.validUntil.IsZero() && d.title != "" {
			d.title += " (geldig tot " + dutchDay(d.validUntil) + ")"
		}
	case "open-rechtspraak":
		rdf := root.find("RDF")
		if rdf == nil {
			break
		}
		text(rdf.find("identifier"), KeyIdentifier)
		text(rdf.find("creator"), KeyCreator)
		text(rdf.find("zaaknummer"), "zaaknummer")
		text(rdf.find("type"), KeyKind)
		text(rdf.find("subject"), KeySubject)
		d.url = officialPage(d.meta[KeyIdentifier])
		d.setTitle(rdf.find("title"))
		d.published, d.modified = dayOf(rdf.find("date")), dayOf(rdf.find("modified"))
	}
}

// describeLaw reads the head of a consolidated law on one day.
func (w *koopWalker) describeLaw(root *node) {
	d := &w.d
	id, date := root.attr("bwb-id"), root.attr("inwerkingtreding")
	d.set(KeyIdentifier, id)
	d.set(KeyKind, "wet- en regelgeving")
	d.validFrom = parseDay(date)
	w.law.asOf = d.validFrom
	if id != "" {
		d.url = officialPage(id)
		if !d.validFrom.IsZero() {
			d.url += "/" + date
		}
	}
	if law := root.first("wetgeving"); law != nil {
		d.add(KeyKind, strings.ReplaceAll(law.attr("soort"), "-", " "))
	}
	title := root.find("citeertitel")
	d.setTitle(title, root.find("intitule"))
	if n := root.find("intitule"); n != nil {
		if m := sourceRef.FindStringSubmatch(n.attr("bron")); m != nil {
			d.set(KeySource, m[1]+". "+m[2]+", "+m[3])
		}
	}
}

var sourceRef = regexp.MustCompile(`^(Stb|Stcrt|Trb)\.(\d{4})-(\d+)$`)

// describePublication reads the metadata within a publication, and the lines
// above the text.
func (w *koopWalker) describePublication(root *node) {
	d := &w.d
	if m := root.first("metadata"); m != nil {
		var values []property
		for _, n := range m.all("meta") {
			if n.attr("name") == "OVERHEIDop.externMetadataRecord" {
				parts := strings.Split(n.attr("content"), "/")
				if len(parts) > 1 {
					d.id = parts[len(parts)-2]
				}
			}
			values = append(values, property{n.attr("name"), n.attr("scheme"), n.attr("content")})
		}
		d.read(values)
	}
	for _, l := range root.all("tekstregel") {
		text := oneLine(normalise(l.flat()))
		switch l.attr("inhoud") {
		case "vergaderjaar":
			d.set(KeySession, session(text))
		case "kameraanduiding":
			d.set(KeyChamber, chamber(text))
		case "documenttype":
			d.set(KeyKind, publicationKind(text))
		}
	}
	for _, n := range root.all("dossiernummer") {
		number := ""
		if nr := n.first("dossiernr"); nr != nil {
			number = nr.flat()
		}
		if c := n.first("begrotingshoofdstuk"); c != nil {
			number += "-" + c.flat()
		}
		d.add(KeyDossier, dossierNumber(number))
	}
	if n := root.find("dossier"); n != nil {
		if t := n.first("titel"); t != nil {
			d.set(KeyDossierTitle, t.flat())
		}
		if c := n.first("begrotingshoofdstuk"); c != nil && d.meta[KeyDossier] != "" && !strings.Contains(d.meta[KeyDossier], "-") {
			d.meta[KeyDossier] = dossierNumber(d.meta[KeyDossier] + "-" + c.flat())
		}
	}
	if n := root.find("ondernummer"); n != nil {
		d.set(KeyNumber, n.flat())
	}
	if n := root.find("kamervraagnummer"); n != nil {
		d.set(KeyIssue, n.flat())
	}
	if kop := root.first("kop"); kop != nil {
		d.set(KeyPublication, kop.flat())
	}
	w.people(root)
	w.titlePublication(root)
	w.datePublication(root)
}

// people are those who submitted, asked, answered or signed.
func (w *koopWalker) people(root *node) {
	d := &w.d
	authors := d.meta[KeyAuthor] == ""
	key := KeySigner
	if root.first("kamerstuk") != nil {
		key = KeyAuthor
	}
	for _, o := range root.all("ondertekening") {
		if n := o.find("naam"); n != nil && (key != KeyAuthor || authors) {
			d.add(key, n.flat())
		}
	}
	for _, o := range root.all("kamervraagomschrijving") {
		if o.attr("type") == "vraag" && authors {
			for _, n := range o.all("naam") {
				d.add(KeyAuthor, n.flat())
			}
		}
		if o.attr("type") == "antwoord" {
			for _, n := range o.all("organisatie") {
				d.add(KeyMinistry, n.flat())
			}
		}
	}
	stuk := root.find("stuk")
	if stuk == nil {
		return
	}
	if t := stuk.first("titel"); t != nil {
		d.add(KeyKind, paperKind(t.flat()))
	}
	if authors && d.meta[KeyAuthor] == "" && strings.Contains(d.meta[KeyKind], "Motie") {
		if groups := stuk.all("al-groep"); len(groups) > 0 { // the names below the text
			for _, al := range groups[len(groups)-1].all("al") {
				if name := oneLine(al.flat()); len(name) < 60 && !strings.ContainsAny(name, ".:;,") {
					d.add(KeyAuthor, name)
				}
			}
		}
	}
}

// titlePublication names a publication as KOOP does: the dossier, then the
// paper; or the one heading of an announcement.
func (w *koopWalker) titlePublication(root *node) {
	d := &w.d
	if d.title != "" {
		return
	}
	if dossier, s := root.find("dossier"), root.find("stuk"); dossier != nil && s != nil {
		var parts []string
		for _, n := range []*node{dossier.first("titel"), s.first("titel")} {
			if n != nil {
				parts = append(parts, oneLine(normalise(unprint(n.flat()))))
			}
		}
		d.title = strings.Join(parts, "; ")
	}
	d.setTitle(root.find("item-titel"), root.find("intitule"))
	for _, kind := range root.children {
		if kop := kind.first("kop"); kop != nil && d.title == "" {
			d.setTitle(kop.first("titel"), kop)
		}
	}
}

// datePublication takes the date of the meeting, the paper or the answer where
// the metadata has none.
func (w *koopWalker) datePublication(root *node) {
	d := &w.d
	if !d.published.IsZero() {
		return
	}
	if n := root.find("vergaderdatum"); n != nil {
		d.published = dateIn(n)
	}
	if n := root.find("datum"); n != nil && d.published.IsZero() {
		d.published = dateIn(n)
	}
	for _, o := range root.all("kamervraagomschrijving") {
		if n := o.find("datum"); o.attr("type") == "antwoord" && n != nil {
			d.published = dateIn(n)
		}
	}
	if o := root.find("uitgifte"); o != nil {
		if n := o.find("datum"); n != nil && !dateIn(n).IsZero() {
			d.published = dateIn(n)
		}
	}
}

var dateInWords = regexp.MustCompile(`\d{1,2} (?i:jan|feb|maart|april|mei|juni|juli|aug|sep|okt|nov|dec)\p{L}* \d{4}`)

// dateIn reads a date from the attribute isodatum or, in words, from the text.
func dateIn(n *node) time.Time {
	if t := parseDay(n.attr("isodatum")); !t.IsZero() {
		return t
	}
	if d := n.first("datum"); d != nil {
		if t := parseDay(d.attr("isodatum")); !t.IsZero() {
			return t
		}
	}
	t, _ := dutchDate(dateInWords.FindString(oneLine(n.flat())))
	return t
}

// describeLegacy reads the front matter of publications of 1995 to 2009.
func (w *koopWalker) describeLegacy(root *node) {
	w.describePublication(root)
	d := &w.d
	switch root.attr("kamer") {
	case "2", "tk":
		d.set(KeyChamber, "Tweede Kamer")
	case "1", "ek":
		d.set(KeyChamber, "Eerste Kamer")
	}
	delete(d.meta, KeyPublication) // its heading is the chamber and the year
	front := root.first("frontm")
	if front == nil {
		front = &node{}
	}
	if n := front.find("vergjaar"); n != nil {
		d.set(KeySession, session(n.flat()))
	}
	if kop := root.first("kop"); kop != nil {
		d.set(KeySession, session(kop.flat()))
		d.set(KeyChamber, chamber(kop.flat()))
	}
	for _, o := range front.all("onderw") {
		if n := o.first("nummer"); n != nil {
			d.add(KeyDossier, dossierNumber(n.flat()))
		}
		if n := o.first("naam"); n != nil {
			d.set(KeyDossierTitle, n.flat())
		}
	}
	d.set(KeyKind, "Kamerstuk")
	stuk := root.find("stuk")
	if stuk == nil {
		return
	}
	if n := stuk.first("nummer"); n != nil {
		d.set(KeyNumber, strings.TrimRight(oneLine(n.flat()), "."))
	}
	if n := stuk.first("titel"); n != nil {
		d.add(KeyKind, paperKind(n.flat()))
		if t := d.meta[KeyDossierTitle]; t != "" && (d.title == "" || d.title == t) {
			d.title = t + "; " + oneLine(normalise(n.flat()))
		}
		d.setTitle(n)
	}
	if d.published.IsZero() {
		for _, n := range stuk.children { // "Den Haag, 12 maart 1999"
			if n.name == "al" || n.name == "ondtek" || n.name == "datumtekst" {
				if text := oneLine(n.flat()); len(text) < 60 && d.published.IsZero() {
					d.published, _ = dutchDate(dateInWords.FindString(text))
				}
			}
		}
	}
	for _, n := range stuk.all("ondtek") {
		if who := n.find("naam"); who != nil {
			d.add(KeyAuthor, who.flat())
		}
	}
	if dossier, nr := d.meta[KeyDossier], d.meta[KeyNumber]; d.id == "" && dossier != "" && nr != "" && !strings.Contains(dossier, ";") {
		d.id = "kst-" + dossier + "-" + nr
	}
}

// finish sets what describe found.
func (w *koopWalker) finish(doc *ingest.Document) {
	d := &w.d
	for k, v := range d.meta {
		if v != "" {
			doc.Meta[k] = v
		}
	}
	if d.id == "" {
		d.id = doc.Meta[KeyIdentifier]
	}
	doc.Title, doc.URL, doc.Language = d.title, d.url, d.language
	if doc.URL == "" && d.id == "" {
		doc.URL = w.b.in.URL
	}
	doc.Published, doc.Modified, doc.ValidFrom, doc.ValidUntil = d.published, d.modified, d.validFrom, d.validUntil
	if doc.Language == "" && plainlyDutch(doc.Text) {
		doc.Language = "nl"
	}
	pairQuestions(doc, 1)
	title := doc.Title
	parliamentary(doc, d.id)
	if d.titled && title != "" {
		doc.Title = title
	}
}
