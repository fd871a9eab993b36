package letter

import "bytes"

// MaxHead bounds a header block; what is longer is no mail.
const MaxHead = 256 << 10

// A Head is what selecting needs of one message's header block. Its values
// point into the block, folds included.
type Head struct {
	received   []byte // the topmost
	date       []byte
	dates      int
	delivered  []byte // the topmost of the delivery header
	wasHanded  bool   // there is one
	recipients [][]byte
}

// Parse reads the header block that message begins with and returns its length,
// the empty line that ends it included; without one the whole message is header.
// ok is false where the block is longer than MaxHead. deliveredTo is the
// delivery header's name in lower case, or "". Lines that are neither a wanted
// field nor its continuation are passed over, whatever they hold.
func (h *Head) Parse(message []byte, deliveredTo string) (n int, ok bool) {
	*h = Head{recipients: h.recipients[:0]}
	handed := byte(0)
	if deliveredTo != "" {
		handed = deliveredTo[0]
	}
	for n < len(message) && n <= MaxHead {
		rest := message[n:]
		if rest[0] == '\n' || rest[0] == '\r' && len(rest) > 1 && rest[1] == '\n' {
			n += lineLen(rest)
			break
		}
		size := 0
		c := lower(rest[0])
		if c == 'r' && h.received != nil && c != handed { // most lines of a header are of these fields
			n += lineLen(rest)
			continue
		}
		switch c {
		case 'r', 'd', 'f', 's', 't', 'c', 'b', handed:
			size = fieldLen(rest)
			name, value := CutField(rest[:size])
			if name != nil {
				h.keep(name, value, deliveredTo)
			}
		default:
			size = lineLen(rest)
		}
		n += size
	}
	return n, n <= MaxHead
}

func (h *Head) keep(name, value []byte, deliveredTo string) {
	switch {
	case is(name, "received"):
		if h.received == nil {
			h.received = value
		}
	case is(name, "date"):
		h.date = value
		h.dates++
	case is(name, "from"), is(name, "sender"), is(name, "to"), is(name, "cc"), is(name, "bcc"):
		h.recipients = append(h.recipients, value)
	}
	if deliveredTo != "" && !h.wasHanded && is(name, deliveredTo) {
		h.delivered, h.wasHanded = value, true
	}
}

func lineLen(b []byte) int {
	nl := bytes.IndexByte(b, '\n')
	if nl < 0 {
		return len(b)
	}
	return nl + 1
}

// fieldLen gives the length of the first line with the lines that continue it.
func fieldLen(block []byte) int {
	n := 0
	for {
		n += lineLen(block[n:])
		if n == len(block) || block[n] != ' ' && block[n] != '\t' {
			return n
		}
	}
}

// CutField splits a field; name is nil where there is none. Space between name
// and colon is accepted (RFC 5322 §4.5).
func CutField(field []byte) (name, value []byte) {
	for i, c := range field {
		if c == ':' {
			for name = field[:i]; len(name) > 0 && (name[len(name)-1] == ' ' || name[len(name)-1] == '\t'); {
				name = name[:len(name)-1]
			}
			if len(name) == 0 {
				return nil, nil
			}
			return name, field[i+1:]
		}
		if c == ' ' || c == '\t' {
			rest := bytes.TrimLeft(field[i:], " \t")
			if len(rest) == 0 || rest[0] != ':' {
				return nil, nil
			}
			continue
		}
		if c < 33 || c > 126 {
			return nil, nil
		}
	}
	return nil, nil
}

// is compares a field name with one in lower case, ASCII case folded.
func is(name []byte, want string) bool {
	if len(name) != len(want) {
		return false
	}
	for i := range name {
		if lower(name[i]) != want[i] {
			return false
		}
	}
	return true
}
