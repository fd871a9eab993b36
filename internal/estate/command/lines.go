package command

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf8"

	"counterseal/internal/estate"
	"counterseal/internal/problem"
)

// MaxLine and MaxOutput bound what a program prints, in bytes.
const (
	MaxLine   = 64 << 10
	MaxOutput = 2 << 30
)

// Lines reads a map that was printed as JSON lines, to its end line. Codes:
// estate.lines and those of estate.Tables.Add, with the line.
func Lines(r io.Reader) (estate.Tables, error) {
	var t estate.Tables
	in := bufio.NewScanner(io.LimitReader(r, MaxOutput))
	in.Buffer(make([]byte, 64<<10), MaxLine)
	rows, ended := int64(0), false
	for n := 1; in.Scan(); n++ {
		if ended {
			return estate.Tables{}, badLine("something follows the end").At("line %d", n)
		}
		table, fields, err := line(in.Bytes())
		if err != nil {
			return estate.Tables{}, badLine("a line is one flat JSON object with each field once").At("line %d", n).Because(err)
		}
		if table == "end" {
			if len(fields) != 1 || fields["rows"] != rows {
				return estate.Tables{}, badLine("the last line says how many rows came before it").At("line %d", n)
			}
			ended = true
			continue
		}
		if err := t.Add(table, fields); err != nil {
			return estate.Tables{}, problem.Of(err).At("line %d: %s", n, problem.Of(err).Field)
		}
		rows++
	}
	if err := in.Err(); err != nil {
		return estate.Tables{}, badLine("a line is longer than 65536 bytes, or the output broke off").Because(err)
	}
	if !ended {
		return estate.Tables{}, badLine("it ends without its last line").Fix(`print {"row":"end","rows":N} last, N being the number of rows`)
	}
	return t, nil
}

func badLine(says string) *problem.Error {
	return problem.New(problem.Invalid, "estate.lines", "what the program printed cannot be taken: %s", says)
}

var errForm = errors.New("not a flat object")

// line reads one object. Package json by itself would take a field twice, in any
// case, and mend bytes that are no text.
func line(text []byte) (table string, fields map[string]any, err error) {
	if !utf8.Valid(text) {
		return "", nil, errForm
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return "", nil, errForm
	}
	fields = map[string]any{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return "", nil, err
		}
		key, _ := name.(string)
		if _, twice := fields[key]; twice {
			return "", nil, errForm
		}
		fields[key], err = value(d)
		if err != nil {
			return "", nil, err
		}
	}
	if _, err := d.Token(); err != nil { // the closing brace
		return "", nil, err
	}
	if _, err := d.Token(); err != io.EOF {
		return "", nil, errForm
	}
	table, ok := fields["row"].(string)
	if !ok {
		return "", nil, errForm
	}
	delete(fields, "row")
	return table, fields, nil
}

func value(d *json.Decoder) (any, error) {
	tok, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch v := tok.(type) {
	case string, nil:
		return v, nil
	case json.Number:
		return v.Int64()
	case json.Delim:
		if v == '[' {
			return words(d)
		}
	}
	return nil, errForm
}

func words(d *json.Decoder) ([]string, error) {
	list := []string{}
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return nil, err
		}
		w, ok := tok.(string)
		if !ok || len(list) == 256 {
			return nil, errForm
		}
		list = append(list, w)
	}
	_, err := d.Token()
	return list, err
}
