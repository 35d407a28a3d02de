package answer

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// engineVersion changes whenever the same index, settings and model would give
// another answer.
const engineVersion = "8"

// recordKey names everything that decides the answer, the day included, since
// texts become valid and expire; "" where nothing is recorded.
func (r *run) recordKey() (string, error) {
	if r.recorder == nil {
		return "", nil
	}
	var err error
	if r.basis, err = r.Basis(r.ctx, r.q, r.asOf()); err != nil {
		return "", err
	}
	basis := &r.basis
	b, err := json.Marshal(struct {
		Version, Question, State, Embedder, Generator, Prompt, Day string
		Collections                                                []string
		History                                                    []Turn
		AsOf                                                       time.Time
		Filter                                                     retrieve.Filter
		Level                                                      Level
		Options                                                    Options
	}{basis.Engine, strings.TrimSpace(r.q.Text), basis.State, basis.Embedder.Name, basis.Generator.Name, promptTexts, basis.Moment.Format(time.DateOnly), basis.Collections, basis.History, basis.AsOf, r.q.Filter, basis.Level, basis.Options})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// recall looks for the record of an earlier answer. Trouble with the records
// costs time, never an answer.
func (r *run) recall() (*Answer, bool) {
	if r.key == "" {
		return nil, false
	}
	old, ok, err := r.recorder.Recall(r.ctx, r.key)
	if err != nil {
		r.log.Warn("earlier answers cannot be read", "error", err)
		return nil, false
	}
	return old, ok
}

// repeat sends an earlier answer again.
func (r *run) repeat(old *Answer) error {
	statements := old.Statements
	first := *old
	first.Statements = []Statement{}
	if err := r.send(Event{Kind: EventSources, Answer: &first}); err != nil {
		return err
	}
	for i := range statements {
		if err := r.send(Event{Kind: EventStatement, Statement: &statements[i]}); err != nil {
			return err
		}
	}
	total := ms(time.Since(r.start))
	old.Timings = Timings{Total: total}
	if len(statements) > 0 {
		old.Timings.FirstStatement = total
	}
	return r.send(Event{Kind: EventDone, Answer: old})
}

// record keeps an answer, unless a failure that may pass had a part in it.
func (r *run) record() {
	if r.key == "" || r.passing {
		return
	}
	r.basis.Documents = r.out.Documents()
	if err := r.recorder.Record(r.ctx, Record{Key: r.key, Answer: r.out, Basis: &r.basis}); err != nil {
		r.log.Warn("the answer could not be recorded", "answer", r.out.ID, "error", err)
	}
}
