package app

import (
	"context"
	"fmt"
	"time"

	"github.com/vraagbaak/vraagbaak/internal/index"
)

// WatchRun is one run of a source under Watch.
type WatchRun struct {
	Source string
	Report index.Report // of this run alone
	Err    error        // it ended early
	Ended  time.Time
	Next   time.Time // when the source is read again
}

// Watch runs the sources now, and each of them again as often as the
// configuration says, one after the other, until ctx ends; that is no error. A
// run that fails is told to each and tried again at its next time. A deletion
// that is too large is never accepted here: a person has to.
func (a *App) Watch(ctx context.Context, o IngestOptions, each func(WatchRun)) error {
	if err := CheckSources(a.Config, o.Sources); err != nil {
		return err
	}
	sources := selected(a.Config, o.Sources)
	if len(sources) == 0 {
		return fmt.Errorf("%w: there are no sources to watch", ErrUsage)
	}
	every := make([]time.Duration, len(sources))
	for i, s := range sources {
		var err error
		if every[i], err = s.Interval(); err != nil {
			return fmt.Errorf("%w: source %q: %w", ErrUsage, s.Name, err)
		}
	}
	repeat(ctx, every, func(i int) func(time.Time) {
		r := WatchRun{Source: sources[i].Name}
		r.Report, r.Err = a.Ingest(ctx, IngestOptions{Sources: []string{r.Source}, Progress: o.Progress})
		r.Ended = time.Now()
		return func(next time.Time) {
			r.Next = next
			each(r)
		}
	})
	return nil
}

// repeat calls run(i) every every[i], counted from start to start, the first
// time at once; never two at a time, and never to catch up. What run returns is
// called with the moment of the next run. It returns when ctx ends.
func repeat(ctx context.Context, every []time.Duration, run func(i int) func(next time.Time)) {
	due := make([]time.Time, len(every))
	for i := range due {
		due[i] = time.Now()
	}
	for ctx.Err() == nil {
		first := 0
		for i := range due {
			if due[i].Before(due[first]) {
				first = i
			}
		}
		t := time.NewTimer(time.Until(due[first]))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
		start := time.Now()
		tell := run(first)
		if due[first] = start.Add(every[first]); due[first].Before(time.Now()) {
			due[first] = time.Now()
		}
		tell(due[first])
	}
}
