package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/widget"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func handler(t *testing.T, o Options) http.Handler {
	t.Helper()
	if o.Asker == nil {
		o.Asker = passportAsker
	}
	if o.Collections == nil {
		o.Collections = []string{"docs", "site"}
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// request sends one request, for localhost, with header lines "Name: value".
func request(h http.Handler, method, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Host = "localhost:8080"
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, line := range header {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
		if name == "Host" {
			r.Host = value
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestProblems(t *testing.T) {
	long := strings.Repeat("é", maxQuestion+1)
	turns := strings.Repeat(`{"question":"a","answer":"b"},`, maxTurns) + `{"question":"a","answer":"b"}`
	tests := []struct {
		name, method, target, body string
		header                     []string
		status                     int
		pointers                   string // of the invalid fields
	}{
		{"empty question", "POST", "/v1/answers", `{"question":"  "}`, nil, 400, "/question"},
		{"no question", "POST", "/v1/answers", `{}`, nil, 400, "/question"},
		{"question too long", "POST", "/v1/answers", `{"question":"` + long + `"}`, nil, 400, "/question"},
		{"everything wrong at once", "POST", "/v1/answers", `{"question":"","collections":["a",""],"history":[{"question":"","answer":""}],"as_of":"gisteren"}`, nil, 400,
			"/question /collections/1 /history/0/question /as_of"},
		{"filters that are none", "POST", "/v1/answers", `{"question":"x","filters":{"dossier":[""],"from":"gisteren","until":"2026-13-01"}}`, nil, 400,
			"/filters/dossier/0 /filters/from /filters/until"},
		{"history too long", "POST", "/v1/answers", `{"question":"x","history":[` + turns + `]}`, nil, 400, "/history"},
		{"wrong type", "POST", "/v1/answers", `{"question":"x","history":[{"question":1}]}`, nil, 400, "/history/question"},
		{"unknown field", "POST", "/v1/answers", `{"question":"x","vra/ag":1}`, nil, 400, "/vra~1ag"},
		{"not JSON", "POST", "/v1/answers", `{"question":`, nil, 400, ""},
		{"two values", "POST", "/v1/answers", `{"question":"x"} {}`, nil, 400, ""},
		{"not UTF-8", "POST", "/v1/answers", "{\"question\":\"\xff\"}", nil, 400, ""},
		{"array", "POST", "/v1/answers", `[]`, nil, 400, "/"},
		{"wrong method", "GET", "/v1/answers", "", nil, 405, ""},
		{"no preflight", "OPTIONS", "/v1/answers", "", nil, 405, ""},
		{"form", "POST", "/v1/answers", `question=x`, []string{"Content-Type: application/x-www-form-urlencoded"}, 415, ""},
		{"no content type", "POST", "/v1/answers", `{"question":"x"}`, []string{"Content-Type: "}, 415, ""},
		{"latin-1", "POST", "/v1/answers", `{"question":"x"}`, []string{"Content-Type: application/json; charset=latin1"}, 415, ""},
		{"not acceptable", "POST", "/v1/answers", `{"question":"x"}`, []string{"Accept: text/html, application/json;q=0"}, 406, ""},
		{"too large", "POST", "/v1/answers", `{"question":"` + strings.Repeat("a", maxBody) + `"}`, nil, 413, ""},
		{"trailing slash", "POST", "/v1/answers/", `{"question":"x"}`, nil, 404, ""},
		{"double slash", "POST", "//v1/answers", `{"question":"x"}`, nil, 404, ""},
		{"dots", "GET", "/v1/../livez", "", nil, 404, ""},
		{"unknown", "GET", "/v1/nothing", "", nil, 404, ""},
		{"no site", "GET", "/", "", nil, 404, ""},
		{"trailing slash on livez", "GET", "/livez/", "", nil, 404, ""},
		{"another host", "POST", "/v1/answers", `{"question":"x"}`, []string{"Host: evil.example"}, 421, ""},
		{"host with loopback inside", "GET", "/livez", "", []string{"Host: 127.0.0.1.evil.example:80"}, 421, ""},
	}
	h := handler(t, Options{})
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := request(h, tt.method, tt.target, tt.body, tt.header...)
			if w.Code != tt.status {
				t.Fatalf("status %d, want %d: %s", w.Code, tt.status, w.Body)
			}
			if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %q", got)
			}
			var p problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatal(err)
			}
			if p.Status != tt.status || p.Title == "" || p.Detail == "" || !strings.HasPrefix(p.Type, "/problemen/") {
				t.Errorf("problem %+v", p)
			}
			var pointers []string
			for _, f := range p.Errors {
				pointers = append(pointers, f.Pointer)
			}
			if got := strings.Join(pointers, " "); got != tt.pointers {
				t.Errorf("invalid fields %q, want %q", got, tt.pointers)
			}
			if tt.status == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow %q", w.Header().Get("Allow"))
			}
			checkHeaders(t, w.Header())
		})
	}
}

func checkHeaders(t *testing.T, h http.Header) {
	t.Helper()
	for name, want := range map[string]string{
		"API-Version": APIVersion, "Cache-Control": "no-store", "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
		"Referrer-Policy": "no-referrer", "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
	} {
		if got := h.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestAnswerJSON(t *testing.T) {
	var asked answer.Question
	h := handler(t, Options{Asker: askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		asked = q
		return tell(passport(q.Text))
	})})
	w := request(h, "POST", "/v1/answers", `{"question":" Wat kost een paspoort? ","collections":["site","secret"],
		"history":[{"question":"q","answer":"a"}],"as_of":"2026-01-31T01:00:00+02:00"}`, "Accept: application/*")
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Fatalf("status %d, %s: %s", w.Code, w.Header().Get("Content-Type"), w.Body)
	}
	checkHeaders(t, w.Header())
	if asked.Text != "Wat kost een paspoort?" || len(asked.History) != 1 || asked.AsOf.Format(time.RFC3339) != "2026-01-30T23:00:00Z" {
		t.Errorf("asked %+v", asked)
	}
	if got := fmt.Sprint(asked.Scope.Collections()); got != "[site]" {
		t.Errorf("scope %s: only what may be read and was asked for", got)
	}
	var got answer.Answer
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want, _ := json.Marshal(passport("Wat kost een paspoort?"))
	again, _ := json.Marshal(got)
	if !bytes.Equal(want, again) {
		t.Errorf("got  %s\nwant %s", again, want)
	}
	// No collections: all that may be read. A date: midnight UTC.
	request(h, "POST", "/v1/answers", `{"question":"x","as_of":"2026-01-31","collections":null,
		"filters":{"dossier":["36600-VII"],"vergaderjaar":["2024-2025"],"soort":["Motie"],"indiener":["van Dijk"],"from":"2024-01-01","until":"2024-12-31"}}`)
	if got := fmt.Sprintf("%v %s", asked.Scope.Collections(), asked.AsOf.Format(time.RFC3339)); got != "[docs site] 2026-01-31T00:00:00Z" {
		t.Errorf("asked %s", got)
	}
	if f := asked.Filter; fmt.Sprint(f.Groups()) != "[[dossier:36600-vii] [vergaderjaar:2024-2025] [soort:motie] [indiener:van dijk]]" ||
		f.From.Format(time.DateOnly) != "2024-01-01" || f.Until.Format(time.DateOnly) != "2024-12-31" {
		t.Errorf("filter %+v", f)
	}
	// Only collections that may not be read: nothing, never everything.
	request(h, "POST", "/v1/answers", `{"question":"x","collections":["secret"]}`)
	if got := asked.Scope.Collections(); len(got) != 0 {
		t.Errorf("scope %v, want none", got)
	}
}

func TestNegotiate(t *testing.T) {
	for accept, want := range map[string]string{
		"": typeJSON, "*/*": typeJSON, "application/*": typeJSON, "text/*": typeSSE, "text/event-stream": typeSSE,
		"text/event-stream, application/json": typeJSON, "application/json;q=0.5, text/event-stream": typeSSE,
		"*/*;q=0.1, text/event-stream;q=0.2": typeSSE, "text/html": "", "*/*;q=0": "", "application/json;q=0, */*": typeSSE,
		"application/json;q=nan": "", "application/json;q=2": "", ",,;": "",
	} {
		if got := negotiate([]string{accept}); got != want {
			t.Errorf("Accept %q: %q, want %q", accept, got, want)
		}
	}
}

func TestAuthorize(t *testing.T) {
	for want, err := range map[int]error{401: fmt.Errorf("key: %w", ErrUnauthorized), 403: ErrForbidden, 500: errors.New("the key store at 10.0.0.1 is down")} {
		h := handler(t, Options{Authorize: func(*http.Request) (retrieve.Scope, error) { return retrieve.Scope{}, err }})
		w := request(h, "POST", "/v1/answers", `{"question":"x"}`, "Host: answers.example")
		if w.Code != want || strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("%v: status %d: %s", err, w.Code, w.Body)
		}
		if want == 401 && w.Header().Get("WWW-Authenticate") == "" {
			t.Error("401 without WWW-Authenticate")
		}
	}
}

func TestHealth(t *testing.T) {
	var notReady error
	h := handler(t, Options{Ready: func(context.Context) error { return notReady }})
	for _, p := range []string{"/livez", "/readyz"} {
		if w := request(h, "GET", p, ""); w.Code != 200 {
			t.Errorf("%s: %d", p, w.Code)
		}
		if w := request(h, "POST", p, ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
			t.Errorf("POST %s: %d, Allow %q", p, w.Code, w.Header().Get("Allow"))
		}
	}
	notReady = errors.New("the index is empty")
	if w := request(h, "GET", "/readyz", ""); w.Code != 503 || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "index") {
		t.Errorf("not ready: %d %v %s", w.Code, w.Header(), w.Body)
	}
	if w := request(h, "GET", "/livez", ""); w.Code != 200 {
		t.Errorf("livez while not ready: %d", w.Code)
	}
}

// A panic is a 500 whose problem and log line hold nothing of the question.
func TestPanicAndLog(t *testing.T) {
	var out bytes.Buffer
	h := handler(t, Options{Log: slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Asker: askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] { panic("geheim: " + q.Text) })})
	for _, accept := range []string{typeJSON, typeSSE} {
		w := request(h, "POST", "/v1/answers", `{"question":"geheim"}`, "Accept: "+accept)
		if w.Code != 500 || w.Header().Get("Content-Type") != "application/problem+json" || strings.Contains(w.Body.String(), "geheim") {
			t.Errorf("%s: %d %s", accept, w.Code, w.Body)
		}
	}
	request(handler(t, Options{Log: slog.New(slog.NewJSONHandler(&out, nil))}), "POST", "/v1/answers", `{"question":"geheim"}`)
	if log := out.String(); strings.Contains(log, "geheim") || strings.Count(log, `"msg":"panic"`) != 2 || strings.Count(log, `"msg":"request"`) != 3 {
		t.Errorf("log:\n%s", log)
	}
}

func TestNoDoneEvent(t *testing.T) {
	broken := map[string]iter.Seq2[answer.Event, error]{
		"nothing":          func(func(answer.Event, error) bool) {},
		"an empty event":   func(y func(answer.Event, error) bool) { y(answer.Event{}, nil) },
		"done without one": func(y func(answer.Event, error) bool) { y(answer.Event{Kind: answer.EventDone}, nil) },
		"an error":         func(y func(answer.Event, error) bool) { y(answer.Event{}, errors.New("disk /dev/sda1")) },
	}
	for name, seq := range broken {
		h := handler(t, Options{Asker: askerFunc(func(context.Context, answer.Question) iter.Seq2[answer.Event, error] { return seq })})
		for _, accept := range []string{typeJSON, typeSSE} {
			if w := request(h, "POST", "/v1/answers", `{"question":"x"}`, "Accept: "+accept); w.Code != 500 || strings.Contains(w.Body.String(), "/dev") {
				t.Errorf("%s as %s: %d %s", name, accept, w.Code, w.Body)
			}
		}
	}
}

func TestSite(t *testing.T) {
	site := fstest.MapFS{
		"index.html":  {Data: []byte("<h1>home</h1>")},
		"a/page.html": {Data: []byte("<h1>page</h1>")},
		"robots.txt":  {Data: []byte("Sitemap: " + SiteOrigin + "/sitemap.xml\n")},
		".git/config": {Data: []byte("secret")},
	}
	h := handler(t, Options{Site: site})
	for target, want := range map[string]string{"/": "<h1>home</h1>", "/index.html": "<h1>home</h1>", "/a/page.html": "<h1>page</h1>",
		"/robots.txt": "Sitemap: http://localhost:8080/sitemap.xml\n"} {
		w := request(h, "GET", target, "")
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", target, csp)
		}
	}
	for _, target := range []string{"/a", "/a/", "/none.html", "/.git/config", "/a/page.html/", "/../server.go", "/%2e%2e/server.go"} {
		if w := request(h, "GET", target, ""); w.Code != 404 {
			t.Errorf("%s: %d %q", target, w.Code, w.Body)
		}
	}
	if w := request(h, "POST", "/", ""); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("POST /: %d", w.Code)
	}
	if w := request(h, "GET", widget.Path, ""); w.Code != 200 || !strings.Contains(w.Body.String(), "vraagbaak-chat") {
		t.Errorf("widget: %d", w.Code)
	}
}

func TestCheckListen(t *testing.T) {
	for addr, ok := range map[string]bool{"127.0.0.1:8080": true, "localhost:0": true, "[::1]:80": true, "127.9.9.9:1": true,
		":8080": false, "0.0.0.0:8080": false, "[::]:80": false, "192.168.1.2:80": false, "example.nl:80": false, "8080": false, "localhost.evil.example:1": false} {
		if err := CheckListen(addr, false); (err == nil) != ok {
			t.Errorf("CheckListen(%q) = %v", addr, err)
		}
	}
	if err := CheckListen("0.0.0.0:8080", true); err != nil {
		t.Errorf("with auth: %v", err)
	}
}

func TestNewRequiresAsker(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("no error without an Asker")
	}
}

func FuzzAnswers(f *testing.F) {
	for _, s := range []string{`{"question":"x"}`, `{"question":1}`, `{"a/b~":1}`, `{"history":[{}]}`, `{"as_of":"2026-13-01"}`, "\xff", `[[[[`, `{"question":"x","question":null}`} {
		f.Add(s, "application/json", "text/event-stream")
	}
	h, err := New(Options{Asker: passportAsker, Site: os.DirFS(siteDir)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, contentType, accept string) {
		r := httptest.NewRequest("POST", "http://localhost/v1/answers", strings.NewReader(body))
		r.Header["Content-Type"], r.Header["Accept"] = []string{contentType}, []string{accept}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		switch w.Code {
		case 200:
		case 400, 406, 413, 415:
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("%d: %s", w.Code, w.Body)
			}
		default:
			t.Errorf("status %d for %q", w.Code, body)
		}
	})
}
