package answer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/chunk"
)

// line is one sentence as a model wrote it, and the numbers of the sources it
// names.
type line struct {
	text  string
	cited []int
}

var (
	marksForm    = regexp.MustCompile(`(?:\s*\[\d+\])+`)
	numberInMark = regexp.MustCompile(`\d+`)
)

// lines collects the pieces that a model writes into lines.
type lines struct{ rest string }

// add takes a piece and returns the lines it completed.
func (l *lines) add(piece string) []line {
	l.rest += piece
	var out []line
	for {
		i := strings.IndexByte(l.rest, '\n')
		if i < 0 {
			return out
		}
		out = append(out, parse(l.rest[:i])...)
		l.rest = l.rest[i+1:]
	}
}

// end returns what is left when the model stops.
func (l *lines) end() []line { return parse(l.rest) }

// parse reads one line. Several sentences before a mark share it; marks that
// follow no text belong to the sentence before.
func parse(s string) []line {
	s = strings.TrimLeft(strings.TrimSpace(s), "-*• ")
	var out []line
	for s != "" {
		marks := marksForm.FindStringIndex(s)
		if marks == nil {
			marks = []int{len(s), len(s)}
		}
		text := strings.TrimRight(strings.TrimLeft(s[:marks[0]], ".,; "), ",; ")
		var cited []int
		for _, m := range numberInMark.FindAllString(s[marks[0]:marks[1]], -1) {
			n, err := strconv.Atoi(m)
			if err != nil {
				n = -1 // too large to be a source
			}
			cited = append(cited, n)
		}
		s = s[marks[1]:]
		switch {
		case strings.ContainsFunc(text, unicode.IsLetter):
			spans := chunk.Sentences(text)
			if utf8.RuneCountInString(text) >= maxLine-2 { // trimmed
				spans = spans[:len(spans)-1]
			}
			for _, sp := range spans {
				out = append(out, line{withStop(text[sp.Start:sp.End]), cited})
			}
		case len(out) > 0:
			out[len(out)-1].cited = append(out[len(out)-1].cited, cited...)
		}
	}
	return out
}

func withStop(s string) string {
	if strings.HasSuffix(s, ".") || strings.HasSuffix(s, "!") || strings.HasSuffix(s, "?") || strings.HasSuffix(s, ":") {
		return s
	}
	return s + "."
}

// leansBack reports whether a sentence cannot be read without the one before.
func leansBack(s string) bool {
	first, _, _ := strings.Cut(strings.ToLower(s), " ")
	switch first {
	case "dit", "dat", "deze", "die", "het", "hij", "zij", "ze", "ook", "daarna", "daarvoor", "daarnaast", "daarbij", "dan", "hiervoor", "hiermee", "dus":
		return true
	}
	return false
}
