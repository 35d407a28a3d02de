package httprr

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const hand = `Written by hand.
-- request 1 --
POST http://models.test/v1/embeddings
Authorization: Bearer whatever
Content-Type: application/json

{
  "model": "m",
  "input": ["a"]
}
-- response 1 --
429
Retry-After: 2

-- request 2 --
POST http://models.test/v1/embeddings
Content-Type: application/json
Authorization: x

{"input":["a"],"model":"m"}
-- response 2 --
200
Content-Type: text/event-stream

data: one

data: two


`

func do(t *testing.T, rt http.RoundTripper, method, url, key, body string) (int, http.Header, string, error) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "differs everywhere")
	if key != "" {
		req.Header.Set("Authorization", "Bearer "+key)
	}
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return 0, nil, "", err
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(got), nil
}

func TestReplay(t *testing.T) {
	r, err := newReplayer("hand", []byte(hand))
	if err != nil {
		t.Fatal(err)
	}
	const url = "http://models.test/v1/embeddings"
	body := `{"model":"m", "input":["a"]}`
	if n := len(r.unused()); n != 2 {
		t.Errorf("%d exchanges, want 2", n)
	}
	for name, send := range map[string]func() error{
		"other body":   func() error { _, _, _, err := do(t, r, "POST", url, "k", `{"model":"other"}`); return err },
		"other URL":    func() error { _, _, _, err := do(t, r, "POST", url+"/", "k", body); return err },
		"other method": func() error { _, _, _, err := do(t, r, "PUT", url, "k", body); return err },
		"without key":  func() error { _, _, _, err := do(t, r, "POST", url, "", body); return err },
	} {
		if err := send(); err == nil || !strings.Contains(err.Error(), "has no (further) answer") {
			t.Errorf("%s: %v", name, err)
		}
	}
	status, h, got, err := do(t, r, "POST", url, "k", body)
	if err != nil || status != 429 || h.Get("Retry-After") != "2" || got != "" {
		t.Errorf("first: %d %v %q %v", status, h, got, err)
	}
	if left := r.unused(); len(left) != 1 || left[0].status != 200 {
		t.Errorf("left: %v", left)
	}
	status, h, got, err = do(t, r, "POST", url, "k", body)
	if err != nil || status != 200 || h.Get("Content-Type") != "text/event-stream" || got != "data: one\n\ndata: two\n\n" {
		t.Errorf("second: %d %v %q %v", status, h, got, err)
	}
	if _, _, _, err := do(t, r, "POST", url, "k", body); err == nil || strings.Contains(err.Error(), "Bearer k") {
		t.Errorf("third: %v", err)
	}
}

func TestRecordThenReplay(t *testing.T) {
	n := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.Header.Get("Authorization"); got != "Bearer sk-very-secret" {
			t.Errorf("the server got the key %q", got)
		}
		n++
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Set-Cookie", "session=also-secret")
		w.WriteHeader(200 + n)
		b, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s #%d\n", b, n)
	}))
	defer server.Close()
	file := filepath.Join(t.TempDir(), "rec.httprr")
	url := server.URL + "/x?api_key=secret-too&a=1"
	rec := &recorder{real: server.Client().Transport}
	var want []string
	for range 2 {
		status, _, got, err := do(t, rec, "POST", url, "sk-very-secret", `{"b":1,"a":"<é>"}`)
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, fmt.Sprint(status, got))
	}
	if err := rec.save(file); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "secret") {
		t.Errorf("a secret was recorded:\n%s", data)
	}
	rep := Open(t, file, nil)
	for i := range 2 {
		status, _, got, err := do(t, rep, "POST", url, "another-key", `{"a":"<é>","b":1}`)
		if err != nil || fmt.Sprint(status, got) != want[i] {
			t.Errorf("replayed %d %q %v, recorded %q", status, got, err, want[i])
		}
	}
}

func TestRecorderRefuses(t *testing.T) {
	for name, body := range map[string]string{"binary": "\xff\xfe", "marker": "a\n-- request 1 --\nb"} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		rec := &recorder{real: server.Client().Transport}
		if _, _, _, err := do(t, rec, "GET", server.URL, "", ""); err != nil {
			t.Error(err)
		}
		server.Close()
		file := filepath.Join(t.TempDir(), "f")
		if err := rec.save(file); err == nil || !strings.Contains(err.Error(), "cannot be recorded") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(file); err == nil {
			t.Errorf("%s: wrote a file", name)
		}
	}
	if err := (&recorder{}).save("nothing"); err == nil {
		t.Error("an empty recording was written")
	}
}

func TestRecording(t *testing.T) {
	for _, c := range []struct {
		pattern string
		want    bool
	}{{"", false}, {"ollama", true}, {"openai", false}, {".*", true}} {
		if got, err := recording(c.pattern, "testdata/ollama.httprr"); got != c.want || err != nil {
			t.Errorf("%q: %v %v", c.pattern, got, err)
		}
	}
	if _, err := recording("(", "f"); err == nil {
		t.Error("a wrong regexp was accepted")
	}
}

func TestParseErrors(t *testing.T) {
	for in, want := range map[string]string{
		"":                         "f: no exchanges",
		"only a comment\n":         "f: no exchanges",
		"-- request 1 --\nGET u\n": "f:2: need a request and then",
		"-- response 1 --\n200\n-- request 1 --\nGET u\n":             "f:2: need a request",
		"-- request 1 --\nGET u\n-- response 2 --\n200\n":             "f:2: need a request",
		"-- request 1 --\nGET\n-- response 1 --\n200\n":               "f:2: \"GET\" is not a method",
		"-- request 1 --\nGET u\n-- response 1 --\nfine\n":            "f:4: \"fine\" is not an HTTP status",
		"-- request 1 --\nGET u\nno header\n-- response 1 --\n200\n":  "f:2: headers:",
		"-- request 1 --\nGET http://[\n-- response 1 --\n200\n":      "f:2: parse",
		"-- request 99999999999999999999 --\n-- response 1 --\n200\n": "f:1: strconv",
	} {
		if _, err := parse("f", []byte(in)); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(hand)
	f.Add("-- request 1 --\n-- response 1 --\n")
	f.Fuzz(func(t *testing.T, s string) {
		list, err := parse("f", []byte(s))
		if err == nil && len(list) == 0 {
			t.Error("neither exchanges nor an error")
		}
	})
}
