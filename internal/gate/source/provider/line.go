package provider

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
	"unicode/utf8"

	"counterseal/internal/scope"
)

// Version is that of the protocol.
const Version = 1

const (
	maxID     = 512
	maxName   = 4096
	maxPeople = 1000
	maxGaps   = 100_000
	maxSize   = 1 << 40
)

// A line is what the program says: one of these.
type line struct {
	hello   *greeting
	item    *announcement
	gap     *gapLine
	end     *totals
	fail    *failure
	unknown bool
}

type greeting struct {
	version int64
	service string
}

type announcement struct {
	id, account, category string
	name, filename        string
	received, sent        time.Time // zero where it is null
	people                []string
	size                  int64
	digest                []byte
}

type gapLine struct{ place, reason string }

type totals struct{ items, gaps int64 }

type failure struct{ code, says string }

// parse reads one line, strictly: an object of one key whose value is an object with
// exactly the keys that it has, each once. encoding/json alone lets the last of two
// win, and does not look at their case.
func parse(text []byte) (l line, err error) {
	kind, body, err := single(text)
	if err != nil {
		return l, err
	}
	switch kind {
	case "hello":
		l.hello = &greeting{}
		err = read(body, fields{"version": number(&l.hello.version), "service": str(&l.hello.service, 40)})
	case "item":
		l.item, err = readItem(body)
	case "gap":
		l.gap = &gapLine{}
		err = read(body, fields{"place": str(&l.gap.place, maxName), "reason": str(&l.gap.reason, 40)})
		if err == nil && !word(l.gap.reason) {
			err = errors.New("a reason is a word of a–z, 0–9 and _")
		}
	case "end":
		l.end = &totals{}
		err = read(body, fields{"items": number(&l.end.items), "gaps": number(&l.end.gaps)})
	case "fail":
		l.fail = &failure{}
		err = read(body, fields{"code": str(&l.fail.code, 40), "says": str(&l.fail.says, 1000)})
	case "unknown":
		l.unknown = true
		err = read(body, fields{})
	default:
		err = fmt.Errorf("a line of the kind %.40q", kind)
	}
	return l, err
}

func readItem(body json.RawMessage) (*announcement, error) {
	a := &announcement{}
	digest := ""
	err := read(body, fields{"id": str(&a.id, maxID), "account": str(&a.account, 64), "category": str(&a.category, 40), "name": str(&a.name, maxName), "filename": str(&a.filename, maxName),
		"received": moment(&a.received), "sent": moment(&a.sent), "participants": texts(&a.people), "size": number(&a.size), "sha256": str(&digest, 64)})
	if err != nil {
		return nil, err
	}
	a.digest, err = hex.DecodeString(digest)
	switch {
	case err != nil || len(a.digest) != 32:
		return nil, errors.New("a digest is 64 hexadecimal digits")
	case a.id == "" || a.size > maxSize:
		return nil, errors.New("an item has an id, and at most 2^40 bytes")
	}
	return a, nil
}

// word reports whether a text is a stable word.
func word(s string) bool {
	for _, c := range []byte(s) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return s != ""
}

// fields says how each key of an object is read.
type fields map[string]func(json.RawMessage) error

// single reads an object with one key.
func single(text []byte) (kind string, body json.RawMessage, err error) {
	if !utf8.Valid(text) {
		return "", nil, errors.New("a line that is not UTF-8")
	}
	err = each(text, func(key string, value json.RawMessage) error {
		if kind != "" {
			return errors.New("a line of two kinds")
		}
		kind, body = key, bytes.Clone(value)
		return nil
	})
	if err == nil && kind == "" {
		err = errors.New("a line of no kind")
	}
	return kind, body, err
}

// read reads an object that has exactly these keys.
func read(body json.RawMessage, want fields) error {
	seen := 0
	err := each(body, func(key string, value json.RawMessage) error {
		f, ok := want[key]
		if !ok {
			return fmt.Errorf("key %.40q, which is none or stands twice", key)
		}
		delete(want, key)
		seen++
		err := f(value)
		if err != nil {
			return fmt.Errorf("key %q: %w", key, err)
		}
		return nil
	})
	if err == nil && len(want) > 0 {
		err = fmt.Errorf("%d keys are missing", len(want))
	}
	return err
}

// each goes through an object's keys.
func each(text []byte, key func(string, json.RawMessage) error) error {
	d := json.NewDecoder(bytes.NewReader(text))
	t, err := d.Token()
	if err != nil || t != json.Delim('{') {
		return errors.New("no object")
	}
	for d.More() {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			return errors.New("no object")
		}
		var value json.RawMessage
		err = d.Decode(&value)
		if err != nil {
			return errors.New("no value")
		}
		err = key(name, value)
		if err != nil {
			return err
		}
	}
	if t, err := d.Token(); err != nil || t != json.Delim('}') {
		return errors.New("no object")
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something after an object")
	}
	return nil
}

func str(to *string, most int) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		if len(raw) == 0 || raw[0] != '"' || json.Unmarshal(raw, to) != nil || len(*to) > most {
			return fmt.Errorf("no text of at most %d bytes", most)
		}
		return nil
	}
}

func number(to *int64) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		if len(raw) == 0 || raw[0] < '0' || raw[0] > '9' || json.Unmarshal(raw, to) != nil {
			return errors.New("no whole number from 0 on")
		}
		return nil
	}
}

// moment reads RFC 3339, or null.
func moment(to *time.Time) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		if string(raw) == "null" {
			return nil
		}
		text := ""
		err := str(&text, 40)(raw)
		if err != nil {
			return err
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil || at.Unix() < 0 || at.UTC().Year() >= 2100 {
			return errors.New("no time of RFC 3339 from 1970 to 2099, and not null")
		}
		*to = at.UTC()
		return nil
	}
}

// texts reads a list of addresses, in the form in which they are compared.
func texts(to *[]string) func(json.RawMessage) error {
	return func(raw json.RawMessage) error {
		var list []*string
		if len(raw) == 0 || raw[0] != '[' || json.Unmarshal(raw, &list) != nil || len(list) > maxPeople {
			return fmt.Errorf("no list of at most %d texts", maxPeople)
		}
		*to = make([]string, 0, len(list))
		for _, s := range list {
			if s == nil {
				return errors.New("null in a list")
			}
			n, err := scope.NormalAddress(*s)
			if err != nil {
				return errors.New("an address that cannot be compared")
			}
			*to = append(*to, n)
		}
		return nil
	}
}
