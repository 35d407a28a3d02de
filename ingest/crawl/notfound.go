package crawl

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Some sites answer 200 where a page is not there. Such a page says so in words,
// and says the same as the page for an address that cannot exist. Both have to
// hold: a site that shows its home page for every unknown address would lose its
// home page otherwise. The address that cannot exist is asked for at most once a
// run and host, and only if a page says that it is not there.

// notFoundWords are what pages of that kind have in their title or first words.
var notFoundWords = []string{"niet gevonden", "niet meer beschikbaar", "bestaat niet", "bestaat niet meer", "not found",
	"404", "kunnen vinden", "kunnen we niet vinden", "does not exist", "no longer available", "introuvable", "nicht gefunden"}

// maxNotFound is the longest text that such a page has, in bytes: a page about
// lost property has more to say.
const maxNotFound = 4000

// notFound reports whether a page that was sent in full is the site's page for
// what is not there. The error is the context's.
func (r *run) notFound(ctx context.Context, v visited, doc *ingest.Document) (bool, error) {
	if v.it.from == "start" || !isHTML(v.resp.contentType) || len(doc.Text) > maxNotFound || !saysNotFound(doc) {
		return false, nil
	}
	root := v.u.Scheme + "://" + v.u.Host
	text, asked := r.missing[root]
	if !asked {
		var err error
		if text, err = r.missingPage(ctx, v.u); err != nil {
			return false, err
		}
		r.missing[root] = text
	}
	return text != "" && alike(text, doc.Text), nil
}

func saysNotFound(doc *ingest.Document) bool {
	head := strings.ToLower(doc.Title + " " + doc.Text[:min(len(doc.Text), 300)])
	for _, w := range notFoundWords {
		if strings.Contains(head, w) {
			return true
		}
	}
	return false
}

// missingPage is the text of the page that a host sends with 200 for an address
// that cannot exist; "" if it answers as it should, or may not be asked.
func (r *run) missingPage(ctx context.Context, u *url.URL) (string, error) {
	dir := u.EscapedPath()
	dir = dir[:strings.LastIndexByte(dir, '/')+1]
	at, err := normalize(u, dir+missingName(u.Host))
	if err != nil {
		return "", nil
	}
	var resp *response
	for range maxHops {
		if !r.s.white.allows(at) {
			return "", nil
		}
		if verdict, err := r.f.verdict(ctx, at); err != nil || !verdict.Allowed {
			return "", err
		}
		r.requests++
		if resp, err = r.f.get(ctx, at, forPage, state{}); err != nil {
			return "", ctx.Err()
		}
		target, ok := redirect(at, resp)
		if !ok || target == nil {
			break
		}
		at = target
	}
	if resp.status != http.StatusOK || resp.unread != "" || !isHTML(resp.contentType) {
		return "", nil
	}
	doc, err := r.extract(ctx, Input{URL: at.String(), ContentType: resp.contentType, Data: resp.body})
	if err != nil || doc == nil {
		return "", ctx.Err()
	}
	r.s.opts.Log.Info("the site answers 200 where a page is not there", "host", u.Host, "asked", at.String(), "text", fmt.Sprintf("%.80s", doc.Text))
	return doc.Text, nil
}

// missingName is a name that no page of a host has; the same in every run.
func missingName(host string) string {
	sum := sha256.Sum256([]byte(host))
	return "vraagbaak-" + hex.EncodeToString(sum[:6])
}

// alike reports whether two texts have nine in ten of their words in common;
// the address that was asked for may stand in them.
func alike(a, b string) bool {
	count := map[string]int{}
	n := 0
	for _, w := range strings.Fields(strings.ToLower(a)) {
		count[w]++
		n++
	}
	common, m := 0, 0
	for _, w := range strings.Fields(strings.ToLower(b)) {
		m++
		if count[w] > 0 {
			count[w]--
			common++
		}
	}
	return 10*2*common >= 9*(n+m)
}
