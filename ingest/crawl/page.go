package crawl

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// maxLinks is how many links of one page are looked at.
const maxLinks = 5000

// page is what a crawler must know of an HTML page besides its content.
type page struct {
	links     []string // normalized, in order, each once
	canonical *url.URL // nil if none, or the page itself
	refresh   *url.URL // target of an immediate <meta http-equiv=refresh>
	noindex   bool
	nofollow  bool
}

// readPage finds the links and signals of an HTML page at the address at.
func readPage(at *url.URL, contentType string, data []byte) (page, error) {
	r, err := charset.NewReader(bytes.NewReader(data), contentType)
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", at, err)
	}
	root, err := html.ParseWithOptions(r, html.ParseOptionEnableScripting(false))
	if err != nil {
		return page{}, fmt.Errorf("%s: %w", at, err)
	}
	doc := goquery.NewDocumentFromNode(root)
	base := at
	if href, ok := doc.Find("base[href]").First().Attr("href"); ok {
		if b, err := at.Parse(strings.TrimSpace(href)); err == nil && (b.Scheme == "http" || b.Scheme == "https") {
			base = b
		}
	}
	var p page
	doc.Find("meta[name][content]").Each(func(_ int, s *goquery.Selection) {
		name := strings.ToLower(strings.TrimSpace(s.AttrOr("name", "")))
		if name == "robots" || name == productToken {
			p.directives(s.AttrOr("content", ""))
		}
	})
	doc.Find("link[rel][href]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if !hasWord(s.AttrOr("rel", ""), "canonical") {
			return true
		}
		if u, err := normalize(base, s.AttrOr("href", "")); err == nil && u.String() != at.String() {
			p.canonical = u
		}
		return false
	})
	p.findRefresh(doc, base)
	p.findLinks(doc, base)
	return p, nil
}

// findRefresh finds a redirect by meta tag, with no more delay than a visitor
// notices.
func (p *page) findRefresh(doc *goquery.Document, base *url.URL) {
	doc.Find("meta[http-equiv][content]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		if !strings.EqualFold(strings.TrimSpace(s.AttrOr("http-equiv", "")), "refresh") || s.ParentsFiltered("noscript").Length() > 0 {
			return true
		}
		wait, target, ok := strings.Cut(s.AttrOr("content", ""), ";")
		if secs, err := strconv.ParseFloat(strings.TrimSpace(wait), 64); !ok || err != nil || secs > 3 {
			return true
		}
		target = strings.TrimSpace(target)
		if len(target) < 4 || !strings.EqualFold(target[:3], "url") {
			return true
		}
		target = strings.Trim(strings.TrimLeft(target[3:], " ="), `"' `)
		if u, err := normalize(base, target); err == nil {
			p.refresh = u
		}
		return p.refresh == nil
	})
}

// findLinks collects what a visitor can follow, without links marked nofollow.
func (p *page) findLinks(doc *goquery.Document, base *url.URL) {
	seen := map[string]bool{}
	doc.Find("a[href], area[href], link[href], iframe[src]").EachWithBreak(func(_ int, s *goquery.Selection) bool {
		rel := s.AttrOr("rel", "")
		if hasWord(rel, "nofollow") {
			return true
		}
		if s.Is("link") && !leads(rel, s.AttrOr("type", "")) {
			return true
		}
		raw := strings.TrimSpace(s.AttrOr("href", s.AttrOr("src", "")))
		if raw == "" || strings.HasPrefix(raw, "#") {
			return true
		}
		u, err := normalize(base, raw)
		if err != nil || !readable(u) || seen[u.String()] {
			return true
		}
		seen[u.String()] = true
		p.links = append(p.links, u.String())
		return len(p.links) < maxLinks
	})
}

// leads reports whether a <link> element names a page to visit: the next of a
// series or another language, not a feed or a style sheet.
func leads(rel, mediaType string) bool {
	if mediaType != "" && !strings.EqualFold(mediaType, "text/html") && !strings.EqualFold(mediaType, "application/pdf") {
		return false
	}
	return hasWord(rel, "next") || hasWord(rel, "prev") || hasWord(rel, "alternate")
}

// hasWord reports whether a space-separated attribute holds a word.
func hasWord(list, word string) bool {
	return slices.ContainsFunc(strings.Fields(list), func(w string) bool { return strings.EqualFold(w, word) })
}

// directives reads the content of a robots meta element.
func (p *page) directives(content string) {
	for _, d := range strings.Split(content, ",") {
		switch strings.ToLower(strings.TrimSpace(d)) {
		case "noindex":
			p.noindex = true
		case "nofollow":
			p.nofollow = true
		case "none":
			p.noindex, p.nofollow = true, true
		}
	}
}

// headerDirectives reads the X-Robots-Tag headers of a response. A part that
// starts with the name of a crawler holds for that crawler only, as do the
// parts after it.
func (p *page) headerDirectives(h http.Header) {
	for _, v := range h.Values("X-Robots-Tag") {
		ours := true
		for _, part := range strings.Split(v, ",") {
			if name, rest, ok := strings.Cut(part, ":"); ok {
				switch name = strings.ToLower(strings.TrimSpace(name)); name {
				case "unavailable_after", "max-snippet", "max-image-preview", "max-video-preview":
					continue
				}
				ours = name == productToken || name == "robots" || name == "*"
				part = rest
			}
			if ours {
				p.directives(part)
			}
		}
	}
}
