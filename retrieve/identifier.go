package retrieve

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Mention is a document that a question names.
type Mention struct {
	// Filter finds it, if the index has it.
	Filter Filter
	// Article of a law: "5.1"; "" for the whole document.
	Article string
}

// maxMentions is how many documents of one question are looked up.
const maxMentions = 3

// dossierNumber is "36600", "36 600 VII", "36600-A", "21501-20" or "34000 (R2034)":
// its five figures in two groups, and what follows them in one of three.
const dossierNumber = `([0-9]{2})[ .]?([0-9]{3})\b(?:[ \-–]{1,3}([IVXLC]{1,6}[A-Z]?|[ivxlc]{1,6}|[A-Z])\b|-([0-9]{1,3})\b|[ \-]{0,2}\(?(R ?[0-9]{2,4})\b\)?)?`

var (
	officialID = regexp.MustCompile(`(?i)\b(?:(?:kst|blg|stb|stcrt|trb|gmb|prb|wsb|bgr|exb|kv-tk|ah-tk|ah-ek|h-tk|h-ek|ah|nds-tk)-[0-9a-z]+(?:-[0-9a-z]+)*|bwbr[0-9]{7}|cvdr[0-9]+(?:_[0-9]+)?|20[0-9]{2}[dz][0-9]{5}|ecli:[a-z]{2}:[a-z0-9]+:[0-9]{4}:[a-z0-9.]+)\b`)
	// A paper of parliament: "36 600 VII, nr. 12", "21501-20 nr 1234", "35 842, D".
	paper = regexp.MustCompile(`\b` + dossierNumber + `(?:\s*,?\s*(?i:nr|no|nummer|ondernummer)\b\.?\s*([0-9]{1,4}|[A-Z]{1,3})\b|\s*,\s*([A-Z]{1,2})\b)`)
	// A journal: "Stb. 2021, 499", "Staatscourant 2015, nr. 47076".
	journal = regexp.MustCompile(`(?i)\b(stb|staatsblad|stcrt|staatscourant|trb|tractatenblad|gmb|gemeenteblad)\.?\s*(?:van\s+)?((?:19|20)[0-9]{2})\s*,?\s*(?:nr\.?|nummer)?\s*([0-9]{1,6})\b`)
	// A dossier, or a paper as its identifier has it: "kamerstuk 36600-VII-12".
	dossier  = regexp.MustCompile(`\b(?i:dossier|kamerstuk(?:ken)?|wetsvoorstel|motie|amendement|brief|nota)\s*(?i:nr\.?|nummer|i{1,2})?\s*` + dossierNumber + `(?:-([0-9]{1,4}|[A-Z]{1,3}))?`)
	number   = regexp.MustCompile(`^\s*` + dossierNumber + `(?:-([0-9]{1,4}|[A-Z]{1,3}))?\s*\??\s*$`)
	article  = regexp.MustCompile(`(?i)\b(?:artikel|artikelen|art)\b\.?\s*([0-9]+[a-z]{0,2}(?:[.:][0-9]+[a-z]{0,2})*)`)
	member   = regexp.MustCompile(`(?i)^[\s,]*(?:(?:lid\s+[0-9]+[a-z]?|[a-zë]+\s+lid|onder(?:deel)?\s+[a-z0-9]+|sub\s+[a-z0-9]+|aanhef)[\s,]*)+(?:en\s+)?`)
	journals = map[string]string{"staatsblad": "stb", "staatscourant": "stcrt", "tractatenblad": "trb", "gemeenteblad": "gmb"}
)

// Mentions finds the documents that a question names by their official
// identifier, by dossier and number, by journal, or by law and article, in the
// spellings that people use.
func Mentions(question string) []Mention {
	var out []Mention
	add := func(m Mention) {
		if len(out) < maxMentions {
			out = append(out, m)
		}
	}
	rest := question
	for _, m := range paper.FindAllStringSubmatch(rest, -1) {
		add(Mention{Filter: Filter{Identifiers: papers(dossierOf(m), m[6]+m[7])}})
	}
	rest = paper.ReplaceAllString(rest, " ")
	for _, m := range journal.FindAllStringSubmatch(rest, -1) {
		name := strings.ToLower(m[1])
		if short := journals[name]; short != "" {
			name = short
		}
		add(Mention{Filter: Filter{Identifiers: []string{name + "-" + m[2] + "-" + m[3]}}})
	}
	for _, id := range officialID.FindAllString(rest, -1) {
		add(Mention{Filter: Filter{Identifiers: []string{id}}})
	}
	for _, at := range dossier.FindAllStringSubmatchIndex(rest, -1) {
		if whole(rest[at[1]:]) {
			for _, m := range dossierOrPaper(groups(rest, at)) {
				add(m)
			}
		}
	}
	if m := number.FindStringSubmatch(rest); m != nil {
		for _, m := range dossierOrPaper(m) {
			add(m)
		}
	}
	for _, at := range article.FindAllStringSubmatchIndex(question, -1) {
		if laws := lawsAround(question[:at[0]], question[at[1]:]); len(laws) > 0 {
			add(Mention{Filter: Filter{Laws: laws}, Article: strings.ReplaceAll(question[at[2]:at[3]], ":", ".")})
		}
	}
	return out
}

// groups are the texts of a match, "" for those that took no part.
func groups(s string, at []int) []string {
	var out []string
	for i := 0; i < len(at); i += 2 {
		text := ""
		if at[i] >= 0 {
			text = s[at[i]:at[i+1]]
		}
		out = append(out, text)
	}
	return out
}

// whole reports whether a number ends before rest: a dossier is not looked for by
// the beginning of another one's number.
func whole(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return r != '-' && r != '–' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
}

// dossierOf is the number of a dossier as identifiers have it.
func dossierOf(m []string) string {
	out := m[1] + m[2]
	switch {
	case m[3] != "":
		out += "-" + m[3]
	case m[4] != "":
		out += "-" + m[4]
	case m[5] != "":
		out += "-(" + strings.ReplaceAll(m[5], " ", "") + ")"
	}
	return out
}

// papers are the identifiers that a paper of a dossier may have.
func papers(dossier, number string) []string {
	id := "kst-" + dossier + "-" + number
	if bare := strings.NewReplacer("(", "", ")", "").Replace(id); bare != id {
		return []string{id, bare}
	}
	return []string{id}
}

// dossierOrPaper tells apart what is written alike: 21501-20 is a dossier, 35842-4 a
// paper. The index knows which.
func dossierOrPaper(m []string) []Mention {
	of := Mention{Filter: Filter{Dossiers: []string{dossierOf(m)}}}
	if m[6] != "" {
		return []Mention{{Filter: Filter{Identifiers: papers(dossierOf(m), m[6])}}}
	}
	if m[4] != "" || len(m[3]) == 1 {
		return []Mention{{Filter: Filter{Identifiers: papers(m[1]+m[2], m[3]+m[4])}}, of}
	}
	return []Mention{of}
}

// maxLaw is how many words the title of a law may have to be looked for.
const maxLaw = 10

// lawsAround are the word groups beside "artikel 5.1" that may name a law: those
// that begin right behind it, and those that end right before it. Which of them
// is one the index knows.
func lawsAround(before, after string) []string {
	var out []string
	after = member.ReplaceAllString(after, "")
	words := strings.Fields(plainForm(sentence(after)))
	for len(words) > 0 && (words[0] == "van" || words[0] == "uit" || words[0] == "in" || words[0] == "de" || words[0] == "het") {
		words = words[1:]
	}
	for n := 1; n <= min(len(words), maxLaw); n++ {
		out = append(out, strings.Join(words[:n], " "))
	}
	words = strings.Fields(plainForm(before))
	for n := 1; n <= min(len(words), maxLaw); n++ {
		out = append(out, strings.Join(words[len(words)-n:], " "))
	}
	return out
}

// sentence is a text up to what ends a sentence or a clause.
func sentence(s string) string {
	if i := strings.IndexAny(s, "?!;:\n("); i >= 0 {
		s = s[:i]
	}
	return strings.TrimRight(s, ". ")
}
