package answer

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// maxAlso bounds the addresses of copies: a notice can stand on every page.
const maxAlso = 20

// source is the wire form of a candidate; n counts from 1.
func source(n int, c retrieve.Candidate) Source {
	heading := c.Heading
	if heading == nil {
		heading = []string{}
	}
	also := []string{}
	for _, p := range c.Also {
		if u := link(p); u != "" && len(also) < maxAlso && !slices.Contains(also, u) {
			also = append(also, u)
		}
	}
	return Source{
		N: n, doc: c.Doc.String(), URL: link(c.Passage), Title: c.Title, Collection: c.Doc.Collection, Score: c.Score,
		Text: c.Text, Context: c.Context, Heading: heading, Page: c.Page, Start: c.Start, End: c.End,
		Published: date(c.Published), Also: also, Copies: len(c.Also),
	}
}

// link leads to the place in the document: a page of a PDF, an anchor where the
// document has one.
func link(p retrieve.Passage) string {
	switch {
	case p.URL == "" || strings.Contains(p.URL, "#"):
		return p.URL
	case p.Page > 0 && strings.HasSuffix(strings.ToLower(p.URL), ".pdf"):
		return p.URL + "#page=" + strconv.Itoa(p.Page)
	case p.Anchor != "":
		return p.URL + "#" + url.PathEscape(p.Anchor)
	}
	return p.URL
}

func date(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.DateOnly)
}
