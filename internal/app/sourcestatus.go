package app

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/index"
	"github.com/vraagbaak/vraagbaak/retrieve/memstore"
)

// SourceStatus is what the index has of a source. Times are RFC 3339 in UTC, ""
// for never.
type SourceStatus struct {
	SourceName
	LastRun     RunStatus `json:"last_run"`
	LastSuccess RunStatus `json:"last_success"` // the last run that read it to its end
	Documents   int       `json:"documents"`
	Passages    int       `json:"passages"`
	// Oldest is the indexed document whose last confirmation is longest ago;
	// confirmations are noted once a day.
	Oldest OldestDocument `json:"oldest"`
	// Due counts the pages whose time to be visited has come, where pages are
	// visited by their history: what the limit on requests left for the next run.
	Due int `json:"due"`
	// Failed counts the documents that could not be read at the last attempt.
	Failed   int             `json:"failed"`
	Reasons  []FailureReason `json:"reasons"`  // most failures first
	Failures []FailureStatus `json:"failures"` // all, ordered by ID
}

// RunStatus is one run of a source.
type RunStatus struct {
	Started   string `json:"started"`
	Ended     string `json:"ended"`
	New       int    `json:"new"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Deleted   int    `json:"deleted"`
	Failed    int    `json:"failed"`
	Passages  int    `json:"passages"` // written
	Error     string `json:"error"`
}

// OldestDocument is a document with the time since it was last confirmed.
type OldestDocument struct {
	ID      string `json:"id"`
	Checked string `json:"checked"`
	Seconds int64  `json:"seconds"`
}

// FailureReason counts documents that fail for the same reason.
type FailureReason struct {
	Reason string `json:"reason"`
	Count  int    `json:"count"`
}

// FailureStatus is a document that could not be read.
type FailureStatus struct {
	ID      string `json:"id"`
	Error   string `json:"error"`
	Since   string `json:"since"`
	Indexed bool   `json:"indexed"` // an earlier version is
}

// openExisting opens the index to look something up; an index that was never
// made is empty and stays unmade.
func openExisting(ctx context.Context, cfg *config.Config, log *slog.Logger) (storage, error) {
	if cfg.Store.Kind == "local" {
		_, err := os.Stat(filepath.Join(cfg.DataDir, indexFile))
		if errors.Is(err, fs.ErrNotExist) {
			return memstore.New(), nil
		}
	}
	return openStore(ctx, cfg, log, indexFile)
}

// StatusOfSources says what the index has of each source.
func StatusOfSources(ctx context.Context, cfg *config.Config, log *slog.Logger) (out []SourceStatus, err error) {
	store, err := openExisting(ctx, cfg, log)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	out = []SourceStatus{}
	for _, s := range cfg.Sources {
		st, err := sourceStatus(ctx, store, s, time.Now())
		if err != nil {
			return nil, err
		}
		out = append(out, st)
	}
	return out, nil
}

func sourceStatus(ctx context.Context, store storage, s config.Source, now time.Time) (SourceStatus, error) {
	out := SourceStatus{SourceName: sourceName(s), Reasons: []FailureReason{}, Failures: []FailureStatus{}}
	runs, err := index.SourceRuns(ctx, store, s.Name)
	if err != nil {
		return out, err
	}
	out.LastRun, out.LastSuccess = runStatus(runs.Last), runStatus(runs.Success)
	var oldest time.Time
	reasons := map[string]int{}
	for e, err := range store.Entries(ctx, s.Name) {
		if err != nil {
			return out, err
		}
		if e.Failure != "" {
			out.Failures = append(out.Failures, FailureStatus{e.Ref.ID, e.Failure, moment(e.FailedSince), e.Passages > 0})
			reasons[general(e.Failure, e.Ref.ID)]++
		}
		if e.Passages == 0 {
			continue
		}
		if due := crawl.OriginOf(e.State).Due; s.Revisit == "adaptive" && !due.After(now) {
			out.Due++
		}
		out.Documents++
		out.Passages += e.Passages
		if oldest.IsZero() || e.Checked.Before(oldest) {
			oldest = e.Checked
			out.Oldest = OldestDocument{e.Ref.ID, moment(e.Checked), int64(now.Sub(e.Checked).Seconds())}
		}
	}
	out.Failed = len(out.Failures)
	for r, n := range reasons {
		out.Reasons = append(out.Reasons, FailureReason{r, n})
	}
	slices.SortFunc(out.Reasons, func(a, b FailureReason) int {
		return cmp.Or(b.Count-a.Count, strings.Compare(a.Reason, b.Reason))
	})
	return out, nil
}

// general is a reason without the document that it names first.
func general(reason, id string) string {
	return strings.TrimPrefix(reason, id+": ")
}

func runStatus(o *index.Outcome) RunStatus {
	if o == nil {
		return RunStatus{}
	}
	return RunStatus{moment(o.Started), moment(o.Ended), o.New, o.Changed, o.Unchanged, o.Deleted, o.Failed, o.Passages, o.Error}
}

func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
