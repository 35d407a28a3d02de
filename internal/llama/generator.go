package llama

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
)

// Generator writes text in a child process of its own. It is safe for
// concurrent use; requests are answered one after the other. The child starts
// at the first request.
type Generator struct{ supervisor }

// NewGenerator returns a Generator; nothing is loaded yet.
func NewGenerator(c Config) *Generator {
	return &Generator{supervisor{config: c.withDefaults(4096), role: roleWriter}}
}

// Request is one conversation to be continued by the model, greedily
// (temperature 0). Control tokens written in System or User have no effect.
type Request struct {
	System, User string
	MaxTokens    int      // of output; 0 stands for 512
	Stop         []string // sequences that end the output, not part of it
	Grammar      string   // GBNF with a rule named root; "" for none
}

// Piece is a part of the output: whole characters, or, as the last one, the
// summary without text.
type Piece struct {
	Text string
	Done *Summary
}

// Summary tells what a generation cost and why it ended.
type Summary struct {
	PromptTokens int    // of the whole prompt, template included
	CachedTokens int    // of these, those reused from the previous prompt
	OutputTokens int    // generated
	Reason       Reason // why it ended
}

// Reason says why the output ended.
type Reason string

// The reasons.
const (
	ReasonEnd    Reason = "end"    // the model was done
	ReasonStop   Reason = "stop"   // a stop sequence came
	ReasonLength Reason = "length" // MaxTokens, or the context was full
)

const defaultMaxTokens = 512

// Generate yields the output in pieces as they are made, the last one with the
// summary. Errors: *TooLongError, ErrGrammar, ErrChildDied, *LoadError,
// ErrClosed, or that of ctx. Ending the iteration stops the model.
func (g *Generator) Generate(ctx context.Context, r Request) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		if r.MaxTokens <= 0 {
			r.MaxTokens = defaultMaxTokens
		}
		payload, err := json.Marshal(r)
		if err != nil {
			yield(Piece{}, err)
			return
		}
		p, err := g.get(ctx, true)
		if err != nil {
			yield(Piece{}, err)
			return
		}
		// One frame for each token, and a few for the ends.
		room := min(r.MaxTokens, p.info.ContextTokens) + 4
		c, err := p.send(kindGenerate, payload, room)
		if err != nil {
			yield(Piece{}, err)
			return
		}
		for {
			f, err := p.receive(ctx, c)
			if err != nil {
				p.cancel(c)
				yield(Piece{}, err)
				return
			}
			g.answered()
			piece, err := readPiece(f)
			if err != nil || piece.Done != nil {
				p.done(c)
				yield(piece, err)
				return
			}
			if !yield(piece, nil) {
				p.cancel(c)
				return
			}
		}
	}
}

func readPiece(f frame) (Piece, error) {
	switch f.kind {
	case kindPiece:
		return Piece{Text: string(f.payload)}, nil
	case kindDone:
		sum := new(Summary)
		if err := json.Unmarshal(f.payload, sum); err != nil {
			return Piece{}, fmt.Errorf("read the summary of the model process: %w", err)
		}
		return Piece{Done: sum}, nil
	case kindFailure:
		return Piece{}, readFailure(f.payload)
	}
	return Piece{}, fmt.Errorf("the model process answered a generation with kind %d", f.kind)
}

// CountTokens is the number of tokens of the text by itself, without template.
func (g *Generator) CountTokens(ctx context.Context, text string) (int, error) {
	return g.countTokens(ctx, text)
}
