package extract

import (
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// TestSites: of pages in the style of the content systems that municipalities
// have, the content is kept and what stands around it is not.
func TestSites(t *testing.T) {
	data, err := os.ReadFile("testdata/sites.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := txtar.Parse(data).Files
	if len(files) < 5 {
		t.Fatalf("%d pages", len(files))
	}
	for _, f := range files {
		t.Run(f.Name, func(t *testing.T) {
			first, page, _ := strings.Cut(string(f.Data), "\n")
			first = strings.TrimSuffix(strings.TrimPrefix(first, "<!-- + "), " -->")
			keep, drop, ok := strings.Cut(first, " || ")
			if !ok {
				t.Fatalf("no words in %q", first)
			}
			doc, err := Extract(t.Context(), Input{Name: f.Name, Data: []byte(page)})
			if err != nil {
				t.Fatal(err)
			}
			for w := range strings.SplitSeq(keep, " | ") {
				if !strings.Contains(doc.Text, w) {
					t.Errorf("%q is lost", w)
				}
			}
			for w := range strings.SplitSeq(drop, " | ") {
				if strings.Contains(doc.Text, w) {
					t.Errorf("%q is kept", w)
				}
			}
			if t.Failed() {
				t.Logf("%s", doc.Text)
			}
		})
	}
}
