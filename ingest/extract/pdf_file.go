package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/ledongthuc/pdf"
)

// sheet is one page as an engine reads it: its characters until they are
// lines.
type sheet struct {
	glyphs []glyph
	grids  []ruledTable // its tables with borders
	sheetFacts
}

// sheetFacts is what is kept of a page.
type sheetFacts struct {
	err    error   // why it could not be read
	chars  int     // visible characters
	hidden int     // characters that no reader sees
	images float64 // share of the page that pictures cover
	shapes int     // areas that were filled
	ocr    bool    // its text was recognised
}

// take makes the sheet of what was painted and can be seen.
func (s *sheet) take(p *painter) {
	s.hidden = p.seen()
	s.grids = grids(p.rules)
	s.glyphs, s.images, s.shapes = p.out, p.images/max(p.box.area(), 1), p.painted
	for i := range s.glyphs {
		if !s.glyphs[i].blank {
			s.chars++
		}
	}
}

// bookmark is an entry of the outline, outermost level 1.
type bookmark struct {
	title string
	level int
}

// pdfFile is what an engine finds in a file.
type pdfFile struct {
	engine    string
	pages     []sheetFacts
	lines     []span // of all pages, in reading order
	bookmarks []bookmark
	labels    string // the numbers printed on the pages; see pageLabels
	title     string
	created   string // as in the Info dictionary: D:YYYYMMDD…
}

// add takes a page: its characters become lines at once, so that of a long
// report only those are in memory.
func (f *pdfFile) add(s sheet) error {
	f.pages = append(f.pages, s.sheetFacts)
	f.lines = append(f.lines, spansOf(s, len(f.pages))...)
	if len(f.lines) > maxLines {
		return fmt.Errorf("more than %d lines", maxLines)
	}
	return nil
}

// hidden counts the characters that no reader of the file sees.
func (f *pdfFile) hidden() (n int) {
	for _, p := range f.pages {
		n += p.hidden
	}
	return n
}

// Limits on one PDF.
const (
	maxPages     = 20_000
	maxLines     = 4_000_000
	maxBookmarks = 20_000
	maxPageTree  = 32 // depth
)

var errEncrypted = errors.New("encrypted")

// panicError is what a library panicked with, as an error.
func panicError(p any) error {
	if err, ok := p.(error); ok {
		return err
	}
	return fmt.Errorf("%v", p)
}

// readGoPDF reads with ledongthuc/pdf: its parser and filters, with a scanner
// and interpreter of our own for the content of pages. The package's Content
// knows neither forms, word spacing nor the widths of composite fonts, and
// looks up each character of a font linearly.
func readGoPDF(ctx context.Context, data []byte) (file *pdfFile, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, panicError(p)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, pdf.ErrInvalidPassword) {
		return nil, errEncrypted
	}
	if err != nil {
		return nil, err
	}
	root := r.Trailer().Key("Root")
	info := r.Trailer().Key("Info")
	file = &pdfFile{engine: "ledongthuc/pdf", title: info.Key("Title").Text(), created: info.Key("CreationDate").Text()}
	file.bookmarks = goBookmarks(root.Key("Outlines"), 1, nil)
	e := &goEngine{ctx: ctx, file: file, fonts: fontCache{}, off: layersOff(root)}
	if err := e.tree(root.Key("Pages"), inherited{}, 0); err != nil {
		return nil, err
	}
	if len(file.pages) == 0 {
		return nil, errors.New("no pages in its page tree")
	}
	file.labels = goLabels(root.Key("PageLabels"), len(file.pages))
	return file, ctx.Err()
}

type goEngine struct {
	ctx   context.Context
	file  *pdfFile
	fonts fontCache
	off   map[string]bool
	spare []glyph // of the page before: given up when it became lines
}

// inherited is what a page takes from the tree above it.
type inherited struct {
	resources pdf.Value
	media     rect
	crop      rect
	hasCrop   bool
}

// tree reads the pages below a node in one walk: looking up each page by its
// number takes the square of their number.
func (e *goEngine) tree(node pdf.Value, up inherited, depth int) error {
	if res := node.Key("Resources"); res.Kind() == pdf.Dict {
		up.resources = res
	}
	if m, ok := rectOf(node.Key("MediaBox")); ok {
		up.media = m
	}
	if c, ok := rectOf(node.Key("CropBox")); ok {
		up.crop, up.hasCrop = c, true
	}
	kids := node.Key("Kids")
	if node.Key("Type").Name() == "Page" || kids.Kind() != pdf.Array {
		if node.Kind() != pdf.Dict || node.Key("Type").Name() == "Pages" {
			return nil
		}
		return e.page(node, up)
	}
	if depth > maxPageTree {
		return errors.New("its page tree is too deep")
	}
	for i := range kids.Len() {
		if err := e.kid(kids, i, up, depth); err != nil {
			return err
		}
	}
	return nil
}

// kid reads one entry of the page tree. One that cannot be loaded is a page
// that could not be read.
func (e *goEngine) kid(kids pdf.Value, i int, up inherited, depth int) error {
	if err := e.ctx.Err(); err != nil {
		return err
	}
	if len(e.file.pages) >= maxPages {
		return fmt.Errorf("more than %d pages", maxPages)
	}
	v, err := load(kids, i)
	if err != nil {
		return e.file.add(sheet{sheetFacts: sheetFacts{err: err}})
	}
	return e.tree(v, up, depth+1)
}

func load(array pdf.Value, i int) (v pdf.Value, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	return array.Index(i), nil
}

// page reads one page; what goes wrong costs this page, and what was read
// before it stays.
func (e *goEngine) page(v pdf.Value, up inherited) error {
	box := up.media
	if up.hasCrop && up.crop.cut(box).area() > 0 {
		box = up.crop.cut(box)
	}
	if box.area() <= 0 {
		box = rect{0, 0, a4Width, 842}
	}
	p := newPainter(e.ctx, e.fonts, box)
	p.off, p.out = e.off, e.spare[:0]
	var s sheet
	s.err = p.draw(v, up.resources)
	if err := e.ctx.Err(); err != nil {
		return err
	}
	e.spare = p.out
	s.take(p)
	return e.file.add(s)
}

// draw runs the content of a page.
func (p *painter) draw(page, res pdf.Value) (err error) {
	defer func() {
		if e := recover(); e != nil {
			err = panicError(e)
		}
	}()
	content, err := contentOf(page.Key("Contents"))
	p.run(content, res, 0)
	p.annotations(page.Key("Annots"))
	return err
}

// annotations draws what was filled into the fields of a form, and text that
// was typed onto the page.
func (p *painter) annotations(list pdf.Value) {
	for i := range min(list.Len(), maxDrawn) {
		a := list.Index(i)
		kind := a.Key("Subtype").Name()
		const invisible = 1<<1 | 1<<5 // Hidden, NoView: PDF 32000-1, 12.5.3
		if kind != "Widget" && kind != "FreeText" || a.Key("F").Int64()&invisible != 0 {
			continue
		}
		look := a.Key("AP").Key("N")
		if look.Kind() == pdf.Dict {
			look = look.Key(a.Key("AS").Name())
		}
		at, ok := rectOf(a.Key("Rect"))
		box, ok2 := rectOf(look.Key("BBox"))
		if look.Kind() != pdf.Stream || !ok || !ok2 || box.area() <= 0 {
			continue
		}
		// The box of the form, under its matrix, is fitted into Rect: 12.5.5.
		m := identity
		if v := look.Key("Matrix"); v.Len() == 6 {
			for i := range m {
				m[i] = v.Index(i).Float64()
			}
		}
		from := corners(m, box.x1-box.x0, box.y1-box.y0, box.x0, box.y0)
		if from.area() <= 0 {
			continue
		}
		sx, sy := (at.x1-at.x0)/(from.x1-from.x0), (at.y1-at.y0)/(from.y1-from.y0)
		fresh := newPainter(p.ctx, p.fonts, p.box)
		p.state, p.stack = fresh.state, nil
		p.ctm = affine{sx, 0, 0, sy, at.x0 - from.x0*sx, at.y0 - from.y0*sy}
		p.form(look, pdf.Value{}, 0)
	}
}

// rectOf reads [x0 y0 x1 y1] with the corners in any order.
func rectOf(v pdf.Value) (rect, bool) {
	if v.Kind() != pdf.Array || v.Len() != 4 {
		return rect{}, false
	}
	a, b, c, d := v.Index(0).Float64(), v.Index(1).Float64(), v.Index(2).Float64(), v.Index(3).Float64()
	return rect{min(a, c), min(b, d), max(a, c), max(b, d)}, true
}

// layersOff are the layers that are not shown (PDF 32000-1, 8.11.4).
func layersOff(root pdf.Value) map[string]bool {
	d := root.Key("OCProperties").Key("D")
	refs := func(v pdf.Value) map[string]bool {
		out := map[string]bool{}
		if v.Kind() != pdf.Array {
			return out
		}
		for _, r := range strings.SplitAfter(strings.Trim(v.String(), "[]"), "R") {
			if r = strings.TrimSpace(r); r != "" {
				out[r] = true
			}
		}
		return out
	}
	off := refs(d.Key("OFF"))
	if d.Key("BaseState").Name() == "OFF" {
		off = refs(root.Key("OCProperties").Key("OCGs"))
		for r := range refs(d.Key("ON")) {
			delete(off, r)
		}
	}
	delete(off, "")
	return off
}

// goBookmarks walks the outline with a limit: outlines with loops exist.
func goBookmarks(entry pdf.Value, level int, out []bookmark) []bookmark {
	if level > maxDepth {
		return out
	}
	for child := entry.Key("First"); child.Kind() == pdf.Dict && len(out) < maxBookmarks; child = child.Key("Next") {
		out = append(out, bookmark{child.Key("Title").Text(), level})
		out = goBookmarks(child, level+1, out)
	}
	return out
}
