package koop

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

const week = 7 * 24 * time.Hour

// removed takes a paper out of the search and its files.
func (s *repository) remove(id string) {
	for i, p := range s.papers {
		if p.id == id {
			s.papers = append(s.papers[:i:i], s.papers[i+1:]...)
			return
		}
	}
}

func TestDeletesAfterThreeMisses(t *testing.T) {
	h := newHarbour(t, spread(60)...)
	l := newLedger()
	h.run(t, l)
	h.repo.remove("kst-99000-7")
	h.repo.find("kst-99000-9").bodies = map[string]string{"xml": "<html><h1>Niet gevonden</h1></html>"}
	h.repo.hide["kst-99000-9"] = true
	h.repo.hide["kst-99000-11"] = true // its file is there: the index of the search has a hole

	h.time.at = h.time.at.Add(2 * 24 * time.Hour)
	if h.run(t, l); l.ops[ingest.Gone]+l.ops[ingest.Fail] != 0 {
		t.Errorf("within the week it was looked for: %v", l.log)
	}
	h.time.at = h.time.at.Add(week)
	for miss := 1; miss <= 3; miss++ {
		files, searches := h.run(t, l)
		if want := map[bool]int{true: 3, false: 2}[miss == 1]; files != want {
			t.Errorf("miss %d: %d files were requested, want %d", miss, files, want)
		}
		if miss == 1 && searches > 60/batch+2 {
			t.Errorf("%d searches for 60 documents", searches)
		}
		gone := miss == 3
		for _, id := range []string{"kst-99000-7", "kst-99000-9"} {
			e, there := l.entries[id]
			if there == gone {
				t.Fatalf("miss %d: %s there: %v", miss, id, there)
			}
			if there && !strings.Contains(e.Failure, "of 3 times") {
				t.Errorf("%s: failure %q", id, e.Failure)
			}
		}
		if files, _ := h.run(t, l); files != 0 {
			t.Error("the same day is no new miss")
		}
		h.time.at = h.time.at.Add(25 * time.Hour)
	}
	if len(l.docs) != 58 || l.docs["kst-99000-11"] == nil {
		t.Errorf("%d documents are left", len(l.docs))
	}
}

// A document that comes back starts over; one miss more does not remove it.
func TestMissesAreInARow(t *testing.T) {
	h := newHarbour(t, spread(3)...)
	l := newLedger()
	h.run(t, l)
	p := h.repo.find("kst-99000-2")
	for range 4 {
		h.repo.remove(p.id)
		for range 2 {
			h.time.at = h.time.at.Add(week)
			h.run(t, l)
		}
		h.repo.papers = append(h.repo.papers, p)
		h.time.at = h.time.at.Add(week)
		if h.run(t, l); l.docs[p.id] == nil || l.entries[p.id].Failure != "" {
			t.Fatalf("%s: %+v", p.id, l.entries[p.id])
		}
	}
}

// A search that has lost everything, and a server that forbids, say nothing
// about the documents.
func TestBrokenSearchDeletesNothing(t *testing.T) {
	h := newHarbour(t, spread(120)...)
	l := newLedger()
	h.run(t, l)
	for _, p := range h.repo.papers {
		h.repo.hide[p.id] = true
	}
	for range 5 {
		h.time.at = h.time.at.Add(week)
		h.wire.log = nil
		err, _ := l.run(t, h.source(t), 0, 0)
		if err == nil || !strings.Contains(err.Error(), "no longer finds") {
			t.Fatalf("error %v", err)
		}
		if n := h.wire.count("/frbr/"); n > maxGhosts+batch {
			t.Errorf("%d files were requested", n)
		}
	}
	h.repo.down = func(r *http.Request) int {
		if strings.HasPrefix(r.URL.Path, "/frbr/") {
			return 403
		}
		return 0
	}
	for range 5 {
		h.time.at = h.time.at.Add(week)
		h.run(t, l)
	}
	if len(l.docs) != 120 {
		t.Errorf("%d documents are left", len(l.docs))
	}
}

func TestOnopgemaaktUntilXML(t *testing.T) {
	p := newPaper(0, "2026-11-18")
	p.status, p.manifestations = "Onopgemaakt", []string{"metadata", "pdf"}
	h := newHarbour(t, p, newPaper(1, "2026-11-18"))
	l := newLedger()
	h.run(t, l)
	if d := l.docs[p.id]; d == nil || d.Meta["manifestation"] != "pdf" {
		t.Fatalf("got %+v", d)
	}
	for range 6 { // it leaves the days that are read again
		h.time.at = h.time.at.Add(24 * time.Hour)
		if files, searches := h.run(t, l); files != 0 || searches > 2 {
			t.Errorf("%d files and %d searches", files, searches)
		}
	}
	// The XML comes, and the date of modification does not change.
	p.manifestations, p.version = []string{"html", "pdf", "xml"}, 1
	h.time.at = h.time.at.Add(24 * time.Hour)
	if files, _ := h.run(t, l); files != 1 || l.docs[p.id].Meta["manifestation"] != "xml" || l.docs[p.id].Meta["manifestation_reason"] != "" {
		t.Errorf("%d files, %v", files, l.docs[p.id].Meta)
	}
	h.time.at = h.time.at.Add(24 * time.Hour)
	h.repo.queries = nil
	if h.run(t, l); strings.Contains(strings.Join(h.repo.queries, "\n"), "dt.identifier=="+p.id) {
		t.Errorf("it is still asked for: %q", h.repo.queries)
	}
}

func TestSupersededIsKeptButNotCurrent(t *testing.T) {
	p := newPaper(0, "2026-10-01")
	h := newHarbour(t, p)
	l := newLedger()
	h.run(t, l)
	p.replacedBy, p.modified = "kst-99000-1-n1", "2026-11-20"
	h.time.at = h.time.at.Add(24 * time.Hour)
	h.run(t, l)
	if d := l.docs[p.id]; d == nil || d.Meta["replaced_by"] != "kst-99000-1-n1" || day(d.ValidUntil) != "2026-11-20" {
		t.Errorf("got %+v", d)
	}
}

// What a changed selection no longer covers leaves at once: the service says
// that it is there, outside of what is asked for.
func TestSelectionChanges(t *testing.T) {
	h := newHarbour(t, spread(90)...)
	l := newLedger()
	h.run(t, l)
	h.opts.Selection = Selection{Dossiers: []string{"99001", "99002"}}
	files, _ := h.run(t, l)
	if len(l.docs) != 50 || l.docs["kst-99000-1"] != nil || files != 0 {
		t.Errorf("%d documents, %d files", len(l.docs), files)
	}
	// Another way to read them reads all again.
	h.opts.ExtractVersion = "2"
	if files, _ := h.run(t, l); files != 50 {
		t.Errorf("%d files", files)
	}
}

// Death in the middle of a recheck loses no count and no document.
func TestRecheckSurvives(t *testing.T) {
	for n := 1; n < 40; n += 6 {
		h := newHarbour(t, spread(40)...)
		l := newLedger()
		h.run(t, l)
		for i := 1; i <= 40; i += 4 {
			h.repo.remove(fmt.Sprintf("kst-99000-%d", i))
		}
		for range 3 {
			h.time.at = h.time.at.Add(week)
			for {
				err, died := l.run(t, h.source(t), 2, n)
				if err != nil {
					t.Fatal(err)
				}
				if !died {
					break
				}
			}
		}
		if len(l.docs) != 30 {
			t.Fatalf("dying after %d changes: %d documents are left of 30", n, len(l.docs))
		}
	}
}

// Files that fail for good, more than make a server count as down, keep nothing
// else from being asked for.
func TestFailuresBlockNoRecheck(t *testing.T) {
	for _, hidden := range []bool{false, true} { // from the search
		h := newHarbour(t, spread(60)...)
		l := newLedger()
		h.run(t, l)
		h.repo.down = fails(2, 6)
		for i := 2; i <= 6; i++ {
			p := h.repo.find(fmt.Sprintf("kst-99000-%d", i))
			p.version, h.repo.hide[p.id] = 1, hidden
		}
		h.repo.remove("kst-99000-9")
		for range 5 {
			h.time.at = h.time.at.Add(week)
			l.run(t, h.source(t), 0, 0)
		}
		if len(l.docs) != 59 || l.docs["kst-99000-9"] != nil {
			t.Errorf("hidden %v: %d documents; %q", hidden, len(l.docs), l.entries["kst-99000-9"].Failure)
		}
		if last := l.log[len(l.log)-1]; hidden && !strings.HasSuffix(last, "kst-99000-6") {
			t.Errorf("what failed was not asked for last, but %s", last)
		}
	}
}

// Attachments without a record of their own come and go with their publication.
func TestExternalAttachments(t *testing.T) {
	p := newPaper(0, "2026-11-01")
	p.external = []string{"Kaart van de haven.PDF|exb-2026-77"}
	h := newHarbour(t, p, newPaper(50, "2026-11-01"))
	h.repo.exb = map[string]bool{"exb-2026-77": true}
	l := newLedger()
	if h.run(t, l); len(l.docs) != 2 {
		t.Errorf("without being asked for: %v", l.ids())
	}
	h.opts.Attachments = true
	h.run(t, l)
	d := l.docs["exb-2026-77"]
	if len(l.docs) != 3 || d == nil || d.Title != "Kaart van de haven.PDF" || d.Meta["soort"] != "Bijlage" || d.Meta["hoofddocument"] != p.id || d.Meta["dossier"] != "99000" ||
		d.URL != repositoryHost+"/frbr/officielepublicaties/exb/2026/exb-2026-77/1/pdf/exb-2026-77.pdf" {
		t.Fatalf("%v: %+v", l.ids(), d)
	}
	h.time.at = h.time.at.Add(week)
	if h.run(t, l); len(l.docs) != 3 || l.ops[ingest.Fail] != 0 {
		t.Errorf("documents %v, %v", l.ids(), l.log)
	}
	h.opts.Dossiers = []string{"99001"}
	if h.run(t, l); len(l.docs) != 1 {
		t.Errorf("documents %v", l.ids())
	}
	h.opts.Dossiers = nil
	h.run(t, l)
	h.opts.Attachments = false
	if h.run(t, l); len(l.docs) != 2 {
		t.Errorf("no longer asked for: %v", l.ids())
	}
	h.opts.Attachments = true
	if h.run(t, l); len(l.docs) != 3 {
		t.Errorf("asked for again: %v", l.ids())
	}
	p.external = nil
	h.repo.exb = nil
	for range 4 {
		h.time.at = h.time.at.Add(week)
		h.run(t, l)
	}
	if len(l.docs) != 2 {
		t.Errorf("documents %v", l.ids())
	}
}
