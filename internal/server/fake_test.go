package server

import (
	"context"
	"iter"
	"strings"

	"github.com/vraagbaak/vraagbaak/answer"
)

// askerFunc is an Asker made of a function.
type askerFunc func(context.Context, answer.Question) iter.Seq2[answer.Event, error]

func (f askerFunc) Ask(ctx context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
	return f(ctx, q)
}

const (
	passportText = "Een paspoort vraagt u aan bij de gemeente waar u staat ingeschreven.\nPaspoort vanaf 18 jaar: € 86,85. U betaalt bij de aanvraag, met pin of contant."
	rushText     = "Vraagt u met spoed een paspoort aan vóór 14.00 uur? Dan ligt het de volgende werkdag na 10.00 uur klaar."
)

func cite(n int, quote, text string, start int) answer.Citation {
	at := start + strings.Index(text, quote)
	return answer.Citation{Source: n, Quote: quote, URL: "/producten/paspoort.html", Title: "Paspoort aanvragen",
		Heading: []string{"Paspoort aanvragen", "Kosten"}, Start: at, End: at + len(quote)}
}

// passport is a complete answer: two sources, two statements.
func passport(question string) answer.Answer {
	return answer.Answer{ID: "a1", Question: question, Status: answer.Answered, Mode: answer.Generated,
		Statements: []answer.Statement{
			{Text: "Een paspoort voor iemand van 18 jaar of ouder kost € 86,85.", Citations: []answer.Citation{cite(1, "Paspoort vanaf 18 jaar: € 86,85.", passportText, 20)}},
			{Text: "Met spoed ligt het de volgende werkdag klaar.", Citations: []answer.Citation{cite(2, "Dan ligt het de volgende werkdag na 10.00 uur klaar.", rushText, 400)}},
		},
		Choices: []string{},
		Sources: []answer.Source{
			{N: 1, URL: "/producten/paspoort.html#kosten", Title: "Paspoort aanvragen", Collection: "site", Score: .91, Text: passportText,
				Heading: []string{"Paspoort aanvragen", "Wat kost een paspoort?"}, Start: 20, End: 20 + len(passportText), Published: "2026-03-02"},
			{N: 2, URL: "/producten/paspoort.html#spoed", Title: "Paspoort aanvragen", Collection: "site", Score: .74, Text: rushText,
				Heading: []string{"Paspoort aanvragen", "Hebt u haast?"}, Start: 400, End: 400 + len(rushText), Published: "2026-03-02"},
		},
		Models: answer.Models{Embedder: "multilingual-e5-small", Generator: "testmodel"},
	}
}

// tell yields an answer as an engine does.
func tell(a answer.Answer) iter.Seq2[answer.Event, error] {
	return func(yield func(answer.Event, error) bool) {
		first := answer.Answer{ID: a.ID, Question: a.Question, Statements: []answer.Statement{}, Choices: []string{}, Sources: a.Sources, Models: a.Models, Mode: a.Mode}
		if !yield(answer.Event{Kind: answer.EventSources, Answer: &first}, nil) {
			return
		}
		for i := range a.Statements {
			if !yield(answer.Event{Kind: answer.EventStatement, Statement: &a.Statements[i]}, nil) {
				return
			}
		}
		yield(answer.Event{Kind: answer.EventDone, Answer: &a}, nil)
	}
}

var passportAsker = askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
	return tell(passport(q.Text))
})

func refusal(q answer.Question) answer.Answer {
	return answer.Answer{ID: "r1", Question: q.Text, Status: answer.Refused, Reason: answer.NoSource, Mode: answer.Extracted,
		Message:    "Hierover staat niets in de bronnen van de gemeente Waterrijk. Stel de vraag anders, of neem contact op.",
		Statements: []answer.Statement{}, Choices: []string{}, Sources: []answer.Source{}}
}
