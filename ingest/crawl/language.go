package crawl

import (
	"fmt"
	"slices"
	"strings"
)

// wants reports whether pages in a language (BCP 47) are indexed: those whose
// language is not known are.
func (s *Source) wants(language string) bool {
	if len(s.opts.Languages) == 0 || language == "" {
		return true
	}
	primary, _, _ := strings.Cut(strings.ToLower(language), "-")
	return slices.ContainsFunc(s.opts.Languages, func(l string) bool {
		p, _, _ := strings.Cut(strings.ToLower(l), "-")
		return p == primary
	})
}

func otherLanguage(language, who string) string {
	return fmt.Sprintf("it is in the language %q (%s), which is not in languages", language, who)
}
