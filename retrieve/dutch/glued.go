package dutch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Repair implements retrieve.Analyzer: it separates words that lost the space
// between them, and joins words that a line end broke, as they are in text copied
// from a PDF: "hetcollege", "doorDuitse", "doelstel-lingen". A word that the
// corpus knows, or a compound of such words, stays as it is.
func (a *Analyzer) Repair(text string) string {
	var out strings.Builder
	for text != "" {
		i := strings.IndexFunc(text, unicode.IsLetter)
		if i < 0 {
			i = len(text)
		}
		out.WriteString(text[:i])
		text = text[i:]
		end := letterRun(text)
		if n := a.broken(text, end); n > 0 {
			out.WriteString(text[:end] + text[end+1:n])
			text = text[n:]
			continue
		}
		out.WriteString(a.separate(text[:end]))
		text = text[end:]
	}
	return out.String()
}

// letterRun is the length of the letters that s begins with.
func letterRun(s string) int {
	if i := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsLetter(r) }); i >= 0 {
		return i
	}
	return len(s)
}

// broken is where a word ends that a hyphen at end broke in two; 0 if none did.
func (a *Analyzer) broken(s string, end int) int {
	if end < 2 || end+2 >= len(s) || s[end] != '-' {
		return 0
	}
	n := letterRun(s[end+1:])
	left, right := fold(s[:end]), fold(s[end+1:end+1+n])
	if n < 2 || a.knows(left) && a.knows(right) || !a.knows(left+right) {
		return 0
	}
	return end + 1 + n
}

const (
	minGlued = 5  // bytes of a word that may be two
	maxGlued = 60 // and at most: the length of the longest compounds
)

// separate puts a space into one word, if it is two. One of them is a word of
// grammar, or a capital shows where the second begins.
func (a *Analyzer) separate(w string) string {
	folded := fold(w)
	if len(w) < minGlued || len(w) > maxGlued || a.knows(folded) {
		return w
	}
	if i := capitalWithin(w); i > 0 && a.knows(fold(w[:i])) {
		return w[:i] + " " + w[i:]
	}
	if len(folded) != len(w) || a.lexicon.parts(folded) != nil { // offsets would differ
		return w
	}
	best, at := 0, 0
	for i := 2; i <= len(w)-2; i++ {
		if !utf8.RuneStart(w[i]) {
			continue
		}
		left, right := folded[:i], folded[i:]
		count := 0
		switch {
		case stopword(left):
			count = a.lexicon.Words[right]
		case stopword(right):
			count = a.lexicon.Words[left]
		}
		if count > best {
			best, at = count, i
		}
	}
	if best == 0 {
		return w
	}
	return w[:at] + " " + w[at:]
}

// knows reports whether the corpus has a word, or a form of it.
func (a *Analyzer) knows(w string) bool {
	return stopword(w) || a.lexicon.Words[w] > 0 || a.lexicon.Terms[stem(w)] > 0
}

// capitalWithin is where the one capital of a word stands after small letters; 0
// if there is none, or several.
func capitalWithin(w string) int {
	at := 0
	before := false
	for i, r := range w {
		if unicode.IsUpper(r) && i > 0 {
			if at > 0 || !before || i < 2 {
				return 0
			}
			at = i
		}
		before = unicode.IsLower(r)
	}
	if at > 0 && len(w)-at < 3 {
		return 0
	}
	return at
}
