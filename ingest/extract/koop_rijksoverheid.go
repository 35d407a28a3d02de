package extract

import (
	"context"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractRijksoverheid reads documents of opendata.rijksoverheid.nl.
func extractRijksoverheid(ctx context.Context, in Input, root *node) (*ingest.Document, error) {
	b := newBuilder(ctx, in)
	if strings.EqualFold(root.name, "documents") {
		list := root.all("document")
		if len(list) == 0 {
			return nil, in.fail(ErrMetadata, "an empty list of documents")
		}
		for _, d := range list {
			b.leave(1)
			if t := d.first("title"); t != nil {
				b.heading(1, part{Text: t.flat()})
			}
			if i := d.first("introduction"); i != nil {
				b.fragment(i.flat(), 2)
			}
		}
		doc, err := b.document()
		if err == nil {
			doc.Title = "Documenten van rijksoverheid.nl"
		}
		return doc, err
	}
	text := func(name string) string {
		if n := root.first(name); n != nil {
			return strings.TrimSpace(n.flat())
		}
		return ""
	}
	b.heading(1, part{Text: text("title")})
	b.fragment(text("introduction"), 2)
	for _, c := range root.all("contentblock") {
		b.leave(2)
		if t := c.first("paragraphtitle"); t != nil {
			b.heading(2, part{Text: t.flat()})
		}
		if p := c.first("paragraph"); p != nil {
			b.fragment(p.flat(), 2)
		}
	}
	b.fragment(text("additionalcontent"), 2)
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	if len(doc.Blocks) < 2 {
		return nil, in.fail(ErrMetadata, "it names files and holds no text; give those files")
	}
	doc.Title, doc.URL = text("title"), text("canonical")
	for _, k := range []string{"id", "type"} {
		if v := text(k); v != "" {
			doc.Meta[k] = oneLine(v)
		}
	}
	for k, list := range map[string]string{"authority": "authorities", "subject": "subjects"} {
		if n := root.first(list); n != nil {
			var vs []string
			for _, c := range n.children {
				if v := oneLine(normalise(c.flat())); v != "" {
					vs = append(vs, v)
				}
			}
			if v := strings.Join(vs, "; "); v != "" {
				doc.Meta[k] = v
			}
		}
	}
	for _, k := range []string{"frontenddate", "issued", "available"} {
		if t, err := time.Parse(time.RFC3339, text(k)); err == nil && doc.Published.IsZero() {
			doc.Published = t
		}
	}
	doc.Modified, _ = time.Parse(time.RFC3339, text("lastmodified"))
	return doc, nil
}
