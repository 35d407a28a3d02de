package answer

import "strings"

// message is what a reader is told, in Dutch at level B1. contact is added to
// refusals where the organisation gave one.
func message(reason Reason, contact string) string {
	text := map[Reason]string{
		NoSource:         "Ik heb in de bronnen niets gevonden over uw vraag.",
		BelowThreshold:   "Ik heb in de bronnen geen antwoord gevonden dat goed genoeg bij uw vraag past. Daarom geef ik geen antwoord.",
		NothingVerified:  "Dit zijn letterlijke stukken uit de bronnen. Een samenvatting kon ik niet bewijzen.",
		ModelUnavailable: "Dit zijn letterlijke stukken uit de bronnen. Een samenvatting is nu niet mogelijk.",
		TimedOut:         "Het opstellen van het antwoord duurde te lang. Dit is wat al gecontroleerd is.",
		PersonalData:     "In uw vraag staan persoonlijke gegevens, zoals een BSN, rekeningnummer, telefoonnummer of e-mailadres. Haal die weg en stel uw vraag opnieuw. Uw vraag is niet bewaard.",
		OutOfScope:       "Deze vraag kan ik niet beantwoorden.",
		InvalidQuestion:  "Ik begrijp deze vraag niet. Stel een vraag in gewone woorden, van ten hoogste 1000 tekens.",
	}[reason]
	if text != "" && contact != "" {
		text += " " + contact
	}
	return text
}

// verbatim is what a reader is told above passages that no model worded.
func verbatim(why Reason) string {
	if why == TimedOut {
		return "Dit zijn letterlijke stukken uit de bronnen. Een samenvatting duurde te lang."
	}
	return message(why, "")
}

// unanswered says which parts of a question have no answer.
func unanswered(parts []*part, contact string) string {
	var qs []string
	for _, p := range parts {
		qs = append(qs, "“"+oneLine(p.text)+"”")
	}
	text := "Op een deel van uw vraag heb ik in de bronnen geen antwoord gevonden: " + strings.Join(qs, " en ") + "."
	if contact != "" {
		text += " " + contact
	}
	return text
}
