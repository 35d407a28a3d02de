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

// TestForms has what a model writes beside what a page says.
func TestForms(t *testing.T) {
	for _, c := range []struct {
		sentence, source string
		want             bool
	}{
		{"Voor volwassenen is het paspoort 10 jaar geldig en voor kinderen 5 jaar.", "Een paspoort voor volwassenen is 10 jaar geldig. Voor kinderen is het 5 jaar geldig.", true},
		{"De gemeente behandelt uw klacht binnen 6 weken.", "De klacht wordt binnen 6 weken behandeld door de gemeente. Deze termijn kan met 4 weken worden verlengd.", true},
		{"Als u verhuist, moet u dit binnen vijf dagen aan de gemeente doorgeven.", "Verhuist u? Dan moet u dit binnen 5 dagen na de verhuizing doorgeven aan de gemeente.", true},
		{"Bent u jonger dan 18 jaar, dan betaalt u € 65,70.", "Bent u jonger dan 18? Dan betaalt u € 65,70 voor een paspoort.", true},
		{"Kinderen onder de 18 betalen € 65,70.", "Voor kinderen jonger dan 18 jaar kost het € 65,70.", true},
		{"De klacht wordt behandeld binnen 6 weken.", "1. De klacht wordt behandeld door iemand die er niet bij betrokken was.\n2. De klacht wordt afgehandeld binnen 6 weken.", true},
		{"De termijn is 2 weken.", "De termijn is 14 dagen.", true},
		{"De termijn is 3 weken.", "De termijn is 14 dagen.", false},
		{"De aanvraag kost €1250.", "De kosten van de aanvraag bedragen € 1.250,-.", true},
		{"De aanvraag kost 1250 dollar.", "De kosten van de aanvraag bedragen € 1.250,-.", false},
		{"Het gemeentehuis is open van 9.00 tot 17.00 uur.", "Het gemeentehuis is van maandag tot en met vrijdag geopend van 09:00 tot 17:00 uur.", true},
		{"De milieustraat is op maandag dicht.", "De milieustraat is op maandag en dinsdag gesloten.", true},
		{"De milieustraat is op woensdag dicht.", "De milieustraat is op maandag en dinsdag gesloten.", false},
		{"U kunt bezwaar maken tot en met 5 mei.", "U kunt bezwaar maken tot 5 mei.", false},
		{"Het besluit geldt vanaf 1 mei 2026.", "Het besluit geldt vanaf 01-05-2026.", true},
		{"Het besluit geldt vanaf 5 januari 2026.", "Het besluit geldt vanaf 01-05-2026.", false},
		{"Het besluit is niet geldig.", "Het besluit is ongeldig.", true},
		{"Het besluit is geldig.", "Het besluit is ongeldig.", false},
		{"U heeft recht op de toeslag.", "Verdient u minder dan € 1.500 per maand? Dan heeft u recht op de toeslag.", false},
		{"De gemeente moet binnen acht weken beslissen.", "De gemeente beslist binnen acht weken op uw aanvraag.", false},
		{"Wijkteam Noord kost € 5.", "Wijkteam Zuid kost € 5. Wijkteam Noord kost € 8.", false},
	} {
		v := Verify(dutch.New(dutch.Lexicon{}), c.sentence, []string{"De gemeente haalt het afval op.", c.source})
		if v.Supported != c.want {
			t.Errorf("%q from %q: %+v", c.sentence, c.source, v)
		}
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
