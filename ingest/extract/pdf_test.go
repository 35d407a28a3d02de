package extract

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// testLine is one line of a page at a place.
type testLine struct {
	x, y, size float64
	bold       bool
	text       string
}

// testPDF makes a small PDF of lines, with a cross-reference table.
func testPDF(pages ...[]testLine) []byte {
	var b strings.Builder
	var offsets []int
	object := func(body string) {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
	}
	widths := strings.TrimSuffix(strings.Repeat("500 ", 224), " ")
	font := func(name string) string {
		return "<< /Type /Font /Subtype /TrueType /BaseFont /" + name + " /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 255 /Widths [" + widths + "] >>"
	}
	b.WriteString("%PDF-1.4\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 5+2*i))
	}
	object(fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", len(pages), strings.Join(kids, " ")))
	object(font("Test"))
	object(font("Test-Bold"))
	for i, lines := range pages {
		object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> /Contents %d 0 R >>", 6+2*i))
		var c strings.Builder
		for _, l := range lines {
			f := "F1"
			if l.bold {
				f = "F2"
			}
			text := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l.text)
			fmt.Fprintf(&c, "BT /%s %g Tf 1 0 0 1 %g %g Tm (%s) Tj ET\n", f, l.size, l.x, l.y, text)
		}
		object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", c.Len(), c.String()))
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, at)
	return []byte(b.String())
}

// letter is a letter of questions and answers over two pages, as parliament
// prints them: a header on each page, notes at its foot, an answer that goes
// on overleaf.
func letter() []byte {
	return testPDF(
		[]testLine{
			{150, 800, 8, false, "Gemeente Waterrijk, vergaderjaar 2025-2026, Aanhangsel"},
			{500, 800, 8, false, "1"},
			{150, 700, 10, true, "Vraag 1"},
			{150, 688, 10, false, "Hoeveel bomen staan er in het park van Waterrijk en hoeveel daar-"},
			{150, 676, 10, false, "van zijn in het jaar 2024"},
			{275, 679, 6, false, "1"},
			{285, 676, 10, false, "geplant?"},
			{150, 652, 10, true, "Antwoord 1"},
			{150, 640, 10, false, "In het park van de gemeente Waterrijk staan vierhonderd bomen, waar-"},
			{150, 628, 10, false, "van er zestig geplant zijn in het laatste jaar en de andere bomen stonden"},
			{150, 120, 6, false, "1"},
			{160, 116, 8, false, "Bomenlijst Waterrijk, 3 mei 2025"},
		},
		[]testLine{
			{150, 800, 8, false, "Gemeente Waterrijk, vergaderjaar 2025-2026, Aanhangsel"},
			{500, 800, 8, false, "2"},
			{150, 700, 10, false, "er al langer dan twintig jaar."},
			{150, 676, 10, true, "Vraag 2"},
			{150, 664, 10, false, "Worden er bomen gekapt?"},
			{150, 640, 10, true, "Vraag 3"},
			{150, 628, 10, false, "Zo ja, waarom?"},
			{150, 604, 10, true, "Antwoord 2 en 3"},
			{150, 592, 10, false, "Nee."},
		},
	)
}

func TestExtractPDFLetter(t *testing.T) {
	doc, err := Extract(context.Background(), Input{Name: "brief.pdf", Data: letter()})
	if err != nil {
		t.Fatal(err)
	}
	type view struct {
		kind  ingest.Kind
		group int
		page  int
		text  string
	}
	var got []view
	for _, b := range doc.Blocks {
		got = append(got, view{b.Kind, b.Group, b.Page, doc.Text[b.Start:b.End]})
	}
	want := []view{
		{ingest.Heading, 1, 1, "Vraag 1"},
		{ingest.Question, 1, 1, "Hoeveel bomen staan er in het park van Waterrijk en hoeveel daarvan zijn in het jaar 2024 geplant?"},
		{ingest.Heading, 1, 1, "Antwoord 1"},
		{ingest.Answer, 1, 1, "In het park van de gemeente Waterrijk staan vierhonderd bomen, waarvan er zestig geplant zijn in het laatste jaar en de andere bomen stonden er al langer dan twintig jaar."},
		{ingest.Note, 0, 1, "1 Bomenlijst Waterrijk, 3 mei 2025"},
		{ingest.Heading, 2, 2, "Vraag 2"},
		{ingest.Question, 2, 2, "Worden er bomen gekapt?"},
		{ingest.Heading, 2, 2, "Vraag 3"},
		{ingest.Question, 2, 2, "Zo ja, waarom?"},
		{ingest.Heading, 2, 2, "Antwoord 2 en 3"},
		{ingest.Answer, 2, 2, "Nee."},
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got:\n%v\nwant:\n%v", lines(got), lines(want))
	}
	if doc.Meta["pages"] != "2" || doc.Meta["unread_pages"] != "" {
		t.Errorf("meta %v", doc.Meta)
	}
}

func lines[T any](vs []T) string {
	var b strings.Builder
	for _, v := range vs {
		fmt.Fprintf(&b, "%v\n", v)
	}
	return b.String()
}

func TestExtractPDFColumnsAndTable(t *testing.T) {
	var page []testLine
	for i := range 6 {
		page = append(page,
			testLine{50, 700 - 12*float64(i), 10, false, fmt.Sprintf("Links regel %d van de tekst over het water", i)},
			testLine{330, 700 - 12*float64(i), 10, false, fmt.Sprintf("rechts regel %d van de tekst over het riool", i)})
	}
	page = append(page,
		testLine{50, 560, 10, true, "Product"}, testLine{300, 560, 10, true, "Prijs"},
		testLine{50, 548, 10, false, "Paspoort"}, testLine{300, 548, 10, false, "83,87 euro"},
		testLine{300, 536, 10, false, "met spoed 140 euro"})
	doc, err := Extract(context.Background(), Input{Name: "kolommen.pdf", Data: testPDF(page)})
	if err != nil {
		t.Fatal(err)
	}
	if l, r := strings.Index(doc.Text, "Links regel 5"), strings.Index(doc.Text, "rechts regel 0"); l < 0 || r < 0 || l > r {
		t.Errorf("the left column does not go before the right one:\n%s", doc.Text)
	}
	if want := "Paspoort | 83,87 euro met spoed 140 euro"; !strings.Contains(doc.Text, want) {
		t.Errorf("no row %q in:\n%s", want, doc.Text)
	}
}

func TestExtractPDFRefuses(t *testing.T) {
	whole := letter()
	secret := strings.Repeat("x", 32)
	locked := strings.Replace(string(whole), "/Root 1 0 R", "/Root 1 0 R /ID [(a) (a)] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O ("+secret+") /U ("+secret+") >>", 1)
	for name, c := range map[string]struct {
		data []byte
		want error
		text string
	}{
		"no text layer": {testPDF([]testLine{}, []testLine{}), ErrEmpty, "2 pages"},
		"random bytes":  {[]byte("%PDF-1.4\n" + strings.Repeat("\x00\xff\x13", 500)), ErrUnreadable, "damaged"},
		"encrypted":     {[]byte(locked), ErrUnreadable, "encrypted"},
		"not a PDF":     {[]byte("\x00\x01\x02 nothing of the kind"), ErrUnreadable, "%PDF-"},
		"garbled":       {testPDF(repeated(30, "73746577 !#$%&74 6()*+43!,! 7687-(375787")), ErrUnreadable, "garbled"},
	} {
		_, err := Extract(context.Background(), Input{Name: "x.pdf", Data: c.data})
		if !errors.Is(err, c.want) || err != nil && !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: error %v, want %v with %q", name, err, c.want, c.text)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := extractPDF(ctx, Input{Name: "x.pdf", Data: whole}); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: %v", err)
	}
}

// repeated is a page of n equal lines.
func repeated(n int, text string) (out []testLine) {
	for i := range n {
		out = append(out, testLine{50, 700 - 12*float64(i), 10, false, text})
	}
	return out
}

// A file that has lost its cross-reference table is read by the second engine.
func TestExtractPDFFallsBack(t *testing.T) {
	data := letter()
	data = []byte(strings.Replace(string(data), "startxref\n", "startxref\n9", 1))
	if _, err := readGoPDF(context.Background(), data); err == nil {
		t.Fatal("the first engine reads a file without cross-references; take another example")
	}
	doc, err := Extract(context.Background(), Input{Name: "stuk.pdf", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	if doc.Meta["engine"] != "PDFium" || !strings.Contains(doc.Text, "vierhonderd bomen, waarvan er zestig") {
		t.Errorf("engine %q, text:\n%s", doc.Meta["engine"], doc.Text)
	}
}

func TestJoinLines(t *testing.T) {
	c := &composer{words: map[string]int{"k-eet": 2, "kabinet": 1}}
	for _, x := range [][3]string{
		{"het hulpaan-", "bod verbeteren", "het hulpaanbod verbeteren"},
		{"de zorg-", "en welzijnssector", "de zorg- en welzijnssector"},
		{"met K-", "EET is", "met K-EET is"},
		{"een 14-", "jarige", "een 14-jarige"},
		{"zie https://waterrijk.example/park-", "en-groen", "zie https://waterrijk.example/park-en-groen"},
		{"de raad -", "zoals eerder", "de raad - zoals eerder"},
		{"gewone regel", "verder", "gewone regel verder"},
	} {
		if got := c.join(x[0], x[1]); got != x[2] {
			t.Errorf("join(%q, %q) = %q, want %q", x[0], x[1], got, x[2])
		}
	}
}

func FuzzExtractPDF(f *testing.F) {
	f.Add(letter())
	f.Add([]byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := readGoPDF(context.Background(), data)
		if err != nil {
			return
		}
		text, _ := dropFurniture(file.lines, len(file.pages))
		compose(text).markHeadings(file.bookmarks)
	})
}

func FuzzLayout(f *testing.F) {
	f.Add("Vraag 1\nHoeveel?\nAntwoord 1\nVier.", 12.0, 10.0, 50.0)
	f.Add("1 noot\na | b", 0.0, 6.0, -1e5)
	f.Fuzz(func(t *testing.T, text string, leading, size, x float64) {
		var s sheet
		y := 800.0
		for line := range strings.SplitSeq(text, "\n") {
			at := x
			for _, r := range line {
				s.glyphs = append(s.glyphs, glyph{text: string(r), x: at, y: y, w: size / 2, size: size, angle: int16(r%4) * 90, blank: blankText(string(r))})
				at += size / 2
			}
			y -= leading
		}
		kept, _ := dropFurniture(append(spansOf(s, 1), spansOf(s, 2)...), 2)
		compose(kept)
	})
}

func FuzzCMap(f *testing.F) {
	f.Add("1 beginbfchar <01> <0041> endbfchar 1 beginbfrange <02> <05> [<0042> <0043>] <06> <08> <0061> endbfrange")
	f.Fuzz(func(t *testing.T, s string) {
		for code := range parseCMap(s) {
			if len(code) > 1<<16 {
				t.Fatal("a code longer than its source")
			}
		}
	})
}

func TestParseCMap(t *testing.T) {
	m := parseCMap("2 beginbfchar <0001> <0041> <0002> <00660069> endbfchar\n1 beginbfrange <0010> <0012> <0061> <0020> <0021> [<0058> <0059>] endbfrange")
	for code, want := range map[string]string{"\x00\x01": "A", "\x00\x02": "fi", "\x00\x11": "b", "\x00\x12": "c", "\x00\x21": "Y"} {
		if m[code] != want {
			t.Errorf("code %x is %q, want %q", code, m[code], want)
		}
	}
}

// data is the folder of real documents, which tests read where it is there.
func data(t testing.TB) string {
	dir := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("the real documents (../shared/data) are not here")
	}
	return dir
}

// Every real letter must give each answer its question and keep the page
// furniture out.
func TestRealLetters(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(data(t), "documents", "kamervragen-pdf", "*.pdf"))
	if len(files) == 0 {
		t.Fatal("no letters")
	}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Extract(context.Background(), Input{Name: filepath.Base(f), Data: raw})
		if err != nil {
			t.Error(err)
			continue
		}
		asked, answered := map[int]bool{}, map[int]bool{}
		for _, b := range doc.Blocks {
			text := doc.Text[b.Start:b.End]
			switch b.Kind {
			case ingest.Question:
				asked[b.Group] = true
			case ingest.Answer:
				answered[b.Group] = true
			}
			if strings.Contains(text, "vergaderjaar 20") && strings.HasSuffix(text, "Aanhangsel") || strings.Contains(text, "ISSN 0921") {
				t.Errorf("%s: page furniture in %q", doc.Title, text)
			}
		}
		for g := range asked {
			if !answered[g] {
				t.Errorf("%s: question group %d has no answer", doc.Title, g)
			}
		}
		if len(asked) < 3 || doc.Published.IsZero() || !strings.HasPrefix(doc.Title, "Vragen van") || doc.Meta["identifier"] == "" {
			t.Errorf("%s: %d groups, published %v, meta %v", doc.Title, len(asked), doc.Published, doc.Meta)
		}
	}
}

// A letter with the sender in the margin: its lines are read after those of the
// text, and the text goes on overleaf.
func TestExtractPDFMargin(t *testing.T) {
	var first, second []testLine
	for i := range 12 {
		first = append(first, testLine{60, 700 - 12*float64(i), 9, false, fmt.Sprintf("de gemeente legt uit hoe het plan voor het park er in deel %d uitziet en", i)})
		second = append(second, testLine{60, 700 - 12*float64(i), 9, false, fmt.Sprintf("hoe het op bladzijde twee verder gaat met alinea nummer %d van het stuk", i)})
	}
	for i, text := range []string{"Gemeente Waterrijk", "Afdeling Groen", "Datum", "3 mei 2025", "Ons kenmerk", "WR/2025/17"} {
		first = append(first, testLine{440, 701 - 10*float64(i), 7, false, text})
		second = append(second, testLine{440, 701 - 10*float64(i), 7, false, text})
	}
	doc, err := Extract(context.Background(), Input{Name: "brief.pdf", Data: testPDF(first, second)})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(doc.Text, "deel 11 uitziet en hoe het op bladzijde twee") || strings.Contains(doc.Text, "|") {
		t.Errorf("the text is cut by the margin:\n%s", doc.Text)
	}
	if n := strings.Count(doc.Text, "WR/2025/17"); n != 1 {
		t.Errorf("the margin is told %d times:\n%s", n, doc.Text)
	}
}
