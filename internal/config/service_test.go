package config

import (
	"strings"
	"testing"
	"time"
)

func TestServices(t *testing.T) {
	c, err := load(t, `
sources:
  - name: stukken
    kind: publicaties
    kinds: [Kamerstuk, 'Kamervragen (Aanhangsel)']
    dossiers: ['36 600 VII', 35842]
    from: 2024-01-31
    recheck: 72h
    attachments: true
  - {name: rijk, kind: rijksoverheid, kinds: [faq], url: 'https://localhost/v1'}
`)
	if err != nil {
		t.Fatal(err)
	}
	s := c.Sources[0]
	from, until := s.Period()
	if from.Format(time.DateOnly) != "2024-01-31" || !until.IsZero() || !s.IsService() || !s.Attachments || len(s.Kinds) != 2 || s.Dossiers[1] != "35842" {
		t.Errorf("got %+v", s)
	}
	if d, err := s.RecheckInterval(); err != nil || d != 72*time.Hour {
		t.Errorf("recheck %v, %v", d, err)
	}
	if d, err := c.Sources[1].RecheckInterval(); err != nil || d != 0 {
		t.Errorf("recheck %v, %v", d, err)
	}
}

func TestServiceErrors(t *testing.T) {
	for line, want := range map[string]string{
		"kind: publicaties, from: 31-01-2024":                      `from is "31-01-2024"; write a date as 2024-01-31`,
		"kind: publicaties, until: gisteren":                       `until is "gisteren"`,
		"kind: publicaties, recheck: wekelijks":                    `recheck is "wekelijks"`,
		"kind: publicaties, recheck: 1s":                           `at least 1m`,
		"kind: folder, path: x, dossiers: ['36600']":               "dossiers is not for a source of kind folder",
		"kind: folder, path: x, query: 'a==b', attachments: true":  "query is not for a source of kind folder",
		"kind: website, start: [x], allow: [x], connection: 'bwb'": "connection is not for a source of kind website",
		"kind: publicatie":                                         "publicaties, rijksoverheid",
	} {
		if _, err := load(t, "sources:\n  - {name: a, "+line+"}\n"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v", line, err)
		}
	}
}
