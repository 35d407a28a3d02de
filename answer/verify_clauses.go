package answer

import (
	"errors"
	"fmt"
	"strings"
)

// limits compares "alleen", "slechts" and "tenzij": neither added nor left out.
func (c *comparison) limits() error {
	said, all, must := counted{}, counted{}, counted{}
	for _, t := range c.said.tokens {
		if t.class == limit {
			said[t.value]++
		}
	}
	for k, q := range c.source {
		for i, t := range q.tokens {
			if t.class != limit {
				continue
			}
			all[t.value]++
			if t.value == "unless" || c.relevant(k, i) || c.share(k) > 0.85 {
				must[t.value]++
			}
		}
	}
	for v, n := range said {
		if n > all[v] {
			return fmt.Errorf("the limit %q is not in the quotation", v)
		}
	}
	for v, n := range must {
		if said[v] < n {
			return fmt.Errorf("the limit %q of the quotation is left out", v)
		}
	}
	return nil
}

// conditions compares the clauses that start with "als", "indien" and the like.
func (c *comparison) conditions() error {
	said, source := 0, 0
	for _, t := range c.said.tokens {
		if t.class == condition {
			said++
		}
	}
	if len(c.source) == 1 && said == 0 && c.source[0].opens("dan") && !c.said.has("dan") {
		return errors.New("the condition before the quotation is left out")
	}
	leftOut := ""
	for k, q := range c.source {
		for _, t := range q.tokens {
			if t.class != condition || !c.solid(k) {
				continue
			}
			source++
			if leftOut == "" && c.conditionShare(k, t.clause) < 0.5 && !c.given(k, t.clause) {
				leftOut = t.lower
			}
		}
	}
	if said > source {
		for _, t := range c.said.tokens {
			if t.class == condition && (source > 0 || !c.stated(t.clause)) {
				return fmt.Errorf("the condition with %q is not in the quotation", t.lower)
			}
		}
	}
	if said < source && leftOut != "" {
		return fmt.Errorf("the condition with %q of the quotation is left out", leftOut)
	}
	return nil
}

// solid reports whether a sentence is what the statement says, and not one that
// only lends it a clause.
func (c *comparison) solid(k int) bool {
	return k == 0 || c.source[k].question || c.share(k) >= 0.6
}

// stated reports whether all words of a clause of the statement are in the
// sentences it says, as often as it has them.
func (c *comparison) stated(clause int) bool {
	said, source := counted{}, counted{}
	for _, i := range c.said.content {
		said[c.said.tokens[i].root]++
	}
	for k, q := range c.source {
		for _, i := range q.content {
			if c.solid(k) {
				source[q.tokens[i].root]++
			}
		}
	}
	n := 0
	for _, i := range c.said.content {
		if t := c.said.tokens[i]; t.clause == clause {
			if n++; source[t.root] < said[t.root] {
				return false
			}
		}
	}
	return n > 0
}

// conditionShare is how much of a clause the statement says. Words that the rest
// of the sentence has too prove nothing.
func (c *comparison) conditionShare(k, clause int) float64 {
	q := c.source[k]
	elsewhere := map[string]bool{}
	for _, i := range q.content {
		if q.tokens[i].clause != clause {
			elsewhere[q.tokens[i].root] = true
		}
	}
	total, found := 0.0, 0.0
	for _, i := range q.content {
		if t := q.tokens[i]; t.clause == clause && !elsewhere[t.root] {
			total += t.weight
			found += t.weight * c.used[k][i]
		}
	}
	if total == 0 {
		return 0
	}
	return found / total
}

// opens reports whether a sentence starts with a word.
func (p parsed) opens(w string) bool { return len(p.tokens) > 0 && p.tokens[0].lower == w }

// given reports whether the title and headings say what a clause does.
func (c *comparison) given(k, clause int) bool {
	n := 0
	for _, i := range c.source[k].content {
		t := c.source[k].tokens[i]
		if t.clause != clause {
			continue
		}
		if n++; !strings.Contains(c.around, t.root) {
			return false
		}
	}
	return n > 0
}

// clauseShare is how much of a clause is found, by weight; false where the
// clause has no words of meaning.
func clauseShare(p parsed, clause int, found map[int]float64) (float64, bool) {
	total, have := 0.0, 0.0
	for _, i := range p.content {
		if t := p.tokens[i]; t.clause == clause {
			total += t.weight
			have += t.weight * found[i]
		}
	}
	if total == 0 {
		return 0, false
	}
	return have / total, true
}

// clauses reports a part of the statement that the source does not have, however
// well it has the rest.
func (c *comparison) clauses() error {
	for i, t := range c.said.tokens {
		if i > 0 && c.said.tokens[i-1].clause == t.clause {
			continue
		}
		n := 0
		for _, j := range c.said.content {
			if c.said.tokens[j].clause == t.clause {
				n++
			}
		}
		if s, ok := clauseShare(c.said, t.clause, c.covered); ok && n >= 2 && s < 0.4 {
			return errors.New("a part of it is not in the quotation")
		}
	}
	return nil
}
