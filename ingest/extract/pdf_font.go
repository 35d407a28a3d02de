package extract

import (
	"strings"
	"unicode/utf8"

	"github.com/ledongthuc/pdf"
	"golang.org/x/text/encoding/charmap"
)

// goFont is a font with its decoded characters.
type goFont struct {
	font      *pdf.Font
	enc       pdf.TextEncoding
	uni       map[string]string // of ToUnicode, which goes before Encoding
	composite bool
	bold      bool
	type3     bool
	widths    map[int]float64
	missing   float64
	chars     [256]*[256]decoded // by high and low byte of the code
}

// decoded is a code with its text; width in 1/1000 of the size.
type decoded struct {
	text  string
	width float64
	known bool
	space bool // white space only
}

func newGoFont(v pdf.Value) *goFont {
	f := &goFont{font: &pdf.Font{V: v}, widths: map[int]float64{}}
	f.composite = v.Key("Subtype").Name() == "Type0"
	f.enc = f.font.Encoder()
	if v.Key("ToUnicode").Kind() == pdf.Stream {
		f.uni = readToUnicode(v.Key("ToUnicode"))
	}
	name := strings.ToLower(f.font.BaseFont())
	f.bold = strings.Contains(name, "bold") || strings.Contains(name, "black") || strings.Contains(name, "heavy")
	if !f.composite {
		first := f.font.FirstChar()
		for i, w := range f.font.Widths() {
			f.widths[first+i] = w
		}
		f.missing = v.Key("FontDescriptor").Key("MissingWidth").Float64()
		if len(f.widths) == 0 {
			f.missing = 500 // one of the 14 standard fonts
		}
		if f.type3 = v.Key("Subtype").Name() == "Type3"; f.type3 {
			f.scaleType3(v)
		}
		return f
	}
	descendant := v.Key("DescendantFonts").Index(0)
	f.missing = 1000
	if dw := descendant.Key("DW"); dw.Kind() == pdf.Integer || dw.Kind() == pdf.Real {
		f.missing = dw.Float64()
	}
	f.cidWidths(descendant.Key("W"))
	return f
}

// scaleType3 brings the widths of a Type 3 font, in its own units, to 1/1000.
func (f *goFont) scaleType3(v pdf.Value) {
	if a := v.Key("FontMatrix").Index(0).Float64(); a != 0 {
		for k, w := range f.widths {
			f.widths[k] = w * a * 1000
		}
	}
}

// cidWidths reads "c [w1 w2 …]" and "first last w" (PDF 32000-1, 9.7.4.3).
func (f *goFont) cidWidths(w pdf.Value) {
	for i := 0; i+1 < w.Len(); {
		first := int(w.Index(i).Int64())
		if next := w.Index(i + 1); next.Kind() == pdf.Array {
			for j := range next.Len() {
				f.widths[first+j] = next.Index(j).Float64()
			}
			i += 2
			continue
		}
		last := min(int(w.Index(i+1).Int64()), first+65535)
		for c := first; c <= last; c++ {
			f.widths[c] = w.Index(i + 2).Float64()
		}
		i += 3
	}
}

// next is the length of the first code in raw.
func (f *goFont) next(raw []byte) int {
	if f.composite && len(raw) > 1 {
		return 2
	}
	return 1
}

// char decodes one code of one or two bytes; its text is "" where the file
// does not say what it means.
func (f *goFont) char(code []byte) *decoded {
	hi, lo := byte(0), code[0]
	if len(code) == 2 {
		hi, lo = code[0], code[1]
	}
	page := f.chars[hi]
	if page == nil {
		page = new([256]decoded)
		f.chars[hi] = page
	}
	d := &page[lo]
	if !d.known {
		width, ok := f.widths[int(hi)<<8|int(lo)]
		if !ok {
			width = f.missing
		}
		t := f.decode(string(code))
		*d = decoded{text: t, width: width, known: true, space: blankText(t)}
	}
	return d
}

func (f *goFont) decode(code string) string {
	if text, ok := f.uni[code]; ok {
		return ligatures.Replace(text)
	}
	if f.composite && (f.uni != nil || f.font.V.Key("Encoding").Name() != "UniGB-UCS2-H") {
		return "\ufffd" // the code is a glyph number
	}
	text := f.enc.Decode(code)
	if !utf8.ValidString(text) {
		text = windows1252(code)
	}
	if r, n := utf8.DecodeRuneInString(text); n == len(text) && r >= 0x80 && r < 0xa0 {
		text = windows1252(string([]byte{byte(r)})) // Differences without its base encoding
	}
	return ligatures.Replace(text)
}

func windows1252(s string) string {
	out, _ := charmap.Windows1252.NewDecoder().String(s)
	return out
}

// ligatures are written out: a search for "officieel" must find them.
var ligatures = strings.NewReplacer("\ufb00", "ff", "\ufb01", "fi", "\ufb02", "fl", "\ufb03", "ffi", "\ufb04", "ffl", "\ufb05", "st", "\ufb06", "st")

// fontCache keeps the fonts of a file. Pages name the same font by the same
// reference; the text of a reference is what the library shows of it.
type fontCache map[string]*goFont

// fontSet finds the fonts of one resource dictionary.
type fontSet struct {
	cache fontCache
	dict  pdf.Value
	refs  map[string]string // name to reference, as the dictionary has them
	byKey map[string]*goFont
}

func newFontSet(cache fontCache, resources pdf.Value) *fontSet {
	return &fontSet{cache: cache, dict: resources.Key("Font"), byKey: map[string]*goFont{}}
}

// font is the font of that name, nil if there is none.
func (s *fontSet) font(name []byte) *goFont {
	if f, ok := s.byKey[string(name)]; ok {
		return f
	}
	if s.refs == nil {
		s.refs = objectRefs(s.dict)
	}
	key := s.refs[string(name)]
	f := s.cache[key]
	if f == nil || key == "" {
		v := s.dict.Key(string(name))
		if v.Kind() == pdf.Dict {
			if key == "" {
				key = v.String() // it stands in the dictionary itself
			}
			if f = s.cache[key]; f == nil {
				f = newGoFont(v)
				s.cache[key] = f
			}
		}
	}
	s.byKey[string(name)] = f
	return f
}

// objectRefs lists the entries of a dictionary that are references to objects,
// as text: "12 0 R". The library does not tell them otherwise.
func objectRefs(dict pdf.Value) map[string]string {
	out := map[string]string{}
	if dict.Kind() != pdf.Dict {
		return out
	}
	s := scanner{data: []byte(dict.String())}
	for s.at < len(s.data) && len(out) < 1<<14 {
		c, ok := s.peek()
		if !ok {
			break
		}
		if c != '/' {
			s.at++
			continue
		}
		s.at++
		key := string(unescapeName(s.word()))
		if c, _ := s.peek(); c == '<' {
			s.skipDict() // an entry that stands here itself
			continue
		}
		var parts [3]string
		at := s.at
		for i := range parts {
			if _, ok := s.peek(); ok {
				parts[i] = string(s.word())
			}
		}
		if parts[2] == "R" && key != "" {
			out[key] = parts[0] + " " + parts[1] + " R"
			continue
		}
		s.at = at
	}
	return out
}
