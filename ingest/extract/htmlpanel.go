package extract

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// openedByClick are the elements that a button or link with an aria-expanded
// state opens: panels of the page, not its menus.
func openedByClick(root *html.Node) map[*html.Node]bool {
	ids := map[string]bool{}
	for n := range below(root) {
		if n.Type == html.ElementNode && len(ids) < 10*maxPanels && hasAttr(n, "aria-expanded") && hasAttr(n, "aria-controls") && !inMenu(n) {
			for id := range strings.FieldsSeq(attr(n, "aria-controls")) {
				ids[id] = true
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	out := map[*html.Node]bool{}
	for n := range below(root) {
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
	nodes := 0
	for c := range below(n) {
		if nodes++; nodes > maxSmall {
			return false
		}
		if href := attr(c, "href"); c.DataAtom == atom.A && (strings.HasPrefix(href, "tel:") || strings.HasPrefix(href, "mailto:")) || c.DataAtom == atom.Address {
			return true
		}
		if c.Type == html.TextNode {
			text := strings.ToLower(c.Data)
			for _, w := range []string{"openingstijd", "openingsuren", "geopend", "bezoekadres", "postadres", "telefoon", "bereikbaar"} {
				if strings.Contains(text, w) {
					return true
				}
			}
			if hasPhone(c.Data) {
				return true
			}
		}
	}
	return false
}

// phoneNumber is a Dutch or Belgian number, or one such as 14 0123.
var phoneNumber = regexp.MustCompile(`(?:\+3[12] ?|\b0|\(0)\d{1,3}\)?[ .\-/]?\d{2,3}(?:[ .]?\d{2,3}){1,3}\b|\b14 ?0\d{2,3}\b`)

// hasPhone reports whether a text holds a number to call; a date with dots has
// fewer digits.
func hasPhone(s string) bool {
	for _, m := range phoneNumber.FindAllString(s, 10) {
		digits := 0
		for i := range len(m) {
			if m[i] >= '0' && m[i] <= '9' {
				digits++
			}
		}
		if digits >= 9 || strings.HasPrefix(m, "14") {
			return true
		}
	}
	return false
}

var contactNames = set("contact", "contactblok", "contactgegevens", "contactinfo", "contactinformatie", "contactbox", "openingstijden", "openingsuren", "opening-hours",
	"openinghours", "adres", "address", "vcard", "bezoekadres")

// contactHeadings stand above how to reach somebody.
var contactHeadings = set("contact", "contactgegevens", "contactinformatie", "contact opnemen", "contact met de gemeente", "neem contact op", "openingstijden", "openingsuren",
	"adres en openingstijden", "adres & openingstijden", "contact en openingstijden", "contact & openingstijden", "bezoekadres", "adres", "adresgegevens", "vragen", "heeft u vragen", "hebt u vragen",
	"meer weten", "opening hours")

// contactBlock reports whether an element says that it is about how to reach
// somebody, by its name or first heading, and does say it.
func contactBlock(n *html.Node) bool {
	switch n.DataAtom {
	case atom.Div, atom.Section, atom.Aside, atom.Li, atom.Address, atom.Article, atom.Dl, atom.Td:
	default:
		return false
	}
	if names(n).any(contactNames) {
		return reachable(n)
	}
	for c := range below(n) {
		if heading(c) {
			return first(c) && contactHeadings[phrase(inlineText(c))] && reachable(n)
		}
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			return false
		}
	}
	return false
}

// contactOnly takes everything but contact blocks out of an element and reports
// whether there are any.
func contactOnly(n *html.Node) bool { return contactWithin(n, 0) }

func contactWithin(n *html.Node, depth int) bool {
	kept := false
	for c := n.FirstChild; c != nil; {
		next := c.NextSibling
		if c.Type == html.ElementNode && depth < 20 && (contactBlock(c) || contactWithin(c, depth+1)) {
			kept = true
		} else {
			n.RemoveChild(c)
		}
		c = next
	}
	return kept
}

// beside gives the elements that were kept beside the content and say how to
// reach somebody.
func beside(root, main *html.Node) []*html.Node {
	around := map[*html.Node]bool{}
	for a := main; a != nil; a = a.Parent {
		around[a] = true
	}
	var out []*html.Node
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c == main || c.Type != html.ElementNode:
			case !around[c] && ((c.DataAtom == atom.Aside || attr(c, "role") == "complementary") && reachable(c) || contactBlock(c)):
				out = append(out, c)
			default:
				visit(c)
			}
		}
	}
	visit(root)
	return out
}
