package koop

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// record turns a record into changes: of its external attachments, and of itself
// after them, so that none is lost if the run ends in between. There are none for
// a record that names no document. An error ends the run.
func (r *sruRun) record(ctx context.Context, rec record) ([]ingest.Change, error) {
	id := rec.first("identifier")
	if id == "" || strings.ContainsAny(id, " \t/") {
		r.p.opts.Log.Warn("a record without a usable identifier is left out", "source", r.p.opts.Name, "identifier", id, "position", rec.Position)
		return nil, nil
	}
	var out []ingest.Change
	if r.p.opts.Attachments {
		for _, x := range rec.external() {
			c, ok, err := r.publication(ctx, x, id)
			if err != nil {
				return out, err
			}
			if ok {
				out = append(out, c)
			}
		}
	}
	c, ok, err := r.publication(ctx, rec, "")
	if err == nil && ok {
		out = append(out, c)
	}
	return out, err
}

// publication turns a record into a change; false if there is nothing to say.
// The parent is the publication that names it, where it has no record of its own.
func (r *sruRun) publication(ctx context.Context, rec record, parent string) (ingest.Change, bool, error) {
	id := rec.first("identifier")
	e, known, err := r.mem.Entry(ctx, id)
	if err != nil {
		return ingest.Change{}, false, err
	}
	now := r.p.opts.clock.now()
	c := ingest.Change{Ref: ingest.Ref{Collection: r.p.opts.Collection, ID: id}}
	st := parseSRUState(e.State)
	print := rec.fingerprint(r.p.opts.ExtractVersion)
	readAlready := e.Failure == "" && e.Digest != "" || st.Unusable || st.Misses > 0 && e.Digest != ""
	if known && st.Print == print && readAlready && e.Ref == c.Ref {
		c.Op, c.State = ingest.Keep, st.met(r.p.scope, now).String()
		return c, true, nil
	}
	if _, until := rec.period(); !known && !until.IsZero() && until.Before(r.today) {
		return ingest.Change{}, false, nil // it was no longer in force before we knew it
	}
	doc, got, err := r.read(ctx, rec)
	switch {
	case ctx.Err() != nil:
		return c, false, ctx.Err()
	case errors.Is(err, errUnusable):
		got.Print, got.Unusable, got.Awaited, got.Parent = print, true, rec.awaitsXML(), parent
		c.Op, c.Err, c.State = ingest.Fail, err, got.met(r.p.scope, now).String()
	case err != nil: // it stays due
		if down := r.streak.failed(st.failed(e), err); down != nil {
			return c, false, down
		}
		st.Print, st.Parent = "", parent
		c.Op, c.Err, c.State = ingest.Fail, err, st.met(r.p.scope, now).String()
	default:
		got.Print, got.Awaited, got.Parent = print, rec.awaitsXML() && got.Manifestation != "xml", parent
		doc.Fetched = now
		c.Op, c.Doc, c.State = ingest.Put, doc, got.met(r.p.scope, now).String()
	}
	return c, true, nil
}

// errUnusable: a record of which no manifestation can be read.
var errUnusable = errors.New("no manifestation of it can be read")

// read fetches the best manifestation of a record that has text. Where a better
// one was passed over, the reason is in the state and the document. An error
// other than errUnusable is worth another try.
func (r *sruRun) read(ctx context.Context, rec record) (*ingest.Document, sruState, error) {
	var why []string
	items := bestFirst(rec.Items)
	kinds := slices.Clone(order)
	for _, i := range items {
		if !slices.Contains(kinds, i.Manifestation) {
			kinds = append(kinds, i.Manifestation)
		}
	}
	for _, kind := range kinds {
		offered := false
		for _, i := range items {
			if i.Manifestation != kind {
				continue
			}
			offered = true
			doc, reason, err := r.manifestation(ctx, i)
			if err != nil {
				return nil, sruState{}, err
			}
			if reason != "" {
				why = append(why, kind+": "+reason)
				continue
			}
			st := sruState{Manifestation: kind, Reason: strings.Join(why, "; "), URL: r.p.secure(i.URL)}
			rec.describe(doc, r.p.dialect)
			doc.Meta["manifestation"] = kind
			if st.Reason != "" {
				doc.Meta["manifestation_reason"] = st.Reason
			}
			return doc, st, nil
		}
		if !offered && slices.Contains(order[:3], kind) { // hardly anything has an ODT
			why = append(why, kind+": not offered")
		}
	}
	st := sruState{Reason: strings.Join(why, "; ")}
	if len(items) > 0 {
		st.URL, st.Manifestation = r.p.secure(items[0].URL), items[0].Manifestation
	}
	return nil, st, fmt.Errorf("%w: %s", errUnusable, st.Reason)
}

// manifestation fetches and reads one file. The reason says why it cannot be
// used; an error is trouble on the way that says nothing about the file.
func (r *sruRun) manifestation(ctx context.Context, i item) (*ingest.Document, string, error) {
	address := r.p.secure(i.URL)
	a, err := r.p.client.file(ctx, address)
	switch {
	case errors.Is(err, errTooLarge), errors.Is(err, errNotAllowed):
		return nil, oneLine(err.Error()), nil
	case err != nil:
		return nil, "", err
	}
	r.streak = 0
	if reason := unlike(i.Manifestation, a); reason != "" {
		return nil, reason, nil
	}
	doc, err := r.p.opts.Extract(ctx, Input{Name: fileName(a.URL), URL: a.URL, ContentType: a.ContentType, Data: a.Body})
	switch {
	case ctx.Err() != nil:
		return nil, "", ctx.Err()
	case err != nil:
		return nil, strings.TrimPrefix(oneLine(err.Error()), a.URL+": "), nil
	case strings.TrimSpace(doc.Text) == "":
		return nil, "no text in it", nil
	}
	return doc, "", nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// notAvailable stands on the page of a publication that has no page of its own.
var notAvailable = []byte("niet beschikbaar in HTML-formaat")

// unlike says why an answer is not the manifestation that was asked for; "" if it
// is. A missing file can be a page of HTML with status 200.
func unlike(manifestation string, a *answer) string {
	if a.Status != http.StatusOK {
		return fmt.Sprintf("the server answers %d", a.Status)
	}
	head := bytes.TrimLeft(bytes.TrimPrefix(a.Body, []byte("\ufeff")), " \t\r\n")
	switch manifestation {
	case "xml":
		switch root := rootElement(head); {
		case strings.EqualFold(root, "html"):
			return "a page of HTML in its place"
		case root == "":
			return "no XML in it"
		}
	case "pdf":
		if !bytes.Contains(head[:min(len(head), 1024)], []byte("%PDF-")) {
			return "no PDF in it"
		}
	case "odt":
		if !bytes.HasPrefix(head, []byte("PK")) {
			return "no ODT in it"
		}
	}
	if manifestation != "pdf" && bytes.Contains(a.Body, notAvailable) {
		return "the page says that the text is not available in this format"
	}
	return ""
}

// rootElement is the name of the first element, "" where there is no XML.
func rootElement(data []byte) string {
	if !bytes.HasPrefix(data, []byte("<")) {
		return ""
	}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict = false
	d.CharsetReader = passThrough
	for {
		t, err := d.Token()
		if err != nil {
			return ""
		}
		switch t := t.(type) {
		case xml.StartElement:
			return t.Name.Local
		case xml.Directive:
			if strings.HasPrefix(strings.ToLower(string(t)), "doctype html") {
				return "html"
			}
		}
	}
}
