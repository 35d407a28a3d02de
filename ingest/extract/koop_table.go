package extract

import (
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// maxColumns is the widest table of which the columns are followed.
const maxColumns = 200

// table writes each row of a table (CALS, or as in HTML) as a block: its cells
// with text, and as its context the headers of those columns. A cell over
// several rows belongs to each of them.
func (w *koopWalker) table(n *node) {
	w.flush()
	for _, c := range n.children {
		if c.name == "title" || c.name == "titel" || c.name == "kop" || c.name == "caption" {
			w.b.add(part{Text: kopText(c), Heading: w.path, Anchor: w.anchorNow(), Context: w.context()})
			w.notesOf(c)
		}
	}
	var groups []*node
	for _, c := range n.children {
		if c.name == "tgroup" {
			groups = append(groups, c)
		}
	}
	if len(groups) == 0 {
		groups = []*node{n}
	}
	for _, g := range groups {
		t := &grid{w: w, columns: map[string]int{}, spans: map[string][2]int{}, over: map[int]cellOver{}}
		t.group(g)
	}
	w.flushNotes()
}

// grid is a table that is being written.
type grid struct {
	w       *koopWalker
	columns map[string]int    // by colname, from 0
	spans   map[string][2]int // by spanname: first and last column
	header  []string          // by column
	over    map[int]cellOver  // cells of rows above that reach down, by column
	section string            // the last row that names the rows below it
	rows    int
	width   int
}

type cellOver struct {
	text string
	rows int // that it still covers
}

// cell is one cell of a row with the columns it covers.
type cell struct {
	text        string
	first, last int
	bold        bool
}

func (t *grid) group(g *node) {
	for _, c := range g.children {
		switch c.name {
		case "colspec", "col":
			if name := c.attr("colname"); name != "" && len(t.columns) < maxColumns {
				t.columns[name] = len(t.columns)
			}
		case "spanspec":
			t.spans[c.attr("spanname")] = [2]int{t.column(c.attr("namest"), 0), t.column(c.attr("nameend"), 0)}
		case "thead":
			for _, r := range c.children {
				t.row(r, true)
			}
			t.over = map[int]cellOver{}
		case "tbody", "tfoot":
			for _, r := range c.children {
				t.row(r, false)
			}
			t.over = map[int]cellOver{}
		case "row", "tr":
			t.row(c, false)
		}
	}
}

func (t *grid) column(name string, otherwise int) int {
	if i, ok := t.columns[name]; ok {
		return i
	}
	return otherwise
}

// row writes one row; a row of the head adds to the headers of its columns.
func (t *grid) row(r *node, head bool) {
	if r.name != "row" && r.name != "tr" {
		return
	}
	cells := t.cells(r)
	var texts, headers []string
	bold := len(cells) > 0
	for _, c := range cells {
		bold = bold && c.bold
		texts = append(texts, c.text)
		for i := c.first; i <= c.last && i < len(t.header); i++ {
			if h := t.header[i]; h != "" && (len(headers) == 0 || headers[len(headers)-1] != h) {
				headers = append(headers, h)
			}
		}
	}
	t.w.notesIn(r)
	if len(texts) == 0 {
		return
	}
	t.rows++
	if !head && t.header == nil && t.rows == 1 && len(cells) > 1 && bold {
		head = true
	}
	context := strings.Join(headers, " | ")
	named := !head && len(cells) == 1 && t.width > 1 && (cells[0].bold || cells[0].last-cells[0].first+1 >= t.width)
	if named {
		t.section, context = "", ""
	}
	if !head && t.section != "" {
		context = strings.TrimPrefix(t.section+": "+context, ": ")
	}
	own := t.w.context()
	if context != "" && own != "" {
		own += " "
	}
	t.w.b.add(part{Kind: t.w.rowKind(), Text: strings.Join(texts, " | "), Context: own + context, Heading: t.w.path, Anchor: t.w.anchorNow()})
	t.w.flushNotes()
	if head {
		t.addHeader(cells)
	}
	if named {
		t.section = texts[0]
	}
}

func (w *koopWalker) rowKind() ingest.Kind {
	if w.law.expired {
		return expiredKind
	}
	return ingest.Row
}

// notesIn keeps the notes of a row for the place behind it.
func (w *koopWalker) notesIn(n *node) {
	n.each(func(x *node) {
		switch {
		case koopNotes[x.name]:
			w.note(x)
		case koopNoteRefs[x.name]:
			w.reference(x, 0)
		}
	})
	w.buf.Reset()
}

// cells are the cells of a row that have text, with those that reach down from
// rows above.
func (t *grid) cells(r *node) []cell {
	var out []cell
	col := 0
	fill := func(to int) {
		for ; col < to && col < maxColumns; col++ {
			o, ok := t.over[col]
			if !ok {
				continue
			}
			if o.text != "" && (len(out) == 0 || out[len(out)-1].text != o.text) {
				out = append(out, cell{o.text, col, col, false})
			}
			if o.rows--; o.rows == 0 {
				delete(t.over, col)
			} else {
				t.over[col] = o
			}
		}
	}
	for _, e := range r.children {
		if e.name != "entry" && e.name != "td" && e.name != "th" {
			continue
		}
		first, last := t.place(e, col)
		fill(first)
		col = max(col, min(last+1, maxColumns))
		text := oneLine(unprint(e.flat()))
		more, _ := strconv.Atoi(e.attr("morerows"))
		if span, err := strconv.Atoi(e.attr("rowspan")); err == nil {
			more = span - 1
		}
		for i := first; more > 0 && i <= last && i < maxColumns; i++ {
			t.over[i] = cellOver{text, more}
		}
		if text != "" {
			out = append(out, cell{text, first, last, mostlyBold(e)})
		}
	}
	fill(max(t.width, len(t.columns)))
	t.width = max(t.width, col)
	return out
}

// place is the first and last column of an entry; next is the column after the
// entry before it.
func (t *grid) place(e *node, next int) (first, last int) {
	for o, ok := t.over[next]; ok && o.rows > 0 && next < maxColumns; o, ok = t.over[next] {
		next++
	}
	if s, ok := t.spans[e.attr("spanname")]; ok {
		return s[0], max(s[0], s[1])
	}
	if from := e.attr("namest"); from != "" {
		first = t.column(from, next)
		return first, max(first, t.column(e.attr("nameend"), first))
	}
	first = t.column(e.attr("colname"), next)
	if span, err := strconv.Atoi(e.attr("colspan")); err == nil && span > 1 {
		return first, first + min(span, maxColumns) - 1
	}
	return first, first
}

// addHeader puts the cells of a row of the head below those of the rows above.
func (t *grid) addHeader(cells []cell) {
	for _, c := range cells {
		for i := c.first; i <= c.last && i < maxColumns; i++ {
			for len(t.header) <= i {
				t.header = append(t.header, "")
			}
			if !strings.Contains(t.header[i], c.text) {
				t.header[i] = strings.TrimSpace(t.header[i] + " " + c.text)
			}
		}
	}
}

// mostlyBold reports whether at least half the text of an element is bold.
func mostlyBold(n *node) bool {
	bold, all := 0, 0
	var count func(n *node, in bool)
	count = func(n *node, in bool) {
		if n.name == "" {
			size := len(strings.TrimSpace(n.text))
			all += size
			if in {
				bold += size
			}
			return
		}
		in = in || n.name == "vet" || n.name == "nadruk" && strings.HasPrefix(n.attr("type"), "vet") || n.name == "emphasis" && n.attr("role") == "bold" || n.name == "th"
		for _, c := range n.children {
			count(c, in)
		}
	}
	count(n, false)
	return all > 0 && bold*2 >= all
}
