package server

import (
	"mime"
	"strconv"
	"strings"
)

const (
	typeJSON = "application/json"
	typeSSE  = "text/event-stream"
)

// negotiate picks application/json or text/event-stream by the Accept header
// (RFC 9110, section 12.5.1): the highest weight wins, JSON when equal, and of
// the ranges that match a type the most specific one counts. "" if neither is
// acceptable.
func negotiate(accept []string) string {
	header := strings.Join(accept, ",")
	if strings.TrimSpace(header) == "" {
		return typeJSON
	}
	best, bestQ := "", 0.0
	for _, t := range []string{typeJSON, typeSSE} {
		if q := quality(header, t); q > bestQ {
			best, bestQ = t, q
		}
	}
	return best
}

func quality(header, typ string) float64 {
	major, _, _ := strings.Cut(typ, "/")
	q, specific := 0.0, 0
	for part := range strings.SplitSeq(header, ",") {
		rng, params, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		level := 0
		switch rng {
		case typ:
			level = 3
		case major + "/*":
			level = 2
		case "*/*":
			level = 1
		}
		if level <= specific {
			continue
		}
		weight := 1.0
		if v, ok := params["q"]; ok {
			if weight, err = strconv.ParseFloat(v, 64); err != nil || weight < 0 || weight > 1 {
				continue
			}
		}
		q, specific = weight, level
	}
	return q
}
