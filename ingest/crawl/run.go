package crawl

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// result is what became of a visited address.
type result int

const (
	pending  result = iota // requested, and not decided yet
	indexed                // put, kept, or a duplicate of what was
	gone                   // 404 or 410
	noindex                // asks not to be indexed
	failed                 // could not be read
	skipped                // not requested, or not a document
	leftSite               // redirects outside the whitelist
)

// run is one run of a source.
type run struct {
	s        *Source
	f        *fetcher
	mem      ingest.Memory
	out      chan<- ingest.Change
	frontier *frontier
	visited  map[string]result
	emitted  map[string]bool   // by document ID
	alias    map[string]string // address that is requested → ID of its document, where they differ
	held     []ingest.Change   // deletions, until the site has shown to be up
	holding  bool
	answered bool // a page was read
	requests int
	rested   int                  // pages that were not due
	leftOver int                  // known pages that the limit on requests left out
	lastmod  map[string]time.Time // of the sitemaps, by address
	missing  map[string]string    // by host: the text of its page for what is not there, "" if it has none
}

func newRun(s *Source, mem ingest.Memory, out chan<- ingest.Change) *run {
	return &run{s: s, f: newFetcher(s), mem: mem, out: out, frontier: newFrontier(&s.opts),
		visited: map[string]result{}, emitted: map[string]bool{}, alias: map[string]string{},
		lastmod: map[string]time.Time{}, missing: map[string]string{}}
}

// crawl visits start addresses, sitemaps, links, then what the index knows and
// nothing led to, and at last what could not be read the last time.
func (r *run) crawl(ctx context.Context) error {
	known, err := r.remember(ctx)
	if err != nil {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	if err := r.expect(ctx); err != nil {
		return err
	}
	if err := r.drain(ctx); err != nil {
		return err
	}
	if err := r.confirm(ctx, known); err != nil {
		return err
	}
	if err := r.drain(ctx); err != nil {
		return err
	}
	r.frontier.retry()
	if err := r.drain(ctx); err != nil {
		return err
	}
	if r.rested+r.leftOver > 0 {
		r.s.opts.Log.Info("visited by their history", "source", r.s.opts.Name, "requests", r.requests, "not due", r.rested)
	}
	if r.leftOver > 0 {
		r.s.opts.Log.Warn("the limit on requests left pages for a later run; raise max_pages if they are too many", "source", r.s.opts.Name, "pages", r.leftOver)
	}
	return r.trouble()
}

// remember lists the documents of earlier runs: their IDs.
func (r *run) remember(ctx context.Context) (ids []string, err error) {
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read what is indexed: %w", err)
		}
		ids = append(ids, e.Ref.ID)
		at := orWord(parseState(e.State).URL, e.Ref.ID)
		if at != e.Ref.ID {
			r.alias[at] = e.Ref.ID
		}
		if e.Failure != "" {
			r.frontier.failing[at] = true
		}
	}
	return ids, nil
}

// begin visits the start addresses and reads the sitemaps. Until one of them
// shows that the site is up, no deletion is yielded; if none does, it is an
// error.
func (r *run) begin(ctx context.Context) error {
	r.holding = true
	var reasons []string
	for _, u := range r.s.start {
		it := item{url: u.String(), from: "start", trusted: true}
		if r.frontier.push(it, u); r.visited[it.url] != pending {
			continue
		}
		why, err := r.visit(ctx, it)
		if err != nil {
			return err
		}
		if why != "" {
			reasons = append(reasons, it.url+": "+why)
		}
	}
	n, err := r.sitemaps(ctx)
	if err != nil {
		return err
	}
	if !r.answered && n == 0 {
		return fmt.Errorf("no start address could be read, nothing was changed: %s", strings.Join(reasons, "; "))
	}
	r.holding = false
	for _, c := range r.held {
		if err := r.send(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// sitemaps queues the pages of all sitemaps in front of the links found so far,
// newest first, and counts them.
func (r *run) sitemaps(ctx context.Context) (int, error) {
	reports, pages, err := r.f.sitemaps(ctx)
	if err != nil {
		return 0, err
	}
	for _, rep := range reports {
		if rep.Error != "" {
			r.s.opts.Log.Warn("sitemap not read", "url", rep.URL, "error", rep.Error)
		}
	}
	newestFirst(pages)
	now := r.f.clock.now()
	r.frontier.inFront(func() {
		for _, p := range pages {
			u, err := url.Parse(p.loc)
			if err != nil {
				continue
			}
			if !p.lastmod.After(now) { // one in the future says nothing
				r.lastmod[p.loc] = p.lastmod
			}
			r.frontier.push(item{url: p.loc, from: "sitemap", depth: 1, trusted: true, overdue: 1}, u)
		}
	})
	return len(pages), nil
}

// drain visits what is queued.
func (r *run) drain(ctx context.Context) error {
	for {
		it, ok := r.frontier.pop(r.f.ready)
		if !ok {
			return nil
		}
		if r.visited[it.url] != pending {
			continue // a redirect led there before
		}
		if _, err := r.visit(ctx, it); err != nil {
			return err
		}
	}
}

// confirm queues the known documents that nothing led to, to ask for each
// whether it is still there. What the whitelist no longer allows is no longer a
// chosen source, and leaves without a request.
func (r *run) confirm(ctx context.Context, known []string) error {
	for _, id := range known {
		if r.emitted[id] {
			continue
		}
		e, ok, err := r.mem.Entry(ctx, id)
		if err != nil {
			return fmt.Errorf("read what is indexed of %s: %w", id, err)
		}
		if !ok || e.Digest == "" && e.Failure == "" {
			continue // a tombstone
		}
		at, err := url.Parse(id)
		if err != nil {
			return fmt.Errorf("document ID %q is no address: %w", id, err)
		}
		// Where the page was read, unless that was visited and led elsewhere.
		u := at
		if st := parseState(e.State); st.URL != "" && r.visited[st.URL] == pending {
			if u, err = url.Parse(st.URL); err != nil {
				u = at
			}
		}
		if !r.s.white.allows(u) {
			if err := r.leave(ctx, at, id, "the configuration no longer allows it"); err != nil {
				return err
			}
			continue
		}
		r.frontier.push(item{url: u.String(), from: "index", trusted: true, depth: 1, confirm: true, overdue: 1}, u)
	}
	return nil
}

// trouble is the error of the hosts that could not be read to the end.
func (r *run) trouble() error {
	var errs []error
	for _, p := range r.f.paces {
		if p.down != nil {
			errs = append(errs, p.down)
		}
	}
	for _, h := range r.f.hosts {
		if h.down == nil && h.all != nil && !h.all.Allowed {
			errs = append(errs, fmt.Errorf("%s: %s", h.root, h.all.Reason))
		}
	}
	slices.SortFunc(errs, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(errs...)
}

// visit requests an address and follows its redirects. It says why no document
// came of it, "" if one did. The error ends the run.
func (r *run) visit(ctx context.Context, it item) (why string, err error) {
	var chain []*url.URL // that redirected
	u, err := url.Parse(it.url)
	if err != nil {
		return err.Error(), nil
	}
	permanent := true
	for {
		s, err := r.step(ctx, u, it, chain)
		if err != nil {
			return "", err
		}
		if s.next == nil {
			r.visited[u.String()] = s.result
			return s.reason, r.settle(ctx, it, chain, u, s, permanent)
		}
		chain = append(chain, u)
		r.visited[u.String()] = pending
		permanent = permanent && s.permanent
		if end, done := r.follow(s.next, chain); done {
			return end.reason, r.settle(ctx, it, chain, s.next, end, permanent)
		}
		u = s.next
	}
}

// step is the outcome of one request: a result with its reason, or the target
// of a redirect.
type step struct {
	result    result
	reason    string
	status    int
	id        string
	next      *url.URL
	permanent bool // the redirect holds for good
}

// follow reports whether a chain of redirects ends before its next target, and
// how.
func (r *run) follow(next *url.URL, chain []*url.URL) (step, bool) {
	key := next.String()
	looped := slices.ContainsFunc(chain, func(u *url.URL) bool { return u.String() == key })
	switch before := r.visited[key]; {
	case looped:
		return step{result: failed, reason: "it redirects in a circle"}, true
	case len(chain) > maxHops:
		return step{result: failed, reason: fmt.Sprintf("it redirects more than %d times", maxHops)}, true
	case !r.s.white.allows(next):
		return step{result: leftSite, reason: "it redirects to " + key + ", which is outside the allowed prefixes"}, true
	case before != pending:
		end := step{result: before, reason: "it redirects to " + key + ", which was visited before"}
		if before == indexed {
			end.id = r.idOf(next)
		}
		return end, true
	}
	return step{}, false
}

// settle records what a chain of redirects led to, and what that means for the
// documents that were indexed under its addresses.
func (r *run) settle(ctx context.Context, it item, chain []*url.URL, last *url.URL, end step, permanent bool) error {
	for i, u := range chain {
		r.visited[u.String()] = end.result
		r.s.opts.Trace(Visit{URL: u.String(), From: it.from, Outcome: "redirect", Reason: end.reason, ID: end.id})
		id := r.idOf(u)
		e, ok, err := r.mem.Entry(ctx, id)
		if err != nil {
			return fmt.Errorf("read what is indexed of %s: %w", id, err)
		}
		moved := end.result == gone || permanent && (end.result == indexed || end.result == noindex || end.result == leftSite)
		switch {
		case r.emitted[id]:
		case ok && (e.Digest != "" || e.Failure != "") && moved:
			err = r.leave(ctx, u, id, "it redirects to "+last.String())
		case ok && e.Digest != "":
			err = r.fail(ctx, u, id, it.from, fmt.Errorf("%s redirects to %s, so that it cannot be read itself: %s", u, last, orWord(end.reason, "only for now")))
		case i == 0 && end.result == failed && last != nil && !r.emitted[r.idOf(last)]:
			err = r.fail(ctx, u, id, it.from, fmt.Errorf("%s: %s", u, end.reason))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// step requests u, unless something forbids it, and carries out what its
// answer means for its own document.
func (r *run) step(ctx context.Context, u *url.URL, it item, chain []*url.URL) (step, error) {
	s, err := r.request(ctx, u, it, chain)
	if err != nil || s.next != nil {
		return s, err
	}
	if s.reason == notDueYet {
		return s, nil
	}
	outcome := map[result]string{gone: "gone", noindex: "skip", failed: "fail", skipped: "skip", indexed: "put"}[s.result]
	if s.result == indexed && s.status == 304 {
		outcome = "keep"
	}
	r.s.opts.Trace(Visit{URL: u.String(), From: it.from, Status: s.status, ID: s.id, Outcome: outcome, Reason: s.reason})
	r.s.opts.Log.Debug("visited", "url", u.String(), "from", it.from, "status", s.status, "outcome", outcome, "reason", s.reason)
	return s, nil
}

func (r *run) request(ctx context.Context, u *url.URL, it item, chain []*url.URL) (step, error) {
	id := r.idOf(u)
	e, known, err := r.mem.Entry(ctx, id)
	if err != nil {
		return step{}, fmt.Errorf("read what is indexed of %s: %w", id, err)
	}
	known = known && (e.Digest != "" || e.Failure != "")
	if r.visited[id] == gone { // its document has left under that address: it is read anew
		e = ingest.Entry{}
	}
	if st := parseState(e.State); it.from != "start" && st.URL == u.String() && (!it.confirm || st.From == "index") && r.notDue(e, st) {
		return r.rest(it, u, id, st), nil
	}
	if refused, err := r.refused(ctx, u, id, e); refused.reason != "" || err != nil {
		return refused, err
	}
	var st state
	if old := parseState(e.State); e.Digest != "" && e.Failure == "" && old.URL == u.String() && old.Scope == r.s.scope {
		st = old
	}
	r.requests++
	resp, err := r.f.get(ctx, u, forPage, st)
	if ctx.Err() != nil {
		return step{}, ctx.Err()
	}
	if err != nil {
		s := step{result: failed, reason: err.Error(), id: id}
		return s, r.fail(ctx, u, id, it.from, fmt.Errorf("%s: %w", u, err))
	}
	v := visited{u: u, id: id, it: it, entry: e, known: known, old: st, resp: resp, chain: chain}
	s, err := r.answer(ctx, v)
	s.status = resp.status
	return s, err
}

// refused says why u may not be requested now; a zero step if it may.
func (r *run) refused(ctx context.Context, u *url.URL, id string, e ingest.Entry) (step, error) {
	skip := func(reason string) (step, error) { return step{result: skipped, reason: reason, id: id}, nil }
	if !r.s.white.allows(u) {
		return skip("outside the allowed prefixes")
	}
	if down := r.f.host(u).down; down != nil {
		return skip(down.Error())
	}
	if r.requests >= r.s.opts.MaxPages {
		if e.Digest != "" {
			r.leftOver++
		}
		return skip(fmt.Sprintf("the limit of %d pages in one run is reached; it waits for a later run, or raise max_pages", r.s.opts.MaxPages))
	}
	v, err := r.f.verdict(ctx, u)
	if err != nil {
		return step{}, err
	}
	if v.Allowed {
		return step{}, nil
	}
	s, _ := skip(v.Reason)
	if e.Digest != "" && v.Line > 0 {
		// Nobody said it is gone, and nobody may look: it stays, and is
		// listed, for a person to decide.
		return s, r.fail(ctx, u, id, "", fmt.Errorf("%s may no longer be requested: %s", u, v.Reason))
	}
	return s, nil
}

// idOf is the ID of the document that an address led to in an earlier run, or
// the address itself.
func (r *run) idOf(u *url.URL) string {
	if id, ok := r.alias[u.String()]; ok {
		return id
	}
	return u.String()
}

// links queues the links of a page.
func (r *run) links(links []string, it item, from *url.URL) {
	for _, l := range links {
		u, err := url.Parse(l)
		if err != nil || !r.s.white.allows(u) {
			continue
		}
		if why := r.frontier.push(item{url: l, from: from.String(), depth: it.depth + 1, overdue: 1}, u); why != "" {
			r.s.opts.Trace(Visit{URL: l, From: from.String(), Outcome: "skip", Reason: why})
		}
	}
}

// leave yields that a document is gone; while the site has not shown to be up,
// later. at is the address that showed it.
func (r *run) leave(ctx context.Context, at *url.URL, id, why string) error {
	if r.emitted[id] || !r.own(at, id) {
		return nil
	}
	r.emitted[id] = true
	r.s.opts.Log.Info("document leaves", "id", id, "reason", why)
	c := ingest.Change{Ref: ingest.Ref{Collection: r.s.opts.Collection, ID: id}, Op: ingest.Gone}
	if r.holding {
		r.held = append(r.held, c)
		return nil
	}
	return r.send(ctx, c)
}

// fail yields that a document could not be read at the address at, and notes the
// visit, so that a page that always fails waits for its turn as others do. from
// is where the address was found, "" if it was not asked for.
func (r *run) fail(ctx context.Context, at *url.URL, id, from string, why error) error {
	if !r.own(at, id) {
		return nil
	}
	c := ingest.Change{Op: ingest.Fail, Err: why}
	if from != "" {
		e, _, err := r.mem.Entry(ctx, id)
		if err != nil {
			return fmt.Errorf("read what is indexed of %s: %w", id, err)
		}
		c.State = r.failedNow(at, from, e)
	}
	return r.emit(ctx, c, id)
}

// own reports whether an address speaks for a document: it is the document's
// own. Where it was only another way to it, bad news says nothing about the
// document, and its own address is queued to be asked.
func (r *run) own(at *url.URL, id string) bool {
	if at.String() == id {
		return true
	}
	if u, err := url.Parse(id); err == nil && r.visited[id] == pending {
		r.frontier.push(item{url: id, from: "index", depth: 1, trusted: true}, u)
	}
	return false
}

// emit yields a change of a document, once in a run.
func (r *run) emit(ctx context.Context, c ingest.Change, id string) error {
	if r.emitted[id] {
		return nil
	}
	r.emitted[id] = true
	c.Ref = ingest.Ref{Collection: r.s.opts.Collection, ID: id}
	return r.send(ctx, c)
}

func (r *run) send(ctx context.Context, c ingest.Change) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case r.out <- c:
		return nil
	}
}

// extract calls the extractor so that a panic in it costs one page.
func (r *run) extract(ctx context.Context, in Input) (doc *ingest.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.s.opts.Log.Error("extractor panicked", "url", in.URL, "panic", p, "stack", string(debug.Stack()))
			doc, err = nil, fmt.Errorf("its parser failed: %v; please report this page", p)
		}
	}()
	return r.s.opts.Extract(ctx, in)
}
