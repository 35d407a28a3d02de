package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func testEmpty(t *testing.T, f *fixture) {
	f.checkNearest(embed.Vector{1, 0, 0}, in("a", "b"))
	f.checkMatch("paspoort", in("a", "b"))
	f.checkStats("a", "b")
	f.checkAll("a", "b")
	got, err := f.store.Passages(f.ctx, retrieve.NewScope("a"), ref("a", "niets"))
	if err != nil || len(got) != 0 {
		t.Fatalf("Passages of an unknown document: %v, %v", got, err)
	}
	if err := f.store.Reweigh(f.ctx, func(*retrieve.Passage) retrieve.Terms { return nil }); err != nil {
		t.Fatalf("Reweigh of an empty store: %v", err)
	}
}

// small fills a store with two collections.
func small(f *fixture) {
	one, two, other := ref("a", "een"), ref("a", "twee"), ref("b", "een")
	f.replace(one, rec(one, 0, "paspoort aanvragen kost geld", 1, 0, 0), rec(one, 1, "een paspoort is tien jaar geldig", 1, 1, 0))
	f.replace(two, rec(two, 0, "afval wordt op maandag gehaald", 0, 1, 0.2), rec(two, 1, "grof afval brengt u weg", 0, 1, -0.5), rec(two, 2, "afval afval afval", 0, 0, 1))
	f.replace(other, rec(other, 0, "paspoort van een ander", 0.9, 0.1, 0.1))
}

func testReplaceIsWhole(t *testing.T, f *fixture) {
	small(f)
	two := ref("a", "twee")
	f.replace(two, rec(two, 0, "afval gaat in de groene bak", 0, 1, 0), rec(two, 7, "glas niet", 0.1, 1, 0))
	f.checkPassages()
	f.checkNearest(embed.Vector{0, 1, 0}, in("a"))
	f.checkMatch("afval maandag groene", in("a"))
	f.checkStats("a")
	// Writing the same again changes nothing.
	f.replace(two, f.docs[two]...)
	f.checkStats("a")
	f.checkMatch("afval", in("a", "b"))
	// A document that was deleted can come back.
	f.delete(two)
	f.replace(two, rec(two, 0, "afval terug", 0, 1, 0))
	f.checkPassages()
	f.checkMatch("afval", in("a"))
	f.checkAll("a", "b")
}

func testReplaceRefuses(t *testing.T, f *fixture) {
	small(f)
	one, two := ref("a", "een"), ref("a", "twee")
	if err := f.store.Replace(f.ctx, one, nil); !errors.Is(err, retrieve.ErrNoRecords) {
		t.Errorf("no records: %v, want ErrNoRecords", err)
	}
	good := rec(one, 0, "nieuw", 1, 0, 0)
	nan := rec(one, 1, "nan", 1, 0, 0)
	nan.Vector = embed.Vector{float32(math.NaN()), 0, 0}
	unsorted := rec(one, 1, "los", 1, 0, 0)
	unsorted.Terms = retrieve.Terms{{Token: "b", Weight: 1}, {Token: "a", Weight: 1}}
	for name, bad := range map[string]retrieve.Record{
		"another document":   rec(two, 1, "vreemd", 1, 0, 0),
		"another collection": rec(ref("b", "een"), 1, "vreemd", 1, 0, 0),
		"the same ID twice":  good,
		"NaN in the vector":  nan,
		"unsorted terms":     unsorted,
	} {
		if err := f.store.Replace(f.ctx, one, []retrieve.Record{good, bad}); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// What was refused left no trace.
	f.checkPassages()
	f.checkStats("a", "b")
	f.checkMatch("nieuw vreemd paspoort", in("a", "b"))
}

func testDimensions(t *testing.T, f *fixture) {
	small(f)
	for name, recs := range map[string][]retrieve.Record{
		"shorter":        {rec(ref("a", "x"), 0, "kort", 1, 0)},
		"longer":         {rec(ref("a", "x"), 0, "lang", 1, 0, 0, 0)},
		"none":           {rec(ref("a", "x"), 0, "leeg")},
		"within":         {rec(ref("a", "x"), 0, "gelijk", 1, 0, 0), rec(ref("a", "x"), 1, "kort", 1, 0)},
		"new collection": {rec(ref("c", "x"), 0, "kort", 1, 0)},
	} {
		if err := f.store.Replace(f.ctx, recs[0].Doc, recs); !errors.Is(err, retrieve.ErrDimensions) {
			t.Errorf("%s: %v, want ErrDimensions", name, err)
		}
	}
	if _, err := f.store.Nearest(f.ctx, embed.Vector{1, 0}, in("a")); !errors.Is(err, retrieve.ErrDimensions) {
		t.Errorf("Nearest: %v, want ErrDimensions", err)
	}
	f.checkStats("a", "b", "c")
	f.checkNearest(embed.Vector{1, 0, 0}, in("a", "b", "c"))
}

func testDelete(t *testing.T, f *fixture) {
	small(f)
	f.delete()
	f.delete(ref("a", "onbekend"), ref("onbekend", "een"))
	f.checkStats("a", "b")
	f.delete(ref("a", "een"))
	f.checkStats("a", "b")
	f.checkPassages()
	f.checkNearest(embed.Vector{1, 0, 0}, in("a", "b"))
	f.checkMatch("paspoort afval", in("a", "b"))
	if got, err := f.store.Passages(f.ctx, retrieve.NewScope("a"), ref("a", "een")); err != nil || len(got) != 0 {
		t.Errorf("passages of a deleted document: %v, %v", got, err)
	}
	f.delete(ref("a", "een"), ref("a", "twee"), ref("b", "een"))
	f.checkStats("a", "b")
	f.checkNearest(embed.Vector{1, 0, 0}, in("a", "b"))
	f.checkAll("a", "b")
}

func day(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func testEverythingIsKept(t *testing.T, f *fixture) {
	doc := ref("collectie met spatie/en é", "https://waterrijk.example/a?b=c&d='e'#f%20\"g\"")
	r := rec(doc, 3, "tekst met 'quotes', \"dubbel\", 💧 en\nregels\x00 en meer", 0.3, -0.2, 0.9)
	r.Context = "Kolom 1 | Kolom 2"
	r.Heading = []string{"Hoofdstuk 1", "", "Artikel \"2\""}
	r.Page, r.Anchor = 12, "artikel-2"
	r.Start, r.End = 1<<33, 1<<33+50
	r.Info = retrieve.Info{
		URL: doc.ID, Title: "Een titel", Language: "nl-NL",
		Published: time.Date(2024, 2, 29, 13, 14, 15, 123456789, time.UTC), Modified: day(2025, 1, 2),
		ValidFrom: day(1815, 8, 24), ValidUntil: day(9999, 12, 31),
		Meta: map[string]string{"dossier": "36 600", "": "leeg", "leeg": ""},
	}
	// The next one differs in what is usually the same in a whole document.
	other := rec(doc, 4, "volgende", 0, 0, 1)
	other.Info = retrieve.Info{Title: "Andere titel", Published: day(2020, 1, 1).In(time.FixedZone("CET", 3600))}
	f.replace(doc, r, other)
	f.checkPassages()
	f.checkNearest(embed.Vector{0, 0, 1}, in(doc.Collection))
	f.checkMatch("volgende", in(doc.Collection))
	f.checkAll(doc.Collection)
	f.reopen()
	f.checkPassages()
	f.checkNearest(embed.Vector{0, 0, 1}, in(doc.Collection))
}

func testNearest(t *testing.T, f *fixture) {
	small(f)
	for _, v := range []embed.Vector{{1, 0, 0}, {0, 1, 0}, {0, 0, -1}, {0.6, 0.8, 0}, {-0.6, 0, -0.8}} {
		f.checkNearest(v, in("a"))
		f.checkNearest(v, in("b"))
		f.checkNearest(v, in("a", "b", "onbekend"))
	}
	// The question need not have unit length.
	f.checkNearest(embed.Vector{3, -4, 12}, in("a", "b"))
}

func testNearestTies(t *testing.T, f *fixture) {
	for _, id := range []string{"q", "z", "b", "m", "a", "c"} {
		f.replace(ref("a", id), rec(ref("a", id), 1, "tekst", 1, 2, 3), rec(ref("a", id), 0, "tekst", 1, 2, 3))
	}
	for limit := 1; limit < 13; limit++ {
		sel := in("a")
		sel.Limit = limit
		f.checkNearest(embed.Vector{0, 0.6, 0.8}, sel)
	}
}

func testMatch(t *testing.T, f *fixture) {
	small(f)
	for _, q := range []string{
		"paspoort", "afval", "een", "onbekend", "", "afval paspoort", "afval onbekend paspoort",
		"afval afval afval paspoort", "tien jaar geldig paspoort een geld kost maandag",
	} {
		f.checkMatch(q, in("a"))
		f.checkMatch(q, in("b"))
		f.checkMatch(q, in("a", "b"))
	}
}

func testMatchTies(t *testing.T, f *fixture) {
	for _, id := range []string{"q", "z", "b", "m", "a", "c"} {
		f.replace(ref("a", id), rec(ref("a", id), 0, "zelfde tekst hier", 1, 0, 0), rec(ref("a", id), 1, "wat anders", 1, 0, 0))
	}
	for limit := 1; limit < 8; limit++ {
		sel := in("a")
		sel.Limit = limit
		f.checkMatch("hier tekst zelfde", sel)
	}
}

func testMatchRefuses(t *testing.T, f *fixture) {
	small(f)
	for _, q := range []retrieve.Terms{
		{{Token: "b", Weight: 1}, {Token: "a", Weight: 1}},
		{{Token: "a", Weight: 1}, {Token: "a", Weight: 1}},
		{{Token: "a", Weight: float32(math.Inf(1))}},
	} {
		if _, err := f.store.Match(f.ctx, q, in("a")); err == nil {
			t.Errorf("Match(%v): no error", q)
		}
	}
}

func testLimits(t *testing.T, f *fixture) {
	small(f)
	for _, limit := range []int{-1, 0, 1, 2, 5, 6, 7, math.MaxInt} {
		sel := in("a", "b")
		sel.Limit = limit
		f.checkNearest(embed.Vector{1, 0, 0}, sel)
		f.checkMatch("paspoort afval", sel)
	}
}

func testScopeIsolation(t *testing.T, f *fixture) {
	small(f)
	zero := retrieve.Selection{Limit: all}
	f.checkNearest(embed.Vector{1, 0, 0}, zero)
	f.checkMatch("paspoort", zero)
	f.checkStats()
	f.checkAll()
	for _, scope := range []retrieve.Scope{{}, retrieve.NewScope("b"), retrieve.NewScope("A", "")} {
		got, err := f.store.Passages(f.ctx, scope, ref("a", "een"))
		if err != nil || len(got) != 0 {
			t.Errorf("Passages outside the scope %v: %v, %v", scope, got, err)
		}
	}
	// What is written to one collection changes nothing for who reads another:
	// neither the hits, nor their scores, nor what fits below the limit.
	sel := in("a")
	sel.Limit = 3
	nearest, err := f.store.Nearest(f.ctx, embed.Vector{1, 0, 0}, sel)
	if err != nil {
		t.Fatal(err)
	}
	match, err := f.store.Match(f.ctx, words("paspoort afval"), sel)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 40 {
		doc := ref("b", fmt.Sprint("druk", i))
		f.replace(doc, rec(doc, 0, "paspoort paspoort paspoort", 1, 0, 0), rec(doc, 1, "afval", 1, 0, 0))
	}
	again, err := f.store.Nearest(f.ctx, embed.Vector{1, 0, 0}, sel)
	if err != nil {
		t.Fatal(err)
	}
	f.compareHits("Nearest", again, nearest, sel.Limit)
	again, err = f.store.Match(f.ctx, words("paspoort afval"), sel)
	if err != nil {
		t.Fatal(err)
	}
	f.compareHits("Match", again, match, sel.Limit)
	f.checkMatch("paspoort afval", sel)
	f.checkMatch("paspoort afval", in("a", "b"))
	f.checkStats("a")
	f.checkAll("a")
}

func testAsOf(t *testing.T, f *fixture) {
	for i, info := range []retrieve.Info{
		{},
		{Published: day(2020, 1, 1)},
		{ValidFrom: day(2021, 1, 1)},
		{ValidUntil: day(2022, 1, 1)},
		{Published: day(2020, 1, 1), ValidFrom: day(2021, 1, 1), ValidUntil: day(2022, 1, 1)},
		{Published: day(2023, 1, 1), ValidFrom: day(2021, 1, 1)},
		{ValidUntil: day(9999, 12, 31)},
		{ValidFrom: day(1600, 1, 1), ValidUntil: day(1650, 1, 1)},
	} {
		doc := ref("a", fmt.Sprint("d", i))
		r := rec(doc, 0, fmt.Sprint("geldig ", i), float32(i), 1, 0)
		r.Info = info
		f.replace(doc, r)
	}
	for _, asOf := range []time.Time{
		{}, day(2019, 12, 31), day(2020, 1, 1), day(2020, 1, 1).Add(time.Nanosecond), day(2021, 1, 1),
		day(2021, 1, 1).Add(-time.Second), day(2022, 1, 1), day(2022, 1, 1).Add(time.Second), day(2024, 1, 1),
		day(2020, 1, 1).In(time.FixedZone("CEST", 7200)),
	} {
		sel := in("a")
		sel.AsOf = asOf
		f.checkNearest(embed.Vector{0, 1, 0}, sel)
		f.checkMatch("geldig 3 5", sel)
	}
}

func testAsOfBeforeLimit(t *testing.T, f *fixture) {
	for i := range 30 {
		doc := ref("a", fmt.Sprintf("d%02d", i))
		r := rec(doc, 0, "regel", 1, float32(i), 0)
		if i < 25 {
			r.Published = day(2030, 1, 1) // nearer to the question, and not yet there
		}
		f.replace(doc, r)
	}
	sel := in("a")
	sel.Limit, sel.AsOf = 5, day(2025, 1, 1)
	f.checkNearest(embed.Vector{1, 0, 0}, sel)
	f.checkMatch("regel", sel)
}

func testPassagesInOrder(t *testing.T, f *fixture) {
	doc := ref("a", "een")
	var recs []retrieve.Record
	for _, o := range []int{11, 3, 0, 7, 10, 2, 100} {
		recs = append(recs, rec(doc, o, "stuk", 1, 0, 0))
	}
	f.replace(doc, recs...)
	f.checkPassages()
	f.checkAll("a")
}

func testAll(t *testing.T, f *fixture) {
	small(f)
	f.checkAll("a")
	f.checkAll("b")
	f.checkAll("a", "b", "onbekend")
	n := 0
	for range f.store.All(f.ctx, retrieve.NewScope("a", "b")) {
		if n++; n == 2 {
			break // leaving early leaves nothing locked
		}
	}
	doc := ref("a", "drie")
	f.replace(doc, rec(doc, 0, "daarna", 1, 0, 0))
	f.checkAll("a", "b")
}

func testReweigh(t *testing.T, f *fixture) {
	small(f)
	f.checkMatch("paspoort", in("a", "b"))
	for range 2 {
		err := f.store.Reweigh(f.ctx, func(p *retrieve.Passage) retrieve.Terms {
			if p.Doc == ref("a", "twee") && p.Ordinal == 1 {
				return nil
			}
			return retrieve.Terms{{Token: p.Title, Weight: 2}, {Token: "lengte", Weight: float32(len(p.Text))}}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for doc, recs := range f.docs {
		recs = slices.Clone(recs)
		for i := range recs {
			recs[i].Terms = retrieve.Terms{{Token: recs[i].Title, Weight: 2}, {Token: "lengte", Weight: float32(len(recs[i].Text))}}
			if doc == ref("a", "twee") && recs[i].Ordinal == 1 {
				recs[i].Terms = nil
			}
		}
		f.docs[doc] = recs
	}
	check := func() {
		t.Helper()
		f.checkMatch("paspoort afval", in("a", "b"))
		f.checkMatch("lengte", in("a"))
		for _, q := range []retrieve.Terms{{{Token: "Titel van een", Weight: 1}, {Token: "lengte", Weight: 0.5}}} {
			got, err := f.store.Match(f.ctx, q, in("a", "b"))
			if err != nil {
				t.Fatal(err)
			}
			f.compareHits("Match", got, f.wantMatch(q, in("a", "b")), all)
		}
		f.checkNearest(embed.Vector{1, 0, 0}, in("a", "b"))
		f.checkPassages()
	}
	check()
	f.reopen()
	check()
	// Terms old and new can be written beside each other afterwards.
	doc := ref("a", "drie")
	f.replace(doc, rec(doc, 0, "lengte paspoort", 1, 1, 1))
	check()
}

func testReweighFails(t *testing.T, f *fixture) {
	small(f)
	n := 0
	err := f.store.Reweigh(f.ctx, func(p *retrieve.Passage) retrieve.Terms {
		if n++; n == 3 {
			return retrieve.Terms{{Token: "b"}, {Token: "a"}}
		}
		return retrieve.Terms{{Token: "nieuw", Weight: 1}}
	})
	if err == nil {
		t.Error("Reweigh with unsorted terms: no error")
	}
	f.checkMatch("nieuw paspoort afval", in("a", "b"))
}

func testStats(t *testing.T, f *fixture) {
	small(f)
	f.checkStats("a")
	f.checkStats("b")
	f.checkStats("a", "b", "c")
	f.delete(ref("a", "twee"))
	f.checkStats("a", "b")
}

func testReopen(t *testing.T, f *fixture) {
	small(f)
	two := ref("a", "twee")
	f.replace(two, rec(two, 0, "afval nieuw", 0, 1, 0))
	f.delete(ref("b", "een"))
	for range 2 {
		f.reopen()
		f.checkStats("a", "b")
		f.checkPassages()
		f.checkAll("a", "b")
		f.checkNearest(embed.Vector{0.6, 0.8, 0}, in("a", "b"))
		f.checkMatch("afval paspoort nieuw maandag", in("a", "b"))
	}
	f.replace(two, rec(two, 0, "afval weer anders", 0, 1, 0))
	f.checkMatch("afval weer", in("a"))
}

// testSecondHandle writes through one handle and reads through another, as
// ingest and serve do.
func testSecondHandle(t *testing.T, f *fixture) {
	writer, _ := f.open(t)
	defer writer.Close()
	write := func(doc string, texts ...string) {
		t.Helper()
		d := ref("a", doc)
		var recs []retrieve.Record
		for i, text := range texts {
			recs = append(recs, rec(d, i, text, float32(len(text)), float32(i), 1))
		}
		if err := writer.Replace(f.ctx, d, recs); err != nil {
			t.Fatal(err)
		}
		f.docs[d] = recs
	}
	check := func() {
		t.Helper()
		f.checkNearest(embed.Vector{0.6, 0.8, 0}, in("a"))
		f.checkMatch("woord een twee drie", in("a"))
		f.checkStats("a")
	}
	check()
	for i := range 30 {
		write(fmt.Sprint("d", i%11), "woord een", fmt.Sprint("woord twee ", i))
		if i%3 == 0 {
			check()
		}
		if i%7 == 0 {
			d := ref("a", fmt.Sprint("d", (i+4)%11))
			if err := writer.Delete(f.ctx, d); err != nil {
				t.Fatal(err)
			}
			delete(f.docs, d)
			check()
		}
	}
	if err := writer.Reweigh(f.ctx, func(*retrieve.Passage) retrieve.Terms { return words("drie") }); err != nil {
		t.Fatal(err)
	}
	for d, recs := range f.docs {
		for i := range recs {
			f.docs[d][i].Terms = words("drie")
		}
	}
	check()
	write("na", "woord drie vier")
	check()
}

func testCancelled(t *testing.T, f *fixture) {
	small(f)
	ctx, cancel := context.WithCancel(f.ctx)
	cancel()
	doc := ref("a", "een")
	// Whether a cancelled write was carried out is open, but it is never half.
	before := f.docs[doc]
	after := []retrieve.Record{rec(doc, 0, "geannuleerd", 1, 0, 0)}
	if err := f.store.Replace(ctx, doc, after); err == nil {
		before = after
	}
	f.docs[doc] = before
	f.checkPassages()
	f.checkMatch("geannuleerd paspoort", in("a"))
	f.checkNearest(embed.Vector{1, 0, 0}, in("a"))
}
