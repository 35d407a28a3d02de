package localstore

import (
	"bytes"
	"cmp"
	"slices"
)

// found is a slot with its score.
type found struct {
	score float64
	seg   *segment
	slot  int
}

// before is the order of hits: the better first, ties by passage ID.
func (a found) before(b found) bool {
	if a.score != b.score {
		return a.score > b.score
	}
	return bytes.Compare(a.seg.id(a.slot), b.seg.id(b.slot)) < 0
}

// best keeps the limit best of what it is shown, as a heap with the worst of
// them on top.
type best struct {
	limit int
	heap  []found
}

func (b *best) show(f found) {
	if len(b.heap) < b.limit {
		b.heap = append(b.heap, f)
		for i := len(b.heap) - 1; i > 0; {
			up := (i - 1) / 2
			if !b.heap[up].before(b.heap[i]) {
				return
			}
			b.heap[up], b.heap[i] = b.heap[i], b.heap[up]
			i = up
		}
		return
	}
	if f.score < b.heap[0].score || !f.before(b.heap[0]) {
		return
	}
	b.heap[0] = f
	for i := 0; ; {
		worst := i
		for down := 2*i + 1; down <= 2*i+2 && down < len(b.heap); down++ {
			if b.heap[worst].before(b.heap[down]) {
				worst = down
			}
		}
		if worst == i {
			return
		}
		b.heap[i], b.heap[worst] = b.heap[worst], b.heap[i]
		i = worst
	}
}

// sorted empties b.
func (b *best) sorted() []found {
	slices.SortFunc(b.heap, func(x, y found) int {
		return cmp.Or(cmp.Compare(y.score, x.score), bytes.Compare(x.seg.id(x.slot), y.seg.id(y.slot)))
	})
	out := b.heap
	b.heap = nil
	return out
}
