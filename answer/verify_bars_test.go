package answer

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

// The bars of the verifier, as shares.
const (
	mostPassed  = 0.01 // of sentences altered in one fact
	leastPassed = 0.95 // of true sentences, in the same or other words
	leastKinds  = 10   // ways to alter
	perKind     = 150  // sentences of each way
)

// TestVerifierBars alters real sentences by program and counts what passes. The
// half of the documents on which the rules were written is not counted.
func TestVerifierBars(t *testing.T) {
	const file = "../../shared/data/eval/nl-gov/corpus.jsonl.gz"
	if _, err := os.Stat(file); err != nil {
		t.Skip("no " + file)
	}
	measureBars(t, realPassages(t, file, os.Getenv("VERIFY_HALF") == "train"))
}

// TestVerifierBarsSynthetic is the same on texts of our own, which are always there.
func TestVerifierBarsSynthetic(t *testing.T) {
	raw, err := os.ReadFile("testdata/passages.txt")
	if err != nil {
		t.Fatal(err)
	}
	measureBars(t, strings.Split(strings.TrimSpace(string(raw)), "\n\n"))
}

const inOtherWords = "altered and reworded"

func measureBars(t *testing.T, passages []string) {
	t.Helper()
	var names []string
	for _, p := range passages {
		for _, m := range nameForm.FindAllStringSubmatch(p, -1) {
			if !slices.Contains(names, m[1]) && len(names) < 300 {
				names = append(names, m[1])
			}
		}
	}
	wrong, right := tally{}, tally{}
	for _, p := range passages {
		v := newVerifier(dutch.New(dutch.Lexicon{}), []Source{{N: 1, Text: p}})
		for _, sp := range chunk.Sentences(p) {
			s := p[sp.Start:sp.End]
			if n := len(strings.Fields(s)); n < 5 || n > 45 || !strings.HasSuffix(s, ".") {
				continue
			}
			for _, a := range alter(s, p, names) {
				if wrong[a.kind].all < perKind {
					wrong.check(t, v, a, false, s)
				}
				// In other words a wrong fact is as wrong.
				if wrong[inOtherWords].all < 4*perKind {
					rs := reword(a.text)
					r := rs[(len(a.text)+len(s))%len(rs)]
					wrong.check(t, v, altered{inOtherWords, r.text}, false, s)
				}
			}
			for _, a := range reword(s) {
				if right[a.kind].all < perKind {
					right.check(t, v, a, true, s)
				}
			}
		}
	}
	a, b := wrong.total(), right.total()
	t.Logf("altered: %d of %d pass (%.2f %%)%s", a.passed, a.all, 100*a.share(), wrong)
	t.Logf("true: %d of %d pass (%.2f %%)%s", b.passed, b.all, 100*b.share(), right)
	if len(wrong) < leastKinds || a.share() > mostPassed {
		t.Errorf("%.2f %% of the altered sentences pass, in %d ways", 100*a.share(), len(wrong))
	}
	if b.share() < leastPassed || b.all == 0 {
		t.Errorf("%.2f %% of the true sentences pass", 100*b.share())
	}
}

type count struct{ passed, all int }

func (c count) share() float64 { return float64(c.passed) / float64(max(c.all, 1)) }

type tally map[string]count

func (y tally) check(t *testing.T, v *verifier, a altered, truth bool, was string) {
	c := y[a.kind]
	c.all++
	q, err := v.check(a.text, nil)
	if err == nil {
		c.passed++
		if s := v.sources[q.source].Text; s[q.start:q.end] == "" {
			t.Errorf("an empty quotation for %q", a.text)
		}
	}
	if (err == nil) != truth && os.Getenv("VERIFY_SHOW") != "" {
		fmt.Printf("%s\n   was: %s\n   now: %s\n   why: %v\n", a.kind, was, a.text, err)
	}
	y[a.kind] = c
}

func (y tally) total() count {
	var out count
	for _, c := range y {
		out.passed, out.all = out.passed+c.passed, out.all+c.all
	}
	return out
}

func (y tally) String() string {
	var lines []string
	for k, c := range y {
		lines = append(lines, fmt.Sprintf("\n  %-28s %4d of %4d", k, c.passed, c.all))
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// realPassages takes runs of eight sentences of the pages and answers of a
// corpus, without its law articles; one half of the documents.
func realPassages(t *testing.T, file string, train bool) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewScanner(z)
	in.Buffer(nil, 16<<20)
	var out []string
	perSource := map[string]int{}
	for in.Scan() {
		var d struct {
			ID       string `json:"_id"`
			Text     string
			Metadata struct{ Source string }
		}
		if err := json.Unmarshal(in.Bytes(), &d); err != nil {
			t.Fatal(err)
		}
		h := fnv.New32a()
		h.Write([]byte(d.ID))
		if (h.Sum32()%2 == 0) != train || perSource[d.Metadata.Source] >= 150 {
			continue
		}
		perSource[d.Metadata.Source]++
		spans := chunk.Sentences(d.Text)
		for i := 0; i < min(len(spans), 24); i += 8 {
			out = append(out, d.Text[spans[i].Start:spans[min(i+8, len(spans))-1].End])
		}
	}
	if err := in.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}
