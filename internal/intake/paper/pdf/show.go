package pdf

import (
	"bytes"
	"strconv"
	"strings"

	"counterseal/internal/intake/paper"
)

// shower follows the operators of a page that show text (ISO 32000-1, 9.4), in the
// order of the file. Where a line moves, a line ends; where letters are set far
// apart, there is a space.
type shower struct {
	fonts map[string]font
	now   font
	out   strings.Builder

	stack []operand
	y     float64
}

type operand struct {
	number float64
	text   []byte // of a string
	name   string
	list   []operand
}

func (s *shower) show(b []byte) {
	p := parser{b: b}
	for s.out.Len() < paper.MaxText {
		o, operator, ok := p.next(0)
		if !ok {
			return
		}
		if operator == "" {
			if len(s.stack) < 1000 {
				s.stack = append(s.stack, o)
			}
			continue
		}
		if operator == "ID" {
			p.skipImage()
		}
		s.do(operator)
		s.stack = s.stack[:0]
	}
}

func (s *shower) arg(fromLast int) operand {
	if i := len(s.stack) - fromLast; i >= 0 && fromLast > 0 {
		return s.stack[i]
	}
	return operand{}
}

func (s *shower) do(operator string) {
	switch operator {
	case "Tf":
		s.now = s.fonts[s.arg(2).name]
	case "Td", "TD":
		if s.arg(1).number != 0 {
			s.line()
		} else if s.arg(2).number != 0 {
			s.space()
		}
	case "Tm":
		if y := s.arg(1).number; y != s.y {
			s.y = y
			s.line()
		} else {
			s.space()
		}
	case "T*", "ET":
		s.line()
	case "'", "\"":
		s.line()
		s.out.WriteString(s.now.read(s.arg(1).text))
	case "Tj":
		s.out.WriteString(s.now.read(s.arg(1).text))
	case "TJ":
		for _, o := range s.arg(1).list {
			if o.text == nil && o.number < -180 {
				s.space()
			}
			s.out.WriteString(s.now.read(o.text))
		}
	}
}

func (s *shower) line() {
	if t := s.out.String(); t != "" && !strings.HasSuffix(t, "\n") {
		s.out.WriteByte('\n')
	}
}

func (s *shower) space() {
	if t := s.out.String(); t != "" && !strings.HasSuffix(t, " ") && !strings.HasSuffix(t, "\n") {
		s.out.WriteByte(' ')
	}
}

// parser cuts a content stream into operands and operators.
type parser struct {
	b []byte
	i int
}

const maxNesting = 20

// next gives one operand, or the operator. A list that does not end, ends here.
func (p *parser) next(depth int) (o operand, operator string, ok bool) {
	for p.i < len(p.b) {
		c := p.b[p.i]
		switch {
		case c <= ' ':
			p.i++
		case c == '%':
			for p.i < len(p.b) && p.b[p.i] != '\n' && p.b[p.i] != '\r' {
				p.i++
			}
		case c == '(':
			return operand{text: p.literal()}, "", true
		case c == '<' && p.i+1 < len(p.b) && p.b[p.i+1] != '<':
			return operand{text: p.hex()}, "", true
		case c == '/':
			p.i++
			return operand{name: p.word()}, "", true
		case c == '[' && depth < maxNesting:
			p.i++
			return operand{list: p.list(depth + 1)}, "", true
		case c == ']' && depth > 0:
			return operand{}, "", false
		case strings.IndexByte("[]<>{}()", c) >= 0:
			p.i++
		default:
			w := p.word()
			if n, err := strconv.ParseFloat(w, 64); err == nil {
				return operand{number: n}, "", true
			}
			return operand{}, w, true
		}
	}
	return operand{}, "", false
}

func (p *parser) list(depth int) (out []operand) {
	for {
		o, operator, ok := p.next(depth)
		if !ok {
			p.i++ // the closing bracket, or the end
			return out
		}
		if operator == "" && len(out) < 100_000 {
			out = append(out, o)
		}
	}
}

func (p *parser) word() string {
	begin := p.i
	for p.i < len(p.b) && p.b[p.i] > ' ' && strings.IndexByte("()<>[]{}/%", p.b[p.i]) < 0 {
		p.i++
	}
	return string(p.b[begin:p.i])
}

func (p *parser) literal() []byte {
	out := []byte{}
	depth := 0
	for ; p.i < len(p.b); p.i++ {
		c := p.b[p.i]
		switch {
		case c == '\\':
			p.i++
			out = p.escape(out)
			continue
		case c == '(':
			if depth++; depth == 1 {
				continue
			}
		case c == ')':
			if depth--; depth == 0 {
				p.i++
				return out
			}
		}
		out = append(out, c)
	}
	return out
}

// escape reads what follows a backslash and leaves the parser on its last byte.
func (p *parser) escape(out []byte) []byte {
	if p.i >= len(p.b) {
		return out
	}
	c := p.b[p.i]
	if k := strings.IndexByte("nrtbf", c); k >= 0 {
		return append(out, "\n\r\t\b\f"[k])
	}
	if c < '0' || c > '7' {
		if c == '\n' || c == '\r' {
			return out
		}
		return append(out, c)
	}
	n := 0
	for k := 0; k < 3 && p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '7'; k++ {
		n = n*8 + int(p.b[p.i]-'0')
		p.i++
	}
	p.i--
	return append(out, byte(n))
}

func (p *parser) hex() []byte {
	out := []byte{}
	half, high := false, byte(0)
	for p.i++; p.i < len(p.b) && p.b[p.i] != '>'; p.i++ {
		k := strings.IndexByte("0123456789abcdef", p.b[p.i]|0x20)
		if k < 0 || p.b[p.i] <= ' ' {
			continue
		}
		if half = !half; half {
			high = byte(k) << 4
		} else {
			out = append(out, high|byte(k))
		}
	}
	p.i++
	if half {
		out = append(out, high)
	}
	return out
}

// skipImage passes over the bytes of a picture in the stream.
func (p *parser) skipImage() {
	if i := bytes.Index(p.b[min(p.i, len(p.b)):], []byte("EI")); i >= 0 {
		p.i += i + 2
	} else {
		p.i = len(p.b)
	}
}
