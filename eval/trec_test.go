package eval

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
)

func TestReadQrels(t *testing.T) {
	want := Qrels{"q1": {"d1": 1, "d2": 0}, "q2": {"d 3": 2}, "q0": {"d1": 1}}
	for name, in := range map[string]string{
		"beir":               "query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\td2\t0\nq2\td 3\t2\nq0\td1\t1\n",
		"beir, windows":      "\ufeffquery-id\tcorpus-id\tscore\r\nq1\td1\t1\r\nq1\td2\t0\r\n\r\nq2\td 3\t2\r\nq0\td1\t1",
		"beir, no header":    "q1\td1\t1\nq1\td2\t0\nq2\td 3\t2\nq0\td1\t1\n",
		"repeated, the same": "q1\td1\t1\nq1\td1\t1\nq1\td2\t0\nq2\td 3\t2\nq0\td1\t1\n",
	} {
		got, err := ReadQrels(strings.NewReader(in), "qrels.tsv")
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got := want.Judged(); !slices.Equal(got, []string{"q0", "q1", "q2"}) {
		t.Errorf("Judged: %v", got)
	}
	if got := (Qrels{"q1": {"d1": 0}, "q2": {}}).Judged(); len(got) != 0 {
		t.Errorf("Judged without relevant documents: %v", got)
	}

	trec, err := ReadQrels(strings.NewReader("301 0 FT1 1\n301\t0\tFT2\t-2\n302  0 FT1  0\n"), "qrels.trec")
	if err != nil || !reflect.DeepEqual(trec, Qrels{"301": {"FT1": 1, "FT2": -2}, "302": {"FT1": 0}}) {
		t.Errorf("TREC: %v, %v", trec, err)
	}
}

func TestReadQrelsErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                                      "f.tsv: no judgements",
		"query-id\tcorpus-id\tscore\n":          "f.tsv: no judgements",
		"q\td\n":                                "f.tsv:1: 2 fields",
		"q\td\t1\n\nq\td\tyes\n":                "f.tsv:3: score: \"yes\" is not an integer",
		"q\td\t1.0\n":                           "f.tsv:1: score: \"1.0\"",
		"q\td\t1\nq\td\t0\n":                    "f.tsv:2: query \"q\" and document \"d\" are judged twice, 1 and 0",
		"\td\t1\n":                              "f.tsv:1: query-id: empty",
		"q\t \t1\n":                             "f.tsv:1: corpus-id: empty",
		"q\td\t1\nquery-id\tcorpus-id\tscore\n": "f.tsv:2: score",
	} {
		if _, err := ReadQrels(strings.NewReader(in), "f.tsv"); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func zipped(t *testing.T, s string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func collect[T any](seq iter.Seq2[T, error]) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

func TestReadCorpus(t *testing.T) {
	in := `{"_id": "d1", "title": "Afval", "text": "Grofvuil ophalen", "metadata": {"x": [1]}, "more": 1}` + "\n\n" +
		`{"_id": "d2", "text": "zonder titel"}`
	want := []Doc{{"d1", "Afval", "Grofvuil ophalen"}, {"d2", "", "zonder titel"}}
	for name, content := range map[string]string{"corpus.jsonl": in, "corpus.jsonl.gz": zipped(t, in), "misnamed.jsonl": zipped(t, in)} {
		got, err := collect(ReadCorpus(write(t, name, content)))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	for d, err := range ReadCorpus(write(t, "corpus.jsonl", in)) { // may be left early
		if err != nil || d.ID != "d1" {
			t.Error(d, err)
		}
		break
	}
}

func TestReadQueries(t *testing.T) {
	got, err := collect(ReadQueries(write(t, "queries.jsonl",
		`{"_id": "q1", "text": "Wanneer komt het grofvuil?", "metadata": {"source": "vac", "n": 2}}`+"\n"+`{"_id": "q2", "text": "Wat kost een paspoort?"}`)))
	want := []Query{
		{"q1", "Wanneer komt het grofvuil?", map[string]any{"source": "vac", "n": 2.0}},
		{"q2", "Wat kost een paspoort?", nil},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestReadErrors(t *testing.T) {
	good := `{"_id": "d1", "text": "t"}` + "\n"
	for _, c := range []struct{ in, want string }{
		{"", ": empty"},
		{good + "{", ":2: not a JSON object: "},
		{good + "[1]", ":2: not a JSON object: "},
		{good + `{"_id": "d2"}`, ":2: text: missing"},
		{good + `{"text": "t"}`, ":2: _id: missing"},
		{good + `{"_id": "", "text": "t"}`, ":2: _id: empty"},
		{good + `{"_id": 7, "text": "t"}`, ":2: _id: json: cannot unmarshal number"},
		{good + `{"_id": "d2", "text": ["t"]}`, ":2: text: json: cannot unmarshal array"},
		{good + "\n" + good, ":3: _id: \"d1\" is also on line 1"},
		{zipped(t, good+good)[:30], ":1: unexpected EOF"},
	} {
		path := write(t, "in.jsonl", c.in)
		if _, err := collect(ReadCorpus(path)); err == nil || !strings.HasPrefix(err.Error(), path+c.want) {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
	}
	path := write(t, "queries.jsonl", `{"_id": "q", "text": " "}`)
	if _, err := collect(ReadQueries(path)); err == nil || !strings.HasPrefix(err.Error(), path+":1: text: empty") {
		t.Errorf("query without text: %v", err)
	}
	if _, err := collect(ReadCorpus(filepath.Join(t.TempDir(), "gone"))); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
}

func TestCorpusFile(t *testing.T) {
	path := write(t, "corpus.jsonl.gz", "")
	if got, err := CorpusFile(filepath.Dir(path)); got != path || err != nil {
		t.Error(got, err)
	}
	if _, err := CorpusFile(t.TempDir()); err == nil || !strings.Contains(err.Error(), "neither corpus.jsonl nor") {
		t.Error(err)
	}
}

// trec_eval's order: float32 scores descending, ties by ID descending.
func trecOrder(t *testing.T, run string) []string {
	t.Helper()
	type row struct {
		id    string
		score float32
	}
	var rows []row
	for i, l := range strings.Split(strings.TrimSpace(run), "\n") {
		f := strings.Fields(l)
		if len(f) != 6 || f[1] != "Q0" || f[3] != strconv.Itoa(i+1) {
			t.Fatalf("line %d: %q", i+1, l)
		}
		s, err := strconv.ParseFloat(f[4], 32)
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row{f[2], float32(s)})
	}
	slices.SortStableFunc(rows, func(a, b row) int {
		if a.score != b.score {
			if a.score > b.score {
				return -1
			}
			return 1
		}
		return strings.Compare(b.id, a.id)
	})
	var out []string
	for _, r := range rows {
		out = append(out, r.id)
	}
	return out
}

func TestRunWriter(t *testing.T) {
	var b bytes.Buffer
	w := NewRunWriter(&b, "hybrid")
	if err := w.Write("q1", []Ranked{{"d1", 0.75}, {"d2", 0.5}}); err != nil {
		t.Fatal(err)
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "q1 Q0 d1 1 0.75 hybrid\nq1 Q0 d2 2 0.5 hybrid\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}

	// Ties, differences below float32 and a score that rises keep their order.
	for _, scores := range [][]float64{{1, 1, 1, 1}, {0, 0, 0, -1}, {1, 1 - 1e-12, 2, 0.5}, {-3, -3, -3, -3}, {1e-45, 0, 0, 0}} {
		var ranked []Ranked
		for i, s := range scores {
			ranked = append(ranked, Ranked{fmt.Sprint("d", i), s})
		}
		b.Reset()
		w := NewRunWriter(&b, "t")
		if err := w.Write("q", ranked); err != nil {
			t.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if got := trecOrder(t, b.String()); !slices.Equal(got, IDs(ranked)) {
			t.Errorf("%v: trec_eval would read %v\n%s", scores, got, b.String())
		}
	}
}

func TestRunWriterErrors(t *testing.T) {
	nan := 0.0
	nan /= nan
	for _, c := range []struct {
		tag, query string
		ranked     []Ranked
		want       string
	}{
		{"my tag", "q", nil, "tag \"my tag\" cannot"},
		{"t", "", nil, "query \"\" cannot"},
		{"t", "q", []Ranked{{"a", 1}, {"b c", 1}}, "query q, rank 2: document \"b c\" cannot"},
		{"t", "q", []Ranked{{"b\u00a0c", 1}}, "query q, rank 1: document"},
		{"t", "q", []Ranked{{"a", 1}, {"a", 1}}, "query q, rank 2: document a is listed twice"},
		{"t", "q", []Ranked{{"a", nan}}, "query q, rank 1: document a has score NaN"},
		{"t", "q", []Ranked{{"a", 1e300}}, "query q, rank 1: document a has score 1e+300"},
	} {
		var b bytes.Buffer
		w := NewRunWriter(&b, c.tag)
		if err := w.Write(c.query, c.ranked); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%v: %v", c, err)
		}
		if err := w.Flush(); err != nil || b.Len() > 0 {
			t.Errorf("%v: wrote %q, %v", c, b.String(), err)
		}
	}
}

func FuzzReadQrels(f *testing.F) {
	for _, s := range []string{"query-id\tcorpus-id\tscore\nq\td\t1\n", "q 0 d 1", "q\td\t\n", "\ufeff", "q\td\t99999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := ReadQrels(strings.NewReader(s), "f")
		if (err == nil) == (len(q) == 0) {
			t.Errorf("%v, %v", q, err)
		}
	})
}

func FuzzParseObject(f *testing.F) {
	for _, s := range []string{`{"_id":"a","text":"b"}`, `{"_id":null,"text":1}`, `null`, `{"_id":"a","text":"b","metadata":[]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		o, err := parseObject(line{name: "f", n: 1, text: []byte(s)})
		if err == nil && o.ID == "" {
			t.Errorf("%q gave an object without an ID", s)
		}
	})
}
