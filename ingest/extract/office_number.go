package extract

import (
	"strconv"
	"strings"
)

// maxListLevels is how deep lists of office files are numbered.
const maxListLevels = 10

// listLevel is how one level of a list is numbered.
type listLevel struct {
	format string // as in DOCX; "" and "bullet" have no number
	text   string // what is written: %1 is the number of the first level
	start  int
	legal  bool // all numbers as figures
	keep   bool // is not started anew below a higher level
}

// numbering counts the items of lists as a program does that shows them, for
// what it shows ("Artikel 2", "1.1", "b)") is what people refer to.
type numbering map[string]*[maxListLevels]int // by list; 0 is not begun

// next counts one item at a level of a list, and writes its number.
func (c numbering) next(list string, levels []listLevel, level int) string {
	if level < 0 || level >= len(levels) || level >= maxListLevels {
		return ""
	}
	n := c[list]
	if n == nil {
		n = new([maxListLevels]int)
		c[list] = n
	}
	for i := range level {
		if n[i] == 0 {
			n[i] = levels[i].start + 1 // one more than is shown, so that 0 is not begun
		}
	}
	if n[level] == 0 {
		n[level] = levels[level].start
	}
	n[level]++
	for i := level + 1; i < maxListLevels; i++ {
		if i >= len(levels) || !levels[i].keep {
			n[i] = 0
		}
	}
	if f := levels[level].format; f == "" || f == "bullet" || f == "none" {
		return ""
	}
	text := levels[level].text
	for i := level; i >= 0; i-- { // "%10" before "%1"
		format := levels[i].format
		if levels[level].legal {
			format = "decimal"
		}
		text = strings.ReplaceAll(text, "%"+strconv.Itoa(i+1), listNumber(n[i]-1, format))
	}
	return strings.TrimSpace(text)
}

// listNumber writes a number in a format of DOCX; those of other scripts as figures.
func listNumber(n int, format string) string {
	switch format {
	case "", "bullet", "none":
		return ""
	}
	if n < 1 {
		return strconv.Itoa(n) // letters and Roman numbers begin with 1
	}
	switch format {
	case "decimalZero":
		return pad(n, 2)
	case "lowerLetter":
		return strings.ToLower(alphabetic(n))
	case "upperLetter":
		return alphabetic(n)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	}
	return strconv.Itoa(n)
}
