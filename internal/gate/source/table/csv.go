package table

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"counterseal/internal/gate/source/rooted"
	"counterseal/internal/problem"
)

const readAhead = 256 << 10

// bounded refuses to read on when the reader has not come to the end of a row
// for too long: a quotation mark that is never closed would take the whole file
// into memory.
type bounded struct {
	r     io.Reader
	given int64
	row   int64 // offset at which the present row begins
}

var errLongRow = errors.New("a row is longer than a mebibyte")

func (b *bounded) Read(p []byte) (int, error) {
	if b.given-b.row > maxRow+readAhead {
		return 0, errLongRow
	}
	n, err := b.r.Read(p)
	b.given += int64(n)
	return n, err
}

// header begins a CSV and finds the wanted columns in its first row. A byte order
// mark, which spreadsheets write, is passed over.
func (s *Store) header(name string, f io.Reader) (r *csv.Reader, at []int, err error) {
	b := bufio.NewReaderSize(f, readAhead)
	mark, err := b.Peek(3)
	if err == nil && string(mark) == "\ufeff" {
		_, err = b.Discard(3)
	}
	if err != nil && err != io.EOF {
		return nil, nil, err
	}
	r = csv.NewReader(b)
	r.Comma, r.ReuseRecord = s.cfg.Separator, true
	first, err := r.Read()
	if err != nil {
		return nil, nil, s.broken(name, r, err)
	}
	for _, c := range s.columns {
		i := slices.Index(first, c)
		if i < 0 || slices.Contains(first[i+1:], c) {
			return nil, nil, noColumn(name, c)
		}
		at = append(at, i)
	}
	return r, at, nil
}

func (s *Store) csv(ctx context.Context, name string, f io.Reader, row func(*Row) error) error {
	b := &bounded{r: f}
	r, at, err := s.header(name, b)
	if err != nil {
		return err
	}
	out := Row{File: name, Cells: make([]string, len(at))}
	cells := out.Cells
	for {
		err := ctx.Err()
		if err != nil {
			return err
		}
		b.row = r.InputOffset()
		record, err := r.Read()
		if err == io.EOF {
			return nil
		}
		out.Cells, out.Bad = cells, ""
		if errors.Is(err, csv.ErrFieldCount) {
			out.Cells, out.Bad = nil, badColumns
		} else if err != nil {
			return s.broken(name, r, err)
		} else if !pick(cells, record, at) {
			out.Cells, out.Bad = nil, badText
		}
		line, _ := r.FieldPos(0)
		out.Line = int64(line)
		err = row(&out)
		if err != nil {
			return err
		}
	}
}

// pick takes the wanted cells of a record; false means that one is not UTF-8.
func pick(cells, record []string, at []int) bool {
	for i, from := range at {
		cells[i] = record[from]
		if !utf8.ValidString(cells[i]) {
			return false
		}
	}
	return true
}

// broken says why a CSV cannot be read on.
func (s *Store) broken(name string, r *csv.Reader, err error) error {
	var p *csv.ParseError
	switch {
	case err == io.EOF:
		return noColumn(name, strings.Join(s.columns[:1], ""))
	case errors.Is(err, errLongRow):
		return malformed(name, 0, "a row is longer than a mebibyte, or a quotation mark is not closed")
	case errors.As(err, &p):
		return malformed(name, int64(p.StartLine), "its quotation marks do not pair")
	case problem.Code(err) != "internal.unexpected":
		return err
	}
	return rooted.Unreadable(name, err)
}
