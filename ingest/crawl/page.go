package crawl

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

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
	// alternates are the other languages of the page, each "en https://…", and
	// inLanguage the language of an address by them.
	alternates []string
	inLanguage map[string]string
	until      time.Time // after which it asks not to be indexed; zero for always
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
	p.findAlternates(doc, base)
	p.findRefresh(doc, base)
	p.findLinks(doc, base)
	return p, nil
}

// findAlternates collects the other languages of the page (hreflang).
func (p *page) findAlternates(doc *goquery.Document, base *url.URL) {
	p.inLanguage = map[string]string{}
	doc.Find("link[rel][hreflang][href], a[hreflang][href]").Each(func(_ int, s *goquery.Selection) {
		lang := strings.ToLower(strings.TrimSpace(s.AttrOr("hreflang", "")))
		if lang == "" || lang == "x-default" || s.Is("link") && !hasWord(s.AttrOr("rel", ""), "alternate") || len(p.alternates) >= 50 {
			return
		}
		u, err := normalize(base, s.AttrOr("href", ""))
		if err != nil || p.inLanguage[u.String()] != "" {
			return
		}
		p.inLanguage[u.String()] = lang
		if s.Is("link") {
			p.alternates = append(p.alternates, lang+" "+u.String())
		}
	})
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
		default:
			if k, v, ok := strings.Cut(d, ":"); ok && strings.EqualFold(strings.TrimSpace(k), "unavailable_after") {
				p.unavailable(v)
			}
		}
	}
}

// unavailable reads the date of unavailable_after, in the forms that are in use.
// A comma in it has cut it off before its year: then it says nothing.
func (p *page) unavailable(s string) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly, "02 Jan 2006 15:04:05 MST", "02-Jan-2006 15:04:05 MST", "2 January 2006"} {
		if t, err := time.Parse(layout, s); err == nil {
			p.until = t
			return
		}
	}
}

// hidden reports whether a page asks not to be indexed at a moment.
func (p *page) hidden(now time.Time) bool {
	return p.noindex || !p.until.IsZero() && now.After(p.until)
}

// headerCanonical reads the canonical address out of the Link headers (RFC 8288),
// which is how documents that are not HTML name theirs.
func (p *page) headerCanonical(at *url.URL, h http.Header) {
	for _, v := range h.Values("Link") {
		for _, link := range strings.Split(v, ",") {
			target, params, ok := strings.Cut(link, ">")
			if !ok || p.canonical != nil {
				continue
			}
			for _, param := range strings.Split(params, ";") {
				k, v, _ := strings.Cut(strings.TrimSpace(param), "=")
				if !strings.EqualFold(k, "rel") || !hasWord(strings.Trim(v, `"`), "canonical") {
					continue
				}
				if u, err := normalize(at, strings.TrimLeft(target, " <")); err == nil && u.String() != at.String() {
					p.canonical = u
				}
			}
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
				case "unavailable_after":
					if ours {
						p.unavailable(rest)
					}
					continue
				case "max-snippet", "max-image-preview", "max-video-preview":
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
