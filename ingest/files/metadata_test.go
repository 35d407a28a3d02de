package files

import (
	"errors"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
)

func withMetadata(o *Options) {
	o.Describe = func(_ string, data []byte) (Description, bool) {
		m, err := extract.ReadMetadata(data)
		return Description{Identifier: m.Identifier, Apply: m.Apply}, err == nil
	}
	o.Address = extract.Address
	o.NotDocument = func(err error) bool { return errors.Is(err, extract.ErrMetadata) }
}

const aboutPaper = `<metadata_gegevens><metadata name="DC.identifier" scheme="OVERHEIDop.ParlID" content="kst-99999-4"/>
<metadata name="DC.title" content="Bomen in Waterrijk; Brief"/><metadata name="OVERHEIDop.dossiernummer" content="99999"/>
<metadata name="OVERHEIDop.indiener" content="A. de Boer"/><metadata name="DCTERMS.issued" content="2026-03-04"/></metadata_gegevens>`

// A metadata file describes the publication of its folder and is no document
// itself; when it changes, the publication is read again.
func TestMetadataBesideAPublication(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "stuk/kst-99999-4.txt", "De bomen in Waterrijk blijven staan.")
	write(t, dir, "stuk/notitie.txt", "Een notitie over iets anders.")
	write(t, dir, "stuk/metadata.xml", aboutPaper)
	write(t, dir, "lijst/sru.xml", `<?xml version="1.0"?><searchRetrieveResponse><numberOfRecords>0</numberOfRecords></searchRetrieveResponse>`)
	src, l := open(t, dir, withMetadata), ledger{}
	docs := map[string]*ingest.Document{}
	for c, err := range src.Changes(t.Context(), l) {
		if err != nil || c.Op != ingest.Put {
			t.Fatalf("%v %+v", err, c)
		}
		docs[c.Ref.ID] = c.Doc
		l.apply(c)
	}
	d := docs["stuk/kst-99999-4.txt"]
	if len(docs) != 2 || d == nil {
		t.Fatalf("documents %v", docs)
	}
	if d.Title != "Bomen in Waterrijk; Brief" || d.Meta["dossier"] != "99999" || d.Meta["indiener"] != "A. de Boer" || d.Meta["metadata"] != "stuk/metadata.xml" ||
		d.URL != "https://zoek.officielebekendmakingen.nl/kst-99999-4.html" || d.Published.IsZero() {
		t.Errorf("%+v", d)
	}
	if n := docs["stuk/notitie.txt"]; n.Meta["dossier"] != "" || n.URL != "stuk/notitie.txt" {
		t.Errorf("another file was described: %+v", n)
	}
	if got, err := run(t, src, l); err != nil || strings.Join(got, ", ") != "keep stuk/kst-99999-4.txt, keep stuk/notitie.txt" {
		t.Errorf("unchanged: %v %v", got, err)
	}
	write(t, dir, "stuk/metadata.xml", strings.Replace(aboutPaper, "A. de Boer", "B. de Boer", 1))
	if got, err := run(t, src, l); err != nil || strings.Join(got, ", ") != "put stuk/kst-99999-4.txt, keep stuk/notitie.txt" {
		t.Errorf("changed: %v %v", got, err)
	}
}
