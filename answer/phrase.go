package answer

import (
	"regexp"
	"strings"
	"unicode"
)

// phrase is one sentence in the form in which rules read it: words in lower
// case without accents, one space between them and around all, commas and
// colons as words of their own.
type phrase struct {
	words string // " wat vind jij van de premier , doet hij het goed "
	asks  bool   // it ends with a question mark or opens like a question
}

// phrases reads a text. It sees through the ways in which letters are hidden
// that leave a text readable: full-width, zero-width and look-alike characters.
func phrases(text string) []phrase {
	var out []phrase
	var b strings.Builder
	end := func(mark bool) {
		if words := strings.Join(strings.Fields(b.String()), " "); strings.ContainsFunc(words, isWord) {
			out = append(out, phrase{" " + words + " ", mark || opensQuestion.MatchString(words)})
		}
		b.Reset()
	}
	rs := []rune(plain(text).s)
	for i, r := range rs {
		last := i+1 == len(rs) || !isWord(rs[i+1])
		switch {
		case isWord(r):
			b.WriteString(letter(r))
		case r == '\'' || r == '’' || r == '‘' || unicode.Is(unicode.Mn, r):
		case r == ',' && last || r == ':':
			b.WriteString(" " + string(r) + " ")
		case strings.ContainsRune(".!;?", r) && last:
			end(r == '?')
		default:
			b.WriteByte(' ')
		}
	}
	end(false)
	return out
}

var opensQuestion = regexp.MustCompile(`^(?:(?:en|maar|and|but) )?(?:wat|hoe|hoeveel|hoelang|waar|waarom|wanneer|wie|welke?|mag|kan|moet|kunt|heb|is|krijg|ben|what|how|where|why|when|who|which|may|can|do|does|must|should|is|am) `)

// letter is a letter in lower case, without its accent, and in Latin script if
// it only looks like one of it.
func letter(r rune) string {
	r = unicode.ToLower(r)
	if r < 0x80 {
		return string(r)
	}
	if l, ok := lookAlikes[r]; ok {
		return l
	}
	return string(r)
}

var lookAlikes = func() map[rune]string {
	m := map[rune]string{'æ': "ae", 'œ': "oe", 'ß': "ss", 'ĳ': "ij"}
	for to, from := range map[string]string{
		"a": "àáâãäåāăąаα", "b": "вƅ", "c": "çćčсϲ", "d": "ďđԁ", "e": "èéêëēėęěеєε", "g": "ğģɡ", "h": "нһ", "i": "ìíîïīįıіι",
		"j": "ј", "k": "ķкκ", "l": "łļľӏ", "m": "м", "n": "ñńňņո", "o": "òóôõöøōőоο", "p": "рρ", "q": "ԛ", "r": "ŕřг", "s": "śšşѕ",
		"t": "ťţт", "u": "ùúûüūůűųυ", "v": "ѵν", "w": "ŵԝω", "x": "хχ", "y": "ýÿуγ", "z": "źżžᴢ",
	} {
		for _, r := range from {
			m[r] = to
		}
	}
	return m
}()
