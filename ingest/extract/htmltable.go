package extract

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// maxRepeat is the longest cell that is repeated in the rows it spans.
const maxRepeat = 200

// tableRow is one row with its cells in order.
type tableRow struct {
	node   *html.Node
	cells  []*html.Node
	header bool // in thead, or of th only
}

// table writes each row of data as one block, with the header row as its
// context. A table that only arranges the page is read cell by cell.
func (w *htmlWalker) table(n *html.Node) {
	rows, caption := tableRows(n)
	if layoutTable(n, rows, caption != nil) {
		for _, r := range rows {
			for _, c := range r.cells {
				w.as(w.kind, w.context, func() { w.mark(c, true); w.children(c) })
			}
		}
		return
	}
	title := ""
	if caption != nil {
		title = oneLine(inlineText(caption))
		w.b.add(part{Text: title, Anchor: w.anchor})
	}
	w.rows(rows, title)
}

// rows writes the rows. Rows at the top that are headers are context of the
// others; a header further down starts a new part of the table.
func (w *htmlWalker) rows(rows []tableRow, title string) {
	var header, lines []string
	inHeader := true
	spans := map[int]cellSpan{}
	for i, r := range rows {
		if w.b.err != nil {
			return
		}
		w.mark(r.node, true)
		cells := spread(r, spans)
		text := joinCells(cells)
		if text == "" {
			continue
		}
		isHeader := r.header && i < len(rows)-1
		if isHeader && !inHeader {
			header = nil
		}
		if inHeader = isHeader; isHeader {
			header = append(header, text)
			w.b.add(part{Kind: ingest.Row, Text: text, Anchor: w.anchor, Context: title, Own: len(header) == 1})
			continue
		}
		lines = append(lines[:0], header...)
		if title != "" {
			lines = append([]string{title}, lines...)
		}
		w.b.add(part{Kind: ingest.Row, Text: text, Anchor: w.anchor, Context: strings.Join(lines, " — "), Own: i == 0})
	}
}

// cellSpan is a cell that goes on in the rows below it.
type cellSpan struct {
	text string
	left int
}

// spread gives the texts of a row by column; a short cell that spans rows is
// repeated, so that each row can be read alone.
func spread(r tableRow, spans map[int]cellSpan) []string {
	var out []string
	fill := func() {
		for {
			s, ok := spans[len(out)]
			if !ok {
				return
			}
			if s.left--; s.left == 0 {
				delete(spans, len(out))
			} else {
				spans[len(out)] = s
			}
			out = append(out, s.text)
		}
	}
	for _, c := range r.cells {
		fill()
		text := oneLine(inlineText(c))
		col := len(out)
		out = append(out, text)
		for range min(max(intAttr(c, "colspan"), 1), 50) - 1 {
			out = append(out, "")
		}
		if n := intAttr(c, "rowspan"); n > 1 && len(text) <= maxRepeat {
			spans[col] = cellSpan{text, min(n-1, 1000)}
		}
	}
	fill()
	return out
}

// joinCells leaves out the empty cells at the end.
func joinCells(cells []string) string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return ""
	}
	return strings.Join(cells, " | ")
}

// tableRows collects the rows of one table without those of tables within it.
func tableRows(table *html.Node) (rows []tableRow, caption *html.Node) {
	var visit func(n *html.Node, head bool)
	visit = func(n *html.Node, head bool) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch c.DataAtom {
			case atom.Caption:
				caption = c
			case atom.Thead:
				visit(c, true)
			case atom.Tbody, atom.Tfoot:
				visit(c, false)
			case atom.Tr:
				r := tableRow{node: c, header: true}
				for d := c.FirstChild; d != nil; d = d.NextSibling {
					if d.DataAtom == atom.Td || d.DataAtom == atom.Th {
						r.cells = append(r.cells, d)
						r.header = r.header && d.DataAtom == atom.Th
					}
				}
				if len(r.cells) > 0 {
					r.header = r.header && len(r.cells) > 1 || head
					rows = append(rows, r)
				}
			}
		}
	}
	visit(table, false)
	markHeader(rows)
	return rows, caption
}

// markHeader recognises a header row that is not marked as one: its first cell
// is empty and the others are not, or all its cells are bold and none below is.
func markHeader(rows []tableRow) {
	if len(rows) < 2 || len(rows[0].cells) < 2 || slices.ContainsFunc(rows, func(r tableRow) bool { return r.header }) {
		return
	}
	bold, filled := 0, 0
	for i, c := range rows[0].cells {
		if i > 0 && textBelow(c) {
			filled++
		}
		if boldCell(c) {
			bold++
		}
	}
	n := len(rows[0].cells)
	rows[0].header = filled == n-1 && !textBelow(rows[0].cells[0]) && textBelow(rows[1].cells[0]) ||
		bold == n && !slices.ContainsFunc(rows[1].cells[1:], boldCell)
}

// boldCell reports whether all text of a cell is bold.
func boldCell(cell *html.Node) bool {
	found := false
	for c := range below(cell) {
		if c.Type != html.TextNode || strings.TrimSpace(c.Data) == "" {
			continue
		}
		in := false
		for a := c.Parent; a != nil && a != cell; a = a.Parent {
			in = in || a.DataAtom == atom.Strong || a.DataAtom == atom.B
		}
		if !in {
			return false
		}
		found = true
	}
	return found
}

// layoutTable recognises tables that arrange a page: said to be so, of one
// column, or with headings, long texts or other tables in their cells.
func layoutTable(n *html.Node, rows []tableRow, caption bool) bool {
	if role := attr(n, "role"); role == "presentation" || role == "none" {
		return true
	}
	columns, marked := 0, caption
	for _, r := range rows {
		columns = max(columns, len(r.cells))
		marked = marked || r.header
		for _, c := range r.cells {
			marked = marked || c.DataAtom == atom.Th
		}
	}
	if columns < 2 {
		return true
	}
	long, cells := 0, 0
	for _, r := range rows {
		for _, c := range r.cells {
			cells++
			size := 0
			for d := range below(c) {
				switch d.DataAtom {
				case atom.Table:
					return true
				case atom.H1, atom.H2, atom.H3:
					if !marked {
						return true
					}
				}
				if d.Type == html.TextNode {
					size += len(strings.TrimSpace(d.Data))
				}
			}
			if size > 1500 {
				long++
			}
		}
	}
	return !marked && (long > 0 || len(rows) < 2 && cells < 3) || long > cells/2
}
