package localstore

import (
	"iter"
	"math/bits"
	"slices"
)

// bitmap is a set of small numbers; the nil bitmap is empty.
type bitmap []uint64

func newBitmap(n int) bitmap { return make(bitmap, (n+63)/64) }

func (b bitmap) set(i int) { b[i>>6] |= 1 << (i & 63) }

func (b bitmap) has(i int) bool { return b != nil && b[i>>6]&(1<<(i&63)) != 0 }

// clone copies the bitmap, or makes an empty one for n numbers.
func (b bitmap) clone(n int) bitmap {
	if b == nil {
		return newBitmap(n)
	}
	return slices.Clone(b)
}

// all yields the numbers in the set, in order.
func (b bitmap) all() iter.Seq[int] {
	return func(yield func(int) bool) {
		for w, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(w<<6 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
