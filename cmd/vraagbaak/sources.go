package main

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/ingest/crawl"
	"github.com/vraagbaak/vraagbaak/ingest/koop"
	"github.com/vraagbaak/vraagbaak/internal/app"
)

func newSourcesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sources",
		Short: "Say what would be read, what is indexed, and why",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSourcesCheckCommand(), newSourcesStatusCommand(), newSourcesWhyCommand())
	return cmd
}

func newSourcesCheckCommand() *cobra.Command {
	var names []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Say what a run would read, without reading it",
		Long: `Say what a run would read: of websites the verdicts of robots.txt, the interval
between requests and what the sitemaps list; of folders how many files of which
kinds; of services the query and how many records there are. It requests robots.txt,
sitemaps and counts, no pages, and opens no files. The exit code is 1 if a source
cannot be read at all.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			checks, err := app.SurveySources(cmd.Context(), cfg, names, logger(cmd))
			if checks == nil {
				return err
			}
			if asJSON {
				if e := printJSON(cmd.OutOrStdout(), map[string]any{"sources": checks}); e != nil {
					return e
				}
				return err
			}
			for _, c := range checks {
				printCheck(cmd.OutOrStdout(), c)
			}
			return err
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().StringArrayVar(&names, "source", nil, "only this source; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printCheck(w io.Writer, c app.SourceCheck) {
	fmt.Fprintf(w, "%s (%s, collection %s, every %s)\n", c.Name, c.Kind, c.Collection, c.Every)
	if c.Error != "" {
		fmt.Fprintf(w, "  problem: %s\n", c.Error)
	}
	if c.Error != "" && c.Kind != "folder" && c.Kind != "website" {
		return
	}
	if c.Kind == "folder" {
		fmt.Fprintf(w, "  %s: %d files, %s\n", c.Path, c.Files, size(c.Bytes))
		for _, k := range c.Kinds {
			fmt.Fprintf(w, "    %6d  %s  %s\n", k.Files, cmp.Or(k.Kind, "(no extension)"), size(k.Bytes))
		}
		for _, f := range c.TooLarge {
			fmt.Fprintf(w, "  too large: %s\n", f)
		}
		if c.Links > 0 {
			fmt.Fprintf(w, "  %d symbolic links are not followed\n", c.Links)
		}
		for _, f := range c.Unreadable {
			fmt.Fprintf(w, "  cannot be read: %s\n", f)
		}
		return
	}
	if c.Service != nil {
		printSurvey(w, *c.Service)
		return
	}
	for _, s := range c.Start {
		fmt.Fprintf(w, "  start %s: %s\n", s.URL, verdict(s.Verdict))
	}
	for _, h := range c.Hosts {
		fmt.Fprintf(w, "  host %s: %s; a request every %g s\n", h.Host, h.Robots, h.Interval)
	}
	for _, s := range c.Sitemaps {
		fmt.Fprintf(w, "  sitemap %s: %d pages, %d allowed, %d further sitemaps%s\n", s.URL, s.Listed, s.Allowed, s.Files, after("; ", s.Error))
	}
	fmt.Fprintf(w, "  %d pages in the sitemaps, %d of them forbidden by robots.txt\n", c.Pages, c.Disallowed)
}

func printSurvey(w io.Writer, s koop.Survey) {
	about := ""
	if s.Estimate {
		about = "about "
	}
	fmt.Fprintf(w, "  service %s\n  query %s\n  %s%d records\n", s.Address, s.Query, about, s.Records)
	for _, p := range s.Parts {
		fmt.Fprintf(w, "    %6d  %s\n", p.Records, cmp.Or(p.Kind, p.Dossier, p.Creator))
	}
}

func newSourcesStatusCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Say what the index has of each source",
		Long: `Say for each source when it was last read to its end, how many documents and passages
the index has of it, which document was not confirmed for longest (confirmations are
noted once a day), and which documents fail and why.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			all, err := app.StatusOfSources(cmd.Context(), cfg, logger(cmd))
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), map[string]any{"sources": all})
			}
			for _, s := range all {
				printStatus(cmd.OutOrStdout(), s)
			}
			return nil
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// shownFailures is how many failing documents are listed for people.
const shownFailures = 20

func printStatus(w io.Writer, s app.SourceStatus) {
	fmt.Fprintf(w, "%s (%s, collection %s, every %s)\n", s.Name, s.Kind, s.Collection, s.Every)
	fmt.Fprintf(w, "  last read to its end: %s\n", cmp.Or(s.LastSuccess.Ended, "never"))
	if r := s.LastRun; r.Ended != s.LastSuccess.Ended || r.Error != "" {
		fmt.Fprintf(w, "  last run: %s, ended early: %s\n", r.Ended, r.Error)
	}
	fmt.Fprintf(w, "  %d documents, %d passages\n", s.Documents, s.Passages)
	if s.Oldest.ID != "" {
		fmt.Fprintf(w, "  confirmed longest ago: %s, %s ago\n", s.Oldest.ID, (time.Duration(s.Oldest.Seconds) * time.Second).String())
	}
	if s.Due > 0 {
		fmt.Fprintf(w, "  %d are due to be visited\n", s.Due)
	}
	if s.Failed == 0 {
		return
	}
	fmt.Fprintf(w, "  %d documents fail:\n", s.Failed)
	for i, f := range s.Failures {
		if i == shownFailures {
			fmt.Fprintf(w, "    and %d more; --json lists them\n", s.Failed-shownFailures)
			break
		}
		fmt.Fprintf(w, "    %s: %s (since %s)\n", f.ID, f.Error, f.Since)
	}
}

func newSourcesWhyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "why URL|ID",
		Short: "Say why a page or document is in the index, or why not",
		Long: `Say for a URL, or the path of a file in a folder, when it was indexed, from which source
and as which passages; or why it is not: the failure, robots.txt, the prefixes of allow,
noindex, a duplicate, a redirect, or that no run came across it. The page itself is not
requested; robots.txt is where the index cannot tell.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			why, err := app.WhySource(cmd.Context(), cfg, args[0], logger(cmd))
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), why)
			}
			for _, s := range why.Sources {
				printWhy(cmd.OutOrStdout(), s)
			}
			return nil
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printWhy(w io.Writer, s app.SourceWhy) {
	switch s.State {
	case app.StateIndexed:
		fmt.Fprintf(w, "%s: indexed %s as %s%s\n", s.Name, s.Indexed, s.ID, after(", ", s.Title))
	default:
		fmt.Fprintf(w, "%s: %s: %s\n", s.Name, s.State, s.Reason)
	}
	if s.State == app.StateIndexed && s.Reason != "" {
		fmt.Fprintf(w, "  the last attempt failed (since %s): %s\n", s.FailedSince, s.Reason)
	}
	if s.From != "" {
		fmt.Fprintf(w, "  found through %s\n", s.From)
	}
	if s.Manifestation != "" {
		fmt.Fprintf(w, "  read from %s: %s%s\n", s.Manifestation, s.Requested, after("; ", s.ManifestationReason))
	}
	if s.Checked != "" {
		fmt.Fprintf(w, "  confirmed %s\n", s.Checked)
	}
	if s.Due != "" {
		fmt.Fprintf(w, "  asked for next: %s\n", s.Due)
	}
	for _, a := range s.Alternates {
		fmt.Fprintf(w, "  in another language: %s\n", a)
	}
	for _, a := range s.Aliases {
		fmt.Fprintf(w, "  also %s\n", a)
	}
	if v := s.Verdict; v.Reason != "" && v.Reason != s.Reason {
		fmt.Fprintf(w, "  robots.txt: %s\n", verdict(v))
	}
	for _, p := range s.Passages {
		fmt.Fprintf(w, "  %s%s\n    %s\n", p.ID, after("  ", strings.Join(p.Heading, " > ")), p.Words)
	}
}

// verdict puts one into words; its reason names the line of robots.txt.
func verdict(v crawl.Verdict) string {
	if v.Allowed {
		return "allowed: " + v.Reason
	}
	return "forbidden: " + v.Reason
}

// after is s behind a separator, if there is an s.
func after(separator, s string) string {
	if s == "" {
		return ""
	}
	return separator + s
}

func size(bytes int64) string { return humanize.Bytes(uint64(bytes)) }
