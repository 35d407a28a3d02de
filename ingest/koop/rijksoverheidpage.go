package koop

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// page is a page of rijksoverheid.nl as the open data give it: in a list, or in
// full. As JSON it is in the form that questions with answers have.
type page struct {
	ID           string      `json:"id"`
	Type         string      `json:"type"`
	Canonical    string      `json:"canonical"`
	DataURL      string      `json:"dataurl"`
	Title        string      `json:"title,omitempty"`
	Question     string      `json:"question,omitempty"`
	Introduction string      `json:"introduction"`
	Language     string      `json:"language"`
	LastModified string      `json:"lastmodified"`
	Authorities  []string    `json:"authorities"`
	Subjects     []string    `json:"subjects"`
	Content      []paragraph `json:"content"`

	Creators  []string  `json:"-"`
	Published string    `json:"-"` // of issued, available and frontenddate the first that is given
	Files     []odsFile `json:"-"`
	raw       []byte    // the whole of it, for pages without a date of modification
}

type paragraph struct {
	Title     string `json:"paragraphtitle"`
	Paragraph string `json:"paragraph"` // HTML
}

// odsFile is a file of a document.
type odsFile struct{ URL, Title, Type string }

// name is the identifier of a page as a document.
func (p page) name() string {
	if p.Canonical != "" {
		return p.Canonical
	}
	return p.DataURL
}

// print changes when the page does.
func (p page) print(version string) string {
	mod := p.LastModified
	if mod == "" {
		mod = ingest.HexDigest(sum(p.raw))
	}
	return version + "|" + mod
}

// describe writes what the service says of the page into a document.
func (p page) describe(doc *ingest.Document) {
	if doc.Meta == nil {
		doc.Meta = map[string]string{}
	}
	for key, value := range map[string]string{
		"identifier": p.ID, "soort": p.Type, "ministerie": strings.Join(p.Authorities, "; "),
		"onderwerp": strings.Join(p.Subjects, "; "), "creator": strings.Join(p.Creators, "; "),
	} {
		if value != "" {
			doc.Meta[key] = value
		}
	}
	doc.URL = p.name()
	if t := parseDay(p.Published); !t.IsZero() {
		doc.Published = t
	}
	if t := parseDay(p.LastModified); !t.IsZero() {
		doc.Modified = t
	}
}

// parsePages reads a list, in JSON or XML. A list can be empty.
func parsePages(data []byte) ([]page, error) {
	v, err := parseAny(data)
	if err != nil {
		return nil, err
	}
	switch v.(type) {
	case []any, map[string]any:
	default:
		if s, ok := v.(string); !ok || strings.TrimSpace(s) != "" {
			return nil, errors.New("this is not a list of pages")
		}
	}
	var out []page
	for _, m := range objectsWith(v, "id", nil) {
		out = append(out, pageOf(m))
	}
	if m, ok := v.(map[string]any); ok && len(out) == 0 && len(m) > 0 && !emptyList(m) {
		return nil, errors.New("there are no pages in what should be a list of them")
	}
	return out, nil
}

// emptyList reports whether an object holds nothing but lists without elements.
func emptyList(m map[string]any) bool {
	for _, v := range m {
		switch v := v.(type) {
		case []any:
			if len(v) > 0 {
				return false
			}
		case nil:
		default:
			return false
		}
	}
	return true
}

// parsePage reads one page in full, in JSON or XML.
func parsePage(data []byte) (page, error) {
	v, err := parseAny(data)
	if err != nil {
		return page{}, err
	}
	found := objectsWith(v, "id", nil)
	if len(found) != 1 {
		return page{}, fmt.Errorf("there are %d pages in it instead of one", len(found))
	}
	p := pageOf(found[0])
	if p.ID == "" {
		return page{}, errors.New("the page has no id")
	}
	return p, nil
}

// parseAny reads JSON, or XML as if it were JSON: an element is an object of
// its children, or its text.
func parseAny(data []byte) (any, error) {
	data = bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\ufeff")))
	if bytes.HasPrefix(data, []byte("<")) {
		if root := rootElement(data); strings.EqualFold(root, "html") {
			return nil, errors.New("a page of HTML instead of data")
		}
		root, err := parseTree(data)
		if err != nil {
			return nil, err
		}
		return root.object(), nil
	}
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(data), maxAnswer)
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return nil, err
	}
	return v, nil
}

// object is an element as JSON would have it.
func (n *node) object() any {
	if len(n.kids) == 0 {
		return strings.TrimSpace(n.text)
	}
	out := map[string]any{}
	for _, k := range n.kids {
		v := k.object()
		switch old := out[k.name.Local].(type) {
		case nil:
			out[k.name.Local] = v
		case []any:
			out[k.name.Local] = append(old, v)
		default:
			out[k.name.Local] = []any{old, v}
		}
	}
	return out
}

// objectsWith collects the outermost objects that have a text under the key.
func objectsWith(v any, key string, out []map[string]any) []map[string]any {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = objectsWith(e, key, out)
		}
	case map[string]any:
		if text(v[key]) != "" {
			return append(out, v)
		}
		for _, name := range sortedNames(v) {
			out = objectsWith(v[name], key, out)
		}
	}
	return out
}

func pageOf(m map[string]any) page {
	p := page{ID: text(m["id"]), Type: text(m["type"]), Canonical: text(m["canonical"]), DataURL: text(m["dataurl"]),
		Title: text(m["title"]), Question: text(m["question"]), Introduction: text(m["introduction"]),
		Language: text(m["language"]), LastModified: text(m["lastmodified"]),
		Authorities: texts(m["authorities"], nil), Subjects: texts(m["subjects"], nil), Creators: texts(m["creators"], nil)}
	if p.Language == "" {
		if l := texts(m["languages"], nil); len(l) > 0 {
			p.Language = l[0]
		}
	}
	for _, name := range []string{"issued", "available", "frontenddate"} {
		if p.Published == "" {
			p.Published = text(m[name])
		}
	}
	p.Content = paragraphs(m["additionalcontent"], paragraphs(m["content"], nil))
	for _, f := range objectsWith(m["files"], "fileurl", nil) {
		p.Files = append(p.Files, odsFile{text(f["fileurl"]), text(f["filetitle"]), text(f["mimetype"])})
	}
	p.raw, _ = json.Marshal(m)
	return p
}

// paragraphs reads the content: paragraphs with titles, or one piece of HTML.
func paragraphs(v any, out []paragraph) []paragraph {
	switch v := v.(type) {
	case string:
		if s := strings.TrimSpace(v); s != "" {
			out = append(out, paragraph{Paragraph: s})
		}
	case []any:
		for _, e := range v {
			out = paragraphs(e, out)
		}
	case map[string]any:
		p := paragraph{text(v["paragraphtitle"]), text(v["paragraph"])}
		if p != (paragraph{}) {
			return append(out, p)
		}
		for _, name := range sortedNames(v) {
			out = paragraphs(v[name], out)
		}
	}
	return out
}

func text(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return ""
}

// texts are all texts below a value.
func texts(v any, out []string) []string {
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			out = texts(e, out)
		}
	case map[string]any:
		for _, name := range sortedNames(v) {
			out = texts(v[name], out)
		}
	default:
		if s := text(v); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func sortedNames(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func sum(b []byte) [32]byte { return sha256.Sum256(b) }
