package crawl

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

const revisited = `
-- / --
<main>Welkom <a href=/rustig>r</a> <a href=/druk>d</a></main>
-- /rustig --
<main>Rustig <a href=/diep>d</a></main>
-- /druk --
<main>Druk 0</main>
-- /diep --
<main>Diep</main>
`

// A page that changes often is asked for more often than one that never does,
// and a run over pages that are not due asks for next to nothing.
func TestPagesAreVisitedByTheirHistory(t *testing.T) {
	s := newSite(t, revisited)
	src := s.source(func(o *Options) { o.Adaptive = true })
	l := newLedger()
	l.apply(t, src, 0).want(t, "/ /diep /druk /rustig", "", "", "", "")
	s.forget()
	now := l.apply(t, src, 0)
	now.want(t, "", "", "/", "", "")
	if got := strings.Join(s.requests("site"), " "); got != "/robots.txt / /sitemap.xml" {
		t.Errorf("a run right after asked %s", got)
	}
	asked := map[string]int{}
	for hour := 1; hour <= 24*14; hour++ {
		s.clock.t = s.clock.t.Add(time.Hour)
		s.set(fmt.Sprintf("-- /druk --\n<main>Druk %d</main>\n", hour))
		s.forget()
		l.apply(t, src, 0)
		for _, p := range s.requests("site") {
			asked[p]++
		}
	}
	// Within two weeks: once an hour from the fifth visit on; after 1, 1.5, 2.25,
	// 3.4 and 5.1 days.
	if asked["/druk"] < 250 || asked["/rustig"] < 3 || asked["/rustig"] > 6 || asked["/diep"] != asked["/rustig"] {
		t.Errorf("asked %v", asked)
	}
	if text := l.indexed()["/druk"]; !strings.HasPrefix(text, "Druk 3") {
		t.Errorf("the index has %q", text)
	}
}

// With a budget, the pages that are most overdue go first, and what is left out
// is neither gone nor forgotten.
func TestBudgetGoesToTheMostOverdue(t *testing.T) {
	archive := "-- / --\n<main>Welkom</main>\n-- /sitemap.xml --\n<urlset>"
	for i := range 20 {
		archive += fmt.Sprintf("<url><loc>{site}/p%02d</loc></url>", i)
	}
	archive += "</urlset>\n"
	for i := range 20 {
		archive += fmt.Sprintf("-- /p%02d --\n<main>Pagina %d</main>\n", i, i)
	}
	s := newSite(t, archive)
	src := s.source(func(o *Options) { o.Adaptive, o.MaxPages = true, 6 })
	l := newLedger()
	for run := 1; run <= 4; run++ {
		got := l.apply(t, src, 0)
		if len(got.Deleted)+len(got.Failed) > 0 || len(got.New) != min(6, 21-(run-1)*5) && len(got.New) != 5 && run < 4 {
			t.Fatalf("run %d: %+v", run, got)
		}
	}
	if n := len(l.indexed()); n != 21 {
		t.Fatalf("%d pages after four runs", n)
	}
	s.clock.t = s.clock.t.Add(25 * time.Hour)
	seen := map[string]bool{}
	for range 4 {
		s.forget()
		l.apply(t, src, 0)
		for _, p := range s.requests("site") {
			if strings.HasPrefix(p, "/p") {
				if seen[p] {
					t.Errorf("%s was asked twice before others were", p)
				}
				seen[p] = true
			}
		}
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 pages were visited again", len(seen))
	}
}

// A page that nothing leads to any more is asked for at once, due or not; one
// that is still there after that waits its turn.
func TestVanishedPagesAreDue(t *testing.T) {
	for name, archive := range map[string]string{"200": revisited, "304": strings.ReplaceAll(revisited, "/druk --\n<", "/druk --\n!etag\n<")} {
		t.Run("they answer "+name, func(t *testing.T) { vanish(t, archive) })
	}
}

func vanish(t *testing.T, archive string) {
	s := newSite(t, archive)
	src := s.source(func(o *Options) { o.Adaptive = true })
	l := newLedger()
	l.apply(t, src, 0)
	s.set("-- / --\n<main>Welkom <a href=/rustig>r</a></main>\n")
	s.forget()
	l.apply(t, src, 0).want(t, "", "/", "/druk", "", "")
	s.forget()
	l.apply(t, src, 0)
	if got := strings.Join(s.requests("site"), " "); strings.Contains(got, "/druk") {
		t.Errorf("asked again: %s", got)
	}
	s.set("-- / --\n<main>Welkom</main>\n")
	s.remove("/rustig")
	s.remove("/diep")
	l.apply(t, src, 0).want(t, "", "/", "", "/diep /rustig", "")
}

// A date in the sitemap after the last visit makes a page due; one in the future
// says nothing.
func TestSitemapMakesPagesDue(t *testing.T) {
	page := "-- / --\n<main>Welkom</main>\n-- /a --\n<main>A</main>\n-- /b --\n<main>B</main>\n"
	sitemap := func(a, b string) string {
		return fmt.Sprintf("-- /sitemap.xml --\n<urlset><url><loc>{site}/a</loc><lastmod>%s</lastmod></url><url><loc>{site}/b</loc><lastmod>%s</lastmod></url></urlset>\n", a, b)
	}
	s := newSite(t, page+sitemap("2026-11-01", "2031-01-01"))
	src := s.source(func(o *Options) { o.Adaptive = true })
	l := newLedger()
	l.apply(t, src, 0)
	s.clock.t = s.clock.t.Add(2 * time.Hour)
	s.set(sitemap(s.clock.t.Add(-time.Hour).Format(time.RFC3339), "2031-01-01"))
	s.forget()
	l.apply(t, src, 0).want(t, "", "", "/ /a", "", "")
}

// A page that asks to leave the index at a moment is due then, however long it
// would be left alone.
func TestPagesLeaveWhenTheyAsk(t *testing.T) {
	s := newSite(t, linksToA+"-- /a --\n!etag\n<meta name=robots content='unavailable_after: 2026-11-02T12:00:00Z'><main>A</main>\n")
	src := s.source(func(o *Options) { o.Adaptive = true })
	l := newLedger()
	l.apply(t, src, 0)
	for hour, deleted := range []string{"", "", "", "", "/a"} {
		s.clock.t = time.Date(2026, 11, 2, 8+hour, 30, 0, 0, time.UTC)
		l.apply(t, src, 0).want(t, "", "", "/", deleted, "")
	}
}
