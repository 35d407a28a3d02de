package retrieve

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
)

// Filter narrows a search to documents with certain properties. Each list that
// is not empty has to be met by one of its values. The properties are those of
// Info.Meta, several values of one in the form "a; b".
type Filter struct {
	Dossiers []string // in any spelling: "36600-VII", "36 600 VII"; without its chapter it means all of them
	Sessions []string // parliamentary years (vergaderjaar): "2024-2025", "2024/25"
	Kinds    []string // kinds of publication (soort): "Motie"
	Authors  []string // words of a name (indiener): "van Dijk"
	// Identifiers are official ones: "kst-32545-143", "2021D12345".
	Identifiers []string
	Laws        []string // titles or abbreviations of laws: "Wet open overheid", "Woo"
	// From and Until bound the date of publication, both included; a document
	// without one is outside. Zero leaves that side open.
	From, Until time.Time
}

// Empty reports whether everything passes.
func (f Filter) Empty() bool {
	return len(f.Groups()) == 0 && f.From.IsZero() && f.Until.IsZero()
}

// Groups are what a store compares: a document passes if its Tags have one of
// each group. They are sorted, each once.
func (f Filter) Groups() [][]string {
	var out [][]string
	for _, g := range []struct {
		key    string
		values []string
		normal func(string) string
	}{
		{"dossier", f.Dossiers, dossierForm}, {"vergaderjaar", f.Sessions, sessionForm}, {"soort", f.Kinds, plainForm},
		{"indiener", f.Authors, plainForm}, {"id", f.Identifiers, plainForm}, {"wet", f.Laws, plainForm},
	} {
		var tags []string
		for _, v := range g.values {
			if v = g.normal(v); v != "" {
				tags = append(tags, g.key+":"+v)
			}
		}
		if len(tags) > 0 {
			slices.Sort(tags)
			out = append(out, slices.Compact(tags))
		}
	}
	return out
}

// Published reports whether a date of publication is within the bounds. Until is
// a day: all of it is included.
func (f Filter) Published(at time.Time) bool {
	if f.From.IsZero() && f.Until.IsZero() {
		return true
	}
	return !at.IsZero() && (f.From.IsZero() || !at.Before(f.From)) && (f.Until.IsZero() || at.Before(f.End()))
}

// End is the moment after the last day that Until includes; zero without it.
func (f Filter) End() time.Time {
	if f.Until.IsZero() {
		return f.Until
	}
	y, m, d := f.Until.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, f.Until.Location())
}

// Allows reports whether a document with these properties passes.
func (f Filter) Allows(i *Info) bool {
	if !f.Published(i.Published) {
		return false
	}
	groups := f.Groups()
	return len(groups) == 0 || Pass(groups, i.Tags())
}

// Pass reports whether sorted tags have one of each group.
func Pass(groups [][]string, tags []string) bool {
	for _, g := range groups {
		if !slices.ContainsFunc(g, func(t string) bool { _, ok := slices.BinarySearch(tags, t); return ok }) {
			return false
		}
	}
	return true
}

// maxName is the number of words of a name that are looked for together.
const maxName = 5

// Tags are the properties of a document that filters compare, as "key:value",
// sorted, each once. A name counts by every run of its words, so that "van Dijk"
// finds "Inge van Dijk", and not somebody else's "van" with another one's "Dijk".
func (i *Info) Tags() []string {
	var out []string
	for v := range values(i.Meta["dossier"]) {
		if d := dossierForm(v); d != "" {
			out = append(out, "dossier:"+d)
			if main, _, ok := strings.Cut(d, "-"); ok {
				out = append(out, "dossier:"+main)
			}
		}
	}
	for v := range values(i.Meta["vergaderjaar"]) {
		out = append(out, "vergaderjaar:"+sessionForm(v))
	}
	for v := range values(i.Meta["soort"]) {
		out = append(out, "soort:"+plainForm(v))
	}
	for v := range values(i.Meta["indiener"]) {
		words := strings.Fields(plainForm(v))
		for a := range words {
			for b := a + 1; b <= min(len(words), a+maxName); b++ {
				out = append(out, "indiener:"+strings.Join(words[a:b], " "))
			}
		}
	}
	id := plainForm(i.Meta["identifier"])
	for _, v := range []string{id, plainForm(i.Meta["nummer"])} {
		if v != "" && strings.ContainsAny(v, "0123456789") {
			out = append(out, "id:"+v)
		}
	}
	if strings.HasPrefix(id, "bwb") || strings.HasPrefix(id, "cvdr") {
		for _, name := range lawNames(i.Title) {
			out = append(out, "wet:"+name)
		}
		if base, _, ok := strings.Cut(id, "_"); ok { // a version of a local regulation
			out = append(out, "id:"+base)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// values are those of a property with several.
func values(s string) func(func(string) bool) {
	return func(yield func(string) bool) {
		for v := range strings.SplitSeq(s, ";") {
			if v = strings.TrimSpace(v); v != "" && !yield(v) {
				return
			}
		}
	}
}

// plainForm compares without case, marks and double spaces; the marks within
// identifiers stay.
func plainForm(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return unicode.IsSpace(r) || r != '-' && r != '_' && r != '.' && r != ':' && r != '/' && r != '\'' && !unicode.IsLetter(r) && !unicode.IsNumber(r)
	}), " ")
}

var (
	dossierPattern = regexp.MustCompile(`(?i)^\s*([0-9]{2})[ .]?([0-9]{3})(?:[ \-–.,]*(?:hoofdstuk )?\(?([IVXLC]+[A-Z]?|[A-Z])\)?|[ \-–]+([0-9]{1,3})|[ \-–]*\(?(R ?[0-9]{2,4})\)?)?\s*$`)
	sessionPattern = regexp.MustCompile(`^\s*([0-9]{4})\s*[-–/]\s*(?:[0-9]{2})?([0-9]{2})\s*$`)
)

// dossierForm is "36600-vii", "21501-20" or "34000-r2034", for any of their
// spellings.
func dossierForm(s string) string {
	m := dossierPattern.FindStringSubmatch(s)
	if m == nil {
		return plainForm(s)
	}
	out := m[1] + m[2]
	if tail := m[3] + m[4] + m[5]; tail != "" {
		out += "-" + strings.ToLower(strings.ReplaceAll(tail, " ", ""))
	}
	return out
}

// sessionForm is "2024-2025".
func sessionForm(s string) string {
	m := sessionPattern.FindStringSubmatch(s)
	if m == nil {
		return plainForm(s)
	}
	return m[1] + "-" + m[1][:2] + m[2]
}

// lawNames are what a law is called: its title, without what is behind it in
// brackets, and the first letters of its words, with its year and without: "wmo
// 2015", "wmo".
func lawNames(title string) []string {
	title, _, _ = strings.Cut(title, "[")
	title, _, _ = strings.Cut(title, "(")
	name := plainForm(title)
	words := strings.Fields(name)
	if len(words) == 0 {
		return nil
	}
	out := []string{name}
	last := words[len(words)-1]
	year := len(last) == 4 && strings.Trim(last, "0123456789") == ""
	if year {
		words = words[:len(words)-1]
		out = append(out, strings.Join(words, " "))
	}
	letters := ""
	for _, w := range words {
		if small[w] {
			continue
		}
		for _, r := range w {
			letters += string(r)
			break
		}
	}
	if len([]rune(letters)) >= 2 {
		out = append(out, letters)
		if year {
			out = append(out, letters+" "+last)
		}
	}
	return out
}

// small words have no letter in an abbreviation.
var small = map[string]bool{"de": true, "het": true, "een": true, "van": true, "en": true, "in": true, "op": true, "voor": true, "tot": true, "bij": true, "ter": true, "inzake": true}
