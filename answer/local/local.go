// Package local answers prompts with a language model on this machine, through
// llama.cpp in a child process (internal/llama). It owns the translation
// between answer.Generator and that process, and nothing of what a prompt says.
// It never downloads anything: the caller gives it the paths.
package local

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

// Config says where the model is.
type Config struct {
	LibraryDir    string // folder with the shared libraries of llama.cpp
	ModelFile     string // an instruction-tuned model as GGUF
	Name          string // what answers call the model, e.g. "qwen2.5-coder-1.5b"
	ContextTokens int    // prompt and output together; 0 for 4096
	Threads       int    // 0 for the physical cores this process may use
	Log           *slog.Logger
}

// Generator is an answer.Generator. Close it to end its child process.
type Generator struct {
	runner *llama.Generator
	name   string
}

var _ answer.Generator = (*Generator)(nil)

// New returns a Generator; the model is loaded at the first use, or by Start.
func New(c Config) *Generator {
	return &Generator{
		runner: llama.NewGenerator(llama.Config{
			LibraryDir: c.LibraryDir, ModelFile: c.ModelFile,
			ContextTokens: c.ContextTokens, Threads: c.Threads, Log: c.Log,
		}),
		name: c.Name,
	}
}

// Model implements answer.Generator.
func (g *Generator) Model() string { return g.name }

// Start loads the model now, instead of at the first use.
func (g *Generator) Start(ctx context.Context) error {
	_, err := g.runner.Start(ctx)
	return unavailable(err)
}

// Close ends the child process.
func (g *Generator) Close() error { return g.runner.Close() }

// Status tells how the child process is.
func (g *Generator) Status() llama.Status { return g.runner.Status() }

// CountTokens is the number of tokens of the text by itself.
func (g *Generator) CountTokens(ctx context.Context, text string) (int, error) {
	n, err := g.runner.CountTokens(ctx, text)
	return n, unavailable(err)
}

// Generate implements answer.Generator. Where the model cannot be loaded or its
// process dies, the error wraps answer.ErrModelUnavailable; a prompt that does
// not fit is a *llama.TooLongError with its number of tokens.
func (g *Generator) Generate(ctx context.Context, p answer.Prompt) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for piece, err := range g.runner.Generate(ctx, llama.Request{
			System: p.System, User: p.User,
			MaxTokens: p.MaxTokens, Stop: p.Stop, Grammar: p.Grammar,
		}) {
			if err != nil {
				yield("", unavailable(err))
				return
			}
			if piece.Text != "" && !yield(piece.Text, nil) {
				return
			}
		}
	}
}

// unavailable marks the errors after which the passages are to be shown as they
// are. The end of a context and a bad request are not among them.
func unavailable(err error) error {
	var long *llama.TooLongError
	switch {
	case err == nil, errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded),
		errors.As(err, &long), errors.Is(err, llama.ErrGrammar):
		return err
	}
	return fmt.Errorf("%w: %w", answer.ErrModelUnavailable, err)
}
