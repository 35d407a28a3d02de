package index

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func TestCounts(t *testing.T) {
	b := newBench(t)
	f := folder{collection, map[string]string{"a": "Het afval wordt op maandag opgehaald.", "b": "Een paspoort kost geld.", "c": "!niet te lezen"}}
	r := b.wantCounts(t, f, "new 2 changed 0 unchanged 0 deleted 0 failed 1")
	if r.Passages != 2 || r.Embedded != 2 || len(r.Failures) != 1 || r.Failures[0] != (Failure{"c", "niet te lezen"}) || r.Seen != 3 {
		t.Errorf("report %+v", r)
	}
	before := b.embedder.texts.Load()
	if r := b.wantCounts(t, f, "new 0 changed 0 unchanged 2 deleted 0 failed 1"); r.Embedded != 0 || r.Passages != 0 {
		t.Errorf("report %+v", r)
	}
	if n := b.embedder.texts.Load() - before; n != 0 {
		t.Errorf("a second run embedded %d texts", n)
	}
	f.files = map[string]string{"a": "Het afval wordt op dinsdag opgehaald.", "c": "Nu wel te lezen."}
	b.wantCounts(t, f, "new 1 changed 1 unchanged 0 deleted 1 failed 0")
	got := strings.Join(everything(t, b.store, collection), "\n")
	if !strings.Contains(got, "dinsdag") || strings.Contains(got, "maandag") || strings.Contains(got, "paspoort") || !strings.Contains(got, "Nu wel") {
		t.Errorf("the store holds:\n%s", got)
	}
	if e, _ := b.entry(t, "c"); e.Failure != "" || e.Digest == "" || !e.FailedSince.IsZero() {
		t.Errorf("the entry of a document that can be read again: %+v", e)
	}
	if _, ok := b.entry(t, "b"); ok {
		t.Error("a document that is gone still has an entry")
	}
	if c, err := b.store.Cursor(t.Context(), sourceName); err != nil || string(c) != "3" {
		t.Errorf("cursor %q, %v", c, err)
	}
}

// A source that cannot tell whether a document changed offers it again.
func TestSameContentEmbedsNothing(t *testing.T) {
	b := newBench(t)
	b.run(t, script{changes: []ingest.Change{put(collection, "a", "De tekst.")}})
	revision, texts := b.revision(t), b.embedder.texts.Load()
	again := put(collection, "a", "De tekst.")
	again.State, again.Doc.Fetched = "a new validator", time.Now()
	b.wantCounts(t, script{changes: []ingest.Change{again}}, "new 0 changed 0 unchanged 1 deleted 0 failed 0")
	if b.embedder.texts.Load() != texts || b.revision(t) != revision {
		t.Error("the same content was written again")
	}
	if e, _ := b.entry(t, "a"); e.State != "a new validator" {
		t.Errorf("the state of the source is not kept: %+v", e)
	}
	title := put(collection, "a", "De tekst.")
	title.Doc.Title = "Een andere titel"
	b.wantCounts(t, script{changes: []ingest.Change{title}}, "new 0 changed 1 unchanged 0 deleted 0 failed 0")
}

// Whatever keeps a document from being read, what the index has of it stays.
func TestFailureKeepsPassages(t *testing.T) {
	broken := put(collection, "a", "De tekst.")
	broken.Doc.Blocks[0].End = 1000
	empty := put(collection, "a", "")
	blank := put(collection, "a", "   ")
	for name, c := range map[string]ingest.Change{
		"fail":            {Ref: broken.Ref, Op: ingest.Fail, Err: errors.New("de pdf is stuk")},
		"no reason":       {Ref: broken.Ref, Op: ingest.Fail},
		"no text":         empty,
		"blank":           blank,
		"broken document": broken,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.run(t, script{changes: []ingest.Change{put(collection, "a", "De goede tekst.")}})
			want, revision := everything(t, b.store, collection), b.revision(t)
			r := b.wantCounts(t, script{changes: []ingest.Change{c}}, "new 0 changed 0 unchanged 0 deleted 0 failed 1")
			if len(r.Failures) != 1 || r.Failures[0].Ref != "a" || r.Failures[0].Error == "" {
				t.Errorf("failures %+v", r.Failures)
			}
			if got := everything(t, b.store, collection); !slices.Equal(got, want) {
				t.Errorf("the store holds %q, before %q", got, want)
			}
			e, _ := b.entry(t, "a")
			if e.Failure == "" || e.FailedSince.IsZero() || e.Digest == "" || b.revision(t) != revision {
				t.Errorf("entry %+v", e)
			}
			since := e.FailedSince
			b.run(t, script{changes: []ingest.Change{c}})
			if e, _ := b.entry(t, "a"); !e.FailedSince.Equal(since) {
				t.Error("the moment since when it fails moved")
			}
			b.wantCounts(t, script{changes: []ingest.Change{put(collection, "a", "De goede tekst.")}}, "new 0 changed 0 unchanged 1 deleted 0 failed 0")
			if e, _ := b.entry(t, "a"); e.Failure != "" || !e.FailedSince.IsZero() {
				t.Errorf("after it could be read again: %+v", e)
			}
		})
	}
}

func TestNeverIndexed(t *testing.T) {
	b := newBench(t)
	ref := ingest.Ref{Collection: collection, ID: "a"}
	r := Report{}
	if err := b.Run(t.Context(), script{changes: []ingest.Change{{Ref: ref, Op: ingest.Keep}}}, &r); err == nil || !strings.Contains(err.Error(), "never indexed") {
		t.Errorf("a Keep of an unknown document: %v", err)
	}
	if err := b.Run(t.Context(), script{changes: []ingest.Change{{Ref: ref, Op: 99}}}, &r); err == nil || !strings.Contains(err.Error(), "unknown operation") {
		t.Errorf("an unknown operation: %v", err)
	}
	b.wantCounts(t, script{changes: []ingest.Change{{Ref: ref, Op: ingest.Gone}}}, "new 0 changed 0 unchanged 0 deleted 0 failed 0")
	b.wantCounts(t, script{changes: []ingest.Change{{Ref: ref, Op: ingest.Fail, Err: errors.New("stuk")}}}, "new 0 changed 0 unchanged 0 deleted 0 failed 1")
	b.wantCounts(t, script{changes: []ingest.Change{{Ref: ref, Op: ingest.Keep}}}, "new 0 changed 0 unchanged 0 deleted 0 failed 1")
	b.wantCounts(t, script{changes: []ingest.Change{{Ref: ref, Op: ingest.Gone}}}, "new 0 changed 0 unchanged 0 deleted 0 failed 0")
}

// A source that breaks down has done what it did, and deletes nothing.
func TestSourceError(t *testing.T) {
	b := newBench(t)
	b.run(t, script{changes: []ingest.Change{put(collection, "a", "Eerste."), put(collection, "b", "Tweede.")}})
	down := script{changes: []ingest.Change{put(collection, "a", "Eerste, gewijzigd.")}, err: errors.New("de site is weg")}
	r := Report{}
	err := b.Run(t.Context(), down, &r)
	if err == nil || err.Error() != `source "stukken": de site is weg` {
		t.Errorf("error %v", err)
	}
	if r.Changed != 1 || len(everything(t, b.store, collection)) != 2 {
		t.Errorf("report %+v", r)
	}
	b.run(t, script{}) // the lease was given back
}

func TestRevision(t *testing.T) {
	b := newBench(t)
	last := ""
	step := func(what string, changes bool, c ingest.Change) {
		t.Helper()
		b.run(t, script{changes: []ingest.Change{c}})
		now := b.revision(t)
		if (now != last) != changes {
			t.Errorf("%s: the revision went from %q to %q", what, last, now)
		}
		last = now
	}
	ref := ingest.Ref{Collection: collection, ID: "a"}
	step("new", true, put(collection, "a", "Eerste."))
	step("the same", false, put(collection, "a", "Eerste."))
	step("kept", false, ingest.Change{Ref: ref, Op: ingest.Keep, State: "x"})
	step("failed", false, ingest.Change{Ref: ref, Op: ingest.Fail, Err: errors.New("stuk")})
	step("changed", true, put(collection, "a", "Tweede."))
	step("another failed", false, ingest.Change{Ref: ingest.Ref{Collection: collection, ID: "b"}, Op: ingest.Fail})
	step("gone", true, ingest.Change{Ref: ref, Op: ingest.Gone})
	step("gone again", false, ingest.Change{Ref: ref, Op: ingest.Gone})
}

// A source that is given another collection takes its documents with it.
func TestCollectionChanges(t *testing.T) {
	b := newBench(t)
	files := map[string]string{"a": "Eerste.", "b": "Tweede.", "c": "Derde."}
	b.run(t, folder{"oud", files})
	delete(files, "b")
	files["c"] = "!stuk"
	b.wantCounts(t, folder{"nieuw", files}, "new 0 changed 1 unchanged 0 deleted 1 failed 1")
	if got := everything(t, b.store, "nieuw"); len(got) != 1 {
		t.Errorf("the new collection holds %q", got)
	}
	if got := everything(t, b.store, "oud"); len(got) != 1 || !strings.Contains(got[0], "Derde") {
		t.Errorf("the old collection holds %q; what cannot be read stays where it is", got)
	}
	files["c"] = "Derde."
	b.wantCounts(t, folder{"nieuw", files}, "new 0 changed 1 unchanged 1 deleted 0 failed 0")
	if got := everything(t, b.store, "oud"); len(got) != 0 {
		t.Errorf("the old collection still holds %q", got)
	}
	b.wantCounts(t, folder{"nieuw", files}, "new 0 changed 0 unchanged 2 deleted 0 failed 0")
}

func TestEmbedderFails(t *testing.T) {
	b := newBench(t)
	b.Embedder = broken{embedtest.New(64)}
	err := b.Run(t.Context(), script{changes: []ingest.Change{put(collection, "a", "Tekst.")}}, &Report{})
	if err == nil || err.Error() != `source "stukken": a: embed: geen model` {
		t.Errorf("error %v", err)
	}
	if _, ok := b.entry(t, "a"); ok {
		t.Error("a document without vectors has an entry")
	}
}

type broken struct{ embed.Embedder }

func (broken) Embed(context.Context, embed.Role, []string) ([]embed.Vector, error) {
	return nil, errors.New("geen model")
}

func TestCachedVectorsAreNotCounted(t *testing.T) {
	b := newBench(t)
	cache := embedtest.NewCache()
	b.Embedder = embed.Cached(b.embedder, cache)
	if r := b.run(t, script{changes: []ingest.Change{put(collection, "a", "Tekst.")}}); r.Embedded != 1 {
		t.Errorf("report %+v", r)
	}
	other := newBench(t)
	other.Embedder = embed.Cached(other.embedder, cache)
	if r := other.run(t, script{changes: []ingest.Change{put(collection, "a", "Tekst.")}}); r.New != 1 || r.Passages != 1 || r.Embedded != 0 || other.embedder.texts.Load() != 0 {
		t.Errorf("with a full cache: %+v", r)
	}
}

func TestLeased(t *testing.T) {
	b := newBench(t)
	if err := b.store.Lease(t.Context(), "ingest/"+sourceName, "another", time.Hour); err != nil {
		t.Fatal(err)
	}
	err := b.Run(t.Context(), script{changes: []ingest.Change{put(collection, "a", "Tekst.")}}, &Report{})
	if !errors.Is(err, retrieve.ErrLeased) || !strings.Contains(err.Error(), `source "stukken" is being ingested by another process`) {
		t.Errorf("error %v", err)
	}
	if got := everything(t, b.store, collection); len(got) != 0 {
		t.Errorf("written all the same: %q", got)
	}
	if err := b.store.Lease(t.Context(), "ingest/"+sourceName, "third", time.Hour); !errors.Is(err, retrieve.ErrLeased) {
		t.Errorf("the run gave back the lease of another: %v", err)
	}
}

// slow takes longer for one document than a lease lasts.
type slow struct {
	script
	during func()
}

func (s slow) Changes(ctx context.Context, _ ingest.Memory) iter.Seq2[ingest.Change, error] {
	return func(yield func(ingest.Change, error) bool) {
		select {
		case <-time.After(5 * leaseTime):
		case <-ctx.Done():
			yield(ingest.Change{}, ctx.Err())
			return
		}
		if s.during != nil {
			s.during()
		}
		yield(put(collection, "a", "Tekst."), nil)
	}
}

func TestLeaseIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		tried := false
		b.run(t, slow{during: func() {
			tried = true
			if err := b.store.Lease(t.Context(), "ingest/"+sourceName, "another", time.Hour); !errors.Is(err, retrieve.ErrLeased) {
				t.Errorf("the lease ran out during a long document: %v", err)
			}
		}})
		if !tried || len(everything(t, b.store, collection)) != 1 {
			t.Error("the document was not indexed")
		}
		if err := b.store.Lease(t.Context(), "ingest/"+sourceName, "another", time.Hour); err != nil {
			t.Errorf("after the run: %v", err)
		}
	})
}

func TestLeaseIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		go func() {
			time.Sleep(time.Second)
			b.store.Release(t.Context(), "ingest/"+sourceName, b.Owner)
			b.store.Lease(t.Context(), "ingest/"+sourceName, "another", time.Hour)
		}()
		err := b.Run(t.Context(), slow{}, &Report{})
		if !errors.Is(err, retrieve.ErrLeased) || !strings.Contains(err.Error(), "taken over by another process") {
			t.Errorf("error %v", err)
		}
		if got := everything(t, b.store, collection); len(got) != 0 {
			t.Errorf("written without the lease: %q", got)
		}
	})
}

func TestCancelled(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.Progress = func(Report) { cancel() }
	err := b.Run(ctx, script{changes: []ingest.Change{put(collection, "a", "Eerste."), put(collection, "b", "Tweede.")}}, &Report{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if got := everything(t, b.store, collection); len(got) != 1 {
		t.Errorf("the store holds %q", got)
	}
	b.Owner, b.Progress = "another", nil
	b.wantCounts(t, script{changes: []ingest.Change{put(collection, "a", "Eerste."), put(collection, "b", "Tweede.")}},
		"new 1 changed 0 unchanged 1 deleted 0 failed 0")
}
