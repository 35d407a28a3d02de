package answer

import (
	"regexp"
	"sync"
)

// scopeWords are the lists of the rules about what a question asks for, Dutch
// and English.
var scopeWords = map[string]string{
	// Politics and opinions.
	"office":  `partij|party|politicus|politician|prime minister|burgemeester|mayor|wethouder|minister|premier|president|kamerlid|raadslid|lijsttrekker|kandidaat|candidate|staatssecretaris`,
	"party":   `vvd|pvda|groenlinks|gl pvda|d66|cda|pvv|sp|christenunie|sgp|volt|bbb|nsc|fvd|forum voor democratie|ja21|partij voor de dieren|pvdd|50plus|links|rechts`,
	"filler":  `nu|nou|dan|gaan|het beste?|best|eigenlijk|toch|straks|deze keer|volgens jou|bij de \w+|in 20\d\d`,
	"ought":   `moet|zal|zou|kan ik het beste?|kan ik best|raad je|raad jij|adviseer je|should|shall`,
	"rank":    `beste?|slechtste?|leukste|domste|slimste|sympathiekste|betrouwbaarste?|eerlijkste?|bekwaamste?|(?:meest|minst) \w+|best|worst|most \w+|least \w+`,
	"verdict": `goede?|slechte?|geweldige|prima|waardeloze|betrouwbare|bekwame|good|bad|terrible|great|competent`,
	// What nobody knows yet.
	"game":   `verkiezing(?:en)?|\w*verkiezing(?:en)?|elections?|wk|ek|songfestival|elfstedentocht|wedstrijd|match|world cup|eredivisie|champions league|tour de france|oorlog|war|formule 1`,
	"market": `rente|\w*rente|interest rates?|mortgage rates?|huizenprijs|huizenprijzen|huizenmarkt|woningprijzen|house prices|housing market|inflatie|inflation|beurs|aex|aandelen|stock market|bitcoin|koers|dollar|benzineprijs|olieprijs|gasprijs|energieprijs|energieprijzen|stroomprijs|goudprijs|gas prices?`,
	"later":  `over ~1 (?:jaar|maanden|maand|weken)|volgend jaar|volgende maand|morgen|volgende week|de komende (?:jaren|maanden|tijd)|in 20[3-9]\d|in ~1 years|next (?:year|month|week)|tomorrow`,
	"moves":  `stijgen|stijgt|dalen|daalt|zakken|zakt|omhoog|omlaag|instorten|verdubbelen|rise|fall|drop|crash|go up|go down`,
	// Somebody's own file.
	"file": `aanvraag|\w+aanvraag|bezwaar|bezwaarschrift|dossier|zaak|klacht|melding|verzoek|\w+verzoek|uitkering|toeslag|vergunning|application|case|objection|complaint|request|appeal`,
	"done": `goedgekeurd|toegekend|ontvangen|binnen|binnengekomen|behandeld|verwerkt|afgehandeld|afgewezen|beoordeeld|klaar|approved|received|processed|granted|rejected`,
	// Health.
	"drug": `paracetamol|ibuprofen|aspirine|aspirin|medicijn(?:en)?|medicatie|medication|medicines?|geneesmiddel(?:en)?|pil(?:len)?|pills?|tablet(?:ten)?|tablets|antibiotica|antibiotics|amoxicilline|` +
		`antidepressiva|antidepressants?|slaappil(?:len)?|slaapmiddel(?:en)?|pijnstillers?|painkillers?|insuline|insulin|bloedverdunners?|blood thinners|morfine|diazepam|oxazepam|tramadol|diclofenac|prednison|melatonine|hoestdrank|neusspray|ritalin|methylfenidaat|bloeddrukverlagers?|statines?|maagzuurremmers?|hormonen`,
	"take":    `geven|nemen|slikken|innemen|inspuiten|spuiten|toedienen|combineren|give|take|swallow|inject`,
	"disease": `kanker|\w+kanker|suikerziekte|diabetes|een hartaanval|een hersenschudding|een longontsteking|een blindedarmontsteking|een depressie|adhd|autisme|dementie|alzheimer|trombose|een burn ?out|borderline|cancer|depression|a heart attack|autism|pneumonia|appendicitis`,
	"symptom": `koorts|pijn|\w+pijn|uitslag|jeuk|bult|bultje|knobbel|knobbeltje|duizelig|misselijk|benauwd|kortademig|hoesten|hoest|opgezwollen|gezwollen|bloedwaarden|bloeduitslag|vlek|vlekken|vlekjes|overgeven|diarree|buikpijn|hartkloppingen|tintelingen|zweten|` +
		`fever|pain|rash|headache|dizzy|nauseous|lump|cough|swollen|blood results|symptoms|symptomen|verdoofd`,
	// Insults.
	"insult": `idioot|idioten|sukkels?|eikels?|klootzak(?:ken)?|lul|lullen|mongool|mongolen|debiel(?:en)?|imbeciel(?:en)?|achterlijk(?:e|en)?|kutten|hoer(?:en)?|trut(?:ten)?|teef|teven|varkens?|zwijn(?:en)?|ratten|tuig|schorem|uitschot|oplichters?|dief|dieven|` +
		`zakkenvullers?|leugenaars?|nietsnut(?:ten)?|prutsers?|stumpers?|oetlul(?:len)?|flapdrol(?:len)?|randdebiel(?:en)?|kankerlijers?|tyfuslijers?|tering(?:lijers?|tuig)|kutbot|rotbot|kutgemeente|klojo|slijmbal|mafkees|domkop|dombo|stommeling(?:en)?|waardeloze?|` +
		`idiots?|morons?|assholes?|bastards?|bitch(?:es)?|cunts?|losers?|scum|retards?|imbeciles?|pigs?|crooks?|liars?|dickheads?|twats?|wankers?|pricks?|worthless|pathetic|useless piece ~2`,
	"curse": `(?:rot|sodemieter|flikker|donder|lazer|tief|tyf|pleur) (?:toch |nou |nu |maar |eens |allemaal |lekker )*op|oprotten|fuck (?:you|off|jou|jullie|je|u)|(?:go )?screw you|piss off|go to hell|krijg (?:toch |allemaal |maar |lekker |de |het )*(?:tering|tyfus|kanker|pest|klere|pleuris)|` +
		`val dood|sterf|loop naar de hel|hou je (?:bek|kop|muil)|houd je (?:bek|kop|muil)|shut up|shut the fuck up|je moeder is|kanker op|kankerop|tering ?lijer|eat shit|kus mijn (?:reet|kont)|lik mijn reet|stik (?:er )?(?:maar|toch) in`,
	"nasty":   `stomme|domme|klote|kut|rot|achterlijke|waardeloze|debiele|fucking|stupid|dumb|idiotic|luie|lazy|corrupte|corrupt|vieze|smerige|kankere?|tering|tyfus|godvergeten`,
	"them":    `jullie|jij|je|u|you|youre|ambtenaren|ambtenaar|(?:die|de|al die) (?:ambtenaren|medewerkers|wethouders?|politici|burgemeester|balie\w*)|civil servants|officials`,
	"machine": `bot|chatbot|robot|computer|machine|assistent|programma|ding|ai|gemeente|ambtenaar|ambtenaren|overheid|instantie|helpdesk|thing|piece of (?:shit|crap|junk)|website|klootzak(?:ken)?|hond|zwijn(?:en)?|varkens?|trut|sukkels?`,
	// Other people.
	"datum": `bsn|burgerservicenummer|sofinummer|adres|woonadres|thuisadres|telefoonnummer|mobiele nummer|mobiele telefoonnummer|prive ?nummer|06 nummer|geboortedatum|salaris|inkomen|schulden|rekeningnummer|strafblad|medisch dossier|e ?mailadres|prive ?adres|uitkering|vermogen|wachtwoord|` +
		`citizen service number|home address|address|phone number|mobile number|date of birth|salary|income|debts|criminal record|bank account|medical records?|password`,
	"known": `(?:mijn|my|onze|our|de|the|een|zijn|haar) (?:ex|exman|ex (?:man|vrouw|partner|vriend|vriendin|husband|wife|boyfriend|girlfriend)|buurman|buurvrouw|buren|overburen|overbuurman|neighbou?rs?|collega|collegas|colleague|baas|boss|stiefvader|stiefmoeder|schoonmoeder|schoonvader|schoonzus|zwager|huisbaas|verhuurder|huurder|landlord|tenant|huisgenoot|roommate|nicht|neef|oom|tante|stalker|vorige bewoner)|` +
		`(?:de|the) (?:ambtenaar|medewerker|baliemedewerker|official|employee|civil servant|agent|handhaver|controleur) (?:die|who|that)|(?:de )?(?:eigenaar|eigenaresse|bewoner|bewoners|owner|resident)s? ~5 (?:nummer|huisnummer|number) \d+|degene die|wie er op nummer \d+|(?:de|the) man (?:die|who)|(?:de|the) (?:vrouw|woman) (?:die|who)`,
}

var (
	// ifForm is a condition: who asks what happens if something is so asks for a
	// rule, and rules are in the sources.
	ifForm = regexp.MustCompile(` (?:als|wanneer|indien|nadat|zodra|mits|if|when|hoe kan|hoe kom|hoe vraag|hoe krijg|waar kan|waar vind|how can|how do|where can|mag ik|mag een|mag de|may i|am i allowed) `)
	// toldOf is about insults or threats that somebody got.
	toldOf = regexp.MustCompile(` (?:noemt|noemen|noemde|genoemd|uitgescholden|uitschelden|scheldt|schelden|beledigd|beledigen|belediging|beledigt|bedreigd|bedreigt|bedreigen|zegt|zei|roept|riep|schreeuwt|strafbaar|aangifte|called|calls|call|insult|insulted|said|says|says|threatened|threat) `)
	// foretold asks for a forecast that somebody published, which sources have.
	foretold = regexp.MustCompile(` (?:verwacht|verwachte|verwachting|verwachtingen|raming|ramingen|geraamd|prognose|prognoses|volgens|cpb|dnb|cbs|ecb|expected|forecast|projected|according|maatregel|maatregelen|beleid) `)
	// pushes asks again for what was refused.
	pushes = regexp.MustCompile(` (?:toch|alsnog|gewoon|vorige vraag|mijn vraag|eerdere vraag|anyway|previous question|my question|nog een keer|opnieuw|jouw mening|denk je) `)
)

var topicRules = sync.OnceValue(func() []topicRule {
	return []topicRule{
		{topic: isAbuse, unless: toldOf, form: anyOf(scopeWords,
			`<curse>`,
			`<them> (?:bent|zijn|ben|are|is|lijken|blijven|blijft) ~6 (?:<insult>)`,
			`(?:youre|je bent|jij bent|u bent|jullie zijn|bunch of|stelletje|stel|zooitje|bende|stuk) ~3 (?:<insult>)`,
			`, ~2 (?:<insult>)$`, `^(?:jij |jullie |wat een |you )?(?:<nasty> )?(?:<insult>)(?: ,| $)`,
			`^(?:jij |jullie |wat een |you |die |that |what a )?<nasty> ~1 (?:<machine>)(?: ,| $)`,
			`<nasty> (?:<machine>)$`,
			`wat een ~1 (?:kut(?:bot|gemeente|zooi|overheid|systeem|website|land|zooitje)|rotgemeente|rotbot|teringzooi)`, `(?:ben|bent|zijn) (?:jij|jullie|u|je) ~1 (?:<insult>)`, `(?:ben|bent|zijn) (?:jij|jullie|u|je) een ~2 (?:<insult>)`,
			`(?:jullie zijn|jij bent|you are) ~2 (?:dom|dommer|stom|stommer|achterlijk|lui|corrupt|gestoord|waardeloos|stupid|dumb|useless)`, `^(?:jij|you|jullie) (?:<nasty>|waardeloos|stom|dom|achterlijk|useless) ~1 (?:stuk|ding|machine|piece|bot|<insult>) ~3$`,
			`^ga (?:toch |maar |gewoon |lekker )?dood$`, `ik (?:schiet|steek|sla|maak|blaas|vermoord|steek) (?:die|de|dat|het|al die) ~1 (?:wethouder|burgemeester|ambtenaar|ambtenaren|minister|premier|gemeentehuis|stadhuis|balie) ~3`,
			`ik hoop dat (?:jullie|je|jij|u|die|het hele|de hele) ~4 (?:sterft?|sterven|doodgaat|doodgaan|crepeert|creperen|instort|afbrandt|ontploft|verrekt|verrekken|kanker krijgt|krijgt?)`,
			`i hope (?:you|your|this) ~5 (?:die|dies|burn|burns|rot|rots|collapses?)`,
			`ik (?:ga|zal|kom|maak|sla|schiet|steek) (?:jullie|je|jou|u) ~5 (?:vermoorden|afmaken|opblazen|doodmaken|slopen|slaan|pakken|dood|neer|kapot|verrot|in elkaar|schieten)`,
			`ik weet (?:waar je|waar jullie|jullie|je) ~1 (?:woont|wonen|te vinden)`,
			`i (?:will|am going to|gonna) (?:kill|hurt|shoot|destroy) (?:you|your)`, `(?:i|we) know where you live`,
			`je snapt er ~3 niks van ~1`, `(?:jij |jullie |je )?(?:snapt|snappen|kunt|kunnen|deugt|deugen) ~2 (?:echt |helemaal )(?:niks|geen reet|geen klote)`,
		)},
		{topic: aboutHealth, unless: ifNotMe, form: anyOf(scopeWords,
			`(?:hoeveel|hoe vaak|how much|how many|how often) ~3 (?:<drug>) ~6 (?:<take>)`,
			`(?:hoeveel|how many|how much) (?:mg|milligram|ml|druppels|pufjes|eenheden|units) ~6 (?:mag|moet|kan|may|should|can) (?:ik|mijn|i|my)`,
			`(?:dosis|dosering|dose|dosage) ~4 (?:<drug>)`,
			`(?:welke?|wat voor|which|what) (?:<drug>) ~1 (?:moet|kan|mag|zal|should|can|do) (?:ik|i|mijn|we) ~4 (?:<take>)`,
			`(?:welke|wat voor|which|what) (?:<drug>) ~4 (?:helpt|helpen|is goed|zijn goed|help|helps|works|werkt|werken) ~1 (?:tegen|bij|voor|for|against)`,
			`(?:mag|kan|moet|can|should|may) (?:ik|mijn \w+|i|my \w+) ~3 (?:<drug>) ~4 (?:met|en|with|and) ~3 (?:combineren|samen|together|alcohol|slikken|nemen|take|mix)`,
			`(?:mag|kan|moet|can|should|may) (?:ik|i|mijn \w+|my \w+) ~3 (?:<drug>) ~2 (?:combineren|mengen|combine|mix) (?:met|with)`,
			`(?:stoppen|stop|beginnen|minderen|afbouwen|stopping|quit|start) (?:met |taking |using )?(?:mijn|my|de|the|het slikken van|het nemen van) ~2 (?:<drug>)`,
			`(?:mijn|my) (?:<drug>) ~3 (?:stoppen|afbouwen|verhogen|verlagen|ophogen|verdubbelen|halveren)`,
			`(?:zien|weten|vertellen|zeggen|beoordelen|tell|see|diagnose) ~4 (?:of|dat|if|whether|wat) (?:ik|mijn \w+|i|my \w+) ~3 (?:<disease>|scheelt|mankeert|wrong)`,
			`^(?:heb|zou|do|could|does|heeft) (?:ik|i|mijn \w+|my \w+) ~1 (?:have )?(?:<disease>)$`, `diagnose (?:me|my)`, `stel ~2 diagnose`,
		)},
		{topic: aboutHealth, with: anyOf(scopeWords, `(?:<symptom>)`), form: anyOf(scopeWords,
			`wat heb ik(?: dan)?(?: ,| en| $)`, `wat (?:kan|zou) (?:het|dit|dat) (?:zijn|wezen)`, `(?:kan|zou) (?:het|dit|dat) ~2 (?:<disease>) (?:zijn|wezen)`, `wat is er ~2 (?:met mij|met me) aan de hand`,
			`what (?:do i have|is wrong with me|could it be|could this be)`, `wat (?:scheelt|mankeert) (?:mij|me|er)`,
			`is (?:het|dit|dat) ~1 (?:<disease>) ~1$`, `^is (?:een|mijn|de|deze|dit|dat|my|this) ~1 (?:<symptom>) ~4 (?:<disease>) ~1$`, `(?:welke?|wat voor) (?:<drug>) (?:moet|kan|mag|zal) ik ~3 (?:<take>|gebruiken)`, `(?:is|zou) (?:dit|dat|het) (?:gevaarlijk|ernstig|kwaadaardig|kanker)`,
			`is (?:this|it) (?:dangerous|serious|cancer)`,
		)},
		{topic: aboutCase, unless: ifForm, form: anyOf(scopeWords,
			`^(?:en |maar |dus )?(?:wat is|what is|whats) (?:de |the )?(?:status|stand van zaken|voortgang|progress|state) (?:van|of|in) (?:mijn|my|onze|our) ~1 (?:<file>) ~3$`,
			`^(?:en )?hoe (?:staat het|ver (?:is het|zijn jullie|bent u|is)) ~1 (?:met )?(?:mijn|onze) ~1 (?:<file>)`,
			`^(?:en )?(?:is|zijn) (?:mijn|onze) ~1 (?:<file>) ~1 (?:al|inmiddels|nu|nog) ~2 (?:<done>)`,
			`^(?:is|has|was) my ~1 (?:<file>) (?:been |already |now |yet )*(?:<done>)`,
			`^hoeveel (?:heb|krijg) ik (?:nog|al) ~2 (?:te goed|tegoed|openstaan|open staan|schuld|betaald)`,
			`^hoeveel (?:schuld|geld|tegoed|vakantiegeld|belasting) (?:heb|moet|krijg) ik (?:nog|al) ~3 (?:open|openstaan|staan|tegoed|te goed|betaald)`,
			`how much (?:do i still|am i still|am i) (?:owe|owed)`,
			`^(?:wat is|hoe hoog is|whats|what is) (?:mijn|my) (?:huidige |current )?(?:saldo|openstaande (?:bedrag|schuld|saldo)|restschuld|balance|outstanding balance)`,
			`^(?:kunt u|kun je|kan je|kijk|zoek|check|wil je|wilt u|can you|could you|please) ~3 (?:kijken|nakijken|opzoeken|checken|look|check|zien) ~5 (?:mijn|my) ~1 (?:<file>)`,
			`^(?:kijk|zoek|check|look) ~3 (?:in|naar|at|up|op) (?:mijn|my) ~1 (?:<file>)`,
		)},
		{topic: aboutCase, form: anyOf(scopeWords,
			`(?:mijn|my) (?:zaaknummer|dossiernummer|aanvraagnummer|klantnummer|kenmerk|case number|reference number|file number) (?:is|:) ~2`,
		)},
		{topic: aboutOpinion, form: anyOf(scopeWords,
			`wat vind (?:jij|je) (?:zelf |persoonlijk |eigenlijk |nou |nu |er )*(?:van|ervan|hiervan|daarvan|over)`, `wat vind jij`, `hoe denk jij`, `wat denk jij`, `vind jij`, `denk jij`,
			`volgens jou`, `jouw (?:mening|oordeel|standpunt|voorkeur|favoriete?|politieke \w+)`, `ben (?:jij|je) ~1 (?:links|rechts|socialist|liberaal|conservatief|christelijk)`, `ben (?:jij|je) ~1 voor of tegen`,
			`(?:what do you|what would you) ~1 think (?:of|about)`, `(?:whats|what is) your ~1 (?:opinion|view|favou?rite|stance|take|position)`, `in your opinion`, `do you (?:personally |really )?(?:like|prefer|support|agree|believe|love|hate|vote)`, `are you (?:left|right|liberal|conservative|for or against|in favou?r)`,
			`(?:op|voor) (?:welke|wat voor|welk) ~1 (?:<office>|lijst) (?:<ought>) ~6 (?:stemmen|kiezen)`, `(?:op|voor)? ?wie (?:moet|zou|zal) (?:ik|jij|je|men) (?:<filler> )*(?:stemmen|kiezen)`,
			`wat (?:moet|zal|zou) (?:ik|jij|je) (?:<filler> )*stemmen`, `(?:op wie|wat|welke partij) (?:zou jij|stem jij|kies jij|stem je)`, `op wie zou je ~2 stemmen`, `(?:moet|zal|zou) ik ~3 (?:<party>) ~4 (?:stemmen|kiezen)`,
			`wat denk je ~1 (?:zelf|van)`, `vind je ~4 een (?:<verdict>) ~1 (?:<office>)`, `(?:steun|geloof|haat) jij`, `^(?:geef|zeg|vertel|deel) ~2 (?:je|jouw) (?:eigen |eerlijke |persoonlijke )?mening`,
			`^(?:is|zijn|are) ~2 (?:<party>|<office>|politici|politicians) ~2 (?:racistische?|fascistische?|corrupte?|onbetrouwbare?|leugenaars?|racist|fascist|corrupt|liars?) ~1$`, `welke (?:<office>) (?:liegt|bedriegt|faalt|presteert|deugt) ~3`,
			`(?:help|adviseer) (?:me|mij) ~5 (?:stemmen|stemkeuze|kiezen op)`, `(?:who|which|what) ~2 (?:should|do you think|would you|do i) ~3 vote`, `vote for (?:whom|who)`,
			`welke ~1 (?:<office>) ~5 (?:is|vind|heeft) ~3 (?:het |de )(?:<rank>) ~2$`, `(?:wie|who) (?:is|vind je|are|was) (?:de|the|volgens jou de) (?:<rank>) (?:<office>)`,
			`(?:which|what) ~1 (?:<office>) ~3 (?:is|are) the (?:<rank>)`,
			`(?:is|was|zijn) ~6 een (?:echt )?(?:<verdict>) (?:of ~3 )?(?:<office>|leider|leiders)`, `(?:is|was) ~5 a (?:<verdict>) (?:or ~2 )?(?:<office>|leader)`,
			`doet (?:de |het |onze )?(?:premier|minister|burgemeester|kabinet|regering|president|koning|hij|zij) ~2 het ~2 (?:goed|slecht)`,
			`is (?:the )?(?:prime minister|government|president|king) ~2 doing a (?:good|bad) job`,
		), unless: regexp.MustCompile(` (?:terug|vindplaats) `)},
		{topic: aboutPrediction, unless: foretold, form: anyOf(scopeWords,
			`(?:wie|welke partij|welk land|welke ploeg|who|which party|which team) (?:wint|winnen|gaat|gaan|will|wordt|zal|is going to) ~6 (?:<game>)`,
			`(?:wie|welke partij|who|which party) (?:gaat|will|zal) ~8 (?:winnen|win)`, `welke partij wordt ~5 de grootste`,
			`(?:wie|who) (?:wordt|will be|will become|is going to be) (?:de |onze |the |our )?(?:nieuwe |volgende |next |new )?(?:premier|minister president|president|prime minister|paus|pope|wereldkampioen|kampioen|champion)`,
			`(?:valt|struikelt|sneuvelt) (?:het|dit) kabinet ~2 (?:voor|dit|deze|binnen|binnenkort|snel|volgend|volgende|in)`, `wanneer valt (?:het|dit) kabinet ~1$`, `hoe lang (?:houdt|zit|blijft) (?:het|dit) kabinet ~4 (?:vol|zitten)`,
			`will the (?:government|cabinet|coalition) (?:fall|collapse)`,
			`(?:witte kerst|white christmas|elfstedentocht) ~4$`, `(?:gaat|zal|wordt) het ~4 (?:regenen|sneeuwen|vriezen|onweren|mooi weer|warm|koud|een hete zomer|een strenge winter)`,
			`(?:wat voor|hoe is het|hoe wordt het|welk) weer ~4 (?:<later>|wordt het|weekend|vandaag)`, `hoe wordt het weer`, `(?:wordt|krijgen|komt) (?:het|we|er) ~2 (?:warme|hete|strenge|natte|koude|droge|zachte) (?:zomer|winter|herfst|lente)`,
			`wanneer (?:komt|breekt) (?:de|er) ~2 (?:volgende|nieuwe) ~1 (?:pandemie|oorlog|recessie|crisis|beurskrach)`, `(?:lottogetallen|lottonummers|winnende (?:getallen|nummers|lot)|winning numbers)`,
			`(?:zijn|worden|is|wordt) (?:de |een )?(?:huizen|woningen|huis) ~2 (?:<later>) ~2 (?:goedkoper|duurder)`, `stand van de (?:aex|beurs)`, `(?:regent|sneeuwt|vriest) het (?:morgen|overmorgen|dit weekend|volgende week)`, `(?:what will the weather|will it (?:rain|snow|freeze))`,
			`(?:hoe hoog|hoeveel|wat|how high|how much|what) (?:is|zijn|wordt|worden|zal|staat|kost|kosten|will) ~3 (?:<market>) ~4 (?:<later>)`,
			`(?:hoe hoog|how high) (?:is|zijn|staat|staan|will) ~3 (?:<later>) ~3 (?:<market>)`, `(?:gaat|gaan|zal|zullen|blijft|blijven|will) (?:de |het |the )?(?:<market>) ~4 (?:<moves>)`, `(?:stijgt|stijgen|daalt|dalen|zakt|zakken) (?:de |het )?(?:<market>) ~4 (?:<later>|binnenkort|nog)`,
			`(?:when|wanneer) (?:will|gaat|gaan|zal|stort|storten|daalt|dalen) (?:de |het |the )?(?:<market>) ~3 (?:<moves>|in)`, `wat wordt bitcoin ~3 waard`,
			`voorspel (?:de|het|eens|wie|wat|hoe|mijn)`, `(?:kun je|kunt u|kan je|can you|please) ~2 (?:voorspellen|predict|de toekomst)`, `^predict (?:the|who|what|how|my|when)`,
			`(?:komt|breekt) er ~4 (?:oorlog|wereldoorlog|burgeroorlog|recessie|beurskrach|kernoorlog)(?: uit)? ~4$`, `(?:will there be|is there going to be) ~2 (?:war|world war|recession|crash)`,
		)},
	}
})

// ifNotMe are the questions about medicines that are about rules.
var ifNotMe = regexp.MustCompile(` (?:meenemen|reis|buitenland|vliegtuig|douane|invoeren|rijden|autorijden|rijbewijs|werkgever|vergoed|vergoeding|vergoedt|apotheek|recept|kost|kosten|import|travel|abroad|drive|driving|reimbursed) `)

var (
	namedPerson = regexp.MustCompile(`(?:[Ww]aar woont|[Oo]p welk adres (?:staat|woont)|[Ww]here does|(?:BSN|bsn|burgerservicenummer|adres|woonadres|telefoonnummer|06-nummer|(?:mobiele )?nummer|geboortedatum|salaris|inkomen|strafblad|schulden|address|phone number|salary) (?:van|of)|(?:schulden|inkomen|strafblad|uitkering|bijstand) (?:heeft|krijgt)) ((?:(?:[Dd]e|[Dd]hr\.?|[Mm]evr\.?|[Mm]evrouw|[Mm]eneer|[Mm]r\.|[Mm]rs\.) )?\p{Lu}[\p{L}'-]+(?: (?:van|de|der|den|ten|ter|el|al|het|'t))* \p{Lu}[\p{L}'-]+)`)
	// personHas is the same with the name before what is asked.
	personHas = regexp.MustCompile(`^(?:Heeft|Krijgt|Ontvangt|Zit|Is) (\p{Lu}[\p{L}'-]+(?: (?:van|de|der|den|ten|ter|el|al|het|'t))* \p{Lu}[\p{L}'-]+).{0,60}\b(?:uitkering|bijstand|schulden|strafblad|veroordeeld|failliet)\b`)
	notPerson = regexp.MustCompile(`^(?:[Dd]e |[Hh]et )?(?:[Kk]oning|[Kk]oningin|[Pp]rins|Minister|Burgemeester|Wethouder|Stichting|Vereniging|Gemeente|Provincie|Ministerie|Bureau|Raad|Rijks|Dienst|Kamer|Hoge|Tweede|Eerste|Nationale|Nederlandse|Openbaar|Centraal|Sociale|Veilig|Bank|Stadhuis|Huis|GGD|UWV|SVB|Politie|Immigratie|Autoriteit|College|Den|Sint|Nieuw|Oud|Noord|Zuid|Oost|West|Groot|Klein|New|The|Royal|Dutch|European|Europese|Waterschap|Rechtbank|Gerechtshof|Universiteit|Hogeschool|Regio|Regionaal)`)
	// knownPerson asks for the data of somebody by what he is to the asker.
	knownPerson = sync.OnceValue(func() *rules {
		return anyOf(scopeWords,
			`(?:wat is|wat zijn|hoe hoog is|hoe hoog zijn|geef|weet|noem|zoek|stuur|vertel|toon|what is|whats|give|tell|find|look|show) ~6 (?:<datum>) (?:van|of) ~1 (?:<known>)`,
			`(?:wat is|geef|noem|zoek|toon|what is|give|tell|find|show) ~3 (?:<known>)(?:s)? (?:<datum>)`,
			`(?:waar|op welk adres|in welk huis|in welke straat|where) (?:woont|staat|wonen|werkt|does|do) (?:<known>)`,
			`(?:hoeveel|welke|wat|how much|how many) ~2 (?:schulden?|inkomen|geld|spaargeld|salaris|uitkering|toeslag|debt|income|money|belasting|alimentatie) (?:heeft|verdient|krijgt|ontvangt|betaalt|hebben|does|has) ~1 (?:<known>)`,
			`^wie (?:woont|wonen) (?:er )?(?:op|aan|in) ~4 \d+ ~2$`, `^van wie is (?:de|die|dat|het|dit) ~3 (?:auto|motor|scooter|kenteken|telefoonnummer|06 nummer) ~6$`, `(?:huisadres|thuisadres|woonadres|prive ?adres|prive ?nummer) van (?:minister|wethouder|burgemeester|raadslid|ambtenaar|agent|rechter|mevrouw|meneer)`,
			`(?:hoeveel|wat|how much) (?:verdient|verdienen|krijgt|does) (?:<known>)`,
			`^(?:krijgt|heeft|ontvangt|is|staat|zit|does|has) (?:<known>) ~2 (?:(?:bijstands?)?uitkering|bijstand|schulden|een strafblad|strafblad|toeslag|veroordeeld|failliet|in de bijstand|ooit ~3 veroordeeld|criminal record|benefits|welfare|debts)`,
		)
	})
)
