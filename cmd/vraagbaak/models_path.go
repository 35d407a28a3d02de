package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/internal/models"
)

func newModelsPathCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "path NAME",
		Short: "Print where a pulled model is",
		Long: `Print the file of a pulled model, checked by its sha256; the folder, for a runtime.

NAME is a name of "vraagbaak models list"; or runtime, embedder or generator, for the
default on this machine.`,
		Example: `  llama-server --model "$(vraagbaak models path generator)"`,
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			cache, err := models.Open()
			if err != nil {
				return err
			}
			p, err := modelPath(cache, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), p)
			return err
		},
	}
}

func modelPath(cache *models.Cache, name string) (string, error) {
	switch name {
	case "runtime":
		return cache.RuntimeDir()
	case "embedder":
		name = models.DefaultEmbedder
	case "generator":
		name = models.DefaultGenerator
	}
	return cache.Path(name)
}
