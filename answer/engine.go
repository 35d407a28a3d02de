package answer

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"iter"
	"log/slog"
	"time"
	"unicode"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Searcher finds passages; *retrieve.Searcher is one.
type Searcher interface {
	Search(ctx context.Context, text string, mode retrieve.Mode, sel retrieve.Selection) (retrieve.Result, error)
}

// Recorder keeps answers, so that a repeated question on the same index and
// settings gets the same answer without asking a model again. Key holds all
// that decides an answer.
type Recorder interface {
	Recall(ctx context.Context, key string) (*Answer, bool, error)
	Record(ctx context.Context, rec Record) error
}

// Options bound an answer. The zero value of a field is replaced by that of
// Defaults.
type Options struct {
	Threshold   float64       // least confidence, 0 to 1, to answer at all
	Sources     int           // passages shown
	Prompted    int           // passages a model reads
	MaxTokens   int           // that a model may write
	Timeout     time.Duration // for the model; then what is verified so far counts
	MaxQuestion int           // runes
	Weights     Weights
	Off         bool   // every question is refused
	Contact     string // how to reach a person, added to refusals
	// ContactEnglish is the same for a question in English; "" for Contact.
	ContactEnglish string
}

// Defaults returns the options that docs/answers.md has the figures of.
func Defaults() Options {
	return Options{Threshold: 0.5, Sources: 6, Prompted: 3, MaxTokens: 320, Timeout: 2 * time.Minute, MaxQuestion: 1000, Weights: DefaultWeights()}
}

// Engine answers questions. It is safe for concurrent use.
type Engine struct {
	search    Searcher
	generator Generator // nil: answers are extracted
	recorder  Recorder  // nil: nothing is kept
	embedder  string
	// state names the index and settings as they are now; with the question it
	// makes the key of a record.
	state  func(context.Context) (string, error)
	opts   Options
	prompt prompter
	log    *slog.Logger
}

// Parts are what an Engine is made of. Generator and Recorder may be nil.
type Parts struct {
	Searcher  Searcher
	Generator Generator
	Recorder  Recorder
	Embedder  string                                // name of the embedding model
	State     func(context.Context) (string, error) // see Engine; required with a Recorder
	Log       *slog.Logger
}

// NewEngine puts an engine together.
func NewEngine(p Parts, o Options) (*Engine, error) {
	d := Defaults()
	if o.Threshold == 0 {
		o.Threshold = d.Threshold
	}
	if o.Weights == (Weights{}) {
		o.Weights = d.Weights
	}
	for _, f := range []struct {
		value  *int
		preset int
	}{{&o.Sources, d.Sources}, {&o.Prompted, d.Prompted}, {&o.MaxTokens, d.MaxTokens}, {&o.MaxQuestion, d.MaxQuestion}} {
		if *f.value <= 0 {
			*f.value = f.preset
		}
	}
	if o.Timeout <= 0 {
		o.Timeout = d.Timeout
	}
	if p.Searcher == nil || p.Log == nil || p.Recorder != nil && p.State == nil {
		return nil, errors.New("an engine needs a searcher and a log, and with a recorder the state of the index")
	}
	prompt, err := newPrompter()
	if err != nil {
		return nil, err
	}
	return &Engine{search: p.Searcher, generator: p.Generator, recorder: p.Recorder, embedder: p.Embedder,
		state: p.State, opts: o, prompt: prompt, log: p.Log}, nil
}

// Ask answers a question. See Asker for the order of the events.
func (e *Engine) Ask(ctx context.Context, q Question) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		r := &run{Engine: e, ctx: ctx, q: q, start: time.Now(), yield: yield}
		if err := r.run(); err != nil && !errors.Is(err, errStopped) {
			yield(Event{}, err)
		}
	}
}

func newID() string {
	b := make([]byte, 12)
	rand.Read(b)
	return hex.EncodeToString(b)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// Collect takes the events of an answer and returns the answer when it is
// complete.
func Collect(events iter.Seq2[Event, error]) (*Answer, error) {
	var a *Answer
	for ev, err := range events {
		if err != nil {
			return nil, err
		}
		if ev.Kind == EventDone {
			a = ev.Answer
		}
	}
	if a == nil {
		return nil, errors.New("the answer ended early")
	}
	return a, nil
}
