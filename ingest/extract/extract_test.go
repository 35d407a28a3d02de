package extract

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractAs extracts a string under a name and checks what holds for every
// document.
func extractAs(t testing.TB, name, data string) *ingest.Document {
	t.Helper()
	doc, err := Extract(t.Context(), Input{Name: name, Data: []byte(data)})
	if err != nil {
		t.Fatal(err)
	}
	sound(t, doc)
	return doc
}

// sound checks the promises of a Document.
func sound(t testing.TB, doc *ingest.Document) {
	t.Helper()
	if err := doc.Check(); err != nil {
		t.Error(err)
	}
	if !utf8.ValidString(doc.Text) || !norm.NFC.IsNormalString(doc.Text) {
		t.Errorf("text is not UTF-8 in NFC: %.200q", doc.Text)
	}
	if doc.Title == "" || doc.Text == "" || len(doc.Blocks) == 0 || doc.Meta == nil {
		t.Errorf("title %q, %d bytes, %d blocks, meta %v", doc.Title, len(doc.Text), len(doc.Blocks), doc.Meta)
	}
	for i, b := range doc.Blocks {
		text := doc.Text[b.Start:b.End]
		if text == "" || text != strings.TrimSpace(text) || !utf8.ValidString(text) || b.Kind == "" {
			t.Errorf("block %d of kind %q: %q", i, b.Kind, text)
		}
	}
}

// outline writes blocks as lines "kind path: text".
func outline(doc *ingest.Document) string {
	var out strings.Builder
	for _, b := range doc.Blocks {
		out.WriteString(string(b.Kind))
		for _, h := range b.Heading {
			out.WriteString(" > " + h)
		}
		out.WriteString(": " + strings.ReplaceAll(doc.Text[b.Start:b.End], "\n", "\\n"))
		if b.Context != "" {
			out.WriteString(" {" + b.Context + "}")
		}
		out.WriteString("\n")
	}
	return out.String()
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got = strings.TrimSpace(got); got != strings.TrimSpace(want) {
		t.Errorf("got\n%s\nwant\n%s", got, strings.TrimSpace(want))
	}
}

// shared is the folder of real documents beside the repository; tests of it are
// skipped where it is absent, and fail where it is there and empty.
func shared(t testing.TB, pattern string) []string {
	t.Helper()
	root := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(root); err != nil {
		t.Skip("shared/data is absent")
	}
	files, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(pattern)))
	if err != nil || len(files) == 0 {
		t.Fatalf("no file matches %s (%v)", pattern, err)
	}
	return files
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		name, data string
		kind       error
		says       string
	}{
		{"leeg.txt", "", ErrEmpty, "empty"},
		{"leeg.html", " \n\t ", ErrEmpty, "empty"},
		{"leeg.pdf", "", ErrEmpty, "empty"},
		{"script.html", "<html><body><script>alert(1)</script></body></html>", ErrEmpty, "script"},
		{"foto.jpg", "\xff\xd8\xff\xe0\x00\x10JFIF", ErrUnsupported, "JPEG"},
		{"foto.txt", "\x89PNG\r\n\x1a\n\x00\x00", ErrUnsupported, "PNG"},
		{"programma.txt", "\x7fELF\x02\x01\x01\x00", ErrUnsupported, "program"},
		{"binair.txt", "abc\x00\x01\x02def\x00\x00\x03", ErrUnsupported, "binary"},
		{"binair2.txt", "\x01\x02\x03\x04\x05\x06\x07\x08abc", ErrUnsupported, "binary"},
		{"archief.zip", "PK\x03\x04rest", ErrUnreadable, "archive"},
		{"blad.xlsx", "PK\x03\x04....xl/workbook.xml", ErrUnreadable, "save it again"},
		{"oud.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ErrUnsupported, "Office"},
		{"slot.docx", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ErrUnreadable, "password"},
		{"stijl.css", "body { color: red }", ErrUnsupported, ".css"},
		{"tekening.svg", "<svg><text>a</text></svg>", ErrUnsupported, "SVG"},
		{"lijst.json", `[1, 2, 3]`, ErrUnsupported, "JSON"},
		{"kapot.json", `{"question": "Wat`, ErrUnreadable, "damaged"},
		{"kaart.json", `{"question": "Wat?", "dataurl": "https://opendata.rijksoverheid.nl/v1/x"}`, ErrMetadata, "without its text"},
		{"groot.html", "<p>" + strings.Repeat("tekst ", DefaultMaxHTML/5), ErrUnreadable, "limit is 10 MB"},
		{"leeg.md", "---\ntitle: Leeg\n---\n\n<!-- niets -->\n", ErrEmpty, "no text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, err := Extract(t.Context(), Input{Name: c.name, Data: []byte(c.data)})
			if err == nil {
				t.Fatalf("read as %q", doc.Text)
			}
			if !errors.Is(err, c.kind) || !strings.HasPrefix(err.Error(), c.name+": ") || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one line of kind %v that says %q", err, c.kind, c.says)
			}
		})
	}
}

func TestDetection(t *testing.T) {
	const words = "De gemeente Waterrijk haalt het afval op."
	for _, c := range []struct {
		name, contentType, data string
		want                    string // the first block
	}{
		{"a.txt", "", "<!DOCTYPE html><title>x</title><p>" + words, words},
		{"a", "text/html; charset=utf-8", "<p>" + words + "</p>", words},
		{"a.pdf", "application/pdf", "<html><body><p>" + words + "</body></html>", words},
		{"a.xhtml", "", `<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body><p>` + words + "</p></body></html>", words},
		{"a.md", "", "<div>\n\n" + words + "\n\n</div>", words},
		{"a", "text/markdown", "**De gemeente** Waterrijk haalt het [afval](x) op.", words},
		{"zonder-extensie", "", "<p>" + words + "</p>", words},
		{"a.txt", "", "1 < 2 en <niet html>\n\n" + words, "1 < 2 en <niet html>"},
		{"a.txt", "", "\xff\xfe" + utf16le(words), words},
		{"a.txt", "", utf16le(words), words},
		{"a.txt", "", "\xef\xbb\xbf" + words, words},
		{"a.html", "", "\xef\xbb\xbf<html><body><p>" + words, words},
	} {
		doc, err := Extract(t.Context(), Input{Name: c.name, ContentType: c.contentType, Data: []byte(c.data)})
		if err != nil {
			t.Errorf("%s %s: %v", c.name, c.contentType, err)
			continue
		}
		if b := doc.Blocks[0]; doc.Text[b.Start:b.End] != c.want {
			t.Errorf("%s %q: first block %q, want %q", c.name, c.contentType, doc.Text[b.Start:b.End], c.want)
		}
	}
}

func utf16le(s string) string {
	var out bytes.Buffer
	for _, r := range s {
		out.WriteByte(byte(r))
		out.WriteByte(byte(r >> 8))
	}
	return out.String()
}

func TestContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Extract(ctx, Input{Name: "a.txt", Data: []byte("tekst")}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	data := []byte(strings.Repeat("<div><p>tekst <b>vet</b>", 300_000))
	if _, err := Extract(ctx, Input{Name: "a.html", Data: data}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("error %v", err)
	}
}

func TestAPanicCostsOneDocument(t *testing.T) {
	_, err := guard(t.Context(), Input{Name: "stuk.pdf"}, func(context.Context, Input) (*ingest.Document, error) {
		panic("index out of range\nsecond line")
	})
	if !errors.Is(err, ErrUnreadable) || !strings.HasPrefix(err.Error(), "stuk.pdf: ") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
}

func TestLanguage(t *testing.T) {
	for text, want := range map[string]string{
		"U kunt uw paspoort op afspraak aanvragen bij de balie van het gemeentehuis in Waterrijk.":        "nl",
		"You can apply for a passport at the counter of the town hall, by appointment only, on weekdays.": "en",
		"Kort": "",
	} {
		if got := extractAs(t, "a.txt", text).Language; got != want {
			t.Errorf("%q: language %q, want %q", text, got, want)
		}
	}
}

func TestNormalise(t *testing.T) {
	for in, want := range map[string]string{
		"":                               "",
		"  a \t b  ":                     "a b",
		"a\u00a0\u00a0b":                 "a b",
		"a \r\n\n b":                     "a\nb",
		"ge\u00admeen\u200bte":           "gemeente",
		"cafe\u0301":                     "café",
		"a\x00b\x07c":                    "abc",
		"\xff\xfe tekst":                 "tekst",
		"re\u00ad\u0301gel":              "régel",
		"a\u2028b":                       "a\nb",
		"\u202eomgekeerd\u202c":          "omgekeerd",
		"gewoon":                         "gewoon",
		"gewoon met een regel ":          "gewoon met een regel",
		"meerdere\nregels zonder ruimte": "meerdere\nregels zonder ruimte",
	} {
		got := normalise(in)
		if got != want {
			t.Errorf("normalise(%q) = %q, want %q", in, got, want)
		}
		if again := normalise(got); again != got {
			t.Errorf("normalise(%q) = %q the second time", got, again)
		}
	}
}

func TestBuilder(t *testing.T) {
	b := newBuilder(t.Context(), Input{Name: "a"})
	b.heading(1, part{Text: "Titel"})
	b.add(part{Text: "Alinea."})
	b.heading(2, part{Text: " Twee \n regels "})
	b.heading(4, part{Text: "Diep"})
	b.add(part{Kind: ingest.Item, Text: "een"})
	b.add(part{Kind: ingest.Item, Text: "twee"})
	b.add(part{Text: " \u00ad "})
	b.heading(3, part{Text: "Minder diep"})
	b.add(part{Text: "Einde.", Heading: []string{"elders"}, Context: "van\nhier"})
	b.heading(1, part{Text: strings.Repeat("lange kop ", 50)})
	b.add(part{Text: "Slot."})
	doc, err := b.document()
	if err != nil {
		t.Fatal(err)
	}
	sound(t, &ingest.Document{Title: "x", Text: doc.Text, Blocks: doc.Blocks, Meta: doc.Meta})
	same(t, outline(doc), `
heading: Titel
paragraph > Titel: Alinea.
heading > Titel: Twee regels
heading > Titel > Twee regels: Diep
item > Titel > Twee regels > Diep: een
item > Titel > Twee regels > Diep: twee
heading > Titel > Twee regels: Minder diep
paragraph > elders: Einde. {van hier}
paragraph: `+strings.TrimSpace(strings.Repeat("lange kop ", 50))+`
paragraph: Slot.`)
	if !strings.Contains(doc.Text, "een\ntwee\n\nMinder diep") {
		t.Errorf("separators: %q", doc.Text)
	}
}

func TestBuilderLimits(t *testing.T) {
	b := newBuilder(t.Context(), Input{Name: "groot.txt"})
	line := strings.Repeat("a", 1<<20)
	n := 0
	for b.add(part{Text: line}) {
		n++
	}
	if _, err := b.document(); n != 49 || !errors.Is(err, ErrUnreadable) {
		t.Errorf("%d blocks of 1 MB, error %v", n, err)
	}
}
