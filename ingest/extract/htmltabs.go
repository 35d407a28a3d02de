package extract

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// labelPanels gives the panels of tabs their labels as headings and takes out
// the lists of labels; a table of contents, whose entries repeat headings,
// goes out with them.
func labelPanels(root *html.Node) {
	targets := map[string]*html.Node{}
	var lists, h1 []*html.Node
	for n := range below(root) {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" {
			targets[id] = n
		}
		if n.DataAtom == atom.H1 {
			h1 = append(h1, n)
		}
		if n.DataAtom == atom.Ul || n.DataAtom == atom.Ol || attr(n, "role") == "tablist" {
			lists = append(lists, n)
		}
	}
	if len(h1) == 1 { // what holds the headline is no panel
		for a := h1[0]; a != nil; a = a.Parent {
			if id := attr(a, "id"); targets[id] == a {
				delete(targets, id)
			}
		}
	}
	labelled := map[*html.Node]bool{}
	for _, list := range lists {
		labels := localLinks(list, targets)
		if labels == nil || len(labelled) > maxPanels {
			continue
		}
		rank := labelRank(labels, labelled)
		for _, l := range labels {
			if labelled[l.target] {
				continue
			}
			labelled[l.target] = true
			if text := oneLine(inlineText(l.link)); text != "" && !heading(l.target) && !startsWith(l.target, text) && !within(list, l.target) {
				addHeading(l.target, text, rank)
			}
		}
		if list.Parent != nil {
			list.Parent.RemoveChild(list)
		}
	}
}

type panelLabel struct{ link, target *html.Node }

// localLinks gives the links of a list, if it holds two or more, each leads to
// an element of this page, and there is no other text.
func localLinks(list *html.Node, targets map[string]*html.Node) []panelLabel {
	var out []panelLabel
	size, linked := 0, 0
	for c := range below(list) {
		switch {
		case c.Type == html.TextNode:
			size += textSize(c.Data)
		case c.DataAtom == atom.A || attr(c, "role") == "tab":
			id, ok := strings.CutPrefix(attr(c, "href"), "#")
			if !ok || id == "" {
				id = attr(c, "aria-controls")
			}
			target := targets[id]
			if target == nil || target == c || target.DataAtom == atom.A || target.DataAtom == atom.Body || isPage(target) {
				return nil
			}
			linked += textSize(inlineText(c))
			out = append(out, panelLabel{c, target})
		}
	}
	if len(out) < 2 || size > linked {
		return nil
	}
	return out
}

// isPage reports whether the target of a link is no panel of the page but the
// page, to which a link skips the menus.
func isPage(n *html.Node) bool {
	return n.DataAtom == atom.Main || n.DataAtom == atom.Form || attr(n, "role") == "main" || contentNames[strings.ToLower(attr(n, "id"))]
}

// maxPanels bounds the work on one page.
const maxPanels = 200

// rankAttr marks the headings that labelPanels adds with their rank.
const rankAttr = "data-vraagbaak-rank"

// headingRank is twice the level of a heading; the labels of panels stand
// between the levels, above the headings in their panels.
func headingRank(n *html.Node) int {
	if r := intAttr(n, rankAttr); r > 0 && r < 14 {
		return r
	}
	return 2 * headingLevel(n)
}

func labelRank(labels []panelLabel, done map[*html.Node]bool) string {
	top := 14
	for _, l := range labels {
		if done[l.target] {
			continue
		}
		for c := range below(l.target) {
			if heading(c) {
				top = min(top, headingRank(c))
			}
		}
	}
	return strconv.Itoa(max(min(top-1, 4), 1))
}

// startsWith reports whether the first text below a node is the label, or
// there is none.
func startsWith(n *html.Node, label string) bool {
	for c := range below(n) {
		if c.Type == html.TextNode && strings.TrimSpace(c.Data) != "" {
			text := strings.TrimLeft(oneLine(inlineText(c.Parent)), "0123456789. ")
			return strings.EqualFold(text, strings.TrimLeft(label, "0123456789. "))
		}
	}
	return true
}

func within(n, ancestor *html.Node) bool {
	for a := n; a != nil; a = a.Parent {
		if a == ancestor {
			return true
		}
	}
	return false
}
