package answer

import (
	"fmt"
	"slices"
	"strings"
)

func (c *comparison) names() error {
	said, source := counted{}, counted{}
	for _, q := range c.source {
		for _, t := range q.tokens {
			if t.named || t.first && t.class == content {
				source[t.lower]++
			}
		}
	}
	last := ""
	for i, t := range c.said.tokens {
		if t.class == content && t.num == nil && strings.ContainsAny(t.lower, "0123456789") && c.covered[i] < 0.95 {
			return fmt.Errorf("%q is not in the quotation", t.lower)
		}
		if !t.named {
			if t.class != filler {
				last = ""
			}
			continue
		}
		if c.covered[i] < 0.8 && !c.sourceHas(t.lower) && !strings.Contains(c.around, t.lower) {
			return fmt.Errorf("the name %q is not in the source", t.lower)
		}
		if c.covered[i] >= 0.95 && source[t.lower] == 0 { // written small, or otherwise, in the source
			source[t.lower]++
		}
		said[t.lower]++
		if last != "" && !c.follows(last, t.lower) {
			return fmt.Errorf("%q and %q are not one name in the source", last, t.lower)
		}
		last = t.lower
	}
	for v := range source { // a first word counts only against itself
		if said[v] == 0 && !c.named(v) {
			delete(source, v)
		}
	}
	for i, t := range c.said.tokens {
		if i == 0 && t.class == content && source[t.lower] > 0 {
			said[t.lower]++
		}
	}
	if v, ok := exchanged(said, source); ok && !strings.Contains(c.around, v) {
		return fmt.Errorf("the name %q stands where the quotation has another", v)
	} else if ok && source[v] > 0 {
		return fmt.Errorf("the name %q stands where the quotation has another", v)
	}
	return nil
}

// renamed reports a name that the sentence the statement says most of does not
// have, where that sentence has a name that the statement lacks.
func (c *comparison) renamed() error {
	main := c.source[0]
	missing := ""
	words, found := 0, 0.0
	for _, i := range main.content {
		switch t := main.tokens[i]; {
		case !t.named:
			words++
			found += c.used[0][i]
		case !c.said.has(t.lower) && c.used[0][i] < 0.95:
			missing = t.lower
		}
	}
	if missing == "" || found < 0.7*float64(words) {
		return nil
	}
	alone := matches(c.said, main)
	for n, i := range c.said.content {
		if t := c.said.tokens[i]; t.named && alone[n] < 0.95 && !main.has(t.lower) {
			return fmt.Errorf("the name %q stands where the quotation has %q", t.lower, missing)
		}
	}
	return nil
}

func (c *comparison) named(w string) bool {
	return slices.ContainsFunc(c.source, func(q parsed) bool {
		return slices.ContainsFunc(q.tokens, func(t token) bool { return t.named && t.lower == w })
	})
}

func (c *comparison) sourceHas(w string) bool {
	return slices.ContainsFunc(c.source, func(q parsed) bool { return q.has(w) })
}

// follows reports whether b may follow a in a name: the source has them so, or
// never has a followed by another part of a name.
func (c *comparison) follows(a, b string) bool {
	otherwise := false
	for _, q := range c.source {
		last := ""
		for _, t := range q.tokens {
			switch {
			case t.named:
				if last == a && t.lower == b {
					return true
				}
				otherwise = otherwise || last == a
				last = t.lower
			case t.class != filler:
				last = ""
			}
		}
	}
	return !otherwise
}

// noun reports whether a word is a noun by what stands before it. A source's
// noun replaced is another subject; verbs have many ways to say the same.
func (p parsed) noun(at int) bool { return at > 0 && determiners[p.tokens[at-1].lower] }

var determiners = set("de het een uw je jouw hun zijn haar ons onze dit dat deze die geen elke elk iedere ieder alle per")

// replaced reports a word that stands where the source has another one, the
// words around it being the same.
func (c *comparison) replaced() error {
	missing := 0
	for _, i := range c.said.content {
		if c.covered[i] < 0.5 {
			missing++
		}
	}
	for n, i := range c.said.content {
		t := c.said.tokens[i]
		if c.covered[i] >= 0.4 || !(t.first || t.named || missing == 1 && c.said.noun(i)) {
			continue
		}
		before, after := "", ""
		if n > 0 {
			before = c.said.tokens[c.said.content[n-1]].root
		}
		if n+1 < len(c.said.content) {
			after = c.said.tokens[c.said.content[n+1]].root
		}
		for k, q := range c.source {
			for m, j := range q.content {
				if c.used[k][j] >= 0.4 {
					continue
				}
				left, right := "", ""
				if m > 0 {
					left = q.tokens[q.content[m-1]].root
				}
				if m+1 < len(q.content) {
					right = q.tokens[q.content[m+1]].root
				}
				if left == before && right == after {
					return fmt.Errorf("%q stands where the quotation has %q", t.lower, q.tokens[j].lower)
				}
			}
		}
	}
	return nil
}

// inserted reports a word that stands where the source has a number, behind the
// same word ("kost gratis" for "kost € 12"), or alone behind the last comma.
func (c *comparison) inserted() error {
	before := -1
	for _, i := range c.said.content {
		t := c.said.tokens[i]
		if c.covered[i] >= 0.4 || t.num != nil {
			before = i
			continue
		}
		if before >= 0 && !c.numberBetween(before, i) {
			for k, q := range c.source {
				for j, s := range q.tokens {
					if s.num != nil && c.said.tokens[before].root == q.contentBefore(j) && !c.relevantNumber(k, j) {
						return fmt.Errorf("%q stands where the quotation has %q", t.lower, s.lower)
					}
				}
			}
		}
		if i > 0 && i == len(c.said.tokens)-1 && c.said.tokens[i-1].clause != t.clause {
			return fmt.Errorf("%q is not in the quotation", t.lower)
		}
		before = -1
	}
	return nil
}

// numberBetween reports a number between two tokens of the statement.
func (c *comparison) numberBetween(from, to int) bool {
	return slices.ContainsFunc(c.said.tokens[from:to+1], func(t token) bool { return t.num != nil })
}

// relevantNumber reports whether the statement has the number of a source.
func (c *comparison) relevantNumber(k, j int) bool {
	n := c.source[k].tokens[j].num
	return slices.ContainsFunc(c.said.tokens, func(t token) bool { return t.num != nil && t.num.value == n.value })
}

// contentBefore is the root of the last word of meaning before a token.
func (p parsed) contentBefore(at int) string {
	for i := at - 1; i >= 0; i-- {
		if slices.Contains(p.content, i) {
			return p.tokens[i].root
		}
	}
	return ""
}
