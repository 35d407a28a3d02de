package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/replay"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// ErrNoRecord is wrapped where an answer is asked for that is not recorded.
var ErrNoRecord = errors.New("there is no record")

// Recorded finds the record of an answer. It opens no index and no model. The
// error wraps ErrNoRecord if there is none.
func Recorded(ctx context.Context, cfg *config.Config, id string) (rec answer.Record, err error) {
	path := filepath.Join(cfg.DataDir, answersFile)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return rec, noRecord(id, path)
	}
	records, err := openRecords(ctx, cfg)
	if err != nil {
		return rec, err
	}
	defer func() { err = errors.Join(err, records.Close()) }()
	rec, ok, err := records.Find(ctx, id)
	if err == nil && !ok {
		err = noRecord(id, path)
	}
	return rec, err
}

// noRecord says what is never kept, besides what was never answered.
func noRecord(id, path string) error {
	return fmt.Errorf("%w of an answer %q in %s; answers are kept for answer.keep_days, and not where a failure had a part in them or the question itself was refused", ErrNoRecord, id, path)
}

// Replay answers a recorded question again, without looking for or leaving a
// record. It is asked of the state of the day on which it was answered then, or
// with today of what is valid now; never of more collections than it was then.
func (a *App) Replay(ctx context.Context, rec answer.Record, today bool) (replay.Report, error) {
	var none replay.Report
	parts := a.parts
	parts.Recorder = nil
	engine, err := answer.NewEngine(parts, answerOptions(a.Config))
	if err != nil {
		return none, err
	}
	q := again(rec, a.Scope(), today)
	now := answer.Record{Given: time.Now().UTC()}
	moment := q.AsOf
	if moment.IsZero() {
		moment = now.Given
	}
	basis, err := engine.Basis(ctx, q, moment)
	if err != nil {
		return none, err
	}
	if now.Answer, err = answer.Collect(engine.Ask(ctx, q)); err != nil {
		return none, err
	}
	basis.Documents = now.Answer.Documents()
	if err := a.complete(ctx, &basis); err != nil {
		return none, err
	}
	now.Basis = &basis
	sources, err := sourcesNow(ctx, a.Config, a.Store, rec)
	if err != nil {
		return none, err
	}
	return replay.Compare(rec, now, sources), nil
}

// again is the question of a record. What an earlier version did not record is
// taken as a first question to everything.
func again(rec answer.Record, scope retrieve.Scope, today bool) answer.Question {
	q := answer.Question{Text: rec.Answer.Question, Scope: scope, AsOf: rec.Given}
	if b := rec.Basis; b != nil {
		q.History, q.Filter, q.AsOf, q.Level = b.History, b.Filter, b.Moment, b.Level
		if q.Scope = (retrieve.Scope{}); len(b.Collections) > 0 { // no names would not narrow it
			q.Scope = scope.Narrow(b.Collections...)
		}
	}
	if today {
		q.AsOf = time.Time{}
		if rec.Basis != nil {
			q.AsOf = rec.Basis.AsOf
		}
	}
	return q
}

// sourcesNow says what became of the sources of a record.
func sourcesNow(ctx context.Context, cfg *config.Config, store storage, rec answer.Record) ([]replay.Source, error) {
	scope := retrieve.NewScope(cfg.Collections()...)
	return replay.Sources(rec, func(ref ingest.Ref) (replay.Document, error) {
		var d replay.Document
		var err error
		if d.Digest, err = digest(ctx, cfg, store, ref); err != nil {
			return d, err
		}
		d.Passages, err = store.Passages(ctx, scope, ref)
		return d, err
	})
}

// Account is a recorded answer with what became of its sources.
type Account struct {
	Record  answer.Record
	Sources []replay.Source
	Index   answer.IndexState // as it is now, without its signature
	Trouble error             // why the index could not be asked; every source is unknown then
}

// AccountFor looks up a recorded answer and what became of its sources. It needs
// no model, and of the index only what is there.
func AccountFor(ctx context.Context, cfg *config.Config, id string, log *slog.Logger) (Account, error) {
	out := Account{}
	var err error
	if out.Record, err = Recorded(ctx, cfg, id); err != nil {
		return out, err
	}
	if out.Trouble = out.ask(ctx, cfg, log); out.Trouble == nil {
		return out, nil
	}
	if ctx.Err() != nil {
		return out, ctx.Err()
	}
	log.Warn("the index cannot say what became of the sources", "error", out.Trouble)
	unnamed := out.Record
	unnamed.Basis = nil
	out.Sources, err = replay.Sources(unnamed, nil)
	return out, err
}

func (c *Account) ask(ctx context.Context, cfg *config.Config, log *slog.Logger) (err error) {
	store, err := openExisting(ctx, cfg, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	if c.Index, err = indexState(ctx, store); err != nil {
		return err
	}
	c.Sources, err = sourcesNow(ctx, cfg, store, c.Record)
	return err
}
