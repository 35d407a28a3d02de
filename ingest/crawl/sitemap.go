package crawl

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

// Limits on sitemaps. Those of one file are from sitemaps.org; the others are
// ours.
const (
	maxSitemapBytes = 50 << 20 // of one file, unpacked
	maxSitemapURLs  = 50_000   // in one file
	maxSitemapFiles = 500      // read in one run, all hosts together
	maxSitemapDepth = 2        // an index, and indexes in it
)

// sitemap is one file: pages, or further sitemaps.
type sitemap struct {
	pages []listed
	files []string
}

// listed is a page with the day it says it changed; the zero time if it does
// not. CMSs lie about it, so it only orders the queue.
type listed struct {
	loc     string
	lastmod time.Time
}

// parseSitemap reads a sitemap or sitemap index (sitemaps.org 0.9), gzipped or
// not, or a plain list of addresses. What was read before an error is returned
// with it: a sitemap that is cut off still names pages. limit is the most that
// is read, in bytes after unpacking.
func parseSitemap(r io.Reader, limit int64) (sitemap, error) {
	head, r, err := peek(r, 512)
	if err != nil {
		return sitemap{}, err
	}
	if bytes.HasPrefix(head, []byte{0x1f, 0x8b}) {
		zr, err := gzip.NewReader(r)
		if err != nil {
			return sitemap{}, fmt.Errorf("sitemap: %w", err)
		}
		if head, r, err = peek(zr, 512); err != nil {
			return sitemap{}, fmt.Errorf("sitemap: %w", err)
		}
	}
	limited := &limitReader{r: r, left: limit, limit: limit}
	head = bytes.TrimPrefix(head, []byte("\xef\xbb\xbf"))
	if t := bytes.TrimSpace(head); len(t) > 0 && t[0] != '<' {
		return parseURLList(limited)
	}
	return parseSitemapXML(limited)
}

// parseURLList reads the text form: one address a line.
func parseURLList(r io.Reader) (sitemap, error) {
	var out sitemap
	data, err := io.ReadAll(r)
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://") {
			out.pages = append(out.pages, listed{loc: line})
		}
		if len(out.pages) >= maxSitemapURLs {
			break
		}
	}
	if err == nil && len(out.pages) == 0 {
		err = errors.New("sitemap holds neither XML nor addresses")
	}
	return out, err
}

// parseSitemapXML reads element by element, so that memory is bounded by what
// is kept. Only the names matter: many sitemaps have the wrong namespace.
func parseSitemapXML(r io.Reader) (sitemap, error) {
	var out sitemap
	d := xml.NewDecoder(r)
	d.Strict = false
	d.CharsetReader = charset.NewReaderLabel
	root := ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			if root == "" {
				return out, errors.New("sitemap is empty")
			}
			return out, nil
		}
		if err != nil {
			return out, fmt.Errorf("sitemap, byte %d: %w", d.InputOffset(), err)
		}
		el, ok := tok.(xml.StartElement)
		if !ok {
			continue
		}
		if root == "" {
			if root = el.Name.Local; root != "urlset" && root != "sitemapindex" {
				return out, fmt.Errorf("sitemap starts with <%s>, not <urlset> or <sitemapindex>", root)
			}
			continue
		}
		if el.Name.Local != "url" && el.Name.Local != "sitemap" {
			continue
		}
		var entry struct {
			Loc     string `xml:"loc"`
			Lastmod string `xml:"lastmod"`
		}
		if err := d.DecodeElement(&entry, &el); err != nil {
			return out, fmt.Errorf("sitemap, byte %d: %w", d.InputOffset(), err)
		}
		loc := strings.TrimSpace(entry.Loc)
		switch {
		case loc == "":
		case el.Name.Local == "sitemap":
			out.files = append(out.files, loc)
		default:
			out.pages = append(out.pages, listed{loc: loc, lastmod: w3cTime(entry.Lastmod)})
		}
		if len(out.pages) >= maxSitemapURLs || len(out.files) >= maxSitemapURLs {
			return out, nil
		}
	}
}

// w3cTime parses the forms of a W3C datetime; the zero time for others.
func w3cTime(s string) time.Time {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", "2006-01-02", "2006-01", "2006"} {
		if t, err := time.Parse(layout, strings.TrimSpace(s)); err == nil {
			return t
		}
	}
	return time.Time{}
}

// newestFirst orders pages by the day they say they changed; those that say
// nothing come last, in their order.
func newestFirst(pages []listed) {
	slices.SortStableFunc(pages, func(a, b listed) int { return b.lastmod.Compare(a.lastmod) })
}

// peek reads the first n bytes and gives a reader that starts at them again.
func peek(r io.Reader, n int) ([]byte, io.Reader, error) {
	head := make([]byte, n)
	got, err := io.ReadFull(r, head)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	head = head[:got]
	return head, io.MultiReader(bytes.NewReader(head), r), err
}

// limitReader fails, rather than ends, beyond its limit: a gzip bomb is told
// apart from a complete file.
type limitReader struct {
	r           io.Reader
	left, limit int64
}

func (l *limitReader) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, fmt.Errorf("it is larger than %d MB unpacked", l.limit>>20)
	}
	n, err := l.r.Read(p[:min(int64(len(p)), l.left)])
	l.left -= int64(n)
	return n, err
}
