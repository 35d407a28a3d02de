package embedtest_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/embed/embedtest"
)

func TestEmbedder(t *testing.T) { embedtest.RunEmbedder(t, embedtest.New(128)) }

func TestCached(t *testing.T) {
	embedtest.RunEmbedder(t, embed.Cached(embedtest.New(128), embedtest.NewCache()))
}

func TestCache(t *testing.T) {
	c := embedtest.NewCache()
	embedtest.RunCache(t, func(*testing.T) embed.Cache { return c })
}

// counting records what reaches the model.
type counting struct {
	embed.Embedder
	texts []string
}

func (c *counting) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	c.texts = append(c.texts, texts...)
	return c.Embedder.Embed(ctx, role, texts)
}

func TestOnlyMissesAreEmbedded(t *testing.T) {
	model := &counting{Embedder: embedtest.New(64)}
	c := embed.Cached(model, embedtest.NewCache())
	for _, texts := range [][]string{{"a", "b", "a"}, {"b", "c", "a"}, {"c"}} {
		if _, err := c.Embed(t.Context(), embed.Passage, texts); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a", "b", "c"}; !slices.Equal(model.texts, want) {
		t.Errorf("embedded %q, want %q", model.texts, want)
	}
	if got, want := c.Stats(), (embed.CacheStats{Hits: 3, Misses: 3}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}

// broken is a cache on a full disk.
type broken struct{}

func (broken) Get(context.Context, embed.Model, embed.Role, []string) ([]embed.Vector, error) {
	return nil, errors.New("disk I/O error")
}

func (broken) Put(context.Context, embed.Model, embed.Role, []string, []embed.Vector) error {
	return errors.New("disk full")
}

func TestBrokenCacheIsNotFatal(t *testing.T) {
	c := embed.Cached(embedtest.New(64), broken{})
	vs, err := c.Embed(t.Context(), embed.Query, []string{"a", "b"})
	if err != nil || len(vs) != 2 {
		t.Fatalf("%d vectors, %v", len(vs), err)
	}
	if got, want := c.Stats(), (embed.CacheStats{Misses: 2, Failures: 2}); got != want {
		t.Errorf("stats %+v, want %+v", got, want)
	}
}
