package answer

import (
	"regexp"
	"strings"
)

// altered is a sentence that a program changed.
type altered struct{ kind, text string }

// swap is a change of one expression into another.
type swap struct {
	kind, from, to string
	form           *regexp.Regexp // from, as a word
}

// alter changes one fact of a sentence, in every way it can. passage is the text
// around it, from which wrong facts come too; names are names of other texts.
// It uses nothing of the verifier, so that the two do not share mistakes.
func alter(sentence, passage string, names []string) []altered {
	var out []altered
	add := func(kind, text string) {
		if text != sentence && !strings.Contains(passage, strings.TrimRight(text, ".")) {
			out = append(out, altered{kind, text})
		}
	}
	for _, s := range factSwaps {
		if loc := s.form.FindStringIndex(sentence); loc != nil {
			part := s.form.ReplaceAllString(sentence[loc[0]:loc[1]], "${1}"+s.to+"${2}")
			add(s.kind, sentence[:loc[0]]+part+sentence[loc[1]:])
		}
	}
	for _, n := range alterNumbers {
		if loc := n.form.FindStringSubmatchIndex(sentence); loc != nil {
			number := sentence[loc[2]:loc[3]]
			add(n.kind, sentence[:loc[2]]+wrongNumber(number)+sentence[loc[3]:])
			for _, m := range n.form.FindAllStringSubmatch(passage, -1) {
				if m[1] != number { // a number of the same kind that stands near it
					add(n.kind+" of the passage", sentence[:loc[2]]+m[1]+sentence[loc[3]:])
					break
				}
			}
		}
	}
	if loc := nameForm.FindStringSubmatchIndex(sentence); loc != nil {
		was := sentence[loc[2]:loc[3]]
		for i := range names {
			other := names[(i+len(sentence))%len(names)]
			if !strings.Contains(passage, other) && !strings.Contains(other, was) {
				add("name", sentence[:loc[2]]+other+sentence[loc[3]:])
				break
			}
		}
		add("place", sentence[:loc[2]]+places[len(sentence)%len(places)]+sentence[loc[3]:])
		for _, m := range nameForm.FindAllStringSubmatch(passage, -1) {
			if !strings.Contains(was, m[1]) && !strings.Contains(m[1], was) && !strings.Contains(sentence, m[1]) {
				add("name of the passage", sentence[:loc[2]]+m[1]+sentence[loc[3]:])
				break
			}
		}
	}
	if loc := finiteForm.FindStringIndex(sentence); loc != nil {
		add("negation added", sentence[:loc[1]]+" niet"+sentence[loc[1]:])
	}
	for _, c := range []string{", maar alleen als u ouder bent dan 65 jaar.", ", tenzij u in het buitenland woont.", " als u een uitkering ontvangt.", ", mits u ingeschreven staat."} {
		if !strings.Contains(passage, strings.Trim(c, " ,.")) {
			add("condition added", strings.TrimRight(sentence, ".")+c)
		}
	}
	if loc := conditionForm.FindStringIndex(sentence); loc != nil {
		rest := strings.TrimSpace(sentence[:loc[0]]) + "."
		if len(strings.Fields(rest)) >= 5 {
			add("condition dropped", rest)
		}
	}
	if m := openingForm.FindStringSubmatch(sentence); m != nil && len(strings.Fields(m[1])) >= 5 {
		add("condition dropped", strings.ToUpper(m[1][:1])+m[1][1:])
	}
	if ns := anyNumber.FindAllStringIndex(sentence, 3); len(ns) == 2 {
		a, b := sentence[ns[0][0]:ns[0][1]], sentence[ns[1][0]:ns[1][1]]
		if a != b {
			add("numbers swapped", sentence[:ns[0][0]]+b+sentence[ns[0][1]:ns[1][0]]+a+sentence[ns[1][1]:])
		}
	}
	if loc := linkInText.FindStringIndex(sentence); loc != nil {
		l := sentence[loc[0]:loc[1]]
		add("link", sentence[:loc[0]]+strings.Replace(l, ".nl", "-info.nl", 1)+sentence[loc[1]:])
		add("link", sentence[:loc[0]]+l+"/nieuw"+sentence[loc[1]:])
	}
	return out
}

var (
	nameForm      = regexp.MustCompile(`[a-z,] ((?:[A-Z][a-zë]{3,})(?: [A-Z][a-zë]{3,})*)`)
	finiteForm    = regexp.MustCompile(`\b(?:is|zijn|wordt|worden|kan|kunt|moet|moeten|mag|heeft|hebt|krijgt|geldt|betaalt|hoeft|gaat)(?: u| je)?\b`)
	conditionForm = regexp.MustCompile(`,? (?:alleen als|als|indien|tenzij|mits|wanneer) [^,;:()]+\.$`)
	openingForm   = regexp.MustCompile(`^(?:Als|Indien|Wanneer) [^,;:()]+, (?:dan )?(.+)$`)
	linkInText    = regexp.MustCompile(`(?:https?://|www\.)[\w./-]*\w`)
	anyNumber     = regexp.MustCompile(`\b\d+\b`)
	places        = strings.Fields("Groningen Zierikzee Venray Oldenzaal Terneuzen Delfzijl")
	alterNumbers  = []struct {
		kind string
		form *regexp.Regexp
	}{
		{"amount", regexp.MustCompile(`€ ?(\d[\d.]*\d|\d)`)},
		{"amount", regexp.MustCompile(`\b(\d[\d.]*\d|\d)(?:,\d\d)? euro\b`)},
		{"percentage", regexp.MustCompile(`\b(\d+)(?:,\d+)? ?(?:%|procent)`)},
		{"age", regexp.MustCompile(`\b(\d+) ?jaar\b`)},
		{"date", regexp.MustCompile(`\b(\d\d?) (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)`)},
		{"year", regexp.MustCompile(`\b((?:19|20)\d\d)\b`)},
		{"duration", regexp.MustCompile(`\b(\d+) (?:dagen|weken|maanden|uur|werkdagen|minuten)\b`)},
		{"number", regexp.MustCompile(`[a-z] (\d{1,3})\b`)},
		{"number word", regexp.MustCompile(`\b(twee|drie|vier|vijf|zes|zeven|acht|negen|tien)\b`)},
	}
)

func wrongNumber(n string) string {
	words := strings.Fields("twee drie vier vijf zes zeven acht negen tien")
	for i, w := range words {
		if n == w {
			return words[(i+3)%len(words)]
		}
	}
	b := []byte(n)
	i := len(b) - 1
	if len(b) == 4 && b[0] != '9' { // a year, or thousands
		i = 3
	}
	b[i] = '0' + (b[i]-'0'+3)%10
	if b[0] == '0' {
		b[0] = '7'
	}
	return string(b)
}

// factSwaps change what a sentence says by a word.
var factSwaps = func() []swap {
	var out []swap
	both := func(kind string, list string) {
		for _, p := range strings.Split(list, ",") {
			f := strings.Split(strings.TrimSpace(p), "/")
			out = append(out, swap{kind, f[0], f[1], nil}, swap{kind, f[1], f[0], nil})
		}
	}
	both("comparison", "meer/minder, ouder/jonger, hoger/lager, langer/korter, groter/kleiner, eerder/later, minimaal/maximaal, minstens/hoogstens, sneller/langzamer")
	both("unit", "dagen/weken, weken/maanden, jaar/maanden, uur/dagen, minuten/uur, kilometer/meter, werkdagen/weken, dag/week, maand/jaar, meter/centimeter")
	both("quantity", "alle/sommige, altijd/soms, iedere/sommige, elke/sommige, meestal/altijd, veel/weinig, iedereen/niemand, vaak/zelden, enkele/alle")
	both("modality", "moet/kan, moet/mag, kunt/moet, kan/mag, moeten/kunnen, mogen/moeten, kunnen/mogen")
	both("weekday", "maandag/donderdag, dinsdag/vrijdag, woensdag/zaterdag, zondag/maandag")
	both("month", "januari/maart, februari/april, mei/juni, juli/oktober, augustus/november, september/december")
	both("opposite", "open/gesloten, gratis/betaald, nieuwe/oude, tijdelijk/permanent, digitaal/schriftelijk, toegestaan/verboden, binnen/buiten, openbaar/geheim, ochtend/avond")
	both("currency", "euro/dollar, €/\\$")
	out = append(out,
		swap{"currency", `€`, "£", nil},
		swap{"before and after", `voor (\d+ [a-z]+)`, "na ${2}", nil}, swap{"before and after", `na (\d+ [a-z]+)`, "voor ${2}", nil},
		swap{"before and after", `vanaf (\d+)`, "tot ${2}", nil}, swap{"before and after", `tot (\d+)`, "vanaf ${2}", nil},
		swap{"before and after", `binnen (\w+ (?:dagen|weken|maanden|uur))`, "na ${2}", nil},
		swap{"before and after", `na`, "voor", nil}, swap{"before and after", `vóór`, "na", nil}, swap{"before and after", `voordat`, "nadat", nil}, swap{"before and after", `nadat`, "voordat", nil},
		swap{"negation dropped", ` ?niet`, "", nil}, swap{"negation dropped", `geen`, "een", nil}, swap{"negation dropped", `nooit`, "altijd", nil}, swap{"negation dropped", `zonder`, "met", nil},
		swap{"negation added", `een`, "geen", nil}, swap{"negation added", `met`, "zonder", nil},
		swap{"negation by prefix", `geldig`, "ongeldig", nil}, swap{"negation by prefix", `mogelijk`, "onmogelijk", nil}, swap{"negation by prefix", `bekend`, "onbekend", nil},
		swap{"negation by prefix", `voldoende`, "onvoldoende", nil}, swap{"negation by prefix", `nodig`, "onnodig", nil}, swap{"negation by prefix", `bevoegd`, "onbevoegd", nil},
		swap{"limit dropped", `alleen`, "", nil}, swap{"limit dropped", `uitsluitend`, "", nil}, swap{"limit dropped", `slechts`, "", nil}, swap{"limit dropped", `pas`, "", nil},
		swap{"bound dropped", `maximaal`, "", nil}, swap{"bound dropped", `minimaal`, "", nil}, swap{"bound dropped", `minstens`, "", nil}, swap{"bound dropped", `uiterlijk`, "", nil},
	)
	for i := range out { // its own group comes after that of the space before it
		out[i].form = regexp.MustCompile(`(^|[\s(])` + out[i].from + `([\s.,;:)]|$)`)
	}
	return out
}()

// reword says a sentence in other words, in every way it can, and as true.
func reword(sentence string) []altered {
	out := []altered{{"verbatim", sentence}, {"without full stop", strings.TrimRight(sentence, ".")}}
	for _, r := range rewordings {
		if s := r.form.ReplaceAllString(sentence, r.to); s != sentence {
			out = append(out, altered{r.kind, s})
		}
	}
	if len(out) > 4 { // two at once
		s := sentence
		for _, r := range rewordings {
			if r.kind == "article" || r.kind == "function word" || r.kind == "reader" {
				s = r.form.ReplaceAllString(s, r.to)
			}
		}
		out = append(out, altered{"several at once", s})
	}
	return out
}

type rewording struct {
	kind string
	form *regexp.Regexp
	to   string
}

var rewordings = func() []rewording {
	var out []rewording
	add := func(kind, form, to string) {
		out = append(out, rewording{kind, regexp.MustCompile(form), to})
	}
	for _, v := range []string{"moet", "kunt", "mag", "krijgt", "betaalt", "hoeft", "hebt", "heeft"} {
		add("clauses moved", `^(?:Als|Wanneer) ([^,;:()]+), `+v+` (u|je) ([^;:()]+)\.$`, "U "+v+" ${3} als ${1}.")
		add("reader", `^U `+v+`\b`, "Inwoners "+v)
		add("reader", `\b`+v+` u\b`, v+" men")
		add("order", `^U `+v+` ([^,;:]+) (bij|via|op|in) ((?:de|het|uw|een) [a-z]+)\.$`, "Via ${2} ${3} "+v+" u ${1}.")
	}
	add("clauses moved", `^([A-Z][^,;:()]+),? als ([^,;:()]+)\.$`, "Als ${2}, geldt: ${1}.")
	add("reader", `\bu\b`, "je")
	add("reader", `\buw\b`, "je")
	add("article", `\bhet ([a-z]{4,})`, "de ${1}")
	add("article", `\bde ([a-z]{4,})`, "een ${1}")
	add("article", `\been ([a-z]{4,})`, "de ${1}")
	add("article", `\b(?:de|het|een) ([a-z]{4,})`, "${1}")
	for _, p := range strings.Split("indien/als, Indien/Als, als/wanneer, Als/Wanneer, tevens/ook, echter/maar, omdat/want, ook/eveneens, Ook/Daarnaast, hiervoor/daarvoor, "+
		"deze/die, dit/dat, zoals/bijvoorbeeld, via/door middel van, om te/te, vanwege/in verband met, ontvangt/krijgt, ontvangen/krijgen, krijgt/ontvangt, "+
		"krijgen/ontvangen, verstrekt/geeft, alle/iedere, elke/iedere, iedere/elke, ongeveer/circa, minimaal/minstens, maximaal/hoogstens, alleen/uitsluitend, "+
		"meestal/doorgaans, kunt/kan, bent/is, hebt/heeft, moet/dient te, moeten/dienen te", ", ") {
		f := strings.Split(p, "/")
		add("function word", `\b`+f[0]+`\b`, f[1])
	}
	for _, p := range strings.Fields("gemeente/gemeenten gemeenten/gemeente kinderen/kind vergunning/vergunningen regels/regel documenten/document aanvraag/aanvragen " +
		"werkgever/werkgevers werkgevers/werkgever organisatie/organisaties maatregelen/maatregel maatregel/maatregelen provincie/provincies inwoners/inwoner " +
		"auto/auto's bedrijf/bedrijven bedrijven/bedrijf gegevens/gegeven woningen/woning huis/huizen test/testen klachten/klacht") {
		f := strings.Split(p, "/")
		add("number of the noun", `\b`+f[0]+`\b`, f[1])
	}
	for i, w := range strings.Fields("twee drie vier vijf zes zeven acht negen tien elf twaalf") {
		d := []string{"2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}[i]
		add("number in words", `([a-z]) `+d+` (dagen|weken|maanden|jaar|uur|[a-z]{4,}en)\b`, "${1} "+w+" ${2}")
		add("number in digits", `\b`+w+`\b`, d)
	}
	for i, m := range strings.Fields("januari februari maart april mei juni juli augustus september oktober november december") {
		d := []string{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"}[i]
		add("date form", `\b(\d\d?) `+m+` (\d{4})\b`, "${1}-"+d+"-${2}")
	}
	add("amount form", `€ ?(\d[\d.]*)([\s.;)]|$)`, "${1} euro${2}")
	add("amount form", `\b(\d[\d.]*) euro\b`, "€ ${1},-")
	add("percentage form", `(\d) ?%`, "${1} procent")
	add("percentage form", `(\d) procent`, "${1}%")
	add("passive", `^U kunt ([^,;:]+) aanvragen\.$`, "${1} kan worden aangevraagd.")
	add("passive", `^U moet ([^,;:]+) betalen\.$`, "${1} moet worden betaald.")
	add("verb apart", `^U kunt ([^,;:]+) aanvragen\.$`, "U kunt zo aanvragen: ${1}.")
	add("opening", `^`, "Let op: ")
	return out
}()
