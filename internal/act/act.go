package act

import (
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Act is one thing that staff can do.
type Act struct {
	Name   string
	On     demand.Stream // the stream that it is done on
	From   demand.Stream // the page that offers it
	Begins bool          // it begins the stream that it is done on
	Seats  []string      // any of them
	Fields []Field
	build  func(*reader) demand.Command
}

// All lists every act, in the order in which pages offer them.
func All() []Act {
	return slices.Concat(demandActs, paperActs, deadlineActs, deskActs, contestActs, secrecyActs, caseActs)
}

// Find gives an act by its name.
func Find(name string) (Act, bool) {
	all := All()
	i := slices.IndexFunc(all, func(a Act) bool { return a.Name == name })
	if i < 0 {
		return Act{}, false
	}
	return all[i], true
}

// Offered lists the acts of a page.
func Offered(from demand.Stream) []Act {
	return slices.DeleteFunc(All(), func(a Act) bool { return a.From != from })
}

// Target is the field that names the stream of an act that is offered on another
// stream's page and begins none; "" where the page says which it is: its own, or
// the notes about its demand.
func (a Act) Target() string {
	if a.Begins || a.On == a.From || a.On == demand.NotesStream {
		return ""
	}
	return string(a.On)
}

// Command reads the input into the command that does the act. Codes: act.unknown,
// act.missing, act.field, act.choice, act.day, act.lines, and those of calendar.
func (a Act) Command(in Input) (demand.Command, error) {
	if err := a.check(in); err != nil {
		return nil, err
	}
	r := &reader{in: in}
	c := a.build(r)
	return c, r.err
}

func (a Act) check(in Input) error {
	for name := range in.Values {
		if name != a.Target() && !slices.ContainsFunc(a.Fields, func(f Field) bool { return f.Name == name }) {
			return problem.New(problem.Invalid, "act.unknown", "this act has no such field").At("%.40q", name)
		}
	}
	for _, f := range a.Fields {
		v := in.get(f.Name)
		if v == "" && f.Required {
			return problem.New(problem.Invalid, "act.missing", "this has to be stated").At("%s", f.Name)
		}
		if len(f.Choices) == 0 || v == "" {
			continue
		}
		for _, x := range in.Values[f.Name] {
			if f.Kind == Choice && !slices.Contains(f.Choices, x) {
				return problem.New(problem.Invalid, "act.choice", "there is no such choice").At("%s: %.40q", f.Name, x).Fix("one of %s", strings.Join(f.Choices, ", "))
			}
		}
	}
	return nil
}

func need(name string, k Kind, choices ...string) Field {
	return Field{Name: name, Kind: k, Required: true, Choices: choices}
}

func may(name string, k Kind, choices ...string) Field {
	return Field{Name: name, Kind: k, Choices: choices}
}

// of turns the values of a string type into choices.
func of[S ~string](list []S) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = string(x)
	}
	return out
}

// NeedsPage tells the acts that are about the stream whose page offers them; a
// matter or a sealed case can be opened before any demand is in it.
func (a Act) NeedsPage() bool {
	return !a.Begins || a.On == demand.ContestStream || a.On == demand.SecrecyStream
}
