package eval

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Pair is a sentence with the texts that should support it, and whether they do.
type Pair struct {
	ID        string
	Sentence  string
	Contexts  []string
	Supported bool
}

// ReadPairs reads JSON Lines of {id, sentence, contexts, label}, with the label
// "supported" or "unsupported"; empty lines are skipped. Errors name the line and
// the field; name is the file's in them.
func ReadPairs(r io.Reader, name string) ([]Pair, error) {
	in := bufio.NewScanner(r)
	in.Buffer(nil, maxLine)
	var out []Pair
	seen := map[string]int{}
	n := 0
	for in.Scan() {
		n++
		raw := bytes.TrimSpace(in.Bytes())
		if len(raw) == 0 {
			continue
		}
		p, err := readPair(raw)
		if err != nil {
			return nil, fmt.Errorf("%s:%d:%w", name, n, err)
		}
		if at, ok := seen[p.ID]; ok {
			return nil, fmt.Errorf("%s:%d:id: %q is the id of line %d too; make it unique", name, n, p.ID, at)
		}
		seen[p.ID] = n
		out = append(out, p)
	}
	if err := in.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n+1, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: it has no lines; give lines of {id, sentence, contexts, label}", name)
	}
	return out, nil
}

// readPair reads one line. Its errors start with the name of the field.
func readPair(raw []byte) (Pair, error) {
	var l map[string]json.RawMessage
	if err := json.Unmarshal(raw, &l); err != nil {
		return Pair{}, fmt.Errorf(" not a JSON object: %w", err)
	}
	var p Pair
	var label string
	for _, f := range []struct {
		name, want string
		into       any
	}{
		{"id", "a text", &p.ID}, {"sentence", "a text", &p.Sentence},
		{"contexts", "a list of texts", &p.Contexts}, {"label", "a text", &label},
	} {
		v, ok := l[f.name]
		if !ok || string(v) == "null" {
			return p, fmt.Errorf("%s: is missing; it must be %s", f.name, f.want)
		}
		if err := json.Unmarshal(v, f.into); err != nil {
			return p, fmt.Errorf("%s: must be %s", f.name, f.want)
		}
	}
	switch {
	case p.ID == "":
		return p, fmt.Errorf("id: is empty")
	case strings.TrimSpace(p.Sentence) == "":
		return p, fmt.Errorf("sentence: is empty")
	case label != "supported" && label != "unsupported":
		return p, fmt.Errorf("label: is %q; it must be supported or unsupported", label)
	}
	p.Supported = label == "supported"
	return p, nil
}

// Judgement is what a verifier says of a pair.
type Judgement struct {
	ID        string  `json:"id"`
	Supported bool    `json:"supported"`
	Score     float64 `json:"score"`  // 0 to 1
	Reason    string  `json:"reason"` // what failed; "" if nothing did
}

// Support is how well a verifier tells supported sentences from others. The
// measures are for the class "supported", between 0 and 1. A measure that has
// nothing to divide by is 0; AUC is nil where the pairs are all of one class.
type Support struct {
	Pairs     []Judgement `json:"pairs"`
	Precision float64     `json:"precision"`
	Recall    float64     `json:"recall"`
	F1        float64     `json:"f1"`
	AUC       *float64    `json:"auc"`
}

// JudgeSupport has every pair judged, in order, and computes the measures.
func JudgeSupport(pairs []Pair, judge func(Pair) Judgement) Support {
	s := Support{Pairs: make([]Judgement, len(pairs))}
	right, said, truth := 0, 0, 0
	scores, labels := make([]float64, len(pairs)), make([]bool, len(pairs))
	for i, p := range pairs {
		j := judge(p)
		s.Pairs[i], scores[i], labels[i] = j, j.Score, p.Supported
		if p.Supported {
			truth++
		}
		if j.Supported {
			said++
			if p.Supported {
				right++
			}
		}
	}
	s.Precision, s.Recall = share(right, said), share(right, truth)
	if s.Precision+s.Recall > 0 {
		s.F1 = 2 * s.Precision * s.Recall / (s.Precision + s.Recall)
	}
	if auc := AUC(scores, labels); !math.IsNaN(auc) {
		s.AUC = &auc
	}
	return s
}

func share(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// AUC is the area under the ROC curve: the chance that a positive has a higher
// score than a negative, ties counting half (Mann-Whitney). It is NaN where one
// of the classes is empty. The slices have the same length.
func AUC(scores []float64, positive []bool) float64 {
	order := make([]int, len(scores))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(scores[a], scores[b]) })
	ranks, pos := 0.0, 0.0
	for i := 0; i < len(order); {
		j := i
		for j < len(order) && scores[order[j]] == scores[order[i]] {
			j++
		}
		rank := float64(i+j+1) / 2 // the mean of the ranks i+1 to j
		for _, at := range order[i:j] {
			if positive[at] {
				ranks, pos = ranks+rank, pos+1
			}
		}
		i = j
	}
	neg := float64(len(scores)) - pos
	if pos == 0 || neg == 0 {
		return math.NaN()
	}
	return (ranks - pos*(pos+1)/2) / (pos * neg)
}
