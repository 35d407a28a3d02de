package extract

import (
	"regexp"
	"strings"
	"time"
	"unicode"
)

// What content systems write around the content is much the same everywhere.
// This file knows it by its words, for where neither element nor name says so.

// phrase is a text without case and without marks at its ends.
func phrase(s string) string {
	return strings.ToLower(strings.TrimFunc(oneLine(s), func(r rune) bool {
		return unicode.IsSpace(r) || strings.ContainsRune(".:?!…,;", r)
	}))
}

// relatedHeading knows the headings that sites put above links to elsewhere, and
// above what a reader may do with the page.
func relatedHeading(s string) bool {
	p := phrase(s)
	return relatedHeadings[p] || len(p) < 60 && begins(p, "gerelateerd", "verwante", "related") && elsewhere.MatchString(p) || lastLine(p)
}

// elsewhere are headings that begin so: "Gerelateerde producten".
var elsewhere = regexp.MustCompile(`^(?:gerelateerde?|verwante|related) [^.?!]+$`)

// closingLine knows the lines with which a site asks for something when the page
// is over: to share it, or what the reader thinks of it.
func closingLine(s string) bool {
	return lastLine(phrase(s))
}

func lastLine(p string) bool {
	if len(p) >= 80 {
		return false
	}
	if begins(p, "de", "sh") {
		return sharing.MatchString(p)
	}
	return begins(p, "he", "wa", "is", "vi", "vo", "ko", "ku", "di", "we") && asking.MatchString(p)
}

// begins reports whether a text begins with one of these: a quick look before a
// slow one.
func begins(s string, with ...string) bool {
	for _, w := range with {
		if strings.HasPrefix(s, w) {
			return true
		}
	}
	return false
}

var (
	sharing = regexp.MustCompile(`^(?:deel|delen|share)(?: (?:deze|dit|this|de|het|via|op|met|on|pagina|page|artikel|bericht|nieuwsbericht|item|informatie|article|link|anderen|facebook|twitter|x|linkedin|whatsapp|e-mail|mail|sociale|social|media|en|of|uw|je|kanalen))+$`)
	asking  = regexp.MustCompile(`^(?:wat |hoe )?(?:heeft|hebt|heb|was|waren|is|vond|vind|vindt|kon|kunt|did|was|were) (?:u|je|jij|deze|dit|de|this|you)\b.{0,40}\b(?:geholpen|nuttig|gevonden|gezocht|zocht|zoekt|helpen|duidelijk|helpful|useful|looking for)(?: .{0,30})?$|^wat (?:vindt|vind|vond) (?:u|je|jij) van (?:deze|dit|de|onze) (?:pagina|informatie|website|antwoord|tekst)$`)
)

var relatedHeadings = set("legenda", "zie ook", "lees ook", "lees verder", "bekijk ook", "kijk ook bij", "misschien ook relevant", "ook interessant", "misschien ook interessant",
	"gerelateerd", "gerelateerde informatie", "gerelateerde paginas", "gerelateerde pagina's", "gerelateerde onderwerpen", "gerelateerde links", "gerelateerde berichten",
	"gerelateerd nieuws", "related", "related links", "related pages", "see also", "deel deze pagina", "delen", "deel dit artikel", "deel dit bericht", "deel via", "share", "share this page",
	"volg ons", "volg ons op", "follow us", "nieuwsbrief", "direct naar", "snel naar", "op deze pagina", "inhoud van deze pagina", "in dit artikel", "on this page",
	"meer over dit onderwerp", "anderen bekeken ook", "anderen bekeken ook deze paginas", "meest bekeken", "meest gelezen", "laatste nieuws", "kruimelpad", "hoofdmenu", "u bent hier", "je bent hier",
	"heeft deze informatie u geholpen", "heeft deze informatie je geholpen", "was deze informatie nuttig", "was deze pagina nuttig",
	"vond u deze informatie nuttig", "plaats een reactie", "geef een reactie", "reageer", "heeft u gevonden wat u zocht", "hebt u gevonden wat u zocht", "heb je gevonden wat je zocht", "is deze informatie nuttig", "feedback")

// openingWords are the first words of the lines that relatedHeading knows: a
// quick look before a slow one.
var openingWords = func() map[string]bool {
	out := set("gerelateerd", "gerelateerde", "verwante", "related", "deel", "delen", "share", "heeft", "hebt", "heb", "was", "waren", "is", "vond", "vind", "vindt", "kon",
		"kunt", "did", "were", "wat")
	for s := range relatedHeadings {
		out[openingWord(s)] = true
	}
	return out
}()

// openingWord is the first run of letters of a text, in lower case.
func openingWord(s string) string {
	start := strings.IndexFunc(s, unicode.IsLetter)
	if start < 0 {
		return ""
	}
	end := start
	for end < len(s) && end < start+24 && (s[end] >= 'a' && s[end] <= 'z' || s[end] >= 'A' && s[end] <= 'Z') {
		end++
	}
	return strings.ToLower(s[start:end])
}

// uiPhrase knows the short texts that are controls, not content.
func uiPhrase(s string) bool {
	s = strings.TrimSpace(s)
	if len(s) > 400 || textSize(s) > 110 {
		return false
	}
	p := phrase(s)
	switch {
	case uiPhrases[p]:
		return true
	case strings.Contains(p, " pdf") && download.MatchString(p):
		return true
	case (strings.Contains(p, "naar ") || strings.Contains(p, "to ")) && skipLink.MatchString(p):
		return true
	case begins(p, "©", "(c)", "copyright", "all") && copyright.MatchString(p):
		return true
	}
	if len(p) < 60 && pageTurns(p) {
		return true
	}
	return begins(p, "u bent", "je bent", "you are", "kruimel", "home", "start", "voorpagina") && crumbs.MatchString(p)
}

var uiPhrases = set("vind ik leuk", "like", "tweet", "tweeten", "doorsturen", "lees voor", "voorlezen", "laat voorlezen", "listen", "luister", "naar boven", "terug naar boven", "print", "printen", "print deze pagina", "afdrukken",
	"delen", "deel deze pagina", "deel", "deel via facebook", "deel via twitter", "deel via linkedin", "deel via whatsapp", "deel via e-mail", "facebook", "twitter", "linkedin", "instagram", "youtube", "whatsapp", "scroll naar links", "scroll naar rechts",
	"naar content", "ga naar de inhoud", "ga naar inhoud", "ga naar hoofdinhoud", "naar hoofdinhoud", "overslaan en naar de inhoud gaan", "skip to main content", "skip to content", "direct naar de inhoud",
	"lees meer", "meer details", "meer openingsuren", "toon meer", "meer lezen", "read more", "sluiten", "sluit", "close", "menu", "zoeken", "zoek", "search", "vorige", "volgende", "terug",
	"terug naar overzicht", "terug naar de website", "terug naar het overzicht", "home", "u bent hier", "je bent hier", "inloggen", "verstuur", "verzenden", "»", "«", "›", ">", "|", "contact_support", "alles openen", "alles sluiten", "alles uitklappen", "alles inklappen", "pdf-versie", "download pdf", "kopieer link", "link gekopieerd")

// pageTurns knows the row that leads through the pages of a list: "Vorige 1 2 3
// Volgende", "Pagina 1 van 9".
func pageTurns(p string) bool {
	turns, tokens := false, 0
	for w := range strings.FieldsSeq(p) {
		tokens++
		w = strings.Trim(w, "«»‹›<>…|.,()[]")
		switch {
		case turnWords[w]:
			turns = true
		case w != "" && w != "van" && w != "of" && !ordinal(w):
			return false
		}
	}
	return turns && tokens > 1
}

var turnWords = set("pagina", "page", "vorige", "volgende", "previous", "next", "eerste", "laatste")

// controlLink knows the links that do something with the page. Their words may
// be content where they are none.
func controlLink(s string) bool {
	if len(s) > 200 {
		return false
	}
	p := phrase(s)
	return linkPhrases[p] || len(p) < 60 && begins(p, "pr", "af", "dr", "do", "st", "ma", "ti", "vo", "ze", "op", "sl", "rs") && controls.MatchString(p)
}

var (
	linkPhrases = set("ja", "nee", "x", "yes", "no")
	controls    = regexp.MustCompile(`^(?:print|afdrukken|druk (?:deze|dit)|download alle|stuur (?:deze|dit|door)|mail (?:deze|dit|door)|tip een|voeg toe aan|zet in (?:uw|je|mijn) agenda|opslaan als|sla (?:deze|dit) |rss)(?:$|[ -].*)`)
)

var (
	// skipLink leads a reader without eyes past the menus.
	skipLink = regexp.MustCompile(`^(?:(?:ga|spring|sla|direct|meteen|skip|jump|terug|scroll|verder) )*(?:naar|to) (?:de |het |the |main |primary |begin van de )*(?:hoofd|pagina)?-?(?:inhoud|content|navigatie|navigation|menu|zoeken|zoekveld|zoekfunctie|zoekformulier|search|footer|voettekst)(?: (?:gaan|van deze pagina|op deze pagina))?$`)
	// download saves the page itself.
	download = regexp.MustCompile(`^(?:download|open|bekijk|opslaan|sla op|bewaar)(?: (?:deze|dit|de|het|pagina|document|besluit|tekst|als|in|naar|een))* pdf(?:-versie|-bestand| openen)?$`)
	// copyright is the line at the foot of a site.
	copyright = regexp.MustCompile(`^(?:(?:©|\(c\) ?\d{4}|copyright\b).{0,100}|(?:alle rechten voorbehouden|all rights reserved)(?:\W+\w+)?)$`)
	// crumbs are the way to a page from the home page.
	crumbs = regexp.MustCompile(`^(?:(?:u bent hier|je bent hier|you are here|kruimelpad):? .*|(?:home|start|startpagina|homepage|voorpagina) ?[»›>/|→] ?.+)$`)
)

// changedLine gives the date of a line such as "Laatst gewijzigd op: 2 maart
// 2026", which is about the page, not its content; ok is false for any other text.
func changedLine(s string) (t time.Time, ok bool) {
	if len(s) > 400 || !strings.Contains(s, "aatst") && !strings.Contains(s, "ast ") {
		return time.Time{}, false
	}
	m := changed.FindStringSubmatch(phrase(s))
	if m == nil {
		return time.Time{}, false
	}
	if t, ok = dutchDate(m[1]); !ok {
		t = parseDate(strings.NewReplacer("/", "-", ".", "-").Replace(m[1]))
	}
	return t, true
}

var changed = regexp.MustCompile(`^(?:(?:deze |de )?(?:pagina|informatie|tekst)(?: is| werd)? )?(?:voor het )?(?:laatst|laatste|last) (?:gewijzigd|bijgewerkt|aangepast|geactualiseerd|gecontroleerd|wijziging|update|updated|modified|changed|keer gewijzigd)(?: op| om| on| van)?:?\s*(?:op\s+)?(?:(?:maan|dins|woens|donder|vrij|zater|zon)dag )?(\d{1,2}[-/. ](?:\d{1,2}|[a-z]+)[-/. ]\d{4}|\d{4}-\d{2}-\d{2})?(?:,? (?:om )?\d{1,2}[:.]\d{2}(?: uur)?)?$`)

// relativeHours knows the opening hours of "vandaag", "morgen" and "nu". They
// are true on the day that the page was fetched only, so a copy must not keep
// them, and they change every day where the page does not.
func relativeHours(s string) bool {
	if len(s) > 300 {
		return false
	}
	words := strings.FieldsFunc(phrase(s), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	when, hours := false, false
	for i, w := range words {
		switch {
		case relativeDays[w]:
			when = when || i < 4
		case openWords[w] || unicode.IsDigit(rune(w[0])):
			hours = true
		case !hourWords[w]:
			return false
		}
	}
	return when && hours
}

var (
	relativeDays = set("vandaag", "morgen", "nu", "today", "tomorrow", "now", "momenteel")
	openWords    = set("open", "geopend", "gesloten", "dicht", "closed", "bereikbaar")
	hourWords    = set("van", "tot", "en", "t", "m", "met", "uur", "u", "h", "enkel", "alleen", "op", "na", "afspraak", "zonder", "om", "is", "zijn", "wij", "we",
		"weer", "pas", "vanaf", "nog", "telefonisch", "from", "to", "until", "till", "and", "we", "are", "only", "by", "appointment", "pm", "am",
		"maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag", "januari", "februari", "maart", "april", "mei", "juni", "juli",
		"augustus", "september", "oktober", "november", "december", "openingsuren", "openingstijden", "openingstijd")
)
