package crawl

import (
	"context"
	"reflect"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func TestAddress(t *testing.T) {
	got, err := Address(" HTTPS://www.Waterrijk.example:443/Afval/../Afval?utm_source=brief#plastic ")
	if err != nil || got != "https://www.waterrijk.example/Afval" {
		t.Errorf("got %q, %v", got, err)
	}
	if _, err := Address("besluiten/2024.pdf"); err == nil {
		t.Error("a path is no address")
	}
}

func TestOriginOf(t *testing.T) {
	st := state{URL: "https://www.waterrijk.example/a?p=1", From: "sitemap", Via: []string{"https://www.waterrijk.example/oud"}, Links: []string{"/b"}}
	want := Origin{Requested: st.URL, From: "sitemap", Via: st.Via}
	if got := OriginOf(st.String()); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got := OriginOf("{"); !reflect.DeepEqual(got, Origin{}) {
		t.Errorf("a damaged state: %+v", got)
	}
}

func TestAllows(t *testing.T) {
	s, err := New(Options{Name: "site", Collection: "web", Start: []string{"https://www.waterrijk.example/afval"}, Allow: []string{"https://www.waterrijk.example/afval"},
		Extract: func(context.Context, Input) (*ingest.Document, error) { return nil, nil }})
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://www.waterrijk.example/afval/grof": true, "https://www.waterrijk.example/afvalligers": false, "afval": false, "https://elders.example/afval": false,
	} {
		if got := s.Allows(address); got != want {
			t.Errorf("%s: %v", address, got)
		}
	}
}
