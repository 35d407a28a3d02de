package extract

import (
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// Limits on the fields that are read as one block.
const (
	maxFields    = 8   // lines
	maxFieldText = 160 // bytes, all together
	maxFieldLine = 60  // bytes
)

// fieldLines joins the fields that a content system puts into an element each, but
// that a reader takes for one thing: street, number, postal code and town; a day
// and its hours. They are short and each is all text of one child, and there is a
// figure among them. "" for anything else.
func fieldLines(n *html.Node) string {
	if !short(n, maxFieldText) {
		return ""
	}
	var lines []string
	figure := false
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == html.TextNode {
			if strings.TrimSpace(c.Data) != "" {
				return ""
			}
			continue
		}
		if c.Type != html.ElementNode {
			continue
		}
		line, ok := fieldLine(c)
		if !ok || len(lines) >= maxFields {
			return ""
		}
		if line != "" && !uiPhrase(line) {
			lines = append(lines, line)
			figure = figure || strings.ContainsAny(line, "0123456789")
		}
	}
	if len(lines) < 2 || !figure {
		return ""
	}
	return strings.Join(lines, "\n")
}

// fieldLine is the text of an element without a structure of its own but for
// fields within it: a row of a day and its hours, or a street and its number.
func fieldLine(n *html.Node) (string, bool) {
	if n.DataAtom != atom.Div && n.DataAtom != atom.Span && n.DataAtom != atom.Time {
		return "", false
	}
	for c := range below(n) {
		if c.Type == html.ElementNode && c.DataAtom != atom.Div && !inline[c.DataAtom] || c.DataAtom == atom.Button || attr(c, "id") != "" {
			return "", false
		}
	}
	text := inlineText(n)
	return oneLine(text), len(text) <= maxFieldLine
}
