package scope

import (
	"bytes"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// header opens the canonical text; the version changes with any change of meaning.
const header = "counterseal-scope-v1\n"

// MaxText bounds what Parse reads.
const MaxText = 4 << 20

// Bytes returns the canonical text: the header line, then one line for each
// selector in byte order, each ended by a line feed. Its fields are named, in
// fixed order and separated by one space:
//
//	select account=… service=… category=… from=… until=… basis=… [participants=a,b] [items=x,y]
//
// Times are RFC 3339 in UTC with whole seconds. See testdata/vectors.txt.
func (s Scope) Bytes() []byte { return bytes.Clone(s.canonical) }

// Lines returns the selector lines without the header, for texts that embed a scope.
func (s Scope) Lines() []string {
	out := make([]string, len(s.selectors))
	for i, sel := range s.selectors {
		out[i] = sel.line()
	}
	return out
}

func (s Selector) line() string {
	var b strings.Builder
	b.WriteString("select account=" + string(s.Account) + " service=" + string(s.Service) + " category=" + string(s.Category))
	b.WriteString(" from=" + s.From.Format(time.RFC3339) + " until=" + s.Until.Format(time.RFC3339) + " basis=" + string(s.Basis))
	if len(s.Participants) > 0 {
		b.WriteString(" participants=" + strings.Join(s.Participants, ","))
	}
	if len(s.Items) > 0 {
		b.WriteString(" items=" + strings.Join(s.Items, ","))
	}
	return b.String()
}

// Parse reads the canonical text and accepts it only if encoding the result
// again gives the same bytes. Codes: scope.text, and those of New.
func Parse(text []byte) (Scope, error) {
	if len(text) > MaxText {
		return Scope{}, tooLong()
	}
	body, ok := strings.CutPrefix(string(text), header)
	if !ok || !strings.HasSuffix(body, "\n") {
		return Scope{}, notCanonical("first and last line")
	}
	s, err := ParseLines(strings.Split(strings.TrimSuffix(body, "\n"), "\n"))
	if err != nil {
		return Scope{}, err
	}
	if !bytes.Equal(s.canonical, text) {
		return Scope{}, notCanonical("order or repetition of lines")
	}
	return s, nil
}

// ParseLines reads selector lines as Lines gives them: canonical each, in order,
// none twice.
func ParseLines(lines []string) (Scope, error) {
	if len(lines) > MaxSelectors {
		return Scope{}, problem.New(problem.Invalid, "scope.too_large", "a scope holds at most %d selectors, not %d", MaxSelectors, len(lines))
	}
	var selectors []Selector
	for _, line := range lines {
		sel, err := parseLine(line)
		if err != nil {
			return Scope{}, err
		}
		selectors = append(selectors, sel)
	}
	s, err := New(selectors...)
	if err != nil {
		return Scope{}, err
	}
	if strings.Join(s.Lines(), "\n") != strings.Join(lines, "\n") {
		return Scope{}, notCanonical("order or repetition of lines")
	}
	return s, nil
}

func parseLine(line string) (Selector, error) {
	fields := strings.Split(line, " ")
	if len(fields) < 7 || fields[0] != "select" {
		return Selector{}, notCanonical("a line that is no selector")
	}
	var s Selector
	for _, f := range fields[1:] {
		key, value, ok := strings.Cut(f, "=")
		if !ok {
			return Selector{}, notCanonical("a field without a value")
		}
		switch key {
		case "account":
			s.Account = AccountID(value)
		case "service":
			s.Service = Service(value)
		case "category":
			s.Category = Category(value)
		case "basis":
			s.Basis = Basis(value)
		case "from", "until":
			t, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return Selector{}, notCanonical("time " + key)
			}
			if key == "from" {
				s.From = t
			} else {
				s.Until = t
			}
		case "participants":
			s.Participants = strings.Split(value, ",")
		case "items":
			s.Items = strings.Split(value, ",")
		default:
			return Selector{}, notCanonical("an unknown field")
		}
	}
	c, err := s.canonical()
	if err != nil {
		return Selector{}, err
	}
	if c.line() != line {
		return Selector{}, notCanonical("a field out of form or place")
	}
	return c, nil
}

func notCanonical(what string) error {
	return problem.New(problem.Invalid, "scope.text", "this is not a scope in canonical form").At("%s", what)
}
