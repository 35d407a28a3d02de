package crawl

import (
	"container/heap"
	"fmt"
	"net/url"
	"regexp"
	"slices"
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
	variants map[string]int  // queries seen, by path
	patterns map[string]int  // paths seen, by their form without numbers
	failing  map[string]bool // addresses that could not be read the last time
	last     []item          // what waits of those
	byNeed   byNeed          // in the place of queue where pages are visited by their history
	order    int
	now      time.Time
}

func newFrontier(o *Options) *frontier {
	return &frontier{opts: o, seen: map[string]bool{}, failing: map[string]bool{}, variants: map[string]int{}, patterns: map[string]int{}, now: o.clock.now()}
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
	if f.failing[it.url] {
		f.last = append(f.last, it)
		return ""
	}
	f.queue = append(f.queue, it)
	return ""
}

// retry queues what failed the last time, when all else is done: if it still
// fails, and the host is then left alone, it holds nothing up.
func (f *frontier) retry() { f.queue, f.last, f.failing = append(f.queue, f.last...), nil, nil }

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
	path := u.Host + u.EscapedPath()
	if u.RawQuery != "" {
		if n := strings.Count(u.RawQuery, "&") + 1; n > maxParameters {
			return fmt.Sprintf("a query of %d parameters, as the combinations of a filter have", n)
		}
		if f.variants[path] >= f.opts.MaxVariants {
			return fmt.Sprintf("more than %d different queries of %s", f.opts.MaxVariants, u.EscapedPath())
		}
		f.variants[path]++
	}
	f.patterns[form]++ // of what is followed only: a link that is refused is met on many pages
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

var digits = regexp.MustCompile(`[0-9]+`)
