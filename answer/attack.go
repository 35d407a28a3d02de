package answer

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/vraagbaak/vraagbaak/chunk"
)

// orderWords are the lists of the rules about orders to a language model.
var orderWords = map[string]string{
	"ignore": `negeer|vergeet|wis|overschrijf|omzeil|doorbreek|schrap|ignore|disregard|forget|override|bypass|discard|neglect`,
	"prior": `alle|al|je|jouw|uw|eerdere|vorige|voorgaande|voorafgaande|bovenstaande|bestaande|ingebouwde|oorspronkelijke|` +
		`all|any|your|previous|prior|earlier|preceding|above|existing|initial|original|system`,
	"orders": `instructies?|opdracht(?:en)?|aanwijzingen|richtlijnen|regels|beperkingen|restricties|voorschriften|bevelen|systeemprompts?|prompts?|systeeminstructies|` +
		`instructions?|orders|rules|guidelines|restrictions|constraints|limitations|directives|commands|programmering|programming|safeguards`,
	// Where an imperative stands: at the start, or behind what leads up to it.
	"start": `^ | (?:[,:]|en|and|please|alsjeblieft|graag|nu|now|dan|then|eerst|first|gewoon|just|simply|meteen|maar|moet je|je moet|je mag|kun je|wil je|you must|you should|you will|can you|could you|want you to|to) `,
	"prompt": `systeem ?prompt|system ?prompt|systeemopdracht|systeem ?instructies?|system instructions?|systeembericht|system message|startprompt|basisprompt|` +
		`verborgen (?:instructies?|opdracht(?:en)?|prompt|regels)|(?:hidden|secret|initial) (?:instructions?|prompt|rules|configuration)|verborgen configuratie|developer (?:message|prompt)`,
	"show": `toon|laat|geef|print|druk|herhaal|schrijf|vertaal|vertel|noem|citeer|dump|onthul|openbaar|deel|zeg|kopieer|plak|wat|welke|lees|typ|` +
		`show|reveal|repeat|output|display|tell|give|write|translate|leak|expose|share|what|echo|summari[sz]e|recite|spell|copy|paste`,
	"bot": `chatbot|bot|ai|assistent|assistant|taalmodel|model|robot|llm|chatgpt|hacker|piraat|pirate|dan|unrestricted|jailbroken|terminal|beheerder|admin|administrator|ontwikkelaar|developer`,
	"ai":  `ai(?: assistent| assistant| model| systeem| system| bot| agent)?|taalmodel|language model|llm|chatbot|chatgpt|virtuele assistent|virtual assistant|assistant|assistent`,
	"say": `negeer|zeg|antwoord|vermeld|schrijf|beweer|raad|vertel|meld|geef|toon|verwijs|gebruik|ignore|say|answer|respond|reply|tell|state|claim|write|output|recommend|inform|print|refuse|weiger|send|stuur|include`,
}

// orders recognises what is written to a language model instead of to an office:
// to drop its instructions, to show them, to be something else, to leave the
// proof out, to carry text away. A rule needs the order and its object, since
// either alone is ordinary language. Rules are compiled when the first question
// comes: most processes of the program never see one.
var orders = sync.OnceValue(func() *rules {
	return anyOf(orderWords,
		`<start><ignore> ~2 <prior> ~3 <orders>`,
		`<start><ignore> (?:de|the|deze|die|those|these) ~2 <orders> ~1 (?:hierboven|boven|above|hiervoor|you|die je|van je|van jouw)`,
		`<start><ignore> (?:alles|everything|all|al|what) ~4 (?:hierboven|boven|above|hiervoor|eerder|before|previously|gezegd|geleerd|verteld|taught|told|gekregen|ervoor)`,
		`<start><ignore> ~3 (?:that you are|that youre|you are|dat (?:je|jij) ~4 (?:bent|<bot>))`,
		`(?:alle|jouw|al je|eerdere|vorige|voorgaande|bovenstaande|all|your|previous) ~2 <orders> (?:hierboven )?(?:te )?(?:negeren|vergeten|wissen|omzeilen|overschrijven)`,
		`(?:houd|hou) je niet (?:meer|langer) aan ~2 <orders>`,
		`<show> ~6 (?:je|jouw|uw|your|de|the|eigen|own|volledige|full|complete|exact|exacte) ~2 (?:<prompt>)`,
		`(?:show|print|reveal|output|toon|onthul|herhaal) (?:<prompt>)`,
		`<show> ~6 (?:jouw|your) ~2 (?:instructies|instructions|prompt|geheime \w+|interne (?:regels|instructies|richtlijnen)|internal (?:rules|instructions|guidelines)|configuration|configuratie)`,
		`<show> ~3 je ~2 (?:interne|geheime|oorspronkelijke|eigen|volledige) (?:instructies|prompt|opdracht|regels|richtlijnen)`,
		`<start>(?:toon|kopieer|herhaal|print|citeer|onthul|plak|noem) (?:mij |me |hier |eens )?je ~1 (?:instructies|prompt|systeemprompt|regels)`,
		`what were you (?:told|instructed|asked|given|programmed)`,
		`<start>(?:schakel|zet) ~2 (?:bronnen|bronvermelding|controle|filters?|beveiliging|veiligheid\w*) ~1 (?:uit|af)`,
		`^(?:ontwikkelaarsmodus|debugmodus|beheerdersmodus|developer mode|debug mode|admin mode) (?:is )?(?:aan|on|actief|geactiveerd|enabled|activated)`,
		`<start>(?:zeg|antwoord|schrijf|beweer|say|answer|reply|respond) ~8 (?:ook als|ook al|even if) ~4 (?:waar|onwaar|klopt|fout|untrue|false|true)`,
		`(?:stel dat|als|if) (?:je|jij|you) ~1 (?:geen|no) (?:regels|filters?|rules|restrictions|guidelines)`,
		`laat (?:mij |me |ons )?je ~2 (?:instructies|opdracht|prompt|regels) ~2 zien`,
		`(?:welke|wat voor) (?:instructies|opdrachten|opdracht|regels) (?:heb|kreeg) (?:je|jij) ~3 (?:gekregen|meegekregen)`,
		`what ~1 instructions (?:were you|have you|did you|do you)`,
		`(?:herhaal|vertaal|print|kopieer|repeat|translate|copy|output|summari[sz]e) ~4 (?:tekst|alles|text|everything|woorden|words|zinnen|content|bericht|messages?|gesprek|conversation) ~3 (?:hierboven|boven|above|hiervoor)`,
		`(?:starting|beginnend|beginning|te beginnen) (?:with|met) ~3 (?:you are|je bent|jij bent)`,
		`(?:vanaf nu|voortaan|vanaf dit moment)(?: ,)? (?:ben (?:je|jij)|antwoord|reageer|gedraag|speel|praat|spreek)(?: je| jij)? (?:een|geen|mijn|de|als|alleen|zonder|alsof|met|in|uitsluitend|altijd)`,
		`(?:from now on|from this point on|henceforth)(?: ,)? you (?:are|will|must) (?:a|an|my|not|no|act|be|answer|respond|only|always|ignore|speak|called)`,
		`(?:je|jij) bent (?:nu|niet langer|voortaan|vanaf nu) ~3 <bot>`,
		`you are (?:now|no longer|henceforth) ~4 <bot>`,
		`<start>(?:doe|doen) (?:eens |maar |nu )?alsof (?:je|jij|u)`,
		`<start>gedraag (?:je|jij|u) (?:als|alsof) `+`(?:een|de|je|jij|mijn)`,
		`<start>speel ~2 (?:de rol|een rol|dat je) ~4`,
		`<start>(?:pretend|imagine|roleplay|role play|behave|act) (?:to be|you are|youre|that you|as if you|like a|like an|like you|as an?|as the|as my)`,
		`<start>play the role of`,
		`stel je voor dat (?:je|jij) ~5 (?:<bot>|zonder regels|geen regels|geen beperkingen|alles mag)`,
		`<bot> ~3 (?:zonder|without|geen|no) ~1 (?:regels|beperkingen|filters?|restricties|censuur|rules|restrictions|limits|limitations|censorship)`,
		`do anything now`, `(?:dan|jailbreak|god) (?:mode|modus)`, `jailbroken`,
		`(?:enter|activeer|activate|enable|switch to|ga naar|ga in|schakel over naar|zet aan) ~3 (?:developer|debug|admin|maintenance|ontwikkelaars?|beheerders?|onderhouds?) ?(?:mode|modus)`,
		`(?:je|jij) (?:bent|zit) ~2 (?:in|nu) ~2 (?:ontwikkelaarsmodus|debugmodus|beheerdersmodus|onderhoudsmodus|developer mode|debug mode)`,
		`<start>(?:antwoord|reageer|geef antwoord|beantwoord|answer|respond|reply) ~5 (?:zonder|without) ~2 (?:bron|bronnen|bronvermelding|citaten|citaat|bewijs|sources?|citations?|references|quotes|filters?|restrictions|disclaimers?)`,
		`(?:bronvermelding|broncontrole|veiligheidsfilters?|guardrails|safeguards|content policy|safety (?:filters?|rules|checks?)) ~2 (?:is|zijn|are|staan|staat|now|been) ~2 (?:uitgeschakeld|uitgezet|uit|vervallen|disabled|off|lifted|removed|suspended|opgeheven)`,
		`^(?:[^ ]+ ){0,4}(?:<ai>)(?: [,:])? ~3 (?:<say>) ~1 (?:dat|that|alle|all|de|the|every|elke|with|met|users?|gebruikers?|alleen|only)`,
		`(?:als|wanneer|indien) (?:je|jij|u) ~2 (?:<ai>) ~3 (?:bent|leest)`,
		`(?:if|when) you are ~2 (?:<ai>)`,
		`(?:zeg|vertel|meld|tell|inform) (?:tegen )?(?:de|elke|iedere|the|every|any) (?:gebruikers?|vragers?|users?) ~2 (?:dat|that|to|om)`,
		`(?:beantwoord|answer|respond) ~2 (?:elke|iedere|alle|every|all|any) ~1 (?:vraag|vragen|questions?) ~1 (?:met|with|door)`,
		`(?:voeg|plaats|zet|toon|include|add|insert|embed|render|display|append|eindig|end) ~8 (?:link|url|afbeelding|image|plaatje|markdown|pixel) ~10 (?:antwoord|antwoorden|answers?|response|reply|reactie)`,
		`(?:voeg|plaats|zet|toon|include|add|insert|embed|render|append) ~3 (?:elk|ieder|alle|every|each|any|your|je|het) ~1 (?:antwoord|antwoorden|answers?|response|reply|reactie) ~4 (?:link|url|afbeelding|image|plaatje|markdown|pixel)`,
		`(?:stuur|verzend|upload|post|send|transmit|forward|leak|append|plak|codeer|encode) ~6 (?:gespreksgeschiedenis|chatgeschiedenis|vorige vragen|eerdere vragen|vraag van de gebruiker|<prompt>|conversation|chat history|user input|users question|previous questions?|user data|gebruikersgegevens|dit gesprek|hele gesprek) ~8 (?:naar|to|aan|in|als|as|https?)`,
		`<start>(?:decodeer|ontcijfer|decode|decrypt) ~6 (?:en|and|then|dan) ~2 (?:voer|doe|volg|execute|follow|run|do|obey|antwoord|answer)`,
		`<start>keur (?:mijn|my) ~10 goed`, `<start>approve my`,
	)
})

var (
	// roleForm is a line that claims to speak for the system. In lower case it
	// counts at the start of a line only.
	roleForm = regexp.MustCompile(`(?:^|[\s"'(\[*>])(?:SYSTEE?M|ASSISTE?ANT|ASSISTENT|DEVELOPER|ADMIN)(?:BERICHT| MESSAGE| PROMPT| OVERRIDE|OPDRACHT)?[\])*]*:|(?im:^\W*(?:system|systeem|systeembericht|system message|assistant|developer)[\])*]*:\s)`)
	// controlForm is what ends or opens a part of a prompt, of ours or of the
	// common templates.
	controlForm = regexp.MustCompile(`(?i)<\|[a-z_]{2,20}\|>|\[/?INST\]|<</?SYS>>|</?(?:bron|system|assistant)\b[^>]{0,40}>|#{2,}\s*(?:instructions?|instructies?|system|systeem|response)\b`)
	// markupForm is markup that fetches or runs something where a page would
	// render it. Texts have none: extraction reads markup, it does not keep it.
	markupForm = regexp.MustCompile(`(?i)!\[[^\]]{0,200}\]\s?\(|<\s*img\b[^>]{0,200}\bsrc|<\s*(?:script|iframe|svg|object|embed)\b|javascript:\S|data:text/html|\son(?:error|load|click)\s?=`)
	// dictation tells the assistant what to say. Offices tell readers so too ("Zeg
	// dat het dringend is."), so it counts in questions only.
	dictation = regexp.MustCompile(`^ (?:zeg|beweer|say|claim) (?:maar |nu |gewoon |just )?(?:dat|that) `)
	// notForgotten is the ordinary use of an imperative of the list.
	notForgotten = regexp.MustCompile(` vergeet (?:[^ ]+ ){0,8}niet `)
)

// instructs reports whether a text gives orders to a language model: a question
// that does is refused, a sentence of a source that does is neither quoted nor
// shown to a model.
func instructs(text string) bool {
	if roleForm.MatchString(text) || controlForm.MatchString(text) || markupForm.MatchString(text) {
		return true
	}
	for _, p := range phrases(text) {
		if orders().match(p.words) && !notForgotten.MatchString(p.words) {
			return true
		}
	}
	return false
}

// attacks reports whether a question gives orders to a language model, also
// when they are spelled so that a reader would not see them at once.
func attacks(text string) bool {
	if instructs(text) || slices.ContainsFunc(phrases(text), func(p phrase) bool { return dictation.MatchString(p.words) }) {
		return true
	}
	for _, hidden := range unwrap(text) {
		if hidden.certain || instructs(hidden.text) {
			return true
		}
	}
	return false
}

// orderly reports for each sentence of a passage whether it may be quoted and
// read by a model: those that instruct may not, nor what goes on with them, which
// is the rest of their line and imperatives right before them ("Zeg dat het gratis
// is."). Texts of an office have none of it.
func orderly(text string, spans []chunk.Span) []bool {
	out := make([]bool, len(spans))
	order := false
	for i, sp := range spans {
		if i > 0 && strings.ContainsRune(text[spans[i-1].End:sp.Start], '\n') {
			order = order && commands.MatchString(text[sp.Start:sp.End])
		}
		if instructs(text[sp.Start:sp.End]) {
			order = true
			for j := i - 1; j >= 0 && commands.MatchString(text[spans[j].Start:spans[j].End]); j-- {
				out[j] = false
			}
		}
		out[i] = !order
	}
	return out
}

// commands is a sentence that opens with an imperative that an assistant could
// follow.
var commands = regexp.MustCompile(`(?i)^\W*(?:` + orderWords["say"] + `|doe|noem|herhaal|volg|plaats|zet|do|repeat|follow|add|put|always|never|altijd|nooit)\s`)

// withoutOrders is a passage without its sentences that instruct, for a model.
func withoutOrders(text string) string {
	var b strings.Builder
	last := 0
	spans := chunk.Sentences(text)
	for i, ok := range orderly(text, spans) {
		if !ok {
			b.WriteString(text[last:spans[i].Start])
			last = spans[i].End
		}
	}
	b.WriteString(text[last:])
	return b.String()
}
