package endpoint

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func respond(status int, header map[string]string, body io.Reader) *http.Response {
	h := http.Header{}
	for k, v := range header {
		h.Set(k, v)
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(body)}
}

func env(name, value string) func(string) (string, bool) {
	return func(n string) (string, bool) { return value, n == name }
}

func TestNewRefuses(t *testing.T) {
	for url, want := range map[string]string{
		"":                        "need http://",
		"localhost:11434":         "need http://",
		"ftp://host":              "need http://",
		"http://":                 "need http://",
		"http://host/?key=s3cret": "has a query",
		"http://host/#f":          "has a query or fragment",
		"http://u:s3cret@host":    "holds a user name or password",
		"http://s3cret\x7f@host":  "address of the model server",
	} {
		_, err := New(Config{URL: url})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", url, err)
		} else if strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%q: the error shows the secret: %v", url, err)
		}
	}
	for value, want := range map[string]string{"": "environment variable LLM_KEY", " \n": "is not set", "s3cret\nX-Evil: 1": "line break"} {
		_, err := New(Config{URL: "http://host", KeyEnv: "LLM_KEY", Getenv: env("LLM_KEY", value)})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("key %q: %v", value, err)
		}
	}
}

// request sends one request through e and returns what the watch saw.
func request(t *testing.T, ctx context.Context, e *Endpoint) (string, error) {
	t.Helper()
	ctx, w := e.Watch(ctx)
	defer w.Close()
	req, err := http.NewRequestWithContext(ctx, "POST", e.URL()+"/x", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer set by a library")
	resp, err := e.Client().Do(req)
	if err != nil {
		if w.Err() == nil {
			t.Errorf("the watch missed %v", err)
		}
		return "", w.Err()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil && w.Err() == nil {
		t.Errorf("the watch missed %v", err)
	}
	return string(text), w.Err()
}

func TestKey(t *testing.T) {
	for _, c := range []struct{ env, want string }{{"LLM_KEY", "Bearer sk-1"}, {"", ""}} {
		e, err := New(Config{URL: "http://host/v1/", KeyEnv: c.env, Getenv: env("LLM_KEY", " sk-1\n"),
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if got := r.Header.Get("Authorization"); got != c.want || r.URL.String() != "http://host/v1/x" {
					t.Errorf("%s with %q, want %q", r.URL, got, c.want)
				}
				return respond(200, nil, strings.NewReader("ok")), nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		if text, err := request(t, t.Context(), e); text != "ok" || err != nil {
			t.Error(text, err)
		}
	}
}

func TestStatusError(t *testing.T) {
	for _, c := range []struct {
		status    int
		header    map[string]string
		body      string
		want      string
		after     time.Duration
		temporary bool
	}{
		{401, nil, `{"error":{"message":"Incorrect API key provided: sk-1.","type":"x"}}`, "HTTP 401 Unauthorized: Incorrect API key provided: ***.", 0, false},
		{404, nil, `{"error":"model 'x' not found"}`, "HTTP 404 Not Found: model 'x' not found", 0, false},
		{400, nil, `{"object":"error","message":"too long"}`, "HTTP 400 Bad Request: too long", 0, false},
		{422, nil, `{"detail":[{"loc":["body"]}]}`, `HTTP 422 Unprocessable Entity: {"detail":[{"loc":["body"]}]}`, 0, false},
		{429, map[string]string{"Retry-After": "7"}, "", "HTTP 429 Too Many Requests", 7 * time.Second, true},
		{502, nil, "<html><h1>Bad Gateway</h1></html>", "HTTP 502 Bad Gateway", 0, true},
		{503, map[string]string{"Retry-After": "soon"}, "line\n\tline", "HTTP 503 Service Unavailable: line line", 0, true},
		{301, map[string]string{"Location": "https://other/"}, "", "HTTP 301 Moved Permanently: redirects to https://other/, which is not followed; configure that address if it is the server", 0, false},
		{500, nil, strings.Repeat("é", 400), "HTTP 500 Internal Server Error: " + strings.Repeat("é", 150) + "…", 0, true},
	} {
		e, err := New(Config{URL: "http://host", KeyEnv: "K", Getenv: env("K", "sk-1"),
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return respond(c.status, c.header, strings.NewReader(c.body)), nil
			})})
		if err != nil {
			t.Fatal(err)
		}
		text, err := request(t, t.Context(), e)
		var se *StatusError
		if !errors.As(err, &se) || err.Error() != c.want || se.RetryAfter != c.after || se.Temporary() != c.temporary {
			t.Errorf("%d: %v (%+v)", c.status, err, se)
		}
		if text != c.body {
			t.Errorf("%d: the library reads %q", c.status, text)
		}
	}
}

func TestRetryAfterDate(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for s, want := range map[string]time.Duration{
		"Sun, 01 Mar 2026 12:01:30 GMT": 90 * time.Second,
		"Sun, 01 Mar 2026 11:00:00 GMT": 0,
		"120":                           2 * time.Minute,
		"-1":                            0,
		"99999999999":                   0,
	} {
		if got := retryAfter(s, now); got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}

// pieces is a body whose pieces come after the given waits.
type pieces struct {
	ctx   context.Context
	waits []time.Duration
	end   error
}

func (p *pieces) Read(b []byte) (int, error) {
	if len(p.waits) == 0 {
		return 0, p.end
	}
	select {
	case <-time.After(p.waits[0]):
		p.waits = p.waits[1:]
		return copy(b, "."), nil
	case <-p.ctx.Done():
		return 0, p.ctx.Err()
	}
}

func TestSilence(t *testing.T) {
	sec := func(n ...time.Duration) []time.Duration {
		for i := range n {
			n[i] *= time.Second
		}
		return n
	}
	broken := errors.New("connection reset")
	for _, c := range []struct {
		name   string
		head   time.Duration // before the headers
		waits  []time.Duration
		end    error
		cancel time.Duration
		text   string
		want   error
	}{
		{"steady, longer than the limit in all", 9 * time.Second, sec(9, 9, 9), io.EOF, 0, "...", nil},
		{"no headers", 11 * time.Second, sec(1), io.EOF, 0, "", ErrSilent},
		{"stalls", 0, sec(1, 11), io.EOF, 0, ".", ErrSilent},
		{"breaks off", 0, sec(1), broken, 0, ".", broken},
		{"cancelled", 0, sec(1, 9), io.EOF, 5 * time.Second, ".", context.DeadlineExceeded},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				e, err := New(Config{URL: "http://host", Idle: 10 * time.Second, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
					select {
					case <-time.After(c.head):
						return respond(200, nil, &pieces{r.Context(), c.waits, c.end}), nil
					case <-r.Context().Done():
						return nil, r.Context().Err()
					}
				})})
				if err != nil {
					t.Fatal(err)
				}
				ctx := t.Context()
				if c.cancel > 0 {
					var stop context.CancelFunc
					ctx, stop = context.WithTimeout(ctx, c.cancel)
					defer stop()
				}
				text, err := request(t, ctx, e)
				if text != c.text || !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
					t.Errorf("%q, %v; want %q, %v", text, err, c.text, c.want)
				}
			})
		})
	}
}
