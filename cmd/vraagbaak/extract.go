package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/vraagbaak/vraagbaak/chunk"
	"github.com/vraagbaak/vraagbaak/ingest"
	"github.com/vraagbaak/vraagbaak/ingest/extract"
	"github.com/vraagbaak/vraagbaak/ingest/files"
	"github.com/vraagbaak/vraagbaak/internal/app"
)

// extractTimeout bounds the reading of one file.
const extractTimeout = 5 * time.Minute

// ocrTime is how long one waits for scanned pages where a document is only
// shown; ingest reads them all.
const ocrTime = 30 * time.Second

func newExtractCommand() *cobra.Command {
	var asJSON bool
	var how app.ReadOptions
	var allowPrivate []string
	cmd := &cobra.Command{
		Use:   "extract FILE|URL",
		Short: "Show the text that is read from a document",
		Args:  oneDocument,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := read(cmd, args[0], allowPrivate, how)
			if err != nil {
				return err
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), documentJSON(doc))
			}
			fmt.Fprintf(cmd.OutOrStdout(), "# %s\n\n%s\n", doc.Title, doc.Text)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON object with the blocks")
	cmd.Flags().BoolVar(&how.NoOCR, "no-ocr", false, "leave scanned pages unread, though Tesseract is installed")
	cmd.Flags().DurationVar(&how.OCRTime, "ocr-time", ocrTime, "how long scanned pages may take together; those that are not reached are listed as unread")
	cmd.Flags().StringArrayVar(&allowPrivate, "allow-private", nil, "host:port of an internal server that a URL may lead to")
	return cmd
}

func newChunkCommand() *cobra.Command {
	var asJSON bool
	var allowPrivate []string
	cmd := &cobra.Command{
		Use:   "chunk FILE|URL",
		Short: "Show the passages that a document is cut into",
		Args:  oneDocument,
		RunE: func(cmd *cobra.Command, args []string) error {
			doc, err := read(cmd, args[0], allowPrivate, app.ReadOptions{OCRTime: ocrTime})
			if err != nil {
				return err
			}
			passages := []passageJSON{}
			for _, c := range chunk.Split(doc, chunk.Defaults()) {
				passages = append(passages, passageJSON{c.ID, c.Start, c.End, c.Heading, c.Page, c.Anchor, c.Context, c.Text, chunk.EstimateTokens(c.Text)})
			}
			if asJSON {
				return printJSON(cmd.OutOrStdout(), passages)
			}
			for i, p := range passages {
				fmt.Fprintf(cmd.OutOrStdout(), "--- %d  bytes %d-%d  page %d  %s\n", i+1, p.Start, p.End, p.Page, strings.Join(p.Heading, " > "))
				if p.Context != "" {
					fmt.Fprintf(cmd.OutOrStdout(), "(%s)\n", p.Context)
				}
				fmt.Fprintln(cmd.OutOrStdout(), p.Text)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print one JSON array")
	cmd.Flags().StringArrayVar(&allowPrivate, "allow-private", nil, "host:port of an internal server that a URL may lead to")
	return cmd
}

func oneDocument(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return errors.New("give one file, or one URL")
	}
	return nil
}

// read extracts a file or what a URL leads to.
func read(cmd *cobra.Command, arg string, allowPrivate []string, how app.ReadOptions) (*ingest.Document, error) {
	ctx, cancel := context.WithTimeout(cmd.Context(), extractTimeout)
	defer cancel()
	if strings.HasPrefix(arg, "http://") || strings.HasPrefix(arg, "https://") {
		return app.Fetch(ctx, arg, allowPrivate, how, logger(cmd))
	}
	data, err := readFile(arg)
	if err != nil {
		return nil, err
	}
	doc, err := app.Read(ctx, extract.Input{Name: arg, Data: data}, how, logger(cmd))
	if err != nil {
		return nil, errors.New(firstLine(err)) // it names the file
	}
	if doc.URL == "" {
		doc.URL = filepath.Base(arg)
	}
	return doc, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", path)
	}
	if err == nil && info.Size() > files.DefaultMaxBytes {
		return nil, fmt.Errorf("%s: %d bytes are more than the limit of %d", path, info.Size(), int64(files.DefaultMaxBytes))
	}
	var data []byte
	if err == nil {
		data, err = os.ReadFile(path)
	}
	var at *fs.PathError
	if errors.As(err, &at) {
		return nil, fmt.Errorf("%s: %w", path, at.Err)
	}
	return data, err
}

type blockJSON struct {
	Start   int      `json:"start"`
	End     int      `json:"end"`
	Heading []string `json:"heading"`
	Page    int      `json:"page"`
	Anchor  string   `json:"anchor"`
	Kind    string   `json:"kind"`
	Context string   `json:"context"`
	Group   int      `json:"group"`
}

type passageJSON struct {
	ID      string   `json:"id"`
	Start   int      `json:"start"`
	End     int      `json:"end"`
	Heading []string `json:"heading"`
	Page    int      `json:"page"`
	Anchor  string   `json:"anchor"`
	Context string   `json:"context"`
	Text    string   `json:"text"`
	Tokens  int      `json:"tokens"` // estimated
}

type extractedJSON struct {
	Title    string            `json:"title"`
	URL      string            `json:"url"`
	Language string            `json:"language"`
	Text     string            `json:"text"`
	Blocks   []blockJSON       `json:"blocks"`
	Meta     map[string]string `json:"meta"`
}

func documentJSON(d *ingest.Document) extractedJSON {
	out := extractedJSON{Title: d.Title, URL: d.URL, Language: d.Language, Text: d.Text, Blocks: []blockJSON{}, Meta: d.Meta}
	if out.Meta == nil {
		out.Meta = map[string]string{}
	}
	for _, b := range d.Blocks {
		heading := b.Heading
		if heading == nil {
			heading = []string{}
		}
		out.Blocks = append(out.Blocks, blockJSON{b.Start, b.End, heading, b.Page, b.Anchor, string(b.Kind), b.Context, b.Group})
	}
	return out
}
