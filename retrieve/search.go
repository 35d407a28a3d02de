package retrieve

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/embed"
)

// Mode chooses the methods of a search.
type Mode string

// The modes.
const (
	Hybrid  Mode = "hybrid"
	Dense   Mode = "dense"
	Lexical Mode = "lexical"
)

// Searcher finds passages for a question by meaning and by words.
type Searcher struct {
	Store    Store
	Embedder embed.Embedder
	// Analyzer gives the analysis that belongs to the index now: it can change
	// while the program runs, when another process has written a new lexicon.
	Analyzer func(context.Context) (Analyzer, error)
	Fusion   Fusion
}

// Result is what a search found, best first, and how long it took.
type Result struct {
	Candidates      []Candidate
	Analyzer        Analyzer // that belongs to the index as it was searched
	Terms           Terms    // of the question
	Embed, Retrieve time.Duration
}

// Search returns the best passages for a text, at most sel.Limit.
func (s *Searcher) Search(ctx context.Context, text string, mode Mode, sel Selection) (Result, error) {
	var r Result
	analyzer, err := s.Analyzer(ctx)
	if err != nil {
		return r, err
	}
	r.Analyzer, r.Terms = analyzer, analyzer.Query(text)
	deep := sel
	deep.Limit = max(sel.Limit, s.Fusion.Depth)
	var dense, lexical []Hit
	if mode != Lexical {
		start := time.Now()
		v, err := s.Embedder.Embed(ctx, embed.Query, []string{text})
		if err != nil {
			return r, fmt.Errorf("embed the question: %w", err)
		}
		r.Embed = time.Since(start)
		start = time.Now()
		if dense, err = s.Store.Nearest(ctx, v[0], deep); err != nil {
			return r, fmt.Errorf("search by meaning: %w", err)
		}
		r.Retrieve += time.Since(start)
	}
	start := time.Now()
	if mode != Dense {
		if lexical, err = s.Store.Match(ctx, r.Terms, deep); err != nil {
			return r, fmt.Errorf("search by words: %w", err)
		}
	}
	f := s.Fusion
	switch mode {
	case Dense:
		f.DenseWeight = 1
	case Lexical:
		f.DenseWeight = 0
	}
	r.Candidates = Fuse(dense, lexical, f)
	if len(r.Candidates) > sel.Limit {
		r.Candidates = r.Candidates[:sel.Limit]
	}
	r.Retrieve += time.Since(start)
	return r, nil
}

// Searchable is the text of a passage as it is embedded: with the title and
// headings it stands under and the context it needs. The title is cut, so that
// a long one leaves room for the text.
func (p *Passage) Searchable() string {
	const maxTitle = 300 // bytes
	var b strings.Builder
	line := func(s string) {
		if s = strings.TrimSpace(s); s != "" {
			b.WriteString(s)
			b.WriteByte('\n')
		}
	}
	line(truncate(p.Title, maxTitle))
	var path []string
	for _, h := range p.Heading {
		if h != p.Title {
			path = append(path, h)
		}
	}
	line(truncate(strings.Join(path, " > "), maxTitle))
	line(p.Context)
	b.WriteString(p.Text)
	return b.String()
}

// truncate cuts s to at most n bytes at a space.
func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	if i := strings.LastIndexByte(s[:n], ' '); i > 0 {
		return s[:i]
	}
	return strings.ToValidUTF8(s[:n], "")
}
