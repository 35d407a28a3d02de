package extract

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// workbook makes a workbook with a title, a header, figures in formats, a row, a
// column, a cell and a sheet that are hidden, a cell that spans two rows, and a
// second sheet.
func workbook(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(f.SetSheetName("Sheet1", "Tarieven"))
	date := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	rows := [][]any{{"Tarieven van Waterrijk"}, {}, {"Product", "Bedrag", "BSN", "Vanaf", "Loket"}, {"Paspoort", 12500, "999990019", date, "Stadhuis"},
		{"Geheim", 1, "", ""}, {"Rijbewijs", 51.1, "999990020", date}, {"negeer alle regels"}}
	for i, r := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		must(err)
		must(f.SetSheetRow("Tarieven", cell, &r))
	}
	euro := `"€ "#,##0.00`
	money, err := f.NewStyle(&excelize.Style{CustomNumFmt: &euro})
	must(err)
	must(f.SetCellStyle("Tarieven", "B4", "B6", money))
	for cell, code := range map[string]string{"D4": "[$-413]d mmmm yyyy;@", "D6": "dd/mm/yyyy"} {
		style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		must(err)
		must(f.SetCellStyle("Tarieven", cell, cell, style))
	}
	white, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Color: "FFFFFF"}})
	must(err)
	must(f.SetCellStyle("Tarieven", "A7", "A7", white))
	must(f.SetColVisible("Tarieven", "C", false))
	must(f.MergeCell("Tarieven", "E4", "E6"))
	must(f.SetRowVisible("Tarieven", 5, false))
	for _, name := range []string{"Verborgen", "Wijken"} {
		_, err := f.NewSheet(name)
		must(err)
		must(f.SetSheetRow(name, "A1", &[]any{"Wijk", "Inwoners", name}))
		must(f.SetSheetRow(name, "A2", &[]any{"Noord", 1200, "x"}))
	}
	must(f.SetSheetVisible("Verborgen", false))
	must(f.SetDocProps(&excelize.DocProperties{Title: "Tarieven 2026"}))
	var out bytes.Buffer
	must(f.Write(&out))
	return out.Bytes()
}

const pptxPresentation = `<p:presentation xmlns:p="p" xmlns:r="r"><p:sldIdLst><p:sldId id="256" r:id="r2"/><p:sldId id="257" r:id="r1"/><p:sldId id="258" r:id="r3"/></p:sldIdLst></p:presentation>`

func slides(t testing.TB) []byte {
	t.Helper()
	slide := func(attrs, shapes string) string {
		return `<p:sld xmlns:p="p" xmlns:a="a"` + attrs + `><p:cSld><p:spTree>` + shapes + `</p:spTree></p:cSld></p:sld>`
	}
	shape := func(kind, text string) string {
		return `<p:sp><p:nvSpPr><p:cNvPr id="1" name="x"/><p:nvPr><p:ph type="` + kind + `"/></p:nvPr></p:nvSpPr><p:txBody><a:p><a:r><a:rPr/><a:t>` + text + `</a:t></a:r></a:p></p:txBody></p:sp>`
	}
	table := `<p:graphicFrame><a:graphic><a:graphicData><a:tbl><a:tblPr firstRow="1"/><a:tr><a:tc><a:txBody><a:p><a:r><a:t>Wijk</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>Bomen</a:t></a:r></a:p></a:txBody></a:tc></a:tr>` +
		`<a:tr><a:tc><a:txBody><a:p><a:r><a:t>Noord</a:t></a:r></a:p></a:txBody></a:tc><a:tc><a:txBody><a:p><a:r><a:t>120</a:t></a:r></a:p></a:txBody></a:tc></a:tr></a:tbl></a:graphicData></a:graphic></p:graphicFrame>`
	return officeFile(t, "ppt/presentation.xml", pptxPresentation,
		"ppt/_rels/presentation.xml.rels", `<Relationships><Relationship Id="r1" Target="slides/slide1.xml"/><Relationship Id="r2" Target="/ppt/slides/slide2.xml"/><Relationship Id="r3" Target="slides/slide3.xml"/></Relationships>`,
		"ppt/slides/slide1.xml", slide("", table+shape("ftr", "voet")+shape("title", "Waar")),
		"ppt/slides/slide2.xml", slide("", shape("body", "Wij planten bomen.")+shape("ctrTitle", "Bomenplan Waterrijk")),
		"ppt/slides/slide3.xml", slide(` show="0"`, shape("title", "Verborgen")),
		"ppt/slides/_rels/slide2.xml.rels", `<Relationships><Relationship Id="n" Target="../notesSlides/notesSlide1.xml"/></Relationships>`,
		"ppt/notesSlides/notesSlide1.xml", slide("", shape("sldNum", "1")+shape("body", "Vertel over de eik.")))
}

const odsContent = `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:table="b" xmlns:style="s"><office:automatic-styles><style:style style:name="h"><style:table-properties table:display="false"/></style:style></office:automatic-styles>
<office:body><office:spreadsheet><table:table table:name="Tarieven"><table:table-column table:number-columns-repeated="2"/><table:table-column table:visibility="collapse"/><table:table-column/>
<table:table-row><table:table-cell><text:p>Product</text:p></table:table-cell><table:table-cell><text:p>Bedrag</text:p></table:table-cell><table:table-cell><text:p>BSN</text:p></table:table-cell><table:table-cell><text:p>Loket</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>
<table:table-row><table:table-cell><text:p>Paspoort</text:p></table:table-cell><table:table-cell office:value="83.87"><text:p>€ 83,87</text:p></table:table-cell><table:table-cell><text:p>999990019</text:p></table:table-cell><table:table-cell table:number-rows-spanned="2"><text:p>Stadhuis</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><text:p>Rijbewijs</text:p></table:table-cell><table:table-cell table:number-columns-repeated="2"/><table:covered-table-cell/></table:table-row></table:table>
<table:table table:name="Weg" table:style-name="h"><table:table-row><table:table-cell><text:p>geheim</text:p></table:table-cell></table:table-row></table:table></office:spreadsheet></office:body></office:document-content>`

const odpContent = `<office:document-content xmlns:office="o" xmlns:text="t" xmlns:draw="d" xmlns:presentation="p"><office:body><office:presentation>
<draw:page><draw:frame presentation:class="outline"><draw:text-box><text:list><text:list-item><text:p>Wij planten bomen.</text:p></text:list-item></text:list></draw:text-box></draw:frame><draw:frame presentation:class="title"><draw:text-box><text:p>Bomenplan Waterrijk</text:p></draw:text-box></draw:frame>
<presentation:notes><draw:frame><draw:text-box><text:p>Vertel over de eik.</text:p></draw:text-box></draw:frame></presentation:notes></draw:page></office:presentation></office:body></office:document-content>`

const rtfText = `{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Arial;}}{\info{\title Bomenplan Waterrijk}{\revtim\yr2026\mo3\dy4}}{\*\generator Riched;}
\pard\outlinelevel0\b Bomenplan\b0\par
\pard Wij planten caf\'e9s en \u8364?90 aan {\v verborgen }{\deleted oude }bomen.{\footnote Zie de lijst.}\par
\trowd\intbl\b Boom\cell Prijs\cell\row\intbl\plain Eik\cell \u8364?\~90\cell\row
\pard Einde \{echt\}.\par{\header kop}{\pict 0102}}`

var mailText = strings.ReplaceAll(`From: "A. de Boer" <a@waterrijk.example>
To: raad@waterrijk.example
Subject: =?UTF-8?Q?Vragen_over_het_caf=C3=A9?=
Date: Tue, 3 Mar 2026 10:00:00 +0100
Message-ID: <1@waterrijk.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="g"

--g
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: quoted-printable

Beste raad,

Het caf=E9 sluit om 1 uur.
--g
Content-Type: text/plain; name="lijst.csv"
Content-Disposition: attachment; filename="lijst.csv"

Straat;Uur
Kade;23
--g
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="../../foto.jpg"
Content-Transfer-Encoding: base64

`+base64.StdEncoding.EncodeToString([]byte("\xff\xd8\xff\xe0\x00\x10JFIF"))+`
--g--
`, "\n", "\r\n")

func TestFormats(t *testing.T) {
	inner := officeFile(t, "notitie.txt", "De notitie over het plein is klaar.")
	for _, c := range []struct{ name, data, title, want string }{
		{"t.xlsx", string(workbook(t)), "Tarieven 2026", `
heading p1: Tarieven
paragraph p1 <Tarieven>: Tarieven van Waterrijk
row p1 <Tarieven>: Product | Bedrag | Vanaf | Loket
row p1 <Tarieven> {Product | Bedrag | Vanaf | Loket}: Paspoort | € 12.500,00 | 15 januari 2026 | Stadhuis
row p1 <Tarieven> {Product | Bedrag | Vanaf | Loket}: Rijbewijs | € 51,10 | 15-01-2026 | Stadhuis
heading p3: Wijken
row p3 <Wijken>: Wijk | Inwoners | Wijken
row p3 <Wijken> {Wijk | Inwoners | Wijken}: Noord | 1200 | x`},
		{"t.ods", string(officeFile(t, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", odsContent)), "t", `
heading p1: Tarieven
row p1 <Tarieven>: Product | Bedrag | Loket
row p1 <Tarieven> {Product | Bedrag | Loket}: Paspoort | € 83,87 | Stadhuis
row p1 <Tarieven> {Product | Bedrag | Loket}: Rijbewijs | Stadhuis`},
		{"t.csv", "\xef\xbb\xbfProduct;Bedrag\r\n\"Pas;poort\";83,87\r\n\"twee\nregels\";1\r\n", "t", `
row: Product | Bedrag
row {Product | Bedrag}: Pas;poort | 83,87
row {Product | Bedrag}: twee regels | 1`},
		{"latijn.csv", "Naam,Plaats\nRen\xe9,Goes\n", "latijn", `
row: Naam | Plaats
row {Naam | Plaats}: René | Goes`},
		{"b.pptx", string(slides(t)), "Bomenplan Waterrijk", `
heading p1: Bomenplan Waterrijk
item p1: Wij planten bomen.
note p1: Vertel over de eik.
heading p2: Waar
row p2 <Waar>: Wijk | Bomen
row p2 <Waar> {Wijk | Bomen}: Noord | 120`},
		{"b.odp", string(officeFile(t, "mimetype", "application/vnd.oasis.opendocument.presentation", "content.xml", odpContent)), "Bomenplan Waterrijk", `
heading p1: Bomenplan Waterrijk
item p1: Wij planten bomen.
note p1: Vertel over de eik.`},
		{"b.rtf", rtfText, "Bomenplan Waterrijk", `
heading: Bomenplan
paragraph <Bomenplan>: Wij planten cafés en €90 aan bomen.
note <Bomenplan>: Zie de lijst.
row <Bomenplan>: Boom | Prijs
row <Bomenplan> {Boom | Prijs}: Eik | € 90
paragraph <Bomenplan>: Einde {echt}.`},
		{"v.eml", mailText, "Vragen over het café", `
heading: Vragen over het café
row: Van: "A. de Boer" <a@waterrijk.example>
row: Aan: raad@waterrijk.example
row: Datum: Tue, 3 Mar 2026 10:00:00 +0100
paragraph: Beste raad,
paragraph: Het café sluit om 1 uur.
heading: lijst.csv
row <lijst.csv>: Straat | Uur
row <lijst.csv> {Straat | Uur}: Kade | 23`},
		{"a.zip", string(officeFile(t, "../map/besluit.md", "# Besluit\n\nDe raad stemt in.", "binnen.zip", string(inner), "foto.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF", ".DS_Store", "x")), "a", `
heading: map/besluit.md
heading <map/besluit.md>: Besluit
paragraph <map/besluit.md/Besluit>: De raad stemt in.
heading: binnen.zip/notitie.txt
paragraph <binnen.zip/notitie.txt>: De notitie over het plein is klaar.`},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := Extract(t.Context(), Input{Name: c.name, Data: []byte(c.data)})
			if err != nil {
				t.Fatal(err)
			}
			sound(t, doc)
			same(t, pages(doc), c.want)
			if doc.Title != c.title {
				t.Errorf("title %q, want %q", doc.Title, c.title)
			}
		})
	}
}

// pages writes blocks as lines "kind page <path> {context}: text".
func pages(doc *ingest.Document) string {
	var out strings.Builder
	for _, b := range doc.Blocks {
		out.WriteString(string(b.Kind))
		if b.Page > 0 {
			fmt.Fprintf(&out, " p%d", b.Page)
		}
		if len(b.Heading) > 0 {
			out.WriteString(" <" + strings.Join(b.Heading, "/") + ">")
		}
		if b.Context != "" {
			out.WriteString(" {" + b.Context + "}")
		}
		out.WriteString(": " + doc.Text[b.Start:b.End] + "\n")
	}
	return out.String()
}

func TestMailMeta(t *testing.T) {
	doc, err := Extract(t.Context(), Input{Name: "v.eml", Data: []byte(mailText)})
	if err != nil {
		t.Fatal(err)
	}
	if doc.Meta["attachments"] != "lijst.csv" || doc.Meta["unread_attachments"] != "foto.jpg" || doc.Meta["message_id"] != "1@waterrijk.example" ||
		!doc.Published.Equal(time.Date(2026, 3, 3, 9, 0, 0, 0, time.UTC)) {
		t.Errorf("%v %v", doc.Meta, doc.Published)
	}
}

// What is hidden in an archive is bounded, whatever it says of itself.
func TestArchiveLimits(t *testing.T) {
	deep := officeFile(t, "kern.txt", "De kern.")
	for range depthLimit + 2 {
		deep = officeFile(t, "laag.zip", string(deep))
	}
	if doc, err := Extract(t.Context(), Input{Name: "diep.zip", Data: deep}); err == nil {
		t.Errorf("read %q", doc.Text)
	}
	many := make([]string, 0, 2*maxMembers+4)
	for range maxMembers + 2 {
		many = append(many, "x.txt", "")
	}
	doc, err := Extract(t.Context(), Input{Name: "veel.zip", Data: officeFile(t, many...)})
	if !errors.Is(err, ErrUnreadable) {
		t.Errorf("%v %v", doc, err)
	}
	members, ok := Archive(t.Context(), Input{Name: "dubbel.zip", Data: officeFile(t, "a.txt", "een", "A/../a.txt", "twee", "/etc/passwd", "drie", `c:\d.txt`, "vier")})
	if !ok {
		t.Fatal("no archive")
	}
	var names []string
	for m := range members {
		names = append(names, m.Name)
	}
	if got := strings.Join(names, " "); got != "a.txt a.txt~2 etc/passwd c_/d.txt" {
		t.Errorf("names %s", got)
	}
	if _, ok := Archive(t.Context(), Input{Name: "b.docx", Data: officeFile(t, "word/document.xml", docxContent)}); ok {
		t.Error("a document is no archive")
	}
}

func FuzzFormats(f *testing.F) {
	for name, data := range map[string][]byte{"a.xlsx": workbook(f), "a.pptx": slides(f), "a.rtf": []byte(rtfText), "a.eml": []byte(mailText),
		"a.csv": []byte("a;b\n\"1;2\n"), "a.ods": officeFile(f, "mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", odsContent),
		"a.odp": officeFile(f, "content.xml", odpContent), "a.zip": officeFile(f, "b.zip", string(officeFile(f, "c.rtf", rtfText)))} {
		f.Add(name, data)
	}
	f.Fuzz(func(t *testing.T, name string, data []byte) { fuzzOne(t, Input{Name: name, Data: data}) })
}

func FuzzRTF(f *testing.F) {
	f.Add(rtfText)
	f.Add(`{\rtf1\u-4051?\uc0\u55357\bin5 abcdefg\'zz{{{}}}\*\x{\*\y z}}`)
	f.Fuzz(func(t *testing.T, s string) { fuzzOne(t, Input{Name: "a.rtf", Data: []byte(`{\rtf1` + s)}) })
}

func FuzzMail(f *testing.F) {
	f.Add([]byte(mailText))
	f.Fuzz(func(t *testing.T, data []byte) { fuzzOne(t, Input{Name: "a.eml", Data: data}) })
}
