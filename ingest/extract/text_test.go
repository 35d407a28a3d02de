package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	gtext "github.com/yuin/goldmark/text"
)

func TestText(t *testing.T) {
	doc := extractAs(t, "a.txt", `[PAGE LINK: afval](https://www.waterrijk.nl/afval)

Afval in Waterrijk

Ophalen
Het [LINK: afval](https://www.waterrijk.nl/x) wordt op maandag opgehaald.
Zet het vroeg buiten.

Zonder [LINK: kop [LINK: hier](https://x.nl/[LINK: a](b)-c) ](d).

Neem mee:
- een pas
- geld
  en munten
1. eerst
`)
	same(t, outline(doc), `
heading: Afval in Waterrijk
heading: Ophalen
paragraph > Ophalen: Het afval wordt op maandag opgehaald.\nZet het vroeg buiten.
paragraph: Zonder kop hier.
paragraph: Neem mee:
item: - een pas
item: - geld\nen munten
item: 1. eerst`)
	if doc.Title != "Afval in Waterrijk" || doc.Meta["canonical"] != "https://www.waterrijk.nl/afval" {
		t.Errorf("title %q, meta %v", doc.Title, doc.Meta)
	}
}

// A line that leads to a place on its own page is the title of a section there.
func TestTextSections(t *testing.T) {
	doc := extractAs(t, "a.txt", `[PAGE LINK: ozb](https://www.waterrijk.nl/ozb)
Belasting op woningen: uitleg
Eigenaren betalen de [LINK: belasting](https://www.waterrijk.nl/b) .

[LINK: Zo werkt het](#sectie-1)

Aanslag
U krijgt de aanslag in februari.

[LINK: Betalen](#sectie-2) : in delen
Betaal in 8 delen, zie [LINK: de uitleg](#uitleg) .
Lees ook (de [LINK: tarieven](/t) ).
`)
	same(t, describe(doc), `
title: Belasting op woningen: uitleg
language: nl
canonical: https://www.waterrijk.nl/ozb

heading: Belasting op woningen: uitleg
paragraph: Eigenaren betalen de belasting.
#sectie-1 heading: Zo werkt het
#sectie-1 heading > Zo werkt het: Aanslag
#sectie-1 paragraph > Zo werkt het > Aanslag: U krijgt de aanslag in februari.
#sectie-2 heading: Betalen: in delen
#sectie-2 paragraph > Betalen: in delen: Betaal in 8 delen, zie de uitleg.\nLees ook (de tarieven).`)
}

func TestTextEncodings(t *testing.T) {
	const want = "Financiën kost € 5 in het café."
	for name, data := range map[string]string{
		"utf-8":               want,
		"bom":                 "\xef\xbb\xbf" + want,
		"windows-1252":        "Financi\xebn kost \x80 5 in het caf\xe9.",
		"utf-16 le with bom":  "\xff\xfe" + utf16le(want),
		"utf-16 le":           utf16le(want),
		"old Mac line breaks": "Financiën kost € 5\rin het café.",
	} {
		doc := extractAs(t, "a.txt", data)
		if got := strings.ReplaceAll(doc.Text, "\n", " "); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	if got := extractAs(t, "a.txt", "één twee drie café kapot \xff teken").Text; got != "één twee drie café kapot teken" {
		t.Errorf("damaged UTF-8: %q", got)
	}
}

func TestMarkdown(t *testing.T) {
	doc := extractAs(t, "a.md", `---
title: "Afval: regels"
date: 2024-03-01
url: https://www.waterrijk.nl/afval
---
# Afval {#afval}

Eerste **regel** met [link](https://x.nl) en \*ster\* &amp; meer.
Tweede regel <b>vet</b>.\
Derde.

1. een
2. twee
   - sub a

   vervolg
- los

> citaat

| Soort | Prijs |
|---|---|
| Groot | € 10 | **te** veel |

<div><p>HTML tekst<br>regel</p><script>weg</script></div>

Voetnoot[^1].

`+"```\ncode *hier*\n```"+`

[^1]: De noot.
`)
	same(t, outline(doc), `
heading: Afval
paragraph > Afval: Eerste regel met link en *ster* & meer. Tweede regel vet.\nDerde.
item > Afval: 1. een
item > Afval: 2. twee
item > Afval: sub a
item > Afval: vervolg
item > Afval: los
paragraph > Afval: citaat
row > Afval: Soort | Prijs
row > Afval: Groot | € 10 | te veel {Soort | Prijs}
paragraph > Afval: HTML tekst\nregel
paragraph > Afval: Voetnoot[1].
paragraph > Afval: code *hier*
note > Afval: 1. De noot.`)
	if doc.Title != "Afval: regels" || doc.Published.Format(time.DateOnly) != "2024-03-01" || doc.Meta["canonical"] != "https://www.waterrijk.nl/afval" || doc.Blocks[1].Anchor != "afval" {
		t.Errorf("title %q, published %v, meta %v, anchor %q", doc.Title, doc.Published, doc.Meta, doc.Blocks[1].Anchor)
	}
}

func TestMarkdownWithoutFrontMatter(t *testing.T) {
	for src, want := range map[string]string{
		"---\nniet: [af\n---\ntekst hier":  "tekst hier",
		"---\n\ntekst na een streep":       "tekst na een streep",
		"# Titel\n\ntekst\nover regels":    "tekst over regels",
		"Titel\n=====\n\ntekst in de wind": "tekst in de wind",
	} {
		if doc := extractAs(t, "a.md", src); !strings.Contains(doc.Text, want) {
			t.Errorf("%q: %q", src, doc.Text)
		}
	}
}

func TestMarkdownBombs(t *testing.T) {
	for name, src := range map[string]string{
		"quotes":   strings.Repeat(">", 50_000) + " tekst in de diepte",
		"lists":    strings.Repeat("- ", 20_000) + "tekst in de diepte",
		"brackets": strings.Repeat("[", 20_000) + "tekst in de diepte",
		"stars":    strings.Repeat("*a **b ", 5_000) + "tekst in de diepte",
		"html":     strings.Repeat("<div>", 5_000) + "tekst in de diepte",
	} {
		t.Run(name, func(t *testing.T) {
			if doc := extractAs(t, "a.md", src); !strings.Contains(doc.Text, "tekst in de diepte") {
				t.Errorf("text lost: %.100q", doc.Text)
			}
		})
	}
}

// lost gives the first word of the text nodes of Markdown that is not in text.
func lost(src, text string) string {
	source := []byte(src)
	words := map[string]bool{}
	for _, w := range strings.Fields(text) {
		words[w] = true
	}
	missing := ""
	_ = ast.Walk(goldmark.DefaultParser().Parse(gtext.NewReader(source)), func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		if n.Kind() != ast.KindText || !enter {
			return ast.WalkContinue, nil
		}
		for _, w := range strings.Fields(normalise(unescape(n.(*ast.Text).Segment.Value(source)))) {
			if !words[w] && !strings.Contains(text, w) {
				missing = w
				return ast.WalkStop, nil
			}
		}
		return ast.WalkContinue, nil
	})
	return missing
}

func TestMarkdownLosesNoWord(t *testing.T) {
	n := 0
	for _, f := range append(shared(t, "*/README.md"), shared(t, "*/*/README.md")...) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc := extractAs(t, filepath.Base(f), string(data))
		if w := lost(plainTables(string(data)), doc.Text); w != "" {
			t.Errorf("%s: %q is lost", f, w)
		}
		n++
	}
	if n < 3 {
		t.Errorf("only %d files", n)
	}
}

// plainTables takes the rules of tables out, which are no text.
func plainTables(src string) string {
	var out strings.Builder
	for line := range strings.Lines(src) {
		if strings.Trim(line, "|-: \n") != "" || !strings.HasPrefix(line, "|") {
			out.WriteString(strings.ReplaceAll(line, "|", " "))
		}
	}
	return out.String()
}

func TestRijksoverheidJSON(t *testing.T) {
	doc, err := Extract(t.Context(), Input{Name: "a.json", Data: []byte(`{"id":"1","type":"vraag en antwoord","canonical":"https://www.rijksoverheid.nl/x",
		"dataurl":"https://opendata.rijksoverheid.nl/v1/infotypes/faq/1","question":"Wat kost een paspoort?","introduction":"<p>Dat hangt af van de leeftijd.</p>",
		"content":[{"paragraphtitle":"Tarief","paragraph":"<p>Het kost <b>€ 77,85</b>.</p><h3>Kind</h3><ul><li>€ 58,95</li></ul>"},{"paragraph":"<p>Slot.</p>"}],
		"lastmodified":"2024-04-04T08:49:13.941Z","language":"nl-NL","authorities":["Ministerie van BZK"]}`)})
	if err != nil {
		t.Fatal(err)
	}
	same(t, outline(doc), `
heading: Wat kost een paspoort?
paragraph: Dat hangt af van de leeftijd.
heading: Tarief
paragraph > Tarief: Het kost € 77,85.
heading > Tarief: Kind
item > Tarief > Kind: € 58,95
paragraph: Slot.`)
	if doc.Title != "Wat kost een paspoort?" || doc.URL != "https://www.rijksoverheid.nl/x" || doc.Language != "nl-NL" || doc.Modified.Year() != 2024 || doc.Meta["authority"] != "Ministerie van BZK" {
		t.Errorf("%q %q %q %v %v", doc.Title, doc.URL, doc.Language, doc.Modified, doc.Meta)
	}
}

func TestRealJSONAndText(t *testing.T) {
	for _, f := range append(shared(t, "web/rijksoverheid-vac/*.json"), shared(t, "web/amsterdam/*.txt")...) {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc := extractAs(t, filepath.Base(f), string(data))
		for _, mark := range []string{"LINK:", "<p>", "<li", "&nbsp;", "&amp;", "](http"} {
			if strings.Contains(doc.Text, mark) {
				t.Errorf("%s: %q in the text", filepath.Base(f), mark)
			}
		}
	}
}

func FuzzMarkdown(f *testing.F) {
	f.Add("# A\n\n- b\n  - c\n\n|a|b|\n|-|-|\n|1|2|\n")
	f.Add("---\ntitle: x\n---\n<div>\n\n[^1]\n\n[^1]: n\n\n: d\n")
	f.Add("a\n===\n1) x\n\t\tcode\n\n***\n<!-- c -->\n&copy; \\# `q`")
	f.Fuzz(func(t *testing.T, src string) {
		fuzzOne(t, Input{Name: "a.md", Data: []byte(src)})
	})
}

func FuzzText(f *testing.F) {
	f.Add([]byte("Titel\n\nKop\nEen regel tekst.\n\n- item\n"))
	f.Add([]byte("\xff\xfea\x00b\x00"))
	f.Add([]byte("caf\xe9 \x80 [LINK: a](b)"))
	for _, file := range seeds(f, "", "web/amsterdam/*.txt") {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzOne(t, Input{Name: "a.txt", Data: data}) })
}

func FuzzJSON(f *testing.F) {
	f.Add([]byte(`{"question":"a","introduction":"<p>b","content":[{"paragraphtitle":"c","paragraph":"<ul><li>d"}]}`))
	for _, file := range seeds(f, "", "web/rijksoverheid-vac/*.json") {
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, data []byte) { fuzzOne(t, Input{Name: "a.json", Data: data}) })
}
