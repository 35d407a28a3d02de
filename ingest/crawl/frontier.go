package crawl

import (
	"fmt"
	"net/url"
	"strings"
)

// item is an address to visit.
type item struct {
	url   string // as normalize gives it
	from  string
	depth int
	// trusted addresses come from the configuration, a sitemap or the index,
	// not from a link, and so not from a trap.
	trusted bool
}

// frontier is the queue of a run, first in first out: breadth first. Every
// address enters it once.
type frontier struct {
	opts     *Options
	queue    []item
	seen     map[string]bool
	variants map[string]int // queries seen, by path
}

func newFrontier(o *Options) *frontier {
	return &frontier{opts: o, seen: map[string]bool{}, variants: map[string]int{}}
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
	f.queue = append(f.queue, it)
	return ""
}

// pop takes the address that waits longest.
func (f *frontier) pop() (item, bool) {
	if len(f.queue) == 0 {
		return item{}, false
	}
	it := f.queue[0]
	f.queue = f.queue[1:]
	return it, true
}

// trap says why an address looks like one of endlessly many, "" if it does not.
func (f *frontier) trap(it item, u *url.URL) string {
	if it.depth > f.opts.MaxDepth {
		return fmt.Sprintf("more than %d links away from a start address", f.opts.MaxDepth)
	}
	if seg := repeated(u.Path); seg != "" {
		return fmt.Sprintf("the path repeats %q, as endless paths do", seg)
	}
	if u.RawQuery == "" {
		return ""
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
