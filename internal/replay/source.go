package replay

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// State is what became of a source since an answer was recorded.
type State string

// The states of a source.
const (
	Unchanged State = "unchanged"
	Changed   State = "changed"   // its document has another content now
	Withdrawn State = "withdrawn" // the index has its document no more
	Unknown   State = "unknown"   // the record does not say which document it is, or there is no index
)

// Source is a source of a recorded answer with what became of it.
type Source struct {
	N          int    `json:"n"`
	URL        string `json:"url"`
	Title      string `json:"title"`
	Collection string `json:"collection"`
	State      State  `json:"state"`
	// Quoted says that all that was quoted of it still stands in its document word
	// for word. It is true of a source that was not quoted, unless it is withdrawn.
	Quoted bool `json:"quoted"`
}

// Document is a document as the index has it now.
type Document struct {
	Digest   string             // "" if not known
	Passages []retrieve.Passage // none: it is withdrawn
}

// Sources says what became of the sources of a recorded answer. now looks a
// document up in the index; an error of it ends the comparison.
func Sources(rec answer.Record, now func(ingest.Ref) (Document, error)) ([]Source, error) {
	out := []Source{}
	for i, s := range rec.Answer.Sources {
		c := Source{N: s.N, URL: s.URL, Title: s.Title, Collection: s.Collection, State: Unknown}
		if rec.Basis != nil && i < len(rec.Basis.Documents) && rec.Basis.Documents[i].ID != "" {
			then := rec.Basis.Documents[i]
			doc, err := now(then.Ref())
			if err != nil {
				return nil, err
			}
			c.State = stateOf(s, then.Digest, doc)
			c.Quoted = c.State == Unchanged || c.State == Changed && quoted(rec.Answer, s.N, doc.Passages)
		}
		out = append(out, c)
	}
	return out, nil
}

func stateOf(s answer.Source, digest string, now Document) State {
	switch {
	case len(now.Passages) == 0:
		return Withdrawn
	case digest != "" && now.Digest != "" && digest != now.Digest:
		return Changed
	case !stands(s, now.Passages): // also where the document changed between the search and the record
		return Changed
	}
	return Unchanged
}

// stands reports whether the text of a source stands where it stood, however
// the document is cut into passages now. White space between passages belongs
// to none.
func stands(s answer.Source, now []retrieve.Passage) bool {
	same := make([]bool, len(s.Text))
	for _, p := range now {
		for at := max(p.Start, s.Start); at < min(p.End, s.End) && at-p.Start < len(p.Text) && at-s.Start < len(s.Text); at++ {
			if p.Text[at-p.Start] == s.Text[at-s.Start] {
				same[at-s.Start] = true
			}
		}
	}
	for i, r := range s.Text {
		if unicode.IsSpace(r) {
			continue
		}
		for j := range max(1, utf8.RuneLen(r)) {
			if i+j < len(same) && !same[i+j] {
				return false
			}
		}
	}
	return true
}

// quoted reports whether everything that was quoted of source n stands in a
// document.
func quoted(a *answer.Answer, n int, doc []retrieve.Passage) bool {
	for _, s := range a.Statements {
		for _, c := range s.Citations {
			if c.Source == n && !stillQuoted(c.Quote, doc) {
				return false
			}
		}
	}
	return true
}

func stillQuoted(quote string, doc []retrieve.Passage) bool {
	for _, p := range doc {
		if strings.Contains(p.Text, quote) {
			return true
		}
	}
	return false
}
