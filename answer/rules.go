package answer

import (
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"
)

// rules are expressions on the words of a phrase. Each is tried only on phrases
// that have one of the words it cannot do without: there are hundreds, and most
// sentences have none.
type rules struct {
	forms  []*regexp.Regexp
	needs  map[string][]int // a word, and the rules that need it or one like it
	always []int            // rules without such a word
}

var (
	gapForm  = regexp.MustCompile(` ~(\d+)`)
	listForm = regexp.MustCompile(`<(\w+)>`)
)

// startList names the list that says itself where in a phrase it stands.
const startList = "<start>"

// anyOf compiles rules on the words of a phrase. In a rule <name> stands for one
// of the words of a list, ~3 for up to three words of any kind, ^ at its start
// for the start of the phrase and $ at its end for the end; " $" within it is the
// end as well. It panics on a rule that cannot be read, as regexp.MustCompile does.
func anyOf(lists map[string]string, texts ...string) *rules {
	rs := &rules{needs: map[string][]int{}}
	for n, text := range texts {
		rs.forms = append(rs.forms, compileRule(lists, text))
		words := needed(lists, text)
		if words == nil {
			rs.always = append(rs.always, n)
		}
		for w := range words {
			rs.needs[w] = append(rs.needs[w], n)
		}
	}
	return rs
}

// match reports whether a rule holds for the words of a phrase.
func (rs *rules) match(words string) bool {
	for _, n := range rs.always {
		if rs.forms[n].MatchString(words) {
			return true
		}
	}
	tried := map[int]bool{}
	for w := range strings.FieldsSeq(words) {
		for _, n := range rs.needs[w] {
			if !tried[n] && rs.forms[n].MatchString(words) {
				return true
			}
			tried[n] = true
		}
	}
	return false
}

// expand puts the words of lists in their place; lists may name lists.
func expand(lists map[string]string, rule string) string {
	for listForm.MatchString(rule) {
		rule = listForm.ReplaceAllStringFunc(rule, func(name string) string {
			words, ok := lists[strings.Trim(name, "<>")]
			if !ok {
				panic("no list " + name)
			}
			return "(?:" + words + ")"
		})
	}
	return rule
}

func compileRule(lists map[string]string, rule string) *regexp.Regexp {
	before, after := " ", "(?: |$)"
	if rest, ok := strings.CutPrefix(rule, "^"); ok {
		rule, before = rest, "^ "
	} else if strings.HasPrefix(rule, startList) {
		before = ""
	}
	if rest, ok := strings.CutSuffix(rule, "$"); ok {
		rule, after = rest, " $"
	}
	rule = gapForm.ReplaceAllStringFunc(expand(lists, rule), func(gap string) string {
		n, err := strconv.Atoi(gap[2:])
		if err != nil {
			panic("gap " + gap)
		}
		return "(?: [^ ]+){0," + strconv.Itoa(n) + "}"
	})
	if strings.Contains(rule, "~") {
		panic("a gap needs a space before it: " + rule)
	}
	return regexp.MustCompile(before + rule + after)
}

// Bounds of what may be needed: a part of a rule with more forms, or with one of
// the commonest words, would hardly spare anything.
const mostForms = 600

var commonWords = set("de het een en ik je jij u is wat in van mijn met voor naar op zijn dat die er hoe of the a an and to i you my is what in of for on it that are do me")

// needed are the words of which a phrase must have one for a rule to hold: the
// first words of the rarest of its parts that cannot be left out; nil if there is
// no such part.
func needed(lists map[string]string, rule string) map[string]bool {
	rule = strings.TrimPrefix(strings.TrimPrefix(rule, "^"), startList)
	var best map[string]bool
	least := 0
	for _, part := range parts(strings.TrimSuffix(rule, "$")) {
		re, err := syntax.Parse(expand(lists, part), syntax.Perl)
		if err != nil || strings.HasPrefix(part, "~") {
			continue
		}
		forms, ok := spellings(re)
		if !ok {
			continue
		}
		words, cost := map[string]bool{}, 0
		for _, f := range forms {
			first, _, _ := strings.Cut(strings.TrimSpace(f), " ")
			if ok = ok && first != "" && f[0] != ' '; commonWords[first] {
				cost += mostForms
			}
			words[first] = true
		}
		if cost += len(words); ok && (best == nil || cost < least) {
			best, least = words, cost
		}
	}
	return best
}

// parts cuts a rule at the spaces that are in no group.
func parts(rule string) []string {
	var out []string
	depth, last := 0, 0
	for i, c := range rule {
		switch c {
		case '(':
			depth++
		case ')':
			depth--
		case ' ':
			if depth == 0 {
				out = append(out, rule[last:i])
				last = i + 1
			}
		case '|':
			if depth == 0 {
				panic("alternatives of a rule need a group: " + rule)
			}
		}
	}
	return append(out, rule[last:])
}

// spellings lists all texts that an expression matches; false if there are too
// many, or endlessly many.
func spellings(re *syntax.Regexp) ([]string, bool) {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return []string{""}, true
	case syntax.OpLiteral:
		return []string{string(re.Rune)}, true
	case syntax.OpCharClass:
		var out []string
		for i := 0; i < len(re.Rune); i += 2 {
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				if out = append(out, string(r)); len(out) > 12 {
					return nil, false
				}
			}
		}
		return out, true
	case syntax.OpCapture:
		return spellings(re.Sub[0])
	case syntax.OpQuest:
		out, ok := spellings(re.Sub[0])
		return append([]string{""}, out...), ok
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			more, ok := spellings(sub)
			if out = append(out, more...); !ok || len(out) > mostForms {
				return nil, false
			}
		}
		return out, true
	case syntax.OpConcat:
		out := []string{""}
		for _, sub := range re.Sub {
			more, ok := spellings(sub)
			if !ok || len(out)*len(more) > mostForms {
				return nil, false
			}
			var next []string
			for _, a := range out {
				for _, b := range more {
					next = append(next, a+b)
				}
			}
			out = next
		}
		return out, true
	}
	return nil, false
}
