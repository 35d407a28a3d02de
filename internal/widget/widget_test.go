package widget

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
)

func get(t *testing.T, method string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(method, Path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w.Result()
}

func TestHandler(t *testing.T) {
	whole := get(t, "GET")
	body, _ := io.ReadAll(whole.Body)
	if whole.StatusCode != 200 || !bytes.Equal(body, script) || whole.Header.Get("Content-Encoding") != "" {
		t.Errorf("plain: status %d, %d bytes, encoding %q", whole.StatusCode, len(body), whole.Header.Get("Content-Encoding"))
	}
	if got := whole.Header.Get("Content-Type"); got != "text/javascript; charset=utf-8" {
		t.Errorf("content type %q", got)
	}
	packed := get(t, "GET", "Accept-Encoding", "br, gzip;q=0.8")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	if body, err = io.ReadAll(z); err != nil || !bytes.Equal(body, script) {
		t.Errorf("unpacked %d bytes, %v", len(body), err)
	}
	if a, b := whole.Header.Get("ETag"), packed.Header.Get("ETag"); a == "" || a == b {
		t.Errorf("ETags %q and %q must differ: the bytes do", a, b)
	}
	if got := get(t, "GET", "Accept-Encoding", "gzip;q=0"); got.Header.Get("Content-Encoding") != "" {
		t.Error("gzip sent to a client that refuses it")
	}
	head := get(t, "HEAD")
	if n, _ := io.Copy(io.Discard, head.Body); n != 0 || head.StatusCode != 200 {
		t.Errorf("HEAD: %d bytes, status %d", n, head.StatusCode)
	}
	for _, tag := range []string{whole.Header.Get("ETag"), `"x", W/` + whole.Header.Get("ETag"), "*"} {
		if got := get(t, "GET", "If-None-Match", tag); got.StatusCode != http.StatusNotModified {
			t.Errorf("If-None-Match %s: status %d", tag, got.StatusCode)
		}
	}
	if got := get(t, "GET", "If-None-Match", `"other"`); got.StatusCode != 200 {
		t.Errorf("another ETag: status %d", got.StatusCode)
	}
}

// The promises about the script that can be seen without a browser.
func TestScript(t *testing.T) {
	if n := len(compress(script)); n > 25_000 {
		t.Errorf("%d bytes compressed, at most 25,000", n)
	}
	for what, pattern := range map[string]string{
		"an absolute URL":        `https?://`,
		"markup made from text":  `innerHTML|outerHTML|insertAdjacentHTML|document\.write`,
		"code made from text":    `\beval\(|new Function`,
		"another file":           `(?m)^\s*import\b|@import|url\(`,
		"an outline taken away":  `outline:\s*(?:none|0)`,
		"a positive tabindex":    `tabindex['"]?: ?['"]?[1-9]`,
		"an inline handler":      `setAttribute\(['"]on`,
		"an inline style":        `\.style\b|[^-]style:`,
		"storage in the browser": `localStorage|sessionStorage|document\.cookie`,
	} {
		if m := regexp.MustCompile(pattern).Find(script); m != nil {
			t.Errorf("the script holds %s: %q", what, m)
		}
	}
	for _, must := range []string{"U praat met een AI-systeem. Controleer het antwoord in de bron.", "role: 'log'", "role: 'status'", "import.meta.url",
		"data-ai-generated", "prefers-reduced-motion", "forced-colors"} {
		if !bytes.Contains(script, []byte(must)) {
			t.Errorf("the script lacks %q", must)
		}
	}
	// Every text exists in both languages.
	languages := regexp.MustCompile(`(?s)\n  nl: \{(.*?)\n  \},\n  en: \{(.*?)\n  \},`).FindSubmatch(script)
	if languages == nil {
		t.Fatal("no texts found")
	}
	key := regexp.MustCompile(`(?:^|[,{]|\n)\s*([a-zA-Z]+): (?:'|n =>)`)
	keys := func(b []byte) (out []string) {
		for _, m := range key.FindAllSubmatch(b, -1) {
			out = append(out, string(m[1]))
		}
		return out
	}
	nl, en := keys(languages[1]), keys(languages[2])
	if len(nl) < 30 || len(nl) != len(en) {
		t.Fatalf("%d Dutch and %d English texts", len(nl), len(en))
	}
	for i := range nl {
		if nl[i] != en[i] {
			t.Errorf("text %d is %q in Dutch and %q in English", i, nl[i], en[i])
		}
	}
}
