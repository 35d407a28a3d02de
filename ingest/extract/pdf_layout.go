package extract

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a piece of one line without a wide gap: a whole line of prose, or a
// cell of a table. Its coordinates are those of a page with y upwards.
type span struct {
	page      int // 1-based
	text      string
	x0, x1, y float64 // left, right, base line
	size      float64 // most common among its characters
	bold      bool
	chars     int
	label     string // a raised number before the text: of a footnote
	marks     []raised
	afterCell bool // another span stands left of it on the same line
	column    int  // numbers the columns of a page in reading order
	margin    bool // of a column in the margin
	cell      slot // of a table with borders
}

// raised is a small raised number within a span, such as a reference to a
// footnote: its byte offset and digits. It is not part of the text yet.
type raised struct {
	at     int
	digits string
}

// Shares of the font size that tell gaps apart.
const (
	wordGap  = 0.18 // between words
	cellGap  = 1.7  // between cells and columns
	sameLine = 0.4  // base lines that differ less are one line
)

// spansOf sets the characters of a page into spans, in reading order.
func spansOf(s sheet, page int) []span {
	var out []span
	for _, glyphs := range byAngle(s.glyphs) {
		var tables []ruledTable
		if glyphs[0].angle == 0 {
			tables = s.grids
		}
		text, margin := splitMargin(rowsToSpans(rows(glyphs), tables, page))
		out = append(out, aroundTables(text)...)
		out = append(out, margin...)
	}
	// A jump upwards, or to the right of everything before, begins a column.
	for i := 1; i < len(out); i++ {
		out[i].column = out[i-1].column
		if out[i].y > out[i-1].y+2*out[i].size && out[i].cell.table == 0 || out[i].margin != out[i-1].margin || out[i].cell.table != out[i-1].cell.table {
			out[i].column++
		}
	}
	return out
}

// byAngle turns the directions of writing upright, the most common first.
func byAngle(glyphs []glyph) [][]glyph {
	var groups [4][]glyph
	groups[0] = make([]glyph, 0, len(glyphs))
	for _, g := range glyphs {
		if g.size < 0.5 || math.IsNaN(g.x+g.y+g.w) || math.IsInf(g.x+g.y+g.w, 0) || math.Abs(g.x)+math.Abs(g.y) > 1e6 {
			continue
		}
		switch g.angle {
		case 90:
			g.x, g.y = g.y, -g.x
		case 180:
			g.x, g.y = -g.x, -g.y
		case 270:
			g.x, g.y = -g.y, g.x
		}
		i := int(g.angle) / 90 % 4
		groups[i] = append(groups[i], g)
	}
	out := slices.DeleteFunc(groups[:], func(g []glyph) bool { return len(g) == 0 })
	slices.SortStableFunc(out, func(a, b []glyph) int { return cmp.Compare(len(b), len(a)) })
	return out
}

// rows groups characters by base line, top to bottom, left to right within; it
// changes the order of glyphs.
// Smaller characters somewhat above or below a line (notes, indices) are on it.
func rows(glyphs []glyph) [][]glyph {
	sorted := glyphs
	down := func(a, b glyph) int { return cmp.Compare(b.y, a.y) }
	if !slices.IsSortedFunc(sorted, down) { // mostly a page is drawn from top to bottom
		slices.SortStableFunc(sorted, down)
	}
	type row struct {
		y, size float64
		glyphs  []glyph
	}
	var all []*row
	// Full-size characters found the rows; small ones join them afterwards.
	typical := medianSize(sorted)
	var small []glyph
	full := sorted[:0]
	for _, g := range sorted {
		if g.size < 0.75*typical {
			small = append(small, g)
		} else {
			full = append(full, g)
		}
	}
	start := 0
	for i, g := range full {
		if n := len(all); n > 0 && all[n-1].y-g.y < sameLine*min(g.size, all[n-1].size) {
			all[n-1].glyphs = full[start : i+1 : i+1]
			continue
		}
		start = i
		all = append(all, &row{g.y, g.size, full[i : i+1 : i+1]})
	}
	var own []*row
	for _, g := range small {
		if r := nearestRow(len(all), func(i int) (float64, float64) { return all[i].y, all[i].size }, g); r >= 0 {
			all[r].glyphs = append(all[r].glyphs, g)
			continue
		}
		if n := len(own); n > 0 && own[n-1].y-g.y < sameLine*max(g.size, own[n-1].size) {
			own[n-1].glyphs = append(own[n-1].glyphs, g)
			continue
		}
		own = append(own, &row{g.y, g.size, []glyph{g}})
	}
	all = append(all, own...)
	slices.SortStableFunc(all, func(a, b *row) int { return cmp.Compare(b.y, a.y) })
	out := make([][]glyph, len(all))
	for i, r := range all {
		right := func(a, b glyph) int { return cmp.Compare(a.x, b.x) }
		if !slices.IsSortedFunc(r.glyphs, right) {
			slices.SortStableFunc(r.glyphs, right)
		}
		out[i] = r.glyphs
	}
	return out
}

// nearestRow finds the row that a small character belongs to: raised by at
// most 0.6 of the row's size, or lowered by at most 0.3. -1 if none.
func nearestRow(n int, at func(int) (y, size float64), g glyph) int {
	best, dist := -1, math.Inf(1)
	for i := range n {
		y, size := at(i)
		rise := g.y - y
		if rise > 0.6*size || rise < -0.3*size {
			continue
		}
		if d := math.Abs(rise - 0.2*size); d < dist {
			best, dist = i, d
		}
	}
	return best
}

func medianSize(glyphs []glyph) float64 {
	if len(glyphs) == 0 {
		return 0
	}
	sizes := make([]float64, 0, len(glyphs))
	for _, g := range glyphs {
		if !g.blank {
			sizes = append(sizes, g.size)
		}
	}
	if len(sizes) == 0 {
		return glyphs[0].size
	}
	slices.Sort(sizes)
	return sizes[len(sizes)/2]
}

// rowsToSpans cuts rows at wide gaps and writes their text.
func rowsToSpans(rows [][]glyph, tables []ruledTable, page int) (out []span) {
	for _, row := range rows {
		first := len(out)
		start := 0
		end := math.Inf(-1)
		var in slot
		for i, g := range row {
			if g.blank {
				continue
			}
			var own slot
			if len(tables) > 0 {
				own = cellAt(tables, g.x+g.w/2, g.y+0.3*g.size)
			}
			switch {
			case math.IsInf(end, -1):
				in = own
			case own != in && (row[i-1].blank || g.x-end > wordGap*g.size), own.table == 0 && g.x-end > cellGap*max(g.size, 6):
				out = appendSpan(out, row[start:i], in, page)
				start, in = i, own
			}
			end = max(end, g.x+g.w)
		}
		out = appendSpan(out, row[start:], in, page)
		for i := first; i < len(out); i++ {
			out[i].afterCell = i > first
		}
	}
	return out
}

func blankText(s string) bool { return strings.TrimSpace(s) == "" }

// appendSpan writes the text of characters that stand next to each other.
func appendSpan(out []span, glyphs []glyph, in slot, page int) []span {
	s := span{page: page, cell: in, x0: math.Inf(1), x1: math.Inf(-1)}
	size, base := dominant(glyphs)
	s.size, s.y = size, base
	var text strings.Builder
	bold, end, space := 0, math.Inf(-1), false
	var prev glyph
	for _, g := range glyphs {
		if g.blank {
			space = space || g.text != "" && g.x >= prev.x+0.3*prev.w // one drawn below a letter is none
			continue
		}
		if g.text == prev.text && math.Abs(g.x-prev.x) < 0.15*g.size && math.Abs(g.y-prev.y) < 0.15*g.size {
			continue // drawn twice to look bold
		}
		if mark := combining[g.text]; mark != "" && text.Len() > 0 && g.x < prev.x+0.7*prev.w {
			text.WriteString(mark) // "c" and "´" drawn over it
			continue
		}
		if text.Len() > 0 && (space && g.x-end > -0.3*g.size || g.x-end > wordGap*g.size) {
			text.WriteByte(' ')
		}
		space = false
		s.x0, s.x1 = min(s.x0, g.x), max(s.x1, g.x+g.w)
		end = max(g.x+g.w, g.x+0.1*g.size)
		if g.bold {
			bold++
		}
		s.chars++
		if isRaised(g, size, base) {
			s.raise(&text, g, prev)
		} else {
			text.WriteString(g.text)
		}
		prev = g
	}
	s.text = bulletOf(strings.TrimSpace(text.String()))
	if s.text == "" && len(s.marks) == 0 {
		return out
	}
	if s.text == "" {
		for _, m := range s.marks {
			s.text += m.digits
		}
		s.marks = nil
	}
	s.bold = bold*10 > s.chars*8
	return append(out, s)
}

// bulletOf gives the marks of lists that symbol fonts draw, with or without a
// meaning of their own, the common form.
func bulletOf(s string) string {
	first, rest, ok := strings.Cut(s, " ")
	switch first {
	case "\ufffd", "\uf0b7", "\uf0a7", "\uf0d8", "\uf0fc", "\uf076", "\uf0e0", "\uf02d", "\u00b7":
		if ok || utf8.RuneCountInString(s) == 1 {
			return strings.TrimSpace("• " + rest)
		}
	}
	return s
}

// combining forms of accents that fonts without the accented letter draw apart.
var combining = map[string]string{
	"\u00b4": "\u0301", "`": "\u0300", "\u00a8": "\u0308", "\u02c6": "\u0302", "\u02dc": "\u0303",
	"\u02c7": "\u030c", "\u00b8": "\u0327", "\u02d8": "\u0306", "\u02da": "\u030a", "\u02db": "\u0328",
}

func isRaised(g glyph, size, base float64) bool {
	return g.size < 0.8*size && g.y > base+0.15*size && len(g.text) == 1 && g.text[0] >= '0' && g.text[0] <= '9'
}

// raise keeps a raised digit apart from the text.
func (s *span) raise(text *strings.Builder, g, prev glyph) {
	if text.Len() == 0 || text.Len() == 1 && text.String() == " " {
		s.label += g.text
		return
	}
	at := text.Len()
	if n := len(s.marks); n > 0 && s.marks[n-1].at == at && g.x-(prev.x+prev.w) < 0.3*g.size {
		s.marks[n-1].digits += g.text
		return
	}
	s.marks = append(s.marks, raised{at, g.text})
}

// dominant is the font size most characters have, and their base line.
func dominant(glyphs []glyph) (size, base float64) {
	count := map[float64]int{}
	best := -1
	for _, g := range glyphs {
		if g.blank {
			continue
		}
		k := math.Round(g.size*4) / 4
		count[k] += utfLetters(g.text)
		if count[k] > best {
			best, size = count[k], k
		}
	}
	n := 0
	for _, g := range glyphs {
		if math.Round(g.size*4)/4 == size && !g.blank {
			base += g.y
			n++
		}
	}
	if n > 0 {
		base /= float64(n)
	}
	return max(size, 0.5), base
}

func utfLetters(s string) int {
	for _, r := range s {
		if unicode.IsLetter(r) {
			return 2
		}
	}
	return 1
}

// columns puts spans in reading order: where a gutter runs down a part of the
// page with prose on both sides, what is left of it goes first. depth bounds
// the recursion.
func columns(spans []span, depth int) []span {
	from, to, x, ok := gutter(spans)
	if !ok || depth > 6 {
		return spans
	}
	var left, right []span
	for _, s := range spans[from:to] {
		if s.x0 < x {
			left = append(left, s)
		} else {
			right = append(right, s)
		}
	}
	out := columns(slices.Clone(spans[:from]), depth+1)
	out = append(out, columns(left, depth+1)...)
	out = append(out, columns(right, depth+1)...)
	return append(out, columns(slices.Clone(spans[to:]), depth+1)...)
}

// aroundTables puts spans in reading order where tables stand among them: what
// is above a table, its cells row by row, what is below.
func aroundTables(spans []span) []span {
	first := slices.IndexFunc(spans, func(s span) bool { return s.cell.table > 0 })
	if first < 0 {
		return columns(spans, 0)
	}
	table, top := spans[first].cell.table, spans[first].y
	var above, own, below []span
	bottom := top
	for _, s := range spans {
		if s.cell.table == table {
			bottom = min(bottom, s.y)
		}
	}
	for i, s := range spans {
		switch {
		case s.cell.table == table:
			own = append(own, s)
		case i < first || s.cell.table == 0 && s.y >= bottom:
			above = append(above, s) // or beside it
		default:
			below = append(below, s)
		}
	}
	slices.SortStableFunc(own, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.cell.row, b.cell.row), cmp.Compare(a.cell.column, b.cell.column))
	})
	return slices.Concat(columns(above, 0), own, aroundTables(below))
}

// minColumn is how many lines a column must have on either side.
const minColumn = 4

// gutter finds the longest run of lines spans[from:to] with a gutter just
// before x: no span crosses it, and both sides hold prose.
func gutter(spans []span) (from, to int, x float64, ok bool) {
	if len(spans) < 2*minColumn {
		return 0, 0, 0, false
	}
	best := 0
	for _, cand := range candidates(spans) {
		start := 0
		for i := 0; i <= len(spans); i++ {
			if i < len(spans) && !(spans[i].x0 < cand-1 && spans[i].x1 > cand-0.4*spans[i].size) {
				continue
			}
			if n := prose(spans[start:i], cand); n > best {
				best, from, to, x, ok = n, start, i, cand-1, true
			}
			start = i + 1
		}
	}
	if !ok {
		return 0, 0, 0, false
	}
	for from < to && from > 0 && sameRow(spans[from-1], spans[from]) {
		from++ // whole lines only
	}
	for to > from && to < len(spans) && sameRow(spans[to-1], spans[to]) {
		to--
	}
	for to > from && apart(spans[from:to], x) {
		for to--; to > from && sameRow(spans[to-1], spans[to]); to-- {
		}
	}
	return from, to, x, prose(spans[from:to], x+1) > 0
}

// apart reports whether the last line stands below a gap and has nothing to
// the right of the gutter: it follows the columns.
func apart(spans []span, x float64) bool {
	last := len(spans) - 1
	i := last
	for ; i >= 0 && sameRow(spans[i], spans[last]); i-- {
		if spans[i].x0 >= x {
			return false
		}
	}
	return i < 0 || spans[i].y-spans[last].y > 1.9*spans[last].size
}

func sameRow(a, b span) bool { return math.Abs(a.y-b.y) < sameLine*min(a.size, b.size) }

// candidates are left edges that several spans share.
func candidates(spans []span) (out []float64) {
	count := map[int]int{}
	for _, s := range spans {
		count[int(math.Round(s.x0))]++
	}
	for x, n := range count {
		if n+count[x-1]+count[x+1] >= minColumn {
			out = append(out, float64(x))
		}
	}
	slices.Sort(out)
	if len(out) > 60 {
		out = out[:60]
	}
	return out
}

// prose counts the lines of a part if both sides of x hold running text, and
// overlap in height; else 0. Short lines are cells: a table stays in rows.
func prose(spans []span, x float64) int {
	var n, long [2]int
	var hi, lo [2]float64
	for i := range hi {
		hi[i], lo[i] = math.Inf(-1), math.Inf(1)
	}
	for _, s := range spans {
		side := 0
		if s.x0 >= x-1 {
			side = 1
		}
		n[side]++
		if s.chars >= 22 {
			long[side]++
		}
		hi[side], lo[side] = max(hi[side], s.y), min(lo[side], s.y)
	}
	for i := range n {
		if long[i] < minColumn || long[i]*10 < n[i]*4 {
			return 0
		}
	}
	overlap := min(hi[0], hi[1]) - max(lo[0], lo[1])
	if overlap < 0.3*min(hi[0]-lo[0], hi[1]-lo[1]) {
		return 0
	}
	return len(spans)
}
