package extract

import (
	"context"
	"math"

	"github.com/ledongthuc/pdf"
)

// glyph is one character as a page draws it, in the unit of the page (1/72
// inch), y upwards.
type glyph struct {
	text    string
	x, y, w float64 // origin on the base line, advance
	size    float64 // of the font as drawn
	look    int32   // how it is painted: of painter.looks
	angle   int16   // direction of writing: 0, 90, 180 or 270 degrees
	bold    bool
	blank   bool // white space only
	dark    bool // clipped away, or on a layer that is switched off
}

// look is how the characters of one string are painted.
type look struct {
	fill  colour
	mode3 bool // neither filled nor stroked: the text layer of a scan, or a hidden text
	odd   bool // of a font whose size says nothing (Type 3)
}

// painter follows the operators of one page that draw text, and those that
// decide whether it can be seen (PDF 32000-1, 8 and 9).
type painter struct {
	ctx   context.Context
	fonts fontCache
	off   map[string]bool // layers that are switched off, by reference
	box   rect            // what is shown of the page
	out   []glyph
	looks []look
	ops   int
	state
	stack []state

	path    rect // of the path that is being made
	boxes   int  // rectangles in it
	others  int  // other parts of it
	clips   bool // W: the path becomes a clip when it ends
	fills   []fill
	rules   []rule
	drawn   []rule // straight parts of the path
	filled  []rect // boxes of the path
	at      [2]float64
	from    [2]float64 // where the part of the path began
	images  float64    // area that images cover
	marks   []bool     // marked content that is open: whether it is switched off
	dark    int        // how many of these are
	objects int        // images and forms that were drawn
	painted int        // paths that were filled
}

// state is the part of the graphics state that text needs.
type state struct {
	ctm, tm, tlm          affine
	font                  *goFont
	size, char, word      float64
	scale, leading, raise float64
	mode                  int
	fill                  colour
	plain                 bool // the colour space is one whose numbers are known to mean a colour
	opaque                bool
	clip                  rect
}

// affine is [a b c d e f] of PDF 32000-1, 8.3.3.
type affine [6]float64

var identity = affine{1, 0, 0, 1, 0, 0}

func (m affine) mul(n affine) affine {
	return affine{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

func (m affine) apply(x, y float64) (float64, float64) {
	return m[0]*x + m[2]*y + m[4], m[1]*x + m[3]*y + m[5]
}

// shift is m after a move by x, y in its own space.
func (m affine) shift(x, y float64) affine {
	m[4], m[5] = m[0]*x+m[2]*y+m[4], m[1]*x+m[3]*y+m[5]
	return m
}

func newPainter(ctx context.Context, fonts fontCache, box rect) *painter {
	p := &painter{ctx: ctx, fonts: fonts, box: box, path: nowhere}
	p.ctm, p.scale, p.fill, p.plain, p.opaque, p.clip = identity, 1, black, true, true, everywhere
	return p
}

// resources are what the operators of a page or form refer to by name.
type resources struct {
	pdf.Value
	fonts  *fontSet
	forms  map[string]pdf.Value
	layers map[string]string
	gs     map[string]bool // whether a graphics state is opaque
	spaces map[string]bool // whether a colour space is plain
}

// Limits of one page.
const (
	maxFormDepth   = 8      // forms drawn by forms
	maxDrawn       = 20_000 // forms and images
	maxOperators   = 20_000_000
	maxPageGlyphs  = 2_000_000
	checkOperators = 1024 // between two looks at the context
)

func (p *painter) run(content []byte, res pdf.Value, depth int) {
	r := &resources{Value: res, fonts: newFontSet(p.fonts, res)}
	s := scanner{data: content}
	for {
		op, ok := s.next()
		if !ok || p.ops > maxOperators {
			return
		}
		if p.ops++; p.ops%checkOperators == 0 && p.ctx.Err() != nil {
			panic(p.ctx.Err())
		}
		p.operator(string(op), s.args, r, depth)
	}
}

// need lists how many operands an operator must have.
func need(op string) int {
	switch op {
	case "cm", "Tm", "c":
		return 6
	case "re", "v", "y", "k":
		return 4
	case "rg", "\"":
		return 3
	case "TD", "Td", "Tf", "m", "l", "BDC":
		return 2
	case "Tc", "Tr", "Ts", "Tw", "Tz", "TL", "'", "Tj", "TJ", "Do", "g", "gs", "cs":
		return 1
	}
	return 0
}

func (p *painter) operator(op string, args []operand, res *resources, depth int) {
	n := need(op)
	if len(args) < n {
		return // damaged: the operator has no effect, as in common viewers
	}
	if n > 0 {
		args = args[len(args)-n:]
	}
	if p.textOperator(op, args, res) || p.paintOperator(op, args, res) {
		return
	}
	switch op {
	case "q":
		if len(p.stack) < 1000 {
			p.stack = append(p.stack, p.state)
		}
	case "Q":
		if n := len(p.stack); n > 0 {
			p.state, p.stack = p.stack[n-1], p.stack[:n-1]
		}
	case "cm":
		p.ctm = matrix(args).mul(p.ctm)
	case "Do":
		p.object(args[0].text, res, depth)
	case "gs":
		p.opaque = res.opaque(args[0].text)
	case "BMC":
		p.marks = append(p.marks, false)
	case "BDC":
		off := len(p.off) > 0 && string(args[0].text) == "OC" && p.off[res.layer(args[1].text)]
		p.marks = append(p.marks, off)
		if off {
			p.dark++
		}
	case "EMC":
		if n := len(p.marks); n > 0 {
			if p.marks[n-1] {
				p.dark--
			}
			p.marks = p.marks[:n-1]
		}
	}
}

func matrix(args []operand) (m affine) {
	for i := range m {
		m[i] = args[i].num
	}
	return m
}

// textOperator handles the operators of PDF 32000-1, 9.3 and 9.4.
func (p *painter) textOperator(op string, args []operand, res *resources) bool {
	switch op {
	case "BT":
		p.tm, p.tlm = identity, identity
	case "ET":
	case "Tf":
		p.font, p.size = res.fonts.font(args[0].text), args[1].num
	case "Tc":
		p.char = args[0].num
	case "Tw":
		p.word = args[0].num
	case "Tz":
		p.scale = args[0].num / 100
	case "TL":
		p.leading = args[0].num
	case "Ts":
		p.raise = args[0].num
	case "Tr":
		p.mode = int(args[0].num)
	case "Tm":
		p.tlm = matrix(args)
		p.tm = p.tlm
	case "TD":
		p.leading = -args[1].num
		p.move(args[0].num, args[1].num)
	case "Td":
		p.move(args[0].num, args[1].num)
	case "T*":
		p.move(0, -p.leading)
	case "'":
		p.move(0, -p.leading)
		p.show(args[0].text)
	case "\"":
		p.word, p.char = args[0].num, args[1].num
		p.move(0, -p.leading)
		p.show(args[2].text)
	case "Tj":
		p.show(args[0].text)
	case "TJ":
		for i := range args[0].list {
			if v := &args[0].list[i]; v.kind == opText {
				p.show(v.text)
			} else if v.kind == opNumber {
				p.tm = p.tm.shift(-v.num/1000*p.size*p.scale, 0)
			}
		}
	default:
		return false
	}
	return true
}

func (p *painter) move(x, y float64) {
	p.tlm = p.tlm.shift(x, y)
	p.tm = p.tlm
}

// paintOperator handles colours, paths and clips: only their outlines.
func (p *painter) paintOperator(op string, args []operand, res *resources) bool {
	switch op {
	case "g", "rg", "k":
		p.fill, p.plain = colourOf(args), true
	case "sc", "scn":
		p.fill = colour{}
		if p.plain {
			p.fill = colourOf(args)
		}
	case "cs":
		p.plain = res.plain(args[0].text)
		p.fill = colour{black.r, black.g, black.b, p.plain}
	case "m":
		p.others++
		x, y := p.ctm.apply(args[0].num, args[1].num)
		p.path, p.at, p.from = p.path.add(x, y), [2]float64{x, y}, [2]float64{x, y}
	case "l", "c", "v", "y":
		p.others++
		for i := 0; i+1 < len(args); i += 2 {
			x, y := p.ctm.apply(args[i].num, args[i+1].num)
			if op == "l" {
				p.line(p.at[0], p.at[1], x, y)
			}
			p.path, p.at = p.path.add(x, y), [2]float64{x, y}
		}
	case "h":
		p.line(p.at[0], p.at[1], p.from[0], p.from[1])
		p.at = p.from
	case "re":
		p.boxes++
		r := corners(p.ctm, args[2].num, args[3].num, args[0].num, args[1].num)
		p.path = p.path.add(r.x0, r.y0).add(r.x1, r.y1)
		if len(p.filled) < maxRules {
			p.filled = append(p.filled, r)
		}
		p.line(r.x0, r.y0, r.x1, r.y0)
		p.line(r.x0, r.y1, r.x1, r.y1)
		p.line(r.x0, r.y0, r.x0, r.y1)
		p.line(r.x1, r.y0, r.x1, r.y1)
	case "W", "W*":
		p.clips = true
	case "f", "F", "f*", "B", "B*", "b", "b*":
		p.paint(fill{rect: p.path, colour: p.fill, boxed: p.boxes == 1 && p.others == 0 && p.opaque && p.fill.known})
		p.thin()
		if op[0] == 'B' || op[0] == 'b' {
			p.stroke()
		}
		p.endPath()
	case "S", "s":
		p.stroke()
		p.endPath()
	case "n":
		p.endPath()
	case "sh":
		p.paint(fill{rect: p.clip})
	default:
		return false
	}
	return true
}

func (p *painter) paint(f fill) {
	p.painted++
	f.rect, f.after = f.cut(p.clip), len(p.out)
	if !p.opaque {
		f.colour = colour{}
	}
	// Lines and small marks are no background.
	if len(p.fills) < maxFills && p.dark == 0 && f.x1-f.x0 > 2 && f.y1-f.y0 > 2 {
		p.fills = append(p.fills, f)
	}
}

func (p *painter) endPath() {
	if p.clips && p.path != nowhere {
		p.clip = p.clip.cut(p.path)
	}
	p.path, p.boxes, p.others, p.clips = nowhere, 0, 0, false
	p.drawn, p.filled = p.drawn[:0], p.filled[:0]
}

// object draws a form as if it stood in the page, and notes where an image is.
func (p *painter) object(name []byte, res *resources, depth int) {
	v := res.object(string(name))
	if p.objects++; p.objects > maxDrawn {
		return
	}
	switch v.Key("Subtype").Name() {
	case "Image":
		f := fill{rect: corners(p.ctm, 1, 1, 0, 0)}
		p.images += f.cut(p.clip).cut(p.box).area()
		p.paint(f)
	case "Form":
		if depth < maxFormDepth {
			p.form(v, res.Value, depth)
		}
	}
}

func (p *painter) form(v, res pdf.Value, depth int) {
	saved, stack, marks, dark := p.state, p.stack, p.marks, p.dark
	p.stack, p.marks = nil, nil
	if m := v.Key("Matrix"); m.Len() == 6 {
		var a affine
		for i := range a {
			a[i] = m.Index(i).Float64()
		}
		p.ctm = a.mul(p.ctm)
	}
	if b, ok := rectOf(v.Key("BBox")); ok {
		p.clip = p.clip.cut(corners(p.ctm, b.x1-b.x0, b.y1-b.y0, b.x0, b.y0))
	}
	if own := v.Key("Resources"); own.Kind() == pdf.Dict {
		res = own
	}
	if len(p.off) > 0 && p.off[objectRefs(v)["OC"]] {
		p.dark++
	}
	content, err := contentOf(v)
	p.run(content, res, depth+1)
	p.state, p.stack, p.marks, p.dark = saved, stack, marks, dark
	if err != nil {
		panic(err)
	}
}

func (r *resources) object(name string) pdf.Value {
	v, ok := r.forms[name]
	if !ok {
		if r.forms == nil {
			r.forms = map[string]pdf.Value{}
		}
		v = r.Key("XObject").Key(name)
		r.forms[name] = v
	}
	return v
}

// layer is the reference of the layer that a name stands for.
func (r *resources) layer(name []byte) string {
	if r.layers == nil {
		r.layers = objectRefs(r.Key("Properties"))
	}
	return r.layers[string(name)]
}

// opaque reports whether a graphics state paints without transparency.
func (r *resources) opaque(name []byte) bool {
	v, ok := r.gs[string(name)]
	if !ok {
		if r.gs == nil {
			r.gs = map[string]bool{}
		}
		gs := r.Key("ExtGState").Key(string(name))
		alpha, blend := gs.Key("ca"), gs.Key("BM").Name()
		v = (alpha.IsNull() || alpha.Float64() > 0.95) && (blend == "" || blend == "Normal" || blend == "Compatible")
		r.gs[string(name)] = v
	}
	return v
}

// plain reports whether the numbers of a colour space are grey, RGB or CMYK. In
// others, such as Separation, 1 may well be black.
func (r *resources) plain(name []byte) bool {
	switch string(name) {
	case "DeviceGray", "DeviceRGB", "DeviceCMYK":
		return true
	}
	v, ok := r.spaces[string(name)]
	if !ok {
		if r.spaces == nil {
			r.spaces = map[string]bool{}
		}
		space := r.Key("ColorSpace").Key(string(name))
		kind := space.Name()
		if space.Kind() == pdf.Array {
			kind = space.Index(0).Name()
		}
		switch kind {
		case "DeviceGray", "DeviceRGB", "DeviceCMYK", "CalGray", "CalRGB", "ICCBased":
			v = true
		}
		r.spaces[string(name)] = v
	}
	return v
}

// show draws a string and moves on by its width.
func (p *painter) show(raw []byte) {
	f := p.font
	if f == nil || len(raw) == 0 {
		return
	}
	trm := affine{p.size * p.scale, 0, 0, p.size, 0, p.raise}.mul(p.tm).mul(p.ctm)
	along := math.Hypot(trm[0], trm[1])
	how := look{fill: p.fill, mode3: p.mode == 3 || p.mode == 7, odd: f.type3}
	if p.mode == 1 || p.mode == 2 || p.mode > 4 || !p.opaque { // its outline is drawn, in another colour
		how.fill = colour{}
	}
	if n := len(p.looks); n == 0 || p.looks[n-1] != how {
		p.looks = append(p.looks, how)
	}
	g := glyph{size: math.Hypot(trm[2], trm[3]), angle: quarter(trm[0], trm[1]), bold: f.bold, look: int32(len(p.looks) - 1)}
	clip := p.clip.grow(2 + g.size)
	// One unit along the base line, on the page.
	dx, dy := p.scale*(p.tm[0]*p.ctm[0]+p.tm[1]*p.ctm[2]), p.scale*(p.tm[0]*p.ctm[1]+p.tm[1]*p.ctm[3])
	total := 0.0
	for len(raw) > 0 {
		n := f.next(raw)
		d := f.char(raw[:n])
		if d.text != "" && len(p.out) < maxPageGlyphs {
			g.text, g.blank, g.w = d.text, d.space, d.width/1000*along
			g.x, g.y = trm[4]+total*dx, trm[5]+total*dy
			g.dark = p.dark > 0 || !clip.has(g.x, g.y)
			p.out = append(p.out, g)
		}
		total += d.width/1000*p.size + p.char
		if n == 1 && raw[0] == ' ' {
			total += p.word
		}
		raw = raw[n:]
	}
	p.tm = p.tm.shift(total*p.scale, 0)
}

// quarter rounds the direction of a vector to quarter turns, in degrees.
func quarter(x, y float64) int16 {
	switch {
	case math.Abs(x) >= math.Abs(y) && x >= 0:
		return 0
	case math.Abs(x) >= math.Abs(y):
		return 180
	case y > 0:
		return 90
	}
	return 270
}
