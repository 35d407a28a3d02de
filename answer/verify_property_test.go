package answer

import (
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

// checkVerdict holds for every sentence and every sources: what is supported has
// a quotation that stands verbatim in its source, at the ends of sentences.
func checkVerdict(t *testing.T, sentence string, contexts []string) Verdict {
	t.Helper()
	v := Verify(dutch.New(dutch.Lexicon{}), sentence, contexts)
	switch {
	case v.Score < 0 || v.Score > 1:
		t.Fatalf("%q: score %v", sentence, v.Score)
	case v.Supported != (v.Reason == "") || v.Supported != (v.Score >= supportThreshold):
		t.Fatalf("%q: %+v", sentence, v)
	case !v.Supported:
		if v.Context != -1 {
			t.Fatalf("%q: not supported, with a quotation: %+v", sentence, v)
		}
		return v
	}
	c := contexts[v.Context]
	if v.Start >= v.End || strings.TrimSpace(c[v.Start:v.End]) == "" {
		t.Fatalf("%q: an empty quotation: %+v", sentence, v)
	}
	starts, ends := false, false
	for _, sp := range chunk.Sentences(c) {
		starts, ends = starts || sp.Start == v.Start, ends || sp.End == v.End
	}
	if !starts || !ends {
		t.Fatalf("%q: the quotation %q is not whole sentences", sentence, c[v.Start:v.End])
	}
	if utf8.ValidString(c) && !utf8.ValidString(c[v.Start:v.End]) {
		t.Fatalf("%q: the quotation cuts a letter", sentence)
	}
	return v
}

func FuzzVerify(f *testing.F) {
	f.Add("Een paspoort kost € 86,85.", "Een paspoort kost € 86,85. Het is geldig.", "Afval wordt opgehaald.")
	f.Add("U moet vóór 1-5-2026 18-jarige", "U mag niet, tenzij 2026-05-01, als u 18 jaar of ouder bent.", "")
	f.Add("www.x.example 14 t/m", "€ € % 5 tot en met\n12 mei\xff", "é.")
	f.Fuzz(func(t *testing.T, sentence, a, b string) {
		if len(sentence)+len(a)+len(b) > 4000 {
			t.Skip()
		}
		checkVerdict(t, sentence, []string{a, b})
		for _, sp := range chunk.Sentences(a) {
			checkVerdict(t, a[sp.Start:sp.End], []string{b, a})
		}
	})
}

// TestQuotationsAreVerbatim checks every sentence of our own passages against all
// of them: each is found, in its own passage.
func TestQuotationsAreVerbatim(t *testing.T) {
	raw, err := os.ReadFile("testdata/passages.txt")
	if err != nil {
		t.Fatal(err)
	}
	passages := strings.Split(strings.TrimSpace(string(raw)), "\n\n")
	n := 0
	for i, p := range passages {
		for _, sp := range chunk.Sentences(p) {
			s := p[sp.Start:sp.End]
			if v := checkVerdict(t, s, passages); !v.Supported || v.Context != i || !strings.Contains(p[v.Start:v.End], s) {
				t.Errorf("%q: %+v", s, v)
			}
			n++
			for _, r := range reword(s) {
				checkVerdict(t, r.text, passages)
				n++
			}
			for _, a := range alter(s, p, []string{"Mevrouw Jansen"}) {
				checkVerdict(t, a.text, passages)
				n++
			}
		}
	}
	if n < 500 {
		t.Errorf("only %d verdicts", n)
	}
}
