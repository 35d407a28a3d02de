package retrieve

import (
	"fmt"
	"math"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// CheckRecords reports what a Store refuses before it writes: no records
// (ErrNoRecords), a record of another document, an empty or repeated passage
// ID, vectors of different lengths (ErrDimensions), numbers that are not
// finite, terms that are not sorted by token. It returns the dimensions of the
// vectors.
func CheckRecords(doc ingest.Ref, recs []Record) (dimensions int, err error) {
	if len(recs) == 0 {
		return 0, fmt.Errorf("%s: %w", doc, ErrNoRecords)
	}
	dimensions = len(recs[0].Vector)
	seen := make(map[string]bool, len(recs))
	for i := range recs {
		r := &recs[i]
		switch {
		case r.Doc != doc:
			return 0, fmt.Errorf("%s: passage %d belongs to %s", doc, i, r.Doc)
		case r.ID == "":
			return 0, fmt.Errorf("%s: passage %d has no ID", doc, i)
		case seen[r.ID]:
			return 0, fmt.Errorf("%s: passage ID %s occurs twice", doc, r.ID)
		case len(r.Vector) != dimensions:
			return 0, fmt.Errorf("%s: passage %d has %d, the first %d: %w", doc, i, len(r.Vector), dimensions, ErrDimensions)
		}
		seen[r.ID] = true
		if err := r.checkNumbers(); err != nil {
			return 0, fmt.Errorf("%s: passage %d: %w", doc, i, err)
		}
	}
	return dimensions, nil
}

func (r *Record) checkNumbers() error {
	for i, x := range r.Vector {
		if !finite(x) {
			return fmt.Errorf("component %d of the vector is %v", i, x)
		}
	}
	return r.Terms.Check()
}

// Check reports a token that is empty, repeated or out of order, or whose
// weight is not finite.
func (ts Terms) Check() error {
	for i, t := range ts {
		if t.Token == "" || i > 0 && ts[i-1].Token >= t.Token {
			return fmt.Errorf("term %d (%q) is empty, repeated or not sorted", i, t.Token)
		}
		if !finite(t.Weight) {
			return fmt.Errorf("weight of term %q is %v", t.Token, t.Weight)
		}
	}
	return nil
}

func finite(x float32) bool { return !math.IsNaN(float64(x)) && !math.IsInf(float64(x), 0) }

// IDF is the inverse document frequency of the contract of Store.Match, for a
// term that n of N passages hold: always more than 0.
func IDF(passages, holding int) float64 {
	n := float64(holding)
	return math.Log1p((float64(passages) - n + 0.5) / (n + 0.5))
}
