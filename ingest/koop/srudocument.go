package koop

import (
	"net/url"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// describe writes what the record says into the document. The record goes
// before what was read from the file: it is corrected where the file is not.
func (r record) describe(doc *ingest.Document, d dialect) {
	if doc.Meta == nil {
		doc.Meta = map[string]string{}
	}
	set := func(key string, values ...string) {
		values = slices.DeleteFunc(values, func(v string) bool { return v == "" })
		if len(values) > 0 {
			doc.Meta[key] = strings.Join(values, "; ")
		}
	}
	set("identifier", r.first("identifier"))
	set("dossier", r.dossiers()...)
	set("soort", r.kind())
	for key, name := range map[string]string{
		"ondernummer": "ondernummer", "vergaderjaar": "vergaderjaar", "dossiertitel": "dossiertitel",
		"documenttitel": "documenttitel", "status": "documentstatus", "hoofddocument": "hoofddocument",
		"aanhangselnummer": "aanhangselnummer", "vraagnummer": "vraagnummer", "publicatienummer": "publicatienummer",
		"jaargang": "jaargang", "subrubriek": "subrubriek", "organisatietype": "organisatietype",
		"datum_indiening": "datumIndiening", "datum_vergadering": "datumVergadering", "samenvatting": "abstract",
	} {
		set(key, r.first(name))
	}
	for key, name := range map[string]string{"indiener": "indiener", "creator": "creator", "onderwerp": "subject",
		"behandeld_dossier": "behandeldDossier"} {
		set(key, r.all(name)...)
	}
	set("ministerie", r.ministries()...)
	set("replaced_by", r.replacedBy()...)

	if t := r.first("title"); t != "" {
		doc.Title = t
	}
	if l := r.first("language"); l != "" {
		doc.Language = l
	}
	if doc.URL = r.Preferred; doc.URL == "" {
		doc.URL = d.page(r)
	}
	for _, name := range []string{"issued", "date", "available"} {
		if t := parseDay(r.first(name)); !t.IsZero() {
			doc.Published = t
			break
		}
	}
	if t := parseDay(r.first("modified")); !t.IsZero() {
		doc.Modified = t
	}
	if from, until := r.period(); !from.IsZero() {
		doc.ValidFrom, doc.ValidUntil = from, until
	}
	if len(r.replacedBy()) > 0 {
		doc.ValidUntil = earliest(doc.ValidUntil, doc.Modified)
	}
}

// earliest is the first of two moments, of which the second is known.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// kind is the publication name, or Bijlage for attachments, which carry the name
// of what they are attached to.
func (r record) kind() string {
	if r.isAttachment() {
		return "Bijlage"
	}
	if name := r.first("publicatienaam"); name != "" {
		return name
	}
	return r.first("type")
}

func (r record) isAttachment() bool { return slices.Contains(r.all("type"), "Bijlage") }

// dossiers are the numbers in their official form.
func (r record) dossiers() []string {
	var out []string
	for _, d := range r.all("dossiernummer") {
		if n, err := DossierNumber(d); err == nil {
			d = n
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out
}

// ministries are the makers, or who is responsible, that are ministries.
func (r record) ministries() []string {
	var out []string
	for _, name := range []string{"creator", "authority", "publisher"} {
		for _, f := range r.Fields[name] {
			if (strings.HasSuffix(f.Scheme, "Ministerie") || strings.HasPrefix(f.Value, "Ministerie van")) && !slices.Contains(out, f.Value) {
				out = append(out, f.Value)
			}
		}
	}
	return out
}

// replacedBy are the identifiers of what came in the place of this publication.
func (r record) replacedBy() []string {
	var out []string
	for _, f := range r.Fields["isReplacedBy"] {
		id := f.Value
		if id == "" {
			id = f.Resource
		}
		if strings.Contains(id, "://") {
			id = fileName(id)
		}
		if id = strings.TrimSuffix(id, ".html"); id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// awaitsXML: a paper that was put online before it was made up; its XML comes
// later. Attachments never get one.
func (r record) awaitsXML() bool {
	return r.first("documentstatus") == "Onopgemaakt" && !r.isAttachment()
}

// fileName is the last part of the path of an address.
func fileName(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return path.Base(address)
	}
	return path.Base(u.Path)
}
