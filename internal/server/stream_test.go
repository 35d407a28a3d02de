package server

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
)

const patience = time.Minute // for what happens at once when all is well

func post(t *testing.T, ctx context.Context, url, accept string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url+"/v1/answers", strings.NewReader(`{"question":"Wat kost een paspoort?"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", accept)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	return resp
}

type sse struct{ name, data string }

// read parses one event; comments come as events named ":".
func read(t *testing.T, r *bufio.Reader) (e sse, ok bool) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err == io.EOF && e == (sse{}) {
			return e, false
		}
		if err != nil {
			t.Fatalf("in the middle of event %+v: %v", e, err)
		}
		switch line = strings.TrimSuffix(line, "\n"); {
		case line == "":
			return e, true
		case strings.HasPrefix(line, ":"):
			e = sse{":", strings.TrimSpace(line[1:])}
		case strings.HasPrefix(line, "event: "):
			e.name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			e.data += line[len("data: "):]
		default:
			t.Fatalf("line %q", line)
		}
	}
}

func decode[T any](t *testing.T, e sse) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(e.data), &v); err != nil {
		t.Fatalf("event %s: %v: %s", e.name, err, e.data)
	}
	return v
}

func TestStream(t *testing.T) {
	srv := httptest.NewServer(handler(t, Options{}))
	defer srv.Close()
	resp := post(t, t.Context(), srv.URL, typeSSE)
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != typeSSE {
		t.Fatalf("%s, %s", resp.Status, resp.Header.Get("Content-Type"))
	}
	checkHeaders(t, resp.Header)
	r := bufio.NewReader(resp.Body)
	var names []string
	for {
		e, ok := read(t, r)
		if !ok {
			break
		}
		names = append(names, e.name)
		switch e.name {
		case "sources":
			if a := decode[answer.Answer](t, e); a.ID != "a1" || len(a.Sources) != 2 || len(a.Statements) != 0 {
				t.Errorf("sources: %+v", a)
			}
		case "statement":
			if s := decode[answer.Statement](t, e); len(s.Citations) != 1 || s.Text == "" {
				t.Errorf("statement: %+v", s)
			}
		case "done":
			if a := decode[answer.Answer](t, e); a.Status != answer.Answered || len(a.Statements) != 2 || len(a.Sources) != 2 {
				t.Errorf("done: %+v", a)
			}
		}
	}
	if got := strings.Join(names, " "); got != "sources statement statement done" {
		t.Errorf("events: %s", got)
	}
}

// halting tells the first events of an answer, then waits for the end of its
// context; it reports the end on the channel.
func halting(events int) (answer.Asker, <-chan error) {
	ended := make(chan error, 16)
	return askerFunc(func(ctx context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		return func(yield func(answer.Event, error) bool) {
			n := 0
			for e := range tell(passport(q.Text)) {
				if n == events {
					break
				}
				n++
				if !yield(e, nil) {
					ended <- errIterationEnded
					return
				}
			}
			<-ctx.Done()
			ended <- ctx.Err()
			yield(answer.Event{}, ctx.Err())
		}
	}), ended
}

// errIterationEnded says that the server stopped taking events.
var errIterationEnded = errors.New("iteration ended")

func wait(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(patience):
		t.Fatal("the answer goes on")
		return nil
	}
}

func TestClientHangsUp(t *testing.T) {
	for _, accept := range []string{typeSSE, typeJSON} {
		asker, ended := halting(2)
		srv := httptest.NewServer(handler(t, Options{Asker: asker}))
		ctx, hangUp := context.WithCancel(t.Context())
		if accept == typeSSE {
			resp := post(t, ctx, srv.URL, accept)
			if e, _ := read(t, bufio.NewReader(resp.Body)); e.name != "sources" {
				t.Fatalf("first event %q", e.name)
			}
			hangUp()
		} else {
			r, _ := http.NewRequestWithContext(ctx, "POST", srv.URL+"/v1/answers", strings.NewReader(`{"question":"x"}`))
			r.Header.Set("Content-Type", "application/json")
			time.AfterFunc(100*time.Millisecond, hangUp)
			if _, err := http.DefaultClient.Do(r); err == nil {
				t.Fatal("an answer came")
			}
		}
		// A stream may notice by a write that fails before its context ends.
		if err := wait(t, ended); !errors.Is(err, context.Canceled) && (accept != typeSSE || !errors.Is(err, errIterationEnded)) {
			t.Errorf("%s: the asker's context ended with %v", accept, err)
		}
		srv.Close() // waits for the handler: it has ended too
		hangUp()
	}
}

// The time for an answer is an outcome with what there is, in both forms.
func TestTimeUp(t *testing.T) {
	for _, tt := range []struct {
		events     int
		status     answer.Status
		statements int
	}{{0, answer.Refused, 0}, {1, answer.Refused, 0}, {2, answer.Partial, 1}} {
		for _, accept := range []string{typeJSON, typeSSE} {
			asker, _ := halting(tt.events)
			srv := httptest.NewServer(handler(t, Options{Asker: asker, Limits: Limits{AnswerTime: 50 * time.Millisecond}}))
			resp := post(t, t.Context(), srv.URL, accept)
			body, err := io.ReadAll(resp.Body)
			if err != nil || resp.StatusCode != 200 {
				t.Fatalf("%s %v", resp.Status, err)
			}
			last := string(body)
			if accept == typeSSE {
				i := strings.LastIndex(last, "event: done\ndata: ")
				if i < 0 {
					t.Fatalf("no done event: %s", last)
				}
				last = last[i+len("event: done\ndata: "):]
			}
			a := decode[answer.Answer](t, sse{"done", last})
			if a.Status != tt.status || a.Reason != answer.TimedOut || len(a.Statements) != tt.statements || a.Message == "" || a.Sources == nil || a.Choices == nil {
				t.Errorf("%d events, %s: %+v", tt.events, accept, a)
			}
			if tt.events > 0 && (a.ID != "a1" || len(a.Sources) != 2) {
				t.Errorf("%d events, %s: sources are lost: %+v", tt.events, accept, a)
			}
			srv.Close()
		}
	}
}

func TestErrorInTheMiddle(t *testing.T) {
	asker := askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		return func(yield func(answer.Event, error) bool) {
			for e := range tell(passport(q.Text)) {
				if e.Kind == answer.EventDone {
					yield(answer.Event{}, errors.New("the store at /var/lib broke"))
					return
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	})
	w := request(handler(t, Options{Asker: asker}), "POST", "/v1/answers", `{"question":"x"}`, "Accept: "+typeSSE)
	_, tail, ok := strings.Cut(w.Body.String(), "event: error\ndata: ")
	if !ok || strings.Contains(tail, "/var/lib") || decode[problem](t, sse{"error", tail}).Status != 500 {
		t.Errorf("stream:\n%s", w.Body)
	}
}

func TestPing(t *testing.T) {
	asker, _ := halting(1)
	srv := httptest.NewServer(handler(t, Options{Asker: asker, Limits: Limits{Ping: 10 * time.Millisecond}}))
	defer srv.Close()
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	r := bufio.NewReader(post(t, ctx, srv.URL, typeSSE).Body)
	for range 4 {
		if e, _ := read(t, r); e.name == ":" && e.data == "ping" {
			return
		}
	}
	t.Error("no ping on a silent stream")
}

func TestTooManyAnswers(t *testing.T) {
	asker, ended := halting(1)
	srv := httptest.NewServer(handler(t, Options{Asker: asker, Limits: Limits{Answers: 1}}))
	defer srv.Close()
	ctx, hangUp := context.WithCancel(t.Context())
	defer hangUp()
	first := post(t, ctx, srv.URL, typeSSE)
	read(t, bufio.NewReader(first.Body)) // the first answer is in progress
	second := post(t, t.Context(), srv.URL, typeJSON)
	if second.StatusCode != 503 || second.Header.Get("Retry-After") == "" || second.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("second: %s %v", second.Status, second.Header)
	}
	hangUp()
	wait(t, ended)
	// The slot comes free when the handler has returned.
	for deadline := time.Now().Add(patience); ; {
		ctx, cancel := context.WithCancel(t.Context())
		resp := post(t, ctx, srv.URL, typeSSE)
		cancel()
		if resp.StatusCode == 200 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the slot never comes free")
		}
	}
}

// A client that does not read is dropped, and its answer with it.
func TestSlowClient(t *testing.T) {
	ended := make(chan struct{})
	big := passport("x")
	big.Sources[0].Text = strings.Repeat("x", 1<<20)
	asker := askerFunc(func(ctx context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		return func(yield func(answer.Event, error) bool) {
			defer close(ended)
			for {
				for e := range tell(big) {
					if e.Kind == answer.EventSources && !yield(e, nil) {
						return
					}
				}
			}
		}
	})
	srv := httptest.NewServer(handler(t, Options{Asker: asker, Limits: Limits{Write: 100 * time.Millisecond}}))
	defer srv.Close()
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	io.WriteString(conn, "POST /v1/answers HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: 16\r\n\r\n{\"question\":\"x\"}")
	select {
	case <-ended:
	case <-time.After(patience):
		t.Fatal("the answer goes on for a client that does not read")
	}
}

// serve runs Serve and returns its URL, the signal to stop and its result.
func serve(t *testing.T, o Options, drain time.Duration) (url string, stop func(), result <-chan error) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- Serve(ctx, ln, handler(t, o), drain, slog.New(slog.DiscardHandler)) }()
	return "http://" + ln.Addr().String(), cancel, done
}

// Stopping lets an answer in progress finish and takes no new one.
func TestDrain(t *testing.T) {
	goOn := make(chan struct{})
	url, stop, result := serve(t, Options{Asker: askerFunc(func(_ context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		return func(yield func(answer.Event, error) bool) {
			for e := range tell(passport(q.Text)) {
				if e.Kind == answer.EventDone {
					<-goOn
				}
				if !yield(e, nil) {
					return
				}
			}
		}
	})}, patience)
	r := bufio.NewReader(post(t, t.Context(), url, typeSSE).Body)
	read(t, r)
	stop()
	for deadline := time.Now().Add(patience); ; {
		c, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
		if err != nil {
			break // no longer listening
		}
		c.Close()
		if time.Now().After(deadline) {
			t.Fatal("still listening")
		}
	}
	close(goOn)
	last := ""
	for e, ok := read(t, r); ok; e, ok = read(t, r) {
		last = e.name
	}
	if last != "done" {
		t.Errorf("the answer in progress ended with %q", last)
	}
	if err := wait(t, result); err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// What does not finish in time is ended.
func TestDrainDeadline(t *testing.T) {
	asker, ended := halting(1)
	url, stop, result := serve(t, Options{Asker: asker}, 50*time.Millisecond)
	read(t, bufio.NewReader(post(t, t.Context(), url, typeSSE).Body))
	stop()
	if err := wait(t, result); err != nil {
		t.Errorf("Serve: %v", err)
	}
	wait(t, ended)
}

func TestServeReportsListenerTrouble(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ln.Close()
	if err := Serve(t.Context(), ln, handler(t, Options{}), time.Second, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("no error")
	}
}

// An answer may take longer than the read timeout of the server: the clock for
// reading stops when the question has been read.
func TestAnswerOutlivesReadTimeout(t *testing.T) {
	asker := askerFunc(func(ctx context.Context, q answer.Question) iter.Seq2[answer.Event, error] {
		select {
		case <-ctx.Done():
			return func(yield func(answer.Event, error) bool) { yield(answer.Event{}, ctx.Err()) }
		case <-time.After(300 * time.Millisecond):
			return tell(passport(q.Text))
		}
	})
	srv := httptest.NewUnstartedServer(handler(t, Options{Asker: asker}))
	srv.Config.ReadTimeout, srv.Config.WriteTimeout = 100*time.Millisecond, 100*time.Millisecond
	srv.Start()
	defer srv.Close()
	for _, accept := range []string{typeJSON, typeSSE} {
		resp := post(t, t.Context(), srv.URL, accept)
		if body, err := io.ReadAll(resp.Body); err != nil || !strings.Contains(string(body), `"status":"answered"`) {
			t.Errorf("%s: %v %s", accept, err, body)
		}
	}
}
