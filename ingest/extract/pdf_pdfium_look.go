package extract

import (
	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
)

// scene prepares a painter with what PDFium tells about the objects of a page,
// so that the same rules decide what can be seen. It says less than the content
// itself: not in which order text and boxes are drawn, so that text below a box
// stays.
func (d pdfiumDocument) scene(page requests.Page) (p *painter, unseen []rect) {
	p = &painter{box: rect{0, 0, a4Width, 842}}
	if b, err := d.lib.FPDF_GetPageBoundingBox(&requests.FPDF_GetPageBoundingBox{Page: page}); err == nil {
		if box := (rect{float64(b.Rect.Left), float64(b.Rect.Bottom), float64(b.Rect.Right), float64(b.Rect.Top)}); box.area() > 0 {
			p.box = box
		}
	}
	count, err := d.lib.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: page})
	if err != nil {
		return p, nil
	}
	for i := range min(count.Count, maxDrawn) {
		o, err := d.lib.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: page, Index: i})
		if err != nil {
			continue
		}
		kind, err := d.lib.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o.PageObject})
		if err != nil {
			continue
		}
		at := d.bounds(o.PageObject)
		switch kind.Type {
		case enums.FPDF_PAGEOBJ_IMAGE, enums.FPDF_PAGEOBJ_FORM:
			p.images += at.cut(p.box).area()
			p.fills = append(p.fills, fill{rect: at})
		case enums.FPDF_PAGEOBJ_SHADING:
			p.fills = append(p.fills, fill{rect: at})
		case enums.FPDF_PAGEOBJ_PATH:
			p.painted++
			p.fills = append(p.fills, fill{rect: at, colour: d.pathColour(o.PageObject)})
		case enums.FPDF_PAGEOBJ_TEXT:
			m, err := d.lib.FPDFTextObj_GetTextRenderMode(&requests.FPDFTextObj_GetTextRenderMode{PageObject: o.PageObject})
			if err == nil && (m.TextRenderMode == enums.FPDF_TEXTRENDERMODE_INVISIBLE || m.TextRenderMode == enums.FPDF_TEXTRENDERMODE_CLIP) {
				unseen = append(unseen, at.grow(0.5))
			}
		}
	}
	return p, unseen
}

func (d pdfiumDocument) bounds(o references.FPDF_PAGEOBJECT) rect {
	b, err := d.lib.FPDFPageObj_GetBounds(&requests.FPDFPageObj_GetBounds{PageObject: o})
	if err != nil {
		return nowhere
	}
	return rect{float64(b.Left), float64(b.Bottom), float64(b.Right), float64(b.Top)}
}

// pathColour is the colour that a path is filled with; unknown where it is not.
func (d pdfiumDocument) pathColour(o references.FPDF_PAGEOBJECT) colour {
	c, err := d.lib.FPDFPageObj_GetFillColor(&requests.FPDFPageObj_GetFillColor{PageObject: o})
	if err != nil || c.FillColor.A < 250 {
		return colour{}
	}
	return rgb(c.FillColor.R, c.FillColor.G, c.FillColor.B)
}

func rgb(r, g, b uint) colour {
	return colour{float64(r) / 255, float64(g) / 255, float64(b) / 255, true}
}
