package extract

import (
	"regexp"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// koopWalker writes the tree of a publication. Elements it does not know are
// blocks where they stand among blocks and text where they stand in text: no
// text is lost.
type koopWalker struct {
	b         *builder
	buf       strings.Builder
	kind      ingest.Kind // of the block that is being written
	anchor    string
	prefix    string // number of an item or paragraph of an article, before its text
	context   string
	notes     []string
	own       bool
	inAgenda  bool // the next element may be the number of an item on the agenda
	id        string
	title     string
	url       string
	meta      map[string]string
	published time.Time
	modified  time.Time
	validFrom time.Time

	validUntil time.Time
}

// koopInline elements are part of the text around them, also where they stand
// alone.
var koopInline = set("nadruk", "extref", "intref", "dossierref", "stcreflink", "sup", "inf", "sub", "emphasis", "vet", "cursief",
	"onderstreept", "unl", "ondlijn", "halfvet", "redactie", "naam", "voornaam", "achternaam", "voorvoegsels", "datum", "organisatie",
	"politiek", "functie", "plaats", "afkorting", "ondernummer", "kamervraagonderwerp", "bridgehead-inline",
	"footnote-ref", "link", "exposant", "em", "strong", "b", "i", "u", "a", "span", "br", "label-inline", "sp", "small-caps")

// koopSkipped elements hold no text for readers.
var koopSkipped = set("metadata", "meta", "meta-data", "redactionele-correcties", "bwb-inputbestand", "bwb-wijzigingen", "brondata",
	"jcis", "RDF", "kamervraagkop", "kamerstukkop", "handelingenkop", "kamervraagnummer", "dossier", "frontm", "illustratie", "colspec", "spanspec", "inputbestand",
	"style", "script", "vergadering-nummer", "kenmerk-intern")

// koopNotes are the elements of notes.
var koopNotes = set("noot", "voetnoot", "footnote", "eindnoot")

// subheadRank orders in-between headings by their look.
var subheadRank = map[string]int{"vet": 1, "halfvet": 2, "vetcur": 3, "cur": 4, "rom": 5, "ondlijn": 6}

// koopLeaves are elements that are one block with all below them.
var koopLeaves = set("al", "para", "considerans.al", "noot.al", "wij", "intitule", "citeertitel", "kamervraagomschrijving", "datumtekst",
	"term", "tekstregel", "ondtek", "stuknr", "slotregel", "afbeelding-bijschrift", "bijschrift", "aanhef-al", "p", "lid-al")

// block writes an element with what is below it. level is that of the heading
// it stands under, 0 outside any.
func (w *koopWalker) block(n *node, level int) {
	if !w.b.ok() {
		return
	}
	if n.name == "nr" && w.inAgenda {
		w.inAgenda = false
		w.meta["agendapunt"] = oneLine(n.flat())
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
	case "li", "definitie-item", "listitem":
		w.item(n, level)
	case "lid":
		w.paragraph(n, level)
	case "table", "informaltable":
		w.table(n)
	case "tussenkop", "tuskop", "bridgehead":
		w.flush()
		rank := subheadRank[n.attr("kopopmaak")+n.attr("letat")]
		if rank == 0 {
			rank = 3
		}
		w.b.heading(level+rank, part{Text: n.flat()})
		w.notesOf(n)
	default:
		w.section(n, level)
	}
}

// section writes an element that may have a heading of its own.
func (w *koopWalker) section(n *node, level int) {
	w.flush()
	if w.kind == "" && w.prefix == "" && w.looksLikeHeading(n) {
		w.b.heading(level+5, part{Text: n.flat(), Anchor: anchorName(n)})
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
	if level == 0 && n.name == "officiele-publicatie" {
		for _, c := range n.children { // its heading names the journal
			if c != head {
				w.block(c, 0)
			}
		}
		return
	}
	w.b.heading(level+1, part{Text: text, Anchor: anchorName(n)})
	w.notesOf(head)
	for _, c := range n.children {
		if c != head {
			w.block(c, level+1)
		}
	}
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

// anchorName is the fragment that the official page uses: of a law its place
// ("Hoofdstuk2_Artikel17"), else the id.
func anchorName(n *node) string {
	if p := n.attr("bwb-ng-variabel-deel"); p != "" {
		return strings.ReplaceAll(strings.Trim(p, "/"), "/", "_")
	}
	return n.attr("id")
}

func (w *koopWalker) anchorOf(n *node) {
	if a := anchorName(n); a != "" && w.anchor == "" {
		w.anchor = a
	}
}

func (w *koopWalker) children(n *node, level int) {
	for _, c := range n.children {
		if n.mixed && c.name != "" && !w.standsApart(c) {
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
	case n.name == "br":
		w.buf.WriteByte('\n')
	default:
		w.children(n, level)
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

// printed is the white space that pretty-printing put between an element in the
// text and the punctuation beside it.
var printed = regexp.MustCompile(`[ \t]*\n\s*([.,;:)»?!])|([(«])[ \t]*\n\s*`)

// flush writes the text collected so far, and the notes in it.
func (w *koopWalker) flush() {
	text := printed.ReplaceAllString(w.buf.String(), "$1$2")
	text = strings.ReplaceAll(text, "\n", " ")
	w.buf.Reset()
	if strings.TrimSpace(text) != "" {
		if w.prefix != "" {
			text = w.prefix + " " + strings.TrimSpace(text)
			w.prefix = ""
		}
		w.b.add(part{Kind: w.kind, Text: text, Anchor: w.anchor, Context: w.context, Own: w.own})
		w.anchor, w.own = "", false
	}
	for _, n := range w.notes {
		w.b.add(part{Kind: ingest.Note, Text: n})
	}
	w.notes = nil
}

// note keeps a note for the end of the block it stands in.
func (w *koopWalker) note(n *node) {
	var parts []string
	for _, c := range n.children {
		if t := oneLine(c.flat()); t != "" {
			parts = append(parts, t)
		}
	}
	if nr := n.attr("nr"); nr != "" && n.first("noot.nr") == nil {
		parts = append([]string{nr}, parts...)
	}
	if text := strings.Join(parts, " "); text != "" {
		w.notes = append(w.notes, text)
	}
}

// notesOf writes the notes within an element whose text is written already.
func (w *koopWalker) notesOf(n *node) {
	for name := range koopNotes {
		for _, x := range n.all(name) {
			w.note(x)
		}
	}
	w.flush()
}

var wordOfLabel = regexp.MustCompile(`(?i)vra(?:ag|gen)|antwoord`)

// exchange writes a question or an answer under its label; pairQuestions finds
// the pairs by these labels.
func (w *koopWalker) exchange(n *node, level int) {
	w.flush()
	label := ""
	nr := n.first("nr")
	if nr == nil {
		if kop := n.first("kop"); kop != nil {
			nr = kop
		}
	}
	if nr != nil {
		label = oneLine(nr.flat())
	}
	if !wordOfLabel.MatchString(label) {
		word := "Vraag"
		if n.name == "antwoord" {
			word = "Antwoord"
		}
		label = strings.TrimSpace(word + " " + label)
	}
	w.b.heading(level+1, part{Text: label, Anchor: n.attr("id")})
	for _, c := range n.children {
		if c != nr {
			w.block(c, level+1)
		}
	}
	w.flush()
	w.b.leave(level + 1)
}

// speech writes who speaks as a heading above the words.
func (w *koopWalker) speech(n *node, level int) {
	w.flush()
	who := n.first("spreker")
	if who != nil {
		w.b.heading(level+1, part{Text: speaker(who), Anchor: n.attr("id")})
		level++
	}
	for _, c := range n.children {
		if c != who {
			w.block(c, level)
		}
	}
	w.flush()
}

// speaker is "Mevrouw Kröger (GroenLinks)".
func speaker(n *node) string {
	name := strings.TrimRight(oneLine(n.flat()), " :")
	return strings.NewReplacer("( ", "(", " )", ")").Replace(name)
}

// item writes an item of a list, its number before its first paragraph.
func (w *koopWalker) item(n *node, level int) {
	w.flush()
	kind := w.kind
	w.kind = ingest.Item
	w.prefix = n.attr("nr")
	if nr := n.first("li.nr"); nr != nil {
		w.prefix = oneLine(nr.flat())
	}
	if n.name == "definitie-item" {
		if t := n.first("term"); t != nil {
			w.prefix = strings.TrimRight(oneLine(t.flat()), ": ") + ":"
		}
	}
	for _, c := range n.children {
		if c.name != "li.nr" && !(c.name == "term" && n.name == "definitie-item") {
			w.block(c, level)
		}
	}
	w.flush()
	w.prefix, w.kind = "", kind
}

// paragraph writes a lid of an article, its number before its text.
func (w *koopWalker) paragraph(n *node, level int) {
	w.flush()
	if nr := n.first("lidnr"); nr != nil {
		w.prefix = oneLine(nr.flat())
	}
	w.anchorOf(n)
	for _, c := range n.children {
		if c.name != "lidnr" {
			w.block(c, level)
		}
	}
	w.flush()
	w.prefix = ""
}

// table writes each row as a block with the header row as its context.
func (w *koopWalker) table(n *node) {
	w.flush()
	for _, c := range n.children {
		if c.name == "title" || c.name == "titel" || c.name == "kop" || c.name == "caption" {
			w.b.add(part{Text: kopText(c)})
		}
	}
	groups := n.all("tgroup")
	if len(groups) == 0 {
		groups = []*node{n}
	}
	for _, g := range groups {
		header := ""
		if head := g.first("thead"); head != nil {
			header = w.rows(head, "")
		}
		for _, c := range g.children {
			if c.name == "tbody" || c.name == "tfoot" {
				w.rows(c, header)
			}
		}
		w.rows(g, header)
	}
	w.notesOf(n)
}

// rows writes the rows directly below n and returns their text.
func (w *koopWalker) rows(n *node, header string) string {
	var all []string
	for _, r := range n.children {
		if r.name != "row" && r.name != "tr" {
			continue
		}
		var cells []string
		bold := true
		for _, e := range r.children {
			if e.name == "" {
				continue
			}
			if t := oneLine(e.flat()); t != "" {
				cells = append(cells, t)
				bold = bold && allBold(e)
			}
		}
		text := strings.Join(cells, " | ")
		if text == "" {
			continue
		}
		w.b.add(part{Kind: ingest.Row, Text: text, Context: header})
		if header == "" && len(all) == 0 && len(cells) > 1 && bold && n.name != "thead" {
			header = text
		}
		all = append(all, text)
	}
	return strings.Join(all, " | ")
}
