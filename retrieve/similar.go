package retrieve

import (
	"hash/fnv"
	"slices"
	"strings"
	"unicode"
)

// The same notice stands on hundreds of pages, with a name or a comma changed.
// Two passages are nearly the same if nine in ten of their runs of three words
// are (Broder, 1997, "On the resemblance and containment of documents"), and
// the words are equal that most often make another fact of a text: numbers, days,
// months, denials, and what is allowed or forbidden.

const (
	resemblance = 0.9
	shingle     = 3 // words
	sketch      = 4 // smallest hashes that are compared first
)

// collapse keeps the first of the passages that are nearly the same, and notes
// where the others stand.
func collapse(cs []Candidate) []Candidate {
	exact := map[string]int{}
	near := map[uint64][]int{} // by each hash of a sketch
	prints := map[int]fingerprint{}
	out := cs[:0]
	for _, c := range cs {
		words := strings.Fields(strings.ToLower(c.Text))
		key := strings.Join(words, " ") + "\x00" + strings.ToLower(c.Context)
		if i, ok := exact[key]; ok {
			out[i].Also = append(out[i].Also, c.Passage)
			continue
		}
		fp := fingerprintOf(words, c.Context)
		if i := fp.match(near, prints); i >= 0 {
			exact[key] = i
			out[i].Also = append(out[i].Also, c.Passage)
			continue
		}
		at := len(out)
		exact[key], prints[at] = at, fp
		for _, h := range fp.sketch() {
			near[h] = append(near[h], at)
		}
		out = append(out, c)
	}
	return out
}

// fingerprint is what two passages are compared by.
type fingerprint struct {
	hashes []uint64 // of its shingles, sorted, each once
	facts  string   // its numbers and deciding words in their order
}

func fingerprintOf(words []string, context string) fingerprint {
	var fp fingerprint
	var facts []string
	bare := make([]string, 0, len(words))
	for _, w := range words {
		if w = strings.TrimFunc(w, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }); w == "" {
			continue
		}
		bare = append(bare, w)
		if strings.ContainsFunc(w, unicode.IsNumber) || deciding[w] {
			facts = append(facts, w)
		}
	}
	fp.facts = strings.Join(facts, " ") + "\x00" + strings.ToLower(context)
	words = bare
	if len(words) < 4*shingle { // too short to be nearly the same: it is, or it is not
		return fp
	}
	for i := range len(words) - shingle + 1 {
		h := fnv.New64a()
		for _, w := range words[i : i+shingle] {
			h.Write([]byte(w))
			h.Write([]byte{0})
		}
		fp.hashes = append(fp.hashes, h.Sum64())
	}
	slices.Sort(fp.hashes)
	fp.hashes = slices.Compact(fp.hashes)
	return fp
}

func (fp fingerprint) sketch() []uint64 { return fp.hashes[:min(sketch, len(fp.hashes))] }

// match is the passage before it that it is nearly the same as; -1 for none.
func (fp fingerprint) match(near map[uint64][]int, prints map[int]fingerprint) int {
	tried := map[int]bool{}
	for _, h := range fp.sketch() {
		for _, i := range near[h] {
			if tried[i] {
				continue
			}
			tried[i] = true
			if o := prints[i]; o.facts == fp.facts && jaccard(o.hashes, fp.hashes) >= resemblance {
				return i
			}
		}
	}
	return -1
}

// jaccard is the share of two sorted sets that they have in common.
func jaccard(a, b []uint64) float64 {
	common, i, j := 0, 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			common, i, j = common+1, i+1, j+1
		case a[i] < b[j]:
			i++
		default:
			j++
		}
	}
	if all := len(a) + len(b) - common; all > 0 {
		return float64(common) / float64(all)
	}
	return 0
}

// deciding are the words that turn a sentence into another one, beside numbers.
var deciding = wordSet(`niet geen nooit niemand nergens niets zonder behalve nee ja wel alleen altijd soms uitgezonderd tenzij
	not no never without yes only except unless
	verboden toegestaan verplicht vrijwillig gratis kosteloos open gesloten geopend dicht forbidden allowed required free closed
	maandag dinsdag woensdag donderdag vrijdag zaterdag zondag monday tuesday wednesday thursday friday saturday sunday
	januari februari maart april mei juni juli augustus september oktober november december
	january february march may june july august october
	nul een één twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien
	twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd duizend miljoen miljard half halve dubbel
	one two three four five six seven eight nine ten twelve twenty hundred thousand million
	eerste tweede derde vierde vijfde zesde laatste first second third fourth last
	voor na tot vanaf minder meer hoger lager eerder later before after less more`)

func wordSet(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}
