package answer

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
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

// The verbatim answer: at most this many sentences from a passage of the best
// document, from a second passage of it, and from one of each further document.
const (
	firstSentences   = 4
	furtherSentences = 2
)

// extract chooses what to quote when no model words the answer: of each
// document the passage, and of that the run of sentences, that shares most with
// the question, weighed by rarity, and has the kind of fact it asks for. Answers
// open with what matters, so earlier sentences win ties. Where fewer documents
// than an answer may cite come near, the best one is quoted twice.
func extract(question string, r retrieve.Result, sources []Source) []quotation {
	kind, terms := kindOf(question), weighed(r)
	windows := map[int][]quotation{} // by source
	for i, s := range sources {
		if w := window(r.Analyzer, terms, kind, i, s, firstSentences); len(w) > 0 {
			windows[i] = w
		}
	}
	docs := citable(sources, func(i int) bool { return windows[i] != nil })
	var out []quotation
	for i, doc := range docs {
		n, passages := furtherSentences, 1
		if i == 0 {
			n, passages = firstSentences, 1+min(1, maxCited-len(docs))
		}
		var ws [][]quotation
		for _, at := range doc {
			w := windows[at]
			if n != firstSentences {
				w = window(r.Analyzer, terms, kind, at, sources[at], n)
			}
			ws = append(ws, w)
		}
		slices.SortStableFunc(ws, func(a, b []quotation) int {
			return cmp.Compare(worth(sources, b), worth(sources, a))
		})
		for j, w := range ws {
			if j < passages && worth(sources, w) >= secondWorth*worth(sources, ws[0]) {
				out = append(out, fresh(sources, out, w)...)
			}
		}
	}
	return out
}

// fresh leaves out what was quoted already, word for word.
func fresh(sources []Source, have, w []quotation) []quotation {
	text := func(q quotation) string { return oneLine(sources[q.source].Text[q.start:q.end]) }
	return slices.DeleteFunc(w, func(q quotation) bool {
		return slices.ContainsFunc(have, func(h quotation) bool { return text(h) == text(q) })
	})
}

// secondWorth is the least that a second passage must be worth, as a share of
// the first.
const secondWorth = 0.8

// worth weighs a window: how well its passage was found, and how well its best
// sentence fits.
func worth(sources []Source, w []quotation) float64 {
	best := 0.0
	for _, q := range w {
		best = max(best, q.score)
	}
	return sources[w[0].source].Score + best
}

// window returns the best run of at most n sentences of a source, each as a
// quotation of its own. A row of a table says what stands above its columns too.
func window(a retrieve.Analyzer, terms map[string]float64, kind asks, source int, s Source, n int) []quotation {
	text := s.Text
	header := columns(s)
	spans := chunk.Sentences(text)
	if len(spans) == 0 {
		return nil
	}
	scores := make([]float64, len(spans))
	may := orderly(text, spans)
	for i, sp := range spans {
		sentence := text[sp.Start:sp.End]
		said := sentence
		if strings.Contains(sentence, cellMark) && sentence != header {
			said += " " + header
		}
		scores[i] = overlap(a, terms, said) + opening(i)
		if kind.answered(sentence) {
			scores[i] += kindBonus
		}
		if may[i] = may[i] && states(sentence); !may[i] {
			scores[i] = 0
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
		if !may[j] {
			continue
		}
		out = append(out, quotation{source, spans[j].Start, spans[j].End, scores[j]})
	}
	return out
}

// cellMark stands between the cells of a row.
const cellMark = " | "

// columns is the row that names the columns of the table in a source: its
// context, or the first row; "" where there is none.
func columns(s Source) string {
	if strings.Contains(s.Context, cellMark) {
		return s.Context
	}
	for _, sp := range chunk.Sentences(s.Text) {
		if row := s.Text[sp.Start:sp.End]; strings.Contains(row, cellMark) {
			return row
		}
	}
	return ""
}

// states reports whether a sentence says something by itself: it is no
// question, and no number or word that was left alone on its line. Numbers that
// look like the marks of sources say nothing.
func states(sentence string) bool {
	sentence = markLike.ReplaceAllString(sentence, "")
	return !strings.HasSuffix(strings.TrimSpace(sentence), "?") && len(wordForm.FindAllStringIndex(sentence, 3)) >= 3
}

var markLike = regexp.MustCompile(`[\[(]\d{1,3}[\])]`)

// kindBonus is what having the kind of fact that is asked for is worth, as a
// share of the question's terms.
const kindBonus = 0.3

// opening is the bonus of the first sentences of a passage.
func opening(i int) float64 { return 0.3 / float64(1+i) }

// weighed are the terms of a question with what each counts: by its rarity, and
// less if it only asks.
func weighed(r retrieve.Result) map[string]float64 {
	asking := words(r.Analyzer, askingWords)
	out := map[string]float64{}
	for _, t := range r.Terms {
		w := float64(t.Weight) * r.Analyzer.Rarity(t.Token)
		if _, ok := asking[t.Token]; ok {
			w *= askingWeight
		}
		out[t.Token] = w
	}
	return out
}

// overlap is the share of the question's terms, as they are weighed, that a
// sentence has.
func overlap(a retrieve.Analyzer, terms map[string]float64, sentence string) float64 {
	have := words(a, sentence)
	total, found := 0.0, 0.0
	for _, t := range slices.Sorted(maps.Keys(terms)) { // sums depend on their order
		total += terms[t]
		if _, ok := have[t]; ok {
			found += terms[t]
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
