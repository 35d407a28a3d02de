package extract

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// views writes the blocks of a document one a line: kind, group, headings and
// context where there are any, text.
func views(doc *ingest.Document) string {
	var b strings.Builder
	for _, k := range doc.Blocks {
		b.WriteString(string(k.Kind))
		if k.Group != 0 {
			b.WriteString(" g" + string(rune('0'+k.Group)))
		}
		if len(k.Heading) > 0 {
			b.WriteString(" <" + strings.Join(k.Heading, "/") + ">")
		}
		if k.Context != "" {
			b.WriteString(" {" + k.Context + "}")
		}
		if k.Anchor != "" {
			b.WriteString(" #" + k.Anchor)
		}
		b.WriteString(": " + doc.Text[k.Start:k.End] + "\n")
	}
	return b.String()
}

const publicationHead = `<?xml version="1.0" encoding="US-ASCII"?><officiele-publicatie><metadata><meta name="OVERHEIDop.externMetadataRecord" content="https://zoek.officielebekendmakingen.nl/%ID%/metadata.xml"/></metadata>`

func TestExtractKOOP(t *testing.T) {
	for name, c := range map[string]struct{ xml, title, url, want string }{
		"questions": {
			strings.ReplaceAll(publicationHead, "%ID%", "ah-tk-20252026-12") + `<kamervragen>
<kamervraagomschrijving type="vraag">Vragen van het lid <naam><voornaam>Romke de</voornaam><achternaam>Boer</achternaam></naam> over <kamervraagonderwerp>bomen</kamervraagonderwerp> (ingezonden <datum isodatum="2026-01-02">2 januari 2026</datum>).</kamervraagomschrijving>
<vraag><nr>Vraag 1</nr><al>Hoeveel bomen?<noot><noot.nr>1</noot.nr><noot.al>Bomenlijst</noot.al></noot></al></vraag>
<vraag><nr>Vraag 2</nr><al>Waarom geïnd?</al></vraag>
<antwoord><nr>Antwoord 1 en 2</nr><al>Vier, op <extref doc="x">de lijst</extref>.</al><lijst><li><li.nr>a.</li.nr><al>een eik</al></li></lijst></antwoord></kamervragen></officiele-publicatie>`,
			"Vragen van het lid Romke de Boer over bomen", "https://zoek.officielebekendmakingen.nl/ah-tk-20252026-12.html",
			`paragraph: Vragen van het lid Romke de Boer over bomen (ingezonden 2 januari 2026).
heading g1: Vraag 1
question g1 <Vraag 1>: Hoeveel bomen?
note <Vraag 1>: 1 Bomenlijst
heading g1: Vraag 2
question g1 <Vraag 2>: Waarom geïnd?
heading g1: Antwoord 1 en 2
answer g1 <Antwoord 1 en 2>: Vier, op de lijst.
answer g1 <Antwoord 1 en 2>: a. een eik
`},
		"law": {
			`<toestand bwb-id="BWBR0000001" inwerkingtreding="2026-01-01"><wetgeving><intitule>Regeling bomen</intitule><citeertitel>Bomenregeling<meta-data>weg</meta-data></citeertitel>
<wet-besluit><wettekst><hoofdstuk bwb-ng-variabel-deel="/Hoofdstuk1"><kop><label>Hoofdstuk</label><nr>1</nr><titel>Bomen</titel></kop>
<artikel bwb-ng-variabel-deel="/Hoofdstuk1/Artikel1.2"><kop><label>Artikel</label><nr>1.2</nr></kop><lid><lidnr>1</lidnr><al>Bomen blijven staan.</al></lid>
<lid><lidnr>2</lidnr><al>Behalve:</al><lijst><li><li.nr>a.</li.nr><al>oude;</al></li></lijst></lid></artikel></hoofdstuk></wettekst></wet-besluit></wetgeving></toestand>`,
			"Bomenregeling", "https://wetten.overheid.nl/BWBR0000001/2026-01-01",
			`paragraph: Regeling bomen
paragraph: Bomenregeling
heading #Hoofdstuk1: Hoofdstuk 1 Bomen
heading <Hoofdstuk 1 Bomen> #Hoofdstuk1_Artikel1.2: Artikel 1.2
paragraph <Hoofdstuk 1 Bomen/Artikel 1.2> {Artikel 1.2, eerste lid.} #Hoofdstuk1_Artikel1.2: 1 Bomen blijven staan.
paragraph <Hoofdstuk 1 Bomen/Artikel 1.2> {Artikel 1.2, tweede lid.} #Hoofdstuk1_Artikel1.2: 2 Behalve:
item <Hoofdstuk 1 Bomen/Artikel 1.2> {Artikel 1.2, tweede lid.} #Hoofdstuk1_Artikel1.2: a. oude;
`},
		"table and unknown elements": {
			strings.ReplaceAll(publicationHead, "%ID%", "gmb-2026-1") + `<kop><titel>GEMEENTEBLAD</titel></kop><gemeenteblad><kop><titel>Leges Waterrijk</titel></kop><nieuw-element>Los <raar>woord</raar> hier</nieuw-element>
<table><tgroup><thead><row><entry><al>Product</al></entry><entry><al>Prijs</al></entry></row></thead><tbody><row><entry><al>Kap-</al><al>vergunning</al></entry><entry><al>€ 12</al></entry></row></tbody></tgroup></table></gemeenteblad></officiele-publicatie>`,
			"Leges Waterrijk", "https://zoek.officielebekendmakingen.nl/gmb-2026-1.html",
			`heading: Leges Waterrijk
paragraph: Los woord hier
row: Product | Prijs
row {Product | Prijs}: Kap- vergunning | € 12
`},
		"debate, encoded twice": {
			"ï»¿" + `<?xml version="1.0"?><officiele-publicatie><handelingen><agendapunt><nr>4</nr><item-titel>Bomen in Waterrijk</item-titel><spreekbeurt><spreker><voorvoegsels>Mevrouw</voorvoegsels><naam><achternaam>De Boer</achternaam></naam> (<politiek>GroenWater</politiek>):</spreker><tekst><al>EÃ©n boom.</al></tekst></spreekbeurt></agendapunt></handelingen></officiele-publicatie>`,
			"Bomen in Waterrijk", "",
			`heading: Bomen in Waterrijk
heading: Mevrouw De Boer (GroenWater)
paragraph <Mevrouw De Boer (GroenWater)>: Eén boom.
`},
		"rijksoverheid": {
			`<document><title>Over bomen</title><canonical>https://www.rijksoverheid.nl/bomen</canonical><introduction><![CDATA[<p>Kort &amp; goed.</p>]]></introduction><content><contentblock><paragraphtitle><![CDATAPPPPP</paragraphtitle><paragraph><![CDATA[<p>Lang.</p>]]></paragraph></contentblock></content></document>`,
			"Over bomen", "https://www.rijksoverheid.nl/bomen",
			"heading: Over bomen\nparagraph: Kort & goed.\nparagraph: Lang.\n"},
	} {
		doc, err := Extract(context.Background(), Input{Name: "x.xml", Data: []byte(c.xml)})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := views(doc); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if doc.Title != c.title || doc.URL != c.url {
			t.Errorf("%s: title %q, URL %q", name, doc.Title, doc.URL)
		}
	}
}

func TestExtractKOOPRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		xml  string
		want error
		text string
	}{
		"SRU":       {`<?xml version="1.0"?><sru:record xmlns:sru="x"><title>a</title></sru:record>`, ErrMetadata, "SRU record"},
		"manifest":  {`<work label="BWBR1"><a>x</a></work>`, ErrMetadata, "manifest"},
		"truncated": {"<officiele-publicatie>\n<kamerstuk>\n<al>De tek", ErrUnreadable, "line 3"},
		"PDF only":  {`<officiele-publicatie><metadata><meta/></metadata></officiele-publicatie>`, ErrEmpty, "PDF"},
		"files":     {`<document><canonical>u</canonical><title>Lijst</title><content/></document>`, ErrMetadata, "files"},
		"deep":      {strings.Repeat("<a>", 300) + strings.Repeat("</a>", 300), ErrUnreadable, "nested"},
	} {
		if _, err := Extract(context.Background(), Input{Name: "x.xml", Data: []byte(c.xml)}); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want %v with %q", name, err, c.want, c.text)
		}
	}
}

// paragraphs makes a document of paragraphs.
func paragraphs(texts ...string) *ingest.Document {
	b := newBuilder(context.Background(), Input{})
	for _, t := range texts {
		b.add(part{Text: t})
	}
	doc, _ := b.document()
	return doc
}

func TestMarkQuestions(t *testing.T) {
	for name, c := range map[string]struct {
		doc  *ingest.Document
		want string
	}{
		"unnumbered": {paragraphs("Vraag", "Een?", "Antwoord", "Ja.", "Vraag:", "Twee?", "Antwoord:", "Nee."),
			"heading g1: Vraag\nquestion g1 <Vraag>: Een?\nheading g1: Antwoord\nanswer g1 <Antwoord>: Ja.\nheading g2: Vraag\nquestion g2 <Vraag>: Twee?\nheading g2: Antwoord\nanswer g2 <Antwoord>: Nee.\n"},
		"inline": {paragraphs("Vraag 1: Een?", "Antwoord 1\nJa.", "Vraag 2 t/m 4: Twee?", "Antwoord op de vragen 2, 3 en 4", "Nee."),
			"heading g1: Vraag 1\nquestion g1 <Vraag 1>: Een?\nheading g1: Antwoord 1\nanswer g1 <Antwoord 1>: Ja.\nheading g2: Vraag 2 t/m 4\nquestion g2 <Vraag 2 t/m 4>: Twee?\nheading g2: Antwoord op de vragen 2, 3 en 4\nanswer g2 <Antwoord op de vragen 2, 3 en 4>: Nee.\n"},
		"bare numbers": {paragraphs("1", "Een?", "Antwoord", "Ja.", "2. Twee?", "Antwoord", "Nee.", "Toelichting:", "Slot."),
			"heading g1: 1\nquestion g1 <1>: Een?\nheading g1: Antwoord\nanswer g1 <Antwoord>: Ja.\nheading g2: 2.\nquestion g2 <2.>: Twee?\nheading g2: Antwoord\nanswer g2 <Antwoord>: Nee.\nparagraph: Toelichting:\nparagraph: Slot.\n"},
		"all questions first": {paragraphs("Vraag 1", "Een?", "Vraag 2", "Twee?", "Antwoord 1", "Ja.", "Antwoord 2", "Nee."),
			"heading g1: Vraag 1\nquestion g1 <Vraag 1>: Een?\nheading g2: Vraag 2\nquestion g2 <Vraag 2>: Twee?\nheading g1: Antwoord 1\nanswer g1 <Antwoord 1>: Ja.\nheading g2: Antwoord 2\nanswer g2 <Antwoord 2>: Nee.\n"},
		"one pair is not enough": {paragraphs("Vraag", "Een?", "Antwoord", "Ja."), "paragraph: Vraag\nparagraph: Een?\nparagraph: Antwoord\nparagraph: Ja.\n"},
		"a word in a sentence":   {paragraphs("Vraag het aan de gemeente.", "Antwoord geven wij snel."), "paragraph: Vraag het aan de gemeente.\nparagraph: Antwoord geven wij snel.\n"},
	} {
		markQuestions(c.doc)
		if err := c.doc.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if got := views(c.doc); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
	}
}

func FuzzMarkQuestions(f *testing.F) {
	f.Add("Vraag 1\n\nEen?\n\nAntwoord 1: Ja.\n\nVraag 2\n\nTwee?\n\nAntwoord 2\nNee.")
	f.Add("1\n\nx?\n\nAntwoord\n\ny\n\n2 z?\n\nAntwoord\n\nw")
	f.Fuzz(func(t *testing.T, text string) {
		doc := paragraphs(strings.Split(text, "\n\n")...)
		before := doc.Text
		markQuestions(doc)
		if err := doc.Check(); err != nil || doc.Text != before {
			t.Fatalf("%v", err)
		}
	})
}

func FuzzExtractKOOP(f *testing.F) {
	f.Add([]byte(`<officiele-publicatie><kamervragen><vraag><nr>1</nr><al>a<noot nr="1"><noot.al>n</noot.al></noot></al></vraag><antwoord><nr>1</nr><al>b</al></antwoord></kamervragen></officiele-publicatie>`))
	f.Add([]byte(`<toestand><artikel><kop><nr>1</nr></kop><lid><lidnr>1</lidnr><al>x</al></lid></artikel><table><tgroup><tbody><row><entry>y</entry></row></tbody></tgroup></table></toestand>`))
	f.Add([]byte(`<documents><document><title>t</title><introduction><![CDATA[<p>x]]></introduction></document></documents>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := extractKOOP(context.Background(), Input{Name: "x.xml", Data: data})
		if err == nil {
			err = doc.Check()
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
