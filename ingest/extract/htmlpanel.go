package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// openedByClick are the elements that a button or link with an aria-expanded
// state opens: panels of the page, not its menus.
func openedByClick(root *html.Node) map[*html.Node]bool {
	ids := map[string]bool{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && hasAttr(n, "aria-expanded") && hasAttr(n, "aria-controls") && !inMenu(n) {
			for id := range strings.FieldsSeq(attr(n, "aria-controls")) {
				ids[id] = true
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	out := map[*html.Node]bool{}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && ids[attr(n, "id")] && !names(n).any(menuNames) && n.DataAtom != atom.Nav && attr(n, "role") != "dialog" {
			out[n] = true
		}
	}
	return out
}

// inMenu reports whether an element stands in what leads through the site.
func inMenu(n *html.Node) bool {
	for a := n; a != nil; a = a.Parent {
		switch {
		case a.DataAtom == atom.Nav, a.DataAtom == atom.Header, a.DataAtom == atom.Footer, attr(a, "role") == "navigation", attr(a, "role") == "banner":
			return true
		case a.Type == html.ElementNode && names(a).any(menuNames):
			return true
		case a.DataAtom == atom.Main:
			return false
		}
	}
	return false
}

// reachable reports whether what stands beside the content says how to reach
// somebody about it: a number to call or an address to write to, or when the
// counter is open.
func reachable(n *html.Node) bool {
	if l := names(n); l.any(boilerNames) || l.any(outerNames) && !l.any(contactNames) {
		return false
	}
	for c := range n.Descendants() {
		if href := attr(c, "href"); c.DataAtom == atom.A && (strings.HasPrefix(href, "tel:") || strings.HasPrefix(href, "mailto:")) || c.DataAtom == atom.Address {
			return true
		}
		if c.Type == html.TextNode {
			text := strings.ToLower(c.Data)
			for _, w := range []string{"openingstijd", "openingsuren", "geopend", "bezoekadres", "postadres", "telefoonnummer"} {
				if strings.Contains(text, w) {
					return true
				}
			}
		}
	}
	return false
}

var contactNames = set("contact", "contactblok", "contactgegevens", "openingstijden", "openingsuren", "adres", "address")

// beside reports whether an element that was kept stands beside the content and
// says how to reach somebody.
func beside(n, main *html.Node) bool {
	if n.DataAtom != atom.Aside && attr(n, "role") != "complementary" || !reachable(n) {
		return false
	}
	for a := n.Parent; a != nil; a = a.Parent {
		if a == main || a.DataAtom == atom.Aside || attr(a, "role") == "complementary" {
			return false
		}
	}
	return true
}
