package extract

import (
	"context"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractDOCX reads a Word document (ECMA-376, part 1, 17): headings by their
// style, paragraphs, lists, tables and notes of word/document.xml. Tracked
// deletions are left out.
func extractDOCX(ctx context.Context, in Input) (*ingest.Document, error) {
	a, err := openArchive(in)
	if err != nil {
		return nil, err
	}
	content, err := a.tree(ctx, "word/document.xml", true)
	if err != nil {
		return nil, err
	}
	w := &docxWalker{officeWriter: officeWriter{b: newBuilder(ctx, in)}, styles: map[string]officeStyle{}, noteText: map[string]string{}}
	styles, err := a.tree(ctx, "word/styles.xml", false)
	if err != nil {
		return nil, err
	}
	if styles != nil {
		w.readStyles(styles)
	}
	for _, kind := range []string{"footnote", "endnote"} {
		notes, err := a.tree(ctx, "word/"+kind+"s.xml", false)
		if err != nil {
			return nil, err
		}
		if notes != nil {
			for _, n := range notes.all(kind) {
				w.noteText[kind+n.attr("id")] = oneLine(docxText(n))
			}
		}
	}
	props, err := a.tree(ctx, "docProps/core.xml", false)
	if err != nil {
		return nil, err
	}
	body := content.find("body")
	if body == nil {
		return nil, in.fail(ErrUnreadable, "no body in its content; save it again from its program")
	}
	w.children(body)
	return w.document(props, "DOCX")
}

type docxWalker struct {
	officeWriter
	styles   map[string]officeStyle
	noteText map[string]string
	numbered int // notes so far
}

func val(n *node, name string) string {
	if c := n.first(name); c != nil {
		return c.attr("val")
	}
	return ""
}

// on reads a switch such as <w:b/>: 1 on, -1 off, 0 not there.
func on(n *node, name string) int {
	c := n.first(name)
	switch {
	case c == nil:
		return 0
	case c.attr("val") == "0", c.attr("val") == "false", c.attr("val") == "off":
		return -1
	}
	return 1
}

func (w *docxWalker) readStyles(root *node) {
	for _, s := range root.all("style") {
		st := officeStyle{parent: val(s, "basedOn"), name: val(s, "name")}
		if p := s.first("pPr"); p != nil {
			if l, err := strconv.Atoi(val(p, "outlineLvl")); err == nil && l < 9 {
				st.level = l + 1
			}
		}
		if r := s.first("rPr"); r != nil {
			st.bold = on(r, "b")
		}
		w.styles[s.attr("styleId")] = st
	}
}

func (w *docxWalker) children(n *node) {
	for _, c := range n.children {
		if !w.b.ok() {
			return
		}
		switch c.name {
		case "p":
			w.paragraph(c)
		case "tbl":
			w.docxTable(c)
		case "", "sectPr", "del", "moveFrom", "Fallback", "sdtPr":
		default: // sdt, ins, customXml
			w.children(c)
		}
	}
}

func (w *docxWalker) paragraph(n *node) {
	var level int
	var title, styleBold, list bool
	if p := n.first("pPr"); p != nil {
		id := val(p, "pStyle")
		if strings.HasPrefix(strings.ToLower(id), "toc") || strings.HasPrefix(strings.ToLower(id), "inhopg") {
			return // a line of the table of contents
		}
		level, title, styleBold = resolve(w.styles, id)
		if l, err := strconv.Atoi(val(p, "outlineLvl")); err == nil && l < 9 {
			level = l + 1
		}
		list = p.first("numPr") != nil && val(p.first("numPr"), "numId") != "0"
	}
	run := docxRun{w: w, bold: true}
	run.children(n, styleBold)
	text := run.text.String()
	if title && w.title == "" && len(text) > 4 {
		w.title = text
	}
	if title && level == 0 {
		level = 1
	}
	kind := ingest.Paragraph
	if list && level == 0 {
		kind = ingest.Item
	}
	w.para(kind, text, min(level, 7), run.bold && run.text.Len() > 0)
	for _, box := range run.boxes {
		w.children(box)
	}
}

// docxRun collects the text of a paragraph; text boxes in it come after it.
type docxRun struct {
	w     *docxWalker
	text  strings.Builder
	boxes []*node
	bold  bool // all text so far
}

func (r *docxRun) children(n *node, bold bool) {
	for _, c := range n.children {
		r.inline(c, bold)
	}
}

func (r *docxRun) inline(n *node, bold bool) {
	switch n.name {
	case "", "pPr", "rPr", "del", "moveFrom", "delText", "instrText", "Fallback", "sdtPr", "fldData":
	case "r":
		if p := n.first("rPr"); p != nil {
			if b := on(p, "b"); b != 0 {
				bold = b > 0
			}
			if on(p, "vanish") > 0 {
				return
			}
		}
		r.children(n, bold)
	case "t":
		text := docxText(n)
		r.text.WriteString(text)
		if !blankText(text) {
			r.bold = r.bold && bold
		}
	case "tab", "ptab":
		r.text.WriteByte(' ')
	case "br", "cr":
		r.text.WriteByte('\n')
	case "noBreakHyphen":
		r.text.WriteByte('-')
	case "footnoteReference", "endnoteReference":
		if text := r.w.noteText[strings.TrimSuffix(n.name, "Reference")+n.attr("id")]; text != "" {
			r.w.numbered++
			r.w.notes = append(r.w.notes, strconv.Itoa(r.w.numbered)+" "+text)
		}
	case "txbxContent":
		r.boxes = append(r.boxes, n)
	default:
		r.children(n, bold)
	}
}

// docxText is the text below n: that of its w:t elements, or its own.
func docxText(n *node) string {
	var b strings.Builder
	var walk func(*node)
	walk = func(n *node) {
		switch n.name {
		case "":
			b.WriteString(n.text)
		case "del", "delText", "instrText", "pPr", "rPr", "Fallback":
			return
		case "tab", "br", "cr":
			b.WriteByte(' ')
		}
		for _, c := range n.children {
			if c.name != "" || n.name == "t" {
				walk(c)
			}
		}
		if n.name == "p" {
			b.WriteByte(' ')
		}
	}
	walk(n)
	return b.String()
}

// docxTable writes a table row by row; one with a single column is layout, and
// read as paragraphs.
func (w *docxWalker) docxTable(n *node) {
	var rows []row
	columns := 0
	for _, tr := range n.children {
		if tr.name != "tr" {
			continue
		}
		r := row{bold: true}
		if p := tr.first("trPr"); p != nil {
			r.header = on(p, "tblHeader") > 0
		}
		for _, tc := range tr.all("tc") {
			run := docxRun{w: w, bold: true}
			for _, p := range tc.all("p") {
				bold := false
				if ppr := p.first("pPr"); ppr != nil {
					_, _, bold = resolve(w.styles, val(ppr, "pStyle"))
				}
				run.text.WriteByte(' ')
				run.children(p, bold)
			}
			r.cells = append(r.cells, run.text.String())
			r.bold = r.bold && (run.bold || blankText(run.text.String()))
		}
		columns = max(columns, len(r.cells))
		rows = append(rows, r)
	}
	if columns > 1 {
		w.table(rows)
		return
	}
	for _, tr := range n.children {
		for _, tc := range tr.children {
			if tc.name == "tc" {
				w.children(tc)
			}
		}
	}
}
