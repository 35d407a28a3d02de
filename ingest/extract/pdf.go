package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractPDF reads a PDF with ledongthuc/pdf and, where that fails or reads
// poorly, with PDFium. Both give characters with their places; lines,
// paragraphs and headings are made of them here, in the same way.
func extractPDF(ctx context.Context, in Input) (*ingest.Document, error) {
	if i := bytes.Index(in.Data[:min(len(in.Data), 1024)], []byte("%PDF-")); i > 0 {
		in.Data = in.Data[i:]
	} else if i < 0 {
		return nil, in.fail(ErrUnreadable, "not a PDF inside: it does not begin with %%PDF-; get the file again")
	}
	file, lines, err := readPDF(ctx, in)
	if err != nil {
		return nil, err
	}
	lines, id := dropFurniture(lines, len(file.sheets))
	c := compose(lines)
	c.markHeadings(file.bookmarks)
	b := newBuilder(ctx, in)
	for _, p := range c.out {
		if p.kind == ingest.Heading {
			b.heading(p.level, part{Text: p.text, Page: p.page})
			continue
		}
		b.add(part{Kind: p.kind, Text: p.text, Page: p.page})
	}
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	doc.Meta["engine"] = file.engine
	doc.Meta["pages"] = strconv.Itoa(len(file.sheets))
	if bad := unreadPages(file); bad != "" {
		doc.Meta["unread_pages"] = bad
	}
	if len(file.scanned) > 0 {
		doc.Meta["ocr_pages"] = pageList(file.scanned)
	}
	if t, ok := pdfDate(file.created); ok {
		doc.Meta["created"] = t.Format(time.DateOnly)
	}
	doc.Title = pdfTitle(file, c)
	markQuestions(doc)
	parliamentary(doc, id)
	return doc, nil
}

// readPDF chooses the engine: the first one whose text reads well.
func readPDF(ctx context.Context, in Input) (*pdfFile, []span, error) {
	file, err := readGoPDF(ctx, in.Data)
	if ctx.Err() != nil {
		return nil, nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
	}
	lines := linesOf(file)
	first := judge(file, lines)
	if err != nil || first.poor {
		second, err2 := readPDFium(ctx, in.Data)
		lines2 := linesOf(second)
		v := judge(second, lines2)
		switch {
		case ctx.Err() != nil:
			return nil, nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
		case err != nil && err2 != nil:
			if errors.Is(err, errEncrypted) || errors.Is(err2, errEncrypted) {
				return nil, nil, in.fail(ErrUnreadable, "it is encrypted; save it without a password")
			}
			return nil, nil, in.fail(ErrUnreadable, "damaged PDF (%s; %s); get the file again or print it to a new PDF", oneLine(err.Error()), oneLine(err2.Error()))
		case err != nil || err2 == nil && v.better(first):
			file, lines, first = second, lines2, v
		}
	}
	if first.garbled != "" && in.OCR != nil { // what it looks like can still be read
		for i := range file.sheets {
			file.sheets[i].lines, file.sheets[i].count = nil, 0
		}
	}
	if scanned, err := readScans(ctx, in, file); len(scanned) > 0 {
		file.scanned = scanned
		lines = linesOf(file)
		first = judge(file, lines)
	} else if ctx.Err() != nil {
		return nil, nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
	} else if err != nil && first.chars == 0 {
		return nil, nil, in.fail(ErrUnreadable, "its pages are pictures, and text recognition failed (%s)", oneLine(err.Error()))
	}
	if first.chars == 0 {
		if bad := unreadPages(file); bad != "" {
			return nil, nil, in.fail(ErrUnreadable, "no page could be read (%v)", oneLine(fmt.Sprint(firstError(file))))
		}
		return nil, nil, in.fail(ErrEmpty, "no text layer on any of its %d pages%s", len(file.sheets), without(in.OCR))
	}
	if first.garbled != "" {
		return nil, nil, in.fail(ErrUnreadable, "its text layer is garbled (%s): the file maps its characters wrongly; print it to a new PDF or run OCR on it", first.garbled)
	}
	return file, lines, nil
}

func linesOf(file *pdfFile) (out []span) {
	if file == nil {
		return nil
	}
	for _, s := range file.sheets {
		out = append(out, s.lines...)
	}
	return out
}

// without says what a scan needs where it is missing.
func without(o *OCR) string {
	if o != nil {
		return ", and text recognition found none"
	}
	return "; text recognition (OCR) is off or not installed"
}

func pageList(pages []int) string {
	out := make([]string, len(pages))
	for i, p := range pages {
		out[i] = strconv.Itoa(p)
	}
	return strings.Join(out, ",")
}

func firstError(file *pdfFile) error {
	for _, s := range file.sheets {
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

func unreadPages(file *pdfFile) string {
	var bad []int
	for i, s := range file.sheets {
		if s.err != nil {
			bad = append(bad, i+1)
		}
	}
	return pageList(bad)
}

// verdict says how well the text of a PDF reads.
type verdict struct {
	chars   int
	letters int
	words   int
	unknown float64 // share of characters without a meaning
	unread  int     // pages
	poor    bool    // another engine may do better
	garbled string  // why it is no language; "" if it reads as one
}

func (v verdict) better(o verdict) bool {
	if v.chars == 0 || o.chars == 0 {
		return v.chars > 0
	}
	if (v.garbled == "") != (o.garbled == "") {
		return v.garbled == ""
	}
	if v.unread != o.unread {
		return v.unread < o.unread
	}
	if v.unknown+0.01 < o.unknown {
		return true
	}
	return v.letters > o.letters*21/20 || v.words > o.words*11/10
}

// Bounds of a text that reads well. Dutch and English words have 5 letters on
// average, and hardly one in a hundred has more than 25.
const (
	maxUnknown  = 0.02
	maxLongWord = 0.02
	minChars    = 200 // below this nothing can be said of the language
)

func judge(file *pdfFile, lines []span) verdict {
	if file == nil {
		return verdict{poor: true}
	}
	var v verdict
	var unknown, long, vowels int
	for _, s := range lines {
		for w := range strings.FieldsSeq(s.text) {
			v.words++
			n := 0
			for _, r := range w {
				v.chars++
				switch {
				case r == utf8.RuneError || unicode.Is(unicode.Co, r) || unicode.IsControl(r):
					unknown++
				case unicode.IsLetter(r):
					n++
					if strings.ContainsRune("aeiouyAEIOUYéèëêïöüáà", r) {
						vowels++
					}
				}
			}
			v.letters += n
			if n > 25 && !strings.ContainsAny(w, "/@.-") {
				long++
			}
		}
	}
	empty := 0
	for _, s := range file.sheets {
		if s.err != nil {
			v.unread++
		}
		if s.count == 0 {
			empty++
		}
	}
	if v.chars > 0 {
		v.unknown = float64(unknown) / float64(v.chars)
	}
	v.garbled = garbled(v.chars, v.letters, vowels, unknown, v.words, frequentWords(lines))
	v.poor = v.unread > 0 || empty == len(file.sheets) || v.unknown > maxUnknown || v.garbled != "" ||
		float64(long) > maxLongWord*float64(v.words)
	return v
}

// garbled says why characters are no Dutch, English, German or French: too few
// letters, no vowels, none of the words that every text is full of. Tables of
// figures pass: they have words, if few.
func garbled(chars, letters, vowels, unknown, words, frequent int) string {
	switch {
	case chars < minChars:
		return ""
	case unknown*3 > chars:
		return fmt.Sprintf("%d%% of its characters have no meaning", unknown*100/chars)
	case words > 80 && frequent*200 < words && letters*2 < chars:
		return fmt.Sprintf("%d%% of its characters are letters, and no common word occurs", letters*100/chars)
	case letters > 400 && frequent*100 < words && (vowels*5 < letters || vowels*3 > letters*2):
		return fmt.Sprintf("%d%% of its letters are vowels, and hardly a common word occurs", vowels*100/letters)
	}
	return ""
}

func frequentWords(lines []span) (n int) {
	for _, s := range lines {
		for w := range strings.FieldsSeq(s.text) {
			switch strings.ToLower(strings.Trim(w, ".,:;()")) {
			case "de", "het", "een", "en", "van", "in", "is", "op", "te", "dat", "die", "voor", "met", "zijn", "niet", "aan", "of", "er", "bij", "wordt",
				"the", "and", "to", "a", "for", "that", "with", "on", "are", "be", "this",
				"der", "und", "das", "le", "la", "les", "et", "des":
				n++
			}
		}
	}
	return n
}

var pdfDatePattern = regexp.MustCompile(`^(?:D:)?(\d{4})(\d{2})(\d{2})`)

// pdfDate reads D:YYYYMMDD… (PDF 32000-1, 7.9.4).
func pdfDate(s string) (time.Time, bool) {
	m := pdfDatePattern.FindStringSubmatch(s)
	if m == nil {
		return time.Time{}, false
	}
	t, err := time.Parse("20060102", m[1]+m[2]+m[3])
	return t, err == nil && t.Year() > 1990 && t.Year() < 2100
}

var fileLike = regexp.MustCompile(`(?i)^(?:microsoft|powerpoint|untitled|naamloos|document\d*$|template|sjabloon)|\.(?:docx?|pdf|indd|xlsx?|pptx?|odt|dotm?)\b|^[\w-]*$|_`)

// pdfTitle prefers the title on the first page, in the largest letters, above
// the Info dictionary, which often holds the name of a template.
func pdfTitle(file *pdfFile, c *composer) string {
	info := oneLine(normalise(file.title))
	if fileLike.MatchString(info) {
		info = ""
	}
	best := -1
	for i, p := range c.out {
		if p.page > 1 {
			break
		}
		if p.kind == ingest.Heading && p.size >= 1.25*c.body && utf8.RuneCountInString(p.text) >= 5 && (best < 0 || p.size > 1.1*c.out[best].size) {
			best = i
		}
	}
	if best >= 0 && (info == "" || c.out[best].size >= 1.5*c.body) {
		return c.out[best].text
	}
	if info != "" {
		return info
	}
	return ""
}
