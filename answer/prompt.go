package answer

import (
	_ "embed" // the standard library's, for the prompt texts
	"fmt"
	"strings"
	"text/template"
)

//go:embed prompts/answer.tmpl
var promptText string

// maxLine is the longest line the grammar lets a model write, in characters.
// One that is as long was cut off.
const maxLine = 400

// grammar is GBNF: up to four lines of text, each with one or two numbers of
// sources behind it; %[1]d is maxLine less the first character, %[2]s the
// alternatives for a number. Whether there is an
// answer at all was decided before: a small model that may refuse does so too
// often, and what it makes up does not pass the check.
const grammar = `root ::= line line? line? line?
line ::= first rest{8,%[1]d} "[" number "]" ("[" number "]")? "\n"
first ::= [A-Z0-9€ÉË]
rest ::= [^\[\]<>\n]
number ::= %[2]s
`

// promptTexts are all instructions to a model: with others the same question may
// get another answer.
var promptTexts = promptText + grammar + plainSystem + plainUser + plainGrammar + translateSystem + translateUser + translateGrammar

// prompter renders prompts.
type prompter struct{ tmpl *template.Template }

func newPrompter() (prompter, error) {
	t, err := template.New("answer").Parse(promptText)
	return prompter{t}, err
}

type promptSource struct {
	N                          int
	Title, Path, Context, Text string
}

// render fences the sources as data: what could close a fence or open another
// is taken out of them and of the question, and what instructs out of the sources.
func (p prompter) render(question string, sources []Source, maxTokens int) (Prompt, error) {
	data := struct {
		Question string
		Sources  []promptSource
	}{Question: fence(question)}
	var numbers []string
	clean := func(s string) string { return fence(withoutOrders(s)) }
	for _, s := range sources {
		data.Sources = append(data.Sources, promptSource{s.N, clean(s.Title), clean(strings.Join(s.Heading, " > ")), clean(s.Context), clean(s.Text)})
		numbers = append(numbers, fmt.Sprintf("%q", fmt.Sprint(s.N)))
	}
	var system, user strings.Builder
	if err := p.tmpl.ExecuteTemplate(&system, "system", nil); err != nil {
		return Prompt{}, err
	}
	if err := p.tmpl.ExecuteTemplate(&user, "user", data); err != nil {
		return Prompt{}, err
	}
	return Prompt{System: system.String(), User: user.String(), MaxTokens: maxTokens,
		Grammar: fmt.Sprintf(grammar, maxLine-1, strings.Join(numbers, " | "))}, nil
}

// fence removes what would end the fence of a source or speak in the model's
// own control tokens.
func fence(s string) string {
	return strings.NewReplacer("<", "‹", ">", "›", "[", "(", "]", ")", `"`, "'").Replace(s)
}
