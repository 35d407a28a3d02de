package answer

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// text is what a reader is told, in Dutch at level B1 and in English.
type text struct{ dutch, english string }

func (t text) in(english bool) string {
	if english {
		return t.english
	}
	return t.dutch
}

// messages are the texts of the reasons.
var messages = map[Reason]text{
	NoSource: {"Ik heb in de bronnen niets gevonden over uw vraag.",
		"I have found nothing about your question in the sources."},
	BelowThreshold: {"Ik heb in de bronnen geen antwoord gevonden dat goed genoeg bij uw vraag past. Daarom geef ik geen antwoord.",
		"I have found no answer in the sources that fits your question well enough. That is why I give no answer."},
	NothingVerified: {"Dit zijn letterlijke stukken uit de bronnen. Een samenvatting kon ik niet bewijzen.",
		"These are passages from the sources, word for word. I could not prove a summary."},
	ModelUnavailable: {"Dit zijn letterlijke stukken uit de bronnen. Een samenvatting is nu niet mogelijk.",
		"These are passages from the sources, word for word. A summary is not possible now."},
	TimedOut: {"Het opstellen van het antwoord duurde te lang. Dit is wat al gecontroleerd is.",
		"It took too long to write the answer. This is what has been checked so far."},
	PersonalData: {"In uw vraag staan persoonlijke gegevens, zoals een BSN, rekeningnummer, telefoonnummer of e-mailadres. Haal die weg en stel uw vraag opnieuw. Uw vraag is niet bewaard.",
		"Your question has personal data in it, such as a citizen service number, a bank account, a telephone number or an e-mail address. Take that out and ask again. Your question has not been kept."},
	OutOfScope: {"Deze vraag kan ik niet beantwoorden.",
		"I cannot answer this question."},
	Attack: {"Dit is een opdracht aan een computerprogramma. Die voer ik niet uit. Stel een vraag over de informatie in de bronnen.",
		"This is an order to a computer program. I do not carry it out. Ask a question about the information in the sources."},
	Abuse: {"Op scheldwoorden en dreigementen geef ik geen antwoord. Stel uw vraag in gewone woorden, dan zoek ik het antwoord.",
		"I do not answer insults or threats. Ask your question in ordinary words, and I will look for the answer."},
	SwitchedOff: {"Vragen stellen kan hier nu niet. De organisatie heeft dit uitgezet.",
		"You cannot ask questions here now. The organisation has switched this off."},
	InvalidQuestion: {"Ik begrijp deze vraag niet. Stel een vraag in gewone woorden, van ten hoogste 1000 tekens.",
		"I do not understand this question. Ask a question in ordinary words, of at most 1000 characters."},
}

// topicMessages say more than their reason does.
var topicMessages = map[topic]text{
	aboutOpinion: {"Ik heb geen mening en geef geen stemadvies. Ik geef alleen feiten uit de bronnen.",
		"I have no opinion and give no advice on voting. I only give facts from the sources."},
	aboutPrediction: {"Dit kan nog niemand weten. Ik voorspel niets en geef alleen feiten uit de bronnen.",
		"Nobody can know this yet. I predict nothing and only give facts from the sources."},
	aboutCase: {"Ik kan uw aanvraag, dossier of gegevens niet zien. Een medewerker kan dat wel. Vraag het daar.",
		"I cannot see your application, file or data. A member of staff can. Please ask there."},
	aboutHealth: {"Ik geef geen medisch advies. Vraag dit aan uw huisarts of apotheek. Is het dringend? Bel de huisartsenpost. Is iemand in levensgevaar? Bel 112.",
		"I give no medical advice. Ask your doctor or pharmacy. Is it urgent? Call the out-of-hours doctor (huisartsenpost). Is somebody in danger of life? Call 112."},
	aboutPerson: {"Ik geef geen gegevens over andere mensen. Uw vraag is niet bewaard.",
		"I give no data about other people. Your question has not been kept."},
}

// message is what a reader is told, in the language of the question.
func message(reason Reason, t topic, english bool) string {
	if m, ok := topicMessages[t]; ok {
		return m.in(english)
	}
	return messages[reason].in(english)
}

// verbatim is what a reader is told above passages that no model worded.
func verbatim(why Reason, english bool) string {
	if why == TimedOut {
		return text{"Dit zijn letterlijke stukken uit de bronnen. Een samenvatting duurde te lang.",
			"These are passages from the sources, word for word. A summary took too long."}.in(english)
	}
	return message(why, "", english)
}

// maxNamed is how many collections a refusal names.
const maxNamed = 5

// searched says where was searched, or where would be for a question that can
// be: nobody should have to guess what a refusal is about.
func searched(reason Reason, scope retrieve.Scope, english bool) string {
	names := scope.Collections()
	if len(names) == 0 || reason == SwitchedOff {
		return ""
	}
	more := ""
	if n := len(names) - maxNamed; n > 0 {
		names, more = names[:maxNamed], fmt.Sprintf(text{" en nog %d", " and %d more"}.in(english), n)
	}
	form := text{"Ik zoek alleen in: %s%s.", "I only search in: %s%s."}
	switch reason {
	case NoSource, BelowThreshold, NothingVerified, ModelUnavailable, TimedOut:
		form = text{"Ik heb gezocht in: %s%s.", "I have searched in: %s%s."}
	}
	return fmt.Sprintf(form.in(english), strings.Join(names, ", "), more)
}

// refusal is all that a reader is told instead of an answer: why, where was
// searched, and how to reach a person where the organisation said so.
func (r *run) refusal(reason Reason, t topic) string {
	return sentences(message(reason, t, r.english()), searched(reason, r.q.Scope, r.english()), r.contact())
}

// unanswered says which parts of a question have no answer.
func (r *run) unanswered(parts []*part) string {
	var qs []string
	for _, p := range parts {
		qs = append(qs, "“"+oneLine(p.text)+"”")
	}
	form := text{"Op een deel van uw vraag heb ik in de bronnen geen antwoord gevonden: ", "I have found no answer in the sources to a part of your question: "}
	return sentences(form.in(r.english())+strings.Join(qs, ", ")+".", searched(NoSource, r.q.Scope, r.english()), r.contact())
}

// english reports whether the reader is told in English.
func (r *run) english() bool { return english(r.q.Text) }

// contact is how to reach a person.
func (r *run) contact() string {
	if r.english() && r.opts.ContactEnglish != "" {
		return r.opts.ContactEnglish
	}
	return r.opts.Contact
}

// sentences joins what there is.
func sentences(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " ")
}
