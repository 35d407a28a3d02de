package crawl

import (
	"container/heap"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// item is an address to visit.
type item struct {
	url   string // as normalize gives it
	from  string
	depth int
	// trusted addresses come from the configuration, a sitemap or the index,
	// not from a link, and so not from a trap.
	trusted bool
	overdue float64 // see state.overdue; of pages that are visited by their history
	confirm bool    // nothing led to it any more: is it still there?
}

// frontier is the queue of a run, first in first out: breadth first; or, where
// pages are visited by their history, the most overdue first. Every address
// enters it once.
type frontier struct {
	opts     *Options
	queue    []item
	seen     map[string]bool
	variants map[string]int // queries seen, by path
	patterns map[string]int // paths seen, by their form without numbers
	byNeed   byNeed         // in the place of queue where pages are visited by their history
	order    int
	now      time.Time
}

func newFrontier(o *Options) *frontier {
	return &frontier{opts: o, seen: map[string]bool{}, variants: map[string]int{}, patterns: map[string]int{}, now: o.clock.now()}
}

// push queues an address, or says why not. An address that was pushed before
// is neither queued nor refused.
func (f *frontier) push(it item, u *url.URL) (refused string) {
	if f.seen[it.url] {
		return ""
	}
	if !it.trusted {
		if refused = f.trap(it, u); refused != "" {
			return refused
		}
	}
	f.seen[it.url] = true
	if f.opts.Adaptive {
		f.order++
		heap.Push(&f.byNeed, ranked{it, f.order})
		return ""
	}
	f.queue = append(f.queue, it)
	return ""
}

// inFront puts addresses in front of what is queued.
func (f *frontier) inFront(push func()) {
	queued := f.queue
	f.queue = nil
	push()
	f.queue = append(f.queue, queued...)
}

// lookAhead is how far into the queue pop looks for a host that can be asked.
const lookAhead = 200

// pop takes the address that is next; of another host if that one's is resting.
func (f *frontier) pop(ready func(address string) bool) (item, bool) {
	if f.opts.Adaptive {
		if len(f.byNeed) == 0 {
			return item{}, false
		}
		return heap.Pop(&f.byNeed).(ranked).item, true
	}
	if len(f.queue) == 0 {
		return item{}, false
	}
	next := 0
	for i := range min(len(f.queue), lookAhead) {
		if ready(f.queue[i].url) {
			next = i
			break
		}
	}
	it := f.queue[next]
	if next == 0 {
		f.queue = f.queue[1:]
	} else {
		f.queue = slices.Delete(f.queue, next, next+1)
	}
	return it, true
}

// ranked is an address with when it was queued.
type ranked struct {
	item
	order int
}

// byNeed is a heap: the most overdue first, then in the order of their queueing.
type byNeed []ranked

func (h byNeed) Len() int { return len(h) }
func (h byNeed) Less(i, j int) bool {
	if h[i].overdue != h[j].overdue {
		return h[i].overdue > h[j].overdue
	}
	return h[i].order < h[j].order
}
func (h byNeed) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

// Push is for the heap alone.
func (h *byNeed) Push(x any) { *h = append(*h, x.(ranked)) }

// Pop is for the heap alone.
func (h *byNeed) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// trap says why an address looks like one of endlessly many, "" if it does not.
func (f *frontier) trap(it item, u *url.URL) string {
	if it.depth > f.opts.MaxDepth {
		return fmt.Sprintf("more than %d links away from a start address", f.opts.MaxDepth)
	}
	if seg := repeated(u.Path); seg != "" {
		return fmt.Sprintf("the path repeats %q, as endless paths do", seg)
	}
	if why := calendar(u, f.now); why != "" {
		return why
	}
	form := u.Host + digits.ReplaceAllString(u.EscapedPath(), "0")
	if f.patterns[form] >= f.opts.MaxPattern {
		return fmt.Sprintf("more than %d addresses that differ from %s in their numbers only", f.opts.MaxPattern, u.EscapedPath())
	}
	f.patterns[form]++
	if u.RawQuery == "" {
		return ""
	}
	if n := strings.Count(u.RawQuery, "&") + 1; n > maxParameters {
		return fmt.Sprintf("a query of %d parameters, as the combinations of a filter have", n)
	}
	path := u.Host + u.EscapedPath()
	if f.variants[path] >= f.opts.MaxVariants {
		return fmt.Sprintf("more than %d different queries of %s", f.opts.MaxVariants, u.EscapedPath())
	}
	f.variants[path]++
	return ""
}

// repeated finds a segment that stands in a path more than three times. Short
// numbers may: they are dates.
func repeated(p string) string {
	count := map[string]int{}
	for _, seg := range strings.Split(p, "/") {
		if seg == "" || len(seg) <= 2 && strings.Trim(seg, "0123456789") == "" {
			continue
		}
		if count[seg]++; count[seg] > 3 {
			return seg
		}
	}
	return ""
}

// maxParameters is how many parameters the query of a link may have.
const maxParameters = 8

var (
	digits = regexp.MustCompile(`[0-9]+`)
	// A year, with a month where one follows, in a path or in a query.
	dated = regexp.MustCompile(`(?:^|[^0-9])((?:19|20)[0-9]{2})(?:[-/._]?(0[1-9]|1[0-2]))?(?:[^0-9]|$|[0-3][0-9])`)
)

// How far from today the pages of a calendar are followed.
const (
	calendarAhead = 400 * 24 * time.Hour
	calendarBack  = 2 * 366 * 24 * time.Hour
)

// calendar says why an address looks like a page of an endless calendar: a date
// far ahead in its last segments or its query, or one long past in the query of
// what calls itself a calendar. Dates long past in a path are archives, which
// end.
func calendar(u *url.URL, now time.Time) string {
	query := u.Query()
	for _, values := range query {
		for _, v := range values {
			if at, ok := dateIn(v); ok && len(v) <= len("2026-11-27T00:00:00") {
				if at.Sub(now) > calendarAhead || now.Sub(at) > calendarBack && calendarWord(u.Path, query) {
					return fmt.Sprintf("a date in %s, as the pages of an endless calendar have", at.Format("2006-01"))
				}
			}
		}
	}
	if !calendarWord(u.Path, nil) {
		return ""
	}
	if at, ok := dateIn(u.Path); ok && at.Sub(now) > calendarAhead {
		return fmt.Sprintf("a date in %s, as the pages of an endless calendar have", at.Format("2006-01"))
	}
	return ""
}

func calendarWord(path string, query url.Values) bool {
	text := strings.ToLower(path)
	for k := range query {
		text += " " + strings.ToLower(k)
	}
	for _, w := range []string{"agenda", "kalender", "calendar", "month", "maand", "week", "event", "evenement", "activiteit"} {
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

// dateIn is the first year, and month if there is one, in a text.
func dateIn(s string) (time.Time, bool) {
	m := dated.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	year, _ := strconv.Atoi(m[1])
	month := 1
	if m[2] != "" {
		month, _ = strconv.Atoi(m[2])
	}
	return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC), true
}
