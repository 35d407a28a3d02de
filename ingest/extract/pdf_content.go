package extract

import (
	"bytes"
	"errors"
	"io"
	"math"

	"github.com/ledongthuc/pdf"
)

// maxContent bounds the content of one page or form, uncompressed.
const maxContent = 64 << 20

// errContent is why a page with more content than maxContent is not read on.
var errContent = errors.New("its content is larger than 64 MB")

// contentOf reads a content stream, or an array of them as one. What was read
// before an error is returned with it.
func contentOf(v pdf.Value) (data []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = panicError(p)
		}
	}()
	n := 1
	if v.Kind() == pdf.Array {
		n = v.Len()
	}
	var out bytes.Buffer
	for i := range n {
		stream := v
		if v.Kind() == pdf.Array {
			stream = v.Index(i)
		}
		if stream.Kind() != pdf.Stream {
			continue
		}
		rd := stream.Reader()
		_, err = out.ReadFrom(io.LimitReader(rd, int64(maxContent-out.Len()+1)))
		rd.Close()
		if err == nil && out.Len() > maxContent {
			err = errContent
		}
		if err != nil {
			break
		}
		out.WriteByte('\n')
	}
	return out.Bytes(), err
}

// operand is what stands before an operator: a number, a string, a name, an
// array of these, or something of no use for text.
type operand struct {
	kind operandKind
	num  float64
	text []byte // of a string or name; valid until the next operator
	list []operand
}

type operandKind uint8

const (
	opOther operandKind = iota
	opNumber
	opText
	opName
	opArray
)

// scanner reads the operators of a content stream with their operands (PDF
// 32000-1, 7.8.2). It never fails: what is damaged is passed over.
type scanner struct {
	data []byte
	at   int
	args []operand
	list []operand // of the arrays among args
	text []byte    // of the strings among args
}

// Limits on the operands of one operator.
const (
	maxOperands = 1 << 10
	maxInArray  = 1 << 16
)

// next reads up to the next operator; false at the end.
func (s *scanner) next() (op []byte, ok bool) {
	s.args, s.list, s.text = s.args[:0], s.list[:0], s.text[:0]
	for {
		c, ok := s.peek()
		if !ok {
			return nil, false
		}
		switch {
		case c == '[':
			s.at++
			s.array()
		case c == ']' || c == '>' || c == '{' || c == '}' || c == ')':
			s.at++
		case c == '<' && s.at+1 < len(s.data) && s.data[s.at+1] == '<':
			s.skipDict()
			s.push(operand{})
		default:
			if v, isOp, op := s.simple(c); !isOp {
				s.push(v)
			} else if string(op) == "BI" {
				s.skipImage()
			} else {
				return op, true
			}
		}
	}
}

func (s *scanner) push(v operand) {
	if len(s.args) < maxOperands {
		s.args = append(s.args, v)
	}
}

// peek is the next byte after white space and comments.
func (s *scanner) peek() (byte, bool) {
	for s.at < len(s.data) {
		c := s.data[s.at]
		switch {
		case c == '%':
			for s.at < len(s.data) && s.data[s.at] != '\n' && s.data[s.at] != '\r' {
				s.at++
			}
		case pdfSpace[c]:
			s.at++
		default:
			return c, true
		}
	}
	return 0, false
}

// pdfSpace and pdfDelimiter are the classes of PDF 32000-1, 7.2.2.
var (
	pdfSpace     = [256]bool{0: true, '\t': true, '\n': true, '\f': true, '\r': true, ' ': true}
	pdfDelimiter = [256]bool{'(': true, ')': true, '<': true, '>': true, '[': true, ']': true, '{': true, '}': true, '/': true, '%': true}
)

// simple reads a number, string or name, or else an operator.
func (s *scanner) simple(c byte) (v operand, isOp bool, op []byte) {
	switch {
	case c == '(':
		return operand{kind: opText, text: s.literal()}, false, nil
	case c == '<':
		return operand{kind: opText, text: s.hex()}, false, nil
	case c == '/':
		s.at++
		return operand{kind: opName, text: unescapeName(s.word())}, false, nil
	}
	w := s.word()
	if len(w) == 0 {
		s.at++
		return operand{}, false, nil
	}
	if c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		return operand{kind: opNumber, num: parseNumber(w)}, false, nil
	}
	if string(w) == "true" || string(w) == "false" || string(w) == "null" {
		return operand{}, false, nil
	}
	return operand{}, true, w
}

func (s *scanner) word() []byte {
	from := s.at
	for s.at < len(s.data) && !pdfSpace[s.data[s.at]] && !pdfDelimiter[s.data[s.at]] {
		s.at++
	}
	return s.data[from:s.at]
}

// parseNumber reads as far as a number goes: "0.0.1" and "12-3" occur.
func parseNumber(w []byte) float64 {
	i, sign, n, frac := 0, 1.0, 0.0, 0.0
	for i < len(w) && (w[i] == '-' || w[i] == '+') {
		if w[i] == '-' {
			sign = -1
		}
		i++
	}
	for ; i < len(w); i++ {
		switch {
		case w[i] >= '0' && w[i] <= '9':
			n = n*10 + float64(w[i]-'0')
			frac *= 10
		case w[i] == '.' && frac == 0:
			frac = 1
		default:
			i = len(w)
		}
	}
	if frac > 1 {
		n /= frac
	}
	if math.IsInf(n, 0) || math.IsNaN(n) {
		return 0
	}
	return sign * n
}

// array reads a flat array; arrays within it count as part of it. Only
// numbers, strings and names are kept.
func (s *scanner) array() {
	first := len(s.list)
	for {
		c, ok := s.peek()
		if !ok || c == ']' {
			s.at++
			break
		}
		if c == '[' || c == ')' || c == '>' || c == '{' || c == '}' {
			s.at++
			continue
		}
		if c == '<' && s.at+1 < len(s.data) && s.data[s.at+1] == '<' {
			s.skipDict()
			continue
		}
		v, isOp, op := s.simple(c)
		if isOp {
			if string(op) == "ET" || string(op) == "BT" || string(op) == "TJ" {
				s.at -= len(op) // the end of the array was lost
				break
			}
			continue
		}
		if len(s.list)-first < maxInArray {
			s.list = append(s.list, v)
		}
	}
	s.push(operand{kind: opArray, list: s.list[first:len(s.list):len(s.list)]})
}

// literal reads (…) with its escapes (PDF 32000-1, 7.3.4.2).
func (s *scanner) literal() []byte {
	s.at++
	// Most strings stand in the data as they are.
	for i := s.at; i < len(s.data); i++ {
		c := s.data[i]
		if c == ')' {
			v := s.data[s.at:i]
			s.at = i + 1
			return v
		}
		if c == '\\' || c == '(' || c == '\r' {
			break
		}
	}
	first, depth := len(s.text), 1
	for s.at < len(s.data) {
		c := s.data[s.at]
		s.at++
		switch c {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return s.text[first:len(s.text):len(s.text)]
			}
		case '\r':
			if s.at < len(s.data) && s.data[s.at] == '\n' {
				s.at++
			}
			c = '\n'
		case '\\':
			var keep bool
			if c, keep = s.escape(); !keep {
				continue
			}
		}
		s.text = append(s.text, c)
	}
	return s.text[first:len(s.text):len(s.text)]
}

// escape reads what follows a backslash; keep is false for a line that goes on.
func (s *scanner) escape() (c byte, keep bool) {
	if s.at >= len(s.data) {
		return 0, false
	}
	c = s.data[s.at]
	s.at++
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case 'b':
		return '\b', true
	case 'f':
		return '\f', true
	case '\r':
		if s.at < len(s.data) && s.data[s.at] == '\n' {
			s.at++
		}
		return 0, false
	case '\n':
		return 0, false
	}
	if c < '0' || c > '7' {
		return c, true
	}
	n := int(c - '0')
	for i := 0; i < 2 && s.at < len(s.data) && s.data[s.at] >= '0' && s.data[s.at] <= '7'; i++ {
		n = n*8 + int(s.data[s.at]-'0')
		s.at++
	}
	return byte(n), true
}

// hex reads <…>.
func (s *scanner) hex() []byte {
	s.at++
	first, half, n := len(s.text), 0, 0
	for s.at < len(s.data) {
		c := s.data[s.at]
		s.at++
		if c == '>' {
			break
		}
		d := hexDigit(c)
		if d < 0 {
			continue
		}
		half = half<<4 | d
		if n++; n%2 == 0 {
			s.text = append(s.text, byte(half))
			half = 0
		}
	}
	if n%2 == 1 {
		s.text = append(s.text, byte(half<<4))
	}
	return s.text[first:len(s.text):len(s.text)]
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}

// unescapeName writes out #xx.
func unescapeName(w []byte) []byte {
	if bytes.IndexByte(w, '#') < 0 {
		return w
	}
	var out []byte
	for i := 0; i < len(w); i++ {
		if w[i] == '#' && i+2 < len(w) && hexDigit(w[i+1]) >= 0 && hexDigit(w[i+2]) >= 0 {
			out = append(out, byte(hexDigit(w[i+1])<<4|hexDigit(w[i+2])))
			i += 2
			continue
		}
		out = append(out, w[i])
	}
	return out
}

// skipDict passes over << … >>, with what is in it.
func (s *scanner) skipDict() {
	depth := 0
	for s.at < len(s.data) {
		c, ok := s.peek()
		if !ok {
			return
		}
		pair := s.at+1 < len(s.data) && s.data[s.at+1] == c
		switch {
		case c == '<' && pair:
			depth++
			s.at += 2
		case c == '>' && pair:
			s.at += 2
			if depth--; depth == 0 {
				return
			}
		case c == '(':
			kept := len(s.text)
			s.literal()
			s.text = s.text[:kept]
		default:
			s.at++
		}
	}
}

// skipImage passes over an inline image: its data ends with EI between white
// space.
func (s *scanner) skipImage() {
	s.args = s.args[:0]
	if i := bytes.Index(s.data[s.at:], []byte("ID")); i >= 0 {
		s.at += i + 2
	}
	for s.at < len(s.data) {
		i := bytes.Index(s.data[s.at:], []byte("EI"))
		if i < 0 {
			s.at = len(s.data)
			return
		}
		from := s.at + i
		s.at = from + 2
		if from > 0 && pdfSpace[s.data[from-1]] && (s.at >= len(s.data) || pdfSpace[s.data[s.at]]) && plainAfter(s.data[s.at:]) {
			return
		}
	}
}

// plainAfter reports whether what follows reads as content, and not as the
// data of an image in which "EI" occurs by chance.
func plainAfter(data []byte) bool {
	for _, c := range data[:min(len(data), 12)] {
		if c >= 0x80 || c < ' ' && !pdfSpace[c] {
			return false
		}
	}
	return true
}
