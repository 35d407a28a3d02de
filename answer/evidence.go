package answer

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Evidence is what the search itself says about whether the sources hold the
// answer. No model is asked: a small model's opinion of its own sources is
// worse than these figures (docs/answers.md).
type Evidence struct {
	Cosine  float64 `json:"cosine"`  // of the best passage by meaning
	Cover   float64 `json:"cover"`   // share of the question's terms, by rarity, in the best passage
	Names   float64 `json:"names"`   // share of the names in the question that the best passage lacks
	Nameful float64 `json:"nameful"` // the same for the best of the first three
	Length  float64 `json:"length"`  // logarithm of the number of words of the question, plus one
	Named   float64 `json:"named"`   // 1 if the question names the document of the best passage, and the index has it
	Agree   float64 `json:"agree"`   // 1 if the best passage is among the first three by meaning and by words, 0.5 if by one
}

// gather computes the evidence from the result of a search for a question.
func gather(question string, r retrieve.Result) Evidence {
	e := Evidence{Length: math.Log(1 + float64(len(strings.Fields(question))))}
	cs := r.Candidates
	if len(cs) == 0 {
		return e
	}
	top := best(cs, func(c retrieve.Candidate) float64 { return c.Dense })
	e.Cosine = top[0]
	lexical := best(cs, func(c retrieve.Candidate) float64 { return c.Lexical })
	if third := top[len(top)-1]; cs[0].Dense > 0 && cs[0].Dense >= third {
		e.Agree += 0.5
	}
	if third := lexical[len(lexical)-1]; cs[0].Lexical > 0 && cs[0].Lexical >= third {
		e.Agree += 0.5
	}
	if cs[0].Named {
		e.Named = 1
	}
	e.Names, e.Nameful = nameGaps(names(question), cs)
	total := 0.0
	covers := make([]map[string]bool, min(5, len(cs)))
	for i := range covers {
		covers[i] = map[string]bool{}
		for _, t := range r.Analyzer.Passage(&cs[i].Passage) {
			covers[i][t.Token] = true
		}
	}
	shares := make([]float64, len(covers))
	terms := weighed(r)
	for _, t := range r.Terms {
		w := terms[t.Token]
		total += w
		for i := range covers {
			if covers[i][t.Token] {
				shares[i] += w
			}
		}
	}
	if total > 0 {
		for _, s := range shares {
			e.Cover = max(e.Cover, s/total)
		}
	}
	return e
}

// askingWords say what somebody wants to know or do and not about what. In a
// small corpus they are rare, yet an answer does well without them.
const askingWords = "aanvragen vragen vraag antwoord weten krijgen kregen krijg geven geef gaan gaat ga komen komt kom doen doet doe " +
	"maken maakt maak nemen neem brengen breng staan staat liggen blijven blijft laten laat houden zetten gooien gooi regelen regel " +
	"melden meld kosten kost betalen betaal duur goedkoop prijs bedrag lang kort snel vroeg hoog oud nieuw nieuwe eigen ander andere " +
	"eerste tweede laatste volgende nodig mogelijk verplicht soort manier precies ongeveer minstens meeste genoeg bekend bereid " +
	"uur dag dagen week weken maand maanden jaar jaren keer tijd moment vandaag morgen tevoren daarna straks hoeveel hoelang " +
	"mensen iemand persoon volwassene zoon dochter kind kinderen man vrouw partner vinden vindt heet noemen gebeurt gebeuren " +
	"eens bent zeker weg samen zelf via bijvoorbeeld gebruiken gebruik werkt werken zien zie kijken lezen kopen hoort horen zeggen"

const askingWeight = 0.3

// nameGaps is the share of names that the best candidate lacks, and the least
// share that any of the first three lacks. A question about a place or body that
// a passage does not name is seldom answered by it, however near the rest.
func nameGaps(names []string, cs []retrieve.Candidate) (best, any float64) {
	if len(names) == 0 {
		return 0, 0
	}
	any = 1
	for i, c := range cs[:min(3, len(cs))] {
		text := strings.ToLower(strings.Join(append([]string{c.Title, c.Context, c.Text}, c.Heading...), "\n"))
		lacks := 0
		for _, n := range names {
			if !strings.Contains(text, n) {
				lacks++
			}
		}
		share := float64(lacks) / float64(len(names))
		if i == 0 {
			best = share
		}
		any = min(any, share)
	}
	return best, any
}

// names lists the names in a question, lower case and without the last letters,
// which inflection changes: "Brussel" is in "Brusselse".
func names(question string) []string {
	var out []string
	for _, sp := range chunk.Sentences(question) {
		for i, w := range wordForm.FindAllString(question[sp.Start:sp.End], -1) {
			for j, w := range strings.Split(strings.TrimRight(w, ".-'’"), "-") { // of "Btw-verhoging" the first part is a name
				if i+j > 0 && name(w) || acronym(w) {
					lower := strings.ToLower(w)
					if runes := []rune(lower); len(runes) > 5 {
						lower = string(runes[:len(runes)-2])
					}
					if !slices.Contains(out, lower) {
						out = append(out, lower)
					}
				}
			}
		}
	}
	return out
}

// best returns the three largest values, largest first.
func best(cs []retrieve.Candidate, value func(retrieve.Candidate) float64) []float64 {
	var all []float64
	for _, c := range cs {
		all = append(all, value(c))
	}
	slices.SortFunc(all, func(a, b float64) int { return cmp.Compare(b, a) })
	return all[:min(3, len(all))]
}

// Weights of a logistic regression over the evidence, fitted on half of the
// public questions and confirmed on the other half: docs/answers.md tells how
// and shows the curve over thresholds.
type Weights struct {
	Bias, Cosine, Cover, Names, Nameful, Length, Agree float64
	// Named is not fitted: none of the public questions names a document. It makes up
	// for the words of the identifier, which stand in no passage.
	Named float64
}

// DefaultWeights belong to multilingual-e5-small.
func DefaultWeights() Weights {
	return Weights{Bias: -42.4, Cosine: 37.4, Cover: 5.29, Names: -1.34, Nameful: -3.16, Length: 3.04, Agree: 1.61, Named: 3}
}

// Confidence estimates the chance, between 0 and 1, that the sources answer
// the question.
func (w Weights) Confidence(e Evidence) float64 {
	z := w.Bias + w.Cosine*e.Cosine + w.Cover*e.Cover + w.Names*e.Names + w.Nameful*e.Nameful + w.Length*e.Length + w.Agree*e.Agree + w.Named*e.Named
	return 1 / (1 + math.Exp(-z))
}

// FigureNames names the figures that are fitted.
func FigureNames() []string {
	return []string{"cosine", "cover", "names", "nameful", "length", "agree"}
}

// Figures are those of FigureNames, in their order.
func (e Evidence) Figures() []float64 {
	return []float64{e.Cosine, e.Cover, e.Names, e.Nameful, e.Length, e.Agree}
}

// Judgement is what is known of a question before any answer.
type Judgement struct {
	Evidence   Evidence
	Confidence float64
	Reason     Reason // of a refusal by rules, before any search; "" for none
}

// Judge searches for a question as Ask does, as one, and says how sure it is; no
// model is asked and nothing is recorded.
func (e *Engine) Judge(ctx context.Context, q Question) (Judgement, error) {
	r := &run{Engine: e, ctx: ctx, q: q, start: time.Now(), out: &Answer{}}
	if reason := r.unfit(); reason != "" {
		return Judgement{Reason: reason}, nil
	}
	if t := q.topic(); t != "" {
		return Judgement{Reason: t.reason()}, nil
	}
	if err := r.find([]Question{q}); err != nil {
		return Judgement{}, err
	}
	return Judgement{Evidence: r.out.Evidence, Confidence: r.out.Confidence}, nil
}
