package answer

import (
	"fmt"
	"slices"
	"strings"
)

// counted is a list of values with how often each stands.
type counted map[string]int

// exchanged reports a value that stands more often in the statement than in the
// source, where another one of the source went: that one was replaced.
func exchanged(said, source counted) (string, bool) {
	missing := false
	for v, n := range source {
		missing = missing || said[v] < n
	}
	if !missing {
		return "", false
	}
	for v, n := range said {
		if n > source[v] {
			return v, true
		}
	}
	return "", false
}

// place is a number in the source, with what stands around it.
type place struct {
	num    *numeral
	around map[string]bool
	units  map[string]bool // that the sentence names apart from its numbers
}

func (c *comparison) places() []place {
	var out []place
	for _, q := range c.source {
		units := map[string]bool{}
		for _, t := range q.tokens {
			if t.class == unit && !t.bound {
				units[t.value] = true
			}
		}
		for i, t := range q.tokens {
			if t.num != nil {
				out = append(out, place{t.num, surroundings(q, i), units})
			}
		}
	}
	return out
}

// says reports whether the number in this place is one of a statement, bounds
// apart. "Bedragen in euro: 12" is 12 euro.
func (p place) says(n numeral) bool {
	return n.equals(*p.num) || p.num.unit == "" && p.num.value == n.value && p.units[n.unit]
}

func (c *comparison) numbers() error {
	places := c.places()
	said, has := counted{}, counted{}
	for _, p := range places {
		v, _ := p.num.converted()
		has[v]++
	}
	type pair struct {
		here, there map[string]bool
		value       string
	}
	var pairs []pair
	for i, t := range c.said.tokens {
		if t.num == nil {
			continue
		}
		here := surroundings(c.said, i)
		same, other := -1.0, -1.0
		var twin place
		for _, p := range places {
			near := overlapping(here, p.around)
			switch {
			case !p.says(*t.num) || boundFits(*t.num, *p.num) != nil:
				other = max(other, near)
			case near > same:
				same, twin = near, p
			}
		}
		if twin.num == nil {
			if len(places) == 0 && t.num.unit == "" && strings.Contains(c.around, " "+t.lower+" ") {
				continue // the title gives the year
			}
			return notThere(*t.num, places)
		}
		v, _ := twin.num.converted() // of which the statement may leave out the unit
		said[v]++
		if other > same+0.34 {
			return fmt.Errorf("%q belongs to something else in the quotation", t.num)
		}
		for _, p := range pairs {
			if p.value != v && overlapping(here, p.there)+overlapping(p.here, twin.around) > overlapping(here, twin.around)+overlapping(p.here, p.there)+0.15 {
				return fmt.Errorf("%q and %q have changed places", t.num, p.value)
			}
		}
		pairs = append(pairs, pair{here, twin.around, v})
	}
	if v, ok := exchanged(said, has); ok {
		return fmt.Errorf("%q stands where the quotation has another number", v)
	}
	return c.ages()
}

// notThere says what is wrong with a number that no place has as it is.
func notThere(n numeral, places []place) error {
	for _, p := range places {
		if p.says(n) {
			return boundFits(n, *p.num)
		}
	}
	return fmt.Errorf("%q is not in the quotation", n)
}

// boundFits compares how two equal numbers are bounded. What the source bounds
// is not exact, and the other way round.
func boundFits(said, source numeral) error {
	if said.bound == source.bound {
		return nil
	}
	return fmt.Errorf("the quotation says %q, not %q", source, said)
}

// ages reports an age limit that was left out: whoever falls outside it would
// read that it holds for them.
func (c *comparison) ages() error {
	for k, q := range c.source {
		for i, t := range q.tokens {
			if t.num == nil || t.num.unit != "year" || t.num.bound == "" || t.num.bound == "<=" || len(t.num.value) > 2 {
				continue
			}
			if !slices.ContainsFunc(c.said.tokens, func(s token) bool { return s.num != nil && s.num.equals(*t.num) }) && c.relevant(k, i) {
				return fmt.Errorf("the limit %q of the quotation is left out", t.num)
			}
		}
	}
	return nil
}

// surroundings are the three words of meaning on each side of a place in a
// sentence, within its clause.
func surroundings(p parsed, at int) map[string]bool {
	out := map[string]bool{}
	for _, step := range [...]int{-1, 1} {
		n := 0
		for j := at + step; j >= 0 && j < len(p.tokens) && n < 3 && p.tokens[j].clause == p.tokens[at].clause; j += step {
			switch t := p.tokens[j]; {
			case t.num != nil || t.class == filler:
				continue
			case t.class == content:
				out[t.root] = true
			default:
				out["\x00"+t.value] = true
			}
			n++
		}
	}
	return out
}

// overlapping is the share of a that b has; 0 where a is empty.
func overlapping(a, b map[string]bool) float64 {
	n := 0
	for w := range a {
		if b[w] {
			n++
		}
	}
	if len(a) == 0 {
		return 0
	}
	return float64(n) / float64(len(a))
}
