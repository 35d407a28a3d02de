package extract

import (
	"math"
	"regexp"
	"strings"
)

// edgeBand is the share of the height, at the top and at the bottom, where
// repeated lines are furniture of the page.
const edgeBand = 0.14

var (
	pageNumber = regexp.MustCompile(`(?i)^(?:(?:pagina|page|blad|p\.?)\s*)?[-–|/ ]*\d{1,4}[-–| ]*(?:\s*(?:van|of|/)\s*\d{1,4})?$`)
	digitRuns  = regexp.MustCompile(`[0-9]+`)
	// What stands once, at the foot of the first page of a parliamentary paper.
	imprint     = regexp.MustCompile(`^(?:ISSN [0-9 –-]+|[’'‘]s-Gravenhage \d{4}|KST\d+|tkkst\d+\S*)$`)
	publication = regexp.MustCompile(`^(?:ah|kst|h|kv|stcrt|stb|trb|gmb|prb|wsb|bgr|blg)-[0-9a-zA-Z-]*\d[0-9a-zA-Z-]*$`)
)

// dropFurniture takes out what belongs to the pages and not to the text: lines
// that return at the same height on many pages, page numbers, imprints. It
// reports the identifier of an official publication if one is printed there.
func dropFurniture(spans []span, pages int) (kept []span, id string) {
	hi, lo := math.Inf(-1), math.Inf(1)
	for _, s := range spans {
		hi, lo = max(hi, s.y), min(lo, s.y)
	}
	band := edgeBand * (hi - lo)
	atEdge := func(s span) bool { return s.margin || s.y > hi-band || s.y < lo+band }
	type place struct {
		text string
		y    int
	}
	seen := map[place]map[int]bool{}
	note := func(p place, page int) {
		if seen[p] == nil {
			seen[p] = map[int]bool{}
		}
		seen[p][page] = true
	}
	key := func(s span) string { return digitRuns.ReplaceAllString(strings.ToLower(s.text), "#") }
	for _, s := range spans {
		if atEdge(s) {
			note(place{key(s), int(math.Round(s.y / 4))}, s.page)
		}
	}
	enough := 2
	if pages > 5 {
		enough = max(3, pages/5)
	}
	told := map[string]bool{} // in the margin: date and reference are told once
	for _, s := range spans {
		if s.margin && !told[s.text] && !pageNumber.MatchString(s.text) {
			told[s.text] = true
			kept = append(kept, s)
			continue
		}
		if atEdge(s) {
			y := int(math.Round(s.y / 4))
			n := 0
			for d := -1; d <= 1; d++ {
				n += len(seen[place{key(s), y + d}])
			}
			switch {
			case pages > 1 && n >= enough && !questionLabel.MatchString(s.text), pageNumber.MatchString(s.text) && (pages > 1 || s.y < lo+band), imprint.MatchString(s.text):
				continue
			case publication.MatchString(s.text):
				if id == "" {
					id = s.text
				}
				continue
			}
		}
		kept = append(kept, s)
	}
	return kept, id
}
