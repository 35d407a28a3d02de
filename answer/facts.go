package answer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// numeral is a number with what makes it a fact: its unit, and the comparison
// that bounds it.
type numeral struct {
	value string // normalised: "1250", "86.85", "2e" for an ordinal
	unit  string // of the vocabulary; "month 5" for the first of May; "" for none
	bound string // one of the groups of bounds, "" for exactly
}

var (
	linkForm = regexp.MustCompile(`(?i)\b(?:https?://|www\.)\S+|\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\b[a-z0-9][\w-]*(?:\.[\w-]+)*\.(?:nl|eu|com|org|net|gov|info|example|frl|amsterdam)\b(?:/\S*)?`)
	wordForm = regexp.MustCompile(`[\p{L}\p{N}][\p{L}\p{N}'’.-]*`)
	dateForm = regexp.MustCompile(`^(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})[-/](\d{1,2})[-/](\d{4}))$`)
	ordinal  = regexp.MustCompile(`^(?:e|de|ste)$`)
)

// bounds of numbers, grouped by what they say.
var bounds = map[string]string{
	"more": ">", "older": ">", "higher": ">", "longer": ">", "larger": ">", "above": ">", "after": ">", "later": ">", "dearer": ">",
	"least": ">=", "from": ">=",
	"less": "<", "younger": "<", "lower": "<", "shorter": "<", "smaller": "<", "under": "<", "before": "<", "earlier": "<", "until": "<", "cheaper": "<",
	"most": "<=", "ultimately": "<=", "within": "<=",
}

// quantify gives the numbers among tokens their units and bounds, and marks the
// tokens that gave them.
func quantify(ts []token) {
	for i := len(ts) - 1; i >= 0; i-- {
		if n := ts[i].num; n != nil {
			n.unit = unitAt(ts, i)
			bind(ts, i)
		}
	}
}

// unitAt is the unit after a number, before it where it is a currency, or that
// of the number it makes a range with.
func unitAt(ts []token, i int) string {
	n := ts[i].num
	if i > 0 && ts[i-1].class == unit && (ts[i-1].value == "euro" || ts[i-1].value == "dollar" || ts[i-1].value == "pound") {
		ts[i-1].bound = true
		return ts[i-1].value
	}
	for j := i + 1; j < min(i+3, len(ts)); j++ {
		switch t := &ts[j]; {
		case j == i+1 && t.joined && ordinal.MatchString(t.lower):
			n.value += "e"
			t.class, t.bound = filler, true
		case t.num != nil:
			return rangeUnit(ts, i, j)
		case t.class == unit && (j == i+1 || j+1 >= len(ts) || ts[j+1].num == nil):
			t.bound = true
			return t.value
		case t.class == month:
			t.bound = true
			return "month " + t.value
		case t.class == content && j == i+1:
			if u := unitEnding(t.lower); u != "" {
				t.bound = true
				return u
			}
			continue // "5 hele dagen"
		default:
			return rangeUnit(ts, i, j)
		}
	}
	return ""
}

// rangeUnit is the unit of the number that follows a number by at most three
// joining words: "3 tot en met 5 dagen".
func rangeUnit(ts []token, i, j int) string {
	for ; j < min(i+5, len(ts)); j++ {
		if ts[j].num != nil {
			if u := ts[j].num.unit; j > i+1 && len(ts[j].num.value) < 4 || u == "euro" {
				return u
			}
			return ""
		}
		switch ts[j].lower {
		case "tot", "en", "of", "à", "t", "m", "met", "tussen":
		default:
			return ""
		}
	}
	return ""
}

func unitEnding(w string) string {
	for _, e := range [...][2]string{{"dagen", "day"}, {"dag", "day"}, {"weken", "week"}, {"maanden", "month"}, {"jaren", "year"}, {"jaar", "year"}, {"uren", "hour"}, {"uur", "hour"}} {
		if strings.HasSuffix(w, e[0]) {
			return e[1]
		}
	}
	return ""
}

// bind finds the comparison that bounds a number: "maximaal 5", "ouder dan 18",
// "na 1 mei", "18 jaar of ouder", "tot en met 5".
func bind(ts []token, i int) {
	if !boundAfter(ts, i) {
		boundBefore(ts, i)
	}
}

func boundAfter(ts []token, i int) bool {
	for j := i + 1; j < min(i+5, len(ts)); j++ {
		t := &ts[j]
		if t.class == degree && (ts[j-1].lower == "of" || ts[j-1].lower == "en") {
			b := bounds[t.value]
			if b != ">" && b != "<" {
				return false
			}
			ts[i].num.bound, t.bound = b+"=", true
			ts[i].num.age(t.value)
			return true
		}
		if t.num != nil || t.class != filler && t.class != unit && t.class != month {
			return false
		}
	}
	return false
}

// age gives the years that are not written in "jonger dan 18".
func (n *numeral) age(comparison string) {
	if n.unit == "" && (comparison == "older" || comparison == "younger") {
		n.unit = "year"
	}
}

func boundBefore(ts []token, i int) {
	n := ts[i].num
	dated := strings.HasPrefix(n.unit, "month ") || n.unit == "hour" || len(n.value) == 4
	for j := i - 1; j >= max(0, i-4); j-- {
		t := &ts[j]
		switch {
		case t.num == nil && (t.class == filler || t.class == unit && t.bound || t.lower == "ongeveer" || t.lower == "met"):
		case t.num == nil && (t.class == degree || t.class == relation) && (t.value != "before" || dated) && bounds[t.value] != "":
			n.bound, t.bound = bounds[t.value], true
			n.age(t.value)
			if t.value == "until" && j+2 < i && ts[j+1].lower == "en" && ts[j+2].lower == "met" {
				n.bound = "<="
			}
			return
		default:
			return
		}
	}
}

// converted gives a number in the smallest unit of its kind, so that two weeks
// are fourteen days.
func (n numeral) converted() (string, string) {
	var factor float64
	var unit string
	switch n.unit {
	case "week":
		factor, unit = 7, "day"
	case "year":
		factor, unit = 12, "month"
	default:
		return n.value, n.unit
	}
	v, err := strconv.ParseFloat(n.value, 64)
	if err != nil {
		return n.value, n.unit
	}
	return strconv.FormatFloat(v*factor, 'f', -1, 64), unit
}

// equals reports whether two numbers are the same fact, bounds apart. A statement
// may leave out a unit, never add or change it.
func (n numeral) equals(source numeral) bool {
	if n.unit == "" {
		return n.value == source.value
	}
	av, au := n.converted()
	bv, bu := source.converted()
	return av == bv && au == bu
}

func (n numeral) String() string {
	s := n.value
	if n.unit != "" {
		s += " " + n.unit
	}
	return strings.TrimSpace(n.bound + " " + s)
}

// numberWordValues are the Dutch number words with their values. "een" is an
// article far more often than a number.
func numberWordValues() map[string]string {
	ones := strings.Fields("één twee drie vier vijf zes zeven acht negen")
	out := map[string]string{"tien": "10", "elf": "11", "twaalf": "12", "dertien": "13", "veertien": "14", "vijftien": "15", "zestien": "16",
		"zeventien": "17", "achttien": "18", "negentien": "19", "honderd": "100", "anderhalf": "1.5", "anderhalve": "1.5", "half": "0.5", "halve": "0.5",
		"eerste": "1e", "tweede": "2e", "derde": "3e", "vierde": "4e", "vijfde": "5e", "zesde": "6e", "zevende": "7e", "achtste": "8e", "negende": "9e", "tiende": "10e", "elfde": "11e", "twaalfde": "12e"}
	for i, o := range ones {
		out[o] = strconv.Itoa(i + 1)
	}
	for t, ten := range strings.Fields("twintig dertig veertig vijftig zestig zeventig tachtig negentig") {
		out[ten] = strconv.Itoa(10 * (t + 2))
		for i, o := range ones {
			joint := "en"
			if strings.HasSuffix(o, "e") {
				joint = "ën"
			}
			if i == 0 {
				o = "een"
			}
			out[o+joint+ten] = strconv.Itoa(10*(t+2) + i + 1)
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
	if strings.Contains(n, "/") {
		return n
	}
	if len(n) > 2 && n[0] == '0' && n[1] >= '0' && n[1] <= '9' && strings.ContainsAny(n, ":.") {
		n = n[1:] // 09:00
	}
	if strings.Contains(n, ":") {
		return strings.TrimSuffix(strings.ReplaceAll(n, ":", "."), ".00")
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

func set(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}
