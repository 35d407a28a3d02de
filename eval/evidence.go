package eval

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
)

// Asked is a question of which is known whether the sources answer it.
type Asked struct {
	ID         string  `json:"id"`
	Text       string  `json:"text"`
	Question   string  `json:"question"` // another name of Text
	Answerable *bool   `json:"answerable"`
	Weight     float64 `json:"weight"` // how much it counts in a fit; 0 is 1
}

// ReadAsked reads questions, one object a line. Errors name the line.
func ReadAsked(r io.Reader, name string) ([]Asked, error) {
	var out []Asked
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var a Asked
		if err := json.Unmarshal(lines.Bytes(), &a); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if a.Text == "" {
			a.Text = a.Question
		}
		switch {
		case a.Text == "":
			return nil, fmt.Errorf("%s:%d: field text is missing", name, n)
		case a.Answerable == nil:
			return nil, fmt.Errorf("%s:%d: field answerable is missing: true or false", name, n)
		case a.Weight < 0 || math.IsNaN(a.Weight):
			return nil, fmt.Errorf("%s:%d: field weight is negative", name, n)
		case a.Weight == 0:
			a.Weight = 1
		}
		out = append(out, a)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: it has no questions", name)
	}
	return out, nil
}

// Judged is a question with the figures of its search. Ruled is set for one that
// rules refused before any search.
type Judged struct {
	Asked
	Figures    []float64
	Confidence float64
	Ruled      bool
}

// Point is what one threshold gives.
type Point struct {
	Threshold float64 `json:"threshold"`
	Answered  int     `json:"answered"` // of the answerable
	Refused   int     `json:"refused"`  // of the others
}

// Evidence is how well figures of a search tell what can be answered.
type Evidence struct {
	Answerable   int                `json:"answerable"`
	Unanswerable int                `json:"unanswerable"`
	Ruled        int                `json:"ruled"` // of the latter, refused by rules
	AUC          float64            `json:"auc"`   // of the confidence as it is
	Curve        []Point            `json:"curve"`
	Weights      map[string]float64 `json:"weights"`    // fitted on all questions
	FoldedAUC    float64            `json:"folded_auc"` // of fits on four fifths, on the fifth that each had not seen
}

const folds = 5

// JudgeEvidence measures the confidence, and fits weights for the named figures.
func JudgeEvidence(js []Judged, names []string) (Evidence, error) {
	e := Evidence{Weights: map[string]float64{}}
	var x [][]float64
	var yes []bool
	var weight, confidence []float64
	for _, j := range js {
		if *j.Answerable {
			e.Answerable++
		} else if e.Unanswerable++; j.Ruled {
			e.Ruled++
		}
		if !j.Ruled {
			x, yes, weight, confidence = append(x, j.Figures), append(yes, *j.Answerable), append(weight, j.Weight), append(confidence, j.Confidence)
		}
	}
	if e.AUC = AUC(confidence, yes); math.IsNaN(e.AUC) {
		return e, errors.New("give questions that the sources answer, and such that they do not answer")
	}
	for t := 1; t < 10; t++ {
		p := Point{Threshold: float64(t) / 10}
		for _, j := range js {
			switch says := !j.Ruled && j.Confidence >= p.Threshold; {
			case *j.Answerable && says:
				p.Answered++
			case !*j.Answerable && !says:
				p.Refused++
			}
		}
		e.Curve = append(e.Curve, p)
	}
	m, err := FitLogistic(x, yes, weight)
	if err != nil {
		return e, err
	}
	e.Weights["bias"] = m.Bias
	for i, n := range names {
		e.Weights[n] = m.Weights[i]
	}
	e.FoldedAUC, err = folded(x, yes, weight)
	return e, err
}

// folded is the area under the curve of scores that each come from a fit without
// their question.
func folded(x [][]float64, yes []bool, weight []float64) (float64, error) {
	scores := make([]float64, len(x))
	for f := range folds {
		var fx [][]float64
		var fy []bool
		var fw []float64
		for i := range x {
			if i%folds != f {
				fx, fy, fw = append(fx, x[i]), append(fy, yes[i]), append(fw, weight[i])
			}
		}
		m, err := FitLogistic(fx, fy, fw)
		if err != nil {
			return 0, err
		}
		for i := f; i < len(x); i += folds {
			scores[i] = m.Z(x[i])
		}
	}
	return AUC(scores, yes), nil
}
