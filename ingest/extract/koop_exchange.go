package extract

import (
	"regexp"
	"strconv"
)

var wordOfLabel = regexp.MustCompile(`(?i)vra(?:ag|gen)|antwoord`)

// counters number questions and answers that carry no number.
type counters struct{ questions, answers int }

// exchange writes a question or an answer under its label; pairQuestions finds
// the pairs by these labels. A label without a number gets the number that it
// has by its order.
func (w *koopWalker) exchange(n *node, level int) {
	w.flush()
	label := ""
	nr := n.first("nr")
	if nr == nil {
		nr = n.first("kop")
	}
	if nr != nil {
		label = oneLine(nr.flat())
	}
	word, count := "Vraag", &w.label.questions
	if n.name == "antwoord" {
		word, count = "Antwoord", &w.label.answers
	}
	if !wordOfLabel.MatchString(label) {
		if label == "" {
			label = strconv.Itoa(*count + 1)
		}
		label = word + " " + label
	}
	*count++
	w.b.heading(level+1, part{Text: label, Anchor: n.attr("id")})
	w.each(n.children, func(c *node) bool { return c == nr }, level+1)
	w.flush()
	w.b.leave(level + 1)
}
