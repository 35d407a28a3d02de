package extract

import (
	"context"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractKOOP reads any XML that is not HTML: the official publications of
// KOOP (officiele-publicatie and its older forms), consolidated laws (BWB) and
// local rules (CVDR), court decisions, documents of rijksoverheid.nl, and
// unknown XML by the shape of its elements. Descriptions of documents (SRU,
// OWMS, manifests) are refused with ErrMetadata.
func extractKOOP(ctx context.Context, in Input) (*ingest.Document, error) {
	root, err := parseXML(ctx, in)
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(root.name)
	if what := metadataRoots[name]; what != "" {
		return nil, in.fail(ErrMetadata, "%s; give the document that it describes", what)
	}
	switch name {
	case "uof":
		return nil, in.fail(ErrUnsupported, "an office file in UOF; save it as .odt or .docx")
	case "document", "documents", "document-content":
		if root.first("body") != nil {
			return extractFlatODF(ctx, in, root)
		}
		if root.first("canonical") != nil || root.first("document") != nil || name == "documents" {
			return extractRijksoverheid(ctx, in, root)
		}
	case "html":
		in.Data = []byte(decodeText(in.Data))
		return extractHTML(ctx, in)
	}
	w := &koopWalker{b: newBuilder(ctx, in)}
	w.describe(name, root)
	w.block(root, 0)
	w.flush()
	doc, err := w.b.document()
	if err != nil {
		return nil, err
	}
	if doc.Text == "" {
		if root.first("metadata") != nil || root.first("meta") != nil {
			return nil, in.fail(ErrEmpty, "the XML holds only metadata; the text is in the PDF of this publication")
		}
		return nil, in.fail(ErrEmpty, "XML without text (root element %q)", root.name)
	}
	w.finish(doc)
	return doc, nil
}

// metadataRoots are root elements of descriptions of documents.
var metadataRoots = map[string]string{
	"searchretrieveresponse": "an SRU response", "record": "an SRU record", "explainresponse": "an SRU description",
	"gzd": "an SRU record", "originaldata": "a metadata record", "enricheddata": "a metadata record",
	"owms-metadata": "OWMS metadata", "metadata_gegevens": "metadata of a publication", "metadata": "metadata",
	"work": "a manifest", "expression": "a manifest", "manifest": "a manifest",
	"wetstechnische-informatie": "technical information on a law (WTI)",
	"urlset":                    "a sitemap", "sitemapindex": "a sitemap index", "diagnostics": "an SRU diagnostic",
	"organisaties": "a register of organisations",
}

// describe takes what the head of a publication says about it.
func (w *koopWalker) describe(name string, root *node) {
	w.meta = map[string]string{}
	set := func(k string, n *node) {
		if n != nil {
			if v := oneLine(normalise(n.flat())); v != "" && w.meta[k] == "" {
				w.meta[k] = v
			}
		}
	}
	switch name {
	case "officiele-publicatie", "kamerwrk":
		w.describePublication(root)
	case "toestand":
		id, date := root.attr("bwb-id"), root.attr("inwerkingtreding")
		w.meta["identifier"], w.meta["soort"] = id, "wet- en regelgeving"
		w.validFrom, _ = time.Parse(time.DateOnly, date)
		if id != "" {
			w.url = "https://wetten.overheid.nl/" + id + "/" + date
		}
		w.setTitle(root.find("citeertitel"), root.find("intitule"))
	case "cvdr":
		set("identifier", root.find("identifier"))
		set("creator", root.find("creator"))
		w.meta["soort"] = "lokale regelgeving"
		if id := w.meta["identifier"]; id != "" {
			if !strings.HasPrefix(id, "CVDR") {
				id = "CVDR" + id
			}
			w.url = "https://lokaleregelgeving.overheid.nl/" + id
		}
		w.setTitle(root.find("title"), root.find("intitule"))
		w.dates(root.find("issued"), root.find("modified"))
		if d := root.find("inwerkingtredingDatum"); d != nil {
			w.validFrom, _ = time.Parse(time.DateOnly, strings.TrimSpace(d.flat()))
		}
		if d := root.find("uitwerkingtredingDatum"); d != nil {
			w.validUntil, _ = time.Parse(time.DateOnly, strings.TrimSpace(d.flat()))
		}
	case "open-rechtspraak":
		rdf := root.find("RDF")
		if rdf == nil {
			break
		}
		set("identifier", rdf.find("identifier"))
		set("creator", rdf.find("creator"))
		set("zaaknummer", rdf.find("zaaknummer"))
		set("soort", rdf.find("type"))
		set("subject", rdf.find("subject"))
		if id := w.meta["identifier"]; strings.HasPrefix(id, "ECLI:") {
			w.url = "https://uitspraken.rechtspraak.nl/details?id=" + id
		}
		w.setTitle(rdf.find("title"))
		w.dates(rdf.find("date"), rdf.find("modified"))
	}
}

func (w *koopWalker) setTitle(nodes ...*node) {
	for _, n := range nodes {
		if n != nil && w.title == "" {
			w.title = oneLine(normalise(n.flat()))
		}
	}
}

func (w *koopWalker) dates(published, modified *node) {
	parse := func(n *node) (t time.Time) {
		if n != nil {
			if s := strings.TrimSpace(n.flat()); len(s) >= 10 {
				t, _ = time.Parse(time.DateOnly, s[:10])
			}
		}
		return t
	}
	w.published, w.modified = parse(published), parse(modified)
}

// describePublication reads the identifier out of the address of its metadata,
// and the lines above the text.
func (w *koopWalker) describePublication(root *node) {
	for _, m := range root.all("meta") {
		if m.attr("name") == "OVERHEIDop.externMetadataRecord" {
			parts := strings.Split(m.attr("content"), "/")
			if n := len(parts); n > 1 {
				w.id = parts[n-2]
			}
		}
	}
	for _, l := range root.all("tekstregel") {
		text := oneLine(normalise(l.flat()))
		switch l.attr("inhoud") {
		case "vergaderjaar":
			w.meta["vergaderjaar"] = strings.TrimPrefix(text, "Vergaderjaar ")
		case "kameraanduiding":
			w.meta["kamer"] = strings.TrimSuffix(text, " der Staten-Generaal")
		case "documenttype":
			w.meta["soort"] = text
		}
	}
	if d := root.find("dossiernr"); d != nil {
		w.meta["dossier"] = strings.ReplaceAll(oneLine(d.flat()), " ", "")
		if c := root.find("begrotingshoofdstuk"); c != nil {
			w.meta["dossier"] += "-" + oneLine(c.flat())
		}
	}
	if n := root.find("ondernummer"); n != nil {
		w.meta["ondernummer"] = oneLine(n.flat())
	}
	if n := root.find("kamervraagnummer"); n != nil {
		w.meta["nummer"] = oneLine(n.flat())
	}
	if kop := root.first("kop"); kop != nil {
		w.meta["publicatie"] = oneLine(normalise(kop.flat()))
	}
	var who []string
	for _, o := range root.all("ondertekening") {
		if n := o.find("naam"); n != nil {
			who = append(who, oneLine(normalise(n.flat())))
		}
	}
	for _, o := range root.all("kamervraagomschrijving") {
		if o.attr("type") == "vraag" {
			for _, n := range o.all("naam") {
				who = append(who, oneLine(normalise(n.flat())))
			}
		}
	}
	if len(who) > 0 {
		w.meta["indiener"] = strings.Join(who, "; ")
	}
	w.titlePublication(root)
}

// titlePublication names a publication as KOOP does: the dossier, then the
// paper; or the one heading of an announcement.
func (w *koopWalker) titlePublication(root *node) {
	if d, s := root.find("dossier"), root.find("stuk"); d != nil && s != nil {
		var parts []string
		for _, n := range []*node{d.first("titel"), s.first("titel")} {
			if n != nil {
				parts = append(parts, oneLine(normalise(n.flat())))
			}
		}
		w.title = strings.Join(parts, "; ")
	}
	w.setTitle(root.find("item-titel"), root.find("intitule"))
	for _, kind := range root.children {
		if kop := kind.first("kop"); kop != nil && w.title == "" {
			w.setTitle(kop.first("titel"), kop)
		}
	}
	if d := root.find("datum"); d != nil {
		w.published, _ = time.Parse(time.DateOnly, d.attr("isodatum"))
	}
	for _, o := range root.all("kamervraagomschrijving") {
		if d := o.find("datum"); o.attr("type") == "antwoord" && d != nil {
			w.published, _ = time.Parse(time.DateOnly, d.attr("isodatum"))
		}
	}
}

// finish sets what describe found.
func (w *koopWalker) finish(doc *ingest.Document) {
	for k, v := range w.meta {
		if v != "" {
			doc.Meta[k] = v
		}
	}
	doc.Title, doc.URL = w.title, w.url
	if doc.URL == "" && w.id == "" {
		doc.URL = w.b.in.URL
	}
	doc.Published, doc.Modified, doc.ValidFrom, doc.ValidUntil = w.published, w.modified, w.validFrom, w.validUntil
	pairQuestions(doc, 1)
	parliamentary(doc, w.id)
}

// extractRijksoverheid reads documents of opendata.rijksoverheid.nl.
func extractRijksoverheid(ctx context.Context, in Input, root *node) (*ingest.Document, error) {
	b := newBuilder(ctx, in)
	if strings.EqualFold(root.name, "documents") {
		list := root.all("document")
		if len(list) == 0 {
			return nil, in.fail(ErrMetadata, "an empty list of documents")
		}
		for _, d := range list {
			b.leave(1)
			if t := d.first("title"); t != nil {
				b.heading(1, part{Text: t.flat()})
			}
			if i := d.first("introduction"); i != nil {
				b.fragment(i.flat(), 2)
			}
		}
		doc, err := b.document()
		if err == nil {
			doc.Title = "Documenten van rijksoverheid.nl"
		}
		return doc, err
	}
	text := func(name string) string {
		if n := root.first(name); n != nil {
			return strings.TrimSpace(n.flat())
		}
		return ""
	}
	b.heading(1, part{Text: text("title")})
	b.fragment(text("introduction"), 2)
	for _, c := range root.all("contentblock") {
		b.leave(2)
		if t := c.first("paragraphtitle"); t != nil {
			b.heading(2, part{Text: t.flat()})
		}
		if p := c.first("paragraph"); p != nil {
			b.fragment(p.flat(), 2)
		}
	}
	b.fragment(text("additionalcontent"), 2)
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	if len(doc.Blocks) < 2 {
		return nil, in.fail(ErrMetadata, "it names files and holds no text; give those files")
	}
	doc.Title, doc.URL = text("title"), text("canonical")
	for _, k := range []string{"id", "type"} {
		if v := text(k); v != "" {
			doc.Meta[k] = oneLine(v)
		}
	}
	for k, list := range map[string]string{"authority": "authorities", "subject": "subjects"} {
		if n := root.first(list); n != nil {
			var vs []string
			for _, c := range n.children {
				if v := oneLine(normalise(c.flat())); v != "" {
					vs = append(vs, v)
				}
			}
			if v := strings.Join(vs, "; "); v != "" {
				doc.Meta[k] = v
			}
		}
	}
	for _, k := range []string{"frontenddate", "issued", "available"} {
		if t, err := time.Parse(time.RFC3339, text(k)); err == nil && doc.Published.IsZero() {
			doc.Published = t
		}
	}
	doc.Modified, _ = time.Parse(time.RFC3339, text("lastmodified"))
	return doc, nil
}
