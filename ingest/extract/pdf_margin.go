package extract

import "math"

// Bounds of a column in the margin.
const (
	marginLines = 3
	marginSize  = 0.9  // of its letters, to those of the text
	marginShare = 0.25 // of the characters of the page
)

// splitMargin takes out a narrow column of smaller letters beside the text: the
// sender, date and reference of a Dutch government letter. Its lines stand next
// to those of the text by chance; as cells of a row they would cut paragraphs
// in pieces. It is the last thing to read of its page.
func splitMargin(spans []span) (text, margin []span) {
	if len(spans) < 2*marginLines {
		return spans, nil
	}
	sizes, chars := map[float64]int{}, 0
	for _, s := range spans {
		sizes[s.size] += s.chars
		chars += s.chars
	}
	limit := marginSize * mode(sizes, 0)
	for _, x := range candidates(spans) {
		if isMargin(spans, x, limit, chars) {
			for _, s := range spans {
				if s.x0 >= x-1 && s.size <= limit {
					s.margin, s.afterCell = true, false
					margin = append(margin, s)
				} else {
					text = append(text, s)
				}
			}
			return text, margin
		}
	}
	return spans, nil
}

// isMargin reports whether the small letters from x to the right are a column
// of their own: nothing else stands there or reaches into it at its height, and
// larger letters stand on its left.
func isMargin(spans []span, x, limit float64, chars int) bool {
	lines, small := 0, 0
	top, bottom := math.Inf(-1), math.Inf(1)
	for _, s := range spans {
		if s.x0 >= x-1 && s.size <= limit {
			lines++
			small += s.chars
			top, bottom = max(top, s.y+s.size), min(bottom, s.y-s.size)
		}
	}
	if lines < marginLines || float64(small) > marginShare*float64(chars) {
		return false
	}
	beside := 0
	for _, s := range spans {
		switch {
		case s.y > top || s.y < bottom:
		case s.x0 >= x-1 && s.size > limit, s.x0 < x-1 && s.x1 > x-0.4*s.size:
			return false
		case s.x0 < x-1 && s.size <= limit:
			return false // cells of a table in small letters
		case s.x0 < x-1:
			beside++
		}
	}
	return beside >= marginLines
}
