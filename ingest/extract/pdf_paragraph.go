package extract

import (
	"cmp"
	"maps"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// passage is a paragraph, item, row, note or heading that is being put
// together from lines.
type passage struct {
	kind  ingest.Kind
	text  string
	page  int
	size  float64
	bold  bool
	lines int
	last  span
	left  float64 // of the first line
	cells []span  // of a row
	level int     // of a heading
	ruled bool    // a row with borders: nothing below belongs to it
	head  string  // of the table that a row belongs to
}

// headingSize is the least size of a heading, to that of the body.
const headingSize = 1.12

// composer makes passages of lines.
type composer struct {
	body    float64 // the most common font size
	leading float64 // the most common distance of lines, in font sizes
	words   map[string]int
	notes   map[string]bool // labels of the footnotes
	edges   map[[2]int][2]float64
	out     []passage
	pending []passage // notes that wait for the end of the paragraph
}

// compose turns the lines of a document, without furniture, into passages.
func compose(spans []span) *composer {
	c := &composer{words: map[string]int{}, notes: map[string]bool{}, edges: map[[2]int][2]float64{}}
	c.measure(spans)
	text, notes := c.splitNotes(spans)
	for i := 0; i < len(text); {
		j := i + 1
		if text[i].cell.table > 0 {
			for j < len(text) && text[j].cell.table == text[i].cell.table && text[j].page == text[i].page {
				j++
			}
			for len(notes) > 0 && notes[0].page < text[i].page {
				c.note(notes[0])
				notes = notes[1:]
			}
			c.table(text[i:j])
			i = j
			continue
		}
		if text[i].margin {
			for j < len(text) && text[j].margin && text[j].page == text[i].page {
				j++
			}
			c.aside(text[i:j])
			i = j
			continue
		}
		for j < len(text) && text[j].page == text[i].page && text[j].column == text[i].column && text[j].afterCell && sameRow(text[i], text[j]) {
			j++
		}
		for len(notes) > 0 && notes[0].page < text[i].page {
			c.note(notes[0])
			notes = notes[1:]
		}
		c.line(text[i:j])
		i = j
	}
	for _, n := range notes {
		c.note(n)
	}
	c.flushNotes()
	return c
}

// measure finds what is usual in the document.
func (c *composer) measure(spans []span) {
	sizes, gaps := map[float64]int{}, map[float64]int{}
	type edge struct{ l, r []float64 }
	columns := map[[2]int]*edge{}
	for i, s := range spans {
		sizes[s.size] += s.chars
		for _, w := range strings.Fields(s.text) {
			c.words[strings.ToLower(strings.Trim(w, ".,;:!?()«»'\"“”‘’"))]++
		}
		if i > 0 && spans[i-1].column == s.column && spans[i-1].page == s.page && s.size == spans[i-1].size && s.chars > 20 {
			if gap := (spans[i-1].y - s.y) / s.size; gap > 0.8 && gap < 2.5 {
				gaps[math.Round(gap*20)/20]++
			}
		}
		k := [2]int{s.page, s.column}
		if columns[k] == nil {
			columns[k] = &edge{}
		}
		columns[k].l, columns[k].r = append(columns[k].l, s.x0), append(columns[k].r, s.x1)
	}
	c.body, c.leading = mode(sizes, 10), mode(gaps, 1.2)
	for k, e := range columns {
		slices.Sort(e.l)
		slices.Sort(e.r)
		c.edges[k] = [2]float64{e.l[len(e.l)/10], e.r[len(e.r)*9/10]}
	}
}

// mode is the most common key, the smallest of equals.
func mode(count map[float64]int, otherwise float64) float64 {
	best, n := otherwise, 0
	for _, k := range slices.Sorted(maps.Keys(count)) {
		if count[k] > n {
			best, n = k, count[k]
		}
	}
	return best
}

var noteStart = regexp.MustCompile(`^(\d{1,3})(?:[.)]?\s+\S|$)`)

// splitNotes takes the footnotes from the lower half of each page: small lines
// at the end of the page, the first of which starts with its number.
func (c *composer) splitNotes(spans []span) (text []span, notes []passage) {
	for i := 0; i < len(spans); {
		j := i
		for j < len(spans) && spans[j].page == spans[i].page {
			j++
		}
		page := spans[i:j]
		cut := len(page)
		for cut > 0 && page[cut-1].size < 0.93*c.body && !page[cut-1].afterCell && page[cut-1].cell.table == 0 {
			cut--
		}
		for cut < len(page) && (!c.startsNotes(page, cut) || leader.MatchString(page[len(page)-1].text)) {
			cut++
		}
		text = append(text, page[:cut]...)
		notes = c.collectNotes(notes, page[cut:])
		i = j
	}
	return text, notes
}

// startsNotes reports whether a line begins with the number of a note, at the
// left edge and alone on its line: table cells do not.
func (c *composer) startsNotes(page []span, i int) bool {
	s := page[i]
	if i+1 < len(page) && page[i+1].afterCell && sameRow(s, page[i+1]) {
		return false
	}
	if s.label != "" {
		return true
	}
	e := c.edges[[2]int{s.page, s.column}]
	return noteStart.MatchString(s.text) && s.x0 < e[0]+2*s.size
}

func (c *composer) collectNotes(notes []passage, lines []span) []passage {
	wait := "" // a number that stands above its note
	for _, s := range lines {
		label, t := s.label, s.text
		if label == "" {
			if m := noteStart.FindStringSubmatch(t); m != nil && (len(notes) == 0 || nextNumber(notes, m[1])) {
				label, t = m[1], strings.TrimLeft(t[len(m[1]):], ".) ")
			}
		}
		if label != "" && t == "" {
			wait = label
			continue
		}
		if label == "" && wait != "" {
			label = wait
		}
		if label != "" {
			wait = ""
			c.notes[label] = true
			notes = append(notes, passage{kind: ingest.Note, text: label + " " + t, page: s.page, last: s})
			continue
		}
		if n := len(notes); n > 0 && notes[n-1].page == s.page {
			notes[n-1].text = c.join(notes[n-1].text, s.text)
			continue
		}
		notes = append(notes, passage{kind: ingest.Note, text: s.text, page: s.page, last: s})
	}
	return notes
}

// nextNumber reports whether a number at the start of a line can be that of
// the next note: house numbers and years are not.
func nextNumber(notes []passage, n string) bool {
	last, _, _ := strings.Cut(notes[len(notes)-1].text, " ")
	return atoi(n) == atoi(last)+1
}

func atoi(s string) (n int) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' || n > 1<<20 {
			return 0
		}
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// note puts a footnote after the paragraph that its page ends with.
func (c *composer) note(p passage) { c.pending = append(c.pending, p) }

// aside keeps a column in the margin apart: like a note it waits for the end of
// the paragraph, which may go on overleaf.
func (c *composer) aside(lines []span) {
	out := c.out
	c.out = nil
	for i := range lines {
		c.line(lines[i : i+1])
	}
	c.pending, c.out = append(c.pending, c.out...), out
}

func (c *composer) flushNotes() {
	c.out = append(c.out, c.pending...)
	c.pending = nil
}

// content is the text of a span with its raised numbers: references to
// footnotes go, other numbers (m², 10³) stay raised.
func (c *composer) content(s span) string {
	if len(s.marks) == 0 {
		if s.label != "" {
			return s.label + " " + s.text
		}
		return s.text
	}
	var b strings.Builder
	last := 0
	for _, m := range s.marks {
		at := min(m.at, len(s.text))
		b.WriteString(s.text[last:at])
		last = at
		if !c.notes[m.digits] {
			b.WriteString(superscript.Replace(m.digits))
		}
	}
	b.WriteString(s.text[last:])
	return b.String()
}

var superscript = strings.NewReplacer("0", "⁰", "1", "¹", "2", "²", "3", "³", "4", "⁴", "5", "⁵", "6", "⁶", "7", "⁷", "8", "⁸", "9", "⁹")

var (
	bullet        = regexp.MustCompile(`^(?:[•▪◦‣·∙●○■□➢❖✓–—o*\x{f0b7}\x{f0a7}\x{f02d}-]|[a-z0-9]{1,3}[.)]|\([a-z0-9]{1,3}\)|[ivx]{1,4}[.)])$`)
	itemHead      = regexp.MustCompile(`^(?:[•▪◦‣∙●○■□➢❖✓\x{f0b7}\x{f0a7}–—-]\s+|[a-z0-9]{1,2}[)]\s|\((?:[ivx]{1,4}|\d{1,2}|[a-z])\)\s|\d{1,2}\.\s|[a-z]\.\s|o\s)\S`)
	sectionNumber = regexp.MustCompile(`^\d{1,2}(?:\.\d{1,2}){0,3}\.?$`)
	leader        = regexp.MustCompile(`(?:\.\s?){5,}\s*\d{0,4}$`)
	dots          = regexp.MustCompile(`^[.\s]+$`)
	sentence      = regexp.MustCompile(`[.!?:;][»”"')\]]*$`)
)

// line takes one line: a single span, or the cells of a row.
func (c *composer) line(cells []span) {
	first := cells[0]
	if leader.MatchString(cells[len(cells)-1].text) || len(cells) == 3 && dots.MatchString(cells[1].text) {
		return // of the table of contents
	}
	if len(cells) > 1 && bullet.MatchString(first.text) || len(cells) == 2 && sectionNumber.MatchString(first.text) {
		joined := cells[1]
		joined.text, joined.x0 = first.text+" "+joined.text, first.x0
		for i := range joined.marks {
			joined.marks[i].at += len(first.text) + 1
		}
		cells = append([]span{joined}, cells[2:]...)
		first = joined
	}
	if len(cells) > 1 {
		c.row(cells)
		return
	}
	text := c.content(first)
	if bullet.MatchString(text) && !strings.ContainsFunc(text, unicode.IsLetter) && !strings.ContainsFunc(text, unicode.IsDigit) {
		return // a mark without text
	}
	n := len(c.out)
	if n > 0 && c.continuesCell(&c.out[n-1], first, text) {
		return
	}
	if n > 0 && c.continues(&c.out[n-1], first, text) {
		p := &c.out[n-1]
		p.text = c.join(p.text, text)
		p.last, p.lines = first, p.lines+1
		return
	}
	if n > 0 && c.out[n-1].page < first.page {
		c.flushNotes()
	}
	kind := ingest.Paragraph
	if itemHead.MatchString(text) && !first.bold && first.size < headingSize*c.body {
		kind = ingest.Item
	}
	c.out = append(c.out, passage{kind: kind, text: text, page: first.page, size: first.size, bold: first.bold, lines: 1, last: first, left: first.x0})
}

// row takes a row of cells. A row without its first cell goes on with the
// cells of the row above.
func (c *composer) row(cells []span) {
	if n := len(c.out); n > 0 && c.out[n-1].kind == ingest.Row && !c.out[n-1].ruled && c.out[n-1].page == cells[0].page {
		p := &c.out[n-1]
		if len(cells) < len(p.cells)+1 && cells[0].x0 > p.cells[0].x0+c.body && p.last.y-cells[0].y < 1.6*c.leading*cells[0].size {
			ok := true
			for _, s := range cells {
				ok = ok && cellOf(p.cells, s) > 0
			}
			if ok {
				for _, s := range cells {
					c.extend(p, s, c.content(s))
				}
				return
			}
		}
	}
	if n := len(c.out); n > 0 && c.out[n-1].page < cells[0].page {
		c.flushNotes()
	}
	p := passage{kind: ingest.Row, page: cells[0].page, size: cells[0].size, bold: true, lines: 1, last: cells[0]}
	for _, s := range cells {
		s.text, s.marks = c.content(s), nil
		p.cells = append(p.cells, s)
		p.bold = p.bold && s.bold
	}
	p.text = rowText(p.cells)
	c.out = append(c.out, p)
}

// continuesCell adds a line that stands below one cell of the row above.
func (c *composer) continuesCell(p *passage, s span, text string) bool {
	if p.kind != ingest.Row || p.ruled || p.page != s.page || p.last.column != s.column || p.last.y-s.y > 1.6*c.leading*s.size || p.last.y < s.y {
		return false
	}
	if i := cellOf(p.cells, s); i > 0 || i == 0 && !s.bold && startsLower(text) && s.x1 < p.cells[1].x0 {
		c.extend(p, s, text)
		return true
	}
	return false
}

// cellOf is the cell that a span stands below, -1 if none.
func cellOf(cells []span, s span) int {
	for i, cell := range cells {
		if math.Abs(cell.x0-s.x0) < 0.6*s.size && (i+1 >= len(cells) || s.x0 < cells[i+1].x0) {
			return i
		}
	}
	return -1
}

func (c *composer) extend(p *passage, s span, text string) {
	i := cellOf(p.cells, s)
	p.cells[i].text = c.join(p.cells[i].text, text)
	p.text = rowText(p.cells)
	p.last = s
	p.lines++
}

func rowText(cells []span) string {
	texts := make([]string, len(cells))
	for i, s := range cells {
		texts[i] = s.text
	}
	return strings.Join(texts, " | ")
}

// continues reports whether a line belongs to the paragraph above.
func (c *composer) continues(p *passage, s span, text string) bool {
	last := p.last
	if p.kind == ingest.Row || math.Abs(p.size-s.size) > 0.08*p.size || p.bold != s.bold ||
		questionLabel.MatchString(text) || questionLabel.MatchString(p.text) {
		return false
	}
	if itemHead.MatchString(text) {
		return false
	}
	full := func() bool {
		e := c.edges[[2]int{last.page, last.column}]
		return last.x1 > e[1]-0.14*(e[1]-e[0])
	}
	if last.page != s.page || last.column != s.column {
		return p.lines > 0 && !sentence.MatchString(p.text) && (startsLower(text) || full()) && s.size >= 0.93*c.body && !s.bold
	}
	gap := (last.y - s.y) / s.size
	if gap < 0.5 || gap > 1.33*c.leading {
		return false
	}
	if !sentence.MatchString(p.text) || startsLower(text) {
		return true
	}
	if e := c.edges[[2]int{s.page, s.column}]; s.x0 > e[0]+0.8*s.size && last.x0 < s.x0-0.8*s.size && p.kind != ingest.Item {
		return false // indented first line
	}
	if p.kind == ingest.Item && math.Abs(s.x0-p.left) < 2 {
		return false // back below the mark of the list
	}
	return full()
}

func startsLower(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLower(r)
}

// join puts two lines together; a word cut by a hyphen becomes whole where
// that is plausible.
func (c *composer) join(a, b string) string {
	a, b = strings.TrimRight(a, " "), strings.TrimLeft(b, " ")
	head, hyphen := cutHyphen(a)
	if !hyphen || b == "" {
		return a + " " + b
	}
	word := lastWord(head)
	next := firstWord(b)
	low := strings.ToLower(word + next)
	switch {
	case strings.ContainsAny(word, "/@") || strings.Contains(word, "www."):
		return a + b // an address
	case word == "" || !unicode.IsLetter(lastRune(word)) && !unicode.IsDigit(lastRune(word)):
		return a + " " + b // a dash
	case next == "en" || next == "of" || next == "en/of" || next == "als" || next == "tot":
		return a + " " + b // "zorg- en welzijn"
	case !startsLower(b):
		return a + b // "EU-" "Commissie"
	case c.words[strings.ToLower(word+"-"+next)] > c.words[low], unicode.IsDigit(lastRune(word)), strings.ToUpper(word) == word:
		return a + b
	}
	return head + b
}

func cutHyphen(s string) (string, bool) {
	for _, h := range []string{"-", "\u00ad", "\u2010", "\u2011"} {
		if t, ok := strings.CutSuffix(s, h); ok {
			return t, true
		}
	}
	return s, false
}

func lastWord(s string) string { return s[strings.LastIndexAny(s, " \n(«")+1:] }

func firstWord(s string) string {
	if i := strings.IndexAny(s, " \n.,;:!?)»"); i >= 0 {
		return s[:i]
	}
	return s
}

func lastRune(s string) rune {
	r, _ := utf8.DecodeLastRuneInString(s)
	return r
}

// markHeadings turns short bold or large paragraphs, and those named by a
// bookmark, into headings with levels.
func (c *composer) markHeadings(marks []bookmark) {
	named := map[string]int{}
	for _, m := range marks {
		if k := headingKey(m.title); len(k) > 2 {
			named[k] = m.level
		}
	}
	var sizes []float64
	for i := range c.out {
		p := &c.out[i]
		if p.kind != ingest.Paragraph || !c.looksLikeHeading(p, named) {
			continue
		}
		p.kind = ingest.Heading
		if !slices.Contains(sizes, p.size) {
			sizes = append(sizes, p.size)
		}
	}
	slices.SortFunc(sizes, func(a, b float64) int { return cmp.Compare(b, a) })
	for i := range c.out {
		p := &c.out[i]
		if p.kind != ingest.Heading {
			continue
		}
		p.level = 2 + min(slices.Index(sizes, p.size), 4)
		if p.size <= 1.05*c.body {
			p.level = 8
		}
		if l, ok := named[headingKey(p.text)]; ok {
			p.level = min(l+1, 7)
		}
	}
}

func (c *composer) looksLikeHeading(p *passage, named map[string]int) bool {
	if p.lines > 3 || utf8.RuneCountInString(p.text) > 160 || !strings.ContainsFunc(p.text, unicode.IsLetter) {
		return false
	}
	if _, ok := named[headingKey(p.text)]; ok {
		return true
	}
	if strings.HasSuffix(p.text, ",") || strings.HasSuffix(p.text, ";") || startsLower(p.text) {
		return false
	}
	if p.size >= headingSize*c.body {
		return !strings.HasSuffix(p.text, ".") || utf8.RuneCountInString(p.text) < 50
	}
	return p.bold && !strings.HasSuffix(p.text, ".") && utf8.RuneCountInString(p.text) <= 110 && p.size > 0.93*c.body
}

// headingKey compares a heading with a bookmark: letters only.
func headingKey(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
