package extract

import (
	"archive/zip"
	"bytes"
	"cmp"
	"context"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Limits on one office file, against archives that unpack to far more than
// they are.
const (
	maxOfficeBytes   = 200 << 20 // unpacked, of all parts that are read
	maxOfficeEntries = 10_000
)

// archive reads the parts of an office file within one budget.
type archive struct {
	in   Input
	zip  *zip.Reader
	left int64
}

func openArchive(in Input) (*archive, error) {
	z, err := zip.NewReader(bytes.NewReader(in.Data), int64(len(in.Data)))
	if err != nil {
		return nil, in.fail(ErrUnreadable, "a damaged archive (%v); save it again from its program", err)
	}
	if len(z.File) > maxOfficeEntries {
		return nil, in.fail(ErrUnreadable, "%d parts, at most %d are read", len(z.File), maxOfficeEntries)
	}
	return &archive{in, z, maxOfficeBytes}, nil
}

// part is the content of one part; nil if the file has none of that name.
func (a *archive) part(name string) ([]byte, error) {
	for _, f := range a.zip.File {
		if f.Name != name {
			continue
		}
		if f.Flags&1 != 0 {
			return nil, a.in.fail(ErrUnreadable, "it is protected by a password; save it without one")
		}
		r, err := f.Open()
		if err != nil {
			return nil, a.in.fail(ErrUnreadable, "%s: %v; save it again from its program", name, err)
		}
		defer r.Close()
		data, err := io.ReadAll(io.LimitReader(r, a.left+1))
		if err != nil {
			return nil, a.in.fail(ErrUnreadable, "%s: %v; save it again from its program", name, err)
		}
		if a.left -= int64(len(data)); a.left < 0 {
			return nil, a.in.fail(ErrUnreadable, "it unpacks to more than %d MB", maxOfficeBytes>>20)
		}
		return data, nil
	}
	return nil, nil
}

// tree is one part as XML; nil if there is none. A part that need not be there
// costs nothing when it is damaged.
func (a *archive) tree(ctx context.Context, name string, must bool) (*node, error) {
	data, err := a.part(name)
	if err != nil || data == nil {
		if must && err == nil {
			err = a.in.fail(ErrUnreadable, "it has no %s; save it again from its program", name)
		}
		return nil, err
	}
	sub := a.in
	sub.Data = data
	root, err := parseXML(ctx, sub, nil)
	if err != nil && !must && ctx.Err() == nil {
		return nil, nil
	}
	return root, err
}

// officeWriter is what both formats write with.
type officeWriter struct {
	b       *builder
	notes   []string
	title   string // first paragraph in the style of a title
	heading string // outermost heading at the very start
}

// para writes a paragraph; level is that of a heading, 0 if it is none. A
// short paragraph that is all bold serves as a heading below the real ones.
func (w *officeWriter) para(kind ingest.Kind, text string, level int, bold bool) {
	line := oneLine(text)
	if line == "" {
		return
	}
	if level == 0 && bold && boldHeading(line) {
		level = 8
	}
	if level > 0 {
		w.flushNotes()
		if level == 1 && len(w.b.blocks) < 4 && w.heading == "" && len(line) >= 10 {
			w.heading = line
		}
		w.b.heading(level, part{Text: text})
		return
	}
	w.b.add(part{Kind: kind, Text: text})
	w.flushNotes()
}

func boldHeading(s string) bool {
	return utf8.RuneCountInString(s) <= 110 && !strings.ContainsAny(s[len(s)-1:], ".,;:") && strings.ContainsFunc(s, unicode.IsLetter)
}

func (w *officeWriter) flushNotes() {
	for _, n := range w.notes {
		w.b.add(part{Kind: ingest.Note, Text: n})
	}
	w.notes = nil
}

// maxRepeated is the longest text of a cell, in bytes, that is repeated in all
// rows that it spans.
const maxRepeated = 200

// row is one row of a table.
type row struct {
	cells  []string
	header bool // marked as such
	bold   bool // all of it
}

// table writes rows with the header as context: the rows marked as header, or
// a first row that is all bold.
func (w *officeWriter) table(rows []row) {
	var header string
	for i, r := range rows {
		text := rowOf(r.cells)
		if text == "" {
			continue
		}
		if r.header || i == 0 && r.bold && len(r.cells) > 1 && len(rows) > 1 {
			w.b.add(part{Kind: ingest.Row, Text: text})
			header = strings.TrimPrefix(header+" | "+text, " | ")
			continue
		}
		w.b.add(part{Kind: ingest.Row, Text: text, Context: header})
	}
	w.flushNotes()
}

func rowOf(cells []string) string {
	var out []string
	for _, c := range cells {
		if c = oneLine(normalise(c)); c != "" {
			out = append(out, c)
		}
	}
	return strings.Join(out, " | ")
}

// document finishes an office document with the title and date of its
// properties.
func (w *officeWriter) document(props *node, format string) (*ingest.Document, error) {
	doc, err := w.b.document()
	if err != nil {
		return nil, err
	}
	if doc.Text == "" {
		return nil, w.b.in.fail(ErrEmpty, "the %s holds no text", format)
	}
	var title string
	if props != nil {
		if t := props.find("title"); t != nil {
			title = oneLine(normalise(t.flat()))
		}
		for _, name := range []string{"modified", "date"} {
			if n := props.find(name); n != nil && doc.Modified.IsZero() {
				doc.Modified = officeDate(n.flat())
			}
		}
	}
	if fileLike.MatchString(title) {
		title = ""
	}
	for _, t := range []string{w.title, title, w.heading} {
		if doc.Title == "" {
			doc.Title = oneLine(normalise(t))
		}
	}
	markQuestions(doc)
	id := ""
	for _, b := range doc.Blocks[:min(len(doc.Blocks), 10)] {
		if t := doc.Text[b.Start:b.End]; publication.MatchString(t) {
			id = t
		}
	}
	parliamentary(doc, id)
	return doc, nil
}

func officeDate(s string) time.Time {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
		if t, err := time.Parse(layout, s[:min(len(s), max(len(layout), 19))]); err == nil {
			return t
		}
	}
	if len(s) >= 19 {
		t, _ := time.Parse("2006-01-02T15:04:05", s[:19])
		return t
	}
	return time.Time{}
}

// officeStyle is what matters of a style in either format; of the switches, 1 is
// on, -1 off, 0 as its parent.
type officeStyle struct {
	parent  string
	name    string // as the user sees it
	level   int    // of a heading, 0 if none
	bold    int
	hidden  int // not shown, or too small to be read
	white   int // letters
	painted int // has a colour behind it
	list    listRef
}

// listRef is a level, from 0, of a list; the list "" is none.
type listRef struct {
	list  string
	level int
}

// officeLook is how a paragraph or a piece of it looks, by its styles.
type officeLook struct {
	level  int
	title  bool
	bold   bool
	hidden bool
	white  bool
	ground bool // there may be a colour behind it
	list   listRef
	style  string // that names the list
}

// seen reports whether a reader sees it.
func (l officeLook) seen() bool { return !l.hidden && (!l.white || l.ground) }

// resolve follows the parents of a style.
func resolve(styles map[string]officeStyle, id string) officeLook {
	var l officeLook
	bold, hidden, white := 0, 0, 0
	for depth := 0; id != "" && depth < 20; depth++ {
		s, ok := styles[id]
		if l.level == 0 {
			l.level = s.level
		}
		for _, name := range []string{s.name, id} {
			name = strings.ToLower(strings.ReplaceAll(name, "_20_", " "))
			if l.level == 0 {
				l.level = styleLevel(name)
			}
			l.title = l.title || strings.HasPrefix(name, "title") || strings.HasPrefix(name, "titel")
		}
		bold, hidden, white = cmp.Or(bold, s.bold), cmp.Or(hidden, s.hidden), cmp.Or(white, s.white)
		l.ground = l.ground || s.painted > 0
		if l.list.list == "" && s.list.list != "" {
			l.list, l.style = s.list, id
		}
		if !ok {
			break
		}
		id = s.parent
	}
	l.bold, l.hidden, l.white = bold > 0, hidden > 0, white > 0
	return l
}

// over is the officeLook of a piece with a named style.
func (l officeLook) over(s officeLook) officeLook {
	l.bold, l.hidden, l.ground = l.bold || s.bold, l.hidden || s.hidden, l.ground || s.ground
	l.white = l.white || s.white
	return l
}

// with is the officeLook of a piece with a style of its own.
func (l officeLook) with(s officeStyle) officeLook {
	set := func(b *bool, v int) {
		if v != 0 {
			*b = v > 0
		}
	}
	set(&l.bold, s.bold)
	set(&l.hidden, s.hidden)
	set(&l.white, s.white)
	l.ground = l.ground || s.painted > 0
	return l
}

// styleLevel reads "heading 2", "Kop 2", "Kop2"; 0 for other styles.
func styleLevel(name string) int {
	for _, word := range []string{"heading", "kop"} {
		if rest, ok := strings.CutPrefix(name, word); ok {
			rest = strings.TrimLeft(rest, " ")
			if rest != "" && rest[0] >= '1' && rest[0] <= '9' {
				return int(rest[0] - '0')
			}
		}
	}
	return 0
}
