package dutch

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/runes"
	"golang.org/x/text/transform"
	"golang.org/x/text/unicode/norm"
)

// fold lower-cases and removes diacritics and compatibility forms: "Coördinatie"
// and "coordinatie" are one word, as are "½" and "1⁄2".
func fold(s string) string {
	ascii := true
	for i := range len(s) {
		if s[i] >= 0x80 {
			ascii = false
			break
		}
	}
	if !ascii {
		t := transform.Chain(norm.NFKD, runes.Remove(runes.In(unicode.Mn)), norm.NFC)
		if folded, _, err := transform.String(t, s); err == nil {
			s = folded
		}
	}
	return strings.ToLower(s)
}

// tokens yields the words and numbers of a text, folded. Numbers keep their
// decimals and lose the points between thousands ("1.250,50" is "1250.50",
// "5.1" stays); abbreviations lose their points ("o.a." is "oa"); words with a
// hyphen are given by their parts and as a whole ("id", "kaart", "idkaart"), so
// that "36600-VII" is found as written and by its number.
func tokens(text string, yield func(tok string, part bool)) {
	s := strings.ReplaceAll(fold(text), "\u2019", "'")
	for i := 0; i < len(s); {
		n := wordRune(s[i:])
		if n == 0 {
			i++
			continue
		}
		j := i + n
		for j < len(s) {
			n := wordRune(s[j:])
			if n == 0 && joiner(s[j]) && wordRune(s[j+1:]) > 0 {
				n = 1
			}
			if n == 0 {
				break
			}
			j += n
		}
		word(s[i:j], yield)
		i = j
	}
}

// wordRune returns the length in bytes of the letter or digit that s begins
// with, 0 if it begins with anything else.
func wordRune(s string) int {
	if s == "" {
		return 0
	}
	if c := s[0]; c < utf8.RuneSelf {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return 1
		}
		return 0
	}
	if r, n := utf8.DecodeRuneInString(s); unicode.IsLetter(r) || unicode.IsDigit(r) {
		return n
	}
	return 0
}

func joiner(c byte) bool { return strings.IndexByte(".,-'/_:", c) >= 0 }

func word(w string, yield func(string, bool)) {
	if number(w) {
		yield(normalNumber(w), false)
		return
	}
	parts := strings.FieldsFunc(w, func(r rune) bool {
		return strings.ContainsRune(".,-'/_:\u2013\u2014\u201c\u201d\u2018\u20ac\u2026\u00ab\u00bb", r)
	})
	switch {
	case len(parts) == 0:
	case len(parts) == 1:
		yield(parts[0], false)
	case abbreviation(parts) || strings.Contains(w, "'") && len(parts[len(parts)-1]) <= 2: // "o.a.", "foto's"
		yield(strings.Join(parts, ""), false)
	default:
		for _, p := range parts {
			yield(p, false)
		}
		if !strings.ContainsAny(w, "/,:") && len(w) <= 40 {
			yield(strings.Join(parts, ""), true)
		}
	}
}

// number reports whether w is digits with points and commas between them.
func number(w string) bool {
	for i := range len(w) {
		if (w[i] < '0' || w[i] > '9') && w[i] != '.' && w[i] != ',' {
			return false
		}
	}
	return true
}

func normalNumber(w string) string {
	if i := strings.LastIndexByte(w, ','); i >= 0 && strings.IndexByte(w, ',') == i {
		return strings.ReplaceAll(w[:i], ".", "") + "." + w[i+1:]
	}
	groups := strings.Split(w, ".")
	if len(groups) > 1 && len(groups[0]) <= 3 {
		for _, g := range groups[1:] {
			if len(g) != 3 {
				return w
			}
		}
		return strings.Join(groups, "")
	}
	return w
}

func abbreviation(parts []string) bool {
	for _, p := range parts {
		if len(p) != 1 {
			return false
		}
	}
	return true
}
