package embed

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Cache keeps vectors by model, role and text, so that a rebuild or an
// experiment computes none of them again. Implementations keep a hash of the
// text, never the text. A Cache is safe for concurrent use.
type Cache interface {
	// Get returns one vector per text, in order; nil where it has none.
	Get(ctx context.Context, m Model, role Role, texts []string) ([]Vector, error)
	// Put keeps the vectors of texts, of equal number.
	Put(ctx context.Context, m Model, role Role, texts []string, vs []Vector) error
}

// CacheStats counts texts since the embedder was made.
type CacheStats struct {
	Hits     int64 // found in the cache
	Misses   int64 // embedded; the same text twice in one call counts once
	Failures int64 // calls in which the cache failed; the embedding went on without it
}

// CachedEmbedder is an Embedder that asks a Cache first.
type CachedEmbedder struct {
	embedder               Embedder
	cache                  Cache
	hits, misses, failures atomic.Int64
}

// Cached returns e with a cache before it, for passages and questions alike. A
// server that should not keep even a hash of what people ask gives questions to
// e itself. A cache that fails never fails an embedding.
func Cached(e Embedder, c Cache) *CachedEmbedder { return &CachedEmbedder{embedder: e, cache: c} }

// Model is that of the embedder behind the cache.
func (c *CachedEmbedder) Model() Model { return c.embedder.Model() }

// Stats says how much the cache has saved so far.
func (c *CachedEmbedder) Stats() CacheStats {
	return CacheStats{Hits: c.hits.Load(), Misses: c.misses.Load(), Failures: c.failures.Load()}
}

// Embed is as in Embedder: it embeds only what the cache does not hold, each
// text once, and keeps it.
func (c *CachedEmbedder) Embed(ctx context.Context, role Role, texts []string) ([]Vector, error) {
	if len(texts) == 0 {
		return nil, nil
	}
	m := c.Model()
	out := c.lookUp(ctx, m, role, texts)
	var missing []string
	place := map[string]int{}
	for i, v := range out {
		if v != nil {
			c.hits.Add(1)
			continue
		}
		if _, ok := place[texts[i]]; !ok {
			place[texts[i]] = len(missing)
			missing = append(missing, texts[i])
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	c.misses.Add(int64(len(missing)))
	fresh, err := c.embedder.Embed(ctx, role, missing)
	if err != nil {
		return nil, err
	}
	if len(fresh) != len(missing) {
		return nil, fmt.Errorf("embedder %s gave %d vectors for %d texts", m, len(fresh), len(missing))
	}
	if err := c.cache.Put(ctx, m, role, missing, fresh); err != nil {
		c.failures.Add(1)
	}
	for i, v := range out {
		if v == nil {
			out[i] = fresh[place[texts[i]]]
		}
	}
	return out, nil
}

// lookUp is Get without what can go wrong in it.
func (c *CachedEmbedder) lookUp(ctx context.Context, m Model, role Role, texts []string) []Vector {
	out, err := c.cache.Get(ctx, m, role, texts)
	if err != nil || len(out) != len(texts) {
		c.failures.Add(1)
		return make([]Vector, len(texts))
	}
	for i, v := range out {
		if len(v) != m.Dimensions {
			out[i] = nil
		}
	}
	return out
}
