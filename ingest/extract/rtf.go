package extract

import (
	"bytes"
	"context"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// No kept library reads the text of RTF in Go, and its grammar is three rules:
// groups, control words and text (RTF Specification 1.9.1). What is not known is
// skipped, as the specification asks.

// maxRTFDepth is how deep groups may be nested.
const maxRTFDepth = 500

// extractRTF reads the text of an RTF file: paragraphs, tables as rows, and
// footnotes; without headers, pictures, deletions and hidden text.
func extractRTF(ctx context.Context, in Input) (*ingest.Document, error) {
	r := &rtfReader{ctx: ctx, in: in, data: in.Data, w: officeWriter{b: newBuilder(ctx, in)}, decoder: charmap.Windows1252}
	r.state.unicodeSkip = 1
	if err := r.read(); err != nil {
		return nil, err
	}
	r.paragraph()
	r.endTable()
	doc, err := r.w.document(nil, "file")
	if err != nil {
		return nil, err
	}
	if doc.Title == "" {
		doc.Title = oneLine(normalise(r.title.String()))
	}
	if doc.Modified.IsZero() {
		doc.Modified = r.revised
	}
	return doc, nil
}

// rtfState is what a group inherits and gives back at its end.
type rtfState struct {
	skip        bool // a destination that is not text
	hidden      bool // or deleted
	bold        bool
	level       int // of the heading that the paragraph is, 0 if none
	list        bool
	unicodeSkip int // characters that stand for a \u for older readers
	into        *strings.Builder
	note        bool
	date        bool
}

type rtfReader struct {
	ctx     context.Context
	in      Input
	data    []byte
	at      int
	w       officeWriter
	decoder encoding.Encoding
	state   rtfState
	stack   []rtfState

	text    strings.Builder
	allBold bool
	note    strings.Builder
	title   strings.Builder
	raw     []byte   // bytes in the code page, not yet decoded
	units   []uint16 // of \u, not yet decoded
	pending int      // characters to leave out after \u
	star    bool     // \* came: an unknown word makes a destination to skip
	cells   []string
	rows    []row
	inTable bool
	revised time.Time
	when    [5]int
}

func (r *rtfReader) read() error {
	for r.at < len(r.data) {
		if r.at%4096 == 0 && r.ctx.Err() != nil {
			return r.ctx.Err()
		}
		switch c := r.data[r.at]; c {
		case '{':
			r.flush()
			if len(r.stack) >= maxRTFDepth {
				return r.in.fail(ErrUnreadable, "groups nested more than %d deep; save it again from its program", maxRTFDepth)
			}
			r.stack = append(r.stack, r.state)
			r.pending, r.star = 0, false
			r.at++
		case '}':
			r.flush()
			r.close()
			r.at++
		case '\\':
			r.control()
		case '\r', '\n':
			r.at++
		default:
			r.char(c)
			r.at++
		}
	}
	r.flush()
	return nil
}

// close ends a group.
func (r *rtfReader) close() {
	if len(r.stack) == 0 {
		return
	}
	before := r.state
	r.state = r.stack[len(r.stack)-1]
	r.stack = r.stack[:len(r.stack)-1]
	r.pending, r.star = 0, false
	if before.note && !r.state.note {
		if text := oneLine(normalise(r.note.String())); text != "" {
			r.w.notes = append(r.w.notes, text)
		}
		r.note.Reset()
	}
	if before.date && !r.state.date && r.when[0] > 0 {
		r.revised = time.Date(r.when[0], time.Month(r.when[1]), r.when[2], r.when[3], r.when[4], 0, 0, time.UTC)
	}
}

// char takes a byte of text.
func (r *rtfReader) char(c byte) {
	if r.pending > 0 {
		r.pending--
		return
	}
	if len(r.units) > 0 {
		r.flush()
	}
	r.raw = append(r.raw, c)
}

// flush decodes what was collected.
func (r *rtfReader) flush() {
	if len(r.units) > 0 {
		r.write(string(utf16.Decode(r.units)))
		r.units = r.units[:0]
	}
	if len(r.raw) > 0 {
		s, err := r.decoder.NewDecoder().Bytes(r.raw)
		if err == nil {
			r.write(string(s))
		}
		r.raw = r.raw[:0]
	}
}

func (r *rtfReader) write(s string) {
	switch {
	case r.state.skip || r.state.hidden:
	case r.state.into != nil:
		r.state.into.WriteString(s)
	case r.state.note:
		r.note.WriteString(s)
	default:
		if r.text.Len() == 0 {
			r.allBold = true
		}
		if strings.TrimSpace(s) != "" {
			r.allBold = r.allBold && r.state.bold
		}
		r.text.WriteString(s)
	}
}

// control reads a control word or symbol.
func (r *rtfReader) control() {
	r.at++
	if r.at >= len(r.data) {
		return
	}
	c := r.data[r.at]
	if !asciiLetter(c) {
		r.at++
		r.symbol(c)
		return
	}
	start := r.at
	for r.at < len(r.data) && asciiLetter(r.data[r.at]) && r.at-start < 32 {
		r.at++
	}
	word := string(r.data[start:r.at])
	number := r.at
	for r.at < len(r.data) && (r.data[r.at] >= '0' && r.data[r.at] <= '9' || r.at == number && r.data[r.at] == '-') && r.at-number < 11 {
		r.at++
	}
	value, err := strconv.Atoi(string(r.data[number:r.at]))
	given := err == nil
	if r.at < len(r.data) && r.data[r.at] == ' ' {
		r.at++
	}
	r.word(word, value, given)
}

func asciiLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func (r *rtfReader) symbol(c byte) {
	switch c {
	case '\'':
		if r.at+1 < len(r.data) {
			if v, err := strconv.ParseUint(string(r.data[r.at:r.at+2]), 16, 8); err == nil {
				r.char(byte(v))
			}
			r.at += 2
		}
	case '~':
		r.char(' ')
	case '_':
		r.char('-')
	case '\\', '{', '}':
		r.char(c)
	case '*':
		r.star = true
	case '\n', '\r':
		r.flush()
		r.paragraph()
	}
}

// rtfSkipped are destinations whose text is none of the document's.
var rtfSkipped = set("fonttbl", "colortbl", "stylesheet", "pict", "object", "header", "headerl", "headerr", "headerf", "footer", "footerl",
	"footerr", "footerf", "listtable", "listoverridetable", "revtbl", "rsidtbl", "generator", "themedata", "datastore", "latentstyles", "xmlnstbl",
	"fldinst", "filetbl", "author", "operator", "company", "subject", "keywords", "comment", "doccomm", "category", "manager", "bkmkstart", "bkmkend",
	"listtext", "pntext", "pnseclvl", "annotation", "atnid", "atnauthor", "nonshppict", "objdata", "tc", "xe", "template", "private", "factoidname", "userprops")

// word carries out a control word.
func (r *rtfReader) word(word string, value int, given bool) {
	star := r.star
	r.star = false
	if word != "u" {
		r.flush()
	}
	switch word {
	case "u":
		if len(r.raw) > 0 {
			r.flush()
		}
		if given {
			r.units = append(r.units, uint16(value))
			r.pending = r.state.unicodeSkip
		}
	case "uc":
		r.state.unicodeSkip = min(max(value, 0), 16)
	case "ansicpg":
		if e := codePage(value); e != nil {
			r.decoder = e
		}
	case "mac":
		r.decoder = charmap.Macintosh
	case "pc":
		r.decoder = charmap.CodePage437
	case "pca":
		r.decoder = charmap.CodePage850
	case "par", "sect", "page":
		r.paragraph()
	case "line":
		r.write("\n")
	case "tab":
		r.write(" ")
	case "emdash":
		r.write("—")
	case "endash":
		r.write("–")
	case "lquote":
		r.write("‘")
	case "rquote":
		r.write("’")
	case "ldblquote":
		r.write("“")
	case "rdblquote":
		r.write("”")
	case "bullet":
		r.write("•")
	case "plain":
		r.state.bold, r.state.hidden = false, false
	case "b":
		r.state.bold = !given || value != 0
	case "v", "deleted":
		r.state.hidden = !given || value != 0
	case "pard":
		r.state.level, r.state.list, r.inTable = 0, false, false
	case "outlinelevel":
		if value >= 0 && value < 9 {
			r.state.level = value + 1
		}
	case "ls":
		r.state.list = true
	case "intbl":
		r.inTable = true
	case "cell", "nestcell":
		r.cells = append(r.cells, r.text.String())
		r.text.Reset()
	case "row", "nestrow":
		r.rows = append(r.rows, row{cells: r.cells, bold: r.allBold})
		r.cells = nil
	case "footnote":
		r.state.note = true
	case "title":
		if len(r.stack) > 0 {
			r.state.into = &r.title
		}
	case "revtim", "creatim":
		r.state.date = true
		r.when = [5]int{}
	case "yr", "mo", "dy", "hr", "min":
		r.when[strings.Index("yr mo dy hr mi", word[:2])/3] = value
	case "bin":
		r.at = min(r.at+max(value, 0), len(r.data))
	case "info":
	default:
		if rtfSkipped[word] || star {
			r.state.skip = true
		}
	}
}

func codePage(n int) encoding.Encoding {
	switch n {
	case 437:
		return charmap.CodePage437
	case 850:
		return charmap.CodePage850
	case 1250:
		return charmap.Windows1250
	case 1251:
		return charmap.Windows1251
	case 1252:
		return charmap.Windows1252
	case 1253:
		return charmap.Windows1253
	case 1254:
		return charmap.Windows1254
	case 1257:
		return charmap.Windows1257
	case 10000:
		return charmap.Macintosh
	}
	return nil
}

// paragraph ends one: within a table it is a line of its cell.
func (r *rtfReader) paragraph() {
	if r.state.note {
		r.note.WriteByte(' ')
		return
	}
	if r.inTable {
		r.text.WriteByte(' ')
		return
	}
	r.endTable()
	text := r.text.String()
	r.text.Reset()
	kind := ingest.Paragraph
	if r.state.list && r.state.level == 0 {
		kind = ingest.Item
	}
	r.w.para(kind, text, min(r.state.level, 7), r.allBold)
	r.allBold = false
}

func (r *rtfReader) endTable() {
	if len(r.cells) > 0 {
		r.rows = append(r.rows, row{cells: r.cells})
		r.cells = nil
	}
	if len(r.rows) > 0 {
		r.w.table(r.rows)
		r.rows = nil
	}
}

func isRTF(data []byte) bool { return bytes.HasPrefix(data, []byte("{\\rtf")) }
