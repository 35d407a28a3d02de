package extract

import "math"

// What a reader cannot see must not be quoted: text in the colour of its
// background, outside the page or its clipping area, in minute letters, below
// a filled box, on a layer that is switched off. Such text has been used to
// slip instructions to language models, and is what remains of a name that was
// blacked out carelessly. The exception is the text layer of a scan: invisible
// letters (render mode 3) over an image of the page.

// rect is an area of a page; empty where x0 > x1.
type rect struct{ x0, y0, x1, y1 float64 }

var (
	nowhere    = rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	everywhere = rect{math.Inf(-1), math.Inf(-1), math.Inf(1), math.Inf(1)}
)

func (r rect) add(x, y float64) rect {
	return rect{min(r.x0, x), min(r.y0, y), max(r.x1, x), max(r.y1, y)}
}

func (r rect) cut(o rect) rect {
	return rect{max(r.x0, o.x0), max(r.y0, o.y0), min(r.x1, o.x1), min(r.y1, o.y1)}
}

func (r rect) has(x, y float64) bool { return x >= r.x0 && x <= r.x1 && y >= r.y0 && y <= r.y1 }

// grow widens the area by d on each side.
func (r rect) grow(d float64) rect { return rect{r.x0 - d, r.y0 - d, r.x1 + d, r.y1 + d} }

func (r rect) area() float64 {
	if r.x0 >= r.x1 || r.y0 >= r.y1 {
		return 0
	}
	return (r.x1 - r.x0) * (r.y1 - r.y0)
}

// corners is the area of a unit square under a matrix.
func corners(m affine, w, h, x, y float64) rect {
	out := nowhere
	for _, p := range [4][2]float64{{x, y}, {x + w, y}, {x, y + h}, {x + w, y + h}} {
		out = out.add(m.apply(p[0], p[1]))
	}
	return out
}

// colour is what something is painted with, as far as it is known: a pattern, a
// special colour space or transparency is not.
type colour struct {
	r, g, b float64
	known   bool
}

var white, black = colour{1, 1, 1, true}, colour{0, 0, 0, true}

// like reports whether two colours cannot be told apart by eye.
func (c colour) like(o colour) bool {
	const same = 0.04
	return c.known && o.known && math.Abs(c.r-o.r) < same && math.Abs(c.g-o.g) < same && math.Abs(c.b-o.b) < same
}

// colourOf reads the operands of g, rg and k, or those of sc and scn by their
// number.
func colourOf(args []operand) colour {
	v := make([]float64, 0, 4)
	for _, a := range args {
		if a.kind != opNumber {
			return colour{} // a pattern
		}
		v = append(v, a.num)
	}
	switch len(v) {
	case 1:
		return colour{v[0], v[0], v[0], true}
	case 3:
		return colour{v[0], v[1], v[2], true}
	case 4: // cyan, magenta, yellow, black
		return colour{(1 - v[0]) * (1 - v[3]), (1 - v[1]) * (1 - v[3]), (1 - v[2]) * (1 - v[3]), true}
	}
	return colour{}
}

// fill is an area that was painted, after so many glyphs.
type fill struct {
	rect
	colour
	boxed bool // it is that rectangle exactly, without transparency
	after int
}

// Limits of what is kept to tell what can be seen.
const (
	maxFills   = 4096
	minVisible = 1.5 // points: text that is smaller on a page of A4 is not for readers
	a4Width    = 595
)

// background is the colour below a point when a glyph is drawn there, and
// whether a box is painted over it afterwards.
func (p *painter) background(x, y float64, index int) (below colour, covered bool) {
	below = white
	for i := len(p.fills) - 1; i >= 0; i-- {
		f := &p.fills[i]
		if !f.has(x, y) {
			continue
		}
		if f.after > index {
			covered = covered || f.boxed
			continue
		}
		return f.colour, covered
	}
	return below, covered
}

// seen drops the glyphs that no reader of the page sees, and reports how many
// characters that were. A layer of invisible text over an image is kept if it
// is most of the text of the page.
func (p *painter) seen() (hidden int) {
	scan := p.images >= 0.5*p.box.area() && p.box.area() > 0
	layer, shown := 0, 0
	for i := range p.out {
		if p.out[i].blank {
			continue
		}
		if p.looks[p.out[i].look].mode3 {
			layer++
		} else {
			shown++
		}
	}
	keepLayer := scan && layer >= shown
	least := minVisible * min(1, (p.box.x1-p.box.x0)/a4Width)
	box := p.box.grow(2)
	kept := p.out[:0]
	for i, g := range p.out {
		how := &p.looks[g.look]
		gone := g.dark || !box.has(g.x, g.y) || g.size < least && !how.odd
		switch {
		case gone:
		case how.mode3:
			gone = !keepLayer
		case len(p.fills) > 0 || how.fill.like(white):
			x, y := g.centre()
			below, covered := p.background(x, y, i)
			gone = covered && !scan || how.fill.like(below)
		}
		if !gone {
			kept = append(kept, g)
		} else if !g.blank {
			hidden++
		}
	}
	p.out = kept
	return hidden
}

// centre is about the middle of the ink of a glyph.
func (g *glyph) centre() (x, y float64) {
	along, up := g.w/2, 0.3*g.size
	switch g.angle {
	case 90:
		return g.x - up, g.y + along
	case 180:
		return g.x - along, g.y - up
	case 270:
		return g.x + up, g.y - along
	}
	return g.x + along, g.y + up
}
