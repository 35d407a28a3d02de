package answer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// standalone makes a follow-up question searchable without its conversation.
// "En voor mijn zoon van 12?" is the question before it with another end; "Hoe lang
// is het geldig?" is a question of its own about the subject of the one before.
func standalone(q Question) string {
	text := strings.TrimSpace(q.Text)
	n := len(q.History)
	if n == 0 {
		return text
	}
	last := q.History[n-1]
	choice := strings.HasPrefix(last.Answer, clarifyDutch) || strings.HasPrefix(last.Answer, clarifyEnglish)
	if !choice && !leans(text) {
		return text
	}
	before := standalone(Question{Text: last.Question, History: q.History[:n-1]})
	rest := withoutLead(text)
	switch {
	case choice:
		return strings.TrimRight(before, " ?!.") + " " + text
	case asksItself(rest):
		if subject := subject(before, rest); subject != "" {
			return strings.TrimRight(rest, " ") + " (" + subject + ")"
		}
		return text
	}
	return otherEnd(before, rest)
}

// leans reports whether a question points back: it opens with "en", is very
// short, or has a word that stands for something named before.
func leans(text string) bool {
	words := fieldsOf(text)
	if len(words) <= 3 || words[0] == "en" || words[0] == "of" || words[0] == "and" || words[0] == "or" {
		return true
	}
	if len(words) > 10 {
		return false
	}
	for i, w := range words {
		if pointsBack[w] {
			return true
		}
		// "is het geldig", not "het paspoort"
		if (w == "het" || w == "it") && (i == len(words)-1 || afterIt[words[i+1]]) {
			return true
		}
	}
	return false
}

var (
	pointsBack = set("dat daarvoor daarmee daarvan daarbij daarop daar ervoor ermee ervan erbij hiervoor hiermee hiervan hieraan hij zij ze hem die them they this")
	afterIt    = set("geldig nodig mogelijk verplicht gratis open dicht duur waar klaar daar dan nu ook kosten duren kwijt verlopen gestolen weg kapot vergeten doen krijgen betalen aanvragen ophalen regelen valid open free required needed cost take")
	leads      = set("en of and or maar but")
)

// questionWords open a question, or a part of one.
var questionWords = set("hoe wat waar wanneer wie welk welke waarom hoeveel hoelang waarvoor waarmee " +
	"kan kun kunt mag moet is zijn heb heeft krijg krijgt geldt kost kosten duurt werkt wordt worden ben bent doe doet gaat hoort helpt bestaat bestaan " +
	"how what where when who which why whose do does is are can could may must should will")

// fieldsOf are the words of a text in lower case, without marks.
func fieldsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return strings.ContainsRune(" \t\n,.?!;:()\"«»", r) })
}

// withoutLead takes off "en" at the beginning.
func withoutLead(text string) string {
	first, rest, ok := strings.Cut(text, " ")
	if ok && leads[strings.ToLower(strings.Trim(first, ","))] {
		return strings.TrimSpace(rest)
	}
	return text
}

// asksItself reports whether a text has a question word or verb of its own.
func asksItself(text string) bool {
	words := fieldsOf(text)
	return len(words) > 1 && questionWords[words[0]]
}

// maxSubject is how many words of the question before are taken along.
const maxSubject = 5

// subject are the words of a question that say what it is about, and that the
// next one does not have.
func subject(before, next string) string {
	have := fieldsOf(next)
	asking := set(askingWords)
	var out []string
	for _, w := range fieldsOf(before) {
		if utf8.RuneCountInString(w) >= 4 && !asking[w] && !questionWords[w] && !grammar4[w] && !pointsBack[w] && !slices.Contains(have, w) && !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return strings.Join(out[:min(len(out), maxSubject)], " ")
}

// grammar4 are words of grammar of four letters or more.
var grammar4 = set("deze naar over onder voor door tegen zonder tussen tijdens omdat hoewel indien zodat maar want terwijl waarbij waarin waarop moeten " +
	"kunnen mogen willen zullen worden hebben mijn jouw onze jullie hun haar iets niets alle alles andere welke steeds altijd nooit with from about your their have this that")

var endWord = regexp.MustCompile(`^(?i)(voor|op|in|bij|met|zonder|naar|van|als|tijdens|na|tot|om|via|binnen|buiten|vanaf|een|de|het|for|on|in|at|with|without|from|if|during|after|until|a|an|the)$`)

// otherEnd is the question before with the end that the follow-up names: what
// follows the same small word in it is replaced, else the end is added.
func otherEnd(before, end string) string {
	before = strings.TrimRight(before, " ?!.")
	first, _, _ := strings.Cut(end, " ")
	if endWord.MatchString(first) {
		if i := strings.LastIndex(strings.ToLower(before), " "+strings.ToLower(first)+" "); i > 0 && i < len(before) {
			return before[:i] + " " + end
		}
	}
	return before + " " + end
}
