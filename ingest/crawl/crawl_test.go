package crawl

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"
)

// waterrijk is the site most tests start from.
const waterrijk = `
-- /robots.txt --
User-agent: *
Disallow: /intern/
Sitemap: {site}/sitemap.xml
-- /sitemap.xml --
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url><loc>{site}/alleen-in-sitemap</loc></url>
<url><loc>{other}/buiten</loc></url></urlset>
-- / --
!etag
<html lang=nl><title>Gemeente Waterrijk</title><main>Welkom bij de gemeente Waterrijk.
<a href="/afval">Afval</a> <a href="/paspoort?utm_source=x#prijs">Paspoort</a> <a href=/intern/geheim>x</a>
<a href=/naar-buiten>y</a> <a href=/lus>z</a> <a href=/oud>o</a> <a href=/noindex>n</a> <a href="{other}/buiten">b</a>
<a href=/foto.JPG>foto</a> <a href="mailto:info@waterrijk.example">mail</a> <a href=/weg>weg</a></main>
-- /afval --
!etag
<main>Het restafval wordt eens per drie weken opgehaald. <a href="/afval/grof">Grofvuil</a></main>
-- /afval/grof --
!etag
<main>Grofvuil brengt u naar de milieustraat.</main>
-- /paspoort --
!etag
<main>Een paspoort kost 83,87 euro.</main>
-- /oud --
!etag
<main>De hondenbelasting bedraagt 91 euro per jaar.</main>
-- /alleen-in-sitemap --
!etag
<main>De bibliotheek is op zondag gesloten.</main>
-- /noindex --
<head><meta name=robots content=noindex></head><main>Niet in de index.</main>
-- /naar-buiten --
!status 302
!header Location: {other}/buiten
-- /lus --
!status 302
!header Location: /lus
-- /intern/geheim --
!never
-- /foto.JPG --
!never
-- other/robots.txt --
!never
-- other/buiten --
!never
`

func TestFirstRunsOfASite(t *testing.T) {
	s, l := newSite(t, waterrijk), newLedger()
	src := s.source(nil)

	one := l.apply(t, src, 0)
	one.want(t, "/ /afval /afval/grof /alleen-in-sitemap /oud /paspoort", "", "", "", "/lus")
	if one.Err != nil {
		t.Errorf("first run: %v", one.Err)
	}
	if !strings.Contains(one.errs["/lus"], "circle") {
		t.Errorf("reason of the loop: %q", one.errs["/lus"])
	}
	asked := s.requests("site")
	if asked[0] != "/robots.txt" {
		t.Errorf("asked %s before robots.txt", asked[0])
	}
	slices.Sort(asked)
	if once := slices.Compact(slices.Clone(asked)); len(once) != len(asked) {
		t.Errorf("asked more than once: %v", asked)
	}
	if agent := s.log[0].agent; !strings.HasPrefix(agent, "vraagbaak/") || !strings.Contains(agent, "(+https://") {
		t.Errorf("User-Agent %q names no token or contact", agent)
	}

	s.forget()
	two := l.apply(t, src, 0)
	two.want(t, "", "", "/ /afval /afval/grof /alleen-in-sitemap /oud /paspoort", "", "/lus")
	for _, p := range []string{"/", "/afval", "/afval/grof", "/alleen-in-sitemap"} {
		if !s.conditional(p) {
			t.Errorf("%s was asked in full though it was known", p)
		}
	}

	s.set("-- /oud --\n!status 410\n-- /afval --\n!etag\n<main>Het restafval wordt eens per vier weken opgehaald. <a href=/afval/grof>Grofvuil</a></main>\n")
	l.apply(t, src, 0).want(t, "", "/afval", "/ /afval/grof /alleen-in-sitemap /paspoort", "/oud", "/lus")

	s.setDown(true)
	before := len(l.indexed())
	down := l.apply(t, src, 0)
	down.want(t, "", "", "", "", "")
	if down.Err == nil || !strings.Contains(down.Err.Error(), "nothing was changed") || len(l.indexed()) != before {
		t.Errorf("a site that is down: %v; %d of %d pages left", down.Err, len(l.indexed()), before)
	}
}

func TestRateHoldsForAllRequests(t *testing.T) {
	s := newSite(t, waterrijk)
	newLedger().apply(t, s.source(func(o *Options) { o.RequestsPerSecond = 4 }), 0)
	if len(s.log) < 8 {
		t.Fatalf("only %d requests", len(s.log))
	}
	for i := 1; i < len(s.log); i++ {
		if gap := s.log[i].at.Sub(s.log[i-1].at); gap < 250*time.Millisecond {
			t.Errorf("%s came %v after %s", s.log[i].path, gap, s.log[i-1].path)
		}
	}
}

func TestCrawlDelayGoesBeforeTheRate(t *testing.T) {
	s := newSite(t, waterrijk)
	s.set("-- /robots.txt --\nUser-agent: Vraagbaak/2\nCrawl-delay: 7\nDisallow: /intern/\n")
	newLedger().apply(t, s.source(nil), 0)
	for i := 2; i < len(s.log); i++ {
		if gap := s.log[i].at.Sub(s.log[i-1].at); gap < 7*time.Second {
			t.Errorf("%s came %v after %s", s.log[i].path, gap, s.log[i-1].path)
		}
	}
}

// scenario changes a site between two runs.
type scenario struct {
	name   string
	site   string // of the first run, over a start page that links to /a
	first  string // paths that are new then
	change string // before the second run
	remove string // path removed before the second run
	// of the second run
	fresh, changed, same, deleted, failed string
	edit                                  func(*Options) // of both runs
	second                                func(*Options) // of the second run
	check                                 func(*testing.T, *site, counts)
	wantErr                               string // of the second run
}

const linksToA = "-- / --\n<main>Welkom. <a href=/a>a</a></main>\n"

func TestChangesBetweenRuns(t *testing.T) {
	for _, tt := range []scenario{
		{name: "a page that answers 304 still leads to its links",
			site:  "-- / --\n!etag\n<main>Welkom. <a href=/a>a</a></main>\n-- /a --\n!etag\n<main>A <a href=/b>b</a></main>\n-- /b --\n<main>B</main>\n",
			first: "/ /a /b", same: "/ /a", changed: "/b", change: "-- /b --\n<main>B is veranderd.</main>\n"},
		{name: "a page nothing leads to is asked for, and stays",
			site: linksToA + "-- /a --\n!etag\n<main>A</main>\n", first: "/ /a",
			change: "-- / --\n<main>Welkom, nu zonder koppelingen.</main>\n", changed: "/", same: "/a",
			check: func(t *testing.T, s *site, _ counts) {
				if !s.conditional("/a") {
					t.Error("/a was asked in full")
				}
			}},
		{name: "a page nothing leads to is asked for, and leaves",
			site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- / --\n<main>Welkom, nu zonder koppelingen.</main>\n", remove: "/a", changed: "/", deleted: "/a"},
		{name: "404 of a linked page", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a", remove: "/a", same: "/", deleted: "/a"},
		{name: "500 keeps the page", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 500\n", same: "/", failed: "/a"},
		{name: "403 keeps the page", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 403\n", same: "/", failed: "/a"},
		{name: "a page that suddenly has no text is a failure", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n<main></main>\n", same: "/", failed: "/a"},
		{name: "a parser that panics costs one page", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n<main>PANIEK</main>\n", same: "/", failed: "/a"},
		{name: "noindex in the page removes it", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n<meta name=Robots content='NoIndex, follow'><main>A</main>\n", same: "/", deleted: "/a"},
		{name: "noindex in the header removes it, with a 304 too", site: linksToA + "-- /a --\n!etag\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!etag\n!header X-Robots-Tag: noindex\n<main>A</main>\n", same: "/", deleted: "/a",
			check: func(t *testing.T, s *site, _ counts) {
				if !s.conditional("/a") {
					t.Error("/a was asked in full")
				}
			}},
		{name: "unavailable_after that passes while the page answers 304",
			site:  linksToA + "-- /a --\n!etag\n<meta name=robots content='unavailable_after: 2026-12-01'><main>A</main>\n",
			first: "/ /a", same: "/", deleted: "/a",
			second: func(o *Options) { o.clock.sleep(context.Background(), 30*24*time.Hour) },
			check: func(t *testing.T, s *site, _ counts) {
				if !s.conditional("/a") {
					t.Error("/a was asked in full")
				}
			}},
		{name: "languages chosen later: a page that answers 304 leaves",
			site: linksToA + "-- /a --\n!etag\n<main>TAAL en A</main>\n", first: "/ /a", same: "/", deleted: "/a",
			edit: func(o *Options) { o.Extract = extractLanguage }, second: func(o *Options) { o.Languages = []string{"nl"} }},
		{name: "languages left out later: what hreflang names is found",
			site:  "-- / --\n!etag\n<link rel=alternate hreflang=en href=/en><main>Welkom <a href=/en>en</a></main>\n-- /en --\n<main>E</main>\n",
			first: "/", same: "/", fresh: "/en",
			edit: func(o *Options) { o.Languages = []string{"nl"} }, second: func(o *Options) { o.Languages = nil }},
		{name: "noindex for another crawler is not for us", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!header X-Robots-Tag: otherbot: noindex, nofollow\n<main>A</main>\n", same: "/ /a"},
		{name: "moved for good", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 301\n!header Location: /b\n-- /b --\n<main>A</main>\n", same: "/", fresh: "/b", deleted: "/a"},
		{name: "moved for now", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 302\n!header Location: /onderhoud\n-- /onderhoud --\n<main>Onderhoud</main>\n", same: "/", fresh: "/onderhoud", failed: "/a"},
		{name: "moved off the site for good", site: linksToA + "-- /a --\n<main>A</main>\n-- other/b --\n!never\n", first: "/ /a",
			change: "-- /a --\n!status 301\n!header Location: {other}/b\n", same: "/", deleted: "/a"},
		{name: "moved off the site for now", site: linksToA + "-- /a --\n<main>A</main>\n-- other/b --\n!never\n", first: "/ /a",
			change: "-- /a --\n!status 302\n!header Location: {other}/b\n", same: "/", failed: "/a"},
		{name: "moved to a page that fails", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 301\n!header Location: /b\n-- /b --\n!status 500\n", same: "/", failed: "/a /b"},
		{name: "moved to a page that is gone", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 302\n!header Location: /b\n-- /b --\n!status 404\n", same: "/", deleted: "/a"},
		{name: "a redirect loop over known pages keeps them",
			site:  "-- / --\n<main>Welkom. <a href=/a>a</a> <a href=/b>b</a></main>\n-- /a --\n<main>A</main>\n-- /b --\n<main>B</main>\n",
			first: "/ /a /b", same: "/", failed: "/a /b",
			change: "-- /a --\n!status 301\n!header Location: /b\n-- /b --\n!status 301\n!header Location: /a\n"},
		{name: "robots.txt forbids a known page: it stays, listed", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /robots.txt --\nUser-agent: *\nDisallow: /a\n-- /a --\n!never\n", same: "/", failed: "/a",
			check: func(t *testing.T, _ *site, c counts) {
				if !strings.Contains(c.errs["/a"], "line 2 of robots.txt disallows it: Disallow: /a") {
					t.Errorf("reason %q names no line", c.errs["/a"])
				}
			}},
		{name: "robots.txt that fails stops the run", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /robots.txt --\n!status 500\n-- / --\n!never\n-- /a --\n!never\n", wantErr: "robots.txt answers 500"},
		{name: "robots.txt that is forbidden stops the run", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /robots.txt --\n!status 403\n-- / --\n!never\n-- /a --\n!never\n", wantErr: "does not want to be read"},
		{name: "a start page that is gone deletes nothing", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!never\n", remove: "/", wantErr: "no start address could be read"},
		{name: "the whitelist became narrower", site: linksToA + "-- /a --\n<main>A</main>\n-- /b --\n!never\n", first: "/ /a",
			change: "-- /a --\n!never\n-- / --\n!never\n-- /c --\n<main>C</main>\n", fresh: "/c", deleted: "/ /a",
			second: func(o *Options) { o.Start, o.Allow = []string{o.Start[0] + "c"}, []string{o.Allow[0] + "c"} }},
		{name: "the whitelist became wider: links that were cut are found",
			site:  "-- /a --\n!etag\n<main>A <a href=/b>b</a></main>\n-- /b --\n<main>B</main>\n",
			first: "/a", same: "/a", fresh: "/b",
			edit:   func(o *Options) { o.Start = []string{o.Start[0] + "a"} },
			second: func(o *Options) {},
			check: func(t *testing.T, s *site, _ counts) {
				if s.conditional("/a") {
					t.Error("/a was asked conditionally under another whitelist")
				}
			}},
		{name: "another extractor reads every page again", site: linksToA + "-- /a --\n!etag\n<main>A</main>\n", first: "/ /a", same: "/ /a",
			second: func(o *Options) { o.ExtractVersion = "2" },
			check: func(t *testing.T, s *site, _ counts) {
				if s.conditional("/a") {
					t.Error("/a was asked conditionally for another extractor")
				}
			}},
		{name: "canonical: indexed under it, once, quiet in the second run",
			site:  "-- / --\n<main>Welkom. <a href='/a?tab=1'>1</a> <a href='/a?tab=2'>2</a></main>\n-- /a --\n!etag\n<link rel=canonical href=/a><main>A</main>\n",
			first: "/ /a", same: "/ /a"},
		{name: "an alias that is gone does not take its page along",
			site:  "-- / --\n<main>Welkom. <a href='/a?tab=1'>1</a></main>\n-- /a?tab=1 --\n<link rel=canonical href=/a><main>A</main>\n-- /a --\n<main>A</main>\n",
			first: "/ /a", same: "/ /a", change: "-- /a?tab=1 --\n!status 410\n"},
		{name: "an alias that became a page of its own",
			site:  "-- / --\n<main>Welkom. <a href='/b'>1</a></main>\n-- /b --\n<link rel=canonical href=/a><main>A</main>\n-- /a --\n<main>A</main>\n",
			first: "/ /a", same: "/ /a", fresh: "/b", change: "-- /b --\n<main>B</main>\n"},
		{name: "a page that names another as canonical leaves its own address",
			site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a", same: "/", fresh: "/b", deleted: "/a",
			change: "-- /a --\n<link rel=canonical href=/b><main>A</main>\n"},
		{name: "canonical: an address that is gone is not believed, however often it is linked",
			site:  "-- / --\n<main>Welkom <a href=/b>b</a> <a href=/a>a</a></main>\n-- /a --\n<link rel=canonical href=/b><main>A</main>\n",
			first: "/ /a", same: "/ /a"},
		{name: "canonical: when its address is gone, the page that was indexed there has its own",
			site:  "-- / --\n<main>Welkom <a href=/a>a</a> <a href=/b>b</a></main>\n-- /a --\n!etag\n<link rel=canonical href=/b><main>A</main>\n",
			first: "/ /b", changed: "/", fresh: "/a", deleted: "/b",
			change: "-- / --\n<main>Welkom <a href=/b>b</a> <a href=/a>a</a></main>\n"},
		{name: "a site that calls its home page canonical everywhere is not believed",
			site: linksToA + "-- /a --\n<link rel=canonical href=/><main>A</main>\n", first: "/ /a", same: "/ /a"},
		{name: "a canonical address on another site is not believed",
			site: linksToA + "-- /a --\n<link rel=canonical href={other}/a><main>A</main>\n-- other/a --\n!never\n", first: "/ /a", same: "/ /a"},
		{name: "too large", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a", edit: func(o *Options) { o.MaxHTML = 100 },
			change: "-- /a --\n<main>" + strings.Repeat("A", 200) + "</main>\n", same: "/", failed: "/a"},
		{name: "a page that became a picture is a failure", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!header Content-Type: image/png\nPNG\n", same: "/", failed: "/a"},
		{name: "429 with a short pause is waited for", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 429\n!times 1\n!header Retry-After: 20\n<main>A</main>\n", same: "/ /a",
			check: func(t *testing.T, s *site, _ counts) {
				last := s.log[len(s.log)-2:]
				if last[0].path != "/a" || last[1].path != "/a" || last[1].at.Sub(last[0].at) < 20*time.Second {
					t.Errorf("Retry-After not kept: %+v", last)
				}
			}},
		{name: "503 with a long pause ends the run, and nothing is lost",
			site:  "-- / --\n<main>Welkom. <a href=/a>a</a> <a href=/b>b</a></main>\n-- /a --\n<main>A</main>\n-- /b --\n<main>B</main>\n",
			first: "/ /a /b", change: "-- /a --\n!status 503\n!header Retry-After: 7200\n-- /b --\n!never\n", same: "/", failed: "/a", wantErr: "come back in 2h"},
		{name: "429 that lasts is a failure of the page", site: linksToA + "-- /a --\n<main>A</main>\n", first: "/ /a",
			change: "-- /a --\n!status 429\n", same: "/", failed: "/a"},
	} {
		t.Run(tt.name, func(t *testing.T) { tt.run(t) })
	}
}

func (tt scenario) run(t *testing.T) {
	s, l := newSite(t, tt.site), newLedger()
	one := l.apply(t, s.source(func(o *Options) {
		if tt.edit != nil {
			tt.edit(o)
		}
		if strings.Contains(tt.name, "wider") {
			o.Allow = []string{o.Allow[0] + "a"}
		}
	}), 0)
	if one.Err != nil {
		t.Fatal(one.Err)
	}
	one.want(t, tt.first, "", "", "", "")
	s.forget()
	s.set(tt.change)
	if tt.remove != "" {
		s.remove(tt.remove)
	}
	two := l.apply(t, s.source(func(o *Options) {
		for _, edit := range []func(*Options){tt.edit, tt.second} {
			if edit != nil {
				edit(o)
			}
		}
	}), 0)
	two.want(t, tt.fresh, tt.changed, tt.same, tt.deleted, tt.failed)
	switch {
	case tt.wantErr == "" && two.Err != nil:
		t.Errorf("second run: %v", two.Err)
	case tt.wantErr != "" && (two.Err == nil || !strings.Contains(two.Err.Error(), tt.wantErr)):
		t.Errorf("second run: error %v, want %q", two.Err, tt.wantErr)
	}
	s.owns(l)
	if tt.check != nil {
		tt.check(t, s, two)
	}
	if other := s.requests("other"); len(other) > 0 {
		t.Errorf("requests outside the whitelist: %v", other)
	}
}
