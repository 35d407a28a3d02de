package extract

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// A table with borders gives a row of text for each of its rows, however many
// lines its cells have; a cell over two columns is one cell.
func TestRuledTable(t *testing.T) {
	text := func(x, y float64, s string) string {
		return fmt.Sprintf("BT /F1 10 Tf %g %g Td (%s) Tj ET\n", x, y, s)
	}
	words := text(52, 686, "Product") + text(202, 686, "Prijs") + text(352, 686, "Waar") +
		text(52, 666, "Paspoort voor") + text(52, 654, "volwassenen") + text(202, 666, "83,87") + text(352, 666, "aan de balie in het") + text(352, 654, "raadhuis") +
		text(52, 636, "Rijbewijs") + text(202, 636, "51,10") + text(352, 636, "aan de balie") +
		text(52, 616, "Alle prijzen staan in de legesverordening van het jaar 2026 en gelden.") +
		text(50, 580, "De prijzen veranderen elk jaar op 1 januari in heel Waterrijk.")
	want := []string{
		"Product | Prijs | Waar",
		"Paspoort voor volwassenen | 83,87 | aan de balie in het raadhuis",
		"Rijbewijs | 51,10 | aan de balie",
	}
	var boxes, lines, pieces strings.Builder
	for _, y := range []float64{680, 650, 630} {
		for _, x := range []float64{50, 200, 350} {
			fmt.Fprintf(&boxes, "%g %g 150 %g re S\n", x, y, map[float64]float64{680: 20, 650: 30, 630: 20}[y])
		}
	}
	boxes.WriteString("50 610 450 20 re S\n")
	for _, y := range []float64{700, 680, 650, 630, 610} {
		fmt.Fprintf(&lines, "50 %g m 500 %g l S\n", y, y)
	}
	for _, x := range []float64{200, 350} {
		fmt.Fprintf(&lines, "%g 630 m %g 700 l S\n", x, x)
		for _, y := range [][2]float64{{680, 20}, {650, 30}, {630, 20}} {
			fmt.Fprintf(&pieces, "%g %g 0.5 %g re f\n", x, y[0], y[1])
		}
	}
	pieces.WriteString("50 630 450 0.5 re f\n")
	for name, drawn := range map[string]string{"boxes": boxes.String(), "lines": lines.String(), "between columns only": pieces.String()} {
		doc, err := Extract(context.Background(), Input{Name: "x.pdf", Data: pagePDF(drawn+words, "")})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var rows []string
		for _, b := range doc.Blocks {
			if b.Kind == ingest.Row {
				rows = append(rows, doc.Text[b.Start:b.End])
			}
		}
		if strings.Join(rows, "\n") != strings.Join(want, "\n") || !strings.Contains(doc.Text, "Alle prijzen staan in de legesverordening van het jaar 2026 en gelden.") {
			t.Errorf("%s: rows\n%s\nof\n%s", name, strings.Join(rows, "\n"), doc.Text)
		}
	}
}

// Columns of text with a line between them are no table.
func TestNoTable(t *testing.T) {
	var page strings.Builder
	page.WriteString("300 400 m 300 710 l S\n")
	for i := range 10 {
		fmt.Fprintf(&page, "BT /F1 10 Tf 50 %d Td (links staat regel %d van het verhaal over) Tj ET\n", 700-12*i, i)
		fmt.Fprintf(&page, "BT /F1 10 Tf 320 %d Td (rechts staat regel %d van het tweede deel) Tj ET\n", 700-12*i, i)
	}
	doc, err := Extract(context.Background(), Input{Name: "x.pdf", Data: pagePDF(page.String(), "")})
	if err != nil || strings.Contains(doc.Text, "|") || strings.Index(doc.Text, "links staat regel 9") > strings.Index(doc.Text, "rechts staat regel 0") {
		t.Errorf("error %v, document %+v", err, doc)
	}
}

func FuzzRuledTable(f *testing.F) {
	f.Add("50 50 100 20 re S 50 70 100 20 re S 150 50 100 40 re S 50 50 0.5 40 re f")
	f.Fuzz(func(t *testing.T, content string) {
		p := newPainter(context.Background(), fontCache{}, rect{0, 0, 595, 842})
		s := scanner{data: []byte(content)}
		for {
			op, ok := s.next()
			if !ok {
				break
			}
			if n := need(string(op)); len(s.args) >= n {
				p.paintOperator(string(op), s.args[len(s.args)-n:], &resources{})
			}
		}
		for _, g := range grids(p.rules) {
			for i := 1; i < len(g.xs); i++ {
				if g.xs[i] < g.xs[i-1] {
					t.Fatalf("columns out of order: %v", g.xs)
				}
			}
			for x := -10.0; x < 700; x += 50 {
				c := cellAt([]ruledTable{g}, x, 60)
				if c.column > len(g.xs)-2 || c.row > len(g.ys)-2 {
					t.Fatalf("%v is outside %v %v", c, g.xs, g.ys)
				}
			}
		}
	})
}
