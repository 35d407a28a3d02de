package answer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// PersonalKind is a kind of personal data that is recognised by its form.
type PersonalKind string

// The kinds, in the words of the mask that replaces them.
const (
	BSN   PersonalKind = "BSN"      // citizen service number
	IBAN  PersonalKind = "IBAN"     // bank account number, ISO 13616
	Email PersonalKind = "e-mail"   // of a person; info@ and the like are none
	Phone PersonalKind = "telefoon" // Dutch subscriber number; 0800, 0900, 088 and 14 0xx are none
)

// Finding is personal data at [Start,End), byte offsets in the text as given.
type Finding struct {
	Kind       PersonalKind
	Start, End int
}

// FindPersonalData returns the personal data in a text that can be told by its
// form and check digits, in order, without overlap. It sees through full-width
// characters, zero-width characters and typographic spaces and dashes. It does
// not know names or addresses.
func FindPersonalData(text string) []Finding {
	t := plain(text)
	var found []Finding
	add := func(kind PersonalKind, spans [][2]int) {
		for _, s := range spans {
			f := Finding{kind, t.at[s[0]], t.at[s[1]-1] + t.size[s[1]-1]}
			if !slices.ContainsFunc(found, func(o Finding) bool { return f.Start < o.End && o.Start < f.End }) {
				found = append(found, f)
			}
		}
	}
	// An IBAN holds digits that look like a telephone number, so it goes first.
	add(IBAN, scan(t.s, ibanStart, ibanEnd))
	add(Email, scan(t.s, emailForm, emailEnd))
	add(Phone, scan(t.s, phoneForm, phoneEnd))
	add(BSN, scan(t.s, bsnForm, bsnEnd))
	slices.SortFunc(found, func(a, b Finding) int { return a.Start - b.Start })
	return found
}

// MaskPersonalData replaces what FindPersonalData finds by its kind in square
// brackets: "[BSN]".
func MaskPersonalData(text string) string {
	var b strings.Builder
	last := 0
	for _, f := range FindPersonalData(text) {
		b.WriteString(text[last:f.Start])
		b.WriteString("[" + string(f.Kind) + "]")
		last = f.End
	}
	b.WriteString(text[last:])
	return b.String()
}

// folded is a text in plain characters, with for each of its bytes where the
// original character starts and how many bytes it has.
type folded struct {
	s        string
	at, size []int
}

func plain(text string) folded {
	var b strings.Builder
	var f folded
	for i, r := range text {
		size := utf8.RuneLen(r)
		if size < 0 || r == utf8.RuneError && !strings.HasPrefix(text[i:], "\uFFFD") {
			r, size = utf8.RuneError, 1 // a byte that is not UTF-8
		}
		switch {
		case unicode.Is(unicode.Cf, r): // zero-width and other format characters
			continue
		case r >= 0xFF01 && r <= 0xFF5E: // full-width ASCII
			r -= 0xFF01 - '!'
		case r >= 0x2010 && r <= 0x2015 || r == 0x2212:
			r = '-'
		case unicode.IsSpace(r):
			r = ' '
		}
		n, _ := b.WriteRune(r)
		for range n {
			f.at, f.size = append(f.at, i), append(f.size, size)
		}
	}
	f.s = b.String()
	return f
}

// scan yields the spans that start where form matches and that accept confirms.
// RE2 cannot look around, so accept sees the whole text; it returns the end of
// the span, -1 to reject it and try the next start, or -n to reject everything
// before n.
func scan(s string, form *regexp.Regexp, accept func(s string, start, end int) int) [][2]int {
	var spans [][2]int
	for i := 0; i < len(s); {
		m := form.FindStringIndex(s[i:])
		if m == nil {
			break
		}
		start, end := i+m[0], i+m[1]
		if end = accept(s, start, end); end > start {
			spans = append(spans, [2]int{start, end})
			i = end
			continue
		}
		// Go on after the run of digits, or the next candidate is its tail.
		i = max(start+1, -end)
		for i < len(s) && digit(s[i-1]) && digit(s[i]) {
			i++
		}
	}
	return spans
}

func digit(c byte) bool { return c >= '0' && c <= '9' }

func alnum(c byte) bool {
	return digit(c) || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// apart reports whether [start,end) is no part of a longer word or number.
func apart(s string, start, end int) bool {
	return (start == 0 || !alnum(s[start-1])) && (end == len(s) || !alnum(s[end]))
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

var (
	bsnForm = regexp.MustCompile(`\d(?:[. -]?\d){7,8}`)
	bsnWord = regexp.MustCompile(`(?i)\b(?:bsn|burgerservice|sofi)`)
	// Other numbers of the same length that people write with their kind.
	otherNumber = regexp.MustCompile(`(?i)(?:zaak|kenmerk|dossier|kvk|factuur|aanslag|artikel|besluit|referentie|rsin|order|melding)[\p{L}]*[\s:.#-]*(?:is|nr\.?|nummer)?[\s:.#-]*$`)
)

// bsnEnd accepts what passes the test of eleven. One in eleven numbers does, so
// eight digits or digits in groups count only with a word for it near.
func bsnEnd(s string, start, end int) int {
	if !apart(s, start, end) || continues(s, start, end) || !elevenTest(digits(s[start:end])) {
		return -1
	}
	near := s[max(0, start-60):min(len(s), end+40)]
	if bsnWord.MatchString(near) {
		return end
	}
	if end-start != 9 || otherNumber.MatchString(s[max(0, start-40):start]) {
		return -1
	}
	return end
}

// continues reports whether a separator joins the span to further digits.
func continues(s string, start, end int) bool {
	before := start >= 2 && digit(s[start-2]) && strings.IndexByte(".-,", s[start-1]) >= 0
	after := end+1 < len(s) && digit(s[end+1]) && strings.IndexByte(".-,", s[end]) >= 0
	return before || after
}

// elevenTest is the check of a BSN: with the digits padded to nine, the sum of
// 9,8,7,6,5,4,3,2,-1 times each is a multiple of eleven.
func elevenTest(d string) bool {
	if len(d) < 8 || len(d) > 9 || strings.Trim(d, "0") == "" {
		return false
	}
	sum := 0
	for i, w := len(d)-1, -1; i >= 0; i-- {
		sum += w * int(d[i]-'0')
		if w == -1 {
			w = 1
		}
		w++
	}
	return sum%11 == 0
}

var (
	ibanStart = regexp.MustCompile(`(?i)[A-Z]{2}\d{2}[ -]?[A-Z0-9]`)
	// Lengths from the IBAN registry; other countries' numbers are found when
	// they are written without spaces.
	ibanLength = map[string]int{
		"AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
		"FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LT": 20, "LU": 20,
		"LV": 21, "MA": 28, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19,
		"SK": 24, "TR": 26, "UA": 29,
	}
)

func ibanEnd(s string, start, _ int) int {
	if start > 0 && alnum(s[start-1]) {
		return -1
	}
	want := ibanLength[strings.ToUpper(s[start:start+2])]
	var n []byte
	i := start
	for ; i < len(s) && len(n) < 34 && (want == 0 || len(n) < want); i++ {
		switch c := s[i]; {
		case c < 0x80 && alnum(c):
			n = append(n, c)
			continue
		case want > 0 && (c == ' ' || c == '-' || c == '.') && i+1 < len(s) && alnum(s[i+1]):
			continue
		}
		break
	}
	if len(n) < 15 || len(n) < want || !apart(s, start, i) || mod97(strings.ToUpper(string(n))) != 1 {
		return -1
	}
	return i
}

// mod97 is ISO 7064 MOD 97-10 as IBANs use it: the first four characters move
// to the end, A is 10, Z is 35.
func mod97(n string) int {
	r := 0
	for _, c := range n[4:] + n[:4] {
		if c >= 'A' {
			r = (r*100 + int(c-'A') + 10) % 97
		} else {
			r = (r*10 + int(c-'0')) % 97
		}
	}
	return r
}

var (
	emailForm = regexp.MustCompile(`[\p{L}\d.!#$%&'*+/=?^_{|}~-]+@[\p{L}\d.-]+\.[\p{L}]{2,}`)
	roleName  = regexp.MustCompile(`(?i)^(?:info|gemeente|contact|post|post(?:bus|kamer)|privacy|fg|griffie|raad|college|bestuur|secretariaat|webmaster|webredactie|redactie|pers|communicatie|klantenservice|klantcontact|servicedesk|helpdesk|support|burgerzaken|belasting(?:en)?|parkeren|wmo|woo|archief|vergunningen|omgevingsloket|security|no-?reply|algemeen|balie|loket)(?:[.+_-].*)?$`)
)

func emailEnd(s string, start, end int) int {
	name, _, _ := strings.Cut(s[start:end], "@")
	if roleName.MatchString(strings.Trim(name, ".'!?*")) {
		return -end // go on after it: its tail would look like another address
	}
	return end
}

var (
	phoneForm   = regexp.MustCompile(`(?:\+31|0031)[ -]?(?:\(0\)[ -]?)?[1-9](?:[ -]?\d){8}|\(?0[1-9]\d{0,2}\)?(?:[ -]{0,3}\d){6,8}`)
	phonePublic = regexp.MustCompile(`^(?:800|900|906|909|88)`)
)

func phoneEnd(s string, start, end int) int {
	d := digits(s[start:end])
	switch {
	case !apart(s, start, end) || continues(s, start, end):
		return -1
	case strings.HasPrefix(d, "0031"):
		d = d[4:]
	case strings.HasPrefix(d, "31") && s[start] == '+':
		d = d[2:]
	}
	if d = strings.TrimPrefix(d, "0"); len(d) != 9 || d[0] == '0' || phonePublic.MatchString(d) {
		return -1
	}
	return end
}
