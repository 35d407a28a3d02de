package llama

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// pieces turns the bytes of tokens into text that may be shown: whole
// characters only, nothing from the first stop sequence on, and nothing that
// may yet turn out to be the beginning of one.
type pieces struct {
	stops   []string
	held    []byte
	stopped bool
}

func newPieces(stops []string) *pieces {
	p := &pieces{}
	for _, s := range stops {
		if s != "" {
			p.stops = append(p.stops, s)
		}
	}
	return p
}

// push adds the bytes of a token and returns what has become certain.
func (p *pieces) push(b []byte) string {
	if p.stopped {
		return ""
	}
	p.held = append(p.held, b...)
	first := -1
	for _, s := range p.stops {
		if i := bytes.Index(p.held, []byte(s)); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	if first >= 0 {
		p.stopped = true
		return p.take(first)
	}
	n := len(p.held)
	for _, s := range p.stops {
		n = min(n, len(p.held)-overlap(p.held, s))
	}
	return p.take(wholeRunes(p.held[:n]))
}

// flush returns what was held back, at the end of the output. A character that
// was never completed is dropped.
func (p *pieces) flush() string {
	if p.stopped {
		return ""
	}
	return p.take(wholeRunes(p.held))
}

func (p *pieces) take(n int) string {
	s := strings.ToValidUTF8(string(p.held[:n]), "�")
	p.held = p.held[n:]
	return s
}

// overlap is the length of the longest end of b that begins s.
func overlap(b []byte, s string) int {
	for n := min(len(b), len(s)-1); n > 0; n-- {
		if string(b[len(b)-n:]) == s[:n] {
			return n
		}
	}
	return 0
}

// wholeRunes is the length of b without a character that is still incomplete.
func wholeRunes(b []byte) int {
	for i := 1; i < utf8.UTFMax && i <= len(b); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}
