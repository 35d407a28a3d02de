package extract

import (
	"context"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	"golang.org/x/net/html/charset"
	"golang.org/x/text/transform"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// DefaultMaxHTML is the limit on a page of HTML in bytes.
const DefaultMaxHTML = 10 << 20

func (in Input) maxHTML() int {
	if in.MaxHTML > 0 {
		return in.MaxHTML
	}
	return DefaultMaxHTML
}

// extractHTML reads the main content of a page, or a fragment of one: its
// headings, paragraphs, lists, tables and definitions, without what surrounds
// them on every page of the site.
func extractHTML(ctx context.Context, in Input) (*ingest.Document, error) {
	if len(in.Data) > in.maxHTML() {
		return nil, in.fail(ErrUnreadable, "a page of %d MB; the limit is %d MB, split the page or give a PDF",
			(len(in.Data)+1<<20-1)>>20, in.maxHTML()>>20)
	}
	src := decodeHTML(in)
	root, err := parseHTML(ctx, src)
	if err != nil {
		if ctx.Err() != nil {
			return nil, err
		}
		return tooDeep(ctx, in, src)
	}
	head := readHead(root, in.URL)
	prune(root)
	main := mainContent(root)
	b := newBuilder(ctx, in)
	w := &htmlWalker{b: b, page: cores(root)}
	w.children(main)
	for _, n := range beside(root, main) { // how to reach somebody about it
		w.flush()
		w.b.leave(0)
		w.anchor, w.fresh = "", false
		w.node(n)
	}
	w.flush()
	w.writeNumber()
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	if doc.Text == "" {
		return nil, in.fail(ErrEmpty, "the page has no main content; its text may be written by a script")
	}
	head.apply(doc, root, main)
	if doc.Modified.IsZero() {
		doc.Modified = w.changed
	}
	return doc, nil
}

// tooDeep reads a page that is nested too deep for the parser, which no
// editor writes by hand: its text without its structure.
func tooDeep(ctx context.Context, in Input, src string) (*ingest.Document, error) {
	b := newBuilder(ctx, in)
	for para := range strings.SplitSeq(stripTags(src), "\n") {
		b.add(part{Text: para})
	}
	return b.document()
}

// decodeHTML gives UTF-8: by byte order mark, content type or meta element;
// without those as UTF-8 where it is valid, else as Windows-1252.
func decodeHTML(in Input) string {
	enc, name, certain := charset.DetermineEncoding(in.Data[:min(len(in.Data), 1024)], in.ContentType)
	if !certain || name == "utf-8" || name == "windows-1252" {
		return decodeText(in.Data) // sees the whole page, and through a wrong declaration
	}
	out, _, err := transform.Bytes(enc.NewDecoder(), in.Data)
	if err != nil {
		return decodeText(in.Data)
	}
	return strings.ToValidUTF8(string(out), "\ufffd")
}

// parseHTML builds the tree; the parser refuses more than 512 levels. A page
// that begins with an element that only stands within another (an item of an
// agenda) is read as a fragment.
func parseHTML(ctx context.Context, src string) (*html.Node, error) {
	return html.Parse(&contextReader{ctx, strings.NewReader(src)})
}

// contextReader ends a parse when the context ends.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (c *contextReader) Read(p []byte) (int, error) {
	if err := c.ctx.Err(); err != nil {
		return 0, err
	}
	return c.r.Read(p)
}

// mainContent finds the element that holds what the page is about. The pruned
// body is the answer when no element says so, or when the one that does is
// nearly empty.
func mainContent(root *html.Node) *html.Node {
	body := root
	for n := range below(root) {
		if n.DataAtom == atom.Body {
			body = n
			break
		}
	}
	sizes := measure(body)
	total := sizes[body]
	best, rank := body, 0
	for n := range below(body) {
		r := contentRank(n)
		if r == 0 || sizes[n] == 0 {
			continue
		}
		share := float64(sizes[n]) / float64(max(total, 1))
		if share < minShare[r] {
			continue
		}
		if r > rank || r == rank && sizes[n] > sizes[best] {
			best, rank = n, r
		}
	}
	return best
}

// minShare is the part of the text that an element must hold to be believed,
// by how plainly it says to be the content.
var minShare = [4]float64{0, 0.5, 0.4, 0.1}

// contentRank says how plainly an element claims to be the main content: 3 by
// the standard, 2 by an established name, 1 as the only article, 0 not.
func contentRank(n *html.Node) int {
	if n.Type != html.ElementNode {
		return 0
	}
	if n.DataAtom == atom.Main || attr(n, "role") == "main" {
		return 3
	}
	if contentNames[strings.ToLower(attr(n, "id"))] || attr(n, "itemprop") == "articleBody" || attr(n, "itemprop") == "mainContentOfPage" {
		return 2
	}
	for class := range strings.FieldsSeq(attr(n, "class")) {
		if contentNames[strings.ToLower(class)] {
			return 2
		}
	}
	if n.DataAtom == atom.Article {
		return 1
	}
	return 0
}

// contentNames are the names that content management systems give to the
// element of the main content.
var contentNames = set("content", "main", "main-content", "maincontent", "main_content", "content-main", "contentmain",
	"page-content", "pagecontent", "primary-content", "site-content", "inhoud", "hoofdinhoud", "hoofdcontent", "pagina-inhoud",
	"paginainhoud", "readspeaker-content", "rs_read_this", "article-content", "entry-content", "post-content", "node-content",
	"region-content", "block-system-main-block", "content-area", "contentarea", "iprox-content", "readcontent", "readblock", "article")

// measure counts the visible bytes below every element.
func measure(root *html.Node) map[*html.Node]int {
	sizes := make(map[*html.Node]int, 1024)
	var visit func(*html.Node) int
	visit = func(n *html.Node) int {
		size := 0
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			if c.Type == html.TextNode {
				size += textSize(c.Data)
			} else {
				size += visit(c)
			}
		}
		sizes[n] = size
		return size
	}
	visit(root)
	return sizes
}

// textSize counts the bytes that are not white space.
func textSize(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] > ' ' {
			n++
		}
	}
	return n
}

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
