package extract

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"

	"github.com/klippa-app/go-pdfium/requests"
)

// Which pages have their text in pictures.
const (
	fewChars  = 50   // a stamp or a page number on a scan
	mostly    = 0.7  // share of such a page that is a picture
	something = 0.03 // share of a page without a character
	letters   = 300  // shapes: letters may have been drawn as such
)

// unseen are the pages whose text is in pictures, as far as can be told:
// pictures or shapes cover them, and they have hardly a character. Index from 0.
func (f *pdfFile) unseen() (out []int) {
	for i, p := range f.pages {
		if !p.ocr && (p.chars < fewChars && p.images >= mostly || p.chars == 0 && (p.images >= something || p.shapes >= letters)) {
			out = append(out, i)
		}
	}
	return out
}

// errUnread is why a page without text is listed as unread.
var errUnread = errors.New("its text is in a picture")

// recognise reads the pages that have their text in pictures. Those that cannot
// be read get an error; the others stay as they are. What was recognised takes
// the place of the characters of a page if these are few, or garbled.
func (f *pdfFile) recognise(ctx context.Context, in Input, pages []int, garbled bool) error {
	for _, i := range pages {
		f.pages[i].err = errUnread
	}
	if in.OCR == nil || len(pages) == 0 {
		return nil
	}
	limit, cancel := ctx, func() {}
	if t := ocrTime(ctx, in.OCR); t > 0 {
		limit, cancel = context.WithTimeout(ctx, t)
	}
	defer cancel()
	found := map[int][]span{}
	err := withPDFium(ctx, in.Data, func(d pdfiumDocument) error {
		for _, i := range pages {
			s, err := d.recognise(limit, in.OCR, i)
			if in.Alive != nil {
				in.Alive()
			}
			if limit.Err() != nil {
				return ctx.Err() // the time for OCR is over: the rest stays unread
			}
			if f.pages[i].err = err; err != nil {
				continue
			}
			if old := f.pages[i].chars; s.chars > 2*old || garbled {
				found[i+1] = spansOf(s, i+1)
				f.pages[i].ocr, f.pages[i].chars = true, s.chars
			}
		}
		return nil
	})
	f.replace(found)
	return err
}

// replace puts the lines of pages (from 1) in the place of those they had.
func (f *pdfFile) replace(pages map[int][]span) {
	if len(pages) == 0 {
		return
	}
	f.lines = slices.DeleteFunc(f.lines, func(s span) bool { _, ok := pages[s.page]; return ok })
	for _, lines := range pages {
		f.lines = append(f.lines, lines...)
	}
	slices.SortStableFunc(f.lines, func(a, b span) int { return a.page - b.page })
}

// Resolution of the picture of a page: what Tesseract is trained for, less for
// a page so large that its picture would be too big.
const (
	ocrDPI    = 300
	ocrPixels = 13_000_000 // a page of A4 has 8,700,000
)

// recognise reads the picture of a page (index from 0).
func (d pdfiumDocument) recognise(ctx context.Context, o *OCR, index int) (s sheet, err error) {
	size, err := d.lib.FPDF_GetPageSizeByIndex(&requests.FPDF_GetPageSizeByIndex{Document: d.doc, Index: index})
	if err != nil {
		return s, err
	}
	dpi := min(ocrDPI, math.Floor(72*math.Sqrt(ocrPixels/max(size.Width*size.Height, 1))))
	if dpi < 10 {
		return s, fmt.Errorf("a page of %.0f by %.0f points", size.Width, size.Height)
	}
	picture, err := d.lib.RenderPageInDPI(&requests.RenderPageInDPI{
		Page: requests.Page{ByIndex: &requests.PageByIndex{Document: d.doc, Index: index}},
		DPI:  int(dpi), ImageFormat: requests.RenderImageFormatGrayscale,
	})
	if err != nil {
		return s, err
	}
	defer picture.Cleanup()
	grey, ok := picture.Result.RenderedImage.(*image.Gray)
	if !ok {
		return s, fmt.Errorf("PDFium gives a picture of kind %T", picture.Result.RenderedImage)
	}
	if s.glyphs, err = o.read(ctx, grey, dpi); err != nil {
		return s, err
	}
	for i := range s.glyphs {
		if !s.glyphs[i].blank {
			s.chars++
		}
	}
	return s, nil
}

// ocrTime is the time for the pages of a document: what the caller allows, and
// less than what the context leaves, so that the pages that were read are not
// lost. 0 if there is no limit.
func ocrTime(ctx context.Context, o *OCR) time.Duration {
	t := o.Time
	if end, ok := ctx.Deadline(); ok {
		left := max(time.Until(end)*9/10, time.Millisecond)
		if t <= 0 || left < t {
			t = left
		}
	}
	return t
}
