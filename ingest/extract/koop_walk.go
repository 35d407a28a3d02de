package extract

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// koopWalker writes the tree of a publication. Elements it does not know are
// blocks where they stand among blocks and text where they stand in text: no
// text is lost.
type koopWalker struct {
	b        *builder
	root     *node
	d        description
	buf      strings.Builder
	kind     ingest.Kind // of the block that is being written
	anchor   string
	prefix   string   // number of an item or paragraph of an article, before its text
	path     []string // headings above what is being written, where they are not those of the builder
	own      bool
	inAgenda bool // the next element may be the number of an item on the agenda

	// What a block cannot be read without, see context.
	lead  string // words that introduce a list, or the instruction before quoted new text
	law   law
	label counters

	notes    []string
	noteByID map[string]*node // made at the first reference to a note
	noted    map[*node]bool   // notes that were written at the place that refers to them
	debate   debate
}

// koopInline elements are part of the text around them, also where they stand
// alone.
var koopInline = set("nadruk", "extref", "intref", "dossierref", "stcreflink", "sup", "inf", "sub", "emphasis", "vet", "cursief",
	"onderstreept", "unl", "ondlijn", "halfvet", "redactie", "naam", "voornaam", "achternaam", "voorvoegsels", "datum", "organisatie",
	"politiek", "functie", "plaats", "afkorting", "ondernummer", "kamervraagonderwerp", "bridgehead-inline", "extref-groep", "intref-groep",
	"footnote-ref", "link", "exposant", "em", "strong", "b", "i", "u", "a", "span", "br", "label-inline", "sp", "small-caps")

// koopSkipped elements hold no text for readers, or what is in Meta.
var koopSkipped = set("metadata", "meta", "meta-data", "redactionele-correcties", "bwb-inputbestand", "bwb-wijzigingen", "brondata",
	"jcis", "RDF", "kamervraagkop", "kamerstukkop", "handelingenkop", "kamervraagnummer", "dossier", "frontm", "illustratie", "colspec", "spanspec", "inputbestand",
	"style", "script", "vergadering-nummer", "kenmerk-intern", "sys.gegevens", "officiele-inhoudsopgave")

// subheadRank orders in-between headings by their look.
var subheadRank = map[string]int{"vet": 1, "halfvet": 2, "vetcur": 3, "cur": 4, "rom": 5, "ondlijn": 6}

// koopLeaves are elements that are one block with all below them.
var koopLeaves = set("al", "para", "considerans.al", "noot.al", "wij", "intitule", "citeertitel", "kamervraagomschrijving", "datumtekst",
	"term", "tekstregel", "ondtek", "stuknr", "slotregel", "afbeelding-bijschrift", "bijschrift", "aanhef-al", "p", "lid-al", "wat")

// block writes an element with what is below it. level is that of the heading
// it stands under, 0 outside any.
func (w *koopWalker) block(n *node, level int) {
	if !w.b.ok() {
		return
	}
	if n.name == "nr" && w.inAgenda {
		w.inAgenda = false
		w.d.set(KeyAgendaItem, n.flat())
		return
	}
	w.inAgenda = n.name == "agendapunt" || w.inAgenda && n.name == ""
	switch {
	case n.name == "":
		w.buf.WriteString(n.text)
		return
	case koopSkipped[n.name]:
		return
	case koopNotes[n.name]:
		w.note(n)
		return
	case koopNoteRefs[n.name]:
		w.reference(n, level)
		return
	case n.name == "br":
		w.buf.WriteByte('\n')
		return
	case koopInline[n.name]:
		w.children(n, level)
		if n.name == "voornaam" || n.name == "voorvoegsels" {
			w.buf.WriteByte(' ') // the schema leaves the space to the reader
		}
		return
	}
	switch n.name {
	case "vraag", "antwoord":
		w.exchange(n, level)
	case "spreekbeurt":
		w.speech(n, level)
	case "spreker":
		w.flush()
		w.b.heading(level+6, part{Text: speaker(n)})
	case "agendapunt":
		w.agendaItem(n, level)
	case "motie":
		w.motion(n, level)
	case "motie-info":
		w.chair(n, level)
	case "li", "definitie-item", "listitem", "specificatie-item":
		w.item(n, level)
	case "lid", "wijzig-lid", "wlid", "amendement-lid":
		w.paragraph(n, level)
	case "wijziging":
		w.change(n, level)
	case "table", "informaltable":
		w.table(n)
	case "tussenkop", "tuskop", "bridgehead":
		w.flush()
		w.b.heading(level+subheadLevel(n), part{Text: n.flat()})
		w.notesOf(n)
	default:
		w.section(n, level)
	}
}

// depthOfNumber reads how deep a numbered heading stands: "2.3.1" is 3.
var depthOfNumber = regexp.MustCompile(`^(\d{1,2})((?:\.\d{1,2})*)\.?\s+\p{L}`)

// subheadLevel is how deep an in-between heading stands below the heading above
// it: by its number where it has one, for the look of numbered headings is not
// consistent, else by its look.
func subheadLevel(n *node) int {
	if m := depthOfNumber.FindStringSubmatch(oneLine(n.flat())); m != nil {
		return 1 + strings.Count(m[2], ".")
	}
	rank := subheadRank[n.attr("kopopmaak")+n.attr("letat")]
	if rank == 0 {
		rank = 3
	}
	return rank
}

// section writes an element that may have a heading of its own.
func (w *koopWalker) section(n *node, level int) {
	w.flush()
	defer w.enter(n)()
	if w.kind == "" && w.prefix == "" && w.looksLikeHeading(n) {
		w.b.heading(level+5, part{Text: n.flat(), Anchor: w.anchorName(n)})
		w.notesOf(n)
		return
	}
	head := w.headingOf(n)
	if head == nil {
		if koopLeaves[n.name] || n.mixed {
			w.anchorOf(n)
		}
		w.children(n, level)
		w.flush()
		return
	}
	text := kopText(head)
	if level == 0 && n.name == "officiele-publicatie" || n.name == "kamerwrk" {
		for _, c := range n.children { // its heading names the journal
			if c != head {
				w.block(c, level)
			}
		}
		w.flush()
		return
	}
	w.b.heading(level+1, part{Text: text + w.law.mark(n), Anchor: w.anchorName(n)})
	w.notesOf(head)
	w.each(n.children, func(c *node) bool { return c == head }, level+1)
	w.flush()
	w.b.leave(level + 1)
}

// ruling is a numbered heading in court decisions without sections.
var ruling = regexp.MustCompile(`^\d{1,2}\.?\s+\p{Lu}[^.?!:;]{2,80}$`)

// looksLikeHeading reports whether a paragraph is all bold and short, or the
// numbered heading of a part of a court decision.
func (w *koopWalker) looksLikeHeading(n *node) bool {
	if n.name == "para" {
		return ruling.MatchString(oneLine(n.flat()))
	}
	if n.name != "al" || n.mixed || !allBold(n) {
		return false
	}
	text := oneLine(n.flat())
	return text != "" && len(text) <= 100 && !strings.ContainsAny(text[len(text)-1:], ".,;:")
}

// allBold reports whether all text of an element is bold.
func allBold(n *node) bool {
	found := false
	for _, c := range n.children {
		switch {
		case c.name == "" && strings.TrimSpace(c.text) == "":
		case c.name == "vet", c.name == "nadruk" && strings.HasPrefix(c.attr("type"), "vet"), c.name == "emphasis" && c.attr("role") == "bold":
			found = true
		case c.name == "al" && allBold(c):
			found = true
		default:
			return false
		}
	}
	return found
}

// headingOf is the child that names an element, nil if none.
func (w *koopWalker) headingOf(n *node) *node {
	for _, c := range n.children {
		switch c.name {
		case "":
			if strings.TrimSpace(c.text) != "" {
				return nil
			}
		case "kop", "item-titel", "title":
			return c
		case "titel":
			if n.name == "stuk" || n.name == "dossier" || n.name == "bijlage" || n.name == "kamerwrk" {
				return c
			}
		case "nr", "stuknr", "meta-data", "metadata", "ltrlabel", "nummer":
		default:
			return nil
		}
	}
	return nil
}

// kopText puts label, number and title of a heading together: "Artikel 5.1
// Uitzonderingen".
func kopText(kop *node) string {
	var parts []string
	for _, c := range kop.children {
		if t := oneLine(c.flat()); t != "" {
			parts = append(parts, t)
		}
	}
	if len(parts) == 0 || kop.mixed {
		return kop.flat()
	}
	return strings.Join(parts, " ")
}

// each writes children that stand below each other, but for those that skip
// names. Words that end in a colon are the context of a long list behind them,
// and the instruction of a change that of the new text.
func (w *koopWalker) each(children []*node, skip func(*node) bool, level int) {
	intro := ""
	for _, c := range children {
		if skip != nil && skip(c) {
			continue
		}
		if intro == "" || c.name == "" || !w.needsIntro(c) {
			w.block(c, level)
		} else {
			before := w.lead
			w.lead = intro
			w.block(c, level)
			w.flush()
			w.lead = before
		}
		switch {
		case c.name == "wat":
			intro = oneLine(normalise(c.flat()))
		case koopLeaves[c.name]:
			intro = ""
			if text := strings.TrimRight(c.flat(), " \n\t\r"); strings.HasSuffix(text, ":") && len(text) < 600 {
				intro = oneLine(normalise(text))
			}
		}
	}
}

// longList is the length in bytes from which the items of a list may end up in
// another passage than the words that introduce it.
const longList = 800

func (w *koopWalker) needsIntro(n *node) bool {
	switch n.name {
	case "wijziging", "artikeltekst", "artikel", "wijzig-divisie", "arttkst":
		return true
	case "lijst", "list", "itemizedlist", "orderedlist", "definitielijst", "specificatielijst":
		return n.longer(longList) > longList
	}
	return false
}

// context is what the block at hand cannot be read without.
func (w *koopWalker) context() string {
	var parts []string
	for _, p := range []string{w.debate.motion, w.law.state, w.law.place(), w.lead} {
		if p != "" {
			parts = append(parts, strings.TrimRight(p, ". ")+".")
		}
	}
	return strings.ReplaceAll(strings.Join(parts, " "), ":.", ":")
}

func (w *koopWalker) children(n *node, level int) {
	if !n.mixed {
		w.each(n.children, nil, level)
		return
	}
	for _, c := range n.children {
		if c.name != "" && !w.standsApart(c) {
			w.children1(c, level)
			continue
		}
		w.block(c, level)
	}
}

// children1 writes an unknown element within text as text.
func (w *koopWalker) children1(n *node, level int) {
	switch {
	case koopSkipped[n.name]:
	case koopNotes[n.name]:
		w.note(n)
	case koopNoteRefs[n.name]:
		w.reference(n, level)
	case n.name == "br":
		w.buf.WriteByte('\n')
	default:
		w.children(n, level)
		if n.name == "voornaam" || n.name == "voorvoegsels" {
			w.buf.WriteByte(' ')
		}
	}
}

// standsApart reports whether an element is a block even within text.
func (w *koopWalker) standsApart(n *node) bool {
	switch n.name {
	case "lijst", "list", "itemizedlist", "orderedlist", "table", "al", "al-groep", "tekst", "li", "para", "kop", "tussenkop":
		return true
	}
	return false
}

// noteMark stands in the text where a note was: it keeps two words apart, and
// goes with the white space around it before punctuation.
const noteMark = '\x00'

// flush writes the text collected so far, and the notes in it.
func (w *koopWalker) flush() {
	if w.buf.Len() > 0 {
		text := unprint(w.buf.String())
		w.buf.Reset()
		if text != "" {
			if w.prefix != "" {
				text = w.prefix + " " + text
				w.prefix = ""
			}
			w.b.add(part{Kind: w.kindNow(), Text: text, Heading: w.path, Anchor: w.anchorNow(), Context: w.context(), Own: w.own})
			w.anchor, w.own = "", false
		}
	}
	w.flushNotes()
}

// unprint takes out the line breaks of a file: white space that pretty-printing
// put between an element in the text and the punctuation beside it goes, other
// white space becomes one space.
func unprint(s string) string {
	if t := strings.TrimSpace(s); !strings.ContainsAny(t, "\n\r\t\x00") && !strings.Contains(t, "  ") {
		return t // most text is written on one line
	}
	var b strings.Builder
	b.Grow(len(s))
	last := rune(' ') // written
	space, lines, note := false, false, false
	for _, r := range s {
		switch {
		case r == noteMark:
			note = true
			continue
		case r == '\n' || r == '\r':
			space, lines = true, true
			continue
		case r == ' ' || r == '\t':
			space = true
			continue
		}
		closes := strings.ContainsRune(".,;:)»?!", r)
		switch {
		case b.Len() == 0:
		case space && !(lines && (closes || last == '(' || last == '«')) && !(note && closes && r != ')'):
			b.WriteByte(' ')
		case note && !space && wordRune(last) && wordRune(r):
			b.WriteByte(' ')
		}
		space, lines, note = false, false, false
		b.WriteRune(r)
		last = r
	}
	return b.String()
}

func wordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }

// longer is the length of the text below n, counted no further than a little
// beyond the limit.
func (n *node) longer(limit int) int {
	size := len(n.text)
	for _, c := range n.children {
		if size > limit {
			break
		}
		size += c.longer(limit - size)
	}
	return size
}

// item writes an item of a list, its number before its first paragraph.
func (w *koopWalker) item(n *node, level int) {
	w.flush()
	defer w.enter(n)()
	kind := w.kind
	w.kind = ingest.Item
	w.prefix = oneLine(n.attr("nr"))
	if nr := n.first("li.nr"); nr != nil {
		w.prefix = oneLine(nr.flat())
	}
	term := n.first("term")
	if term == nil {
		term = n.first("specificatie-naam")
	}
	if n.name == "definitie-item" && term != nil {
		w.prefix = strings.TrimSpace(w.prefix + " " + strings.TrimRight(oneLine(term.flat()), ": ") + ":")
	}
	w.each(n.children, func(c *node) bool {
		return c.name == "li.nr" || c == term && n.name == "definitie-item"
	}, level)
	w.flush()
	if w.prefix != "" && !hasText(n, "li.nr") { // a number without text behind it
		w.buf.WriteString(w.prefix)
		w.prefix = ""
		w.flush()
	}
	w.prefix, w.kind = "", kind
}

// hasText reports whether n has text outside the child element of that name.
func hasText(n *node, but string) bool {
	for _, c := range n.children {
		if c.name != but && strings.TrimSpace(c.flat()) != "" {
			return true
		}
	}
	return strings.TrimSpace(n.text) != ""
}

func (w *koopWalker) anchorOf(n *node) {
	if a := w.anchorName(n); a != "" && w.anchor == "" {
		w.anchor = a
	}
}

// anchorNow is the anchor of the block at hand: its own, or in a law that of
// the article it stands in.
func (w *koopWalker) anchorNow() string {
	if w.anchor != "" {
		return w.anchor
	}
	return w.law.anchor
}

func parseDay(s string) (t time.Time) {
	if s = strings.TrimSpace(s); len(s) >= len(time.DateOnly) {
		t, _ = time.Parse(time.DateOnly, s[:len(time.DateOnly)])
	}
	return t
}

// title is a word with its first letter as a capital.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[n:]
}
