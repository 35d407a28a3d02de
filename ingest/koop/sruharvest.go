package koop

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// sruCursor is how far the harvest got. A harvest reads windows of modification
// dates one after another, up to Goal.
type sruCursor struct {
	Scope   string `json:"scope"`             // the cursor of another selection is worth nothing
	Goal    string `json:"goal"`              // day on which this harvest began: its last window ends there or later
	Through string `json:"through,omitempty"` // last day of the windows that were read; "" before the first
	// Of the window that is being read.
	From  string `json:"from,omitempty"`
	To    string `json:"to,omitempty"`  // "" without an end
	Pos   int    `json:"pos,omitempty"` // of the next record; 0 between windows
	Total int    `json:"total,omitempty"`
	Again int    `json:"again,omitempty"` // times the window was begun again
	Days  int    `json:"days,omitempty"`  // length that windows may have; 0 for any
}

func (c sruCursor) next() ingest.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // strings and numbers always marshal
		return nil
	}
	return b
}

// firstDay is before all dates of modification of the service.
var firstDay = time.Date(1994, 12, 31, 0, 0, 0, 0, time.UTC)

// maxAgain bounds how often a window is read again because records left it
// meanwhile.
const maxAgain = 3

// sruRun is one run of a harvest.
type sruRun struct {
	p      *Publications
	mem    ingest.Memory
	today  time.Time
	cursor sruCursor
	out    *emitter
	streak streak
	// lenient: the service was seen to count more than there is.
	lenient bool
}

func (r *sruRun) harvest(ctx context.Context) error {
	saved, err := r.mem.Cursor(ctx)
	if err != nil {
		return err
	}
	if json.Unmarshal(saved, &r.cursor) != nil || r.cursor.Scope != r.p.scope {
		r.cursor = sruCursor{Scope: r.p.scope, Goal: day(r.today)}
	}
	if r.cursor.complete() {
		r.begin()
	}
	for {
		for !r.cursor.complete() {
			if err := r.window(ctx); err != nil {
				return err
			}
		}
		if r.cursor.Goal >= day(r.today) {
			return nil
		}
		r.begin() // what was finished now began on an earlier day
	}
}

// complete reports whether the harvest reached its goal.
func (c sruCursor) complete() bool { return c.Pos == 0 && c.Through != "" && c.Through >= c.Goal }

// begin starts the next harvest, a few days before the last one began.
func (r *sruRun) begin() {
	c := &r.cursor
	*c = sruCursor{Scope: c.Scope, Goal: max(c.Goal, day(r.today)), Through: day(parseDay(c.Goal).AddDate(0, 0, -r.p.dialect.overlap-1))}
}

// window reads one window to its end. The cursor moves with the last record of
// each page, so that an interruption repeats a page at most.
func (r *sruRun) window(ctx context.Context) error {
	c := &r.cursor
	if c.Pos == 0 {
		r.open()
	}
	for c.Pos > 0 {
		res, err := r.p.search(ctx, r.p.query.with(r.bounds()...), c.Pos, r.p.page)
		if err != nil {
			return err
		}
		if c.Pos == 1 && c.Again == 0 && res.Total > r.p.window && r.halve() {
			continue
		}
		if c.Pos == 1 {
			c.Total = res.Total
		}
		if res.stuck(c.Pos) {
			if err := r.unstick(ctx, res); err != nil {
				return err
			}
		}
		if err := r.page(ctx, res); err != nil {
			return err
		}
	}
	return nil
}

// unstick ends the window at a page that leads nowhere, where the count was an
// estimate and nothing more came for long. Until then it is an error: records
// that are skipped here are not met again.
func (r *sruRun) unstick(ctx context.Context, res *response) error {
	c := &r.cursor
	if res.empty() && res.Estimate && (r.lenient || c.Goal <= day(r.today.Add(-doubt))) {
		r.p.opts.Log.Warn("the service counts more records than it gives", "source", r.p.opts.Name, "counted", res.Total, "given", c.Pos-1)
		r.lenient, res.Next = true, 0
		return nil
	}
	if err := r.out.note(ctx, r.mem, c.next()); err != nil { // since when
		return err
	}
	return fmt.Errorf("the service counts %d records, sends %d from position %d on, and leads to position %d; the harvest would not end", res.Total, len(res.Records), c.Pos, res.Next)
}

// page yields the records of a page, and then notes the place behind it.
func (r *sruRun) page(ctx context.Context, res *response) error {
	for _, rec := range res.Records {
		changes, err := r.record(ctx, rec)
		for _, c := range changes {
			if err := r.out.add(c); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
	}
	r.advance(res)
	r.out.reach(r.cursor.next())
	return nil
}

// open begins the window behind the last one.
func (r *sruRun) open() {
	c := &r.cursor
	c.From, c.To, c.Pos, c.Total, c.Again = "", "", 1, 0, 0
	start := firstDay
	if c.Through != "" {
		start = parseDay(c.Through).AddDate(0, 0, 1)
		c.From = day(start)
	}
	if c.Days > 0 {
		if end := day(start.AddDate(0, 0, c.Days-1)); end < c.Goal {
			c.To = end
		}
	}
}

// bounds are the conditions of the window. The first has no beginning and the
// last no end, so that no date of modification falls outside all of them.
func (r *sruRun) bounds() []string {
	out := r.p.valid()
	if r.cursor.From != "" {
		out = append(out, r.p.dialect.modified+">="+r.cursor.From)
	}
	if r.cursor.To != "" {
		out = append(out, r.p.dialect.modified+"<="+r.cursor.To)
	}
	return out
}

// halve makes the window half as long; false if it is a day long.
func (r *sruRun) halve() bool {
	c := &r.cursor
	start, end := firstDay, parseDay(c.Goal)
	if c.From != "" {
		start = parseDay(c.From)
	}
	if c.To != "" {
		end = parseDay(c.To)
	}
	days := int(end.Sub(start)/(24*time.Hour)) + 1
	if days < 2 {
		return false
	}
	c.Days = days / 2
	c.To = day(start.AddDate(0, 0, c.Days-1))
	return true
}

// advance moves the cursor behind a page.
func (r *sruRun) advance(res *response) {
	c := &r.cursor
	switch {
	case res.Next > 0:
		c.Pos = res.Next
	case res.Total < c.Total && c.Again < maxAgain:
		// Records left the window while it was read, and those behind them moved
		// up: some may have stood on both sides of a page, and were not seen.
		c.Pos, c.Again = 1, c.Again+1
	default:
		if c.Days > 0 && c.Total < r.p.window/4 {
			c.Days *= 2
		}
		c.Through = c.To
		if c.To == "" {
			c.Through = c.Goal
		}
		c.From, c.To, c.Pos, c.Total, c.Again = "", "", 0, 0, 0
	}
}
