package embedtest

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
)

// near is the least cosine of two vectors of the same text that were computed
// in different batches: models on several threads or with 4-bit weights do not
// add up in the same order each time.
const near = 0.9999

// RunEmbedder runs the suite on an embedder.
func RunEmbedder(t *testing.T, e embed.Embedder) {
	for _, c := range []struct {
		name string
		test func(*testing.T, embed.Embedder)
	}{
		{"Model", testModel},
		{"NoTexts", testNoTexts},
		{"UnitLength", testUnitLength},
		{"Order", testOrder},
		{"Deterministic", testDeterministic},
		{"RoleMatters", testRoleMatters},
		{"LikeIsNear", testLikeIsNear},
		{"LongText", testLongText},
		{"Concurrent", testConcurrent},
		{"Cancelled", testCancelled},
		{"Cached", func(t *testing.T, e embed.Embedder) { testCached(t, e) }},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, e) })
	}
}

var samples = []string{
	"Hoe vraag ik een paspoort aan?",
	"Een paspoort aanvragen doet u op afspraak bij de gemeente Waterrijk.",
	"Grofvuil brengt u naar de milieustraat.",
	"",
	" \n\t",
	"€ 1.234,56 op 1 januari 2026 — artikel 3:2, lid 1 🙂",
	"Hoe vraag ik een paspoort aan?",
}

func run(t *testing.T, e embed.Embedder, role embed.Role, texts ...string) []embed.Vector {
	t.Helper()
	vs, err := e.Embed(t.Context(), role, texts)
	if err != nil {
		t.Fatalf("Embed(%s, %d texts): %v", role, len(texts), err)
	}
	if len(vs) != len(texts) {
		t.Fatalf("Embed(%s): %d vectors for %d texts", role, len(vs), len(texts))
	}
	return vs
}

func testModel(t *testing.T, e embed.Embedder) {
	m := e.Model()
	if m.Name == "" || m.Dimensions <= 0 {
		t.Errorf("Model() = %+v: no name or no dimensions", m)
	}
	if again := e.Model(); again != m {
		t.Errorf("Model() changes from %v to %v", m, again)
	}
}

func testNoTexts(t *testing.T, e embed.Embedder) {
	for _, texts := range [][]string{nil, {}} {
		if vs, err := e.Embed(t.Context(), embed.Passage, texts); err != nil || len(vs) != 0 {
			t.Errorf("Embed(%#v) = %v, %v", texts, vs, err)
		}
	}
}

func testUnitLength(t *testing.T, e embed.Embedder) {
	for _, role := range []embed.Role{embed.Passage, embed.Query} {
		for i, v := range run(t, e, role, samples...) {
			if len(v) != e.Model().Dimensions {
				t.Errorf("%s %q: %d dimensions, the model says %d", role, samples[i], len(v), e.Model().Dimensions)
			}
			if n := float64(embed.Dot(v, v)); math.Abs(n-1) > 1e-3 || math.IsNaN(n) {
				t.Errorf("%s %q: squared length %v", role, samples[i], n)
			}
		}
	}
}

func testOrder(t *testing.T, e embed.Embedder) {
	together := run(t, e, embed.Passage, samples...)
	for i, s := range samples {
		same(t, fmt.Sprintf("text %d alone and among others", i), run(t, e, embed.Passage, s)[0], together[i])
	}
}

func same(t *testing.T, what string, a, b embed.Vector) {
	t.Helper()
	if len(a) != len(b) {
		t.Fatalf("%s: %d and %d dimensions", what, len(a), len(b))
	}
	if c := embed.Dot(a, b); !(c > near) {
		t.Errorf("%s: cosine %v", what, c)
	}
}

func testDeterministic(t *testing.T, e embed.Embedder) {
	a, b := run(t, e, embed.Query, samples...), run(t, e, embed.Query, samples...)
	for i := range a {
		same(t, fmt.Sprintf("text %d twice", i), a[i], b[i])
	}
}

func testRoleMatters(t *testing.T, e embed.Embedder) {
	p, q := run(t, e, embed.Passage, samples[0])[0], run(t, e, embed.Query, samples[0])[0]
	if c := embed.Dot(p, q); c > 0.99999 {
		t.Errorf("the same text as passage and as question: cosine %v; do the prefixes reach the model?", c)
	}
}

func testLikeIsNear(t *testing.T, e embed.Embedder) {
	q := run(t, e, embed.Query, samples[0])[0]
	ps := run(t, e, embed.Passage, samples[1], samples[2])
	if like, unlike := embed.Dot(q, ps[0]), embed.Dot(q, ps[1]); like <= unlike {
		t.Errorf("the passage that answers has cosine %v, another %v", like, unlike)
	}
}

func testLongText(t *testing.T, e embed.Embedder) {
	long := strings.Repeat("De raad van de gemeente Waterrijk besluit. ", 1000)
	same(t, "a long text twice", run(t, e, embed.Passage, long)[0], run(t, e, embed.Passage, long)[0])
}

func testConcurrent(t *testing.T, e embed.Embedder) {
	want := run(t, e, embed.Passage, samples...)
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range samples {
				at := (i + g) % len(samples)
				vs, err := e.Embed(t.Context(), embed.Passage, samples[at:at+1])
				if err != nil || len(vs) != 1 || embed.Dot(vs[0], want[at]) <= near {
					t.Errorf("text %d, concurrently: %d vectors, %v, or another vector", at, len(vs), err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func testCancelled(t *testing.T, e embed.Embedder) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if vs, err := e.Embed(ctx, embed.Passage, []string{"geannuleerd, en nergens bewaard"}); err == nil && len(vs) != 1 {
		t.Errorf("cancelled: %d vectors and no error", len(vs))
	}
	run(t, e, embed.Passage, samples[0]) // it still works
}

// testCached holds the embedder against itself behind a cache.
func testCached(t *testing.T, e embed.Embedder) {
	c := embed.Cached(e, NewCache())
	want := run(t, e, embed.Passage, samples...)
	for round := range 2 {
		for i, v := range run(t, c, embed.Passage, samples...) {
			same(t, fmt.Sprintf("text %d, round %d, cached and not", i, round), v, want[i])
		}
	}
	distinct := int64(len(samples) - 1)
	if st := c.Stats(); st.Misses != distinct || st.Hits != int64(len(samples)) || st.Failures != 0 {
		t.Errorf("stats %+v, want %d misses and %d hits", st, distinct, len(samples))
	}
}
