package eval

import (
	"math"
	"reflect"
	"testing"
)

// The values were worked out by hand from the formulas; with log2(3) = 1.5849625.
func TestMeasures(t *testing.T) {
	graded := map[string]int{"a": 3, "b": 2, "c": 1, "no": 0, "spam": -2}
	binary := map[string]int{"a": 1, "b": 1, "c": 1}
	for _, c := range []struct {
		name                         string
		ranked                       []string
		rel                          map[string]int
		k                            int
		ndcg, recall, precision, mrr float64
	}{
		{"perfect", []string{"a", "b", "c"}, graded, 3, 1, 1, 1, 1},
		// (2/1 + 0 + 3/2) / (3/1 + 2/1.5849625 + 1/2)
		{"graded", []string{"b", "x", "a"}, graded, 3, 3.5 / 4.76185950714, 2. / 3, 2. / 3, 1},
		// (0 + 1/1.5849625 + 0 + 0) / (1 + 1/1.5849625 + 1/2)
		{"binary, second", []string{"x", "a", "y", "z"}, binary, 4, 0.63092975357 / 2.13092975357, 1. / 3, 1. / 4, 1. / 2},
		{"beyond the cut-off", []string{"x", "y", "a"}, binary, 2, 0, 0, 0, 0},
		// the ideal is cut at k too: 1 / 1
		{"cut-off below the number of relevant", []string{"a", "x"}, binary, 1, 1, 1. / 3, 1, 1},
		// precision divides by k: 1/10; ndcg by the ideal of three: 1 / 2.13092975357
		{"shorter than k", []string{"a"}, binary, 10, 1 / 2.13092975357, 1. / 3, 1. / 10, 1},
		{"judged 0 and below do not count", []string{"no", "spam", "c"}, graded, 3, .5 / 4.76185950714, 1. / 3, 1. / 3, 1. / 3},
		{"listed twice", []string{"x", "a", "a", "a"}, map[string]int{"a": 1}, 4, 0.63092975357, 1, 1. / 4, 1. / 2},
		{"nothing retrieved", nil, binary, 10, 0, 0, 0, 0},
		{"nothing relevant", []string{"a"}, map[string]int{"a": 0}, 10, 0, 0, 0, 0},
		{"not judged", []string{"a"}, nil, 10, 0, 0, 0, 0},
		{"k of 0", []string{"a"}, binary, 0, 0, 0, 0, 0},
		{"k below 0", []string{"a"}, binary, -1, 0, 0, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, m := range []struct {
				name string
				f    func([]string, map[string]int, int) float64
				want float64
			}{{"NDCG", NDCG, c.ndcg}, {"Recall", Recall, c.recall}, {"Precision", Precision, c.precision}, {"MRR", MRR, c.mrr}} {
				if got := m.f(c.ranked, c.rel, c.k); math.Abs(got-m.want) > 1e-9 {
					t.Errorf("%s@%d = %.10f, want %.10f", m.name, c.k, got, m.want)
				}
			}
		})
	}
}

// Moving a relevant document up never lowers a measure, and all stay within 0..1.
func TestMeasuresRewardHigherRanks(t *testing.T) {
	rel := map[string]int{"d1": 1, "d3": 4, "d6": 2}
	ranked := []string{"d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7"}
	for k := 1; k <= len(ranked)+2; k++ {
		for i := 1; i < len(ranked); i++ {
			if rel[ranked[i]] <= rel[ranked[i-1]] {
				continue
			}
			up := append([]string(nil), ranked...)
			up[i-1], up[i] = up[i], up[i-1]
			for name, f := range map[string]func([]string, map[string]int, int) float64{"NDCG": NDCG, "Recall": Recall, "Precision": Precision, "MRR": MRR} {
				before, after := f(ranked, rel, k), f(up, rel, k)
				if after < before || after < 0 || after > 1 {
					t.Errorf("%s@%d: %v before, %v after moving %s up", name, k, before, after, ranked[i])
				}
			}
		}
	}
}

func TestRank(t *testing.T) {
	in := []Ranked{{"b", 1}, {"n", math.NaN()}, {"a", 1}, {"c", 2}, {"a", 3}, {"b", 0.5}}
	got := IDs(Rank(in))
	if want := []string{"a", "c", "b", "n"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if in[0].ID != "b" || len(in) != 6 {
		t.Error("Rank changed its argument")
	}
	// ties go by ID, in whatever order they come
	for _, tie := range [][]Ranked{{{"y", 1}, {"x", 1}}, {{"x", 1}, {"y", 1}}} {
		if got := IDs(Rank(tie)); got[0] != "x" {
			t.Errorf("%v: %v", tie, got)
		}
	}
}
