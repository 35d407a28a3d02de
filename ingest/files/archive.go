package files

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Member is a file within an archive.
type Member struct {
	Name string // path within the archive
	Data []byte
	Err  error // why it cannot be read
}

// archiveOf is the path of the archive that an ID stands in: "a.zip" of
// "a.zip/b/c.pdf"; "" for a file of its own.
func archiveOf(id string) string {
	if i := strings.Index(strings.ToLower(id), ".zip/"); i >= 0 {
		return id[:i+len(".zip")]
	}
	return ""
}

// known are the members of an archive that the ledger has.
func (w *walk) known(archive string) ([]ingest.Entry, error) {
	if w.archives == nil {
		w.archives = map[string][]ingest.Entry{}
		for e, err := range w.mem.Entries(w.ctx) {
			if err != nil {
				return nil, fmt.Errorf("ledger: %w", err)
			}
			if a := archiveOf(e.Ref.ID); a != "" {
				w.archives[a] = append(w.archives[a], e)
			}
		}
	}
	return w.archives[archive], nil
}

// archive yields the members of an archive as documents of their own. One whose
// size and time are those of the ledger is not opened, if all of its members were
// carried out: the last one has their number in its state.
func (w *walk) archive(name, id string, d fs.DirEntry) error {
	before, err := w.known(id)
	if err != nil {
		return err
	}
	info, err := d.Info()
	if err != nil {
		return w.unreadable(before, ingest.Change{Ref: w.ref(id), Op: ingest.Fail, Err: fmt.Errorf("%s: %w", name, reason(err))})
	}
	now := state{Version: w.o.ExtractVersion, Size: info.Size(), Time: info.ModTime().UnixNano()}
	if w.allThere(before, now) {
		return w.same(before)
	}
	if info.Size() > w.o.MaxBytes {
		return w.plain(name, id, d, before) // says so
	}
	data, err := w.read(name)
	if err != nil {
		return w.unreadable(before, ingest.Change{Ref: w.ref(id), Op: ingest.Fail, Err: fmt.Errorf("%s: %w", name, reason(err))})
	}
	members, ok := w.o.Members(w.ctx, name, data)
	if !ok {
		return w.plain(name, id, d, before)
	}
	var held *ingest.Change // the last one gets their number
	var last state
	count := 0
	for m := range members {
		if m.Name == "" { // the archive as a whole
			now.Failed = true
			return w.unreadable(before, ingest.Change{Ref: w.ref(id), Op: ingest.Fail, State: now.String(), Err: m.Err})
		}
		if held != nil {
			if err := w.send(*held); err != nil {
				return err
			}
		}
		c, st, err := w.member(name+"/"+m.Name, w.id(id+"/"+m.Name), m, now)
		if err != nil {
			return err
		}
		count++
		held, last = &c, st
	}
	switch {
	case w.ctx.Err() != nil:
		return w.ctx.Err()
	case held == nil:
		now.Failed = true
		return w.send(ingest.Change{Ref: w.ref(id), Op: ingest.Fail, State: now.String(), Err: fmt.Errorf("%s: there are no documents in the archive", name)})
	}
	delete(w.seen, id) // it is no document itself; one of its name was a failure
	if held.State != "" {
		last.Members = count
		held.State = last.String()
	}
	return w.send(*held)
}

// allThere reports whether entries are all the members of an archive as it is
// now.
func (w *walk) allThere(entries []ingest.Entry, now state) bool {
	same, want := 0, 0
	for _, e := range entries {
		if st, ok := w.parse(e.State); ok && st.sameFile(now) {
			same++
			want = max(want, st.Members)
		}
	}
	return want > 0 && same == want
}

// same yields the members of an archive that did not change. Those of before it
// changed last are not among them.
func (w *walk) same(entries []ingest.Entry) error {
	for _, e := range entries {
		st, _ := parseState(e.State)
		if w.seen[e.Ref.ID] = true; st.Failed || e.Failure != "" || e.Digest == "" {
			if err := w.send(ingest.Change{Ref: e.Ref, Op: ingest.Fail, State: e.State, Err: errors.New(e.Failure)}); err != nil {
				return err
			}
			continue
		}
		if err := w.send(ingest.Change{Ref: e.Ref, Op: ingest.Keep, State: e.State}); err != nil {
			return err
		}
	}
	return nil
}

// member says what happened to one member. now is the state of its archive. The
// error is one of the run.
func (w *walk) member(name, id string, m Member, now state) (ingest.Change, state, error) {
	c := ingest.Change{Ref: w.ref(id)}
	entry, known, err := w.mem.Entry(w.ctx, id)
	if err != nil {
		return c, now, fmt.Errorf("ledger: %s: %w", id, err)
	}
	sum := sha256.Sum256(m.Data)
	now.Sum = hex.EncodeToString(sum[:])
	old, _ := w.parse(entry.State)
	if m.Err == nil && known && old.Version == now.Version && old.Sum == now.Sum && !old.Failed && entry.Failure == "" && entry.Digest != "" {
		now.Lacking = old.Lacking
		c.Op, c.State = ingest.Keep, now.String()
		return c, now, nil
	}
	doc, err := (*ingest.Document)(nil), m.Err
	if err == nil {
		doc, err = w.extract(name, m.Data)
	}
	now.Lacking = w.lacking(doc, err)
	switch {
	case w.ctx.Err() != nil:
		return c, now, w.ctx.Err()
	case errors.Is(err, context.DeadlineExceeded):
		c.Op, c.Err = ingest.Fail, fmt.Errorf("%s: not read within %v; it is tried again at the next run", name, w.o.Timeout)
		return c, now, nil
	case err != nil:
		now.Failed = true
		c.Op, c.State, c.Err = ingest.Fail, now.String(), err
		return c, now, nil
	}
	w.complete(doc, c.Ref, name, nanoseconds(now.Time))
	c.Op, c.Doc, c.State = ingest.Put, doc, now.String()
	return c, now, nil
}

// plain handles an archive that is none like any other file; members are what the
// index has of it.
func (w *walk) plain(name, id string, d fs.DirEntry, members []ingest.Entry) error {
	c, err := w.file(name, id, d)
	if errors.Is(err, errPassedOver) {
		delete(w.seen, id)
		return nil
	}
	if err != nil {
		return err
	}
	if c.Op == ingest.Fail {
		return w.unreadable(members, c)
	}
	return w.send(c)
}

// unreadable reports an archive that cannot be read. What the index has of it
// stays: nobody knows whether it is still there.
func (w *walk) unreadable(members []ingest.Entry, c ingest.Change) error {
	for _, e := range members {
		w.seen[e.Ref.ID] = true
	}
	return w.send(c)
}

func (w *walk) ref(id string) ingest.Ref { return ingest.Ref{Collection: w.o.Collection, ID: id} }

func (w *walk) send(c ingest.Change) error {
	if !w.yield(c, nil) {
		return errStop
	}
	return nil
}
