package answer

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// aged is a candidate that knows whether another one is later on its subject.
type aged struct {
	retrieve.Candidate
	older bool
}

// nearNewest is the least score of a later text, as a share of that of the older
// one, for which it comes first.
const nearNewest = 0.7

// newestFirst marks the texts that another one has taken the place of, and puts
// the later one before the older: what holds now is the answer, and what held
// before is shown as that. Two documents are on one subject if their titles are the
// same but for dates, or if a publication names what replaced it. A question that
// names a year is about that year: then no title is older than another.
func newestFirst(question string, cs []retrieve.Candidate) []aged {
	dated := !yearInTitle.MatchString(question)
	out := make([]aged, 0, len(cs))
	for _, c := range cs {
		out = append(out, aged{c, c.Meta["replaced_by"] != ""})
	}
	for i := 0; i < len(out); i++ {
		newest := -1
		for j := range out {
			if later(&out[j].Candidate, &out[i].Candidate, dated) && out[j].Score >= nearNewest*out[i].Score && (newest < 0 || later(&out[j].Candidate, &out[newest].Candidate, dated)) {
				newest = j
			}
		}
		if newest < 0 {
			continue
		}
		if out[i].older = true; newest > i {
			c := out[newest]
			out = slices.Insert(slices.Delete(out, newest, newest+1), i, c)
		}
	}
	for i := range out { // sources are cited by their score
		out[i].Score = cs[i].Score
	}
	return out
}

// later reports whether a is on the same subject as b, of a later date; by title
// only if dated.
func later(a, b *retrieve.Candidate, dated bool) bool {
	if a.Doc == b.Doc || a.Doc.Collection != b.Doc.Collection {
		return false
	}
	if id := b.Meta["replaced_by"]; id != "" && id == a.Meta["identifier"] {
		return true
	}
	subject := undated(a.Title)
	return dated && subject != "" && subject == undated(b.Title) && a.Title != b.Title && moment(a).After(moment(b))
}

var (
	datesInTitle = regexp.MustCompile(`(?i)\b(?:\d{1,2}[-/ ])?(?:\d{1,2}|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)?[-/ ]?(?:19|20)\d{2}(?:[-/](?:(?:19|20)?\d{2}))?\b`)
	yearInTitle  = regexp.MustCompile(`\b(?:19|20)\d{2}\b`)
)

// undated is a title without its dates; "" if it has none, or is nothing else.
func undated(title string) string {
	rest := datesInTitle.ReplaceAllString(title, " ")
	if rest == title || len(strings.Fields(rest)) == 0 {
		return ""
	}
	return strings.ToLower(strings.Join(strings.Fields(rest), " "))
}

// moment is when a text began to hold: the last year in its title, else the day
// from which it is valid, or when it was published.
func moment(c *retrieve.Candidate) time.Time {
	if years := yearInTitle.FindAllString(c.Title, -1); len(years) > 0 {
		t, _ := time.Parse("2006", years[len(years)-1])
		return t
	}
	if !c.ValidFrom.IsZero() {
		return c.ValidFrom
	}
	return c.Published
}
