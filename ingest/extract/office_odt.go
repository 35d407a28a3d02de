package extract

import (
	"context"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractODT reads an OpenDocument text (ODF 1.3, part 3): headings, lists with
// their numbers, tables and notes of content.xml. Left out are tables of
// contents, tracked deletions, what nobody sees, and fields to fill in.
func extractODT(ctx context.Context, in Input) (*ingest.Document, error) {
	a, err := openArchive(in)
	if err != nil {
		return nil, err
	}
	manifest, err := a.part("META-INF/manifest.xml")
	if err != nil {
		return nil, err
	}
	if strings.Contains(string(manifest), "encryption-data") {
		return nil, in.fail(ErrUnreadable, "it is protected by a password; save it without one")
	}
	content, err := a.tree(ctx, "content.xml", true)
	if err != nil {
		return nil, err
	}
	styles, err := a.tree(ctx, "styles.xml", false)
	if err != nil {
		return nil, err
	}
	meta, err := a.tree(ctx, "meta.xml", false)
	if err != nil {
		return nil, err
	}
	return readODF(ctx, in, content, styles, meta)
}

// readODF chooses by what the body is of: a text, a spreadsheet or a presentation.
func readODF(ctx context.Context, in Input, content, styles, meta *node) (*ingest.Document, error) {
	body := content.find("body")
	switch {
	case body == nil:
		return nil, in.fail(ErrUnreadable, "no body in its content; save it again from its program")
	case body.first("spreadsheet") != nil:
		return extractODS(ctx, in, content, meta)
	case body.first("presentation") != nil:
		return writeODP(ctx, in, content, meta)
	}
	return writeODF(ctx, in, content, styles, meta)
}

// extractFlatODF reads ODF in one XML file.
func extractFlatODF(ctx context.Context, in Input, root *node) (*ingest.Document, error) {
	return readODF(ctx, in, root, root, root.first("meta"))
}

func writeODF(ctx context.Context, in Input, content, styles, meta *node) (*ingest.Document, error) {
	w := &odtWalker{officeWriter: officeWriter{b: newBuilder(ctx, in)}, styles: map[string]officeStyle{}, lists: newODTLists()}
	for _, root := range []*node{styles, content} {
		if root != nil {
			w.readStyles(root)
			w.lists.readStyles(root)
		}
	}
	w.children(content.find("body"), ingest.Paragraph)
	return w.document(meta, "ODT")
}

type odtWalker struct {
	officeWriter
	styles map[string]officeStyle
	lists  *odtLists
	list   *odtList // that is being read
	number string   // of the paragraph to come
	ground bool     // there may be a colour behind what is read now
}

func (w *odtWalker) readStyles(root *node) {
	for _, s := range root.all("style") {
		st := officeStyle{parent: s.attr("parent-style-name"), name: s.attr("display-name")}
		st.level, _ = strconv.Atoi(s.attr("default-outline-level"))
		for _, p := range s.children {
			if c := p.attr("background-color"); strings.HasSuffix(p.name, "-properties") && c != "" && c != "transparent" && !strings.EqualFold(c, "#ffffff") {
				st.painted = 1
			}
		}
		if p := s.first("text-properties"); p != nil {
			switch p.attr("font-weight") {
			case "bold", "600", "700", "800", "900":
				st.bold = 1
			case "normal":
				st.bold = -1
			}
			switch p.attr("display") {
			case "none":
				st.hidden = 1
			case "true":
				st.hidden = -1
			}
			if size, err := strconv.ParseFloat(strings.TrimSuffix(p.attr("font-size"), "pt"), 64); err == nil && size <= 1.5 {
				st.hidden = 1
			}
			if c := p.attr("color"); strings.EqualFold(c, "#ffffff") {
				st.white = 1
			} else if c != "" {
				st.white = -1
			}
		}
		w.styles[s.attr("name")] = st
	}
}

func (w *odtWalker) children(n *node, kind ingest.Kind) {
	for _, c := range n.children {
		if !w.b.ok() {
			return
		}
		w.block(c, kind)
	}
}

func (w *odtWalker) block(n *node, kind ingest.Kind) {
	switch n.name {
	case "", "sequence-decls", "forms", "tracked-changes", "table-of-content", "alphabetical-index", "illustration-index",
		"table-column", "table-columns", "automatic-styles", "master-styles", "font-face-decls", "scripts", "settings", "meta", "styles":
	case "h", "p":
		w.paragraph(n, kind)
	case "list":
		w.inList(n, func() { w.children(n, ingest.Item) })
	case "list-item":
		w.item(n)
		w.children(n, ingest.Item)
		w.number = ""
	case "list-header":
		w.children(n, ingest.Item)
	case "section":
		if v := n.attr("display"); v != "none" && !(v == "condition" && n.attr("is-hidden") == "true") {
			w.children(n, kind)
		}
	case "table":
		w.odtTable(n)
	default:
		w.children(n, kind)
	}
}

// inList reads what is in a list.
func (w *odtWalker) inList(n *node, read func()) {
	before := w.list
	w.list = w.lists.begin(n, before)
	read()
	w.list = before
}

// item counts an item; its number goes with its first paragraph.
func (w *odtWalker) item(n *node) {
	if w.list == nil {
		return
	}
	w.number = w.lists.item(n, w.list)
	if own := n.first("number"); own != nil {
		w.number = strings.TrimSpace(own.flat())
	}
}

// on reads with or without a colour in the background.
func (w *odtWalker) on(ground bool, read func()) {
	before := w.ground
	w.ground = before || ground
	read()
	w.ground = before
}

// read reads one paragraph with its number.
func (w *odtWalker) read(n *node) (odtRun, officeLook) {
	l := resolve(w.styles, n.attr("style-name"))
	l.ground = l.ground || w.ground
	if n.name == "h" {
		if v, err := strconv.Atoi(n.attr("outline-level")); err == nil && v > 0 {
			l.level = v
		} else if l.level == 0 {
			l.level = 1
		}
	}
	number := w.number
	w.number = ""
	if n.name == "h" && w.list == nil && n.attr("is-list-header") != "true" {
		number = w.lists.heading(l.level)
	}
	if own := n.first("number"); own != nil {
		number = strings.TrimSpace(own.flat())
	}
	run := odtRun{w: w, bold: true}
	for _, h := range n.all("hidden-paragraph") {
		if h.attr("is-hidden") == "true" {
			return run, l
		}
	}
	run.children(n, l)
	if text := run.text.String(); number != "" && !blankText(text) {
		run.text.Reset()
		run.text.WriteString(number + " " + text)
	}
	return run, l
}

func (w *odtWalker) paragraph(n *node, kind ingest.Kind) {
	run, l := w.read(n)
	text := run.text.String()
	if l.title && w.title == "" && n.name == "p" && len(text) > 4 {
		w.title = text
	}
	if kind == ingest.Item && l.level == 0 && n.name == "p" {
		w.para(ingest.Item, text, 0, false)
	} else {
		w.para(kind, text, min(l.level, 7), run.bold && run.text.Len() > 0)
	}
	list := w.list
	w.list = nil // a box has lists of its own
	for _, box := range run.boxes {
		w.on(true, func() { w.children(box, ingest.Paragraph) }) // the colour of a box is that of its shape
	}
	w.list = list
}

// odtRun collects the text of a paragraph; boxes anchored in it come after it.
type odtRun struct {
	w     *odtWalker
	text  strings.Builder
	boxes []*node
	bold  bool // all text so far
}

func (r *odtRun) children(n *node, l officeLook) {
	for _, c := range n.children {
		r.inline(c, l)
	}
}

func (r *odtRun) inline(n *node, l officeLook) {
	switch n.name {
	case "":
		if !l.seen() {
			return
		}
		r.text.WriteString(strings.ReplaceAll(n.text, "\n", " "))
		if strings.TrimSpace(n.text) != "" {
			r.bold = r.bold && l.bold
		}
	case "s", "tab":
		r.text.WriteByte(' ')
	case "line-break":
		r.text.WriteByte('\n')
	case "span":
		if id := n.attr("style-name"); id != "" {
			l = l.over(resolve(r.w.styles, id)).with(r.w.styles[id])
		}
		r.children(n, l)
	case "note":
		r.note(n)
	case "number", "placeholder", "annotation", "annotation-end", "title", "desc", "index-title-template", "change", "change-start", "change-end":
	case "hidden-text":
		if n.attr("is-hidden") != "true" {
			r.children(n, l)
		}
	case "text-box", "table":
		r.boxes = append(r.boxes, n)
	default:
		r.children(n, l)
	}
}

func (r *odtRun) note(n *node) {
	var parts []string
	for _, name := range []string{"note-citation", "note-body"} {
		if c := n.first(name); c != nil {
			parts = append(parts, oneLine(c.flat()))
		}
	}
	r.w.notes = append(r.w.notes, strings.Join(parts, " "))
}
