package index

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// ErrDeletes is wrapped when a run stopped because it would remove too much.
var ErrDeletes = errors.New("too many documents would leave the index")

// The measure of too much: a source with more than guardFrom indexed documents
// loses at most one in guardShare of them in a run.
const (
	guardFrom  = 50
	guardShare = 5
)

// TooMany reports whether a source with indexed documents may not lose n of them
// without the consent of a person.
func TooMany(n, indexed int) bool { return indexed > guardFrom && n > indexed/guardShare }

// deletes holds back what a source reports as gone until its run has ended, so
// that a run that would remove too much removes nothing. Nothing is lost by it:
// while something is held back the cursor stays where it is, and what was not
// removed is still in the ledger, so that the next run reports it again.
type deletes struct {
	indexed int             // documents of the source when the run began
	off     bool            // deletions are carried out at once
	held    []ingest.Change // in the order they came
	next    ingest.Cursor   // the last one that was held back with them
}

func newDeletes(indexed int, accept bool) *deletes {
	return &deletes{indexed: indexed, off: accept || indexed <= guardFrom}
}

// hold takes a change that has to wait. Its cursor waits with it.
func (d *deletes) hold(c ingest.Change) error {
	if c.Next != nil {
		d.next, c.Next = c.Next, nil
	}
	d.held = append(d.held, c)
	if !TooMany(len(d.held), d.indexed) {
		return nil
	}
	var some []string
	for _, h := range d.held[:3] {
		some = append(some, h.Ref.ID)
	}
	return fmt.Errorf("%w: more than %d of its %d documents, such as %s; none of them was removed. Check the source; if they are really gone, run ingest once with --accept-deletes",
		ErrDeletes, d.indexed/guardShare, d.indexed, strings.Join(some, ", "))
}

// pass prepares another change of the source: it says that its document is
// there after all, and its cursor may not overtake what is held back.
func (d *deletes) pass(c ingest.Change) ingest.Change {
	if len(d.held) == 0 {
		return c
	}
	d.held = slices.DeleteFunc(d.held, func(h ingest.Change) bool { return h.Ref.ID == c.Ref.ID })
	if c.Next != nil {
		d.next, c.Next = c.Next, nil
	}
	return c
}

// step carries out a change of the source, or holds it back.
func (x *Indexer) step(ctx context.Context, source string, c ingest.Change, d *deletes, r *Report) error {
	if d.off {
		return x.apply(ctx, source, c, r)
	}
	if c.Op != ingest.Gone {
		return x.apply(ctx, source, d.pass(c), r)
	}
	e, known, err := x.Ledger.Entry(ctx, source, c.Ref.ID)
	if err != nil {
		return err
	}
	if !known || e.Passages == 0 { // the index loses nothing by it
		return x.apply(ctx, source, d.pass(c), r)
	}
	return d.hold(c)
}

// release carries out what was held back: the source has ended, and it is not
// too much.
func (x *Indexer) release(ctx context.Context, source string, d *deletes, r *Report) error {
	for _, c := range d.held {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := x.apply(ctx, source, c, r); err != nil {
			return fmt.Errorf("%s: %w", c.Ref.ID, err)
		}
		if x.Progress != nil {
			x.Progress(*r)
		}
	}
	d.held = nil
	if d.next == nil {
		return nil
	}
	return x.Ledger.SetCursor(ctx, source, d.next)
}
