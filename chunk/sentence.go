package chunk

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences returns the byte ranges of the sentences of a text, in order,
// without the white space around them. Lines that an extractor kept apart are
// apart here too. Dutch abbreviations, initials, numbers with points and
// article numbers do not end a sentence.
func Sentences(text string) []Span {
	var out []Span
	start := 0
	end := func(i int) {
		a, b := start, i
		for a < b && isSpace(text[a]) {
			a++
		}
		for b > a && isSpace(text[b-1]) {
			b--
		}
		if a < b {
			out = append(out, Span{a, b})
		}
		start = i
	}
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '\n':
			end(i + 1)
		case '.', '!', '?', ';':
			j := i + 1
			for j < len(text) && strings.IndexByte(`.!?"')]`, text[j]) >= 0 {
				j++
			}
			if strings.HasPrefix(text[j:], "”") || strings.HasPrefix(text[j:], "’") {
				j += len("”")
			}
			if c == ';' || j < len(text) && !isSpace(text[j]) {
				continue
			}
			if c == '.' && !endsSentence(text, i, j) {
				continue
			}
			end(j)
			i = j - 1
		}
	}
	end(len(text))
	return out
}

// abbreviations are followed by more of the same sentence; each stands between
// spaces.
const abbreviations = " " +
	"art artt nr nrs blz bijv bv dhr mevr mw drs dr ir ing mr prof c.q cq ca d.d dd e.d e.v enz etc " +
	"evt excl i.c i.p.v i.v.m incl jl jr jrg lid m.b.t m.b.v m.i.v m.n max min n.a.v nl o.a o.b.v " +
	"o.g.v o.l.v o.m p.p p/a par pag plm resp t.a.v t.b.v t.g.v t.h.v t.m t.n.v t.o.v t/m vgl vnl " +
	"zgn z.o.z a.d.h.v a.u.b aug dec febr jan okt sept nov tel st afd afb fig hfst hfdst ond sub zie " +
	"red toel wnd r.o ro v.w.b w.o d.m.v d.w.z s.v.p v.a b.v n.v p.j p.m p.w i.o m.u.v "

// endsSentence judges the full stop at text[i]; what follows begins at j.
func endsSentence(text string, i, j int) bool {
	a := i
	for a > 0 && !isSpace(text[a-1]) && text[a-1] != '(' {
		a--
	}
	word := strings.ToLower(text[a:i])
	if word == "" || strings.Contains(abbreviations, " "+word+" ") {
		return false
	}
	if r, n := utf8.DecodeRuneInString(text[a:i]); n == i-a && unicode.IsUpper(r) {
		return false // an initial
	}
	for j < len(text) && (isSpace(text[j]) || strings.IndexByte(`"'([`, text[j]) >= 0) {
		if text[j] == '\n' {
			return true
		}
		j++
	}
	r, _ := utf8.DecodeRuneInString(text[j:])
	if unicode.IsLower(r) || unicode.IsDigit(r) && len(word) <= 3 && !isNumber(word) { // "vr. 9.00 uur"
		return false
	}
	// "artikel 5. 3" and enumerations such as "1. De aanvraag" stay whole.
	return !(isNumber(word) && len(word) <= 2 && afterStop(text, a))
}

func isNumber(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// afterStop reports whether a new line or sentence begins at text[i].
func afterStop(text string, i int) bool {
	for i > 0 && text[i-1] == ' ' {
		i--
	}
	return i == 0 || strings.IndexByte("\n.;:", text[i-1]) >= 0
}
