package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/eval"
	"github.com/vraagbaak/vraagbaak/internal/app"
)

func newEvalEvidenceCommand() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "evidence",
		Short: "Measure how well is told what the sources answer, and choose a threshold",
		Long: `Measure how well is told which questions the sources answer: lines of JSON {id, text,
answerable}, asked of the index as it is. It shows what each threshold gives, and the
weights that a fit on these questions would have.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return fmt.Errorf("unexpected argument %q", args[0])
			case file == "":
				return errors.New("--questions is missing: give the file with questions, and whether the sources answer them")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			questions, err := eval.ReadAsked(f, file)
			if err != nil {
				return err
			}
			a, err := openApp(cmd)
			if err != nil {
				return err
			}
			defer a.Close()
			judged, err := judge(cmd, a, questions)
			if err != nil {
				return err
			}
			e, err := eval.JudgeEvidence(judged, answer.FigureNames())
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), e)
			}
			printEvidence(cmd.OutOrStdout(), e)
			return nil
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().StringVar(&file, "questions", "", "file with the questions")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

// judge asks every question as far as the search; no model words an answer.
func judge(cmd *cobra.Command, a *app.App, questions []eval.Asked) ([]eval.Judged, error) {
	var out []eval.Judged
	for _, q := range questions {
		got, err := a.Engine.Judge(cmd.Context(), answer.Question{Text: q.Text, Scope: a.Scope()})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", q.ID, err)
		}
		out = append(out, eval.Judged{Asked: q, Figures: got.Evidence.Figures(), Confidence: got.Confidence, Ruled: got.Reason != ""})
	}
	return out, nil
}

func printEvidence(w io.Writer, e eval.Evidence) {
	fmt.Fprintf(w, "%d answerable questions, %d others, of which rules refuse %d; AUC %.3f, of a fit on other questions %.3f\n\n", e.Answerable, e.Unanswerable, e.Ruled, e.AUC, e.FoldedAUC)
	fmt.Fprintln(w, "threshold  answered  refused")
	for _, p := range e.Curve {
		fmt.Fprintf(w, "%9.1f  %8d  %7d\n", p.Threshold, p.Answered, p.Refused)
	}
	fmt.Fprintln(w, "\nweights of a fit on these questions:")
	for _, n := range slices.Sorted(maps.Keys(e.Weights)) {
		fmt.Fprintf(w, "  %-8s %8.2f\n", n, e.Weights[n])
	}
}
