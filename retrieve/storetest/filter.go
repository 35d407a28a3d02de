package storetest

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// papers are documents with properties that differ in one thing each.
var papers = []retrieve.Info{
	{},
	{Published: day(2024, 3, 1), Meta: map[string]string{"dossier": "36600-VII", "ondernummer": "12", "vergaderjaar": "2023-2024", "soort": "Kamerstuk; Motie", "indiener": "Inge van Dijk; Grinwis", "identifier": "kst-36600-VII-12"}},
	{Published: day(2024, 3, 2), Meta: map[string]string{"dossier": "36600-VII; 35842", "vergaderjaar": "2023-2024", "soort": "Kamerstuk; Brief", "indiener": "de minister van BZK", "identifier": "kst-36600-VII-13"}},
	{Published: day(2025, 1, 1), Meta: map[string]string{"dossier": "35842", "vergaderjaar": "2024-2025", "soort": "Handelingen", "indiener": "Van Grinwis; De Dijk", "nummer": "2025D00012"}},
	{Meta: map[string]string{"dossier": "36600", "soort": "Kamerstuk"}},
	{Title: "Wet bomen en plassen 2015", Published: day(2015, 1, 1), Meta: map[string]string{"identifier": "BWBR0099999"}},
}

// filters with the papers that each lets through.
var filters = []struct {
	filter retrieve.Filter
	want   []int
}{
	{retrieve.Filter{}, []int{0, 1, 2, 3, 4, 5}},
	{retrieve.Filter{Dossiers: []string{"36 600 VII"}}, []int{1, 2}},
	{retrieve.Filter{Dossiers: []string{"36600"}}, []int{1, 2, 4}},
	{retrieve.Filter{Dossiers: []string{"35842", "36600-VII"}}, []int{1, 2, 3}},
	{retrieve.Filter{Sessions: []string{"2023/24"}}, []int{1, 2}},
	{retrieve.Filter{Kinds: []string{"motie"}}, []int{1}},
	{retrieve.Filter{Kinds: []string{"Kamerstuk"}, Dossiers: []string{"35842"}}, []int{2}},
	{retrieve.Filter{Authors: []string{"van Dijk"}}, []int{1}},
	{retrieve.Filter{Authors: []string{"GRINWIS"}}, []int{1, 3}},
	{retrieve.Filter{Authors: []string{"Jansen"}}, nil},
	{retrieve.Filter{From: day(2024, 3, 2)}, []int{2, 3}},
	{retrieve.Filter{Until: day(2024, 3, 1)}, []int{1, 5}},
	{retrieve.Filter{From: day(2024, 1, 1), Until: day(2024, 12, 31), Kinds: []string{"Brief"}}, []int{2}},
	{retrieve.Filter{Identifiers: []string{"KST-36600-vii-12"}}, []int{1}},
	{retrieve.Filter{Identifiers: []string{"2025D00012", "kst-1-1"}}, []int{3}},
	{retrieve.Filter{Laws: []string{"wbp"}}, []int{5}},
	{retrieve.Filter{Laws: []string{"WBP 2015"}}, []int{5}},
	{retrieve.Filter{Laws: []string{"Wet bomen en plassen"}}, []int{5}},
	{retrieve.Filter{Laws: []string{"bomen"}}, nil},
}

func testFilter(t *testing.T, f *fixture) {
	for i, info := range papers {
		doc := ref("a", fmt.Sprint("d", i))
		r := rec(doc, 0, fmt.Sprint("stuk ", i), float32(i), 1, 0)
		r.Info = info
		other := rec(doc, 1, fmt.Sprint("stuk vervolg ", i), float32(i), 2, 0)
		other.Info = info
		f.replace(doc, r, other)
	}
	check := func() {
		t.Helper()
		for _, c := range filters {
			sel := in("a")
			sel.Filter = c.filter
			hits, err := f.store.Nearest(f.ctx, embed.Vector{0, 1, 0}, sel)
			if err != nil {
				t.Fatal(err)
			}
			var got []int
			for _, h := range hits {
				got = append(got, int(h.Doc.ID[1]-'0'))
			}
			slices.Sort(got)
			if got = slices.Compact(got); !slices.Equal(got, c.want) {
				t.Errorf("%+v lets %v through, want %v", c.filter, got, c.want)
			}
			f.checkNearest(embed.Vector{0, 1, 0}, sel)
			f.checkMatch("stuk 2 4", sel)
		}
	}
	check()
	f.reopen()
	check()
	// A document gets other properties.
	doc := ref("a", "d1")
	r := rec(doc, 0, "stuk 1", 1, 1, 0)
	r.Info = papers[3]
	f.replace(doc, r)
	sel := in("a")
	sel.Filter = retrieve.Filter{Sessions: []string{"2024-2025"}}
	f.checkNearest(embed.Vector{0, 1, 0}, sel)
	sel.Filter = retrieve.Filter{Kinds: []string{"Motie"}}
	f.checkMatch("stuk", sel)
}

// What a filter lets through is found, however much is nearer.
func testFilterBeforeLimit(t *testing.T, f *fixture) {
	for i := range 300 {
		doc := ref("a", fmt.Sprintf("d%03d", i))
		r := rec(doc, 0, "regel", 1, float32(i), 0)
		r.Meta = map[string]string{"soort": "Brief"}
		if i%100 == 99 {
			r.Meta = map[string]string{"soort": "Motie"}
		}
		f.replace(doc, r)
	}
	sel := in("a")
	sel.Limit, sel.Filter = 3, retrieve.Filter{Kinds: []string{"motie"}}
	f.checkNearest(embed.Vector{1, 0, 0}, sel)
	f.checkMatch("regel", sel)
}
