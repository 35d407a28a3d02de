package crawl

import (
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// How far from today the pages of a calendar are followed.
const (
	calendarAhead = 400 * 24 * time.Hour
	calendarBack  = 2 * 366 * 24 * time.Hour
)

// wholeDates are the forms of a text that is a date and nothing else.
var wholeDates = []*regexp.Regexp{
	// 2031, 2031-01, 2031/1/5, 2031-W05, 2031-01-05T10:00
	regexp.MustCompile(`^(?P<y>(?:19|20)[0-9]{2})(?:[-/._](?P<m>0?[1-9]|1[0-2])(?:[-/._][0-3]?[0-9])?|-?w[0-5][0-9])?(?:[t ][0-9].*)?$`),
	// 203101, 20310105
	regexp.MustCompile(`^(?P<y>(?:19|20)[0-9]{2})(?P<m>0[1-9]|1[0-2])(?:[0-3][0-9])?$`),
	// 01-2031, 5-1-2031, januari-2031
	regexp.MustCompile(`^(?:[0-3]?[0-9][-/._])?(?P<m>0?[1-9]|1[0-2]|januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december)[-/._](?P<y>(?:19|20)[0-9]{2})$`),
}

// calendar says why an address looks like a page of an endless calendar: what
// calls itself one has a date far ahead in its path or query, or one long past
// in its query. Dates long past in a path are archives, which end. The name has
// to be a whole segment or parameter, and the date a whole value: a plan for
// 2030 is no calendar, and document 2045 no date.
func calendar(u *url.URL, now time.Time) string {
	segments := strings.Split(strings.ToLower(u.Path), "/")
	inPath := slices.ContainsFunc(segments, calendarSegment)
	at, found := time.Time{}, false
	if inPath {
		at, found = aheadInPath(segments, now)
	}
	if !found {
		at, found = farInQuery(u.Query(), inPath, now)
	}
	if !found {
		return ""
	}
	return fmt.Sprintf("a date in %s, as the pages of an endless calendar have", at.Format("2006-01"))
}

// aheadInPath finds a month or day far ahead in a segment or in two that follow
// each other. A year alone may be the number of a page.
func aheadInPath(segments []string, now time.Time) (time.Time, bool) {
	for i, seg := range segments {
		texts := []string{seg}
		if i > 0 {
			texts = append(texts, segments[i-1]+"/"+seg)
		}
		for _, text := range texts {
			at, ok := dateOf(text)
			if ok && at.Sub(now) > calendarAhead && (!number(text) || len(text) == len("20310105")) {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// farInQuery finds a parameter with a date far ahead, or long past in a
// calendar. A bare number is a date only under a name that says so.
func farInQuery(query url.Values, named bool, now time.Time) (time.Time, bool) {
	for name := range query {
		named = named || slices.ContainsFunc(words(name), calendarWord)
	}
	for name, values := range query {
		dated := slices.ContainsFunc(words(name), dateWord)
		says := dated || slices.ContainsFunc(words(name), calendarWord) || slices.ContainsFunc(words(name), yearWord)
		for _, v := range values {
			at, ok := dateOf(v)
			if !ok || number(v) && !says {
				continue
			}
			if (named || dated) && at.Sub(now) > calendarAhead || named && now.Sub(at) > calendarBack {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// calendarSegment reports whether a segment of a path is the name of a calendar,
// with or without a file extension.
func calendarSegment(seg string) bool {
	name, _, _ := strings.Cut(seg, ".")
	return calendarWord(name) || strings.HasSuffix(name, "kalender")
}

func calendarWord(w string) bool {
	switch w {
	case "agenda", "kalender", "calendar", "month", "maand", "week", "event", "events",
		"evenement", "evenementen", "evenementenagenda", "activiteit", "activiteiten", "activiteitenagenda":
		return true
	}
	return false
}

// dateWord is a name of dates that need not be those of a calendar.
func dateWord(w string) bool {
	return w == "date" || w == "day" || w == "dag" || strings.HasSuffix(w, "datum")
}

func yearWord(w string) bool { return w == "year" || w == "jaar" }

// words of a parameter's name: "tribe-bar-date" has three.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
}

func number(s string) bool { return strings.Trim(s, "0123456789") == "" }

// dateOf is the month of a text that is a date; January where it names a year
// only.
func dateOf(s string) (time.Time, bool) {
	for _, form := range wholeDates {
		m := form.FindStringSubmatch(strings.ToLower(s))
		if m == nil {
			continue
		}
		year, _ := strconv.Atoi(m[form.SubexpIndex("y")])
		month, _ := strconv.Atoi(m[form.SubexpIndex("m")]) // 0 for none and for a name
		return time.Date(year, time.Month(max(month, 1)), 1, 0, 0, 0, 0, time.UTC), true
	}
	return time.Time{}, false
}
