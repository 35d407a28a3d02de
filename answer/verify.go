package answer

import (
	"fmt"
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
}

func newVerifier(a retrieve.Analyzer, sources []Source) *verifier {
	v := &verifier{analyzer: a, sources: sources}
	for i, s := range sources {
		spans := chunk.Sentences(s.Text)
		around := strings.ToLower(strings.Join(append([]string{s.Title, s.Context}, s.Heading...), "\n"))
		for j := range spans {
			for k := j; k < min(j+maxQuoteSentences, len(spans)); k++ {
				text := s.Text[spans[j].Start:spans[k].End]
				e := evidence{quotation: quotation{source: i, start: spans[j].Start, end: spans[k].End},
					text: text, around: around, terms: words(a, text), numbers: map[string]bool{}, length: k - j + 1}
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
func (v *verifier) check(sentence string, cited []int) (quotation, error) {
	if len(cited) == 0 {
		return quotation{}, fmt.Errorf("it names no source")
	}
	for _, n := range cited {
		if n < 1 || n > len(v.sources) {
			return quotation{}, fmt.Errorf("it names source %d, which does not exist", n)
		}
	}
	terms := v.analyzer.Query(sentence)
	total := 0.0
	for _, t := range terms {
		total += float64(t.Weight) * v.analyzer.Rarity(t.Token)
	}
	if total == 0 {
		return quotation{}, fmt.Errorf("it says nothing that can be checked")
	}
	claims := facts(sentence)
	var best quotation
	failed := fmt.Errorf("no source says this")
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
		if e.source == cited[0]-1 {
			score += 0.05
		}
		if score < supportThreshold || score <= best.score {
			continue
		}
		if err := e.contradicts(sentence, claims); err != nil {
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
func (e evidence) contradicts(sentence string, claims []fact) error {
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
	said, quoted := turns(sentence), turns(e.text)
	if said.negated != quoted.negated {
		return fmt.Errorf("one denies what the other says")
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
