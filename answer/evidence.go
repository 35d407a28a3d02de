package answer

import (
	"math"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Evidence is what the search itself says about whether the sources hold the
// answer. No model is asked: a small model's opinion of its own sources is
// worse than these figures (docs/answers.md).
type Evidence struct {
	Cosine  float64 // of the best passage by meaning
	Margin  float64 // by which the best cosine exceeds the mean of the ten best
	Cover   float64 // share of the question's terms, by rarity, in the best passage
	Pool    float64 // the same in the best five together
	Missing float64 // rarity of the rarest term that none of the five has; 0 if none is missing
	Agree   float64 // 1 if the best passage is among the first three by meaning and by words, 0.5 if by one
}

// gather computes the evidence from a search result.
func gather(r retrieve.Result) Evidence {
	var e Evidence
	cs := r.Candidates
	if len(cs) == 0 {
		return e
	}
	top, sum := best(cs, func(c retrieve.Candidate) float64 { return c.Dense })
	e.Cosine, e.Margin = top[0], top[0]-sum/float64(len(top))
	words, _ := best(cs, func(c retrieve.Candidate) float64 { return c.Lexical })
	if third := top[min(2, len(top)-1)]; cs[0].Dense > 0 && cs[0].Dense >= third {
		e.Agree += 0.5
	}
	if third := words[min(2, len(words)-1)]; cs[0].Lexical > 0 && cs[0].Lexical >= third {
		e.Agree += 0.5
	}
	total := 0.0
	pool := map[string]bool{}
	covers := make([]map[string]bool, min(5, len(cs)))
	for i := range covers {
		covers[i] = map[string]bool{}
		for _, t := range r.Analyzer.Passage(&cs[i].Passage) {
			covers[i][t.Token], pool[t.Token] = true, true
		}
	}
	shares := make([]float64, len(covers))
	for _, t := range r.Terms {
		w := float64(t.Weight) * r.Analyzer.Rarity(t.Token)
		total += w
		for i := range covers {
			if covers[i][t.Token] {
				shares[i] += w
			}
		}
		if pool[t.Token] {
			e.Pool += w
		} else if t.Weight >= 1 {
			e.Missing = max(e.Missing, r.Analyzer.Rarity(t.Token))
		}
	}
	if total > 0 {
		e.Pool /= total
		for _, s := range shares {
			e.Cover = max(e.Cover, s/total)
		}
	}
	return e
}

// best returns the ten largest values, largest first, and their sum.
func best(cs []retrieve.Candidate, value func(retrieve.Candidate) float64) ([]float64, float64) {
	var top []float64
	for _, c := range cs {
		v := value(c)
		i := len(top)
		for i > 0 && top[i-1] < v {
			i--
		}
		top = append(top[:i], append([]float64{v}, top[i:]...)...)
		if len(top) > 10 {
			top = top[:10]
		}
	}
	sum := 0.0
	for _, v := range top {
		sum += v
	}
	return top, sum
}

// Weights of a logistic regression over the evidence, fitted on half of the
// public questions and confirmed on the other half: docs/answers.md tells how
// and shows the curve over thresholds.
type Weights struct{ Bias, Cosine, Margin, Cover, Pool, Missing, Agree float64 }

// DefaultWeights belong to multilingual-e5-small.
func DefaultWeights() Weights {
	return Weights{Bias: -20, Cosine: 24, Margin: 0, Cover: 1.5, Pool: 1.5, Missing: -1.5, Agree: 0.5}
}

// Confidence estimates the chance, between 0 and 1, that the sources answer
// the question.
func (w Weights) Confidence(e Evidence) float64 {
	z := w.Bias + w.Cosine*e.Cosine + w.Margin*e.Margin + w.Cover*e.Cover + w.Pool*e.Pool + w.Missing*e.Missing + w.Agree*e.Agree
	return 1 / (1 + math.Exp(-z))
}
