package retrieve

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/embed"
)

const (
	namedDepth    = 50 // passages looked at in a document that is named
	namedPassages = 5  // of one that come first
)

// named finds the passages of the documents that a question names. What the index
// does not have is left to the ordinary search: nothing is made up.
func (s *Searcher) named(ctx context.Context, text string, v embed.Vector, terms Terms, sel Selection) ([]Candidate, error) {
	var out []Candidate
	seen := map[string]bool{}
	for _, m := range Mentions(text) {
		f, ok := sel.Filter.and(m.Filter)
		if !ok {
			continue
		}
		deep := sel
		deep.Limit, deep.Filter = namedDepth, f
		found, err := s.both(ctx, v, terms, deep)
		if err != nil {
			return nil, err
		}
		if len(m.Filter.Laws) > 0 {
			found = bestLaw(found, m.Filter.Laws)
		}
		if m.Article != "" {
			if found, err = s.article(ctx, found, m.Article, sel); err != nil {
				return nil, err
			}
		}
		n := 0
		for _, c := range found {
			if !seen[c.ID] && n < namedPassages {
				seen[c.ID] = true
				n++
				c.Named, c.Score = true, 1
				out = append(out, c)
			}
		}
	}
	return out, nil
}

// both searches by meaning, where there is a vector, and by words.
func (s *Searcher) both(ctx context.Context, v embed.Vector, terms Terms, sel Selection) ([]Candidate, error) {
	var dense, lexical []Hit
	var err error
	if v != nil {
		if dense, err = s.Store.Nearest(ctx, v, sel); err != nil {
			return nil, fmt.Errorf("search by meaning: %w", err)
		}
	}
	if lexical, err = s.Store.Match(ctx, terms, sel); err != nil {
		return nil, fmt.Errorf("search by words: %w", err)
	}
	return Fuse(dense, lexical, s.Fusion), nil
}

// and is the filter that meets both; false where they ask for the same property.
func (f Filter) and(g Filter) (Filter, bool) {
	for _, p := range []struct{ to, from *[]string }{
		{&f.Dossiers, &g.Dossiers}, {&f.Sessions, &g.Sessions}, {&f.Kinds, &g.Kinds}, {&f.Authors, &g.Authors}, {&f.Identifiers, &g.Identifiers}, {&f.Laws, &g.Laws},
	} {
		if len(*p.from) == 0 {
			continue
		}
		if len(*p.to) > 0 {
			return f, false
		}
		*p.to = *p.from
	}
	return f, true
}

// bestLaw keeps the passages of the law whose name takes most of the words that
// may be one: "Wet open overheid", not another "Wet".
func bestLaw(cs []Candidate, names []string) []Candidate {
	longest := 0
	length := make([]int, len(cs))
	for i := range cs {
		tags := cs[i].Tags()
		for _, n := range names {
			if _, ok := slices.BinarySearch(tags, "wet:"+plainForm(n)); ok {
				length[i] = max(length[i], len(n))
			}
		}
		longest = max(longest, length[i])
	}
	var out []Candidate
	for i, c := range cs {
		if length[i] == longest && longest > 0 {
			out = append(out, c)
		}
	}
	return out
}

// article keeps the passages of an article, and adds those of it that the search
// did not return.
func (s *Searcher) article(ctx context.Context, cs []Candidate, number string, sel Selection) ([]Candidate, error) {
	var out []Candidate
	have, docs := map[string]bool{}, map[string]bool{}
	for _, c := range cs {
		if ofArticle(&c.Passage, number) {
			have[c.ID] = true
			out = append(out, c)
		}
	}
	for _, c := range cs {
		if docs[c.Doc.String()] {
			continue
		}
		docs[c.Doc.String()] = true
		ps, err := s.Store.Passages(ctx, sel.Scope, c.Doc)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", c.Doc, err)
		}
		for i := range ps {
			if p := &ps[i]; !have[p.ID] && ofArticle(p, number) && sel.Allows(p) {
				have[p.ID] = true
				out = append(out, Candidate{Hit: Hit{Passage: *p}})
			}
		}
	}
	return out, nil
}

// ofArticle reports whether a passage stands under the heading of an article.
func ofArticle(p *Passage, number string) bool {
	want := "artikel " + strings.ToLower(number)
	return slices.ContainsFunc(p.Heading, func(h string) bool {
		rest, ok := strings.CutPrefix(strings.ToLower(strings.Join(strings.Fields(h), " ")), want)
		if !ok {
			return false
		}
		rest = strings.TrimSuffix(rest, ".")
		return rest == "" || strings.ContainsAny(rest[:1], " .:,") && (len(rest) < 2 || rest[0] != '.' && rest[0] != ':' || rest[1] == ' ')
	})
}
