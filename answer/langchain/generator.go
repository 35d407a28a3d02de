// Package langchain is an [answer.Generator] over a model server elsewhere:
// Ollama, or any server that speaks OpenAI's chat completions (vLLM,
// llama-server, and others), through langchaingo. It owns the translation of a
// prompt into a request and of what comes back into pieces and typed errors. It
// never checks what the model wrote and never retries: the engine has the
// passages to fall back on.
//
// langchaingo is kept behind three guards, because it hides what matters here.
// It reads addresses and keys from OPENAI_* and OLLAMA_HOST where an option is
// absent: every option is given. It flattens failures to text: [endpoint.Watch]
// keeps them. It takes a stream that breaks off for a finished answer: an end
// without the server's own mark of the end is an error here.
package langchain

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/tmc/langchaingo/llms"
	"github.com/tmc/langchaingo/llms/ollama"
	"github.com/tmc/langchaingo/llms/openai"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/endpoint"
)

// Config says which model on which server writes.
type Config struct {
	Kind     endpoint.Kind
	Model    string          // as the server calls it
	Endpoint endpoint.Config // its URL ends in /v1 for most OpenAI-compatible servers; empty for Ollama on this machine

	// ContextTokens is the context that Ollama loads the model with; 8192. Ollama
	// cuts a longer prompt at its start without saying so. Other servers set it
	// themselves.
	ContextTokens int
	// KeepAlive is how long Ollama keeps the model in memory after a request
	// ("30m", "-1" for ever); "" leaves it to the server.
	KeepAlive string
	// CompletionTokens sends the bound on the output as max_completion_tokens, as
	// OpenAI's own newer models want it, instead of max_tokens, which every other
	// server knows.
	CompletionTokens bool
}

// Generator is a model on a server elsewhere. It is safe for concurrent use.
type Generator struct {
	config   Config
	endpoint *endpoint.Endpoint
	model    llms.Model
}

var _ answer.Generator = (*Generator)(nil)

// errBrokeOff is an answer without the server's mark of its end.
var errBrokeOff = errors.New("the answer broke off, or was not one")

// New checks c and returns its generator. It does not connect, so a server that
// is down now is no error.
func New(c Config) (*Generator, error) {
	if err := c.Kind.Check(); err != nil {
		return nil, err
	}
	if c.Model == "" {
		return nil, fmt.Errorf("no model is named for the %s server", c.Kind)
	}
	if c.Kind == endpoint.Ollama && c.Endpoint.URL == "" {
		c.Endpoint.URL = "http://127.0.0.1:11434"
	}
	if c.ContextTokens <= 0 {
		c.ContextTokens = 8192
	}
	e, err := endpoint.New(c.Endpoint)
	if err != nil {
		return nil, err
	}
	g := &Generator{config: c, endpoint: e}
	if c.Kind == endpoint.Ollama {
		g.model, err = ollama.New(ollama.WithServerURL(e.URL()), ollama.WithHTTPClient(e.Client()), ollama.WithModel(c.Model),
			ollama.WithRunnerNumCtx(c.ContextTokens), ollama.WithKeepAlive(c.KeepAlive))
	} else {
		// The endpoint puts the key on the request; langchaingo wants some token.
		g.model, err = openai.New(openai.WithBaseURL(e.URL()), openai.WithHTTPClient(e.Client()), openai.WithModel(c.Model),
			openai.WithToken("none"), openai.WithOrganization(""), openai.WithAPIType(openai.APITypeOpenAI))
	}
	if err != nil {
		return nil, e.Fail(c.Kind, c.Model, err)
	}
	return g, nil
}

// Model is the name of the model on its server.
func (g *Generator) Model() string { return g.config.Model }

// errStop ends a stream of which the caller has seen enough.
var errStop = errors.New("the caller has seen enough")

// Generate implements [answer.Generator]. The grammar of p is ignored. An error
// is that of ctx, or one that wraps [answer.ErrModelUnavailable] and an
// [*endpoint.Failure]; it may come after pieces.
func (g *Generator) Generate(ctx context.Context, p answer.Prompt) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		watched, watch := g.endpoint.Watch(ctx)
		defer watch.Close()
		stopped := false
		// langchaingo calls this in the goroutine of GenerateContent, so in ours.
		piece := func(_ context.Context, b []byte) error {
			if len(b) > 0 && !yield(string(b), nil) {
				stopped = true
				return errStop
			}
			return nil
		}
		got, err := g.model.GenerateContent(watched, messages(p), g.options(p, piece)...)
		if stopped {
			return
		}
		if err = g.outcome(ctx, watch, got, err); err != nil {
			yield("", err)
		}
	}
}

// outcome is the error of a request, looking beyond what langchaingo says.
func (g *Generator) outcome(ctx context.Context, watch *endpoint.Watch, got *llms.ContentResponse, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if seen := watch.Err(); seen != nil {
		err = seen
	} else if err == nil && !g.finished(got) {
		err = errBrokeOff
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", answer.ErrModelUnavailable, g.endpoint.Fail(g.config.Kind, g.config.Model, err))
}

// finished reports whether the server marked the end of its answer: OpenAI's
// finish_reason, Ollama's done, which langchaingo shows by the counts that come
// with it and by the text that it only assembles then.
func (g *Generator) finished(got *llms.ContentResponse) bool {
	if got == nil || len(got.Choices) == 0 {
		return false
	}
	c := got.Choices[0]
	if g.config.Kind == endpoint.OpenAI {
		return c.StopReason != ""
	}
	tokens, _ := c.GenerationInfo["TotalTokens"].(int)
	return c.Content != "" || tokens > 0
}

func messages(p answer.Prompt) []llms.MessageContent {
	user := llms.TextParts(llms.ChatMessageTypeHuman, p.User)
	if p.System == "" {
		return []llms.MessageContent{user}
	}
	return []llms.MessageContent{llms.TextParts(llms.ChatMessageTypeSystem, p.System), user}
}

// options are those of a greedy, reproducible answer. The seed matters only to
// servers that draw at temperature 0 all the same.
func (g *Generator) options(p answer.Prompt, piece func(context.Context, []byte) error) []llms.CallOption {
	o := []llms.CallOption{llms.WithTemperature(0), llms.WithSeed(1), llms.WithStreamingFunc(piece)}
	if p.MaxTokens > 0 {
		o = append(o, llms.WithMaxTokens(p.MaxTokens))
	}
	if len(p.Stop) > 0 {
		o = append(o, llms.WithStopWords(slices.Clone(p.Stop)))
	}
	if g.config.Kind == endpoint.OpenAI && !g.config.CompletionTokens {
		o = append(o, openai.WithLegacyMaxTokensField())
	}
	return o
}
