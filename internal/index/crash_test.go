package index

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

// dying is a storage whose process dies at its n-th write: just before it, or
// just after. From then on nothing is written any more.
type dying struct {
	storage
	writes, at int
	after      bool
	log        []string
}

var errDead = errors.New("the process is dead")

func (d *dying) write(what string, do func() error) error {
	d.writes++
	d.log = append(d.log, what)
	switch {
	case d.at == 0 || d.writes < d.at:
		return do()
	case d.writes == d.at && d.after:
		if err := do(); err != nil {
			return err
		}
	}
	return errDead
}

func (d *dying) Replace(ctx context.Context, doc ingest.Ref, recs []retrieve.Record) error {
	return d.write("Replace "+doc.ID, func() error { return d.storage.Replace(ctx, doc, recs) })
}

func (d *dying) Delete(ctx context.Context, docs ...ingest.Ref) error {
	return d.write("Delete "+docs[0].ID, func() error { return d.storage.Delete(ctx, docs...) })
}

func (d *dying) Reweigh(ctx context.Context, terms func(*retrieve.Passage) retrieve.Terms) error {
	return d.write("Reweigh", func() error { return d.storage.Reweigh(ctx, terms) })
}

func (d *dying) SetCursor(ctx context.Context, source string, c ingest.Cursor) error {
	return d.write("SetCursor "+string(c), func() error { return d.storage.SetCursor(ctx, source, c) })
}

func (d *dying) PutEntry(ctx context.Context, source string, e ingest.Entry) error {
	what := "PutEntry " + e.Ref.ID
	if e.Failure == cutShort {
		what = "intent " + e.Ref.ID
	}
	return d.write(what, func() error { return d.storage.PutEntry(ctx, source, e) })
}

func (d *dying) DropEntry(ctx context.Context, source, id string) error {
	return d.write("DropEntry "+id, func() error { return d.storage.DropEntry(ctx, source, id) })
}

func (d *dying) SetFact(ctx context.Context, key, value string) error {
	return d.write("SetFact "+key, func() error { return d.storage.SetFact(ctx, key, value) })
}

// Release is what a process that was killed never comes to.
func (d *dying) Release(ctx context.Context, name, owner string) error {
	return d.write("Release", func() error { return d.storage.Release(ctx, name, owner) })
}

// ingestAll is what a process does: one source, then the lexicon.
func ingestAll(ctx context.Context, s storage, src ingest.Source, owner string) (Report, error) {
	b := benchOn(s)
	b.Owner = owner
	a, err := Analyzer(ctx, s)
	if err != nil {
		return Report{}, err
	}
	b.Analyzer = a
	r := Report{}
	if err := b.Run(ctx, src, &r); err != nil {
		return r, err
	}
	_, err = Freeze(ctx, s, s, retrieve.NewScope(src.Collection()))
	return r, err
}

// The order that the promise to lose nothing rests on.
func TestOrderOfWrites(t *testing.T) {
	d := &dying{storage: memstore.New()}
	b := benchOn(d)
	b.run(t, folder{collection, map[string]string{"a": "Eerste."}})
	b.run(t, folder{collection, nil})
	want := []string{"intent a", "SetFact revision", "Replace a", "SetFact revision", "PutEntry a", "SetCursor 1", "SetFact runs/stukken", "Release",
		"intent a", "SetFact revision", "Delete a", "SetFact revision", "DropEntry a", "SetCursor 1", "SetFact runs/stukken", "Release"}
	if !slices.Equal(d.log, want) {
		t.Errorf("got  %q\nwant %q", d.log, want)
	}
}

// kept is what sources and crashes decide: the passages, and the entries
// without the moments in them.
func kept(t *testing.T, s storage) string {
	t.Helper()
	out := strings.Join(everything(t, s, collection), "\n")
	for e, err := range s.Entries(t.Context(), sourceName) {
		if err != nil {
			t.Fatal(err)
		}
		out += fmt.Sprintf("\n%s digest %.8s state %q failure %q passages %d", e.Ref, e.Digest, e.State, e.Failure, e.Passages)
	}
	return out
}

// weighed is the lexicon with the scores of a question, which show with what
// lexicon the passages were weighed.
func weighed(t *testing.T, s storage) string {
	t.Helper()
	version, err := LexiconVersion(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Analyzer(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	if a.Signature() != version {
		t.Errorf("the lexicon is %s, its version says %s", a.Signature(), version)
	}
	hits, err := s.Match(t.Context(), a.Query("afval tekst"), retrieve.Selection{Scope: retrieve.NewScope(collection), Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) == 0 {
		t.Error("nothing was found")
	}
	out := version
	for _, h := range hits {
		out += fmt.Sprintf("\n%s %v", h.ID, h.Score)
	}
	return out
}

// A process may be killed at any moment. The next run, whatever happened at the
// source in the meantime, gives the index that an undisturbed run would have.
func TestKilledAtEveryWrite(t *testing.T) {
	first := map[string]string{
		"a": "Het afval wordt op maandag opgehaald.\nGrof afval op afspraak.", "b": "De tekst over paspoorten.",
		"c": "Nog een tekst over afval.", "d": "!stuk", "e": "De laatste tekst.",
	}
	second := map[string]string{
		"a": "Het afval wordt op dinsdag opgehaald.", "b": "De tekst over paspoorten.", "d": "Nu te lezen tekst.", "e": "!stuk", "f": "Nieuw afval.",
	}
	reverted := maps.Clone(first)
	reverted["d"] = second["d"] // had it become unreadable again, what the index has would stay
	without := maps.Clone(second)
	delete(without, "a")
	delete(without, "f")
	for name, tt := range map[string]struct{ before, during, after map[string]string }{
		"first run":                   {nil, first, first},
		"second run":                  {first, second, second},
		"gone before the next run":    {first, second, without},
		"first run, all gone by then": {nil, first, nil},
		"reverted by the next run":    {first, second, reverted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { killEverywhere(t, tt.before, tt.during, tt.after) })
		})
	}
}

func killEverywhere(t *testing.T, before, during, after map[string]string) {
	ctx := t.Context()
	start := func() storage {
		s := memstore.New()
		if before != nil {
			if _, err := ingestAll(ctx, s, folder{collection, before}, "earlier"); err != nil {
				t.Fatal(err)
			}
		}
		return s
	}
	undisturbed := start()
	if _, err := ingestAll(ctx, undisturbed, folder{collection, after}, "first"); err != nil {
		t.Fatal(err)
	}
	all := &dying{storage: start()}
	if _, err := ingestAll(ctx, all, folder{collection, during}, "first"); err != nil {
		t.Fatal(err)
	}
	if all.writes < 10 {
		t.Fatalf("only %d writes", all.writes)
	}
	for k := 1; k <= all.writes; k++ {
		for _, late := range []bool{false, true} {
			d := &dying{storage: start(), at: k, after: late}
			if _, err := ingestAll(ctx, d, folder{collection, during}, "first"); !errors.Is(err, errDead) && d.log[k-1] != "Release" {
				t.Fatalf("killed at write %d (%s): error %v", k, d.log[k-1], err)
			}
			time.Sleep(leaseTime + time.Second) // the lease of the dead process runs out
			r, err := ingestAll(ctx, d.storage, folder{collection, after}, "second")
			if err != nil {
				t.Fatal(err)
			}
			if got, want := kept(t, d.storage), kept(t, undisturbed); got != want {
				t.Fatalf("killed at write %d (%s), after it: %v; the rerun (%s) leaves\n%s\nwant\n%s", k, d.log[k-1], late, counts(r), got, want)
			}
		}
	}
}

// A revision never stands for two contents: at any moment of a run that dies,
// what was said under a revision is not what the index says under it later.
func TestRevisionAfterKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		before := folder{collection, map[string]string{"a": "Eerste.", "b": "Tweede."}}
		after := folder{collection, map[string]string{"a": "Eerste, gewijzigd.", "c": "Derde."}}
		for k := 1; ; k++ {
			d := &dying{storage: memstore.New()}
			b := benchOn(d)
			b.run(t, before)
			d.writes, d.at, d.after = 0, k, true
			said := map[string]string{} // content by revision, seen between documents
			see := func() {
				rev, err := Revision(ctx, d)
				if err != nil {
					t.Fatal(err)
				}
				now := fmt.Sprint(everything(t, d, collection))
				if was, ok := said[rev]; ok && was != now {
					t.Errorf("killed at write %d: revision %s stands for %s and for %s", k, rev, was, now)
				}
				said[rev] = now
			}
			see()
			b.Progress = func(Report) { see() }
			err := b.Run(ctx, after, &Report{})
			time.Sleep(leaseTime + time.Second)
			d.at = 0
			b.run(t, after)
			see()
			if err == nil {
				return
			}
		}
	})
}

func TestFreeze(t *testing.T) {
	ctx := t.Context()
	scope := retrieve.NewScope(collection)
	b := newBench(t)
	freeze := func() bool {
		t.Helper()
		did, err := Freeze(ctx, b.store, b.store, scope)
		if err != nil {
			t.Fatal(err)
		}
		return did
	}
	if freeze() {
		t.Error("an empty index learned a lexicon")
	}
	files := map[string]string{}
	add := func(n int) {
		for range n {
			files[fmt.Sprintf("f%03d", len(files))] = fmt.Sprintf("Document %d over afval en riolering in de gemeente.", len(files))
		}
		b.run(t, folder{collection, files})
	}
	add(4)
	if !freeze() || freeze() {
		t.Error("a lexicon is learned once")
	}
	version, _ := LexiconVersion(ctx, b.store)
	if version == "" {
		t.Error("the lexicon has no version")
	}
	add(3)
	if freeze() {
		t.Error("7 passages are not twice 4")
	}
	add(1)
	if !freeze() {
		t.Error("8 passages are twice 4")
	}
	if now, _ := LexiconVersion(ctx, b.store); now == version {
		t.Error("the new lexicon has the version of the old one")
	}
}

// Every passage is weighed with the lexicon of the index, even when the
// weighing was killed.
func TestFreezeKilled(t *testing.T) {
	ctx := t.Context()
	scope := retrieve.NewScope(collection)
	start := func(t *testing.T) storage {
		s := memstore.New()
		files := map[string]string{"a": "Het afval.", "b": "Afval en tekst."}
		if _, err := ingestAll(ctx, s, folder{collection, files}, "x"); err != nil {
			t.Fatal(err)
		}
		for i := range 6 {
			files[fmt.Sprintf("n%d", i)] = fmt.Sprintf("Tekst %d over afval en nog veel meer dan dat.", i)
		}
		benchOn(s).run(t, folder{collection, files})
		return s
	}
	whole := start(t)
	if _, err := Freeze(ctx, whole, whole, scope); err != nil {
		t.Fatal(err)
	}
	for k := 1; ; k++ {
		for _, late := range []bool{false, true} {
			d := &dying{storage: start(t), at: k, after: late}
			_, err := Freeze(ctx, d, d, scope)
			if d.writes < k {
				if k < 4 {
					t.Fatalf("only %d writes", k)
				}
				return
			}
			if !errors.Is(err, errDead) {
				t.Fatalf("killed at write %d: %v", k, err)
			}
			if _, err := Freeze(ctx, d.storage, d.storage, scope); err != nil {
				t.Fatal(err)
			}
			if got, want := weighed(t, d.storage), weighed(t, whole); got != want {
				t.Errorf("killed at write %d (%s), after it %v:\n%s\nwant\n%s", k, d.log[k-1], late, got, want)
			}
			if again, err := Freeze(ctx, d.storage, d.storage, scope); err != nil || again {
				t.Errorf("killed at write %d: a third Freeze did something: %v, %v", k, again, err)
			}
		}
	}
}

func TestDamagedLexicon(t *testing.T) {
	b := newBench(t)
	b.run(t, folder{collection, map[string]string{"a": "Tekst."}})
	if err := b.store.SetFact(t.Context(), lexiconFact, "{"); err != nil {
		t.Fatal(err)
	}
	if _, err := Analyzer(t.Context(), b.store); err == nil {
		t.Error("a damaged lexicon was read")
	}
	if _, err := Freeze(t.Context(), b.store, b.store, retrieve.NewScope(collection)); err == nil {
		t.Error("a damaged lexicon was frozen")
	}
}
