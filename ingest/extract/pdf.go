package extract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
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
	file, err := readPDF(ctx, in)
	if err != nil {
		return nil, err
	}
	lines, id := dropFurniture(file.lines, len(file.pages))
	c := compose(lines)
	c.markHeadings(file.bookmarks)
	b := newBuilder(ctx, in)
	for _, p := range c.out {
		if p.kind == ingest.Heading {
			b.heading(p.level, part{Text: p.text, Page: p.page})
			continue
		}
		b.add(part{Kind: p.kind, Text: p.text, Page: p.page, Context: p.head})
	}
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	doc.Meta["engine"] = file.engine
	doc.Meta["pages"] = strconv.Itoa(len(file.pages))
	if bad := unreadPages(file); bad != "" {
		doc.Meta["unread_pages"] = bad
	}
	if read := listPages(file, func(s sheetFacts) bool { return s.ocr }); read != "" {
		doc.Meta["ocr_pages"] = read
		doc.Meta["ocr"] = in.OCR.String()
	}
	if file.labels != "" {
		doc.Meta["page_labels"] = file.labels
	}
	if n := file.hidden(); n > 0 {
		doc.Meta["hidden_characters"] = strconv.Itoa(n)
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
func readPDF(ctx context.Context, in Input) (*pdfFile, error) {
	file, err := readGoPDF(ctx, in.Data)
	if ctx.Err() != nil {
		return nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
	}
	first := judge(file)
	if err != nil || first.poor {
		second, err2 := readPDFium(ctx, in.Data)
		v := judge(second)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("%s: %w", in.label(), ctx.Err())
		case err != nil && err2 != nil:
			if errors.Is(err, errEncrypted) || errors.Is(err2, errEncrypted) {
				return nil, in.fail(ErrUnreadable, "it is encrypted; save it without a password")
			}
			return nil, in.fail(ErrUnreadable, "damaged PDF (%s; %s); get the file again or print it to a new PDF", oneLine(err.Error()), oneLine(err2.Error()))
		case err != nil || err2 == nil && v.better(first):
			file, first = second, v
		}
	}
	if err := file.readPictures(ctx, in, &first); err != nil {
		return nil, err
	}
	if first.chars == 0 {
		if bad := unreadPages(file); bad != "" {
			if err := firstError(file); !errors.Is(err, errUnread) {
				return nil, in.fail(ErrUnreadable, "no page could be read (%v)", oneLine(err.Error()))
			}
		}
		switch {
		case in.OCR != nil:
			return nil, in.fail(ErrEmpty, "no text layer on any of its %d pages, and OCR found no text", len(file.pages))
		case len(file.unseen()) == 0:
			return nil, in.fail(ErrEmpty, "its %d pages are empty", len(file.pages))
		}
		return nil, needsOCR(in.fail(ErrEmpty, "no text layer on any of its %d pages; OCR would read them: install Tesseract with Dutch (tesseract-ocr-nld)", len(file.pages)))
	}
	if first.garbled != "" {
		return nil, needsOCR(in.fail(ErrUnreadable, "its text layer is garbled (%s): the file maps its characters wrongly; print it to a new PDF, or install Tesseract with Dutch (tesseract-ocr-nld)", first.garbled))
	}
	return file, nil
}

// readPictures has the pages recognised whose text is in pictures, and all
// pages of a file whose text layer is no language.
func (f *pdfFile) readPictures(ctx context.Context, in Input, v *verdict) error {
	pages := f.unseen()
	if v.garbled != "" && in.OCR != nil {
		pages = nil
		for i := range f.pages {
			pages = append(pages, i)
		}
	}
	if len(pages) == 0 {
		return nil
	}
	err := f.recognise(ctx, in, pages, v.garbled != "")
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", in.label(), ctx.Err())
	}
	if err != nil {
		for _, i := range pages {
			if !f.pages[i].ocr {
				f.pages[i].err = err
			}
		}
	}
	if in.OCR != nil {
		if v.garbled != "" { // the lines of pages that were not reached are garbled still
			f.lines = slices.DeleteFunc(f.lines, func(s span) bool { return !f.pages[s.page-1].ocr })
		}
		*v = judge(f)
	}
	return nil
}

func firstError(file *pdfFile) error {
	for _, s := range file.pages {
		if s.err != nil {
			return s.err
		}
	}
	return nil
}

func unreadPages(file *pdfFile) string {
	return listPages(file, func(s sheetFacts) bool { return s.err != nil })
}

// listPages are the numbers of the pages that which holds for: "2,5,6".
func listPages(file *pdfFile, which func(sheetFacts) bool) string {
	var out []string
	for i, s := range file.pages {
		if which(s) {
			out = append(out, strconv.Itoa(i+1))
		}
	}
	return strings.Join(out, ",")
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

func judge(file *pdfFile) verdict {
	if file == nil {
		return verdict{poor: true}
	}
	var v verdict
	var unknown, long, vowels int
	for _, s := range file.lines {
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
	for _, s := range file.pages {
		if s.err != nil {
			v.unread++
		}
		if s.chars == 0 {
			empty++
		}
	}
	if v.chars > 0 {
		v.unknown = float64(unknown) / float64(v.chars)
	}
	v.garbled = garbled(v.chars, v.letters, vowels, unknown, v.words, frequentWords(file.lines))
	v.poor = v.unread > 0 || empty == len(file.pages) || v.unknown > maxUnknown || v.garbled != "" ||
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
