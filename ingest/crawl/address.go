package crawl

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/idna"
)

// maxURL is the longest address that is followed, in bytes. Longer ones come
// from traps that append to themselves.
const maxURL = 2000

var errScheme = errors.New("only http and https are crawled")

// normalize gives the one form of an address under which a page is requested
// and remembered (RFC 3986, section 6.2.2): lower-case scheme and host, no
// default port, no dot segments (encoded ones neither), upper-case percent
// escapes and none for unreserved characters, no fragment, no tracking or
// session parameters. The order of the other parameters is kept, since to some
// servers it matters.
func normalize(base *url.URL, raw string) (*url.URL, error) {
	raw = strings.Map(dropBreaks, strings.TrimSpace(raw))
	if len(raw) > maxURL {
		return nil, fmt.Errorf("address of %d bytes is longer than %d", len(raw), maxURL)
	}
	u, err := url.Parse(raw)
	if err != nil {
		return nil, err
	}
	if base != nil {
		u = base.ResolveReference(u)
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil, fmt.Errorf("%w, not %q", errScheme, u.Scheme)
	}
	if u.User != nil {
		return nil, errors.New("addresses with a user name or password are not crawled")
	}
	host, err := normalHost(u)
	if err != nil {
		return nil, err
	}
	p := stripPathSession(escapePath(u.EscapedPath()))
	if p == "" {
		p = "/"
	}
	text := u.Scheme + "://" + host + p
	if q := cleanQuery(u.RawQuery); q != "" {
		text += "?" + q
	}
	out, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	// Once more, since decoding %2e may have made dot segments. An absolute
	// reference only has its dots resolved.
	out = out.ResolveReference(out)
	if climbs(out) {
		return nil, errors.New("its path hides \"..\" behind an escaped slash")
	}
	return out, nil
}

// dropBreaks removes what browsers remove from an address in an attribute.
func dropBreaks(r rune) rune {
	if r == '\n' || r == '\r' || r == '\t' {
		return -1
	}
	return r
}

// climbs reports whether a server that decodes its path before splitting it
// could be led upwards by u, past the whitelist.
func climbs(u *url.URL) bool {
	for _, seg := range strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if seg == ".." || strings.EqualFold(seg, "%2e%2e") {
			return true
		}
	}
	return false
}

// normalHost is the host of u in lower-case ASCII, without a default port.
func normalHost(u *url.URL) (string, error) {
	name := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
	if name == "" {
		return "", errors.New("address without a host")
	}
	if ip, err := netip.ParseAddr(name); err == nil && ip.Is6() {
		if ip.Zone() != "" {
			return "", errors.New("addresses with a zone are not crawled")
		}
		name = "[" + ip.String() + "]"
	} else if ascii, err := idna.Lookup.ToASCII(name); err == nil {
		name = ascii
	} else if !plainHost(name) {
		return "", fmt.Errorf("%q is no host name", name)
	}
	if name == "" || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
		return "", fmt.Errorf("%q is no host name", u.Hostname())
	}
	port := u.Port()
	if port == "" || port == defaultPort(u.Scheme) {
		return name, nil
	}
	return name + ":" + port, nil
}

// plainHost reports whether a host has only the characters that names have in
// practice; the rules of IDNA also refuse some that exist, such as with "_".
func plainHost(name string) bool {
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

func defaultPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}

const hexDigits = "0123456789ABCDEF"

// escapePath puts the percent escapes of a path in one form.
func escapePath(p string) string {
	var b strings.Builder
	for i := 0; i < len(p); i++ {
		c, width := unescapeAt(p, i)
		switch {
		case width == 3 && unreserved(c):
			b.WriteByte(c)
		case width == 3 || c >= 0x80 || c <= ' ':
			b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
		default:
			b.WriteByte(c)
		}
		i += width - 1
	}
	return b.String()
}

// unescapeAt is the octet at s[i] and how many bytes it takes there: 3 for a
// percent escape, else 1.
func unescapeAt(s string, i int) (c byte, width int) {
	if s[i] == '%' && i+2 < len(s) {
		hi, lo := unhex(s[i+1]), unhex(s[i+2])
		if hi >= 0 && lo >= 0 {
			return byte(hi<<4 | lo), 3
		}
	}
	return s[i], 1
}

func unhex(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unreserved characters mean the same escaped or not (RFC 3986, section 2.3).
func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0
}

// stripPathSession removes ";jsessionid=…" from a path.
func stripPathSession(p string) string {
	const mark = ";jsessionid="
	for {
		i := strings.Index(strings.ToLower(p), mark)
		if i < 0 {
			return p
		}
		rest := p[i+len(mark):]
		if end := strings.IndexAny(rest, ";/"); end >= 0 {
			p = p[:i] + rest[end:]
		} else {
			p = p[:i]
		}
	}
}

// cleanQuery drops parameters that follow the visitor, not the page.
func cleanQuery(q string) string {
	var keep []string
	for _, part := range strings.Split(q, "&") {
		name, value, _ := strings.Cut(part, "=")
		if part == "" || tracks(strings.ToLower(name), value) {
			continue
		}
		keep = append(keep, escapePath(part))
	}
	return strings.Join(keep, "&")
}

// tracks reports whether a query parameter marks a campaign or a session.
func tracks(name, value string) bool {
	for _, prefix := range []string{"utm_", "pk_", "mtm_", "piwik_", "hsa_", "aspsessionid"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	switch name {
	case "gclid", "gclsrc", "dclid", "wbraid", "gbraid", "fbclid", "msclkid", "yclid", "igshid",
		"mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi",
		"phpsessid", "jsessionid", "sessionid", "session_id", "cfid", "cftoken":
		return true
	case "sid":
		return len(value) >= 16 // shorter ones are numbers of pages
	}
	return false
}

// readable reports whether a linked address can be a document, by its
// extension: pictures, sound, archives, code and feeds are not requested.
func readable(u *url.URL) bool {
	switch strings.ToLower(path.Ext(u.Path)) {
	case ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".avif", ".ico", ".bmp", ".tif", ".tiff", ".heic",
		".mp3", ".mp4", ".m4a", ".m4v", ".wav", ".ogg", ".webm", ".avi", ".mov", ".wmv", ".mkv", ".mpg", ".mpeg",
		".zip", ".gz", ".tgz", ".rar", ".7z", ".tar", ".bz2", ".xz", ".exe", ".msi", ".dmg", ".apk", ".iso", ".bin",
		".css", ".js", ".mjs", ".map", ".woff", ".woff2", ".ttf", ".eot", ".otf",
		".rss", ".atom", ".ics", ".vcf", ".json", ".kml", ".gpx", ".gml", ".dwg", ".dxf", ".shp":
		return false
	}
	return true
}
