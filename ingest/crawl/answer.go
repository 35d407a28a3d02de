package crawl

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// visited is an address with its answer and what was known of it before.
type visited struct {
	u     *url.URL
	id    string // of the document that u led to before, or u itself
	it    item
	entry ingest.Entry
	known bool  // the index or its list of failures has it
	old   state // whose validators were sent; zero if none were
	resp  *response
	chain []*url.URL
}

// answer decides what a response means for the document.
func (r *run) answer(ctx context.Context, v visited) (step, error) {
	status := v.resp.status
	if target, ok := redirect(v.u, v.resp); ok {
		if target == nil {
			return r.failure(ctx, v, "it redirects to nowhere")
		}
		return step{next: target, permanent: status == http.StatusMovedPermanently || status == http.StatusPermanentRedirect}, nil
	}
	switch {
	case status == http.StatusNotFound || status == http.StatusGone:
		s := step{result: gone, reason: fmt.Sprintf("it answers %d", status), id: v.id}
		if !v.known {
			return s, nil
		}
		return s, r.leave(ctx, v.u, v.id, s.reason)
	case status == http.StatusNotModified && v.old.validators():
		return r.unchanged(ctx, v)
	case status == http.StatusOK || status == http.StatusNonAuthoritativeInfo:
		r.answered = true
		return r.content(ctx, v)
	}
	return r.failure(ctx, v, fmt.Sprintf("it answers %d", status))
}

// failure lists the document as unread; what is indexed of it stays.
func (r *run) failure(ctx context.Context, v visited, why string) (step, error) {
	return step{result: failed, reason: why, id: v.id}, r.fail(ctx, v.u, v.id, v.it.from, fmt.Errorf("%s: %s", v.u, why))
}

// unchanged keeps a document whose server says that nothing changed. Its links,
// and when it asks to leave, are those of the last time.
func (r *run) unchanged(ctx context.Context, v visited) (step, error) {
	r.answered = true
	p := page{until: v.old.until()}
	p.headerDirectives(v.resp.header)
	if !p.nofollow {
		r.links(unpackLinks(v.u, v.old.Links), v.it, v.u)
	}
	if p.hidden(r.f.clock.now()) {
		return step{result: noindex, reason: "it asks not to be indexed", id: v.id}, r.leave(ctx, v.u, v.id, "noindex")
	}
	c := ingest.Change{Op: ingest.Keep}
	if st := v.old; r.s.opts.Adaptive {
		r.visitedNow(&st, v.old, false)
		st.From = v.it.from // what nothing leads to has been confirmed, and waits its turn
		c.State = st.String()
	}
	return step{result: indexed, id: v.id}, r.emit(ctx, c, v.id)
}

// content reads a page or document that was sent in full.
func (r *run) content(ctx context.Context, v visited) (step, error) {
	switch {
	case v.resp.tooLarge:
		return r.failure(ctx, v, v.resp.unread)
	case v.resp.unread != "" && v.entry.Digest != "":
		return r.failure(ctx, v, v.resp.unread+"; before, it was")
	case v.resp.unread != "":
		return step{result: skipped, reason: v.resp.unread, id: v.id}, nil
	}
	var p page
	if isHTML(v.resp.contentType) {
		var err error
		if p, err = readPage(v.u, v.resp.contentType, v.resp.body); err != nil {
			return r.failure(ctx, v, err.Error())
		}
	}
	p.headerDirectives(v.resp.header)
	p.headerCanonical(v.u, v.resp.header)
	if p.refresh != nil && p.refresh.String() != v.u.String() {
		return step{next: p.refresh}, nil
	}
	p.links = r.allowed(v.u, p)
	r.links(p.links, v.it, v.u)
	id, why := r.canonical(v.u, p)
	if p.hidden(r.f.clock.now()) {
		return r.unwanted(ctx, v, noindex, "it asks not to be indexed")
	}
	return r.index(ctx, v, p, id, why)
}

// unwanted is a page that is not indexed, and leaves if it was.
func (r *run) unwanted(ctx context.Context, v visited, what result, why string) (step, error) {
	s := step{result: what, reason: why, id: v.id}
	if !v.known {
		return s, nil
	}
	return s, r.leave(ctx, v.u, v.id, why)
}

// allowed are the links of a page that may be followed, and that are not said to
// be in a language that is not indexed.
func (r *run) allowed(at *url.URL, p page) []string {
	if p.nofollow {
		return nil
	}
	var out []string
	for _, l := range p.links {
		u, err := url.Parse(l)
		if err != nil || !r.s.white.allows(u) {
			continue
		}
		if lang := p.inLanguage[l]; lang != "" && !r.s.wants(lang) {
			r.s.opts.Trace(Visit{URL: l, From: at.String(), Outcome: "skip", Reason: otherLanguage(lang, at.String()+" says")})
			continue
		}
		out = append(out, l)
	}
	return out
}

// canonical is the ID a page is indexed under: the address it calls canonical,
// if the whitelist has it and it can be true: one that is gone cannot. Content
// systems that call the home page canonical for all pages are common enough to
// be left out.
func (r *run) canonical(u *url.URL, p page) (id, why string) {
	c := p.canonical
	if c == nil || !r.s.white.allows(c) || r.visited[c.String()] == gone {
		return u.String(), ""
	}
	if c.Path == "/" && c.RawQuery == "" && u.Path != "/" {
		return u.String(), ""
	}
	return c.String(), "it is a duplicate of " + c.String()
}

// index yields the document of a page under its ID.
func (r *run) index(ctx context.Context, v visited, p page, id, why string) (step, error) {
	s := step{result: indexed, id: id, reason: why}
	if r.emitted[id] {
		return s, r.replaced(ctx, v, id)
	}
	doc, err := r.extract(ctx, Input{URL: v.u.String(), ContentType: v.resp.contentType, Data: v.resp.body})
	if ctx.Err() != nil {
		return step{}, ctx.Err()
	}
	if err == nil && (doc == nil || strings.TrimSpace(doc.Text) == "") {
		err = fmt.Errorf("%s: no text was found in it", v.u)
	}
	if err != nil {
		return step{result: failed, reason: err.Error(), id: id}, r.fail(ctx, v.u, id, v.it.from, err)
	}
	if !r.s.wants(doc.Language) {
		return r.unwanted(ctx, v, skipped, otherLanguage(doc.Language, "by its text"))
	}
	if missing, err := r.notFound(ctx, v, doc); err != nil || missing {
		if err != nil {
			return step{}, err
		}
		return r.unwanted(ctx, v, gone, "it answers 200, and its text is the one that this site has for pages that are not there")
	}
	doc.Ref = ingest.Ref{Collection: r.s.opts.Collection, ID: id}
	doc.URL = id
	doc.Fetched = r.f.clock.now().UTC()
	doc.Digest = doc.ContentDigest()
	if err := r.emit(ctx, ingest.Change{Op: ingest.Put, Doc: doc, State: r.newState(v, p, doc).String()}, id); err != nil {
		return step{}, err
	}
	if r.visited[id] == pending {
		r.visited[id] = indexed // its content is here: no second request
	}
	s.reason = ""
	return s, r.replaced(ctx, v, id)
}

// replaced removes what was indexed under the page's former ID, now that it is
// indexed under another.
func (r *run) replaced(ctx context.Context, v visited, id string) error {
	if v.id == id || !v.known {
		return nil
	}
	return r.leave(ctx, v.u, v.id, "it is indexed as "+id)
}

// newState is what the next run must know of a page.
func (r *run) newState(v visited, p page, doc *ingest.Document) state {
	st := state{
		URL:          v.u.String(),
		ETag:         v.resp.header.Get("ETag"),
		LastModified: v.resp.header.Get("Last-Modified"),
		Scope:        r.s.scope,
		From:         v.it.from,
		Links:        packLinks(v.u, p.links),
		Alternates:   p.alternates,
	}
	if !p.until.IsZero() {
		st.Until = p.until.Unix()
	}
	for _, c := range v.chain {
		st.Via = append(st.Via, c.String())
	}
	r.visitedNow(&st, parseState(v.entry.State), v.entry.Digest != ingest.HexDigest(doc.Digest))
	return st
}
