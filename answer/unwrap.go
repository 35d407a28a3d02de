package answer

import (
	"encoding/base64"
	"encoding/hex"
	"html"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// unwrapped is another reading of a text. It is certain where nobody writes so
// by accident: then what it says does not matter.
type unwrapped struct {
	text    string
	certain bool
}

var (
	base64Form = regexp.MustCompile(`[A-Za-z0-9+/_-]{24,}={0,2}`)
	hexForm    = regexp.MustCompile(`(?:[0-9a-fA-F]{2}[ :]?){16,}`)
	escapeForm = regexp.MustCompile(`\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}`)
	binaryForm = regexp.MustCompile(`(?:[01]{8} ?){8,}`)
	// spelledForm is a word that is written letter by letter; a long run of
	// letters is a sentence.
	spelledForm = regexp.MustCompile(`(?:\b\pL[ .*_-]){3,}\pL\b`)
	spelledLong = regexp.MustCompile(`(?:\b\pL[ .*_-]){11,}\pL\b`)
	leet        = strings.NewReplacer("0", "o", "1", "i", "3", "e", "4", "a", "5", "s", "7", "t", "@", "a", "$", "s")
)

// unwrap lists what a text says to a reader who decodes it.
func unwrap(text string) []unwrapped {
	var out []unwrapped
	for _, form := range []struct {
		re     *regexp.Regexp
		decode func(string) []byte
	}{{base64Form, fromBase64}, {hexForm, fromHex}, {binaryForm, fromBinary}} {
		for _, m := range form.re.FindAllString(text, 8) {
			if b := form.decode(m); readable(b) {
				out = append(out, unwrapped{string(b), true})
			}
		}
	}
	if s := tagged(text); utf8.RuneCountInString(s) >= 12 { // flags of regions have six at most
		out = append(out, unwrapped{s, true})
	}
	if s := spelledLong.FindString(text); s != "" {
		out = append(out, unwrapped{s, true})
	}
	other := func(s string) {
		if s != text {
			out = append(out, unwrapped{text: s})
		}
	}
	if s, err := url.PathUnescape(text); err == nil && utf8.ValidString(s) {
		other(s)
	}
	other(html.UnescapeString(text))
	other(escapeForm.ReplaceAllStringFunc(text, func(m string) string {
		n, err := strconv.ParseUint(m[2:], 16, 32)
		if err != nil || !utf8.ValidRune(rune(n)) {
			return m
		}
		return string(rune(n))
	}))
	other(leet.Replace(text))
	other(spelledForm.ReplaceAllStringFunc(text, func(m string) string {
		return strings.Map(func(r rune) rune {
			if unicode.IsLetter(r) {
				return r
			}
			return -1
		}, m)
	}))
	other(rot13(text))
	other(reversed(text))
	return out
}

func fromBase64(s string) []byte {
	s = strings.TrimRight(s, "=")
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := e.DecodeString(s[:len(s)/4*4]); err == nil {
			return b
		}
	}
	return nil
}

func fromHex(s string) []byte {
	b, _ := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(s))
	return b
}

func fromBinary(s string) []byte {
	s = strings.ReplaceAll(s, " ", "")
	var out []byte
	for ; len(s) >= 8; s = s[8:] {
		n, _ := strconv.ParseUint(s[:8], 2, 8)
		out = append(out, byte(n))
	}
	return out
}

// readable reports whether bytes are a text of words: a long identifier or a
// key decodes to none.
func readable(b []byte) bool {
	if len(b) < 8 || !utf8.Valid(b) {
		return false
	}
	letters, spaces, all := 0, 0, 0
	for _, r := range string(b) {
		all++
		switch {
		case unicode.IsLetter(r) && r < 0x250:
			letters++
		case r == ' ':
			spaces++
		case unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t':
			return false
		}
	}
	return spaces > 0 && 10*(letters+spaces) >= 8*all
}

// tagged is the text in Unicode tag characters, which no reader sees.
func tagged(s string) string {
	return strings.Map(func(r rune) rune {
		if r > 0xE0000 && r < 0xE007F {
			return r - 0xE0000
		}
		return -1
	}, s)
}

func rot13(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			return 'a' + (r-'a'+13)%26
		case r >= 'A' && r <= 'Z':
			return 'A' + (r-'A'+13)%26
		}
		return r
	}, s)
}

func reversed(s string) string {
	rs := []rune(s)
	for i, j := 0, len(rs)-1; i < j; i, j = i+1, j-1 {
		rs[i], rs[j] = rs[j], rs[i]
	}
	return string(rs)
}
