// Package dossier writes a recorded answer as one HTML file for whoever has to
// account for it: the question, the answer with its quotations, the texts of the
// sources as they stood, what made it, and what became of the sources since. It
// is in Dutch, and loads and runs nothing. It looks nothing up.
package dossier

import (
	_ "embed" // the standard library's, for the page
	"html/template"
	"io"
	"time"

	"github.com/vraagbaak/vraagbaak/answer"
	"github.com/vraagbaak/vraagbaak/internal/replay"
)

//go:embed dossier.html.tmpl
var page string

// Dossier is what is written.
type Dossier struct {
	Record       answer.Record
	Sources      []replay.Source   // those of the answer, with what became of them
	Index        answer.IndexState // as it is now; zero if it could not be asked
	Organisation string            // whom the answers speak for; "" if not known
	Written      time.Time
	Zone         *time.Location // of the times that are shown; nil for UTC
}

// Write writes the dossier as one HTML page. Nothing of it is trusted: all texts
// are escaped, and only web addresses are links.
func Write(w io.Writer, d Dossier) error {
	t, err := template.New("dossier").Parse(page)
	if err != nil {
		return err
	}
	v, err := newView(d)
	if err != nil {
		return err
	}
	return t.Execute(w, v)
}
