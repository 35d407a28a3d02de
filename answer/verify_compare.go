package answer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
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
	for _, rule := range [...]func() error{c.ordinary, c.links, c.numbers, c.names, c.renamed, c.negations, c.words, c.relations, c.limits, c.conditions, c.clauses, c.replaced} {
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
