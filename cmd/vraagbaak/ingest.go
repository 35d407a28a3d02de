package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/index"
)

func newIngestCommand() *cobra.Command {
	var o app.IngestOptions
	var asJSON, rebuild, watch bool
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Bring the index up to date with its sources",
		Long: `Read the sources and bring the index up to date: what is new or changed is indexed,
what is gone leaves the index, what is unchanged costs nothing. Documents that
cannot be read are listed at the end; the rest goes on. It can be stopped at any
moment and goes on where it was when it is run again.

A run that would remove more than a fifth of the documents of a source that has more
than 50 removes none of them and stops, until it is run with --accept-deletes.

With --watch it goes on: each source is read again as often as its "every" says
(every: 6h; a day without it), until it gets SIGTERM or Ctrl-C. Each run is one line.`,
		Args: func(cmd *cobra.Command, args []string) error {
			switch {
			case rebuild && len(o.Sources) > 0:
				return errors.New("--rebuild makes the whole index anew; leave out --source")
			case watch && (rebuild || o.AcceptDeletes):
				return errors.New("--watch goes on for ever; run ingest once with --rebuild or --accept-deletes")
			}
			return cobra.NoArgs(cmd, args)
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			if watch {
				return runWatch(cmd, o, asJSON)
			}
			progress := newIngestProgress(cmd.ErrOrStderr())
			o.Progress = progress.show
			report, err := runIngest(cmd, o, rebuild)
			progress.end()
			if report == nil { // it never began
				return err
			}
			if asJSON {
				if e := printJSON(cmd.OutOrStdout(), report); e != nil {
					return e
				}
			} else {
				printReport(cmd.OutOrStdout(), *report)
			}
			return err
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().StringArrayVar(&o.Sources, "source", nil, "only this source; may be repeated")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the counts as one line of JSON, last")
	cmd.Flags().BoolVar(&o.AcceptDeletes, "accept-deletes", false, "remove what is gone, however much it is")
	cmd.Flags().BoolVar(&o.Full, "full", false, `ask for all pages of websites with "revisit: adaptive", due or not`)
	cmd.Flags().BoolVar(&watch, "watch", false, "read the sources again and again")
	cmd.Flags().BoolVar(&rebuild, "rebuild", false, "make the whole index anew, and replace the old one when it is complete")
	return cmd
}

// runIngest returns no report where the run could not begin.
func runIngest(cmd *cobra.Command, o app.IngestOptions, rebuild bool) (*index.Report, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return nil, err
	}
	if err := app.CheckSources(cfg, o.Sources); err != nil {
		return nil, err
	}
	if rebuild {
		return app.Rebuild(cmd.Context(), cfg, logger(cmd), o)
	}
	a, err := app.Open(cmd.Context(), cfg, logger(cmd))
	if err != nil {
		return nil, err
	}
	defer a.Close()
	report, err := a.Ingest(cmd.Context(), o)
	return &report, err
}

func printReport(w io.Writer, r index.Report) {
	fmt.Fprintf(w, "%d new, %d changed, %d unchanged, %d deleted, %d failed; %d passages written, %d embedded, in %.1f s\n",
		r.New, r.Changed, r.Unchanged, r.Deleted, r.Failed, r.Passages, r.Embedded, r.Seconds)
	for _, f := range r.Failures {
		fmt.Fprintf(w, "  failed: %s: %s\n", f.Ref, f.Error)
	}
}

// ingestProgress shows how far a run is: on a terminal one line that changes,
// in a log a line now and then.
type ingestProgress struct {
	w        io.Writer
	terminal bool
	start    time.Time
	last     time.Time
	source   string
	shown    bool
}

func newIngestProgress(w io.Writer) *ingestProgress {
	f, ok := w.(*os.File)
	return &ingestProgress{w: w, terminal: ok && isatty.IsTerminal(f.Fd()), start: time.Now(), last: time.Now()}
}

func (p *ingestProgress) show(r index.Report) {
	if r.Source != p.source {
		p.source, p.start = r.Source, time.Now()
	}
	every := 30 * time.Second
	if p.terminal {
		every = 200 * time.Millisecond
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	line := fmt.Sprintf("%s: %d documents", r.Source, r.Seen)
	if r.Known > r.Seen && r.Seen > 0 {
		left := time.Duration(float64(time.Since(p.start)) / float64(r.Seen) * float64(r.Known-r.Seen))
		line += fmt.Sprintf(" of about %d, %s to go", r.Known, left.Round(time.Second))
	}
	line += fmt.Sprintf("; %d passages, %d failed", r.Passages, r.Failed)
	if p.terminal {
		fmt.Fprintf(p.w, "\r\033[K%s", line)
	} else {
		fmt.Fprintln(p.w, line)
	}
	p.shown = true
}

func (p *ingestProgress) end() {
	if p.terminal && p.shown {
		fmt.Fprint(p.w, "\r\033[K")
	}
}
