package answer

import (
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// What a reader is asked back, in both languages. A follow-up knows by it that it
// is the answer to this question.
const (
	clarifyDutch   = "Uw vraag kan over verschillende dingen gaan. Wat bedoelt u?"
	clarifyEnglish = "Your question can be about several things. Which one do you mean?"
)

const (
	maxChoices  = 5
	minChoices  = 3
	nearClarify = 0.6 // of the best fused score
	maxVague    = 6   // words of a question that may be too short to be clear
)

// ambiguous are the subjects that a question may be about: it has one word that
// says what about, and several pages are about kinds of that. None, if it is clear
// enough, or if the reader was asked before.
func ambiguous(q Question, parts []*part) []string {
	if len(q.History) > 0 || len(parts) != 1 || len(strings.Fields(q.Text)) > maxVague {
		return nil
	}
	p := parts[0]
	asking := words(p.found.Analyzer, askingWords)
	var topic []string
	for _, t := range p.found.Analyzer.Query(p.query) {
		if _, ok := asking[t.Token]; !ok && t.Weight >= 1 {
			topic = append(topic, t.Token)
		}
	}
	if len(topic) != 1 || len(p.found.Candidates) == 0 {
		return nil
	}
	least := nearClarify * p.found.Candidates[0].Score
	var out []string
	for _, c := range p.found.Candidates {
		title := oneLine(c.Title)
		if c.Score < least || title == "" || slices.Contains(out, title) {
			continue
		}
		switch kind, of := kindOfTopic(p.found.Analyzer, title, topic[0]); {
		case !of:
			continue
		case !kind: // a page about the word itself: the question is clear
			return nil
		}
		out = append(out, title)
	}
	if len(out) < minChoices {
		return nil
	}
	return out[:min(len(out), maxChoices)]
}

// kindOfTopic reports whether a title is about a topic, and whether it is about a
// kind of it, which the topic ends the name of: "parkeervergunning" of
// "vergunning".
func kindOfTopic(a retrieve.Analyzer, title, topic string) (kind, of bool) {
	for _, w := range fieldsOf(title) {
		for _, t := range a.Query(w) {
			switch {
			case t.Token == topic && t.Weight >= 1:
				return false, true
			case strings.HasSuffix(t.Token, topic) && len(t.Token) > len(topic)+2:
				kind = true
			}
		}
	}
	return kind, kind
}

// clarify asks back.
func (r *run) clarify(choices []string) error {
	if err := r.sources(); err != nil {
		return err
	}
	r.out.Message, r.out.Choices = text{clarifyDutch, clarifyEnglish}.in(r.english()), choices
	return r.done(Clarify, "")
}
