// Package canon is the line-based text in which everything that people sign is
// written: grant, stop, still in force, charter, receipt, release.
//
// A canonical text is a header line that names the kind and version, then one
// line for each *field*, `key: value`, each ended by a line feed. It is UTF-8
// without control characters, so a person reads on the screen exactly the bytes
// that ssh-keygen signs. Reading is strict by one rule only: a text is accepted
// if encoding what was read gives the same bytes again. Each kind of text makes
// that comparison itself, with Same.
//
// It imports the standard library and problem.
package canon

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// Bounds of one text.
const (
	MaxValue = 1 << 20
	MaxText  = 64 << 20
)

// Field is one line. Keys may repeat; order carries meaning.
type Field struct{ Key, Value string }

// Encode writes header and fields. The caller guarantees that header and keys
// are constants of its own; values are checked. Code: canon.value.
func Encode(header string, fields []Field) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString(header)
	b.WriteByte('\n')
	for _, f := range fields {
		if err := checkValue(f); err != nil {
			return nil, err
		}
		b.WriteString(f.Key)
		b.WriteString(": ")
		b.WriteString(f.Value)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// Decode splits a text that begins with header into its fields. It checks form
// only; the caller compares with Same. Code: canon.text.
func Decode(header string, text []byte) ([]Field, error) {
	if len(text) > MaxText {
		return nil, malformed("longer than %d bytes", MaxText)
	}
	body, ok := strings.CutPrefix(string(text), header+"\n")
	if !ok {
		return nil, malformed("the first line is not %q", header)
	}
	if !strings.HasSuffix(body, "\n") {
		return nil, malformed("the last line has no end")
	}
	var out []Field
	for i, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if !ok || key == "" {
			return nil, malformed("line %d is not \"key: value\"", i+2)
		}
		f := Field{key, value}
		if err := checkValue(f); err != nil {
			return nil, err
		}
		out = append(out, f)
	}
	return out, nil
}

// Same refuses a text that is not the canonical encoding of what was read from
// it. Code: canon.text.
func Same(text, again []byte) error {
	if !bytes.Equal(text, again) {
		return malformed("it is not in canonical form")
	}
	return nil
}

// Text makes a free value fit for one line: control and formatting characters,
// which could make a signed text look like another, become spaces; runs of
// space become one. It is for words of outsiders that a signed text quotes.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > 1000 {
		s = strings.ToValidUTF8(s[:1000], "")
	}
	return s
}

// Time writes an instant: RFC 3339, UTC, whole seconds.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ParseTime reads what Time writes.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05Z", s)
	if err != nil {
		return time.Time{}, malformed("a time is written 2006-01-02T15:04:05Z")
	}
	return t, nil
}

func checkValue(f Field) error {
	bad := func(why string) error {
		return problem.New(problem.Invalid, "canon.value", "a value that people sign is one line of plain text: %s", why).At("%s", f.Key)
	}
	switch {
	case f.Value == "":
		return bad("it is empty")
	case len(f.Value) > MaxValue:
		return bad("it is too long")
	case !utf8.ValidString(f.Value):
		return bad("it is not UTF-8")
	case strings.TrimSpace(f.Value) != f.Value:
		return bad("it begins or ends with a space")
	}
	for _, r := range f.Value {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return bad("it holds an invisible character")
		}
	}
	return nil
}

func malformed(format string, args ...any) error {
	return problem.New(problem.Invalid, "canon.text", "this text cannot be read: "+format, args...)
}
