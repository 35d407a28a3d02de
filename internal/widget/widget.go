// Package widget holds the chat widget: one script, without dependencies, that
// a page loads as a module. It owns the script and how it is served; it never
// answers questions itself.
package widget

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	_ "embed" // for go:embed; our own package embed is another
	"encoding/hex"
	"net/http"
	"strings"
)

// Path is where the script is served. It is stable within a major version;
// pages of organisations refer to it.
const Path = "/widget/v1/vraagbaak.js"

//go:embed vraagbaak.js
var script []byte

// Handler serves the script with an ETag, compressed where the client takes
// it, to pages of any origin.
func Handler() http.Handler {
	small := compress(script)
	sum := sha256.Sum256(script)
	tag := hex.EncodeToString(sum[:12])
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Type", "text/javascript; charset=utf-8")
		h.Set("Cache-Control", "public, max-age=3600, stale-while-revalidate=604800")
		h.Set("Vary", "Accept-Encoding")
		h.Set("Access-Control-Allow-Origin", "*") // modules are fetched with CORS; the script is public
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		body, etag := script, `"`+tag+`"`
		if acceptsGzip(r) {
			body, etag = small, `"`+tag+`-gz"`
			h.Set("Content-Encoding", "gzip")
		}
		h.Set("ETag", etag)
		if matches(r.Header.Get("If-None-Match"), etag) {
			h.Del("Content-Encoding")
			w.WriteHeader(http.StatusNotModified)
			return
		}
		if r.Method != http.MethodHead {
			w.Write(body)
		}
	})
}

func compress(b []byte) []byte {
	var buf bytes.Buffer
	z, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	z.Write(b)
	z.Close()
	return buf.Bytes()
}

func acceptsGzip(r *http.Request) bool {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Encoding"), ",") {
		name, params, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q := strings.TrimSpace(params)
			return q != "q=0" && q != "q=0.0" && q != "q=0.00" && q != "q=0.000"
		}
	}
	return false
}

// matches is the weak comparison of If-None-Match (RFC 9110, section 13.1.2).
func matches(header, etag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if p := strings.TrimSpace(part); p == "*" || strings.TrimPrefix(p, "W/") == etag {
			return true
		}
	}
	return false
}
