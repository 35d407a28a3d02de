package main

import (
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/vraagbaak/vraagbaak/internal/app"
	"github.com/vraagbaak/vraagbaak/internal/llama"
)

// TestMain makes this test program vraagbaak itself when it is called by that
// name, as scripts and tests do.
func TestMain(m *testing.M) {
	llama.RunChildIfAsked()
	app.RunReaderIfAsked()
	testscript.Main(m, map[string]func(){"vraagbaak": main})
}
