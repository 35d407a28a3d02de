package koop

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// openDataCursor is how far the harvest got.
type openDataCursor struct {
	Scope string `json:"scope"`
	// Of the kinds, by name, Unix seconds: when the last harvest of it began, and
	// the last full listing.
	Done map[string]int64 `json:"done,omitempty"`
	Full map[string]int64 `json:"full,omitempty"`
	// Of the harvest that is under way: 0 if there is none.
	Began   int64  `json:"began,omitempty"`
	Kind    int    `json:"kind,omitempty"`    // index of the kind
	Offset  int    `json:"offset,omitempty"`  // in its list
	Since   string `json:"since,omitempty"`   // "" for a full listing
	Listed  bool   `json:"listed,omitempty"`  // to its end; what it lacks is being asked for
	Started bool   `json:"started,omitempty"` // Since is set
}

// openDataState is what a later run must know of a document.
type openDataState struct {
	Kind          string   `json:"kind"`
	ID            string   `json:"id,omitempty"`
	Print         string   `json:"print,omitempty"` // "" where it has to be read again
	Unusable      bool     `json:"unusable,omitempty"`
	Manifestation string   `json:"man,omitempty"`
	Reason        string   `json:"why,omitempty"`
	URL           string   `json:"url,omitempty"`
	Seen          int64    `json:"seen,omitempty"`   // beginning of the harvest that listed it last
	Parent        string   `json:"parent,omitempty"` // of a file: the document that it belongs to
	Files         []string `json:"files,omitempty"`  // of a document
}

func parseOpenDataState(s string) openDataState {
	var st openDataState
	if s == "" || json.Unmarshal([]byte(s), &st) != nil {
		return openDataState{}
	}
	return st
}

func (st openDataState) String() string {
	b, err := json.Marshal(st)
	if err != nil { // strings and numbers always marshal
		return ""
	}
	return string(b)
}

// openDataRun is one run of a harvest.
type openDataRun struct {
	s      *OpenData
	mem    ingest.Memory
	cursor openDataCursor
	out    *emitter
	streak streak
	lost   bool // a document is known of which it is not known where it is read
}

func (r *openDataRun) harvest(ctx context.Context) error {
	saved, err := r.mem.Cursor(ctx)
	if err != nil {
		return err
	}
	if json.Unmarshal(saved, &r.cursor) != nil || r.cursor.Scope != r.s.scope || r.cursor.Kind >= len(r.s.opts.Kinds) {
		r.cursor = openDataCursor{Scope: r.s.scope}
	}
	c := &r.cursor
	now := r.s.opts.clock.now()
	for {
		if c.Began == 0 {
			c.Began = now.Unix()
		}
		began := c.Began
		for ; c.Kind < len(r.s.opts.Kinds); c.Kind++ {
			if err := r.kind(ctx, r.s.opts.Kinds[c.Kind]); err != nil {
				return err
			}
		}
		*c = openDataCursor{Scope: c.Scope, Done: c.Done, Full: c.Full}
		r.out.reach(c.next())
		if !time.Unix(began, 0).UTC().Before(dateOf(now)) {
			return nil
		}
		// What was finished now began on an earlier day.
	}
}

// kind reads one list and asks for what it lacks.
func (r *openDataRun) kind(ctx context.Context, kind string) error {
	c := &r.cursor
	if !c.Started {
		c.Started, c.Since, c.Offset, c.Listed = true, r.since(kind), 0, false
	}
	for !c.Listed {
		if err := r.page(ctx, kind); err != nil {
			return err
		}
	}
	if err := r.confirm(ctx, kind); err != nil {
		return err
	}
	note := func(m map[string]int64) map[string]int64 { // what was saved before stays as it is
		m = maps.Clone(m)
		if m == nil {
			m = map[string]int64{}
		}
		m[kind] = c.Began
		return m
	}
	full := r.full(kind)
	if c.Done = note(c.Done); full {
		c.Full = note(c.Full)
	}
	if r.lost {
		c.Full = maps.Clone(c.Full)
		delete(c.Full, kind)
	}
	c.Started = false
	return nil
}

// since is the date that a list begins at; "" for a full listing.
func (r *openDataRun) since(kind string) string {
	if kind != documents {
		return ""
	}
	const form = "20060102"
	from := ""
	if !r.s.opts.From.IsZero() {
		from = r.s.opts.From.Format(form)
	}
	done, full := r.cursor.Done[kind], r.cursor.Full[kind]
	if full == 0 || time.Unix(r.cursor.Began, 0).Sub(time.Unix(full, 0)) >= r.s.opts.Recheck {
		return from
	}
	return max(from, time.Unix(done, 0).UTC().AddDate(0, 0, -2).Format(form))
}

// full reports whether the list that is being read has everything.
func (r *openDataRun) full(kind string) bool {
	from := r.s.opts.From
	return r.cursor.Since == "" || kind == documents && !from.IsZero() && r.cursor.Since == from.Format("20060102")
}

// page reads one page of the list, and then notes the place behind it.
func (r *openDataRun) page(ctx context.Context, kind string) error {
	c := &r.cursor
	pages, err := r.s.list(ctx, r.s.listURL(kind, c.Offset, listRows, c.Since))
	if err != nil {
		return err
	}
	// A service that takes no notice of the offset would send the same for ever.
	known := func(p page) bool { return r.out.met[p.name()] }
	if len(pages) > 0 && !slices.ContainsFunc(pages, func(p page) bool { return !known(p) }) {
		pages = nil
	}
	for _, p := range pages {
		if err := r.add(r.listed(ctx, kind, p)); err != nil {
			return err
		}
	}
	// The list ends where nothing is left: a short page may be all that the
	// service gives at once.
	c.Offset += len(pages)
	c.Listed = len(pages) == 0
	r.out.reach(c.next())
	return nil
}

// add lets changes go, also those that came before an error.
func (r *openDataRun) add(changes []ingest.Change, err error) error {
	for _, c := range changes {
		if err := r.out.add(c); err != nil {
			return err
		}
	}
	return err
}

func (c openDataCursor) next() ingest.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // strings and numbers always marshal
		return nil
	}
	return b
}

// listed turns a page of a list into changes: of itself and its files.
func (r *openDataRun) listed(ctx context.Context, kind string, p page) ([]ingest.Change, error) {
	id := p.name()
	if id == "" {
		r.s.opts.Log.Warn("a page without an address is left out", "source", r.s.opts.Name, "id", p.ID)
		return nil, nil
	}
	ref := ingest.Ref{Collection: r.s.opts.Collection, ID: id}
	e, known, err := r.mem.Entry(ctx, id)
	if err != nil {
		return nil, err
	}
	st := parseOpenDataState(e.State)
	readAlready := e.Failure == "" && e.Digest != "" || st.Unusable
	if known && st.Print == p.print(r.s.scope) && readAlready && e.Ref == ref {
		st.Seen = r.cursor.Began
		return r.kept(ctx, ref, st)
	}
	address := r.s.detailURL(kind, p)
	if address == "" {
		return nil, fmt.Errorf("the address %q of page %s is none of this service", p.DataURL, p.ID)
	}
	return r.read(ctx, ref, address, openDataState{Kind: kind, ID: p.ID, Print: p.print(r.s.scope), Seen: r.cursor.Began, Files: st.Files})
}

// kept are the changes of a document that is as it was, with its files.
func (r *openDataRun) kept(ctx context.Context, ref ingest.Ref, st openDataState) ([]ingest.Change, error) {
	out := []ingest.Change{{Ref: ref, Op: ingest.Keep, State: st.String()}}
	for _, f := range st.Files {
		fe, known, err := r.mem.Entry(ctx, f)
		if err != nil {
			return nil, err
		}
		if known && fe.Ref.Collection == ref.Collection {
			out = append(out, ingest.Change{Ref: fe.Ref, Op: ingest.Keep})
		}
	}
	return out, nil
}

// read requests a page in full. st is what is known of it, with the files that
// it had before.
func (r *openDataRun) read(ctx context.Context, ref ingest.Ref, address string, st openDataState) ([]ingest.Change, error) {
	before := st.Files
	st.URL, st.Manifestation = address, "json"
	c := ingest.Change{Ref: ref}
	a, err := r.s.client.get(ctx, address, "application/json, application/xml;q=0.5")
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err == nil && a.absent():
		if _, known, err := r.mem.Entry(ctx, ref.ID); err != nil || !known {
			return nil, err
		}
		return gone(ref, before), nil
	case err == nil && a.Status != http.StatusOK:
		err = fmt.Errorf("%s: the service answers %d", a.URL, a.Status)
	}
	if err != nil {
		if down := r.count(ctx, ref.ID, err); down != nil {
			return nil, down
		}
		st.Print = ""
		c.Op, c.Err, c.State = ingest.Fail, err, st.String()
		return []ingest.Change{c}, nil
	}
	r.streak = 0
	p, err := parsePage(a.Body)
	if err != nil {
		err = fmt.Errorf("%s: %w", a.URL, err)
		st.Unusable, st.Reason = true, oneLine(err.Error())
		c.Op, c.Err, c.State = ingest.Fail, err, st.String()
		return []ingest.Change{c}, nil
	}
	doc, err := r.extract(ctx, p, a)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	files, retry, fileErr := r.files(ctx, ref, p, st)
	if fileErr != nil {
		return files, fileErr
	}
	st.Files = nil
	for _, f := range files {
		st.Files = append(st.Files, f.Ref.ID)
	}
	if st.Print == "" && err == nil {
		st.Print = p.print(r.s.scope)
	}
	if retry {
		st.Print = ""
	}
	if err != nil {
		st.Unusable, st.Reason = true, oneLine(err.Error())
		c.Op, c.Err, c.State = ingest.Fail, err, st.String()
	} else {
		p.describe(doc)
		doc.Meta["manifestation"] = "json"
		doc.Fetched = r.s.opts.clock.now()
		c.Op, c.Doc, c.State = ingest.Put, doc, st.String()
	}
	out := files
	for _, f := range before {
		if !slices.Contains(st.Files, f) {
			out = append(out, ingest.Change{Ref: ingest.Ref{Collection: ref.Collection, ID: f}, Op: ingest.Gone})
		}
	}
	return append(out, c), nil // the document last: once it is noted, its files are
}

// count counts a page or file that could not be fetched; the error ends the run.
func (r *openDataRun) count(ctx context.Context, id string, why error) error {
	e, _, err := r.mem.Entry(ctx, id)
	if err != nil {
		return err
	}
	return r.streak.failed(e.Failure != "" && !parseOpenDataState(e.State).Unusable, why)
}

// extract reads the text of a page.
func (r *openDataRun) extract(ctx context.Context, p page, a *answer) (*ingest.Document, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	doc, err := r.s.opts.Extract(ctx, Input{Name: p.ID + ".json", URL: a.URL, ContentType: "application/json", Data: data})
	if err == nil && strings.TrimSpace(doc.Text) == "" {
		err = errors.New("no text in it")
	}
	return doc, err
}

// files reads the files of a document, each as a document of its own. It
// reports whether one of them is worth another try.
func (r *openDataRun) files(ctx context.Context, parent ingest.Ref, p page, st openDataState) (out []ingest.Change, retry bool, err error) {
	if !r.s.opts.Files {
		return nil, false, nil
	}
	for _, f := range p.Files {
		c := ingest.Change{Ref: ingest.Ref{Collection: parent.Collection, ID: f.URL}}
		fs := openDataState{Kind: st.Kind, ID: p.ID, Parent: parent.ID, URL: f.URL, Manifestation: strings.TrimPrefix(f.Type, "application/"), Print: st.Print}
		a, err := r.s.client.file(ctx, f.URL)
		switch {
		case ctx.Err() != nil:
			return nil, false, ctx.Err()
		case errors.Is(err, errTooLarge), errors.Is(err, errNotAllowed):
			fs.Unusable = true
		case err != nil:
			if down := r.count(ctx, f.URL, err); down != nil {
				return out, false, down
			}
			retry = true
		case a.absent():
			err, fs.Unusable = fmt.Errorf("%s: the server answers %d", f.URL, a.Status), true
		}
		if err == nil {
			r.streak = 0
			c.Doc, err = r.s.opts.Extract(ctx, Input{Name: fileName(a.URL), URL: a.URL, ContentType: a.ContentType, Data: a.Body})
			if ctx.Err() != nil {
				return nil, false, ctx.Err()
			}
			fs.Unusable = err != nil
		}
		if err != nil {
			c.Op, c.Err, c.Doc = ingest.Fail, err, nil
		} else {
			title := cmp.Or(f.Title, p.Title, c.Doc.Title)
			p.describe(c.Doc)
			c.Doc.Title, c.Doc.URL, c.Doc.Fetched = title, f.URL, r.s.opts.clock.now()
			c.Doc.Meta["hoofddocument"], c.Doc.Meta["manifestation"] = parent.ID, fs.Manifestation
		}
		c.State = fs.String()
		out = append(out, c)
	}
	return out, retry, nil
}

// gone are the changes of a document that was removed, after its files: they are
// found through it.
func gone(ref ingest.Ref, files []string) []ingest.Change {
	var out []ingest.Change
	for _, f := range files {
		out = append(out, ingest.Change{Ref: ingest.Ref{Collection: ref.Collection, ID: f}, Op: ingest.Gone})
	}
	return append(out, ingest.Change{Ref: ref, Op: ingest.Gone})
}

// confirm asks for the documents of a kind that a full listing lacks, and for
// those that could not be fetched before.
func (r *openDataRun) confirm(ctx context.Context, kind string) error {
	type doc struct {
		ref   ingest.Ref
		state openDataState
	}
	var due []doc
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return err
		}
		st := parseOpenDataState(e.State)
		if r.out.met[e.Ref.ID] || st.Kind != kind && slices.Contains(r.s.opts.Kinds, st.Kind) || st.Parent != "" && r.s.opts.Files {
			continue // of another list, or for its document
		}
		retry := (e.Failure != "" || st.Print == "") && !st.Unusable
		if retry && st.Seen == r.cursor.Began { // it was tried in this run
			continue
		}
		if retry || r.full(kind) && st.Seen != r.cursor.Began {
			due = append(due, doc{e.Ref, st})
		}
	}
	slices.SortFunc(due, func(a, b doc) int { return cmp.Compare(a.ref.ID, b.ref.ID) })
	for _, d := range due {
		if err := r.add(r.missing(ctx, d.ref, d.state)); err != nil {
			return err
		}
	}
	return nil
}

// missing asks for one document that the listing lacks.
func (r *openDataRun) missing(ctx context.Context, ref ingest.Ref, st openDataState) ([]ingest.Change, error) {
	switch {
	case st.Kind == "" || st.URL == "": // its indexing was cut short: a full list leads to it
		r.lost = true
		return nil, nil
	case !slices.Contains(r.s.opts.Kinds, st.Kind), st.Parent != "":
		return gone(ref, st.Files), nil // the source is no longer about it
	}
	st.Print, st.Seen = "", r.cursor.Began
	return r.read(ctx, ref, st.URL, st)
}
