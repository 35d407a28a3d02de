package extract

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

func TestHTMLBlocks(t *testing.T) {
	for _, c := range []struct{ name, html, want string }{
		{"headings and paragraphs", `<h1>Afval</h1><p>Eerste <b>al</b>inea.</p><h2>Grof</h2>los<p>twee</p>`, `
heading: Afval
paragraph: Eerste alinea.
heading: Grof
paragraph > Grof: los
paragraph > Grof: twee`},
		{"line breaks", `<p>Stadhuis<br>Plein 1<br/>1234 AB  Waterrijk</p><address>Postbus 1<br>Waterrijk</address>`, `
paragraph: Stadhuis\nPlein 1\n1234 AB Waterrijk
paragraph: Postbus 1\nWaterrijk`},
		{"lists", `<ul><li>een<li>twee<ul><li>diep</ul><li><p>drie</p><p>vier</p></ul><p>na</p>`, `
item: een
item: twee
item: diep
item: drie
item: vier
paragraph: na`},
		{"table", `<table><caption>Tarieven</caption><thead><tr><th>Soort<th>Prijs</thead>
			<tr><td>Paspoort<td>€ 77,85<tr><td>Rijbewijs<td><ul><li>gewoon<li>spoed</ul></table>`, `
paragraph: Tarieven
row: Soort | Prijs {Tarieven}
row: Paspoort | € 77,85 {Tarieven — Soort | Prijs}
row: Rijbewijs | gewoon; spoed {Tarieven — Soort | Prijs}`},
		{"table without marked header", `<table><tr><td><td>ochtend<td>middag<tr><td>ma<td>open<td>dicht<tr><td>di<td><td>open</table>`, `
row: | ochtend | middag
row: ma | open | dicht {| ochtend | middag}
row: di | | open {| ochtend | middag}`},
		{"rowspan and colspan", `<table><tr><th>Dag<th>Van<th>Tot<tr><td rowspan=2>ma<td>9<td>12<tr><td>13<td>17<tr><td>di<td colspan=2>dicht</table>`, `
row: Dag | Van | Tot
row: ma | 9 | 12 {Dag | Van | Tot}
row: ma | 13 | 17 {Dag | Van | Tot}
row: di | dicht {Dag | Van | Tot}`},
		{"layout table", `<title>Pagina over iets</title><table role=presentation><tr><td><h2>Kop</h2><p>links<td><p>rechts</table>`, `
heading: Kop
paragraph > Kop: links
paragraph > Kop: rechts`},
		{"definitions", `<dl><dt>Adres<dd>Plein 1<br>Waterrijk<dt>Telefoon<dd>14 0123<dd>0123-45<dt>Wat?<dd><p>Lang</p><ul><li>punt</ul></dl>`, `
item: Adres\nPlein 1\nWaterrijk
item: Telefoon\n14 0123
paragraph: 0123-45 {Telefoon}
item: Wat?
paragraph: Lang {Wat?}
item: punt {Wat?}`},
		{"details", `<title>Pagina over iets</title><h2>Vragen</h2><details><summary>Wat kost het?</summary><p>Niets.</p><h3>Let op</h3><p>Toch niet.</p></details><p>Na</p>`, `
heading: Vragen
heading > Vragen: Wat kost het?
paragraph > Vragen > Wat kost het?: Niets.
heading > Vragen > Wat kost het?: Let op
paragraph > Vragen > Wat kost het? > Let op: Toch niet.
paragraph > Vragen: Na`},
		{"accordion of buttons", `<title>Pagina over iets</title><h3><button aria-expanded=false aria-controls=p>Hoe lang?</button></h3><div id=p hidden class=accordion-panel><p>Een week.</p></div>`, `
heading: Hoe lang?
paragraph > Hoe lang?: Een week.`},
		{"tabs", `<h1>Paspoort</h1><ul class=tabs><li><a href="#t1">Kosten</a><li><a href="#t2">Meenemen</a></ul>
			<div id=t1><p>€ 77,85</p></div><div id=t2 style="display: none" class=tab-content><h3>Altijd</h3><p>pasfoto</p></div><p>na</p>`, `
heading: Paspoort
heading: Kosten
paragraph > Kosten: € 77,85
heading: Meenemen
heading > Meenemen: Altijd
paragraph > Meenemen > Altijd: pasfoto
paragraph: na`},
		{"hidden", `<p>zicht</p><p hidden>a</p><p aria-hidden=true>b</p><p style="DISPLAY : none">c</p><p style="visibility:hidden">d</p>
			<span class="sr-only">e</span><template>f</template><noscript>g</noscript><script>h</script><style>i</style><div class="field--label-hidden">wel</div>`, `
paragraph: zicht
paragraph: wel`},
		{"preformatted", "<pre>een\n  twee</pre>", `paragraph: een\ntwee`},
		{"entities", `<p>&eacute;&eacute;n &amp; twee&nbsp;drie &#8364; 5`, `paragraph: één & twee drie € 5`},
		{"numbered agenda", `<title>Pagina over iets</title><ul><li><div>1</div><h3>Opening</h3><p>De voorzitter opent.</p></ul>`, `
heading: 1 Opening
item > 1 Opening: De voorzitter opent.`},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, outline(extractAs(t, "a.html", c.html)), c.want) })
	}
}

const page = `<!DOCTYPE html><html lang="nl-NL"><head><title>Afval ophalen | Gemeente Waterrijk</title>
<meta property="og:site_name" content="Gemeente Waterrijk"><meta name="robots" content="NOINDEX, follow">
<meta name="DCTERMS.modified" content="2024-05-06"><meta property="article:published_time" content="2023-01-02T10:00:00+01:00">
<link rel="canonical" href="/afval"></head><body>
<a class="skip-link" href="#main">Naar de inhoud</a>
<div class="cookie-melding"><p>Wij gebruiken cookies.</p><button>Akkoord</button></div>
<header><nav><ul><li><a href="/">Home</a><li><a href="/contact">Contact</a></ul></nav><form role="search"><label>Zoek</label><input name=q></form></header>
<nav class="breadcrumb"><a href="/">Home</a> <a href="/wonen">Wonen</a></nav>
<main id="main"><h1>Afval ophalen</h1><div class="rs_skip">Lees voor</div><p>We halen het afval op <a href="/dag.pdf">maandag (pdf)</a>.</p>
<h2 id="grof">Grof vuil</h2><p>Maak een afspraak via 14 0123.</p>
<section><h2>Openingstijden</h2><p>Maandag 9.00 tot 17.00 uur</p></section>
<div class="related"><h2>Zie ook</h2><ul><li><a href="/x">Containers</a></ul></div>
<h2>Deel deze pagina</h2><ul><li><a href="#">Facebook</a><li><a href="#">X</a></ul></main>
<aside><h2>Nieuws</h2><p>Straatfeest in het dorp.</p></aside>
<footer><p>Plein 1, Waterrijk</p></footer></body></html>`

func TestHTMLPage(t *testing.T) {
	doc, err := Extract(t.Context(), Input{Name: "afval", URL: "https://www.waterrijk.nl/wonen/afval?x=1", ContentType: "text/html", Data: []byte(page)})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, doc)
	same(t, outline(doc), `
heading: Afval ophalen
paragraph: We halen het afval op maandag (pdf).
heading: Grof vuil
paragraph > Grof vuil: Maak een afspraak via 14 0123.
heading: Openingstijden
paragraph > Openingstijden: Maandag 9.00 tot 17.00 uur`)
	if doc.Title != "Afval ophalen" || doc.Language != "nl-NL" || doc.URL != "https://www.waterrijk.nl/wonen/afval?x=1" {
		t.Errorf("title %q, language %q, url %q", doc.Title, doc.Language, doc.URL)
	}
	if doc.Meta["canonical"] != "https://www.waterrijk.nl/afval" || doc.Meta["robots"] != "noindex, follow" {
		t.Errorf("meta %v", doc.Meta)
	}
	if doc.Modified.Format(time.DateOnly) != "2024-05-06" || doc.Published.Format(time.RFC3339) != "2023-01-02T09:00:00Z" {
		t.Errorf("published %v, modified %v", doc.Published, doc.Modified)
	}
	for i, want := range []string{"", "", "grof", "grof", "", ""} {
		if got := doc.Blocks[i].Anchor; got != want {
			t.Errorf("anchor of block %d: %q, want %q", i, got, want)
		}
	}
}

// What a site writes around its content is known by its words, and content that
// looks like it is not taken for it.
func TestPhrases(t *testing.T) {
	for _, c := range []struct {
		name string
		is   func(string) bool
		yes  []string
		no   []string
	}{
		{"control", uiPhrase, []string{"Ga direct naar de inhoud", "Spring naar inhoud", "Direct naar hoofdinhoud", "Overslaan en naar de inhoud gaan", "Skip to main content",
			"© 2026 Gemeente Waterrijk | Privacy", "Alle rechten voorbehouden.", "U bent hier: Home / Wonen", "Home › Wonen › Huur", "Download als PDF", "Pagina 1 van 3", "Vorige 1 2 3 … 12 Volgende",
			"  \n\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\t\tMeer openingsuren\n"},
			[]string{"Nee.", "Ja", "Ga naar de balie van het gemeentehuis", "Home education is niet toegestaan", "Startpagina van de aanvraag", "Download het formulier als PDF en stuur het op", "1", "2026",
				"Copyright op foto's van het archief berust bij de gemeente zolang de maker niet langer dan zeventig jaar geleden is overleden.", "De inhoud van deze pagina is juridisch bindend", "Pagina 3 van het aanslagbiljet"}},
		{"elsewhere", relatedHeading, []string{"Gerelateerde producten", "Zie ook:", "Deel deze pagina", "Delen via", "Heeft deze informatie u geholpen?", "Was deze pagina nuttig?", "Kon u vinden wat u zocht? Nee, niet gevonden",
			"Wat vindt u van deze pagina?"},
			[]string{"Gerelateerde zaken worden samen behandeld. De raad beslist.", "Deel uw afval in drie soorten in", "Heeft u een vergunning nodig?", "Is dit voor u?", "Was u handen", "Deelauto's", "Delen van een woning", "Wat vindt u van het plan?"}},
		{"control as a link", controlLink, []string{"Ja", "Print deze agenda", "Afdrukken", "Download alle documenten", "RSS"},
			[]string{"Printers inleveren", "Aanvraagformulier (pdf)", "Stuurgroep", "Rijbewijs", "Download het formulier"}},
		{"number to call", hasPhone, []string{"Bel 14 0123", "(0123) 45 67 80", "0123-456789", "+31 123 45 67 89", "09 000 00 05", "06 12345678", "053-64 00 01"}, []string{"05.03.2026", "01-05-2026", "09.00-12.00 uur", "€ 0,50", "2026", "1234 AB"}},
		{"hours of today", relativeHours, []string{"Vandaag open van 8.30 u tot 12.00 u (enkel op afspraak)", "Morgen: gesloten", "Nu geopend tot 17:00", "Wij zijn nu geopend", "Vandaag, maandag 4 mei: 9.00 - 12.00 uur"},
			[]string{"Vandaag is de raad bijeen om 20.00 uur", "Maandag 9.00 - 12.00", "Morgen", "De stad vandaag", "Geopend op maandag"}},
	} {
		for _, s := range c.yes {
			if !c.is(s) {
				t.Errorf("%s: %q is not", c.name, s)
			}
		}
		for _, s := range c.no {
			if c.is(s) {
				t.Errorf("%s: %q is", c.name, s)
			}
		}
	}
	for s, want := range map[string]string{
		"Laatst gewijzigd op: 2 maart 2026": "2026-03-02", "Deze pagina is voor het laatst bijgewerkt op 14-01-2026": "2026-01-14", "Laatste wijziging: maandag 4 mei 2026, 10:15": "2026-05-04",
		"Laatst gecontroleerd: 2026-03-02": "2026-03-02", "Last updated on 3/2/2026": "2026-02-03",
		"Laatst gewijzigd": "", "De verordening is laatst gewijzigd op 2 maart 2026": "no", "Laatste ronde op 2 maart 2026": "no",
	} {
		got, ok := changedLine(s)
		if ok == (want == "no") || len(want) == 10 && got.Format(time.DateOnly) != want {
			t.Errorf("%q: changed %v, %t", s, got, ok)
		}
	}
}

func TestDeclaredLanguage(t *testing.T) {
	const dutch = "U kunt uw paspoort op afspraak aanvragen bij de balie van het gemeentehuis. Neem een pasfoto en uw oude paspoort mee. Na vijf werkdagen kunt u het nieuwe paspoort ophalen. Een paspoort is tien jaar geldig voor wie achttien jaar of ouder is."
	const english = "You can apply for a passport at the counter of the town hall, by appointment only, on weekdays. Bring your old passport and a recent photograph. You can collect the new passport after five working days. It is valid for ten years for adults."
	for _, c := range []struct{ lang, text, want string }{
		{"nl", dutch, "nl"}, {"NL_be", dutch, "nl-BE"}, {"nl-Latn-NL", dutch, "nl-NL"}, {"en-US", dutch, "nl"}, {"", dutch, "nl"},
		{"nl", english, "en"}, {"en", english, "en"}, {"fy", dutch, "fy"}, {"en", "Kort stukje.", "en"}, {"x y", dutch, "nl"},
	} {
		if got := extractAs(t, "a.html", `<html lang="`+c.lang+`"><p>`+c.text).Language; got != c.want {
			t.Errorf("lang=%q %.20q: %q, want %q", c.lang, c.text, got, c.want)
		}
	}
}

// A page whose classes sound like boilerplate is not thrown away for it.
func TestHTMLNamesDoNotTakeTheContent(t *testing.T) {
	doc := extractAs(t, "a.html", `<body class="no-sidebar has-menu header"><div class="page-with-navigation menu"><h1>Menu van de week</h1>
		<p>In het zorgcentrum eten we vandaag soep. De maaltijd begint om 12.00 uur en kost € 6,50 voor bewoners van Waterrijk.</p></div>
		<div class="footer"><a href="/a">Privacy</a></div></body>`)
	same(t, outline(doc), `
heading: Menu van de week
paragraph: In het zorgcentrum eten we vandaag soep. De maaltijd begint om 12.00 uur en kost € 6,50 voor bewoners van Waterrijk.`)
}

func TestHTMLTitles(t *testing.T) {
	for _, c := range []struct{ html, want string }{
		{`<title>Paspoort | Gemeente Waterrijk</title><p>tekst`, "Paspoort"},
		{`<title>Paspoort - Gemeente Waterrijk</title><p>tekst`, "Paspoort"},
		{`<title>Wet open overheid - wat is dat?</title><p>tekst`, "Wet open overheid - wat is dat?"},
		{`<meta property="og:title" content="Paspoort aanvragen"><title>x</title><p>tekst`, "Paspoort aanvragen"},
		{`<title>Raad 31 augustus 2015</title><h1>Vergadering</h1><p>tekst`, "Raad 31 augustus 2015"},
		{`<title>Home</title><h1>Welkom in Waterrijk</h1><p>tekst`, "Welkom in Waterrijk"},
		{`<h2>Agenda</h2><p>tekst`, "Agenda"},
		{`<p>tekst zonder titel</p>`, "bestand"},
	} {
		if got := extractAs(t, "map/bestand.html", c.html).Title; got != c.want {
			t.Errorf("%s: title %q, want %q", c.html, got, c.want)
		}
	}
}

func TestHTMLCharsets(t *testing.T) {
	const want = "Financiën: één café kost € 5"
	latin := "Financi\xebn: \xe9\xe9n caf\xe9 kost \x80 5"
	for _, in := range []Input{
		{Data: []byte("<p>" + latin)},
		{Data: []byte("<p>" + latin), ContentType: "text/html; charset=iso-8859-1"},
		{Data: []byte(`<meta charset="windows-1252"><p>` + latin)},
		{Data: []byte(`<meta charset="iso-8859-1"><p>` + want)}, // says it wrongly
		{Data: []byte("<p>" + want)},
		{Data: []byte("\xff\xfe" + utf16le("<p>"+want))},
		{Data: []byte("<p>Financi\xebn: \xe9\xe9n caf\xe9 kost \xa4 5"), ContentType: "text/html; charset=iso-8859-15"},
	} {
		in.Name = "a.html"
		doc, err := Extract(t.Context(), in)
		if err != nil || doc.Text != want {
			t.Errorf("%q %s: %v, %v", in.Data, in.ContentType, doc, err)
		}
	}
}

func TestHTMLBombs(t *testing.T) {
	for name, html := range map[string]string{
		"deep div":     strings.Repeat("<div>", 100_000) + "tekst in de diepte",
		"deep b":       strings.Repeat("<b>", 20_000) + "tekst in de diepte",
		"deep table":   strings.Repeat("<table><tr><td>", 20_000) + "tekst in de diepte",
		"deep details": strings.Repeat("<details><summary>s</summary>", 150) + "tekst in de diepte",
		"deep dl":      strings.Repeat("<dl><dd>", 200) + "tekst in de diepte",
		"rowspan":      "<table><tr><th>a<th>b<tr>" + strings.Repeat("<td rowspan=65534 colspan=1000>x", 500) + strings.Repeat("<tr><td>tekst in de diepte", 200) + "</table>",
		"attributes":   "<p " + strings.Repeat("a=b ", 100_000) + ">tekst in de diepte",
		"share links":  "<div>" + strings.Repeat("<i></i>", 20_000) + strings.Repeat(`<a href="https://www.facebook.com/sharer?u=x"><b>d</b></a>`, 20_000) + "</div><p>tekst in de diepte",
		"today":        "<div>" + strings.Repeat("<i></i>", 20_000) + strings.Repeat("<span>Vandaag open</span>", 20_000) + "</div><p>tekst in de diepte",
		"related":      strings.Repeat("<div><i></i><span>Zie ook</span></div>", 20_000) + "<h1>tekst in de diepte</h1>",
		"contact":      "<main><p>tekst in de diepte</main>" + strings.Repeat("<div class='contact sidebar'>", 400) + strings.Repeat("<p>bel ons", 20_000),
		"triggers":     strings.Repeat("<div>", 300) + strings.Repeat("<button aria-expanded aria-controls=p>x</button>", 20_000) + "<div id=p>tekst in de diepte</div>",
		"skip links":   strings.Repeat(`<ul><li><a href="#a">x</a><li><a href="#b">y</a></ul>`, 10_000) + "<div id=a><div id=b>" + strings.Repeat("<p>tekst in de diepte", 10_000),
		"many ids":     strings.Repeat(`<ul><li><a href="#a">x</a><li><a href="#a">y</a></ul>`, 5_000) + `<p id=a>tekst in de diepte`,
	} {
		t.Run(name, func(t *testing.T) {
			if doc := extractAs(t, "a.html", html); !strings.Contains(doc.Text, "tekst in de diepte") {
				t.Errorf("text lost: %.100q", doc.Text)
			}
		})
	}
}

func TestHTMLLimitIsAnOption(t *testing.T) {
	_, err := Extract(t.Context(), Input{Name: "a.html", Data: []byte("<p>" + strings.Repeat("x", 2000)), MaxHTML: 1000})
	if !errors.Is(err, ErrUnreadable) {
		t.Errorf("error %v", err)
	}
}

// The real pages: what must be there, and what is never to be cited.
var realPages = []struct {
	file, title string
	has, not    []string
}{
	{"aalter-eid.v1.html", "Elektronische identiteitskaart (eID)",
		[]string{"Vanaf 15 jaar ben je verplicht om jouw identiteitskaart", "Spoed: levering gemeentehuis (1 dag) | 127,90 euro | 10 jaar", "kan je een alternatieve aanvraagprocedure", "Europalaan 22", "09 325 22 00", "Openingsuren"},
		[]string{"cookies", "Naar content", "Stratenplan", "Lees voor", "scroll naar", "Volg ons", "Facebook"}},
	{"aalter-verhuizen.v1.html", "Aangifte van een adreswijziging",
		[]string{"heb je 8 werkdagen de tijd", "Pincode om de chip te updaten.", "de notariële akte.", "Gratis.", "burgerzaken@aalter.be"},
		[]string{"cookies", "Naar content", "Stratenplan", "Lees voor", "scroll naar", "Aanvragen en documenten"}},
	{"affligem-handtekening.v1.html", "Wettiging van handtekening",
		[]string{"Het wettigen of legaliseren van een handtekening", "Het wettigen van een handtekening is gratis.", "Bellestraat 99, 1790 Affligem", "ma | open | open"},
		[]string{"cookie", "Zoeken", "Sitemap", "Disclaimer"}},
	{"den-helder-meeting.html", "Gemeenteraad 31 augustus 2015 19:30:00",
		[]string{"7 Voorstel tot ontslag van twee commissieleden.", "Mevrouw Mooijman en de heer Visser", "15 Sluiting.", "Oproep vergadering gemeenteraad.pdf"},
		[]string{"U bent hier", "Kleinere letters", "Legenda", "Disclaimer", "Print deze agenda", "play film", "notitie", "Raadsgriffie"}},
	{"den-helder-meeting-print.html", "",
		[]string{"Datum: 31-08-2015 19:30 uur", "Voorstel tot ontslag van twee commissieleden.", "De stukken liggen in het gemeentehuis ter inzage"},
		[]string{"Terug naar de website", "Raadsgriffie", "Snelzoeken", "Kleinere letters"}},
	{"den-helder-faulty-meeting.html", "",
		[]string{"Raadscommissie Bestuur en Middelen 05 oktober 2015 19:30 uur", "4 Nieuwbouwontwikkeling bij Willem Alexanderhof", "De RUD NHN voert sinds 1 januari 2014"},
		[]string{"Raadsgriffie", "Legenda", "U bent hier"}},
	{"den-helder-meeting-item.html", "6 Bekrachtigen van de geheimhouding op de daartoe door het college gewaarmerkte exploitatie van Zeestad per 1 januari 2015.",
		[]string{"Op grond van artikel 25, lid 3, van de Gemeentewet"}, []string{"play film", "notitie"}},
	{"den-helder-faulty-meeting-item.html", "3 Vaststelling agenda.", []string{"3 Vaststelling agenda."}, []string{"notitie", "Bijlage"}},
	{"den-helder-meeting-item-documents.html", "Vergaderstukken bij agendapunt:",
		[]string{"Raadsbesluit bekrachtiging geheimhouding Exploitatie Zeestad..pdf (pdf, 73.28 kb)"}, []string{"notitie", "CookiesOK"}},
	{"erpe-mere-besluitenlijst-ocmw.html", "Besluitenlijst van OCMW raad OCMW Erpe-Mere, zitting van 24 sep 2024, 21:43 uur.",
		[]string{"De voorzitter opent de vergadering om 21.43 uur.", "Goedkeuren van de voorgenomen fusie van de Vlaamse Logo's", "Overeenkomstig het decreet lokaal bestuur wordt aan de raad"},
		[]string{"Pdf-versie", "javascript"}},
	{"info-coronavirus-maatregelen.html", "Wat zijn de huidige maatregelen?",
		[]string{"Deze maatregelen zijn geldig tot en met 31 augustus.", "De nachtwinkel is open tot 1:00", "Wat moet ik zelf doen?", "Neen, bepalingen van een protocol"},
		[]string{"Juridische informatie", "contact_support", "Terug naar boven", "www.belgium.be", "kring lief ouders"}},
	{"knokke-heist-besluitenlijst-burgemeester.v1.html", "Besluitenlijst van Burgemeester Gemeente Knokke-Heist, zitting van 31 dec 2023, 00:00 uur.",
		[]string{"Dringende sloop schuur - Natiënlaan 124", "Akkoord", "Gebruik barbecue tijdens strandbloemenfestival"}, []string{"Pdf-versie"}},
	{"sint-niklaas-reispas.html", "Reispas (paspoort)",
		[]string{"Je vraagt je reispas aan bij de dienst burgerzaken.", "7 jaar geldig voor volwassenen", "Dringend (aanvraag vóór 15 uur) | 260 EUR | 230 EUR | 210 EUR | Volgende werkdag", "Grote Markt", "03 778 33 00", "Geen 2 of meer verloren of gestolen paspoorten"},
		[]string{"Misschien ook relevant", "Internationaal rijbewijs", "Cookiebeleid", "Kruimelpad", "Hoofdmenu", "Listen", "Lees meer", "Vacatures"}},
}

func TestRealPages(t *testing.T) {
	dir := filepath.Dir(shared(t, "web/gemeente/*.html")[0])
	for _, c := range realPages {
		t.Run(c.file, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(dir, c.file))
			if err != nil {
				t.Skipf("%s is absent", c.file)
			}
			doc := extractAs(t, c.file, string(data))
			if c.title != "" && doc.Title != c.title {
				t.Errorf("title %q, want %q", doc.Title, c.title)
			}
			for _, s := range c.has {
				if !strings.Contains(doc.Text, s) {
					t.Errorf("%q is missing", s)
				}
			}
			for _, s := range c.not {
				if strings.Contains(doc.Text, s) {
					t.Errorf("%q is boilerplate", s)
				}
			}
		})
	}
}

// Versions of a page have other scripts and mark-up around the same text.
func TestVersionsOfAPage(t *testing.T) {
	texts := map[string]string{}
	pages := 0
	for _, f := range shared(t, "web/gemeente/*.v*.html") {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc := extractAs(t, filepath.Base(f), string(data))
		name, _, _ := strings.Cut(filepath.Base(f), ".v")
		if text, ok := texts[name]; ok && text != doc.Text {
			t.Errorf("%s has another text than the other version", filepath.Base(f))
		}
		texts[name] = doc.Text
		pages++
	}
	if pages == len(texts) {
		t.Error("no page has two versions")
	}
}

func FuzzHTML(f *testing.F) {
	f.Add(page)
	f.Add(`<table><tr><th rowspan=2>a<td><table><tr><td>b</table><caption>c`)
	f.Add(`<ul role=tablist><li><a href="#x">1</a><li><a href="#y">2</a></ul><p id=x><dl id=y><dt>a<dd>b<details><summary>`)
	f.Add("<svg><title>x</title><p>\x00y</svg><select><option>z<math><mi><p>q")
	for _, file := range seeds(f, "testdata/html/*.html", "web/gemeente/*.html") {
		f.Add(string(file))
	}
	f.Fuzz(func(t *testing.T, src string) { fuzzOne(t, Input{Name: "a.html", Data: []byte(src)}) })
}

// seeds reads files to begin with: our own, and the real ones where they are
// present, up to 16 kB each (mutations of more take too long).
func seeds(f *testing.F, own string, real ...string) (out [][]byte) {
	f.Helper()
	files, err := filepath.Glob(filepath.FromSlash(own))
	if err != nil || own != "" && len(files) == 0 {
		f.Fatalf("no file matches %s (%v)", own, err)
	}
	for _, pattern := range real {
		more, err := filepath.Glob(filepath.Join("..", "..", "..", "shared", "data", filepath.FromSlash(pattern)))
		if err != nil {
			f.Fatal(err)
		}
		files = append(files, more[:min(len(more), 30)]...)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		out = append(out, data[:min(len(data), 16<<10)])
	}
	return out
}

// fuzzOne: every input is a sound document, or an error of a known kind that
// is no panic of a parser.
func fuzzOne(t *testing.T, in Input) {
	doc, err := Extract(t.Context(), in)
	if err != nil {
		if strings.Contains(err.Error(), "its parser failed") {
			t.Fatal(err)
		}
		if !errors.Is(err, ErrUnsupported) && !errors.Is(err, ErrEmpty) && !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrMetadata) {
			t.Errorf("error of unknown kind: %v", err)
		}
		return
	}
	sound(t, doc)
}

// BenchmarkHTML reads the real pages, whole and as the parser alone does, so
// that the one can be seen against the other on any machine.
func BenchmarkHTML(b *testing.B) {
	var pages [][]byte
	size := 0
	for _, f := range shared(b, "web/gemeente/*.html") {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, data)
		size += len(data)
	}
	run := func(name string, read func(page []byte) error) {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			for b.Loop() {
				for _, p := range pages {
					if err := read(p); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*len(pages))/b.Elapsed().Seconds(), "pages/s")
		})
	}
	run("extract", func(page []byte) error {
		_, err := Extract(b.Context(), Input{Name: "a.html", Data: page})
		return err
	})
	run("parse", func(page []byte) error {
		_, err := html.Parse(bytes.NewReader(page))
		return err
	})
}
