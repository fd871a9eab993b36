package intake

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"

	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/fact"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// MaxForm bounds a form, in bytes.
const MaxForm = 1 << 20

// form is the shape of the TOML document.
type form struct {
	Instrument struct {
		Kind    string `toml:"kind"`
		Title   string `toml:"title"`
		Number  string `toml:"number"`
		Agency  string `toml:"agency"`
		Officer string `toml:"officer"`
		Signed  any    `toml:"signed"`
		Due     any    `toml:"due"`
		Zone    string `toml:"zone"`
	} `toml:"instrument"`
	Targets []formTarget   `toml:"target"`
	Lines   []formLine     `toml:"line"`
	Facts   map[string]any `toml:"facts"`
}

type formTarget struct {
	Kind   string `toml:"kind"`
	Stated string `toml:"stated"`
}

type formLine struct {
	Target       int64    `toml:"target"`
	Service      string   `toml:"service"`
	Category     string   `toml:"category"`
	From         any      `toml:"from"`
	Until        any      `toml:"until"`
	Zone         string   `toml:"zone"`
	Basis        string   `toml:"basis"`
	Participants []string `toml:"participants"`
}

// tables are the form's tables, how many of each it may have, and their keys;
// the keys of [facts] are the facts.
var tables = map[string]struct {
	most int
	list bool
	keys []string
	code string
}{
	"instrument": {1, false, []string{"kind", "title", "number", "agency", "officer", "signed", "due", "zone"}, "intake.toml"},
	"target":     {demand.MaxTargets, true, []string{"kind", "stated"}, "intake.targets"},
	"line":       {demand.MaxLines, true, []string{"target", "service", "category", "from", "until", "zone", "basis", "participants"}, "intake.lines"},
	"facts":      {1, false, nil, "intake.toml"},
}

const maxElements = 64 // of a list: scope.MaxParticipants, and more than any set of facts has words

// place says where a key stands: "target 3: stated" is on this line.
type place struct {
	table string
	no    int
	key   string
}

// reader reads one form; it knows its name and where everything stands.
type reader struct {
	name  string
	lines map[place]int
	count map[string]int
}

// layout walks the document once before anything is decoded. It finds the line
// of every key, and refuses what a form does not have; the decoder by itself
// would take keys in any case, and would describe each of a million unknown
// keys.
func (r *reader) layout(text []byte) error {
	p := new(unstable.Parser)
	p.Reset(text)
	lines := lineCounter{text: text}
	here := place{}
	for p.NextExpression() {
		n := p.Expression()
		line := here.line(r)
		names := []string{}
		for it := n.Key(); it.Next(); {
			names = append(names, string(it.Node().Data))
			line = lines.at(int(it.Node().Raw.Offset))
		}
		if n.Kind == unstable.Comment {
			continue
		}
		if len(names) != 1 {
			return r.bad("intake.toml", line, "", "a form has plain names only, without dots").Fix("write each key under its own table")
		}
		var err error
		if n.Kind == unstable.KeyValue {
			err = r.key(&here, names[0], n, line)
		} else {
			err = r.table(&here, names[0], n.Kind == unstable.ArrayTable, line)
		}
		if err != nil {
			return err
		}
	}
	if err := p.Error(); err != nil {
		var at *unstable.ParserError
		line := here.line(r)
		if errors.As(err, &at) && len(at.Highlight) > 0 {
			line = lines.of(at.Highlight)
		}
		return r.bad("intake.toml", line, "", "the form is not valid TOML").Fix("correct the line").Because(err)
	}
	return nil
}

func (p place) line(r *reader) int { return max(1, r.lines[p]) }

func (r *reader) table(here *place, name string, list bool, line int) error {
	t, known := tables[name]
	if !known {
		return r.bad("intake.unknown_key", line, name, "a form has no such table").Fix("use [instrument], [[target]], [[line]] and [facts]")
	}
	if t.list != list {
		return r.bad("intake.toml", line, name, "this table is written with other brackets").Fix("use [instrument], [[target]], [[line]] and [facts]")
	}
	r.count[name]++
	if r.count[name] > t.most {
		return r.bad(t.code, line, name, "a form has at most %d of these", t.most).Fix("divide the demand")
	}
	*here = place{table: name, no: r.count[name]}
	r.lines[*here] = line
	return nil
}

func (r *reader) key(here *place, name string, n *unstable.Node, line int) error {
	if here.table == "" {
		return r.bad("intake.unknown_key", line, name, "a key stands in a table").Fix("begin with [instrument]")
	}
	if _, fact := fact.Lookup(name); here.table == "facts" && !fact {
		return r.bad("intake.fact", line, "facts: "+name, "there is no such fact").Fix("see docs/facts.md for the list")
	}
	at := place{here.table, here.no, name}
	if here.table != "facts" && !has(tables[here.table].keys, name) {
		return r.bad("intake.unknown_key", line, at.field(), "a form has no such key").Fix("use %s", strings.Join(tables[here.table].keys, ", "))
	}
	if r.lines[at] > 0 {
		return r.bad("intake.toml", line, at.field(), "this is stated twice").Fix("leave one of them")
	}
	r.lines[at] = line
	v := n.Value()
	elements := 0
	for it := v.Children(); v.Kind == unstable.Array && it.Next(); {
		k := it.Node().Kind
		if elements++; elements > maxElements || k == unstable.Array || k == unstable.InlineTable {
			return r.bad("intake.toml", line, at.field(), "a list has at most %d words", maxElements).Fix("divide the demand")
		}
	}
	if v.Kind == unstable.InlineTable {
		return r.bad("intake.toml", line, at.field(), "a form has no table inside a line").Fix("write it as a table of its own")
	}
	return nil
}

func (p place) field() string {
	if tables[p.table].list {
		return fmt.Sprintf("%s %d: %s", p.table, p.no, p.key)
	}
	return p.table + ": " + p.key
}

// lineCounter turns offsets, which mostly grow, into lines without counting
// from the start each time.
type lineCounter struct {
	text         []byte
	offset, line int
}

func (l *lineCounter) at(offset int) int {
	if offset < l.offset || offset > len(l.text) {
		return l.line + 1
	}
	l.line += bytes.Count(l.text[l.offset:offset], []byte("\n"))
	l.offset = offset
	return l.line + 1
}

// of is the line of a part of the text.
func (l *lineCounter) of(part []byte) int {
	return l.at(cap(l.text) - cap(part))
}

// decode reads the values. Codes: intake.too_large, intake.utf8, intake.toml,
// intake.unknown_key, intake.fact, intake.targets, intake.lines.
func (r *reader) decode(text []byte) (form, error) {
	var f form
	if len(text) > MaxForm {
		return f, r.bad("intake.too_large", 1, "", "a form has at most %d bytes", MaxForm).Fix("divide the demand")
	}
	if !utf8.Valid(text) {
		good := len(text) - len(bytes.TrimLeftFunc(text, func(c rune) bool { return c != utf8.RuneError }))
		return f, r.bad("intake.utf8", 1+bytes.Count(text[:good], []byte("\n")), "", "a form is written in UTF-8").Fix("save it as UTF-8")
	}
	text = text[:len(text):len(text)]
	if err := r.layout(text); err != nil {
		return f, err
	}
	err := toml.NewDecoder(bytes.NewReader(text)).DisallowUnknownFields().Decode(&f)
	if err == nil {
		return f, nil
	}
	line, field := 1, ""
	var at *toml.DecodeError
	if errors.As(err, &at) {
		line, _ = at.Position()
		field = canon.Text(strings.Join(at.Key(), ": "))
	}
	return f, r.bad("intake.toml", line, field, "a value is not of the kind that this key takes").
		Fix("write words in quotes, numbers and dates without").Because(err)
}

// bad names the form, the line and the field.
func (r *reader) bad(code string, line int, field, format string, args ...any) *problem.Error {
	where := fmt.Sprintf("%s line %d", r.name, line)
	if field = canon.Text(field); field != "" {
		where += ": " + shorten(field)
	}
	return problem.New(problem.Invalid, code, format, args...).At("%s", where)
}

func (r *reader) wrong(code string, p place, format string, args ...any) *problem.Error {
	line, stated := r.lines[p]
	if !stated {
		line = place{table: p.table, no: p.no}.line(r)
	}
	return r.bad(code, line, p.field(), format, args...)
}

// display makes a file name from outside fit for a message.
func display(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	if name = shorten(canon.Text(name)); name == "" {
		return "form"
	}
	return name
}

func shorten(s string) string {
	if len(s) > 80 {
		return strings.ToValidUTF8(s[:80], "") + "…"
	}
	return s
}

func has[T ~string](list []T, s string) bool {
	for _, v := range list {
		if string(v) == s {
			return true
		}
	}
	return false
}

func join[T ~string](list []T) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return strings.Join(out, ", ")
}

var bases = []scope.Basis{scope.Received, scope.Sent}
