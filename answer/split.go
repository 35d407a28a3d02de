package answer

import (
	"regexp"
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
)

// Bounds of what is taken apart: a longer question, or one of more parts, is
// searched for as a whole.
const (
	maxParts      = 3
	maxSplitWords = 40
	minPartWords  = 3
)

var (
	// secondQuestion is where a question joins another to the first: "…, en hoe lang".
	secondQuestion = regexp.MustCompile(`(?i)[,;]?\s(?:en|and)\s+(?:(?:hoe|hoeveel|hoelang|wat|waar|wanneer|wie|welke?|waarom|how|what|where|when|who|which|why)|(?:kan|kun|mag|moet|heb|krijg|can|may|must|do)\s(?:ik|je|we|wij|i))\b`)
	// closedPart is said to somebody about the question before it: no question of its own.
	closedPart = regexp.MustCompile(`(?i)^(?:zo (?:ja|nee|niet)|waarom (?:wel|niet)|kunt u|bent u|deelt u|wilt u|vindt u|herkent u|if (?:so|not)|why not)\b`)
)

// split takes a compound question apart. Each part is a question that can be
// searched for without the others; what was said before the first one goes with
// each. A question that is one, or that cannot be told apart safely, stays whole.
func split(q Question) []Question {
	whole := []Question{q}
	text := strings.TrimSpace(q.Text)
	if len(strings.Fields(text)) > maxSplitWords {
		return whole
	}
	var lead []string
	var questions []string
	for _, sp := range chunk.Sentences(text) {
		s := strings.TrimSpace(text[sp.Start:sp.End])
		switch {
		case strings.HasSuffix(s, "?"):
			questions = append(questions, joined(s)...)
		case len(questions) > 0:
			return whole // said after a question
		default:
			lead = append(lead, s)
		}
	}
	if len(questions) < 2 || len(questions) > maxParts {
		return whole
	}
	var out []Question
	for i, s := range questions {
		if closedPart.MatchString(s) || len(strings.Fields(s)) < minPartWords || !asksItself(withoutLead(s)) {
			return whole
		}
		part := q
		part.Text = s
		if i > 0 { // it may lean on the first, as a follow-up does
			part.History = append(append([]Turn{}, q.History...), Turn{Question: questions[0]})
		} else if len(lead) > 0 {
			part.Text = strings.Join(lead, " ") + " " + s
		}
		out = append(out, part)
	}
	return out
}

// joined are the questions that one sentence joins.
func joined(s string) []string {
	at := secondQuestion.FindStringIndex(s)
	if at == nil || at[0] == 0 || len(strings.Fields(s[:at[0]])) < minPartWords {
		return []string{s}
	}
	rest := strings.TrimLeft(s[at[0]:], ",; ")
	_, rest, _ = strings.Cut(rest, " ") // "en"
	return append([]string{strings.TrimSpace(s[:at[0]]) + "?"}, joined(strings.TrimSpace(rest))...)
}
