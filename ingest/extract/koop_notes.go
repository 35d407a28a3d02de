package extract

import (
	"strings"

	"github.com/vraagbaak/vraagbaak/ingest"
)

// koopNotes are the elements of notes, koopNoteRefs those that stand in the
// text for a note elsewhere (voetref in publications before 2010).
var (
	koopNotes    = set("noot", "voetnoot", "footnote", "eindnoot", "histnoot")
	koopNoteRefs = set("voetref", "nootref", "noot-ref", "footnoteref")
)

// note keeps a note for the end of the block it stands in.
func (w *koopWalker) note(n *node) {
	w.buf.WriteRune(noteMark)
	if w.noted[n] {
		return
	}
	if text := noteText(n); text != "" {
		w.notes = append(w.notes, text)
	}
}

// noteText is the number of a note and its text.
func noteText(n *node) string {
	var parts []string
	for _, c := range n.children {
		if t := oneLine(unprint(c.flat())); t != "" {
			parts = append(parts, t)
		}
	}
	if nr := oneLine(n.attr("nr")); nr != "" && n.first("noot.nr") == nil && len(parts) > 0 && !strings.HasPrefix(parts[0], nr+" ") {
		parts = append([]string{nr}, parts...)
	}
	return strings.Join(parts, " ")
}

// reference brings the note that stands elsewhere to the place that refers to
// it. The digits of the reference are no text: "in 2023¹" is not 20231.
func (w *koopWalker) reference(n *node, level int) {
	if w.noteByID == nil {
		w.noteByID, w.noted = map[string]*node{}, map[*node]bool{}
		w.root.each(func(x *node) {
			if koopNotes[x.name] {
				for _, id := range []string{x.attr("id"), "nr " + x.attr("nr")} {
					if w.noteByID[id] == nil {
						w.noteByID[id] = x
					}
				}
			}
		})
	}
	w.buf.WriteRune(noteMark)
	for _, id := range []string{n.attr("refid"), n.attr("ref"), n.attr("idref"), n.attr("linkend"), "nr " + n.attr("nr"), "nr " + oneLine(n.flat())} {
		x := w.noteByID[id]
		if id == "" || id == "nr " || x == nil {
			continue
		}
		if !w.noted[x] {
			w.noted[x] = true
			if text := noteText(x); text != "" {
				w.notes = append(w.notes, text)
			}
		}
		return
	}
	if text := oneLine(n.flat()); len(text) > 4 { // no reference, whatever its name
		w.children(n, level)
	}
}

// each calls f for every element below n.
func (n *node) each(f func(*node)) {
	for _, c := range n.children {
		if c.name != "" {
			f(c)
			c.each(f)
		}
	}
}

func (w *koopWalker) flushNotes() {
	notes := w.notes
	w.notes = nil
	for _, n := range notes {
		w.b.add(part{Kind: ingest.Note, Text: n, Heading: w.path, Anchor: w.anchorNow()})
	}
}

// notesOf writes the notes within an element whose text is written already.
func (w *koopWalker) notesOf(n *node) {
	n.each(func(x *node) {
		switch {
		case koopNotes[x.name]:
			w.note(x)
		case koopNoteRefs[x.name]:
			w.reference(x, 0)
		}
	})
	w.buf.Reset()
	w.flushNotes()
}
