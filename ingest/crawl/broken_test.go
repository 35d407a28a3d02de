package crawl

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// section is n pages below a name, and the links to them.
func section(name string, n int, text string) (links, pages string) {
	for i := range n {
		links += fmt.Sprintf("<a href=/%s%d>x</a> ", name, i)
		pages += fmt.Sprintf("-- /%s%d --\n%s %d</main>\n", name, i, text, i)
	}
	return links, pages
}

// Pages that always fail cost the others nothing: those are read, and leave when
// they are gone.
func TestBrokenPagesDoNotStopTheSite(t *testing.T) {
	for _, adaptive := range []bool{true, false} {
		for _, n := range []int{maxFailures, 25} {
			t.Run(fmt.Sprintf("adaptive %v, %d pages", adaptive, n), func(t *testing.T) {
				links, works := section("kapot", n, "<main>K")
				_, broken := section("kapot", n, "!status 500\n<main>K")
				s := newSite(t, "-- / --\n<main>Welkom "+links+"<a href=/nieuws>n</a></main>\n-- /nieuws --\n<main>N</main>\n"+works)
				src := s.source(func(o *Options) { o.Adaptive = adaptive })
				l := newLedger()
				l.apply(t, src, 0)
				s.set(broken)
				for day := range 5 {
					s.clock.t = s.clock.t.Add(24 * time.Hour)
					s.set(fmt.Sprintf("-- /nieuws --\n<main>Nieuws %d</main>\n", day))
					if got := l.apply(t, src, 0); got.Err != nil || strings.Join(got.Changed, " ") != "/nieuws" || len(got.Failed) != n {
						t.Fatalf("day %d: changed %v, %d failed, %v", day, got.Changed, len(got.Failed), got.Err)
					}
				}
				s.clock.t = s.clock.t.Add(24 * time.Hour)
				s.remove("/nieuws")
				if got := l.apply(t, src, 0); strings.Join(got.Deleted, " ") != "/nieuws" {
					t.Errorf("deleted %v", got.Deleted)
				}
			})
		}
	}
}

// However many fail, those that failed before come last, after what nothing
// leads to any more; then the host is left alone.
func TestPagesThatFailedComeLast(t *testing.T) {
	n := (maxProofs + 2) * maxFailures
	links, broken := section("kapot", n, "!status 500\n<main>K")
	s := newSite(t, "-- / --\n<main>Welkom <a href=/weg>w</a>"+links+"<a href=/nieuws>n</a></main>\n-- /nieuws --\n<main>N</main>\n-- /weg --\n<main>W</main>\n"+broken)
	src, l := s.source(nil), newLedger()
	one := l.apply(t, src, 0)
	one.want(t, "/ /weg", "", "", "", strings.Join(one.Failed, " "))
	if one.Err == nil || len(one.Failed) != (maxProofs+1)*maxFailures {
		t.Errorf("%d failed, %v", len(one.Failed), one.Err)
	}
	s.set("-- / --\n<main>Welkom " + links + "<a href=/nieuws>n</a></main>\n")
	s.remove("/weg")
	two := l.apply(t, src, 0)
	two.want(t, "/nieuws", "/", "", "/weg", strings.Join(two.Failed, " "))
}

// Within a budget, pages that fail wait for ever longer, and come back when they
// can be read.
func TestFailuresWaitTheirTurn(t *testing.T) {
	bad, works := section("kapot", 5, "<main>K")
	good, pages := section("goed", 5, "<main>G")
	_, broken := section("kapot", 5, "!status 500\n<main>K")
	s := newSite(t, "-- / --\n<main>Welkom "+bad+good+"</main>\n"+works+pages)
	src := s.source(func(o *Options) { o.Adaptive, o.MaxPages = true, 6 })
	l := newLedger()
	l.apply(t, src, 0)
	l.apply(t, src, 0)
	s.set(broken)
	s.forget()
	for range 60 {
		s.clock.t = s.clock.t.Add(24 * time.Hour)
		l.apply(t, src, 0)
	}
	asked := map[string]int{}
	for _, p := range s.requests("site") {
		asked[p]++
	}
	if asked["/goed0"] < 8 || asked["/goed4"] < 8 || asked["/kapot0"] < 5 || asked["/kapot0"] > 15 {
		t.Errorf("asked %v", asked)
	}
	s.set(works)
	s.clock.t = s.clock.t.Add(longestRevisit)
	for range 3 {
		l.apply(t, src, 0)
	}
	for id, e := range l.entries {
		if e.Failure != "" {
			t.Errorf("%s is still unread: %s", id, e.Failure)
		}
	}
}

// One failure is tried again soon, and does not change how often a page is asked
// for when it works.
func TestOneFailureIsTriedAgainSoon(t *testing.T) {
	st := state{Visited: 1000, Interval: int64(longestRevisit.Seconds())}
	for n, want := range []time.Duration{longestRevisit, time.Hour, 2 * time.Hour, 4 * time.Hour} {
		if st.Failures = n; st.wait() != want {
			t.Errorf("after %d failures it waits %v, want %v", n, st.wait(), want)
		}
	}
	if st.Failures = 1000; st.wait() != longestRevisit {
		t.Errorf("at most %v", st.wait())
	}
	if late := st.overdue(time.Unix(1000, 0).Add(365 * 24 * time.Hour)); late > 1 {
		t.Errorf("it is %v overdue, and pushes others aside", late)
	}
}
