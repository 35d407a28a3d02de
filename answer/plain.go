package answer

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/vraagbaak/vraagbaak/retrieve"
)

// Level says how plain the language of an answer is.
type Level string

// The levels.
const (
	AsWritten Level = ""   // as the sources, or the model, have it
	B1        Level = "b1" // short sentences and common words
)

// ParseLevel reads a level as people write it.
func ParseLevel(s string) (Level, error) {
	if l := Level(strings.ToLower(strings.TrimSpace(s))); l == AsWritten || l == B1 {
		return l, nil
	}
	return "", fmt.Errorf("level %q is not known: it is b1, or nothing", s)
}

const (
	// longSentence is from how many words on a sentence is given to a model to be
	// said in shorter ones.
	longSentence   = 15
	maxPlain       = 3 // sentences for one
	maxPlainTokens = 120
)

// plainly says a verified statement in plain words. Each sentence of it stands
// only if the quotation supports it, and all of them together say what the
// statement says: every number, date, name, denial, condition and limit. Else the
// statement stays as it is.
func (r *run) plainly(a retrieve.Analyzer, s Statement) []Statement {
	quotes := make([]Source, len(s.Citations))
	for i, c := range s.Citations {
		quotes[i] = Source{N: c.Source, Title: c.Title, Heading: c.Heading, Text: c.Quote}
	}
	words := inPlainWords(s.Text)
	if words == s.Text || survives(a, quotes, s.Text, []string{words}) != nil {
		words = s.Text
	}
	if r.generator != nil && len(strings.Fields(words)) >= longSentence {
		if lines, err := r.shorter(words); err != nil {
			r.log.Debug("a sentence stays as it is", "answer", r.out.ID, "why", err)
		} else if err := survives(a, quotes, s.Text, lines); err != nil {
			r.log.Debug("a plainer sentence says something else", "answer", r.out.ID, "why", err)
		} else if plainer(words, lines) {
			var out []Statement
			for _, l := range lines {
				out = append(out, Statement{Text: l, Citations: s.Citations})
			}
			return out
		}
	}
	s.Text = words
	return []Statement{s}
}

// survives says what of a statement a rewrite lost or added; nil if nothing.
func survives(a retrieve.Analyzer, quotes []Source, statement string, lines []string) error {
	check := newVerifier(a, quotes)
	for _, l := range lines {
		if _, err := check.check(l, nil); err != nil {
			return err
		}
	}
	if len(lines) == 0 {
		return errors.New("it is empty")
	}
	// The other way round: what the statement says, the rewrite says too.
	back := newVerifier(a, []Source{{N: 1, Title: quotes[0].Title, Heading: quotes[0].Heading, Text: strings.Join(lines, " ")}})
	if _, err := back.check(statement, nil); err != nil {
		return fmt.Errorf("it leaves something out: %w", err)
	}
	was, is := back.reader.read(statement), back.reader.read(strings.Join(lines, " "))
	if err := sameFacts(was, is); err != nil {
		return err
	}
	return sameFacts(is, was)
}

// sameFacts says which number or link of one text the other has not.
func sameFacts(a, b parsed) error {
	for _, t := range a.tokens {
		if t.num != nil && !slices.ContainsFunc(b.tokens, func(o token) bool { return o.num != nil && o.num.value == t.num.value }) {
			return fmt.Errorf("the number %s is on one side only", t.lower)
		}
	}
	for _, l := range a.links {
		if !slices.Contains(b.links, l) {
			return fmt.Errorf("the link %s is on one side only", l)
		}
	}
	return nil
}

// plainer reports whether lines are shorter sentences than one was.
func plainer(sentence string, lines []string) bool {
	longest := 0
	for _, l := range lines {
		longest = max(longest, len(strings.Fields(l)))
	}
	return longest < len(strings.Fields(sentence))
}

// shorter lets the model say a sentence in shorter ones.
func (r *run) shorter(sentence string) ([]string, error) {
	ctx, cancel := context.WithTimeout(r.ctx, r.opts.Timeout)
	defer cancel()
	prompt := Prompt{System: plainSystem, User: fmt.Sprintf(plainUser, fence(sentence)), MaxTokens: maxPlainTokens, Grammar: plainGrammar}
	var out strings.Builder
	for piece, err := range r.generator.Generate(ctx, prompt) {
		if err != nil {
			return nil, err
		}
		out.WriteString(piece)
	}
	var lines []string
	for l := range strings.Lines(out.String()) {
		if !strings.HasSuffix(l, "\n") { // cut off
			break
		}
		if l = strings.TrimSpace(l); l != "" && len(lines) < maxPlain {
			lines = append(lines, withStop(l))
		}
	}
	if len(lines) == 0 {
		return nil, errors.New("the model wrote no sentence")
	}
	return lines, nil
}

const (
	plainSystem = "Je herschrijft zinnen van de overheid in eenvoudig Nederlands (B1): korte, actieve zinnen met gewone woorden."
	plainUser   = "Zin: %s\n\nSchrijf deze zin als één tot drie korte zinnen, elk op een eigen regel. Neem alle getallen, bedragen, data, namen, voorwaarden en ontkenningen precies over. Voeg niets toe."
	// plainGrammar allows one to three lines of text.
	plainGrammar = `root ::= line line? line?
line ::= [A-Z0-9€ÉË] [^\[\]<>\n]{8,200} "\n"
`
)

// plainForms finds the words of plainWords.
var plainForms = func() *regexp.Regexp {
	var forms []string
	for line := range strings.Lines(plainWords) {
		official, _, _ := strings.Cut(strings.TrimSpace(line), ":")
		forms = append(forms, regexp.QuoteMeta(official))
	}
	slices.SortFunc(forms, func(a, b string) int { return len(b) - len(a) })
	return regexp.MustCompile(`(?i)\b(?:` + strings.Join(forms, "|") + `)\b`)
}()

// inPlainWords replaces the words of officials.
func inPlainWords(s string) string {
	plain := map[string]string{}
	for line := range strings.Lines(plainWords) {
		official, word, _ := strings.Cut(strings.TrimSpace(line), ":")
		plain[official] = strings.TrimSpace(word)
	}
	return plainForms.ReplaceAllStringFunc(s, func(w string) string {
		out := plain[strings.ToLower(w)]
		if r, _ := utf8.DecodeRuneInString(w); unicode.IsUpper(r) {
			first, n := utf8.DecodeRuneInString(out)
			out = string(unicode.ToUpper(first)) + out[n:]
		}
		return out
	})
}
