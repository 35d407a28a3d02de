package retrieve

import (
	"cmp"
	"slices"
)

// Fusion says how dense and lexical results become one ranking.
type Fusion struct {
	// DenseWeight is the share of the dense score, between 0 (lexical alone) and
	// 1 (dense alone).
	DenseWeight float64
	// Depth is how many hits each method contributes.
	Depth int
}

// DefaultFusion is tuned on one half of the questions and confirmed on the
// other; docs/retrieval.md has the figures.
func DefaultFusion() Fusion { return Fusion{DenseWeight: 0.6, Depth: 100} }

// Candidate is a fused hit with what each method said of it.
type Candidate struct {
	Hit             // Score is the fused score, between 0 and 1
	Dense   float64 // cosine; 0 if the dense search did not return it
	Lexical float64 // BM25; 0 if the lexical search did not return it
	// Also lists the places where the same text, or nearly the same, stands, best
	// first.
	Also []Passage
	// Named is set where the question names the document.
	Named bool
}

// Fuse merges the two rankings by the weighted sum of their scores, each
// scaled to the range between the lowest and the highest score of its list
// (Lee, 1997, "Analyses of multiple evidence combination"). A passage that one
// method did not return gets nothing from it. Passages with the same or
// nearly the same text are collapsed into the best of them; see similar. Ties are broken by passage ID, so the
// result depends on nothing but its input.
func Fuse(dense, lexical []Hit, f Fusion) []Candidate {
	byID := map[string]*Candidate{}
	var order []string
	add := func(hits []Hit, weight float64, set func(*Candidate, float64)) {
		low, high := bounds(hits)
		for _, h := range hits {
			c, ok := byID[h.ID]
			if !ok {
				c = &Candidate{Hit: Hit{Passage: h.Passage}}
				byID[h.ID] = c
				order = append(order, h.ID)
			}
			set(c, h.Score)
			if high > low {
				c.Score += weight * (h.Score - low) / (high - low)
			} else {
				c.Score += weight
			}
		}
	}
	add(dense, f.DenseWeight, func(c *Candidate, s float64) { c.Dense = s })
	add(lexical, 1-f.DenseWeight, func(c *Candidate, s float64) { c.Lexical = s })
	out := make([]Candidate, 0, len(order))
	for _, id := range order {
		out = append(out, *byID[id])
	}
	slices.SortFunc(out, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	return collapse(out)
}

func bounds(hits []Hit) (low, high float64) {
	for i, h := range hits {
		if i == 0 || h.Score < low {
			low = h.Score
		}
		if i == 0 || h.Score > high {
			high = h.Score
		}
	}
	return low, high
}
