package koop

import (
	"net/http"
	"testing"

	"github.com/vraagbaak/vraagbaak/internal/httprr"
)

// The exchange as it goes over the line, from a recording: every parameter of
// every request is compared.
func TestReplayDossier(t *testing.T) {
	p, err := NewPublications(PublicationsOptions{Selection: Selection{Dossiers: []string{"99 001 VII"}},
		Service: Service{Name: "dossier", Collection: "dossier", Extract: readText,
			transport: httprr.Open(t, "testdata/dossier.httprr", http.DefaultTransport), clock: newTime("2026-11-20T08:00:00Z").clock()}})
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger()
	if err, _ := l.run(t, p, 0, 0); err != nil {
		t.Fatal(err)
	}
	one, two := l.docs["kst-99001-VII-1"], l.docs["kst-99001-VII-2"]
	if len(l.docs) != 2 || one.Meta["dossier"] != "99001-VII; 99001" || one.Meta["manifestation"] != "xml" || day(one.Published) != "2026-09-15" {
		t.Errorf("got %+v", one)
	}
	if two.Meta["manifestation"] != "pdf" || two.Meta["manifestation_reason"] != "xml: a page of HTML in its place; html: not offered" ||
		two.URL != "https://zoek.officielebekendmakingen.nl/kst-99001-VII-2.html" || !parseSRUState(l.entries["kst-99001-VII-2"].State).Awaited {
		t.Errorf("got %+v", two)
	}
}
