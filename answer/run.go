package answer

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// errStopped ends a run whose reader went away.
var errStopped = errors.New("the reader went away")

// run is one question on its way.
type run struct {
	*Engine
	ctx     context.Context
	q       Question
	start   time.Time
	yield   func(Event, error) bool
	parts   []*part
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
	r.out = &Answer{ID: newID(), Question: r.q.Text, Mode: Extracted, Statements: []Statement{}, Parts: []Part{}, Choices: []string{}, Sources: []Source{},
		AsOf: r.asOf().Format(time.DateOnly)}
	r.out.Models.Embedder = r.embedder
	if r.opts.Off {
		r.out.Question = MaskPersonalData(r.q.Text)
		return r.refuse(SwitchedOff, "")
	}
	if reason := r.unfit(); reason != "" {
		if reason == PersonalData {
			r.out.Question = MaskPersonalData(r.q.Text)
		}
		return r.refuse(reason, "")
	}
	about := r.q.topic()
	if about == aboutPerson { // not kept, like a question that holds personal data
		return r.refuse(PersonalData, about)
	}
	var err error
	if r.key, err = r.recordKey(); err != nil {
		return err
	}
	if old, ok := r.recall(); ok {
		return r.repeat(old)
	}
	questions := split(r.q)
	if about != "" && (len(questions) == 1 || about == isAttack || about == isAbuse) {
		return r.refuse(about.reason(), about)
	}
	if err := r.find(questions); err != nil {
		return err
	}
	if choices := ambiguous(r.q, r.parts); len(choices) > 0 {
		return r.clarify(choices)
	}
	if err := r.sources(); err != nil {
		return err
	}
	for _, p := range r.parts {
		if err := r.answer(p); err != nil {
			return err
		}
	}
	return r.conclude()
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

// refuse ends without an answer. about has a text of its own; "" for that of the
// reason.
func (r *run) refuse(reason Reason, about topic) error {
	told := reason
	switch reason { // no model, and nothing to quote either
	case NothingVerified, ModelUnavailable, TimedOut:
		told = BelowThreshold
	}
	r.out.Message = r.refusal(told, about)
	if !r.sourced { // the order of events holds for every refusal
		if err := r.sources(); err != nil {
			return err
		}
	}
	return r.done(Refused, reason)
}
