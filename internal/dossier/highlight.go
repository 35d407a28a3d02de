package dossier

import (
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/answer"
)

// piece is a part of the text of a source. Marked ones were quoted.
type piece struct {
	Text   string
	Marked bool
}

// span is a byte range in the text of a source.
type span struct{ start, end int }

// spans are where the quotations of a source stand in its text, in order,
// without overlap. A quotation that stands nowhere has none.
func spans(s answer.Source, a *answer.Answer) []span {
	var found []span
	for _, st := range a.Statements {
		for _, c := range st.Citations {
			if c.Source != s.N || c.Quote == "" {
				continue
			}
			at := c.Start - s.Start
			if at < 0 || at > len(s.Text) || !strings.HasPrefix(s.Text[at:], c.Quote) {
				at = strings.Index(s.Text, c.Quote)
			}
			if at >= 0 {
				found = append(found, span{at, at + len(c.Quote)})
			}
		}
	}
	slices.SortFunc(found, func(a, b span) int { return a.start - b.start })
	var out []span
	for _, f := range found {
		if n := len(out); n > 0 && f.start < out[n-1].end {
			out[n-1].end = max(out[n-1].end, f.end)
			continue
		}
		out = append(out, f)
	}
	return out
}

// highlight cuts the text of a source at its quotations.
func highlight(s answer.Source, a *answer.Answer) []piece {
	var out []piece
	last := 0
	for _, m := range spans(s, a) {
		if m.start > last {
			out = append(out, piece{s.Text[last:m.start], false})
		}
		out = append(out, piece{s.Text[m.start:m.end], true})
		last = m.end
	}
	if last < len(s.Text) {
		out = append(out, piece{s.Text[last:], false})
	}
	return out
}
