package koop

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// The namespaces of the parts of a response that are read. A response without
// namespaces is read too: copies of records are kept in that form.
var (
	nsSRU  = []string{"http://docs.oasis-open.org/ns/search-ws/sruResponse", "http://www.loc.gov/zing/srw/"}
	nsDiag = append([]string{"http://docs.oasis-open.org/ns/search-ws/diagnostic", "http://www.loc.gov/zing/srw/diagnostic/"}, nsSRU...)
	nsGZD  = append([]string{"http://standaarden.overheid.nl/sru"}, nsSRU...)
)

const (
	maxAnswer   = 16 << 20 // bytes of one answer; a page of 100 records has 500 KB
	maxElements = 200_000  // in it; a page of 100 records has 8,000
	maxNesting  = 64
)

// response is one page of records.
type response struct {
	Total    int  // as the service reports it
	Estimate bool // it did not count them all
	Next     int  // position of the next page; 0 at the end
	Records  []record
	Query    string // as the service understood it, "" if it does not say
	// Broken counts the records that the service could not give: in their place
	// stood a diagnostic.
	Broken int
}

// empty reports whether nothing at all stands in the page.
func (r *response) empty() bool { return len(r.Records)+r.Broken == 0 }

// stuck reports whether the page from start on leads nowhere: to itself, or on
// without a record.
func (r *response) stuck(start int) bool {
	return r.Next > 0 && (r.Next <= start || r.empty())
}

// record is what the service knows of one publication.
type record struct {
	Position int // in the answer; 0 if it does not say
	// Fields are the elements with a value below the original data, by local
	// name, in order.
	Fields map[string][]field
	// Of the enriched data.
	URL       string              // of the best manifestation
	Preferred string              // page for people
	Timestamp string              // of the last change in the repository
	Items     []item              // the manifestations
	Links     map[string][]string // further elements, such as locatie_wti and externeBijlage
}

// field is the value of an element. Resource is the identifier of what it
// names, where it is given beside the name.
type field struct{ Value, Scheme, Resource string }

// item is the address of a manifestation: html, metadata, metadataowms, odt, pdf
// or xml.
type item struct{ Manifestation, URL string }

// first is the first value of a field, "" if there is none.
func (r record) first(name string) string {
	for _, f := range r.Fields[name] {
		if f.Value != "" {
			return f.Value
		}
	}
	return ""
}

// all are the different values of a field.
func (r record) all(name string) []string {
	var out []string
	for _, f := range r.Fields[name] {
		if f.Value != "" && !slices.Contains(out, f.Value) {
			out = append(out, f.Value)
		}
	}
	return out
}

// diagnosticError is a query that the service does not answer, which it says
// with status 200.
type diagnosticError struct{ URI, Message, Details string }

func (e *diagnosticError) Error() string {
	s := "the service refuses the query"
	if e.URI != "" {
		s += " (" + e.URI + ")"
	}
	for _, part := range []string{e.Message, e.Details} {
		if part != "" {
			s += ": " + part
		}
	}
	return s
}

// errNoResponse: something else than an answer to a search.
var errNoResponse = errors.New("this is not the answer to a search")

// parseResponse reads an answer to searchRetrieve. The error is a
// *diagnosticError where the service says what is wrong with the query.
func parseResponse(data []byte) (*response, error) {
	root, err := parseTree(data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoResponse, err)
	}
	if d := root.diagnostic(); d != nil {
		return nil, d
	}
	if !root.is("searchRetrieveResponse", nsSRU) {
		return nil, fmt.Errorf("%w: its root is <%s>", errNoResponse, root.name.Local)
	}
	if d := root.child("diagnostics", nsSRU).diagnostic(); d != nil {
		return nil, d
	}
	r := &response{}
	count := root.child("numberOfRecords", nsSRU)
	if count == nil {
		return nil, fmt.Errorf("%w: it does not say how many records there are", errNoResponse)
	}
	if r.Total, err = natural(count.text); err != nil {
		return nil, fmt.Errorf("%w: numberOfRecords is %w", errNoResponse, err)
	}
	if next := root.child("nextRecordPosition", nsSRU); next != nil && strings.TrimSpace(next.text) != "" {
		if r.Next, err = natural(next.text); err != nil {
			return nil, fmt.Errorf("%w: nextRecordPosition is %w", errNoResponse, err)
		}
	}
	r.Estimate = strings.HasSuffix(strings.TrimSpace(root.child("resultCountPrecision", nsSRU).value()), "/estimate")
	r.Query = root.child("echoedSearchRetrieveRequest", nsSRU).child("query", nsSRU).value()
	for _, rec := range root.child("records", nsSRU).all("record", nsSRU) {
		data := rec.child("recordData", nsSRU)
		if d := data.diagnostic(); d != nil {
			r.Broken++
			continue
		}
		out := readRecord(data)
		out.Position, _ = natural(rec.child("recordPosition", nsSRU).value())
		r.Records = append(r.Records, out)
	}
	return r, nil
}

func readRecord(data *node) record {
	r := record{Fields: map[string][]field{}, Links: map[string][]string{}}
	gzd := data.child("gzd", nsGZD)
	gzd.child("originalData", nsGZD).leaves(func(n *node) {
		f := field{n.value(), n.attr("scheme"), n.attr("resourceIdentifier")}
		if f.Value != "" || f.Resource != "" {
			r.Fields[n.name.Local] = append(r.Fields[n.name.Local], f)
		}
	})
	for _, n := range gzd.child("enrichedData", nsGZD).children() {
		v := n.value()
		switch n.name.Local {
		case "url":
			r.URL = v
		case "preferredUrl", "preferred_url":
			r.Preferred = v
		case "locatie_toestand", "publicatieurl_xml":
			r.add("xml", v)
		case "publicatieurl_xhtml":
			r.add("html", v)
		case "timestamp":
			r.Timestamp = v
		case "itemUrl":
			r.add(strings.ToLower(n.attr("manifestation")), v)
		default:
			if v != "" {
				r.Links[n.name.Local] = append(r.Links[n.name.Local], v)
			}
		}
	}
	return r
}

func (r *record) add(manifestation, address string) {
	if address != "" {
		r.Items = append(r.Items, item{manifestation, address})
	}
}

func natural(s string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%q, which is no number", s)
	}
	return n, nil
}

// node is an element. Its methods work on nil, so that what is absent reads as
// empty.
type node struct {
	name  xml.Name
	attrs []xml.Attr
	text  string // the text of the element itself
	kids  []*node
}

// parseTree reads a whole document into memory, within bounds.
func parseTree(data []byte) (*node, error) {
	if len(data) > maxAnswer {
		return nil, fmt.Errorf("it has %d bytes, more than %d", len(data), maxAnswer)
	}
	d := xml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte("\ufeff"))))
	d.CharsetReader = passThrough
	var root *node
	var open []*node
	var texts []*strings.Builder
	for elements := 0; ; {
		t, err := d.Token()
		switch {
		case err == io.EOF && root != nil:
			return root, nil
		case err == io.EOF:
			return nil, errors.New("there is no element in it")
		case err != nil:
			return nil, err
		}
		switch t := t.(type) {
		case xml.StartElement:
			n := &node{name: t.Name, attrs: t.Attr}
			if elements++; elements > maxElements || len(open) >= maxNesting {
				return nil, fmt.Errorf("it has more than %d elements, or more than %d within each other", maxElements, maxNesting)
			}
			if len(open) > 0 {
				open[len(open)-1].kids = append(open[len(open)-1].kids, n)
			} else if root == nil {
				root = n
			}
			open, texts = append(open, n), append(texts, &strings.Builder{})
		case xml.EndElement:
			open[len(open)-1].text = texts[len(texts)-1].String()
			open, texts = open[:len(open)-1], texts[:len(texts)-1]
		case xml.CharData:
			if len(texts) > 0 {
				texts[len(texts)-1].Write(t)
			}
		}
	}
}

// passThrough reads what calls itself something else as UTF-8: some files of the
// service say US-ASCII and are not.
func passThrough(_ string, r io.Reader) (io.Reader, error) { return r, nil }

// is compares the local name, and the namespace if the element has one.
func (n *node) is(local string, spaces []string) bool {
	return n != nil && n.name.Local == local && (n.name.Space == "" || slices.Contains(spaces, n.name.Space))
}

func (n *node) children() []*node {
	if n == nil {
		return nil
	}
	return n.kids
}

func (n *node) child(local string, spaces []string) *node {
	for _, k := range n.children() {
		if k.is(local, spaces) {
			return k
		}
	}
	return nil
}

func (n *node) all(local string, spaces []string) []*node {
	var out []*node
	for _, k := range n.children() {
		if k.is(local, spaces) {
			out = append(out, k)
		}
	}
	return out
}

// value is the text of the element on one line.
func (n *node) value() string {
	if n == nil {
		return ""
	}
	return strings.Join(strings.Fields(n.text), " ")
}

func (n *node) attr(local string) string {
	if n == nil {
		return ""
	}
	for _, a := range n.attrs {
		if a.Name.Local == local {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}

// leaves visits the elements without elements in them, in order.
func (n *node) leaves(visit func(*node)) {
	for _, k := range n.children() {
		if len(k.kids) == 0 {
			visit(k)
		} else {
			k.leaves(visit)
		}
	}
}

// diagnostic is what the service says is wrong, where the element is that, or
// directly holds it.
func (n *node) diagnostic() error {
	if n == nil {
		return nil
	}
	at := n
	if !n.is("diagnostic", nsDiag) {
		if at = n.child("diagnostic", nsDiag); at == nil {
			return nil
		}
	}
	return &diagnosticError{at.child("uri", nsDiag).value(), at.child("message", nsDiag).value(), at.child("details", nsDiag).value()}
}
