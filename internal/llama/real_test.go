package llama

import (
	"os"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// These tests and benchmarks open the libraries in the test process itself, to
// compare the child with plain calls and to look at logits.

func openReal(t testing.TB, env string) *model {
	t.Helper()
	dir, file := os.Getenv("VRAAGBAAK_TEST_RUNTIME"), os.Getenv(env)
	if dir == "" || file == "" {
		t.Skipf("needs a model: VRAAGBAAK_TEST_RUNTIME and %s are not set (make test sets them)", env)
	}
	lib, err := openLibrary(dir)
	if err != nil {
		t.Fatal(err)
	}
	m, err := lib.load(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The number of threads changes with the load of the machine, so it must not
// change the text: the logits are the same bit for bit.
func TestThreadsChangeNoLogits(t *testing.T) {
	m := openReal(t, "VRAAGBAAK_TEST_GENERATOR")
	eng, err := newWriter(m, 1024, 1)
	if err != nil {
		t.Fatal(err)
	}
	w := eng.(*writer)
	toks, err := w.prompt(Request{User: strings.Repeat("De gemeente heft belasting op honden. ", 60)})
	if err != nil {
		t.Fatal(err)
	}
	toks = toks[:600] // over the 512 from which attention may be split
	send := func(kind, []byte) error { return nil }
	if _, err := w.read(t.Context(), toks, send); err != nil {
		t.Fatal(err)
	}
	alone := newFixedPace(1)
	after := func(threads int, more ...int32) []float32 {
		p := alone
		if threads > 1 {
			p = newFixedPace(threads)
		}
		w.lib.memorySeqRm(w.mem, 0, int32(len(toks)), -1)
		if err := w.decode(p, more); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(unsafe.Slice(w.lib.getLogitsIth(w.ctx, -1), w.nVocab))
	}
	for name, more := range map[string][]int32{"one token": toks[7:8], "several": toks[7:27]} {
		one, again := after(1, more...), after(1, more...)
		if !slices.Equal(one, again) {
			t.Errorf("%s: the same step gave other logits", name)
		}
		if alone.crowded {
			t.Skip("the machine has more work than cores: a step with two threads would take minutes")
		}
		two := after(2, more...)
		if !slices.Equal(one, two) {
			t.Errorf("%s: with two threads the logits are others than with one", name)
		}
	}
}

// BenchmarkRawEncode is what BenchmarkPassages of embed/local is to be compared
// with: the same model without a child.
func BenchmarkRawEncode(b *testing.B) {
	m := openReal(b, "VRAAGBAAK_TEST_EMBEDDER")
	e, err := newEncoder(m, 512, Threads())
	if err != nil {
		b.Fatal(err)
	}
	text := "passage: " + strings.Repeat("Het college van burgemeester en wethouders van de gemeente Waterrijk stelt beleidsregels vast over de uitvoering van de Participatiewet. ", 8)
	tokens := 0
	for b.Loop() {
		v, err := e.encode(text)
		if err != nil {
			b.Fatal(err)
		}
		tokens += v.Tokens
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "passages/s")
	b.ReportMetric(float64(tokens)/b.Elapsed().Seconds(), "tokens/s")
}

func newFixedPace(threads int) *pace {
	return &pace{choices: []int{threads}, cost: make([]float64, 1)}
}
