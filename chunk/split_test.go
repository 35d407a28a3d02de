package chunk

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// document builds a document from lines "kind|heading/path|group|context|text".
func document(lines ...string) *ingest.Document {
	d := &ingest.Document{Ref: ingest.Ref{Collection: "c", ID: "d"}}
	for _, l := range lines {
		f := strings.SplitN(l, "|", 5)
		b := ingest.Block{Kind: ingest.Kind(f[0]), Start: len(d.Text), Context: f[3]}
		if f[1] != "" {
			b.Heading = strings.Split(f[1], "/")
		}
		fmt.Sscan(f[2], &b.Group)
		d.Text += f[4]
		b.End = len(d.Text)
		d.Text += "\n"
		d.Blocks = append(d.Blocks, b)
	}
	return d
}

func TestSplitFollowsTheStructure(t *testing.T) {
	d := document(
		"heading||0||Paspoort",
		"paragraph|Paspoort|0||U vraagt een paspoort aan.",
		"paragraph|Paspoort|0||Neem een foto mee.",
		"heading|Paspoort|0||Kosten",
		"row|Paspoort/Kosten|0|Leeftijd / Prijs|18 jaar of ouder / 83,87 euro",
		"question||7||Klopt het bericht?",
		"question||7||Zo ja, waarom?",
		"answer||7||Ja, dat klopt.",
		"question||8||Een vraag zonder antwoord?",
	)
	got := Split(d, Defaults())
	type view struct{ Heading, Context, Text string }
	var views []view
	for i, c := range got {
		if c.Text != d.Text[c.Start:c.End] || c.Ordinal != i {
			t.Errorf("passage %d: text is not its range, or ordinal %d", i, c.Ordinal)
		}
		views = append(views, view{strings.Join(c.Heading, "/"), c.Context, c.Text})
	}
	want := []view{
		{"Paspoort", "", "U vraagt een paspoort aan.\nNeem een foto mee."},
		{"Paspoort/Kosten", "Leeftijd / Prijs", "18 jaar of ouder / 83,87 euro"},
		{"", "Klopt het bericht?\nZo ja, waarom?", "Ja, dat klopt."},
		{"", "", "Een vraag zonder antwoord?"},
	}
	if !reflect.DeepEqual(views, want) {
		t.Errorf("got  %q\nwant %q", views, want)
	}
}

func TestSplitOfHeadingsAlone(t *testing.T) {
	if got := Split(document("heading||0||Alleen een kop"), Defaults()); len(got) != 1 || got[0].Text != "Alleen een kop" {
		t.Errorf("got %v", got)
	}
	if got := Split(&ingest.Document{}, Defaults()); len(got) != 0 {
		t.Errorf("an empty document has passages: %v", got)
	}
}

// Whatever the document, every word of it that is no heading ends up in one
// passage, in order, and no passage is larger than allowed.
func TestSplitLosesNothing(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		var lines []string
		for range 1 + rng.IntN(12) {
			var words []string
			for range 1 + rng.IntN(200) {
				words = append(words, strings.Repeat("ab", 1+rng.IntN(6))+[]string{"", "", "", ".", ",", " 12,50"}[rng.IntN(6)])
			}
			if rng.IntN(20) == 0 {
				words = append(words, strings.Repeat("é", 3000))
			}
			lines = append(lines, fmt.Sprintf("paragraph|k%d|0||%s", rng.IntN(3), strings.Join(words, " ")))
		}
		d := document(lines...)
		o := Options{MaxTokens: 20 + rng.IntN(100), ContextTokens: 10}
		var got strings.Builder
		last := 0
		for _, c := range Split(d, o) {
			if c.Start < last {
				t.Fatalf("passage [%d,%d) overlaps the one before, which ends at %d", c.Start, c.End, last)
			}
			last = c.End
			got.WriteString(c.Text)
			if n := EstimateTokens(c.Text); n > o.MaxTokens && !strings.Contains(c.Text, "éé") {
				t.Fatalf("passage of %d tokens, at most %d allowed", n, o.MaxTokens)
			}
		}
		squeeze := func(s string) string { return strings.Join(strings.Fields(s), "") }
		if squeeze(got.String()) != squeeze(d.Text) {
			t.Fatal("words were lost or changed")
		}
	}
}

func TestSplitIsDeterministic(t *testing.T) {
	d := document("paragraph|a|0||Een zin.", "paragraph|b|0||Nog een zin.")
	if a, b := Split(d, Defaults()), Split(d, Defaults()); !reflect.DeepEqual(a, b) {
		t.Error("two splits differ")
	}
}

func TestSentences(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{"Een zin. Nog een zin! En een vraag?", []string{"Een zin.", "Nog een zin!", "En een vraag?"}},
		{"Dit is o.a. geregeld in art. 5.1 van de Woo. Dat geldt.", []string{"Dit is o.a. geregeld in art. 5.1 van de Woo.", "Dat geldt."}},
		{"De heer J. de Vries betaalt € 1.250,50. Hij is 18.", []string{"De heer J. de Vries betaalt € 1.250,50.", "Hij is 18."}},
		{"Kop\nTekst onder de kop", []string{"Kop", "Tekst onder de kop"}},
		{"1. De aanvraag. 2. Het besluit.", []string{"1. De aanvraag.", "2. Het besluit."}},
		{"Hij zei: “Dat mag niet.” Daarna ging hij.", []string{"Hij zei: “Dat mag niet.”", "Daarna ging hij."}},
		{"Bel 14 0113 (ma. t/m vr. 9.00-17.00 uur).", []string{"Bel 14 0113 (ma. t/m vr. 9.00-17.00 uur)."}},
		{"", nil},
	} {
		var got []string
		for _, s := range Sentences(c.text) {
			got = append(got, c.text[s.Start:s.End])
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q:\n got %q\nwant %q", c.text, got, c.want)
		}
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Een zin. Nog een.\n\nAlinea", 10)
	f.Fuzz(func(t *testing.T, text string, maxTokens int) {
		d := &ingest.Document{Text: text, Blocks: []ingest.Block{{End: len(text), Kind: ingest.Paragraph}}}
		for _, c := range Split(d, Options{MaxTokens: maxTokens % 500, ContextTokens: 5}) {
			if c.Text != text[c.Start:c.End] || c.Text == "" {
				t.Fatalf("bad passage %+v", c)
			}
		}
	})
}
