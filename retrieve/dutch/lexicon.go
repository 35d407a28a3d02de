package dutch

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Lexicon is what the analysis learned from a corpus. It is frozen with the
// index: a passage that was analysed with one lexicon cannot be compared with a
// question that was analysed with another.
type Lexicon struct {
	// Words that compounds are split into, with the number of times they occur.
	Words map[string]int `json:"words"`
	// Terms are the terms of more than one passage, with the number of passages
	// they are in. A term that is not here is in one passage or none.
	Terms map[string]int `json:"terms"`
	// AverageLength is the mean weighted number of terms of a passage.
	AverageLength float64 `json:"average_length"`
	// Passages is the number of passages it was learned from.
	Passages int `json:"passages"`
}

// The least a word must have to be taken for a part of a compound. In a corpus of
// fewer than smallCorpus passages every word is rare, and twice is enough.
const (
	minCount      = 5
	minCountSmall = 2
	smallCorpus   = 2000
	minLetter     = 4
)

// Learn builds a lexicon from the passages of a corpus.
func Learn(each func(yield func(*retrieve.Passage) bool)) Lexicon {
	counts, df, seen := map[string]int{}, map[string]int{}, map[string]int{}
	var total float64
	n := 0
	for p := range each {
		n++
		for _, f := range fields(p) {
			tokens(f.text, func(tok string, whole bool) {
				if whole || stopword(tok) {
					return
				}
				total += f.weight
				counts[tok]++
				if t := stem(tok); seen[t] != n {
					seen[t] = n
					df[t]++
				}
			})
		}
	}
	least := minCount
	if n < smallCorpus {
		least = minCountSmall
	}
	maps.DeleteFunc(counts, func(w string, c int) bool {
		return c < least || len(w) < minLetter || !letters(w)
	})
	maps.DeleteFunc(df, func(_ string, n int) bool { return n < 2 })
	l := Lexicon{Words: counts, Terms: df, Passages: n}
	if n > 0 {
		l.AverageLength = total / float64(n)
	}
	return l
}

func letters(w string) bool {
	for i := range len(w) {
		if w[i] < 'a' || w[i] > 'z' {
			return false
		}
	}
	return true
}

// Parse reads a lexicon that Encode wrote.
func Parse(s string) (Lexicon, error) {
	var l Lexicon
	if err := json.Unmarshal([]byte(s), &l); err != nil {
		return l, fmt.Errorf("the lexicon of the index cannot be read: %w", err)
	}
	return l, nil
}

// Encode gives the lexicon as a string; the same lexicon, the same string.
func (l Lexicon) Encode() string {
	b, err := json.Marshal(l)
	if err != nil {
		panic(err) // a map of numbers always marshals
	}
	return string(b)
}

func (l Lexicon) version() string {
	h := sha256.New()
	fmt.Fprintf(h, "%.6f %d\n", l.AverageLength, l.Passages)
	for _, m := range [...]map[string]int{l.Words, l.Terms} {
		for _, w := range slices.Sorted(maps.Keys(m)) {
			fmt.Fprintf(h, "%s %d\n", w, m[w])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6])
}

// parts splits a compound into words of the lexicon, with an optional linking
// s, e or en after the first: "parkeervergunning" is "parkeer" and "vergunning".
// Of several splits the one whose rarer part is most frequent wins. It returns nil
// if the word is no compound.
func (l Lexicon) parts(w string) []string {
	if len(w) < 2*minLetter || !letters(w) {
		return nil
	}
	best, first, second := 0, "", ""
	for i := minLetter; i <= len(w)-minLetter; i++ {
		right := l.Words[w[i:]]
		if right == 0 {
			continue
		}
		for _, link := range [...]string{"", "s", "e", "en", "n"} {
			left := w[:i]
			if len(left)-len(link) < minLetter || left[len(left)-len(link):] != link {
				continue
			}
			left = left[:len(left)-len(link)]
			if c := min(l.Words[left], right); c > best {
				best, first, second = c, left, w[i:]
			}
		}
	}
	if best == 0 {
		return nil
	}
	out := []string{first, second}
	for _, p := range [...]string{first, second} {
		out = append(out, l.parts(p)...)
	}
	return out
}
