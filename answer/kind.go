package answer

import (
	"regexp"
	"strings"
)

// asks is what kind of fact a question asks for, by its words.
type asks struct{ form *regexp.Regexp }

var (
	moneyForm = regexp.MustCompile(`€|(?i:\beuro\b|\bgratis\b|\bkosteloos\b)`)
	timeForm  = regexp.MustCompile(`(?i)\b(?:\d{1,2}[.:]\d{2}|uur|dag(?:en)?|werkdag(?:en)?|we(?:ek|ken)|maand(?:en)?|jaar|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)\b`)
	digitForm = regexp.MustCompile(`\d`)
	reachForm = regexp.MustCompile(`(?i)\b\d[\d \-()]{6,}\d\b|@|www\.|https?://`)
)

// kindOf reads what a question asks for. A question that asks for no kind of
// fact that has a form of its own gets the zero value.
func kindOf(question string) asks {
	q := " " + strings.Join(strings.FieldsFunc(strings.ToLower(question), func(r rune) bool { return strings.ContainsRune(" ,.?!;:()", r) }), " ") + " "
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(q, " "+w+" ") {
				return true
			}
		}
		return false
	}
	switch {
	case has("kost", "kosten", "prijs", "prijzen", "tarief", "tarieven", "betaal", "betalen", "bedrag", "duur"):
		return asks{moneyForm}
	case has("telefoonnummer", "nummer", "bellen", "mailen", "e-mailadres", "contact", "bereiken"):
		return asks{reachForm}
	case has("wanneer", "hoe laat", "hoe lang", "openingstijden", "welke dag", "welke datum", "hoe snel", "termijn", "hoe vaak"):
		return asks{timeForm}
	case has("hoeveel", "hoe oud", "hoe hoog", "welk percentage", "leeftijd"):
		return asks{digitForm}
	}
	return asks{}
}

// answered reports whether a sentence has the kind of fact that is asked for.
func (a asks) answered(sentence string) bool { return a.form != nil && a.form.MatchString(sentence) }
