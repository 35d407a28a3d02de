package extract

import (
	"context"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractKOOP reads any XML that is not HTML: the official publications of
// KOOP (officiele-publicatie and its older forms), consolidated laws (BWB) and
// local rules (CVDR), court decisions, documents of rijksoverheid.nl, and
// unknown XML by the shape of its elements. Descriptions of documents (SRU,
// OWMS, manifests) are refused with ErrMetadata.
func extractKOOP(ctx context.Context, in Input) (*ingest.Document, error) {
	root, err := parseXML(ctx, in, func(name string) error {
		if what := metadataRoots[strings.ToLower(name)]; what != "" {
			return in.fail(ErrMetadata, "%s; give the document that it describes", what)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	name := strings.ToLower(root.name)
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
	w := &koopWalker{b: newBuilder(ctx, in), root: root, d: description{meta: map[string]string{}}}
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
	dropExpired(doc)
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
