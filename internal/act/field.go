package act

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/calendar"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Kind is what a field takes.
type Kind string

const (
	Line     Kind = "line"     // a short text
	Text     Kind = "text"     // a long one
	Day      Kind = "day"      // 2026-09-18; its first moment in the input's zone
	LastDay  Kind = "last_day" // 2026-09-18; the first moment after it in the input's zone
	Moment   Kind = "moment"   // 2026-09-18 17:00 in the input's zone, or with an offset
	Choice   Kind = "choice"
	Yes      Kind = "yes" // stated or not
	Number   Kind = "number"
	Numbers  Kind = "numbers"  // 1,2,5
	Words    Kind = "words"    // a list, parted by commas
	Accounts Kind = "accounts" // account ids, parted by commas
	Streams  Kind = "streams"  // ids of demands, contests or duties, parted by commas
	Lines    Kind = "lines"    // lines of the demand: all that they ask or, once decided, give
	Document Kind = "document" // a file; its SHA-256 once it is kept
)

// Field is one thing that an act takes.
type Field struct {
	Name     string
	Kind     Kind
	Required bool
	Choices  []string
}

// Input is what somebody stated for an act. Values hold the texts by the names of
// fields.
type Input struct {
	Values map[string][]string
	Zone   *time.Location
	NewID  demand.ID // for acts that begin a stream

	// State is the stream that the act is done on; Page the one from which it is
	// offered. They differ where a demand's page opens a contest about it.
	State, Page *demand.State
}

func (in Input) get(name string) string {
	if v := in.Values[name]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

// reader collects the first problem, so that an act reads its fields in one go.
type reader struct {
	in  Input
	err error
}

func (r *reader) fail(p *problem.Error) {
	if r.err == nil {
		r.err = p
	}
}

func (r *reader) text(name string) string { return r.in.get(name) }

func (r *reader) yes(name string) bool {
	switch v := r.in.get(name); v {
	case "", "false", "no":
		return false
	case "true", "yes", "on":
		return true
	default:
		r.fail(problem.New(problem.Invalid, "act.choice", "this is stated with yes or not at all").At("%s", name).Fix("write yes, or leave it out"))
		return false
	}
}

func (r *reader) number(name string) int {
	s := r.in.get(name)
	if s == "" {
		return 0
	}
	n, err := strconv.ParseUint(s, 10, 31)
	if err != nil {
		r.fail(problem.New(problem.Invalid, "act.field", "this is no number").At("%s", name).Fix("write a whole number from 0 on"))
	}
	return int(n)
}

func (r *reader) list(name string) []string {
	var out []string
	for _, v := range r.in.Values[name] {
		for _, x := range strings.Split(v, ",") {
			if x = strings.TrimSpace(x); x != "" {
				out = append(out, x)
			}
		}
	}
	return out
}

func (r *reader) numbers(name string) []int {
	var out []int
	for _, x := range r.list(name) {
		n, err := strconv.ParseUint(x, 10, 31)
		if err != nil {
			r.fail(problem.New(problem.Invalid, "act.field", "this is no list of numbers").At("%s", name).Fix("write, for example, 1,2,5"))
			return nil
		}
		out = append(out, int(n))
	}
	return out
}

func (r *reader) accounts(name string) []scope.AccountID {
	var out []scope.AccountID
	for _, x := range r.list(name) {
		out = append(out, scope.AccountID(x))
	}
	return out
}

func (r *reader) streams(name string) []demand.ID {
	var out []demand.ID
	for _, x := range r.list(name) {
		out = append(out, demand.ID(x))
	}
	return out
}

func (r *reader) digest(name string) (d demand.Digest) {
	s := r.in.get(name)
	if s == "" {
		return d
	}
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) {
		r.fail(problem.New(problem.Invalid, "act.field", "this is no document that was kept").At("%s", name).Fix("add the file"))
		return d
	}
	copy(d[:], b)
	return d
}

func (r *reader) bad(name, fix string) {
	r.fail(problem.New(problem.Invalid, "act.day", "this is no day or time").At("%s", name).Fix("%s", fix))
}

const (
	dayFix     = "write a day such as 2026-09-18"
	lastDayFix = "write a day such as 2026-09-18: all of it counts"
	momentFix  = "write a day or a time, such as 2026-09-18, 2026-09-18 17:00 or 2026-09-18T17:00:00+02:00"
)

// day is its first moment, zero where none is stated.
func (r *reader) day(name string) time.Time {
	s := r.in.get(name)
	if s == "" {
		return time.Time{}
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		r.bad(name, dayFix)
		return time.Time{}
	}
	return r.at(name, d, 0, 0, 0, calendar.Earlier)
}

// lastDay is the first moment after a day: what ends on it stands all day long.
func (r *reader) lastDay(name string, side calendar.Side) time.Time {
	s := r.in.get(name)
	if s == "" {
		return time.Time{}
	}
	d, err := calendar.ParseDay(s)
	if err != nil {
		return r.written(name, s, side, lastDayFix)
	}
	return r.at(name, d, 24, 0, 0, side)
}

func (r *reader) moment(name string) time.Time { return r.momentAt(name, calendar.Later) }

func (r *reader) momentAt(name string, side calendar.Side) time.Time {
	s := r.in.get(name)
	if s == "" {
		return time.Time{}
	}
	return r.written(name, s, side, momentFix)
}

// written reads a time; fix is the form that its field is there for.
func (r *reader) written(name, s string, side calendar.Side, fix string) time.Time {
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t.UTC()
	}
	for _, form := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04", time.DateOnly} {
		t, err := time.Parse(form, s)
		if err == nil {
			return r.at(name, calendar.DayOf(t), t.Hour(), t.Minute(), t.Second(), side)
		}
	}
	r.bad(name, fix)
	return time.Time{}
}

func (r *reader) at(name string, d calendar.Day, hour, minute, second int, side calendar.Side) time.Time {
	t, err := calendar.At(d, hour, minute, second, r.in.Zone, side)
	if err != nil {
		r.fail(problem.Of(err).At("%s", name))
	}
	return t.UTC()
}

// part is what the stated lines of the page's demand ask or, once decided, give.
func (r *reader) part(name string) scope.Scope {
	sc, err := PartOf(r.in.Page, r.numbers(name))
	if p := problem.Of(err); p != nil {
		r.fail(p.At("%s", strings.TrimSuffix(name+": "+p.Field, ": ")))
	}
	return sc
}

// PartOf is the part of a demand that lines stand for: what they give where that
// was decided, and otherwise all that they ask. Codes: act.missing, act.lines,
// demand.line.
func PartOf(s *demand.State, lines []int) (scope.Scope, error) {
	var all []scope.Selector
	for _, no := range lines {
		i := no - 1
		if i < 0 || i >= len(s.Lines) {
			return scope.Scope{}, problem.New(problem.Missing, "demand.line", "the demand has no such line").At("line %d", no)
		}
		part := s.Lines[i].Part
		if part.Empty() {
			asked, some := s.Asked(no)
			if !some {
				return scope.Scope{}, problem.New(problem.Refused, "act.lines", "nobody has said yet which account this line is about").At("line %d", no)
			}
			part = asked
		}
		all = append(all, part.Selectors()...)
	}
	if len(all) == 0 {
		return scope.Scope{}, problem.New(problem.Invalid, "act.missing", "name the lines that it is about").Fix("write, for example, 1,2")
	}
	return scope.New(all...)
}
