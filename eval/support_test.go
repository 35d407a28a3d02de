package eval

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
)

func TestReadPairs(t *testing.T) {
	good := `{"id":"a","sentence":"Een zin.","contexts":["Een bron."],"label":"supported"}`
	ps, err := ReadPairs(strings.NewReader(good+"\n\n"+strings.Replace(strings.Replace(good, `"a"`, `"b"`, 1), "supported", "unsupported", 1)), "f")
	if err != nil || len(ps) != 2 || !ps[0].Supported || ps[1].Supported || ps[1].Contexts[0] != "Een bron." {
		t.Fatalf("got %+v, %v", ps, err)
	}
	for _, c := range []struct{ line, want string }{
		{`{`, "f:2: not a JSON object"},
		{`[]`, "f:2: not a JSON object"},
		{`{"sentence":"x","contexts":[],"label":"supported"}`, "f:2:id: is missing"},
		{`{"id":"","sentence":"x","contexts":[],"label":"supported"}`, "f:2:id: is empty"},
		{`{"id":"a","sentence":"x","contexts":[],"label":"supported"}`, "f:2:id: \"a\" is the id of line 1"},
		{`{"id":3,"sentence":"x","contexts":[],"label":"supported"}`, "f:2:id: must be a text"},
		{`{"id":"b","sentence":" ","contexts":[],"label":"supported"}`, "f:2:sentence: is empty"},
		{`{"id":"b","sentence":"x","contexts":"y","label":"supported"}`, "f:2:contexts: must be a list"},
		{`{"id":"b","sentence":"x","contexts":null,"label":"supported"}`, "f:2:contexts: is missing"},
		{`{"id":"b","sentence":"x","contexts":[],"label":"true"}`, "f:2:label: is \"true\""},
	} {
		if _, err := ReadPairs(strings.NewReader(good+"\n"+c.line), "f"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.line, err, c.want)
		}
	}
	if _, err := ReadPairs(strings.NewReader("\n"), "f"); err == nil {
		t.Error("an empty file must be an error")
	}
}

func FuzzReadPairs(f *testing.F) {
	f.Add([]byte(`{"id":"a","sentence":"x","contexts":["y"],"label":"supported"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		ps, err := ReadPairs(strings.NewReader(string(b)), "f")
		if err == nil && len(ps) == 0 {
			t.Error("no pairs and no error")
		}
		for _, p := range ps {
			if p.ID == "" || strings.TrimSpace(p.Sentence) == "" {
				t.Errorf("got %+v", p)
			}
		}
	})
}

func TestJudgeSupport(t *testing.T) {
	pairs := []Pair{{ID: "a", Supported: true}, {ID: "b", Supported: true}, {ID: "c"}, {ID: "d"}}
	scores := map[string]float64{"a": 0.9, "b": 0.4, "c": 0.6, "d": 0.1}
	got := JudgeSupport(pairs, func(p Pair) Judgement {
		return Judgement{ID: p.ID, Score: scores[p.ID], Supported: scores[p.ID] >= 0.5}
	})
	if got.Precision != 0.5 || got.Recall != 0.5 || got.F1 != 0.5 || *got.AUC != 0.75 || len(got.Pairs) != 4 {
		t.Errorf("got %+v", got)
	}
	one := JudgeSupport(pairs[:1], func(p Pair) Judgement { return Judgement{ID: p.ID} })
	if one.AUC != nil || one.Precision != 0 || one.Recall != 0 {
		t.Errorf("one class: got %+v", one)
	}
	if _, err := json.Marshal(one); err != nil {
		t.Error(err)
	}
}

func TestAUC(t *testing.T) {
	for _, c := range []struct {
		scores []float64
		labels []bool
		want   float64
	}{
		{[]float64{1, 2, 3, 4}, []bool{false, false, true, true}, 1},
		{[]float64{1, 2, 3, 4}, []bool{true, true, false, false}, 0},
		{[]float64{1, 1, 1, 1}, []bool{true, true, false, false}, 0.5},
		{[]float64{1, 2, 2, 3}, []bool{false, true, false, true}, 0.875},
		{[]float64{1}, []bool{true}, math.NaN()},
		{nil, nil, math.NaN()},
	} {
		if got := AUC(c.scores, c.labels); got != c.want && !(math.IsNaN(got) && math.IsNaN(c.want)) {
			t.Errorf("%v %v: got %v, want %v", c.scores, c.labels, got, c.want)
		}
	}
}
