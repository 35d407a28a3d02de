package extract

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// htmlHead is what a page says about itself.
type htmlHead struct {
	title, ogTitle, site, language, canonical, robots string
	published, modified                               time.Time
}

// readHead reads the metadata before the page is pruned.
func readHead(root *html.Node, base string) htmlHead {
	var h htmlHead
	for n := range below(root) {
		switch n.DataAtom {
		case atom.Html:
			setFirst(&h.language, attr(n, "lang"))
			setFirst(&h.language, attr(n, "xml:lang"))
		case atom.Title:
			if n.Namespace == "" {
				setFirst(&h.title, plainText(n))
			}
		case atom.Meta:
			for _, key := range []string{"name", "property", "itemprop"} {
				if v := attr(n, key); v != "" {
					h.set(strings.TrimSpace(v), strings.TrimSpace(attr(n, "content")))
					break
				}
			}
		case atom.Link:
			if h.canonical == "" && slices.Contains(strings.Fields(strings.ToLower(attr(n, "rel"))), "canonical") {
				h.canonical = absolute(base, attr(n, "href"))
			}
		case atom.Time:
			if hasAttr(n, "pubdate") {
				h.set("datepublished", attr(n, "datetime"))
			}
			h.set(attr(n, "itemprop"), attr(n, "datetime"))
		}
	}
	return h
}

func plainText(n *html.Node) string {
	var out strings.Builder
	for c := range below(n) {
		if c.Type == html.TextNode {
			out.WriteString(c.Data)
		}
	}
	return out.String()
}

// set takes one item of metadata; the first one of its kind counts.
func (h *htmlHead) set(key, value string) {
	switch strings.ToLower(key) {
	case "og:title":
		setFirst(&h.ogTitle, value)
	case "og:site_name", "application-name":
		setFirst(&h.site, value)
	case "robots", "vraagbaak":
		if value = strings.ToLower(value); value == "" {
			break
		}
		if h.robots == "" {
			h.robots = value
		} else {
			h.robots += ", " + value
		}
	case "dcterms.language", "dc.language", "content-language":
		setFirst(&h.language, value)
	case "article:published_time", "dcterms.issued", "dcterms.available", "dc.date.issued", "datepublished", "dcterms.created", "dc.date":
		if h.published.IsZero() {
			h.published = parseDate(value)
		}
	case "article:modified_time", "dcterms.modified", "dc.date.modified", "datemodified", "og:updated_time", "last-modified":
		if h.modified.IsZero() {
			h.modified = parseDate(value)
		}
	}
}

func setFirst(dst *string, value string) {
	if *dst == "" {
		*dst = strings.TrimSpace(value)
	}
}

// apply fills in the document. The title is the only h1; else what the page
// says it is, without the name of the site.
func (h htmlHead) apply(doc *ingest.Document, root, main *html.Node) {
	h1 := headlines(main)
	if len(h1) == 0 {
		h1 = headlines(root)
	}
	switch {
	case len(h1) == 1 && len(h1[0]) <= 300 && !h.better(h1[0]):
		doc.Title = h1[0]
	case h.ogTitle != "" && !h.better(h.ogTitle):
		doc.Title = withoutSite(h.ogTitle, h.site, h1)
	case strings.TrimSpace(h.title) != "":
		doc.Title = withoutSite(h.title, h.site, h1)
	case len(h1) > 0:
		doc.Title = h1[0]
	default:
		doc.Title = firstHeading(doc)
	}
	doc.Language = trueLanguage(language(h.language), doc.Text)
	doc.Published, doc.Modified = h.published, h.modified
	if h.canonical != "" {
		doc.Meta["canonical"] = h.canonical
	}
	if h.robots != "" {
		doc.Meta["robots"] = h.robots
	}
}

func headlines(n *html.Node) (out []string) {
	for c := range below(n) {
		if c.DataAtom == atom.H1 {
			if t := oneLine(inlineText(c)); t != "" && !uiPhrase(t) {
				out = append(out, t)
			}
		}
	}
	return out
}

// better reports whether the title says more than a heading of one word that
// many pages of a site share.
func (h htmlHead) better(h1 string) bool {
	title := withoutSite(h.title, h.site, nil)
	return !strings.Contains(h1, " ") && strings.Count(title, " ") > 1 && !strings.Contains(strings.ToLower(title), strings.ToLower(h1))
}

func firstHeading(doc *ingest.Document) string {
	for _, b := range doc.Blocks {
		if b.Kind == ingest.Heading {
			return doc.Text[b.Start:b.End]
		}
	}
	return ""
}

// withoutSite cuts the name of the site off a title such as "Paspoort | Gemeente
// Waterrijk".
func withoutSite(title, site string, h1 []string) string {
	title = oneLine(normalise(title))
	for _, h := range h1 {
		if strings.HasPrefix(title, h) {
			return h
		}
	}
	for _, sep := range []string{" | ", " - ", " – ", " — ", " :: ", " » ", " • "} {
		head, tail, ok := cutLast(title, sep)
		if !ok || head == "" {
			continue
		}
		lower := strings.ToLower(tail)
		if sep == " | " || site != "" && strings.EqualFold(tail, site) || strings.HasPrefix(lower, "gemeente ") || strings.HasPrefix(lower, "stad ") ||
			strings.HasPrefix(lower, "provincie ") || strings.HasPrefix(lower, "waterschap ") || strings.HasPrefix(lower, "ministerie ") ||
			strings.HasSuffix(lower, ".nl") || lower == "rijksoverheid" {
			return head
		}
	}
	return title
}

func cutLast(s, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return strings.TrimSpace(s[:i]), strings.TrimSpace(s[i+len(sep):]), true
}

// absolute resolves a link against the page; "" when it cannot be.
func absolute(base, href string) string {
	u, err := url.Parse(strings.TrimSpace(href))
	if err != nil {
		return ""
	}
	if b, err := url.Parse(base); err == nil && base != "" {
		u = b.ResolveReference(u)
	}
	if !u.IsAbs() || u.Host == "" {
		return ""
	}
	return u.String()
}

// dateForms are the forms that occur in metadata; zones other than UTC count.
var dateForms = []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02", "20060102", "02-01-2006", "2-1-2006",
	time.RFC1123, time.RFC1123Z, "2006-01-02T15:04:05-0700", "2006-01-02T15:04-07:00", "Mon, 02 Jan 2006 15:04:05 MST", "Mon, 2006-01-02 15:04", "Mon, 01/02/2006 - 15:04"}

// parseDate gives the zero time for what is no date.
func parseDate(s string) time.Time {
	s = strings.TrimSpace(s)
	if len(s) > 40 {
		return time.Time{}
	}
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil && t.Year() > 1800 && t.Year() < 2200 {
			return t.UTC()
		}
	}
	return time.Time{}
}
