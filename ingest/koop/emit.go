package koop

import (
	"context"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// emitter yields changes one behind: how far a harvest got is often known only
// when the next answer is in, and travels with the change that is held.
type emitter struct {
	yield func(ingest.Change) bool
	held  *ingest.Change
	// met are the documents that went out in this run. The ledger may not have
	// them yet: the indexer is some changes behind.
	met map[string]bool
}

func newEmitter(yield func(ingest.Change) bool) *emitter {
	return &emitter{yield: yield, met: map[string]bool{}}
}

// add holds a change and lets the one before it go; errStopped if no more are
// wanted.
func (e *emitter) add(c ingest.Change) error {
	if err := e.flush(); err != nil {
		return err
	}
	e.met[c.Ref.ID] = true
	e.held = &c
	return nil
}

// reach notes how far the harvest got with the changes that were added. Where
// there are none yet, there is nothing new to note.
func (e *emitter) reach(n ingest.Cursor) {
	if e.held != nil {
		e.held.Next = n
	}
}

// note is reach where there may be no change to take the cursor along: then one
// goes out that says nothing new.
func (e *emitter) note(ctx context.Context, mem ingest.Memory, n ingest.Cursor) error {
	if e.held == nil {
		for entry, err := range mem.Entries(ctx) {
			if err != nil {
				return err
			}
			if entry.Digest != "" && entry.Failure == "" {
				e.held = &ingest.Change{Ref: entry.Ref, Op: ingest.Keep}
				break
			}
		}
	}
	e.reach(n)
	return nil
}

// flush lets the held change go.
func (e *emitter) flush() error {
	c := e.held
	e.held = nil
	if c != nil && !e.yield(*c) {
		return errStopped
	}
	return nil
}
