package answer

import (
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

func TestPlainWords(t *testing.T) {
	for in, want := range map[string]string{
		"Indien u reeds een pas heeft, dient u te betalen.":                                          "Als u al een pas heeft, dient u te betalen.",
		"Men dient te betalen voor 1 mei.":                                                           "Men moet betalen voor 1 mei.",
		"De bedragen staan in de tabel.":                                                             "De bedragen staan in de tabel.",
		"U ontvangt tevens een brief omtrent uw aanvraag, uitsluitend ten behoeve van de belasting.": "U krijgt ook een brief over uw aanvraag, alleen voor de belasting.",
	} {
		if got := inPlainWords(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A rewrite stands only if it says what the statement says, no less and no more.
func TestRewriteSurvives(t *testing.T) {
	a := dutch.New(dutch.Lexicon{})
	const statement = "Indien u 65 jaar of ouder bent, ontvangt u binnen 8 weken een pas, tenzij u al een kaart heeft."
	quotes := []Source{{N: 1, Title: "Pas", Text: statement}}
	for _, ok := range [][]string{
		{"Als u 65 jaar of ouder bent, krijgt u binnen 8 weken een pas, tenzij u al een kaart heeft."},
	} {
		if err := survives(a, quotes, statement, ok); err != nil {
			t.Errorf("%q: %v", ok, err)
		}
	}
	for _, bad := range [][]string{
		{"Als u 67 jaar of ouder bent, krijgt u binnen 8 weken een pas, tenzij u al een kaart heeft."},
		{"Als u 65 jaar of ouder bent, krijgt u binnen 8 weken een pas."},
		{"U krijgt binnen 8 weken een pas, tenzij u al een kaart heeft."},
		{"Als u 65 jaar of ouder bent, krijgt u geen pas binnen 8 weken, tenzij u al een kaart heeft."},
		{"Als u 65 jaar of ouder bent, kunt u binnen 8 weken een pas krijgen, tenzij u al een kaart heeft."},
		{"Als u 65 jaar of ouder bent, krijgt u binnen 8 weken een pas, tenzij u al een kaart heeft.", "Dat kost 10 euro."},
		{"Als u 65 jaar of ouder bent, krijgt u een pas, tenzij u al een kaart heeft."},
		{},
	} {
		if survives(a, quotes, statement, bad) == nil {
			t.Errorf("%q stands", bad)
		}
	}
}

func TestPlainAnswer(t *testing.T) {
	f := waterrijk()
	const text = "Een paspoort kost € 86,85 voor wie reeds 18 jaar of ouder is."
	f.candidates[0].Text = text
	q := Question{Text: "Wat kost een paspoort?", Level: B1}
	a := ask(t, engine(t, Parts{Searcher: f}, Options{}), q)
	if s := a.Statements[0]; s.Text != "Een paspoort kost € 86,85 voor wie al 18 jaar of ouder is." || s.Citations[0].Quote != text {
		t.Errorf("%+v", s)
	}
	// A model that makes something else of it changes nothing.
	lies := &writer{text: "Een paspoort kost € 12,00.\nDat is gratis.\n"}
	f.candidates[0].Text = text + " Het is 10 jaar geldig."
	for _, s := range ask(t, engine(t, Parts{Searcher: f, Generator: lies}, Options{}), q).Statements {
		if strings.Contains(s.Text, "12,00") || strings.Contains(s.Text, "gratis") {
			t.Errorf("%q", s.Text)
		}
	}
}

func FuzzPlainWords(f *testing.F) {
	f.Add("Indien u reeds een pas heeft, dient te worden betaald.")
	f.Fuzz(func(t *testing.T, s string) { inPlainWords(s) })
}
