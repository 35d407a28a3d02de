package koop

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"
)

// statutes is an imitation of the search service of laws and local regulations.
type statutes struct {
	t    *testing.T
	time *fakeTime
	laws []statute
	cvdr bool
}

type statute struct{ id, kind, owner, modified, from, until, text string }

func (l statute) file() string {
	return fmt.Sprintf("%s/x/%s/%s_0/xml/%s.xml", lawFiles, l.id, l.from, l.id)
}

func (s *statutes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/sru/Search" {
		for _, l := range s.laws {
			if l.file() == lawFiles+r.URL.Path {
				fmt.Fprintf(w, "<toestand><al>%s</al></toestand>", l.text)
				return
			}
		}
		http.NotFound(w, r)
		return
	}
	q := r.URL.Query()
	if want := map[bool]string{false: "BWB", true: "cvdr"}[s.cvdr]; q.Get("x-connection") != want || q.Get("version") != "1.2" {
		s.t.Errorf("asked for %s", r.URL)
	}
	match, err := compileCQL(q.Get("query"))
	if err != nil {
		s.t.Errorf("%s: %v", q.Get("query"), err)
		return
	}
	today := day(s.time.at)
	var found []string
	for _, l := range s.laws {
		f := map[string]string{"dcterms.identifier": l.id, "dcterms.modified": l.modified, "dcterms.type": l.kind, "overheid.authority": l.owner, "dcterms.creator": l.owner}
		if l.from <= today && today <= l.until {
			f["overheidbwb.geldigheidsdatum"], f["overheidbwb.zichtdatum"] = today, today
		}
		if !match(f) {
			continue
		}
		record := fmt.Sprintf(`<record><recordData><gzd xmlns="http://standaarden.overheid.nl/sru"><originalData><b:meta xmlns:b="http://standaarden.overheid.nl/bwb/terms/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:overheid="http://standaarden.overheid.nl/owms/terms/"><owmskern><dcterms:identifier>%s</dcterms:identifier><dcterms:title>Havenwet %s</dcterms:title><dcterms:type>%s</dcterms:type><overheid:authority scheme="overheid:Ministerie">%s</overheid:authority><dcterms:creator>%[4]s</dcterms:creator><dcterms:modified>%s</dcterms:modified></owmskern>`, l.id, l.id, l.kind, l.owner, l.modified)
		if s.cvdr {
			record += fmt.Sprintf(`<cvdripm><inwerkingtredingDatum>%s</inwerkingtredingDatum><uitwerkingtredingDatum>%s</uitwerkingtredingDatum></cvdripm></b:meta></originalData><enrichedData><publicatieurl_xml>%s</publicatieurl_xml><preferred_url>https://lokaleregelgeving.overheid.nl/%s</preferred_url></enrichedData></gzd></recordData></record>`,
				l.from, l.until, l.file(), strings.Replace(l.id, "_", "/", 1))
		} else {
			record += fmt.Sprintf(`<bwbipm><b:geldigheidsperiode_startdatum>%s</b:geldigheidsperiode_startdatum><b:geldigheidsperiode_einddatum>%s</b:geldigheidsperiode_einddatum></bwbipm></b:meta></originalData><enrichedData><b:locatie_toestand xmlns:b="http://standaarden.overheid.nl/bwb/terms/">%s</b:locatie_toestand></enrichedData></gzd></recordData></record>`,
				l.from, l.until, l.file())
		}
		found = append(found, record)
	}
	start, _ := strconv.Atoi(q.Get("startRecord"))
	rows, _ := strconv.Atoi(q.Get("maximumRecords"))
	fmt.Fprintf(w, `<searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.2</version><numberOfRecords>%d</numberOfRecords><records>%s</records></searchRetrieveResponse>`,
		len(found), strings.Join(found[start-1:min(start-1+rows, len(found))], ""))
}

func newStatutes(t *testing.T, connection string, s Selection, laws ...statute) (*statutes, func(*ledger) *wire) {
	st := &statutes{t: t, time: newTime("2026-11-20T08:00:00Z"), laws: laws, cvdr: connection == "cvdr"}
	return st, func(l *ledger) *wire {
		t.Helper()
		w := &wire{time: st.time, to: st}
		p, err := NewPublications(PublicationsOptions{Connection: connection, Selection: s,
			Service: Service{Name: "wetten", Collection: "wetten", Extract: readText, transport: w, clock: st.time.clock()}})
		if err != nil {
			t.Fatal(err)
		}
		if err, _ := l.run(t, p, 0, 0); err != nil {
			t.Fatal(err)
		}
		w.polite(t, "https://zoekservice.overheid.nl", lawFiles)
		return w
	}
}

func TestLawsAsTheyAreInForce(t *testing.T) {
	st, run := newStatutes(t, "bwb", Selection{Kinds: []string{"wet"}, Creators: []string{"Water"}},
		statute{"BWBR0099001", "wet", "Water", "2024-02-01", "2024-03-01", "2026-11-24", "De oude tekst."},
		statute{"BWBR0099001", "wet", "Water", "2026-10-01", "2026-11-25", "9999-12-31", "De nieuwe tekst."},
		statute{"BWBR0099002", "wet", "Water", "2024-02-01", "2024-03-01", "2026-11-28", "Een wet die vervalt."},
		statute{"BWBR0099003", "wet", "Lucht", "2024-02-01", "2024-03-01", "9999-12-31", "Een andere wet."})
	l := newLedger()
	run(l)
	d := l.docs["BWBR0099001"]
	if len(l.docs) != 2 || d == nil || !strings.Contains(d.Text, "oude") || d.URL != "https://wetten.overheid.nl/BWBR0099001/2024-03-01" ||
		day(d.ValidFrom) != "2024-03-01" || day(d.ValidUntil) != "2026-11-24" || d.Meta["soort"] != "wet" || d.Meta["ministerie"] != "Water" {
		t.Fatalf("%v: %+v", l.ids(), d)
	}
	st.time.at = st.time.at.Add(24 * time.Hour)
	if w := run(l); w.count("/xml/") != 0 {
		t.Errorf("requested %v", w.log)
	}
	st.time.at = st.time.at.Add(5 * 24 * time.Hour) // the 26th: nothing was modified, another version is in force
	run(l)
	if d := l.docs["BWBR0099001"]; !strings.Contains(d.Text, "nieuwe") || !d.ValidUntil.IsZero() || d.URL != "https://wetten.overheid.nl/BWBR0099001/2026-11-25" {
		t.Errorf("got %+v", d)
	}
	st.time.at = st.time.at.Add(5 * 24 * time.Hour)
	run(l)
	if l.docs["BWBR0099002"] != nil || len(l.docs) != 1 {
		t.Errorf("%v are in force", l.ids())
	}
}

func TestLocalRegulations(t *testing.T) {
	st, run := newStatutes(t, "cvdr", Selection{Creators: []string{"Waterrijk"}},
		statute{"CVDR99001_1", "regeling", "Waterrijk", "2020-02-01", "2020-03-01", "2024-01-01", "Vervallen."},
		statute{"CVDR99001_2", "regeling", "Waterrijk", "2024-02-01", "2024-01-01", "", "Geldend."})
	l := newLedger()
	if w := run(l); w.count("/xml/") != 1 {
		t.Errorf("requested %v", w.log)
	}
	d := l.docs["CVDR99001_2"]
	if len(l.docs) != 1 || d == nil || d.URL != "https://lokaleregelgeving.overheid.nl/CVDR99001/2" || day(d.ValidFrom) != "2024-01-01" || !d.ValidUntil.IsZero() {
		t.Fatalf("%v: %+v", l.ids(), d)
	}
	st.laws[1].until, st.laws[1].modified = "2026-12-01", "2026-11-20" // it is being replaced
	st.laws = append(st.laws, statute{"CVDR99001_3", "regeling", "Waterrijk", "2026-11-20", "2026-12-01", "", "Toekomstig."})
	st.time.at = st.time.at.Add(24 * time.Hour)
	run(l)
	if d := l.docs["CVDR99001_2"]; len(l.docs) != 2 || day(d.ValidUntil) != "2026-11-30" || day(l.docs["CVDR99001_3"].ValidFrom) != "2026-12-01" {
		t.Errorf("%v: %+v", l.ids(), d)
	}
}

func TestConnectionOptions(t *testing.T) {
	for _, s := range []Selection{{Dossiers: []string{"36600"}}, {Kinds: []string{"wet"}, Attachments: true}} {
		if _, err := s.build(dialects["bwb"]); err == nil || !strings.Contains(err.Error(), "official publications only") {
			t.Errorf("error %v", err)
		}
	}
}
