package extract

import (
	"context"
	"path"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// maxSlides is how many slides of one presentation are read.
const maxSlides = 5000

// extractPPTX reads a presentation (Office Open XML): each slide that is shown is
// a page, with its title as heading, its texts, tables and the notes under it.
func extractPPTX(ctx context.Context, in Input) (*ingest.Document, error) {
	a, err := openArchive(in)
	if err != nil {
		return nil, err
	}
	show, err := a.tree(ctx, "ppt/presentation.xml", true)
	if err != nil {
		return nil, err
	}
	rels, err := a.relations(ctx, "ppt/presentation.xml")
	if err != nil {
		return nil, err
	}
	w := &slideWriter{officeWriter: officeWriter{b: newBuilder(ctx, in)}}
	for i, id := range show.all("sldId") {
		if i == maxSlides {
			return nil, in.fail(ErrUnreadable, "more than %d slides; split it", maxSlides)
		}
		name := rels[relationID(id)]
		if name == "" {
			continue
		}
		slide, err := a.tree(ctx, name, false)
		if err != nil {
			return nil, err
		}
		if slide == nil || slide.attr("show") == "0" {
			continue
		}
		w.page = i + 1
		w.slide(slide, "title", "ctrTitle")
		if err := w.pptxNotes(ctx, a, name); err != nil {
			return nil, err
		}
	}
	props, err := a.tree(ctx, "docProps/core.xml", false)
	if err != nil {
		return nil, err
	}
	return w.document(props, "presentation")
}

// relations are the targets of a part's relations by their ID, as names of parts.
func (a *archive) relations(ctx context.Context, name string) (map[string]string, error) {
	root, err := a.tree(ctx, path.Dir(name)+"/_rels/"+path.Base(name)+".rels", false)
	if err != nil || root == nil {
		return nil, err
	}
	out := map[string]string{}
	for _, r := range root.all("Relationship") {
		if r.attr("TargetMode") == "External" {
			continue
		}
		target := r.attr("Target")
		if !strings.HasPrefix(target, "/") {
			target = path.Join(path.Dir(name), target)
		}
		out[r.attr("Id")] = strings.TrimPrefix(path.Clean(target), "/")
	}
	return out, nil
}

// relationID is the attribute r:id, which stands beside an id of its own.
func relationID(n *node) string {
	for _, a := range n.attrs {
		if a.Name.Local == "id" && a.Name.Space != "" {
			return a.Value
		}
	}
	return ""
}

// slideWriter writes the slides of either format.
type slideWriter struct {
	officeWriter
	page int
}

// slide writes one slide of PPTX: its title first, wherever it stands.
func (w *slideWriter) slide(n *node, titles ...string) {
	w.b.leave(1)
	shapes := n.all("sp")
	for _, sp := range shapes {
		if kind := placeholder(sp); kind == titles[0] || kind == titles[1] {
			w.slideTitle(drawingText(sp, " "), w.page)
		}
	}
	w.shapes(n)
}

// slideTitle writes the title of a slide; the first one is that of the show, if
// its properties name none.
func (w *slideWriter) slideTitle(text string, page int) {
	if w.heading == "" && len(w.b.blocks) == 0 {
		w.heading = oneLine(text)
	}
	w.b.heading(1, part{Text: text, Page: page})
}

// shapes writes what is no title, in the order of the file.
func (w *slideWriter) shapes(n *node) {
	for _, c := range n.children {
		if !w.b.ok() {
			return
		}
		switch c.name {
		case "sp":
			switch kind := placeholder(c); kind {
			case "title", "ctrTitle", "dt", "ftr", "sldNum", "hdr":
			default:
				w.shape(c, kind == "body" || kind == "")
			}
		case "tbl":
			w.pptxTable(c)
		case "Fallback", "timing", "transition", "extLst":
		default:
			w.shapes(c)
		}
	}
}

// placeholder is the role of a shape; "" for one without, "body" for the text.
func placeholder(sp *node) string {
	ph := sp.find("ph")
	if ph == nil {
		return "none"
	}
	if t := ph.attr("type"); t != "" {
		return t
	}
	return "body"
}

func (w *slideWriter) shape(sp *node, body bool) {
	if hiddenShape(sp) {
		return
	}
	for _, p := range sp.all("p") {
		kind := ingest.Paragraph
		if body {
			kind = ingest.Item
		}
		w.b.add(part{Kind: kind, Text: drawingText(p, ""), Page: w.page})
	}
}

func hiddenShape(sp *node) bool {
	c := sp.find("cNvPr")
	return c != nil && (c.attr("hidden") == "1" || c.attr("hidden") == "true")
}

// drawingText is the text of DrawingML: runs, with line breaks as they are.
func drawingText(n *node, between string) string {
	var b strings.Builder
	var walk func(*node)
	walk = func(n *node) {
		switch n.name {
		case "t":
			b.WriteString(n.flat())
			return
		case "br":
			b.WriteByte('\n')
		case "Fallback", "rPr", "pPr":
			return
		}
		for _, c := range n.children {
			walk(c)
		}
		if n.name == "p" {
			b.WriteString(between)
		}
	}
	walk(n)
	return b.String()
}

func (w *slideWriter) pptxTable(n *node) {
	header := ""
	first := false
	if p := n.first("tblPr"); p != nil {
		first = p.attr("firstRow") == "1" || p.attr("firstRow") == "true"
	}
	for i, tr := range n.children {
		if tr.name != "tr" {
			continue
		}
		var cells []string
		for _, tc := range tr.children {
			if tc.name == "tc" {
				cells = append(cells, drawingText(tc, " "))
			}
		}
		text := rowOf(cells)
		w.b.add(part{Kind: ingest.Row, Text: text, Context: header, Page: w.page, Own: i == 0})
		if first && header == "" {
			header = text
		}
	}
}

// pptxNotes writes the notes of a speaker under a slide.
func (w *slideWriter) pptxNotes(ctx context.Context, a *archive, slide string) error {
	rels, err := a.relations(ctx, slide)
	if err != nil {
		return err
	}
	for _, target := range rels {
		if !strings.HasPrefix(target, "ppt/notesSlides/") {
			continue
		}
		notes, err := a.tree(ctx, target, false)
		if err != nil || notes == nil {
			return err
		}
		for _, sp := range notes.all("sp") {
			if placeholder(sp) == "body" {
				for _, p := range sp.all("p") {
					w.b.add(part{Kind: ingest.Note, Text: drawingText(p, ""), Page: w.page})
				}
			}
		}
	}
	return nil
}

// writeODP writes an OpenDocument presentation (ODF 1.3, part 3, section 10):
// each page of it is a page.
func writeODP(ctx context.Context, in Input, content, meta *node) (*ingest.Document, error) {
	w := &odtWalker{officeWriter: officeWriter{b: newBuilder(ctx, in)}, styles: map[string]officeStyle{}, lists: newODTLists()}
	w.readStyles(content)
	for i, page := range content.find("body").all("page") {
		if i == maxSlides {
			return nil, in.fail(ErrUnreadable, "more than %d slides; split it", maxSlides)
		}
		w.b.page = i + 1
		w.b.leave(1)
		for _, f := range page.all("frame") {
			if f.attr("class") == "title" {
				if i == 0 && w.heading == "" {
					w.heading = oneLine(f.flat())
				}
				w.b.heading(1, part{Text: f.flat()})
			}
		}
		for _, c := range page.children {
			switch {
			case c.name == "frame" && c.attr("class") == "title", c.name == "forms":
			case c.name == "notes":
				for _, p := range c.all("p") {
					w.b.add(part{Kind: ingest.Note, Text: p.flat()})
				}
			default:
				w.block(c, ingest.Paragraph)
			}
		}
	}
	w.b.page = 0
	return w.document(meta, "presentation")
}
