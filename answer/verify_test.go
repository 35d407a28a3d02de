package answer

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

var paspoort = []Source{
	{N: 1, Title: "Paspoort aanvragen", Heading: []string{"Kosten"}, Start: 100,
		Text: "Een paspoort kost € 86,85 voor wie 18 jaar of ouder is. Het is 10 jaar geldig. U betaalt aan de balie.\nU hoeft geen kopie mee te nemen."},
	{N: 2, Title: "Verhuizing doorgeven", Heading: []string{}, Start: 0,
		Text: "U moet uw verhuizing doorgeven binnen 5 dagen, vóór 1 mei 2026. Dat kan alleen met DigiD. De aanvraag kan bij de heer De Boer in Waterrijk. Meer op https://www.waterrijk.example/verhuizen."},
}

func TestVerify(t *testing.T) {
	v := newVerifier(dutch.New(dutch.Lexicon{}), paspoort)
	for _, c := range []struct {
		name, sentence string
		cited          []int
		quote          string // expected within the quotation; "" where the sentence must fail
	}{
		{"verbatim", "Een paspoort kost € 86,85 voor wie 18 jaar of ouder is.", []int{1}, "€ 86,85"},
		{"reworded", "Wie 18 jaar of ouder is, betaalt € 86,85 voor een paspoort.", []int{1}, "€ 86,85"},
		{"no mark, the engine attributes", "Een paspoort is 10 jaar geldig.", nil, "10 jaar"},
		{"wrong mark, the engine cites what supports it", "U betaalt aan de balie.", []int{2}, "U betaalt aan de balie."},
		{"mark without a source", "U betaalt aan de balie.", []int{7}, ""},
		{"amount", "Een paspoort kost € 68,85 voor wie 18 jaar of ouder is.", []int{1}, ""},
		{"age", "Een paspoort kost € 86,85 voor wie 16 jaar of ouder is.", []int{1}, ""},
		{"comparison", "Een paspoort kost € 86,85 voor wie 18 jaar of jonger is.", []int{1}, ""},
		{"duration", "Een paspoort is 5 jaar geldig.", []int{1}, ""},
		{"negation added", "U betaalt niet aan de balie.", []int{1}, ""},
		{"negation dropped", "U hoeft een kopie mee te nemen.", []int{1}, ""},
		{"modality", "U kunt uw verhuizing doorgeven binnen 5 dagen, vóór 1 mei 2026.", []int{2}, ""},
		{"month", "U moet uw verhuizing doorgeven binnen 5 dagen, vóór 1 juni 2026.", []int{2}, ""},
		{"condition dropped", "Een verhuizing doorgeven kan met DigiD.", []int{2}, ""},
		{"name", "De aanvraag kan bij de heer De Vries in Waterrijk.", []int{2}, ""},
		{"place", "De aanvraag kan bij de heer De Boer in Rotterdam.", []int{2}, ""},
		{"link", "Meer op https://www.waterrijk.evil/verhuizen.", []int{2}, ""},
		{"right link", "Meer op www.waterrijk.example/verhuizen.", []int{2}, "waterrijk.example"},
		{"made up", "De gemeente geeft inwoners een gratis fiets bij het gemeentehuis.", []int{1}, ""},
		{"nothing to check", "Dat is zo.", []int{1}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, err := v.check(c.sentence, c.cited)
			if (err == nil) != (c.quote != "") {
				t.Fatalf("got %+v, %v", q, err)
			}
			if err == nil {
				got := cite(paspoort, q)
				if !strings.Contains(got.Quote, c.quote) {
					t.Errorf("quoted %q, want %q in it", got.Quote, c.quote)
				}
				s := paspoort[q.source]
				if got.Start-s.Start != q.start || s.Text[q.start:q.end] != got.Quote {
					t.Errorf("the citation does not point at its quotation: %+v", got)
				}
			}
		})
	}
}

func TestLines(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Een zin. [1]\nTwee zinnen. Met een mark.[2][1]\n", "Een zin.[1]|Twee zinnen.[2 1]|Met een mark.[2 1]"},
		{"- Een zin [3].\n", "Een zin.[3]"},
		{"Zonder mark", "Zonder mark.[]"},
		{"Te groot [99999999999999999999]", "Te groot.[-1]"},
		{"Een zin. " + strings.Repeat("A", maxLine) + "[1]\n", "Een zin.[1]"}, // what was cut off goes
		{"[1] [2]", ""},
		{"", ""},
	} {
		var l lines
		var all []line
		for _, r := range c.in { // however the pieces are cut
			all = append(all, l.add(string(r))...)
		}
		var parts []string
		for _, x := range append(all, l.end()...) {
			parts = append(parts, x.text+fmt.Sprint(x.cited))
		}
		if s := strings.Join(parts, "|"); s != c.want {
			t.Errorf("%q: got %q, want %q", c.in, s, c.want)
		}
	}
}
