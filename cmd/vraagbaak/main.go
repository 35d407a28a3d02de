// Command vraagbaak answers questions about government documents with
// quotations from sources an organisation has chosen.
package main

import (
	"os"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

func main() {
	llama.RunChildIfAsked()
	app.RunReaderIfAsked()
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
