package extract

import (
	"encoding/hex"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/ledongthuc/pdf"
)

// Limits on one character map; two bytes make 65,536 codes.
const (
	maxCMap      = 1 << 17
	maxCMapBytes = 16 << 20
)

// readToUnicode reads the character map of a font (PDF 32000-1, 9.10.3): from
// code to text. nil if it holds nothing that can be read.
func readToUnicode(stream pdf.Value) (m map[string]string) {
	defer func() {
		if recover() != nil {
			m = nil
		}
	}()
	rd := stream.Reader()
	defer rd.Close()
	data, _ := io.ReadAll(io.LimitReader(rd, maxCMapBytes)) // what was read before an error still counts
	return parseCMap(string(data))
}

// parseCMap collects the bfchar and bfrange sections; everything else in a
// map is of no use for text.
func parseCMap(s string) map[string]string {
	m := map[string]string{}
	for len(m) < maxCMap {
		i := strings.Index(s, "beginbf")
		if i < 0 {
			break
		}
		s = s[i+len("beginbf"):]
		section := s
		if j := strings.Index(s, "endbf"); j >= 0 {
			section, s = s[:j], s[j+len("endbf"):]
		}
		if body, ok := strings.CutPrefix(section, "char"); ok {
			t := cmapTokens(body)
			for i := 0; i+1 < len(t) && len(m) < maxCMap; i += 2 {
				m[t[i].code] = utf16BE(t[i+1].code)
			}
		} else if body, ok := strings.CutPrefix(section, "range"); ok {
			t := cmapTokens(body)
			for i := 0; i+2 < len(t) && len(m) < maxCMap; i += 3 {
				cmapRange(m, t[i].code, t[i+1].code, t[i+2])
			}
		}
		if section == s {
			break
		}
	}
	if len(m) == 0 {
		return nil
	}
	return m
}

// cmapToken is <hex> or [<hex> …].
type cmapToken struct {
	code string
	list []string
	many bool
}

func cmapTokens(s string) (out []cmapToken) {
	var list *cmapToken
	for len(s) > 0 && len(out) < 3*maxCMap {
		switch s[0] {
		case '[':
			list, s = &cmapToken{many: true}, s[1:]
		case ']':
			if list != nil {
				out, list = append(out, *list), nil
			}
			s = s[1:]
		case '<':
			code, rest, _ := strings.Cut(s[1:], ">")
			s = rest
			code = strings.Join(strings.Fields(code), "")
			if len(code)%2 == 1 {
				code += "0"
			}
			raw, _ := hex.DecodeString(code)
			if list != nil {
				list.list = append(list.list, string(raw))
			} else {
				out = append(out, cmapToken{code: string(raw)})
			}
		default:
			s = s[1:]
		}
	}
	return out
}

// cmapRange adds the codes lo to hi; their texts count up from dst, or are
// listed in it.
func cmapRange(m map[string]string, lo, hi string, dst cmapToken) {
	if len(lo) == 0 || len(lo) != len(hi) || len(lo) > 3 {
		return
	}
	from, to := bigEndian(lo), bigEndian(hi)
	for c := from; c <= to && c-from < 65536 && len(m) < maxCMap; c++ {
		code := make([]byte, len(lo))
		for i, v := len(code)-1, c; i >= 0; i, v = i-1, v>>8 {
			code[i] = byte(v)
		}
		if dst.many {
			if c-from >= len(dst.list) {
				return
			}
			m[string(code)] = utf16BE(dst.list[c-from])
			continue
		}
		text := []byte(dst.code)
		for i, carry := len(text)-1, c-from; i >= 0 && carry > 0; i-- {
			carry += int(text[i])
			text[i], carry = byte(carry), carry>>8
		}
		m[string(code)] = utf16BE(string(text))
	}
}

func bigEndian(code string) (n int) {
	for i := range len(code) {
		n = n<<8 | int(code[i])
	}
	return n
}

func utf16BE(s string) string {
	if len(s) == 1 {
		return string(rune(s[0]))
	}
	u := make([]uint16, 0, len(s)/2)
	for i := 0; i+1 < len(s); i += 2 {
		u = append(u, uint16(s[i])<<8|uint16(s[i+1]))
	}
	return string(utf16.Decode(u))
}
