package extract

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ledongthuc/pdf"
)

// goLabels describes the numbers printed on the pages where these are not 1, 2,
// 3 …: "1=i 5=1" says that page 1 of the file bears i, and page 5 bears 1, each
// followed by the next numbers of its kind. "" if the numbers are the usual
// ones or the file does not say (PDF 32000-1, 12.4.2).
func goLabels(tree pdf.Value, pages int) string {
	var out []string
	usual := true
	var walk func(node pdf.Value, depth int)
	walk = func(node pdf.Value, depth int) {
		nums := node.Key("Nums")
		for i := 0; i+1 < nums.Len() && len(out) < 1000; i += 2 {
			page, v := int(nums.Index(i).Int64()), nums.Index(i+1)
			start := 1
			if s := v.Key("St"); s.Kind() == pdf.Integer && s.Int64() > 0 && s.Int64() < 1e6 {
				start = int(s.Int64())
			}
			label := v.Key("P").Text() + numeral(v.Key("S").Name(), start)
			if page < 0 || page >= pages || strings.ContainsAny(label, "= ") {
				continue
			}
			usual = usual && label == strconv.Itoa(page+1)
			out = append(out, fmt.Sprintf("%d=%s", page+1, label))
		}
		kids := node.Key("Kids")
		for i := range kids.Len() {
			if depth < maxPageTree && len(out) < 1000 {
				walk(kids.Index(i), depth+1)
			}
		}
	}
	func() {
		defer func() { _ = recover() }() // what was read before the damage counts
		walk(tree, 0)
	}()
	if usual {
		return ""
	}
	return strings.Join(out, " ")
}

// numeral writes n in a style of page numbers: D, r, R, a, A; "" for none.
func numeral(style string, n int) string {
	switch style {
	case "D":
		return strconv.Itoa(n)
	case "r":
		return strings.ToLower(roman(n))
	case "R":
		return roman(n)
	case "a":
		return strings.ToLower(alphabetic(n))
	case "A":
		return alphabetic(n)
	}
	return ""
}

func roman(n int) string {
	if n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, d := range []struct {
		value int
		text  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for ; n >= d.value; n -= d.value {
			b.WriteString(d.text)
		}
	}
	return b.String()
}

// alphabetic counts A … Z, AA … ZZ, AAA ….
func alphabetic(n int) string {
	return strings.Repeat(string(rune('A'+(n-1)%26)), min((n-1)/26+1, 100))
}
