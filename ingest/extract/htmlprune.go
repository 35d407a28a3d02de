package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// prune takes out of the tree what is not content: first what is hidden or
// says what it is by element or role, then what its names say is boilerplate,
// then what stands under a heading such as "Zie ook".
func prune(root *html.Node) {
	opened := openedByClick(root)
	asking := map[*html.Node]bool{} // forms with fields; the fields go first
	for n := range below(root) {
		if n.DataAtom == atom.Form && asksInput(n) {
			asking[n] = true
		}
	}
	labels := fieldLabels(root)
	triggers := panelTriggers(root)
	remove(root, func(n *html.Node) bool { return skipped[n.DataAtom] || labels[n] || !opened[n] && hidden(n) })
	labelPanels(root)
	headTriggers(triggers)
	removeShare(root)
	removeToday(root)
	sizes := measure(root)
	p := pruner{sizes: sizes, total: sizes[root], core: cores(root), asking: asking}
	remove(root, p.boilerplate)
	removeRelated(root, p.core)
	removeLeading(root, p.core)
}

// remove takes out the elements for which drop is true, with all below them.
func remove(n *html.Node, drop func(*html.Node) bool) {
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		switch {
		case c.Type == html.CommentNode, c.Type == html.ElementNode && drop(c):
			n.RemoveChild(c)
		default:
			remove(c, drop)
		}
		c = next
	}
}

// hidden reports what a reader never sees. Panels of tabs and accordions are
// hidden until opened, and are read.
func hidden(n *html.Node) bool {
	if n.DataAtom == atom.Html || n.DataAtom == atom.Body || n.DataAtom == atom.Main {
		return false
	}
	names := names(n)
	if !heading(n) && names.any(invisibleNames) {
		return true
	}
	off := hasAttr(n, "hidden") && !strings.EqualFold(attr(n, "hidden"), "until-found") || attr(n, "aria-hidden") == "true"
	if style := attr(n, "style"); style != "" {
		s := readStyle(style)
		if s.unreadable(n) {
			return true
		}
		off = off || s["display"] == "none" || s["visibility"] == "hidden"
	}
	if !off && !names.whole(hiddenNames) {
		return false
	}
	return inline[n.DataAtom] && n.DataAtom != 0 || !panel(n, names)
}

// unseenName reports whether the name of an element says that only the blind read
// it. Such headings are kept: they say what follows is about.
func unseenName(n *html.Node) bool { return names(n).any(invisibleNames) }

// panel recognises what a click on its own title opens.
func panel(n *html.Node, names nameList) bool {
	if role := attr(n, "role"); role == "tabpanel" || role == "region" {
		return true
	}
	if hasAttr(n, "aria-labelledby") && n.DataAtom != atom.Dialog && attr(n, "role") != "dialog" && !names.any(menuNames) {
		return true
	}
	return names.any(panelNames)
}

// pruner knows the sizes, so that a name never takes the content along.
type pruner struct {
	sizes map[*html.Node]int
	total int
	core  map[*html.Node]bool // see cores
	// asking are the forms that want something filled in.
	asking map[*html.Node]bool
}

// boilerplate decides by role, element and name.
func (p pruner) boilerplate(n *html.Node) bool {
	if p.core[n] || n.DataAtom == atom.Body || n.DataAtom == atom.Html {
		return false
	}
	switch attr(n, "role") {
	case "navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog", "alertdialog", "toolbar", "tablist", "tooltip":
		return true
	case "complementary":
		return !p.large(n) && !reachable(n)
	case "heading", "row", "cell", "listitem", "main", "tabpanel":
		return false
	}
	inMain := p.inMain(n)
	switch n.DataAtom {
	case atom.Nav, atom.Footer:
		return true
	case atom.Header:
		return !inMain && !p.large(n)
	case atom.Aside:
		return !p.large(n) && !inMain && !reachable(n)
	case atom.Form:
		return !p.large(n) && p.asking[n]
	case atom.Td, atom.Th, atom.Tr, atom.Thead, atom.Tbody, atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Summary, atom.Details:
		return false
	case atom.Button:
		return !trigger(n)
	}
	names := names(n)
	if len(names) == 0 || p.large(n) {
		return false
	}
	if names.any(boilerNames) || names.ending(menuEndings) {
		return true
	}
	if !inMain && names.any(sideNames) {
		return !contactOnly(n)
	}
	return !inMain && (names.any(outerNames) || names.whole(wholeOuterNames) || names.whole(headerNames) && p.links(n)*4 > p.sizes[n])
}

// links counts the visible bytes within links.
func (p pruner) links(n *html.Node) int {
	size := 0
	for c := range below(n) {
		if c.DataAtom == atom.A {
			size += p.sizes[c]
		}
	}
	return size
}

// large reports whether an element holds so much of the page that a name alone
// does not make it boilerplate.
func (p pruner) large(n *html.Node) bool { return p.total > 0 && p.sizes[n]*2 > p.total }

// inMain reports whether an element stands in main or an article.
func (p pruner) inMain(n *html.Node) bool {
	for a := n.Parent; a != nil; a = a.Parent {
		if a.DataAtom == atom.Main || a.DataAtom == atom.Article || attr(a, "role") == "main" {
			return true
		}
	}
	return false
}

// cores are the elements that no name may take out: main elements, the only
// h1, and all above them.
func cores(root *html.Node) map[*html.Node]bool {
	core := map[*html.Node]bool{}
	keep := func(n *html.Node) {
		for a := n; a != nil && !core[a]; a = a.Parent {
			core[a] = true
		}
	}
	var h1 []*html.Node
	for n := range below(root) {
		switch {
		case n.DataAtom == atom.H1:
			h1 = append(h1, n)
		case n.DataAtom == atom.Main, n.Type == html.ElementNode && attr(n, "role") == "main":
			keep(n)
		}
	}
	if len(h1) == 1 {
		keep(h1[0])
	}
	return core
}

// asksInput reports whether a form has a field to fill in.
func asksInput(n *html.Node) bool {
	for c := range below(n) {
		switch c.DataAtom {
		case atom.Textarea, atom.Select, atom.Button:
			return true
		case atom.Input:
			if t := strings.ToLower(attr(c, "type")); t != "hidden" {
				return true
			}
		}
	}
	return false
}

// trigger recognises the button that opens a panel or stands for a heading.
func trigger(n *html.Node) bool {
	if hasAttr(n, "aria-expanded") && !names(n).any(menuNames) {
		return true
	}
	return n.Parent != nil && (heading(n.Parent) || n.Parent.DataAtom == atom.Summary || n.Parent.DataAtom == atom.Dt)
}

func heading(n *html.Node) bool {
	switch n.DataAtom {
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		return true
	}
	return false
}
