package extract

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/ledongthuc/pdf"
)

// rawPDF makes a PDF of objects, the first of which is the catalog.
func rawPDF(objects ...string) []byte {
	var b strings.Builder
	b.WriteString("%PDF-1.5\n")
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	at := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, at)
	return []byte(b.String())
}

func stream(dict, data string) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(data), data)
}

// pagePDF is one page with a content of its own. Its resources have the font
// F1, the image Im1, the colour space Sep (in which 1 is full ink), the
// half-transparent state Half, and the layer Off, which is switched off.
func pagePDF(content, pageKeys string) []byte {
	widths := strings.TrimSuffix(strings.Repeat("500 ", 224), " ")
	return rawPDF(
		"<< /Type /Catalog /Pages 2 0 R /OCProperties << /OCGs [8 0 R] /D << /OFF [8 0 R] >> >> >>",
		"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] "+pageKeys+" /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> /XObject << /Im1 6 0 R >>"+
			" /ColorSpace << /Sep [/Separation /Black /DeviceGray 7 0 R] /Grijs [/ICCBased 9 0 R] >> /ExtGState << /Half << /ca 0.5 >> >> /Properties << /Off 8 0 R >> >> >>",
		"<< /Type /Font /Subtype /TrueType /BaseFont /Test /Encoding /WinAnsiEncoding /FirstChar 32 /LastChar 255 /Widths ["+widths+"] >>",
		stream("", content),
		stream("/Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", "\x80"),
		"<< /FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1 >>",
		"<< /Type /OCG /Name (verborgen) >>",
		stream("/N 1", "profiel"),
	)
}

// What a reader sees is read, and what he cannot see is not.
func TestHiddenText(t *testing.T) {
	const shown = "BT /F1 10 Tf 50 700 Td (Deze zin kan iedereen op de pagina lezen.) Tj ET\n"
	const scan = "q 595 0 0 842 0 0 cm /Im1 Do Q\n"
	secret := func(before string) string {
		return "q " + before + " BT /F1 10 Tf 50 600 Td (geheime opdracht) Tj ET Q\n"
	}
	for _, c := range []struct {
		name, content, keys string
		read                bool // the secret is read
	}{
		{"black", secret(""), "", true},
		{"white on paper", secret("1 g"), "", false},
		{"nearly white on paper", secret("0.99 0.99 0.98 rg"), "", false},
		{"white in a colour space", secret("/Grijs cs 1 sc"), "", false},
		{"no ink of four", secret("0 0 0 0 k"), "", false},
		{"full ink of a separation", secret("/Sep cs 1 scn"), "", true},
		{"white on a blue bar", "0 0 0.6 rg 40 590 300 30 re f\n" + secret("1 g"), "", true},
		{"white on an image", "q 300 0 0 40 40 590 cm /Im1 Do Q\n" + secret("1 g"), "", true},
		{"blue on a blue bar", "0 0 0.6 rg 40 590 300 30 re f\n" + secret("0 0 0.6 rg"), "", false},
		{"below a black box", secret("") + "0 g 40 590 300 30 re f\n", "", false},
		{"below a transparent box", secret("") + "/Half gs 1 1 0 rg 40 590 300 30 re f\n", "", true},
		{"beside a black box", secret("") + "0 g 40 400 300 30 re f\n", "", true},
		{"render mode 3", secret("3 Tr"), "", false},
		{"render mode 7", secret("7 Tr"), "", false},
		{"white outlined in black", secret("1 g 2 Tr"), "", true},
		{"minute letters", secret("0.1 0 0 0.1 45 540 cm"), "", false},
		{"outside the crop box", secret(""), "/CropBox [0 650 595 842]", false},
		{"beside the page", secret("1 0 0 1 900 0 cm"), "", false},
		{"clipped away", secret("0 0 10 10 re W n"), "", false},
		{"within its clip", secret("40 590 300 30 re W n"), "", true},
		{"on a layer that is off", "/OC /Off BDC\n" + secret("") + "EMC\n", "", false},
		{"after a layer that is off", "/OC /Off BDC EMC\n" + secret(""), "", true},
		{"invisible, over an image, beside more text", scan + secret("3 Tr"), "", false},
	} {
		doc, err := Extract(context.Background(), Input{Name: "x.pdf", Data: pagePDF(shown+c.content, c.keys)})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := strings.Contains(doc.Text, "geheime opdracht"); got != c.read {
			t.Errorf("%s: read is %v, want %v:\n%s", c.name, got, c.read, doc.Text)
		}
		if !strings.Contains(doc.Text, "Deze zin kan iedereen") {
			t.Errorf("%s: what can be seen was not read:\n%s", c.name, doc.Text)
		}
		if want := "15"; !c.read && doc.Meta["hidden_characters"] != want {
			t.Errorf("%s: %s characters hidden, want %s", c.name, doc.Meta["hidden_characters"], want)
		}
	}
	doc, err := Extract(context.Background(), Input{Name: "x.pdf", Data: pagePDF(scan+secret("3 Tr"), "")})
	if err != nil || !strings.Contains(doc.Text, "geheime opdracht") {
		t.Errorf("the text layer of a scan is not read: %v", err)
	}
}

// What stands in the fields of a form is read.
func TestFormFields(t *testing.T) {
	file := string(pagePDF("BT /F1 10 Tf 50 700 Td (Naam van de aanvrager:) Tj ET", "/Annots [10 0 R]"))
	objects := strings.SplitAfter(file[strings.Index(file, "1 0 obj"):strings.Index(file, "xref")], "endobj\n")
	var bodies []string
	for _, o := range objects[:len(objects)-1] {
		_, body, _ := strings.Cut(o, " obj\n")
		bodies = append(bodies, strings.TrimSuffix(body, "\nendobj\n"))
	}
	bodies = append(bodies,
		"<< /Type /Annot /Subtype /Widget /Rect [200 695 400 715] /AP << /N 11 0 R >> >>",
		stream("/Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F1 4 0 R >> >>", "BT /F1 10 Tf 2 5 Td (Stichting De Waterlelie) Tj ET"))
	doc, err := Extract(context.Background(), Input{Name: "formulier.pdf", Data: rawPDF(bodies...)})
	if err != nil || !strings.Contains(doc.Text, "Naam van de aanvrager: | Stichting De Waterlelie") {
		t.Errorf("error %v, document %+v", err, doc)
	}
}

func TestScanner(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"1 0 0 -1.5 +.5 0 cm", "cm 1 0 0 -1.5 0.5 0"},
		{`(a\(b\)(c)\101\n) Tj`, "Tj a(b)(c)A\n"},
		{"[(Wa) -20 (ter)] TJ", "TJ [Wa -20 ter]"},
		{"<48 6> Tj", "Tj H`"},
		{"/F#31 12 Tf", "Tf /F1 12"},
		{"/Span << /MCID 0 /Alt (x) >> BDC q", "BDC /Span ?\nq"},
		{"BI /W 2 /H 1 ID \x00EI\xff EI Q", "Q"},
		{"[(open) 12 ET", "ET [open 12]"},
		{"(open", ""},
		{"12 % commentaar\n0 Td", "Td 12 0"},
	} {
		s := scanner{data: []byte(c.in)}
		var out []string
		for {
			op, ok := s.next()
			if !ok {
				break
			}
			line := string(op)
			for _, a := range s.args {
				line += " " + a.show()
			}
			out = append(out, line)
		}
		if got := strings.Join(out, "\n"); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
}

func (o operand) show() string {
	switch o.kind {
	case opNumber:
		return fmt.Sprint(o.num)
	case opText:
		return string(o.text)
	case opName:
		return "/" + string(o.text)
	case opArray:
		var parts []string
		for _, v := range o.list {
			parts = append(parts, v.show())
		}
		return "[" + strings.Join(parts, " ") + "]"
	}
	return "?"
}

func FuzzPageContent(f *testing.F) {
	f.Add([]byte("q 1 0 0 1 5 5 cm BT /F1 10 Tf 5 700 Td [(Wa) -20 (ter)] TJ T* (x) ' ET Q 0 0 10 10 re W* n BI /W 1 ID \x00 EI"))
	f.Add([]byte("/OC /Off BDC EMC << /a [ (b] ) >> 0 0 0 0 k 3 Tr (\\0123\\"))
	f.Fuzz(func(t *testing.T, content []byte) {
		p := newPainter(context.Background(), fontCache{}, rect{0, 0, 595, 842})
		p.font = newGoFont(pdf.Value{})
		p.run(content, pdf.Value{}, 0)
		p.seen()
		for _, g := range p.out {
			if int(g.look) >= len(p.looks) {
				t.Fatal("a glyph without its look")
			}
		}
		spansOf(sheet{glyphs: p.out}, 1)
	})
}

func TestPageLabels(t *testing.T) {
	file := func(labels string) []byte {
		kids := strings.TrimSpace(strings.Repeat("3 0 R ", 6))
		return rawPDF("<< /Type /Catalog /Pages 2 0 R /PageLabels << /Nums ["+labels+"] >> >>",
			"<< /Type /Pages /Count 6 /Kids ["+kids+"] >>",
			"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 5 0 R /Resources << /Font << /F1 4 0 R >> >> >>",
			"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
			stream("", "BT /F1 10 Tf 50 500 Td (Tekst op een bladzijde met een nummer.) Tj ET"))
	}
	for labels, want := range map[string]string{
		"0 << /S /D >>":                                 "",
		"0 << /S /r >> 4 << /S /D >>":                   "1=i 5=1",
		"0 << /S /D /St 11 >>":                          "1=11",
		"0 << /P (A-) /S /D >> 3 << /S /A /St 28 >>":    "1=A-1 4=BB",
		"0 << /S /D >> 99 << /S /R >> -3 << /S /a >> 7": "",
	} {
		doc, err := Extract(context.Background(), Input{Name: "x.pdf", Data: file(labels)})
		if err != nil || doc.Meta["page_labels"] != want {
			t.Errorf("%s: error %v, labels %q, want %q", labels, err, doc.Meta["page_labels"], want)
		}
	}
}
