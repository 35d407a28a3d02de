package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/internal/endpoint"
	"github.com/vraagbaak/vraagbaak/internal/httprr"
)

func key(name string) (string, bool) { return "geheim", name == "TEI_KEY" }

func newEmbedder(t *testing.T, c Config) *Embedder {
	t.Helper()
	e, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func near(a, b []embed.Vector) bool {
	return slices.EqualFunc(a, b, func(v, w embed.Vector) bool {
		return slices.EqualFunc(v, w, func(x, y float32) bool { return math.Abs(float64(x-y)) < 1e-6 })
	})
}

// fails checks that embedding texts gives a failure with these words, and no key.
func fails(t *testing.T, c Config, texts []string, words ...string) {
	t.Helper()
	got, err := newEmbedder(t, c).Embed(t.Context(), embed.Passage, texts)
	var failure *endpoint.Failure
	if got != nil || !errors.As(err, &failure) || strings.Contains(err.Error(), "geheim") {
		t.Errorf("%s: %v, %v", c.Model, got, err)
		return
	}
	for _, w := range append(words, c.Endpoint.URL, c.Model) {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("%s: %q is not in: %v", c.Model, w, err)
		}
	}
}

var texts = []string{"Grofvuil halen we op\ndinsdag op.", "Een paspoort kost 85 euro."}

func TestOllama(t *testing.T) {
	c := Config{Kind: endpoint.Ollama, Model: "bge-m3", Endpoint: endpoint.Config{
		URL: "http://ollama.test:11434", Transport: httprr.Open(t, "testdata/ollama.httprr", http.DefaultTransport)}}
	in := slices.Clone(texts)
	got, err := newEmbedder(t, c).Embed(t.Context(), embed.Passage, in)
	if want := []embed.Vector{{.6, .8, 0}, {0, 0, -1}}; err != nil || !near(got, want) {
		t.Errorf("%v, %v", got, err)
	}
	if !slices.Equal(in, texts) {
		t.Errorf("the caller's texts became %q", in)
	}
	c.Model = "bestaat-niet"
	fails(t, c, []string{"a"}, "HTTP 404", "ollama pull bestaat-niet")
	c.Model = "leeg"
	fails(t, c, []string{"a"}, "no response")
	c.Model = "geen-ollama"
	fails(t, c, []string{"a"}, "invalid character '<'")
}

func TestOpenAI(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", "sk-other") // langchaingo would read these
	t.Setenv("OPENAI_BASE_URL", "http://elsewhere.test/v1")
	c := Config{Kind: endpoint.OpenAI, Model: "intfloat/multilingual-e5-small", QueryPrefix: "query: ", PassagePrefix: "passage: ",
		Endpoint: endpoint.Config{URL: "http://tei.test/v1", KeyEnv: "TEI_KEY", Getenv: key,
			Transport: httprr.Open(t, "testdata/openai.httprr", http.DefaultTransport)}}
	e := newEmbedder(t, c)
	if got := e.Model(); got != (embed.Model{Name: c.Model}) {
		t.Errorf("model before the first call: %+v", got)
	}
	got, err := e.Embed(t.Context(), embed.Passage, texts)
	if want := []embed.Vector{{.6, .8, 0}, {0, 0, -1}}; err != nil || !near(got, want) {
		t.Errorf("passages: %v, %v", got, err)
	}
	if got := e.Model().Dimensions; got != 3 {
		t.Errorf("%d dimensions learned", got)
	}
	if got, err := e.Embed(t.Context(), embed.Passage, []string{""}); err != nil || len(got) != 1 {
		t.Errorf("an empty text: %v, %v", got, err)
	}
	got, err = e.Embed(t.Context(), embed.Query, []string{"Wat kost een paspoort?"})
	if err != nil || !near(got, []embed.Vector{{0, 0, -1}}) {
		t.Errorf("query: %v, %v", got, err)
	}
	if got, err := e.Embed(t.Context(), embed.Query, nil); err != nil || len(got) != 0 {
		t.Errorf("no texts: %v, %v", got, err)
	}
	if _, err := e.Embed(t.Context(), "other", texts); err == nil || !strings.Contains(err.Error(), "role") {
		t.Errorf("unknown role: %v", err)
	}

	for _, x := range []struct {
		model string
		texts []string
		words []string
	}{
		{"geen-toegang", []string{"a"}, []string{"HTTP 401", "***", "TEI_KEY"}},
		{"te-lang", []string{"a"}, []string{"HTTP 413", "less than 512 tokens", "lower the batch or the text limit"}},
		{"te-weinig", []string{"a", "b"}, []string{"unexpected length"}},
		{"nul", []string{"a"}, []string{"the vector of text 1", "no direction"}},
		{"ongelijk", []string{"a", "b"}, []string{"the vector of text 2", "2 dimensions where the model has 3"}},
		{"base64", []string{"a"}, []string{"cannot unmarshal string"}},
	} {
		c.Model = x.model
		fails(t, c, x.texts, x.words...)
	}
}

// server answers embeddings in memory, after the responses that are queued.
type server struct {
	mu      sync.Mutex
	queue   []func() (*http.Response, error)
	inputs  [][]string
	at      []time.Time
	vectors func(text string) []float32
}

func (s *server) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = append(s.at, time.Now())
	if len(s.queue) > 0 {
		first := s.queue[0]
		s.queue = s.queue[1:]
		return first()
	}
	var in struct{ Input []string }
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	s.inputs = append(s.inputs, in.Input)
	type item struct {
		Embedding []float32 `json:"embedding"`
	}
	var out struct {
		Data []item `json:"data"`
	}
	for _, t := range in.Input {
		out.Data = append(out.Data, item{s.vectors(t)})
	}
	b, err := json.Marshal(out)
	return &http.Response{StatusCode: 200, Body: io.NopCloser(strings.NewReader(string(b)))}, err
}

func status(code int, after string) func() (*http.Response, error) {
	return func() (*http.Response, error) {
		h := http.Header{}
		if after != "" {
			h.Set("Retry-After", after)
		}
		return &http.Response{StatusCode: code, Header: h, Body: http.NoBody}, nil
	}
}

func down() (*http.Response, error) { return nil, errors.New("connection refused") }

func length(text string) []float32 { return []float32{1, float32(len(text))} }

func (s *server) config() Config {
	return Config{Kind: endpoint.OpenAI, Model: "m", Endpoint: endpoint.Config{URL: "http://host/v1", Transport: s}}
}

func TestRetries(t *testing.T) {
	type answers []func() (*http.Response, error)
	for _, c := range []struct {
		name     string
		queue    answers
		min, max time.Duration // between the first request and the last
		requests int
		want     string // in the error
	}{
		{"at once", nil, 0, 0, 1, ""},
		{"busy twice", answers{status(429, ""), status(503, "")}, 1125 * time.Millisecond, 1500 * time.Millisecond, 3, ""},
		{"asks to wait", answers{status(429, "30")}, 30 * time.Second, 30 * time.Second, 2, ""},
		{"asks to wait too long", answers{status(429, "61")}, 0, 0, 1, "HTTP 429"},
		{"down for a moment", answers{down}, 375 * time.Millisecond, 500 * time.Millisecond, 2, ""},
		{"down", answers{down, down, down, down}, 2625 * time.Millisecond, 3500 * time.Millisecond, 4, "connection refused (attempt 4)"},
		{"wrong request", answers{status(400, "")}, 0, 0, 1, "HTTP 400"},
		{"redirect", answers{status(307, "")}, 0, 0, 1, "HTTP 307"},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &server{queue: c.queue, vectors: length}
				_, err := newEmbedder(t, s.config()).Embed(t.Context(), embed.Passage, []string{"a"})
				if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
					t.Errorf("%v, want %q", err, c.want)
				}
				took := s.at[len(s.at)-1].Sub(s.at[0])
				if len(s.at) != c.requests || took < c.min || took > c.max {
					t.Errorf("%d requests in %v; want %d in %v to %v", len(s.at), took, c.requests, c.min, c.max)
				}
			})
		})
	}
}

func TestCancelWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &server{queue: []func() (*http.Response, error){status(503, "40")}}
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		start := time.Now()
		_, err := newEmbedder(t, s.config()).Embed(ctx, embed.Passage, []string{"a"})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != 2*time.Second {
			t.Errorf("%v after %v", err, time.Since(start))
		}
	})
}

func TestBatches(t *testing.T) {
	for _, c := range []struct {
		name     string
		maxTexts int
		maxBytes int
		texts    []string
		want     [][]string
	}{
		{"by number", 2, 0, []string{"a", "b", "c", "d", "e"}, [][]string{{"a", "b"}, {"c", "d"}, {"e"}}},
		{"by size", 0, 5, []string{"aaa", "bb", "c", "dddddddd", "e"}, [][]string{{"aaa", "bb"}, {"c"}, {"dddddddd"}, {"e"}}},
		{"empty and not UTF-8", 0, 0, []string{"", "\xff"}, [][]string{{" ", "\ufffd"}}},
	} {
		s := &server{vectors: length}
		config := s.config()
		config.MaxTexts, config.MaxBytes = c.maxTexts, c.maxBytes
		got, err := newEmbedder(t, config).Embed(t.Context(), embed.Passage, c.texts)
		if err != nil || !reflect.DeepEqual(s.inputs, c.want) || len(got) != len(c.texts) {
			t.Errorf("%s: %q, %v", c.name, s.inputs, err)
		}
		for i, v := range got { // the vectors are in the order of the texts
			if want := embed.Vector(length(slices.Concat(c.want...)[i])).Unit(); !near([]embed.Vector{v}, []embed.Vector{want}) {
				t.Errorf("%s: vector %d is %v, want %v", c.name, i, v, want)
			}
		}
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"beëindiging", 4, "beëi"}, {"ja", 4, "ja"}, {"ëëë", 3, "ëëë"}, {"ëëëë", 3, "ëëë"}, {"alles", 0, "alles"}, {"", 1, ""}} {
		if got := cut(c.in, c.n); got != c.want {
			t.Errorf("cut(%q, %d) = %q", c.in, c.n, got)
		}
	}
	s := &server{vectors: length}
	c := s.config()
	c.CutAt, c.QueryPrefix = 10, "query: "
	if _, err := newEmbedder(t, c).Embed(t.Context(), embed.Query, []string{"lange vraag"}); err != nil || s.inputs[0][0] != "query: lan" {
		t.Errorf("%q, %v", s.inputs, err)
	}
}

func TestDimensionsAreChecked(t *testing.T) {
	s := &server{vectors: length}
	c := s.config()
	c.Dimensions = 384
	if m, err := newEmbedder(t, c).Probe(t.Context()); err == nil || !strings.Contains(err.Error(), "2 dimensions where the model has 384") {
		t.Errorf("%v, %v", m, err)
	}
	c.Dimensions, c.Revision = 0, "abc"
	e := newEmbedder(t, c)
	if m, err := e.Probe(t.Context()); err != nil || m != (embed.Model{Name: "m", Revision: "abc", Dimensions: 2}) {
		t.Errorf("%v, %v", m, err)
	}
	s.vectors = func(string) []float32 { return []float32{1, 2, 3} } // another model in its place
	if _, err := e.Embed(t.Context(), embed.Passage, []string{"a"}); err == nil || !strings.Contains(err.Error(), "another model") {
		t.Error(err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := &server{vectors: length}
	e := newEmbedder(t, s.config())
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			text := strings.Repeat("x", i+1)
			got, err := e.Embed(t.Context(), embed.Passage, []string{text})
			if want := embed.Vector(length(text)).Unit(); err != nil || !near(got, []embed.Vector{want}) {
				t.Errorf("%d: %v, %v", i, got, err)
			}
		})
	}
	wg.Wait()
}

func TestSilentServer(t *testing.T) {
	hung := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	t.Cleanup(hung.Close)
	for _, kind := range []endpoint.Kind{endpoint.Ollama, endpoint.OpenAI} {
		e := newEmbedder(t, Config{Kind: kind, Model: "m", Endpoint: endpoint.Config{URL: hung.URL, Idle: 30 * time.Millisecond}})
		if _, err := e.Embed(t.Context(), embed.Passage, []string{"a"}); !errors.Is(err, endpoint.ErrSilent) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for want, c := range map[string]Config{
		`need "ollama" or "openai"`: {Model: "m"},
		"no model is named":         {Kind: endpoint.OpenAI},
		"need http://":              {Kind: endpoint.OpenAI, Model: "m"},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Error(fmt.Sprintf("%+v", c), err)
		}
	}
	if e := newEmbedder(t, Config{Kind: endpoint.Ollama, Model: "m"}); e.endpoint.URL() != "http://127.0.0.1:11434" {
		t.Error(e.endpoint.URL())
	}
}
