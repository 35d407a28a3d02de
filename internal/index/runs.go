package index

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Outcome is one run of a source: when, what it did, and why it ended early.
type Outcome struct {
	Started   time.Time `json:"started"`
	Ended     time.Time `json:"ended"`
	New       int       `json:"new"`
	Changed   int       `json:"changed"`
	Unchanged int       `json:"unchanged"`
	Deleted   int       `json:"deleted"`
	Failed    int       `json:"failed"`
	Passages  int       `json:"passages"` // written
	Error     string    `json:"error"`    // "" if the source was read to its end
}

// Runs is what the ledger remembers of the runs of a source; nil for none yet.
type Runs struct {
	Last    *Outcome `json:"last"`
	Success *Outcome `json:"success"` // the last one without an error
}

func runsFact(source string) string { return "runs/" + source }

// SourceRuns reads what the ledger remembers of the runs of a source.
func SourceRuns(ctx context.Context, l retrieve.Ledger, source string) (Runs, error) {
	s, err := l.Fact(ctx, runsFact(source))
	if err != nil || s == "" {
		return Runs{}, err
	}
	var r Runs
	if err := json.Unmarshal([]byte(s), &r); err != nil {
		return Runs{}, fmt.Errorf("what the index notes of the runs of source %q cannot be read: %w", source, err)
	}
	return r, nil
}

// noteRun writes how a run went. before is the report when it began.
func (x *Indexer) noteRun(ctx context.Context, source string, start time.Time, before, r Report, why error) error {
	ctx = context.WithoutCancel(ctx)
	o := Outcome{Started: start.UTC(), Ended: time.Now().UTC(), New: r.New - before.New, Changed: r.Changed - before.Changed,
		Unchanged: r.Unchanged - before.Unchanged, Deleted: r.Deleted - before.Deleted, Failed: r.Failed - before.Failed,
		Passages: r.Passages - before.Passages}
	runs, err := SourceRuns(ctx, x.Ledger, source)
	if err != nil {
		x.Log.Warn("it is written anew", "error", err) // a damaged note is no reason to stop
	}
	runs.Last = &o
	if why != nil {
		o.Error = why.Error()
	} else {
		runs.Success = &o
	}
	b, err := json.Marshal(runs)
	if err != nil {
		return err
	}
	return x.Ledger.SetFact(ctx, runsFact(source), string(b))
}
