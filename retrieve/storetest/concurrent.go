package storetest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// testReadersSeeNoMixture replaces one document by turns with three passages
// and with five, while readers count what they see.
func testReadersSeeNoMixture(t *testing.T, f *fixture) {
	doc := ref("a", "wisselt")
	version := func(n int, word string) (recs []retrieve.Record) {
		for i := range n {
			recs = append(recs, rec(doc, i, fmt.Sprint(word, " ", i), 1, float32(i), 0))
		}
		return recs
	}
	versions := [][]retrieve.Record{version(3, "oud"), version(5, "nieuw")}
	still := ref("a", "blijft")
	f.replace(still, rec(still, 0, "rust", 0, 0, 1))
	f.replace(doc, versions[0]...)

	var done atomic.Bool
	var readers sync.WaitGroup
	read := func(what string, texts func() ([]string, error)) {
		readers.Go(func() {
			for !done.Load() {
				got, err := texts()
				if err != nil {
					t.Errorf("%s: %v", what, err)
					return
				}
				if s := strings.Join(got, ","); !whole(got) {
					t.Errorf("%s sees a mixture: %s", what, s)
					return
				}
			}
		})
	}
	hits := func(hits []retrieve.Hit, err error) (texts []string, _ error) {
		for _, h := range hits {
			if h.Doc == doc {
				texts = append(texts, h.Text)
			}
		}
		return texts, err
	}
	read("Nearest", func() ([]string, error) {
		return hits(f.store.Nearest(f.ctx, embed.Vector{1, 0, 0}, in("a")))
	})
	read("Match", func() ([]string, error) {
		return hits(f.store.Match(f.ctx, words("oud nieuw"), in("a")))
	})
	read("Passages", func() (texts []string, _ error) {
		ps, err := f.store.Passages(f.ctx, retrieve.NewScope("a"), doc)
		for _, p := range ps {
			texts = append(texts, p.Text)
		}
		return texts, err
	})
	read("All", func() (texts []string, _ error) {
		for p, err := range f.store.All(f.ctx, retrieve.NewScope("a")) {
			if err != nil {
				return nil, err
			}
			if p.Doc == doc {
				texts = append(texts, p.Text)
			}
		}
		return texts, nil
	})
	for i := range 60 {
		f.replace(doc, versions[(i+1)%2]...)
		other := ref("a", fmt.Sprint("ander", i%5))
		f.replace(other, rec(other, 0, "ander", 0, 1, 0))
	}
	done.Store(true)
	readers.Wait()
	f.checkPassages()
	f.checkNearest(embed.Vector{1, 0, 0}, in("a"))
}

// whole reports whether texts are all of one version of testReadersSeeNoMixture.
func whole(texts []string) bool {
	old, young := 0, 0
	for _, s := range texts {
		if strings.HasPrefix(s, "oud ") {
			old++
		} else {
			young++
		}
	}
	return old == 3 && young == 0 || old == 0 && young == 5
}

// testReweighIsSeenWhole searches for an old and a new term while every passage
// goes from the one to the other: at any moment all passages hold exactly one
// of them, so all have the score of a term that every passage holds.
func testReweighIsSeenWhole(t *testing.T, f *fixture) {
	const docs, each = 40, 3
	for i := range docs {
		d := ref("a", fmt.Sprint("d", i))
		var recs []retrieve.Record
		for o := range each {
			recs = append(recs, rec(d, o, "oud", 1, float32(i), float32(o)))
		}
		f.replace(d, recs...)
	}
	want := math.Log(1 + 0.5/(docs*each+0.5))
	var done atomic.Bool
	var reader sync.WaitGroup
	reader.Go(func() {
		for !done.Load() {
			hits, err := f.store.Match(f.ctx, words("oud nieuw"), in("a"))
			if err != nil {
				t.Errorf("Match: %v", err)
				return
			}
			if len(hits) != docs*each {
				t.Errorf("Match during Reweigh: %d hits, want %d", len(hits), docs*each)
				return
			}
			for _, h := range hits {
				if math.Abs(h.Score-want) > tolerance {
					t.Errorf("Match during Reweigh: score %v, want %v", h.Score, want)
					return
				}
			}
		}
	})
	for i := range 6 {
		word := []string{"nieuw", "oud"}[i%2]
		if err := f.store.Reweigh(f.ctx, func(*retrieve.Passage) retrieve.Terms { return words(word) }); err != nil {
			t.Fatal(err)
		}
	}
	done.Store(true)
	reader.Wait()
}

// testRandom does many things in a seeded random order and compares with the
// suite's own idea after each few.
func testRandom(t *testing.T, f *fixture) {
	f.roundedTies = true // terms with the same idf make sums that differ in the last bit
	const dims = 13      // odd, so that unrolled loops have a rest
	rng := rand.New(rand.NewPCG(3, 1))
	vocabulary := strings.Fields("de het een water gemeente paspoort afval raad besluit vergunning bijstand kermis brug sluis dijk weg fiets")
	collections := []string{"a", "b", "c"}
	vector := func() embed.Vector {
		v := make(embed.Vector, dims)
		for i := range v {
			v[i] = float32(rng.NormFloat64())
		}
		return v.Unit()
	}
	text := func(n int) string {
		var ws []string
		for range n {
			// Squared, so that the first words are frequent.
			x := rng.Float64()
			ws = append(ws, vocabulary[int(x*x*float64(len(vocabulary)))])
		}
		return strings.Join(ws, " ")
	}
	some := func() []string { return collections[:1+rng.IntN(len(collections))] }
	for step := range 250 {
		doc := ref(collections[rng.IntN(3)], fmt.Sprint("doc", rng.IntN(25)))
		switch rng.IntN(5) {
		case 0:
			f.delete(doc, ingest.Ref{Collection: "a", ID: fmt.Sprint("doc", rng.IntN(25))})
		default:
			var recs []retrieve.Record
			for o := range 1 + rng.IntN(6) {
				r := rec(doc, o, text(1+rng.IntN(30)))
				r.ID = fmt.Sprintf("%08x-%s-%d-%d", rng.Uint32(), doc, o, step)
				r.Vector = vector()
				if rng.IntN(3) == 0 {
					r.Published = day(2000+rng.IntN(30), 1, 1)
				}
				if rng.IntN(3) == 0 {
					r.ValidUntil = day(2000+rng.IntN(30), 1, 1)
				}
				recs = append(recs, r)
			}
			f.replace(doc, recs...)
		}
		if step%5 != 0 {
			continue
		}
		if step%50 == 0 {
			f.reopen()
		}
		sel := in(some()...)
		sel.Limit = rng.IntN(40)
		if rng.IntN(2) == 0 {
			sel.AsOf = day(2000+rng.IntN(30), 1, 1)
		}
		f.checkNearest(vector(), sel)
		f.checkMatch(text(1+rng.IntN(8)), sel)
		f.checkStats(some()...)
	}
	f.checkPassages()
	f.checkAll(collections...)
}
