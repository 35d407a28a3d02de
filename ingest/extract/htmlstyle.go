package extract

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
)

// style is the style attribute of an element: its properties, in lower case and
// without spaces.
type style map[string]string

func readStyle(s string) style {
	out := style{}
	for d := range strings.SplitSeq(strings.ToLower(s), ";") {
		if k, v, ok := strings.Cut(d, ":"); ok {
			v = strings.TrimSuffix(strings.ReplaceAll(v, " ", ""), "!important")
			out[strings.TrimSpace(k)] = v
		}
	}
	return out
}

// unreadable reports whether a style keeps its text from every reader though it
// is not switched off: no size, no ink, beside the page, or in the colour of what
// is behind it. Who writes so has no reader in mind.
func (s style) unreadable(n *html.Node) bool {
	for _, k := range []string{"font-size", "opacity"} {
		if v, ok := s[k]; ok && zero(v) {
			return true
		}
	}
	if (zeroGiven(s, "height") || zeroGiven(s, "max-height") || zeroGiven(s, "width")) && s["overflow"] == "hidden" {
		return true
	}
	for _, k := range []string{"left", "top", "text-indent", "margin-left", "right"} {
		if v, ok := strings.CutPrefix(s[k], "-"); ok && pixels(v) >= 500 {
			return true
		}
	}
	if c := s["clip"]; strings.HasPrefix(c, "rect(0") || strings.HasPrefix(c, "rect(1px,1px") {
		return true
	}
	colour, ok := s["color"]
	return ok && (colour == "transparent" || sameColour(colour, behind(n, s)))
}

// behind is the colour of what is behind an element, as far as attributes tell:
// white, if none does.
func behind(n *html.Node, own style) string {
	for s := own; ; {
		for _, k := range []string{"background-color", "background"} {
			if v := s[k]; v != "" && v != "transparent" && v != "none" && v != "inherit" {
				return v
			}
		}
		if s["background-image"] != "" {
			return "url"
		}
		if c := attr(n, "bgcolor"); c != "" {
			return strings.ToLower(c)
		}
		if n = n.Parent; n == nil {
			return "#fff"
		}
		s = readStyle(attr(n, "style"))
	}
}

// sameColour compares two colours as CSS writes them; what it does not know is
// no colour.
func sameColour(a, b string) bool {
	a, b = plainColour(a), plainColour(b)
	return a != "" && a == b
}

// plainColour is a colour as six hexadecimal digits.
func plainColour(c string) string {
	switch c {
	case "white":
		return "ffffff"
	case "black":
		return "000000"
	}
	if hex, ok := strings.CutPrefix(c, "#"); ok {
		switch len(hex) {
		case 3:
			return string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
		case 6, 8:
			return hex[:6]
		}
		return ""
	}
	if i := strings.IndexByte(c, '('); i > 0 && strings.HasPrefix(c, "rgb") && strings.HasSuffix(c, ")") {
		parts := strings.Split(c[i+1:len(c)-1], ",")
		if len(parts) < 3 {
			return ""
		}
		out := ""
		for _, p := range parts[:3] {
			v, err := strconv.Atoi(p)
			if err != nil || v < 0 || v > 255 {
				return ""
			}
			out += string("0123456789abcdef"[v>>4]) + string("0123456789abcdef"[v&15])
		}
		return out
	}
	return ""
}

func zeroGiven(s style, key string) bool {
	v, ok := s[key]
	return ok && zero(v)
}

// zero knows the number 0 with any unit.
func zero(v string) bool {
	v = strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz%")
	f, err := strconv.ParseFloat(v, 64)
	return err == nil && f == 0
}

// pixels is a length; em, rem and percentages count as many.
func pixels(v string) float64 {
	number := strings.TrimRight(v, "abcdefghijklmnopqrstuvwxyz%")
	f, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return 0
	}
	if unit := v[len(number):]; unit == "em" || unit == "rem" || unit == "%" || unit == "vw" {
		return f * 10
	}
	return f
}
