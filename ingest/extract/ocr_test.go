package extract

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/klippa-app/go-pdfium/requests"
)

// tesseract is the OCR of this machine, for tests that need it.
func tesseract(t testing.TB) *OCR {
	o, err := FindOCR(context.Background())
	if errors.Is(err, ErrNoOCR) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	o.PageTime = 5 * time.Minute
	return o
}

// scanned makes a PDF whose pages are pictures of the pages of another one, as
// a scanner would.
func scanned(t testing.TB, data []byte, pages int) []byte {
	objects := []string{"<< /Type /Catalog /Pages 2 0 R >>", ""}
	var kids []string
	err := withPDFium(context.Background(), data, func(d pdfiumDocument) error {
		for i := range pages {
			p, err := d.lib.RenderPageInDPI(&requests.RenderPageInDPI{Page: requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: i}},
				DPI: 300, ImageFormat: requests.RenderImageFormatGrayscale})
			if err != nil {
				return err
			}
			g := p.Result.RenderedImage.(*image.Gray)
			var pix strings.Builder
			for y := range g.Rect.Dy() {
				at := g.PixOffset(0, y)
				pix.Write(g.Pix[at : at+g.Rect.Dx()])
			}
			n := len(objects) + 1
			kids = append(kids, fmt.Sprintf("%d 0 R", n))
			objects = append(objects,
				fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /XObject << /Im %d 0 R >> >> >>", n+1, n+2),
				stream("", "q 595 0 0 842 0 0 cm /Im Do Q"),
				stream(fmt.Sprintf("/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray /BitsPerComponent 8", g.Rect.Dx(), g.Rect.Dy()), pix.String()))
			p.Cleanup()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	objects[1] = fmt.Sprintf("<< /Type /Pages /Count %d /Kids [%s] >>", pages, strings.Join(kids, " "))
	return rawPDF(objects...)
}

func TestScanWithoutOCR(t *testing.T) {
	scan := scanned(t, letter(), 2)
	_, err := Extract(context.Background(), Input{Name: "scan.pdf", Data: scan})
	if !errors.Is(err, ErrNeedsOCR) || !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), "install Tesseract") {
		t.Errorf("error %v, want ErrNeedsOCR with advice", err)
	}
}

// OCR that fails, hangs or says nothing useful costs the page only.
func TestOCRFails(t *testing.T) {
	scan := scanned(t, letter(), 1)
	for name, c := range map[string]struct{ script, want string }{
		"fails":   {"#!/bin/sh\ncat >/dev/null; echo 'no such language' >&2; exit 1\n", "no such language"},
		"hangs":   {"#!/bin/sh\ncat >/dev/null; exec sleep 60\n", "within"},
		"babbles": {"#!/bin/sh\ncat >/dev/null; echo nothing\n", "no text"},
		"breaks":  {"#!/bin/sh\ncat >/dev/null; echo '<a><b'\n", "what tesseract wrote"},
		"missing": {"", "tesseract"},
	} {
		program := filepath.Join(t.TempDir(), "tesseract")
		if c.script != "" {
			if err := os.WriteFile(program, []byte(c.script), 0o700); err != nil {
				t.Fatal(err)
			}
		}
		o := &OCR{Program: program, Language: "nld", PageTime: 200 * time.Millisecond}
		_, err := Extract(context.Background(), Input{Name: "scan.pdf", Data: scan, OCR: o})
		if !errors.Is(err, ErrUnreadable) && !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// A letter that was scanned reads as the letter itself.
func TestOCRLetter(t *testing.T) {
	printed := []byte(strings.NewReplacer("/Subtype /TrueType /BaseFont /Test-Bold", "/Subtype /Type1 /BaseFont /Courier-Bold",
		"/Subtype /TrueType /BaseFont /Test ", "/Subtype /Type1 /BaseFont /Courier ",
		"500 500", "600 600").Replace(string(letter()))) // a font that PDFium can draw
	doc, err := Extract(context.Background(), Input{Name: "scan.pdf", Data: scanned(t, printed, 2), OCR: tesseract(t)})
	if err != nil {
		t.Fatal(err)
	}
	if doc.Meta["ocr_pages"] != "1,2" || doc.Meta["unread_pages"] != "" || !strings.HasPrefix(doc.Meta["ocr"], "tesseract-") {
		t.Errorf("meta %v", doc.Meta)
	}
	for _, want := range []string{"vierhonderd bomen, waarvan er zestig", "Worden er bomen gekapt?"} {
		if !strings.Contains(doc.Text, want) {
			t.Errorf("%q is not in:\n%s", want, doc.Text)
		}
	}
}

// words counts the words of a text, in lower case and without punctuation.
func words(s string) map[string]int {
	out := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		out[w]++
	}
	return out
}

// common is how many words of a are in b too, and how many a has.
func common(a, b map[string]int) (both, all int) {
	for w, n := range a {
		all += n
		both += min(n, b[w])
	}
	return both, all
}

// The words of real scans. People marked pieces of each page, of which the text
// that Tesseract read and a language model corrected is the yardstick: the text
// layer of the file is from a poorer recognition. The pages are turned into
// pictures, so that their text layer is not used.
func TestRealScans(t *testing.T) {
	if testing.Short() {
		t.Skip("five pages take ten seconds")
	}
	dir := filepath.Join(data(t), "documents", "woo-scans")
	files, _ := filepath.Glob(filepath.Join(dir, "*.pdf"))
	if len(files) == 0 {
		t.Fatal("no scans")
	}
	o := tesseract(t)
	var layer, ours, all int
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want := annotated(t, strings.TrimSuffix(filepath.Base(f), ".pdf"), filepath.Join(dir, "annotations"))
		before, err := Extract(context.Background(), Input{Name: f, Data: raw})
		if err != nil {
			t.Fatal(err)
		}
		after, err := Extract(context.Background(), Input{Name: f, Data: scanned(t, raw, 1), OCR: o})
		if err != nil {
			t.Fatal(err)
		}
		a, n := common(want, words(before.Text))
		b, _ := common(want, words(after.Text))
		t.Logf("%s: %d words marked; text layer %.3f, OCR %.3f", filepath.Base(f), n, float64(a)/float64(n), float64(b)/float64(n))
		layer, ours, all = layer+a, ours+b, all+n
	}
	t.Logf("all: %d words; text layer %.3f, OCR %.3f", all, float64(layer)/float64(all), float64(ours)/float64(all))
	if float64(ours) < 0.9*float64(all) {
		t.Errorf("OCR finds %d of %d words", ours, all)
	}
}

// annotated are the words that people marked on a page.
func annotated(t testing.TB, page, dir string) map[string]int {
	f, err := os.Open(filepath.Join(dir, page+".tesseract+chatgpt.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = ';', true, -1
	rows, err := r.ReadAll()
	if err != nil || len(rows) < 2 {
		t.Fatalf("%s: %d rows, error %v", page, len(rows), err)
	}
	var b strings.Builder
	for _, row := range rows[1:] {
		b.WriteString(row[0] + "\n")
	}
	return words(b.String())
}

// Pages of letters as pictures, with their own text layer as the yardstick.
func TestRealLettersAsScans(t *testing.T) {
	if testing.Short() {
		t.Skip("eleven pages take twenty seconds")
	}
	files, _ := filepath.Glob(filepath.Join(data(t), "documents", "kamervragen-pdf", "*.pdf"))
	if len(files) == 0 {
		t.Fatal("no letters")
	}
	o := tesseract(t)
	var found, want, right, got int
	for _, f := range files[:4] {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		pages := min(pageCount(t, [][]byte{raw}), 2)
		text, err := Extract(context.Background(), Input{Name: f, Data: raw})
		if err != nil {
			t.Fatal(err)
		}
		scan, err := Extract(context.Background(), Input{Name: f, Data: scanned(t, raw, pages), OCR: o})
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, block := range text.Blocks {
			if block.Page <= pages {
				b.WriteString(text.Text[block.Start:block.End] + "\n")
			}
		}
		own, ours := words(b.String()), words(scan.Text)
		a, n := common(own, ours)
		c, m := common(ours, own)
		found, want, right, got = found+a, want+n, right+c, got+m
	}
	p, r := float64(right)/float64(got), float64(found)/float64(want)
	t.Logf("%d words: precision %.3f, recall %.3f", want, p, r)
	if p < 0.95 || r < 0.95 {
		t.Errorf("precision %.3f, recall %.3f", p, r)
	}
}

func FuzzHOCR(f *testing.F) {
	f.Add([]byte(`<span class='ocr_line' title="bbox 10 10 200 40; baseline 0.01 -5; x_size 30"><span class='ocrx_word' title='bbox 10 10 90 40; x_wconf 91'>Waterrijk</span> <span class='ocrx_word' title='bbox 100 10 200 40; x_wconf 88'>e&amp;n</span></span>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		glyphs, err := parseHOCR(data, 3508, 300)
		if err == nil {
			spansOf(sheet{glyphs: glyphs}, 1)
		}
	})
}
