package answer

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// source is the wire form of a candidate; n counts from 1.
func source(n int, c retrieve.Candidate) Source {
	heading := c.Heading
	if heading == nil {
		heading = []string{}
	}
	return Source{
		N: n, doc: c.Doc.String(), URL: link(c.Passage), Title: c.Title, Collection: c.Doc.Collection, Score: c.Score,
		Text: c.Text, Context: c.Context, Heading: heading, Page: c.Page, Start: c.Start, End: c.End,
		Published: date(c.Published),
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
