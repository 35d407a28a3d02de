package embedtest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
)

// Cache is an embed.Cache in memory.
type Cache struct {
	mu      sync.Mutex
	vectors map[key]embed.Vector
}

type key struct {
	model embed.Model
	role  embed.Role
	text  string
}

// NewCache returns an empty cache.
func NewCache() *Cache { return &Cache{vectors: map[key]embed.Vector{}} }

// Get is as in embed.Cache.
func (c *Cache) Get(ctx context.Context, m embed.Model, role embed.Role, texts []string) ([]embed.Vector, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := make([]embed.Vector, len(texts))
	for i, t := range texts {
		out[i] = slices.Clone(c.vectors[key{m, role, t}])
	}
	return out, nil
}

// Put is as in embed.Cache.
func (c *Cache) Put(ctx context.Context, m embed.Model, role embed.Role, texts []string, vs []embed.Vector) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, t := range texts {
		c.vectors[key{m, role, t}] = slices.Clone(vs[i])
	}
	return nil
}

// RunCache runs the suite on a cache. Each call of open opens the same, at
// first empty, data, as another process would.
func RunCache(t *testing.T, open func(t *testing.T) embed.Cache) {
	ctx := t.Context()
	c := open(t)
	m := embed.Model{Name: "m", Revision: strings.Repeat("0", 12) + "a", Dimensions: 3}
	other := m
	other.Revision = strings.Repeat("0", 12) + "b" // Model.String shows no difference
	put := func(m embed.Model, role embed.Role, text string, v ...float32) {
		t.Helper()
		if err := c.Put(ctx, m, role, []string{text}, []embed.Vector{v}); err != nil {
			t.Fatal(err)
		}
	}
	want := func(m embed.Model, role embed.Role, texts []string, want ...embed.Vector) {
		t.Helper()
		got, err := c.Get(ctx, m, role, texts)
		if err != nil || len(got) != len(texts) {
			t.Fatalf("Get(%q): %d vectors, %v", texts, len(got), err)
		}
		for i := range got {
			if !slices.Equal(got[i], want[i]) || (got[i] == nil) != (want[i] == nil) {
				t.Fatalf("Get(%q): vector %d is %v, want %v", texts, i, got[i], want[i])
			}
		}
	}
	want(m, embed.Passage, []string{"a", ""}, nil, nil)
	put(m, embed.Passage, "a", 1, -0.125, 3e-30)
	put(m, embed.Query, "a", 2, 2, 2)
	put(other, embed.Passage, "a", 3, 3, 3)
	put(m, embed.Passage, "", 4, 4, 4)
	check := func() {
		t.Helper()
		want(m, embed.Passage, []string{"b", "a", "", "a"}, nil, embed.Vector{1, -0.125, 3e-30}, embed.Vector{4, 4, 4}, embed.Vector{1, -0.125, 3e-30})
		want(m, embed.Query, []string{"a", ""}, embed.Vector{2, 2, 2}, nil)
		want(other, embed.Passage, []string{"a"}, embed.Vector{3, 3, 3})
		want(m, embed.Passage, nil)
	}
	check()
	first := c
	c = open(t)
	check()
	put(m, embed.Passage, "later", 5, 5, 5)
	put(m, embed.Passage, "a", 1, -0.125, 3e-30)
	c = first
	want(m, embed.Passage, []string{"later"}, embed.Vector{5, 5, 5})
	var wg sync.WaitGroup
	for _, c := range []embed.Cache{first, open(t), first} {
		wg.Go(func() {
			for i := range 20 {
				text := strings.Repeat("x", i)
				if err := c.Put(ctx, m, embed.Passage, []string{text}, []embed.Vector{{float32(i), 0, 0}}); err != nil {
					t.Errorf("Put, concurrently: %v", err)
				}
				if got, err := c.Get(ctx, m, embed.Passage, []string{text}); err != nil || len(got) != 1 || len(got[0]) != 3 || got[0][0] != float32(i) {
					t.Errorf("Get, concurrently: %v, %v", got, err)
				}
			}
		})
	}
	wg.Wait()
}
