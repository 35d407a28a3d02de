package koop

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// harbour is a harvest of an imitation.
type harbour struct {
	repo   *repository
	wire   *wire
	time   *fakeTime
	opts   PublicationsOptions
	page   int
	window int
}

func newHarbour(t *testing.T, papers ...*paper) *harbour {
	h := &harbour{repo: &repository{t: t, papers: papers, hide: map[string]bool{}}, time: newTime("2026-11-20T08:00:00Z"), page: 5, window: 12}
	h.wire = &wire{time: h.time, to: h.repo}
	h.opts = PublicationsOptions{Selection: Selection{Kinds: []string{"Kamerstuk"}},
		Service: Service{Name: "stukken", Collection: "kst", Extract: readText, ExtractVersion: "1", transport: h.wire, clock: h.time.clock()}}
	return h
}

func (h *harbour) source(t *testing.T) *Publications {
	t.Helper()
	p, err := NewPublications(h.opts)
	if err != nil {
		t.Fatal(err)
	}
	p.page, p.window = h.page, h.window
	return p
}

// run is a run that ends well, after which the log of requests is empty.
func (h *harbour) run(t *testing.T, l *ledger) (files, searches int) {
	t.Helper()
	h.wire.log = nil
	if err, _ := l.run(t, h.source(t), 0, 0); err != nil {
		t.Fatal(err)
	}
	h.wire.polite(t, repositoryHost)
	return h.wire.count("/frbr/"), h.wire.count("/sru")
}

// spread are papers on different days: some days have many, months have none.
func spread(n int) []*paper {
	var out []*paper
	at := time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)
	for i := range n {
		switch {
		case i%17 == 16:
			at = at.AddDate(0, 2, 3)
		case i%5 == 4 && i < n/2: // later ones share their day: more than a window holds
			at = at.AddDate(0, 0, 1)
		}
		out = append(out, newPaper(i, day(at)))
	}
	return out
}

func TestHarvest(t *testing.T) {
	h := newHarbour(t, spread(90)...)
	h.repo.papers = append(h.repo.papers, &paper{id: "blg-9", kind: "Kamerstuk", typ: "Bijlage", modified: "2025-01-01", manifestations: []string{"pdf"}},
		&paper{id: "gmb-2025-1", kind: "Gemeenteblad", typ: "verordening", modified: "2025-01-01", manifestations: []string{"xml"}})
	l := newLedger()
	files, searches := h.run(t, l)
	if len(l.docs) != 90 || files != 90 {
		t.Errorf("%d documents with %d requests for files, want 90 with 90", len(l.docs), files)
	}
	if searches > 100 {
		t.Errorf("%d searches for 90 records in pages of 5", searches)
	}
	d := l.docs["kst-99000-4"]
	if d == nil {
		t.Fatal("kst-99000-4 is not there")
	}
	want := map[string]string{"identifier": "kst-99000-4", "dossier": "99000", "ondernummer": "4", "vergaderjaar": "2025-2026", "soort": "Kamerstuk",
		"indiener": "A. van Dam; B. Sluis", "creator": "Tweede Kamer der Staten-Generaal", "subrubriek": "Brief", "status": "Opgemaakt",
		"manifestation": "xml", "van_bestand": "kst-99000-4.xml"}
	if !reflect.DeepEqual(d.Meta, want) {
		t.Errorf("got %v\nwant %v", d.Meta, want)
	}
	if d.URL != "https://zoek.officielebekendmakingen.nl/kst-99000-4.html" || d.Title != "Haven van Waterrijk; kst-99000-4" ||
		day(d.Published) != "2024-03-01" || day(d.Modified) != "2024-03-01" || d.Language != "nl" || !d.ValidUntil.IsZero() {
		t.Errorf("got %+v", d)
	}
	if o := OriginOf(l.entries["kst-99000-4"].State); o != (Origin{"xml", "", h.repo.find("kst-99000-4").file("xml")}) {
		t.Errorf("origin %+v", o)
	}

	// A day later nothing is new: one search, no files.
	h.time.at = h.time.at.Add(24 * time.Hour)
	if files, searches := h.run(t, l); files != 0 || searches != 1 {
		t.Errorf("nothing is new, and %d files and %d searches were requested", files, searches)
	}
	// What is new or was changed is found by its date of modification.
	h.repo.papers = append(h.repo.papers, newPaper(100, "2026-11-21"))
	changed := h.repo.papers[7]
	changed.modified, changed.text = "2026-11-21", "Herziene tekst over de sluis."
	h.time.at = h.time.at.Add(3 * time.Hour)
	if files, _ := h.run(t, l); files != 2 || len(l.docs) != 91 || !strings.Contains(l.docs[changed.id].Text, "Herziene") {
		t.Errorf("%d files, %d documents, %v", files, len(l.docs), l.docs[changed.id].Text)
	}
}

// In one answer the whole of a small selection comes, so that no condition on
// the date of modification is needed, and none can leave something out.
func TestSmallHarvestIsOneQuery(t *testing.T) {
	h := newHarbour(t, spread(10)...)
	h.opts.Selection = Selection{Dossiers: []string{"99 000"}}
	h.page = 100
	h.window = 1000
	h.run(t, newLedger())
	if want := []string{"c.product-area==officielepublicaties AND w.dossiernummer==99000 NOT dt.type==Bijlage"}; !reflect.DeepEqual(h.repo.queries, want) {
		t.Errorf("asked %q", h.repo.queries)
	}
}

// Stopped after any number of changes, with any number of them under way, and
// going on from the ledger, the harvest gives what it gives undisturbed, and
// repeats no more than a page.
func TestHarvestSurvives(t *testing.T) {
	undisturbed := newLedger()
	newHarbour(t, spread(30)...).run(t, undisturbed)
	for _, lag := range []int{0, 4} {
		for n := 1; n <= 30; n += 1 + lag/3 {
			h := newHarbour(t, spread(30)...)
			l := newLedger()
			limit := n
			for deaths := 0; ; deaths++ {
				before := len(l.docs)
				h.wire.log = nil
				err, died := l.run(t, h.source(t), lag, limit)
				if err != nil {
					t.Fatal(err)
				}
				if again := h.wire.count("/frbr/") - (len(l.docs) - before); again > lag+1 {
					t.Fatalf("lag %d: a run that died after %d changes had read %d files for nothing", lag, n, again)
				}
				if !died {
					break
				}
				if deaths > 40*h.page {
					t.Fatalf("lag %d: no progress in runs of %d changes", lag, n)
				}
				limit = max(limit, h.page) // with less a page would never be finished
			}
			compare(t, fmt.Sprintf("lag %d, dying after %d changes", lag, n), l, undisturbed)
		}
	}
}

func compare(t *testing.T, name string, got, want *ledger) {
	t.Helper()
	if !slices.Equal(got.ids(), want.ids()) {
		t.Fatalf("%s: %d documents instead of %d", name, len(got.docs), len(want.docs))
	}
	for id, d := range want.docs {
		if got.docs[id].ContentDigest() != d.ContentDigest() {
			t.Fatalf("%s: %s differs", name, id)
		}
	}
}

// Windows of the right length cost few searches, whatever the records' dates.
func TestWindowsFitTheRecords(t *testing.T) {
	for name, dates := range map[string]func(i int) time.Time{
		"one day":  func(int) time.Time { return time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC) },
		"evenly":   func(i int) time.Time { return time.Date(2010, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, 10*i) },
		"daily":    func(i int) time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, i/5) },
		"two days": func(i int) time.Time { return time.Date(2001+20*(i%2), 3, 1, 0, 0, 0, 0, time.UTC) },
	} {
		const n = 300
		var papers []*paper
		for i := range n {
			p := newPaper(i, day(dates(i)))
			p.text, p.manifestations = "", []string{"metadata"}
			papers = append(papers, p)
		}
		h := newHarbour(t, papers...)
		h.page, h.window = 10, 100
		l := newLedger()
		_, searches := h.run(t, l)
		if len(l.entries) != n || searches > 2*n/10+60 {
			t.Errorf("%s: %d records of %d with %d searches", name, len(l.entries), n, searches)
		}
	}
}

// A record that is modified while its window is read moves those behind it up.
func TestRecordsMoveWhileTheyAreRead(t *testing.T) {
	for at := 1; at <= 40; at += 5 {
		h := newHarbour(t, spread(60)...)
		moved := 0
		h.repo.before = func(n int, r *http.Request) {
			if n%at == 0 && moved < 3 { // those at the front of the list
				h.repo.papers[moved].modified = "2026-11-20"
				moved++
			}
		}
		l := newLedger()
		h.run(t, l)
		if len(l.docs) != 60 {
			t.Fatalf("at every %d requests: %d of 60 documents", at, len(l.docs))
		}
	}
}

// An answer that ends early, without saying that there is more, is gone on with.
func TestAnswersThatEndEarly(t *testing.T) {
	h := newHarbour(t, spread(30)...)
	h.repo.silent, h.repo.most = true, 3
	l := newLedger()
	if h.run(t, l); len(l.docs) != 30 {
		t.Errorf("%d of 30 documents", len(l.docs))
	}
	h.time.at = h.time.at.Add(week)
	if files, _ := h.run(t, l); files != 0 || l.ops[ingest.Keep] != 30 {
		t.Errorf("%d files were requested to find documents; %v", files, l.ops)
	}
}

// Records that the service counts and does not give are waited for; a count that
// is always too high stops a source for some days only.
func TestCountsWithoutRecords(t *testing.T) {
	h := newHarbour(t, spread(10)...)
	l := newLedger()
	fails := func() bool {
		t.Helper()
		err, _ := l.run(t, h.source(t), 0, 0)
		if err != nil && !strings.Contains(err.Error(), "would not end") {
			t.Fatal(err)
		}
		return err != nil
	}
	h.repo.silent, h.repo.most = true, -1
	if !fails() {
		t.Error("no records came, and the harvest was content")
	}
	h.repo.silent, h.repo.most = false, 0
	if h.run(t, l); len(l.docs) != 10 {
		t.Errorf("%d of 10 documents", len(l.docs))
	}
	h.repo.extra = 1
	h.repo.remove("kst-99000-2")
	days := 0
	for h.time.at = h.time.at.Add(week); fails(); days++ {
		h.time.at = h.time.at.Add(24 * time.Hour)
	}
	if days != 3 || l.entries["kst-99000-2"].Failure == "" {
		t.Errorf("after %d days what is missing is asked for: %+v", days, l.entries["kst-99000-2"])
	}
}

func TestManifestations(t *testing.T) {
	for name, tt := range map[string]struct {
		manifestations []string
		bodies         map[string]string
		used, why      string
	}{
		"xml":              {[]string{"html", "pdf", "xml"}, nil, "xml", ""},
		"no xml":           {[]string{"html", "pdf"}, nil, "html", "xml: not offered"},
		"only pdf":         {[]string{"metadata", "pdf"}, nil, "pdf", "xml: not offered; html: not offered"},
		"html for xml":     {[]string{"pdf", "xml"}, map[string]string{"xml": "<html><body>Niet gevonden</body></html>"}, "pdf", "xml: a page of HTML in its place; html: not offered"},
		"doctype":          {[]string{"pdf", "xml"}, map[string]string{"xml": "\ufeff<!DOCTYPE html><p>Niet gevonden"}, "pdf", "xml: a page of HTML in its place; html: not offered"},
		"404":              {[]string{"html", "xml"}, map[string]string{"xml": "404"}, "html", "xml: the server answers 404"},
		"no text":          {[]string{"html", "xml"}, map[string]string{"xml": "<officiele-publicatie>kapot</officiele-publicatie>"}, "html", "xml: kst-99000-1.xml: no text"},
		"not as html":      {[]string{"html", "pdf"}, map[string]string{"html": "<html><p>Deze publicatie is niet beschikbaar in HTML-formaat.</html>"}, "pdf", "xml: not offered; html: the page says that the text is not available in this format"},
		"nothing":          {[]string{"metadata"}, nil, "", "xml: not offered; html: not offered; pdf: not offered"},
		"nothing readable": {[]string{"pdf"}, map[string]string{"pdf": "<html>"}, "", "xml: not offered; html: not offered; pdf: no PDF in it"},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPaper(0, "2026-11-01")
			p.manifestations, p.bodies = tt.manifestations, tt.bodies
			h := newHarbour(t, p)
			l := newLedger()
			h.run(t, l)
			e := l.entries[p.id]
			if o := OriginOf(e.State); o.Reason != tt.why || tt.used != "" && o.Manifestation != tt.used {
				t.Errorf("origin %+v", o)
			}
			d := l.docs[p.id]
			if tt.used == "" {
				if d != nil || !strings.Contains(e.Failure, "no manifestation") || !strings.Contains(e.Failure, tt.why) {
					t.Errorf("document %v, failure %q", d, e.Failure)
				}
			} else if d == nil || d.Meta["manifestation"] != tt.used || d.Meta["manifestation_reason"] != tt.why {
				t.Errorf("got %+v", d)
			}
			// Whatever it was, it is not read again for nothing.
			h.time.at = h.time.at.Add(26 * time.Hour)
			if files, _ := h.run(t, l); files != 0 {
				t.Errorf("%d files were requested again", files)
			}
		})
	}
}

// A file that could not be fetched, or was forbidden, is no reason to take a
// worse one, and is asked for in the next run, however old the record is.
func TestFileServerHiccup(t *testing.T) {
	for _, status := range []int{401, 403, 503} {
		h := newHarbour(t, newPaper(0, "2024-05-01"), newPaper(1, "2024-05-01"))
		h.repo.down = func(r *http.Request) int {
			if strings.Contains(r.URL.Path, "kst-99000-1/1/xml") {
				return status
			}
			return 0
		}
		l := newLedger()
		h.run(t, l)
		if len(l.docs) != 1 || l.entries["kst-99000-1"].Failure == "" {
			t.Fatalf("%d: documents %v, entry %+v", status, l.ids(), l.entries["kst-99000-1"])
		}
		h.repo.down = nil
		h.time.at = h.time.at.Add(10 * 24 * time.Hour)
		h.run(t, l)
		if d := l.docs["kst-99000-1"]; d == nil || d.Meta["manifestation"] != "xml" || l.entries["kst-99000-1"].Failure != "" {
			t.Errorf("%d: got %+v, entry %+v", status, d, l.entries["kst-99000-1"])
		}
	}
}

// fails is a server whose files of these papers fail, and all external ones.
func fails(from, to int) func(r *http.Request) int {
	return func(r *http.Request) int {
		for i := from; i <= to; i++ {
			if strings.Contains(r.URL.Path, fmt.Sprintf("/kst-99000-%d/", i)) || strings.Contains(r.URL.Path, "/exb/") {
				return 500
			}
		}
		return 0
	}
}

// Files that fail for good, more than make a server count as down, keep nothing
// else from being read.
func TestFailuresBlockNoHarvest(t *testing.T) {
	h := newHarbour(t, spread(30)...)
	h.opts.Attachments = true
	h.repo.down = fails(2, 6)
	for i := range 5 {
		p := h.repo.papers[20]
		p.external = append(p.external, fmt.Sprintf("kaart.pdf|exb-2026-%d", i))
	}
	l := newLedger()
	runs := 1
	for err, _ := l.run(t, h.source(t), 0, 0); err != nil && runs < 9; runs++ {
		h.time.at = h.time.at.Add(24 * time.Hour)
		err, _ = l.run(t, h.source(t), 0, 0)
	}
	if len(l.docs) != 25 || runs != 3 || l.entries["kst-99000-6"].Failure == "" {
		t.Errorf("%d of 25 documents after %d runs", len(l.docs), runs)
	}
}

// A service that is down ends the run, deletes nothing, and loses nothing.
func TestServiceDown(t *testing.T) {
	for name, path := range map[string]string{"search": "/sru", "files": "/frbr"} {
		for _, status := range []int{403, 500, 503, 599} {
			h := newHarbour(t, spread(30)...)
			l := newLedger()
			after := 9
			h.repo.down = func(r *http.Request) int {
				if h.repo.requests > after && strings.HasPrefix(r.URL.Path, path) {
					return status
				}
				return 0
			}
			err, _ := l.run(t, h.source(t), 0, 0)
			if err == nil || !strings.Contains(err.Error(), "stukken") {
				t.Fatalf("%s, %d: error %v", name, status, err)
			}
			h.wire.polite(t, repositoryHost)
			if l.ops[ingest.Gone] != 0 {
				t.Errorf("%s, %d: documents were deleted", name, status)
			}
			h.repo.down = nil
			h.time.at = h.time.at.Add(8 * 24 * time.Hour)
			h.run(t, l)
			if len(l.docs) != 30 {
				t.Errorf("%s, %d: %d of 30 documents in the end", name, status, len(l.docs))
			}
			// And when it is down at the time of a recheck.
			h.repo.down = func(*http.Request) int { return status }
			h.time.at = h.time.at.Add(30 * 24 * time.Hour)
			if err, _ := l.run(t, h.source(t), 0, 0); err == nil || len(l.docs) != 30 {
				t.Errorf("%s, %d: error %v, %d documents", name, status, err, len(l.docs))
			}
		}
	}
}

func TestDiagnosticNamesTheQuery(t *testing.T) {
	h := newHarbour(t)
	h.opts.Selection = Selection{Query: "w.dossiernummer=99000"}
	err, _ := newLedger().run(t, h.source(t), 0, 0)
	if err == nil || !strings.Contains(err.Error(), "info:srw/diagnostic/1/10") || !strings.Contains(err.Error(), "(w.dossiernummer=99000)") {
		t.Errorf("error %v", err)
	}
}

func TestSurvey(t *testing.T) {
	h := newHarbour(t, spread(90)...)
	h.opts.Selection = Selection{Kinds: []string{"kamerstukken"}, Dossiers: []string{"99000", "99 001"}}
	s, err := h.source(t).Survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if s.Records != 80 || !s.Estimate || len(s.Parts) != 3 || s.Parts[0].Kind != "kamerstukken" || s.Parts[0].Records != 80 ||
		s.Parts[1].Dossier != "99000" || s.Parts[1].Records != 40 || !strings.Contains(s.Parts[2].Query, "w.dossiernummer==99001") {
		t.Errorf("got %+v", s)
	}
	if len(h.wire.log) != 4 || h.wire.count("maximumRecords=1&") != 4 {
		t.Errorf("requested %v", h.wire.log)
	}
	h.wire.polite(t, repositoryHost)
}
