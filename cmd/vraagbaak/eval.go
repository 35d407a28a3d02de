package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/eval"
	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/retrieve"
)

func newEvalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how good search and answers are",
		Args:  onlyCommands,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newEvalRetrievalCommand(), newEvalVerifyCommand(), newEvalEvidenceCommand())
	return cmd
}

func newEvalRetrievalCommand() *cobra.Command {
	var o app.RetrievalOptions
	var mode string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "retrieval",
		Short: "Measure search on a folder in BEIR form",
		Long: `Measure search on a folder in BEIR form: corpus.jsonl or corpus.jsonl.gz, queries.jsonl
and qrels.tsv. It needs no configuration: the corpus is indexed in a temporary
folder with the default models. Vectors are kept, so a second run is quick.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case len(args) > 0:
				return fmt.Errorf("unexpected argument %q", args[0])
			case o.Dir == "":
				return errors.New("--data is missing: give the folder with corpus, queries and qrels")
			case !slices.Contains([]string{"dense", "lexical", "hybrid"}, mode):
				return fmt.Errorf("--mode is %q; it must be dense, lexical or hybrid", mode)
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Mode = retrieve.Mode(mode)
			progress := newIngestProgress(cmd.ErrOrStderr())
			o.Progress = progress.show
			result, err := app.EvalRetrieval(cmd.Context(), o, logger(cmd))
			progress.end()
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), result)
			}
			printRetrieval(cmd.OutOrStdout(), result)
			return nil
		},
	}
	cmd.Flags().StringVar(&o.Dir, "data", "", "folder with the corpus, questions and judgements")
	cmd.Flags().StringVar(&o.Run, "run", "", "write the rankings to this file, in TREC form")
	cmd.Flags().StringVar(&mode, "mode", "hybrid", "dense, lexical or hybrid")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return cmd
}

func printRetrieval(w io.Writer, r eval.Retrieval) {
	fmt.Fprintf(w, "%-16s %9s %8s %10s %7s\n", r.Mode, "questions", "nDCG@10", "recall@10", "MRR@10")
	row := func(name string, s eval.Scores) {
		fmt.Fprintf(w, "%-16s %9d %8.3f %10.3f %7.3f\n", name, s.Queries, s.NDCG10, s.Recall10, s.MRR10)
	}
	for _, g := range slices.Sorted(maps.Keys(r.Groups)) {
		row(g, r.Groups[g])
	}
	row("all", r.Scores)
	fmt.Fprintf(w, "search: p50 %.1f ms, p95 %.1f ms; %d passages indexed in %.1f s\n", r.Latency.P50, r.Latency.P95, r.Index.Passages, r.Index.Seconds)
}
