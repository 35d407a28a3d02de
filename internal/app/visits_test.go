package app

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

func TestVisits(t *testing.T) {
	v := newVisits()
	for _, c := range []crawl.Visit{
		{URL: "/a", ID: "/a", Outcome: "put", From: "start"},
		{URL: "/dubbel", ID: "/a", Outcome: "put", Reason: "it is a duplicate of /a", From: "/a"},
		{URL: "/b", ID: "/b", Outcome: "skip", Reason: "it asks not to be indexed", From: "/a"},
		{URL: "/c", Outcome: "redirect", From: "/a"},
		{URL: "/c", Outcome: "skip", Reason: "later"},
		{URL: "/d", ID: "/d", Outcome: "fail", Reason: "it answers 500"},
		{URL: "/d", ID: "/d", Outcome: "put"},
	} {
		v.add(c)
	}
	want := map[string]visit{
		"/dubbel": {Outcome: "put", Reason: "it is a duplicate of /a", From: "/a", ID: "/a"},
		"/b":      {Outcome: "skip", Reason: "it asks not to be indexed", From: "/a"},
		"/c":      {Outcome: "skip", Reason: "later"},
	}
	if !reflect.DeepEqual(v.ByURL, want) {
		t.Errorf("got  %+v\nwant %+v", v.ByURL, want)
	}
	store := memstore.New()
	if empty, err := readVisits(t.Context(), store, "site"); err != nil || len(empty.ByURL) != 0 {
		t.Errorf("before the first run: %+v, %v", empty, err)
	}
	if err := v.write(t.Context(), store, "site"); err != nil {
		t.Fatal(err)
	}
	got, err := readVisits(t.Context(), store, "site")
	if err != nil || !reflect.DeepEqual(got, v) {
		t.Errorf("read back %+v, %v", got, err)
	}
	if led := got.leadingTo("/a"); !reflect.DeepEqual(led, []string{"/dubbel"}) {
		t.Errorf("to /a lead %q", led)
	}
	if err := store.SetFact(t.Context(), visitsFact("site"), "["); err != nil {
		t.Fatal(err)
	}
	if _, err := readVisits(t.Context(), store, "site"); err == nil {
		t.Error("a damaged note was read")
	}
}

func TestVisitsAreBounded(t *testing.T) {
	v := newVisits()
	for range 2 { // the same addresses again are no more
		for i := range maxVisits {
			v.add(crawl.Visit{URL: fmt.Sprint(i), Outcome: "skip"})
		}
	}
	v.add(crawl.Visit{URL: "one more", Outcome: "skip"})
	if len(v.ByURL) != maxVisits || v.LeftOut != 1 {
		t.Errorf("%d noted, %d left out", len(v.ByURL), v.LeftOut)
	}
}
