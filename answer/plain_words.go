package answer

// plainWords are words of officials and what says the same in plain Dutch (level
// B1); lists of the Dutch government and of Taalunie have them. Only those are
// here that may take each other's place in any sentence, form for form: not
// "verstrekt", which is also a participle, nor "gedurende", which measures time.
const plainWords = `aangaande: over
	aanvangen: beginnen
	aanvangt: begint
	abusievelijk: per ongeluk
	additionele: extra
	alsmede: en
	alsnog: toch nog
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
	geschiedt: gebeurt
	hetgeen: wat
	indien: als
	ingevolge: volgens
	inzake: over
	kosteloos: gratis
	krachtens: volgens
	middels: met
	met betrekking tot: over
	nadien: daarna
	omstreeks: rond
	omtrent: over
	onverwijld: meteen
	ontvangt: krijgt
	reeds: al
	teneinde: om
	ten behoeve van: voor
	ten gevolge van: door
	tevens: ook
	thans: nu
	uitsluitend: alleen
	verkrijgt: krijgt
	verleent: geeft
	verzoekt: vraagt
	voorts: verder
	vrijwel: bijna
	zendt: stuurt`
