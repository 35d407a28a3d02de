package httprr

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/textproto"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A recording is text. A comment may stand before the first exchange; each
// exchange is
//
//	-- request 1 --
//	POST http://host/path
//	Content-Type: application/json
//
//	{"body": "of the request"}
//	-- response 1 --
//	200
//	Content-Type: application/json
//
//	{"body": "of the response"}
//
// The newline that ends a body in the file is not part of the body. A request
// is compared by its first line, the headers in compared, and its body; a body
// that is JSON is compared by value, so it may be indented.

// compared are the request headers that are kept and compared. Of those in
// secret, only that they were sent.
var (
	compared = []string{"Accept", "Api-Key", "Authorization", "Content-Type", "X-Api-Key"}
	secret   = []string{"Api-Key", "Authorization", "X-Api-Key"}
)

// kept are the response headers that are kept: none of them can hold a secret.
var kept = []string{"Content-Type", "Location", "Retry-After"}

const scrubbed = "SCRUBBED"

// secretParams are the query parameters that carry a secret.
var secretParams = regexp.MustCompile(`(?i)^(api[-_]?key|key|token|access_token|sig|signature)$`)

var marker = regexp.MustCompile(`^-- (request|response) ([0-9]+) --$`)

// exchange is one request with its response.
type exchange struct {
	line  int    // of its response's first line in the file
	first string // the request's first line
	key   string // the canonical request

	status int
	header http.Header
	body   []byte
}

func sortByLine(list []exchange) {
	slices.SortFunc(list, func(a, b exchange) int { return cmp.Compare(a.line, b.line) })
}

func (e exchange) response(req *http.Request) (*http.Response, error) {
	return &http.Response{
		Status:        strconv.Itoa(e.status) + " " + http.StatusText(e.status),
		StatusCode:    e.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        e.header.Clone(),
		Body:          readCloser{bytes.NewReader(e.body)},
		ContentLength: int64(len(e.body)),
		Request:       req,
	}, nil
}

type readCloser struct{ *bytes.Reader }

func (readCloser) Close() error { return nil }

// requestWire is the canonical form of a request, without secrets.
func requestWire(req *http.Request, body []byte) ([]byte, error) {
	return canonical(req.Method, req.URL.String(), req.Header, body)
}

func canonical(method, rawURL string, h http.Header, body []byte) ([]byte, error) {
	u, err := url.Parse(rawURL)
	if err != nil {
		return nil, err
	}
	u.User = nil
	q := u.Query()
	for name := range q {
		if secretParams.MatchString(name) {
			q.Set(name, scrubbed)
		}
	}
	u.RawQuery = q.Encode()
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s %s\n", method, u)
	for _, name := range compared {
		v := h.Get(name)
		if v != "" && slices.Contains(secret, name) {
			v = scrubbed
		}
		if v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	b.WriteByte('\n')
	b.Write(canonicalJSON(body))
	return b.Bytes(), nil
}

// canonicalJSON is body with sorted keys and no white space, or body itself
// where it is not JSON.
func canonicalJSON(body []byte) []byte {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil || d.More() {
		return body
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if e.Encode(v) != nil {
		return body
	}
	return bytes.TrimSpace(out.Bytes())
}

func responseWire(resp *http.Response, body []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%d\n", resp.StatusCode)
	for _, name := range kept {
		if v := resp.Header.Get(name); v != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, v)
		}
	}
	b.WriteByte('\n')
	b.Write(body)
	return b.Bytes()
}

// appendExchange writes an exchange. What the format cannot hold is an error.
func appendExchange(w *bytes.Buffer, n int, request, response []byte) error {
	for _, part := range [][]byte{request, response} {
		if !utf8.Valid(part) {
			return fmt.Errorf("httprr: exchange %d is not text; it cannot be recorded", n)
		}
		for l := range bytes.Lines(part) {
			if marker.Match(bytes.TrimRight(l, "\n")) {
				return fmt.Errorf("httprr: exchange %d holds the line %q; it cannot be recorded", n, l)
			}
		}
	}
	fmt.Fprintf(w, "-- request %d --\n%s\n-- response %d --\n%s\n", n, request, n, response)
	return nil
}

// section is what stands between two markers.
type section struct {
	kind string
	n    int
	line int // of the first line in it
	text string
}

func sections(file string, data []byte) ([]section, error) {
	var out []section
	n := 0
	for l := range strings.Lines(string(data)) {
		n++
		m := marker.FindStringSubmatch(strings.TrimRight(l, "\r\n"))
		switch {
		case m != nil:
			num, err := strconv.Atoi(m[2])
			if err != nil {
				return nil, fmt.Errorf("%s:%d: %w", file, n, err)
			}
			out = append(out, section{kind: m[1], n: num, line: n + 1})
		case len(out) > 0:
			out[len(out)-1].text += l
		}
	}
	for i := range out {
		out[i].text = strings.TrimSuffix(out[i].text, "\n")
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s: no exchanges in it", file)
	}
	return out, nil
}

func parse(file string, data []byte) ([]exchange, error) {
	list, err := sections(file, data)
	if err != nil {
		return nil, err
	}
	var out []exchange
	for i := 0; i < len(list); i += 2 {
		q := list[i]
		if q.kind != "request" || i+1 == len(list) || list[i+1].kind != "response" || list[i+1].n != q.n {
			return nil, fmt.Errorf("%s:%d: need a request and then the response with the same number", file, q.line)
		}
		e, err := parseExchange(q, list[i+1])
		if err != nil {
			return nil, fmt.Errorf("%s:%w", file, err)
		}
		out = append(out, e)
	}
	return out, nil
}

func parseExchange(q, a section) (exchange, error) {
	first, header, body, err := message(q)
	if err != nil {
		return exchange{}, err
	}
	method, rawURL, ok := strings.Cut(first, " ")
	if !ok {
		return exchange{}, fmt.Errorf("%d: %q is not a method and a URL", q.line, first)
	}
	key, err := canonical(method, rawURL, header, []byte(body))
	if err != nil {
		return exchange{}, fmt.Errorf("%d: %w", q.line, err)
	}
	e := exchange{line: a.line, first: first, key: string(key)}
	first, e.header, body, err = message(a)
	if err != nil {
		return exchange{}, err
	}
	e.body = []byte(body)
	if e.status, err = strconv.Atoi(first); err != nil || e.status < 100 || e.status > 599 {
		return exchange{}, fmt.Errorf("%d: %q is not an HTTP status", a.line, first)
	}
	return e, nil
}

// message splits a section into its first line, its headers and its body.
func message(s section) (first string, h http.Header, body string, err error) {
	head, body, ok := strings.Cut(s.text, "\n\n")
	if !ok {
		head, body = strings.TrimSuffix(s.text, "\n"), ""
	}
	first, rest, _ := strings.Cut(head, "\n")
	if rest != "" {
		mime, err := textproto.NewReader(bufio.NewReader(strings.NewReader(rest + "\n\n"))).ReadMIMEHeader()
		if err != nil {
			return "", nil, "", fmt.Errorf("%d: headers: %w", s.line, err)
		}
		h = http.Header(mime)
	} else {
		h = http.Header{}
	}
	return first, h, body, nil
}
