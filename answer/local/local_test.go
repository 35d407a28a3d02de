package local

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

func TestMain(m *testing.M) {
	llama.RunChildIfAsked()
	os.Exit(m.Run())
}

func real(t testing.TB) *Generator {
	t.Helper()
	lib, model := os.Getenv("VRAAGBAAK_TEST_RUNTIME"), os.Getenv("VRAAGBAAK_TEST_GENERATOR")
	if lib == "" || model == "" {
		t.Skip("needs an answer model: VRAAGBAAK_TEST_RUNTIME and VRAAGBAAK_TEST_GENERATOR are not set (make test sets them)")
	}
	g := New(Config{LibraryDir: lib, ModelFile: model, Name: "test", ContextTokens: 1024})
	t.Cleanup(func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	})
	return g
}

func collect(ctx context.Context, g *Generator, p answer.Prompt) (string, error) {
	var b strings.Builder
	for s, err := range g.Generate(ctx, p) {
		if err != nil {
			return b.String(), err
		}
		if !utf8.ValidString(s) {
			return b.String(), errors.New("a piece is not whole characters")
		}
		b.WriteString(s)
	}
	return b.String(), nil
}

const system = "Je antwoordt in het Nederlands, in één korte zin."

func TestMissingFiles(t *testing.T) {
	for name, c := range map[string]Config{
		"no libraries": {LibraryDir: t.TempDir(), ModelFile: "model.gguf"},
		"no folder":    {LibraryDir: "/does/not/exist", ModelFile: "model.gguf"},
	} {
		g := New(c)
		_, err := collect(t.Context(), g, answer.Prompt{User: "Hallo?"})
		var load *llama.LoadError
		if !errors.Is(err, answer.ErrModelUnavailable) || !errors.As(err, &load) || !strings.Contains(err.Error(), "llama.cpp runtime") {
			t.Errorf("%s: error %v", name, err)
		}
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestUnavailable(t *testing.T) {
	for _, err := range []error{nil, context.Canceled, context.DeadlineExceeded, &llama.TooLongError{}, llama.ErrGrammar} {
		if got := unavailable(err); errors.Is(got, answer.ErrModelUnavailable) || !errors.Is(got, err) {
			t.Errorf("%v became %v", err, got)
		}
	}
	if got := unavailable(llama.ErrChildDied); !errors.Is(got, answer.ErrModelUnavailable) || !errors.Is(got, llama.ErrChildDied) {
		t.Errorf("a death became %v", got)
	}
}

func TestNotAModel(t *testing.T) {
	g := real(t)
	file := t.TempDir() + "/model.gguf"
	if err := os.WriteFile(file, []byte("GGUF is what this begins with, and no more"), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := New(Config{LibraryDir: os.Getenv("VRAAGBAAK_TEST_RUNTIME"), ModelFile: file})
	defer bad.Close()
	if err := bad.Start(t.Context()); !errors.Is(err, answer.ErrModelUnavailable) || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v", err)
	}
	_ = g
}

func TestGenerate(t *testing.T) {
	g := real(t)
	ctx := t.Context()
	p := answer.Prompt{System: system, User: "Wat is de hoofdstad van Nederland?", MaxTokens: 24}
	first, err := collect(ctx, g, p)
	if err != nil || !strings.Contains(first, "Amsterdam") {
		t.Fatalf("%q, %v", first, err)
	}

	t.Run("same prompt, same text", func(t *testing.T) {
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				if again, err := collect(ctx, g, p); err != nil || again != first {
					t.Errorf("%q, %v; the first time %q", again, err, first)
				}
			})
		}
		wg.Wait()
	})
	t.Run("grammar", func(t *testing.T) {
		q := answer.Prompt{System: system, User: "Vertel iets over Utrecht.", MaxTokens: 24, Grammar: `root ::= "[" [1-9] "] " ("ja" | "nee")`}
		got, err := collect(ctx, g, q)
		if err != nil || len(got) < 6 || got[0] != '[' || (got[4:] != "ja" && got[4:] != "nee") {
			t.Errorf("%q, %v", got, err)
		}
		q.Grammar = "root ::= (((" // and the child survives it
		if _, err := collect(ctx, g, q); !errors.Is(err, llama.ErrGrammar) {
			t.Errorf("error %v, want ErrGrammar", err)
		}
	})
	t.Run("stop", func(t *testing.T) {
		got, err := collect(ctx, g, answer.Prompt{User: "Schrijf: Amsterdam Rotterdam Utrecht", MaxTokens: 24, Stop: []string{"Rotter"}})
		if err != nil || strings.Contains(got, "Rotter") {
			t.Errorf("%q, %v", got, err)
		}
	})
	t.Run("max tokens", func(t *testing.T) {
		var pieces int
		for _, err := range g.Generate(ctx, answer.Prompt{User: "Tel van een tot honderd.", MaxTokens: 3}) {
			if err != nil {
				t.Fatal(err)
			}
			pieces++
		}
		if pieces < 1 || pieces > 4 {
			t.Errorf("%d pieces for 3 tokens", pieces)
		}
	})
	t.Run("too long", func(t *testing.T) {
		_, err := collect(ctx, g, answer.Prompt{User: strings.Repeat("Waterrijk ", 1500)})
		var long *llama.TooLongError
		if !errors.As(err, &long) || long.Tokens < 1500 || long.Limit != 1023 || errors.Is(err, answer.ErrModelUnavailable) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("control tokens in a source are text", func(t *testing.T) {
		plain, err := g.CountTokens(ctx, "<|im_end|>")
		if err != nil || plain < 3 {
			t.Errorf("%d tokens, %v: the mark was read as a control token", plain, err)
		}
	})
	t.Run("cancelled", func(t *testing.T) {
		short, cancel := context.WithCancel(ctx)
		defer cancel()
		var err error
		for _, err = range g.Generate(short, answer.Prompt{User: "Schrijf een lang verhaal.", MaxTokens: 400}) {
			cancel()
		}
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error %v", err)
		}
	})
	t.Run("killed in the middle", func(t *testing.T) {
		killed := 0
		var err error
		for _, err = range g.Generate(ctx, answer.Prompt{User: "Schrijf een lang verhaal.", MaxTokens: 400}) {
			if killed == 0 {
				killed = g.Status().PID
				child, err := os.FindProcess(killed)
				if err == nil {
					err = child.Kill()
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		}
		if !errors.Is(err, answer.ErrModelUnavailable) || !errors.Is(err, llama.ErrChildDied) {
			t.Errorf("error %v", err)
		}
		if again, err := collect(ctx, g, p); err != nil || again != first {
			t.Errorf("the next request: %q, %v; before %q", again, err, first)
		}
		if st := g.Status(); st.PID == killed || st.Starts != 2 {
			t.Errorf("status %+v", st)
		}
	})
}

// A prompt that continues an earlier one gives the text it gives from scratch.
func TestPrefixCacheChangesNothing(t *testing.T) {
	g := real(t)
	ctx := t.Context()
	source := strings.Repeat("Een uittreksel kost 16 euro. Een paspoort kost 83 euro. ", 12)
	p := answer.Prompt{System: system, User: source + "Wat kost een paspoort?", MaxTokens: 16}
	fresh, err := collect(ctx, g, p)
	if err != nil {
		t.Fatal(err)
	}
	other := p
	other.User = source + "Wat kost een uittreksel?"
	if _, err := collect(ctx, g, other); err != nil {
		t.Fatal(err)
	}
	if cached, err := collect(ctx, g, p); err != nil || cached != fresh {
		t.Errorf("with the prefix in memory %q, %v; from scratch %q", cached, err, fresh)
	}
}

func BenchmarkGenerate(b *testing.B) {
	g := real(b)
	ctx := b.Context()
	p := answer.Prompt{System: system, User: "Schrijf een verhaal over een waterschap.", MaxTokens: 33}
	var pieces int
	for b.Loop() {
		for _, err := range g.Generate(ctx, p) {
			if err != nil {
				b.Fatal(err)
			}
			pieces++
		}
	}
	b.ReportMetric(float64(pieces)/b.Elapsed().Seconds(), "pieces/s")
}

func BenchmarkReadPrompt(b *testing.B) {
	g := real(b)
	ctx := b.Context()
	text := strings.Repeat("De gemeente heft belasting op honden. ", 60)
	n, err := g.CountTokens(ctx, text)
	if err != nil {
		b.Fatal(err)
	}
	i := 0
	for b.Loop() {
		i++ // another beginning each time, so that nothing is reused
		for _, err := range g.Generate(ctx, answer.Prompt{User: strings.Repeat("a ", i%50) + text, MaxTokens: 1}) {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "tokens/s")
}
