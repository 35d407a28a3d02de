// Package dutch is the lexical analysis of Dutch text: folding, tokens, stop
// words, Snowball stems, and compounds split by the corpus's own vocabulary. It
// weighs terms by BM25 so that every store only has to multiply and add. It
// keeps nothing and searches nothing.
package dutch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/blevesearch/snowballstem"
	snowball "github.com/blevesearch/snowballstem/dutch"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Version changes whenever the same text would give other terms.
const Version = "nl-2"

// BM25 parameters (Robertson and Zaragoza, 2009), the weights of the fields,
// and how much the part of a compound counts beside the whole word.
const (
	k1            = 0.6
	b             = 0.85
	titleWeight   = 1.0
	headingWeight = 1.0
	contextWeight = 1.0
	partWeight    = 0.45
	verbWeight    = 0.8 // of the verb of a participle
)

// Analyzer implements retrieve.Analyzer for Dutch.
type Analyzer struct{ lexicon Lexicon }

// New returns an analyzer with a frozen lexicon; the zero Lexicon splits no
// compounds and takes every passage to be of average length.
func New(l Lexicon) *Analyzer { return &Analyzer{l} }

// Signature names the analysis and its lexicon.
func (a *Analyzer) Signature() string { return fmt.Sprintf("%s/%s", Version, a.lexicon.version()) }

type field struct {
	text   string
	weight float64
}

func fields(p *retrieve.Passage) [4]field {
	return [4]field{
		{p.Title, titleWeight},
		{strings.Join(p.Heading, "\n"), headingWeight},
		{p.Context, contextWeight},
		{p.Text, 1},
	}
}

// Passage weighs the terms of a passage: BM25's saturated term frequency over
// all fields, (k1+1)·tf / (tf + k1·(1 - b + b·length/average)).
func (a *Analyzer) Passage(p *retrieve.Passage) retrieve.Terms {
	tf := map[string]float64{}
	var length float64
	for _, f := range fields(p) {
		a.count(f.text, func(term string, w float64, part bool) {
			tf[term] += w * f.weight
			if !part {
				length += f.weight
			}
		})
	}
	norm := k1
	if a.lexicon.AverageLength > 0 {
		norm = k1 * (1 - b + b*length/a.lexicon.AverageLength)
	}
	out := make(retrieve.Terms, 0, len(tf))
	for t, f := range tf {
		out = append(out, retrieve.Term{Token: t, Weight: float32((k1 + 1) * f / (f + norm))})
	}
	return sorted(out)
}

// Query weighs the terms of a question: each once, parts of compounds less.
func (a *Analyzer) Query(text string) retrieve.Terms {
	weights := map[string]float64{}
	a.count(text, func(term string, w float64, _ bool) { weights[term] = max(weights[term], w) })
	out := make(retrieve.Terms, 0, len(weights))
	for t, w := range weights {
		out = append(out, retrieve.Term{Token: t, Weight: float32(w)})
	}
	return sorted(out)
}

// Rarity implements retrieve.Analyzer: the inverse document frequency, scaled
// so that a term in a single passage has about 1.
func (a *Analyzer) Rarity(token string) float64 {
	n := float64(max(a.lexicon.Passages, 1))
	df := float64(a.lexicon.Terms[token])
	return math.Log(1+(n-df+0.5)/(df+0.5)) / math.Log(1+(n+0.5)/0.5)
}

// count yields the terms of a text with their weights. part is true for what
// does not add to the length of the text.
func (a *Analyzer) count(text string, yield func(term string, weight float64, part bool)) {
	tokens(text, func(tok string, whole bool) {
		if stopword(tok) {
			return
		}
		w := 1.0
		if whole {
			w = partWeight
		}
		yield(stem(tok), w, whole)
		if !whole {
			for _, p := range a.lexicon.parts(tok) {
				yield(stem(p), partWeight, true)
			}
			if v := a.lexicon.verb(tok); v != "" {
				yield(v, verbWeight, true)
			}
		}
	})
}

func stem(w string) string {
	if len(w) < 3 || w[0] >= '0' && w[0] <= '9' {
		return w
	}
	env := snowballstem.NewEnv(w)
	snowball.Stem(env)
	return env.Current()
}

func sorted(t retrieve.Terms) retrieve.Terms {
	slices.SortFunc(t, func(x, y retrieve.Term) int { return cmp.Compare(x.Token, y.Token) })
	return t
}

// stopword reports whether a word says nothing of what a text is about.
func stopword(w string) bool { return len(w) < 13 && strings.Contains(stopwords, " "+w+" ") }

const stopwords = " aan al alle als alsook bij dan dat de den der des deze die dit door dus een en er haar had heb hebben hebt " +
	"heeft hem het hier hij hoe hun i ik in indien is ik ja je jij jou jouw jullie kan kunnen kunt maar me mij mijn met moet moeten " +
	"mag na naar nee niet nog nu of om omdat onder ons onze ook op over per s t te tegen ten ter tot u uit uw van vanwege " +
	"veel voor waar waarom waarbij waarin waaronder waarvan waarop wanneer want waren was wat we welk welke werd werden wel wie wij wil " +
	"willen wilt word worden wordt zal ze zich zij zijn zo zoals zou zouden zullen zult a the of and or to is are for what how "
