package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fieldLabels are the labels of the fields of forms that are filled in. The
// label of a box to tick may be the title of a panel, and stays.
func fieldLabels(root *html.Node) map[*html.Node]bool {
	var labels []*html.Node
	fields := map[string]bool{}
	out := map[*html.Node]bool{}
	for n := range below(root) {
		switch n.DataAtom {
		case atom.Label:
			labels = append(labels, n)
		case atom.Input, atom.Textarea, atom.Select:
			if t := strings.ToLower(attr(n, "type")); t == "checkbox" || t == "radio" || t == "hidden" {
				continue
			}
			if id := attr(n, "id"); id != "" {
				fields[id] = true
			}
			for a := n.Parent; a != nil; a = a.Parent {
				if a.DataAtom == atom.Label {
					out[a] = true
					break
				}
			}
		}
	}
	for _, l := range labels {
		if fields[attr(l, "for")] {
			out[l] = true
		}
	}
	return out
}

// shareTargets begin or stand in the addresses that share a page, or print it.
var shareTargets = []string{"facebook.com/sharer", "facebook.com/share.php", "twitter.com/intent", "twitter.com/share", "x.com/intent", "linkedin.com/share",
	"linkedin.com/sharing", "api.whatsapp.com/send?text", "whatsapp://", "wa.me/?", "pinterest.com/pin/create", "t.me/share", "bsky.app/intent",
	"reddit.com/submit", "javascript:window.print", "javascript:print"}

func shares(a *html.Node) bool {
	href := strings.ToLower(attr(a, "href"))
	if strings.HasPrefix(href, "mailto:?") {
		return true
	}
	for _, t := range shareTargets {
		if strings.Contains(href, t) {
			return true
		}
	}
	return false
}

// removeShare takes out the links that share or print the page, with the line or
// list that holds nothing else.
func removeShare(root *html.Node) {
	var links []*html.Node
	for n := range below(root) {
		if n.DataAtom == atom.A && shares(n) {
			links = append(links, n)
		}
	}
	parents := map[*html.Node]bool{}
	for _, n := range links {
		if p := n.Parent; p != nil {
			p.RemoveChild(n)
			parents[p] = true
		}
	}
	for p := range parents {
		for p.Parent != nil && p.Type == html.ElementNode && p.DataAtom != atom.Body && short(p, 80) && (!textBelow(p) || closingLine(inlineText(p))) {
			up := p.Parent
			up.RemoveChild(p)
			p = up
		}
	}
}

// removeToday takes out the opening hours of today and tomorrow: see
// relativeHours.
func removeToday(root *html.Node) {
	var found []*html.Node
	for n := range below(root) {
		if n.Type == html.TextNode && len(n.Data) < 300 && beginsWithDay(n.Data) {
			found = append(found, n)
		}
	}
	for _, n := range found {
		var best *html.Node
		for a, i := n.Parent, 0; a != nil && i < 6 && short(a, 200) && a.DataAtom != atom.Body; a, i = a.Parent, i+1 {
			if relativeHours(inlineText(a)) {
				best = a
			}
			if a.DataAtom == atom.Dt {
				if d := nextElement(a); d != nil && d.DataAtom == atom.Dd && relativeHours(inlineText(a)+" "+inlineText(d)) {
					d.Parent.RemoveChild(d)
					best = a
					break
				}
			}
		}
		if best != nil && best.Parent != nil && within(best, root) {
			best.Parent.RemoveChild(best)
		}
	}
}

func beginsWithDay(s string) bool {
	s = strings.TrimSpace(s)
	s = s[:min(len(s), 40)]
	for range 3 { // "Wij zijn nu geopend"
		word, rest, more := strings.Cut(s, " ")
		if len(word) > 1 && len(word) < 12 && strings.IndexByte("vmntVMNT", word[0]) >= 0 && relativeDays[strings.ToLower(strings.Trim(word, ".,:;!()"))] {
			return true
		}
		if !more {
			return false
		}
		s = strings.TrimLeft(rest, " \t\r\n")
	}
	return false
}

func nextElement(n *html.Node) *html.Node {
	for c := n.NextSibling; c != nil; c = c.NextSibling {
		if c.Type == html.ElementNode {
			return c
		}
	}
	return nil
}

// removeLeading takes out the rows of links that stand before the headline of a
// page: menus whose element and name do not say so.
func removeLeading(root *html.Node, core map[*html.Node]bool) {
	h1 := onlyHeadline(root)
	if h1 == nil {
		return
	}
	for a := h1; a.Parent != nil && a.DataAtom != atom.Body && a.DataAtom != atom.Main; a = a.Parent {
		for s := a.PrevSibling; s != nil; {
			before := s.PrevSibling
			if s.Type == html.ElementNode && !core[s] && menuLike(s) {
				s.Parent.RemoveChild(s)
			}
			s = before
		}
	}
}

// onlyHeadline is the h1 of a page that has one.
func onlyHeadline(root *html.Node) *html.Node {
	var h1 *html.Node
	for n := range below(root) {
		if n.DataAtom == atom.H1 {
			if h1 != nil {
				return nil
			}
			h1 = n
		}
	}
	return h1
}

// menuLike reports whether nearly all text of an element is that of two or more
// links to pages.
func menuLike(n *html.Node) bool {
	links, linked, size := 0, 0, 0
	var visit func(n *html.Node, in bool) bool
	visit = func(n *html.Node, in bool) bool {
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			switch {
			case c.Type == html.TextNode:
				size += textSize(c.Data)
				if in {
					linked += textSize(c.Data)
				}
			case c.DataAtom == atom.A && !in:
				if href := strings.ToLower(attr(c, "href")); strings.HasPrefix(href, "tel:") || strings.HasPrefix(href, "mailto:") || strings.HasSuffix(href, ".pdf") {
					return false
				}
				links++
				if !visit(c, true) {
					return false
				}
			default:
				if !visit(c, in) {
					return false
				}
			}
		}
		return true
	}
	return visit(n, false) && links > 1 && linked*10 >= size*8
}
