package local

import (
	"context"
	"encoding/binary"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

func TestMain(m *testing.M) {
	llama.RunChildIfAsked()
	os.Exit(m.Run())
}

func real(t testing.TB) *Embedder {
	t.Helper()
	lib, model := os.Getenv("VRAAGBAAK_TEST_RUNTIME"), os.Getenv("VRAAGBAAK_TEST_EMBEDDER")
	if lib == "" || model == "" {
		t.Skip("needs the embedding model: VRAAGBAAK_TEST_RUNTIME and VRAAGBAAK_TEST_EMBEDDER are not set (make test sets them)")
	}
	e := New(Config{LibraryDir: lib, ModelFile: model, Revision: "test"})
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"café":                "café",
		"cafe\u0301":          "café",
		"ﬁnanciën":            "financiën",
		"10\u00a0%":           "10 %",
		"regel\nregel\tkolom": "regel regel kolom",
		"a\u200bb\ufeffc":     "a b c",
		"bel\x07 en \x7fdel":  "bel en del",
		"kapot \xff\xfe":      "kapot  ",
		"½ m²":                "1⁄2 m2",
		"":                    "",
	} {
		if got := Normalize(in); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("Coëfficiënt \u0301 ½ \xff")
	f.Fuzz(func(t *testing.T, s string) {
		once := Normalize(s)
		if strings.ContainsAny(once, "\n\t\x00\x7f") {
			t.Errorf("Normalize(%q) = %q keeps control characters", s, once)
		}
		if again := Normalize(once); again != once {
			t.Errorf("not idempotent: %q, then %q", once, again)
		}
	})
}

func TestUnknownRole(t *testing.T) {
	e := New(Config{})
	defer e.Close()
	if _, err := e.Embed(context.Background(), "titel", []string{"x"}); err == nil {
		t.Error("an unknown role must be an error")
	}
}

func TestMeaning(t *testing.T) {
	e := real(t)
	passages := []string{
		"De grijze container wordt elke twee weken op dinsdag geleegd. Zet hem voor half acht aan de straat.",
		"Een paspoort kost voor volwassenen 83 euro en is tien jaar geldig.",
		"U vraagt een omgevingsvergunning aan via het Omgevingsloket.",
		"Wie te weinig inkomen heeft om van te leven, kan bijstand krijgen.",
		"De raad vergadert op de eerste maandag van de maand in het gemeentehuis.",
	}
	queries := []string{
		"Wanneer wordt mijn vuilnisbak opgehaald?",
		"Wat betaal ik voor een reisdocument?",
		"Ik wil een dakkapel bouwen, mag dat?",
		"uitkering aanvragen omdat ik geen geld heb",
		"Wanneer komt de gemeenteraad bij elkaar?",
	}
	ctx := context.Background()
	pv, err := e.Embed(ctx, embed.Passage, passages)
	if err != nil {
		t.Fatal(err)
	}
	qv, err := e.Embed(ctx, embed.Query, queries)
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range qv {
		if d := embed.Dot(q, q); d < 0.999 || d > 1.001 {
			t.Errorf("the vector of %q has squared length %v, want 1", queries[i], d)
		}
		best := 0
		for j, p := range pv {
			if embed.Dot(q, p) > embed.Dot(q, pv[best]) {
				best = j
			}
		}
		if best != i {
			t.Errorf("%q is nearest to %q, want %q", queries[i], passages[best], passages[i])
		}
	}
}

func TestSameTextSameVector(t *testing.T) {
	e := real(t)
	ctx := context.Background()
	texts := make([]string, 24)
	for i := range texts {
		texts[i] = strings.Repeat("De gemeente Waterrijk heft belasting op honden. ", i%6+1)
	}
	want, err := e.Embed(ctx, embed.Passage, texts)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := e.Embed(ctx, embed.Passage, texts)
			if err != nil {
				t.Error(err)
				return
			}
			for i := range got {
				if bytesOf(got[i]) != bytesOf(want[i]) || bytesOf(got[i]) != bytesOf(want[i%6]) {
					t.Errorf("text %d got another vector the second time", i)
				}
			}
			if _, err := e.Embed(ctx, embed.Query, texts[:1]); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	q, err := e.Embed(ctx, embed.Query, texts[:1])
	if err != nil {
		t.Fatal(err)
	}
	if bytesOf(q[0]) == bytesOf(want[0]) {
		t.Error("a query and a passage with the same text have the same vector: the role prefix is missing")
	}
	if none, err := e.Embed(ctx, embed.Passage, nil); err != nil || len(none) != 0 {
		t.Errorf("no texts gave %d vectors and error %v", len(none), err)
	}
}

func bytesOf(v embed.Vector) string {
	b, _ := binary.Append(nil, binary.LittleEndian, []float32(v))
	return string(b)
}

func TestTruncation(t *testing.T) {
	e := real(t)
	ctx := context.Background()
	word := "vergunning "
	long := strings.Repeat(word, 2000)
	r, err := e.EmbedDetailed(ctx, embed.Passage, []string{word, long, long + "en nog iets heel anders"})
	if err != nil {
		t.Fatal(err)
	}
	if r[0].Truncated || r[0].Tokens < 4 || r[0].Tokens > 12 {
		t.Errorf("short text: %d tokens, truncated %v", r[0].Tokens, r[0].Truncated)
	}
	if !r[1].Truncated || r[1].Tokens < 2000 {
		t.Errorf("long text: %d tokens, truncated %v", r[1].Tokens, r[1].Truncated)
	}
	if bytesOf(r[1].Vector) != bytesOf(r[2].Vector) {
		t.Error("what stands behind the first 512 tokens changed the vector")
	}
	n, err := e.CountTokens(ctx, embed.Passage, long)
	if err != nil || n != r[1].Tokens {
		t.Errorf("CountTokens = %d, %v; embedding counted %d", n, err, r[1].Tokens)
	}
	// Unusual texts are embedded like any other.
	odd := []string{"", " ", "\x00", "</s><s>", "\xff\xfe", strings.Repeat("x", 300_000)}
	if _, err := e.Embed(ctx, embed.Passage, odd); err != nil {
		t.Error(err)
	}
}

// passage220 is about 220 tokens of ordinary Dutch.
var passage220 = strings.Repeat("Het college van burgemeester en wethouders van de gemeente Waterrijk stelt beleidsregels vast over de uitvoering van de Participatiewet. ", 8)

func BenchmarkPassages(b *testing.B) {
	e := real(b)
	ctx := context.Background()
	n, err := e.CountTokens(ctx, embed.Passage, passage220)
	if err != nil {
		b.Fatal(err)
	}
	batch := make([]string, 16)
	for i := range batch {
		batch[i] = passage220
	}
	for b.Loop() {
		if _, err := e.Embed(ctx, embed.Passage, batch); err != nil {
			b.Fatal(err)
		}
	}
	perSecond := float64(b.N*len(batch)) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "passages/s")
	b.ReportMetric(perSecond*float64(n), "tokens/s")
}

func BenchmarkQuery(b *testing.B) {
	e := real(b)
	ctx := context.Background()
	if err := e.Start(ctx); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Embed(ctx, embed.Query, []string{"Wanneer wordt mijn afvalcontainer geleegd?"}); err != nil {
			b.Fatal(err)
		}
	}
}
