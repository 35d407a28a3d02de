package extract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// depthLimit is how deep files may stand within files: an archive in a message,
// a message in an archive.
const depthLimit = 2

// inside reads a file that stands in another one. Its name is its path there.
func (b *builder) inside(name string, data []byte) (*ingest.Document, error) {
	if b.in.depth >= depthLimit {
		return nil, fmt.Errorf("%s: %w: it stands more than %d files deep; take it out", name, ErrUnsupported, depthLimit)
	}
	return Extract(b.ctx, Input{Name: name, Data: data, MaxHTML: b.in.MaxHTML, OCR: b.in.OCR, Alive: b.in.Alive, depth: b.in.depth + 1})
}

// append writes a document that stands in another one, below a heading.
func (b *builder) append(heading string, doc *ingest.Document) {
	b.heading(1, part{Text: heading})
	top := slices.Clone(b.path)
	group := 0
	for _, x := range b.blocks {
		group = max(group, x.Group)
	}
	titled := top // with the title, which a document keeps once and not in its paths
	if doc.Title != titleFromName(Input{Name: heading}) {
		titled = append(slices.Clip(top), doc.Title)
	}
	for _, x := range doc.Blocks {
		text, above := doc.Text[x.Start:x.End], titled
		if x.Kind == ingest.Heading && text == doc.Title {
			above = top
		}
		p := part{Kind: x.Kind, Text: text, Heading: append(slices.Clip(above), x.Heading...), Page: x.Page, Anchor: x.Anchor, Context: x.Context}
		if len(p.Heading) > maxDepth {
			p.Heading = p.Heading[:maxDepth]
		}
		if x.Group > 0 {
			p.Group = group + x.Group
		}
		if !b.add(p) {
			return
		}
	}
	b.leave(1)
}

// listed joins the names of parts for Meta.
func listed(names []string) string { return strings.Join(names, "; ") }
