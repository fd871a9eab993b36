// Package record is the gate's own history: a file that only grows, one line
// for each step, each chained to the one before and on the disk before Append
// returns.
//
// Its words. The *head* is the chain's value after the last line; whoever knows
// a head knows the whole history before it. A line is
//
//	<head after it, 64 hex digits> <JSON object> LF
//	head[0] = SHA-256("counterseal-gate-record-v1\n" || name)
//	head[n] = SHA-256(head[n-1] || JSON)
//
// Its promises. A last line without its line feed is what a crash leaves; it is
// cut off. Anything else that does not fit is gate.record_damaged, and nothing
// repairs it. After a failed write nothing more is written, because what is on
// the disk is then unknown.
//
// It imports the standard library and problem.
package record

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"counterseal/internal/problem"
)

const domain = "counterseal-gate-record-v1\n"

// MaxLine bounds a line in bytes.
const MaxLine = 4 << 20

// Broken reports that a line could not be written: whether it is on the disk, only
// reading the file anew can tell.
func (r *Record) Broken() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.broken != nil
}

// Head is the chain's value.
type Head [sha256.Size]byte

func (h Head) String() string { return hex.EncodeToString(h[:]) }

// Line is one step. Before is the head that it follows.
type Line struct {
	Before Head            `json:"-"`
	At     time.Time       `json:"at"` // UTC, whole milliseconds
	Kind   string          `json:"kind"`
	Body   json.RawMessage `json:"body"`
}

// Record is an open history. Safe for concurrent use.
type Record struct {
	mu     sync.Mutex
	file   *os.File
	head   Head
	broken error
}

// Open reads the file at path, calling visit for each line in order, and is
// ready to append. A missing file is made; fresh says so. Codes:
// gate.record_damaged, gate.damaged (the folder cannot be read or written), and
// what visit returns.
func Open(path, name string, visit func(Line) error) (r *Record, fresh bool, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, unusable(err)
	}
	r = &Record{file: f}
	size, err := r.read(name, visit)
	if err != nil {
		f.Close()
		return nil, false, err
	}
	err = r.settle(path, size)
	if err != nil {
		f.Close()
		return nil, false, unusable(err)
	}
	return r, size == 0, nil
}

func (r *Record) read(name string, visit func(Line) error) (int64, error) {
	head, size, err := Read(r.file, name, visit)
	r.head = head
	return size, err
}

// settle cuts a torn last line off and makes the file's name durable.
func (r *Record) settle(path string, size int64) error {
	info, err := r.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != size {
		err = r.file.Truncate(size)
		if err != nil {
			return err
		}
	}
	err = r.file.Sync()
	if err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// Read checks a history and returns its head and the bytes up to the end of the
// last whole line. Code: gate.record_damaged.
func Read(from io.Reader, name string, visit func(Line) error) (Head, int64, error) {
	head := Head(sha256.Sum256([]byte(domain + name)))
	br := bufio.NewReaderSize(from, 64<<10)
	var size int64
	for n := 1; ; n++ {
		raw, err := readLine(br)
		if err == io.EOF {
			return head, size, nil
		}
		if err != nil {
			return head, size, damaged(n).Because(err)
		}
		next, line, err := parse(head, raw)
		if err != nil {
			return head, size, damaged(n).Because(err)
		}
		if err := visit(line); err != nil {
			return head, size, err
		}
		head = next
		size += int64(len(raw))
	}
}

// readLine gives a line with its line feed; io.EOF where none is whole.
func readLine(br *bufio.Reader) ([]byte, error) {
	var raw []byte
	for {
		part, err := br.ReadSlice('\n')
		raw = append(raw, part...)
		switch {
		case len(raw) > MaxLine:
			return nil, errors.New("a line is too long")
		case err == bufio.ErrBufferFull:
			continue
		case err != nil:
			return nil, err
		}
		return raw, nil
	}
}

func parse(before Head, raw []byte) (Head, Line, error) {
	const hexLen = 2 * sha256.Size
	if len(raw) < hexLen+4 || raw[hexLen] != ' ' {
		return Head{}, Line{}, errors.New("a line is out of form")
	}
	text := raw[hexLen+1 : len(raw)-1]
	next := follow(before, text)
	if next.String() != string(raw[:hexLen]) {
		return Head{}, Line{}, errors.New("a line does not follow the one before")
	}
	line := Line{}
	if err := Strict(text, &line); err != nil {
		return Head{}, Line{}, err
	}
	again, err := json.Marshal(line)
	if err != nil || !bytes.Equal(again, text) {
		return Head{}, Line{}, errors.New("a line is not in its one form")
	}
	line.Before = before
	return next, line, nil
}

// Strict decodes one JSON value and refuses unknown keys and trailing bytes.
func Strict(text []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("something follows the value")
	}
	return nil
}

func follow(before Head, text []byte) Head {
	return sha256.Sum256(append(before[:], text...))
}

// Append writes a line and returns it once it is on the disk. Codes:
// gate.damaged after any failure, now or before.
func (r *Record) Append(at time.Time, kind string, body any) (Line, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return Line{}, r.broken
	}
	b, err := json.Marshal(body)
	if err != nil {
		return Line{}, unusable(err)
	}
	line := Line{Before: r.head, At: at.UTC().Truncate(time.Millisecond), Kind: kind, Body: b}
	text, err := json.Marshal(line)
	if err != nil || len(text) > MaxLine-100 {
		return Line{}, unusable(err)
	}
	next := follow(r.head, text)
	_, err = r.file.Write([]byte(next.String() + " " + string(text) + "\n"))
	if err == nil {
		err = r.file.Sync()
	}
	if err != nil {
		r.broken = unusable(err)
		return Line{}, r.broken
	}
	r.head = next
	return line, nil
}

// Head is the chain's value after the last line.
func (r *Record) Head() Head {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.head
}

// Close closes the file; later appends fail.
func (r *Record) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.broken = problem.New(problem.Unavailable, "gate.closed", "the gate is closed")
	return r.file.Close()
}

func damaged(line int) *problem.Error {
	return problem.New(problem.Unverified, "gate.record_damaged", "the gate's record is not as the gate wrote it").At("line %d", line).
		Fix("do not repair it: keep the folder for the inquiry and enrol a gate under a new id in the charter")
}

func unusable(err error) error {
	return problem.New(problem.Unavailable, "gate.damaged", "the gate's folder cannot be read or written").Because(err)
}
