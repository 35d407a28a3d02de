package koop

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

const (
	// maxListings is how many full listings a document may be missing from before it
	// goes.
	maxListings = 3
	// feedPages is how many pages of the feed one run reads: it begins in 2008, and
	// is caught up with over several runs.
	feedPages = 400
	// overlap is how long before the last listing the next one begins.
	overlap = 48 * time.Hour
)

// chamberCursor is how far the harvest got.
type chamberCursor struct {
	Scope string `json:"scope"`
	Done  int64  `json:"done,omitempty"` // when the last complete listing began, Unix seconds
	Full  int64  `json:"full,omitempty"` // the last one of everything
	Feed  string `json:"feed,omitempty"` // address of the feed to go on from
	// Of the listing that is under way.
	Began int64  `json:"began,omitempty"`
	All   bool   `json:"all,omitempty"`  // of everything
	Next  string `json:"next,omitempty"` // its next page; "" before the first
	Plain bool   `json:"plain,omitempty"`
}

func (c chamberCursor) next() ingest.Cursor {
	b, err := json.Marshal(c)
	if err != nil { // strings and numbers always marshal
		return nil
	}
	return b
}

// chamberState is what a later run must know of a document.
type chamberState struct {
	GUID          string `json:"guid"`
	Print         string `json:"print,omitempty"` // "" where it has to be read again
	Unusable      bool   `json:"unusable,omitempty"`
	Manifestation string `json:"man,omitempty"`
	Reason        string `json:"why,omitempty"`
	URL           string `json:"url,omitempty"`
	Seen          int64  `json:"seen,omitempty"` // beginning of the listing that had it last
	Misses        int    `json:"misses,omitempty"`
}

func parseChamberState(s string) chamberState {
	var st chamberState
	if s == "" || json.Unmarshal([]byte(s), &st) != nil {
		return chamberState{}
	}
	return st
}

func (st chamberState) String() string {
	b, err := json.Marshal(st)
	if err != nil { // strings and numbers always marshal
		return ""
	}
	return string(b)
}

// failed reports whether a document could not be fetched the last time.
func (st chamberState) failed(e ingest.Entry) bool {
	return e.Failure != "" && st.Print == "" && !st.Unusable
}

// chamberRun is one run of a harvest.
type chamberRun struct {
	s      *Chamber
	mem    ingest.Memory
	cursor chamberCursor
	out    *emitter
	known  map[string]string // document IDs by GUID
	streak streak
}

func (r *chamberRun) harvest(ctx context.Context) error {
	saved, err := r.mem.Cursor(ctx)
	if err != nil {
		return err
	}
	if json.Unmarshal(saved, &r.cursor) != nil || r.cursor.Scope != r.s.scope {
		r.cursor = chamberCursor{Scope: r.s.scope}
	}
	if err := r.remember(ctx); err != nil {
		return err
	}
	if err := r.list(ctx); err != nil {
		return err
	}
	if err := r.retry(ctx); err != nil {
		return err
	}
	if err := r.deleted(ctx); err != nil {
		return err
	}
	trouble := r.feed(ctx) // it is told in the end: the lists were read, and say enough
	if errors.Is(trouble, errStopped) || ctx.Err() != nil {
		return trouble
	}
	c := &r.cursor
	if c.All {
		if err := r.missing(ctx); err != nil {
			return err
		}
		c.Full = c.Began
	}
	c.Done, c.Began, c.All, c.Next, c.Plain = c.Began, 0, false, "", false
	if err := r.reach(ctx); err != nil {
		return err
	}
	return trouble
}

// reach notes how far the harvest got, also where nothing changed: the feed is
// long, and mostly about other documents.
func (r *chamberRun) reach(ctx context.Context) error {
	return r.out.note(ctx, r.mem, r.cursor.next())
}

// remember lists the documents of earlier runs.
func (r *chamberRun) remember(ctx context.Context) error {
	r.known = map[string]string{}
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return err
		}
		if g := parseChamberState(e.State).GUID; g != "" {
			r.known[g] = e.Ref.ID
		}
	}
	return nil
}

// list reads the documents of the selection: those modified since the last
// listing, or all of them.
func (r *chamberRun) list(ctx context.Context) error {
	c := &r.cursor
	now := r.s.opts.clock.now()
	if c.Began == 0 {
		c.Began, c.Next = now.Unix(), ""
		c.All = c.Full == 0 || now.Sub(time.Unix(c.Full, 0)) >= r.s.opts.Recheck
	}
	again := false
	for done := false; !done; {
		page, err := r.s.page(ctx, cmp.Or(c.Next, r.first()))
		var refused statusError
		switch {
		case errors.As(err, &refused) && refused.status == http.StatusBadRequest && c.Next != "" && !again:
			r.s.opts.Log.Info("the place in the list is no longer known; it is read from its beginning", "source", r.s.opts.Name)
			c.Next, again = "", true // once: else it would go on for ever
			continue
		case errors.As(err, &refused) && refused.status == http.StatusBadRequest && !c.Plain:
			r.s.opts.Log.Warn("the service does not take the expansions; dossiers and authors are missing", "source", r.s.opts.Name, "error", err)
			c.Plain = true
			continue
		case err != nil:
			return err
		}
		for _, p := range page.Value {
			if err := r.paper(ctx, p); err != nil {
				return err
			}
		}
		if page.Next == c.Next && page.Next != "" {
			return fmt.Errorf("%s: the page leads to itself", page.Next)
		}
		c.Next, done = page.Next, page.Next == ""
		if !done {
			r.out.reach(c.next())
		}
	}
	return nil
}

func (r *chamberRun) first() string {
	c := r.cursor
	filter := and("Verwijderd eq false", r.s.filter)
	if !c.All {
		filter = and(filter, "GewijzigdOp ge "+r.since())
	}
	return r.listing(filter)
}

func (r *chamberRun) listing(filter string) string {
	if r.cursor.Plain {
		return r.s.listing(filter, "")
	}
	return r.s.listing(filter, expansions)
}

// retry asks for the documents that could not be fetched before: unless they are
// modified, no list has them until the next full one.
func (r *chamberRun) retry(ctx context.Context) error {
	var due []string
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return err
		}
		if st := parseChamberState(e.State); st.Print == "" && !st.Unusable && !r.out.met[e.Ref.ID] {
			due = append(due, e.Ref.ID)
		}
	}
	slices.Sort(due)
	for _, number := range due {
		if err := r.ask(ctx, number); err != nil {
			return err
		}
	}
	return nil
}

// ask reads one document, if the selection has it now.
func (r *chamberRun) ask(ctx context.Context, number string) error {
	page, err := r.s.page(ctx, r.listing(and("Verwijderd eq false", r.s.filter, "Nummer eq "+literal(number))))
	if err != nil {
		return err
	}
	for _, p := range page.Value {
		if err := r.paper(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// since is the moment from which changes are asked for.
func (r *chamberRun) since() string {
	return time.Unix(r.cursor.Done, 0).Add(-overlap).UTC().Format(time.RFC3339)
}

// paper turns a document of a list into a change.
func (r *chamberRun) paper(ctx context.Context, p chamberPaper) error {
	if p.Deleted || p.Number == "" || p.ID == "" {
		return nil // nulled: the pass over deletions says what it was
	}
	if r.out.met[p.Number] {
		return nil
	}
	guid := strings.ToLower(p.ID)
	r.known[guid] = p.Number
	ref := ingest.Ref{Collection: r.s.opts.Collection, ID: p.Number}
	e, known, err := r.mem.Entry(ctx, ref.ID)
	if err != nil {
		return err
	}
	st := parseChamberState(e.State)
	print := r.s.opts.ExtractVersion + "|" + p.Modified
	asBefore := st.Print == print
	if r.cursor.Plain { // less is known of it than the service has: that is no reason to read it again, but to do so later
		print += "|plain"
		asBefore = asBefore || st.Print == print
	}
	if known && asBefore && e.Ref == ref && (e.Failure == "" && e.Digest != "" || st.Unusable) {
		st.Seen, st.Misses = r.cursor.Began, 0
		return r.out.add(ingest.Change{Ref: ref, Op: ingest.Keep, State: st.String()})
	}
	c := ingest.Change{Ref: ref}
	doc, got, err := r.read(ctx, p)
	got.GUID, got.Seen = guid, r.cursor.Began
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errUnusable):
		got.Print, got.Unusable = print, true
		c.Op, c.Err, c.State = ingest.Fail, err, got.String()
	case err != nil: // it stays due
		if down := r.streak.failed(st.failed(e), err); down != nil {
			return down
		}
		c.Op, c.Err, c.State = ingest.Fail, err, got.String()
	default:
		r.streak = 0
		got.Print = print
		p.describe(doc)
		doc.Meta["manifestation"] = got.Manifestation
		if got.Reason != "" {
			doc.Meta["manifestation_reason"] = got.Reason
		}
		doc.Fetched = r.s.opts.clock.now()
		c.Op, c.Doc, c.State = ingest.Put, doc, got.String()
	}
	return r.out.add(c)
}

// read fetches the text of a paper: the XML of its publication, else the file
// that was published. An error other than errUnusable is worth another try.
func (r *chamberRun) read(ctx context.Context, p chamberPaper) (*ingest.Document, chamberState, error) {
	var st chamberState
	var why []string
	xmlFile, err := r.publication(ctx, p.Number)
	if err != nil {
		return nil, st, err
	}
	if xmlFile == "" {
		why = append(why, "xml: not offered")
	}
	for _, address := range []string{xmlFile, r.s.odata("Document(" + p.ID + ")/resource")} {
		if address == "" {
			continue
		}
		a, err := r.s.client.file(ctx, address)
		switch {
		case ctx.Err() != nil:
			return nil, st, ctx.Err()
		case errors.Is(err, errTooLarge):
			why = append(why, oneLine(err.Error()))
			continue
		case err != nil:
			return nil, st, err
		case a.absent() || len(a.Body) == 0:
			why = append(why, fmt.Sprintf("%s: the service answers %d with %d bytes", address, a.Status, len(a.Body)))
			continue
		}
		kind := kindOf(a.Body)
		doc, err := r.s.opts.Extract(ctx, Input{Name: p.Number + "." + kind, URL: address, ContentType: "", Data: a.Body})
		if ctx.Err() != nil {
			return nil, st, ctx.Err()
		}
		if err == nil && strings.TrimSpace(doc.Text) == "" {
			err = errors.New("no text in it")
		}
		if err != nil {
			why = append(why, kind+": "+oneLine(err.Error()))
			continue
		}
		st.Manifestation, st.URL, st.Reason = kind, address, strings.Join(why, "; ")
		return doc, st, nil
	}
	st.Reason = strings.Join(why, "; ")
	return nil, st, fmt.Errorf("%w: %s", errUnusable, st.Reason)
}

// kindOf tells a file by its first bytes: the types that the service gives are
// sometimes those of another file.
func kindOf(data []byte) string {
	head := bytes.TrimLeft(data[:min(len(data), 512)], "\ufeff \t\r\n")
	switch {
	case bytes.HasPrefix(head, []byte("%PDF-")):
		return "pdf"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return "docx"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0")):
		return "doc"
	case bytes.HasPrefix(head, []byte("<")) && !bytes.Contains(bytes.ToLower(head), []byte("<html")):
		return "xml"
	case bytes.HasPrefix(head, []byte("<")):
		return "html"
	}
	return "txt"
}

// publication is the address of the XML of a paper; "" if there is none, or the
// service does not know such a list.
func (r *chamberRun) publication(ctx context.Context, number string) (string, error) {
	filter := "Verwijderd eq false and DocumentType eq 'Xml' and DocumentVersie/Document/Nummer eq " + literal(number)
	page, err := r.s.page(ctx, r.s.odata("DocumentPublicatie")+"?$filter="+escape(filter))
	var refused statusError
	if errors.As(err, &refused) && refused.unknown() {
		return "", nil
	}
	if err != nil || len(page.Value) == 0 {
		return "", err
	}
	return r.s.odata("DocumentPublicatie(" + page.Value[len(page.Value)-1].ID + ")/resource"), nil
}

// deleted asks which documents were deleted since the last listing. Of those all
// but the GUID is null.
func (r *chamberRun) deleted(ctx context.Context) error {
	if r.cursor.Done == 0 || len(r.known) == 0 {
		return nil
	}
	address := r.s.odata("Document") + "?$filter=" + escape("Verwijderd eq true and GewijzigdOp ge "+r.since()) + "&$select=Id"
	for address != "" {
		page, err := r.s.page(ctx, address)
		if err != nil {
			return err
		}
		for _, p := range page.Value {
			if err := r.gone(strings.ToLower(p.ID)); err != nil {
				return err
			}
		}
		if page.Next == address {
			return fmt.Errorf("%s: the page leads to itself", address)
		}
		address = page.Next
	}
	return nil
}

// gone removes a document that the service says is deleted. One that the service
// has in its lists all the same was restored, or has another GUID now.
func (r *chamberRun) gone(guid string) error {
	id, ok := r.known[guid]
	if !ok || r.out.met[id] {
		return nil
	}
	delete(r.known, guid)
	return r.out.add(ingest.Change{Ref: ingest.Ref{Collection: r.s.opts.Collection, ID: id}, Op: ingest.Gone})
}

// feed follows SyncFeed for deletions and for changes of known documents. It is
// where the service tells of them first.
func (r *chamberRun) feed(ctx context.Context) error {
	c := &r.cursor
	begin := strings.TrimSuffix(r.s.opts.Address, "/") + "/SyncFeed/2.0/Feed?category=Document"
	saved := c.Feed
	address := cmp.Or(saved, begin)
	for range feedPages {
		page, err := r.s.feedPage(ctx, address)
		var refused statusError
		if errors.As(err, &refused) && refused.unknown() && address == saved {
			r.s.opts.Log.Info("the place in the feed is no longer known; it is read from its beginning", "source", r.s.opts.Name)
			address, saved = begin, "" // once
			continue
		}
		if err != nil {
			return err
		}
		for _, e := range page.Entries {
			if !e.Deleted {
				continue
			}
			if err := r.tombstone(ctx, e.ID); err != nil {
				return err
			}
		}
		next := cmp.Or(page.Next, page.Resume)
		if next == "" {
			return nil
		}
		if next, err = absolute(address, next); err != nil {
			return err
		}
		if c.Feed = next; page.Next == "" || next == address {
			return nil
		}
		if err := r.reach(ctx); err != nil {
			return err
		}
		address = next
	}
	return nil
}

// tombstone removes a document that the feed says was deleted. The feed tells of
// deletions of many years, so the service is asked whether it still is.
func (r *chamberRun) tombstone(ctx context.Context, guid string) error {
	if id, ok := r.known[guid]; ok && !r.out.met[id] {
		if err := r.ask(ctx, id); err != nil {
			return err
		}
	}
	return r.gone(guid)
}

func absolute(base, ref string) (string, error) {
	b, err := url.Parse(base)
	if err != nil {
		return "", err
	}
	u, err := b.Parse(ref)
	if err != nil {
		return "", fmt.Errorf("%s leads to %q, which is no address", base, ref)
	}
	return u.String(), nil
}

// missing counts how often a document was not in a full listing; nobody said that
// it was deleted, so it goes only after several.
func (r *chamberRun) missing(ctx context.Context) error {
	var due []ingest.Entry
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return err
		}
		if st := parseChamberState(e.State); !r.out.met[e.Ref.ID] && st.Seen != r.cursor.Began {
			due = append(due, e)
		}
	}
	slices.SortFunc(due, func(a, b ingest.Entry) int { return strings.Compare(a.Ref.ID, b.Ref.ID) })
	for _, e := range due {
		st := parseChamberState(e.State)
		st.Misses, st.Seen = st.Misses+1, r.cursor.Began
		c := ingest.Change{Ref: e.Ref, State: st.String()}
		switch {
		case st.Misses >= maxListings:
			c.Op, c.State = ingest.Gone, ""
		case e.Digest == "":
			c.Op, c.Err = ingest.Fail, errors.New(cmp.Or(e.Failure, "it is not in the list of the service"))
		}
		if c.Op == ingest.Put { // the zero Op
			c.Op = ingest.Keep
		}
		if err := r.out.add(c); err != nil {
			return err
		}
	}
	return nil
}

// statusError is an answer with another status than 200.
type statusError struct {
	address string
	status  int
	says    string
}

func (e statusError) Error() string {
	return strings.TrimSuffix(fmt.Sprintf("%s: the service answers %d: %s", e.address, e.status, e.says), ": ")
}

// unknown reports whether the service does not know what it was asked for, or no
// longer: another time it will not either.
func (e statusError) unknown() bool {
	return e.status == http.StatusBadRequest || e.status == http.StatusNotFound || e.status == http.StatusGone
}

// page requests a list of OData.
func (s *Chamber) page(ctx context.Context, address string) (paperPage, error) {
	a, err := s.client.get(ctx, address, "application/json")
	if err != nil {
		return paperPage{}, err
	}
	if a.Status != http.StatusOK {
		_, err := parsePapers(a.Body)
		return paperPage{}, statusError{address, a.Status, oneLine(fmt.Sprint(err))}
	}
	p, err := parsePapers(a.Body)
	if err != nil {
		return p, fmt.Errorf("%s: %w", address, err)
	}
	if p.Next != "" {
		p.Next, err = absolute(address, p.Next)
	}
	return p, err
}
