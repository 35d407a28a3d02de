package koop

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// chamberDoc is a document of the imitation.
type chamberDoc struct {
	guid, number, kind, modified string
	dossier, sub                 int
	addition, subject            string
	xml, pdf                     string // texts; "" for none
	deleted, hidden              bool   // hidden: in no list, and not said to be deleted
}

// chamber imitates the services of the Tweede Kamer as the reference describes
// them.
type chamber struct {
	t       *testing.T
	docs    []*chamberDoc
	feed    []string                  // GUIDs, "-" before those of deletions
	rows    int                       // of a page
	plain   bool                      // expansions are refused
	forgets bool                      // skip tokens
	down    func(r *http.Request) int // status instead of an answer; 0 for none
}

func newChamberDocs(n int) []*chamberDoc {
	var out []*chamberDoc
	for i := range n {
		d := &chamberDoc{guid: fmt.Sprintf("%08x-AAAA", i), number: fmt.Sprintf("2026D%05d", i), kind: "Brief regering", dossier: 99001, sub: i + 1,
			subject: fmt.Sprintf("Brief %d over Waterrijk", i), modified: fmt.Sprintf("2026-03-%02dT10:00:00Z", 1+i%28), pdf: fmt.Sprintf("De haven van Waterrijk, brief %d.", i)}
		if i%3 == 0 {
			d.xml = "<brief>" + d.pdf + "</brief>"
		}
		out = append(out, d)
	}
	return out
}

var (
	soortIs  = regexp.MustCompile(`Soort eq '((?:[^']|'')*)'`)
	since    = regexp.MustCompile(`GewijzigdOp ge (\S+)`)
	numberIs = regexp.MustCompile(`Nummer eq '([^']*)'`)
	dossiers = regexp.MustCompile(`d/Nummer eq (\d+)(?: and d/Toevoeging eq '([^']*)')?`)
	entity   = regexp.MustCompile(`^/OData/v5/(\w+)\(([^)]*)\)/resource$`)
)

func (c *chamber) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if c.down != nil {
		if status := c.down(r); status != 0 {
			w.WriteHeader(status)
			return
		}
	}
	q := r.URL.Query()
	if top, _ := strconv.Atoi(q.Get("$top")); top > 100 || strings.Contains(r.URL.RawQuery, "%24") {
		http.Error(w, `{"error":{"message":"The limit of '100' for Top query has been exceeded."}}`, 400)
		return
	}
	if m := entity.FindStringSubmatch(r.URL.Path); m != nil {
		c.resource(w, m[1], m[2])
		return
	}
	switch r.URL.Path {
	case "/OData/v5/Document":
		c.list(w, r)
	case "/OData/v5/DocumentPublicatie":
		var value []map[string]any
		for _, d := range c.docs {
			if m := numberIs.FindStringSubmatch(q.Get("$filter")); m != nil && m[1] == d.number && d.xml != "" {
				value = append(value, map[string]any{"Id": "p-" + d.guid})
			}
		}
		answerJSON(w, value, "")
	case "/SyncFeed/2.0/Feed":
		c.atom(w, r)
	default:
		http.NotFound(w, r)
	}
}

func (c *chamber) resource(w http.ResponseWriter, kind, id string) {
	for _, d := range c.docs {
		switch {
		case kind == "DocumentPublicatie" && id == "p-"+d.guid:
			fmt.Fprint(w, d.xml)
			return
		case kind == "Document" && id == d.guid && d.pdf != "":
			w.Header().Set("Content-Type", "application/msword") // wrong, as it sometimes is
			fmt.Fprint(w, "%PDF-1.7 ", d.pdf)
			return
		}
	}
	http.NotFound(w, nil)
}

func (c *chamber) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	filter := q.Get("$filter")
	if c.plain && q.Get("$expand") != "" {
		http.Error(w, `{"error":{"message":"Could not find a property named 'DocumentActor'"}}`, 400)
		return
	}
	skip, _ := strconv.Atoi(q.Get("$skiptoken"))
	if c.forgets && skip > 0 {
		http.Error(w, `{"error":{"message":"Invalid skiptoken"}}`, 400)
		return
	}
	var match []*chamberDoc
	for _, d := range c.docs {
		from := since.FindStringSubmatch(filter)
		number := numberIs.FindStringSubmatch(filter)
		kinds, ds := soortIs.FindAllStringSubmatch(filter, -1), dossiers.FindAllStringSubmatch(filter, -1)
		switch {
		case d.hidden,
			strings.Contains(filter, "Verwijderd eq false") && d.deleted,
			strings.Contains(filter, "Verwijderd eq true") && !d.deleted,
			from != nil && d.modified < from[1],
			number != nil && d.number != number[1],
			len(kinds) > 0 && !slices.ContainsFunc(kinds, func(m []string) bool { return m[1] == d.kind }),
			len(ds) > 0 && !slices.ContainsFunc(ds, func(m []string) bool { return m[1] == strconv.Itoa(d.dossier) && (m[2] == "" || m[2] == d.addition) }):
		default:
			match = append(match, d)
		}
	}
	var value []map[string]any
	for _, d := range match[min(skip, len(match)):min(skip+c.rows, len(match))] {
		row := map[string]any{"Id": d.guid, "Verwijderd": d.deleted, "GewijzigdOp": d.modified, "Nieuwe_Eigenschap": map[string]any{}}
		if d.deleted {
			row = map[string]any{"Id": d.guid, "Verwijderd": true, "Nummer": nil, "Soort": nil}
		} else {
			row["Nummer"], row["Soort"], row["Onderwerp"], row["Datum"], row["Vergaderjaar"], row["Ondernummer"] = d.number, d.kind, d.subject, "2026-03-01T00:00:00+01:00", "2025-2026", d.sub
		}
		if q.Get("$expand") != "" && !d.deleted {
			row["Kamerstukdossier"] = []any{map[string]any{"Nummer": d.dossier, "Toevoeging": d.addition, "Titel": "De haven van Waterrijk"}}
			row["DocumentActor"] = []any{map[string]any{"ActorNaam": "minister van Water", "Relatie": "Eerste ondertekenaar"}, map[string]any{"ActorNaam": "Kamer", "Relatie": "Ontvanger"}}
		}
		value = append(value, row)
	}
	next := ""
	if skip+c.rows < len(match) && q.Get("$top") == "" {
		q.Set("$skiptoken", strconv.Itoa(skip+c.rows))
		next = "https://gegevensmagazijn.tweedekamer.nl/OData/v5/Document?" + strings.ReplaceAll(q.Encode(), "%24", "$")
	}
	answerJSON(w, value, next)
}

func answerJSON(w http.ResponseWriter, value []map[string]any, next string) {
	if value == nil {
		value = []map[string]any{}
	}
	out := map[string]any{"@odata.context": "x", "value": value}
	if next != "" {
		out["@odata.nextLink"] = next
	}
	json.NewEncoder(w).Encode(out)
}

func (c *chamber) atom(w http.ResponseWriter, r *http.Request) {
	const base = "https://gegevensmagazijn.tweedekamer.nl/SyncFeed/2.0/Feed?category=Document&amp;skiptoken="
	skip, _ := strconv.Atoi(r.URL.Query().Get("skiptoken"))
	end := min(skip+c.rows, len(c.feed))
	fmt.Fprint(w, `<feed xmlns="http://www.w3.org/2005/Atom">`)
	for _, g := range c.feed[min(skip, len(c.feed)):end] {
		id, deleted := strings.CutPrefix(g, "-")
		fmt.Fprintf(w, `<entry><title>%[1]s</title><id>https://gegevensmagazijn.tweedekamer.nl/Entiteiten/%[1]s</id><content><ns1:document xmlns:ns1="http://www.tweedekamer.nl/xsd/tkData/v1-0" id="%[1]s" ns1:verwijderd="%[2]v"/></content></entry>`, id, deleted)
	}
	rel := "resume"
	if end < len(c.feed) {
		rel = "next"
	}
	fmt.Fprintf(w, `<link rel="%s" href="%s%d"/></feed>`, rel, base, end)
}

type chamberHarbour struct {
	house *chamber
	time  *fakeTime
	wire  *wire
	opts  ChamberOptions
}

func newChamberHarbour(t *testing.T, docs ...*chamberDoc) *chamberHarbour {
	h := &chamberHarbour{house: &chamber{t: t, docs: docs, rows: 4}, time: newTime("2026-11-20T08:00:00Z")}
	h.wire = &wire{time: h.time, to: h.house}
	h.opts = ChamberOptions{Service: Service{Name: "kamer", Collection: "tk", Extract: readText, ExtractVersion: "1", transport: h.wire, clock: h.time.clock()}}
	return h
}

func (h *chamberHarbour) source(t *testing.T) *Chamber {
	t.Helper()
	s, err := NewChamber(h.opts)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// run ends well, and gives the number of requests for texts.
func (h *chamberHarbour) run(t *testing.T, l *ledger) int {
	t.Helper()
	h.wire.log = nil
	if err, _ := l.run(t, h.source(t), 0, 0); err != nil {
		t.Fatal(err)
	}
	h.wire.polite(t, chamberAddress)
	return h.wire.count("/resource$")
}

func TestChamberHarvest(t *testing.T) {
	h := newChamberHarbour(t, newChamberDocs(10)...)
	l := newLedger()
	if n := h.run(t, l); len(l.docs) != 10 || n != 10 {
		t.Fatalf("%d documents with %d texts", len(l.docs), n)
	}
	d := l.docs["2026D00003"]
	want := map[string]string{"nummer": "2026D00003", "identifier": "kst-99001-4", "dossier": "99001", "dossiertitel": "De haven van Waterrijk", "ondernummer": "4",
		"soort": "Brief regering", "vergaderjaar": "2025-2026", "indiener": "minister van Water", "manifestation": "xml", "van_bestand": "2026D00003.xml"}
	if !reflect.DeepEqual(d.Meta, want) {
		t.Errorf("%v, want %v", d.Meta, want)
	}
	if d.URL != "https://www.tweedekamer.nl/kamerstukken/detail?id=2026D00003&did=2026D00003" || d.Title != "Brief 3 over Waterrijk" || day(d.Published) != "2026-03-01" {
		t.Errorf("%+v", d)
	}
	if m := l.docs["2026D00004"].Meta; m["manifestation"] != "pdf" || m["manifestation_reason"] != "xml: not offered" {
		t.Errorf("%v", m)
	}
	// What did not change costs no text.
	h.time.at = h.time.at.Add(time.Hour)
	if n := h.run(t, l); n != 0 || l.ops[ingest.Put] > 0 {
		t.Errorf("%d texts, %v", n, l.ops)
	}
	// What did, costs one.
	h.house.docs[5].modified, h.house.docs[5].pdf = "2026-11-20T09:30:00Z", "De sluis van Waterrijk."
	h.time.at = h.time.at.Add(time.Hour)
	if n := h.run(t, l); n != 1 || !strings.Contains(l.docs["2026D00005"].Text, "sluis") {
		t.Errorf("%d texts, %v", n, l.log)
	}
}

// forbid answers a status instead of the texts of these documents.
func (h *chamberHarbour) forbid(status int, docs ...*chamberDoc) {
	h.house.down = func(r *http.Request) int {
		if m := entity.FindStringSubmatch(r.URL.Path); m != nil && slices.ContainsFunc(docs, func(d *chamberDoc) bool { return strings.HasSuffix(m[2], d.guid) }) {
			return status
		}
		return 0
	}
}

// A service that forbids for a while, with an empty answer, says nothing about
// the documents: the run fails, and they are read when it is well.
func TestChamberForbidden(t *testing.T) {
	docs := newChamberDocs(9)
	for _, status := range []int{401, 403} {
		h := newChamberHarbour(t, docs...)
		h.forbid(status, docs...)
		l := newLedger()
		if err, _ := l.run(t, h.source(t), 0, 0); err == nil || !strings.Contains(err.Error(), "in a row") {
			t.Errorf("%d: error %v", status, err)
		}
		h.house.down = nil
		h.time.at = h.time.at.Add(time.Hour)
		if h.run(t, l); len(l.docs) != 9 || l.docs["2026D00003"].Meta["manifestation"] != "xml" {
			t.Errorf("%d: documents %v", status, l.ids())
		}
	}
}

// Files that fail for good, more than make a service count as down, keep nothing
// else from being read.
func TestChamberFailuresBlockNothing(t *testing.T) {
	docs := newChamberDocs(20)
	h := newChamberHarbour(t, docs...)
	h.house.rows = 250
	h.forbid(403, docs[2:7]...)
	l := newLedger()
	l.run(t, h.source(t), 0, 0)
	h.time.at = h.time.at.Add(24 * time.Hour)
	if h.run(t, l); len(l.docs) != 15 || l.entries["2026D00006"].Failure == "" {
		t.Errorf("documents %v", l.ids())
	}
}

func TestChamberSelection(t *testing.T) {
	docs := newChamberDocs(6)
	docs[1].dossier, docs[1].addition = 36600, "VII"
	docs[2].kind, docs[2].dossier = "Motie", 36600
	docs[3].kind = "Vragen van 't Kamerlid"
	for _, tt := range []struct {
		edit func(*ChamberOptions)
		want string
	}{
		{func(o *ChamberOptions) { o.Dossiers = []string{"36 600 vii"} }, "2026D00001"},
		{func(o *ChamberOptions) { o.Dossiers = []string{"36600"} }, "2026D00001 2026D00002"},
		{func(o *ChamberOptions) { o.Kinds = []string{"Motie"} }, "2026D00002"},
		{func(o *ChamberOptions) { o.Kinds = []string{"Vragen van 't Kamerlid"} }, ""},
	} {
		h := newChamberHarbour(t, docs...)
		tt.edit(&h.opts)
		l := newLedger()
		h.run(t, l)
		if got := strings.Join(l.ids(), " "); got != tt.want && tt.want != "" {
			t.Errorf("%s: %s, want %s", h.source(t).filter, got, tt.want)
		}
	}
	if _, err := NewChamber(ChamberOptions{Dossiers: []string{"Woo"}, Service: Service{Name: "a", Collection: "b", Extract: readText}}); err == nil {
		t.Error("a dossier without a number was accepted")
	}
	if f, _ := chamberFilter(ChamberOptions{Kinds: []string{"Vragen van 't Kamerlid"}, From: parseDay("2026-01-02"), Until: parseDay("2026-01-31")}); f !=
		"(Soort eq 'Vragen van ''t Kamerlid') and Datum ge 2026-01-02T00:00:00Z and Datum lt 2026-02-01T00:00:00Z" {
		t.Errorf("filter %s", f)
	}
}

// A deletion that the service tells of, in its lists or its feed, is carried out at
// once; what is only missing goes after three full listings; a service that is
// down deletes nothing.
func TestChamberDeletes(t *testing.T) {
	h := newChamberHarbour(t, newChamberDocs(9)...)
	h.opts.Recheck = 24 * time.Hour
	l := newLedger()
	h.run(t, l)
	h.house.docs[0].deleted, h.house.docs[0].modified = true, "2026-11-20T09:00:00Z"
	h.house.feed = []string{h.house.docs[3].guid, "-" + strings.ToUpper(h.house.docs[1].guid), "-ffffffff-0000"}
	h.house.docs[1].hidden, h.house.docs[2].hidden = true, true
	h.time.at = h.time.at.Add(2 * time.Hour)
	h.run(t, l)
	if l.docs["2026D00000"] != nil || l.docs["2026D00001"] != nil || len(l.docs) != 7 {
		t.Fatalf("after the deletions: %v", l.ids())
	}
	h.house.down = func(*http.Request) int { return 599 }
	h.time.at = h.time.at.Add(25 * time.Hour)
	if err, _ := l.run(t, h.source(t), 0, 0); err == nil || len(l.docs) != 7 {
		t.Fatalf("while it is down: %v, %v", err, l.ids())
	}
	h.house.down = nil
	for n := 1; n <= 3; n++ {
		if l.docs["2026D00002"] == nil {
			t.Fatalf("it went after %d listings", n-1)
		}
		h.time.at = h.time.at.Add(25 * time.Hour)
		h.run(t, l)
	}
	if l.docs["2026D00002"] != nil || len(l.docs) != 6 {
		t.Errorf("after three listings: %v", l.ids())
	}
	// The feed is gone on with where it was.
	if n := h.wire.count("SyncFeed.*skiptoken=3"); n != 1 {
		t.Errorf("the feed: %v", h.wire.log)
	}
}

// feedDown answers a status instead of the pages of the feed whose parameters
// have this in them.
func (h *chamberHarbour) feedDown(status int, where string) {
	h.house.down = func(r *http.Request) int {
		if strings.HasPrefix(r.URL.Path, "/SyncFeed") && strings.Contains(r.URL.RawQuery, where) {
			return status
		}
		return 0
	}
}

// A feed that fails is an error, and keeps nothing else from being done.
func TestChamberFeedFails(t *testing.T) {
	for _, status := range []int{404, 500} {
		docs := newChamberDocs(9)
		h := newChamberHarbour(t, docs...)
		h.feedDown(status, "")
		l := newLedger()
		run := func() int {
			h.wire.log = nil
			if err, _ := l.run(t, h.source(t), 0, 0); err == nil || !strings.Contains(err.Error(), "SyncFeed") {
				t.Errorf("%d: error %v", status, err)
			}
			h.time.at = h.time.at.Add(time.Hour)
			return h.wire.count(`/Document\?`)
		}
		first := run()
		docs[2].deleted, docs[2].modified, docs[3].hidden = true, h.time.at.Format(time.RFC3339), true
		if n := run(); first != 3 || n != 2 || l.docs["2026D00002"] != nil {
			t.Errorf("%d: %d and then %d lists were requested, documents %v", status, first, n, l.ids())
		}
		for range 3 {
			h.time.at = h.time.at.Add(week)
			run()
		}
		if len(l.docs) != 7 {
			t.Errorf("%d: after three full lists: %v", status, l.ids())
		}
	}
}

// A place in the feed that the service no longer knows is no reason to stop: the
// feed is read from its beginning.
func TestChamberFeedForgets(t *testing.T) {
	docs := newChamberDocs(9)
	h := newChamberHarbour(t, docs...)
	h.house.feed = []string{docs[0].guid}
	l := newLedger()
	h.run(t, l)
	h.feedDown(400, "skiptoken")
	docs[1].hidden, h.house.feed = true, []string{"-" + docs[1].guid}
	h.time.at = h.time.at.Add(time.Hour)
	if h.run(t, l); len(l.docs) != 8 {
		t.Errorf("documents %v", l.ids())
	}
}

// A deletion of the past, in the feed or under another GUID, takes nothing away
// that the service has now, whether or not this run's list has it.
func TestChamberRestored(t *testing.T) {
	docs := newChamberDocs(5)
	h := newChamberHarbour(t, docs...)
	h.house.feed = []string{docs[1].guid, "-" + docs[1].guid, docs[1].guid}
	l := newLedger()
	h.run(t, l)
	h.house.feed = append(h.house.feed, "-"+docs[2].guid, docs[2].guid)
	renewed := *docs[3]
	renewed.guid, renewed.modified = "ffff0001-BBBB", "2026-11-20T08:30:00Z"
	docs[3].deleted, docs[3].modified = true, renewed.modified
	h.house.docs = append(h.house.docs, &renewed)
	h.time.at = h.time.at.Add(time.Hour)
	if h.run(t, l); len(l.docs) != 5 || l.ops[ingest.Gone] != 0 {
		t.Errorf("documents %v, %v", l.ids(), l.log)
	}
}

// A run that dies after any change and is run again gives what an undisturbed one
// does.
func TestChamberSurvives(t *testing.T) {
	undisturbed := newLedger()
	newChamberHarbour(t, newChamberDocs(11)...).run(t, undisturbed)
	for _, lag := range []int{0, 4} {
		for n := 1; n <= 13; n++ {
			h := newChamberHarbour(t, newChamberDocs(11)...)
			h.house.forgets = n%2 == 0 && n > 8
			l := newLedger()
			for deaths := 0; ; deaths++ {
				err, died := l.run(t, h.source(t), lag, max(n, h.house.rows+1))
				if err != nil && !h.house.forgets {
					t.Fatal(err)
				}
				if !died {
					break
				}
				h.house.forgets = false
				if deaths > 50 {
					t.Fatalf("no progress with runs of %d changes", n)
				}
			}
			if !h.house.forgets {
				compare(t, fmt.Sprintf("lag %d, dying after %d", lag, n), l, undisturbed)
			}
		}
	}
}

// What a service that refuses the expansions leaves out is made up for once it
// takes them; what is known from before stays.
func TestChamberWithoutExpansions(t *testing.T) {
	h := newChamberHarbour(t, newChamberDocs(5)...)
	l := newLedger()
	for _, tt := range []struct {
		plain   bool
		texts   int
		dossier string
	}{{true, 5, ""}, {true, 0, ""}, {false, 5, "99001"}, {true, 0, "99001"}, {false, 0, "99001"}} {
		h.house.plain = tt.plain
		if n := h.run(t, l); n != tt.texts || len(l.docs) != 5 || l.docs["2026D00001"].Meta["dossier"] != tt.dossier {
			t.Errorf("%+v: %d texts, %v", tt, n, l.docs["2026D00001"].Meta)
		}
		h.time.at = h.time.at.Add(week)
	}
}

func TestChamberRelations(t *testing.T) {
	dossier := []chamberDossier{{Number: 36600, Addition: "VII"}}
	for _, tt := range []struct {
		p    chamberPaper
		want string
	}{
		{chamberPaper{Kind: "Amendement", Dossiers: dossier}, "map[relation_amends:[kst-36600-VII-2]]"},
		{chamberPaper{Kind: "Motie", Subject: "Gewijzigde motie over de haven (t.v.v. 35727-3)"}, "map[relation_replaces:[kst-35727-3]]"},
		{chamberPaper{Kind: "Motie", Subject: "Gewijzigde motie (t.v.v. 36600-VII-12)"}, "map[relation_replaces:[kst-36600-VII-12]]"},
		{chamberPaper{Kind: "Antwoord schriftelijke vragen", Cases: []chamberCase{{Number: "2026Z00012", Kind: "Schriftelijke vragen"}, {Number: "2026Z00013", Deleted: true}}}, "map[relation_answers:[2026Z00012]]"},
		{chamberPaper{Kind: "Motie", Cases: []chamberCase{{ReplacedBy: []chamberCase{{Number: "2026Z00099"}}}}}, "map[relation_replaced_by:[2026Z00099]]"},
		{chamberPaper{Kind: "Brief regering", Dossiers: dossier}, "map[]"},
	} {
		if got := fmt.Sprint(tt.p.relations()); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.p, got, tt.want)
		}
	}
	for _, tt := range []struct {
		p    chamberPaper
		want string
	}{
		{chamberPaper{AttachmentNumber: "242501244"}, "ah-tk-20242025-1244"},
		{chamberPaper{SubNumber: 12, Dossiers: dossier}, "kst-36600-VII-12"},
		{chamberPaper{SubNumber: -1, Dossiers: dossier}, ""},
		{chamberPaper{SequenceNumber: 4, Dossiers: []chamberDossier{{Number: 35842}}}, "kst-35842-4"},
	} {
		if got := tt.p.official(); got != tt.want {
			t.Errorf("%+v: %s, want %s", tt.p, got, tt.want)
		}
	}
}

func TestPaperNumber(t *testing.T) {
	for query, want := range map[string]string{"2021d12345": "2021D12345", "https://www.tweedekamer.nl/kamerstukken/detail?id=2021D12345&did=2021D12345": "2021D12345", "https://elders.example/?id=2021D12345": "", "kst-1-2": ""} {
		if got, ok := PaperNumber(query); ok != (want != "") || ok && got != want {
			t.Errorf("%s: %s %v", query, got, ok)
		}
	}
}

// The real answers have the shape that is read here.
func TestRealChamberAnswers(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "data", "tk-odata", "besluit_expand.excerpt.json")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Skip("the real answers of data/tk-odata are not there")
	}
	var list struct {
		Value []struct{ Zaak []chamberCase }
	}
	if err := json.Unmarshal(data, &list); err != nil || len(list.Value) == 0 || len(list.Value[0].Zaak) == 0 {
		t.Fatalf("%v", err)
	}
	c := list.Value[0].Zaak[0]
	if c.Number != "2022Z17826" || c.Kind != "Motie" || c.Deleted {
		t.Errorf("%+v", c)
	}
	p := chamberPaper{Kind: "Motie", Cases: []chamberCase{c}}
	if got := fmt.Sprint(p.relations()["relation_replaces"]); got != "[kst-35727-3]" {
		t.Errorf("it replaces %s", got)
	}
	if page, err := parsePapers(data); err != nil || page.Value[0].ID != "6b15c18f-fdc5-4ea4-bee2-a556e94d7682" {
		t.Errorf("%+v %v", page, err)
	}
}

func FuzzChamber(f *testing.F) {
	f.Add([]byte(`{"value":[{"Id":"a","Nummer":"2026D00001","Ondernummer":-1,"Kamerstukdossier":[{"Nummer":1}],"Zaak":null}],"@odata.nextLink":"x"}`))
	f.Add([]byte(`<feed><entry><content><document id="A" verwijderd="true"/></content></entry><link rel="next" href="?x"/></feed>`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if p, err := parsePapers(data); err == nil {
			for _, paper := range p.Value {
				paper.describe(&ingest.Document{})
			}
		}
		parseFeed(data)
	})
}
