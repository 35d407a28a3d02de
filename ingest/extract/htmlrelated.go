package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// removeRelated takes out the sections whose headings say that they lead
// elsewhere: the element that the heading opens, or what follows it up to the
// next heading of the same level or a text without links.
func removeRelated(root *html.Node, core map[*html.Node]bool) {
	var found []*html.Node
	seen := map[*html.Node]bool{}
	for n := range below(root) {
		if n.Type != html.TextNode || !openingWords[openingWord(n.Data)] {
			continue
		}
		for a, i := n.Parent, 0; a != nil && i < 5 && a.Type == html.ElementNode && short(a, 80); a, i = a.Parent, i+1 {
			if seen[a] {
				break
			}
			seen[a] = true
			if !core[a] && opensSection(a) {
				found = append(found, a)
			}
		}
	}
	for _, n := range found {
		if n.Parent == nil {
			continue
		}
		if s := wrapper(n); s != nil && !core[s] && s.DataAtom != atom.Body && !otherHeading(s, n) && (titled(n) || short(s, 400)) {
			s.Parent.RemoveChild(s)
			continue
		}
		level := headingLevel(n)
		for c := n; c != nil; {
			next := c.NextSibling
			if c != n && (heading(c) && headingLevel(c) <= level || core[c] || !titled(n) && !linksOnly(c) || ownText(c)) {
				break
			}
			c.Parent.RemoveChild(c)
			c = next
		}
	}
}

// opensSection reports whether an element is the heading of a section that leads
// elsewhere, or a line that says so above a row of links or buttons.
func opensSection(n *html.Node) bool {
	if n.DataAtom == atom.Div && !shortLeaf(n) && !names(n).any(labelNames) {
		return false
	}
	if !short(n, 80) {
		return false
	}
	text := inlineText(n)
	if text == "" {
		return false
	}
	if closingLine(text) {
		return lineTags[n.DataAtom] || titled(n)
	}
	return relatedHeading(text) && titled(n)
}

// lineTags are the elements that a line stands in.
var lineTags = atoms(atom.P, atom.Span, atom.Strong, atom.B, atom.Legend, atom.Label, atom.Div)

// titled reports whether an element is a heading, by its tag or its name.
func titled(n *html.Node) bool { return heading(n) || names(n).any(labelNames) }

// shortLeaf reports whether an element holds nothing but a line of text.
func shortLeaf(n *html.Node) bool {
	return n.FirstChild != nil && n.FirstChild == n.LastChild && n.FirstChild.Type == html.TextNode && len(n.FirstChild.Data) < 80
}

// short reports whether the visible text below a node is at most so many bytes,
// in no more elements than such a text has.
func short(n *html.Node, size int) bool {
	if n.Type == html.TextNode {
		return textSize(n.Data) <= size
	}
	nodes := 0
	for c := range below(n) {
		if nodes++; nodes > maxSmall {
			return false
		}
		if c.Type == html.TextNode {
			if size -= textSize(c.Data); size < 0 {
				return false
			}
		}
	}
	return true
}

// maxSmall is the number of nodes that a small part of a page has at most; it
// bounds the work on pages made to take long.
const maxSmall = 2000

// ownText reports whether a node is a text of some length that leads nowhere.
func ownText(n *html.Node) bool {
	if short(n, 80) {
		return false
	}
	for c := range below(n) {
		if c.DataAtom == atom.A {
			return false
		}
	}
	return true
}

// linksOnly reports whether all text of a node is that of links and buttons, or
// there is none.
func linksOnly(n *html.Node) bool {
	if n.Type == html.TextNode {
		return strings.TrimSpace(n.Data) == ""
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if n.DataAtom != atom.A && n.DataAtom != atom.Button && !linksOnly(c) {
			return false
		}
	}
	return true
}

var labelNames = set("field-label", "block-title", "field__label", "label-above", "title")

// wrapper is the outermost element whose text begins with this heading, up to
// three levels above it.
func wrapper(n *html.Node) *html.Node {
	var best *html.Node
	for a, i := n, 0; a.Parent != nil && i < 3; i++ {
		if !first(a) || a.Parent.Type != html.ElementNode {
			break
		}
		a = a.Parent
		best = a
	}
	return best
}

// first reports whether nothing visible stands before a node in its parent.
func first(n *html.Node) bool {
	for c := n.PrevSibling; c != nil; c = c.PrevSibling {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" || c.Type == html.ElementNode && textBelow(c) {
			return false
		}
	}
	return true
}

func textBelow(n *html.Node) bool {
	for c := range below(n) {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return true
		}
	}
	return false
}

// otherHeading reports whether a section goes on with a heading of the same
// level as this one or a higher one.
func otherHeading(s, n *html.Node) bool {
	for c := range below(s) {
		if c != n && heading(c) && headingLevel(c) <= headingLevel(n) && !relatedHeading(inlineText(c)) {
			return true
		}
	}
	return false
}

func headingLevel(n *html.Node) int {
	if heading(n) {
		return int(n.Data[1] - '0')
	}
	return 2
}
