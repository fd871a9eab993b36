package mbox

import (
	"bytes"
	"io"

	"counterseal/internal/gate/source/letter"
)

const (
	bufferSize   = 2 << 20   // a message up to half of it is always given from the buffer
	readSize     = 256 << 10 // what is read at a time: what was just read is still in the processor's cache
	maxSeparator = 1024      // bytes of a separator line; its line end included; a longer line is none
)

var fromMark = []byte("From ")

// A message is one record of a file. Positions are bytes from its start. Its
// slices are valid until the next call of next.
type message struct {
	at        int64  // of the separator
	start     int64  // of the content
	end       int64  // of the content, without the empty line after it
	separator []byte // without its line end; nil for what precedes the first one
	head      []byte // the content's first letter.MaxHead+1 bytes, or all
	content   []byte // all of it, or nil where it is too long for the buffer
}

// A scanner cuts a file into messages with one fixed buffer.
type scanner struct {
	r     io.Reader
	buf   []byte
	n     int   // bytes in buf
	base  int64 // position of buf[0] in the file
	from  int   // where the message to be read next begins, in buf
	eof   bool
	begun bool
	sep   []byte // copies for a message that outgrows the buffer
	head  []byte
}

func (s *scanner) reset(r io.Reader) {
	if s.buf == nil {
		s.buf = make([]byte, bufferSize)
	}
	*s = scanner{r: r, buf: s.buf, sep: s.sep, head: s.head}
}

// next gives the next message, or io.EOF. The first may be what precedes the
// first separator, if it holds more than white space.
func (s *scanner) next() (message, error) {
	if !s.begun {
		s.begun = true
		m, err := s.preamble()
		if err != nil || m.end > m.start {
			return m, err
		}
	}
	bodyAt, err := s.lineAfter(s.from)
	if err != nil {
		return message{}, err
	}
	line := s.buf[s.from:bodyAt]
	m := message{at: s.base + int64(s.from), start: s.base + int64(bodyAt), separator: trimLineEnd(line)}
	return s.finish(m, bodyAt)
}

// preamble moves to the first separator and gives what lies before it.
func (s *scanner) preamble() (message, error) {
	err := s.fill()
	if err != nil {
		return message{}, err
	}
	_, n := s.separatorAt(0)
	if n == isSeparator {
		return message{}, nil
	}
	m, err := s.finish(message{}, 0)
	if err != nil {
		return message{}, err
	}
	if m.content != nil && len(bytes.Trim(m.content, " \t\r\n")) == 0 {
		m.end = m.start
	}
	return m, nil
}

// lineAfter gives the position behind the separator line at from.
func (s *scanner) lineAfter(from int) (int, error) {
	if from >= s.n && s.eof {
		return 0, io.EOF
	}
	nl := bytes.IndexByte(s.buf[from:s.n], '\n')
	if nl < 0 {
		return s.n, nil // the file's last line, without a line end
	}
	return from + nl + 1, nil
}

// finish finds the message's end. body is where its content begins in buf, and
// s.from where the message does.
func (s *scanner) finish(m message, body int) (message, error) {
	look := body // no separator begins before it
	for {
		p, found := s.find(look)
		if found || s.eof && p == s.n {
			m.end = s.base + int64(p)
			m.content = trimEmptyLine(s.buf[body:p])
			m.end = m.start + int64(len(m.content))
			m.head = m.content[:min(len(m.content), letter.MaxHead+1)]
			s.from = p
			return m, nil
		}
		if s.from == 0 && s.n == len(s.buf) {
			return s.outgrown(m, body, p)
		}
		body, look = body-s.from, p-s.from
		err := s.fill()
		if err != nil {
			return message{}, err
		}
		if m.separator != nil {
			m.separator = trimLineEnd(s.buf[s.from:body])
		}
	}
}

// outgrown reads on through a message that does not fit into the buffer: only
// its separator and head are kept.
func (s *scanner) outgrown(m message, body, look int) (message, error) {
	s.sep = append(s.sep[:0], m.separator...)
	s.head = append(s.head[:0], s.buf[body:min(body+letter.MaxHead+1, s.n)]...)
	if m.separator != nil {
		m.separator = s.sep
	}
	m.head = s.head
	for {
		p, found := s.find(look)
		if found || s.eof && p == s.n {
			m.end = s.base + int64(p-emptyLineBefore(s.buf[:p]))
			s.from = p
			return m, nil
		}
		s.from = max(0, p-maxSeparator)
		look = p - s.from
		err := s.fill()
		if err != nil {
			return message{}, err
		}
	}
}

// fill moves what is still needed (from s.from on) to the buffer's start and
// reads more, until readSize was read, it is full or the file ends.
func (s *scanner) fill() error {
	copy(s.buf, s.buf[s.from:s.n])
	s.base += int64(s.from)
	s.n -= s.from
	s.from = 0
	end := min(s.n+readSize, len(s.buf))
	for s.n < end && !s.eof {
		k, err := s.r.Read(s.buf[s.n:end])
		s.n += k
		if err == io.EOF {
			s.eof = true
			return nil
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// find looks for a separator that begins at or after look. It returns its
// position, or the position before which there is none.
func (s *scanner) find(look int) (p int, found bool) {
	for look < s.n {
		i := bytes.Index(s.buf[look:s.n], fromMark)
		if i < 0 {
			if s.eof {
				return s.n, false
			}
			return max(look, s.n-len(fromMark)+1), false
		}
		at, state := s.separatorAt(look + i)
		switch state {
		case isSeparator:
			return at, true
		case needsMore:
			return at, false
		}
		look = at + len(fromMark)
	}
	return s.n, false
}

const (
	noSeparator = iota
	isSeparator
	needsMore // its line goes on behind the buffer
)

// separatorAt says whether a separator begins at i.
func (s *scanner) separatorAt(i int) (at, state int) {
	if !bytes.HasPrefix(s.buf[i:s.n], fromMark) || !s.afterEmptyLine(i) {
		return i, noSeparator
	}
	line := s.buf[i:min(s.n, i+maxSeparator+1)]
	nl := bytes.IndexByte(line, '\n')
	if nl < 0 && len(line) > maxSeparator || nl >= maxSeparator {
		return i, noSeparator
	}
	if nl < 0 && !s.eof {
		return i, needsMore
	}
	if nl >= 0 {
		line = line[:nl]
	}
	_, _, ok := letter.SeparatorDate(line[len(fromMark):], false)
	if !ok {
		return i, noSeparator
	}
	return i, isSeparator
}

// afterEmptyLine reports whether position i begins a line that follows an empty
// line or the start of the file.
func (s *scanner) afterEmptyLine(i int) bool {
	if i == 0 {
		return s.base == 0
	}
	return emptyLineBefore(s.buf[:i]) > 0
}

// emptyLineBefore gives the length of the empty line that ends b, or 0. What
// precedes b is taken to end in a line feed.
func emptyLineBefore(b []byte) int {
	n := lineEnd(b)
	if n == 0 {
		return 0
	}
	b = b[:len(b)-n]
	if len(b) == 0 || b[len(b)-1] == '\n' {
		return n
	}
	return 0
}

// lineEnd gives the length of the line end (LF or CR LF) that ends b, or 0.
func lineEnd(b []byte) int {
	if len(b) == 0 || b[len(b)-1] != '\n' {
		return 0
	}
	if len(b) > 1 && b[len(b)-2] == '\r' {
		return 2
	}
	return 1
}

func trimLineEnd(b []byte) []byte { return b[:len(b)-lineEnd(b)] }

func trimEmptyLine(b []byte) []byte { return b[:len(b)-emptyLineBefore(b)] }
