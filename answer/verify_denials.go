package answer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// negations compares how often is denied. "ongeldig" is "niet geldig".
func (c *comparison) negations() error {
	own := []parsed{c.said}
	said := denials(own, c.source)
	for _, t := range c.said.tokens {
		if t.class == negation {
			said++
		}
	}
	all := denials(c.source, own)
	must := all
	for k, q := range c.source {
		for i, t := range q.tokens {
			if t.class == negation {
				all++
				if c.relevant(k, i) || c.share(k) > 0.85 {
					must++
				}
			}
		}
	}
	switch {
	case said > all:
		return errors.New("it denies what the quotation says")
	case said < must:
		return errors.New("it leaves out a denial of the quotation")
	}
	return nil
}

// denials counts the words of a that deny by their form what b says: "ongeldig"
// where b has "geldig".
func denials(a, b []parsed) int {
	count := func(ps []parsed) counted {
		out := counted{}
		for _, p := range ps {
			for _, t := range p.tokens {
				out[strings.TrimSuffix(t.lower, "e")]++
			}
		}
		return out
	}
	in, other := count(a), count(b)
	n := 0
	for w, times := range in {
		for _, p := range [...]string{"on", "niet-", "non-"} {
			if rest, ok := strings.CutPrefix(w, p); ok && len(rest) >= 4 {
				n += max(0, min(times-other[w], other[rest]-in[rest]))
			}
		}
	}
	return n
}

// words compares what changes a sentence by a single word: a value of the
// statement must be in the source, and may not take the place of another.
func (c *comparison) words() error {
	for _, k := range [...]struct {
		class class
		what  string
	}{{modal, "modal verb"}, {degree, "comparison"}, {quantity, "quantity"}, {unit, "unit"}, {weekday, "day"}, {month, "month"}, {opposite, "word"}} {
		said, source := counted{}, counted{}
		form := map[string]string{}
		for _, t := range c.said.tokens {
			if t.class == k.class && !t.bound {
				said[t.value]++
				form[t.value] = t.lower
			}
		}
		free := counted{}
		for _, q := range c.source {
			for _, t := range q.tokens {
				if t.class == k.class {
					source[t.value]++
					if !t.bound {
						free[t.value]++
					}
				}
			}
		}
		for v := range said {
			if source[v] == 0 && !strings.Contains(c.around, " "+form[v]+" ") {
				return fmt.Errorf("the %s %q is not in the quotation", k.what, form[v])
			}
		}
		if v, ok := exchanged(said, free); ok {
			return fmt.Errorf("the %s %q stands where the quotation has another", k.what, form[v])
		}
	}
	if err := c.turnedAround(); err != nil {
		return err
	}
	return c.overstated()
}

// turnedAround reports a word that stands where the source has its contrary.
func (c *comparison) turnedAround() error {
	said, source := counted{}, counted{}
	for _, t := range c.said.tokens {
		said[t.value]++
	}
	for _, q := range c.source {
		for _, t := range q.tokens {
			source[t.value]++
		}
	}
	for _, t := range c.said.tokens {
		for _, a := range antonyms[t.value] {
			if said[t.value] > source[t.value] && said[a] < source[a] {
				return fmt.Errorf("%q stands where the quotation says the contrary", t.lower)
			}
		}
	}
	return nil
}

// overstated reports a weakening word of the source that was left out.
func (c *comparison) overstated() error {
	weak := set("some few many most half sometimes often seldom usually would least ultimately")
	for k, q := range c.source {
		for i, t := range q.tokens {
			if (t.class == quantity || t.class == modal || t.class == degree && !t.bound) && weak[t.value] && c.relevant(k, i) &&
				!slices.ContainsFunc(c.said.tokens, func(s token) bool { return s.value == t.value && s.class == t.class }) {
				return fmt.Errorf("%q of the quotation is left out", t.lower)
			}
		}
	}
	return nil
}

// relations compares words such as "voor" and "na" with what they stand before.
func (c *comparison) relations() error {
	for i, t := range c.said.tokens {
		if t.class != relation || t.bound {
			continue
		}
		if t.value != "before" && t.value != "with" && t.value != "under" && t.value != "above" && t.value != "until" && !c.hasValue(t) {
			return fmt.Errorf("%q is not in the quotation", t.lower)
		}
		head := headOf(c.said, i)
		if head == "" {
			continue
		}
		same, contrary := false, ""
		for _, q := range c.source {
			for j, u := range q.tokens {
				if headOf(q, j) != head {
					continue
				}
				same = same || u.class == relation && u.value == t.value
				if u.class == relation && slices.Contains(antonyms[t.value], u.value) || u.class == negation && u.lower == "zonder" && t.value == "with" {
					contrary = u.lower
				}
			}
		}
		if contrary != "" && !same {
			return fmt.Errorf("the quotation says %q, not %q", contrary, t.lower)
		}
	}
	return nil
}

func (c *comparison) hasValue(t token) bool {
	return slices.ContainsFunc(c.source, func(q parsed) bool {
		return slices.ContainsFunc(q.tokens, func(u token) bool { return u.class == t.class && u.value == t.value })
	})
}

// headOf is the first word of meaning after a place.
func headOf(p parsed, at int) string {
	for j := at + 1; j < min(at+5, len(p.tokens)); j++ {
		switch t := p.tokens[j]; {
		case t.num != nil:
			return t.num.value
		case t.class == content:
			return t.root
		case t.class != filler:
			return t.value
		}
	}
	return ""
}
