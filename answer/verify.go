package answer

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// supportThreshold is the least share of a statement's terms, weighed by
// rarity, that its quotation must have; docs/answers.md tells how it was chosen.
const supportThreshold = 0.6

// maxQuoteSentences is the longest quotation that is tried.
const maxQuoteSentences = 3

// verifier checks statements against the sources they were given.
type verifier struct {
	analyzer retrieve.Analyzer
	sources  []Source
	windows  []evidence // every run of up to maxQuoteSentences sentences
}

// evidence is a candidate quotation, prepared for comparison.
type evidence struct {
	quotation
	text    string
	around  string // title, headings and context: names may come from there
	terms   map[string]float64
	numbers map[string]bool
	links   string
	length  int // sentences
	// sentences of the quotation with their terms: what denies or limits one of
	// them says nothing of the others.
	sentences []sentence
}

type sentence struct {
	text  string
	terms map[string]float64
}

func newVerifier(a retrieve.Analyzer, sources []Source) *verifier {
	v := &verifier{analyzer: a, sources: sources}
	for i, s := range sources {
		spans := chunk.Sentences(s.Text)
		sentences := make([]sentence, len(spans))
		for j, sp := range spans {
			sentences[j] = sentence{s.Text[sp.Start:sp.End], words(a, s.Text[sp.Start:sp.End])}
		}
		around := strings.ToLower(strings.Join(append([]string{s.Title, s.Context}, s.Heading...), "\n"))
		for j := range spans {
			for k := j; k < min(j+maxQuoteSentences, len(spans)); k++ {
				text := s.Text[spans[j].Start:spans[k].End]
				e := evidence{quotation: quotation{source: i, start: spans[j].Start, end: spans[k].End},
					text: text, around: around, terms: words(a, text), numbers: map[string]bool{}, length: k - j + 1, sentences: sentences[j : k+1]}
				for _, f := range facts(text) {
					switch f.kind {
					case "number":
						e.numbers[f.value] = true
					case "link":
						e.links += " " + f.value
					}
				}
				v.windows = append(v.windows, e)
			}
		}
	}
	return v
}

// check finds the quotation that supports a sentence. cited are the source
// numbers the sentence names, which must exist; the engine cites what supports
// it, which may be another one of the sources. The error says what failed.
func (v *verifier) check(text string, cited []int) (quotation, error) {
	for _, n := range cited {
		if !slices.ContainsFunc(v.sources, func(s Source) bool { return s.N == n }) {
			return quotation{}, fmt.Errorf("it names source %d, which does not exist", n)
		}
	}
	terms := v.analyzer.Query(text)
	total := 0.0
	for _, t := range terms {
		total += float64(t.Weight) * v.analyzer.Rarity(t.Token)
	}
	if total == 0 {
		return quotation{}, errors.New("it says nothing that can be checked")
	}
	claims := facts(text)
	var best quotation
	failed := errors.New("no source says this")
	for _, e := range v.windows {
		score := 0.0
		for _, t := range terms {
			if _, ok := e.terms[t.Token]; ok {
				score += float64(t.Weight) * v.analyzer.Rarity(t.Token)
			}
		}
		// A short quotation that says it all is better proof than a long one,
		// and a source the model named is likelier meant than another.
		score = score/total - 0.02*float64(e.length-1)
		if slices.Contains(cited, v.sources[e.source].N) {
			score += 0.05
		}
		if score < supportThreshold || score <= best.score {
			continue
		}
		if err := e.contradicts(text, terms, claims); err != nil {
			failed = err
			continue
		}
		best = e.quotation
		best.score = score
	}
	if best.score == 0 {
		return best, failed
	}
	return best, nil
}

// contradicts reports the first hard fact of a sentence that the quotation
// does not have.
func (e evidence) contradicts(text string, terms retrieve.Terms, claims []fact) error {
	lower := strings.ToLower(e.text)
	for _, f := range claims {
		switch f.kind {
		case "number":
			if !e.numbers[f.value] {
				return fmt.Errorf("%q is not in the quotation", f.value)
			}
		case "link":
			if !strings.Contains(e.links, f.value) {
				return fmt.Errorf("the link %q is not in the quotation", f.value)
			}
		case "name":
			if !strings.Contains(lower, f.value) && !strings.Contains(e.around, f.value) {
				return fmt.Errorf("the name %q is not in the source", f.value)
			}
		}
	}
	said, quoted := turns(text), turns(e.closest(terms))
	if said.negated != quoted.negated {
		return errors.New("one denies what the other says")
	}
	for m := range said.modals {
		if !quoted.modals[m] {
			return fmt.Errorf("the quotation does not say that it %s be so", m)
		}
	}
	for c := range said.conditions {
		if !quoted.conditions[c] {
			return fmt.Errorf("the condition %q is not in the quotation", c)
		}
	}
	for _, c := range [...]string{"alleen", "uitsluitend", "slechts", "tenzij", "behalve", "mits"} {
		if quoted.conditions[c] && !said.conditions[c] {
			return fmt.Errorf("the condition %q of the quotation is left out", c)
		}
	}
	return nil
}

// closest is the sentence of the quotation that shares most terms with a text.
func (e evidence) closest(terms retrieve.Terms) string {
	best, most := e.text, 0.0
	for _, s := range e.sentences {
		shared := 0.0
		for _, t := range terms {
			if _, ok := s.terms[t.Token]; ok {
				shared += float64(t.Weight)
			}
		}
		if shared > most {
			best, most = s.text, shared
		}
	}
	return best
}

// turn is what changes the meaning of the same words.
type turn struct {
	negated            bool
	modals, conditions map[string]bool
}

func turns(s string) turn {
	t := turn{modals: map[string]bool{}, conditions: map[string]bool{}}
	for _, w := range wordForm.FindAllString(strings.ToLower(s), -1) {
		w = strings.TrimRight(w, ".-'’")
		if negations[w] {
			t.negated = true
		}
		if m := modals[w]; m != "" {
			t.modals[m] = true
		}
		if conditions[w] {
			t.conditions[w] = true
		}
	}
	return t
}

// Verdict is what the verifier says of a sentence.
type Verdict struct {
	Supported bool
	Score     float64 // 0 to 1; supportThreshold and more is supported
	Reason    string  // what failed; "" if the sentence is supported
	Context   int     // which context supports it, from 0; -1 for none
	// Start and End are the byte range of the supporting quotation in it.
	Start, End int
}

// Verify checks a sentence against contexts as the engine checks what a model
// writes against its sources. Every context is a source.
func Verify(a retrieve.Analyzer, sentence string, contexts []string) Verdict {
	sources := make([]Source, len(contexts))
	for i, c := range contexts {
		sources[i] = Source{N: i + 1, Text: c}
	}
	q, err := newVerifier(a, sources).check(sentence, nil)
	if err != nil {
		return Verdict{Reason: err.Error(), Context: -1, Score: q.score}
	}
	return Verdict{Supported: true, Score: q.score, Context: q.source, Start: q.start, End: q.end}
}
