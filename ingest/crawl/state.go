package crawl

import (
	"encoding/json"
	"net/url"
	"strings"
	"time"
)

// state is what a run needs to know of a page from the run before. It is kept
// with the document, as JSON.
type state struct {
	URL          string   `json:"url"` // that was requested; the document's ID unless it names another as canonical
	ETag         string   `json:"etag,omitempty"`
	LastModified string   `json:"last_modified,omitempty"`
	Scope        string   `json:"scope,omitempty"` // what the links were filtered by, and how the page was read
	From         string   `json:"from,omitempty"`  // where it was first found: a page, "start", "sitemap"
	Via          []string `json:"via,omitempty"`   // addresses that redirected to it
	// When it was last visited, Unix seconds, and for how many seconds it is then
	// left alone; 0 where pages are not visited by their history.
	Visited  int64 `json:"visited,omitempty"`
	Interval int64 `json:"interval,omitempty"`
	// How often in a row it could then not be read; what else is here is of the
	// last time that it could.
	Failures int `json:"failures,omitempty"`
	// After which the page asks not to be indexed, Unix seconds; 0 for never.
	Until int64 `json:"until,omitempty"`
	// Other languages of the page: "en https://…".
	Alternates []string `json:"alternates,omitempty"`
	// Links of the page that may be followed, so that a page that answers
	// "not modified" still leads on. Those on the same host have no host.
	Links []string `json:"links,omitempty"`
}

// parseState reads a state; the zero state if there is none or it is damaged,
// which costs one full request.
func parseState(s string) state {
	var st state
	if s == "" || json.Unmarshal([]byte(s), &st) != nil {
		return state{}
	}
	return st
}

func (st state) String() string {
	b, err := json.Marshal(st)
	if err != nil { // strings always marshal
		return ""
	}
	return string(b)
}

// validators reports whether a conditional request can be made with it.
func (st state) validators() bool { return st.ETag != "" || st.LastModified != "" }

// until is when the page asked to leave the index; the zero time for never.
func (st state) until() time.Time {
	if st.Until == 0 {
		return time.Time{}
	}
	return time.Unix(st.Until, 0)
}

// packLinks shortens links on the host of base, which on most pages are all.
func packLinks(base *url.URL, links []string) []string {
	root := base.Scheme + "://" + base.Host
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = l
		if rest, ok := strings.CutPrefix(l, root+"/"); ok && !strings.HasPrefix(rest, "/") {
			out[i] = "/" + rest
		}
	}
	return out
}

// unpackLinks undoes packLinks.
func unpackLinks(base *url.URL, links []string) []string {
	root := base.Scheme + "://" + base.Host
	out := make([]string, len(links))
	for i, l := range links {
		out[i] = l
		if strings.HasPrefix(l, "/") {
			out[i] = root + l
		}
	}
	return out
}
