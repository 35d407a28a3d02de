package answer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Record is an answer with what it rests on: enough to ask again, and to tell
// what is other by then.
type Record struct {
	Key    string    // of everything that decides the answer
	Given  time.Time // when it was kept; who keeps it sets it
	Answer *Answer
	Basis  *Basis // nil where an earlier version kept the answer alone
}

// Basis is what an answer rests on. The engine knows the first half; who keeps
// the record adds what only the index and the models know. It is kept as JSON.
type Basis struct {
	Engine      string          `json:"engine"` // version of the engine
	Prompt      string          `json:"prompt"` // SHA-256 of the instructions to the model, hex
	Options     Options         `json:"options"`
	Collections []string        `json:"collections"` // that were searched
	History     []Turn          `json:"history"`     // without personal data
	Filter      retrieve.Filter `json:"filter"`
	AsOf        time.Time       `json:"as_of"` // as it was asked; zero for now
	Level       Level           `json:"level"`
	Moment      time.Time       `json:"moment"` // whose state was asked for: AsOf, or when the question came
	Embedder    ModelState      `json:"embedder"`
	Generator   ModelState      `json:"generator"` // zero in extract mode
	State       string          `json:"state"`     // see Engine
	// Documents are where the sources of the answer are from, in their order.
	Documents []DocumentState `json:"documents"`
	Index     IndexState      `json:"index"`
}

// ModelState names a model exactly.
type ModelState struct {
	Name string `json:"name"`
	// SHA256 is of the weights, hex; "" where a server has them and does not tell.
	SHA256 string `json:"sha256"`
}

// DocumentState names one content of a document. Digest is that of the ledger,
// see ingest.Document.ContentDigest; "" where it was not known.
type DocumentState struct {
	Collection string `json:"collection"`
	ID         string `json:"id"`
	Digest     string `json:"digest"`
}

// Ref is the name of the document.
func (d DocumentState) Ref() ingest.Ref { return ingest.Ref{Collection: d.Collection, ID: d.ID} }

// IndexState names one content of an index. Made changes when it is rebuilt,
// Revision when a document is written or removed, Lexicon when its words are
// weighed anew; Signature is how it was made.
type IndexState struct {
	Made      string            `json:"made"`
	Revision  string            `json:"revision"`
	Lexicon   string            `json:"lexicon"`
	Signature map[string]string `json:"signature"`
}

// Basis is what an answer to a question would rest on now; moment is whose state
// is asked for. It has no documents: they are known when the answer is.
func (e *Engine) Basis(ctx context.Context, q Question, moment time.Time) (Basis, error) {
	prompt := sha256.Sum256([]byte(promptTexts))
	b := Basis{Engine: engineVersion, Prompt: hex.EncodeToString(prompt[:]), Options: e.opts, Collections: q.Scope.Collections(),
		History: q.History, Filter: masked(q.Filter), AsOf: q.AsOf, Level: q.Level, Moment: moment, Embedder: ModelState{Name: e.embedder}}
	b.Options.Timeout = 0 // never changes an answer, only whether there is one
	if e.generator != nil {
		b.Generator.Name = e.generator.Model()
	}
	if e.state == nil {
		return b, nil
	}
	var err error
	b.State, err = e.state(ctx)
	return b, err
}

// masked is a filter that may be kept.
func masked(f retrieve.Filter) retrieve.Filter {
	for _, list := range []*[]string{&f.Dossiers, &f.Sessions, &f.Kinds, &f.Authors, &f.Identifiers, &f.Laws} {
		*list = slices.Clone(*list)
		for i, v := range *list {
			(*list)[i] = MaskPersonalData(v)
		}
	}
	return f
}

// Documents are where the sources of an answer of this process are from; of one
// that was read from elsewhere they are not known.
func (a *Answer) Documents() []DocumentState {
	out := make([]DocumentState, len(a.Sources))
	for i, s := range a.Sources {
		out[i] = DocumentState{Collection: s.Collection, ID: strings.TrimPrefix(s.doc, s.Collection+"/")}
	}
	return out
}
