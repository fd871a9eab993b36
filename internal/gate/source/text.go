package source

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"hash"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// IDs makes the ids of one pass: a prefix and 32 hexadecimal digits of the
// SHA-256 of the parts, each preceded by its length in 8 bytes, most significant
// first. Items with the same parts get "-2", "-3" and so on. The parts must hold
// nothing that is not given, because whoever has the id could try guesses.
type IDs struct {
	prefix string
	seen   Numbering
	hash   hash.Hash
	text   []byte
	sum    [sha256.Size]byte
}

// NewIDs begins a pass. The kind and its version, such as "records-item-v1",
// keep ids of different kinds apart.
func NewIDs(prefix, kind string) *IDs {
	d := &IDs{prefix: prefix + "-", hash: sha256.New()}
	d.text = appendPart(nil, "counterseal-"+kind)
	return d
}

func appendPart(b []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint64(b, uint64(len(part))), part...)
}

// Of gives the id of what consists of these parts. Code: source.too_large.
func (d *IDs) Of(parts ...string) (string, error) {
	b := d.text
	for _, p := range parts {
		b = appendPart(b, p)
	}
	d.hash.Reset()
	d.hash.Write(b)
	d.text = b[:len(d.text)]
	sum := d.hash.Sum(d.sum[:0])
	nth, ok := d.seen.Count(binary.BigEndian.Uint64(sum))
	if !ok {
		return "", problem.New(problem.Invalid, "source.too_large", "one query gives at most %d items", MaxItems).Fix("ask for a shorter interval at a time")
	}
	id := hex.AppendEncode(append(make([]byte, 0, 64), d.prefix...), sum[:16])
	if nth > 1 {
		id = strconv.AppendUint(append(id, '-'), uint64(nth), 10)
	}
	return string(id), nil
}

// Escape writes a name of the store so that it can be read and written back:
// printable UTF-8 stays, the percent sign and every other byte become % and two
// hexadecimal digits, so that no name turns the direction of a text or ends a
// line. Of more than limit bytes the end is kept, after "…".
func Escape(name string, limit int) string {
	if len(name) <= limit && asIs(name) {
		return name
	}
	const hexDigits = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(name); {
		r, n := utf8.DecodeRuneInString(name[i:])
		if r == '%' || (r == utf8.RuneError && n == 1) || !unicode.IsPrint(r) {
			for _, c := range []byte(name[i : i+n]) {
				b.Write([]byte{'%', hexDigits[c>>4], hexDigits[c&15]})
			}
		} else {
			b.WriteString(name[i : i+n])
		}
		i += n
	}
	s := b.String()
	if len(s) <= limit {
		return s
	}
	from := len(s) - limit + len("…")
	for !utf8.RuneStart(s[from]) {
		from++
	}
	return "…" + s[from:]
}

// asIs reports whether a name is printable ASCII without a percent sign.
func asIs(name string) bool {
	for i := range len(name) {
		if c := name[i]; c < ' ' || c > '~' || c == '%' {
			return false
		}
	}
	return true
}

// Plain reduces any name to at most 80 ASCII letters, digits and . _ -, for a
// file that people open. The end is kept, because that is where the extension is.
func Plain(name string) string {
	var b strings.Builder
	for i := max(0, len(name)-80); i < len(name); i++ {
		c := name[i]
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '.' || c == '-' {
			b.WriteByte(c)
		} else {
			b.WriteByte('_')
		}
	}
	s := strings.Trim(b.String(), ".-_")
	if s == "" {
		return "item"
	}
	return s
}

// AppendJSON writes a string of valid UTF-8 as encoding/json does, which is asked
// only where something is to be escaped.
func AppendJSON(b []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			q, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string
			}
			return append(b, q...)
		}
	}
	return append(append(append(b, '"'), s...), '"')
}
