package dutch

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func passage(title, text string) *retrieve.Passage {
	return &retrieve.Passage{Info: retrieve.Info{Title: title}, Chunk: chunk.Chunk{Text: text}}
}

func TestTokens(t *testing.T) {
	for in, want := range map[string]string{
		"Coördinatie van ÉÉN €83,87":        "coordinatie van een 83.87",
		"1.250,50 euro en 1.250 personen":   "1250.50 euro en 1250 personen",
		"artikel 5.1 lid 2, o.a. foto's":    "artikel 5.1 lid 2 oa fotos",
		"36600-VII en ID-kaart":             "36600 vii +36600vii en id kaart +idkaart",
		"van 9.00–17.00 uur («bericht»)":    "van 9.00 17.00 uur bericht",
		"https://www.waterrijk.nl/paspoort": "https www waterrijk nl paspoort",
		"":                                  "",
	} {
		var got []string
		tokens(in, func(tok string, whole bool) {
			if whole {
				tok = "+" + tok
			}
			got = append(got, tok)
		})
		if s := strings.Join(got, " "); s != want {
			t.Errorf("%q: got %q, want %q", in, s, want)
		}
	}
}

func TestCompoundsAreFoundByTheirParts(t *testing.T) {
	var ps []*retrieve.Passage
	for range 5 {
		ps = append(ps, passage("", "De vergunning om te parkeren. Parkeer hier. Gemeente en belasting."))
	}
	l := Learn(slices.Values(ps))
	if got := l.parts("parkeervergunning"); !reflect.DeepEqual(got, []string{"parkeer", "vergunning"}) {
		t.Errorf("parts of parkeervergunning: %v", got)
	}
	if got := l.parts("gemeentebelasting"); !reflect.DeepEqual(got, []string{"gemeente", "belasting"}) {
		t.Errorf("parts of gemeentebelasting: %v", got)
	}
	if got := l.parts("vergunning"); got != nil {
		t.Errorf("parts of vergunning: %v", got)
	}
	a := New(l)
	p, q := a.Passage(passage("", "Parkeervergunningen kosten geld.")), a.Query("Wat kost een parkeervergunning?")
	shared := 0
	for _, t := range q {
		if slices.ContainsFunc(p, func(u retrieve.Term) bool { return u.Token == t.Token }) {
			shared++
		}
	}
	if shared < 2 { // the stem of the whole word and of "kosten"
		t.Errorf("question %v and passage %v share %d terms", q, p, shared)
	}
}

func TestPassageWeightsAreBM25(t *testing.T) {
	a := New(Lexicon{AverageLength: 4})
	got := a.Passage(passage("Paspoort", "paspoort kwijt melden"))
	weight := func(tf float64) float32 {
		return float32((k1 + 1) * tf / (tf + k1*(1-b+b*4/4)))
	}
	for _, term := range got {
		want := weight(1)
		if term.Token == "paspoort" {
			want = weight(2)
		}
		if math.Abs(float64(term.Weight-want)) > 1e-6 {
			t.Errorf("%s weighs %v, want %v", term.Token, term.Weight, want)
		}
	}
	if len(got) != 3 {
		t.Errorf("terms: %v", got)
	}
}

func TestLexiconRoundTrip(t *testing.T) {
	l := Lexicon{Words: map[string]int{"gemeente": 7, "raad": 5}, Terms: map[string]int{"raad": 3}, AverageLength: 12.5, Passages: 3}
	got, err := Parse(l.Encode())
	if err != nil || !reflect.DeepEqual(got, l) || New(got).Signature() != New(l).Signature() {
		t.Errorf("got %v, %v", got, err)
	}
	l.Words["raad"]++
	if New(got).Signature() == New(l).Signature() {
		t.Error("another lexicon has the same signature")
	}
	if _, err := Parse("{"); err == nil {
		t.Error("a damaged lexicon is accepted")
	}
}

func FuzzQuery(f *testing.F) {
	f.Add("Wat kost een parkeervergunning in 2024? o.a. art. 5.1, «Één» € 1.250,-")
	a := New(Lexicon{Words: map[string]int{"parkeer": 9, "vergunning": 9}, AverageLength: 10})
	f.Fuzz(func(t *testing.T, s string) {
		terms := a.Query(s)
		if !slices.IsSortedFunc(terms, func(x, y retrieve.Term) int { return strings.Compare(x.Token, y.Token) }) {
			t.Fatalf("not sorted: %v", terms)
		}
		for i, term := range terms {
			if term.Token == "" || term.Weight <= 0 || i > 0 && terms[i-1].Token == term.Token {
				t.Fatalf("bad term %v", fmt.Sprint(term))
			}
			if utf8.ValidString(s) && !utf8.ValidString(term.Token) {
				t.Fatalf("invalid UTF-8 in %q", term.Token)
			}
		}
	})
}

func TestRepair(t *testing.T) {
	a := New(Lexicon{Words: map[string]int{"college": 9, "onderzocht": 9, "parkeer": 9, "vergunning": 9, "duitse": 9},
		Terms: map[string]int{stem("doelstellingen"): 4, stem("lopende"): 3, stem("digid"): 3}})
	for in, want := range map[string]string{
		"Wat doet hetcollege, enonderzocht?": "Wat doet het college, en onderzocht?",
		"doorDuitse DigiD parkeervergunning": "door Duitse DigiD parkeervergunning",
		"de doelstel-lingen":                 "de doelstellingen",
		"id-kaart, oud-Duitse":               "id-kaart, oud-Duitse",
		"Ål en Örebro 12":                    "Ål en Örebro 12",
		"":                                   "",
	} {
		if got := a.Repair(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestParticiples(t *testing.T) {
	a := New(Lexicon{Terms: map[string]int{stem("ophalen"): 4, stem("werken"): 4}})
	for in, want := range map[string]string{"opgehaald": stem("ophalen"), "gewerkt": stem("werken"), "gesloten": "", "afgemeld": "", "geld": ""} {
		if got := a.lexicon.verb(in); got != want {
			t.Errorf("%s: %q, want %q", in, got, want)
		}
	}
}

func FuzzRepair(f *testing.F) {
	f.Add("hetRegionale doelstel-lingen Ål")
	a := New(Lexicon{Words: map[string]int{"college": 9}})
	f.Fuzz(func(t *testing.T, s string) {
		bare := strings.NewReplacer(" ", "", "-", "")
		if got := a.Repair(s); bare.Replace(got) != bare.Replace(s) {
			t.Errorf("%q: %q", s, got)
		}
	})
}
