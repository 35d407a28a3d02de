package langchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/endpoint"
	"github.com/vraagbaak/vraagbaak/internal/httprr"
)

func key(name string) (string, bool) { return "sk-geheim", name == "VLLM_KEY" }

var question = answer.Prompt{
	System:    "Antwoord alleen uit de bronnen.",
	User:      "[1] Grofvuil halen we op dinsdag op.\n\nWanneer komt het grofvuil?",
	MaxTokens: 256,
	Stop:      []string{"\n\n", "Bron:"},
}

// generate collects the pieces of an answer.
func generate(ctx context.Context, t *testing.T, g *Generator, p answer.Prompt) ([]string, error) {
	t.Helper()
	var out []string
	for piece, err := range g.Generate(ctx, p) {
		if err != nil {
			return out, err
		}
		out = append(out, piece)
	}
	return out, nil
}

func newGenerator(t *testing.T, c Config) *Generator {
	t.Helper()
	g, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

type exchange struct {
	model  string
	prompt answer.Prompt
	config Config
	pieces []string
	want   []string // in the error; none for no error
}

func (x exchange) run(t *testing.T, c Config) {
	t.Helper()
	c.Model = x.model
	c.KeepAlive, c.CompletionTokens = x.config.KeepAlive, x.config.CompletionTokens
	stop := slices.Clone(x.prompt.Stop)
	got, err := generate(t.Context(), t, newGenerator(t, c), x.prompt)
	if !slices.Equal(got, x.pieces) {
		t.Errorf("%s: pieces %q, want %q", x.model, got, x.pieces)
	}
	if !slices.Equal(stop, x.prompt.Stop) {
		t.Errorf("%s: the caller's stop sequences became %q", x.model, x.prompt.Stop)
	}
	if len(x.want) == 0 {
		if err != nil {
			t.Errorf("%s: %v", x.model, err)
		}
		return
	}
	var failure *endpoint.Failure
	if !errors.Is(err, answer.ErrModelUnavailable) || !errors.As(err, &failure) {
		t.Errorf("%s: %v is not typed", x.model, err)
		return
	}
	if strings.Contains(err.Error(), "geheim") {
		t.Errorf("%s: the error shows the key: %v", x.model, err)
	}
	for _, want := range append(x.want, c.Endpoint.URL, x.model) {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %q is not in: %v", x.model, want, err)
		}
	}
}

func TestOllama(t *testing.T) {
	rt := httprr.Open(t, "testdata/ollama.httprr", http.DefaultTransport)
	ask := answer.Prompt{User: "vraag"}
	for _, x := range []exchange{
		{"mistral-small3.2", question, Config{KeepAlive: "30m"}, []string{"Grofvuil", " halen we op", " dinsdag op [1]."}, nil},
		{"bestaat-niet", ask, Config{}, nil, []string{"HTTP 404", "not found; fetch the model there with: ollama pull bestaat-niet"}},
		{"loopt-vast", ask, Config{}, []string{"Het"}, []string{"CUDA error"}},
		{"breekt-af", ask, Config{}, []string{"Het"}, []string{"broke off"}},
		{"zwijgt", ask, Config{}, nil, nil},
		{"geen-ollama", ask, Config{}, nil, []string{"invalid character '<'"}},
		{"leeg", ask, Config{}, nil, []string{"HTTP 502"}},
	} {
		x.run(t, Config{Kind: endpoint.Ollama, Endpoint: endpoint.Config{URL: "http://ollama.test:11434", Transport: rt}})
	}
}

func TestOpenAI(t *testing.T) {
	// What langchaingo would read from the environment must not matter.
	t.Setenv("OPENAI_API_KEY", "sk-other")
	t.Setenv("OPENAI_BASE_URL", "http://elsewhere.test/v1")
	t.Setenv("OPENAI_MODEL", "another")
	t.Setenv("OPENAI_ORGANIZATION", "org")
	rt := httprr.Open(t, "testdata/openai.httprr", http.DefaultTransport)
	ask := answer.Prompt{User: "vraag"}
	for _, x := range []exchange{
		{"mistralai/Mistral-Small-3.2-24B-Instruct-2506", question, Config{}, []string{"Grofvuil", " halen we op", " dinsdag op [1]."}, nil},
		{"bestaat-niet", ask, Config{}, nil, []string{"HTTP 404", "does not exist", "http://vllm.test/v1/models lists them"}},
		{"geen-toegang", ask, Config{}, nil, []string{"HTTP 401", "***", "check the API key in the environment variable VLLM_KEY"}},
		{"stuk", ask, Config{}, nil, []string{"HTTP 500", "Internal Server Error"}},
		{"breekt-af", ask, Config{}, []string{"Het"}, []string{"broke off"}},
		{"geen-api", ask, Config{}, nil, []string{"or was not one"}},
		{"tot-de-grens", answer.Prompt{User: "vraag", MaxTokens: 1}, Config{CompletionTokens: true}, []string{"Het"}, nil},
	} {
		x.run(t, Config{Kind: endpoint.OpenAI, Endpoint: endpoint.Config{
			URL: "http://vllm.test/v1", KeyEnv: "VLLM_KEY", Getenv: key, Transport: rt}})
	}
}

// streaming serves one piece, and then says nothing until the client is gone.
func streaming(t *testing.T) (url string, gone <-chan struct{}) {
	t.Helper()
	left := make(chan struct{}, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		if strings.HasSuffix(r.URL.Path, "/api/chat") {
			fmt.Fprintln(w, `{"message":{"role":"assistant","content":"Het"},"done":false}`)
		} else {
			w.Header().Set("Content-Type", "text/event-stream")
			fmt.Fprint(w, "data: {\"choices\":[{\"delta\":{\"content\":\"Het\"}}]}\n\n")
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		left <- struct{}{}
	}))
	t.Cleanup(server.Close)
	return server.URL, left
}

func TestStreamsAndStops(t *testing.T) {
	for _, kind := range []endpoint.Kind{endpoint.Ollama, endpoint.OpenAI} {
		url, gone := streaming(t)
		g := newGenerator(t, Config{Kind: kind, Model: "m", Endpoint: endpoint.Config{URL: url}})
		for piece, err := range g.Generate(t.Context(), answer.Prompt{User: "vraag"}) {
			if piece != "Het" || err != nil {
				t.Errorf("%s: %q, %v", kind, piece, err)
			}
			break // the first piece comes before the answer is complete
		}
		<-gone // and the server learns that nobody listens any more

		ctx, cancel := context.WithCancel(t.Context())
		for piece, err := range g.Generate(ctx, answer.Prompt{User: "vraag"}) {
			if err == nil {
				cancel()
				continue
			}
			if piece != "" || !errors.Is(err, context.Canceled) || errors.Is(err, answer.ErrModelUnavailable) {
				t.Errorf("%s: %q, %v", kind, piece, err)
			}
		}
		if ctx.Err() == nil {
			t.Errorf("%s: no piece came", kind)
		}
		cancel()
		<-gone
	}
}

func TestSilentServer(t *testing.T) {
	for _, kind := range []endpoint.Kind{endpoint.Ollama, endpoint.OpenAI} {
		url, gone := streaming(t)
		g := newGenerator(t, Config{Kind: kind, Model: "m", Endpoint: endpoint.Config{URL: url, Idle: 50 * time.Millisecond}})
		got, err := generate(t.Context(), t, g, answer.Prompt{User: "vraag"})
		if !slices.Equal(got, []string{"Het"}) || !errors.Is(err, answer.ErrModelUnavailable) || !errors.Is(err, endpoint.ErrSilent) {
			t.Errorf("%s: %q, %v", kind, got, err)
		}
		<-gone
	}
}

func TestServerIsDown(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	for kind, advice := range map[endpoint.Kind]string{endpoint.Ollama: "ollama serve", endpoint.OpenAI: "that the server runs there"} {
		g := newGenerator(t, Config{Kind: kind, Model: "m", Endpoint: endpoint.Config{URL: server.URL}})
		_, err := generate(t.Context(), t, g, answer.Prompt{User: "vraag"})
		if !errors.Is(err, answer.ErrModelUnavailable) || !strings.Contains(err.Error(), advice) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, c := range map[string]Config{
		`need "ollama" or "openai"`: {Kind: "vllm", Model: "m"},
		"no model is named":         {Kind: endpoint.Ollama},
		"need http://":              {Kind: endpoint.OpenAI, Model: "m"},
		"VLLM_KEY":                  {Kind: endpoint.Ollama, Model: "m", Endpoint: endpoint.Config{KeyEnv: "VLLM_KEY", Getenv: func(string) (string, bool) { return "", false }}},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	g := newGenerator(t, Config{Kind: endpoint.Ollama, Model: "m"})
	if g.endpoint.URL() != "http://127.0.0.1:11434" || g.Model() != "m" {
		t.Errorf("%s, %s", g.endpoint.URL(), g.Model())
	}
}
