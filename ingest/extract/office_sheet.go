package extract

import (
	"context"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"unicode"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Limits on one sheet: more is for a database. What is left out is counted in
// Meta["unread_rows"].
const (
	maxSheetRows    = 50_000
	maxSheetColumns = 256
)

// sheetWriter writes the rows of sheets, each with the header of its columns as
// context.
type sheetWriter struct {
	b      *builder
	unread int // rows beyond the limits
}

// sheet writes one sheet. next gives its rows in order, nil at their end.
func (w *sheetWriter) sheet(name string, page int, next func() ([]string, error)) error {
	if !plainSheetName(name) {
		w.b.heading(1, part{Text: name, Page: page})
	} else {
		w.b.leave(1)
	}
	var lead [][]string // rows above the header: a title, a remark
	header, rows := "", 0
	write := func(cells []string, context string) {
		kind := ingest.Row
		if filled(cells) == 1 && context == "" {
			kind = ingest.Paragraph
		}
		w.b.add(part{Kind: kind, Text: rowOf(cells), Context: context, Page: page})
	}
	for w.b.ok() {
		cells, err := next()
		if err != nil {
			return err
		}
		if cells == nil {
			break
		}
		if filled(cells) == 0 {
			continue
		}
		if rows++; rows > maxSheetRows {
			w.unread++
			continue
		}
		if len(cells) > maxSheetColumns {
			cells = cells[:maxSheetColumns]
		}
		switch {
		case header != "":
			write(cells, header)
		case len(lead) < 10 && filled(cells) < 2:
			lead = append(lead, cells)
			write(cells, "")
		case headerRow(cells):
			header = rowOf(cells)
			write(cells, "")
		default: // no header: rows as they are
			header = " "
			write(cells, "")
		}
	}
	return nil
}

// plainSheetName knows the names that programs give.
func plainSheetName(s string) bool {
	s = strings.ToLower(strings.TrimRight(s, "0123456789 "))
	return s == "" || s == "blad" || s == "sheet" || s == "werkblad" || s == "tabelle" || s == "feuille"
}

func filled(cells []string) int {
	n := 0
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			n++
		}
	}
	return n
}

// headerRow reports whether a row names columns: its cells are words, not
// figures. Years stand above columns too.
func headerRow(cells []string) bool {
	words := 0
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if strings.ContainsFunc(c, unicode.IsLetter) {
			words++
		} else if y, err := strconv.Atoi(c); err != nil || y < 1900 || y > 2100 {
			return false
		}
	}
	return words > 0
}

func (w *sheetWriter) document(kind string) (*ingest.Document, error) {
	doc, err := w.b.document()
	if err != nil {
		return nil, err
	}
	if doc.Text == "" {
		return nil, w.b.in.fail(ErrEmpty, "the %s holds no text", kind)
	}
	if w.unread > 0 {
		doc.Meta["unread_rows"] = strconv.Itoa(w.unread)
	}
	return doc, nil
}

// extractODS reads the sheets of an OpenDocument spreadsheet (ODF 1.3, part 3,
// section 9).
func extractODS(ctx context.Context, in Input, content, meta *node) (*ingest.Document, error) {
	w := &sheetWriter{b: newBuilder(ctx, in)}
	hidden := map[string]bool{} // styles of sheets that are not shown
	for _, s := range content.all("style") {
		if p := s.first("table-properties"); p != nil && p.attr("display") == "false" {
			hidden[s.attr("name")] = true
		}
	}
	for i, table := range content.find("body").all("table") {
		if hidden[table.attr("style-name")] {
			continue
		}
		rows, hide := odsRows(table, nil), odsHidden(table, nil)
		var above []merge
		at := 0
		if err := w.sheet(table.attr("name"), i+1, func() ([]string, error) {
			if at == len(rows) {
				return nil, nil
			}
			at++
			cells := odsCells(rows[at-1], &above)
			for i := range cells {
				if i < len(hide) && hide[i] {
					cells[i] = ""
				}
			}
			return cells, nil
		}); err != nil {
			return nil, err
		}
	}
	doc, err := w.document("spreadsheet")
	if err != nil {
		return nil, err
	}
	if meta != nil {
		if t := meta.find("title"); t != nil {
			doc.Title = oneLine(normalise(t.flat()))
		}
	}
	return doc, nil
}

// odsRows are the visible rows of a table; a row that is repeated stands once.
func odsRows(n *node, out []*node) []*node {
	for _, c := range n.children {
		switch c.name {
		case "table-row":
			if v := c.attr("visibility"); v == "" || v == "visible" {
				out = append(out, c)
			}
		case "table-rows", "table-row-group", "table-header-rows":
			out = odsRows(c, out)
		}
	}
	return out
}

// odsHidden says of each column whether it is hidden.
func odsHidden(n *node, out []bool) []bool {
	for _, c := range n.children {
		switch c.name {
		case "table-column":
			v := c.attr("visibility")
			for range min(repeats(c, "number-columns-repeated"), maxSheetColumns-len(out)) {
				out = append(out, v != "" && v != "visible")
			}
		case "table-columns", "table-column-group", "table-header-columns":
			out = odsHidden(c, out)
		}
	}
	return out
}

func repeats(n *node, attr string) int {
	v, err := strconv.Atoi(n.attr(attr))
	if err != nil || v < 1 {
		return 1
	}
	return v
}

// odsCells are the cells of a row; above are those of earlier rows that span it,
// with to as the number of rows to come.
func odsCells(n *node, above *[]merge) []string {
	cells := []string{}
	var below []merge
	for _, c := range n.children {
		if c.name != "table-cell" && c.name != "covered-table-cell" {
			continue
		}
		var text []string
		for _, p := range c.children {
			if p.name == "p" {
				text = append(text, p.flat())
			}
		}
		cell := strings.Join(text, " ")
		if c.name == "covered-table-cell" {
			cell = "" // what the cell that covers it hides
		}
		if rows := repeats(c, "number-rows-spanned"); rows > 1 && cell != "" {
			below = append(below, merge{len(cells), rows - 1, cell})
		}
		for range min(repeats(c, "number-columns-repeated"), maxSheetColumns-len(cells)) {
			cells = append(cells, cell)
		}
	}
	for _, m := range *above {
		for len(cells) <= m.column {
			cells = append(cells, "")
		}
		cells[m.column] = m.text
		if m.to--; m.to > 0 {
			below = append(below, m)
		}
	}
	*above = below
	return cells
}

// extractCSV reads a table of text: separated by the mark that its first lines
// have most, in any of the usual encodings.
func extractCSV(ctx context.Context, in Input) (*ingest.Document, error) {
	text := strings.TrimPrefix(decodeText(in.Data), "\ufeff")
	r := csv.NewReader(&contextReader{ctx, strings.NewReader(text)})
	r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = separatorOf(text), true, -1, true
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(first, "sep=") && len(strings.TrimSpace(first)) == 5 {
		r = csv.NewReader(&contextReader{ctx, strings.NewReader(rest)})
		r.Comma, r.LazyQuotes, r.FieldsPerRecord, r.ReuseRecord = rune(first[4]), true, -1, true
	}
	w := &sheetWriter{b: newBuilder(ctx, in)}
	err := w.sheet("", 0, func() ([]string, error) {
		cells, err := r.Read()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return nil, err
			}
			return nil, in.fail(ErrUnreadable, "%v; save it again from its program", err)
		}
		return cells, nil
	})
	if err != nil {
		return nil, err
	}
	return w.document("table")
}

// separatorOf is the mark that stands most often in the first lines, the same
// number of times in each counting most.
func separatorOf(text string) rune {
	best, most := ',', 0
	for _, mark := range []rune{';', ',', '\t', '|'} {
		score, before := 0, -1
		lines := 0
		for line := range strings.Lines(text) {
			if lines++; lines > 20 {
				break
			}
			n := strings.Count(line, string(mark))
			score += n
			if n > 0 && n == before {
				score += 5 * n
			}
			before = n
		}
		if score > most {
			best, most = mark, score
		}
	}
	return best
}
