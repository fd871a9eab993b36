package imap

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

const (
	maxLine  = 64 << 10 // bytes of one answer outside literals
	maxText  = 16 << 10 // bytes of a literal where a string is wanted
	maxDepth = 20       // of lists
)

// errForm says that the server's answer is none of the protocol's.
var errForm = errors.New("an answer that is not of the protocol")

// A reader reads a server's answers. Its errors are those of reading, and errForm.
type reader struct {
	r       *bufio.Reader
	left    int       // bytes that this answer may still have
	section io.Reader // the bytes that an attribute announced
}

func newReader(r io.Reader) *reader { return &reader{r: bufio.NewReaderSize(r, 64<<10)} }

func (r *reader) byte() (byte, error) {
	if r.left <= 0 {
		return 0, fmt.Errorf("%w: over %d bytes", errForm, maxLine)
	}
	r.left--
	c, err := r.r.ReadByte()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return c, err
}

func (r *reader) peek() (byte, error) {
	b, err := r.r.Peek(1)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil {
		return 0, err
	}
	return b[0], nil
}

// want reads exactly this text.
func (r *reader) want(text string) error {
	for i := range len(text) {
		c, err := r.byte()
		if err != nil {
			return err
		}
		if c != text[i] {
			return fmt.Errorf("%w: %q instead of %q", errForm, c, text)
		}
	}
	return nil
}

// is reads this byte if it is the next.
func (r *reader) is(c byte) (bool, error) {
	next, err := r.peek()
	if err != nil || next != c {
		return false, err
	}
	_, err = r.byte()
	return true, err
}

// atom reads up to a space, a bracket, a quote or the line's end; it may be empty.
func (r *reader) atom() (string, error) {
	var b []byte
	for {
		c, err := r.peek()
		if err != nil {
			return "", err
		}
		if c <= ' ' || c == '(' || c == ')' || c == '"' || c == '{' || c == ']' || c == '[' || c > '~' {
			return string(b), nil
		}
		_, err = r.byte()
		if err != nil {
			return "", err
		}
		b = append(b, c)
	}
}

func (r *reader) number() (uint64, error) {
	text, err := r.atom()
	if err != nil {
		return 0, err
	}
	return digits(text)
}

func digits(text string) (n uint64, err error) {
	if text == "" || len(text) > 18 {
		return 0, fmt.Errorf("%w: %.30q is no number", errForm, text)
	}
	for _, c := range []byte(text) {
		if c < '0' || c > '9' {
			return 0, fmt.Errorf("%w: %.30q is no number", errForm, text)
		}
		n = n*10 + uint64(c-'0')
	}
	return n, nil
}

// literal reads {n} and its line end; the n bytes come next.
func (r *reader) literal() (int64, error) {
	err := r.want("{")
	if err != nil {
		return 0, err
	}
	var b []byte
	for {
		c, err := r.byte()
		if err != nil {
			return 0, err
		}
		if c == '}' {
			break
		}
		b = append(b, c)
	}
	n, err := digits(strings.TrimSuffix(string(b), "+"))
	if err != nil {
		return 0, err
	}
	return int64(n), r.want("\r\n")
}

func (r *reader) quoted() (string, error) {
	err := r.want(`"`)
	var b []byte
	for err == nil {
		var c byte
		c, err = r.byte()
		switch {
		case err != nil:
		case c == '"':
			return string(b), nil
		case c == '\r' || c == '\n' || c == 0:
			return "", fmt.Errorf("%w: a quoted string is not closed", errForm)
		case c == '\\':
			c, err = r.byte()
			if err == nil && c != '\\' && c != '"' {
				return "", fmt.Errorf("%w: a wrong escape", errForm)
			}
			b = append(b, c)
		default:
			b = append(b, c)
		}
	}
	return "", err
}

// text reads an atom, a quoted string or a literal; NIL as a word is not ok.
func (r *reader) text() (s string, ok bool, err error) {
	c, err := r.peek()
	switch {
	case err != nil:
		return "", false, err
	case c == '"':
		s, err = r.quoted()
		return s, true, err
	case c == '{':
		n, err := r.literal()
		if err != nil {
			return "", false, err
		}
		if n > maxText || int(n) > r.left {
			return "", false, fmt.Errorf("%w: a string of %d bytes", errForm, n)
		}
		r.left -= int(n)
		b := make([]byte, n)
		_, err = io.ReadFull(r.r, b)
		return string(b), true, err
	}
	s, err = r.atom()
	if err == nil && s == "" {
		err = fmt.Errorf("%w: a value is missing", errForm)
	}
	return s, !strings.EqualFold(s, "NIL"), err
}

// skip reads one value of any kind.
func (r *reader) skip(depth int) error {
	open, err := r.is('(')
	if err != nil {
		return err
	}
	if !open {
		_, _, err = r.text()
		return err
	}
	if depth == maxDepth {
		return fmt.Errorf("%w: lists in lists", errForm)
	}
	for {
		end, err := r.is(')')
		if err != nil || end {
			return err
		}
		_, err = r.is(' ')
		if err == nil {
			end, err = r.is(')')
		}
		if err != nil || end {
			return err
		}
		err = r.skip(depth + 1)
		if err != nil {
			return err
		}
	}
}

// line reads the rest of an answer, which may hold literals.
func (r *reader) line() (string, error) {
	var b []byte
	for {
		c, err := r.byte()
		if err != nil {
			return "", err
		}
		if c != '\n' {
			b = append(b, c)
			continue
		}
		if len(b) == 0 || b[len(b)-1] != '\r' {
			return "", fmt.Errorf("%w: a line without its end", errForm)
		}
		b = b[:len(b)-1]
		i := bytes.LastIndexByte(b, '{')
		if i < 0 || b[len(b)-1] != '}' {
			return string(b), nil
		}
		n, err := digits(string(b[i+1 : len(b)-1]))
		if err != nil {
			return string(b), nil // text that looks like it
		}
		if n > maxText || int(n) > r.left {
			return "", fmt.Errorf("%w: a string of %d bytes", errForm, n)
		}
		r.left -= int(n)
		_, err = r.r.Discard(int(n))
		if err != nil {
			return "", err
		}
	}
}

// An answer is the beginning of one: what follows is still to be read.
type answer struct {
	tag    string // "*", "+" or that of a command
	number uint64 // of answers about one message, or a number of them
	name   string // in upper case
}

// next reads the beginning of an answer.
func (r *reader) next() (a answer, err error) {
	r.left, r.section = maxLine, nil
	a.tag, err = r.atom()
	if err != nil || a.tag == "+" {
		return a, err
	}
	err = r.want(" ")
	if err != nil {
		return a, err
	}
	word, err := r.atom()
	if err != nil {
		return a, err
	}
	if n, nerr := digits(word); nerr == nil && a.tag == "*" {
		a.number = n
		err = r.want(" ")
		if err == nil {
			word, err = r.atom()
		}
	}
	a.name = strings.ToUpper(word)
	if err == nil && (a.tag == "" || a.name == "") {
		err = fmt.Errorf("%w: an empty answer", errForm)
	}
	return a, err
}

// A message is what one FETCH answer says.
type message struct {
	uid           uint64
	size          int64
	at            int64
	hasSize, isAt bool
	missing       bool // the section that was asked for is NIL
}

// attributes reads those of a FETCH answer until a section begins, whose bytes are
// then r.section and their number n, or the answer ends. begun says that it is
// read on.
func (r *reader) attributes(m *message, begun bool) (n int64, ended bool, err error) {
	if !begun {
		err = r.want(" (")
	}
	for first := !begun; err == nil; first = false {
		var end bool
		end, err = r.is(')')
		if err == nil && end {
			return 0, true, r.want("\r\n")
		}
		if err == nil && !first {
			err = r.want(" ")
		}
		var name string
		if err == nil {
			name, err = r.attribute()
		}
		if err == nil {
			err = r.want(" ")
		}
		if err != nil {
			break
		}
		if strings.HasPrefix(name, "BODY[") {
			n, found, err := r.announced(m)
			if err != nil || found {
				return n, false, err
			}
			continue
		}
		err = r.value(m, name)
	}
	return 0, false, err
}

// attribute reads an attribute's name, with what stands in its brackets.
func (r *reader) attribute() (string, error) {
	name, err := r.atom()
	if err != nil {
		return "", err
	}
	open, err := r.is('[')
	if err != nil || !open {
		return strings.ToUpper(name), err
	}
	b := []byte(name + "[")
	for b[len(b)-1] != ']' {
		c, err := r.byte()
		if err != nil {
			return "", err
		}
		if c < ' ' {
			return "", fmt.Errorf("%w: a name", errForm)
		}
		b = append(b, c)
	}
	rest, err := r.atom() // <0>
	return strings.ToUpper(string(b) + rest), err
}

// announced reads the beginning of a section's bytes.
func (r *reader) announced(m *message) (n int64, found bool, err error) {
	c, err := r.peek()
	if err != nil {
		return 0, false, err
	}
	if c == '{' {
		n, err := r.literal()
		r.section = io.LimitReader(r.r, n)
		return n, true, err
	}
	s, ok, err := r.text()
	if err != nil {
		return 0, false, err
	}
	if !ok {
		m.missing = true
		return 0, false, nil
	}
	r.section = strings.NewReader(s)
	return int64(len(s)), true, nil
}

func (r *reader) value(m *message, name string) error {
	switch name {
	case "UID":
		n, err := r.number()
		if err == nil && (n == 0 || n > 1<<32-1 || m.uid != 0 && m.uid != n) {
			err = fmt.Errorf("%w: UID %d", errForm, n)
		}
		m.uid = n
		return err
	case "RFC822.SIZE":
		n, err := r.number()
		m.size, m.hasSize = int64(n), true
		return err
	case "INTERNALDATE":
		s, err := r.quoted()
		if err != nil {
			return err
		}
		at, err := time.Parse("_2-Jan-2006 15:04:05 -0700", s)
		if err != nil {
			return fmt.Errorf("%w: date %.40q", errForm, s)
		}
		m.at, m.isAt = at.Unix(), true
		return nil
	}
	return r.skip(0)
}
