package extract

import (
	"math"
	"slices"
)

// rule is a line that is drawn along a page, across or down: the border of a
// cell, the line below a header.
type rule struct {
	rect
	down bool
}

// Limits of rules, in points.
const (
	maxRules        = 20_000
	thinRule        = 2.5 // a filled box no thicker is a line
	leastRule       = 6   // shorter ones are marks
	touching        = 3   // lines that come so near meet
	sameRule        = 2   // lines that come so near each other are one
	maxTableColumns = 60
	maxTableRows    = 500
)

// line notes the straight part of a path from one point to another.
func (p *painter) line(x0, y0, x1, y1 float64) {
	dx, dy := math.Abs(x1-x0), math.Abs(y1-y0)
	if len(p.drawn) >= maxRules || min(dx, dy) > 1 {
		return
	}
	p.drawn = append(p.drawn, rule{rect{min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)}, dy > dx})
}

// stroke keeps the lines of the path that is drawn.
func (p *painter) stroke() {
	for _, r := range p.drawn {
		p.keepRule(r)
	}
}

// thin keeps the boxes of the path that is filled as far as they are lines.
func (p *painter) thin() {
	for _, b := range p.filled {
		w, h := b.x1-b.x0, b.y1-b.y0
		if min(w, h) <= thinRule {
			p.keepRule(rule{b, h > w})
		}
	}
}

func (p *painter) keepRule(r rule) {
	if len(p.rules) >= maxRules || p.dark > 0 || max(r.x1-r.x0, r.y1-r.y0) < leastRule && !r.down {
		return
	}
	r.rect = r.cut(p.clip.grow(1))
	if r.x0 <= r.x1 && r.y0 <= r.y1 {
		p.rules = append(p.rules, r)
	}
}

// along is where a rule begins and ends, and across where it is.
func (r rule) along() (from, to float64) {
	if r.down {
		return r.y0, r.y1
	}
	return r.x0, r.x1
}

func (r rule) across() float64 {
	if r.down {
		return (r.x0 + r.x1) / 2
	}
	return (r.y0 + r.y1) / 2
}

// joined makes one rule of pieces on a line that meet: programs draw the border
// of each cell apart.
func joined(rules []rule, down bool) (out []rule) {
	var own []rule
	for _, r := range rules {
		if r.down == down {
			own = append(own, r)
		}
	}
	slices.SortFunc(own, func(a, b rule) int {
		if d := a.across() - b.across(); math.Abs(d) > sameRule {
			return sign(d)
		}
		from, _ := a.along()
		other, _ := b.along()
		return sign(from - other)
	})
	for _, r := range own {
		if n := len(out); n > 0 {
			last := &out[n-1]
			_, end := last.along()
			from, to := r.along()
			if math.Abs(last.across()-r.across()) <= sameRule && from <= end+touching {
				if to > end {
					if down {
						last.y1 = to
					} else {
						last.x1 = to
					}
				}
				continue
			}
		}
		out = append(out, r)
	}
	return out
}

func sign(d float64) int {
	switch {
	case d < 0:
		return -1
	case d > 0:
		return 1
	}
	return 0
}

// ruledTable is a table whose borders are drawn: xs from left to right, ys from top to
// bottom.
type ruledTable struct {
	xs, ys []float64
	down   []rule
}

// slot is a place in a table of a page; table 0 is none.
type slot struct{ table, row, column int }

// at is the place of a point, table number from 1.
func (g ruledTable) at(number int, x, y float64) (slot, bool) {
	if x < g.xs[0] || x >= g.xs[len(g.xs)-1] || y > g.ys[0] || y <= g.ys[len(g.ys)-1] {
		return slot{}, false
	}
	c := slot{table: number}
	for i := 1; i+1 < len(g.xs) && x >= g.xs[i]; i++ {
		if g.divided(g.xs[i], y) {
			c.column = i
		}
	}
	for c.row+2 < len(g.ys) && y <= g.ys[c.row+1] {
		c.row++
	}
	return c, true
}

// divided reports whether there is a border between columns at a height: a cell
// may extend over several columns.
func (g ruledTable) divided(x, y float64) bool {
	for _, r := range g.down {
		if math.Abs(r.across()-x) <= 2*sameRule && y >= r.y0-1 && y <= r.y1+1 {
			return true
		}
	}
	return false
}

func cellAt(grids []ruledTable, x, y float64) slot {
	for i, g := range grids {
		if c, ok := g.at(i+1, x, y); ok {
			return c
		}
	}
	return slot{}
}

// grids finds the tables among the rules of a page: lines across and down that
// meet, with at least two columns and two rows.
func grids(rules []rule) (out []ruledTable) {
	across, down := joined(rules, false), joined(rules, true)
	if len(across) < 1 || len(down) < 1 || len(across)*len(down) > 1<<20 {
		return nil
	}
	// Lines that meet belong together.
	group := make([]int, len(across)+len(down))
	for i := range group {
		group[i] = i
	}
	root := func(i int) int {
		for group[i] != i {
			group[i] = group[group[i]]
			i = group[i]
		}
		return i
	}
	for i, a := range across {
		for j, d := range down {
			if x, y := d.across(), a.across(); x >= a.x0-touching && x <= a.x1+touching && y >= d.y0-touching && y <= d.y1+touching {
				group[root(len(across)+j)] = root(i)
			}
		}
	}
	parts := map[int][2][]rule{}
	for i, r := range slices.Concat(across, down) {
		k := root(i)
		p := parts[k]
		if r.down {
			p[1] = append(p[1], r)
		} else {
			p[0] = append(p[0], r)
		}
		parts[k] = p
	}
	for _, p := range parts {
		if g, ok := newRuledTable(p[0], p[1], rules); ok {
			out = append(out, g)
		}
	}
	// The smallest first: a frame may stand around the tables of a page.
	slices.SortFunc(out, func(a, b ruledTable) int {
		if d := a.area() - b.area(); d != 0 {
			return sign(d)
		}
		return sign(b.ys[0] - a.ys[0])
	})
	return out
}

func (g ruledTable) area() float64 {
	return (g.xs[len(g.xs)-1] - g.xs[0]) * (g.ys[0] - g.ys[len(g.ys)-1])
}

// newRuledTable takes the borders between rows and columns: lines that run along a
// good part of the table, and places where the pieces of most lines end: a
// table may have lines between its columns only, drawn row by row.
func newRuledTable(across, down, pieces []rule) (ruledTable, bool) {
	box := nowhere
	for _, r := range slices.Concat(across, down) {
		box = box.add(r.x0, r.y0).add(r.x1, r.y1)
	}
	const much = 0.4
	xs := borders(down, box.x0, box.x1, much*(box.y1-box.y0))
	ys := borders(across, box.y0, box.y1, much*(box.x1-box.x0))
	ys = withBreaks(ys, pieces, box, len(xs)-2)
	slices.Reverse(ys)
	return ruledTable{xs, ys, down}, len(xs) >= 3 && len(ys) >= 3 && len(xs) <= maxTableColumns && len(ys) <= maxTableRows
}

// borders are the places of rules that are long enough together, with the
// outer edges, in order.
func borders(rules []rule, first, last, enough float64) []float64 {
	out := []float64{first}
	slices.SortFunc(rules, func(a, b rule) int { return sign(a.across() - b.across()) })
	for i := 0; i < len(rules); {
		at, length, j := rules[i].across(), 0.0, i
		for ; j < len(rules) && rules[j].across()-at <= sameRule; j++ {
			from, to := rules[j].along()
			length += to - from
		}
		if length >= enough && at > out[len(out)-1]+2*touching && at < last-2*touching {
			out = append(out, at)
		}
		i = j
	}
	return append(out, last)
}

// withBreaks adds the heights where pieces of lines down the table end, most of
// the lines at the same height.
func withBreaks(ys []float64, pieces []rule, box rect, lines int) []float64 {
	if lines < 2 {
		return ys
	}
	inside := box.grow(touching)
	var ends []float64
	for _, r := range pieces {
		if r.down && inside.has(r.x0, r.y0) && inside.has(r.x1, r.y1) {
			ends = append(ends, r.y0)
		}
	}
	slices.Sort(ends)
	for i := 0; i < len(ends); {
		j := i
		for j < len(ends) && ends[j]-ends[i] <= 1 {
			j++
		}
		near := func(y float64) bool { return math.Abs(y-ends[i]) < 2*touching }
		if 2*(j-i) > lines && !slices.ContainsFunc(ys, near) {
			ys = append(ys, ends[i])
		}
		i = j
	}
	slices.Sort(ys)
	return ys
}
