package eval

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// RunWriter writes a TREC run: a line for each query and document with the
// fields query, Q0, document, rank (from 1), score and tag, separated by spaces.
type RunWriter struct {
	w   *bufio.Writer
	tag string
}

// NewRunWriter returns a writer of the run that is called tag. Call
// [RunWriter.Flush] at the end.
func NewRunWriter(w io.Writer, tag string) *RunWriter {
	return &RunWriter{w: bufio.NewWriter(w), tag: tag}
}

// Write writes the ranking of one query, best first. trec_eval ignores the rank
// and sorts by score, which it reads as float32, and ties by descending document
// ID; therefore a score that does not lie below the one before it is written as
// the next smaller float32. Thus readers by rank and readers by score see the
// same order. An ID or tag that is empty or has white space in it, a document
// that is listed twice, and a score that is not finite are errors; nothing of
// the query is written then.
func (r *RunWriter) Write(query string, ranked []Ranked) error {
	if err := checkField("tag", r.tag); err != nil {
		return err
	}
	if err := checkField("query", query); err != nil {
		return err
	}
	var b strings.Builder
	seen := make(map[string]bool, len(ranked))
	above := float32(math.Inf(1))
	for i, d := range ranked {
		if err := checkField("document", d.ID); err != nil {
			return fmt.Errorf("query %s, rank %d: %w", query, i+1, err)
		}
		if seen[d.ID] {
			return fmt.Errorf("query %s, rank %d: document %s is listed twice", query, i+1, d.ID)
		}
		seen[d.ID] = true
		score := float32(d.Score)
		if math.IsNaN(d.Score) || math.IsInf(float64(score), 0) {
			return fmt.Errorf("query %s, rank %d: document %s has score %v", query, i+1, d.ID, d.Score)
		}
		if score >= above {
			score = math.Nextafter32(above, float32(math.Inf(-1)))
		}
		above = score
		fmt.Fprintf(&b, "%s Q0 %s %d %s %s\n", query, d.ID, i+1,
			strconv.FormatFloat(float64(score), 'g', -1, 32), r.tag)
	}
	_, err := r.w.WriteString(b.String())
	return err
}

// Flush writes what is still buffered.
func (r *RunWriter) Flush() error { return r.w.Flush() }

func checkField(name, s string) error {
	if s == "" || strings.ContainsFunc(s, isSpace) {
		return fmt.Errorf("%s %q cannot stand in a TREC run: it is empty or has white space in it", name, s)
	}
	return nil
}

// isSpace is what C's isspace and Python's str.split, which read runs, split at.
func isSpace(r rune) bool {
	return r <= ' ' || r == 0x85 || r == 0xa0 || strings.ContainsRune("\u1680\u2028\u2029\u202f\u205f\u3000", r) || r >= 0x2000 && r <= 0x200a
}
