package answer

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	translateSystem = "You translate questions from English into Dutch. You write the translation and nothing else."
	translateUser   = "Question: How do I apply for a permit?\nDutch: Hoe vraag ik een vergunning aan?\n\nQuestion: %s\nDutch:"
	// translateGrammar allows one question.
	translateGrammar   = "root ::= \" \"? [A-ZÉË] [^?\\n<>\\[\\]]{4,300} \"?\" \"\\n\"?\n"
	maxTranslateTokens = 80
)

// dutch is a question in English as it can be searched for in Dutch sources: the
// local model translates it. What it makes of it decides what is found, never
// what is shown. Without a model, or where it fails, the question stays as it is.
func (r *run) dutch(question string) string {
	if r.generator == nil || !r.english() {
		return question
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	prompt := Prompt{System: translateSystem, User: fmt.Sprintf(translateUser, fence(question)), MaxTokens: maxTranslateTokens, Stop: []string{"\n"}, Grammar: translateGrammar}
	var out strings.Builder
	for piece, err := range r.generator.Generate(ctx, prompt) {
		if err != nil {
			r.passing = true
			r.log.Warn("the question could not be translated", "answer", r.out.ID, "error", err)
			return question
		}
		out.WriteString(piece)
	}
	text := oneLine(out.String())
	if !strings.HasSuffix(text, "?") || utf8.RuneCountInString(text) > r.opts.MaxQuestion || english(text) {
		return question
	}
	r.log.Debug("question translated", "answer", r.out.ID)
	return text
}
