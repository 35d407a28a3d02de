package crawl

import (
	"net/url"
	"strings"
	"testing"
)

func TestNormalize(t *testing.T) {
	base, err := url.Parse("https://www.waterrijk.example/afval/index.html?x=1")
	if err != nil {
		t.Fatal(err)
	}
	const w = "https://www.waterrijk.example"
	for _, tt := range []struct{ in, want string }{
		{"HTTPS://WWW.Waterrijk.EXAMPLE:443", w + "/"},
		{"http://www.waterrijk.example:80/a", "http://www.waterrijk.example/a"},
		{w + ".:8443/a", w + ":8443/a"},
		{"grof", w + "/afval/grof"},
		{"../paspoort#prijs", w + "/paspoort"},
		{"./a/./b/../c", w + "/afval/a/c"},
		{"/../../a", w + "/a"},
		{"/%2e%2e/a/%2E/b", w + "/a/b"},
		{"?page=2", w + "/afval/index.html?page=2"},
		{"", w + "/afval/index.html?x=1"},
		{"//www.waterrijk.example/a", w + "/a"},
		{"/a?utm_source=x&UTM_medium=y&id=3&fbclid=z&gclid=1", w + "/a?id=3"},
		{"/a?b=2&a=1", w + "/a?b=2&a=1"},
		{"/a?", w + "/a"},
		{"/a?PHPSESSID=abc", w + "/a"},
		{"/a;jsessionid=A1B2?x=1", w + "/a?x=1"},
		{"/a;JSESSIONID=A1B2/b", w + "/a/b"},
		{"/a?sid=12", w + "/a?sid=12"},
		{"/a?sid=0123456789abcdef0", w + "/a"},
		{"/caf\u00e9?q=\u00e9%c3%a9", w + "/caf%C3%A9?q=%C3%A9%C3%A9"},
		{"/%7Ejan/%61", w + "/~jan/a"},
		{"/a%2fb", w + "/a%2Fb"},
		{"/a b", w + "/a%20b"},
		{" /a\n/b ", w + "/a/b"},
		{"https://gemeente-s\u00fcd.example/", "https://xn--gemeente-sd-2hb.example/"},
		{"http://[2001:DB8::1]:80/", "http://[2001:db8::1]/"},
	} {
		got, err := normalize(base, tt.in)
		if err != nil || got.String() != tt.want {
			t.Errorf("%q: %v, %v; want %s", tt.in, got, err, tt.want)
		}
	}
	for _, bad := range []string{"mailto:info@waterrijk.example", "javascript:void(0)", "ftp://w.example/a", "file:///etc/passwd", "data:text/html,x",
		"https://jan:geheim@w.example/", "http:///a", "http://", "/%zz", "/a%2f%2e%2e%2fb", `/a/..%5cb`, "/" + strings.Repeat("a", maxURL)} {
		if got, err := normalize(base, bad); err == nil {
			t.Errorf("%q was accepted as %s", bad, got)
		}
	}
}

func FuzzNormalize(f *testing.F) {
	f.Add("/a/%2e%2e/b?utm_source=x&y=%zz#f")
	f.Add("//h:80/;jsessionid=1;jsessionid=2//../x")
	f.Add(`https://H\@x/..\..`)
	f.Fuzz(func(t *testing.T, raw string) {
		base := &url.URL{Scheme: "https", Host: "w.example", Path: "/x/y"}
		u, err := normalize(base, raw)
		if err != nil {
			return
		}
		again, err := normalize(nil, u.String())
		if len(u.String()) > maxURL {
			return // escaping made it longer than what is followed
		}
		if err != nil || again.String() != u.String() {
			t.Errorf("%q: normal form %q becomes %v (%v)", raw, u, again, err)
		}
		if u.Fragment != "" || u.User != nil || !strings.HasPrefix(u.EscapedPath(), "/") {
			t.Errorf("%q: %#v", raw, u)
		}
	})
}

func TestWhitelist(t *testing.T) {
	const w = "https://www.waterrijk.example"
	for _, tt := range []struct {
		allow           string
		allowed, denied string
	}{
		{w + "/", w + "/ " + w + "/a " + w + "/a/b?c " + "http://www.waterrijk.example/ HTTPS://WWW.WATERRIJK.example:443/x",
			w + ".evil.test/ https://www.waterrijk.example.evil.test/ https://waterrijk.example/ " + w + ":8443/ https://evil.test/" + w + "/ https://evil.test/?u=" + w},
		{w, w + "/ " + w + "/a", w + "x/"},
		{w + "/afval", w + "/afval " + w + "/afval/ " + w + "/afval/x " + w + "/afval?x=1", w + "/afvalligers " + w + "/ " + w + "/Afval " + w + "/x/afval " + w + "/afval/../geheim " + w + "/afval/%2e%2e/geheim"},
		{w + "/afval/", w + "/afval/ " + w + "/afval/x", w + "/afval " + w + "/afvalligers/x"},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8080/a", "http://127.0.0.1:8081/a http://127.0.0.1/a https://127.0.0.1:8080/a http://localhost:8080/a"},
		{w + "/caf%c3%a9", w + "/café/x", w + "/cafe"},
		{"http://[2001:db8::1]/", "http://[2001:DB8:0::1]:80/ https://[2001:db8::1]/a", "http://[2001:db8::2]/"},
	} {
		list, err := newWhitelist([]string{tt.allow})
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range strings.Fields(tt.allowed) {
			u, err := normalize(nil, raw)
			if err != nil || !list.allows(u) || !list.hosts(u) {
				t.Errorf("%s refuses %s (%v)", tt.allow, raw, err)
			}
		}
		for _, raw := range strings.Fields(tt.denied) {
			u, err := normalize(nil, raw)
			if err != nil {
				t.Errorf("%s: %v", raw, err)
			} else if list.allows(u) {
				t.Errorf("%s allows %s", tt.allow, raw)
			}
		}
	}
}
