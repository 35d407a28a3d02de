package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"golang.org/x/text/encoding/charmap"
)

// glyph is one character as a page draws it, in the unit of the page (1/72
// inch), y upwards.
type glyph struct {
	text    string
	x, y, w float64 // origin on the base line, advance
	size    float64 // of the font as drawn
	angle   int     // direction of writing: 0, 90, 180 or 270 degrees
	bold    bool
	unseen  bool // drawn without ink: a text layer behind a picture, or what is to be hidden
}

// sheet is one page as an engine reads it. err is why it could not be read. Its
// characters are given up for its lines page by page: they take many times the
// room.
type sheet struct {
	glyphs []glyph
	lines  []span
	count  int // characters
	err    error
}

// settle makes the lines of a page.
func (s *sheet) settle(page int) {
	s.glyphs = inked(s.glyphs)
	s.count = len(s.glyphs)
	s.lines, s.glyphs = spansOf(*s, page), nil
}

// inked leaves out characters without ink where the page has others: the text
// layer of a scan is a page's only text, or nearly; a line or two between text
// that is seen was never meant to be read.
func inked(glyphs []glyph) []glyph {
	unseen := 0
	for _, g := range glyphs {
		if g.unseen {
			unseen++
		}
	}
	if unseen == 0 || unseen*2 > len(glyphs) {
		return glyphs
	}
	out := glyphs[:0]
	for _, g := range glyphs {
		if !g.unseen {
			out = append(out, g)
		}
	}
	return out
}

// bookmark is an entry of the outline, outermost level 1.
type bookmark struct {
	title string
	level int
}

// pdfFile is what an engine finds in a file.
type pdfFile struct {
	engine    string
	sheets    []sheet
	bookmarks []bookmark
	title     string
	scanned   []int  // pages that were read by text recognition
	created   string // as in the Info dictionary: D:YYYYMMDD…
}

// Limits on one PDF.
const (
	maxPages     = 20_000
	maxGlyphs    = 20_000_000 // of the whole file
	maxFormDepth = 8          // forms drawn by forms
	maxBookmarks = 20_000
)

var errEncrypted = errors.New("encrypted")

// readGoPDF reads with ledongthuc/pdf: its parser and character maps, with an
// interpreter of our own for the text operators (PDF 32000-1, 9.4). The
// package's own Content knows neither forms, word spacing nor the widths of
// composite fonts, and looks up each character of a font linearly.
func readGoPDF(ctx context.Context, data []byte) (file *pdfFile, err error) {
	defer func() {
		if p := recover(); p != nil {
			file, err = nil, fmt.Errorf("%v", p)
		}
	}()
	r, err := pdf.NewReader(bytes.NewReader(data), int64(len(data)))
	if errors.Is(err, pdf.ErrInvalidPassword) {
		return nil, errEncrypted
	}
	if err != nil {
		return nil, err
	}
	n := r.NumPage()
	if n < 1 {
		return nil, errors.New("no pages in its page tree")
	}
	if n > maxPages {
		return nil, fmt.Errorf("%d pages, at most %d are read", n, maxPages)
	}
	info := r.Trailer().Key("Info")
	file = &pdfFile{engine: "ledongthuc/pdf", title: info.Key("Title").Text(), created: info.Key("CreationDate").Text()}
	file.bookmarks = goBookmarks(r.Trailer().Key("Root").Key("Outlines"), 1, nil)
	fonts, total := map[string]*goFont{}, 0
	for i := 1; i <= n; i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		s := goSheet(ctx, r, i, fonts)
		s.settle(i)
		total += s.count
		if total > maxGlyphs {
			return nil, fmt.Errorf("more than %d characters", maxGlyphs)
		}
		file.sheets = append(file.sheets, s)
	}
	return file, ctx.Err()
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

// goSheet reads one page; what goes wrong costs this page, and what was read
// before it stays.
func goSheet(ctx context.Context, r *pdf.Reader, number int, fonts map[string]*goFont) (s sheet) {
	p := &painter{ctx: ctx, fonts: fonts}
	defer func() {
		if e := recover(); e != nil {
			s.err = fmt.Errorf("%v", e)
		}
		s.glyphs = p.out
	}()
	page := r.Page(number)
	if page.V.IsNull() {
		return sheet{err: errors.New("not in the page tree")}
	}
	if page.V.Key("Contents").Kind() == pdf.Null {
		return s
	}
	p.ctm = identity
	p.run(page.V.Key("Contents"), page.Resources(), 0)
	return s
}

// painter follows the text operators of one page.
type painter struct {
	ctx   context.Context
	fonts map[string]*goFont
	out   []glyph
	ops   int
	state
	stack []state
}

// state is the part of the graphics state that text needs.
type state struct {
	ctm, tm, tlm          affine
	font                  *goFont
	size, char, word      float64
	scale, leading, raise float64
	mode                  float64 // of rendering: 3 and 7 leave no ink
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

func (p *painter) run(content, resources pdf.Value, depth int) {
	p.scale = 1
	pdf.Interpret(content, func(stk *pdf.Stack, op string) {
		if p.ops++; p.ops%1024 == 0 && p.ctx.Err() != nil {
			panic(p.ctx.Err())
		}
		args := make([]pdf.Value, stk.Len())
		for i := len(args) - 1; i >= 0; i-- {
			args[i] = stk.Pop()
		}
		p.operator(op, args, resources, depth)
	})
}

// need lists how many operands an operator must have.
var need = map[string]int{"cm": 6, "Tc": 1, "TD": 2, "Td": 2, "Tf": 2, "Tm": 6, "Tr": 1, "Ts": 1, "Tw": 1, "Tz": 1, "TL": 1, "\"": 3, "'": 1, "Tj": 1, "TJ": 1, "Do": 1}

func (p *painter) operator(op string, args []pdf.Value, resources pdf.Value, depth int) {
	if len(args) < need[op] {
		return // damaged: the operator has no effect, as in common viewers
	}
	args = args[len(args)-need[op]:]
	num := func(i int) float64 { return args[i].Float64() }
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
		p.ctm = affine{num(0), num(1), num(2), num(3), num(4), num(5)}.mul(p.ctm)
	case "BT":
		p.tm, p.tlm = identity, identity
	case "Tf":
		p.font, p.size = p.fontOf(resources, args[0].Name()), num(1)
	case "Tc":
		p.char = num(0)
	case "Tw":
		p.word = num(0)
	case "Tz":
		p.scale = num(0) / 100
	case "TL":
		p.leading = num(0)
	case "Ts":
		p.raise = num(0)
	case "Tr":
		p.mode = num(0)
	case "Tm":
		p.tlm = affine{num(0), num(1), num(2), num(3), num(4), num(5)}
		p.tm = p.tlm
	case "TD":
		p.leading = -num(1)
		p.move(num(0), num(1))
	case "Td":
		p.move(num(0), num(1))
	case "T*":
		p.move(0, -p.leading)
	case "'":
		p.move(0, -p.leading)
		p.show(args[0].RawString())
	case "\"":
		p.word, p.char = num(0), num(1)
		p.move(0, -p.leading)
		p.show(args[2].RawString())
	case "Tj":
		p.show(args[0].RawString())
	case "TJ":
		for i := range args[0].Len() {
			if v := args[0].Index(i); v.Kind() == pdf.String {
				p.show(v.RawString())
			} else {
				p.tm = affine{1, 0, 0, 1, -v.Float64() / 1000 * p.size * p.scale, 0}.mul(p.tm)
			}
		}
	case "Do":
		p.form(resources.Key("XObject").Key(args[0].Name()), resources, depth)
	}
}

func (p *painter) move(x, y float64) {
	p.tlm = affine{1, 0, 0, 1, x, y}.mul(p.tlm)
	p.tm = p.tlm
}

// form draws a form as if it stood in the page.
func (p *painter) form(v, resources pdf.Value, depth int) {
	if v.Key("Subtype").Name() != "Form" || depth >= maxFormDepth {
		return
	}
	saved, stack := p.state, p.stack
	p.stack = nil
	if m := v.Key("Matrix"); m.Len() == 6 {
		var a affine
		for i := range a {
			a[i] = m.Index(i).Float64()
		}
		p.ctm = a.mul(p.ctm)
	}
	if own := v.Key("Resources"); own.Kind() == pdf.Dict {
		resources = own
	}
	p.run(v, resources, depth+1)
	p.state, p.stack = saved, stack
}

// show draws a string and moves on by its width.
func (p *painter) show(raw string) {
	if p.font == nil {
		return
	}
	for len(raw) > 0 {
		n := p.font.next(raw)
		code := raw[:n]
		raw = raw[n:]
		text, width := p.font.char(code)
		trm := affine{p.size * p.scale, 0, 0, p.size, 0, p.raise}.mul(p.tm).mul(p.ctm)
		advance := width/1000*p.size + p.char
		if code == " " {
			advance += p.word
		}
		along := math.Hypot(trm[0], trm[1])
		if text != "" && len(p.out) < maxGlyphs {
			p.out = append(p.out, glyph{
				text: text, x: trm[4], y: trm[5], w: width / 1000 * along, size: math.Hypot(trm[2], trm[3]),
				angle: quarter(math.Atan2(trm[1], trm[0])), bold: p.font.bold,
				unseen: p.mode == 3 || p.mode == 7,
			})
		}
		p.tm = affine{1, 0, 0, 1, advance * p.scale, 0}.mul(p.tm)
	}
}

// quarter rounds an angle in radians to quarter turns, in degrees.
func quarter(a float64) int {
	return ((int(math.Round(a/(math.Pi/2)))%4 + 4) % 4) * 90
}

// goFont is a font with its decoded characters.
type goFont struct {
	font      *pdf.Font
	enc       pdf.TextEncoding
	uni       map[string]string // of ToUnicode, which goes before Encoding
	composite bool
	bold      bool
	widths    map[int]float64
	missing   float64
	chars     map[string]decoded
}

type decoded struct {
	text  string
	width float64
}

// fontOf reads a font once per file, as far as the file says it is the same.
func (p *painter) fontOf(resources pdf.Value, name string) *goFont {
	v := resources.Key("Font").Key(name)
	if v.Kind() != pdf.Dict {
		return nil
	}
	key := v.String()
	if f := p.fonts[key]; f != nil {
		return f
	}
	f := newGoFont(v)
	p.fonts[key] = f
	return f
}

func newGoFont(v pdf.Value) *goFont {
	f := &goFont{font: &pdf.Font{V: v}, widths: map[int]float64{}, chars: map[string]decoded{}}
	f.composite = v.Key("Subtype").Name() == "Type0"
	f.enc = f.font.Encoder()
	if v.Key("ToUnicode").Kind() == pdf.Stream {
		f.uni = readToUnicode(v.Key("ToUnicode"))
	}
	name := strings.ToLower(f.font.BaseFont())
	f.bold = strings.Contains(name, "bold") || strings.Contains(name, "black") || strings.Contains(name, "heavy")
	if !f.composite {
		first := f.font.FirstChar()
		for i, w := range f.font.Widths() {
			f.widths[first+i] = w
		}
		f.missing = v.Key("FontDescriptor").Key("MissingWidth").Float64()
		if len(f.widths) == 0 {
			f.missing = 500 // one of the 14 standard fonts
		}
		if v.Key("Subtype").Name() == "Type3" {
			f.scaleType3(v)
		}
		return f
	}
	descendant := v.Key("DescendantFonts").Index(0)
	f.missing = 1000
	if dw := descendant.Key("DW"); dw.Kind() == pdf.Integer || dw.Kind() == pdf.Real {
		f.missing = dw.Float64()
	}
	f.cidWidths(descendant.Key("W"))
	return f
}

// scaleType3 brings the widths of a Type 3 font, in its own units, to 1/1000.
func (f *goFont) scaleType3(v pdf.Value) {
	if a := v.Key("FontMatrix").Index(0).Float64(); a != 0 {
		for k, w := range f.widths {
			f.widths[k] = w * a * 1000
		}
	}
}

// cidWidths reads "c [w1 w2 …]" and "first last w" (PDF 32000-1, 9.7.4.3).
func (f *goFont) cidWidths(w pdf.Value) {
	for i := 0; i+1 < w.Len(); {
		first := int(w.Index(i).Int64())
		if next := w.Index(i + 1); next.Kind() == pdf.Array {
			for j := range next.Len() {
				f.widths[first+j] = next.Index(j).Float64()
			}
			i += 2
			continue
		}
		last := min(int(w.Index(i+1).Int64()), first+65535)
		for c := first; c <= last; c++ {
			f.widths[c] = w.Index(i + 2).Float64()
		}
		i += 3
	}
}

// next is the length of the first code in raw.
func (f *goFont) next(raw string) int {
	if f.composite && len(raw) > 1 {
		return 2
	}
	return 1
}

// char decodes one code; "" where the file does not say what it means.
func (f *goFont) char(code string) (string, float64) {
	if d, ok := f.chars[code]; ok {
		return d.text, d.width
	}
	c := 0
	for i := range len(code) {
		c = c<<8 | int(code[i])
	}
	width, ok := f.widths[c]
	if !ok {
		width = f.missing
	}
	text := f.decode(code)
	f.chars[code] = decoded{text, width}
	return text, width
}

func (f *goFont) decode(code string) string {
	if text, ok := f.uni[code]; ok {
		return ligatures.Replace(text)
	}
	if f.composite && (f.uni != nil || f.font.V.Key("Encoding").Name() != "UniGB-UCS2-H") {
		return "\ufffd" // the code is a glyph number
	}
	text := f.enc.Decode(code)
	if !utf8.ValidString(text) {
		text = windows1252(code)
	}
	if r, n := utf8.DecodeRuneInString(text); n == len(text) && r >= 0x80 && r < 0xa0 {
		text = windows1252(string([]byte{byte(r)})) // Differences without its base encoding
	}
	return ligatures.Replace(text)
}

func windows1252(s string) string {
	out, _ := charmap.Windows1252.NewDecoder().String(s)
	return out
}

// ligatures are written out: a search for "officieel" must find them.
var ligatures = strings.NewReplacer("\ufb00", "ff", "\ufb01", "fi", "\ufb02", "fl", "\ufb03", "ffi", "\ufb04", "ffl", "\ufb05", "st", "\ufb06", "st")
