package dutch

import "strings"

// separable are the prefixes that stand before the "ge" of a participle:
// "opgehaald" of "ophalen".
var separable = [...]string{"aan", "achter", "af", "bij", "binnen", "buiten", "dicht", "door", "in", "klaar", "los", "mee", "na", "neer", "om", "onder",
	"op", "open", "over", "samen", "tegen", "terug", "thuis", "toe", "uit", "vast", "vol", "voor", "voorbij", "vrij", "weg"}

// verb is the term of the verb that a weak participle is of: of "opgehaald" that of
// "ophalen", of "gewerkt" that of "werken"; "" if the corpus has no such word.
func (l Lexicon) verb(w string) string {
	if len(w) < 6 || !letters(w) || w[len(w)-1] != 'd' && w[len(w)-1] != 't' {
		return ""
	}
	w = w[:len(w)-1]
	try := func(prefix, rest string) string {
		if len(rest) < 3 {
			return ""
		}
		if t := stem(prefix + rest); l.Terms[t] > 0 {
			return t
		}
		return ""
	}
	if rest, ok := strings.CutPrefix(w, "ge"); ok {
		return try("", rest)
	}
	for _, p := range separable {
		if rest, ok := strings.CutPrefix(w, p+"ge"); ok {
			if t := try(p, rest); t != "" {
				return t
			}
		}
	}
	return ""
}
