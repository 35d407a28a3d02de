package app

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

func TestAgainIsTheQuestionAsItWas(t *testing.T) {
	given := time.Date(2026, 5, 3, 14, 5, 6, 0, time.UTC)
	moment, asOf := given.Add(-time.Second), given.AddDate(-1, 0, 0)
	scope := retrieve.NewScope("archief", "site")
	rec := func(b *answer.Basis) answer.Record {
		return answer.Record{Given: given, Answer: &answer.Answer{Question: "Wat?"}, Basis: b}
	}
	for name, c := range map[string]struct {
		basis       *answer.Basis
		today       bool
		collections []string
		asOf        time.Time
	}{
		"then":                      {&answer.Basis{Collections: []string{"site"}, Moment: moment}, false, []string{"site"}, moment},
		"today":                     {&answer.Basis{Collections: []string{"site"}, Moment: moment}, true, []string{"site"}, time.Time{}},
		"today, for another day":    {&answer.Basis{Collections: []string{"site"}, Moment: asOf, AsOf: asOf}, true, []string{"site"}, asOf},
		"a collection that is gone": {&answer.Basis{Collections: []string{"site", "weg"}, Moment: moment}, false, []string{"site"}, moment},
		"no collection":             {&answer.Basis{Moment: moment}, false, nil, moment},
		"only one that is gone":     {&answer.Basis{Collections: []string{"weg"}, Moment: moment}, false, nil, moment},
		"an earlier version":        {nil, false, []string{"archief", "site"}, given},
		"an earlier version, today": {nil, true, []string{"archief", "site"}, time.Time{}},
	} {
		q := again(rec(c.basis), scope, c.today)
		if q.Text != "Wat?" || !slices.Equal(q.Scope.Collections(), c.collections) || !q.AsOf.Equal(c.asOf) {
			t.Errorf("%s: %+v", name, q)
		}
	}
	b := &answer.Basis{History: []answer.Turn{{Question: "a", Answer: "b"}}, Filter: retrieve.Filter{Kinds: []string{"Motie"}}}
	if q := again(rec(b), scope, false); len(q.History) != 1 || len(q.Filter.Kinds) != 1 {
		t.Errorf("history and filter: %+v", q)
	}
}

func TestDigest(t *testing.T) {
	ctx, s := t.Context(), memstore.New()
	ref := ingest.Ref{Collection: "site", ID: "p.html"}
	cfg := &config.Config{Sources: []config.Source{{Name: "a", Collection: "site"}, {Name: "b", Collection: "site"}, {Name: "c", Collection: "elders"}}}
	for source, e := range map[string]ingest.Entry{
		"a": {Ref: ref, Digest: "failed", Passages: 0}, // the other source has it
		"b": {Ref: ref, Digest: "d1", Passages: 2},
		"c": {Ref: ingest.Ref{Collection: "elders", ID: "p.html"}, Digest: "d2", Passages: 2},
	} {
		if err := s.PutEntry(ctx, source, e); err != nil {
			t.Fatal(err)
		}
	}
	for want, r := range map[string]ingest.Ref{"d1": ref, "d2": {Collection: "elders", ID: "p.html"}, "": {Collection: "site", ID: "q.html"}} {
		if got, err := digest(ctx, cfg, s, r); got != want || err != nil {
			t.Errorf("%s: %q, %v", r, got, err)
		}
	}
}

func TestNoRecord(t *testing.T) {
	cfg := &config.Config{DataDir: filepath.Join(t.TempDir(), "none")}
	if _, err := Recorded(context.Background(), cfg, "x"); !errors.Is(err, ErrNoRecord) {
		t.Errorf("without a file: %v", err)
	}
}
