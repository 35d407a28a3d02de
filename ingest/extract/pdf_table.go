package extract

import (
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// table takes the cells of a table with borders, row by row: the lines of a cell
// are one text, however many there are. A row with one cell is text that has a
// box around it.
func (c *composer) table(spans []span) {
	if n := len(c.out); n > 0 && c.out[n-1].page < spans[0].page {
		c.flushNotes()
	}
	head, rows := "", 0
	for i := 0; i < len(spans); {
		j := i
		for j < len(spans) && spans[j].cell.row == spans[i].cell.row {
			j++
		}
		p := c.tableRow(spans[i:j])
		if len(p.cells) < 2 {
			for k := i; k < j; k++ {
				c.line(spans[k : k+1])
			}
			i = j
			continue
		}
		if rows++; rows == 1 && p.bold {
			head = p.text
		} else {
			p.head = head
		}
		c.out = append(c.out, p)
		i = j
	}
}

// tableRow joins the lines of each cell of a row.
func (c *composer) tableRow(spans []span) passage {
	first := spans[0]
	p := passage{kind: ingest.Row, ruled: true, page: first.page, size: first.size, bold: true, lines: 1, last: spans[len(spans)-1]}
	for i, s := range spans {
		text := c.content(s)
		p.bold = p.bold && s.bold
		if n := len(p.cells); i > 0 && spans[i-1].cell.column == s.cell.column {
			p.cells[n-1].text = c.join(p.cells[n-1].text, text)
			continue
		}
		s.text, s.marks = strings.TrimSpace(text), nil
		p.cells = append(p.cells, s)
	}
	p.text = rowText(p.cells)
	return p
}
