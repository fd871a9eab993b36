package authority

import (
	"bytes"
	"reflect"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"counterseal/internal/problem"
)

// Flagged gives an agencies file with one flag more on an agency, everything else in
// it as it stood, comments too, and the register that it states. Codes: those of
// Parse and With; authority.form where the file does not write each agency under
// a [[agency]] of its own.
func Flagged(text []byte, agency string, f Flag) ([]byte, *Register, error) {
	before, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	f.At, f.Lifted = f.At.UTC(), f.Lifted.UTC()
	want, err := before.With(agency, f)
	if err != nil {
		return nil, nil, err
	}
	row, err := toml.Marshal(struct {
		Mailbox string `toml:"mailbox"`
		By      string `toml:"by"`
		Why     string `toml:"why"`
	}{Mailbox: f.Mailbox, By: f.By, Why: f.Why})
	if err != nil {
		return nil, nil, problem.New(problem.Invalid, "authority.flag", "the flag cannot be written").Because(err)
	}
	out := insert(text, before.byID[agency], "\n[[agency.flag]]\nat = "+f.At.Format("2006-01-02T15:04:05Z")+"\n"+string(row))
	after, err := Parse(out)
	if err != nil || !reflect.DeepEqual(after.agencies, want.agencies) {
		return nil, nil, problem.New(problem.Invalid, "authority.form", "a flag can be added where each agency stands under a [[agency]] of its own").At("%.64q", agency).
			Fix("write the flag into agencies.toml by hand").Because(err)
	}
	return out, after, nil
}

// insert puts a table behind everything that belongs to the agency of this place in
// the file: before the blank and comment lines that lead to the next one.
func insert(text []byte, agency int, table string) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	seen, end := -1, len(lines)
	for i, line := range lines {
		head, _, _ := strings.Cut(line, "#")
		if strings.TrimSpace(head) != "[[agency]]" {
			continue
		}
		if seen++; seen == agency+1 {
			end = i
			break
		}
	}
	for end > 0 {
		s := strings.TrimSpace(lines[end-1])
		if s != "" && s[0] != '#' {
			break
		}
		end--
	}
	var out bytes.Buffer
	for _, line := range lines[:end] {
		out.WriteString(line)
	}
	if b := out.Bytes(); len(b) > 0 && b[len(b)-1] != '\n' {
		out.WriteByte('\n')
	}
	out.WriteString(table)
	for _, line := range lines[end:] {
		out.WriteString(line)
	}
	return out.Bytes()
}
