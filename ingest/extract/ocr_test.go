package extract

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// scan makes a PDF of pictures of the pages of another one.
func scan(t *testing.T, data []byte) []byte {
	t.Helper()
	var pictures []image.Image
	err := withPDFium(t.Context(), data, func(lib pdfium.Pdfium, doc references.FPDF_DOCUMENT) error {
		n, err := lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: doc})
		if err != nil {
			return err
		}
		for i := range n.PageCount {
			r, err := lib.RenderPageInDPI(&requests.RenderPageInDPI{DPI: 200, Page: requests.Page{ByIndex: &requests.PageByIndex{Document: doc, Index: i}}})
			if err != nil {
				return err
			}
			grey := image.NewGray(r.Result.RenderedImage.Bounds())
			for y := range grey.Bounds().Dy() {
				for x := range grey.Bounds().Dx() {
					grey.Set(x, y, r.Result.RenderedImage.At(x, y))
				}
			}
			pictures = append(pictures, grey)
			r.Cleanup()
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	var at []int
	object := func(text string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), text)
	}
	b.WriteString("%PDF-1.4\n")
	object("<</Type/Catalog/Pages 2 0 R>>")
	var kids strings.Builder
	for i := range pictures {
		fmt.Fprintf(&kids, "%d 0 R ", 3+3*i)
	}
	object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pictures), kids.String()))
	for i, p := range pictures {
		var picture bytes.Buffer
		if err := jpeg.Encode(&picture, p, nil); err != nil {
			t.Fatal(err)
		}
		size := p.Bounds().Size()
		const draw = "595 0 0 842 0 0 cm /I Do"
		object(fmt.Sprintf("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject<</I %d 0 R>>>>/Contents %d 0 R>>", 5+3*i, 4+3*i))
		object(fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", len(draw), draw))
		object(fmt.Sprintf("<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode/Length %d>>\nstream\n%s\nendstream",
			size.X, size.Y, picture.Len(), picture.String()))
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, xref)
	return b.Bytes()
}

// A scan is read where Tesseract with Dutch is installed, and says what it lacks
// elsewhere.
func TestScan(t *testing.T) {
	plain, err := os.ReadFile("../../testdata/documents/begroting-2026.pdf")
	if err != nil {
		t.Fatal(err)
	}
	want, err := Extract(t.Context(), Input{Name: "begroting.pdf", Data: plain})
	if err != nil {
		t.Fatal(err)
	}
	picture := scan(t, plain)
	if _, err := Extract(t.Context(), Input{Name: "scan.pdf", Data: picture}); err == nil || !strings.Contains(err.Error(), "OCR") {
		t.Errorf("without OCR: %v", err)
	}
	ocr, err := FindOCR(t.Context())
	if err != nil {
		t.Skipf("needs tesseract with Dutch: %v", err)
	}
	got, err := Extract(t.Context(), Input{Name: "scan.pdf", Data: picture, OCR: ocr})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, got)
	var c tally
	w, g := bag(want.Text), bag(got.Text)
	for word, n := range g {
		right := min(n, w[word])
		c.right, c.extra = c.right+right, c.extra+n-right
	}
	for word, n := range w {
		c.lost += max(0, n-g[word])
	}
	t.Logf("%s; pages %s", c, got.Meta["ocr_pages"])
	if c.precision() < 0.97 || c.recall() < 0.95 || got.Meta["ocr_pages"] == "" {
		t.Errorf("%s, pages %q", c, got.Meta["ocr_pages"])
	}
}

func TestParseTSV(t *testing.T) {
	const head = "level\tpage_num\tblock_num\tpar_num\tline_num\tword_num\tleft\ttop\twidth\theight\tconf\ttext\n"
	lines, sure := parseTSV(head+
		"4\t1\t1\t1\t1\t0\t0\t0\t0\t0\t-1\t\n"+
		"5\t1\t1\t1\t1\t1\t300\t600\t100\t50\t96.5\tHet\n"+
		"5\t1\t1\t1\t1\t2\t420\t600\t200\t50\t90\tplein\n"+
		"5\t1\t1\t1\t2\t1\t300\t700\t100\t50\t12\trommel\n"+
		"5\t1\t1\t1\t2\t2\t300\t700\t100\t50\t95\t——\n"+
		"5\t1\t1\t1\t3\t1\tx\t800\t100\t50\t95\tkapot\n"+
		"5\t1\t1\n", 3, 3000)
	if len(lines) != 1 || lines[0].text != "Het plein" || lines[0].page != 3 || lines[0].x0 != 72 || math.Abs(lines[0].x1-148.8) > 0.01 || sure < 90 {
		t.Errorf("%+v %v", lines, sure)
	}
}

func FuzzParseTSV(f *testing.F) {
	f.Add("5\t1\t1\t1\t1\t1\t300\t600\t100\t50\t96.5\tHet\n", 3000.0)
	f.Fuzz(func(t *testing.T, table string, height float64) {
		lines, _ := parseTSV(table, 1, height)
		kept, _ := dropFurniture(lines, 1)
		compose(kept)
	})
}
