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
	MaxValue  = 1 << 20
	MaxText   = 64 << 20
	MaxFields = 1 << 20
)

// Field is one line. Keys may repeat; order carries meaning.
type Field struct{ Key, Value string }

// Encode writes header and fields. The caller guarantees that header and keys
// are constants of its own; keys and values are checked. Codes: canon.value,
// canon.text.
func Encode(header string, fields []Field) ([]byte, error) {
	if len(fields) == 0 || len(fields) > MaxFields {
		return nil, malformed("it has no field, or more than %d", MaxFields)
	}
	var b bytes.Buffer
	b.WriteString(header)
	b.WriteByte('\n')
	for _, f := range fields {
		if !validKey(f.Key) {
			return nil, malformed("a key is not of a–z, 0–9 and hyphens")
		}
		if err := checkValue(f); err != nil {
			return nil, err
		}
		if b.Len()+len(f.Key)+len(f.Value)+3 > MaxText {
			return nil, malformed("longer than %d bytes", MaxText)
		}
		b.WriteString(f.Key)
		b.WriteString(": ")
		b.WriteString(f.Value)
		b.WriteByte('\n')
	}
	return b.Bytes(), nil
}

// Decode splits a text that begins with header into its fields. It checks form
// only; the caller compares with Same. Codes: canon.text, canon.value.
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
	if strings.Count(body, "\n") > MaxFields {
		return nil, malformed("it has more than %d fields", MaxFields)
	}
	var out []Field
	for i, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		key, value, ok := strings.Cut(line, ": ")
		if !ok || !validKey(key) {
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

// Exact gives v, which was read from text, where text is v's own writing to the byte:
// what people sign has one form, so that nothing in it can be read in two ways. Codes:
// canon.text, and those of Bytes.
func Exact[T interface{ Bytes() ([]byte, error) }](v T, text []byte) (T, error) {
	var none T
	again, err := v.Bytes()
	if err != nil {
		return none, err
	}
	if !bytes.Equal(text, again) {
		return none, malformed("it is not in canonical form")
	}
	return v, nil
}

// Text makes a free value fit for one line: characters that cannot be seen, which
// could make a signed text look like another, become spaces; runs of space
// become one, and 1,000 bytes are kept. It is for words of outsiders that a
// signed text quotes. Where nothing visible was there the result is empty, which
// Encode refuses.
func Text(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !Visible(r) {
			return ' '
		}
		return r
	}, s)
	s = unpiled(strings.Join(strings.Fields(s), " "))
	if len(s) > 1000 {
		s = strings.TrimSpace(strings.ToValidUTF8(s[:1000], ""))
	}
	return s
}

// unpiled leaves out marks that are too many, or stand upon nothing.
func unpiled(s string) string {
	var b strings.Builder
	marks := 0
	for _, r := range s {
		if !piled(r, &marks, b.Len() == 0) && (r != ' ' || b.Len() > 0) {
			b.WriteRune(r)
		}
	}
	return strings.TrimSpace(b.String())
}

// Time writes an instant: RFC 3339, UTC, whole seconds; fractions are cut off.
func Time(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// ParseTime reads what Time writes, and nothing else. Code: canon.text.
func ParseTime(s string) (time.Time, error) {
	t, err := time.Parse("2006-01-02T15:04:05Z", s)
	if err != nil || Time(t) != s { // time.Parse also takes a fraction
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
	marks := 0
	for i, r := range f.Value {
		if !Visible(r) {
			return bad("it holds an invisible character")
		}
		if piled(r, &marks, i == 0) {
			return bad("marks are piled upon a letter, or upon none")
		}
	}
	return nil
}

// Visible tells the space of ASCII and what leaves ink where it stands from
// everything that does not: controls, formatting and direction, other spaces,
// variation selectors, the letters of Hangul, Braille, Khitan and of music that are
// blank, private and unassigned code points.
func Visible(r rune) bool {
	switch r {
	case '\u2800', '\U00016FE4', '\U0001D159':
		return false
	}
	return unicode.IsPrint(r) && !unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) && !unicode.Is(unicode.Variation_Selector, r)
}

// maxMarks is how many marks may stand upon one letter (UTS #39, section 5.4). More of
// them pile up, and cover the lines above and below.
const maxMarks = 4

// piled reports whether a mark comes after count others, or upon nothing: then it would
// stand upon what is before the value.
func piled(r rune, count *int, first bool) bool {
	if !unicode.In(r, unicode.Mn, unicode.Me) {
		*count = 0
		return false
	}
	*count++
	return first || *count > maxMarks
}

func validKey(k string) bool {
	for i := range len(k) {
		c := k[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c != '-' || i == 0 || i == len(k)-1) {
			return false
		}
	}
	return k != ""
}

func malformed(format string, args ...any) error {
	return problem.New(problem.Invalid, "canon.text", "this text cannot be read: "+format, args...)
}
