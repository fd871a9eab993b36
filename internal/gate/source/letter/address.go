package letter

import (
	"bytes"

	"counterseal/internal/scope"
)

// MaxAddresses bounds what one message may name.
const MaxAddresses = 1000

// addresses collects the addresses of header fields in the form of
// scope.NormalAddress. It decodes nothing: an encoded word is a display name and
// cannot hold an address, and a quoted display name that looks like one is none.
type addresses struct {
	found []string
	seen  int // including those that no scope could name
	text  []byte
	known map[string]string // words of late and their normal form: the same people write again
}

// maxKnown bounds the words that are remembered.
const maxKnown = 1024

// plain reports whether add has nothing to do for a byte but to keep it.
func plain(c byte) bool {
	switch c {
	case '(', '"', '<', '>', ':', ';', ',', '@':
		return false
	}
	return true
}

// add reads one field's value, folds included. Its elements end at ',' and ';';
// an address in angle brackets is the element's only one.
func (a *addresses) add(value []byte) {
	e := element{into: a, text: a.text[:0]}
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '(':
			rest, _ := skipComment(value[i:])
			e.text = append(e.text, ' ')
			i = len(value) - len(rest) - 1
		case c == '"':
			i = e.quoted(value, i)
		case c == '<':
			e.open()
		case c == '>' && e.angle:
			e.close()
		case c == ':':
			e.text, e.ats = e.text[:0], 0 // a group's name, a route, "mailto"
		case c == ';', c == ',' && !e.inRoute():
			e.end()
		default:
			if c == '@' {
				e.ats++
			}
			from := i
			for i+1 < len(value) && plain(value[i+1]) {
				i++
			}
			e.text = append(e.text, value[from:i+1]...)
		}
	}
	e.end()
	a.text = e.text
}

// An element is one mailbox of a list, as far as it has been read.
type element struct {
	into  *addresses
	text  []byte
	ats   int  // '@' outside quotes, since the text began
	angle bool // inside angle brackets
	done  bool // after them
}

func (e *element) open()         { e.text, e.ats, e.angle, e.done = e.text[:0], 0, true, false }
func (e *element) close()        { e.take(); e.angle, e.done = false, true }
func (e *element) inRoute() bool { return e.angle && len(e.text) > 0 && e.text[0] == '@' }

func (e *element) end() {
	if !e.done {
		e.take()
	}
	e.text, e.ats, e.angle, e.done = e.text[:0], 0, false, false
}

// quotedAt stands for an '@' that was quoted, so that it does not make a word
// an address; it is no byte of a legal address.
const quotedAt, quotedSpace = 0x00, 0x01

// quoted reads a quoted string from its opening quote and returns the position
// of its closing one. An unclosed string runs to the end of the field and holds nothing.
func (e *element) quoted(value []byte, i int) int {
	start := len(e.text)
	for i++; i < len(value); i++ {
		c := value[i]
		if c == '"' {
			return i
		}
		if c == '\\' && i+1 < len(value) {
			i++
			c = value[i]
		}
		switch {
		case c == '@':
			c = quotedAt
		case isSpace(c):
			c = quotedSpace
		}
		e.text = append(e.text, c)
	}
	e.text = e.text[:start]
	return i
}

// take keeps the words of the text that are addresses.
func (e *element) take() {
	defer func() { e.text, e.ats = e.text[:0], 0 }()
	if e.ats == 0 {
		return
	}
	rest := e.text
	for len(rest) > 0 {
		n := 0
		for n < len(rest) && !isSpace(rest[n]) {
			n++
		}
		e.into.word(rest[:n])
		rest = rest[min(n+1, len(rest)):]
	}
}

// word keeps a word that has an unquoted '@' inside. Words that no scope can
// name (NormalAddress refuses them) count, but are not kept.
func (a *addresses) word(w []byte) {
	at := bytes.LastIndexByte(w, '@')
	if at < 1 || at == len(w)-1 || bytes.HasPrefix(w, []byte("=?")) {
		return
	}
	a.seen++
	if a.seen > MaxAddresses || bytes.IndexByte(w, quotedAt) >= 0 || bytes.IndexByte(w, quotedSpace) >= 0 {
		return
	}
	n, known := a.known[string(w)]
	if !known {
		var err error
		n, err = scope.NormalAddress(string(w))
		if err != nil {
			return
		}
		a.remember(string(w), n)
	}
	a.found = append(a.found, n)
}

func (a *addresses) remember(word, normal string) {
	if a.known == nil {
		a.known = make(map[string]string, maxKnown)
	}
	if len(a.known) == maxKnown {
		clear(a.known)
	}
	a.known[word] = normal
}
