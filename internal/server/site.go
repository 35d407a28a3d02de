package server

import (
	"bytes"
	"io/fs"
	"net/http"
	"strings"
)

// SiteOrigin stands in robots.txt and sitemap.xml of a demo site, where the
// formats want absolute addresses.
const SiteOrigin = "https://www.waterrijk.example"

// sitePolicy is strict: the widget has to work under it.
const sitePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// siteHandler serves a folder of pages. A folder is shown by its index.html and
// never listed; what is not there is a 404 problem.
func siteHandler(site fs.FS) http.Handler {
	files := http.FileServerFS(site)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" || strings.HasSuffix(name, "/") {
			name += "index.html"
		}
		info, err := fs.Stat(site, name)
		if err != nil || info.IsDir() || hidden(name) {
			writeProblem(w, r, errNotFound)
			return
		}
		h := w.Header()
		h.Set("Cache-Control", "no-cache")
		h.Set("Content-Security-Policy", sitePolicy)
		h.Del("API-Version")
		if name == "robots.txt" || name == "sitemap.xml" {
			serveWithOrigin(w, r, site, name)
			return
		}
		if strings.HasSuffix(r.URL.Path, "/index.html") {
			// The file server would redirect to the folder.
			http.ServeFileFS(w, withPath(r, strings.TrimSuffix(r.URL.Path, "index.html")), site, name)
			return
		}
		files.ServeHTTP(w, r)
	})
}

// hidden reports whether any part of the path starts with a dot.
func hidden(name string) bool { return strings.HasPrefix(name, ".") || strings.Contains(name, "/.") }

func withPath(r *http.Request, p string) *http.Request {
	c := r.Clone(r.Context())
	c.URL.Path = p
	return c
}

func serveWithOrigin(w http.ResponseWriter, r *http.Request, site fs.FS, name string) {
	text, err := fs.ReadFile(site, name)
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	info, err := fs.Stat(site, name)
	if err != nil {
		writeProblem(w, r, err)
		return
	}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	text = bytes.ReplaceAll(text, []byte(SiteOrigin), []byte(scheme+r.Host))
	http.ServeContent(w, r, name, info.ModTime(), bytes.NewReader(text))
}
