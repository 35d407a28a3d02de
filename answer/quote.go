package answer

import (
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// quotation is a range of a passage's text.
type quotation struct {
	source     int // index into the sources
	start, end int // byte range in the source's text
	score      float64
}

// words gives the stems of a text as a set.
func words(a retrieve.Analyzer, text string) map[string]float64 {
	out := map[string]float64{}
	for _, t := range a.Query(text) {
		out[t.Token] = float64(t.Weight)
	}
	return out
}

// The verbatim answer: at most this many sentences from the best source and
// from each further one.
const (
	firstSentences   = 4
	furtherSentences = 2
)

// extract chooses what to quote when no model words the answer: from each
// source the run of sentences that shares most with the question, weighed by
// rarity, and has the kind of fact it asks for. Answers open with what matters, so
// earlier sentences win ties.
func extract(question string, r retrieve.Result, sources []Source) []quotation {
	var out []quotation
	kind := kindOf(question)
	for i, s := range sources {
		n := furtherSentences
		if i == 0 {
			n = firstSentences
		}
		out = append(out, window(r, kind, i, s.Text, n)...)
	}
	return out
}

// window returns the best run of at most n sentences of a text, each as a
// quotation of its own.
func window(r retrieve.Result, kind asks, source int, text string, n int) []quotation {
	spans := chunk.Sentences(text)
	if len(spans) == 0 {
		return nil
	}
	scores := make([]float64, len(spans))
	for i, sp := range spans {
		scores[i] = overlap(r, text[sp.Start:sp.End]) + opening(i)
		if kind.answered(text[sp.Start:sp.End]) {
			scores[i] += kindBonus
		}
	}
	best, at := -1.0, 0
	for i := 0; i < len(spans); i++ {
		sum := 0.0
		for j := i; j < min(i+n, len(spans)); j++ {
			sum += scores[j]
		}
		if sum > best+1e-9 {
			best, at = sum, i
		}
		if i+n >= len(spans) {
			break
		}
	}
	var out []quotation
	for j := at; j < min(at+n, len(spans)); j++ {
		out = append(out, quotation{source, spans[j].Start, spans[j].End, scores[j]})
	}
	return out
}

// kindBonus is what having the kind of fact that is asked for is worth, as a
// share of the question's terms.
const kindBonus = 0.3

// opening is the bonus of the first sentences of a passage.
func opening(i int) float64 { return 0.3 / float64(1+i) }

// overlap is the share of the question's terms, by rarity, that a sentence has.
func overlap(r retrieve.Result, sentence string) float64 {
	have := words(r.Analyzer, sentence)
	total, found := 0.0, 0.0
	for _, t := range r.Terms {
		w := float64(t.Weight) * r.Analyzer.Rarity(t.Token)
		total += w
		if _, ok := have[t.Token]; ok {
			found += w
		}
	}
	if total == 0 {
		return 0
	}
	return found / total
}

// cite makes the citation of a quotation.
func cite(sources []Source, q quotation) Citation {
	s := sources[q.source]
	return Citation{Source: s.N, Quote: s.Text[q.start:q.end], URL: s.URL, Title: s.Title,
		Heading: s.Heading, Page: s.Page, Start: s.Start + q.start, End: s.Start + q.end}
}

// oneLine is a quotation as a sentence on a page: its line breaks are spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }
