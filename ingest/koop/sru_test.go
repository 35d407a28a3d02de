package koop

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// shared is the folder with real data; tests of it are skipped where it is not
// there.
func shared(t testing.TB, elem ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{"..", "..", "..", "shared", "data"}, elem...)...)
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("real data are not there: %v", err)
	}
	return dir
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// wrapped makes a response of a single record.
func wrapped(record []byte) []byte {
	if i := bytes.Index(record, []byte("?>")); i >= 0 {
		record = record[i+2:]
	}
	return append(append([]byte("<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><records>"), record...), "</records></searchRetrieveResponse>"...)
}

func TestRealResponses(t *testing.T) {
	dir := shared(t, "koop", "sru")
	for file, want := range map[string]struct {
		total, next int
		ids         []string
	}{
		"response-10-of-76.xml": {76, 11, []string{"blg-998035", "h-ek-20212022-2-7", "", "", "", "", "", "", "", ""}},
		"record-kst.xml":        {1, 0, []string{"kst-35842-4"}},
		"response-roo.xml":      {1, 0, []string{"10621"}},
	} {
		r, err := parseResponse(read(t, filepath.Join(dir, file)))
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if r.Total != want.total || r.Next != want.next || len(r.Records) != len(want.ids) || r.Broken != 0 {
			t.Errorf("%s: %d records in all, next %d, %d here", file, r.Total, r.Next, len(r.Records))
		}
		for i, rec := range r.Records {
			if id := rec.first("identifier"); id == "" || want.ids[i] != "" && id != want.ids[i] {
				t.Errorf("%s: record %d is %q", file, i, id)
			}
			if rec.Position < 1 || rec.Position > r.Total { // the file was shortened: they do not count on
				t.Errorf("%s: record %d stands at %d", file, i, rec.Position)
			}
		}
	}
}

func TestRealRecord(t *testing.T) {
	dir := shared(t, "koop")
	r, err := parseResponse(read(t, filepath.Join(dir, "sru", "record-kst.xml")))
	if err != nil {
		t.Fatal(err)
	}
	rec := r.Records[0]
	doc, err := readText(t.Context(), Input{})
	if err != nil {
		t.Fatal(err)
	}
	rec.describe(doc, dialects[""])
	for key, want := range map[string]string{
		"identifier": "kst-35842-4", "dossier": "35842", "ondernummer": "4", "vergaderjaar": "2020-2021", "soort": "Kamerstuk",
		"indiener": "Th.C. de Graaf; K.H. Ollongren", "creator": "Tweede Kamer der Staten-Generaal", "subrubriek": "Overig",
		"status": "Opgemaakt na onopgemaakt", "onderwerp": "Bestuur | Gemeenten", "documenttitel": "Advies Afdeling advisering Raad van State en Nader rapport",
	} {
		if doc.Meta[key] != want {
			t.Errorf("%s is %q, want %q", key, doc.Meta[key], want)
		}
	}
	if !strings.HasPrefix(doc.Meta["dossiertitel"], "Wijziging van het voorstel") || !strings.HasPrefix(doc.Title, "Wijziging van het voorstel") ||
		day(doc.Published) != "2021-05-25" || day(doc.Modified) != "2021-05-27" || doc.URL != "https://zoek.officielebekendmakingen.nl/kst-35842-4.html" {
		t.Errorf("got %+v", doc)
	}
	if rec.Timestamp != "2021-05-27T13:08:59.215342+02:00" || len(rec.Items) != 6 || len(bestFirst(rec.Items)) != 4 ||
		bestFirst(rec.Items)[0].URL != "https://repository.overheid.nl/frbr/officielepublicaties/kst/35842/kst-35842-4/1/xml/kst-35842-4.xml" {
		t.Errorf("got %+v", rec)
	}
	// A record without namespaces.
	gmb, err := parseResponse(wrapped(read(t, filepath.Join(dir, "bekendmakingen", "gmb-2023-174296_sru-record.xml"))))
	if err != nil {
		t.Fatal(err)
	}
	if rec := gmb.Records[0]; rec.first("creator") != "Bergeijk" || rec.kind() != "Gemeenteblad" || len(rec.Fields["geometrie"]) != 2 || rec.Preferred == "" || len(rec.Items) != 6 {
		t.Errorf("got %+v", rec)
	}
}

// Every element with a value of every real record is a field, by a count made
// in another way.
func TestRealRecordsEveryField(t *testing.T) {
	dir := shared(t, "koop")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*record*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob(filepath.Join(dir, "sru", "*.xml"))
	if err != nil || len(more) == 0 || len(files) == 0 {
		t.Fatalf("no real records: %v", err)
	}
	for _, file := range append(files, more...) {
		data := read(t, file)
		response := data
		if !bytes.Contains(data, []byte("numberOfRecords>")) {
			response = wrapped(data)
		}
		r, err := parseResponse(response)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		got := 0
		for _, rec := range r.Records {
			for _, fs := range rec.Fields {
				for _, f := range fs {
					if f.Value != "" {
						got++
					}
				}
			}
			got += len(rec.Items)
			for _, v := range []string{rec.URL, rec.Preferred, rec.Timestamp} {
				if v != "" {
					got++
				}
			}
			for _, vs := range rec.Links {
				got += len(vs)
			}
		}
		if want := countValues(t, data); got != want {
			t.Errorf("%s: %d values, want %d", file, got, want)
		}
	}
}

// countValues counts the elements that hold text and no element, within gzd.
func countValues(t *testing.T, data []byte) int {
	d := xml.NewDecoder(bytes.NewReader(data))
	n, within, leaf, text := 0, 0, false, ""
	for {
		tok, err := d.Token()
		if err == io.EOF {
			return n
		} else if err != nil {
			t.Fatal(err)
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			if tok.Name.Local == "gzd" {
				within++
			}
			leaf, text = true, ""
		case xml.CharData:
			text += string(tok)
		case xml.EndElement:
			if leaf && within > 0 && strings.TrimSpace(text) != "" {
				n++
			}
			if tok.Name.Local == "gzd" {
				within--
			}
			leaf = false
		}
	}
}

func TestParseResponse(t *testing.T) {
	const recordText = `<%[1]srecord><%[1]srecordData><g:gzd xmlns:g="http://standaarden.overheid.nl/sru"><g:originalData><m:meta xmlns:m="x"><m:k><m:identifier>kst-1-1</m:identifier></m:k></m:meta></g:originalData></g:gzd></%[1]srecordData></%[1]srecord>`
	for name, tt := range map[string]struct {
		xml     string
		want    *response // without its records
		records int
		err     string
		isDiag  bool
	}{
		"prefix": {xml: `<s:searchRetrieveResponse xmlns:s="http://docs.oasis-open.org/ns/search-ws/sruResponse"><s:numberOfRecords>1</s:numberOfRecords><s:records>` + strings.ReplaceAll(recordText, "%[1]s", "s:") + `</s:records></s:searchRetrieveResponse>`,
			want: &response{Total: 1}, records: 1},
		"default namespace": {xml: `<searchRetrieveResponse xmlns="http://docs.oasis-open.org/ns/search-ws/sruResponse"><numberOfRecords> 2 </numberOfRecords><records>` + strings.ReplaceAll(recordText, "%[1]s", "") + `</records><nextRecordPosition>2</nextRecordPosition><resultCountPrecision>info:srw/vocabulary/resultCountPrecision/1/estimate</resultCountPrecision></searchRetrieveResponse>`,
			want: &response{Total: 2, Next: 2, Estimate: true}, records: 1},
		"version 1.2": {xml: `<searchRetrieveResponse xmlns="http://www.loc.gov/zing/srw/"><version>1.2</version><numberOfRecords>0</numberOfRecords></searchRetrieveResponse>`,
			want: &response{}},
		"says us-ascii": {xml: `<?xml version="1.0" encoding="US-ASCII"?><searchRetrieveResponse><numberOfRecords>0</numberOfRecords><echoedSearchRetrieveRequest><query>café</query></echoedSearchRetrieveRequest></searchRetrieveResponse>`,
			want: &response{Query: "café"}},
		"byte order mark": {xml: "\ufeff<searchRetrieveResponse><numberOfRecords>0</numberOfRecords></searchRetrieveResponse>", want: &response{}},
		"another namespace": {xml: `<searchRetrieveResponse xmlns="urn:iets-anders"><numberOfRecords>1</numberOfRecords></searchRetrieveResponse>`,
			err: "not the answer"},
		"broken record": {xml: `<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><records><record><recordData><diagnostic xmlns="http://docs.oasis-open.org/ns/search-ws/diagnostic"><uri>info:srw/diagnostic/1/64</uri></diagnostic></recordData></record></records></searchRetrieveResponse>`,
			want: &response{Total: 1, Broken: 1}},
		"diagnostics in the answer": {xml: `<searchRetrieveResponse xmlns="http://docs.oasis-open.org/ns/search-ws/sruResponse"><version>2.0</version><diagnostics><diagnostic xmlns="http://docs.oasis-open.org/ns/search-ws/diagnostic"><uri>info:srw/diagnostic/1/10</uri><message>Query syntax error</message></diagnostic></diagnostics></searchRetrieveResponse>`,
			err: "(info:srw/diagnostic/1/10): Query syntax error", isDiag: true},
		"diagnostics with a count": {xml: `<searchRetrieveResponse><numberOfRecords>0</numberOfRecords><diagnostics><diagnostic><uri>info:srw/diagnostic/1/80</uri><details>sortKeys</details></diagnostic></diagnostics></searchRetrieveResponse>`,
			err: "(info:srw/diagnostic/1/80): sortKeys", isDiag: true},
		"diagnostics alone": {xml: `<diagnostics><diagnostic><uri>info:srw/diagnostic/1/6</uri><message>Unsupported parameter</message></diagnostic></diagnostics>`,
			err: "1/6", isDiag: true},
		"html":     {xml: `<!DOCTYPE html><html><body>Storing</body></html>`, err: "not the answer"},
		"bad html": {xml: `<html><body><br>Storing</body></html>`, err: "not the answer"},
		"no count": {xml: `<searchRetrieveResponse/>`, err: "how many records"},
		"bad next": {xml: `<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><nextRecordPosition>-1</nextRecordPosition></searchRetrieveResponse>`, err: "nextRecordPosition"},
		"cut off":  {xml: `<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><records>`, err: "not the answer"},
		"empty":    {xml: ``, err: "no element"},
		"deep":     {xml: strings.Repeat("<a>", maxNesting+1), err: "within each other"},
		"wide":     {xml: "<a>" + strings.Repeat("<b/>", maxElements) + "</a>", err: "more than"},
		"large":    {xml: "<a>" + strings.Repeat("b", maxAnswer) + "</a>", err: "bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseResponse([]byte(tt.xml))
			if tt.err != "" {
				var d *diagnosticError
				if err == nil || !strings.Contains(err.Error(), tt.err) || errors.As(err, &d) != tt.isDiag {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(got.Records) != tt.records || tt.records > 0 && got.Records[0].first("identifier") != "kst-1-1" {
				t.Errorf("records %+v", got.Records)
			}
			if got.Records = nil; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

func FuzzParseResponse(f *testing.F) {
	f.Add([]byte(`<searchRetrieveResponse><numberOfRecords>1</numberOfRecords><records><record><recordData><gzd><originalData><a>b</a></originalData></gzd></recordData></record></records></searchRetrieveResponse>`))
	f.Add([]byte(`<diagnostics><diagnostic><uri>info:srw/diagnostic/1/10</uri></diagnostic></diagnostics>`))
	f.Add([]byte(strings.Repeat("<a>", 100)))
	if files, _ := filepath.Glob("../../../shared/data/koop/sru/*.xml"); len(files) > 0 {
		for _, file := range files {
			f.Add(read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := parseResponse(data)
		if (r == nil) == (err == nil) {
			t.Fatalf("response %v, error %v", r, err)
		}
		if r == nil {
			return
		}
		if r.Total < 0 || r.Next < 0 || r.Broken < 0 {
			t.Errorf("got %+v", r)
		}
		for _, rec := range r.Records {
			doc, _ := readText(t.Context(), Input{})
			rec.describe(doc, dialects[""])
			one, two := rec.fingerprint("1"), rec.fingerprint("1")
			if one != two {
				t.Errorf("the fingerprint is %q and %q", one, two)
			}
		}
	})
}
