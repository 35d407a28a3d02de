package extract

import (
	"context"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractDOCX reads a Word document (ECMA-376, part 1, 17): headings by their
// style, paragraphs, lists with their numbers, tables and notes of
// word/document.xml. Left out are tracked deletions, what nobody sees, and the
// hints of fields that nobody filled in.
func extractDOCX(ctx context.Context, in Input) (*ingest.Document, error) {
	a, err := openArchive(in)
	if err != nil {
		return nil, err
	}
	content, err := a.tree(ctx, "word/document.xml", true)
	if err != nil {
		return nil, err
	}
	w := &docxWalker{officeWriter: officeWriter{b: newBuilder(ctx, in)}, styles: map[string]officeStyle{}, noteText: map[string]string{},
		ground: content.first("background") != nil}
	styles, err := a.tree(ctx, "word/styles.xml", false)
	if err != nil {
		return nil, err
	}
	if styles != nil {
		w.readStyles(styles)
	}
	lists, err := a.tree(ctx, "word/numbering.xml", false)
	if err != nil {
		return nil, err
	}
	w.lists = readDocxLists(lists, w.styles)
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
	lists    *docxLists
	noteText map[string]string
	numbered int  // notes so far
	ground   bool // there may be a colour behind what is read now
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
		var st officeStyle
		if r := s.first("rPr"); r != nil {
			st = docxStyle(r)
		}
		st.parent, st.name = val(s, "basedOn"), val(s, "name")
		if p := s.first("pPr"); p != nil {
			if l, err := strconv.Atoi(val(p, "outlineLvl")); err == nil && l < 9 {
				st.level = l + 1
			}
			if painted(p) {
				st.painted = 1
			}
			if n := p.first("numPr"); n != nil {
				st.list = docxList(n)
			}
		}
		w.styles[s.attr("styleId")] = st
	}
}

// docxStyle is what the properties of a piece of text say.
func docxStyle(r *node) officeStyle {
	s := officeStyle{bold: on(r, "b"), hidden: on(r, "vanish")}
	if size, err := strconv.Atoi(val(r, "sz")); err == nil && size <= 3 { // half points
		s.hidden = 1
	}
	if c := r.first("color"); c != nil {
		if s.white = -1; strings.EqualFold(c.attr("val"), "FFFFFF") || c.attr("themeColor") == "background1" && c.attr("themeShade") == "" {
			s.white = 1
		}
	}
	if painted(r) || r.first("highlight") != nil {
		s.painted = 1
	}
	return s
}

// painted reports whether properties give a colour to the background.
func painted(n *node) bool {
	shd := n.first("shd")
	if shd == nil {
		return false
	}
	fill := strings.ToUpper(shd.attr("fill"))
	return fill != "" && fill != "AUTO" && fill != "FFFFFF" || shd.attr("themeFill") != ""
}

func docxList(n *node) listRef {
	level, _ := strconv.Atoi(val(n, "ilvl"))
	return listRef{val(n, "numId"), level}
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
		case "sdt":
			if !unfilled(c) {
				w.children(c)
			}
		default: // ins, customXml
			w.children(c)
		}
	}
}

// unfilled reports whether a field shows the hint of what to write in it.
func unfilled(sdt *node) bool {
	p := sdt.first("sdtPr")
	return p != nil && on(p, "showingPlcHdr") > 0
}

// read reads one paragraph with its number; not ok for a line of the table of
// contents.
func (w *docxWalker) read(n *node) (run docxRun, l officeLook, ok bool) {
	if p := n.first("pPr"); p != nil {
		id := val(p, "pStyle")
		if strings.HasPrefix(strings.ToLower(id), "toc") || strings.HasPrefix(strings.ToLower(id), "inhopg") {
			return run, l, false
		}
		l = resolve(w.styles, id)
		if v, err := strconv.Atoi(val(p, "outlineLvl")); err == nil && v < 9 {
			l.level = v + 1
		}
		if num := p.first("numPr"); num != nil {
			own := docxList(num)
			if own.list == "" { // a level in the list of its style
				own.list = l.list.list
			}
			l.list, l.style = own, ""
		}
		l.ground = l.ground || painted(p)
	}
	l.ground = l.ground || w.ground
	run = docxRun{w: w, bold: true}
	run.children(n, l)
	if number := w.lists.next(l.list, l.style); number != "" && !blankText(run.text.String()) {
		text := run.text.String()
		run.text.Reset()
		run.text.WriteString(number + " " + text)
	}
	return run, l, true
}

func (w *docxWalker) paragraph(n *node) {
	run, l, ok := w.read(n)
	if !ok {
		return
	}
	text := run.text.String()
	if l.title && w.title == "" && len(text) > 4 {
		w.title = text
	}
	if l.title && l.level == 0 {
		l.level = 1
	}
	kind := ingest.Paragraph
	if l.list.list != "" && l.list.list != "0" && l.level == 0 {
		kind = ingest.Item
	}
	w.para(kind, text, min(l.level, 7), run.bold && run.text.Len() > 0)
	for _, box := range run.boxes {
		w.on(true, func() { w.children(box) }) // the colour of a box is that of its shape
	}
}

// on reads with or without a colour in the background.
func (w *docxWalker) on(ground bool, read func()) {
	before := w.ground
	w.ground = before || ground
	read()
	w.ground = before
}

// docxRun collects the text of a paragraph; text boxes in it come after it.
type docxRun struct {
	w     *docxWalker
	text  strings.Builder
	boxes []*node
	bold  bool // all text so far
}

func (r *docxRun) children(n *node, l officeLook) {
	for _, c := range n.children {
		r.inline(c, l)
	}
}

func (r *docxRun) inline(n *node, l officeLook) {
	switch n.name {
	case "", "pPr", "rPr", "del", "moveFrom", "delText", "instrText", "Fallback", "sdtPr", "fldData":
	case "sdt":
		if !unfilled(n) {
			r.children(n, l)
		}
	case "r":
		if p := n.first("rPr"); p != nil {
			if id := val(p, "rStyle"); id != "" {
				l = l.over(resolve(r.w.styles, id))
			}
			l = l.with(docxStyle(p))
		}
		if l.seen() {
			r.children(n, l)
		}
	case "t":
		text := docxText(n)
		r.text.WriteString(text)
		if !blankText(text) {
			r.bold = r.bold && l.bold
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
		r.children(n, l)
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
		case "del", "moveFrom", "delText", "instrText", "pPr", "rPr", "Fallback":
			return
		case "sdt":
			if unfilled(n) {
				return
			}
		case "r":
			if p := n.first("rPr"); p != nil && !(officeLook{}).with(docxStyle(p)).seen() {
				return
			}
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
