package crawl

import (
	"net/url"
	"strings"
	"testing"
	"time"
)

func pathURL(t *testing.T, p string) *url.URL {
	t.Helper()
	u, err := normalize(nil, "https://www.waterrijk.example"+p)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestRobotsRules(t *testing.T) {
	const any = "User-agent: *\n"
	for _, tt := range []struct {
		name, file      string
		allowed, denied string // paths
	}{
		{"empty file", "", "/ /a", ""},
		{"prefix", any + "Disallow: /intern/", "/ /intern /internet", "/intern/ /intern/x"},
		{"prefix without slash", any + "Disallow: /afval", "/Afval /x/afval", "/afval /afval/x /afvalligers /afval?x=1"},
		{"nothing disallowed", any + "Disallow:", "/ /a", ""},
		{"everything disallowed", any + "Disallow: /", "/robots.txt", "/ /a /robots.txt.bak"},
		{"longest match", any + "Allow: /p\nDisallow: /", "/pagina /p", "/ /folder"},
		{"longest match, other order", any + "Disallow: /\nAllow: /p", "/pagina /p", "/ /folder"},
		{"allow on a tie", any + "Disallow: /p\nAllow: /p", "/p /px", ""},
		{"allow on a tie, other order", any + "Allow: /p\nDisallow: /p", "/p /px", ""},
		{"longer pattern with a wildcard wins", any + "Allow: /page\nDisallow: /*.htm", "/page /pages", "/page.htm"},
		{"wildcards are anchored", any + "Disallow: /private*/x", "/public/private1/x /private", "/private/x /private1/x /private/a/x/y"},
		{"end of path", any + "Disallow: /*.pdf$", "/a.pdf?x=1 /a.pdfx /a", "/a.pdf /b/c.pdf"},
		{"end of path, exact", any + "Allow: /$\nDisallow: /", "/", "/a /?x=1"},
		{"dollar in the middle is itself", any + "Disallow: /a$b", "/a /a$", "/a$b /a$bc"},
		{"query", any + "Disallow: /*?*sort=", "/a /a?page=1", "/a?sort=x /a?page=1&sort=x"},
		{"several stars", any + "Disallow: /a**b***c", "/ab /ac", "/abc /axbxc"},
		{"case of the path", any + "Disallow: /Intern", "/intern", "/Intern"},
		{"escapes: unreserved", any + "Disallow: /%61fval", "", "/afval /%61fval"},
		{"escapes: case and bytes", any + "Disallow: /caf%c3%a9", "/cafe", "/café /caf%C3%A9"},
		{"escapes: raw bytes in the rule", any + "Disallow: /café", "", "/caf%c3%a9 /café"},
		{"escapes: reserved stay apart", any + "Disallow: /a%2Fb", "/a/b", "/a%2fb"},
		{"escapes: a literal star", any + "Disallow: /a%2Ab", "/axb", "/a*b /a%2ab"},
		{"our group goes before *", any + "Disallow: /\nUser-agent: vraagbaak\nDisallow: /x", "/ /a", "/x"},
		{"our group, any case, with a version", any + "Disallow: /\nUser-agent: VraagBaak/1.0 (bot)\nDisallow: /x", "/ /a", "/x"},
		{"a shorter name is not ours", "User-agent: vraag\nDisallow: /", "/ /a", ""},
		{"a longer name is not ours", "User-agent: vraagbaak-nieuws\nDisallow: /", "/ /a", ""},
		{"groups with our token are merged", "User-agent: vraagbaak\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: vraagbaak\nDisallow: /b", "/c", "/a /b"},
		{"groups for * are merged", any + "Disallow: /a\nUser-agent: x\nDisallow: /\n" + any + "Disallow: /b", "/c", "/a /b"},
		{"a group of several agents", "User-agent: x\nUser-agent: vraagbaak\nDisallow: /a\n" + any + "Disallow: /", "/b", "/a"},
		{"an empty line ends no group", any + "\n\nDisallow: /a", "/b", "/a"},
		{"a sitemap between agents ends no group", "User-agent: vraagbaak\nSitemap: /s.xml\nUser-agent: x\nDisallow: /a", "/b", "/a"},
		{"a group without rules allows everything", any + "Disallow: /\nUser-agent: vraagbaak", "/ /a", ""},
		{"comments", "# tekst\n" + any + "Disallow: /a # niet doen\n#Disallow: /b", "/b", "/a"},
		{"rule before any agent", "Disallow: /a\n" + any + "Disallow: /b", "/a", "/b"},
		{"bad lines are skipped", any + "Crawl-delay: snel\nonzin\n:::\nDisallow: /a\n\x00\xff\nDisallow: /b", "/c", "/a /b"},
		{"a forgotten colon", "User-agent *\nDisallow /a", "/b", "/a"},
		{"misspelled", any + "Dissallow: /a", "/b", "/a"},
		{"spaces and case of keys", "  uSeR-aGeNt :  *  \n\tDISALLOW:/a", "/b", "/a"},
		{"byte order mark", "\ufeff" + any + "Disallow: /a", "/b", "/a"},
		{"carriage returns", "User-agent: *\rDisallow: /a\rDisallow: /b\r\nDisallow: /c", "/d", "/a /b /c"},
		{"a web page instead", "<!doctype html><html><body>Niet gevonden: User-agent: *</body></html>", "/ /a", ""},
		{"beyond the limit is not read, the cut line neither", any + "Disallow: /a\n" + strings.Repeat("# vulling\n", maxRobots/10-4) + "# 12345678\nDisallow: /bbbbbbbbbbbbbbbbbbbbbbbbb", "/b /bbbbbbbbbbbbbbbbbbbbbbbbb", "/a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := parseRobots([]byte(tt.file))
			if tt.allowed+tt.denied == "" {
				t.Fatal("asserts nothing")
			}
			for _, p := range strings.Fields(tt.allowed) {
				if v := r.verdict(pathURL(t, p)); !v.Allowed {
					t.Errorf("%s is refused: %s", p, v.Reason)
				}
			}
			for _, p := range strings.Fields(tt.denied) {
				if v := r.verdict(pathURL(t, p)); v.Allowed {
					t.Errorf("%s is allowed: %s", p, v.Reason)
				}
			}
		})
	}
}

func TestRobotsExtras(t *testing.T) {
	r := parseRobots([]byte("Sitemap: https://www.waterrijk.example/een.xml\nUser-agent: *\nCrawl-delay: 2.5\nDisallow: /a\nsitemap:/twee.xml\nUser-agent: x\nCrawl-delay: 30\n"))
	if r.delay != 2500*time.Millisecond {
		t.Errorf("Crawl-delay %v", r.delay)
	}
	if got := strings.Join(r.sitemaps, " "); got != "https://www.waterrijk.example/een.xml /twee.xml" {
		t.Errorf("sitemaps %q", got)
	}
	if v := r.verdict(pathURL(t, "/a/b")); v.Allowed || v.Line != 4 || v.Rule != "Disallow: /a" {
		t.Errorf("the rule that decided: %+v", v)
	}
	for file, want := range map[string]time.Duration{"1000000": time.Minute, "-3": 0, "NaN": 0, "Inf": time.Minute} {
		if got := parseRobots([]byte("User-agent: *\nCrawl-delay: " + file)).delay; got != want {
			t.Errorf("Crawl-delay %s: %v, want %v", file, got, want)
		}
	}
}

func TestRobotsStatusClasses(t *testing.T) {
	const page = "-- / --\n<main>Welkom.</main>\n-- /a --\n<main>A</main>\n"
	for _, tt := range []struct {
		name, site               string
		root, other              bool // whether / and /a may be requested
		temporary                bool
		reason                   string
		requests, elsewhereTimes int // of robots.txt
	}{
		{name: "200", site: "-- /robots.txt --\nUser-agent: *\nDisallow: /a\n", root: true, reason: "line 2", requests: 1},
		{name: "404", site: page, root: true, other: true, reason: "there is no robots.txt", requests: 1},
		{name: "410", site: "-- /robots.txt --\n!status 410\n", root: true, other: true, reason: "there is no robots.txt", requests: 1},
		{name: "401", site: "-- /robots.txt --\n!status 401\n", reason: "does not want", requests: 1},
		{name: "403", site: "-- /robots.txt --\n!status 403\n", reason: "does not want", requests: 1},
		{name: "429", site: "-- /robots.txt --\n!status 429\n", temporary: true, reason: "answers 429", requests: 3},
		{name: "429 once", site: "-- /robots.txt --\n!status 429\n!times 1\nUser-agent: *\nDisallow: /a\n", root: true, reason: "line 2", requests: 2},
		{name: "500", site: "-- /robots.txt --\n!status 500\n", temporary: true, reason: "answers 500", requests: 2},
		{name: "500 once", site: "-- /robots.txt --\n!status 500\n!times 1\nUser-agent: *\nDisallow: /a\n", root: true, reason: "line 2", requests: 2},
		{name: "redirect", site: "-- /robots.txt --\n!status 301\n!header Location: /elders/robots\n-- /elders/robots --\nUser-agent: *\nDisallow: /a\n", root: true, reason: "line 2", requests: 1},
		{name: "redirect to an allowed host", site: "-- /robots.txt --\n!status 302\n!header Location: {other}/robots.txt\n-- other/robots.txt --\nUser-agent: *\nDisallow: /a\n", root: true, reason: "line 2", requests: 1, elsewhereTimes: 1},
		{name: "redirect loop", site: "-- /robots.txt --\n!status 302\n!header Location: /robots.txt\n", root: true, other: true, reason: "more than 5", requests: 6},
		{name: "redirects between two hosts", site: "-- /robots.txt --\n!status 302\n!header Location: {other}/robots.txt\n-- other/robots.txt --\n!status 302\n!header Location: {site}/robots.txt\n", root: true, other: true, reason: "more than 5", requests: 4, elsewhereTimes: 3},
		{name: "redirect outside the whitelist", site: "-- /robots.txt --\n!status 302\n!header Location: http://buiten.example/robots.txt\n", reason: "add that host to allow", requests: 1},
		{name: "redirect to nowhere", site: "-- /robots.txt --\n!status 302\n", root: true, other: true, reason: "to nowhere", requests: 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newSite(t, tt.site)
			src := s.source(func(o *Options) { o.Allow = append(o.Allow, s.other.URL+"/") })
			f := newFetcher(src)
			for path, want := range map[string]bool{"/": tt.root, "/a": tt.other} {
				u, err := normalize(nil, s.main.URL+path)
				if err != nil {
					t.Fatal(err)
				}
				v, err := f.verdict(t.Context(), u)
				if err != nil {
					t.Fatal(err)
				}
				if v.Allowed != want || v.Temporary != tt.temporary {
					t.Errorf("%s: %+v", path, v)
				}
				if path == "/a" && !strings.Contains(v.Reason, tt.reason) {
					t.Errorf("reason %q, want %q in it", v.Reason, tt.reason)
				}
			}
			if got := strings.Count(strings.Join(s.requests("site"), " "), "/robots.txt"); got != tt.requests {
				t.Errorf("robots.txt asked %d times, want %d", got, tt.requests)
			}
			if got := len(s.requests("other")); got != tt.elsewhereTimes {
				t.Errorf("the other host asked %d times, want %d", got, tt.elsewhereTimes)
			}
		})
	}
}

func TestRobotsIsReadAgainAfterADay(t *testing.T) {
	s := newSite(t, "-- /robots.txt --\nUser-agent: *\nDisallow: /a\n")
	f := newFetcher(s.source(nil))
	u := pathURL(t, "/a")
	u.Scheme, u.Host = "http", host1(s.main.URL)
	for _, step := range []struct {
		wait time.Duration
		want int
	}{{0, 1}, {23 * time.Hour, 1}, {2 * time.Hour, 2}} {
		s.clock.sleep(t.Context(), step.wait)
		if _, err := f.verdict(t.Context(), u); err != nil {
			t.Fatal(err)
		}
		if got := len(s.requests("site")); got != step.want {
			t.Errorf("after %v: %d requests, want %d", step.wait, got, step.want)
		}
	}
}

func FuzzRobots(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$\nAllow: /%2A\n", "/axb?c=d")
	f.Add("\ufeffuser-agent:vraagbaak\rcrawl-delay: 1e309\rdisallow:/%zz", "/%zz")
	f.Add("Disallow /\nSitemap:", "")
	f.Fuzz(func(t *testing.T, file, path string) {
		if len(file)+len(path) > 4096 {
			t.Skip()
		}
		r := parseRobots([]byte(file))
		if r.delay < 0 || r.delay > maxCrawlDelay {
			t.Errorf("Crawl-delay %v", r.delay)
		}
		u, err := normalize(nil, "https://www.waterrijk.example/"+path)
		if err != nil {
			return
		}
		v := r.verdict(u)
		if !v.Allowed && (v.Line == 0 || v.Rule == "") {
			t.Errorf("refused without a line: %+v", v)
		}
		if again := normalizePattern(normalizePattern(path)); again != normalizePattern(path) {
			t.Errorf("pattern %q has two normal forms", path)
		}
		// A rule with exactly this path forbids it.
		exact := parseRobots([]byte("User-agent: *\nDisallow: " + normalizeRobotsPath(u.RequestURI())))
		if strings.ContainsAny(u.RequestURI(), "#\r\n") || u.Path == "/robots.txt" {
			return
		}
		if exact.verdict(u).Allowed {
			t.Errorf("%s is allowed by a rule that forbids it", u.RequestURI())
		}
	})
}
