package main

import (
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/index"
)

// watchJSON is one run, on one line.
type watchJSON struct {
	Source string `json:"source"`
	Ended  string `json:"ended"` // RFC 3339, UTC
	Next   string `json:"next"`
	Error  string `json:"error"` // "" if the source was read to its end
	index.Report
}

// runWatch reads the sources again and again until the command is told to stop.
func runWatch(cmd *cobra.Command, o app.IngestOptions, asJSON bool) error {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return err
	}
	if err := app.CheckSources(cfg, o.Sources); err != nil {
		return err
	}
	a, err := app.Open(cmd.Context(), cfg, logger(cmd))
	if err != nil {
		return err
	}
	defer a.Close()
	return a.Watch(cmd.Context(), o, func(r app.WatchRun) {
		if asJSON {
			line := watchJSON{Source: r.Source, Ended: r.Ended.UTC().Format(time.RFC3339), Next: r.Next.UTC().Format(time.RFC3339), Report: r.Report}
			if r.Err != nil {
				line.Error = r.Err.Error()
			}
			printJSON(cmd.OutOrStdout(), line) // where nobody listens any more, the runs go on
			return
		}
		fmt.Fprintln(cmd.OutOrStdout(), watchLine(r))
	})
}

func watchLine(r app.WatchRun) string {
	line := fmt.Sprintf("%s %s: %d new, %d changed, %d unchanged, %d deleted, %d failed, in %.1f s", r.Ended.UTC().Format(time.RFC3339), r.Source,
		r.Report.New, r.Report.Changed, r.Report.Unchanged, r.Report.Deleted, r.Report.Failed, r.Report.Seconds)
	if r.Err != nil {
		line += "; ended early: " + firstLine(r.Err)
	}
	return line + "; next " + r.Next.UTC().Format(time.RFC3339)
}
