package extract

import (
	"context"
	"errors"
	"reflect"
	"testing"
)

// A document and an error are the same on the other side.
func TestWire(t *testing.T) {
	page := Input{Name: "p.html", URL: "https://waterrijk.example/p", ContentType: "text/html; charset=utf-8",
		Data: []byte("<html lang=nl><title>Afval</title><main><h1>Afval</h1><p>Breng uw grof vuil naar de milieustraat &lt;in&gt; Waterrijk.</p></main>")}
	for name, in := range map[string]Input{
		"letter": {Name: "brief.pdf", Data: letter()}, "page": page, "empty": {Name: "leeg.txt"},
		"picture": {Name: "foto.jpg", Data: []byte("\xff\xd8\xff\xe0")}, "scan": {Name: "scan.pdf", Data: scanned(t, letter(), 1)},
		"damaged": {Name: "x.pdf", Data: []byte("%PDF-1.4 niets")},
	} {
		want, wantErr := Extract(context.Background(), in)
		header, err := in.Header()
		if err != nil {
			t.Fatal(err)
		}
		got, err := Result(Serve(context.Background(), header, in.Data, nil))
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
		if (err == nil) != (wantErr == nil) || err != nil && err.Error() != wantErr.Error() {
			t.Errorf("%s: error %v, want %v", name, err, wantErr)
		}
		for _, reason := range wireReasons {
			if errors.Is(err, reason) != errors.Is(wantErr, reason) {
				t.Errorf("%s: is %v: %v, want %v", name, reason, errors.Is(err, reason), errors.Is(wantErr, reason))
			}
		}
	}
}

func FuzzResult(f *testing.F) {
	in := Input{Name: "brief.pdf", Data: letter()}
	header, _ := in.Header()
	f.Add(Serve(context.Background(), header, in.Data, nil))
	f.Add([]byte(`{"Document":{"Text":"x","Blocks":[{"Start":0,"End":9}]}}`))
	f.Add([]byte(`{"Message":"weg","Reasons":[0,99,-1]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Result(data)
		if err == nil && doc.Check() != nil {
			t.Error("a document that is not sound")
		}
	})
}
