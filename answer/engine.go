package answer

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

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
	Contact     string // how to reach a person, added to refusals
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

// errStopped ends a run whose reader went away.
var errStopped = errors.New("the reader went away")

// run is one question on its way.
type run struct {
	*Engine
	ctx     context.Context
	q       Question
	start   time.Time
	yield   func(Event, error) bool
	found   retrieve.Result
	out     *Answer
	key     string // of the record; "" to keep none
	basis   Basis  // of the record
	sourced bool   // the sources event was sent
	passing bool   // a failure that may pass had a part in the answer
}

func (r *run) run() error {
	for i, t := range r.q.History { // what was refused before must not come back through the conversation
		if i == 0 {
			r.q.History = slices.Clone(r.q.History)
		}
		r.q.History[i] = Turn{MaskPersonalData(t.Question), MaskPersonalData(t.Answer)}
	}
	r.out = &Answer{ID: newID(), Question: r.q.Text, Mode: Extracted, Statements: []Statement{}, Choices: []string{}, Sources: []Source{}}
	r.out.Models.Embedder = r.embedder
	if reason := r.unfit(); reason != "" {
		if reason == PersonalData {
			r.out.Question = MaskPersonalData(r.q.Text)
		}
		return r.refuse(reason)
	}
	var err error
	if r.key, err = r.recordKey(); err != nil {
		return err
	}
	if old, ok := r.recall(); ok {
		return r.repeat(old)
	}
	r.found, err = r.search.Search(r.ctx, standalone(r.q), retrieve.Hybrid,
		retrieve.Selection{Scope: r.q.Scope, Limit: 20, AsOf: r.asOf(), Filter: r.q.Filter})
	if err != nil {
		return err
	}
	r.out.Timings.Embed, r.out.Timings.Retrieve = ms(r.found.Embed), ms(r.found.Retrieve)
	r.out.Evidence = gather(cmp.Or(r.found.Text, standalone(r.q)), r.found)
	r.out.Confidence = r.opts.Weights.Confidence(r.out.Evidence)
	chosen := choose(r.found.Candidates, r.opts.Sources)
	for i, c := range chosen {
		r.out.Sources = append(r.out.Sources, source(i+1, c))
	}
	if err := r.sources(); err != nil {
		return err
	}
	switch {
	case len(chosen) == 0:
		return r.refuse(NoSource)
	case r.out.Confidence < r.opts.Threshold:
		return r.refuse(BelowThreshold)
	case r.generator == nil:
		return r.quote("")
	}
	return r.generate()
}

// asOf is the moment whose state is asked for: what is not yet valid, or no
// longer, is not cited as if it were.
func (r *run) asOf() time.Time {
	if r.q.AsOf.IsZero() {
		return r.start
	}
	return r.q.AsOf
}

// unfit says why a question cannot be answered at all; "" if it can.
func (r *run) unfit() Reason {
	text := strings.TrimSpace(r.q.Text)
	switch {
	case !utf8.ValidString(text), !strings.ContainsFunc(text, isWord), utf8.RuneCountInString(text) > r.opts.MaxQuestion:
		return InvalidQuestion
	case len(FindPersonalData(text)) > 0:
		return PersonalData
	}
	return ""
}

func (r *run) send(ev Event) error {
	if !r.yield(ev, nil) {
		return errStopped
	}
	return nil
}

func (r *run) sources() error {
	r.sourced = true
	first := *r.out // the reader may keep it while the answer grows
	return r.send(Event{Kind: EventSources, Answer: &first})
}

// say adds a verified statement and sends it.
func (r *run) say(s Statement) error {
	if len(r.out.Statements) == 0 {
		r.out.Timings.FirstStatement = ms(time.Since(r.start))
	}
	r.out.Statements = append(r.out.Statements, s)
	return r.send(Event{Kind: EventStatement, Statement: &s})
}

func (r *run) done(status Status, reason Reason) error {
	r.out.Status, r.out.Reason = status, reason
	r.out.Timings.Total = ms(time.Since(r.start))
	r.record() // before it is sent: a reader who leaves then has had the answer
	return r.send(Event{Kind: EventDone, Answer: r.out})
}

func (r *run) refuse(reason Reason) error {
	r.out.Message = message(reason, r.opts.Contact)
	if !r.sourced { // the order of events holds for every refusal
		if err := r.sources(); err != nil {
			return err
		}
	}
	return r.done(Refused, reason)
}

// quote answers with verbatim passages. why says why no model worded it.
func (r *run) quote(why Reason) error {
	r.out.Mode = Extracted
	r.out.Message = verbatim(why)
	for _, q := range extract(r.q.Text, r.found, r.out.Sources) {
		c := cite(r.out.Sources, q)
		if err := r.say(Statement{Text: oneLine(c.Quote), Citations: []Citation{c}}); err != nil {
			return err
		}
	}
	if len(r.out.Statements) == 0 { // nothing near the question is a sentence
		r.out.Message = message(BelowThreshold, r.opts.Contact)
		return r.done(Refused, cmp.Or(why, BelowThreshold))
	}
	return r.done(Answered, why)
}

// generate lets the model word the answer, and shows what can be proved of it.
func (r *run) generate() error {
	r.out.Models.Generator = r.generator.Model()
	r.out.Mode = Generated
	sources := r.prompted()
	prompt, err := r.prompt.render(standalone(r.q), sources, r.opts.MaxTokens)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	check := newVerifier(r.found.Analyzer, sources)
	var in lines
	dropped, gap := 0, false // gap: the sentence before was dropped
	seen := map[string]bool{}
	show := func(ls []line) error {
		for _, l := range ls {
			if seen[l.text] || !states(l.text) {
				continue
			}
			seen[l.text] = true
			q, err := check.check(l.text, l.cited)
			if err == nil && gap && leansBack(l.text) {
				err = errors.New("it leans on a sentence that was dropped")
			}
			if gap = err != nil; gap {
				dropped++
				r.log.Debug("sentence dropped", "answer", r.out.ID, "why", err)
				continue
			}
			if err := r.say(Statement{Text: l.text, Citations: []Citation{cite(sources, q)}}); err != nil {
				return err
			}
		}
		return nil
	}
	var failure error
	for piece, err := range r.generator.Generate(ctx, prompt) {
		if err != nil {
			failure = err
			break
		}
		if err := show(in.add(piece)); err != nil {
			return err
		}
	}
	if r.ctx.Err() != nil {
		return r.ctx.Err()
	}
	if failure == nil { // what a broken model leaves behind is half a sentence
		if err := show(in.end()); err != nil {
			return err
		}
	}
	why := NothingVerified
	r.passing = failure != nil
	switch {
	case failure != nil && ctx.Err() != nil:
		why = TimedOut
	case failure != nil:
		why = ModelUnavailable
		r.log.Warn("the language model failed; passages are shown", "answer", r.out.ID, "error", failure)
	}
	switch n := len(r.out.Statements); {
	case n == 0:
		return r.quote(why)
	case failure != nil:
		r.out.Message = message(why, "")
		return r.done(Partial, why)
	default:
		r.log.Debug("answered", "answer", r.out.ID, "statements", n, "dropped", dropped)
		return r.done(Answered, "")
	}
}

// prompted are the sources a model reads: those an answer may cite, in the order
// in which they are shown.
func (r *run) prompted() []Source {
	var at []int
	for _, doc := range citable(r.out.Sources, func(int) bool { return true }) {
		at = append(at, doc...)
	}
	slices.Sort(at)
	var out []Source
	for _, i := range at[:min(r.opts.Prompted, len(at))] {
		out = append(out, r.out.Sources[i])
	}
	return out
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
