package extract

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/nfp"
)

// maxNumberFormat is the longest number format in bytes; Excel allows 255
// characters.
const maxNumberFormat = 1024

// numberFormat writes figures as a Dutch reader of the workbook sees them: comma
// before decimals, names of months in Dutch (ECMA-376, part 1, 18.8.31).
type numberFormat struct {
	sections []nfp.Section
	date1904 bool
}

// builtinFormats are those that a workbook refers to by number alone, with the
// dates and the currency of the Netherlands.
var builtinFormats = map[int]string{
	1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 5: `"€ "#,##0`, 6: `"€ "#,##0`, 7: `"€ "#,##0.00`, 8: `"€ "#,##0.00`, 9: "0%", 10: "0.00%",
	11: "0.00E+00", 14: "dd-mm-yyyy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
	20: "h:mm", 21: "h:mm:ss", 22: "dd-mm-yyyy h:mm", 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
	41: "#,##0", 42: `"€ "#,##0`, 43: "#,##0.00", 44: `"€ "#,##0.00`, 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0",
}

// newNumberFormat reads a format; nil shows figures as they are.
func newNumberFormat(code string, date1904 bool) *numberFormat {
	if code == "" || len(code) > maxNumberFormat {
		return nil
	}
	parser := nfp.NumberFormatParser()
	return &numberFormat{parser.Parse(code), date1904}
}

// render writes v.
func (f *numberFormat) render(v float64) string {
	if f == nil || math.IsNaN(v) || math.IsInf(v, 0) {
		return general(v)
	}
	section, abs, ok := f.section(v)
	if !ok {
		return general(v)
	}
	if dated(section) {
		return f.date(section, v)
	}
	sign := ""
	if v < 0 {
		if v = -v; !abs {
			sign = "-"
		}
	}
	return oneLine(sign + number(section, v))
}

// section chooses the one for v, and whether it writes the sign of v itself; not
// ok if the format is for text only.
func (f *numberFormat) section(v float64) (items []nfp.Token, abs, ok bool) {
	var figures []nfp.Section
	for _, s := range f.sections {
		if s.Type != nfp.TokenSectionText {
			figures = append(figures, s)
		}
	}
	if len(figures) == 0 {
		return nil, false, false
	}
	conditions := false
	for i, s := range figures {
		if c, ok := condition(s.Items); ok {
			conditions = true
			if c(v) {
				return s.Items, i > 0, true
			}
		}
	}
	switch {
	case conditions:
		return figures[len(figures)-1].Items, false, true
	case v < 0 && len(figures) > 1:
		return figures[1].Items, true, true
	case v == 0 && len(figures) > 2:
		return figures[2].Items, true, true
	}
	return figures[0].Items, false, true
}

// condition is that of a section such as "[<=100]0".
func condition(items []nfp.Token) (func(float64) bool, bool) {
	for _, t := range items {
		if t.TType != nfp.TokenTypeCondition || len(t.Parts) != 2 {
			continue
		}
		limit, err := strconv.ParseFloat(t.Parts[1].Token.TValue, 64)
		if err != nil {
			continue
		}
		switch t.Parts[0].Token.TValue {
		case "<":
			return func(v float64) bool { return v < limit }, true
		case "<=":
			return func(v float64) bool { return v <= limit }, true
		case ">":
			return func(v float64) bool { return v > limit }, true
		case ">=":
			return func(v float64) bool { return v >= limit }, true
		case "=":
			return func(v float64) bool { return v == limit }, true
		case "<>":
			return func(v float64) bool { return v != limit }, true
		}
	}
	return nil, false
}

// general writes v as a cell without a format does, but never as a power of
// ten: numbers of that length are mostly identifiers.
func general(v float64) string {
	if math.Abs(v) < 1e15 && v == math.Trunc(v) {
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	s := strconv.FormatFloat(v, 'g', 10, 64)
	if r, err := strconv.ParseFloat(s, 64); err == nil && math.Abs(r) >= 1e-9 && math.Abs(r) < 1e15 {
		s = strconv.FormatFloat(r, 'f', -1, 64)
	}
	return strings.Replace(s, ".", ",", 1)
}

// number writes v, which is not negative, by the placeholders of a section.
func number(items []nfp.Token, v float64) string {
	places, whole, decimals, least, group := 0, 0, -1, 0, false
	for i, t := range items {
		switch t.TType {
		case nfp.TokenTypeFraction, nfp.TokenTypeExponential, nfp.TokenTypeGeneral:
			return around(items, general(v))
		case nfp.TokenTypePercent:
			v *= 100
		case nfp.TokenTypeDecimalPoint:
			decimals = max(decimals, 0)
		case nfp.TokenTypeThousandsSeparator:
			if scales(items, i) {
				v /= 1000
			} else {
				group = true
			}
		case nfp.TokenTypeLiteral:
			if t.TValue == "," && i > 0 && items[i-1].TType == nfp.TokenTypeThousandsSeparator {
				v /= 1000 // a second mark after the last digit
			}
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			places++
			switch zero := t.TType == nfp.TokenTypeZeroPlaceHolder; {
			case decimals >= 0:
				decimals += len(t.TValue)
				if zero {
					least = decimals
				}
			default:
				whole += len(t.TValue)
			}
		}
	}
	if places == 0 {
		return around(items, "")
	}
	digits, fraction, _ := strings.Cut(strconv.FormatFloat(v, 'f', min(max(decimals, 0), 30), 64), ".")
	for len(fraction) > least && strings.HasSuffix(fraction, "0") {
		fraction = fraction[:len(fraction)-1]
	}
	if digits == "0" {
		digits = ""
	}
	return placed(items, digits, fraction, whole, group)
}

// scales reports whether the mark at i stands after the last digit before the
// decimals, where it divides by a thousand.
func scales(items []nfp.Token, i int) bool {
	for _, t := range items[i+1:] {
		switch t.TType {
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			return false
		case nfp.TokenTypeDecimalPoint:
			return true
		}
	}
	return true
}

// placed writes digits into the placeholders before the decimals, of which there
// are whole, and fraction after them.
func placed(items []nfp.Token, digits, fraction string, whole int, group bool) string {
	var out strings.Builder
	started, point := false, false
	digit := func(left int) { // left is how many places follow, this one too
		if !started {
			for len(digits) > left {
				writeDigit(&out, digits[0], len(digits)-1, group)
				digits = digits[1:]
			}
			started = true
		}
		if len(digits) == left {
			writeDigit(&out, digits[0], left-1, group)
			digits = digits[1:]
		}
	}
	for i, t := range items {
		switch t.TType {
		case nfp.TokenTypeZeroPlaceHolder, nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			if point {
				n := min(len(t.TValue), len(fraction))
				out.WriteString(fraction[:n])
				fraction = fraction[n:]
				continue
			}
			for range len(t.TValue) {
				if t.TType == nfp.TokenTypeZeroPlaceHolder && len(digits) < whole {
					digits = strings.Repeat("0", whole-len(digits)) + digits
				}
				digit(whole)
				whole--
			}
		case nfp.TokenTypeDecimalPoint:
			if point = true; fraction != "" {
				if out.Len() == 0 || !endsInDigit(out.String()) {
					out.WriteByte('0')
				}
				out.WriteByte(',')
			}
		case nfp.TokenTypeLiteral:
			if t.TValue == "," && i > 0 && items[i-1].TType == nfp.TokenTypeThousandsSeparator {
				continue
			}
			out.WriteString(literal(t))
		default:
			out.WriteString(literal(t))
		}
	}
	return out.String()
}

func endsInDigit(s string) bool {
	c := s[len(s)-1]
	return c >= '0' && c <= '9'
}

// writeDigit writes one digit with after more to come before the decimals.
func writeDigit(out *strings.Builder, c byte, after int, group bool) {
	out.WriteByte(c)
	if group && after > 0 && after%3 == 0 {
		out.WriteByte('.')
	}
}

// around writes the words of a section with value where its figures stand.
func around(items []nfp.Token, value string) string {
	var out strings.Builder
	for _, t := range items {
		switch t.TType {
		case nfp.TokenTypeFraction, nfp.TokenTypeExponential, nfp.TokenTypeGeneral, nfp.TokenTypeZeroPlaceHolder,
			nfp.TokenTypeHashPlaceHolder, nfp.TokenTypeDigitalPlaceHolder:
			out.WriteString(value)
			value = ""
		default:
			out.WriteString(literal(t))
		}
	}
	return out.String()
}

// literal is what a token writes by itself.
func literal(t nfp.Token) string {
	switch t.TType {
	case nfp.TokenTypeLiteral, nfp.TokenTypePercent:
		return t.TValue
	case nfp.TokenTypeAlignment, nfp.TokenTypeRepeatsChar:
		return " "
	case nfp.TokenTypeCurrencyLanguage:
		for _, p := range t.Parts {
			if p.Token.TType == nfp.TokenSubTypeCurrencyString {
				return p.Token.TValue
			}
		}
	}
	return ""
}

func dated(items []nfp.Token) bool {
	for _, t := range items {
		if t.TType == nfp.TokenTypeDateTimes || t.TType == nfp.TokenTypeElapsedDateTimes {
			return true
		}
	}
	return false
}

// systemFormats are those of the reader's own settings, by their language code.
var systemFormats = map[string]string{"F800": "dddd d mmmm yyyy", "F400": "hh:mm:ss"}

// date writes the day number v (days since 1899-12-30, or since 1904).
func (f *numberFormat) date(items []nfp.Token, v float64) string {
	english := false
	for _, t := range items {
		for _, p := range t.Parts {
			if p.Token.TType != nfp.TokenSubTypeLanguageInfo {
				continue
			}
			if code := systemFormats[strings.TrimPrefix(strings.ToUpper(p.Token.TValue), "X-SYS")]; code != "" {
				return newNumberFormat(code, f.date1904).render(v)
			}
			english = strings.HasSuffix(p.Token.TValue, "09")
		}
	}
	if v < 0 || v > 2958465.99999 { // 9999-12-31
		return general(v)
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if f.date1904 {
		epoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	unit := time.Second
	for _, t := range items {
		if t.TType == nfp.TokenTypeDecimalPoint {
			unit = 100 * time.Millisecond
		}
	}
	days := math.Trunc(v)
	rest := time.Duration(math.Round((v-days)*float64(24*time.Hour)/float64(unit))) * unit
	at := epoch.AddDate(0, 0, int(days)).Add(rest)
	twelve := false
	for _, t := range items {
		twelve = twelve || t.TType == nfp.TokenTypeDateTimes && strings.ContainsAny(t.TValue, "/")
	}
	var out strings.Builder
	for i, t := range items {
		switch t.TType {
		case nfp.TokenTypeDateTimes:
			out.WriteString(datePart(items, i, at, twelve, english))
		case nfp.TokenTypeElapsedDateTimes:
			out.WriteString(elapsed(t.TValue, at.Sub(epoch)))
		case nfp.TokenTypeDecimalPoint:
			out.WriteByte(',')
		case nfp.TokenTypeZeroPlaceHolder:
			out.WriteString(strconv.Itoa(at.Nanosecond() / int(100*time.Millisecond)))
		case nfp.TokenTypeLiteral:
			if t.TValue == "/" { // stands for the separator of the reader's country
				out.WriteByte('-')
			} else {
				out.WriteString(t.TValue)
			}
		default:
			out.WriteString(literal(t))
		}
	}
	return oneLine(out.String())
}

func elapsed(token string, d time.Duration) string {
	n := int(d / time.Second)
	switch strings.ToLower(token[:min(len(token), 1)]) {
	case "h":
		n /= 3600
	case "m":
		n /= 60
	}
	return pad(n, len(token))
}

func pad(n, width int) string {
	s := strconv.Itoa(n)
	return strings.Repeat("0", max(0, min(width, 4)-len(s))) + s
}

var (
	monthsNL = strings.Fields("januari februari maart april mei juni juli augustus september oktober november december")
	daysNL   = strings.Fields("zondag maandag dinsdag woensdag donderdag vrijdag zaterdag")
)

// datePart writes the token at i of a date; "m" beside hours or seconds is minutes.
func datePart(items []nfp.Token, i int, at time.Time, twelve, english bool) string {
	token := strings.ToLower(items[i].TValue)
	month, day := monthsNL[at.Month()-1], daysNL[at.Weekday()]
	if english {
		month, day = at.Month().String(), at.Weekday().String()
	}
	switch token[:min(len(token), 1)] {
	case "y":
		if len(token) <= 2 {
			return pad(at.Year()%100, 2)
		}
		return pad(at.Year(), 4)
	case "d":
		switch len(token) {
		case 1, 2:
			return pad(at.Day(), len(token))
		case 3:
			return day[:min(len(day), 2)]
		}
		return day
	case "h":
		h := at.Hour()
		if twelve {
			h = (h+11)%12 + 1
		}
		return pad(h, len(token))
	case "s":
		return pad(at.Second(), len(token))
	case "a":
		if at.Hour() < 12 {
			return "AM"
		}
		return "PM"
	case "m":
		if minuteAt(items, i) {
			return pad(at.Minute(), len(token))
		}
		switch len(token) {
		case 1, 2:
			return pad(int(at.Month()), len(token))
		case 3:
			if !english && at.Month() == time.March {
				return "mrt"
			}
			return month[:3]
		}
		return month
	}
	return ""
}

func minuteAt(items []nfp.Token, i int) bool {
	near := func(step int, unit string) bool {
		for j := i + step; j >= 0 && j < len(items); j += step {
			switch items[j].TType {
			case nfp.TokenTypeDateTimes, nfp.TokenTypeElapsedDateTimes:
				return strings.HasPrefix(strings.ToLower(items[j].TValue), unit)
			}
		}
		return false
	}
	return near(-1, "h") || near(1, "s")
}
