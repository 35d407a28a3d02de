// Package answer turns a question into statements that are each proved by a
// quotation, or into a typed refusal. It owns the wire form of an answer, the
// contract of a Generator, the choice of what to quote, and the check of what
// a model wrote. It never fetches documents and never lets a model decide what
// is shown.
package answer

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Status is the outcome of a question.
type Status string

// The outcomes.
const (
	Answered Status = "answered"
	Partial  Status = "partial"
	Clarify  Status = "clarify"
	Refused  Status = "refused"
)

// Reason says why an answer is refused, partial or extracted. The zero Reason
// stands for none.
type Reason string

// The reasons.
const (
	NoSource         Reason = "no_source"         // nothing in the sources came near the question
	BelowThreshold   Reason = "below_threshold"   // something came near, not near enough
	NothingVerified  Reason = "nothing_verified"  // the model wrote nothing that stood the check
	ModelUnavailable Reason = "model_unavailable" // no model, or it failed; the passages are shown
	TimedOut         Reason = "timed_out"
	PersonalData     Reason = "personal_data" // the question holds personal data, or asks for somebody else's
	OutOfScope       Reason = "out_of_scope"  // an opinion, a prediction, the asker's own file, medical advice
	Attack           Reason = "attack"        // the question gives orders to a language model
	Abuse            Reason = "abuse"         // it insults or threatens
	SwitchedOff      Reason = "switched_off"  // the organisation answers no questions now
	InvalidQuestion  Reason = "invalid_question"
)

// Mode says who worded the statements.
type Mode string

// The modes.
const (
	Generated Mode = "generated" // a language model, each statement verified
	Extracted Mode = "extracted" // verbatim from the sources
)

// Turn is an earlier question of the conversation with what was answered.
type Turn struct {
	Question string `json:"question"`
	Answer   string `json:"answer"`
}

// Question is one question with what bounds it.
type Question struct {
	Text    string
	Scope   retrieve.Scope // the zero Scope reads nothing, so finds nothing
	History []Turn         // oldest first
	AsOf    time.Time      // the state on this date; zero for now
	Level   Level          // how plain the language is
	// Filter narrows the search to documents with certain properties.
	Filter retrieve.Filter
}

// Answer is the wire form: what ask --json prints and POST /v1/answers returns.
// Lists are never nil.
type Answer struct {
	ID         string      `json:"id"`
	Question   string      `json:"-"` // masked where it had personal data; for records, not for readers
	Status     Status      `json:"status"`
	Reason     Reason      `json:"reason"`
	Message    string      `json:"message"` // for a refusal: what to tell the reader, in Dutch, or in English if the question is
	Mode       Mode        `json:"mode"`
	Statements []Statement `json:"statements"`
	// Parts are those of a compound question, each answered or refused apart; empty
	// for a question that is one.
	Parts   []Part   `json:"parts"`
	Choices []string `json:"choices"` // for status clarify: what the question may be about
	Sources []Source `json:"sources"`
	// AsOf is the day whose state of the sources this is, RFC 3339.
	AsOf string `json:"as_of"`
	// Confidence is the estimated chance that the sources hold the answer, from
	// the Evidence of the search alone.
	Confidence float64  `json:"confidence"`
	Evidence   Evidence `json:"evidence"`
	Models     Models   `json:"models"`
	Timings    Timings  `json:"timings_ms"`
}

// Part is one question of several that were asked at once.
type Part struct {
	Question   string  `json:"question"`
	Status     Status  `json:"status"` // answered, partial or refused
	Reason     Reason  `json:"reason"`
	Statements []int   `json:"statements"` // places in Answer.Statements, from 0
	Confidence float64 `json:"confidence"`
}

// Statement is one sentence that is shown, with what proves it.
type Statement struct {
	Text      string     `json:"text"`
	Citations []Citation `json:"citations"`
}

// Citation is a quotation that stands byte for byte in the text of the source
// with number Source, and at [Start,End) in the text of its document.
type Citation struct {
	Source  int      `json:"source"`
	Quote   string   `json:"quote"`
	URL     string   `json:"url"`
	Title   string   `json:"title"`
	Heading []string `json:"heading"`
	Page    int      `json:"page"`
	Start   int      `json:"start"`
	End     int      `json:"end"`
}

// Source is a passage that was found. Numbers start at 1, best first.
type Source struct {
	N          int      `json:"n"`
	URL        string   `json:"url"` // leads to the exact place where the format allows it
	Title      string   `json:"title"`
	Collection string   `json:"collection"`
	Score      float64  `json:"score"`
	Text       string   `json:"text"`
	Context    string   `json:"context"` // e.g. the question that the text answers; never quoted
	Heading    []string `json:"heading"`
	Page       int      `json:"page"`
	Start      int      `json:"start"`
	End        int      `json:"end"`
	Published  string   `json:"published"` // RFC 3339 date, "" if unknown
	// Older is set where another source has a later text on the same subject.
	Older bool `json:"older"`
	// Also are other places where the same text stands, at most maxAlso; Copies
	// counts them all.
	Also   []string `json:"also"`
	Copies int      `json:"copies"`

	doc string // the document it is from
}

// Models names what took part.
type Models struct {
	Embedder  string `json:"embedder"`
	Generator string `json:"generator"` // "" in extract mode
}

// Timings are milliseconds since the question came in, except Embed and
// Retrieve, which are durations.
type Timings struct {
	Embed          float64 `json:"embed"`
	Retrieve       float64 `json:"retrieve"`
	FirstStatement float64 `json:"first_statement"`
	Total          float64 `json:"total"`
}

// EventKind names what an Event carries.
type EventKind string

// The events of an answer, in this order: one EventSources, any number of
// EventStatement, one EventDone.
const (
	EventSources   EventKind = "sources"   // Answer holds id and sources
	EventStatement EventKind = "statement" // Statement is verified and final
	EventDone      EventKind = "done"      // Answer is complete
)

// Event is one step of an answer.
type Event struct {
	Kind      EventKind
	Answer    *Answer    // for EventSources and EventDone
	Statement *Statement // for EventStatement
}

// Asker answers questions; *Engine is one. An error ends the sequence and means
// that no answer could be formed at all (the store failed, the context ended);
// every refusal is an answer.
type Asker interface {
	Ask(ctx context.Context, q Question) iter.Seq2[Event, error]
}

// Prompt is what a Generator is given. The engine builds it; a Generator adds
// the model's own chat template and nothing else.
type Prompt struct {
	System, User string
	MaxTokens    int      // of output; the budget is in tokens, never in seconds
	Stop         []string // sequences that end the output, not part of it
	Grammar      string   // GBNF that the output must follow; "" for none. Generators that cannot constrain ignore it.
}

// Generator writes text. It yields pieces as they come; temperature is zero and
// the same prompt gives the same text. Ending the iteration or the context stops
// the model. It is safe for concurrent use.
type Generator interface {
	Model() string
	Generate(ctx context.Context, p Prompt) iter.Seq2[string, error]
}

// ErrModelUnavailable is wrapped by the errors of generators whose model is
// missing, cannot be reached or failed; the engine then shows passages verbatim.
var ErrModelUnavailable = errors.New("the language model is not available")
