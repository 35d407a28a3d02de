package eval

import (
	"cmp"
	"math"
	"slices"
)

// The measures below are those of NIST's trec_eval 9 (m_ndcg_cut.c,
// m_recall.c, m_P.c, m_recip_rank.c) on a ranking that is already in order.
// They share these rules:
//
//   - ranked holds document IDs, best first. Its order is the ranking; there
//     are no ties left in it. Break ties where the run is made ([Rank]) and
//     write it with [RunWriter], which keeps that order for trec_eval too.
//   - rel maps document IDs to judged relevance. A document counts as relevant
//     from 1 upwards; unjudged documents and those at 0 or below do not count.
//   - k is the cut-off. A ranking shorter than k is scored as if documents
//     that are not relevant followed. k below 1 gives 0.
//   - A document that is listed twice counts once, at its first rank.
//   - A query without relevant documents scores 0. Leave it out of a mean with
//     [Qrels.Judged].

// NDCG is the normalised discounted cumulative gain at k, from 0 to 1: the sum
// of rel(d)/log2(rank+1) over the first k documents, divided by the same sum
// for the best ranking that the judgements allow. The gain is linear, as in
// trec_eval (Järvelin and Kekäläinen 2002); for judgements of 0 and 1 it
// equals the exponential form.
func NDCG(ranked []string, rel map[string]int, k int) float64 {
	best := make([]int, 0, len(rel))
	for _, g := range rel {
		if g > 0 {
			best = append(best, g)
		}
	}
	if len(best) == 0 || k < 1 {
		return 0
	}
	slices.SortFunc(best, func(a, b int) int { return cmp.Compare(b, a) })
	ideal := 0.0
	for i, g := range best[:min(k, len(best))] {
		ideal += discounted(g, i)
	}
	got := 0.0
	for i, g := range gains(ranked, rel, k) {
		got += discounted(g, i)
	}
	return got / ideal
}

// Recall is the share, from 0 to 1, of the relevant documents that are among
// the first k.
func Recall(ranked []string, rel map[string]int, k int) float64 {
	all := 0
	for _, g := range rel {
		if g > 0 {
			all++
		}
	}
	if all == 0 {
		return 0
	}
	return float64(found(ranked, rel, k)) / float64(all)
}

// Precision is the share, from 0 to 1, of k documents that are relevant; the
// divisor is k even where fewer were retrieved.
func Precision(ranked []string, rel map[string]int, k int) float64 {
	if k < 1 {
		return 0
	}
	return float64(found(ranked, rel, k)) / float64(k)
}

// MRR is the reciprocal of the rank of the first relevant document, or 0 where
// none is among the first k. Its mean over queries is the MRR@k.
func MRR(ranked []string, rel map[string]int, k int) float64 {
	for i, g := range gains(ranked, rel, k) {
		if g > 0 {
			return 1 / float64(i+1)
		}
	}
	return 0
}

// gains are the relevances of the first k documents, 0 for those that do not
// count.
func gains(ranked []string, rel map[string]int, k int) []int {
	n := min(max(k, 0), len(ranked))
	out := make([]int, n)
	seen := make(map[string]bool, n)
	for i, id := range ranked[:n] {
		if g := rel[id]; g > 0 && !seen[id] {
			out[i], seen[id] = g, true
		}
	}
	return out
}

func found(ranked []string, rel map[string]int, k int) int {
	n := 0
	for _, g := range gains(ranked, rel, k) {
		if g > 0 {
			n++
		}
	}
	return n
}

// discounted is the gain g at index i (rank i+1).
func discounted(g, i int) float64 { return float64(g) / math.Log2(float64(i)+2) }

// Ranked is a retrieved document with its score; higher is better.
type Ranked struct {
	ID    string
	Score float64
}

// Rank sorts docs best first: by score, and at the same score by ID ascending,
// so that a ranking never depends on the order in which a store returned ties.
// (trec_eval takes the greater ID first; [RunWriter] keeps it from having to
// choose.) It keeps the best score of an ID that occurs more than once, which
// makes a ranking of documents from one of passages. NaN sorts last.
func Rank(docs []Ranked) []Ranked {
	out := slices.Clone(docs)
	slices.SortFunc(out, func(a, b Ranked) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.ID, b.ID))
	})
	seen := make(map[string]bool, len(out))
	return slices.DeleteFunc(out, func(r Ranked) bool {
		dup := seen[r.ID]
		seen[r.ID] = true
		return dup
	})
}

// IDs are the IDs of docs, in order.
func IDs(docs []Ranked) []string {
	out := make([]string, len(docs))
	for i, d := range docs {
		out[i] = d.ID
	}
	return out
}
