package answer

import "strings"

// class is a kind of word that changes what the words beside it say. Of a class,
// one value may not stand for another: "moet" is not "kan".
type class uint8

const (
	content   class = iota // carries meaning of its own
	filler                 // articles, pronouns, prepositions, auxiliaries
	negation               // niet, geen, zonder
	modal                  // moet, mag, kan
	condition              // als, indien, mits
	limit                  // alleen, slechts, tenzij
	degree                 // meer, ouder, minimaal
	relation               // voor, na, tot: they bind to what follows
	quantity               // alle, sommige, meestal
	unit                   // dag, euro, kilometer
	weekday
	month
	opposite // one of a pair that excludes the other: binnen and buiten
)

// vocabulary gives the class of a word form and the value that all forms which
// say the same share. It is made once per verifier: see newVocabulary.
type vocabulary struct {
	classes map[string]meaning
	same    map[string]string // content words that say the same, to one of them
}

type meaning struct {
	class class
	value string
}

// The word lists: value, colon, forms. They are closed classes of Dutch; open
// ones are left to stems.
const (
	negationWords = `neg: niet geen nooit niets niemand nergens noch zonder evenmin nimmer geenszins nee`
	modalWords    = `must: moet moeten moest moesten dient dienen verplicht
		need: hoeft hoeven hoef
		may: mag mogen mocht mochten
		can: kan kunt kunnen kon konden
		will: zal zult zullen
		would: zou zouden
		want: wil wilt willen
		should: behoort behoren hoort horen`
	conditionWords = `if: als indien wanneer mits ingeval zodra zolang`
	limitWords     = `only: alleen uitsluitend slechts enkel louter
		unless: tenzij behalve uitgezonderd
		not-before: pas`
	degreeWords = `more: meer
		less: minder
		older: ouder
		younger: jonger
		higher: hoger
		lower: lager
		longer: langer
		shorter: korter
		larger: groter
		smaller: kleiner
		earlier: eerder vroeger
		later: later
		least: minimaal minstens tenminste
		most: maximaal hoogstens hooguit
		ultimately: uiterlijk
		nearer: dichterbij
		cheaper: goedkoper
		dearer: duurder
		faster: sneller
		slower: langzamer
		better: beter
		worse: slechter`
	relationWords = `before: voor vóór voordat
		after: na nadat
		from: vanaf sinds
		until: tot totdat
		within: binnen
		during: tijdens gedurende
		above: boven
		under: onder beneden
		with: met`
	quantityWords = `all: alle allemaal iedere ieder elke elk iedereen allen
		some: sommige enkele bepaalde enige
		several: meerdere verschillende
		many: veel vele
		few: weinig
		most: meeste
		both: beide beiden
		always: altijd
		sometimes: soms
		often: vaak
		seldom: zelden
		usually: meestal doorgaans
		half: helft`
	unitWords = `second: seconde seconden
		minute: minuut minuten
		hour: uur uren urige
		day: dag dagen dagelijks dagelijkse daagse
		workday: werkdag werkdagen
		week: week weken wekelijks wekelijkse
		month: maand maanden maandelijks maandelijkse mnd
		quarter: kwartaal kwartalen
		year: jaar jaren jarige jarigen jaarlijks jaarlijkse jr
		century: eeuw eeuwen
		euro: euro euro's euros eur
		cent: cent centen eurocent
		dollar: dollar dollars usd
		pound: pond ponden
		percent: procent percent percentage
		point: procentpunt
		mm: millimeter millimeters mm
		cm: centimeter centimeters cm
		m: meter meters
		km: kilometer kilometers km
		m2: m2 m²
		m3: m3 m³
		hectare: hectare ha
		g: gram
		kg: kilo kilogram kg
		ton: ton
		l: liter liters
		ml: milliliter ml
		degree: graad graden
		thousand: duizend
		million: miljoen mln
		billion: miljard mld`
	weekdayWords = `mo: maandag maandags maandagen
		tu: dinsdag dinsdags dinsdagen
		we: woensdag woensdags woensdagen
		th: donderdag donderdags donderdagen
		fr: vrijdag vrijdags vrijdagen
		sa: zaterdag zaterdags zaterdagen
		su: zondag zondags zondagen
		weekend: weekend weekeinde weekends`
	monthWords = `1: januari jan
		2: februari feb
		3: maart
		4: april apr
		5: mei
		6: juni jun
		7: juli jul
		8: augustus aug
		9: september sept sep
		10: oktober okt
		11: november nov
		12: december dec`
	oppositeWords = `inside: binnenshuis
		outside: buiten buitenshuis
		open: open geopend
		closed: dicht gesloten
		man: man mannen
		woman: vrouw vrouwen
		free: gratis kosteloos
		paid: betaald betaalde
		morning: ochtend ochtends morgens
		afternoon: middag middags
		evening: avond avonds
		night: nacht nachts
		old: oud oude
		new: nieuw nieuwe
		young: jong jonge
		public: openbaar openbare
		secret: geheim geheime
		left: links
		right: rechts
		north: noord noorden noordelijk
		south: zuid zuiden zuidelijk
		east: oost oosten oostelijk
		west: west westen westelijk
		rise: stijgt stijgen gestegen
		fall: daalt dalen gedaald
		begin: begint beginnen start starten
		end: eindigt eindigen stopt stoppen
		allowed: toegestaan
		forbidden: verboden
		own: eigen
		someone-else: andermans
		temporary: tijdelijk tijdelijke
		permanent: permanent permanente definitief definitieve
		direct: direct meteen onmiddellijk onverwijld
		digital: digitaal digitale online
		paper: schriftelijk schriftelijke
		spoken: mondeling mondelinge telefonisch telefonische`
	fillerWords = `x: de het een 't 'n den der des ter ten dit dat deze die er hier daar waar wat wie welke welk zo zulke zulk
		ik jij je jou jouw u uw wij we ons onze hij hem zijn zij ze haar hun hen men iemand zich zichzelf elkaar
		inwoner inwoners burger burgers mens mensen persoon personen degene
		en of maar dus want omdat doordat zodat terwijl hoewel ook nog al wel niettemin echter daarom daarna daarbij daarvoor daarmee
		daarnaast daarvan daarin daarop hierbij hiervoor hiermee hierna hiervan hierin hierop waarbij waarvoor waarmee waarvan waarin waarop
		eveneens tevens namelijk immers bovendien verder dan toen nu
		in op aan van bij te om uit over door tegen tussen per via volgens naar om tot
		is zijn was waren ben bent geweest wordt worden word werd werden geworden heeft hebt heb hebben had hadden gehad
		doet doen gaat gaan ga komt komen laat laten laten blijft blijven staat staan ligt liggen zit zitten
		bijvoorbeeld zoals onder meer wel even graag gewoon dus eventueel mogelijk enz etc bijv ook zelf af toe mee terug let middel`
	// sameWords are pairs of official and plain Dutch that say the same; lists of
	// plain words for government texts have them (see docs/verification.md).
	sameWords = `krijgen: krijgt krijg krijgen kregen gekregen ontvangt ontvang ontvangen ontving
		geven: geeft geef geven gegeven verstrekt verstrekken verleent verlenen verschaft verschaffen
		vragen: vraagt vraag vragen gevraagd verzoekt verzoeken verzocht
		aanvragen: aanvragen aangevraagd aanvraagt aanvraag aanvragen
		kosten: kost kosten bedraagt bedragen betaalt betaal betalen
		zien: ziet zie zien bekijkt bekijken bekijk
		vinden: vindt vind vinden staat
		gebruiken: gebruikt gebruik gebruiken
		maken: maakt maak maken gemaakt
		beginnen: aanvang aanvangt aanvangen
		sturen: stuurt stuur sturen gestuurd verstuurt versturen zendt zenden opsturen
		kind: kind kinderen
		ongeveer: ongeveer circa ca
		telefoon: telefoon telefoonnummer tel telefonisch
		mail: mail e-mail email e-mailadres mailadres
		auto: auto auto's voertuig
		woning: huis huizen woning woningen
		beëindigen: beëindigt beëindigen stopzet stopzetten
		nodig: nodig benodigd benodigde vereist
		via: middels
		doorgeven: doorgeven doorgeeft doorgegeven melden meldt
		artikel: artikel art artikelen
		behandelen: behandelt behandel behandelen behandeld afgehandeld afhandelen afhandelt handelt
		nummer: nummer nr nummers
		website: website site webpagina
		bijvoorbeeld: bijvoorbeeld bijv bv`
)

func newVocabulary() *vocabulary {
	v := &vocabulary{classes: map[string]meaning{}, same: map[string]string{}}
	for _, l := range []struct {
		class class
		words string
	}{
		{filler, fillerWords}, {opposite, oppositeWords}, {unit, unitWords}, {relation, relationWords}, {degree, degreeWords},
		{quantity, quantityWords}, {weekday, weekdayWords}, {month, monthWords}, {limit, limitWords}, {condition, conditionWords},
		{modal, modalWords}, {negation, negationWords},
	} {
		each(l.words, func(value, form string) { v.classes[form] = meaning{l.class, value} })
	}
	each(sameWords, func(value, form string) { v.same[form] = value })
	return v
}

// each yields the forms of a word list with their value.
func each(list string, yield func(value, form string)) {
	for _, line := range strings.Split(list, "\n") {
		value, forms, _ := strings.Cut(strings.TrimSpace(line), ":")
		if forms == "" { // a line that goes on
			forms, value = value, "x"
		}
		for _, f := range strings.Fields(forms) {
			yield(value, f)
		}
	}
}

// antonyms are the values of degree, relation, quantity and opposite that
// exclude each other when they stand in the same place.
var antonyms = pairs(`more less, older younger, higher lower, longer shorter, larger smaller, earlier later, least most,
	cheaper dearer, faster slower, better worse, before after, from until, within after, above under, all some, many few, always sometimes,
	inside outside, within outside, open closed, man woman, free paid, old new, old young, public secret, left right,
	north south, east west, rise fall, begin end, allowed forbidden, temporary permanent, digital paper`)

func pairs(s string) map[string][]string {
	out := map[string][]string{}
	for _, p := range strings.Split(s, ",") {
		if f := strings.Fields(p); len(f) == 2 {
			out[f[0]] = append(out[f[0]], f[1])
			out[f[1]] = append(out[f[1]], f[0])
		}
	}
	return out
}
