package answer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// token is a word or number of a text, read for comparison.
type token struct {
	lower  string
	key    string // of content: what forms that say the same share
	root   string // of content: the key without endings, for verbs that separate
	class  class
	value  string // of other classes
	weight float64
	clause int  // runs between commas, and at words that open a clause
	named  bool // written as a name
	first  bool // of its sentence
	joined bool // to the token before, without a space
	num    *numeral
	// bound: a unit or month that belongs to a number, or a comparison that limits one
	bound bool
}

// parsed is a sentence read for comparison.
type parsed struct {
	text     string
	tokens   []token
	links    []string
	content  []int // indexes of the tokens that carry meaning
	question bool
}

var tokenForm = regexp.MustCompile(`\d{4}-\d{2}-\d{2}|\d{1,2}[-/]\d{1,2}[-/]\d{4}|\d+(?:[.,:/]\d+)*|[€$£%]|\p{L}[\p{L}\p{N}'’.²³-]*|[,;:()–—\n]`)

// reader reads texts. It keeps what the analyzer said of a word.
type reader struct {
	analyzer retrieve.Analyzer
	words    *vocabulary
	numbers  map[string]string
	stems    map[string]string
}

func newReader(a retrieve.Analyzer) *reader {
	return &reader{a, newVocabulary(), numberWordValues(), map[string]string{}}
}

func (r *reader) read(text string) parsed {
	p := parsed{text: text, question: strings.HasSuffix(strings.TrimSpace(text), "?")}
	for _, l := range linkForm.FindAllString(text, -1) {
		p.links = append(p.links, normalLink(l))
	}
	rest := linkForm.ReplaceAllString(text, " ")
	clause := 0
	last := -1 // where the token before ended
	for _, at := range tokenForm.FindAllStringIndex(rest, -1) {
		w := rest[at[0]:at[1]]
		joined := at[0] == last
		last = at[1]
		if strings.ContainsAny(w, ",;:()–—\n") && !unicode.IsDigit(rune(w[0])) {
			clause++
			continue
		}
		for _, t := range r.tokens(w, len(p.tokens) == 0) {
			if t.class == condition || t.class == limit && t.value == "unless" {
				clause++
			}
			t.clause, t.joined = clause, joined
			p.tokens = append(p.tokens, t)
		}
	}
	quantify(p.tokens)
	for i, t := range p.tokens {
		if t.class == content && t.num == nil {
			p.content = append(p.content, i)
		}
	}
	return p
}

// tokens reads one word: a date gives several tokens, "18-jarige" two.
func (r *reader) tokens(w string, first bool) []token {
	if d := dateForm.FindStringSubmatch(w); d != nil {
		if d[1] != "" {
			d[4], d[5], d[6] = d[3], d[2], d[1]
		}
		m := strings.TrimLeft(d[5], "0")
		return []token{{lower: d[4], num: &numeral{value: strings.TrimLeft(d[4], "0")}},
			{lower: w, class: month, value: m}, {lower: d[6], num: &numeral{value: d[6]}}}
	}
	if unicode.IsDigit(rune(w[0])) {
		return []token{{lower: w, num: &numeral{value: normalNumber(w)}}}
	}
	switch w {
	case "€":
		return []token{{lower: w, class: unit, value: "euro"}}
	case "$":
		return []token{{lower: w, class: unit, value: "dollar"}}
	case "£":
		return []token{{lower: w, class: unit, value: "pound"}}
	case "%":
		return []token{{lower: w, class: unit, value: "percent"}}
	}
	w = strings.TrimRight(w, ".-'’")
	lower := strings.ReplaceAll(strings.ToLower(w), "’", "'")
	if v, ok := r.numbers[lower]; ok {
		return []token{{lower: lower, first: first, num: &numeral{value: v}}}
	}
	t := token{lower: lower, first: first, named: !first && name(w) || acronym(w)}
	m, ok := r.words.classes[lower]
	if ok && (m.class != content) && !(acronym(w) && m.class != unit) {
		t.class, t.value = m.class, m.value
		t.named = false
	}
	if t.class == content || t.class == opposite {
		t.key, t.root = r.key(lower)
		t.weight = max(0.2, r.analyzer.Rarity(t.key))
		if utf8.RuneCountInString(lower) < 2 {
			t.class = filler
		}
	}
	return []token{t}
}

// key gives what the forms of a word share, and its root.
func (r *reader) key(w string) (key, rt string) {
	if k, ok := r.stems[w]; ok {
		return k, root(w)
	}
	k := w
	if s, ok := r.words.same[w]; ok {
		k = "=" + s
	} else {
		longest := ""
		for _, t := range r.analyzer.Query(w) { // of "vier-ogen" the whole, not a part
			if len(t.Token) > len(longest) {
				longest = t.Token
			}
		}
		if longest != "" {
			k = longest
		}
	}
	r.stems[w] = k
	return k, root(w)
}

// root cuts the endings of Dutch verbs and nouns and undoubles what remains, so
// that "vraagt" and "vragen" meet. It is coarse, and only ever a second look.
func root(w string) string {
	if len(w) < 4 {
		return w
	}
	for _, end := range [...]string{"en", "ende", "end", "te", "de", "t", "d", "e", "s"} {
		if s, ok := strings.CutSuffix(w, end); ok && len(s) >= 3 {
			w = s
			break
		}
	}
	var b strings.Builder
	last := rune(0)
	for _, r := range w {
		if r != last {
			b.WriteRune(r)
		}
		last = r
	}
	w = b.String()
	switch w[len(w)-1] {
	case 'z':
		w = w[:len(w)-1] + "s"
	case 'v':
		w = w[:len(w)-1] + "f"
	}
	return w
}
