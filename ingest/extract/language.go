package extract

import (
	"strings"

	"github.com/abadojack/whatlanggo"
)

// language is a BCP 47 tag of a language and at most a region ("nl-BE"), or ""
// for what is none.
func language(s string) string {
	s = strings.ReplaceAll(strings.TrimSpace(s), "_", "-")
	if len(s) < 2 || len(s) > 35 {
		return ""
	}
	for _, r := range s {
		if r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') {
			return ""
		}
	}
	tags := strings.Split(s, "-")
	out := strings.ToLower(tags[0])
	for _, t := range tags[1:] {
		if len(t) == 2 {
			return out + "-" + strings.ToUpper(t)
		}
	}
	return out
}

// whitelist are the languages of government sites here; a wide-open guess calls
// short Dutch texts Afrikaans.
var whitelist = map[whatlanggo.Lang]bool{
	whatlanggo.Nld: true, whatlanggo.Eng: true, whatlanggo.Deu: true, whatlanggo.Fra: true,
	whatlanggo.Spa: true, whatlanggo.Tur: true, whatlanggo.Pol: true, whatlanggo.Arb: true,
	whatlanggo.Ukr: true, whatlanggo.Rus: true,
}

// guessLanguage guesses among the whitelist, by the beginning of a text, with
// the confidence from 0 to 1; "" for a text too short to say.
func guessLanguage(text string) (lang string, confidence float64) {
	const sample = 2000
	if len(text) < 40 {
		return "", 0
	}
	if len(text) > sample {
		text = strings.ToValidUTF8(text[:sample], "")
	}
	info := whatlanggo.DetectWithOptions(text, whatlanggo.Options{Whitelist: whitelist})
	return info.Lang.Iso6391(), info.Confidence
}

// detectLanguage is the language of a text, "" when unsure.
func detectLanguage(text string) string {
	lang, confidence := guessLanguage(text)
	if confidence < 0.5 {
		return ""
	}
	return lang
}

// trueLanguage is the declared language of a page, unless its text plainly is in
// another: themes declare English for Dutch pages, and sites Dutch for their
// English ones. Languages that the guess does not know (Frisian, Papiamentu) are
// believed.
func trueLanguage(declared, text string) string {
	base, _, _ := strings.Cut(declared, "-")
	if base == "nl" && plainlyDutch(text) || len(text) < 200 {
		return declared
	}
	known := false
	for l := range whitelist {
		known = known || l.Iso6391() == base
	}
	if !known {
		return declared
	}
	if lang, confidence := guessLanguage(text); lang != base && confidence >= 0.8 {
		return lang
	}
	return declared
}
