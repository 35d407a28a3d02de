// Package retrieve finds passages. It owns what a stored passage is, who may
// read it (Scope), the contract of a Store, the Dutch lexical analysis and the
// fusion of dense and lexical results, so that ranking is the same on every
// store. It never fetches, embeds documents or generates text.
package retrieve

import (
	"errors"
	"slices"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/embed"
)

// Info is what every passage knows of its document.
type Info struct {
	URL, Title, Language                       string
	Published, Modified, ValidFrom, ValidUntil time.Time
	Meta                                       map[string]string
}

// Passage is a chunk with what is known of its document.
type Passage struct {
	chunk.Chunk
	Info
}

// Term is one token of the lexical analysis with its weight: in a passage the
// saturated BM25 term frequency, in a question how much the term counts. A
// store multiplies both with the inverse document frequency.
type Term struct {
	Token  string
	Weight float32
}

// Terms are sorted by token, each token once: a sparse vector.
type Terms []Term

// Record is a passage as it is written to a store.
type Record struct {
	Passage
	Vector embed.Vector
	Terms  Terms
}

// Hit is a passage that was found, with the score of the method that found it:
// cosine for Nearest, BM25 for Match, the fused score for a Searcher.
type Hit struct {
	Passage
	Score float64
}

// Scope is the set of collections somebody may read. The zero Scope reads
// nothing.
type Scope struct{ collections []string }

// NewScope returns the scope of the named collections.
func NewScope(collections ...string) Scope {
	c := slices.Clone(collections)
	slices.Sort(c)
	return Scope{slices.Compact(c)}
}

// Allows reports whether the scope may read the collection.
func (s Scope) Allows(collection string) bool {
	_, ok := slices.BinarySearch(s.collections, collection)
	return ok
}

// Collections lists the collections of the scope, sorted.
func (s Scope) Collections() []string { return slices.Clone(s.collections) }

// Narrow returns the part of the scope that is also named; names outside the
// scope are ignored, so narrowing never widens. No names leave it as it is.
func (s Scope) Narrow(collections ...string) Scope {
	if len(collections) == 0 {
		return s
	}
	var out []string
	for _, c := range collections {
		if s.Allows(c) {
			out = append(out, c)
		}
	}
	return NewScope(out...)
}

// Selection bounds a search. It is applied inside the search, never after the
// best k were taken.
type Selection struct {
	Scope Scope
	Limit int // at most this many hits; 0 or less gives none
	// AsOf leaves out passages that were published or valid only after it, or
	// valid only until before it. The zero time leaves nothing out.
	AsOf time.Time
	// Filter leaves out documents without its properties.
	Filter Filter
}

// Allows reports whether a passage is inside the selection.
func (s Selection) Allows(p *Passage) bool {
	return s.Scope.Allows(p.Doc.Collection) && s.Filter.Allows(&p.Info) && (s.AsOf.IsZero() ||
		!p.Published.After(s.AsOf) && !p.ValidFrom.After(s.AsOf) &&
			(p.ValidUntil.IsZero() || !p.ValidUntil.Before(s.AsOf)))
}

// Errors a store or searcher returns; test with errors.Is.
var (
	ErrNoRecords  = errors.New("no passages given: to remove a document use Delete")
	ErrDimensions = errors.New("vector has another number of dimensions than the index")
	ErrLeased     = errors.New("held by another process")
)
