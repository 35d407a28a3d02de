package extract

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Bounds on what counts as text that was recognised: Tesseract finds letters
// in photographs, logos and stamps too, and says how sure it is (0 to 100).
const (
	minLineConfidence = 40
	minWordConfidence = 15
	minPageConfidence = 55 // of what is left; below it, it was a drawing or another script
)

// ocrLine is one line of an hOCR file, in pixels with y downwards.
type ocrLine struct {
	box   rect
	base  float64 // base line, in the middle of the line
	size  float64
	words []ocrWord
}

type ocrWord struct {
	text       string
	box        rect
	confidence float64
}

// parseHOCR makes characters of an hOCR file (hOCR 1.2): each word gets its
// box, shared out over its characters.
func parseHOCR(data []byte, height, dpi float64) ([]glyph, error) {
	lines, err := hocrLines(data)
	if err != nil {
		return nil, err
	}
	kept := lines[:0]
	for _, l := range lines {
		if l.credible() {
			l.bullet()
			kept = append(kept, l)
		}
	}
	lines = kept
	if sure := confidence(lines); len(lines) > 0 && sure < minPageConfidence {
		return nil, fmt.Errorf("tesseract is %d%% sure of what it read, at least %d%% is needed", int(sure), minPageConfidence)
	}
	evenSizes(lines)
	var out []glyph
	point := 72 / dpi
	for _, l := range lines {
		y, size := (height-l.base)*point, l.size*point
		for i, w := range l.words {
			n := utf8.RuneCountInString(w.text)
			x, width := w.box.x0*point, (w.box.x1-w.box.x0)*point/float64(n)
			if i > 0 {
				end := l.words[i-1].box.x1 * point
				out = append(out, glyph{text: " ", x: end, y: y, w: max(x-end, 0), size: size, blank: true})
			}
			for _, r := range w.text {
				out = append(out, glyph{text: ligatures.Replace(string(r)), x: x, y: y, w: width, size: size})
				x += width
			}
		}
	}
	return out, nil
}

// confidence is the mean of that of the characters.
func confidence(lines []ocrLine) float64 {
	sum, chars := 0.0, 0.0
	for _, l := range lines {
		for _, w := range l.words {
			n := float64(utf8.RuneCountInString(w.text))
			sum, chars = sum+w.confidence*n, chars+n
		}
	}
	return sum / max(chars, 1)
}

// credible reports whether a line is text, and leaves out the words that are
// none.
func (l *ocrLine) credible() bool {
	if len(l.words) == 0 || confidence([]ocrLine{*l}) < minLineConfidence || l.size <= 0 {
		return false
	}
	l.words = slices.DeleteFunc(l.words, func(w ocrWord) bool { return w.confidence < minWordConfidence })
	return len(l.words) > 0
}

// bullet writes the mark of a list as such: Tesseract takes it for a letter,
// which no Dutch line begins with.
func (l *ocrLine) bullet() {
	if len(l.words) < 2 {
		return
	}
	switch l.words[0].text {
	case "e", "°", "*", "«", "»", "©", "®", "¢", "+", "=", "·", "-_", "e_":
	default:
		return
	}
	l.words[0].text = "•"
	if l.words[1].text = strings.TrimLeft(l.words[1].text, "_"); l.words[1].text == "" {
		l.words = slices.Delete(l.words, 1, 2)
	}
}

// evenSizes gives lines of about the usual size of the page exactly that:
// measured sizes differ by the letters that happen to be in a line.
func evenSizes(lines []ocrLine) {
	var sizes []float64
	for _, l := range lines {
		for _, w := range l.words {
			for range w.text {
				sizes = append(sizes, l.size)
			}
		}
	}
	if len(sizes) == 0 {
		return
	}
	slices.Sort(sizes)
	usual := sizes[len(sizes)/2]
	for i := range lines {
		if r := lines[i].size / usual; r > 0.72 && r < 1.3 {
			lines[i].size = usual
		}
	}
}

func hocrLines(data []byte) (lines []ocrLine, err error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var word *ocrWord
	depth, wordDepth := 0, 0
	for {
		t, err := d.RawToken()
		if err == io.EOF {
			return lines, nil
		}
		if err != nil {
			return nil, fmt.Errorf("what tesseract wrote: %w", err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			depth++
			class, title := hocrAttributes(t)
			switch class {
			case "ocr_line", "ocr_header", "ocr_caption", "ocr_textfloat":
				lines = append(lines, newOCRLine(title))
			case "ocrx_word":
				if len(lines) > 0 {
					word, wordDepth = &ocrWord{box: hocrBox(title["bbox"]), confidence: hocrNumber(title["x_wconf"])}, depth
				}
			}
		case xml.EndElement:
			if word != nil && depth == wordDepth {
				if word.text = strings.TrimSpace(word.text); word.text != "" && word.box.area() > 0 {
					l := &lines[len(lines)-1]
					l.words = append(l.words, *word)
				}
				word = nil
			}
			depth--
		case xml.CharData:
			if word != nil && len(word.text) < 1<<12 {
				word.text += normalise(string(t))
			}
		}
	}
}

// hocrAttributes are the class of an element and the properties in its title:
// "bbox 1 2 3 4; x_wconf 91".
func hocrAttributes(e xml.StartElement) (class string, title map[string]string) {
	title = map[string]string{}
	for _, a := range e.Attr {
		switch a.Name.Local {
		case "class":
			class = a.Value
		case "title":
			for p := range strings.SplitSeq(a.Value, ";") {
				key, value, _ := strings.Cut(strings.TrimSpace(p), " ")
				title[key] = value
			}
		}
	}
	return class, title
}

func newOCRLine(title map[string]string) ocrLine {
	l := ocrLine{box: hocrBox(title["bbox"]), size: hocrNumber(title["x_size"])}
	l.base = l.box.y1
	if slope, offset, ok := strings.Cut(title["baseline"], " "); ok {
		l.base += hocrNumber(offset) + hocrNumber(slope)*(l.box.x1-l.box.x0)/2
	}
	if l.size <= 0 {
		l.size = l.box.y1 - l.box.y0
	}
	return l
}

func hocrBox(s string) rect {
	f := strings.Fields(s)
	if len(f) != 4 {
		return nowhere
	}
	return rect{hocrNumber(f[0]), hocrNumber(f[1]), hocrNumber(f[2]), hocrNumber(f[3])}
}

func hocrNumber(s string) float64 {
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0
	}
	return n
}
