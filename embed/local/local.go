// Package local embeds texts with multilingual-e5-small on this machine,
// through llama.cpp in a child process (internal/llama). It owns what is
// particular to that model: the role prefixes, the normalisation of its
// tokenizer, and the unit length of its vectors. It never downloads anything:
// the caller gives it the paths.
package local

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vraagbaak/vraagbaak/embed"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

// The model, as its card describes it:
// https://huggingface.co/intfloat/multilingual-e5-small
const (
	modelName     = "multilingual-e5-small"
	dimensions    = 384
	contextTokens = 512
)

// Config says where the model is.
type Config struct {
	LibraryDir string // folder with the shared libraries of llama.cpp
	ModelFile  string // multilingual-e5-small as GGUF
	Revision   string // SHA-256 of ModelFile, hex; part of the index signature
	Threads    int    // 0 for the physical cores this process may use
	Log        *slog.Logger
}

// Embedder is an embed.Embedder. Close it to end its child process.
type Embedder struct {
	runner *llama.Embedder
	model  embed.Model
}

var _ embed.Embedder = (*Embedder)(nil)

// New returns an Embedder; the model is loaded at the first use, or by Start.
func New(c Config) *Embedder {
	return &Embedder{
		runner: llama.NewEmbedder(llama.Config{
			LibraryDir: c.LibraryDir, ModelFile: c.ModelFile,
			ContextTokens: contextTokens, Threads: c.Threads, Log: c.Log,
		}),
		model: embed.Model{Name: modelName, Revision: c.Revision, Dimensions: dimensions},
	}
}

// Model implements embed.Embedder.
func (e *Embedder) Model() embed.Model { return e.model }

// Start loads the model now, instead of at the first use.
func (e *Embedder) Start(ctx context.Context) error {
	info, err := e.runner.Start(ctx)
	if err != nil {
		return err
	}
	if info.Dimensions != dimensions {
		return fmt.Errorf("the model gives vectors of %d dimensions, %s has %d", info.Dimensions, modelName, dimensions)
	}
	return nil
}

// Close ends the child process.
func (e *Embedder) Close() error { return e.runner.Close() }

// Status tells how the child process is.
func (e *Embedder) Status() llama.Status { return e.runner.Status() }

// Embed implements embed.Embedder. Queries overtake passages: a query waits for
// one passage at most.
func (e *Embedder) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	results, err := e.EmbedDetailed(ctx, role, texts)
	if err != nil {
		return nil, err
	}
	vectors := make([]embed.Vector, len(results))
	for i, r := range results {
		vectors[i] = r.Vector
	}
	return vectors, nil
}

// Result is a vector with what the model read of its text.
type Result struct {
	Vector    embed.Vector
	Tokens    int  // of the whole text, its prefix and both end tokens included
	Truncated bool // the model read the first 512 tokens only
}

// EmbedDetailed is Embed that also tells how long each text was.
func (e *Embedder) EmbedDetailed(ctx context.Context, role embed.Role, texts []string) ([]Result, error) {
	prefix, priority, err := manner(role)
	if err != nil {
		return nil, err
	}
	prepared := make([]string, len(texts))
	for i, t := range texts {
		prepared[i] = prefix + Normalize(t)
	}
	raw, err := e.runner.Embed(ctx, priority, prepared)
	if err != nil {
		return nil, fmt.Errorf("embed with %s: %w", modelName, err)
	}
	out := make([]Result, len(raw))
	for i, r := range raw {
		if len(r.Vector) != dimensions {
			return nil, fmt.Errorf("embed with %s: a vector of %d dimensions, expected %d", modelName, len(r.Vector), dimensions)
		}
		out[i] = Result{Vector: embed.Vector(r.Vector).Unit(), Tokens: r.Tokens, Truncated: r.Truncated}
	}
	return out, nil
}

// CountTokens is the number of tokens the model sees for a text in a role: a
// text of at most 512 is read whole.
func (e *Embedder) CountTokens(ctx context.Context, role embed.Role, text string) (int, error) {
	prefix, _, err := manner(role)
	if err != nil {
		return 0, err
	}
	return e.runner.CountTokens(ctx, prefix+Normalize(text))
}

func manner(role embed.Role) (prefix string, p llama.Priority, err error) {
	switch role {
	case embed.Query:
		return "query: ", llama.Urgent, nil
	case embed.Passage:
		return "passage: ", llama.Batch, nil
	}
	return "", llama.Batch, fmt.Errorf("embed with %s: unknown role %q", modelName, role)
}

// Normalize is the normalisation that the model's tokenizer was trained with,
// SentencePiece's nmt_nfkc: NFKC, control characters removed, every kind of
// white space a space. llama.cpp leaves it to its caller. Invalid UTF-8 becomes
// a space as well.
func Normalize(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, " ")
	}
	return norm.NFKC.String(strings.Map(nmt, text))
}

func nmt(r rune) rune {
	switch r {
	case '\t', '\n', '\f', '\r', 0x1680, 0x200B, 0x200E, 0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
		return ' '
	case 0x0B, 0x7F, 0x8F, 0x9F:
		return -1
	}
	if r < 0x20 {
		return -1
	}
	return r
}
