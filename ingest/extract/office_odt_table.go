package extract

import (
	"github.com/vraagbaak/vraagbaak/ingest"
)

// odtTable writes a table row by row. One with a single column, or a single row
// with tables in it, is layout, and read as paragraphs.
func (w *odtWalker) odtTable(n *node) {
	list := w.list
	w.list, w.number = nil, ""
	defer func() { w.list = list }()
	rows := odtRows(n, false, nil)
	columns, nested := 0, false
	for _, r := range rows {
		columns = max(columns, len(r.cells))
		for _, c := range r.cells {
			nested = nested || c.first("table") != nil
		}
	}
	if columns <= 1 || len(rows) == 1 && nested {
		for _, r := range rows {
			for _, c := range r.cells {
				w.on(w.paints(c), func() { w.children(c, ingest.Paragraph) })
			}
		}
		return
	}
	var out []row
	var spans []merge // cells that span the rows to come, by column
	for _, r := range rows {
		line := row{header: r.header, bold: true}
		var below []merge
		for column, c := range r.cells {
			run := odtRun{w: w, bold: true}
			w.on(w.paints(c), func() { w.cell(c, &run) })
			text := run.text.String()
			if c.name == "covered-table-cell" {
				text = ""
			}
			if n := repeats(c, "number-rows-spanned"); n > 1 && len(text) <= maxRepeated {
				below = append(below, merge{column, n - 1, text})
			}
			for _, m := range spans {
				if m.column == column {
					text = m.text
				}
			}
			line.cells = append(line.cells, text)
			line.bold = line.bold && (run.bold || blankText(text))
		}
		for _, m := range spans {
			if m.to--; m.to > 0 {
				below = append(below, m)
			}
		}
		spans = below
		out = append(out, line)
	}
	w.table(out)
}

// paints reports whether the style of a cell gives it a colour.
func (w *odtWalker) paints(cell *node) bool {
	return resolve(w.styles, cell.attr("style-name")).ground
}

type odtRow struct {
	cells  []*node
	header bool
}

// odtRows are the rows of a table, not those of tables within it.
func odtRows(n *node, header bool, rows []odtRow) []odtRow {
	for _, c := range n.children {
		switch c.name {
		case "table-header-rows":
			rows = odtRows(c, true, rows)
		case "table-rows", "table-row-group":
			rows = odtRows(c, header, rows)
		case "table-row":
			if v := c.attr("visibility"); v != "" && v != "visible" {
				continue
			}
			r := odtRow{header: header}
			for _, cell := range c.children {
				if cell.name == "table-cell" || cell.name == "covered-table-cell" {
					r.cells = append(r.cells, cell)
				}
			}
			rows = append(rows, r)
		}
	}
	return rows
}

// cell collects all paragraphs of a cell, those of tables within it too.
func (w *odtWalker) cell(n *node, run *odtRun) {
	for _, c := range n.children {
		switch c.name {
		case "p", "h":
			p, _ := w.read(c)
			run.text.WriteString(" " + p.text.String())
			run.bold = run.bold && p.bold
			for _, b := range p.boxes {
				w.on(true, func() { w.cell(b, run) })
			}
		case "list":
			w.inList(c, func() { w.cell(c, run) })
		case "list-item":
			w.item(c)
			w.cell(c, run)
			w.number = ""
		case "", "table-column", "table-columns":
		default:
			w.cell(c, run)
		}
	}
}
