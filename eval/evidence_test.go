package eval

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

func TestFitLogistic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	truth := Logistic{Bias: -3, Weights: []float64{4, -2}}
	var x [][]float64
	var yes []bool
	var w []float64
	for range 20_000 {
		r := []float64{random.Float64() * 2, random.Float64() * 2}
		x, w = append(x, r), append(w, 1)
		yes = append(yes, random.Float64() < 1/(1+math.Exp(-truth.Z(r))))
	}
	m, err := FitLogistic(x, yes, w)
	if err != nil || math.Abs(m.Bias+3) > 0.2 || math.Abs(m.Weights[0]-4) > 0.2 || math.Abs(m.Weights[1]+2) > 0.2 {
		t.Errorf("%+v, %v", m, err)
	}
	if _, err := FitLogistic(nil, nil, nil); err == nil {
		t.Error("nothing was fitted")
	}
}

func TestJudgeEvidence(t *testing.T) {
	yes, no := true, false
	var js []Judged
	for i := range 20 {
		v := float64(i) / 20
		a := &no
		if i >= 10 {
			a = &yes
		}
		js = append(js, Judged{Asked: Asked{Answerable: a, Weight: 1}, Figures: []float64{v, 1}, Confidence: v})
	}
	js = append(js, Judged{Asked: Asked{Answerable: &no, Weight: 1}, Ruled: true})
	e, err := JudgeEvidence(js, []string{"cosine", "cover"})
	if err != nil || e.Answerable != 10 || e.Unanswerable != 11 || e.Ruled != 1 || e.AUC != 1 || e.FoldedAUC < 0.98 || e.Weights["cosine"] <= 0 {
		t.Errorf("%+v, %v", e, err)
	}
	if p := e.Curve[4]; p != (Point{0.5, 10, 11}) {
		t.Errorf("%+v", p)
	}
	if p := e.Curve[6]; p != (Point{0.7, 6, 11}) {
		t.Errorf("%+v", p)
	}
	if _, err := JudgeEvidence(js[:5], nil); err == nil {
		t.Error("one kind of question is enough")
	}
}

func TestReadAsked(t *testing.T) {
	got, err := ReadAsked(strings.NewReader(`{"id":"a","text":"Wat?","answerable":true}`+"\n\n"+`{"id":"b","question":"Hoe?","answerable":false,"weight":2}`), "q")
	if err != nil || len(got) != 2 || got[1].Text != "Hoe?" || got[1].Weight != 2 || got[0].Weight != 1 {
		t.Errorf("%+v, %v", got, err)
	}
	for in, want := range map[string]string{"": "no questions", "{": "q:1", `{"text":"x"}`: "answerable", `{"answerable":true}`: "text", `{"text":"x","answerable":true,"weight":-1}`: "weight"} {
		if _, err := ReadAsked(strings.NewReader(in), "q"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}
