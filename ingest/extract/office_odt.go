package extract

import (
	"context"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractODT reads an OpenDocument text (ODF 1.3, part 3): headings, lists,
// tables and notes of content.xml. Tables of contents and tracked deletions
// are left out.
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
	w := &odtWalker{officeWriter: officeWriter{b: newBuilder(ctx, in)}, styles: map[string]officeStyle{}}
	for _, root := range []*node{styles, content} {
		if root != nil {
			w.readStyles(root)
		}
	}
	w.children(content.find("body"), ingest.Paragraph)
	return w.document(meta, "ODT")
}

type odtWalker struct {
	officeWriter
	styles map[string]officeStyle
}

func (w *odtWalker) readStyles(root *node) {
	for _, s := range root.all("style") {
		st := officeStyle{parent: s.attr("parent-style-name"), name: s.attr("display-name")}
		st.level, _ = strconv.Atoi(s.attr("default-outline-level"))
		if p := s.first("text-properties"); p != nil {
			switch p.attr("font-weight") {
			case "bold", "600", "700", "800", "900":
				st.bold = 1
			case "normal":
				st.bold = -1
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
	case "list", "list-item", "list-header":
		w.children(n, ingest.Item)
	case "table":
		w.odtTable(n)
	default:
		w.children(n, kind)
	}
}

func (w *odtWalker) paragraph(n *node, kind ingest.Kind) {
	level, title, bold := resolve(w.styles, n.attr("style-name"))
	if n.name == "h" {
		if l, err := strconv.Atoi(n.attr("outline-level")); err == nil && l > 0 {
			level = min(l, 7)
		} else if level == 0 {
			level = 1
		}
	}
	run := odtRun{w: w, bold: true, base: bold}
	run.children(n, bold)
	text := run.text.String()
	if title && w.title == "" && n.name == "p" && len(text) > 4 {
		w.title = text
	}
	if kind == ingest.Item && level == 0 && n.name == "p" {
		w.para(ingest.Item, text, 0, false)
	} else {
		w.para(kind, text, level, run.bold && run.text.Len() > 0)
	}
	for _, box := range run.boxes {
		w.children(box, ingest.Paragraph)
	}
}

// odtRun collects the text of a paragraph; boxes anchored in it come after it.
type odtRun struct {
	w     *odtWalker
	text  strings.Builder
	boxes []*node
	bold  bool // all text so far
	base  bool
}

func (r *odtRun) children(n *node, bold bool) {
	for _, c := range n.children {
		r.inline(c, bold)
	}
}

func (r *odtRun) inline(n *node, bold bool) {
	switch n.name {
	case "":
		r.text.WriteString(strings.ReplaceAll(n.text, "\n", " "))
		if strings.TrimSpace(n.text) != "" {
			r.bold = r.bold && bold
		}
	case "s", "tab":
		r.text.WriteByte(' ')
	case "line-break":
		r.text.WriteByte('\n')
	case "span":
		if id := n.attr("style-name"); id != "" {
			if s := r.w.styles[id]; s.bold != 0 {
				bold = s.bold > 0
			} else if _, _, b := resolve(r.w.styles, id); b {
				bold = true
			}
		}
		r.children(n, bold)
	case "note":
		r.note(n)
	case "annotation", "annotation-end", "title", "desc", "index-title-template", "change", "change-start", "change-end":
	case "text-box", "table":
		r.boxes = append(r.boxes, n)
	default:
		r.children(n, bold)
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

// odtTable writes a table row by row; one with a single column is layout, and
// read as paragraphs.
func (w *odtWalker) odtTable(n *node) {
	var rows []row
	columns := 0
	w.tableRows(n, false, &rows, &columns)
	if columns <= 1 {
		for _, c := range n.all("table-cell") {
			w.children(c, ingest.Paragraph)
		}
		return
	}
	w.table(rows)
}

func (w *odtWalker) tableRows(n *node, header bool, rows *[]row, columns *int) {
	for _, c := range n.children {
		switch c.name {
		case "table-header-rows":
			w.tableRows(c, true, rows, columns)
		case "table-rows", "table-row-group":
			w.tableRows(c, header, rows, columns)
		case "table-row":
			r := row{header: header, bold: true}
			for _, cell := range c.children {
				if cell.name != "table-cell" {
					continue
				}
				run := odtRun{w: w, bold: true}
				w.cell(cell, &run)
				r.cells = append(r.cells, run.text.String())
				r.bold = r.bold && (run.bold || blankText(run.text.String()))
			}
			*rows = append(*rows, r)
			*columns = max(*columns, len(r.cells))
		}
	}
}

// cell collects all paragraphs of a cell, those of tables within it too.
func (w *odtWalker) cell(n *node, run *odtRun) {
	for _, c := range n.children {
		switch c.name {
		case "p", "h":
			_, _, bold := resolve(w.styles, c.attr("style-name"))
			run.text.WriteByte(' ')
			run.children(c, bold)
			boxes := run.boxes
			run.boxes = nil
			for _, b := range boxes {
				w.cell(b, run)
			}
		case "", "table-column", "table-columns":
		default:
			w.cell(c, run)
		}
	}
}
