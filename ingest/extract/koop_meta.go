package extract

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

var (
	askedBy    = regexp.MustCompile(`^(?:\d{1,5}\s+)?(Vragen (?:van (?:het lid|de leden)|gesteld door (?:het lid|de leden) [A-Z]).{5,900})$`)
	sent       = regexp.MustCompile(`\s*\(ingezonden (\d{1,2} [a-z]+ \d{4})\)\.?`)
	received   = regexp.MustCompile(`\(ontvangen (\d{1,2} [a-z]+ \d{4})\)`)
	kamerHead  = regexp.MustCompile(`^(?:(?:Tweede|Eerste) Kamer der Staten-Generaal|Vergaderjaar \d{4}[–-]\d{4}|Aanhangsel van de Handelingen|[12]|Vragen gesteld door de leden der Kamer, met de daarop door de regering gegeven antwoorden)(?:\s*\|?\s*(?:Aanhangsel van de Handelingen|[12]|Vergaderjaar \d{4}[–-]\d{4}))?$`)
	sessionID  = regexp.MustCompile(`-(\d{4})(\d{4})-`)
	dossierKst = regexp.MustCompile(`^kst-(?:\d{8}-)?(\d{5}(?:-(?:[IVX]+|[A-Z]|\(R\d+\)))?)-(\d+[A-Z]?|[A-Z]{1,3})(?:-[a-z]\d+)?$`)
)

// officialPage is the address of an official publication: of a law without the
// day, which is the text that holds now.
func officialPage(id string) string {
	switch {
	case id == "":
		return ""
	case strings.HasPrefix(id, "BWB"):
		return "https://wetten.overheid.nl/" + id
	case strings.HasPrefix(id, "CVDR"):
		return "https://lokaleregelgeving.overheid.nl/" + strings.Replace(id, "_", "/", 1)
	case strings.HasPrefix(id, "ECLI:"):
		return "https://uitspraken.rechtspraak.nl/details?id=" + id
	}
	return "https://zoek.officielebekendmakingen.nl/" + id + ".html"
}

// identified notes what the identifier of an official publication says.
func identified(doc *ingest.Document, id string) {
	if id == "" {
		return
	}
	doc.Meta["identifier"] = id
	if doc.URL == "" {
		doc.URL = officialPage(id)
	}
	set := func(k, v string) {
		if doc.Meta[k] == "" && v != "" {
			doc.Meta[k] = v
		}
	}
	if m := sessionID.FindStringSubmatch(id); m != nil && atoi(m[2]) == atoi(m[1])+1 {
		set("vergaderjaar", m[1]+"-"+m[2])
	}
	if m := dossierKst.FindStringSubmatch(id); m != nil {
		set("dossier", m[1])
		set("ondernummer", m[2])
	}
	parts := strings.Split(id, "-")
	set(KeyKind, journals[parts[0]])
	switch parts[0] {
	case "ah", "stb", "stcrt", "trb", "gmb", "prb", "wsb", "bgr":
		set(KeyIssue, parts[len(parts)-1])
	case "h":
		if len(parts) > 4 {
			set(KeyIssue, parts[3])
			set(KeyAgendaItem, parts[4])
		}
	}
	if len(parts) > 2 {
		switch parts[1] {
		case "tk":
			set("kamer", "Tweede Kamer")
		case "ek":
			set("kamer", "Eerste Kamer")
		}
	}
}

// journals are the publications by the first part of their identifiers.
var journals = map[string]string{
	"ah": "Kamervragen (Aanhangsel)", "kv": "Kamervragen zonder antwoord", "kst": "Kamerstuk", "blg": "Bijlage", "h": "Handelingen",
	"stb": "Staatsblad", "stcrt": "Staatscourant", "trb": "Tractatenblad", "gmb": "Gemeenteblad", "prb": "Provinciaal blad",
	"wsb": "Waterschapsblad", "bgr": "Blad gemeenschappelijke regeling",
}

// parliamentary names a letter with questions and answers after its subject,
// dates it, and drops the head that all of them share.
func parliamentary(doc *ingest.Document, id string) {
	identified(doc, id)
	for _, b := range doc.Blocks[:min(len(doc.Blocks), 12)] {
		text := oneLine(doc.Text[b.Start:b.End])
		if m := askedBy.FindStringSubmatch(text); m != nil && doc.Meta["ingezonden"] == "" {
			subject := m[1]
			subject, _, _ = strings.Cut(subject, " Antwoord van ")
			if d := sent.FindStringSubmatch(subject); d != nil {
				subject = sent.ReplaceAllString(subject, "")
				doc.Meta["ingezonden"] = isoDate(d[1])
			}
			doc.Title = strings.TrimSuffix(strings.TrimSpace(subject), ".")
		}
		if d := received.FindStringSubmatch(text); d != nil && doc.Published.IsZero() {
			doc.Published, _ = dutchDate(d[1])
		}
	}
	if id != "" || doc.Meta["ingezonden"] != "" {
		dropHead(doc)
	}
}

// dropHead leaves the letterhead out of the blocks. Their text stays in the
// document, outside any block: no passage quotes it.
func dropHead(doc *ingest.Document) {
	known := map[string]bool{} // headings are the same for many blocks
	head := func(text string) bool {
		drop, ok := known[text]
		if !ok {
			drop = kamerHead.MatchString(text) || text == doc.Meta["nummer"]
			known[text] = drop
		}
		return drop
	}
	kept := doc.Blocks[:0:0]
	for i, b := range doc.Blocks {
		if i < 10 && head(oneLine(doc.Text[b.Start:b.End])) {
			continue
		}
		for len(b.Heading) > 0 && head(b.Heading[0]) {
			b.Heading = b.Heading[1:]
		}
		kept = append(kept, b)
	}
	if len(kept) > 0 {
		doc.Blocks = kept
	}
}

var dutchMonths = map[string]time.Month{
	"januari": 1, "februari": 2, "maart": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7,
	"augustus": 8, "september": 9, "oktober": 10, "november": 11, "december": 12,
}

// dutchDate reads "25 maart 2024".
func dutchDate(s string) (time.Time, bool) {
	f := strings.Fields(strings.ToLower(s))
	if len(f) != 3 {
		return time.Time{}, false
	}
	day, err1 := strconv.Atoi(f[0])
	year, err2 := strconv.Atoi(f[2])
	month := dutchMonths[f[1]]
	if err1 != nil || err2 != nil || month == 0 || day < 1 || day > 31 {
		return time.Time{}, false
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true
}

func isoDate(s string) string {
	if t, ok := dutchDate(s); ok {
		return t.Format(time.DateOnly)
	}
	return ""
}

// frequentDutch are words that stand all through Dutch text and hardly in that
// of neighbours.
var frequentDutch = set("de", "het", "van", "een", "en", "dat", "is", "te", "op", "voor", "zijn", "niet", "met", "aan", "wordt", "worden", "of", "door")

// plainlyDutch reports whether a text is Dutch beyond doubt, in less time than
// a guess among languages takes.
func plainlyDutch(text string) bool {
	words, hits := 0, 0
	for word := range strings.FieldsSeq(text[:min(len(text), 3000)]) {
		words++
		if frequentDutch[strings.ToLower(word)] {
			hits++
		}
	}
	return words >= 20 && hits*5 >= words
}
