package koop

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// sruState is what a later run must know of a document. It is kept with it, as
// JSON.
type sruState struct {
	Print string `json:"print,omitempty"` // of the record whose text is indexed, see fingerprint
	// Unusable: no manifestation of the record could be read; only another
	// record is worth a new attempt.
	Unusable      bool   `json:"unusable,omitempty"`
	Manifestation string `json:"man,omitempty"`
	Reason        string `json:"why,omitempty"` // why no better one was used
	URL           string `json:"url,omitempty"` // it was read from
	// Awaited: a paper of which the XML is still to come.
	Awaited bool   `json:"awaited,omitempty"`
	Scope   string `json:"scope,omitempty"`  // selection in which it was met last
	Checked int64  `json:"checked"`          // when it was last asked for, Unix seconds
	Misses  int    `json:"misses,omitempty"` // times in a row that it was not found
	Parent  string `json:"parent,omitempty"` // of an external attachment: the publication that names it
}

// parseSRUState reads a state; the zero state if there is none or it is
// damaged, which costs one full request.
func parseSRUState(s string) sruState {
	var st sruState
	if s == "" || json.Unmarshal([]byte(s), &st) != nil {
		return sruState{}
	}
	return st
}

func (st sruState) String() string {
	b, err := json.Marshal(st)
	if err != nil { // strings and numbers always marshal
		return ""
	}
	return string(b)
}

// met is the state of a document that the service still has.
func (st sruState) met(scope string, now time.Time) sruState {
	st.Scope, st.Checked, st.Misses = scope, now.Unix(), 0
	return st
}

// due reports whether a document has to be asked for.
func (st sruState) due(e ingest.Entry, scope string, recheck time.Duration, now time.Time) bool {
	age := now.Sub(time.Unix(st.Checked, 0))
	switch {
	case st.Scope != scope:
		return true
	case st.Misses > 0 || st.Awaited:
		return age >= min(soon, recheck)
	case e.Failure != "" && !st.Unusable:
		return true
	}
	return age >= recheck
}

// failed reports whether the file of a document could not be fetched the last
// time.
func (st sruState) failed(e ingest.Entry) bool {
	return e.Failure != "" && st.Print == "" && !st.Unusable
}

// fingerprint changes when the record or its files do: the repository stamps
// every change. Without a stamp it is made of all there is.
func (r record) fingerprint(version string) string {
	if r.Timestamp != "" {
		return version + "|" + r.Timestamp + "|" + r.first("modified")
	}
	h := fnv.New64a()
	var names []string
	for name := range r.Fields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		fmt.Fprintf(h, "%s=%q\n", name, r.Fields[name])
	}
	fmt.Fprintf(h, "%q %q %s", r.Items, r.Links, r.URL)
	return strings.Join([]string{version, strconv.FormatUint(h.Sum64(), 36)}, "|")
}
