package table

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// Lines calls line for each line of r, without its line feed, up to a mebibyte
// each; of a longer one, long is true and the line is empty. It stops at the
// first error of the callback, which it returns.
func Lines(ctx context.Context, r io.Reader, line func(n int64, text []byte, long bool) error) error {
	b := bufio.NewReaderSize(r, readAhead)
	var text []byte
	long := false
	for n := int64(1); ; {
		part, err := b.ReadSlice('\n')
		if len(text)+len(part) > maxRow+1 {
			text, long = text[:0], true
		}
		if !long {
			text = append(text, part...)
		}
		if err == bufio.ErrBufferFull {
			continue
		}
		if err != nil && err != io.EOF {
			return err
		}
		if len(text) > 0 || long {
			stop := ctx.Err()
			if stop == nil {
				stop = line(n, bytes.TrimSuffix(text, []byte("\n")), long)
			}
			if stop != nil {
				return stop
			}
		}
		if err == io.EOF {
			return ctx.Err()
		}
		text, long = text[:0], false
		n++
	}
}

func (s *Store) jsonl(ctx context.Context, name string, f io.Reader, row func(*Row) error) error {
	o := newObject(s.columns)
	return Lines(ctx, f, func(n int64, text []byte, long bool) error {
		if len(bytes.TrimSpace(text)) == 0 && !long {
			return nil
		}
		out := Row{File: name, Line: n}
		if long {
			out.Bad = badLong
		} else {
			out.Cells, out.Bad = o.read(text)
		}
		return row(&out)
	})
}

// object reads JSON objects into the cells of wanted columns.
type object struct {
	place map[string]int
	cells []string
	keys  map[string]bool
}

func newObject(columns []string) *object {
	o := &object{place: map[string]int{}, cells: make([]string, len(columns)), keys: map[string]bool{}}
	for i, c := range columns {
		o.place[c] = i
	}
	return o
}

// read gives the cells of one object, or why there are none. Keys are compared
// byte by byte; encoding/json alone would let the last of two keys win, and put
// U+FFFD where a surrogate has no second half.
func (o *object) read(text []byte) (cells []string, bad string) {
	if !utf8.Valid(text) {
		return nil, badText
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	clear(o.keys)
	clear(o.cells)
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return nil, badForm
	}
	for d.More() {
		t, err := d.Token()
		key, ok := t.(string)
		if err != nil || !ok || o.keys[key] {
			return nil, badForm
		}
		o.keys[key] = true
		var value json.RawMessage
		err = d.Decode(&value)
		if err != nil {
			return nil, badForm
		}
		i, wanted := o.place[key]
		if !wanted {
			continue
		}
		o.cells[i], bad = scalar(value)
		if bad != "" {
			return nil, bad
		}
	}
	if _, err := d.Token(); err != nil {
		return nil, badForm
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, badForm
	}
	return o.cells, ""
}

// scalar gives the text of a JSON value.
func scalar(value json.RawMessage) (text, bad string) {
	switch value[0] {
	case '{', '[':
		return "", badNested
	case 'n':
		return "", ""
	case '"':
		err := json.Unmarshal(value, &text)
		if err != nil {
			return "", badForm
		}
		if strings.ContainsRune(text, utf8.RuneError) && lostSurrogate(value) {
			return "", badText
		}
		return text, ""
	}
	return string(value), "" // a number, true or false, as it is written
}

// lostSurrogate reports whether a string literal has an escaped surrogate that is
// no half of a pair.
func lostSurrogate(lit []byte) bool {
	for i := 0; i < len(lit); i++ {
		if lit[i] != '\\' {
			continue
		}
		i++
		if lit[i] != 'u' {
			continue
		}
		switch hi := hex4(lit[i+1:]); {
		case hi >= 0xdc00 && hi <= 0xdfff:
			return true
		case hi >= 0xd800 && hi <= 0xdbff:
			rest := lit[i+5:]
			if len(rest) < 6 || rest[0] != '\\' || rest[1] != 'u' || hex4(rest[2:]) < 0xdc00 || hex4(rest[2:]) > 0xdfff {
				return true
			}
			i += 6
		}
		i += 4
	}
	return false
}

// hex4 reads four hexadecimal digits of a literal that was found valid.
func hex4(b []byte) (n int) {
	for _, c := range b[:4] {
		n = n<<4 | strings.IndexByte("0123456789abcdef", c|0x20)
	}
	return n
}
