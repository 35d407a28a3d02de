package server

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Bounds of a question. Lengths of texts are in characters.
const (
	maxBody        = 64 << 10 // bytes; a full history fits
	maxQuestion    = 1000
	maxTurns       = 10
	maxTurnAnswer  = 4000
	maxCollections = 50
)

// askRequest is the body of POST /v1/answers.
type askRequest struct {
	Question    string        `json:"question"`
	Collections []string      `json:"collections"`
	History     []answer.Turn `json:"history"`
	Filters     askFilters    `json:"filters"`
	Level       string        `json:"level"` // b1 for plain language; "" as written
	AsOf        string        `json:"as_of"` // a date (midnight UTC) or a moment, RFC 3339; "" for now
}

// askFilters narrow the search; each list has to be met by one of its values.
type askFilters struct {
	Dossier      []string `json:"dossier"`
	Vergaderjaar []string `json:"vergaderjaar"`
	Soort        []string `json:"soort"`
	Indiener     []string `json:"indiener"`
	From         string   `json:"from"`  // date of publication, such as 2026-01-31
	Until        string   `json:"until"` // included
}

// maxFilter bounds the values of one filter, and the characters of each.
const (
	maxFilter      = 20
	maxFilterValue = 200
)

func (f askFilters) check() (retrieve.Filter, []fieldError) {
	var bad []fieldError
	for name, list := range map[string][]string{"dossier": f.Dossier, "vergaderjaar": f.Vergaderjaar, "soort": f.Soort, "indiener": f.Indiener} {
		if len(list) > maxFilter {
			bad = append(bad, fieldError{"/filters/" + name, fmt.Sprintf("Noem ten hoogste %d waarden.", maxFilter)})
			continue
		}
		for i, v := range list {
			if n := utf8.RuneCountInString(strings.TrimSpace(v)); n < 1 || n > maxFilterValue {
				bad = append(bad, fieldError{fmt.Sprintf("/filters/%s/%d", name, i), fmt.Sprintf("Vul een waarde in van 1 tot %d tekens.", maxFilterValue)})
			}
		}
	}
	out := retrieve.Filter{Dossiers: f.Dossier, Sessions: f.Vergaderjaar, Kinds: f.Soort, Authors: f.Indiener}
	for _, d := range []struct {
		name, value string
		to          *time.Time
	}{{"from", f.From, &out.From}, {"until", f.Until, &out.Until}} {
		if d.value == "" {
			continue
		}
		var err error
		if *d.to, err = time.Parse(time.DateOnly, d.value); err != nil {
			bad = append(bad, fieldError{"/filters/" + d.name, "Vul een datum in als 2026-01-31."})
		}
	}
	slices.SortFunc(bad, func(a, b fieldError) int { return strings.Compare(a.Pointer, b.Pointer) })
	return out, bad
}

// decodeQuestion reads and checks the body. The scope is left to the caller.
func decodeQuestion(w http.ResponseWriter, r *http.Request) (answer.Question, []string, error) {
	var none answer.Question
	mt, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || mt != typeJSON || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return none, nil, errMediaType
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		if errors.As(err, new(*http.MaxBytesError)) {
			return none, nil, err
		}
		return none, nil, invalid(fieldError{"", "Het verzoek kwam niet compleet aan."})
	}
	if !utf8.Valid(body) {
		return none, nil, invalid(fieldError{"", "De tekst is geen geldige UTF-8."})
	}
	var in askRequest
	if err := unmarshal(body, &in); err != nil {
		return none, nil, err
	}
	q, fields := in.check()
	if len(fields) > 0 {
		return none, nil, invalid(fields...)
	}
	return q, in.Collections, nil
}

// unmarshal takes exactly one JSON object without unknown fields.
func unmarshal(body []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil && dec.More() {
		return invalid(fieldError{"", "Na het JSON-object staat nog meer tekst."})
	}
	var wrong *json.UnmarshalTypeError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &wrong):
		return invalid(fieldError{"/" + strings.ReplaceAll(wrong.Field, ".", "/"), "Dit veld heeft een ander type dan verwacht."})
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		return invalid(fieldError{"/" + pointerEscape(name), "Dit veld bestaat niet."})
	}
	return invalid(fieldError{"", "Dit is geen geldige JSON."})
}

func pointerEscape(s string) string { return strings.NewReplacer("~", "~0", "/", "~1").Replace(s) }

func (in askRequest) check() (answer.Question, []fieldError) {
	var bad []fieldError
	text := func(pointer, s string, least, most int) {
		if n := utf8.RuneCountInString(strings.TrimSpace(s)); n < least || n > most {
			what := "een tekst"
			if pointer == "/question" {
				what = "een vraag"
			}
			bad = append(bad, fieldError{pointer, fmt.Sprintf("Vul %s in van %d tot %d tekens.", what, least, most)})
		}
	}
	text("/question", in.Question, 1, maxQuestion)
	if len(in.Collections) > maxCollections {
		bad = append(bad, fieldError{"/collections", fmt.Sprintf("Noem ten hoogste %d collecties.", maxCollections)})
	}
	for i, c := range in.Collections {
		if c == "" {
			bad = append(bad, fieldError{fmt.Sprintf("/collections/%d", i), "De naam van een collectie is niet leeg."})
		}
	}
	if len(in.History) > maxTurns {
		bad = append(bad, fieldError{"/history", fmt.Sprintf("Stuur ten hoogste %d eerdere vragen mee.", maxTurns)})
	} else {
		for i, t := range in.History {
			text(fmt.Sprintf("/history/%d/question", i), t.Question, 1, maxQuestion)
			text(fmt.Sprintf("/history/%d/answer", i), t.Answer, 0, maxTurnAnswer)
		}
	}
	asOf, err := parseAsOf(in.AsOf)
	if err != nil {
		bad = append(bad, fieldError{"/as_of", "Vul een datum in als 2026-01-31, of een moment als 2026-01-31T12:00:00Z."})
	}
	level, err := answer.ParseLevel(in.Level)
	if err != nil {
		bad = append(bad, fieldError{"/level", "Vul b1 in, of laat dit veld leeg."})
	}
	filter, wrong := in.Filters.check()
	return answer.Question{Text: strings.TrimSpace(in.Question), History: in.History, AsOf: asOf, Level: level, Filter: filter}, append(bad, wrong...)
}

func parseAsOf(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, s)
	return t.UTC(), err
}
