package extract

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Limits on one XML file.
const (
	maxXMLDepth = 200
	maxXMLNodes = 8_000_000
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
	if koopSkipped[n.name] || koopNotes[n.name] {
		return
	}
	apart := n.name == "br" || !inText && !koopInline[n.name]
	if apart {
		b.WriteByte(' ')
	}
	for _, c := range n.children {
		c.writeFlat(b, n.mixed || inText && koopInline[n.name])
	}
	if apart || n.name == "voornaam" || n.name == "voorvoegsels" {
		b.WriteByte(' ')
	}
}

// brokenCDATA is the start of a CDATA section that a masked file lost.
var brokenCDATA = regexp.MustCompile(`<!\[(?:CDATA[^\[]|[^C<])[^<>]*`)

// parseXML reads a file into a tree. It takes what can be read: byte order
// marks, doubly encoded UTF-8, a wrong name of the encoding, HTML entities,
// end tags that do not match. A file that ends too early is an error that
// names the line.
func parseXML(ctx context.Context, in Input) (*node, error) {
	src := strings.TrimLeft(singleUTF8(decodeText(in.Data)), "\ufeff \t\r\n")
	src = brokenCDATA.ReplaceAllString(src, "")
	d := xml.NewDecoder(&stringReader{ctx, strings.NewReader(src)})
	d.Strict = false
	d.Entity = xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // decodeText did
	top := &node{}
	stack := []*node{top}
	for count := 0; ; {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, xmlError(ctx, in, d, err, len(stack) > 1)
		}
		cur := stack[len(stack)-1]
		switch t := t.(type) {
		case xml.StartElement:
			if len(stack) > maxXMLDepth {
				return nil, in.fail(ErrUnreadable, "elements nested deeper than %d", maxXMLDepth)
			}
			n := &node{name: t.Name.Local, attrs: t.Attr}
			cur.children = append(cur.children, n)
			stack = append(stack, n)
			count++
		case xml.EndElement:
			if len(stack) > 1 {
				stack = stack[:len(stack)-1]
			}
		case xml.CharData:
			if len(stack) > 1 {
				cur.children = append(cur.children, &node{text: string(t)})
				cur.mixed = cur.mixed || strings.TrimSpace(string(t)) != ""
				count++
			}
		}
		if count > maxXMLNodes {
			return nil, in.fail(ErrUnreadable, "more than %d elements; split the file", maxXMLNodes)
		}
	}
	for _, n := range top.children {
		if n.name != "" {
			return n, nil
		}
	}
	return nil, in.fail(ErrUnreadable, "no XML element in it")
}

func xmlError(ctx context.Context, in Input, d *xml.Decoder, err error, inside bool) error {
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", in.label(), ctx.Err())
	}
	line, _ := d.InputPos()
	msg := strings.TrimPrefix(err.Error(), "XML syntax error on ")
	if inside && strings.Contains(msg, "unexpected EOF") {
		return in.fail(ErrUnreadable, "the XML breaks off at line %d; get the file again", line)
	}
	return in.fail(ErrUnreadable, "damaged XML at line %d (%s)", line, oneLine(msg))
}

// stringReader stops reading when the context ends.
type stringReader struct {
	ctx context.Context
	*strings.Reader
}

func (r *stringReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(p)
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
