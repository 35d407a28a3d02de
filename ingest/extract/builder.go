package extract

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Limits on one document. The text of the longest law is under 5 MB.
const (
	maxText   = 50 << 20 // bytes
	maxBlocks = 1 << 20
	maxDepth  = 12 // headings in a path
	// maxHeading is the longest heading in bytes.
	maxHeading = 400
)

// part is one block as a parser hands it to the builder. Text may hold any
// whitespace; "\n" in it is a line break that stays.
type part struct {
	Kind    ingest.Kind // "" is Paragraph
	Text    string
	Heading []string // path above the block; nil is the path of the headings added before it
	Page    int
	Anchor  string
	Context string
	Group   int
	Own     bool // stands apart: a blank line before it even within a list or table
}

// builder assembles Text and Blocks. Everything written goes through it, so
// byte ranges are right by construction. The first error (limit, context)
// sticks: later calls do nothing, and document returns it.
type builder struct {
	ctx    context.Context
	in     Input
	text   strings.Builder
	blocks []ingest.Block
	heads  []head
	path   []string // texts of heads; shared by blocks, so never changed in place
	page   int      // of parts that name none
	err    error
}

type head struct {
	level int
	text  string
}

func newBuilder(ctx context.Context, in Input) *builder { return &builder{ctx: ctx, in: in} }

// add writes a block; a text without a visible character is ignored. It
// reports whether the parser should go on.
func (b *builder) add(p part) bool {
	if !b.ok() {
		return false
	}
	text := normalise(p.Text)
	if text == "" {
		return true
	}
	if p.Kind == "" {
		p.Kind = ingest.Paragraph
	}
	sep := b.separator(p)
	if b.text.Len()+len(sep)+len(text) > maxText || len(b.blocks) >= maxBlocks {
		b.err = b.in.fail(ErrUnreadable, "more than %d MB of text or %d blocks; split the document", maxText>>20, maxBlocks)
		return false
	}
	b.text.WriteString(sep)
	start := b.text.Len()
	b.text.WriteString(text)
	if p.Page == 0 {
		p.Page = b.page
	}
	heading := b.path
	if p.Heading != nil {
		heading = p.Heading
	}
	b.blocks = append(b.blocks, ingest.Block{
		Start: start, End: b.text.Len(), Heading: heading, Page: p.Page, Anchor: p.Anchor,
		Kind: p.Kind, Context: oneLine(normalise(p.Context)), Group: p.Group,
	})
	return true
}

// ok reports whether there is neither an error nor an end of the context.
func (b *builder) ok() bool {
	if b.err == nil && b.ctx.Err() != nil {
		b.err = fmt.Errorf("%s: %w", b.in.label(), b.ctx.Err())
	}
	return b.err == nil
}

// separator keeps the items of a list and the rows of a table together and
// sets everything else apart.
func (b *builder) separator(p part) string {
	if len(b.blocks) == 0 {
		return ""
	}
	last := b.blocks[len(b.blocks)-1].Kind
	if !p.Own && last == p.Kind && (p.Kind == ingest.Item || p.Kind == ingest.Row) {
		return "\n"
	}
	return "\n\n"
}

// heading writes a heading of a level (1 is outermost) and puts it on the path
// of what follows. A text too long for a heading is a paragraph: headings are
// never quoted.
func (b *builder) heading(level int, p part) bool {
	text := oneLine(normalise(p.Text))
	if text == "" {
		return b.ok()
	}
	b.leave(level)
	if len(text) > maxHeading {
		p.Text = text
		return b.add(p)
	}
	p.Kind, p.Text = ingest.Heading, text
	if !b.add(p) {
		return false
	}
	b.push(level, text)
	return true
}

// enter puts a heading that no reader sees on the path of what follows.
func (b *builder) enter(level int, text string) {
	b.leave(level)
	if text = oneLine(normalise(text)); text != "" && len(text) <= maxHeading {
		b.push(level, text)
	}
}

func (b *builder) push(level int, text string) {
	if len(b.heads) < maxDepth {
		b.heads = append(b.heads, head{level, text})
		b.path = append(slices.Clip(b.path), text)
	}
}

// leave ends the headings of this level and deeper.
func (b *builder) leave(level int) {
	n := len(b.heads)
	for n > 0 && b.heads[n-1].level >= level {
		n--
	}
	b.heads, b.path = b.heads[:n], b.path[:n:n]
}

// lastText is the text of the last block.
func (b *builder) lastText() string {
	if len(b.blocks) == 0 {
		return ""
	}
	return b.text.String()[b.blocks[len(b.blocks)-1].Start:]
}

// document is what was built; its metadata is still the parser's to set.
func (b *builder) document() (*ingest.Document, error) {
	if !b.ok() {
		return nil, b.err
	}
	return &ingest.Document{Text: b.text.String(), Blocks: b.blocks, Meta: map[string]string{}}, nil
}

// normalise is the canonical form of a piece of text: valid UTF-8 in NFC, runs
// of white space as one space, lines trimmed, empty lines, soft hyphens,
// zero-width and control characters left out.
func normalise(s string) string {
	if clean(s) {
		return s
	}
	var out strings.Builder
	out.Grow(len(s))
	pending := rune(0) // white space not yet written
	for _, r := range s {
		switch {
		case r == '\n' || r == '\u2028' || r == '\u2029' || r == '\v' || r == '\f' || r == '\u0085':
			pending = '\n'
		case unicode.IsSpace(r) || r == '\u180e' || r == '\u2800':
			if pending == 0 {
				pending = ' '
			}
		case r == utf8.RuneError || invisible(r):
		default:
			if pending != 0 && out.Len() > 0 {
				out.WriteRune(pending)
			}
			pending = 0
			out.WriteRune(r)
		}
	}
	return norm.NFC.String(out.String())
}

// clean reports whether plain ASCII is in canonical form already, which most
// of it is.
func clean(s string) bool {
	space := true
	for i := range len(s) {
		c := s[i]
		if c >= utf8.RuneSelf || c < ' ' || c == 0x7f || (c == ' ' && space) {
			return false
		}
		space = c == ' '
	}
	return !space || s == ""
}

// invisible characters carry no text: they would make words unequal that look
// the same.
func invisible(r rune) bool {
	switch r {
	case '\u00ad', '\u200b', '\u200e', '\u200f', '\u2060', '\ufeff':
		return true
	}
	return unicode.Is(unicode.Cc, r) || (r >= '\u202a' && r <= '\u202e') || (r >= '\u2066' && r <= '\u2069') ||
		unicode.Is(unicode.Co, r)
}

// oneLine writes line breaks as spaces.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// blank reports whether there is nothing but white space and NUL bytes.
func blank(data []byte) bool {
	for _, c := range data {
		if c > ' ' {
			return false
		}
	}
	return true
}
