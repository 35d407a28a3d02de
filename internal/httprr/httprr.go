// Package httprr records HTTP exchanges and replays them in tests, at the
// transport, so that everything above it (a client library, its parsing and
// its errors) runs as it does for real. It owns the format of the recording
// and the scrubbing of secrets. It never reaches the network in replay mode: a
// request that is not in the recording fails the test, and so does a recorded
// exchange that no request asked for.
//
// The idea is that of golang.org/x/oscar/internal/httprr; the code and the
// format, which can be written by hand, are ours.
package httprr

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
)

// record is the one global: a flag of the test binary has to be known before
// any test starts.
var record = flag.String("httprecord", "", "record HTTP exchanges again into the files whose path matches this `regexp`")

// Open returns a transport that replays the exchanges in file, in the order in
// which they were recorded where the same request is made more than once. Where
// the flag -httprecord matches the path of file, it sends requests through real
// instead and writes them to file when the test ends. At the end of the test t,
// exchanges that were not asked for are errors.
func Open(t testing.TB, file string, real http.RoundTripper) http.RoundTripper {
	t.Helper()
	again, err := recording(*record, file)
	if err != nil {
		t.Fatal(err)
	}
	if again {
		r := &recorder{real: real}
		t.Cleanup(func() {
			if err := r.save(file); err != nil {
				t.Error(err)
			}
		})
		return r
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; record it with -httprecord, or write it by hand", err)
	}
	r, err := newReplayer(file, data)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, left := range r.unused() {
			t.Errorf("%s: the exchange of line %d was not asked for: %s", file, left.line, left.first)
		}
	})
	return r
}

func recording(pattern, file string) (bool, error) {
	if pattern == "" {
		return false, nil
	}
	re, err := regexp.Compile(pattern)
	if err != nil {
		return false, fmt.Errorf("-httprecord: %w", err)
	}
	return re.MatchString(filepath.ToSlash(file)), nil
}

// replayer answers from a recording. Its queues hold the exchanges per request
// in recorded order; an exchange is used once.
type replayer struct {
	file   string
	mu     sync.Mutex
	queues map[string][]exchange
}

func newReplayer(file string, data []byte) (*replayer, error) {
	list, err := parse(file, data)
	if err != nil {
		return nil, err
	}
	r := &replayer{file: file, queues: map[string][]exchange{}}
	for _, e := range list {
		r.queues[e.key] = append(r.queues[e.key], e)
	}
	return r, nil
}

// RoundTrip implements [http.RoundTripper].
func (r *replayer) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	wire, err := requestWire(req, body)
	if err != nil {
		return nil, err
	}
	key := string(wire)
	r.mu.Lock()
	defer r.mu.Unlock()
	queue := r.queues[key]
	if len(queue) == 0 {
		return nil, fmt.Errorf("httprr: %s has no (further) answer to this request:\n%s", r.file, key)
	}
	r.queues[key] = queue[1:]
	return queue[0].response(req)
}

func (r *replayer) unused() []exchange {
	r.mu.Lock()
	defer r.mu.Unlock()
	var out []exchange
	for _, q := range r.queues {
		out = append(out, q...)
	}
	sortByLine(out)
	return out
}

// recorder passes requests on and remembers what came back. It reads a whole
// response before it hands it over, so streams do not stream while recording.
type recorder struct {
	real http.RoundTripper
	mu   sync.Mutex
	out  bytes.Buffer
	n    int
	errs []error
}

// RoundTrip implements [http.RoundTripper].
func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := drain(req)
	if err != nil {
		return nil, err
	}
	sent := req.Clone(req.Context())
	sent.Body = io.NopCloser(bytes.NewReader(body))
	resp, err := r.real.RoundTrip(sent)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(answer))

	r.mu.Lock()
	defer r.mu.Unlock()
	r.n++
	asked, err := requestWire(req, body)
	if err == nil {
		err = appendExchange(&r.out, r.n, asked, responseWire(resp, answer))
	}
	if err != nil {
		r.errs = append(r.errs, err)
	}
	return resp, nil
}

func (r *recorder) save(file string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.n == 0 {
		r.errs = append(r.errs, fmt.Errorf("httprr: no request was made, so %s is not written", file))
	}
	if err := errors.Join(r.errs...); err != nil {
		return err
	}
	return os.WriteFile(file, r.out.Bytes(), 0o644)
}

// drain reads and closes the body of a request, as a RoundTripper must.
func drain(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	return io.ReadAll(req.Body)
}
