package answer

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// supportThreshold is the least share of a statement's words, weighed by
// rarity, that its quotation must have; docs/verification.md tells how it was
// chosen.
const supportThreshold = 0.6

const (
	// maxQuoteSentences is the longest quotation that is tried.
	maxQuoteSentences = 3
	// windowMargin is how much worse than the best a quotation may cover a
	// statement and still be tried: beyond it, the best says what the source says.
	windowMargin = 0.1
	// longer is what a further sentence of a quotation must bring to be worth it:
	// a short quotation that says it all is better proof.
	longer = 0.02
	// closer is what being alike word by word is worth between quotations that
	// have the same words of meaning.
	closer = 0.1
	// namedBonus is for a source that the model named: it is likelier meant.
	namedBonus = 0.05
)

// verifier checks statements against the sources they were given.
type verifier struct {
	reader  *reader
	least   float64 // support that a quotation must give
	sources []Source
	texts   []sourceText
	ordered map[string]bool // the words of the sentences that instruct
}

// sourceText is a source, read.
type sourceText struct {
	around    string // title, headings and context: names may come from there
	spans     []chunk.Span
	sentences []parsed
	may       []bool // be quoted; see orderly
}

// window is a run of sentences of a source, and how well each word of a
// statement is found in it.
type quoted struct {
	quotation
	from, to int     // sentences
	coverage float64 // of the statement's words
	support  float64 // of its words and numbers
	likeness float64 // of the sentence of it that is likest
}

func newVerifier(a retrieve.Analyzer, sources []Source) *verifier {
	v := &verifier{reader: newReader(a), least: supportThreshold, sources: sources, ordered: map[string]bool{}}
	for _, s := range sources {
		t := sourceText{around: " " + strings.ToLower(strings.Join(append([]string{s.Title, s.Context}, s.Heading...), " \n ")) + " ", spans: chunk.Sentences(s.Text)}
		t.may = orderly(s.Text, t.spans)
		for _, sp := range t.spans {
			t.sentences = append(t.sentences, v.reader.read(s.Text[sp.Start:sp.End]))
		}
		for i, q := range t.sentences {
			for _, w := range q.tokens {
				if !t.may[i] {
					v.ordered[w.lower] = true
				}
			}
		}
		v.texts = append(v.texts, t)
	}
	return v
}

// check finds the quotation that supports a sentence. cited are the source
// numbers the sentence names, which must exist; the engine cites what supports
// it, which may be another one of the sources. The error says what failed; the
// score of the quotation is then below supportThreshold.
func (v *verifier) check(text string, cited []int) (quotation, error) {
	for _, n := range cited {
		if !slices.ContainsFunc(v.sources, func(s Source) bool { return s.N == n }) {
			return quotation{}, fmt.Errorf("it names source %d, which does not exist", n)
		}
	}
	said := v.reader.read(text)
	if len(said.content) == 0 && !slices.ContainsFunc(said.tokens, func(t token) bool { return t.num != nil }) && len(said.links) == 0 {
		return v.verbatim(said)
	}
	windows := v.windows(said, cited)
	if said.vague() {
		windows = slices.DeleteFunc(windows, func(w quoted) bool { return w.likeness < vagueLikeness })
	}
	best := quotation{}
	if err := v.twin(said); err != nil {
		if len(windows) > 0 {
			best.score = refuted * min(1, windows[0].support)
		}
		return best, err
	}
	failed := errors.New("no source says this")
	for i, w := range windows {
		if w.coverage < windows[0].coverage-windowMargin {
			break
		}
		if w.support < v.least {
			continue
		}
		t := v.texts[w.source]
		err := compare(said, t.sentences[w.from:w.to], t.around)
		if err == nil && v.obeys(said, t.sentences[w.from:w.to]) {
			err = errors.New("it has a word of a sentence that instructs, which the quotation has not")
		}
		if err == nil {
			w.score = min(1, w.support)
			return w.quotation, nil
		}
		if i == 0 {
			failed = err
		}
	}
	if len(windows) > 0 {
		best.score = refuted * min(1, windows[0].support)
	}
	return best, failed
}

// obeys reports whether a statement has a word of meaning that its quotation has
// not and that an order in a source brought in.
func (v *verifier) obeys(said parsed, quote []parsed) bool {
	for k, i := range said.content {
		if v.ordered[said.tokens[i].lower] && !slices.ContainsFunc(quote, func(q parsed) bool { return matches(said, q)[k] > 0 }) {
			return true
		}
	}
	return false
}

// twinShare is from where on a sentence of a source says the same as a statement
// or contradicts it: nothing else can then support the statement.
const twinShare = 0.75

// twin finds the sentence that is likest to a statement, word by word. If it is
// nearly the same and differs in a fact, the statement is false, whatever other
// sentences share with it.
func (v *verifier) twin(said parsed) error {
	most := twinShare
	var failed error
	for _, t := range v.texts {
		for k, q := range t.sentences {
			like := said.likeness(q)
			if !t.may[k] || like < most-1e-9 || q.question != said.question {
				continue
			}
			err := compare(said, t.sentences[k:k+1], t.around)
			if like > most+1e-9 || err == nil {
				most, failed = like, err
			} else if failed == nil && most == twinShare {
				failed = err
			}
		}
	}
	return failed
}

// likeness is the share of words that two sentences have in common (Dice).
func (p parsed) likeness(q parsed) float64 {
	if len(p.tokens)+len(q.tokens) == 0 {
		return 0
	}
	have := counted{}
	for _, t := range q.tokens {
		have[t.lower]++
	}
	n := 0
	for _, t := range p.tokens {
		if have[t.lower] > 0 {
			have[t.lower]--
			n++
		}
	}
	return 2 * float64(n) / float64(len(p.tokens)+len(q.tokens))
}

// verbatim finds the sentence of a source that a statement without any word of
// meaning repeats.
func (v *verifier) verbatim(said parsed) (quotation, error) {
	for s, t := range v.texts {
		for k, q := range t.sentences {
			if t.may[k] && len(said.tokens) > 0 && said.likeness(q) > 0.99 && compare(said, t.sentences[k:k+1], t.around) == nil {
				return quotation{source: s, start: t.spans[k].Start, end: t.spans[k].End, score: v.least}, nil
			}
		}
	}
	return quotation{}, errors.New("it says nothing that can be checked")
}

// vagueLikeness is how like a statement a sentence must be where names are all
// the statement has: the words that say how they belong are all small ones.
const vagueLikeness = 0.6

// vague reports whether a statement has no words of meaning beside its names.
func (p parsed) vague() bool {
	return len(p.links) == 0 && !slices.ContainsFunc(p.tokens, func(t token) bool { return t.num != nil }) &&
		!slices.ContainsFunc(p.content, func(i int) bool { return !p.tokens[i].named })
}

// refuted keeps the score of what failed below the threshold, in the order of
// how much of it the source says.
const refuted = 0.5

// windows lists the runs of sentences by how much of a statement they have.
func (v *verifier) windows(said parsed, cited []int) []quoted {
	total := 0.0
	for _, i := range said.content {
		total += said.tokens[i].weight
	}
	var out []quoted
	for s, t := range v.texts {
		bonus := 0.0
		if slices.Contains(cited, v.sources[s].N) {
			bonus = namedBonus
		}
		found := make([][]float64, len(t.sentences))
		for j, q := range t.sentences {
			if t.asks(j) && !said.question {
				found[j] = make([]float64, len(said.content))
				continue
			}
			found[j] = matches(said, q)
		}
		for j := range t.sentences {
			sum := slices.Clone(found[j])
			like := 0.0
			for k := j; k < min(j+maxQuoteSentences, len(t.sentences)) && t.may[k]; k++ {
				have := 0.0
				like = max(like, said.likeness(t.sentences[k]))
				for i, f := range found[k] {
					sum[i] = max(sum[i], f)
					have += sum[i] * said.tokens[said.content[i]].weight
				}
				c := 1.0
				if total > 0 {
					c = have / total
				}
				if t.sentences[k].question && !said.question {
					continue // a question is the condition of what follows, and proves nothing by itself
				}
				n, all := shared(said, t.sentences[j:k+1])
				if support := (have + n) / max(total+all, 1e-9); support >= v.least/3 {
					less := longer*float64(k-j) - bonus
					out = append(out, quoted{quotation{source: s, start: t.spans[j].Start, end: t.spans[k].End}, j, k + 1, c - less + closer*like, support - less, like})
				}
			}
		}
	}
	slices.SortStableFunc(out, func(a, b quoted) int { return cmp.Compare(b.coverage, a.coverage) })
	return out
}

// asks reports whether a sentence is a question that states nothing. In "Bent u
// 65? Dan betaalt u niets." it is the condition of what follows.
func (t sourceText) asks(j int) bool {
	return t.sentences[j].question && !(j+1 < len(t.sentences) && t.sentences[j+1].opens("dan"))
}

// shared counts the numbers and links of a statement that sentences have, and
// all of them.
func shared(said parsed, sentences []parsed) (have, all float64) {
	for _, t := range said.tokens {
		if t.num == nil {
			continue
		}
		all++
		if slices.ContainsFunc(sentences, func(q parsed) bool {
			return slices.ContainsFunc(q.tokens, func(u token) bool { return u.num != nil && t.num.equals(*u.num) })
		}) {
			have++
		}
	}
	for _, l := range said.links {
		all++
		if slices.ContainsFunc(sentences, func(q parsed) bool { return slices.Contains(q.links, l) }) {
			have++
		}
	}
	return have, all
}

// matches gives for each content word of a statement how well a sentence has it,
// from 0 to 1.
func matches(said, q parsed) []float64 {
	out := make([]float64, len(said.content))
	for i, at := range said.content {
		for _, j := range q.content {
			out[i] = max(out[i], said.tokens[at].alike(q.tokens[j]))
		}
		if out[i] < 1 {
			out[i] = max(out[i], separated(said, at, q))
		}
	}
	return out
}

// alike is how well a word of a source says a word of a statement. A source that
// is more specific supports the general word; the other way it hardly does.
func (t token) alike(source token) float64 {
	switch {
	case t.key == source.key || t.lower == source.lower:
		return 1
	case t.root == source.root && len(t.root) >= 3:
		return 0.95
	case strings.ContainsAny(t.lower, "0123456789"):
		return 0
	case len(t.lower) >= 4 && strings.HasSuffix(source.lower, t.lower), len(t.root) >= 4 && strings.HasSuffix(source.root, t.root):
		return 0.8
	case len(t.lower) >= 5 && strings.HasPrefix(source.lower, t.lower), len(source.lower) >= 5 && strings.HasSuffix(t.lower, source.lower):
		return 0.4
	}
	return 0
}

// particles separate from Dutch verbs: "aanvragen", "vraagt aan".
var particles = strings.Fields("aan af bij door in mee na om op over terug toe uit voor weg achter tegen samen vast")

// separated finds the verb of a statement whose particle the source has apart,
// or the other way round.
func separated(said parsed, at int, q parsed) float64 {
	t := said.tokens[at]
	for _, p := range particles {
		if rest, ok := strings.CutPrefix(t.lower, p); ok && len(rest) >= 4 && q.has(p) && q.hasRoot(strings.TrimPrefix(rest, "ge")) {
			return 0.95
		}
		if said.has(p) && slices.ContainsFunc(q.content, func(j int) bool {
			rest, ok := strings.CutPrefix(q.tokens[j].lower, p)
			return ok && len(rest) >= 3 && (root(rest) == t.root || root(strings.TrimPrefix(strings.TrimPrefix(rest, "te"), "ge")) == t.root)
		}) {
			return 0.95
		}
	}
	return 0
}

func (p parsed) has(w string) bool {
	return slices.ContainsFunc(p.tokens, func(t token) bool { return t.lower == w })
}

func (p parsed) hasRoot(w string) bool {
	r := root(w)
	return slices.ContainsFunc(p.content, func(j int) bool { return p.tokens[j].root == r })
}

// Verdict is what the verifier says of a sentence.
type Verdict struct {
	Supported bool
	Score     float64 // 0 to 1; supportThreshold and more is supported
	Reason    string  // what failed; "" if the sentence is supported
	Context   int     // which context supports it, from 0; -1 for none
	// Start and End are the byte range of the supporting quotation in it.
	Start, End int
}

// Verify checks a sentence against contexts as the engine checks what a model
// writes against its sources. Every context is a source.
func Verify(a retrieve.Analyzer, sentence string, contexts []string) Verdict {
	sources := make([]Source, len(contexts))
	for i, c := range contexts {
		sources[i] = Source{N: i + 1, Text: c}
	}
	q, err := newVerifier(a, sources).check(sentence, nil)
	if err != nil {
		return Verdict{Reason: err.Error(), Context: -1, Score: q.score}
	}
	return Verdict{Supported: true, Score: q.score, Context: q.source, Start: q.start, End: q.end}
}
