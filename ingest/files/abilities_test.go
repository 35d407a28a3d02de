package files

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// When a program that reads scans appears, only the files are read again that
// needed it; when it goes, none is.
func TestAbilities(t *testing.T) {
	dir, l := t.TempDir(), ledger{}
	write(t, dir, "brief.txt", "Een gewone brief van de gemeente Waterrijk over het park.")
	write(t, dir, "half.txt", "Een brief met een scan als bijlage, over het zwembad.")
	write(t, dir, "scan.txt", "Een scan van een besluit over het raadhuis.")
	missing := errors.New("a scan")
	var opened []string
	with := func(abilities string) ingest.Source {
		return open(t, dir, func(o *Options) {
			o.Abilities = abilities
			o.Extract = func(ctx context.Context, name string, data []byte) (*ingest.Document, error) {
				opened = append(opened, name)
				if name == "scan.txt" && abilities == "" {
					return nil, missing
				}
				doc, err := read(ctx, name, data)
				if name == "half.txt" && abilities == "" {
					doc.Meta["unread_pages"] = "2"
				}
				return doc, err
			}
			o.Lacking = func(doc *ingest.Document, err error) bool {
				return errors.Is(err, missing) || doc != nil && doc.Meta["unread_pages"] != ""
			}
		})
	}
	for _, step := range []struct {
		abilities string
		opened    string
		want      []string
	}{
		{"", "brief.txt half.txt scan.txt", []string{"put brief.txt", "put half.txt", "fail scan.txt: a scan"}},
		{"", "", []string{"keep brief.txt", "keep half.txt", "fail scan.txt: a scan"}},
		{"ocr-5", "half.txt scan.txt", []string{"keep brief.txt", "put half.txt", "put scan.txt"}},
		{"ocr-5", "", []string{"keep brief.txt", "keep half.txt", "keep scan.txt"}},
		{"", "", []string{"keep brief.txt", "keep half.txt", "keep scan.txt"}},
	} {
		opened = nil
		got, err := run(t, with(step.abilities), l)
		if err != nil {
			t.Fatal(err)
		}
		want(t, got, step.want...)
		if all := strings.Join(opened, " "); all != step.opened {
			t.Errorf("with %q: read %q, want %q", step.abilities, all, step.opened)
		}
	}
}
