package main

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/server"
)

// drainTime is how long requests in progress may take after SIGTERM.
const drainTime = 20 * time.Second

func newServeCommand() *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the API and the widget",
		Long: `Serve the API and the widget. Without authentication configured nobody needs a key,
and only this machine can reach it.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := server.CheckListen(listen, false); err != nil {
				return usageError{err}
			}
			a, err := openApp(cmd)
			if err != nil {
				return err
			}
			defer a.Close()
			var site fs.FS
			if dir := a.Config.Server.Site; dir != "" {
				site = os.DirFS(dir)
			}
			log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), nil))
			handler, err := server.New(server.Options{Asker: a.Engine, Ready: a.Ready, Collections: a.Config.Collections(),
				Site: site, Log: log, Limits: server.Limits{Answers: a.Config.Server.MaxAnswers, AnswerTime: a.AnswerTime()}})
			if err != nil {
				return err
			}
			ln, err := net.Listen("tcp", listen)
			if err != nil {
				return fmt.Errorf("cannot listen on %s: %w; is another program using it?", listen, err)
			}
			go a.Warm(cmd.Context())
			fmt.Fprintf(cmd.ErrOrStderr(), "vraagbaak serves http://%s/\n", ln.Addr())
			return server.Serve(cmd.Context(), ln, handler, drainTime, log)
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on")
	return cmd
}
