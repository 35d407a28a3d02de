package koop

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func TestOpenData(t *testing.T) {
	for _, asXML := range []bool{false, true} {
		h := newOpenDataHarbour(t, 7, 5)
		h.w.asXML, h.w.limit = asXML, 3
		l := newLedger()
		if pages, files := h.run(t, l); len(l.docs) != 17 || pages != 12 || files != 5 {
			t.Errorf("%d documents, %d pages, %d files", len(l.docs), pages, files)
		}
		d := l.docs["https://www.rijksoverheid.nl/faq/f003"]
		if d == nil || d.URL != "https://www.rijksoverheid.nl/faq/f003" || day(d.Published) != "2026-04-01" || day(d.Modified) != "2026-05-01" ||
			!strings.Contains(d.Text, "met een vergunning") || d.Meta["soort"] != "faq" || d.Meta["identifier"] != "f003" ||
			d.Meta["ministerie"] != "Ministerie van Water" || d.Meta["onderwerp"] != "havens; boten" || d.Meta["manifestation"] != "json" {
			t.Errorf("got %+v", d)
		}
		f := l.docs[openDataHost+"/binaries/rapport-2.pdf"]
		if f == nil || f.Title != "Bestand rapport-2.pdf" || f.Meta["hoofddocument"] != "https://www.rijksoverheid.nl/documents/d002" || f.Meta["manifestation"] != "pdf" {
			t.Errorf("got %+v", f)
		}
		// The next day: the list of questions, and of documents what was modified.
		h.time.at = h.time.at.Add(24 * time.Hour)
		h.w.lists[documents][1].modified, h.w.lists[documents][1].files = "2026-11-21T09:00:00.000Z", []string{"nieuw.pdf"}
		h.w.lists["faq"][2].modified, h.w.lists["faq"][2].text = "2026-11-21T09:00:00.000Z", "Nee, nooit."
		if pages, files := h.run(t, l); pages != 2 || files != 1 {
			t.Errorf("%d pages and %d files of two that were modified; %v", pages, files, h.w.requests)
		}
		if h.wire.count("lastmodifiedsince=20261118") == 0 {
			t.Errorf("requested %v", h.w.requests)
		}
		if l.docs[openDataHost+"/binaries/nieuw.pdf"] == nil || l.docs[openDataHost+"/binaries/rapport-1.pdf"] != nil || len(l.docs) != 17 {
			t.Errorf("documents %v", l.ids())
		}
		if !strings.Contains(l.docs["https://www.rijksoverheid.nl/faq/f002"].Text, "nooit") {
			t.Error("the question is not the new one")
		}
	}
}

func TestOpenDataDeletes(t *testing.T) {
	h := newOpenDataHarbour(t, 7, 5)
	l := newLedger()
	h.run(t, l)
	h.w.lists["faq"] = slices.Delete(h.w.lists["faq"], 1, 2)
	h.w.lists["faq"][3].hidden = true // the list has a hole
	h.w.lists[documents] = slices.Delete(h.w.lists[documents], 0, 1)
	h.time.at = h.time.at.Add(24 * time.Hour)
	h.run(t, l)
	if l.docs["https://www.rijksoverheid.nl/faq/f001"] != nil || len(l.docs) != 16 {
		t.Errorf("documents %v", l.ids())
	}
	// Documents are listed in full once a week; with one its files go.
	h.time.at = h.time.at.Add(week)
	h.run(t, l)
	if len(l.docs) != 14 || l.docs["https://www.rijksoverheid.nl/documents/d000"] != nil || l.docs[openDataHost+"/binaries/rapport-0.pdf"] != nil {
		t.Errorf("documents %v", l.ids())
	}
	// An empty list of a service that does not answer for its pages removes nothing.
	kept := h.w.lists["faq"]
	for _, p := range kept {
		p.hidden = true
	}
	h.w.down = func(path string) int {
		if strings.HasPrefix(path, "/v1/infotypes/faq/") {
			return 500
		}
		return 0
	}
	h.time.at = h.time.at.Add(week)
	if err, _ := l.run(t, h.source(t), 0, 0); err == nil || len(l.docs) != 14 {
		t.Errorf("error %v, documents %v", err, l.ids())
	}
	// A kind that is no longer asked for goes.
	h.w.down = nil
	for _, p := range kept {
		p.hidden = false
	}
	h.opts.Kinds = []string{"faq"}
	if h.run(t, l); len(l.docs) != 6 {
		t.Errorf("documents %v", l.ids())
	}
}

func TestOpenDataSurvives(t *testing.T) {
	undisturbed := newLedger()
	newOpenDataHarbour(t, 9, 6).run(t, undisturbed)
	for n := 1; n <= 21; n++ {
		h := newOpenDataHarbour(t, 9, 6)
		h.w.limit = 4
		l := newLedger()
		limit := n
		for {
			err, died := l.run(t, h.source(t), 2, limit)
			if err != nil {
				t.Fatal(err)
			}
			if !died {
				break
			}
			limit = max(limit, 8) // a page of documents with files
		}
		if n := h.wire.count(`/(faq|documents)/|/binaries/`); n > 21+21 {
			t.Errorf("%d pages and files were requested", n)
		}
		compare(t, fmt.Sprintf("dying after %d changes", n), l, undisturbed)
	}
}

func TestOpenDataTrouble(t *testing.T) {
	for _, status := range []int{403, 503} {
		h := newOpenDataHarbour(t, 8, 3)
		h.w.down = func(path string) int {
			if strings.HasSuffix(path, "/f002") || strings.HasSuffix(path, "rapport-1.pdf") {
				return status
			}
			return 0
		}
		l := newLedger()
		h.run(t, l)
		if len(l.docs) != 12 || l.entries["https://www.rijksoverheid.nl/faq/f002"].Failure == "" {
			t.Errorf("%d: documents %v", status, l.ids())
		}
		h.w.down = nil
		h.time.at = h.time.at.Add(24 * time.Hour)
		h.run(t, l)
		if len(l.docs) != 14 || l.entries["https://www.rijksoverheid.nl/faq/f002"].Failure != "" {
			t.Errorf("%d: documents %v", status, l.ids())
		}
		h.w.down = func(string) int { return 500 }
		if err, _ := l.run(t, h.source(t), 0, 0); err == nil || !strings.Contains(err.Error(), `"rijk"`) || l.ops[ingest.Gone] != 0 {
			t.Errorf("%d: error %v", status, err)
		}
	}
	// A service that always sends the same page does not keep us for ever.
	h := newOpenDataHarbour(t, 8, 3)
	h.w.deaf = true
	h.run(t, newLedger())
}

// Pages and files that fail for good, more than make a server count as down, keep
// nothing else from being read.
func TestOpenDataFailuresBlockNothing(t *testing.T) {
	h := newOpenDataHarbour(t, 12, 3)
	h.w.lists[documents][1].files = []string{"weg-1.pdf", "weg-2.pdf", "weg-3.pdf", "weg-4.pdf", "weg-5.pdf"}
	h.w.down = func(path string) int {
		if strings.Contains(path, "weg-") || path >= "/v1/infotypes/faq/f002" && path <= "/v1/infotypes/faq/f006" {
			return 403
		}
		return 0
	}
	l := newLedger()
	runs := 1
	for err, _ := l.run(t, h.source(t), 0, 0); err != nil && runs < 9; runs++ {
		h.time.at = h.time.at.Add(24 * time.Hour)
		err, _ = l.run(t, h.source(t), 0, 0)
	}
	if len(l.docs) != 7+3+2 || runs != 3 {
		t.Errorf("documents %v after %d runs", l.ids(), runs)
	}
}

func TestOpenDataSurvey(t *testing.T) {
	h := newOpenDataHarbour(t, 250, 3)
	s, err := h.source(t).Survey(t.Context())
	if err != nil || s.Records != 203 || !s.Estimate || len(s.Parts) != 2 || s.Parts[0].Records != 200 || len(h.w.requests) != 2 {
		t.Errorf("got %+v, %v", s, err)
	}
}

func TestRealPages(t *testing.T) {
	dir := shared(t, "web", "rijksoverheid-vac")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) < 100 {
		t.Fatalf("%d real pages: %v", len(files), err)
	}
	for _, file := range files {
		data := read(t, file)
		p, err := parsePage(data)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		var want page
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		got := p
		got.raw, got.Published, got.Creators, got.Files = nil, "", nil, nil
		for _, q := range []*page{&got, &want} { // space at the ends says nothing
			q.Introduction = strings.TrimSpace(q.Introduction)
			for i := range q.Content {
				q.Content[i] = paragraph{strings.TrimSpace(q.Content[i].Title), strings.TrimSpace(q.Content[i].Paragraph)}
			}
			q.Content = slices.DeleteFunc(q.Content, func(p paragraph) bool { return p == paragraph{} })
			q.Question = strings.TrimSpace(q.Question)
			if len(q.Content) == 0 {
				q.Content = nil
			}
			if len(q.Authorities) == 0 {
				q.Authorities = nil
			}
			if len(q.Subjects) == 0 {
				q.Subjects = nil
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", file, got, want)
		}
	}
}

func TestRealDocuments(t *testing.T) {
	dir := shared(t, "koop", "rijksoverheid")
	list, err := parsePages(read(t, filepath.Join(dir, "documents.xml")))
	if err != nil || len(list) != 5 || list[1].ID != "5afce6ec-a4ed-4c62-a6d5-168a59247678" || list[1].LastModified != "2022-03-30T11:07:43.383Z" || list[0].Canonical == "" {
		t.Errorf("got %+v, %v", list, err)
	}
	if empty, err := parsePages(read(t, filepath.Join(dir, "documents_empty.xml"))); err != nil || len(empty) != 0 {
		t.Errorf("got %v, %v", empty, err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "documents", "*.xml"))
	if err != nil || len(files) != 7 {
		t.Fatalf("%d documents: %v", len(files), err)
	}
	for _, file := range files {
		p, err := parsePage(read(t, file))
		id := strings.TrimSuffix(filepath.Base(file), ".xml")
		if id == "02dbce21-c2a6-4310-9ed5-aab7b27467ac" { // its XML is broken
			if err == nil {
				t.Errorf("%s is no longer broken", id)
			}
			continue
		}
		if err != nil || p.ID != id || p.Title == "" || p.Type == "" || p.LastModified == "" || p.Published == "" || len(p.Authorities)+len(p.Creators) == 0 || p.Language != "nl-NL" {
			t.Errorf("%s: %+v, %v", id, p, err)
		}
		if id == "0acb97b8-b3cf-4654-92c2-0fa4199c100c" && (len(p.Files) != 2 || !strings.HasSuffix(p.Files[0].URL, "Akte+van+aanstelling_001474.pdf") || p.Files[1].Title != "Supplement akte van aanstelling") {
			t.Errorf("files %+v", p.Files)
		}
	}
}

func TestParsePages(t *testing.T) {
	for in, want := range map[string]int{
		`[]`: 0, `{"documents": []}`: 0, `<documents/>`: 0, `[{"id": "a"}, {"id": "b"}]`: 2, `{"documents": [{"id": "a"}]}`: 1,
		`{"documents": {"document": [{"id": "a", "x": {"id": "c"}}, {"id": "b"}]}}`: 2,
		`<documents><document><id>a</id></document></documents>`:                    1,
		`<html><body>Storing</body></html>`:                                         -1, `Storing`: -1, ``: -1, `{"error": "x"}`: -1, `5`: -1, `[{"id": "a"}`: -1,
	} {
		got, err := parsePages([]byte(in))
		if (err != nil) != (want < 0) || err == nil && len(got) != want {
			t.Errorf("%s: %v, %v", in, got, err)
		}
	}
}

func FuzzParsePage(f *testing.F) {
	f.Add([]byte(`{"id": "a", "content": [{"paragraphtitle": "b", "paragraph": "<p>c</p>"}], "files": [{"fileurl": "https://x.example/"}]}`))
	f.Add([]byte(`<document><id>a</id><content><contentblock><paragraph>b</paragraph></contentblock></content></document>`))
	f.Add([]byte(`[{"id": 1}, [], null]`))
	for _, pattern := range []string{"web/rijksoverheid-vac/00*.json", "koop/rijksoverheid/*.xml", "koop/rijksoverheid/documents/*.xml"} {
		files, _ := filepath.Glob("../../../shared/data/" + pattern)
		for _, file := range files {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := parsePages(data); err != nil {
			return
		}
		p, err := parsePage(data)
		if err != nil {
			return
		}
		again, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if q, err := parsePage(again); err != nil || q.ID != p.ID || !reflect.DeepEqual(q.Content, p.Content) && len(p.Content) > 0 {
			t.Errorf("%s becomes %+v, %v", again, q, err)
		}
	})
}
