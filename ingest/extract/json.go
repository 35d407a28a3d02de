package extract

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// faq is a question with its answer as opendata.rijksoverheid.nl gives it
// (v1/infotypes/faq, output=json).
type faq struct {
	ID           string   `json:"id"`
	Type         string   `json:"type"`
	Canonical    string   `json:"canonical"`
	DataURL      string   `json:"dataurl"`
	Title        string   `json:"title"`
	Question     string   `json:"question"`
	Introduction string   `json:"introduction"`
	Language     string   `json:"language"`
	LastModified string   `json:"lastmodified"`
	Authorities  []string `json:"authorities"`
	Subjects     []string `json:"subjects"`
	Content      []struct {
		Title     string `json:"paragraphtitle"`
		Paragraph string `json:"paragraph"`
	} `json:"content"`
}

// extractJSON reads the pages of opendata.rijksoverheid.nl; other JSON has no
// text that a reader would recognise. The question is the title of the
// document, each paragraph has its heading.
func extractJSON(ctx context.Context, in Input) (*ingest.Document, error) {
	if len(in.Data) > in.maxHTML() {
		return nil, in.fail(ErrUnreadable, "JSON of %d MB; the limit is %d MB", len(in.Data)>>20, in.maxHTML()>>20)
	}
	var page faq
	data := []byte(strings.TrimPrefix(decodeText(in.Data), "\ufeff"))
	if err := json.Unmarshal(data, &page); err != nil {
		if !json.Valid(data) {
			return nil, in.fail(ErrUnreadable, "JSON that is damaged: %v", err)
		}
		return nil, in.fail(ErrUnsupported, "JSON of unknown shape; pages of opendata.rijksoverheid.nl are read")
	}
	title := page.Question
	if title == "" {
		title = page.Title
	}
	if title == "" || (page.Introduction == "" && len(page.Content) == 0) {
		if page.DataURL != "" || page.Canonical != "" {
			return nil, in.fail(ErrMetadata, "it names a page of rijksoverheid.nl without its text")
		}
		return nil, in.fail(ErrUnsupported, "JSON of unknown shape; pages of opendata.rijksoverheid.nl are read")
	}
	b := newBuilder(ctx, in)
	b.heading(1, part{Text: title})
	b.fragment(page.Introduction, 2)
	for _, p := range page.Content {
		b.leave(2)
		b.heading(2, part{Text: p.Title})
		b.fragment(p.Paragraph, 2)
	}
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	if len(doc.Blocks) < 2 {
		return nil, in.fail(ErrEmpty, "the page has a title and no text")
	}
	doc.Title, doc.Language = title, page.Language
	if in.URL == "" || in.URL == page.DataURL {
		doc.URL = page.Canonical
	}
	doc.Modified, _ = time.Parse(time.RFC3339, page.LastModified)
	for k, v := range map[string]string{
		"id": page.ID, "type": page.Type, "canonical": page.Canonical,
		"authority": strings.Join(page.Authorities, "; "), "subject": strings.Join(page.Subjects, "; "),
	} {
		if v = oneLine(normalise(v)); v != "" {
			doc.Meta[k] = v
		}
	}
	return doc, nil
}

// fragment writes a piece of HTML whose headings stand at level or below.
func (b *builder) fragment(src string, level int) {
	root, err := parseHTML(b.ctx, src)
	if err != nil {
		b.add(part{Text: stripTags(src)})
		return
	}
	prune(root)
	w := &htmlWalker{b: b, base: 2 * (level - 1)}
	w.children(root)
	w.flush()
	w.writeNumber()
}
