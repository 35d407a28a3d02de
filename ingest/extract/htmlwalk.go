package extract

import (
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// htmlWalker writes the blocks of a tree from which boilerplate has been
// taken out.
type htmlWalker struct {
	b       *builder
	buf     strings.Builder // inline text of the block under way
	kind    ingest.Kind
	context string
	place
	page     map[*html.Node]bool // elements that hold the headline: see cores
	headings int                 // written so far
	number   string              // number of an item, set apart from the heading it belongs to
	base     int                 // added to the level of headings within details
	pre      int                 // depth of pre elements

	changed time.Time // when the page says it was last changed

	links, linkBytes int // links in the block under way and their visible bytes
	controls         int // visible bytes of the links that are controls
}

// place is what leads to the block under way.
type place struct {
	anchor string // nearest id at or before the block
	fresh  bool   // the anchor stands after the last heading
	level  int    // of the heading that the anchor leads to
}

// detailsLevel is the rank of a summary: below every h1 to h6.
const detailsLevel = 14

// flush ends the block under way.
func (w *htmlWalker) flush() {
	if w.buf.Len() == 0 {
		return
	}
	text, bar := w.buf.String(), w.bar() || w.controls > 0 && w.controls >= textSize(w.buf.String())
	w.buf.Reset()
	w.links, w.linkBytes, w.controls = 0, 0, 0
	if bar || uiPhrase(text) {
		return
	}
	if t, ok := changedLine(text); ok {
		if w.changed.IsZero() {
			w.changed = t
		}
		return
	}
	if w.kind == ingest.Item && ordinal(text) {
		w.writeNumber()
		w.number = oneLine(text)
		return
	}
	w.writeNumber()
	w.b.add(part{Kind: w.kind, Text: text, Anchor: w.anchor, Context: w.context})
}

// ordinal reports whether a text is the number of an item only.
func ordinal(s string) bool {
	s = strings.TrimRight(strings.TrimSpace(s), ".)")
	if s == "" || len(s) > 3 {
		return false
	}
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

// writeNumber writes a number that no heading came after.
func (w *htmlWalker) writeNumber() {
	if w.number != "" {
		w.b.add(part{Kind: ingest.Item, Text: w.number, Anchor: w.anchor, Context: w.context})
		w.number = ""
	}
}

// bar reports whether the block is a row of controls: several links of a word
// or two and nothing else.
func (w *htmlWalker) bar() bool {
	return w.links > 1 && w.linkBytes <= 20*w.links && textSize(w.buf.String()) <= w.linkBytes+2*w.links && !strings.ContainsAny(w.buf.String(), "0123456789@")
}

func (w *htmlWalker) children(n *html.Node) {
	for c := n.FirstChild; c != nil && w.b.err == nil; c = c.NextSibling {
		w.node(c)
	}
}

// as runs f with another kind and context for the blocks within.
func (w *htmlWalker) as(kind ingest.Kind, context string, f func()) {
	w.flush()
	k, c := w.kind, w.context
	w.kind, w.context = kind, context
	f()
	w.flush()
	w.kind, w.context = k, c
}

func (w *htmlWalker) node(n *html.Node) {
	switch n.Type {
	case html.TextNode:
		w.write(n.Data)
		return
	case html.ElementNode:
	default:
		w.children(n)
		return
	}
	if skipped[n.DataAtom] {
		return
	}
	block := !inline[n.DataAtom]
	if block {
		w.flush()
	}
	outer, headings := w.place, w.headings
	w.mark(n, block)
	own := block && w.anchor != "" && w.anchor == attr(n, "id") && !heading(n) && n.FirstChild != nil
	w.element(n)
	if block {
		w.flush()
	}
	// The id of an element leads to what is in it, not to what comes after.
	if own && w.anchor == attr(n, "id") {
		w.place = outer
		w.fresh = w.fresh && headings == w.headings
	}
}

// element writes what is in an element.
func (w *htmlWalker) element(n *html.Node) {
	switch n.DataAtom {
	case atom.Br:
		w.buf.WriteByte('\n')
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.heading(headingRank(n)+w.base, n)
	case atom.Details:
		w.details(n)
	case atom.Li:
		w.as(ingest.Item, w.context, func() { w.children(n) })
	case atom.Dl:
		w.definitions(n)
	case atom.Table:
		w.table(n)
	case atom.Pre, atom.Textarea:
		w.pre++
		w.children(n)
		w.pre--
	case atom.Button:
		// The trigger of an accordion is the heading of what it opens.
		if trigger(n) {
			w.children(n)
		}
	case atom.A:
		before := w.buf.Len()
		w.children(n)
		if w.buf.Len() > before {
			w.links++
			text := w.buf.String()[before:]
			size := textSize(text)
			w.linkBytes += size
			if controlLink(text) {
				w.controls += size
			}
		}
	case atom.Div:
		if lines := fieldLines(n); lines != "" {
			w.buf.WriteString(lines)
			return
		}
		w.container(n)
	default:
		w.container(n)
	}
}

// container writes what is in an element, and ends the heading that was added to
// it.
func (w *htmlWalker) container(n *html.Node) {
	w.children(n)
	if c := n.FirstChild; c != nil && hasAttr(c, rankAttr) {
		w.flush()
		w.b.leave(headingRank(c) + w.base)
	}
}

// write appends inline text; only br and pre break lines.
func (w *htmlWalker) write(s string) {
	if w.pre > 0 {
		w.buf.WriteString(s)
		return
	}
	if w.buf.Len() == 0 && strings.TrimSpace(s) == "" {
		return
	}
	for i, line := range strings.Split(s, "\n") {
		if i > 0 {
			w.buf.WriteByte(' ')
		}
		w.buf.WriteString(line)
	}
}

// mark remembers the id that leads to what follows.
func (w *htmlWalker) mark(n *html.Node, block bool) {
	if w.page[n] && !heading(n) {
		return // its id leads to the page
	}
	if n.DataAtom == atom.Div && n.FirstChild == nil {
		return // a place for a script to write in
	}
	if block && w.anchor != "" && closedPanel(n) && w.afterHeading() {
		return // a link to what is closed leads nowhere; one to its heading does
	}
	for _, a := range n.Attr {
		if (a.Key == "id" && block || a.Key == "name" && n.DataAtom == atom.A) && goodAnchor(a.Val) {
			w.anchor, w.fresh = a.Val, true
			return
		}
	}
}

// closedPanel recognises what is hidden until its heading is clicked.
func closedPanel(n *html.Node) bool {
	if hasAttr(n, "hidden") || attr(n, "aria-hidden") == "true" || attr(n, "role") == "region" {
		return true
	}
	return readStyle(attr(n, "style"))["display"] == "none" || names(n).any(panelNames)
}

// afterHeading reports whether the last block is the heading that the anchor
// leads to.
func (w *htmlWalker) afterHeading() bool {
	n := len(w.b.blocks)
	return n > 0 && w.b.blocks[n-1].Kind == ingest.Heading && w.b.blocks[n-1].Anchor == w.anchor
}

func goodAnchor(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsAny(s, " \t\r\n\"<>#") && !contentNames[strings.ToLower(s)]
}

func (w *htmlWalker) heading(level int, n *html.Node) {
	text := inlineText(n)
	if uiPhrase(text) || w.repeats(text) {
		return
	}
	// An anchor of an earlier section at this level leads elsewhere.
	if id := anchorWithin(n); id != "" {
		w.anchor, w.level = id, level
	} else if w.fresh {
		w.level = level
	} else if level <= w.level {
		w.anchor = ""
	}
	w.fresh = false
	w.headings++
	if unseenName(n) {
		w.b.enter(level, text)
		return
	}
	if w.number != "" {
		text, w.number = w.number+" "+text, ""
	}
	w.b.heading(level, part{Text: text, Anchor: w.anchor})
}

// repeats reports whether the last block is the same heading.
func (w *htmlWalker) repeats(text string) bool {
	n := len(w.b.blocks)
	return n > 0 && w.number == "" && w.b.blocks[n-1].Kind == ingest.Heading && w.b.lastText() == oneLine(text)
}

// anchorWithin finds the id that an editor put on an element within a heading.
func anchorWithin(n *html.Node) string {
	if id := attr(n, "id"); goodAnchor(id) {
		return id
	}
	for c := range below(n) {
		if c.Type != html.ElementNode {
			continue
		}
		if id := attr(c, "id"); goodAnchor(id) {
			return id
		}
		if id := attr(c, "name"); c.DataAtom == atom.A && goodAnchor(id) {
			return id
		}
	}
	return ""
}

// details writes the summary as a heading of what it opens.
func (w *htmlWalker) details(n *html.Node) {
	base := w.base
	if base > 10*detailsLevel { // nested without end
		w.children(n)
		return
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Summary {
			w.heading(base+detailsLevel, c)
			break
		}
	}
	w.base += detailsLevel
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom != atom.Summary {
			w.node(c)
		}
	}
	w.flush()
	w.base = base
	w.b.leave(base + detailsLevel)
}

// definitions writes a term and its short definition as one block; a long one
// keeps its own blocks with the term as their context.
func (w *htmlWalker) definitions(n *html.Node) {
	term := ""
	open := false // the term is not written yet
	writeTerm := func() {
		if open {
			w.b.add(part{Kind: ingest.Item, Text: term, Anchor: w.anchor, Context: w.context})
			open = false
		}
	}
	var visit func(*html.Node, int)
	visit = func(n *html.Node, depth int) {
		for c := n.FirstChild; c != nil && w.b.err == nil; c = c.NextSibling {
			switch {
			case c.DataAtom == atom.Dt:
				writeTerm()
				w.mark(c, true)
				term = inlineText(c)
				open = oneLine(term) != "" && !uiPhrase(term)
			case c.DataAtom == atom.Dd:
				w.mark(c, true)
				if !hasBlocks(c) {
					if text := inlineText(c); len(text) <= 400 && open {
						w.b.add(part{Kind: ingest.Item, Text: oneLine(term) + "\n" + text, Anchor: w.anchor, Context: w.context})
						open = false
						continue
					}
				}
				writeTerm()
				w.as(ingest.Paragraph, oneLine(term), func() { w.children(c) })
			case c.Type == html.ElementNode && depth < 4 && c.DataAtom == atom.Div: // groups are allowed in dl
				visit(c, depth+1)
			default:
				w.node(c)
			}
		}
	}
	visit(n, 0)
	writeTerm()
}

// hasBlocks reports whether an element holds more than lines.
func hasBlocks(n *html.Node) bool {
	for c := range below(n) {
		switch c.DataAtom {
		case atom.Ul, atom.Ol, atom.Table, atom.Dl, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Details:
			return true
		}
	}
	return false
}
