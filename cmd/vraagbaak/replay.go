package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/replay"
)

// errDifferent ends a replay whose answer is another one, with exit code 1.
var errDifferent = errors.New("the answer is not the one that was recorded")

func newReplayCommand() *cobra.Command {
	var asJSON, today bool
	cmd := &cobra.Command{
		Use:   "replay ID",
		Short: "Answer a recorded question again, and say what is other",
		Long: `Answer a recorded question again and say whether the answer is identical, or what is
other and why: a source that was changed or withdrawn, another index, model, engine
or settings. The question is asked of what was valid on the day of the first answer.
ID is the "id" that ask --json and the API give. Nothing is recorded.

The exit code is 0 if the answer is identical, 1 if it is not, or could not be given,
and 2 if there is no such answer.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			rec, err := app.Recorded(cmd.Context(), cfg, args[0]) // before any model is opened
			if err != nil {
				return unknownID(err)
			}
			a, err := app.Open(cmd.Context(), cfg, logger(cmd))
			if err != nil {
				return err
			}
			defer a.Close()
			report, err := a.Replay(cmd.Context(), rec, today)
			if err != nil {
				return err
			}
			if asJSON {
				err = printJSON(cmd.OutOrStdout(), report)
			} else {
				err = printReplay(cmd.OutOrStdout(), report)
			}
			if err == nil && !report.Identical {
				err = errDifferent
			}
			return err
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	cmd.Flags().BoolVar(&today, "today", false, "ask of what is valid today instead")
	return cmd
}

func printReplay(w io.Writer, r replay.Report) error {
	head := "identical to the answer of "
	if !r.Identical {
		head = "different from the answer of "
	}
	if _, err := fmt.Fprintln(w, head+r.Recorded.Time); err != nil {
		return err
	}
	if r.Identical && len(r.Changes) > 0 {
		fmt.Fprintln(w, "other since, without effect on it:")
	}
	for _, c := range r.Changes {
		fmt.Fprintf(w, "  %s: %s\n", c.Kind, c.Detail)
	}
	return nil
}

// unknownID makes a mistake of whoever asks of an ID that is not recorded.
func unknownID(err error) error {
	if errors.Is(err, app.ErrNoRecord) {
		return usageError{err}
	}
	return err
}
