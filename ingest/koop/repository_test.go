package koop

import (
	"fmt"
	"html"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const repositoryHost = "https://repository.overheid.nl"

// paper is a publication of the imitation.
type paper struct {
	id, kind, dossier, creator, modified, date, status, typ string
	manifestations                                          []string
	replacedBy                                              string
	external                                                []string
	text                                                    string
	version                                                 int
	indexed                                                 map[string]string
	bodies                                                  map[string]string // instead of the usual file; a number is a status
}

func newPaper(n int, modified string) *paper {
	return &paper{id: fmt.Sprintf("kst-99%03d-%d", n/40, n%40+1), kind: "Kamerstuk", dossier: fmt.Sprintf("99%03d", n/40), creator: "Tweede Kamer der Staten-Generaal",
		modified: modified, date: modified, status: "Opgemaakt", typ: "Kamerstuk", manifestations: []string{"html", "metadata", "pdf", "xml"},
		text: fmt.Sprintf("Stuk %d over de haven van Waterrijk.", n)}
}

func (p *paper) fields() map[string]string {
	if p.indexed == nil {
		p.indexed = map[string]string{"dt.identifier": p.id, "dt.creator": p.creator, "dt.type": p.typ, "w.publicatienaam": p.kind, "w.dossiernummer": p.dossier,
			"c.product-area": "officielepublicaties"}
	}
	p.indexed["dt.modified"], p.indexed["dt.date"], p.indexed["w.documentstatus"] = p.modified, p.date, p.status
	return p.indexed
}

func (p *paper) file(kind string) string {
	return fmt.Sprintf("%s/frbr/officielepublicaties/kst/%s/%s/1/%s/%s.%s", repositoryHost, p.dossier, p.id, kind, p.id, kind)
}

// repository is an imitation of the search service with its files, in the shape
// of the real one.
type repository struct {
	t      *testing.T
	papers []*paper
	// before is called before a request is answered, with its number.
	before   func(n int, r *http.Request)
	requests int
	down     func(r *http.Request) int // status instead of an answer; 0 for none
	hide     map[string]bool           // identifiers that the search does not find
	queries  []string
	silent   bool            // it does not say that there is more
	most     int             // records it gives at once; 0 for what it is asked for, -1 for none
	extra    int             // records it counts that are not there
	exb      map[string]bool // external attachments that are there
}

func (s *repository) find(id string) *paper {
	for _, p := range s.papers {
		if p.id == id {
			return p
		}
	}
	return nil
}

func (s *repository) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.requests++
	if s.before != nil {
		s.before(s.requests, r)
	}
	if s.down != nil {
		if status := s.down(r); status != 0 {
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(status)
			fmt.Fprint(w, "<html><body><h1>Er ging iets mis</h1></body></html>")
			return
		}
	}
	if r.URL.Path == "/sru" {
		s.search(w, r)
		return
	}
	parts := strings.Split(r.URL.Path, "/") // "", frbr, officielepublicaties, kst, dossier, id, 1, kind, file
	if len(parts) != 9 {
		http.NotFound(w, r)
		return
	}
	p, kind := s.find(parts[5]), parts[7]
	if parts[3] == "exb" && s.exb[parts[5]] {
		fmt.Fprintf(w, "%%PDF-1.4 bijlage %s", parts[5])
		return
	}
	if p == nil {
		http.NotFound(w, r)
		return
	}
	if body, ok := p.bodies[kind]; ok {
		if status, err := strconv.Atoi(body); err == nil {
			w.WriteHeader(status)
			return
		}
		fmt.Fprint(w, body)
		return
	}
	if !slices.Contains(p.manifestations, kind) {
		http.NotFound(w, r)
		return
	}
	switch kind {
	case "xml":
		w.Header().Set("Content-Type", "application/xml")
		fmt.Fprintf(w, "<?xml version=\"1.0\"?><officiele-publicatie><kamerstuk><al>%s</al></kamerstuk></officiele-publicatie>", p.text)
	case "html":
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, "<!DOCTYPE html><html><body><p>%s (%s)</p></body></html>", p.text, p.id)
	case "pdf":
		w.Header().Set("Content-Type", "application/pdf")
		fmt.Fprintf(w, "%%PDF-1.4 %s", p.text)
	}
}

func (s *repository) search(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Has("sortKeys") || q.Get("operation") != "searchRetrieve" || q.Get("version") != "2.0" {
		s.t.Errorf("the service does not take %s", r.URL.RawQuery)
	}
	query := q.Get("query")
	s.queries = append(s.queries, query)
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	match, err := compileCQL(query)
	if err != nil {
		fmt.Fprintf(w, `<?xml version="1.0"?><sru:searchRetrieveResponse xmlns:sru="http://docs.oasis-open.org/ns/search-ws/sruResponse" xmlns:diag="http://docs.oasis-open.org/ns/search-ws/diagnostic"><sru:diagnostics><diag:diagnostic><diag:uri>info:srw/diagnostic/1/10</diag:uri><diag:message>Query syntax error</diag:message><diag:details>%s</diag:details></diag:diagnostic></sru:diagnostics></sru:searchRetrieveResponse>`, html.EscapeString(err.Error()))
		return
	}
	var found []*paper
	for _, p := range s.papers {
		if !s.hide[p.id] && match(p.fields()) {
			found = append(found, p)
		}
	}
	start, _ := strconv.Atoi(q.Get("startRecord"))
	rows, _ := strconv.Atoi(q.Get("maximumRecords"))
	if s.most != 0 {
		rows = max(min(rows, s.most), 0)
	}
	end := min(start-1+rows, len(found))
	var b strings.Builder
	fmt.Fprintf(&b, `<?xml version="1.0" encoding="UTF-8"?><sru:searchRetrieveResponse xmlns:ow="http://standaarden.overheid.nl/wetgeving/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:sru="http://docs.oasis-open.org/ns/search-ws/sruResponse" xmlns:gzd="http://standaarden.overheid.nl/sru" xmlns:c="http://standaarden.overheid.nl/collectie/"><sru:version>2.0</sru:version><sru:numberOfRecords>%d</sru:numberOfRecords><sru:records>`, len(found)+s.extra)
	for i := start - 1; i < end; i++ {
		p := found[i]
		fmt.Fprintf(&b, `<sru:record><sru:recordSchema>http://standaarden.overheid.nl/sru/</sru:recordSchema><sru:recordData><gzd:gzd><gzd:originalData><ow:meta><ow:owmskern><dcterms:identifier>%s</dcterms:identifier><dcterms:title>Haven van Waterrijk; %s</dcterms:title><dcterms:language>nl</dcterms:language><dcterms:type scheme="OVERHEIDop.Parlementair">%s</dcterms:type><dcterms:creator scheme="OVERHEID.StatenGeneraal">%s</dcterms:creator><dcterms:modified>%s</dcterms:modified></ow:owmskern>`,
			p.id, p.id, p.typ, p.creator, p.modified)
		fmt.Fprintf(&b, `<ow:owmsmantel><dcterms:available>%[1]s</dcterms:available><dcterms:date>%[1]s</dcterms:date>`, p.date)
		if p.replacedBy != "" {
			fmt.Fprintf(&b, `<dcterms:isReplacedBy resourceIdentifier="https://zoek.officielebekendmakingen.nl/%[1]s.html">%[1]s</dcterms:isReplacedBy>`, p.replacedBy)
		}
		fmt.Fprintf(&b, `</ow:owmsmantel><ow:tpmeta><c:product-area>officielepublicaties</c:product-area><ow:documentstatus>%s</ow:documentstatus><ow:indiener>A. van Dam</ow:indiener><ow:indiener>B. Sluis</ow:indiener><ow:ondernummer>%s</ow:ondernummer><ow:publicatienaam>%s</ow:publicatienaam><ow:vergaderjaar>2025-2026</ow:vergaderjaar><ow:dossiernummer>%s</ow:dossiernummer><ow:subrubriek scheme="OVERHEIDop.KamerstukTypen">Brief</ow:subrubriek></ow:tpmeta></ow:meta></gzd:originalData><gzd:enrichedData><gzd:preferredUrl>https://zoek.officielebekendmakingen.nl/%s.html</gzd:preferredUrl>`,
			p.status, p.id[strings.LastIndex(p.id, "-")+1:], p.kind, p.dossier, p.id)
		for _, m := range p.manifestations {
			fmt.Fprintf(&b, `<gzd:itemUrl manifestation="%s">%s</gzd:itemUrl>`, m, p.file(m))
		}
		for _, x := range p.external {
			fmt.Fprintf(&b, `<gzd:externeBijlage>%s</gzd:externeBijlage>`, x)
		}
		fmt.Fprintf(&b, `<gzd:timestamp>%sT13:08:59.%06d+02:00</gzd:timestamp></gzd:enrichedData></gzd:gzd></sru:recordData><sru:recordPosition>%d</sru:recordPosition></sru:record>`, p.modified, p.version, i+1)
	}
	b.WriteString(`</sru:records>`)
	if end < len(found) && !s.silent {
		fmt.Fprintf(&b, `<sru:nextRecordPosition>%d</sru:nextRecordPosition>`, end+1)
	}
	b.WriteString(`<sru:resultCountPrecision>info:srw/vocabulary/resultCountPrecision/1/estimate</sru:resultCountPrecision></sru:searchRetrieveResponse>`)
	fmt.Fprint(w, b.String())
}

// compileCQL understands what the real service does: comparisons, AND, OR and
// NOT from left to right, parentheses, quotation marks.
func compileCQL(q string) (func(map[string]string) bool, error) {
	c := &cqlReader{rest: q}
	m, err := c.expression()
	if err != nil {
		return nil, err
	}
	if t := c.token(); t != "" {
		return nil, fmt.Errorf("%q where the query should end", t)
	}
	return m, nil
}

type cqlReader struct{ rest string }

type matcher = func(map[string]string) bool

func (c *cqlReader) token() string {
	c.rest = strings.TrimLeft(c.rest, " ")
	if c.rest == "" {
		return ""
	}
	take := func(n int) string { t := c.rest[:n]; c.rest = c.rest[n:]; return t }
	if strings.ContainsRune("()", rune(c.rest[0])) {
		return take(1)
	}
	for _, op := range []string{"==", ">=", "<="} {
		if strings.HasPrefix(c.rest, op) {
			return take(2)
		}
	}
	if c.rest[0] == '"' {
		for i := 1; i < len(c.rest); i++ {
			switch c.rest[i] {
			case '\\':
				i++
			case '"':
				return take(i + 1)
			}
		}
		return take(len(c.rest))
	}
	if n := strings.IndexAny(c.rest, " ()=<>\""); n > 0 {
		return take(n)
	} else if n == 0 {
		return take(1)
	}
	return take(len(c.rest))
}

func (c *cqlReader) expression() (matcher, error) {
	left, err := c.term()
	if err != nil {
		return nil, err
	}
	for {
		before := c.rest
		op := strings.ToUpper(c.token())
		if op != "AND" && op != "OR" && op != "NOT" {
			c.rest = before
			return left, nil
		}
		right, err := c.term()
		if err != nil {
			return nil, err
		}
		a := left
		switch op {
		case "AND":
			left = func(f map[string]string) bool { return a(f) && right(f) }
		case "OR":
			left = func(f map[string]string) bool { return a(f) || right(f) }
		case "NOT":
			left = func(f map[string]string) bool { return a(f) && !right(f) }
		}
	}
}

func (c *cqlReader) term() (matcher, error) {
	index := c.token()
	if index == "(" {
		m, err := c.expression()
		if err != nil {
			return nil, err
		}
		if t := c.token(); t != ")" {
			return nil, fmt.Errorf("%q instead of )", t)
		}
		return m, nil
	}
	if !strings.Contains(index, ".") {
		return nil, fmt.Errorf("%q is no index", index)
	}
	op, value := c.token(), c.token()
	if strings.HasPrefix(value, `"`) {
		if len(value) < 2 || !strings.HasSuffix(value, `"`) {
			return nil, fmt.Errorf("%s is not closed", value)
		}
		value = strings.NewReplacer(`\\`, `\`, `\"`, `"`).Replace(value[1 : len(value)-1])
	} else if value == "" || strings.ContainsAny(value, "()") {
		return nil, fmt.Errorf("%q is no value", value)
	}
	switch op {
	case "==":
		return func(f map[string]string) bool { return strings.EqualFold(f[index], value) }, nil
	case ">=":
		return func(f map[string]string) bool { return f[index] >= value }, nil
	case "<=":
		return func(f map[string]string) bool { return f[index] <= value }, nil
	}
	return nil, fmt.Errorf("%q is no relation", op)
}
