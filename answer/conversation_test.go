package answer

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

func TestStandalone(t *testing.T) {
	for _, c := range []struct {
		history []string
		text    string
		want    string
	}{
		{nil, "Wat kost een paspoort?", "Wat kost een paspoort?"},
		{[]string{"Wat kost een paspoort?"}, "En voor mijn zoon van 12?", "Wat kost een paspoort voor mijn zoon van 12?"},
		{[]string{"Wat kost een paspoort voor een volwassene?"}, "En voor mijn zoon?", "Wat kost een paspoort voor mijn zoon?"},
		{[]string{"Hoe laat sluit de milieustraat op vrijdag?"}, "En op zaterdag?", "Hoe laat sluit de milieustraat op zaterdag?"},
		{[]string{"Wat kost een paspoort?"}, "En een rijbewijs?", "Wat kost een rijbewijs?"},
		{[]string{"Wat kost een paspoort?"}, "Hoe lang is het geldig?", "Hoe lang is het geldig? (paspoort)"},
		{[]string{"Wat kost een paspoort?"}, "Kan ik daar pinnen?", "Kan ik daar pinnen? (paspoort)"},
		{[]string{"Wat kost een paspoort?", "En voor mijn zoon?"}, "Hoe lang is het geldig?", "Hoe lang is het geldig? (paspoort)"},
		{[]string{"Wat kost een paspoort?"}, "Wanneer wordt het restafval in de wijk opgehaald?", "Wanneer wordt het restafval in de wijk opgehaald?"},
		{[]string{"Wat kost een paspoort?"}, "Wat kost het rijbewijs van mijn vader?", "Wat kost het rijbewijs van mijn vader?"},
		{[]string{"How much is a passport?"}, "And for my son?", "How much is a passport for my son?"},
	} {
		q := Question{Text: c.text}
		for _, h := range c.history {
			q.History = append(q.History, Turn{Question: h})
		}
		if got := standalone(q); got != c.want {
			t.Errorf("%q after %q: %q, want %q", c.text, c.history, got, c.want)
		}
	}
	q := Question{Text: "Parkeervergunning voor bewoners van zone C", History: []Turn{{"Wat kost een vergunning?", clarifyDutch}}}
	if got := standalone(q); got != "Wat kost een vergunning Parkeervergunning voor bewoners van zone C" {
		t.Errorf("a choice: %q", got)
	}
}

func TestSplit(t *testing.T) {
	for text, want := range map[string]string{
		"Wat kost een paspoort en hoe lang is het geldig?":                      "Wat kost een paspoort? | hoe lang is het geldig? (paspoort)",
		"Wat kost een paspoort? En waar vraag ik een rijbewijs aan?":            "Wat kost een paspoort? | waar vraag ik een rijbewijs aan? (paspoort)",
		"Ik ga verhuizen. Moet ik dat doorgeven? En hoe vraag ik een pas aan?":  "Ik ga verhuizen. Moet ik dat doorgeven? | hoe vraag ik een pas aan? (doorgeven)",
		"Wat kost een paspoort, en wat als ik het kwijt ben?":                   "Wat kost een paspoort? | wat als ik het kwijt ben? (paspoort)",
		"Wat kost een paspoort, en mag ik pinnen bij de balie?":                 "Wat kost een paspoort? | mag ik pinnen bij de balie?",
		"Wat kost een paspoort?":                                                "",
		"Wat kosten paspoort en rijbewijs?":                                     "",
		"Bent u bekend met het bericht over de zorg? Zo ja, wat vindt u ervan?": "",
		"Wat doet u tegen de overlast? Kunt u uw antwoord toelichten?":          "",
		"Wat kost een paspoort? Ik woon in Waterrijk.":                          "",
		"Hoe? Wat? Waar?": "",
	} {
		var got []string
		if parts := split(Question{Text: text}); len(parts) > 1 {
			for _, p := range parts {
				got = append(got, standalone(p))
			}
		}
		if s := strings.Join(got, " | "); s != want {
			t.Errorf("%q: %q, want %q", text, s, want)
		}
	}
}

// knowing is a searcher that finds by the words of the question.
type knowing struct{ *found }

func (k knowing) Search(ctx context.Context, text string, mode retrieve.Mode, sel retrieve.Selection) (retrieve.Result, error) {
	r, err := k.found.Search(ctx, text, mode, sel)
	r.Candidates = slices.DeleteFunc(slices.Clone(r.Candidates), func(c retrieve.Candidate) bool {
		return !strings.Contains(strings.ToLower(text), strings.ToLower(c.Doc.ID))
	})
	return r, err
}

func TestPartsAreAnsweredApart(t *testing.T) {
	e := engine(t, Parts{Searcher: knowing{waterrijk()}}, Options{Contact: "Bel 14 0123."})
	both := ask(t, e, Question{Text: "Wat kost een paspoort en wanneer wordt het afval opgehaald?"})
	if both.Status != Answered || len(both.Parts) != 2 || both.Parts[0].Status != Answered || both.Parts[1].Status != Answered || both.AsOf != time.Now().Format(time.DateOnly) {
		t.Errorf("%+v", both)
	}
	if s := both.Statements[both.Parts[1].Statements[0]].Text; !strings.Contains(s, "restafval") {
		t.Errorf("the second part says %q", s)
	}
	half := ask(t, e, Question{Text: "Wat kost een paspoort en hoe hoog is de toren van de kerk?"})
	if half.Status != Partial || half.Reason != NoSource || half.Parts[1].Status != Refused || !strings.Contains(half.Message, "toren van de kerk") || !strings.Contains(half.Message, "14 0123") {
		t.Errorf("%+v", half)
	}
	none := ask(t, e, Question{Text: "Hoe hoog is de toren en waar staat het oude kasteel?"})
	if none.Status != Refused || none.Reason != NoSource || len(none.Statements) > 0 {
		t.Errorf("%+v", none)
	}
}

func TestAmbiguousQuestionIsAskedBack(t *testing.T) {
	var cs []retrieve.Candidate
	for i, title := range []string{"Parkeervergunning voor bewoners", "Omgevingsvergunning aanvragen", "Evenementenvergunning", "Afval"} {
		cs = append(cs, candidate(title, title, "Een "+strings.ToLower(title)+" kost geld, zegt de gemeente.", 1-float64(i)/10))
	}
	e := engine(t, Parts{Searcher: &found{candidates: cs}}, Options{})
	a := ask(t, e, Question{Text: "Wat kost een vergunning?"})
	if want := []string{"Parkeervergunning voor bewoners", "Omgevingsvergunning aanvragen", "Evenementenvergunning"}; a.Status != Clarify || !slices.Equal(a.Choices, want) || len(a.Statements) > 0 {
		t.Errorf("%s %q", a.Status, a.Choices)
	}
	if a := ask(t, e, Question{Text: "Wat kost een vergunning?", History: []Turn{{"Wat kost een vergunning?", a.Message}}}); a.Status == Clarify {
		t.Error("asked back twice")
	}
	cs[3].Title = "Vergunning aanvragen" // a page about the word itself
	if a := ask(t, e, Question{Text: "Wat kost een vergunning?"}); a.Status == Clarify {
		t.Errorf("asked back although a page answers it: %q", a.Choices)
	}
}

func TestNewestFirst(t *testing.T) {
	cs := []retrieve.Candidate{candidate("oud", "Tarieven 2025", "Een paspoort kost € 80.", 1), candidate("ander", "Paspoort aanvragen", "Kom naar de balie.", 0.95),
		candidate("nieuw", "Tarieven 2026", "Een paspoort kost € 83.", 0.9), candidate("stuk", "Brief", "De minister vindt A.", 0.85)}
	cs[3].Meta = map[string]string{"replaced_by": "kst-1-2"}
	var got []string
	for _, c := range newestFirst("Wat kost een paspoort?", cs) {
		s := c.Doc.ID
		if c.older {
			s += " (ouder)"
		}
		got = append(got, s)
	}
	if s := strings.Join(got, ", "); s != "nieuw, oud (ouder), ander, stuk (ouder)" {
		t.Errorf("order %s", s)
	}
	if c := newestFirst("Wat kostte een paspoort in 2025?", cs)[0]; c.Doc.ID != "oud" || c.older {
		t.Errorf("asked for 2025, %s comes first", c.Doc.ID)
	}
}

func FuzzSplit(f *testing.F) {
	f.Add("Wat kost een paspoort en hoe lang is het geldig?", "En voor mijn zoon?")
	f.Fuzz(func(t *testing.T, text, next string) {
		for _, p := range split(Question{Text: text}) {
			standalone(p)
		}
		standalone(Question{Text: next, History: []Turn{{Question: text}}})
	})
}
