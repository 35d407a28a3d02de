// Package replay says what is other about an answer than when it was recorded,
// and why: its sources, the index, the models, the engine, the settings. It
// compares; it never asks a question, searches or writes.
package replay

import (
	"slices"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
)

// Kind says what is other.
type Kind string

// What is other about the answer itself.
const (
	OtherStatus     Kind = "status"
	OtherReason     Kind = "reason"
	OtherMode       Kind = "mode" // worded by a model, or verbatim
	OtherMessage    Kind = "message"
	OtherStatements Kind = "statements"
	OtherCitations  Kind = "citations" // the same sentences, proved by others
	OtherChoices    Kind = "choices"
)

// What is other about what it rests on.
const (
	SourceWithdrawn  Kind = "source_withdrawn"
	SourceChanged    Kind = "source_changed"
	SourceNew        Kind = "source_new" // was not among the sources then
	IndexRebuilt     Kind = "index_rebuilt"
	IndexRevised     Kind = "index_revised" // documents were written or removed, maybe others than the sources
	OtherModel       Kind = "model"
	OtherEngine      Kind = "engine"
	OtherSettings    Kind = "settings"
	OtherCollections Kind = "collections"
	OtherDay         Kind = "day"
	Unrecorded       Kind = "unrecorded"  // what the record does not say
	Unexplained      Kind = "unexplained" // the answer is other, and nothing it rests on is
)

// Change is one thing that is other, in words.
type Change struct {
	Kind   Kind   `json:"kind"`
	Detail string `json:"detail"`
}

// Report is the outcome of a replay. An answer is identical if the reader gets
// the same: status, reason, words and quotations. Changes also lists what is
// other without effect on it.
type Report struct {
	ID        string   `json:"id"`
	Identical bool     `json:"identical"`
	Changes   []Change `json:"changes"`
	Recorded  Side     `json:"recorded"`
	Now       Side     `json:"now"`
}

// Side is one of the two answers with what it rests on. What a record does not
// say is "".
type Side struct {
	Time       string             `json:"time"`  // RFC 3339, when it was given
	AsOf       string             `json:"as_of"` // RFC 3339, whose state was asked for
	Status     answer.Status      `json:"status"`
	Reason     answer.Reason      `json:"reason"`
	Mode       answer.Mode        `json:"mode"`
	Message    string             `json:"message"`
	Statements []answer.Statement `json:"statements"`
	Confidence float64            `json:"confidence"`
	Threshold  float64            `json:"threshold"`
	Engine     string             `json:"engine"`
	Embedder   answer.ModelState  `json:"embedder"`
	Generator  answer.ModelState  `json:"generator"`
	Index      answer.IndexState  `json:"index"`
	Sources    []Source           `json:"sources"` // with their state in the index as it is now
}

// Compare tells a recorded answer from the one that is given now. sources are
// those of the recorded answer, see Sources.
func Compare(then, now answer.Record, sources []Source) Report {
	r := Report{ID: then.Answer.ID, Changes: []Change{}, Recorded: side(then, sources), Now: side(now, present(now.Answer))}
	differences := answers(then.Answer, now.Answer)
	r.Identical = len(differences) == 0
	r.Changes = append(r.Changes, differences...)
	causes := changedSources(sources)
	causes = append(causes, newSources(then, now)...)
	causes = append(causes, bases(then.Basis, now.Basis)...)
	if !r.Identical && len(causes) == 0 {
		causes = []Change{{Unexplained, "nothing that it rests on is other: a model failed, or does not write the same twice"}}
	}
	r.Changes = append(r.Changes, causes...)
	return r
}

func side(rec answer.Record, sources []Source) Side {
	a := rec.Answer
	s := Side{Time: moment(rec.Given), Status: a.Status, Reason: a.Reason, Mode: a.Mode, Message: a.Message, Statements: a.Statements,
		Confidence: a.Confidence, Embedder: answer.ModelState{Name: a.Models.Embedder}, Generator: answer.ModelState{Name: a.Models.Generator}, Sources: sources}
	if s.Statements == nil {
		s.Statements = []answer.Statement{}
	}
	if b := rec.Basis; b != nil {
		s.AsOf, s.Threshold, s.Engine, s.Embedder, s.Generator, s.Index = moment(b.Moment), b.Options.Threshold, b.Engine, b.Embedder, b.Generator, b.Index
	}
	if s.Index.Signature == nil {
		s.Index.Signature = map[string]string{}
	}
	return s
}

// present are the sources of an answer that is given now: they are as they are.
func present(a *answer.Answer) []Source {
	out := []Source{}
	for _, s := range a.Sources {
		out = append(out, Source{N: s.N, URL: s.URL, Title: s.Title, Collection: s.Collection, State: Unchanged, Quoted: true})
	}
	return out
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// changedSources lists every document once, those that were cited or only found
// alike: what was found decides whether there is an answer.
func changedSources(sources []Source) []Change {
	var out []Change
	add := func(c Change) {
		if !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	for _, s := range sources {
		switch {
		case s.State == Withdrawn:
			add(Change{SourceWithdrawn, "the index has it no more: " + s.name()})
		case s.State == Changed && s.Quoted:
			add(Change{SourceChanged, "it has another text or properties now, in which what was quoted of it still stands: " + s.name()})
		case s.State == Changed:
			add(Change{SourceChanged, "it has another text now, in which what was quoted of it stands no more: " + s.name()})
		}
	}
	return out
}

func (s Source) name() string {
	if s.Title == "" || s.Title == s.URL {
		return s.URL
	}
	return s.Title + ", " + s.URL
}

// newSources are those of documents that the record does not have.
func newSources(then, now answer.Record) []Change {
	if then.Basis == nil || now.Basis == nil {
		return nil
	}
	var out []Change
	for i, s := range present(now.Answer) {
		if i >= len(now.Basis.Documents) {
			break
		}
		d := now.Basis.Documents[i]
		known := slices.ContainsFunc(then.Basis.Documents, func(o answer.DocumentState) bool { return o.Ref() == d.Ref() })
		if c := (Change{SourceNew, "found now, and not then: " + s.name()}); !known && !slices.Contains(out, c) {
			out = append(out, c)
		}
	}
	return out
}
