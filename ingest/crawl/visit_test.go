package crawl

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

func TestWhatIsVisitedAndIndexed(t *testing.T) {
	for _, tt := range []struct {
		name, site    string
		fresh, failed string
		asked, not    string // paths that must, and must not, have been requested
		reason        string // part of the error of the first failure
		edit          func(*Options)
	}{
		{name: "redirects inside the site: the final address counts, asked once",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a></main>\n-- /a --\n!status 301\n!header Location: /b\n-- /b --\n<main>B</main>\n-- /c --\n!status 302\n!header Location: /b\n",
			fresh: "/ /b", asked: "/a /b /c"},
		{name: "five redirects are followed",
			site: "-- / --\n<main>W <a href=/1>1</a></main>\n" + hops(5) + "-- /6 --\n<main>Zes</main>\n", fresh: "/ /6"},
		{name: "six are not",
			site: "-- / --\n<main>W <a href=/1>1</a></main>\n" + hops(6) + "-- /7 --\n!never\n", fresh: "/", failed: "/1", reason: "more than 5"},
		{name: "a redirect that robots.txt forbids",
			site: "-- /robots.txt --\nUser-agent: *\nDisallow: /geheim\n-- / --\n<main>W <a href=/a>a</a></main>\n-- /a --\n!status 302\n!header Location: /geheim\n-- /geheim --\n!never\n", fresh: "/"},
		{name: "a redirect to another scheme",
			site: "-- / --\n<main>W <a href=/a>a</a></main>\n-- /a --\n!status 302\n!header Location: file:///etc/passwd\n", fresh: "/", failed: "/a", reason: "nowhere"},
		{name: "a redirect by meta refresh",
			site: "-- / --\n<main>W <a href=/a>a</a></main>\n-- /a --\n<meta http-equiv=Refresh content=\"0; URL='/b'\"><main>Een moment</main>\n-- /b --\n<main>B</main>\n", fresh: "/ /b"},
		{name: "a redirect loop over the start page itself",
			site: "-- / --\n!status 302\n!header Location: /nl\n-- /nl --\n<main>Welkom <a href=/>home</a></main>\n", fresh: "/nl"},
		{name: "nofollow",
			site:  "-- / --\n<main>W <a href=/a rel='external nofollow'>a</a> <a href=/b>b</a> <a href=/d>d</a></main>\n-- /a --\n!never\n-- /b --\n<meta name=robots content=nofollow><main>B <a href=/c>c</a></main>\n-- /c --\n!never\n-- /d --\n!header X-Robots-Tag: nofollow\n<main>D <a href=/c>c</a></main>\n",
			fresh: "/ /b /d"},
		{name: "noindex pages lead on; none does not",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/c>c</a></main>\n-- /a --\n<meta name=vraagbaak content=noindex><main>A <a href=/b>b</a></main>\n-- /b --\n<main>B</main>\n-- /c --\n<meta name=robots content=none><main><a href=/d>d</a></main>\n-- /d --\n!never\n",
			fresh: "/ /b"},
		{name: "links of all kinds, base, odd spelling",
			site:  "-- / --\n<base href=/map/><link rel=next href=twee><link rel=stylesheet href=/stijl><link rel=alternate type=application/rss+xml href=/feed><link rel=alternate hreflang=en href=/en><main>W <area href=drie><a href='  vier\n'>4</a><a href=#x>x</a><a href='javascript:x()'>j</a><a href='tel:14000'>t</a><iframe src=vijf></iframe></main>\n-- /map/twee --\n<main>2</main>\n-- /map/drie --\n<main>3</main>\n-- /map/vier --\n<main>4</main>\n-- /map/vijf --\n<main>5</main>\n-- /en --\n<main>E</main>\n-- /stijl --\n!never\n-- /feed --\n!never\n",
			fresh: "/ /en /map/drie /map/twee /map/vier /map/vijf"},
		{name: "documents are read, pictures and archives not",
			site:  "-- / --\n<main>W <a href=/a.pdf>a</a> <a href=/b.zip>b</a> <a href=/c>c</a> <a href=/d>d</a> <a href=/e>e</a></main>\n-- /a.pdf --\n%PDF-1.7 tekst\n-- /b.zip --\n!never\n-- /c --\n!header Content-Type: application/octet-stream\n%PDF-1.7 meer\n-- /d --\n!header Content-Type: image/jpeg\nJFIF\n-- /e --\n!header Content-Type: text/html\n%PDF-1.4 en nog een\n",
			fresh: "/ /a.pdf /c /e", asked: "/d"},
		{name: "the limit for documents is another",
			site:  "-- / --\n<main>W <a href=/a.pdf>a</a> <a href=/b>b</a></main>\n-- /a.pdf --\n%PDF-1.7 " + strings.Repeat("x", 300) + "\n-- /b --\n" + strings.Repeat("x", 300) + "\n",
			fresh: "/ /a.pdf", failed: "/b", reason: "larger than", edit: func(o *Options) { o.MaxHTML, o.MaxFile = 200, 1000 }},
		{name: "a canonical address whose content was read under another is not asked",
			site:  "-- / --\n<main>W <a href='/a?tab=1'>1</a> <a href=/a>a</a> <a href='/a?tab=2'>2</a></main>\n-- /a --\n<link rel=canonical href=/a><main>A</main>\n",
			fresh: "/ /a", asked: "/a?tab=1 /a?tab=2", not: "/a"},
		{name: "an unknown page that answers 404 is no document", site: "-- / --\n<main>W <a href=/weg>w</a></main>\n", fresh: "/", asked: "/weg"},
		{name: "an unknown page that answers 500 is listed", site: "-- / --\n<main>W <a href=/a>w</a></main>\n-- /a --\n!status 500\n", fresh: "/", failed: "/a", reason: "answers 500"},
		{name: "the error of the extractor is kept",
			site: "-- / --\n<main>W <a href=/a>w</a></main>\n-- /a --\n<main>PANIEK</main>\n", fresh: "/", failed: "/a", reason: "its parser failed"},
		{name: "languages: by the text, by hreflang without a request, unknown ones are taken",
			site:  "-- / --\n<link rel=alternate hreflang=en href=/en><main>W <a href=/en>en</a><a href=/nl hreflang=nl>nl</a><a href=/deutsch>d</a></main>\n-- /en --\n!never\n-- /nl --\n<main>TAAL nl Hallo</main>\n-- /deutsch --\n<main>TAAL de Hallo</main>\n",
			fresh: "/ /nl", asked: "/deutsch", edit: func(o *Options) { o.Languages, o.Extract = []string{"nl"}, extractLanguage }},
		{name: "a canonical address in a header",
			site:  "-- / --\n<main>W <a href=/a.pdf>1</a> <a href=/b.pdf>2</a></main>\n-- /a.pdf --\n%PDF-1.7 tekst\n-- /b.pdf --\n!header Link: </stijl.css>; rel=preload, </a.pdf>; rel=\"canonical\"\n%PDF-1.7 tekst\n",
			fresh: "/ /a.pdf"},
		{name: "unavailable_after: past and to come, in meta and header",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a> <a href=/d>d</a></main>\n-- /a --\n<meta name=robots content='unavailable_after: 2026-01-01'><main>A</main>\n-- /b --\n<meta name=robots content='unavailable_after: 2027-01-01'><main>B</main>\n-- /c --\n!header X-Robots-Tag: unavailable_after: 25 Jun 2010 15:00:00 PST\n<main>C</main>\n-- /d --\n!header X-Robots-Tag: anderebot: unavailable_after: 2010-06-25\n<main>D</main>\n",
			fresh: "/ /b /d"},
		{name: "a page that says it is not there, as all pages do that are not",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a></main>\n-- /a --\n<title>Pagina niet gevonden</title><main>Deze pagina is niet gevonden. Zoek verder of bel ons.</main>\n-- /b --\n<main>B</main>\n-- /c --\n<main>Iets verloren of gevonden? Een voorwerp dat niet gevonden is, meldt u hier.</main>\n-- /{missing} --\n<title>Pagina niet gevonden</title><main>Deze pagina is niet gevonden. Zoek verder of bel ons.</main>\n",
			fresh: "/ /b /c"},
		{name: "a site that answers 404 is not suspected",
			site:  "-- / --\n<main>W <a href=/a>a</a></main>\n-- /a --\n<main>Waarom mijn aanvraag niet gevonden is</main>\n",
			fresh: "/ /a"},
		{name: "a site that shows its home page for everything keeps it",
			site:  "-- / --\n<main>Welkom bij de gemeente <a href=/a>a</a> <a href=/home>h</a></main>\n-- /a --\n<main>A</main>\n-- /home --\n<main>Welkom bij de gemeente</main>\n-- /{missing} --\n!never\n",
			fresh: "/ /a /home"},
		{name: "trap: a calendar far ahead, and far back by query; archives are none",
			site:  "-- / --\n<main>W <a href=/agenda/2027/01>1</a><a href=/agenda/2031/01>2</a><a href='/kalender?maand=2019-03'>3</a><a href='/kalender?maand=2026-12'>4</a><a href=/nieuws/2011/05/x>5</a><a href='/x?datum=2044-01-01'>6</a></main>\n-- /agenda/2027/01 --\n<main>1</main>\n-- /agenda/2031/01 --\n!never\n-- /kalender --\n<main>K</main>\n-- /nieuws/2011/05/x --\n<main>N</main>\n-- /x --\n!never\n",
			fresh: "/ /agenda/2027/01 /kalender?maand=2026-12 /nieuws/2011/05/x"},
		{name: "trap: the combinations of a filter, and addresses that only count",
			site:  "-- / --\n<main>W <a href='/z?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1'>1</a><a href=/n/1>1</a><a href=/n/2>2</a><a href=/n/3>3</a></main>\n-- /z --\n!never\n-- /n/1 --\n<main>1</main>\n-- /n/2 --\n<main>2</main>\n-- /n/3 --\n!never\n",
			fresh: "/ /n/1 /n/2", edit: func(o *Options) { o.MaxPattern = 2 }},
		{name: "trap: a link that is refused does not count for others, however often it is met",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/b>b</a> <a href=/c>c</a></main>\n-- /a --\n" + filter + "-- /b --\n" + filter + "-- /c --\n<main>C <a href=/z>z</a></main>\n-- /z --\n<main>Z</main>\n",
			fresh: "/ /a /b /c /z", edit: func(o *Options) { o.MaxPattern = 2 }},
		{name: "trap: many queries of one path",
			site:  "-- / --\n<main>W <a href='/a?p=1'>1</a><a href='/a?p=2'>2</a><a href='/a?p=3'>3</a><a href='/a?p=4'>4</a></main>\n-- /a --\n<main>A</main>\n",
			fresh: "/ /a?p=1 /a?p=2", not: "/a?p=3 /a?p=4", edit: func(o *Options) { o.MaxVariants = 2 }},
		{name: "trap: a path that repeats itself",
			site:  "-- / --\n<main>W <a href='/a/b/a/b/a/b/'>1</a><a href='/a/b/a/b/a/b/a/b'>2</a><a href='/agenda/11/11/11/11'>3</a></main>\n-- /a/b/a/b/a/b/ --\n<main>A</main>\n-- /a/b/a/b/a/b/a/b --\n!never\n-- /agenda/11/11/11/11 --\n<main>11 november</main>\n",
			fresh: "/ /a/b/a/b/a/b/ /agenda/11/11/11/11"},
		{name: "trap: depth",
			site:  "-- / --\n<main>W <a href=/a>a</a></main>\n-- /a --\n<main>A <a href=/b>b</a></main>\n-- /b --\n<main>B <a href=/c>c</a></main>\n-- /c --\n!never\n",
			fresh: "/ /a /b", edit: func(o *Options) { o.MaxDepth = 2 }},
		{name: "limit of pages",
			site:  "-- / --\n<main>W <a href=/a>a</a> <a href=/b>b</a></main>\n-- /a --\n<main>A</main>\n-- /b --\n!never\n",
			fresh: "/ /a", edit: func(o *Options) { o.MaxPages = 2 }},
		{name: "a site without robots.txt and sitemap, start below the root",
			site:  "-- /afval --\n<main>A <a href=/afval/x>x</a> <a href=/afvalligers>y</a> <a href=/>home</a></main>\n-- /afval/x --\n<main>X</main>\n-- /afvalligers --\n!never\n-- / --\n!never\n",
			fresh: "/afval /afval/x", edit: func(o *Options) { o.Start[0] += "afval"; o.Allow[0] += "afval" }},
		{name: "one start address that is gone does not stop the others",
			site: "-- /a --\n<main>A</main>\n", fresh: "/a", edit: func(o *Options) { o.Start = append(o.Start, o.Start[0]+"a", o.Start[0]+"a#b") }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.site)
			l := newLedger()
			one := l.apply(t, s.source(tt.edit), 0)
			s.owns(l)
			if one.Err != nil {
				t.Error(one.Err)
			}
			one.want(t, tt.fresh, "", "", "", tt.failed)
			if tt.failed != "" && !strings.Contains(one.errs[one.Failed[0]], tt.reason) {
				t.Errorf("reason %q, want %q in it", one.errs[one.Failed[0]], tt.reason)
			}
			asked := s.requests("site")
			for _, p := range strings.Fields(tt.asked) {
				if !slices.Contains(asked, p) {
					t.Errorf("%s was not requested: %v", p, asked)
				}
			}
			for _, p := range strings.Fields(tt.not) {
				if slices.Contains(asked, p) {
					t.Errorf("%s was requested", p)
				}
			}
			slices.Sort(asked)
			if once := slices.Compact(slices.Clone(asked)); len(once) != len(asked) {
				t.Errorf("requested more than once: %v", asked)
			}
			if other := s.requests("other"); len(other) > 0 {
				t.Errorf("requests outside the whitelist: %v", other)
			}
		})
	}
}

// filter is a page with a link that is refused for its parameters.
const filter = "<main>F <a href='/z?a=1&b=1&c=1&d=1&e=1&f=1&g=1&h=1&i=1'>z</a></main>\n"

// hops are redirects from /1 to /2 and so on, n of them.
func hops(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "-- /%d --\n!status 301\n!header Location: /%d\n", i+1, i+2)
	}
	return b.String()
}

func TestTraceSaysWhatBecameOfEachAddress(t *testing.T) {
	s := newSite(t, waterrijk)
	visits := map[string]Visit{}
	src := s.source(func(o *Options) { o.Trace = func(v Visit) { visits[short(v.URL)] = v } })
	newLedger().apply(t, src, 0)
	for path, want := range map[string]Visit{
		"/":                  {From: "start", Status: 200, Outcome: "put"},
		"/afval":             {From: s.main.URL + "/", Status: 200, Outcome: "put"},
		"/alleen-in-sitemap": {From: "sitemap", Status: 200, Outcome: "put"},
		"/noindex":           {From: s.main.URL + "/", Status: 200, Outcome: "skip", Reason: "it asks not to be indexed"},
		"/intern/geheim":     {From: s.main.URL + "/", Outcome: "skip", Reason: "line 2 of robots.txt disallows it: Disallow: /intern/"},
		"/weg":               {From: s.main.URL + "/", Status: 404, Outcome: "gone", Reason: "it answers 404"},
		"/naar-buiten":       {From: s.main.URL + "/", Outcome: "redirect", Reason: "it redirects to " + s.other.URL + "/buiten, which is outside the allowed prefixes"},
		"/lus":               {From: s.main.URL + "/", Outcome: "redirect", Reason: "it redirects in a circle"},
	} {
		got := visits[path]
		got.URL, got.ID = "", ""
		if got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
}

// A run that is killed at any change, and run again, ends as one that was not.
func TestRunAfterKillCompletes(t *testing.T) {
	s := newSite(t, waterrijk)
	whole := newLedger()
	whole.apply(t, s.source(nil), 0)
	want := whole.indexed()
	for stop := 1; stop <= len(want)+1; stop++ {
		l := newLedger()
		l.apply(t, s.source(nil), stop)
		l.apply(t, s.source(nil), 0)
		got := l.indexed()
		if len(got) != len(want) {
			t.Errorf("killed after %d changes: %v, want %v", stop, got, want)
		}
		for p, text := range want {
			if got[p] != text {
				t.Errorf("killed after %d changes: %s is %q, want %q", stop, p, got[p], text)
			}
		}
	}
}

// A host that stops answering half way is left alone, and loses nothing.
func TestSiteThatGoesDownHalfWay(t *testing.T) {
	var links, pages strings.Builder
	for i := range 30 {
		fmt.Fprintf(&links, "<a href=/p%d>p</a>", i)
		fmt.Fprintf(&pages, "-- /p%d --\n<main>Pagina %d</main>\n", i, i)
	}
	archive := "-- / --\n<main>Welkom " + links.String() + "</main>\n" + pages.String()
	s, l := newSite(t, archive), newLedger()
	if one := l.apply(t, s.source(nil), 0); len(one.New) != 31 || one.Err != nil {
		t.Fatalf("%d new, %v", len(one.New), one.Err)
	}
	s.forget()
	broken := strings.ReplaceAll("-- / --\n<main>W</main>\n"+pages.String(), " --\n<main>", " --\n!status 502\n<main>")
	two := l.apply(t, s.source(func(o *Options) { o.Trace = func(Visit) { s.set(broken) } }), 0)
	if len(two.Failed) != maxFailures || len(two.Deleted) != 0 || len(l.indexed()) != 31 {
		t.Errorf("failed %d, deleted %d, left %d", len(two.Failed), len(two.Deleted), len(l.indexed()))
	}
	if two.Err == nil || !strings.Contains(two.Err.Error(), "answered with 502") {
		t.Errorf("error %v", two.Err)
	}
	for i := 3; i < len(s.log)-1; i++ {
		if before, after := s.log[i].at.Sub(s.log[i-1].at), s.log[i+1].at.Sub(s.log[i].at); after < before || i < 7 && after < before*3/2 {
			t.Errorf("request %d came after %v, the one before it after %v: no back-off", i+1, after, before)
		}
	}
}

// Whatever the rest of the run believes, no request leaves the whitelist.
func TestFetcherChecksEachRequest(t *testing.T) {
	s := newSite(t, "-- other/a --\n!never\n-- /geheim --\n!never\n-- /afval --\n<main>A</main>\n")
	f := newFetcher(s.source(func(o *Options) { o.Start[0] += "afval"; o.Allow[0] += "afval" }))
	for _, tt := range []struct {
		url string
		why purpose
		ok  bool
	}{
		{s.main.URL + "/afval", forPage, true},
		{s.main.URL + "/geheim", forPage, false},
		{s.main.URL + "/sitemap.xml", forRules, true},
		{s.other.URL + "/a", forPage, false},
		{s.other.URL + "/robots.txt", forRules, false},
	} {
		u, err := url.Parse(tt.url)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.get(t.Context(), u, tt.why, state{}); (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.url, err)
		}
	}
	if other := s.requests("other"); len(other) > 0 {
		t.Errorf("requests outside the whitelist: %v", other)
	}
}

func TestNewRefusesWhatCannotWork(t *testing.T) {
	good := Options{Name: "w", Collection: "c", Start: []string{"https://w.example/"}, Allow: []string{"https://w.example/"}, Extract: extractMain}
	if _, err := New(good); err != nil {
		t.Fatal(err)
	}
	for want, edit := range map[string]func(*Options){
		"name":                func(o *Options) { o.Name = "" },
		"start is empty":      func(o *Options) { o.Start = nil },
		"allow is empty":      func(o *Options) { o.Allow = nil },
		"extracts":            func(o *Options) { o.Extract = nil },
		"requests_per_second": func(o *Options) { o.RequestsPerSecond = -1 },
		"start[0]":            func(o *Options) { o.Start = []string{"w.example"} },
		"outside all":         func(o *Options) { o.Start = []string{"https://x.example/"} },
		"allow[0]":            func(o *Options) { o.Allow = []string{"ftp://w.example/"} },
		"has no query":        func(o *Options) { o.Allow = []string{"https://w.example/?a=1"} },
		"allow_private[0]":    func(o *Options) { o.AllowPrivate = []string{"intranet"} },
	} {
		o := good
		edit(&o)
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "website source") {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestVerdictOfAnAddress(t *testing.T) {
	s := newSite(t, waterrijk)
	src := s.source(nil)
	for path, want := range map[string]string{
		s.main.URL + "/afval":         "no rule of robots.txt is about it",
		s.main.URL + "/intern/geheim": "line 2 of robots.txt disallows it",
		s.other.URL + "/buiten":       "outside the prefixes of allow",
	} {
		v, err := src.Verdict(t.Context(), path)
		if err != nil || !strings.Contains(v.Reason, want) {
			t.Errorf("%s: %+v, %v; want %q", path, v, err, want)
		}
	}
}

func TestHeaderDirectives(t *testing.T) {
	for _, tt := range []struct {
		values            []string
		noindex, nofollow bool
	}{
		{[]string{"noindex"}, true, false},
		{[]string{"NOINDEX, nofollow"}, true, true},
		{[]string{"none"}, true, true},
		{[]string{"otherbot: noindex, nofollow"}, false, false},
		{[]string{"otherbot: noindex", "nofollow"}, false, true},
		{[]string{"otherbot: noindex, vraagbaak: nofollow"}, false, true},
		{[]string{"Vraagbaak: noindex"}, true, false},
		{[]string{"unavailable_after: 25 Jun 2027 15:00:00 GMT, noindex"}, true, false},
		{[]string{"max-snippet:-1, all"}, false, false},
		{nil, false, false},
	} {
		var p page
		p.headerDirectives(http.Header{"X-Robots-Tag": tt.values})
		if p.noindex != tt.noindex || p.nofollow != tt.nofollow {
			t.Errorf("%q: noindex %v, nofollow %v", tt.values, p.noindex, p.nofollow)
		}
	}
}

func FuzzPage(f *testing.F) {
	f.Add("text/html", "<base href=//x><a href=/a>a</a><meta http-equiv=refresh content='0;url=b'><link rel=canonical href=c>")
	f.Add("text/html; charset=utf-16", "\xff\xfe<a href")
	f.Add("text/html", `<meta name=robots content="none"><a href="/a&#0;b">`)
	f.Fuzz(func(t *testing.T, contentType, body string) {
		at := &url.URL{Scheme: "https", Host: "w.example", Path: "/x"}
		p, err := readPage(at, contentType, []byte(body))
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, l := range p.links {
			u, err := url.Parse(l)
			if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || seen[l] {
				t.Errorf("link %q (%v), twice: %v", l, err, seen[l])
			}
			seen[l] = true
		}
		packed := unpackLinks(at, packLinks(at, p.links))
		if !slices.Equal(packed, p.links) {
			t.Errorf("links %q, unpacked %q", p.links, packed)
		}
	})
}

// BenchmarkReadPage finds the links of real pages of municipalities.
func BenchmarkReadPage(b *testing.B) {
	files, err := filepath.Glob("../../../shared/data/web/gemeente/*.html")
	if err != nil {
		b.Fatal(err)
	}
	if len(files) == 0 {
		b.Skip("shared/data/web/gemeente is absent")
	}
	var pages [][]byte
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		pages = append(pages, data)
	}
	at := &url.URL{Scheme: "https", Host: "www.waterrijk.example", Path: "/"}
	links := 0
	for i := 0; b.Loop(); i++ {
		p, err := readPage(at, "text/html", pages[i%len(pages)])
		if err != nil {
			b.Fatal(err)
		}
		links += len(p.links)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "pages/s")
	b.ReportMetric(float64(links)/float64(b.N), "links/page")
}

// extractLanguage takes the language from the words "TAAL xx".
func extractLanguage(ctx context.Context, in Input) (*ingest.Document, error) {
	d, err := extractMain(ctx, in)
	if err == nil {
		if _, rest, ok := strings.Cut(d.Text, "TAAL "); ok {
			d.Language = rest[:2]
		}
	}
	return d, err
}

// The transfer of a page may be compressed to almost nothing.
func TestCompressionBomb(t *testing.T) {
	var bomb bytes.Buffer
	w := gzip.NewWriter(&bomb)
	for range 30 {
		w.Write(bytes.Repeat([]byte("<p>nul</p>"), 1<<17))
	}
	w.Close()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/":
			io.WriteString(w, "<main>Welkom <a href=/bom>b</a> <a href=/kop>k</a></main>")
		case "/bom":
			w.Header().Set("Content-Encoding", "gzip")
			w.Write(bomb.Bytes())
		case "/kop":
			for i := range 100 {
				w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 4000))
			}
		default:
			http.NotFound(w, r)
		}
	}))
	defer srv.Close()
	fake := &fakeClock{t: time.Unix(0, 0)}
	src, err := New(Options{Name: "bom", Collection: "site", Start: []string{srv.URL}, Allow: []string{srv.URL}, AllowPrivate: []string{host1(srv.URL)},
		Extract: extractMain, clock: clock{now: fake.now, sleep: fake.sleep}})
	if err != nil {
		t.Fatal(err)
	}
	got := newLedger().apply(t, src, 0)
	got.want(t, "/", "", "", "", "/bom /kop")
	if !strings.Contains(got.errs["/bom"], "larger than 10 MB") || !strings.Contains(got.errs["/kop"], "header") {
		t.Errorf("%v", got.errs)
	}
}

// A host that asks for patience does not keep the others waiting.
func TestRestingHostsAreWorkedAround(t *testing.T) {
	s := newSite(t, `
-- / --
<main>W <a href=/traag>t</a> <a href=/b>b</a> <a href={other}/1>1</a> <a href={other}/2>2</a></main>
-- /traag --
!status 503
!times 1
!header Retry-After: 50
<main>T</main>
-- /b --
<main>B</main>
-- other/1 --
<main>1</main>
-- other/2 --
<main>2</main>
`)
	src := s.source(func(o *Options) { o.Allow = append(o.Allow, s.other.URL+"/") })
	got := newLedger().apply(t, src, 0)
	if got.Err != nil || len(got.New) != 5 || len(got.Failed) > 0 {
		t.Fatalf("%+v", got)
	}
}
