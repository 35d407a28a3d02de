package koop

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Selection says which official publications are harvested: all that meet every
// list that is not empty, with one of its values.
type Selection struct {
	// Query is CQL that is sent as it is; it goes without the other fields.
	Query string
	// Kinds are publication names, such as Kamerstuk, "Kamervragen (Aanhangsel)"
	// or Gemeenteblad.
	Kinds []string
	// Dossiers in any spelling: 36600-VII, "36 600 VII".
	Dossiers []string
	// Creators as the service writes them, such as "Tweede Kamer der
	// Staten-Generaal", or the name of a municipality.
	Creators []string
	// From and Until bound the date of the publication, both included.
	From, Until time.Time
	// Attachments takes the attachments (blg-) of the papers too.
	Attachments bool
}

// cql is a query in two parts: what has to hold, and what may not. The service
// reads operators from left to right, so that what may not hold comes last.
type cql struct {
	and []string
	not []string
}

// with is the query with further conditions.
func (q cql) with(and ...string) cql {
	return cql{append(append([]string{}, q.and...), and...), q.not}
}

func (q cql) String() string {
	s := strings.Join(q.and, " AND ")
	for _, n := range q.not {
		s += " NOT " + n
	}
	return s
}

// anyOf is a condition that one of the values meets.
func anyOf(index string, values ...string) string {
	terms := make([]string, len(values))
	for i, v := range values {
		terms[i] = index + "==" + quoteCQL(v)
	}
	if len(terms) == 1 {
		return terms[0]
	}
	return "(" + strings.Join(terms, " OR ") + ")"
}

var bareCQL = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.-]*$`)

// quoteCQL writes a value so that it is one term, whatever is in it.
func quoteCQL(v string) string {
	switch strings.ToLower(v) {
	case "and", "or", "not", "prox", "sortby":
	default:
		if bareCQL.MatchString(v) {
			return v
		}
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

// sorted is a query that brings its own order, outside quotation marks.
var sorted = regexp.MustCompile(`(?i)\bsortby\b`)

// build makes the query of a selection for a search service. Errors say what to
// write instead.
func (s Selection) build(d dialect) (cql, error) {
	if q := strings.TrimSpace(s.Query); q != "" {
		if len(s.Kinds)+len(s.Dossiers)+len(s.Creators) > 0 || !s.From.IsZero() || !s.Until.IsZero() || s.Attachments {
			return cql{}, errors.New("query goes without kinds, dossiers, creators, from, until and attachments: write them in the query, or leave the query out")
		}
		if sorted.MatchString(quoted.ReplaceAllString(q, "")) {
			return cql{}, errors.New("query has a sortBy; leave it out, the harvest goes by the date of modification")
		}
		if err := balanced(q); err != nil {
			return cql{}, fmt.Errorf("query %q: %w", q, err)
		}
		return cql{and: []string{"(" + q + ")"}}, nil
	}
	if len(s.Kinds)+len(s.Dossiers)+len(s.Creators) == 0 && s.From.IsZero() {
		return cql{}, errors.New("the selection is everything there is; give kinds, dossiers, creators, from or a query")
	}
	if !s.From.IsZero() && !s.Until.IsZero() && s.Until.Before(s.From) {
		return cql{}, fmt.Errorf("until (%s) is before from (%s)", day(s.Until), day(s.From))
	}
	q := cql{and: slices.Clone(d.all)}
	if len(s.Kinds) > 0 {
		kinds := s.Kinds
		if len(d.kinds) > 0 {
			var err error
			if kinds, err = d.kindNames(kinds); err != nil {
				return cql{}, err
			}
		}
		q.and = append(q.and, anyOf(d.kind, kinds...))
	}
	if d.dossier == "" && len(s.Dossiers) > 0 || d.attachment == "" && s.Attachments {
		return cql{}, errors.New("dossiers and attachments are of the official publications only; leave them out, or leave the connection out")
	}
	if len(s.Dossiers) > 0 {
		dossiers, err := dossierNumbers(s.Dossiers)
		if err != nil {
			return cql{}, err
		}
		q.and = append(q.and, anyOf(d.dossier, dossiers...))
	}
	if len(s.Creators) > 0 {
		for _, c := range s.Creators {
			if strings.TrimSpace(c) == "" {
				return cql{}, errors.New("creators has an empty name")
			}
		}
		q.and = append(q.and, anyOf(d.creator, s.Creators...))
	}
	if !s.From.IsZero() {
		q.and = append(q.and, d.date+">="+day(s.From))
	}
	if !s.Until.IsZero() {
		q.and = append(q.and, d.date+"<="+day(s.Until))
	}
	if !s.Attachments && d.attachment != "" {
		q.not = append(q.not, d.attachment)
	}
	return q, nil
}

// parts are the selection with one kind, dossier or creator each, where there is
// more than one list or value to tell apart.
func (s Selection) parts(d dialect) []SurveyPart {
	var out []SurveyPart
	add := func(one Selection, p SurveyPart) {
		if q, err := one.build(d); err == nil {
			p.cql, p.Query = q, q.String()
			out = append(out, p)
		}
	}
	for _, k := range s.Kinds {
		one := s
		one.Kinds = []string{k}
		add(one, SurveyPart{Kind: k})
	}
	for _, n := range s.Dossiers {
		one := s
		one.Dossiers = []string{n}
		number, _ := DossierNumber(n)
		add(one, SurveyPart{Dossier: number})
	}
	for _, c := range s.Creators {
		one := s
		one.Creators = []string{c}
		add(one, SurveyPart{Creator: c})
	}
	return out
}

var quoted = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)

// balanced reports parentheses and quotation marks that do not match: they would
// change what the conditions of a window apply to.
func balanced(q string) error {
	rest := quoted.ReplaceAllString(q, "")
	if strings.Contains(rest, `"`) {
		return errors.New("a quotation mark is not closed")
	}
	depth := 0
	for _, r := range rest {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth < 0 {
			break
		}
	}
	if depth != 0 {
		return errors.New("the parentheses do not match")
	}
	return nil
}

var (
	dossierForm = regexp.MustCompile(`^(\d{2})[ .]?(\d{3})([ -]*(?:hoofdstuk )?[ -]*)(.*)$`)
	dossierTail = regexp.MustCompile(`^(?:[IVXLC]+[A-Z]?|[A-Z]|\d{1,3}|\(R ?\d{2,4}\)|R ?\d{2,4})$`)
	spaces      = regexp.MustCompile(`[\s\x{00a0}]+`)
)

// DossierNumber is the official form of a dossier number in any spelling:
// 36600-VII of "36 600 VII" and "36600 hoofdstuk VII".
func DossierNumber(s string) (string, error) {
	clean := strings.TrimSpace(spaces.ReplaceAllString(strings.NewReplacer("‑", "-", "–", "-").Replace(s), " "))
	m := dossierForm.FindStringSubmatch(strings.Replace(clean, "Hoofdstuk", "hoofdstuk", 1))
	if m == nil {
		return "", fmt.Errorf("%q is not a dossier number; write it as 36600 or 36600-VII", s)
	}
	tail := strings.ToUpper(strings.TrimSpace(m[4]))
	if tail == "" {
		return m[1] + m[2], nil
	}
	if !dossierTail.MatchString(tail) || m[3] == "" && tail[0] >= '0' && tail[0] <= '9' {
		return "", fmt.Errorf("%q is not a dossier number: %q behind it is no chapter or part; write it as 36600-VII", s, m[4])
	}
	if strings.HasPrefix(strings.Trim(tail, "("), "R") && len(tail) > 1 { // of the Kingdom: 33990-(R2034)
		tail = "(" + strings.ReplaceAll(strings.Trim(tail, "()"), " ", "") + ")"
	}
	return m[1] + m[2] + "-" + tail, nil
}

func dossierNumbers(dossiers []string) ([]string, error) {
	var out []string
	for _, d := range dossiers {
		n, err := DossierNumber(d)
		if err != nil {
			return nil, fmt.Errorf("dossiers: %w", err)
		}
		out = append(out, n)
	}
	return out, nil
}
