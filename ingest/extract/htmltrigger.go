package extract

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// panelTrigger is what a reader clicks to open a panel of the page.
type panelTrigger struct{ trigger, panel *html.Node }

// panelTriggers finds the buttons and labels that open panels and are no
// headings: those with an aria-expanded state, and the labels of boxes whose
// state a style sheet reads. It looks before the boxes are taken out.
func panelTriggers(root *html.Node) []panelTrigger {
	ids := map[string]*html.Node{}
	var clicks []*html.Node
	for n := range below(root) {
		if n.Type != html.ElementNode {
			continue
		}
		if id := attr(n, "id"); id != "" && ids[id] == nil {
			ids[id] = n
		}
		if len(clicks) >= 10*maxPanels {
			continue
		}
		if n.DataAtom == atom.Label && attr(n, "for") != "" || hasAttr(n, "aria-expanded") && (n.DataAtom == atom.Button || attr(n, "role") == "button") {
			clicks = append(clicks, n)
		}
	}
	var out []panelTrigger
	for _, n := range clicks {
		if len(out) >= maxPanels || headed(n) || inMenu(n) {
			continue
		}
		panel := ids[attr(n, "aria-controls")]
		if n.DataAtom == atom.Label {
			box := ids[attr(n, "for")]
			if t := ""; box != nil {
				t = strings.ToLower(attr(box, "type"))
				if box.DataAtom != atom.Input || t != "checkbox" && t != "radio" || box.Parent != n.Parent {
					continue
				}
			}
			panel = nextElement(n)
			if box == nil || panel == nil || panel.DataAtom == atom.Input || panel.DataAtom == atom.Label || panel.DataAtom == atom.Br {
				continue
			}
		}
		if panel == nil || within(n, panel) || within(panel, n) || panel.DataAtom == atom.Body || panel.DataAtom == atom.Main || !textBelow(panel) || inline[panel.DataAtom] {
			continue
		}
		out = append(out, panelTrigger{n, panel})
	}
	return out
}

// headed reports whether an element stands in a heading.
func headed(n *html.Node) bool {
	for a := n; a != nil; a = a.Parent {
		if heading(a) || a.DataAtom == atom.Summary || a.DataAtom == atom.Dt {
			return true
		}
	}
	return false
}

// headTriggers makes each trigger the heading of its panel.
func headTriggers(list []panelTrigger) {
	for _, t := range list {
		text := oneLine(inlineText(t.trigger))
		if text == "" || len(text) > maxHeading || t.trigger.Parent == nil || t.panel.Parent == nil || uiPhrase(text) {
			continue
		}
		rank := 13
		for c := range below(t.panel) {
			if heading(c) {
				rank = min(rank, headingRank(c)-1)
			}
		}
		t.trigger.Parent.RemoveChild(t.trigger)
		addHeading(t.panel, text, strconv.Itoa(max(rank, 1)))
	}
}

// addHeading puts a heading of a rank at the beginning of an element.
func addHeading(n *html.Node, text, rank string) {
	h := &html.Node{Type: html.ElementNode, Data: "h2", DataAtom: atom.H2, Attr: []html.Attribute{{Key: rankAttr, Val: rank}}}
	h.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	n.InsertBefore(h, n.FirstChild)
}
