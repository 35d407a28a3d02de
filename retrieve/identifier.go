package retrieve

import (
	"regexp"
	"strings"
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

var (
	officialID = regexp.MustCompile(`(?i)\b(?:(?:kst|blg|stb|stcrt|trb|gmb|prb|wsb|bgr|exb|kv-tk|ah-tk|ah-ek|h-tk|h-ek|ah|nds-tk)-[0-9a-z]+(?:-[0-9a-z]+)*|bwbr[0-9]{7}|cvdr[0-9]+(?:_[0-9]+)?|20[0-9]{2}[dz][0-9]{5}|ecli:[a-z]{2}:[a-z0-9]+:[0-9]{4}:[a-z0-9.]+)\b`)
	// A paper of parliament: "36 600 VII, nr. 12", "36600-VII nr 12", "35 842, D".
	paper = regexp.MustCompile(`(?i)\b([0-9]{2})[ .]?([0-9]{3})(?:[ \-–]{0,3}\(?([IVXLC]{1,6})\)?)?\s*,?\s*(?:nr|no|nummer|ondernummer)\b\.?\s*([0-9]{1,4}|[A-Z]{1,3})\b`)
	// A journal: "Stb. 2021, 499", "Staatscourant 2015, nr. 47076".
	journal  = regexp.MustCompile(`(?i)\b(stb|staatsblad|stcrt|staatscourant|trb|tractatenblad|gmb|gemeenteblad)\.?\s*(?:van\s+)?((?:19|20)[0-9]{2})\s*,?\s*(?:nr\.?|nummer)?\s*([0-9]{1,6})\b`)
	dossier  = regexp.MustCompile(`(?i)\b(?:dossier|kamerstuk(?:ken)?|wetsvoorstel)\s*(?:nr\.?|nummer|[iI]{1,2})?\s*([0-9]{2}[ .]?[0-9]{3}(?:[ \-–]{1,3}[IVXLC]{1,6}\b)?)`)
	number   = regexp.MustCompile(`^\s*([0-9]{2}[ .]?[0-9]{3}(?:[ \-–]{1,3}[IVXLC]{1,6})?)\s*\??\s*$`)
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
		id := "kst-" + m[1] + m[2]
		if m[3] != "" {
			id += "-" + m[3]
		}
		add(Mention{Filter: Filter{Identifiers: []string{id + "-" + m[4]}}})
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
	for _, m := range dossier.FindAllStringSubmatch(rest, -1) {
		add(Mention{Filter: Filter{Dossiers: []string{m[1]}}})
	}
	if m := number.FindStringSubmatch(rest); m != nil {
		add(Mention{Filter: Filter{Dossiers: []string{m[1]}}})
	}
	for _, at := range article.FindAllStringSubmatchIndex(question, -1) {
		if laws := lawsAround(question[:at[0]], question[at[1]:]); len(laws) > 0 {
			add(Mention{Filter: Filter{Laws: laws}, Article: strings.ReplaceAll(question[at[2]:at[3]], ":", ".")})
		}
	}
	return out
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
