package llama

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// Embedder computes embeddings in a child process of its own. It is safe for
// concurrent use. The child starts at the first request.
type Embedder struct{ supervisor }

// NewEmbedder returns an Embedder; nothing is loaded yet.
func NewEmbedder(c Config) *Embedder {
	return &Embedder{supervisor{config: c.withDefaults(512), role: roleEncoder}}
}

// Priority orders texts that wait for the model.
type Priority bool

// The priorities. A query waits for one text in progress at most, never for a
// batch.
const (
	Batch  Priority = false
	Urgent Priority = true
)

// inFlight texts of one call keep the child busy between answers.
const inFlight = 3

// innocentRetries bounds how often a text is tried again that only waited when
// the child died.
const innocentRetries = 5

// Embed returns one embedding per text, in order, or the first error. A text
// whose child dies is tried once more with a new one.
func (e *Embedder) Embed(ctx context.Context, p Priority, texts []string) ([]Embedding, error) {
	out := make([]Embedding, len(texts))
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(inFlight, len(texts)) {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(texts) || ctx.Err() != nil {
					return
				}
				v, err := e.one(ctx, p, texts[i])
				if err != nil {
					if len(texts) > 1 && ctx.Err() == nil {
						err = fmt.Errorf("embed text %d of %d: %w", i+1, len(texts), err)
					}
					cancel(err)
					return
				}
				out[i] = v
			}
		})
	}
	wg.Wait()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return out, nil
}

func (e *Embedder) one(ctx context.Context, p Priority, text string) (Embedding, error) {
	k := kindPassage
	if p == Urgent {
		k = kindQuery
	}
	blamed := 0
	for attempt := 0; ; attempt++ {
		f, begun, err := e.ask(ctx, k, []byte(text))
		if err == nil {
			return unmarshalEmbedding(f.payload)
		}
		if begun {
			blamed++
		}
		if !errors.Is(err, ErrChildDied) || ctx.Err() != nil || blamed > 1 || attempt >= innocentRetries {
			return Embedding{}, err
		}
	}
}

// CountTokens is the number of tokens of the text, those at its ends included.
func (e *Embedder) CountTokens(ctx context.Context, text string) (int, error) {
	return e.countTokens(ctx, text)
}

func (s *supervisor) countTokens(ctx context.Context, text string) (int, error) {
	f, _, err := s.ask(ctx, kindCount, []byte(text))
	if err != nil {
		return 0, err
	}
	if f.kind != kindTokens || len(f.payload) != 4 {
		return 0, fmt.Errorf("the model process answered a count with kind %d, %d bytes", f.kind, len(f.payload))
	}
	return int(binary.LittleEndian.Uint32(f.payload)), nil
}

// ask sends a request that is answered with one frame. begun says whether the
// child had begun to work on it.
func (s *supervisor) ask(ctx context.Context, k kind, payload []byte) (_ frame, begun bool, _ error) {
	p, err := s.get(ctx, false)
	if err != nil {
		return frame{}, false, err
	}
	c, err := p.send(k, payload, 1)
	if err != nil {
		return frame{}, false, err
	}
	f, err := p.receive(ctx, c)
	if err != nil {
		begun := p.begun(c)
		p.cancel(c)
		return frame{}, begun, err
	}
	p.done(c)
	s.answered()
	if f.kind == kindFailure {
		return frame{}, true, readFailure(f.payload)
	}
	return f, true, nil
}

func readFailure(b []byte) error {
	var f failure
	if err := json.Unmarshal(b, &f); err != nil {
		return fmt.Errorf("read an error of the model process: %w", err)
	}
	switch f.Code {
	case codeTooLong:
		return &TooLongError{Tokens: f.Tokens, Limit: f.Limit}
	case codeGrammar:
		return fmt.Errorf("%w: %s", ErrGrammar, f.Message)
	case codeCancelled:
		return context.Canceled
	}
	return errors.New(f.Message)
}
