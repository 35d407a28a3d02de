package answer

// plainWords are words of officials and what says the same in plain Dutch (level
// B1); lists of the Dutch government and of Taalunie have them. Only those are
// here that may take each other's place in any sentence, form for form.
const plainWords = `aangaande: over
	aanvangen: beginnen
	aanvangt: begint
	abusievelijk: per ongeluk
	additionele: extra
	alsmede: en
	alsnog: toch nog
	alvorens: voordat
	circa: ongeveer
	conform: volgens
	derhalve: daarom
	desalniettemin: toch
	desgewenst: als u dat wilt
	dienen te: moeten
	dient te: moet
	dientengevolge: daardoor
	eveneens: ook
	gaarne: graag
	gedurende: tijdens
	geschiedt: gebeurt
	hetgeen: wat
	indien: als
	ingeval: als
	ingevolge: volgens
	inzake: over
	jegens: tegen
	kosteloos: gratis
	krachtens: volgens
	middels: met
	met betrekking tot: over
	nadien: daarna
	omstreeks: rond
	omtrent: over
	onverwijld: meteen
	ontvangt: krijgt
	op basis van: volgens
	reeds: al
	slechts: alleen
	teneinde: om
	ten aanzien van: over
	ten behoeve van: voor
	ten gevolge van: door
	tevens: ook
	thans: nu
	uitsluitend: alleen
	verkrijgt: krijgt
	verleent: geeft
	verschaft: geeft
	verstrekt: geeft
	verzoekt: vraagt
	voornoemde: deze
	voorts: verder
	vrijwel: bijna
	zendt: stuurt`
