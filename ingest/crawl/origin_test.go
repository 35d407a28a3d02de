package crawl

import (
	"reflect"
	"testing"
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
