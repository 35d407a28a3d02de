package extract

import (
	"regexp"
	"slices"
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

const numberList = `\d{1,3}[a-z]?(?:(?:\s*[,;&+/–-]\s*|\s+(?:en|t/m|tot en met|plus)\s+|\s+)(?:en\s+)?(?:vraag\s+)?\d{1,3}[a-z]?)*`

var (
	// questionLabel is a line of its own: "Vraag 1", "Vragen 2 en 3", "Antwoord
	// op vraag 4", "Antwoord 5, 6 en 7", "Vraag", "Antwoord:".
	questionLabel = regexp.MustCompile(`(?i)^(?:(vraag|vragen)|(antwoord|antwoorden|reactie|beantwoording)(?:\s+(?:op\s+)?(?:de\s+)?vra(?:ag|gen))?)(?:\s+(` + numberList + `))?\s*[:.]?$`)
	// inlineLabel begins a block whose text goes on behind it: "Antwoord 1: Ja."
	inlineLabel = regexp.MustCompile(`(?i)^(?:(vraag|vragen)|(antwoord|antwoorden)(?:\s+(?:op\s+)?(?:de\s+)?vra(?:ag|gen))?)(?:\s+(` + numberList + `))?\s*(?::\s|\.\s|\n)\s*`)
	// bareNumber is a question's number without the word.
	bareNumber = regexp.MustCompile(`^(?:vraag\s+)?(\d{1,3})[.)]?(?:\s+|$)`)
	afterLast  = regexp.MustCompile(`(?i)^(?:toelichting\b|mededeling\b|hoogachtend\b|bijlagen?\b|ondertekening\b|deze vragen dienen ter aanvulling)`)
	numbers    = regexp.MustCompile(`\d{1,3}`)
	ranges     = regexp.MustCompile(`(\d{1,3})\s*(?:t/m|tot en met|[–-])\s*(\d{1,3})`)
)

// minPairs is how many questions with an answer make a document one of
// questions and answers.
const minPairs = 2

// markQuestions finds questions with their answers by their labels ("Vraag 1",
// "Antwoord 1"), in a document of any format: the label becomes a heading, the
// blocks below it Question or Answer, and a question has the group of its
// answer. A document with fewer than two such pairs, or with marked questions,
// is left as it is.
func markQuestions(doc *ingest.Document) { pairQuestions(doc, minPairs) }

// pairQuestions is markQuestions for documents with at least so many pairs.
func pairQuestions(doc *ingest.Document, least int) {
	for _, b := range doc.Blocks {
		if b.Kind == ingest.Question {
			return
		}
	}
	q := pairing{doc: doc, bare: bareNumbers(doc)}
	for _, b := range doc.Blocks {
		q.block(b)
	}
	if q.pairs() < least {
		return
	}
	for i := range q.out {
		if q.out[i].Group != 0 {
			q.out[i].Group = q.root(q.out[i].Group)
		}
	}
	doc.Blocks = q.out
}

// bareNumbers reports whether questions carry a number without the word
// "vraag": there are labels of answers and none of questions.
func bareNumbers(doc *ingest.Document) bool {
	answers := 0
	for _, b := range doc.Blocks {
		if l, ok := labelOf(doc.Text[b.Start:b.End]); ok {
			if l.question {
				return false
			}
			answers++
		}
	}
	return answers >= minPairs
}

// label is what a label says. size is its length in bytes, rest where the text
// behind it starts; both are the whole block if nothing follows.
type label struct {
	question   bool
	numbers    []int
	size, rest int
}

func labelOf(text string) (label, bool) {
	// All labels begin so; most blocks do not, and need no regular expression.
	if text == "" || !strings.ContainsRune("vVaArRbB", rune(text[0])) {
		return label{}, false
	}
	if m := questionLabel.FindStringSubmatch(text); m != nil {
		return label{m[1] != "", parseNumbers(m[3]), len(strings.TrimRight(text, " :.")), len(text)}, true
	}
	if m := inlineLabel.FindStringSubmatch(text); m != nil && len(m[0]) < len(text) {
		return label{m[1] != "", parseNumbers(m[3]), len(strings.TrimRight(m[0], " \n:.")), len(m[0])}, true
	}
	return label{}, false
}

// parseNumbers reads "3, 4 en 5" and "3 t/m 5".
func parseNumbers(s string) (out []int) {
	for _, m := range ranges.FindAllStringSubmatch(s, -1) {
		for n := atoi(m[1]); n <= atoi(m[2]) && len(out) < 100; n++ {
			out = append(out, n)
		}
	}
	for _, n := range numbers.FindAllString(s, -1) {
		if !slices.Contains(out, atoi(n)) {
			out = append(out, atoi(n))
		}
	}
	return out
}

// pairing walks the blocks and remembers which questions are open. Groups that
// one answer covers are united.
type pairing struct {
	doc      *ingest.Document
	bare     bool
	out      []ingest.Block
	parent   []int // union-find over groups; group g stands at g-1
	asked    []bool
	answered []bool
	byNumber map[int]int // question number → group
	open     []int       // groups asked since the last answer
	current  int         // group, 0 outside questions and answers
	answer   bool
	base     []string // headings above the labels
	heading  string   // the label
	last     int      // number of the last question
}

func (q *pairing) root(g int) int {
	for q.parent[g-1] != g {
		g = q.parent[g-1]
	}
	return g
}

func (q *pairing) unite(groups []int) int {
	first := q.root(slices.Min(groups))
	for _, g := range groups {
		q.parent[q.root(g)-1] = first
	}
	return first
}

func (q *pairing) newGroup() int {
	q.parent = append(q.parent, len(q.parent)+1)
	q.asked, q.answered = append(q.asked, false), append(q.answered, false)
	return len(q.parent)
}

// pairs counts groups with both a question and an answer that have text.
func (q *pairing) pairs() (n int) {
	asked, answered := map[int]bool{}, map[int]bool{}
	for i := range q.parent {
		r := q.root(i + 1)
		asked[r], answered[r] = asked[r] || q.asked[i], answered[r] || q.answered[i]
	}
	for r := range asked {
		if asked[r] && answered[r] {
			n++
		}
	}
	return n
}

func (q *pairing) block(b ingest.Block) {
	text := q.doc.Text[b.Start:b.End]
	if l, ok := q.label(text); ok {
		q.start(l, b)
		return
	}
	if q.current != 0 && (b.Kind == ingest.Heading && len(b.Heading) < len(q.base) || afterLast.MatchString(text)) {
		q.current = 0
	}
	q.text(b)
}

// label also takes a bare number that continues the count for a question.
func (q *pairing) label(text string) (label, bool) {
	if l, ok := labelOf(text); ok {
		return l, true
	}
	if !q.bare {
		return label{}, false
	}
	if m := bareNumber.FindStringSubmatch(text); m != nil && atoi(m[1]) == q.last+1 && (len(m[0]) == len(text) || strings.Contains(text, "?")) {
		size := len(strings.TrimRight(m[0], " \n"))
		return label{true, []int{atoi(m[1])}, size, len(m[0])}, true
	}
	return label{}, false
}

// start opens a question or an answer; what follows the label within its block
// becomes a block of its own.
func (q *pairing) start(l label, b ingest.Block) {
	if q.byNumber == nil {
		q.byNumber = map[int]int{}
	}
	if l.question {
		q.question(l)
	} else {
		q.reply(l)
	}
	q.answer = !l.question
	q.base, q.heading = b.Heading, q.doc.Text[b.Start:b.Start+l.size]
	head, rest := b, b
	head.Kind, head.End, head.Group = ingest.Heading, b.Start+l.size, q.current
	q.out = append(q.out, head)
	if rest.Start = b.Start + l.rest; rest.Start < b.End {
		if rest.Kind == ingest.Heading {
			rest.Kind = ingest.Paragraph
		}
		q.text(rest)
	}
}

func (q *pairing) question(l label) {
	q.current = q.newGroup()
	for _, n := range l.numbers {
		q.byNumber[n], q.last = q.current, n
	}
	q.open = append(q.open, q.current)
}

func (q *pairing) reply(l label) {
	var groups []int
	for _, n := range l.numbers {
		if g := q.byNumber[n]; g != 0 {
			groups = append(groups, g)
		}
	}
	if len(groups) == 0 {
		groups = q.open
	}
	if len(groups) == 0 {
		groups = []int{q.newGroup()}
	}
	q.current = q.unite(groups)
	q.open = nil
}

// text marks a block as part of the open question or answer.
func (q *pairing) text(b ingest.Block) {
	if q.current == 0 {
		q.out = append(q.out, b)
		return
	}
	b.Heading = q.path(b.Heading)
	switch {
	case b.Kind == ingest.Note:
	case b.Kind == ingest.Heading:
		b.Group = q.current
	case q.answer:
		b.Group = q.current
		q.answered[q.current-1] = true
		if b.Kind != ingest.Row {
			b.Kind = ingest.Answer
		}
	default:
		b.Kind, b.Group = ingest.Question, q.current
		q.asked[q.current-1] = true
	}
	q.out = append(q.out, b)
}

// path puts the label between the headings above it and those below.
func (q *pairing) path(heading []string) []string {
	out := append(slices.Clone(q.base), q.heading)
	if len(heading) >= len(q.base) && slices.Equal(heading[:len(q.base)], q.base) {
		for _, h := range heading[len(q.base):] {
			if h != q.heading {
				out = append(out, h)
			}
		}
	}
	return out
}
