package extract

import (
	"bytes"
	"context"
	"iter"
	"regexp"
	"strings"
	ucode "unicode"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// extractText reads plain text in UTF-8, UTF-16 or Windows-1252. Blank lines
// separate paragraphs, lines keep their breaks.
func extractText(ctx context.Context, in Input) (*ingest.Document, error) {
	b := newBuilder(ctx, in)
	text := lineEnds.Replace(decodeText(in.Data))
	page := ""
	if m := pageMark.FindStringSubmatch(text[:min(len(text), 2048)]); m != nil {
		page, text = m[1], strings.Replace(text, m[0], "", 1)
	}
	title := ""
	s := textSections{b: b}
	for para := range blankLines(text) {
		if title == "" && len(b.blocks) == 0 {
			para = withoutLinks(para, 0)
			if title = titleLine(para, page != ""); title != "" {
				b.heading(1, part{Text: title})
				para = para[strings.Index(para, title)+len(title):]
			}
		}
		s.paragraph(para)
	}
	doc, err := b.document()
	if err != nil {
		return nil, err
	}
	doc.Title = title
	if page != "" {
		doc.Meta["canonical"] = page
	}
	return doc, nil
}

// blankLines yields what stands between lines without text.
func blankLines(text string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start := 0
		for at := 0; at < len(text); {
			end := strings.IndexByte(text[at:], '\n')
			if end < 0 {
				break
			}
			if strings.TrimSpace(text[at:at+end]) == "" {
				if !yield(text[start:at]) {
					return
				}
				start = at + end + 1
			}
			at += end + 1
		}
		yield(text[start:])
	}
}

// lineEnds gives every line break and page break one form.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\f", "\n\n")

// pageMark is what text versions of web pages write for their own address.
var pageMark = regexp.MustCompile(`(?m)^\s*\[PAGE LINK:[^\]\n]*\]\(([^)\s]*)\)[ \t]*$`)

// withoutLinks replaces the marks that text versions of web pages write for
// links, "[LINK: words](address)", by their words. Marks stand within each
// other where a program wrote them.
func withoutLinks(s string, depth int) string {
	const mark = "[LINK:"
	if !strings.Contains(s, mark) || depth > 5 {
		return s
	}
	var out strings.Builder
	for {
		i := strings.Index(s, mark)
		if i < 0 {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(s[:i])
		n := closing(s[i:], '[', ']')
		if n == 0 {
			out.WriteString(mark)
			s = s[i+len(mark):]
			continue
		}
		words := s[i+len(mark) : i+n-1]
		s = s[i+n:]
		s = s[closing(s, '(', ')'):]
		// The mark is followed by a space, whatever comes next.
		if len(s) > 1 && s[0] == ' ' && strings.IndexByte(".,;:?!)", s[1]) >= 0 && (len(s) == 2 || strings.IndexByte(" \n.,;:?!)", s[2]) >= 0) {
			s = s[1:]
		}
		out.WriteString(strings.TrimSpace(withoutLinks(words, depth+1)))
	}
}

// closing is the length of a bracketed piece at the start of s, within one
// line; 0 if there is none.
func closing(s string, open, end byte) int {
	if s == "" || s[0] != open {
		return 0
	}
	depth := 0
	for i := range min(len(s), 4000) {
		switch s[i] {
		case open:
			depth++
		case end:
			if depth--; depth == 0 {
				return i + 1
			}
		case '\n':
			return 0
		}
	}
	return 0
}

// listItem is the beginning of an item: "- ", "* ", "• ", "1. ", "a) ".
var listItem = regexp.MustCompile(`^[ \t]*(?:[-*+•–·▪◦o][ \t]+|\(?\d{1,3}[.)][ \t]+|\(?[a-z][.)][ \t]+)\S`)

// textSections writes paragraphs under the titles of their sections.
type textSections struct {
	b      *builder
	level  int    // of the headings within a section
	anchor string // of the section
}

// sectionLine is the title of a section in a text version of a web page: a link
// to a place on the page itself.
var sectionLine = regexp.MustCompile(`^[ \t]*(\[LINK:[^\[\]\n]{1,150}\]\(#([^)\s]+)\)[^.\n]{0,40})$`)

// paragraph writes what stands between two blank lines: the title of a section,
// a short first line as heading, items of a list one by one, anything else as one
// block.
func (s *textSections) paragraph(para string) {
	lines := strings.Split(strings.Trim(para, "\n"), "\n")
	start := 0
	for i, line := range lines {
		m := sectionLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		s.write(lines[start:i])
		start = i + 1
		s.level, s.anchor = 3, ""
		if goodAnchor(m[2]) {
			s.anchor = m[2]
		}
		s.b.heading(2, part{Text: withoutLinks(m[1], 0), Anchor: s.anchor})
	}
	s.write(lines[start:])
}

func (s *textSections) write(lines []string) {
	level := max(s.level, 2)
	s.b.leave(level) // a heading is sure for its own paragraph only
	lines = strings.Split(withoutLinks(strings.Join(lines, "\n"), 0), "\n")
	if len(lines) > 1 && headingLine(lines[0], lines[1]) {
		s.b.heading(level, part{Text: lines[0], Anchor: s.anchor})
		lines = lines[1:]
	}
	for len(lines) > 0 {
		kind := ingest.Paragraph
		if listItem.MatchString(lines[0]) {
			kind = ingest.Item
		}
		n := 1
		for n < len(lines) && !listItem.MatchString(lines[n]) {
			n++
		}
		s.b.add(part{Kind: kind, Text: strings.Join(lines[:n], "\n"), Anchor: s.anchor})
		lines = lines[n:]
	}
}

// headingLine recognises a heading above its paragraph: a short line without
// figures or the end of a sentence, above a longer line that has one. It is
// careful, because headings are never quoted.
func headingLine(line, below string) bool {
	line, below = strings.TrimSpace(line), strings.TrimSpace(below)
	first, _ := utf8.DecodeRuneInString(line)
	return len(line) >= 3 && len(line) <= 60 && len(below) > len(line) && !listItem.MatchString(line) &&
		ucode.IsUpper(first) && !strings.ContainsAny(line, ".:;,0123456789%€@|") &&
		(strings.HasSuffix(below, ".") || strings.HasSuffix(below, ":") || strings.HasSuffix(below, "?"))
}

// titleLine is the first line of the text where it looks like a title: short,
// without the end of a sentence, and alone or above a longer line; in the text
// version of a web page the first line is the headline, whatever comes after.
func titleLine(para string, page bool) string {
	line, below, more := strings.Cut(strings.TrimSpace(para), "\n")
	line = strings.TrimSpace(line)
	if below, _, _ = strings.Cut(below, "\n"); more && !page && !headingLine(line, below) {
		return ""
	}
	if n := utf8.RuneCountInString(line); n < 3 || n > 100 || strings.HasSuffix(line, ".") || strings.HasSuffix(line, ",") || listItem.MatchString(line) {
		return ""
	}
	return line
}

// decodeText gives UTF-8: by byte order mark, by the zero bytes of UTF-16
// without one, as UTF-8 where it is valid (cut-off runes at the end apart),
// else as Windows-1252, in which every byte is a character.
func decodeText(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		return decodeUTF16(data, unicode.LittleEndian)
	case utf16Order(data) == 'l':
		return decodeUTF16(data, unicode.LittleEndian)
	case utf16Order(data) == 'b':
		return decodeUTF16(data, unicode.BigEndian)
	}
	if utf8.Valid(data) {
		return string(data)
	}
	if validBut(data) {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	out, err := charmap.Windows1252.NewDecoder().Bytes(data)
	if err != nil {
		return strings.ToValidUTF8(string(data), "\ufffd")
	}
	return string(out)
}

func decodeUTF16(data []byte, order unicode.Endianness) string {
	out, err := unicode.UTF16(order, unicode.UseBOM).NewDecoder().Bytes(data)
	if err != nil {
		out, _ = unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder().Bytes(data)
	}
	return strings.ToValidUTF8(string(out), "\ufffd")
}

// validBut reports whether data is UTF-8 with a few broken places: damaged
// UTF-8 is likelier than Windows-1252 when most of its long sequences are valid.
func validBut(data []byte) bool {
	good, bad := 0, 0
	for len(data) > 0 {
		r, n := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && n <= 1:
			bad++
		case n > 1:
			good++
		}
		data = data[n:]
	}
	return bad <= good/10+1 && good > bad
}

// utf16Order recognises UTF-16 without byte order mark by its zero bytes: 'l'
// for little endian, 'b' for big endian, 0 for something else.
func utf16Order(data []byte) byte {
	sample := data[:min(len(data), 4096)]
	if len(sample) < 4 {
		return 0
	}
	var zeros [2]int
	for i, c := range sample {
		if c == 0 {
			zeros[i%2]++
		}
	}
	half := len(sample) / 2
	switch {
	case zeros[1] > half*7/10 && zeros[0] < half/20+1:
		return 'l'
	case zeros[0] > half*7/10 && zeros[1] < half/20+1:
		return 'b'
	}
	return 0
}

// binary reports whether data is no text: NUL bytes outside UTF-16, or more
// control characters than any text has.
func binary(data []byte) bool {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) || utf16Order(data) != 0 {
		return false
	}
	sample := data[:min(len(data), 64<<10)]
	control := 0
	for _, c := range sample {
		switch {
		case c == 0:
			return true
		case c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b, c == 0x7f:
			control++
		}
	}
	return control > len(sample)/50 || (control > 0 && !utf8.Valid(sample) && control > len(sample)/200)
}
