package answer

import (
	"errors"
	"fmt"
	"slices"
)

// comparison is a statement beside the sentences of a source that it draws on.
type comparison struct {
	said   parsed
	source []parsed // only those that the statement draws on
	around string
	// covered: how well each token of the statement is found in the source, by
	// the index of the token; used: the same of the source's tokens.
	covered map[int]float64
	used    []map[int]float64
}

// compare reports the first fact of a statement that the sentences of a source
// do not have, or that they have and the statement leaves out.
func compare(said parsed, sentences []parsed, around string) error {
	c := newComparison(said, sentences, around)
	for _, rule := range [...]func() error{c.ordinary, c.links, c.numbers, c.names, c.renamed, c.negations, c.words, c.relations, c.limits, c.conditions, c.clauses, c.replaced, c.inserted} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// newComparison keeps the sentences that bring words of the statement: a fact
// from a sentence beside it proves nothing.
func newComparison(said parsed, sentences []parsed, around string) *comparison {
	c := &comparison{said: said, around: around, covered: map[int]float64{}}
	rest := slices.Clone(sentences)
	for len(rest) > 0 {
		best, gain := -1, 0.3*shortest(said)
		for k, q := range rest {
			g := 0.0
			for i, f := range matches(said, q) {
				at := said.content[i]
				g += max(0, f-c.covered[at]) * said.tokens[at].weight
			}
			if g > gain {
				best, gain = k, g
			}
		}
		if best < 0 {
			if len(c.source) == 0 { // a statement of numbers alone
				c.source = rest
			}
			break
		}
		q := rest[best]
		for i, f := range matches(said, q) {
			c.covered[said.content[i]] = max(c.covered[said.content[i]], f)
		}
		c.source = append(c.source, q)
		rest = slices.Delete(rest, best, best+1)
	}
	c.asked(sentences)
	for _, q := range c.source {
		used := map[int]float64{}
		for i, f := range matches(q, said) {
			used[q.content[i]] = f
		}
		c.used = append(c.used, used)
	}
	return c
}

// asked adds the question that is the condition of a sentence: "Bent u jonger
// dan 18? Dan betaalt u niets."
func (c *comparison) asked(sentences []parsed) {
	for k := 0; k+1 < len(sentences); k++ {
		is := func(at int) bool {
			return slices.ContainsFunc(c.source, func(q parsed) bool { return q.text == sentences[at].text })
		}
		if sentences[k].question && sentences[k+1].opens("dan") && is(k+1) && !is(k) {
			c.source = append(c.source, sentences[k])
		}
	}
}

func shortest(p parsed) float64 {
	out := 1.0
	for _, i := range p.content {
		out = min(out, p.tokens[i].weight)
	}
	return out
}

// ordinary reports a statement of which the source has hardly more than the names.
func (c *comparison) ordinary() error {
	total, found := 0.0, 0.0
	for _, i := range c.said.content {
		if t := c.said.tokens[i]; !t.named {
			total += t.weight
			found += t.weight * c.covered[i]
		}
	}
	if total > 0 && found < leastOrdinary*total {
		return errors.New("the source says something else of this name")
	}
	return nil
}

// leastOrdinary is the least share of the words beside names that a source has.
const leastOrdinary = 0.4

func (c *comparison) links() error {
	for _, l := range c.said.links {
		if !slices.ContainsFunc(c.source, func(q parsed) bool { return slices.Contains(q.links, l) }) {
			return fmt.Errorf("the link %q is not in the quotation", l)
		}
	}
	return nil
}

// relevant reports whether the statement says what stands around a token of the
// source: at least half of the nearest words of its clause.
func (c *comparison) relevant(k, at int) bool {
	q := c.source[k]
	near, found := 0, 0.0
	for d := 1; d <= 5 && near < 4; d++ {
		for _, j := range [...]int{at + d, at - d} {
			if j < 0 || j >= len(q.tokens) || q.tokens[j].clause != q.tokens[at].clause || q.tokens[j].class != content || q.tokens[j].num != nil {
				continue
			}
			near++
			found += c.used[k][j]
		}
	}
	if near == 0 {
		return c.share(k) >= 0.5
	}
	return found >= 0.5*float64(near)
}

// share is how much of a sentence of the source the statement says.
func (c *comparison) share(k int) float64 {
	total, found := 0.0, 0.0
	for _, i := range c.source[k].content {
		w := c.source[k].tokens[i].weight
		total += w
		found += w * c.used[k][i]
	}
	if total == 0 {
		return 1
	}
	return found / total
}
