package extract

import (
	"strconv"
	"strings"
)

// docxTable writes a table row by row. One with a single column, or a single row
// with tables in it, is layout, and read as paragraphs.
func (w *docxWalker) docxTable(n *node) {
	ground := false // a style of tables may paint any of its cells
	if p := n.first("tblPr"); p != nil {
		ground = painted(p) || p.first("tblStyle") != nil
	}
	var cells [][]*node
	columns, nested := 0, false
	trs := parts(n, "tr")
	for _, tr := range trs {
		tcs := parts(tr, "tc")
		columns = max(columns, len(tcs))
		for _, tc := range tcs {
			nested = nested || len(parts(tc, "tbl")) > 0
		}
		cells = append(cells, tcs)
	}
	if columns <= 1 || len(trs) == 1 && nested {
		for _, row := range cells {
			for _, tc := range row {
				w.on(ground || tc.first("tcPr") != nil && painted(tc.first("tcPr")), func() { w.children(tc) })
			}
		}
		return
	}
	var rows []row
	spans := map[int]string{} // texts of cells that span rows, by column
	for i, tr := range trs {
		r := row{bold: true}
		if p := tr.first("trPr"); p != nil {
			r.header = on(p, "tblHeader") > 0
		}
		column := 0
		for _, tc := range cells[i] {
			run := docxRun{w: w, bold: true}
			p := tc.first("tcPr")
			w.on(ground || p != nil && painted(p), func() { w.cell(tc, &run) })
			text := run.text.String()
			width := 1
			if p != nil {
				if v, err := strconv.Atoi(val(p, "gridSpan")); err == nil && v > 1 {
					width = v
				}
			}
			switch merge := p.firstOf("vMerge"); {
			case merge == nil:
				delete(spans, column)
			case merge.attr("val") == "restart":
				spans[column] = text
			case blankText(text) && len(spans[column]) <= maxRepeated:
				text = spans[column]
			}
			column += width
			r.cells = append(r.cells, text)
			r.bold = r.bold && (run.bold || blankText(text))
		}
		rows = append(rows, r)
	}
	w.table(rows)
}

// parts are the elements of that name in n, not those of tables within it;
// rows and cells that were deleted are none.
func parts(n *node, name string) (out []*node) {
	for _, c := range n.children {
		switch c.name {
		case name:
			if p := c.firstOf("trPr", "tcPr"); p == nil || p.first("del") == nil && p.first("cellDel") == nil {
				out = append(out, c)
			}
		case "sdt", "sdtContent", "ins", "customXml":
			if c.name != "sdt" || !unfilled(c) {
				out = append(out, parts(c, name)...)
			}
		}
	}
	return out
}

// cell collects the paragraphs of a cell, those of tables within it too.
func (w *docxWalker) cell(n *node, run *docxRun) {
	for _, c := range n.children {
		switch c.name {
		case "p":
			p, _, ok := w.read(c)
			if !ok {
				continue
			}
			run.text.WriteString(" " + p.text.String())
			run.bold = run.bold && p.bold
			for _, box := range p.boxes {
				w.on(true, func() { w.cell(box, run) })
			}
		case "tbl":
			for _, tr := range parts(c, "tr") {
				var cells []string
				for _, tc := range parts(tr, "tc") {
					inner := docxRun{w: w, bold: true}
					w.cell(tc, &inner)
					cells = append(cells, oneLine(inner.text.String()))
					run.bold = run.bold && inner.bold
				}
				run.text.WriteString(" " + strings.Join(cells, " ") + " ")
			}
		case "sdt", "sdtContent", "ins", "customXml":
			if c.name != "sdt" || !unfilled(c) {
				w.cell(c, run)
			}
		}
	}
}
