package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/dossier"
)

// dossierZone is where the readers of a dossier are.
const dossierZone = "Europe/Amsterdam"

func newDossierCommand() *cobra.Command {
	var out string
	var force bool
	cmd := &cobra.Command{
		Use:   "dossier ID",
		Short: "Write a recorded answer with all that proves it as one HTML file",
		Long: `Write a recorded answer as one HTML file, in Dutch, that needs nothing beside it: the
question, the answer with its quotations, the texts of the sources as they stood, the
models, hashes and times, and which sources were changed or withdrawn since. ID is
the "id" that ask --json and the API give. No model is needed.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cfg, err := loadConfig(cmd)
			if err != nil {
				return err
			}
			account, err := app.AccountFor(cmd.Context(), cfg, args[0], logger(cmd))
			if err != nil {
				return unknownID(err)
			}
			zone, err := time.LoadLocation(dossierZone)
			if err != nil { // this machine knows no time zones
				zone = time.UTC
			}
			var page bytes.Buffer
			if err := dossier.Write(&page, dossier.Dossier{Record: account.Record, Sources: account.Sources, Index: account.Index,
				Organisation: cfg.Organisation.Name, Written: time.Now(), Zone: zone}); err != nil {
				return err
			}
			if out == "-" {
				_, err := cmd.OutOrStdout().Write(page.Bytes())
				return err
			}
			if out == "" {
				out = "dossier-" + account.Record.Answer.ID + ".html"
			}
			if err := writeNew(out, page.Bytes(), force); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), out)
			return err
		},
	}
	addConfigFlag(cmd)
	cmd.Flags().StringVarP(&out, "output", "o", "", `file to write, "-" for standard output (default dossier-ID.html)`)
	cmd.Flags().BoolVar(&force, "force", false, "replace the file if it is there")
	return cmd
}

// writeNew writes a file for its owner alone: it holds what somebody asked. It
// writes over none, unless that is meant.
func writeNew(path string, data []byte, force bool) error {
	flags := os.O_WRONLY | os.O_CREATE | os.O_EXCL
	if force {
		flags = os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return usageError{fmt.Errorf("%s is there already; --force replaces it, -o names another file", path)}
	} else if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}
