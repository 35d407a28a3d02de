package crawl

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// How long a page is left alone between two visits, where pages are visited by
// their history. A page begins in the middle; what was found there moves it
// towards one of the ends.
const (
	shortestRevisit = time.Hour
	firstRevisit    = 24 * time.Hour
	longestRevisit  = 7 * 24 * time.Hour
)

// nextInterval is how long to leave a page alone that was left alone for the
// interval before: half of it if the page had changed, one and a half times
// where it had not.
func nextInterval(before time.Duration, changed bool) time.Duration {
	switch {
	case before <= 0:
		return firstRevisit
	case changed:
		return max(before/2, shortestRevisit)
	}
	return min(before*3/2, longestRevisit)
}

// wait is how long a page is left alone after its last visit. One that could not
// be read is tried again soon, and then after twice as long each time; its
// interval stays for when it can be read.
func (st state) wait() time.Duration {
	if st.Failures > 0 {
		return min(shortestRevisit<<min(st.Failures-1, 10), longestRevisit)
	}
	return time.Duration(st.Interval) * time.Second
}

// due is when a page is to be visited next: after its interval, or when it has
// asked to leave the index, if that comes first. The zero time where no visit is noted.
func (st state) due() time.Time {
	if st.Visited == 0 {
		return time.Time{}
	}
	due := time.Unix(st.Visited, 0).Add(st.wait())
	if left := st.until().Add(time.Second); st.Until >= st.Visited && left.Before(due) {
		return left
	}
	return due
}

// overdue is by how many of its intervals a page is late; below 0 it is not due.
// A page that was never visited counts as one interval late, so that neither new
// pages nor the ones that change often push the others aside; nor do those that
// fail, which count as one interval late at most.
func (st state) overdue(now time.Time) float64 {
	if st.Visited == 0 || st.wait() <= 0 {
		return 1
	}
	late := now.Sub(st.due()).Seconds() / st.wait().Seconds()
	if st.Failures > 0 {
		return min(late, 1)
	}
	return late
}

// visitedNow notes in a state that the page was visited.
func (r *run) visitedNow(st *state, old state, changed bool) {
	if !r.s.opts.Adaptive {
		return
	}
	st.Visited = r.f.clock.now().Unix()
	st.Interval = int64(nextInterval(time.Duration(old.Interval)*time.Second, changed).Seconds())
}

// failedNow is the state of a page that could not be read, "" where pages are
// not visited by their history.
func (r *run) failedNow(at *url.URL, from string, e ingest.Entry) string {
	if !r.s.opts.Adaptive {
		return ""
	}
	st := parseState(e.State)
	st.URL, st.From, st.Scope = orWord(st.URL, at.String()), from, r.s.scope
	st.Visited = r.f.clock.now().Unix()
	st.Failures++
	return st.String()
}

// expect queues the known pages that are due, so that the most overdue ones
// come first, however many links away they are.
func (r *run) expect(ctx context.Context) error {
	if !r.s.opts.Adaptive {
		return nil
	}
	for e, err := range r.mem.Entries(ctx) {
		if err != nil {
			return fmt.Errorf("read what is indexed: %w", err)
		}
		st := parseState(e.State)
		if st.URL == "" || e.Digest == "" || r.notDue(e, st) {
			continue
		}
		if u, err := url.Parse(st.URL); err == nil && r.s.white.allows(u) && r.visited[st.URL] == pending {
			r.frontier.push(item{url: st.URL, from: orWord(st.From, "index"), depth: 1, trusted: true, overdue: st.overdue(r.f.clock.now())}, u)
		}
	}
	return nil
}

// notDue reports whether a document need not be asked for in this run. It was
// visited as we read now, and its time has not come, by its history or by the
// sitemap.
func (r *run) notDue(e ingest.Entry, st state) bool {
	noted := e.Failure == "" && e.Digest != "" || e.Failure != "" && st.Failures > 0
	return r.s.opts.Adaptive && !r.s.opts.Full && noted && st.Scope == r.s.scope &&
		st.Visited > 0 && r.f.clock.now().Before(st.due()) && !r.lastmod[st.URL].After(time.Unix(st.Visited, 0))
}

// rest passes over a page that is not due. Its links are those of the last
// visit; nothing is said of the document, whose confirmation is as old as it was.
func (r *run) rest(it item, u *url.URL, id string, st state) step {
	r.links(unpackLinks(u, st.Links), it, u)
	r.emitted[id] = true
	r.rested++
	if st.Failures > 0 {
		return step{result: failed, id: id, reason: notDueYet}
	}
	return step{result: indexed, id: id, reason: notDueYet}
}

const notDueYet = "it is not due yet"
