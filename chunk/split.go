package chunk

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// Options bound the passages. The zero value is replaced by Defaults.
type Options struct {
	// MaxTokens is the largest passage, by EstimateTokens. With its context and
	// headings it must fit the embedding model.
	MaxTokens int
	// ContextTokens is the most that Context may take; it is cut after that.
	ContextTokens int
}

// Defaults fit models that read 512 tokens: a passage, its context, and the
// title and headings that are embedded with it.
func Defaults() Options { return Options{MaxTokens: 300, ContextTokens: 100} }

// EstimateTokens says about how many tokens a SentencePiece model with a
// multilingual vocabulary makes of a text. Measured on Dutch government texts
// it is seldom too low: words cost a token per four letters and a bit, digits and
// other marks one each.
func EstimateTokens(s string) int {
	n, letters, digits := 0, 0, 0
	flush := func() {
		if letters > 0 {
			n += 1 + (letters-1)/5
		}
		n += (digits + 1) / 2
		letters, digits = 0, 0
	}
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case unicode.IsDigit(r):
			digits++
		case unicode.IsSpace(r):
			flush()
		default:
			flush()
			n++
		}
	}
	flush()
	return n
}

// Split cuts a document into passages. Passages follow the headings: none
// crosses from one section into the next. Within a section whole blocks are
// kept together as far as MaxTokens allows, evenly; a block that is too long is
// cut between sentences, or between words. A question becomes the Context of
// the passages of its answer, the header row that of a table's rows. Every
// block that is no heading, and no question with an answer, is in exactly one
// passage. A document of headings alone yields those.
func Split(doc *ingest.Document, o Options) []Chunk {
	if o.MaxTokens <= 0 {
		o = Defaults()
	}
	s := splitter{doc: doc, opts: o, questions: questions(doc)}
	var section []ingest.Block
	for _, b := range doc.Blocks {
		if blank(doc.Text[b.Start:b.End]) {
			continue
		}
		if b.Kind == ingest.Heading || s.asContext(b) || len(section) > 0 && !together(section[0], b) {
			s.section(section)
			section = nil
		}
		if b.Kind != ingest.Heading && !s.asContext(b) {
			section = append(section, b)
		}
	}
	s.section(section)
	if len(s.out) == 0 {
		for _, b := range doc.Blocks {
			if !blank(doc.Text[b.Start:b.End]) {
				s.section([]ingest.Block{b})
			}
		}
	}
	return s.out
}

type splitter struct {
	doc       *ingest.Document
	opts      Options
	questions map[int]string // by group, for groups that have an answer
	out       []Chunk
}

// questions collects, for each group that has anything beside questions, the
// text of its questions.
func questions(doc *ingest.Document) map[int]string {
	answered, text := map[int]bool{}, map[int]string{}
	for _, b := range doc.Blocks {
		switch {
		case b.Group == 0 || b.Kind == ingest.Heading:
		case b.Kind == ingest.Question:
			text[b.Group] = join(text[b.Group], doc.Text[b.Start:b.End])
		case !blank(doc.Text[b.Start:b.End]):
			answered[b.Group] = true
		}
	}
	for g := range text {
		if !answered[g] {
			delete(text, g)
		}
	}
	return text
}

func (s *splitter) asContext(b ingest.Block) bool {
	return b.Kind == ingest.Question && b.Group != 0 && s.questions[b.Group] != ""
}

// together reports whether two blocks may share a passage.
func together(a, b ingest.Block) bool {
	if a.Group != b.Group || len(a.Heading) != len(b.Heading) {
		return false
	}
	for i := range a.Heading {
		if a.Heading[i] != b.Heading[i] {
			return false
		}
	}
	return true
}

// piece is a range that is not cut further.
type piece struct {
	start, end, tokens int
	block              *ingest.Block
}

func (s *splitter) section(blocks []ingest.Block) {
	var pieces []piece
	total := 0
	for i := range blocks {
		for _, sp := range s.cut(Span{blocks[i].Start, blocks[i].End}) {
			p := piece{sp.Start, sp.End, EstimateTokens(s.doc.Text[sp.Start:sp.End]), &blocks[i]}
			pieces = append(pieces, p)
			total += p.tokens
		}
	}
	// Even passages: n of about total/n read better than full ones and a rest.
	n := (total + s.opts.MaxTokens - 1) / s.opts.MaxTokens
	target := total / max(n, 1)
	for len(pieces) > 0 {
		k, size := 1, pieces[0].tokens
		for k < len(pieces) && size < target && size+pieces[k].tokens <= s.opts.MaxTokens {
			size += pieces[k].tokens
			k++
		}
		s.emit(pieces[:k])
		pieces = pieces[k:]
	}
}

func (s *splitter) emit(ps []piece) {
	first, text := ps[0].block, s.doc.Text
	start, end := ps[0].start, ps[len(ps)-1].end
	for start < end && isSpace(text[start]) {
		start++
	}
	for end > start && isSpace(text[end-1]) {
		end--
	}
	context := s.questions[first.Group]
	for _, p := range ps {
		if p.block.Context != "" && !strings.Contains(context, p.block.Context) {
			context = join(context, p.block.Context)
		}
	}
	heading := first.Heading
	if heading == nil {
		heading = []string{}
	}
	s.out = append(s.out, Chunk{
		ID: id(s.doc.Ref, start, end, text[start:end]), Doc: s.doc.Ref, Ordinal: len(s.out),
		Start: start, End: end, Text: text[start:end],
		Context: cutWords(context, s.opts.ContextTokens), Heading: heading, Page: first.Page, Anchor: first.Anchor,
	})
}

// cut divides a span that is too long between sentences, and a sentence that
// is too long between words.
func (s *splitter) cut(sp Span) []Span {
	if EstimateTokens(s.doc.Text[sp.Start:sp.End]) <= s.opts.MaxTokens {
		return []Span{sp}
	}
	var out []Span
	for _, sent := range Sentences(s.doc.Text[sp.Start:sp.End]) {
		start, end := sp.Start+sent.Start, sp.Start+sent.End
		for start < end {
			if isSpace(s.doc.Text[start]) { // a piece of nothing but space is none
				start++
				continue
			}
			head := cutWords(s.doc.Text[start:end], s.opts.MaxTokens)
			out = append(out, Span{start, start + len(head)})
			start += len(head)
		}
	}
	return out
}

// cutWords returns the longest prefix of at most n estimated tokens that ends
// before a space, or within a word where a single word is too long. It reads no
// more of s than that.
func cutWords(s string, n int) string {
	last, tokens, start := 0, 0, 0 // start of the word at hand
	for i := 0; i <= len(s); i++ {
		if i < len(s) && !isSpace(s[i]) {
			if i-start > maxWord { // no word; it is cut below
				break
			}
			continue
		}
		if tokens += EstimateTokens(s[start:i]); tokens > n {
			break
		}
		last, start = i, i+1
	}
	if last > 0 || s == "" {
		return s[:last]
	}
	last = min(len(s), max(2*n, utf8.UTFMax))
	for i := 0; i < utf8.UTFMax && last > 1 && last < len(s) && !utf8.RuneStart(s[last]); i++ {
		last-- // bytes that are no UTF-8 are cut anywhere, but never into nothing
	}
	return s[:last]
}

// maxWord is the longest run without a space that is taken for a word, in bytes.
const maxWord = 4096

func isSpace(b byte) bool { return b == ' ' || b == '\n' || b == '\t' || b == '\r' }

func blank(s string) bool { return strings.TrimSpace(s) == "" }

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + "\n" + b
}
