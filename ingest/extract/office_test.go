package extract

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

// officeFile packs parts into an archive; the mimetype of ODF goes first.
func officeFile(t testing.TB, parts ...string) []byte {
	t.Helper()
	var buf bytes.Buffer
	z := zip.NewWriter(&buf)
	for i := 0; i+1 < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

const odtContent = `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s" xmlns:fo="f" xmlns:draw="d">
<office:automatic-styles><style:style style:name="P1" style:parent-style-name="Kop_20_2"/><style:style style:name="B"><style:text-properties fo:font-weight="bold"/></style:style></office:automatic-styles>
<office:body><office:text><text:tracked-changes><text:p>Weg.</text:p></text:tracked-changes>
<text:h text:outline-level="1">Bomenplan Waterrijk</text:h>
<text:p>Wij planten<text:s text:c="2"/><text:span>bomen</text:span>.<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>Zie de lijst.</text:p></text:note-body></text:note></text:p>
<text:p text:style-name="P1">Waar</text:p>
<text:list><text:list-item><text:p>in het park</text:p><text:list><text:list-item><text:p>bij de vijver</text:p></text:list-item></text:list></text:list-item></text:list>
<text:p><text:span text:style-name="B">Kosten</text:span></text:p>
<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>Boom</text:p></table:table-cell><table:table-cell><text:p>Prijs</text:p></table:table-cell></table:table-row></table:table-header-rows>
<table:table-row><table:table-cell><text:p>Eik</text:p></table:table-cell><table:table-cell><text:p>€ 90</text:p><text:p>per stuk</text:p></table:table-cell></table:table-row></table:table>
<text:p><draw:frame><draw:text-box><text:p>In een kader.</text:p></draw:text-box></draw:frame></text:p>
</office:text></office:body></office:document-content>`

const docxContent = `<w:document xmlns:w="w"><w:body>
<w:p><w:pPr><w:pStyle w:val="Kop1"/></w:pPr><w:r><w:t>Bomenplan Waterrijk</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">Wij planten </w:t></w:r><w:del><w:r><w:delText>struiken</w:delText></w:r></w:del><w:ins><w:r><w:t>bomen</w:t></w:r></w:ins><w:r><w:t>.</w:t><w:footnoteReference w:id="2"/></w:r></w:p>
<w:p><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>in het park</w:t></w:r></w:p>
<w:p><w:r><w:rPr><w:b/></w:rPr><w:t>Kosten</w:t></w:r></w:p>
<w:tbl><w:tr><w:trPr><w:tblHeader/></w:trPr><w:tc><w:p><w:r><w:t>Boom</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>Prijs</w:t></w:r></w:p></w:tc></w:tr>
<w:tr><w:tc><w:p><w:r><w:t>Eik</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>€ 90</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
</w:body></w:document>`

func TestExtractOffice(t *testing.T) {
	odt := officeFile(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", odtContent)
	docx := officeFile(t, "word/document.xml", docxContent,
		"word/styles.xml", `<w:styles xmlns:w="w"><w:style w:styleId="Kop1"><w:name w:val="heading 1"/></w:style></w:styles>`,
		"word/footnotes.xml", `<w:footnotes xmlns:w="w"><w:footnote w:id="2"><w:p><w:r><w:t>Zie de lijst.</w:t></w:r></w:p></w:footnote></w:footnotes>`)
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"plan.odt", odt, `heading: Bomenplan Waterrijk
paragraph: Wij planten bomen.
note: 1 Zie de lijst.
heading: Waar
item <Waar>: in het park
item <Waar>: bij de vijver
heading <Waar>: Kosten
row <Waar/Kosten>: Boom | Prijs
row <Waar/Kosten> {Boom | Prijs}: Eik | € 90 per stuk
paragraph <Waar/Kosten>: In een kader.
`},
		{"plan.docx", docx, `heading: Bomenplan Waterrijk
paragraph: Wij planten bomen.
note: 1 Zie de lijst.
item: in het park
heading: Kosten
row <Kosten>: Boom | Prijs
row <Kosten> {Boom | Prijs}: Eik | € 90
`},
	} {
		doc, err := Extract(context.Background(), Input{Name: c.name, Data: c.data})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := views(doc); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", c.name, got, c.want)
		}
		if doc.Title != "Bomenplan Waterrijk" {
			t.Errorf("%s: title %q", c.name, doc.Title)
		}
	}
}

// Numbers that the program makes, tables within tables, cells that span rows; and
// what nobody sees.
func TestOfficeAsSeen(t *testing.T) {
	p := func(props, text string) string {
		return `<w:p><w:pPr>` + props + `</w:pPr><w:r><w:t>` + text + `</w:t></w:r></w:p>`
	}
	list := func(id, level string) string {
		return `<w:numPr><w:ilvl w:val="` + level + `"/><w:numId w:val="` + id + `"/></w:numPr>`
	}
	run := func(props, text string) string {
		return `<w:p><w:r><w:t>Te zien.</w:t></w:r><w:r><w:rPr>` + props + `</w:rPr><w:t>` + text + `</w:t></w:r></w:p>`
	}
	cell := func(props, content string) string {
		return `<w:tc><w:tcPr>` + props + `</w:tcPr>` + content + `</w:tc>`
	}
	docx := `<w:document xmlns:w="w"><w:body>` +
		p(`<w:pStyle w:val="Artikel"/>`, "Begrippen") + p(list("2", "0"), "De raad") + p(list("2", "1"), "leden") + p(list("2", "1"), "voorzitter") + p(list("2", "0"), "Het college") +
		p(`<w:pStyle w:val="Artikel"/>`, "Slot") + p(list("3", "0"), "opnieuw") + p(list("4", "0"), "punt") + p(`<w:pStyle w:val="Artikel"/>`+list("0", "0"), "Bijlage") +
		run(`<w:color w:val="FFFFFF"/>`, "wit") + run(`<w:vanish/>`, "weg") + run(`<w:rStyle w:val="Weg"/>`, "weg") + run(`<w:sz w:val="2"/>`, "klein") +
		run(`<w:color w:val="FFFFFF"/><w:shd w:fill="0000AA"/>`, " Op blauw.") +
		`<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>` + p("", "Klik om tekst in te voeren.") + `</w:sdtContent></w:sdt>` +
		`<w:tbl><w:tr>` + cell(`<w:vMerge w:val="restart"/>`, p("", "Noord")) + cell("", p("", "eik")) + `</w:tr><w:tr>` + cell(`<w:vMerge/>`, p("", "")) +
		cell("", `<w:tbl><w:tr>`+cell("", p("", "beuk"))+cell("", p("", "linde"))+`</w:tr></w:tbl>`) + `</w:tr>
		<w:tr><w:trPr><w:del/></w:trPr>` + cell("", p("", "Zuid")) + cell("", p("", "es")) + `</w:tr></w:tbl></w:body></w:document>`
	level := func(i, format, text string) string {
		return `<w:lvl w:ilvl="` + i + `"><w:start w:val="1"/><w:numFmt w:val="` + format + `"/><w:lvlText w:val="` + text + `"/></w:lvl>`
	}
	word := officeFile(t, "word/document.xml", docx,
		"word/styles.xml", `<w:styles xmlns:w="w"><w:style w:styleId="Artikel"><w:name w:val="heading 1"/><w:pPr>`+list("1", "0")+`</w:pPr></w:style><w:style w:styleId="Weg"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>`,
		"word/numbering.xml", `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="7">`+level("0", "upperRoman", "Artikel %1")+`</w:abstractNum><w:abstractNum w:abstractNumId="8">`+level("0", "decimal", "%1.")+level("1", "lowerLetter", "%1.%2)")+
			`</w:abstractNum><w:abstractNum w:abstractNumId="9">`+level("0", "bullet", "*")+`</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
			<w:num w:numId="3"><w:abstractNumId w:val="8"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num><w:num w:numId="4"><w:abstractNumId w:val="9"/></w:num></w:numbering>`)

	item := func(attrs, content string) string {
		return `<text:list` + attrs + `><text:list-item>` + content + `</text:list-item></text:list>`
	}
	odt := `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s" xmlns:fo="f"><office:automatic-styles>
<text:list-style style:name="L"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/><text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")" text:display-levels="2"/></text:list-style>
<text:outline-style style:name="Outline"><text:outline-level-style text:level="1" style:num-prefix="Artikel " style:num-format="I"/></text:outline-style>
<style:style style:name="W"><style:text-properties fo:color="#ffffff"/></style:style><style:style style:name="V"><style:text-properties text:display="none"/></style:style><style:style style:name="B"><style:table-cell-properties fo:background-color="#0000aa"/></style:style></office:automatic-styles>
<office:body><office:text><text:h text:outline-level="1">Begrippen</text:h>` +
		item(` text:style-name="L"`, `<text:p>De raad</text:p>`+item("", `<text:p>leden</text:p></text:list-item><text:list-item><text:p>voorzitter</text:p>`)) +
		item(` text:style-name="L" text:continue-numbering="true"`, `<text:p>Het college</text:p>`) + `<text:h text:outline-level="1">Slot</text:h>` + item(` text:style-name="L"`, `<text:p>opnieuw</text:p>`) +
		`<text:p>Te zien.<text:span text:style-name="W">wit</text:span><text:span text:style-name="V">weg</text:span><text:hidden-text text:is-hidden="true">weg</text:hidden-text><text:placeholder>naam</text:placeholder></text:p>
<text:section text:display="none"><text:p>Weg.</text:p></text:section><text:p><text:hidden-paragraph text:is-hidden="true"/>Weg.</text:p>
<table:table><table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>Noord</text:p></table:table-cell><table:table-cell table:style-name="B"><text:p text:style-name="W">eik</text:p></table:table-cell></table:table-row>
<table:table-row><table:covered-table-cell/><table:table-cell><table:table><table:table-row><table:table-cell><text:p>beuk</text:p></table:table-cell><table:table-cell><text:p>linde</text:p></table:table-cell></table:table-row></table:table></table:table-cell></table:table-row></table:table>
</office:text></office:body></office:document-content>`
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"a.docx", word, `heading: Artikel I Begrippen
item: 1. De raad
item: 1.a) leden
item: 1.b) voorzitter
item: 2. Het college
heading: Artikel II Slot
item <Artikel II Slot>: 1. opnieuw
item <Artikel II Slot>: punt
heading: Bijlage
paragraph <Bijlage>: Te zien.
paragraph <Bijlage>: Te zien.
paragraph <Bijlage>: Te zien.
paragraph <Bijlage>: Te zien.
paragraph <Bijlage>: Te zien. Op blauw.
row <Bijlage>: Noord | eik
row <Bijlage>: Noord | beuk linde
`},
		{"a.odt", officeFile(t, "content.xml", odt), `heading: Artikel I Begrippen
item: 1. De raad
item: 1.a) leden
item: 1.b) voorzitter
item: 2. Het college
heading: Artikel II Slot
item <Artikel II Slot>: 1. opnieuw
paragraph <Artikel II Slot>: Te zien.
row <Artikel II Slot>: Noord | eik
row <Artikel II Slot>: Noord | beuk linde
`},
	} {
		doc, err := Extract(t.Context(), Input{Name: c.name, Data: c.data})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := views(doc); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", c.name, got, c.want)
		}
	}
}

func TestExtractOfficeRefuses(t *testing.T) {
	locked := `<manifest><file-entry><encryption-data/></file-entry></manifest>`
	bomb := "<w:document><w:body>" + strings.Repeat(" ", maxOfficeBytes) + "</w:body></w:document>"
	for name, c := range map[string]struct {
		name string
		data []byte
		want error
		text string
	}{
		"empty ODT":     {"a.odt", officeFile(t, "content.xml", "<a><body><text/></body></a>"), ErrEmpty, "no text"},
		"locked ODT":    {"a.odt", officeFile(t, "META-INF/manifest.xml", locked, "content.xml", "\x01\x02"), ErrUnreadable, "password"},
		"no content":    {"a.odt", officeFile(t, "other.xml", "<a/>"), ErrUnreadable, "content.xml"},
		"cut off":       {"a.docx", officeFile(t, "word/document.xml", docxContent)[:200], ErrUnreadable, "damaged"},
		"bomb":          {"a.docx", officeFile(t, "word/document.xml", bomb), ErrUnreadable, "unpacks"},
		"old Office":    {"a.doc", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest"), ErrUnsupported, "save it"},
		"locked as OLE": {"a.docx", []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 rest"), ErrUnreadable, "password"},
	} {
		if _, err := Extract(context.Background(), Input{Name: c.name, Data: c.data}); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want %v with %q", name, err, c.want, c.text)
		}
	}
}

func FuzzExtractOffice(f *testing.F) {
	f.Add(officeFile(f, "content.xml", odtContent), true)
	f.Add(officeFile(f, "word/document.xml", docxContent), false)
	f.Fuzz(func(t *testing.T, data []byte, odt bool) {
		read := extractDOCX
		if odt {
			read = extractODT
		}
		if doc, err := read(context.Background(), Input{Name: "x", Data: data}); err == nil && doc.Check() != nil {
			t.Fatal(doc.Check())
		}
	})
}

// The same on the XML within, which random archives seldom reach.
func FuzzOfficeXML(f *testing.F) {
	f.Add(odtContent, true)
	f.Add(docxContent, false)
	f.Fuzz(func(t *testing.T, content string, odt bool) {
		read, name := extractDOCX, "word/document.xml"
		if odt {
			read, name = extractODT, "content.xml"
		}
		if doc, err := read(context.Background(), Input{Name: "x", Data: officeFile(t, name, content)}); err == nil && doc.Check() != nil {
			t.Fatal(doc.Check())
		}
	})
}
