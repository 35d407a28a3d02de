package llama

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestPieces(t *testing.T) {
	for _, c := range []struct {
		name    string
		stops   []string
		in      []string
		want    []string // what each push returns, and flush
		stopped bool
	}{
		{"plain", nil, []string{"een ", "twee"}, []string{"een ", "twee", ""}, false},
		{"split character", nil, []string{"caf\xc3", "\xa9 \xf0\x9f", "\x98", "\x80!"}, []string{"caf", "é ", "", "😀!", ""}, false},
		{"never completed", nil, []string{"goed\xf0\x9f"}, []string{"goed", ""}, false},
		{"invalid inside", nil, []string{"a\xffb"}, []string{"a�b", ""}, false},
		{"stop in one", []string{"###"}, []string{"antwoord###rest", "meer"}, []string{"antwoord", "", ""}, true},
		{"stop over three", []string{"\n\nVraag"}, []string{"ja\n", "\nVr", "aag: x"}, []string{"ja", "", "", ""}, true},
		{"not a stop after all", []string{"###"}, []string{"a##", "b"}, []string{"a", "##b", ""}, false},
		{"held to the end", []string{"###"}, []string{"a##"}, []string{"a", "##"}, false},
		{"earliest wins", []string{"c", "ab"}, []string{"xabc"}, []string{"x", ""}, true},
		{"stop of several bytes", []string{"€€"}, []string{"1€", "€2"}, []string{"1", "", ""}, true},
		{"empty stop is none", []string{""}, []string{"a"}, []string{"a", ""}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPieces(c.stops)
			var got []string
			for _, in := range c.in {
				got = append(got, p.push([]byte(in)))
			}
			got = append(got, p.flush())
			if strings.Join(got, "|") != strings.Join(c.want, "|") || p.stopped != c.stopped {
				t.Errorf("got %q, stopped %v; want %q, %v", got, p.stopped, c.want, c.stopped)
			}
		})
	}
}

// However the output is cut into tokens, the text is the same.
func FuzzPieces(f *testing.F) {
	f.Add("het antwoord is € 5, einde. STOP en meer", "STOP", uint8(3))
	f.Add("aaab", "aab", uint8(1))
	f.Add("\xf0\x9f\x98\x80", "\x98", uint8(1))
	f.Fuzz(func(t *testing.T, text, stop string, size uint8) {
		n := int(size)%7 + 1
		p := newPieces([]string{stop})
		var b strings.Builder
		for rest := text; rest != ""; {
			k := min(n, len(rest))
			s := p.push([]byte(rest[:k]))
			if !utf8.ValidString(s) {
				t.Fatalf("%q is not whole characters", s)
			}
			b.WriteString(s)
			rest = rest[k:]
		}
		b.WriteString(p.flush())
		if !utf8.ValidString(text) || !utf8.ValidString(stop) {
			return // only then is the expectation this simple
		}
		want := text
		if stop != "" {
			want, _, _ = strings.Cut(text, stop)
		}
		if b.String() != want {
			t.Errorf("in pieces of %d: %q, want %q", n, b.String(), want)
		}
	})
}
