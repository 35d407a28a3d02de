package extract

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	east "github.com/yuin/goldmark/extension/ast"
	mdparser "github.com/yuin/goldmark/parser"
	gtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// maxNesting is the depth of quotes and lists within each other that is read;
// no editor writes more, and the parser's time grows with its square.
const maxNesting = 100

// extractMarkdown reads CommonMark with tables and front matter. The text is
// what a reader sees: without marks, a soft line break is a space. The first
// heading is the title, unless the front matter has one.
func extractMarkdown(ctx context.Context, in Input) (*ingest.Document, error) {
	src := lineEnds.Replace(decodeText(in.Data))
	front, body := frontMatter(src)
	if deep(body) {
		return extractText(ctx, in)
	}
	source := []byte(body)
	md := goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Footnote, extension.DefinitionList, extension.TaskList),
		goldmark.WithParserOptions(mdparser.WithAttribute()))
	root := md.Parser().Parse(gtext.NewReader(source))
	b := newBuilder(ctx, in)
	w := &mdWalker{b: b, parser: md.Parser(), src: source, kind: ingest.Paragraph}
	w.blocks(root)
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	if doc.Text == "" {
		return nil, in.fail(ErrEmpty, "the file holds no text; put its content back or remove it")
	}
	doc.Title = firstHeading(doc)
	front.apply(doc)
	return doc, nil
}

// deep reports whether a line opens more quotes and lists than is read.
func deep(src string) bool {
	for line := range strings.Lines(src) {
		n := 0
		for i := 0; i < len(line) && strings.IndexByte(" \t>*+-0123456789.)", line[i]) >= 0; i++ {
			if strings.IndexByte(">*+-.)", line[i]) >= 0 {
				n++
			}
		}
		if n > maxNesting && strings.TrimLeft(strings.TrimSpace(line), "-*+ \t") != "" {
			return true
		}
	}
	return false
}

// front is the metadata at the top of a Markdown file.
type front map[string]any

// frontMatter splits off YAML between two lines "---". What is no YAML map
// stays text.
func frontMatter(src string) (front, string) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(src, "\ufeff"), "---\n")
	if !ok {
		return nil, src
	}
	head, body, ok := strings.Cut(rest, "\n---\n")
	if !ok || len(head) > 64<<10 {
		return nil, src
	}
	var m front
	if err := yaml.Unmarshal([]byte(head), &m); err != nil || len(m) == 0 {
		return nil, src
	}
	return m, body
}

// text gives the first of the keys that has a plain value.
func (f front) text(keys ...string) string {
	for _, k := range keys {
		switch v := f[k].(type) {
		case string:
			return strings.TrimSpace(v)
		case fmt.Stringer:
			return v.String()
		case int, int64, uint64, float64:
			return fmt.Sprint(v)
		}
	}
	return ""
}

func (f front) apply(doc *ingest.Document) {
	if t := f.text("title", "titel"); t != "" {
		doc.Title = t
	}
	if u := f.text("url", "link", "canonical", "source", "bron"); strings.HasPrefix(u, "https://") || strings.HasPrefix(u, "http://") {
		doc.Meta["canonical"] = oneLine(normalise(u))
	}
	doc.Language = language(f.text("lang", "language", "taal"))
	doc.Published = parseDate(f.text("date", "datum", "published", "gepubliceerd"))
	doc.Modified = parseDate(f.text("modified", "updated", "lastmod", "last_modified", "gewijzigd"))
}

// mdWalker writes the blocks of a syntax tree.
type mdWalker struct {
	b       *builder
	parser  mdparser.Parser
	src     []byte
	kind    ingest.Kind
	marker  string // of the item under way, until its first block is written
	context string
	anchor  string
}

func (w *mdWalker) add(text string) {
	if w.marker != "" && strings.TrimSpace(text) != "" {
		text, w.marker = w.marker+" "+text, ""
	}
	w.b.add(part{Kind: w.kind, Text: text, Context: w.context, Anchor: w.anchor})
}

func (w *mdWalker) blocks(n ast.Node) {
	for c := n.FirstChild(); c != nil && w.b.err == nil; c = c.NextSibling() {
		w.block(c)
	}
}

func (w *mdWalker) block(n ast.Node) {
	switch n := n.(type) {
	case *ast.Heading:
		w.anchor = ""
		if id, ok := n.AttributeString("id"); ok {
			if s, ok := id.([]byte); ok && goodAnchor(string(s)) {
				w.anchor = string(s)
			}
		}
		text := w.inline(n)
		if w.marker != "" {
			text, w.marker = w.marker+" "+text, ""
		}
		w.b.heading(n.Level, part{Text: text, Anchor: w.anchor})
	case *ast.Paragraph, *ast.TextBlock, *east.DefinitionTerm:
		w.add(w.inline(n))
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		w.add(w.lines(n))
	case *ast.HTMLBlock:
		w.html(n)
	case *ast.List:
		w.list(n)
	case *east.Table:
		w.table(n)
	case *east.DefinitionDescription:
		w.as(ingest.Item, "", n)
	case *east.Footnote:
		w.as(ingest.Note, strconv.Itoa(n.Index)+".", n)
	default:
		w.blocks(n)
	}
}

func (w *mdWalker) as(kind ingest.Kind, marker string, n ast.Node) {
	k, m := w.kind, w.marker
	if m != "" && marker != "" { // a list that opens an item
		marker = m + " " + marker
	}
	w.kind, w.marker = kind, marker
	w.blocks(n)
	w.kind, w.marker = k, ""
}

// list writes each item as a block. Numbers are kept: they are text of the
// source, and others refer to them.
func (w *mdWalker) list(n *ast.List) {
	num := n.Start
	for c := n.FirstChild(); c != nil && w.b.err == nil; c = c.NextSibling() {
		marker := ""
		if n.IsOrdered() {
			marker = strconv.Itoa(num) + string(rune(n.Marker))
			num++
		}
		w.as(ingest.Item, marker, c)
	}
}

func (w *mdWalker) table(n *east.Table) {
	header := ""
	for r := n.FirstChild(); r != nil && w.b.err == nil; r = r.NextSibling() {
		var cells []string
		for c := r.FirstChild(); c != nil; c = c.NextSibling() {
			cells = append(cells, oneLine(w.inline(c)))
		}
		cells = append(cells, w.excess(r)...)
		text := joinCells(cells)
		_, isHeader := r.(*east.TableHeader)
		p := part{Kind: ingest.Row, Text: text, Context: header, Anchor: w.anchor, Own: isHeader}
		if isHeader {
			header = text
		}
		w.b.add(p)
	}
}

// excess gives the cells of a row beyond the columns of its table, which the
// parser leaves out.
func (w *mdWalker) excess(row ast.Node) []string {
	if row.Pos() < 0 || row.Pos() > len(w.src) {
		return nil
	}
	raw, _, _ := bytes.Cut(w.src[row.Pos():], []byte("\n"))
	line := string(raw)
	line = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(line), "|"), "|")
	n, columns := 0, row.ChildCount()
	for i := 0; i < len(line); i++ {
		if line[i] != '|' || i > 0 && line[i-1] == '\\' {
			continue
		}
		if n++; n < columns {
			continue
		}
		var out []string
		for cell := range strings.SplitSeq(line[i+1:], "|") {
			src := []byte(strings.TrimSpace(cell))
			sub := &mdWalker{src: src}
			root := w.parser.Parse(gtext.NewReader(src))
			text := string(src)
			if p, ok := root.FirstChild().(*ast.Paragraph); ok && p.NextSibling() == nil {
				text = sub.inline(p)
			}
			out = append(out, oneLine(text))
		}
		return out
	}
	return nil
}

// html extracts the text of HTML among the Markdown.
func (w *mdWalker) html(n *ast.HTMLBlock) {
	src := w.lines(n)
	if n.HasClosure() {
		src += string(n.ClosureLine.Value(w.src))
	}
	if len(src) > DefaultMaxHTML {
		w.add(stripTags(src))
		return
	}
	w.b.fragment(src, 1)
}

// lines is the raw text of a block.
func (w *mdWalker) lines(n ast.Node) string {
	var out strings.Builder
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		out.Write(s.Value(w.src))
	}
	return out.String()
}

// inline is the text of a block without marks.
func (w *mdWalker) inline(n ast.Node) string {
	var out strings.Builder
	w.collect(n, &out)
	return unwrap(out.String())
}

// softBreak stands for a line break in a paragraph until unwrap has judged it.
// It cannot occur in a text: NUL is replaced when Markdown is parsed.
const softBreak = "\x00"

// unwrap turns the line breaks in a paragraph into spaces, except those that
// were meant: where the line had room for the first word of the next, and that
// does not go on in lower case, nobody wrapped it there. Lists of short lines and headings without a mark stay apart.
func unwrap(s string) string {
	lines := strings.Split(s, softBreak)
	width := 0
	for _, l := range lines {
		width = max(width, utf8.RuneCountInString(l))
	}
	var out strings.Builder
	for i, l := range lines {
		out.WriteString(l)
		if i+1 == len(lines) {
			break
		}
		next := strings.TrimLeft(lines[i+1], " ")
		word, _, _ := strings.Cut(next, " ")
		first, _ := utf8.DecodeRuneInString(next)
		if !unicode.IsLower(first) && utf8.RuneCountInString(l)+1+utf8.RuneCountInString(word) <= width {
			out.WriteByte('\n')
		} else {
			out.WriteByte(' ')
		}
	}
	return out.String()
}

func (w *mdWalker) collect(n ast.Node, out *strings.Builder) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			out.WriteString(unescape(c.Segment.Value(w.src)))
			switch {
			case c.HardLineBreak():
				out.WriteByte('\n')
			case c.SoftLineBreak():
				out.WriteString(softBreak)
			}
		case *ast.String:
			out.Write(c.Value)
		case *ast.AutoLink:
			out.Write(c.Label(w.src))
		case *ast.RawHTML:
			for i := range c.Segments.Len() {
				if s := c.Segments.At(i); strings.HasPrefix(strings.ToLower(string(s.Value(w.src))), "<br") {
					out.WriteByte('\n')
				}
			}
		case *east.TaskCheckBox:
		case *east.FootnoteLink:
			fmt.Fprintf(out, "[%d]", c.Index)
		case *east.FootnoteBacklink:
		default:
			w.collect(c, out)
		}
	}
}

// unescape gives the characters that entities and backslashes stand for.
func unescape(s []byte) string {
	if !strings.ContainsAny(string(s), `\&`) {
		return string(s)
	}
	return string(util.UnescapePunctuations(util.ResolveEntityNames(util.ResolveNumericReferences(s))))
}
