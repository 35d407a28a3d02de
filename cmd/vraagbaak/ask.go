package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/app"
)

func newAskCommand() *cobra.Command {
	var asJSON bool
	var batch, history, asOf, level string
	var narrow filterFlags
	cmd := &cobra.Command{
		Use:   `ask "question"`,
		Short: "Answer a question from the index",
		Long: `Answer a question from the index. Each sentence comes with the quotation that proves
it. A refusal is an answer too, and says why.`,
		Args: func(_ *cobra.Command, args []string) error {
			switch {
			case batch != "" && len(args) > 0:
				return errors.New("give a question or --batch, not both")
			case batch != "" && !asJSON:
				return errors.New("--batch needs --json")
			case batch == "" && len(args) != 1:
				return errors.New("give one question, between quotes")
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			turns, err := readHistory(history)
			if err != nil {
				return err
			}
			filter, err := narrow.filter()
			if err != nil {
				return usageError{err}
			}
			day, err := readAsOf(asOf)
			if err != nil {
				return err
			}
			plain, err := answer.ParseLevel(level)
			if err != nil {
				return usageError{fmt.Errorf("--%w", err)}
			}
			a, err := openApp(cmd)
			if err != nil {
				return err
			}
			defer a.Close()
			if stats, err := a.Store.Stats(cmd.Context(), a.Scope()); err != nil {
				return err
			} else if stats.Passages == 0 {
				logger(cmd).Warn("the index is empty: run vraagbaak ingest")
			}
			if batch != "" {
				return askBatch(cmd, a, batch, answer.Question{Scope: a.Scope(), History: turns, Filter: filter, AsOf: day, Level: plain})
			}
			q := answer.Question{Text: args[0], Scope: a.Scope(), History: turns, Filter: filter, AsOf: day, Level: plain}
			if asJSON {
				return askJSON(cmd, a, q, cmd.OutOrStdout())
			}
			return askText(cmd, a, q)
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the answer as one JSON object")
	narrow.add(cmd)
	cmd.Flags().StringVar(&batch, "batch", "", "answer every line {id,text} of this JSONL file")
	cmd.Flags().StringVar(&history, "history", "", "JSON file with the earlier turns [{question,answer}] of the conversation")
	cmd.Flags().StringVar(&level, "level", "", "b1 for plain language: short sentences and common words")
	cmd.Flags().StringVar(&asOf, "as-of", "", "answer from what held on this day, such as 2026-01-31")
	return cmd
}

// readAsOf is the end of a day, so that what began to hold on it counts; zero for
// none.
func readAsOf(s string) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return t, usageError{fmt.Errorf("--as-of %q is not a date: write it as 2026-01-31", s)}
	}
	return t.Add(24*time.Hour - time.Second), nil
}

func readHistory(path string) ([]answer.Turn, error) {
	if path == "" {
		return nil, nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var turns []answer.Turn
	if err := json.Unmarshal(data, &turns); err != nil {
		return nil, usageError{fmt.Errorf("%s: it must be a JSON list of {question, answer}: %w", path, err)}
	}
	return turns, nil
}

func askJSON(cmd *cobra.Command, a *app.App, q answer.Question, w io.Writer) error {
	ans, err := answer.Collect(a.Engine.Ask(cmd.Context(), q))
	if err != nil {
		return err
	}
	return printJSON(w, ans)
}

// askText prints an answer for a person, statement by statement as they come.
func askText(cmd *cobra.Command, a *app.App, q answer.Question) error {
	w := cmd.OutOrStdout()
	for ev, err := range a.Engine.Ask(cmd.Context(), q) {
		if err != nil {
			return err
		}
		switch ev.Kind {
		case answer.EventStatement:
			printStatement(w, *ev.Statement)
		case answer.EventDone:
			printEnd(w, ev.Answer)
		}
	}
	return nil
}

func printStatement(w io.Writer, s answer.Statement) {
	fmt.Fprintf(w, "%s", s.Text)
	for _, c := range s.Citations {
		fmt.Fprintf(w, " [%d]", c.Source)
	}
	fmt.Fprintln(w)
	for _, c := range s.Citations {
		if quote := strings.Join(strings.Fields(c.Quote), " "); quote != s.Text {
			fmt.Fprintf(w, "    [%d] «%s»\n", c.Source, quote)
		}
	}
}

func printEnd(w io.Writer, a *answer.Answer) {
	if a.Message != "" {
		fmt.Fprintln(w, a.Message)
	}
	used := map[int]bool{}
	for _, s := range a.Statements {
		for _, c := range s.Citations {
			used[c.Source] = true
		}
	}
	for _, c := range a.Choices {
		fmt.Fprintf(w, "- %s\n", c)
	}
	if len(used) > 0 {
		fmt.Fprintln(w, "\nBronnen:")
	}
	for _, s := range a.Sources {
		if used[s.N] {
			older := ""
			if s.Older {
				older = " (ouder)"
			}
			fmt.Fprintf(w, "[%d] %s%s, %s\n", s.N, s.Title, older, s.URL)
		}
	}
}

// askBatch answers a file of questions as q, one object a line, flushed as they are
// ready. A line that is no question is reported, and the rest goes on.
func askBatch(cmd *cobra.Command, a *app.App, path string, q answer.Question) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	bad := 0
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		if err := askLine(cmd, a, lines.Bytes(), q); err != nil {
			if cmd.Context().Err() != nil {
				return err
			}
			bad++
			fmt.Fprintf(cmd.ErrOrStderr(), "%s:%d: %v\n", path, n, err)
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if bad > 0 {
		return fmt.Errorf("%s: %d lines have no answer", path, bad)
	}
	return nil
}

// askLine answers one line of a batch. Its id may be a string or a number.
func askLine(cmd *cobra.Command, a *app.App, line []byte, q answer.Question) error {
	var in struct {
		ID   json.RawMessage `json:"id"`
		Text string          `json:"text"`
	}
	if err := json.Unmarshal(line, &in); err != nil {
		return err
	}
	id := strings.Trim(string(in.ID), `"`)
	if err := json.Unmarshal(in.ID, &id); err != nil && (id == "" || in.ID[0] == '{' || in.ID[0] == '[') {
		return errors.New("field id is missing, or neither text nor number")
	}
	q.Text = in.Text
	ans, err := answer.Collect(a.Engine.Ask(cmd.Context(), q))
	if err != nil {
		return err
	}
	ans.ID = id
	return printJSON(cmd.OutOrStdout(), ans)
}
