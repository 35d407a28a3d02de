package answer

import (
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// perDocument is how many passages of one document are shown, so that one long
// document does not hide the others.
const perDocument = 3

// choose takes the passages to show from the ranking.
func choose(cs []retrieve.Candidate, n int) []retrieve.Candidate {
	var out []retrieve.Candidate
	count := map[string]int{}
	for _, c := range cs {
		if count[c.Doc.String()] < perDocument && len(out) < n {
			count[c.Doc.String()]++
			out = append(out, c)
		}
	}
	return out
}

// What an answer may cite: the best document, and further ones only if they
// come near it.
const (
	maxCited = 3
	nearBest = 0.75 // of the best fused score
)

// citable lists the sources an answer may rest on, document by document, the
// best document first. Each element holds the indices of one document's sources;
// those that do not state anything are left out.
func citable(sources []Source, states func(i int) bool) [][]int {
	var out [][]int
	place := map[string]int{}
	best := -1.0
	for i, s := range sources {
		if !states(i) {
			continue
		}
		if best < 0 {
			best = s.Score
		}
		at, ok := place[s.doc]
		switch {
		case ok:
			out[at] = append(out[at], i)
		case len(out) < maxCited && s.Score >= nearBest*best:
			place[s.doc] = len(out)
			out = append(out, []int{i})
		}
	}
	return out
}
