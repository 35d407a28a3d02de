package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"
)

// What holds of the marked pages: all words together, and those of each page.
const (
	leastTotal = 0.995
	leastPage  = 0.97
)

const webPages = "../../../shared/data/web/gemeente"

// mark says what a person who read a page takes for its content: byte ranges of
// the file. Words in Either may be kept or left out: links to the same text as a
// PDF, the name of an icon. The hours of "vandaag" and "morgen" are in neither:
// they are true on the day only that the page was saved.
type mark struct {
	Main   [][2]int `json:"main"`
	Either [][2]int `json:"either"`
}

// TestMainContent compares the words that are kept of real pages with those that
// a person marked (testdata/marks.json).
func TestMainContent(t *testing.T) {
	if _, err := os.Stat(webPages); err != nil {
		t.Skip("the real pages of data/web are not there")
	}
	data, err := os.ReadFile("testdata/marks.json")
	if err != nil {
		t.Fatal(err)
	}
	var marks map[string]mark
	if err := json.Unmarshal(data, &marks); err != nil {
		t.Fatal(err)
	}
	if len(marks) < 15 {
		t.Fatalf("only %d pages are marked", len(marks))
	}
	var names []string
	for name := range marks {
		names = append(names, name)
	}
	sort.Strings(names)
	var all tally
	read := 0
	for _, name := range names {
		page, err := os.ReadFile(filepath.Join(webPages, filepath.FromSlash(name)))
		if errors.Is(err, fs.ErrNotExist) {
			continue // of the other half of the data
		}
		read++
		if err != nil {
			t.Fatal(err)
		}
		doc, err := Extract(t.Context(), Input{Name: name, Data: page})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := bag(doc.Text)
		want, either := bag(visible(t, page, marks[name].Main)), bag(visible(t, page, marks[name].Either))
		var one tally
		for w, n := range got {
			right := min(n, want[w])
			one.right += right
			one.extra += max(0, n-right-either[w])
			if n-right-either[w] > 0 {
				t.Logf("%s: %d × %q is no content", name, n-right-either[w], w)
			}
		}
		for w, n := range want {
			one.lost += max(0, n-got[w])
			if n > got[w] {
				t.Logf("%s: %d × %q is lost", name, n-got[w], w)
			}
		}
		t.Logf("%-50s %s", name, one)
		if one.precision() < leastPage || one.recall() < leastPage {
			t.Errorf("%s: %s", name, one)
		}
		all.right, all.extra, all.lost = all.right+one.right, all.extra+one.extra, all.lost+one.lost
	}
	if read == 0 {
		t.Fatal("none of the marked pages is there")
	}
	t.Logf("%-50s %s", fmt.Sprintf("%d pages", read), all)
	if all.precision() < leastTotal || all.recall() < leastTotal {
		t.Errorf("all: %s", all)
	}
}

// tally counts words.
type tally struct{ right, extra, lost int }

func (c tally) precision() float64 { return float64(c.right) / float64(max(c.right+c.extra, 1)) }
func (c tally) recall() float64    { return float64(c.right) / float64(max(c.right+c.lost, 1)) }

func (c tally) String() string {
	return fmt.Sprintf("%6d words, precision %.4f, recall %.4f", c.right+c.lost, c.precision(), c.recall())
}

// bag counts the words of a text.
func bag(text string) map[string]int {
	out := map[string]int{}
	for _, w := range strings.FieldsFunc(strings.ToLower(normalise(text)), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsNumber(r) }) {
		out[w]++
	}
	return out
}

// visible is the text of ranges of a page, without what no reader sees. It knows
// nothing of the extractor: tags are spaces, or nothing within a word.
func visible(t *testing.T, page []byte, ranges [][2]int) string {
	t.Helper()
	_, encoding, _ := charset.DetermineEncoding(page, "text/html")
	var out strings.Builder
	for _, r := range ranges {
		if r[0] < 0 || r[1] > len(page) || r[0] > r[1] {
			t.Fatalf("range %v is outside the page of %d bytes", r, len(page))
		}
		reader, err := charset.NewReaderLabel(encoding, strings.NewReader(string(page[r[0]:r[1]])))
		if err != nil {
			t.Fatal(err)
		}
		z := html.NewTokenizer(reader)
		hidden := 0 // elements deep in something invisible
		for {
			kind := z.Next()
			if kind == html.ErrorToken {
				if z.Err() != io.EOF {
					t.Fatal(z.Err())
				}
				break
			}
			token := z.Token()
			switch {
			case kind == html.TextToken && hidden == 0:
				out.WriteString(token.Data)
			case kind == html.StartTagToken && !alone[token.Data]:
				if hidden > 0 || unseen(token) {
					hidden++
				} else if !gluing[token.Data] {
					out.WriteByte(' ')
				}
			case kind == html.EndTagToken && !alone[token.Data]:
				if hidden > 0 {
					hidden--
				} else if !gluing[token.Data] {
					out.WriteByte(' ')
				}
			case token.Data == "br":
				out.WriteByte(' ')
			}
		}
		out.WriteByte(' ')
	}
	return out.String()
}

var (
	alone = map[string]bool{"br": true, "img": true, "input": true, "meta": true, "link": true, "hr": true, "wbr": true, "area": true,
		"base": true, "col": true, "embed": true, "source": true, "track": true}
	gluing = map[string]bool{"b": true, "i": true, "em": true, "strong": true, "u": true, "font": true, "sup": true, "sub": true}
)

func unseen(token html.Token) bool {
	switch token.Data {
	case "script", "style", "noscript", "template", "svg", "select", "textarea":
		return true
	}
	for _, a := range token.Attr {
		style := strings.ReplaceAll(strings.ToLower(a.Val), " ", "")
		if a.Key == "hidden" || a.Key == "style" && (strings.Contains(style, "display:none") || strings.Contains(style, "visibility:hidden")) {
			return true
		}
	}
	return false
}
