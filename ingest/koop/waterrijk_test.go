package koop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const openDataHost = "https://opendata.rijksoverheid.nl"

// waterrijk is an imitation of the open data, in the shape of the real ones.
type waterrijk struct {
	t        *testing.T
	lists    map[string][]*infoPage
	asXML    bool
	limit    int  // rows it gives at most; 0 for 200
	deaf     bool // it takes no notice of the offset
	down     func(path string) int
	requests []string
}

type infoPage struct {
	id, title, text, modified string
	files                     []string
	hidden                    bool // not in lists
}

func newWaterrijk(t *testing.T, faqs, docs int) *waterrijk {
	w := &waterrijk{t: t, lists: map[string][]*infoPage{}}
	for i := range faqs {
		w.lists["faq"] = append(w.lists["faq"], &infoPage{id: fmt.Sprintf("f%03d", i), title: fmt.Sprintf("Mag ik aanleggen bij steiger %d?", i), text: "Ja, met een vergunning.", modified: "2026-05-01T10:00:00.000Z"})
	}
	for i := range docs {
		w.lists[documents] = append(w.lists[documents], &infoPage{id: fmt.Sprintf("d%03d", i), title: fmt.Sprintf("Rapport %d", i), text: "Over de haven.", modified: "2026-05-01T10:00:00.000Z",
			files: []string{fmt.Sprintf("rapport-%d.pdf", i)}})
	}
	return w
}

func listPath(kind string) string {
	if kind == documents {
		return "/v1/sources/rijksoverheid/documents"
	}
	return "/v1/infotypes/" + kind
}

func (w *waterrijk) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	w.requests = append(w.requests, r.URL.RequestURI())
	if w.down != nil {
		if status := w.down(r.URL.Path); status != 0 {
			out.WriteHeader(status)
			return
		}
	}
	if name, ok := strings.CutPrefix(r.URL.Path, "/binaries/"); ok {
		for _, p := range w.lists[documents] {
			if slices.Contains(p.files, name) {
				fmt.Fprintf(out, "%%PDF-1.4 tekst van %s", name)
				return
			}
		}
		http.NotFound(out, r)
		return
	}
	for kind, pages := range w.lists {
		switch rest, ok := strings.CutPrefix(r.URL.Path, listPath(kind)); {
		case ok && rest == "":
			w.list(out, r, kind, pages)
			return
		case ok && rest[0] == '/':
			for _, p := range pages {
				if p.id == rest[1:] {
					w.give(out, w.object(kind, p, true))
					return
				}
			}
		}
	}
	http.NotFound(out, r)
}

func (w *waterrijk) list(out http.ResponseWriter, r *http.Request, kind string, pages []*infoPage) {
	q := r.URL.Query()
	if q.Get("output") != "json" {
		w.t.Errorf("asked for %s", r.URL)
	}
	rows, _ := strconv.Atoi(q.Get("rows"))
	offset, _ := strconv.Atoi(q.Get("offset"))
	if rows > 200 {
		w.t.Errorf("asked for %d rows", rows)
	}
	if w.limit > 0 {
		rows = min(rows, w.limit)
	}
	if w.deaf {
		offset = 0
	}
	found := []any{}
	for _, p := range pages {
		if since := q.Get("lastmodifiedsince"); !p.hidden && strings.ReplaceAll(p.modified[:10], "-", "") >= since {
			found = append(found, w.object(kind, p, false))
		}
	}
	offset = min(offset, len(found))
	w.give(out, found[offset:min(offset+rows, len(found))])
}

func (w *waterrijk) object(kind string, p *infoPage, full bool) map[string]any {
	m := map[string]any{"id": p.id, "type": kind, "canonical": "https://www.rijksoverheid.nl/" + kind + "/" + p.id,
		"dataurl": openDataHost + listPath(kind) + "/" + p.id, "lastmodified": p.modified, "introduction": "<p>" + p.title + "</p>"}
	title := "title"
	if kind == "faq" {
		title = "question"
	}
	m[title] = p.title
	if !full {
		return m
	}
	m["content"] = []any{map[string]any{"paragraphtitle": "Kort", "paragraph": "<p>" + p.text + "</p>"}}
	m["authorities"] = []any{"Ministerie van Water"}
	m["subjects"] = []any{"havens", "boten"}
	m["issued"] = "2026-04-01T09:00:00.000Z"
	files := []any{}
	for _, f := range p.files {
		files = append(files, map[string]any{"fileurl": openDataHost + "/binaries/" + f, "mimetype": "application/pdf", "filetitle": "Bestand " + f})
	}
	m["files"] = files
	return m
}

// give writes JSON, or the XML of the same.
func (w *waterrijk) give(out http.ResponseWriter, v any) {
	if !w.asXML {
		json.NewEncoder(out).Encode(v)
		return
	}
	if list, ok := v.([]any); ok {
		fmt.Fprint(out, `<?xml version="1.0" encoding="UTF-8"?><documents>`)
		for _, m := range list {
			writeXML(out, "document", m)
		}
		fmt.Fprint(out, `</documents>`)
		return
	}
	writeXML(out, "document", v)
}

func writeXML(out http.ResponseWriter, name string, v any) {
	switch v := v.(type) {
	case map[string]any:
		fmt.Fprintf(out, "<%s>", name)
		for _, k := range sortedNames(v) {
			writeXML(out, k, v[k])
		}
		fmt.Fprintf(out, "</%s>", name)
	case []any:
		item := map[string]string{"content": "contentblock", "files": "file", "authorities": "department", "subjects": "subject"}[name]
		fmt.Fprintf(out, "<%s>", name)
		for _, e := range v {
			writeXML(out, item, e)
		}
		fmt.Fprintf(out, "</%s>", name)
	default:
		fmt.Fprintf(out, "<%s><![CDATA[%v]]></%s>", name, v, name)
	}
}

type openDataHarbour struct {
	w    *waterrijk
	wire *wire
	time *fakeTime
	opts OpenDataOptions
}

func newOpenDataHarbour(t *testing.T, faqs, docs int) *openDataHarbour {
	h := &openDataHarbour{w: newWaterrijk(t, faqs, docs), time: newTime("2026-11-20T08:00:00Z")}
	h.wire = &wire{time: h.time, to: h.w}
	h.opts = OpenDataOptions{Service: Service{Name: "rijk", Collection: "rijk", Extract: readText, ExtractVersion: "1", transport: h.wire, clock: h.time.clock()},
		Kinds: []string{"faq", documents}, Files: true}
	return h
}

func (h *openDataHarbour) source(t *testing.T) *OpenData {
	t.Helper()
	s, err := NewOpenData(h.opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (h *openDataHarbour) run(t *testing.T, l *ledger) (pages, files int) {
	t.Helper()
	h.wire.log, h.w.requests = nil, nil
	if err, _ := l.run(t, h.source(t), 2, 0); err != nil {
		t.Fatal(err)
	}
	h.wire.polite(t, openDataHost)
	return h.wire.count(`/(faq|documents)/`), h.wire.count("/binaries/")
}
