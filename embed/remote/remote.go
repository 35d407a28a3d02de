// Package remote is an [embed.Embedder] over a model server elsewhere: Ollama,
// or any server that speaks OpenAI's embeddings (vLLM, llama-server, Text
// Embeddings Inference), through langchaingo. It owns the prefixes, batches,
// retries and the checks of what comes back. It never logs texts or keys, and
// never guesses at a vector: a text that got none is an error.
//
// langchaingo replaces newlines in the slice of its caller and reads addresses
// and keys from the environment; it gets copies, and every option. It trusts
// the order of the vectors and ignores their index; the servers named above
// keep the order.
package remote

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"github.com/tmc/langchaingo/embeddings"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/internal/endpoint"
)

// Config says which model on which server embeds, and how. Zero numbers stand
// for the defaults.
type Config struct {
	Kind     endpoint.Kind
	Model    string          // as the server calls it
	Endpoint endpoint.Config // its URL ends in /v1 for most OpenAI-compatible servers; empty for Ollama on this machine

	// Revision and Dimensions identify the model in the index, see [embed.Model].
	// A server tells neither; the dimensions are learned from the first vector
	// where they are 0, and checked with every other.
	Revision   string
	Dimensions int

	// QueryPrefix and PassagePrefix stand before a text of that role, with the
	// space that follows: "query: " and "passage: " for e5.
	QueryPrefix, PassagePrefix string

	// MaxTexts and MaxBytes bound a request; 32 texts, 48,000 bytes of text. A
	// longer text goes alone. Ollama gets one text a request, always.
	MaxTexts, MaxBytes int
	// CutAt cuts texts to so many characters, for servers that refuse what is
	// longer than the model reads instead of cutting it (TEI without
	// --auto-truncate); 0 sends them whole.
	CutAt int

	// Attempts is how often a request is tried in all where the server is busy or
	// cannot be reached; 4. MaxWait bounds a wait between two attempts; 60 s.
	Attempts int
	MaxWait  time.Duration
}

// Embedder is a model on a server elsewhere. It is safe for concurrent use.
type Embedder struct {
	config   Config
	endpoint *endpoint.Endpoint
	client   embeddings.EmbedderClient

	mu         sync.Mutex
	dimensions int
}

var _ embed.Embedder = (*Embedder)(nil)

// New checks c and returns its embedder. It does not connect: call
// [Embedder.Probe] where the dimensions are not configured but have to be known.
func New(c Config) (*Embedder, error) {
	if err := c.Kind.Check(); err != nil {
		return nil, err
	}
	if c.Model == "" {
		return nil, fmt.Errorf("no model is named for the %s server", c.Kind)
	}
	if c.Kind == endpoint.Ollama && c.Endpoint.URL == "" {
		c.Endpoint.URL = "http://127.0.0.1:11434"
	}
	c.MaxTexts, c.MaxBytes, c.Attempts = or(c.MaxTexts, 32), or(c.MaxBytes, 48_000), or(c.Attempts, 4)
	c.MaxWait = or(c.MaxWait, time.Minute)
	e, err := endpoint.New(c.Endpoint)
	if err != nil {
		return nil, err
	}
	r := &Embedder{config: c, endpoint: e, dimensions: c.Dimensions}
	if c.Kind == endpoint.Ollama {
		r.client, err = ollama.New(ollama.WithServerURL(e.URL()), ollama.WithHTTPClient(e.Client()), ollama.WithModel(c.Model))
	} else {
		// The endpoint puts the key on the request; langchaingo wants some token.
		r.client, err = openai.New(openai.WithBaseURL(e.URL()), openai.WithHTTPClient(e.Client()), openai.WithModel(c.Model),
			openai.WithEmbeddingModel(c.Model), openai.WithToken("none"), openai.WithOrganization(""), openai.WithAPIType(openai.APITypeOpenAI))
	}
	if err != nil {
		return nil, e.Fail(c.Kind, c.Model, err)
	}
	return r, nil
}

func or[T int | time.Duration](v, standard T) T {
	if v > 0 {
		return v
	}
	return standard
}

// Model implements [embed.Embedder]. Its dimensions are 0 where they were not
// configured and no text was embedded yet.
func (e *Embedder) Model() embed.Model {
	e.mu.Lock()
	defer e.mu.Unlock()
	return embed.Model{Name: e.config.Model, Revision: e.config.Revision, Dimensions: e.dimensions}
}

// Probe embeds a word, to learn the dimensions and that the server answers.
func (e *Embedder) Probe(ctx context.Context) (embed.Model, error) {
	if _, err := e.Embed(ctx, embed.Query, []string{"gemeente"}); err != nil {
		return embed.Model{}, err
	}
	return e.Model(), nil
}

// Embed implements [embed.Embedder]. An error is that of ctx, or an
// [*endpoint.Failure]; no vectors come with it.
func (e *Embedder) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	sent, err := e.prepare(role, texts)
	if err != nil {
		return nil, err
	}
	out := make([]embed.Vector, 0, len(texts))
	for len(sent) > 0 {
		n := e.batch(sent)
		got, err := e.request(ctx, sent[:n])
		if err != nil {
			return nil, err
		}
		for _, raw := range got {
			v, err := e.check(raw)
			if err != nil {
				return nil, e.endpoint.Fail(e.config.Kind, e.config.Model, fmt.Errorf("the vector of text %d: %w", len(out)+1, err))
			}
			out = append(out, v)
		}
		sent = sent[n:]
	}
	return out, nil
}

// prepare copies texts, with the prefix of their role, cut, and never empty:
// servers refuse an empty text.
func (e *Embedder) prepare(role embed.Role, texts []string) ([]string, error) {
	prefix := ""
	switch role {
	case embed.Query:
		prefix = e.config.QueryPrefix
	case embed.Passage:
		prefix = e.config.PassagePrefix
	default:
		return nil, fmt.Errorf("embed: unknown role %q", role)
	}
	out := make([]string, len(texts))
	for i, t := range texts {
		out[i] = cut(prefix+strings.ToValidUTF8(t, "\ufffd"), e.config.CutAt)
		if out[i] == "" {
			out[i] = " "
		}
	}
	return out, nil
}

// cut is the first n characters of s, or s where n is 0.
func cut(s string, n int) string {
	if n <= 0 || len(s) <= n {
		return s
	}
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// batch is how many of texts go into the next request: at least one.
func (e *Embedder) batch(texts []string) int {
	size := 0
	for i, t := range texts {
		size += len(t)
		if i > 0 && (i == e.config.MaxTexts || size > e.config.MaxBytes) {
			return i
		}
	}
	return len(texts)
}

// check returns raw as a vector of unit length, of the model's dimensions.
func (e *Embedder) check(raw []float32) (embed.Vector, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(raw) == 0 {
		return nil, fmt.Errorf("it is empty")
	}
	if e.dimensions > 0 && len(raw) != e.dimensions {
		return nil, fmt.Errorf("it has %d dimensions where the model has %d; was another model put in its place?", len(raw), e.dimensions)
	}
	var sum float64
	for _, x := range raw {
		sum += float64(x) * float64(x)
	}
	if sum == 0 || math.IsNaN(sum) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("its length is %v, so it has no direction", math.Sqrt(sum))
	}
	e.dimensions = len(raw)
	return embed.Vector(raw).Unit(), nil
}
