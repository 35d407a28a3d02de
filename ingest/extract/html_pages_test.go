package extract

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/vraagbaak/vraagbaak/ingest"
)

var update = flag.Bool("update", false, "write the golden files")

// TestPages reads pages in the style of the content systems of municipalities
// (testdata/html). Comments "[" and "]" in a page stand around its content: the
// words that are kept must be those words, no more and no less, but for a cell
// that spans rows, which is repeated in each. The golden file beside it has the
// blocks.
func TestPages(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "html", "*.html"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages in testdata/html (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			page, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			doc := extractAs(t, filepath.Base(file), string(page))
			want, got := bag(betweenMarks(t, string(page))), bag(doc.Text)
			for _, m := range spanning.FindAllSubmatch(page, -1) {
				rows, err := strconv.Atoi(string(m[1]))
				if err != nil {
					t.Fatal(err)
				}
				for w, n := range bag(string(m[2])) {
					want[w] += n * (rows - 1)
				}
			}
			for w, n := range got {
				if n > want[w] {
					t.Errorf("%d × %q is no content", n-want[w], w)
				}
			}
			for w, n := range want {
				if n > got[w] {
					t.Errorf("%d × %q is lost", n-got[w], w)
				}
			}
			golden(t, strings.TrimSuffix(file, ".html")+".golden", describe(doc))
		})
	}
}

// golden compares a text with a file, or writes it with -update.
func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	same(t, got, string(want))
}

// describe is a document as its golden file has it: what is known of it, then its
// blocks with their anchors.
func describe(doc *ingest.Document) string {
	var out strings.Builder
	fmt.Fprintf(&out, "title: %s\nlanguage: %s\n", doc.Title, doc.Language)
	var keys []string
	for k := range doc.Meta {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		fmt.Fprintf(&out, "%s: %s\n", k, doc.Meta[k])
	}
	if !doc.Modified.IsZero() {
		fmt.Fprintf(&out, "modified: %s\n", doc.Modified.Format("2006-01-02"))
	}
	lines := strings.Split(strings.TrimSpace(outline(doc)), "\n")
	out.WriteString("\n")
	for i, line := range lines {
		if a := doc.Blocks[i].Anchor; a != "" {
			line = "#" + a + " " + line
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

var spanning = regexp.MustCompile(`rowspan="(\d+)">([^<]*)<`)

var pageMarks = regexp.MustCompile(`(?s)<!--\[-->(.*?)<!--\]-->`)

// betweenMarks is the text between the comments; tags within words are nothing.
func betweenMarks(t *testing.T, page string) string {
	t.Helper()
	var out strings.Builder
	found := pageMarks.FindAllStringSubmatch(page, -1)
	if len(found) == 0 {
		t.Fatal("nothing is marked")
	}
	for _, m := range found {
		z := html.NewTokenizer(strings.NewReader(m[1]))
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				break
			}
			switch token := z.Token(); {
			case kind == html.TextToken:
				out.WriteString(token.Data)
			case token.DataAtom != atom.B && token.DataAtom != atom.Sup && token.DataAtom != atom.Sub && token.DataAtom != atom.Span:
				out.WriteByte(' ')
			}
		}
		out.WriteByte(' ')
	}
	return out.String()
}
