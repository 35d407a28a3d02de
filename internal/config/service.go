package config

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// kinds are those of the sources. The ones behind website are services of the
// government.
var kinds = []string{"folder", "website", "publicaties", "rijksoverheid", "tweedekamer"}

// IsService reports whether the source is a service of the government, asked by
// the package ingest/koop.
func (s Source) IsService() bool { return slices.Index(kinds, s.Kind) >= 2 }

// checkService checks the keys of services; what the values may be is for the
// source itself.
func (s Source) checkService() error {
	var errs []error
	for _, d := range []struct{ key, value string }{{"from", s.From}, {"until", s.Until}} {
		if _, err := parseDate(d.value); err != nil {
			errs = append(errs, fmt.Errorf("%s is %q; write a date as 2024-01-31", d.key, d.value))
		}
	}
	if _, err := s.RecheckInterval(); err != nil {
		errs = append(errs, err)
	}
	if s.IsService() {
		return errors.Join(errs...)
	}
	for _, k := range []struct {
		key string
		set bool
	}{
		{"url", s.URL != ""}, {"connection", s.Connection != ""}, {"query", s.Query != ""}, {"kinds", len(s.Kinds) > 0},
		{"dossiers", len(s.Dossiers) > 0}, {"creators", len(s.Creators) > 0}, {"from", s.From != ""}, {"until", s.Until != ""},
		{"attachments", s.Attachments}, {"recheck", s.Recheck != ""},
	} {
		if k.set {
			errs = append(errs, fmt.Errorf("%s is not for a source of kind %s", k.key, s.Kind))
		}
	}
	return errors.Join(errs...)
}

func parseDate(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	return time.Parse(time.DateOnly, s)
}

// Period is From and Until as dates; zero where they are not given. Load has
// checked them.
func (s Source) Period() (from, until time.Time) {
	from, _ = parseDate(s.From)
	until, _ = parseDate(s.Until)
	return from, until
}

// RecheckInterval is Recheck as a duration; 0 for the default.
func (s Source) RecheckInterval() (time.Duration, error) {
	if s.Recheck == "" {
		return 0, nil
	}
	d, err := time.ParseDuration(s.Recheck)
	if err != nil || d < time.Minute {
		return 0, fmt.Errorf("recheck is %q; give hours or minutes, such as 168h, and at least 1m", s.Recheck)
	}
	return d, nil
}
