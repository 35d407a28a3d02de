package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/config"
	"github.com/vraagbaak/vraagbaak/internal/models"
)

// Exit codes.
const (
	exitFailed = 1 // the work failed
	exitUsage  = 2 // wrong usage or configuration
)

// run is the program: arguments in, exit code out.
func run(args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	root := newRootCommand()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	fmt.Fprintf(errOut, "vraagbaak: %v\n", err)
	var usage usageError
	if errors.As(err, &usage) || errors.Is(err, app.ErrUsage) || errors.Is(err, models.ErrUnknown) {
		return exitUsage
	}
	return exitFailed
}

// usageError marks an error of the command line or the configuration.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "vraagbaak",
		Short: "Answers from chosen sources, each sentence proved by a quotation",
		Long: `Vraagbaak answers questions about government documents only from sources that an
organisation has chosen, and proves every sentence with a quotation from them.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          onlyCommands,
		RunE:          func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentFlags().Bool("verbose", false, "say more about what goes on, on standard error")
	root.AddCommand(newIngestCommand(), newAskCommand(), newServeCommand(), newExtractCommand(), newChunkCommand(),
		newEvalCommand(), newModelsCommand(), newSourcesCommand(), newInitCommand(),
		newReplayCommand(), newDossierCommand())
	markUsage(root)
	return root
}

// onlyCommands is the check of the arguments of a command that only has others
// below it.
func onlyCommands(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := fmt.Sprintf("%q shows them", cmd.CommandPath()+" --help")
	if s := cmd.SuggestionsFor(args[0]); len(s) > 0 {
		hint = fmt.Sprintf("did you mean %q?", s[0])
	}
	return fmt.Errorf("unknown command %q; %s", args[0], hint)
}

// markUsage makes the complaints of a command about its arguments usage errors.
func markUsage(cmd *cobra.Command) {
	if check := cmd.Args; check != nil {
		cmd.Args = func(c *cobra.Command, args []string) error {
			if err := check(c, args); err != nil {
				return usageError{err}
			}
			return nil
		}
	}
	for _, sub := range cmd.Commands() {
		markUsage(sub)
	}
}

// logger writes to standard error: warnings, and with --verbose everything.
func logger(cmd *cobra.Command) *slog.Logger {
	level := slog.LevelWarn
	if v, _ := cmd.Flags().GetBool("verbose"); v {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level}))
}

const configFlag = "config"

func addConfigFlag(cmd *cobra.Command) {
	cmd.Flags().String(configFlag, "vraagbaak.yaml", "configuration file")
}

// loadConfig reads the file that --config names.
func loadConfig(cmd *cobra.Command) (*config.Config, error) {
	path, _ := cmd.Flags().GetString(configFlag)
	cfg, err := config.Load(path)
	if err != nil {
		return nil, usageError{err}
	}
	return cfg, nil
}

// openApp opens the index of the configuration; the caller closes it.
func openApp(cmd *cobra.Command) (*app.App, error) {
	cfg, err := loadConfig(cmd)
	if err != nil {
		return nil, err
	}
	return app.Open(cmd.Context(), cfg, logger(cmd))
}

// printJSON writes v on one line.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// firstLine keeps errors to one line where scripts read them.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
