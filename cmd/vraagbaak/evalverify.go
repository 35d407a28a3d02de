package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/eval"
	"github.com/vraagbaak/vraagbaak/retrieve/dutch"
)

func newEvalVerifyCommand() *cobra.Command {
	var file string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Measure how well sentences are checked against their sources",
		Long: `Measure how well sentences are checked against their sources: lines of JSON
{id, sentence, contexts, label}, with the label supported or unsupported. It
needs no configuration and no model.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return fmt.Errorf("unexpected argument %q", args[0])
			case file == "":
				return errors.New("--pairs is missing: give the file with sentences and contexts")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			pairs, err := eval.ReadPairs(f, file)
			if err != nil {
				return err
			}
			// No vocabulary is learned from the file: what is said of a pair must not
			// depend on the pairs beside it.
			analyzer := dutch.New(dutch.Lexicon{})
			s := eval.JudgeSupport(pairs, func(p eval.Pair) eval.Judgement {
				v := answer.Verify(analyzer, p.Sentence, p.Contexts)
				return eval.Judgement{ID: p.ID, Supported: v.Supported, Score: v.Score, Reason: v.Reason}
			})
			if asJSON {
				return printJSON(cmd.OutOrStdout(), s)
			}
			printSupport(cmd.OutOrStdout(), s)
			return nil
		},
	}
	cmd.Flags().StringVar(&file, "pairs", "", "file with the sentences, their contexts and labels")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printSupport(w io.Writer, s eval.Support) {
	for _, p := range s.Pairs {
		if p.Supported {
			fmt.Fprintf(w, "%s\t%.2f\tsupported\n", p.ID, p.Score)
		} else {
			fmt.Fprintf(w, "%s\t%.2f\t%s\n", p.ID, p.Score, p.Reason)
		}
	}
	auc := "undefined"
	if s.AUC != nil {
		auc = fmt.Sprintf("%.3f", *s.AUC)
	}
	fmt.Fprintf(w, "%d pairs: precision %.3f, recall %.3f, F1 %.3f, AUC %s\n", len(s.Pairs), s.Precision, s.Recall, s.F1, auc)
}
