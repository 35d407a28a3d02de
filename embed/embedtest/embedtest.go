// Package embedtest holds a deterministic embedder for tests, and the suite
// that every embed.Embedder passes. Nothing in it loads a model.
package embedtest

import (
	"context"
	"hash/fnv"
	"strings"
	"unicode"

	"github.com/vraagbaak/vraagbaak/embed"
)

// Embedder gives texts that share words, or parts of words, similar vectors:
// each word and each group of three letters adds a direction of its own. It
// knows no meaning, only spelling.
type Embedder struct{ dims int }

// New returns an embedder of so many dimensions; from 64 on, unlike texts are
// well apart.
func New(dims int) *Embedder { return &Embedder{dims} }

// Model is as in embed.Embedder.
func (e *Embedder) Model() embed.Model {
	return embed.Model{Name: "embedtest", Revision: "1", Dimensions: e.dims}
}

// Embed is as in embed.Embedder. The role adds a direction of its own, small
// enough that a question stays nearest to the passage with its words.
func (e *Embedder) Embed(ctx context.Context, role embed.Role, texts []string) ([]embed.Vector, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []embed.Vector
	for _, text := range texts {
		out = append(out, e.vector(role, text))
	}
	return out, nil
}

func (e *Embedder) vector(role embed.Role, text string) embed.Vector {
	v := make(embed.Vector, e.dims)
	e.add(v, "role "+string(role), 0.3)
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		e.add(v, word, 1)
		letters := []rune("^" + word + "$")
		for i := 0; i+3 <= len(letters); i++ {
			e.add(v, string(letters[i:i+3]), 0.4)
		}
	}
	return v.Unit()
}

// add adds the direction of a feature: eight components, chosen and signed by
// its hash.
func (e *Embedder) add(v embed.Vector, feature string, weight float32) {
	h := fnv.New64a()
	h.Write([]byte(feature))
	x := h.Sum64()
	for range 8 {
		// xorshift64: a fixed generator, so that no release of Go changes vectors
		x ^= x << 13
		x ^= x >> 7
		x ^= x << 17
		sign := float32(1)
		if x&1 == 0 {
			sign = -1
		}
		v[(x>>1)%uint64(len(v))] += sign * weight
	}
}
