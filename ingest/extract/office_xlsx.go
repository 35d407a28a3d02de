package extract

import (
	"bytes"
	"context"
	"encoding/xml"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractXLSX reads the visible sheets of a workbook (ECMA-376, part 1, 18): the
// cells as a Dutch reader sees them, row by row. A cell that spans rows is
// repeated in each. Left out are hidden sheets, rows and columns, and white
// letters on no colour.
func extractXLSX(ctx context.Context, in Input) (*ingest.Document, error) {
	a, err := openArchive(in)
	if err != nil {
		return nil, err
	}
	book, err := a.tree(ctx, "xl/workbook.xml", true)
	if err != nil {
		return nil, err
	}
	rels, err := a.relations(ctx, "xl/workbook.xml")
	if err != nil {
		return nil, err
	}
	x := &xlsxReader{in: in}
	if p := book.find("workbookPr"); p != nil {
		x.date1904 = truth(p.attr("date1904"))
	}
	if err := x.readStrings(ctx, a); err != nil {
		return nil, err
	}
	styles, err := a.tree(ctx, "xl/styles.xml", false)
	if err != nil {
		return nil, err
	}
	x.readStyles(styles)
	w := &sheetWriter{b: newBuilder(ctx, in)}
	for i, s := range book.all("sheet") {
		name := rels[relationID(s)]
		if state := s.attr("state"); state == "hidden" || state == "veryHidden" || !strings.Contains(name, "worksheets/") {
			continue // hidden, or a chart
		}
		data, err := a.part(name)
		if err != nil {
			return nil, err
		}
		rows := x.rows(ctx, data)
		err = w.sheet(s.attr("name"), i+1, func() ([]string, error) {
			cells, err := rows.next()
			if err != nil && ctx.Err() == nil {
				err = in.fail(ErrUnreadable, "sheet %q: %v; save it again from its program", s.attr("name"), err)
			}
			return cells, err
		})
		if err != nil {
			return nil, err
		}
	}
	doc, err := w.document("workbook")
	if err != nil {
		return nil, err
	}
	props, err := a.tree(ctx, "docProps/core.xml", false)
	if err != nil {
		return nil, err
	}
	if props != nil {
		if t := props.find("title"); t != nil {
			doc.Title = oneLine(normalise(t.flat()))
		}
		if t := props.find("modified"); t != nil {
			doc.Modified = officeDate(t.flat())
		}
	}
	return doc, nil
}

// xlsxReader is what the sheets of a workbook share.
type xlsxReader struct {
	in       Input
	date1904 bool
	strings  []string
	styles   []cellStyle
}

// cellStyle is what matters of a cell's format.
type cellStyle struct {
	format *numberFormat
	white  bool // white letters on no colour
}

func truth(s string) bool { return s == "1" || s == "true" || s == "on" }

func (x *xlsxReader) readStrings(ctx context.Context, a *archive) error {
	data, err := a.part("xl/sharedStrings.xml")
	if err != nil || data == nil {
		return err
	}
	d := xml.NewDecoder(&contextReader{ctx, bytes.NewReader(data)})
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			if ctx.Err() != nil {
				return err
			}
			return x.in.fail(ErrUnreadable, "xl/sharedStrings.xml: %v; save it again from its program", err)
		}
		if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
			s, err := richText(d, "si")
			if err != nil {
				continue // met again as the next token
			}
			x.strings = append(x.strings, s)
		}
	}
}

// richText is the text up to the end of the element name, without phonetic
// guides.
func richText(d *xml.Decoder, name string) (string, error) {
	var out strings.Builder
	in, guide := false, false
	for {
		t, err := d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			in = t.Name.Local == "t"
			guide = guide || t.Name.Local == "rPh"
		case xml.EndElement:
			switch in = false; t.Name.Local {
			case "rPh":
				guide = false
			case name:
				return unescapeXML(out.String()), nil
			}
		case xml.CharData:
			if in && !guide {
				out.Write(t)
			}
		}
	}
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

// unescapeXML reads characters that XML cannot hold, or that a program chose to
// write so: "_x000D_" (ECMA-376, part 1, 22.9.2.19).
func unescapeXML(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped.ReplaceAllStringFunc(s, func(e string) string {
		n, _ := strconv.ParseUint(e[2:6], 16, 32)
		return string(rune(n))
	})
}

func (x *xlsxReader) readStyles(root *node) {
	if root == nil {
		return
	}
	codes := map[string]string{}
	for _, f := range root.all("numFmt") {
		codes[f.attr("numFmtId")] = f.attr("formatCode")
	}
	var white, bare []bool // by number of font and of fill
	if fonts := root.first("fonts"); fonts != nil {
		for _, f := range fonts.children {
			c := f.first("color")
			white = append(white, c != nil && isWhite(c))
		}
	}
	if fills := root.first("fills"); fills != nil {
		for _, f := range fills.children {
			p := f.first("patternFill")
			bare = append(bare, p != nil && (p.attr("patternType") == "none" || p.attr("patternType") == "" ||
				p.attr("patternType") == "solid" && p.first("fgColor") != nil && isWhite(p.first("fgColor"))))
		}
	}
	xfs := root.first("cellXfs")
	if xfs == nil {
		return
	}
	formats := map[string]*numberFormat{}
	for _, xf := range xfs.children {
		id := xf.attr("numFmtId")
		if _, ok := formats[id]; !ok {
			code := codes[id]
			if n, err := strconv.Atoi(id); err == nil && code == "" {
				code = builtinFormats[n]
			}
			formats[id] = newNumberFormat(code, x.date1904)
		}
		at := func(list []bool, name string, other bool) bool {
			if n, err := strconv.Atoi(xf.attr(name)); err == nil && n >= 0 && n < len(list) {
				return list[n]
			}
			return other
		}
		x.styles = append(x.styles, cellStyle{formats[id], at(white, "fontId", false) && at(bare, "fillId", true)})
	}
}

// isWhite knows white as it is written, or as the first colour of the theme.
func isWhite(c *node) bool {
	rgb := strings.ToUpper(c.attr("rgb"))
	return len(rgb) >= 6 && strings.HasSuffix(rgb, "FFFFFF") || c.attr("theme") == "0" && (c.attr("tint") == "" || c.attr("tint") == "0")
}

// xlsxRows reads the rows of one sheet as they come.
type xlsxRows struct {
	x       *xlsxReader
	d       *xml.Decoder
	hidden  []columnSpan    // columns that are not shown, from 0
	merged  map[int][]merge // by their first row
	spans   []merge         // those that reach the row
	painted bool            // tables or rules colour the cells: white letters may stand on them
	row     int             // of the last row read, from 0
}

type columnSpan struct{ from, to int }

// merge is a cell that spans rows up to to.
type merge struct {
	column, to int
	text       string
}

const maxMerges = 10_000

func (x *xlsxReader) rows(ctx context.Context, data []byte) *xlsxRows {
	r := &xlsxRows{x: x, d: xml.NewDecoder(&contextReader{ctx, bytes.NewReader(data)}), row: -1, merged: map[int][]merge{}}
	// What is said of all rows stands after them.
	if i := bytes.LastIndex(data, []byte("sheetData>")); i >= 0 {
		after := data[i:]
		r.painted = bytes.Contains(after, []byte("tablePart")) || bytes.Contains(after, []byte("conditionalFormatting"))
		d := xml.NewDecoder(bytes.NewReader(after[len("sheetData>"):]))
		for n := 0; n < maxMerges; {
			t, err := d.RawToken()
			if err != nil {
				break
			}
			if e, ok := t.(xml.StartElement); ok && e.Name.Local == "mergeCell" {
				from, to, _ := strings.Cut(xmlAttr(e, "ref"), ":")
				c1, r1, ok1 := cellRef(from)
				_, r2, ok2 := cellRef(to)
				if ok1 && ok2 && r2 > r1 {
					r.merged[r1] = append(r.merged[r1], merge{column: c1, to: r2})
					n++
				}
			}
		}
	}
	return r
}

func xmlAttr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

// cellRef reads "B12" as column 1, row 11.
func cellRef(s string) (column, row int, ok bool) {
	i := 0
	for ; i < len(s) && s[i] >= 'A' && s[i] <= 'Z' && i < 3; i++ {
		column = column*26 + int(s[i]-'A') + 1
	}
	row, err := strconv.Atoi(s[i:])
	return column - 1, row - 1, err == nil && column > 0 && row > 0
}

// next is the next row that is shown, nil at the end.
func (r *xlsxRows) next() ([]string, error) {
	for {
		t, err := r.d.RawToken()
		if err == io.EOF {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "col":
				from, err1 := strconv.Atoi(xmlAttr(t, "min"))
				to, err2 := strconv.Atoi(xmlAttr(t, "max"))
				if err1 == nil && err2 == nil && (truth(xmlAttr(t, "hidden")) || xmlAttr(t, "width") == "0") {
					r.hidden = append(r.hidden, columnSpan{from - 1, to - 1})
				}
			case "row":
				r.row++
				if n, err := strconv.Atoi(xmlAttr(t, "r")); err == nil {
					r.row = n - 1
				}
				cells, err := r.cells()
				if err != nil {
					return nil, err
				}
				if !truth(xmlAttr(t, "hidden")) {
					return cells, nil
				}
			}
		case xml.EndElement:
			if t.Name.Local == "sheetData" {
				return nil, nil
			}
		}
	}
}

// cells reads up to the end of a row.
func (r *xlsxRows) cells() ([]string, error) {
	cells := []string{}
	column := -1
	put := func(column int, text string) {
		if column >= maxSheetColumns || text == "" {
			return
		}
		for len(cells) <= column {
			cells = append(cells, "")
		}
		cells[column] = text
	}
	for {
		t, err := r.d.RawToken()
		if err != nil {
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local != "c" {
				continue
			}
			column++
			if c, _, ok := cellRef(xmlAttr(t, "r")); ok {
				column = c
			}
			text, err := r.cell(t)
			if err != nil {
				return nil, err
			}
			put(column, text)
		case xml.EndElement:
			if t.Name.Local != "row" {
				continue
			}
			r.spans = slices.DeleteFunc(r.spans, func(m merge) bool { return m.to < r.row })
			for _, m := range r.spans {
				put(m.column, m.text)
			}
			for _, m := range r.merged[r.row] {
				if m.column < len(cells) {
					m.text = cells[m.column]
					r.spans = append(r.spans, m)
				}
			}
			for _, h := range r.hidden {
				for c := max(h.from, 0); c <= h.to && c < len(cells); c++ {
					cells[c] = ""
				}
			}
			return cells, nil
		}
	}
}

// cell reads up to the end of a cell, and writes its value as it is shown.
func (r *xlsxRows) cell(c xml.StartElement) (string, error) {
	var style cellStyle
	if n, err := strconv.Atoi(xmlAttr(c, "s")); err == nil && n >= 0 && n < len(r.x.styles) {
		style = r.x.styles[n]
	}
	value, inline := "", ""
	in := false
	for {
		t, err := r.d.RawToken()
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if t.Name.Local == "is" {
				if inline, err = richText(r.d, "is"); err != nil {
					return "", err
				}
			}
			in = t.Name.Local == "v"
		case xml.CharData:
			if in {
				value += string(t)
			}
		case xml.EndElement:
			if in = false; t.Name.Local != "c" {
				continue
			}
			if style.white && !r.painted {
				return "", nil
			}
			return r.x.shown(xmlAttr(c, "t"), value, inline, style), nil
		}
	}
}

func (x *xlsxReader) shown(kind, value, inline string, style cellStyle) string {
	switch kind {
	case "s":
		if n, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && n >= 0 && n < len(x.strings) {
			return x.strings[n]
		}
		return ""
	case "inlineStr":
		return inline
	case "str":
		return unescapeXML(value)
	case "e":
		return "" // #N/A, #REF!: no text of anybody
	case "b":
		if truth(value) {
			return "WAAR"
		}
		return "ONWAAR"
	case "d":
		if t := officeDate(value); !t.IsZero() {
			return t.Format("02-01-2006")
		}
		return value
	}
	v, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
	if err != nil {
		return value
	}
	return style.format.render(v)
}
