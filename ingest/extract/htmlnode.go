package extract

import (
	"iter"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// inlineText is the text below a node: block elements and br are line breaks,
// items of a list end in "; ".
func inlineText(n *html.Node) string {
	var out strings.Builder
	collect(n, &out, 0)
	return strings.TrimSuffix(normalise(out.String()), ";")
}

func collect(n *html.Node, out *strings.Builder, depth int) {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type == html.TextNode:
			out.WriteString(strings.ReplaceAll(c.Data, "\n", " "))
		case c.Type != html.ElementNode || skipped[c.DataAtom]:
		case c.DataAtom == atom.Br:
			out.WriteByte('\n')
		case c.DataAtom == atom.Li:
			before := out.Len()
			collect(c, out, depth+1)
			if strings.TrimSpace(out.String()[before:]) != "" && nextItem(c) {
				out.WriteString(";")
			}
			out.WriteByte('\n')
		case inline[c.DataAtom]:
			collect(c, out, depth+1)
		default:
			out.WriteByte('\n')
			collect(c, out, depth+1)
			out.WriteByte('\n')
		}
	}
}

func nextItem(n *html.Node) bool {
	for c := n.NextSibling; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Li {
			return true
		}
	}
	return false
}

// stripTags is the text of HTML that is nested too deep to parse.
func stripTags(src string) string {
	var out strings.Builder
	z := html.NewTokenizer(strings.NewReader(src))
	hidden := false
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			if !hidden {
				out.Write(z.Text())
			}
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.DataAtom == atom.Script || t.DataAtom == atom.Style {
				hidden = t.Type == html.StartTagToken
			}
			if !inline[t.DataAtom] {
				out.WriteByte('\n')
			}
		}
	}
}

// below yields all nodes below one, in document order, without the recursion of
// html.Node.Descendants. What is yielded must not be moved meanwhile.
func below(root *html.Node) iter.Seq[*html.Node] {
	return func(yield func(*html.Node) bool) {
		for n := root.FirstChild; n != nil; {
			if !yield(n) {
				return
			}
			if n.FirstChild != nil {
				n = n.FirstChild
				continue
			}
			for n != root && n.NextSibling == nil {
				n = n.Parent
			}
			if n == root {
				return
			}
			n = n.NextSibling
		}
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, key string) bool {
	for _, a := range n.Attr {
		if a.Key == key {
			return true
		}
	}
	return false
}

func intAttr(n *html.Node, key string) int {
	v, err := strconv.Atoi(strings.TrimSpace(attr(n, key)))
	if err != nil {
		return 0
	}
	return v
}

// inline elements do not end a block.
var inline = atoms(atom.A, atom.Abbr, atom.B, atom.Bdi, atom.Bdo, atom.Big, atom.Br, atom.Button, atom.Center, atom.Cite,
	atom.Code, atom.Data, atom.Del, atom.Dfn, atom.Em, atom.Font, atom.I, atom.Ins, atom.Kbd, atom.Label, atom.Mark,
	atom.Q, atom.Rp, atom.Rt, atom.Ruby, atom.S, atom.Samp, atom.Small, atom.Span, atom.Strike, atom.Strong, atom.Sub,
	atom.Sup, atom.Time, atom.Tt, atom.U, atom.Var, atom.Wbr, 0)

// skipped elements hold no text of the page.
var skipped = atoms(atom.Script, atom.Style, atom.Noscript, atom.Template, atom.Svg, atom.Math, atom.Iframe, atom.Object,
	atom.Embed, atom.Canvas, atom.Audio, atom.Video, atom.Map, atom.Head, atom.Input, atom.Select, atom.Option,
	atom.Datalist, atom.Progress, atom.Meter, atom.Dialog, atom.Frame, atom.Frameset, atom.Noframes, atom.Img,
	atom.Textarea, atom.Link, atom.Meta, atom.Title)

func atoms(list ...atom.Atom) map[atom.Atom]bool {
	m := make(map[atom.Atom]bool, len(list))
	for _, a := range list {
		m[a] = true
	}
	return m
}
