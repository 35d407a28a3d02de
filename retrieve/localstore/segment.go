package localstore

import (
	"database/sql"
	"encoding/binary"
	"math"
	"slices"

	"github.com/vraagbaak/vraagbaak/embed"
)

// segment holds the passages of one collection that were read at one time. A
// passage is a slot; slots are ordered by document number. It is immutable.
type segment struct {
	dims     int
	rows     []int64  // number of the passage in the file
	docs     []int64  // number of its document
	lo, hi   []int64  // when it is current; see span
	ids      []byte   // IDs, one after the other
	idEnds   []uint32 // where each ends
	vectors  []float32
	tokens   []uint32 // sorted: the tokens that occur
	ends     []uint32 // where the postings of each end
	postings []posting
}

// posting says that a passage holds a token. Those of a token are ordered by
// slot.
type posting struct {
	slot   uint32
	weight float32
}

func (s *segment) id(slot int) []byte {
	first := uint32(0)
	if slot > 0 {
		first = s.idEnds[slot-1]
	}
	return s.ids[first:s.idEnds[slot]]
}

func (s *segment) vector(slot int) embed.Vector {
	return s.vectors[slot*s.dims : (slot+1)*s.dims : (slot+1)*s.dims]
}

func (s *segment) current(slot int, asOf int64) bool {
	return s.lo[slot] <= asOf && asOf <= s.hi[slot]
}

// list is the postings of a token.
func (s *segment) list(token uint32) []posting {
	i, ok := slices.BinarySearch(s.tokens, token)
	if !ok {
		return nil
	}
	return s.listAt(i)
}

func (s *segment) listAt(i int) []posting {
	first := uint32(0)
	if i > 0 {
		first = s.ends[i-1]
	}
	return s.postings[first:s.ends[i]]
}

// element is a row of table search.
type element struct {
	row, doc, lo, hi  int64
	id, vector, terms sql.RawBytes
}

// builder collects rows for a segment.
type builder struct {
	name            string
	slots, postings int // what to make room for
	dims            int
	seg             *segment
	tokens          []uint32 // in the order of the rows
	weights         []float32
	ends            []int // where the terms of each slot end
	highest         uint32
}

func (b *builder) add(e *element) {
	if b.seg == nil {
		b.seg = &segment{
			dims: b.dims,
			rows: make([]int64, 0, b.slots), docs: make([]int64, 0, b.slots),
			lo: make([]int64, 0, b.slots), hi: make([]int64, 0, b.slots),
			ids: make([]byte, 0, b.slots*len(e.id)), idEnds: make([]uint32, 0, b.slots),
			vectors: make([]float32, 0, b.slots*b.dims),
		}
		b.tokens, b.weights = make([]uint32, 0, b.postings), make([]float32, 0, b.postings)
		b.ends = make([]int, 0, b.slots)
	}
	s := b.seg
	s.rows, s.docs = append(s.rows, e.row), append(s.docs, e.doc)
	s.lo, s.hi = append(s.lo, e.lo), append(s.hi, e.hi)
	s.ids = append(s.ids, e.id...)
	s.idEnds = append(s.idEnds, uint32(len(s.ids)))
	for v := e.vector; len(v) >= 4; v = v[4:] {
		s.vectors = append(s.vectors, math.Float32frombits(binary.LittleEndian.Uint32(v)))
	}
	for t := e.terms; len(t) >= 8; t = t[8:] {
		token := binary.LittleEndian.Uint32(t)
		b.highest = max(b.highest, token)
		b.tokens = append(b.tokens, token)
		b.weights = append(b.weights, math.Float32frombits(binary.LittleEndian.Uint32(t[4:])))
	}
	b.ends = append(b.ends, len(b.tokens))
}

// build inverts the terms.
func (b *builder) build() *segment {
	if b.seg == nil {
		return &segment{}
	}
	s := b.seg
	s.tokens = distinct(b.tokens, b.highest)
	// next[i] is where the next posting of tokens[i] goes; afterwards it is where
	// they end.
	next := make([]uint32, len(s.tokens))
	place := b.placer(s.tokens)
	for _, t := range b.tokens {
		next[place(t)]++
	}
	sum := uint32(0)
	for i, n := range next {
		next[i] = sum
		sum += n
	}
	s.postings = make([]posting, len(b.tokens))
	first := 0
	for slot, end := range b.ends {
		for j := first; j < end; j++ {
			i := place(b.tokens[j])
			s.postings[next[i]] = posting{uint32(slot), b.weights[j]}
			next[i]++
		}
		first = end
	}
	s.ends = next
	b.tokens, b.weights, b.ends = nil, nil, nil
	return s
}

// distinct sorts tokens, each once.
func distinct(tokens []uint32, highest uint32) []uint32 {
	if len(tokens) < int(highest)/16 {
		d := slices.Clone(tokens)
		slices.Sort(d)
		return slices.Clip(slices.Compact(d))
	}
	seen := newBitmap(int(highest) + 1)
	for _, t := range tokens {
		seen.set(int(t))
	}
	var d []uint32
	for t := range seen.all() {
		d = append(d, uint32(t))
	}
	return slices.Clip(d)
}

// placer returns the function from a token to its index in sorted: a table for
// many tokens, a binary search for the few of one document.
func (b *builder) placer(sorted []uint32) func(uint32) int {
	if len(b.tokens) < int(b.highest)/16 {
		return func(t uint32) int {
			i, _ := slices.BinarySearch(sorted, t)
			return i
		}
	}
	table := make([]uint32, b.highest+1)
	for i, t := range sorted {
		table[t] = uint32(i)
	}
	return func(t uint32) int { return int(table[t]) }
}

// merge makes one part of several, in their order, without what has gone.
func merge(parts ...part) part {
	slots, postings := 0, 0
	for _, p := range parts {
		slots += p.live
		postings += len(p.postings)
	}
	out := &segment{
		dims: parts[0].dims,
		rows: make([]int64, 0, slots), docs: make([]int64, 0, slots),
		lo: make([]int64, 0, slots), hi: make([]int64, 0, slots),
		idEnds:  make([]uint32, 0, slots),
		vectors: make([]float32, 0, slots*parts[0].dims), postings: make([]posting, 0, postings),
	}
	moved := make([][]uint32, len(parts)) // per part: from slot to slot in out
	for i, p := range parts {
		moved[i] = make([]uint32, len(p.docs))
		for slot := range p.docs {
			if p.gone.has(slot) {
				continue
			}
			moved[i][slot] = uint32(len(out.docs))
			out.rows, out.docs = append(out.rows, p.rows[slot]), append(out.docs, p.docs[slot])
			out.lo, out.hi = append(out.lo, p.lo[slot]), append(out.hi, p.hi[slot])
			out.ids = append(out.ids, p.id(slot)...)
			out.idEnds = append(out.idEnds, uint32(len(out.ids)))
			out.vectors = append(out.vectors, p.vector(slot)...)
		}
	}
	out.mergePostings(parts, moved)
	return part{segment: out, live: len(out.docs)}
}

// mergePostings goes through the sorted tokens of all parts side by side.
func (s *segment) mergePostings(parts []part, moved [][]uint32) {
	at := make([]int, len(parts))
	for {
		token, more := uint32(0), false
		for i, p := range parts {
			if at[i] < len(p.tokens) && (!more || p.tokens[at[i]] < token) {
				token, more = p.tokens[at[i]], true
			}
		}
		if !more {
			return
		}
		before := len(s.postings)
		for i, p := range parts {
			if at[i] == len(p.tokens) || p.tokens[at[i]] != token {
				continue
			}
			for _, e := range p.listAt(at[i]) {
				if !p.gone.has(int(e.slot)) {
					s.postings = append(s.postings, posting{moved[i][e.slot], e.weight})
				}
			}
			at[i]++
		}
		if len(s.postings) > before {
			s.tokens = append(s.tokens, token)
			s.ends = append(s.ends, uint32(len(s.postings)))
		}
	}
}
