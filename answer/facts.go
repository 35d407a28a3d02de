package answer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// fact is something in a sentence that a source must have in the same form:
// a wrong one does harm, however well the rest of the sentence fits.
type fact struct {
	kind  string // number, name, link, negation
	value string // normalised
}

var (
	numberForm = regexp.MustCompile(`\d+(?:[.,:]\d+)*`)
	linkForm   = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+|\b[\w.-]+@[\w-]+\.\w+`)
	wordForm   = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}'’.-]*`)
)

// facts lists the hard facts of a sentence: links, numbers (amounts, dates,
// times, ages, article numbers), number words, months, and names.
func facts(sentence string) []fact {
	var out []fact
	for _, l := range linkForm.FindAllString(sentence, -1) {
		out = append(out, fact{"link", normalLink(l)})
	}
	rest := linkForm.ReplaceAllString(sentence, " ")
	for _, n := range numberForm.FindAllString(rest, -1) {
		out = append(out, fact{"number", normalNumber(n)})
	}
	for i, w := range wordForm.FindAllString(rest, -1) {
		w = strings.TrimRight(w, ".-'’")
		lower := strings.ToLower(w)
		switch {
		case months[lower] || numberWords[lower]:
			out = append(out, fact{"number", lower})
		case i > 0 && name(w) || i == 0 && acronym(w):
			out = append(out, fact{"name", lower})
		}
	}
	return out
}

// name reports whether a word within a sentence is a name by its form.
func name(w string) bool {
	r, n := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r) && len(w) > n && !polite[w]
}

// acronym reports whether a word is all capitals, such as "BRP".
func acronym(w string) bool {
	n := 0
	for _, r := range w {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n >= 2
}

// polite words are written with a capital within a sentence and are no names.
var polite = set("U Uw Ik De Het Een Als Dit Dat Deze Wij Ook In Op Voor Ja Nee")

// normalNumber drops points between thousands and writes decimals with a
// point; a trailing ",00" goes.
func normalNumber(n string) string {
	if strings.Contains(n, ":") {
		return strings.ReplaceAll(n, ":", ".")
	}
	if i := strings.LastIndexByte(n, ','); i >= 0 {
		n = strings.ReplaceAll(n[:i], ".", "") + "." + n[i+1:]
		return strings.TrimSuffix(n, ".00")
	}
	parts := strings.Split(n, ".")
	if len(parts) > 1 && len(parts[0]) <= 3 && parts[0] != "0" {
		for _, p := range parts[1:] {
			if len(p) != 3 {
				return strings.TrimSuffix(n, ".00")
			}
		}
		return strings.Join(parts, "")
	}
	return n
}

func normalLink(l string) string {
	l = strings.ToLower(strings.TrimRight(l, ".,;:)!?\"'"))
	for _, p := range []string{"https://", "http://", "www."} {
		l = strings.TrimPrefix(l, p)
	}
	return strings.TrimRight(l, "/")
}

var months = set("januari februari maart april mei juni juli augustus september oktober november december")

var numberWords = set("twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien " +
	"zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend miljoen miljard " +
	"half halve helft dubbel dubbele eerste tweede derde vierde vijfde")

// negations turn a sentence round.
var negations = set("niet geen nooit niets niemand nergens noch zonder evenmin")

// modals say whether something must, may or can be; one is not the other.
var modals = map[string]string{
	"moet": "must", "moeten": "must", "verplicht": "must", "dient": "must", "dienen": "must", "hoeft": "need", "hoeven": "need",
	"mag": "may", "mogen": "may", "kan": "can", "kunt": "can", "kunnen": "can",
}

// conditions limit what a sentence says.
var conditions = set("alleen uitsluitend slechts tenzij behalve mits minimaal maximaal minstens hoogstens meer minder ouder jonger hoger lager voor na vanaf tot binnen")

func set(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}
