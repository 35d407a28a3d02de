package extract

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// law is the place in a law, or in a text that changes one.
type law struct {
	asOf    time.Time // the day whose text this is; zero outside consolidated laws
	article string    // "Artikel 5.1"
	part    string    // "tweede lid", "onderdeel B"
	anchor  string    // of the article on the official page
	state   string    // "Vervallen per 1 maart 2021": why the text does not hold; "" if it does
	expired bool
}

// place is how the block at hand is cited: "Artikel 5.1, tweede lid".
func (l law) place() string {
	if l.part == "" {
		return ""
	}
	if l.article == "" {
		return capital(l.part)
	}
	return l.article + ", " + l.part
}

// koopArticles are the elements of articles, in publications of all times.
var koopArticles = set("artikel", "art", "wijzig-artikel", "wart")

// koopDivisions can carry a status of their own in consolidated laws.
var koopDivisions = set("artikel", "lid", "hoofdstuk", "titeldeel", "afdeling", "paragraaf", "sub-paragraaf", "boek", "deel", "bijlage",
	"wijzig-artikel", "divisie", "circulaire.divisie", "enig-artikel", "verdragtekst", "structuurtekst")

func nothing() {}

// enter notes which article or part of a law begins, and gives what ends it.
func (w *koopWalker) enter(n *node) func() {
	if !koopArticles[n.name] && !koopDivisions[n.name] && n.name != "li" {
		return nothing
	}
	before := w.law
	if p := n.attr("bwb-ng-variabel-deel"); p != "" {
		w.law.anchor = lawAnchor(p)
	}
	if koopArticles[n.name] {
		w.law.article, w.law.part = "", ""
		if kop := n.first("kop"); kop != nil {
			label, nr := kop.first("label"), kop.first("nr")
			if nr != nil {
				w.law.article = strings.TrimRight(oneLine(nr.flat()), ". ")
				if label != nil {
					w.law.article = capital(strings.ToLower(oneLine(label.flat()))) + " " + w.law.article
				} else {
					w.law.article = "Artikel " + w.law.article
				}
			}
		}
	}
	if state, expired := stateOf(n, w.law.asOf); state != "" {
		w.law.state, w.law.expired = state, expired
	}
	return func() { w.law = before }
}

// notYet is the note of the editors of wetten.overheid.nl under a provision
// that does not hold yet.
var (
	notYet  = regexp.MustCompile(`(?i)\bnog niet in ?werking getreden\b`)
	nowGone = regexp.MustCompile(`(?i)^\[?(?:red:\s*)?vervallen\b`)
)

// stateOf says why the text of a part of a law does not hold on the day of the
// text, and whether it did before. The schema of BWB-toestand has the statuses
// "goed", "vervallen", "nogniet" and "uitgewerkt"; the attribute inwerking is
// the day on which the status began.
func stateOf(n *node, asOf time.Time) (state string, expired bool) {
	if !koopDivisions[n.name] {
		return "", false
	}
	began := parseDay(n.attr("inwerking"))
	switch n.attr("status") {
	case "vervallen":
		return "Vervallen" + since(began), true
	case "uitgewerkt":
		return "Uitgewerkt" + since(began), true
	case "nogniet":
		return "Nog niet in werking getreden", false
	}
	if !asOf.IsZero() && began.After(asOf) {
		return "Nog niet in werking: treedt in werking" + since(began), false
	}
	for _, c := range n.children {
		if c.name == "redactie" || c.name == "al" && !c.mixed && c.first("redactie") != nil {
			text := oneLine(c.flat())
			if notYet.MatchString(text) {
				return "Nog niet in werking getreden", false
			}
			if nowGone.MatchString(text) && len(text) < 60 {
				return "Vervallen", false // the note is all there is
			}
		}
	}
	return "", false
}

func since(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " per " + dutchDay(t)
}

// mark is the state of a part of a law as editors write it behind a heading.
func (l law) mark(n *node) string {
	if state, _ := stateOf(n, l.asOf); state != "" {
		return " [" + state + "]"
	}
	return ""
}

// expiredKind marks the blocks of text that has lapsed. It stays in the text
// of the document, outside any block, so that no passage quotes it as the law.
const expiredKind ingest.Kind = "expired"

func (w *koopWalker) kindNow() ingest.Kind {
	if w.law.expired {
		return expiredKind
	}
	return w.kind
}

// dropExpired takes the blocks of lapsed text out, unless there are no others.
func dropExpired(doc *ingest.Document) {
	kept := make([]ingest.Block, 0, len(doc.Blocks))
	for _, b := range doc.Blocks {
		if b.Kind != expiredKind {
			kept = append(kept, b)
		}
	}
	if len(kept) > 0 {
		doc.Blocks = kept
		return
	}
	for i := range doc.Blocks {
		doc.Blocks[i].Kind = ingest.Paragraph
	}
}

// lawAnchor is the fragment of an article on wetten.overheid.nl, from its place
// in the file: "/Hoofdstuk2/Artikel2.2/Lid1" is "Hoofdstuk2_Artikel2.2". That
// pages have anchors for paragraphs and items too is not certain, so all of an
// article leads to the article.
func lawAnchor(place string) string {
	parts := strings.Split(strings.Trim(place, "/"), "/")
	for i, p := range parts {
		if i > 0 && (strings.HasPrefix(p, "Lid") || strings.HasPrefix(p, "Onderdeel") || strings.HasPrefix(p, "Definitie")) {
			parts = parts[:i]
			break
		}
	}
	return strings.Join(parts, "_")
}

// anchorName is the fragment that the official page uses: of a law its place,
// else the id.
func (w *koopWalker) anchorName(n *node) string {
	if p := n.attr("bwb-ng-variabel-deel"); p != "" {
		return lawAnchor(p)
	}
	return n.attr("id")
}

// paragraph writes a lid of an article, or one point of a change, its number
// before its text.
func (w *koopWalker) paragraph(n *node, level int) {
	w.flush()
	defer w.enter(n)()
	before := w.law.part
	nr := n.first("lidnr")
	if nr == nil {
		nr = n.first("nr")
	}
	if nr != nil {
		w.prefix = oneLine(nr.flat())
		w.law.part = partOf(n.name, strings.TrimRight(w.prefix, ". "))
	}
	w.anchorOf(n)
	w.each(n.children, func(c *node) bool { return c == nr }, level)
	w.flush()
	w.prefix, w.anchor, w.law.part = "", "", before
}

// partOf is how a lid is cited: in words to the twentieth, as in Dutch laws.
func partOf(element, nr string) string {
	if nr == "" {
		return ""
	}
	if element != "lid" {
		return "onderdeel " + nr
	}
	if n, err := strconv.Atoi(nr); err == nil && n > 0 {
		return dutchOrdinal(n) + " lid"
	}
	return "lid " + nr
}

// dutchOrdinal is a Dutch ordinal in words as far as laws use them.
func dutchOrdinal(n int) string {
	words := [...]string{"nulde", "eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende", "achtste", "negende", "tiende",
		"elfde", "twaalfde", "dertiende", "veertiende", "vijftiende", "zestiende", "zeventiende", "achttiende", "negentiende", "twintigste"}
	if n < len(words) {
		return words[n]
	}
	return strconv.Itoa(n) + "e"
}

// change writes a change of another text: what changes, then the new text,
// whose articles are not those of this publication. The instruction is the
// context of the new text.
func (w *koopWalker) change(n *node, level int) {
	w.flush()
	before := w.law
	nr := n.first("nr")
	if nr != nil {
		w.prefix = oneLine(nr.flat())
		w.law.part = partOf(n.name, strings.TrimRight(w.prefix, ". "))
	}
	w.each(n.children, func(c *node) bool { return c == nr }, level)
	w.flush()
	w.prefix, w.law = "", before
}

// dutchDay is a date as people write it: "1 maart 2021".
func dutchDay(t time.Time) string {
	for name, m := range dutchMonths {
		if m == t.Month() {
			return strconv.Itoa(t.Day()) + " " + name + " " + strconv.Itoa(t.Year())
		}
	}
	return t.Format(time.DateOnly)
}
