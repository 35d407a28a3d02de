package extract

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Limits on one XML file.
const (
	maxXMLDepth = 200
	maxXMLNodes = 3_000_000 // some 400 MB; the longest law has a tenth of that
)

// node is an element, or a piece of text (name "").
type node struct {
	name     string // local name
	attrs    []xml.Attr
	text     string
	children []*node
	mixed    bool // has text of its own beside white space
}

func (n *node) attr(name string) string {
	for _, a := range n.attrs {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// first is the first child element of that name, nil if none.
func (n *node) first(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
	}
	return nil
}

// firstOf is the first child element of one of those names, nil if none or if n
// is nil.
func (n *node) firstOf(names ...string) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if c.name != "" && slices.Contains(names, c.name) {
			return c
		}
	}
	return nil
}

// find is the first element below n of that name, in document order.
func (n *node) find(name string) *node {
	for _, c := range n.children {
		if c.name == name {
			return c
		}
		if f := c.find(name); f != nil {
			return f
		}
	}
	return nil
}

// all are the elements below n of that name, in document order.
func (n *node) all(name string) (out []*node) {
	for _, c := range n.children {
		if c.name == name {
			out = append(out, c)
		}
		out = append(out, c.all(name)...)
	}
	return out
}

// flat is all text below n, apart from that of metadata and notes.
func (n *node) flat() string {
	var b strings.Builder
	n.writeFlat(&b, true)
	return b.String()
}

// writeFlat sets blocks apart by a space; within text everything is text.
func (n *node) writeFlat(b *strings.Builder, inText bool) {
	if n.name == "" {
		b.WriteString(n.text)
		return
	}
	if koopSkipped[n.name] || koopNotes[n.name] || koopNoteRefs[n.name] {
		return
	}
	apart := n.name == "br" || !inText && !koopInline[n.name]
	if apart {
		b.WriteByte(' ')
	}
	for _, c := range n.children {
		c.writeFlat(b, n.mixed || inText && koopInline[n.name])
	}
	if apart || n.name == "voornaam" || n.name == "voorvoegsels" || n.name == "li.nr" || n.name == "lidnr" {
		b.WriteByte(' ')
	}
}

// brokenCDATA is the start of a CDATA section that a masked file lost.
var brokenCDATA = regexp.MustCompile(`<!\[(?:CDATA[^\[]|[^C<])[^<>]*`)

// xmlUnread are elements without text for readers that can outweigh the rest
// of a file: in laws the history of every article. They are not kept.
var xmlUnread = set("meta-data", "jcis", "brondata", "redactionele-correcties", "bwb-wijzigingen", "bwb-inputbestand")

// parseXML reads a file into a tree. It takes what can be read: byte order
// marks, doubly encoded UTF-8, a wrong name of the encoding, HTML entities,
// end tags that do not match. A file that ends too early is an error that
// names the line. refuse, if given, is asked whether to go on when the name of
// the root element is known.
func parseXML(ctx context.Context, in Input, refuse func(root string) error) (*node, error) {
	src := strings.TrimLeft(singleUTF8(decodeText(in.Data)), "\ufeff \t\r\n")
	if strings.Contains(src, "<![") {
		src = brokenCDATA.ReplaceAllString(src, "")
	}
	d := xml.NewDecoder(strings.NewReader(src))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decodeText did
	p := &treeParser{in: in, stack: []*node{{}}, refuse: refuse}
	for i := 0; ; i++ {
		if i%4096 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
		}
		t, err := d.RawToken() // names are matched here, which mends more than Token does, in less time
		if errors.Is(err, io.EOF) {
			if len(p.stack) > 1 || p.skip != "" {
				line, _ := d.InputPos()
				return nil, in.fail(ErrUnreadable, "the XML breaks off at line %d; get the file again", line)
			}
			break
		}
		if err == nil {
			err = p.token(t)
			if err != nil {
				return nil, err
			}
			continue
		}
		return nil, xmlError(in, d, err, len(p.stack) > 1)
	}
	for _, n := range p.stack[0].children {
		if n.name != "" {
			return n, nil
		}
	}
	return nil, in.fail(ErrUnreadable, "no XML element in it")
}

// treeParser makes the tree of the tokens.
type treeParser struct {
	in     Input
	stack  []*node
	slab   []node  // nodes are made many at a time
	space  [2]node // text of nothing but white space, without and with a line break
	count  int
	skip   string // name of the element that is left out with all below it
	depth  int    // of elements of that name
	refuse func(root string) error
}

func (p *treeParser) token(t xml.Token) error {
	cur := p.stack[len(p.stack)-1]
	switch t := t.(type) {
	case xml.StartElement:
		name := t.Name.Local
		switch {
		case p.skip == name:
			p.depth++
			return nil
		case p.skip != "":
			return nil
		case xmlUnread[name] && len(p.stack) > 1:
			p.skip, p.depth = name, 1
			return nil
		case len(p.stack) > maxXMLDepth:
			return p.in.fail(ErrUnreadable, "elements nested deeper than %d", maxXMLDepth)
		}
		if len(p.stack) == 1 && p.refuse != nil {
			if err := p.refuse(name); err != nil {
				return err
			}
			p.refuse = nil
		}
		n := p.node()
		n.name, n.attrs = name, t.Attr
		cur.children = append(cur.children, n)
		p.stack = append(p.stack, n)
	case xml.EndElement:
		name := t.Name.Local
		if p.skip != "" {
			if p.skip == name {
				if p.depth--; p.depth == 0 {
					p.skip = ""
				}
			}
			return nil
		}
		for i := len(p.stack) - 1; i > 0; i-- { // what was left open inside ends too; an end of nothing is ignored
			if p.stack[i].name == name {
				p.stack = p.stack[:i]
				break
			}
		}
	case xml.CharData:
		if len(p.stack) == 1 || p.skip != "" {
			return nil
		}
		if blank := bytes.TrimLeft(t, " \t\r\n"); len(blank) == 0 {
			cur.children = append(cur.children, p.white(bytes.IndexByte(t, '\n') >= 0))
			return nil
		}
		n := p.node()
		n.text = string(t)
		cur.children, cur.mixed = append(cur.children, n), true
	}
	if p.count > maxXMLNodes {
		return p.in.fail(ErrUnreadable, "more than %d elements; split the file", maxXMLNodes)
	}
	return nil
}

func (p *treeParser) node() *node {
	if len(p.slab) == 0 {
		p.slab = make([]node, min(512, 16+p.count))
	}
	p.count++
	n := &p.slab[0]
	p.slab = p.slab[1:]
	return n
}

func (p *treeParser) white(lines bool) *node {
	p.count++
	p.space[0].text, p.space[1].text = " ", "\n"
	if lines {
		return &p.space[1]
	}
	return &p.space[0]
}

func xmlError(in Input, d *xml.Decoder, err error, inside bool) error {
	line, _ := d.InputPos()
	msg := strings.TrimPrefix(err.Error(), "XML syntax error on ")
	if inside && strings.Contains(msg, "unexpected EOF") {
		return in.fail(ErrUnreadable, "the XML breaks off at line %d; get the file again", line)
	}
	return in.fail(ErrUnreadable, "damaged XML at line %d (%s)", line, oneLine(msg))
}

// singleUTF8 undoes UTF-8 that was taken for Latin-1 and encoded again, which
// the byte order mark gives away.
func singleUTF8(s string) string {
	if !strings.HasPrefix(strings.TrimLeft(s, " \r\n\t"), "ï»¿") {
		return s
	}
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		if r < 0x100 {
			raw = append(raw, byte(r))
		} else if b, ok := charmap.Windows1252.EncodeRune(r); ok {
			raw = append(raw, b)
		} else {
			raw = utf8.AppendRune(raw, r)
		}
	}
	if !utf8.Valid(raw) {
		return strings.TrimPrefix(s, "ï»¿")
	}
	return string(raw)
}
