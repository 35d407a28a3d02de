package koop

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/vraagbaak/vraagbaak/ingest"
)

const (
	// batch is how many identifiers are asked for in one query.
	batch = 25
	// maxGhosts is how many documents in a row the search may have lost whose
	// files are there, before its index counts as broken.
	maxGhosts = 50
)

// known is a document that has to be asked for.
type known struct {
	ref    ingest.Ref
	state  sruState
	failed bool // to come, the last time
}

// askedBefore orders what is asked for: what failed comes last, so that it keeps
// nothing else waiting.
func (k known) askedBefore(o known) int {
	if k.failed != o.failed {
		return map[bool]int{false: -1, true: 1}[k.failed]
	}
	return cmp.Compare(k.ref.ID, o.ref.ID)
}

// recheck asks for the documents that are due: those that failed, papers whose
// XML is awaited, those that were missed, those of another selection, and all
// that no harvest came across for long. The service publishes no deletions: a
// document goes when neither the search nor its file is found three times.
func (r *sruRun) recheck(ctx context.Context) error {
	var due []known
	now := r.p.opts.clock.now()
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return err
		}
		if st := parseSRUState(e.State); !r.out.met[e.Ref.ID] && st.due(e, r.p.scope, r.p.opts.Recheck, now) {
			due = append(due, known{e.Ref, st, st.failed(e)})
		}
	}
	slices.SortFunc(due, known.askedBefore)
	external := slices.DeleteFunc(slices.Clone(due), func(k known) bool { return k.state.Parent == "" })
	due = slices.DeleteFunc(due, func(k known) bool { return k.state.Parent != "" })
	ghosts := 0
	for part := range slices.Chunk(due, batch) {
		missing, err := r.ask(ctx, part)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			ghosts = 0
		}
		for _, k := range missing {
			c, there, err := r.missing(ctx, k)
			if err != nil {
				return err
			}
			if ghosts++; !there {
				ghosts = 0
			}
			if ghosts > maxGhosts {
				return fmt.Errorf("the search no longer finds %d documents in a row whose files are there; nothing more is asked for in this run", ghosts)
			}
			if c == nil {
				continue
			}
			if err := r.out.add(*c); err != nil {
				return err
			}
		}
	}
	for _, k := range external {
		if r.out.met[k.ref.ID] { // it came along with its publication
			continue
		}
		c, _, err := r.missing(ctx, k) // the search never has them
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if err := r.out.add(*c); err != nil {
			return err
		}
	}
	return nil
}

// ask searches for documents by their identifiers, yields what became of those
// that the selection still has, and returns the others.
func (r *sruRun) ask(ctx context.Context, part []known) ([]known, error) {
	var ids []string
	for _, k := range part {
		ids = append(ids, k.ref.ID)
	}
	q := r.p.query.with(append(r.p.valid(), anyOf(r.p.dialect.identifier, ids...))...)
	for pos := 1; pos > 0; {
		res, err := r.p.search(ctx, q, pos, pageSize)
		if err != nil {
			return nil, err
		}
		if res.empty() && res.Estimate { // it counted too many; what it lacks is asked for by its file
			break
		}
		if res.stuck(pos) || res.Broken > 0 {
			return nil, fmt.Errorf("the service does not say what became of %d documents", len(ids))
		}
		for _, rec := range res.Records {
			id := rec.first("identifier")
			if !slices.ContainsFunc(part, func(k known) bool { return k.ref.ID == id }) {
				continue
			}
			part = slices.DeleteFunc(slices.Clone(part), func(k known) bool { return k.ref.ID == id })
			changes, err := r.record(ctx, rec)
			for _, c := range changes {
				if err := r.out.add(c); err != nil {
					return nil, err
				}
			}
			if err != nil {
				return nil, err
			}
		}
		pos = res.Next
	}
	return part, nil
}

// missing finds out what became of a document that the selection does not have.
// It reports whether its file is there; no change where nothing is certain.
func (r *sruRun) missing(ctx context.Context, k known) (*ingest.Change, bool, error) {
	now := r.p.opts.clock.now()
	c := &ingest.Change{Ref: k.ref}
	if k.state.Parent != "" && !r.p.opts.Attachments {
		c.Op = ingest.Gone
		return c, false, nil
	}
	if k.state.Scope != r.p.scope || r.p.dialect.current != nil { // the selection was changed, or it is no longer in force
		q, id := cql{}, k.ref.ID
		if k.state.Parent != "" {
			q, id = r.p.query, k.state.Parent
		}
		res, err := r.p.search(ctx, q.with(anyOf(r.p.dialect.identifier, id)), 1, 1)
		if err != nil {
			return nil, false, err
		}
		there := len(res.Records) > 0 && res.Records[0].first("identifier") == id
		if there == (k.state.Parent == "") {
			c.Op = ingest.Gone // the service has it, outside of what is asked for now, or in no version that is valid
			return c, false, nil
		}
	}
	why := "the search does not find it"
	if k.state.URL != "" {
		a, err := r.p.client.get(ctx, k.state.URL, "")
		switch {
		case ctx.Err() != nil:
			return nil, false, ctx.Err()
		case errors.Is(err, errTooLarge):
			c.Op, c.State = ingest.Keep, k.state.met(r.p.scope, now).String()
			return c, true, nil
		case err != nil:
			if down := r.streak.failed(k.failed, err); down != nil {
				return nil, false, down
			}
			k.state.Print, k.state.Unusable = "", false
			c.Op, c.Err, c.State = ingest.Fail, err, k.state.String()
			return c, false, nil
		}
		r.streak = 0
		reason := unlike(k.state.Manifestation, a)
		if reason == "" && k.state.Manifestation == "html" && !bytes.Contains(a.Body, []byte(k.ref.ID)) {
			reason = "a page that does not name it"
		}
		switch {
		case reason == "":
			c.Op, c.State = ingest.Keep, k.state.met(r.p.scope, now).String()
			return c, true, nil
		case !a.absent() && a.Status != http.StatusOK: // forbidden, say: that is no statement about the document
			return nil, false, nil
		}
		why += ", and instead of its file: " + reason
	}
	k.state.Misses++
	k.state.Scope, k.state.Checked = r.p.scope, now.Unix()
	if k.state.Misses >= maxMisses {
		c.Op = ingest.Gone
		return c, false, nil
	}
	c.Op, c.State = ingest.Fail, k.state.String()
	c.Err = fmt.Errorf("%s (%d of %d times, then it is removed)", why, k.state.Misses, maxMisses)
	return c, false, nil
}
