package extract

import (
	"regexp"
	"strings"
)

// debate is who is heard in the minutes of a meeting.
type debate struct {
	base    []string // headings above the speeches
	chaired bool     // the last words were those of the chair about a motion
	chair   string   // "De voorzitter"
	motion  string   // "Motie 31311, nr. 199", while it is read
}

// minutes are sentences of the clerk, which nobody said.
var minutes = regexp.MustCompile(`(?i)^(?:de (?:algemene |artikelsgewijze )?(?:vergadering|beraadslaging|behandeling)\b.{0,80}\b(?:geschorst|gesloten|heropend|hervat|geopend)|overeenkomstig |sluiting |aanvang |voorzitter: |conform (?:de|het) )`)

// agendaItem writes an item of the agenda. Text between two speeches is the
// chair's where it follows a motion, whose admission the chair announces inside
// the speech; elsewhere it is a note of the clerk and stands under the item.
func (w *koopWalker) agendaItem(n *node, level int) {
	w.flush()
	head := w.headingOf(n)
	if head != nil {
		w.b.heading(level+1, part{Text: kopText(head), Anchor: n.attr("id")})
		w.notesOf(head)
		level++
	}
	before := w.debate
	for _, c := range n.children {
		switch {
		case c == head:
		case c.name == "tekst" || c.name == "al" || c.name == "al-groep":
			w.flush()
			text := oneLine(c.flat())
			if text == "" {
				break
			}
			if w.debate.chaired && !minutes.MatchString(text) {
				w.b.heading(level+1, part{Text: w.debate.chair})
			} else {
				w.b.leave(level + 1)
			}
			w.block(c, level+1)
			w.flush()
		case c.name == "":
			w.block(c, level)
		default:
			w.debate.chaired = false
			w.block(c, level)
		}
	}
	w.flush()
	w.debate = before
	if head != nil {
		w.b.leave(level)
	}
}

// speech writes who speaks as a heading above the words.
func (w *koopWalker) speech(n *node, level int) {
	w.flush()
	w.b.leave(level + 1)
	w.debate.base = w.b.path
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

var motionID = regexp.MustCompile(`^M-(\d{5}(?:-(?:[IVXLC]+|\([^)]*\)))?)-(\d+|[A-Z]+)$`)

// motion writes the text of a motion as it is read out, under its heading and
// below the speaker.
func (w *koopWalker) motion(n *node, level int) {
	w.flush()
	before := w.debate.motion
	if m := motionID.FindStringSubmatch(n.attr("id")); m != nil {
		w.debate.motion = "Motie " + m[1] + ", nr. " + m[2]
	}
	w.section(n, level)
	w.debate.motion = before
}

// chair writes the words of the chair about a motion, which the schema puts
// inside the motion and so inside the speech of another.
func (w *koopWalker) chair(n *node, level int) {
	w.flush()
	who := n.first("spreker")
	if who == nil {
		w.section(n, level)
		return
	}
	before := w.path
	w.debate.chair, w.debate.chaired = speaker(who), true
	if w.debate.base != nil || len(w.b.path) > 0 {
		w.path = w.debate.base
		if w.path == nil {
			w.path = []string{}
		}
	}
	w.b.heading(99, part{Text: w.debate.chair, Heading: w.path})
	w.path = append(w.path[:len(w.path):len(w.path)], w.debate.chair)
	for _, c := range n.children {
		if c != who {
			w.block(c, level)
		}
	}
	w.flush()
	w.b.leave(99)
	w.path = before
}

// speaker is "Mevrouw Kröger (GroenLinks)".
func speaker(n *node) string {
	name := strings.TrimRight(oneLine(n.flat()), " :")
	return strings.NewReplacer("( ", "(", " )", ")").Replace(name)
}
