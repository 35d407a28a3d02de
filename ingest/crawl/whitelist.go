package crawl

import (
	"fmt"
	"net/url"
	"strings"
)

// whitelist is what may be requested: hosts with the paths below them.
type whitelist []prefix

// prefix is one allowed address. It is compared in parts, never as text: as
// text "https://waterrijk.example" would also allow
// "https://waterrijk.example.evil.test".
type prefix struct {
	scheme, host, port string
	path               string // unescaped form of normalize, without its last slash
	below              bool   // the prefix ended in a slash: only what is below it
}

// newWhitelist parses the allowed URL prefixes.
func newWhitelist(allow []string) (whitelist, error) {
	var w whitelist
	for i, a := range allow {
		u, err := normalize(nil, a)
		if err != nil {
			return nil, fmt.Errorf("allow[%d] %q: %w", i, a, err)
		}
		if u.RawQuery != "" {
			return nil, fmt.Errorf("allow[%d] %q: a prefix has no query; leave out what follows the question mark", i, a)
		}
		p := u.EscapedPath()
		w = append(w, prefix{scheme: u.Scheme, host: u.Hostname(), port: u.Port(),
			path: strings.TrimSuffix(p, "/"), below: p != "/" && strings.HasSuffix(p, "/")})
	}
	return w, nil
}

// allows reports whether the page u, as normalize gives it, may be requested.
// Paths match in whole segments: "/afval" allows /afval and /afval/x, not
// /afvalligers; "/afval/" allows only what is below it.
func (w whitelist) allows(u *url.URL) bool {
	p := u.EscapedPath()
	for _, a := range w {
		if !a.sameHost(u) {
			continue
		}
		if strings.HasPrefix(p, a.path+"/") || p == a.path && !a.below {
			return true
		}
	}
	return false
}

// hosts reports whether u is on a host of the whitelist; its robots.txt and
// sitemaps may then be read, whatever the allowed paths.
func (w whitelist) hosts(u *url.URL) bool {
	for _, a := range w {
		if a.sameHost(u) {
			return true
		}
	}
	return false
}

// sameHost compares host and port. An address without a port is at the default
// port of its scheme, and http and https are then the same host: sites link
// and redirect from one to the other.
func (a prefix) sameHost(u *url.URL) bool {
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	if a.host != u.Hostname() || a.port != u.Port() {
		return false
	}
	return a.port == "" || a.scheme == u.Scheme
}

// roots are the authorities of the whitelist, each as the address of its root.
func (w whitelist) roots() []*url.URL {
	var out []*url.URL
	for _, a := range w {
		host := a.host
		if strings.Contains(host, ":") {
			host = "[" + host + "]"
		}
		if a.port != "" {
			host += ":" + a.port
		}
		out = append(out, &url.URL{Scheme: a.scheme, Host: host, Path: "/"})
	}
	return out
}
