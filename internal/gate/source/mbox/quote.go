package mbox

import (
	"bytes"
	"io"
)

var quotedFrom = []byte(">From ")

// An unquoter takes one '>' from each line that begins with one or more '>' and
// then "From ". Its memory is fixed: of a run of '>' it holds back one, because
// they are all alike.
type unquoter struct {
	r     io.Reader
	in    []byte
	out   []byte // given from the front
	spare []byte // out's memory
	state lineState
	match int // in mark: bytes of "From " seen
	err   error
}

type lineState uint8

const (
	lineStart lineState = iota
	run                 // one '>' is held back
	mark                // one '>' and the beginning of "From " are held back
	line
)

func newUnquoter(r io.Reader) *unquoter {
	return &unquoter{r: r, in: make([]byte, 32<<10), spare: make([]byte, 0, 33<<10)}
}

func (u *unquoter) Read(p []byte) (int, error) {
	for len(u.out) == 0 {
		if u.err != nil {
			return 0, u.err
		}
		var n int
		n, u.err = u.r.Read(u.in)
		u.out = u.spare[:0]
		u.take(u.in[:n])
		if u.err != nil {
			u.release()
		}
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	return n, nil
}

func (u *unquoter) take(b []byte) {
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case u.state == line:
			n := bytes.IndexByte(b[i:], '\n') + 1
			if n == 0 {
				u.out = append(u.out, b[i:]...)
				return
			}
			u.out = append(u.out, b[i:i+n]...)
			u.state, i = lineStart, i+n
			continue
		case u.state == lineStart && c == '>':
			u.state = run
		case u.state == run && c == '>':
			u.out = append(u.out, c)
		case u.state == run && c == fromMark[0]:
			u.state, u.match = mark, 1
		case u.state == mark && c == fromMark[u.match]:
			u.match++
			if u.match == len(fromMark) {
				u.out = append(u.out, fromMark...)
				u.state = line
			}
		default:
			u.release()
			continue
		}
		i++
	}
}

// release gives what was held back: the line is not a quoted separator.
func (u *unquoter) release() {
	switch u.state {
	case run:
		u.out = append(u.out, '>')
	case mark:
		u.out = append(append(u.out, '>'), fromMark[:u.match]...)
	}
	u.state = line
}
