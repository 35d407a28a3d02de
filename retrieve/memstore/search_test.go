package memstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// plain is an analysis by words alone.
type plain struct{}

func (plain) Signature() string { return "plain" }
func (plain) Passage(p *retrieve.Passage) retrieve.Terms {
	return plain{}.Query(p.Searchable())
}
func (plain) Query(text string) retrieve.Terms {
	seen := map[string]bool{}
	var out retrieve.Terms
	for _, w := range strings.Fields(strings.ToLower(text)) {
		if w = strings.Trim(w, ".,?"); w != "" && !seen[w] {
			seen[w] = true
			out = append(out, retrieve.Term{Token: w, Weight: 1})
		}
	}
	slices.SortFunc(out, func(a, b retrieve.Term) int { return strings.Compare(a.Token, b.Token) })
	return out
}
func (plain) Repair(s string) string { return s }
func (plain) Rarity(string) float64  { return 1 }

// searcher fills a store with documents: title, properties and passages.
func searcher(t *testing.T, docs []retrieve.Info, texts map[int][]chunk.Chunk) *retrieve.Searcher {
	t.Helper()
	s, e := New(), embedtest.New(128)
	for i, info := range docs {
		ref := ingest.Ref{Collection: "c", ID: fmt.Sprint("d", i)}
		var recs []retrieve.Record
		for n, c := range texts[i] {
			c.Doc, c.Ordinal, c.ID = ref, n, fmt.Sprintf("d%d-%d", i, n)
			c.Start, c.End = 1000*n, 1000*n+len(c.Text)
			p := retrieve.Passage{Chunk: c, Info: info}
			v, err := e.Embed(t.Context(), embed.Passage, []string{p.Searchable()})
			if err != nil {
				t.Fatal(err)
			}
			recs = append(recs, retrieve.Record{Passage: p, Vector: v[0], Terms: plain{}.Passage(&p)})
		}
		if err := s.Replace(t.Context(), ref, recs); err != nil {
			t.Fatal(err)
		}
	}
	return &retrieve.Searcher{Store: s, Embedder: e, Fusion: retrieve.DefaultFusion(),
		Analyzer: func(context.Context) (retrieve.Analyzer, error) { return plain{}, nil }}
}

// A document that the question names comes first, however near others are; one
// that the index does not have is not made up.
func TestNamedDocumentsComeFirst(t *testing.T) {
	docs := []retrieve.Info{
		{Title: "Brief over bomen", Meta: map[string]string{"identifier": "kst-99999-4", "dossier": "99999"}},
		{Title: "Motie over bomen in dossier 99999 nr. 4", Meta: map[string]string{"identifier": "kst-99998-1", "dossier": "99998"}},
		{Title: "Wet open overheid", Meta: map[string]string{"identifier": "BWBR0000001"}},
		{Title: "Wet op de orgaandonatie", Meta: map[string]string{"identifier": "BWBR0000002"}},
	}
	article := func(nr, text string) chunk.Chunk {
		return chunk.Chunk{Heading: []string{"Hoofdstuk 5", nr}, Text: text}
	}
	s := searcher(t, docs, map[int][]chunk.Chunk{
		0: {{Text: "De bomen blijven staan."}, {Text: "De vijver wordt uitgebaggerd."}},
		1: {{Text: "kamerstuk 99999 nr. 4 gaat over bomen, zegt deze motie, en artikel 5.1 woo ook."}},
		2: {article("Artikel 5.1 Uitzonderingen", "Het openbaar maken blijft achterwege."), article("Artikel 5.10 Slot", "Niets hiervan."), article("Artikel 5.1a Meer", "Ook niet.")},
		3: {article("Artikel 5.1 Donor", "Een orgaan kan worden gedoneerd.")},
	})
	for _, tt := range []struct{ question, first string }{
		{"Wat staat er in Kamerstuk 99999 nr. 4 over de vijver?", "d0-1"},
		{"Wat staat er in kst-99998-1?", "d1-0"},
		{"99999", "d0-1 d0-0"},
		{"Wat zegt artikel 5.1 Woo?", "d2-0"},
		{"Wat zegt artikel 5.1 van de Wet op de orgaandonatie?", "d3-0"},
		{"Wat zegt artikel 5.10 van de Wet open overheid?", "d2-1"},
		{"Wat zegt artikel 7.7 van de Wet open overheid?", ""},
		{"Wat staat er in kst-99999-5?", ""},
		{"Wat zegt artikel 5.1 Wmo?", ""},
	} {
		r, err := s.Search(t.Context(), tt.question, retrieve.Hybrid, retrieve.Selection{Scope: retrieve.NewScope("c"), Limit: 20})
		if err != nil {
			t.Fatal(err)
		}
		var named []string
		for i, c := range r.Candidates {
			if c.Named {
				named = append(named, c.ID)
				if i != len(named)-1 {
					t.Errorf("%s: %s is named, and not first", tt.question, c.ID)
				}
			}
		}
		want := strings.Fields(tt.first)
		if len(want) > len(named) || strings.Join(named[:len(want)], " ") != tt.first || tt.first == "" && len(named) > 0 {
			t.Errorf("%s: named %v, want %q first", tt.question, named, tt.first)
		}
		if r.Retrieve <= 0 {
			t.Error("the time of the search is missing")
		}
	}
	// Somebody who may not read a document does not find it by its name either.
	r, err := s.Search(t.Context(), "kst-99998-1", retrieve.Hybrid, retrieve.Selection{Scope: retrieve.NewScope("ander"), Limit: 20})
	if err != nil || len(r.Candidates) > 0 {
		t.Errorf("%v %v", r.Candidates, err)
	}
}

// One notice on 400 pages does not hide the others, and all its places are known.
func TestCopiesDoNotCrowdOut(t *testing.T) {
	const notice = "De balie is gesloten op vrijdag. Voor dringende zaken belt u 14 0123 of komt u op maandag langs bij de balie in het gemeentehuis."
	docs, texts := []retrieve.Info{}, map[int][]chunk.Chunk{}
	for i := range 400 {
		docs = append(docs, retrieve.Info{Title: "Balie", URL: fmt.Sprint("https://waterrijk.example/", i)})
		texts[i] = []chunk.Chunk{{Text: notice}}
	}
	for i := 400; i < 430; i++ {
		docs = append(docs, retrieve.Info{Title: "Iets anders", URL: fmt.Sprint("https://waterrijk.example/", i)})
		texts[i] = []chunk.Chunk{{Text: fmt.Sprintf("De balie van wijk %d is open op dinsdag.", i)}}
	}
	s := searcher(t, docs, texts)
	r, err := s.Search(t.Context(), "Is de balie gesloten op vrijdag?", retrieve.Hybrid, retrieve.Selection{Scope: retrieve.NewScope("c"), Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Candidates) != 20 || r.Candidates[0].Text != notice || len(r.Candidates[0].Also) != 399 {
		t.Errorf("%d candidates, the first stands in %d other places", len(r.Candidates), len(r.Candidates[0].Also))
	}
}
