package retrieve

import (
	"context"
	"fmt"
	"slices"
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
	Text            string // that was searched for; see Analyzer.Repair
	Candidates      []Candidate
	Analyzer        Analyzer // that belongs to the index as it was searched
	Terms           Terms    // of the question
	Embed, Retrieve time.Duration
}

// Search returns the best passages for a text, at most sel.Limit.
func (s *Searcher) Search(ctx context.Context, text string, mode Mode, sel Selection) (r Result, err error) {
	analyzer, err := s.Analyzer(ctx)
	if err != nil {
		return r, err
	}
	text = analyzer.Repair(text)
	r.Text, r.Analyzer, r.Terms = text, analyzer, analyzer.Query(text)
	var v embed.Vector
	if mode != Lexical {
		start := time.Now()
		vs, err := s.Embedder.Embed(ctx, embed.Query, []string{text})
		if err != nil {
			return r, fmt.Errorf("embed the question: %w", err)
		}
		v, r.Embed = vs[0], time.Since(start)
	}
	start := time.Now()
	defer func() { r.Retrieve = time.Since(start) }()
	named, err := s.named(ctx, text, v, r.Terms, sel)
	if err != nil {
		return r, err
	}
	if r.Candidates, err = s.ranked(ctx, v, r.Terms, mode, sel); err != nil {
		return r, err
	}
	if len(named) > 0 {
		first := map[string]bool{}
		for _, c := range named {
			first[c.ID] = true
		}
		rest := slices.DeleteFunc(r.Candidates, func(c Candidate) bool { return first[c.ID] })
		r.Candidates = append(named, rest...)
	}
	if len(r.Candidates) > sel.Limit {
		r.Candidates = r.Candidates[:sel.Limit]
	}
	return r, nil
}

// maxDepth is how deep a search goes where copies of few texts fill its hits.
const maxDepth = 6400

// ranked is the fused ranking. Where one text on hundreds of pages takes the place
// of others, or hides how often it stands there, it looks deeper.
func (s *Searcher) ranked(ctx context.Context, v embed.Vector, terms Terms, mode Mode, sel Selection) (cs []Candidate, err error) {
	f := s.Fusion
	switch mode {
	case Dense:
		f.DenseWeight = 1
	case Lexical:
		f.DenseWeight = 0
	}
	for depth := max(sel.Limit, f.Depth); ; depth *= 4 {
		deep := sel
		deep.Limit = depth
		var dense, lexical []Hit
		if mode != Lexical {
			if dense, err = s.Store.Nearest(ctx, v, deep); err != nil {
				return nil, fmt.Errorf("search by meaning: %w", err)
			}
		}
		if mode != Dense {
			if lexical, err = s.Store.Match(ctx, terms, deep); err != nil {
				return nil, fmt.Errorf("search by words: %w", err)
			}
		}
		cs = Fuse(dense, lexical, f)
		more := len(dense) == depth || len(lexical) == depth
		if !more || depth >= maxDepth || !crowded(cs, sel.Limit, depth) {
			return cs, nil
		}
	}
}

// crowded reports whether copies leave too few different passages, or one of the
// best has so many that there may be more.
func crowded(cs []Candidate, limit, depth int) bool {
	if len(cs) < limit {
		return true
	}
	for _, c := range cs[:min(len(cs), 5)] {
		if 4*len(c.Also) > depth {
			return true
		}
	}
	return false
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
