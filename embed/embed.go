// Package embed turns texts into vectors. It holds the interface, the cache
// decorator and vector arithmetic; models live in the packages below it.
package embed

import (
	"context"
	"fmt"
	"math"
)

// Vector is a dense embedding of unit length: the dot product of two of them
// is their cosine.
type Vector []float32

// Dot is the dot product of two vectors of the same length.
func Dot(a, b Vector) float32 {
	var s0, s1, s2, s3 float32
	b = b[:len(a)]
	n := len(a) &^ 3
	for i := 0; i < n; i += 4 {
		s0 += a[i] * b[i]
		s1 += a[i+1] * b[i+1]
		s2 += a[i+2] * b[i+2]
		s3 += a[i+3] * b[i+3]
	}
	for i := n; i < len(a); i++ {
		s0 += a[i] * b[i]
	}
	return s0 + s1 + s2 + s3
}

// Unit scales v to length 1 in place and returns it; a zero vector stays zero.
func (v Vector) Unit() Vector {
	var s float64
	for _, x := range v {
		s += float64(x) * float64(x)
	}
	if s == 0 {
		return v
	}
	f := float32(1 / math.Sqrt(s))
	for i := range v {
		v[i] *= f
	}
	return v
}

// Model identifies what made a vector. Vectors of different models cannot be
// compared, so it is part of the index signature.
type Model struct {
	Name       string
	Revision   string // SHA-256 of the weights, hex, where they are known
	Dimensions int
}

func (m Model) String() string {
	r := m.Revision
	if len(r) > 12 {
		r = r[:12]
	}
	return fmt.Sprintf("%s@%s/%d", m.Name, r, m.Dimensions)
}

// Role says what a text is: many models embed questions and passages in
// different ways (e5: the prefixes "query: " and "passage: ").
type Role string

// The roles.
const (
	Passage Role = "passage"
	Query   Role = "query"
)

// Embedder embeds texts. The result has one unit-length vector per text, in
// order; the same text with the same role gives the same vector. Texts longer
// than the model reads are cut at its end. An Embedder is safe for concurrent
// use. No texts give no vectors and no error.
type Embedder interface {
	Model() Model
	Embed(ctx context.Context, role Role, texts []string) ([]Vector, error)
}
