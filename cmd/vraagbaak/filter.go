package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// filterFlags narrow a search to documents with certain properties.
type filterFlags struct {
	f           retrieve.Filter
	from, until string
}

func (n *filterFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringArrayVar(&n.f.Dossiers, "dossier", nil, "only documents of this dossier, such as 36600-VII; may be repeated, as may those below")
	flags.StringArrayVar(&n.f.Sessions, "vergaderjaar", nil, "only of this parliamentary year, such as 2024-2025")
	flags.StringArrayVar(&n.f.Kinds, "soort", nil, "only of this kind, such as Motie")
	flags.StringArrayVar(&n.f.Authors, "indiener", nil, "only by this person, such as \"van Dijk\"")
	flags.StringVar(&n.from, "from", "", "only published on this date or later, such as 2026-01-31")
	flags.StringVar(&n.until, "until", "", "only published on this date or earlier")
}

func (n *filterFlags) filter() (retrieve.Filter, error) {
	for _, d := range []struct {
		flag, value string
		to          *time.Time
	}{{"from", n.from, &n.f.From}, {"until", n.until, &n.f.Until}} {
		if d.value == "" {
			continue
		}
		var err error
		if *d.to, err = time.Parse(time.DateOnly, d.value); err != nil {
			return n.f, fmt.Errorf("--%s is %q; give a date, such as 2026-01-31", d.flag, d.value)
		}
	}
	return n.f, nil
}
