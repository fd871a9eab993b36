package act_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/act"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

var (
	copenhagen = mustZone("Europe/Copenhagen")
	noon       = time.Date(2026, 9, 28, 10, 0, 0, 0, time.UTC)
)

func mustZone(name string) *time.Location {
	z, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return z
}

// page is a demand of one target and one line, looked up.
func page() *demand.State {
	r := demand.Received{Channel: "mail", Original: demand.Digest{1}, Kind: demand.ForData, Instrument: demand.Instrument{Kind: "sca_warrant", Title: "Warrant", Agency: "a"}, Facts: []byte{1, 0},
		Targets: []demand.StatedTarget{{No: 1, Kind: "address", Stated: "p@example.com"}},
		Lines:   []demand.StatedLine{{No: 1, Target: 1, Service: scope.Mail, Category: scope.Content, From: noon, Until: noon.Add(48 * time.Hour), Basis: scope.Received}}}
	s := demand.NewState("k7wq-93")
	for i, e := range []demand.Event{r, demand.Resolved{Target: 1, Accounts: []scope.AccountID{"acc-one", "acc-two"}}} {
		s.Apply(demand.Recorded{Meta: demand.Meta{Seq: demand.Seq(i + 1), At: noon, By: "ann"}, Event: e})
	}
	return s
}

func shared(e demand.Event, id demand.ID) *demand.State {
	s := demand.NewState(id)
	s.Apply(demand.Recorded{Meta: demand.Meta{Seq: 1, At: noon, By: "ann"}, Event: e})
	return s
}

func stateFor(a act.Act) *demand.State {
	part, err := act.PartOf(page(), []int{1})
	if err != nil {
		panic(err)
	}
	switch a.On {
	case demand.ContestStream:
		return shared(demand.ContestOpened{ID: "c-k7wq-93", Title: "t", Against: "production", Court: "court", Filed: noon, Covers: []demand.Cover{{Demand: "k7wq-93", Reach: part.Lines()}}}, "c-k7wq-93")
	case demand.SecrecyStream:
		return shared(demand.SecrecyOpened{ID: "s-k7wq-93", Source: "order", Cite: "c", Authority: "a", Covers: []demand.Silence{{Demand: "k7wq-93", Accounts: []scope.AccountID{"acc-one", "acc-two"}}}}, "s-k7wq-93")
	}
	return page()
}

// sample is a good value of a field.
func sample(f act.Field) string {
	if len(f.Choices) > 0 {
		return f.Choices[0]
	}
	switch f.Kind {
	case act.Day, act.LastDay:
		return "2026-09-30"
	case act.Moment:
		return "2026-09-28 14:00"
	case act.Yes:
		return "yes"
	case act.Number, act.Numbers, act.Lines:
		return "1"
	case act.Accounts:
		return "acc-one"
	case act.Document:
		return strings.Repeat("ab", 32)
	case act.Streams:
		return "k7wq-93"
	}
	return "words"
}

func input(a act.Act) act.Input {
	in := act.Input{Values: map[string][]string{}, Zone: copenhagen, NewID: demand.ID(demand.Prefix(a.On) + "k7wq-93"), State: stateFor(a), Page: page()}
	for _, f := range a.Fields {
		in.Values[f.Name] = []string{sample(f)}
	}
	return in
}

func TestEveryActBuildsItsCommandAndAsksForWhatIsRequired(t *testing.T) {
	seen := map[string]bool{}
	commands := map[reflect.Type]bool{}
	for _, a := range act.All() {
		if seen[a.Name] {
			t.Errorf("%s is there twice", a.Name)
		}
		seen[a.Name] = true
		c, err := a.Command(input(a))
		if err != nil || c == nil {
			t.Errorf("%s: %v", a.Name, err)
			continue
		}
		commands[reflect.TypeOf(c)] = true
		for _, f := range a.Fields {
			if !f.Required {
				continue
			}
			in := input(a)
			delete(in.Values, f.Name)
			if _, err := a.Command(in); problem.Code(err) != "act.missing" {
				t.Errorf("%s without %s: %v", a.Name, f.Name, err)
			}
		}
		in := input(a)
		in.Values["colour"] = []string{"red"}
		if _, err := a.Command(in); problem.Code(err) != "act.unknown" {
			t.Errorf("%s with an unknown field: %v", a.Name, err)
		}
	}
	if len(commands) < 50 {
		t.Errorf("only %d commands are reached", len(commands))
	}
}

func TestWhatCannotBeReadNamesItsField(t *testing.T) {
	for _, c := range []struct{ act, field, value, code string }{
		{"contest.open", "filed", "18.9.2026", "act.day"}, {"contest.open", "filed", "2026-02-30", "act.day"}, {"contest.open", "against", "everything", "act.choice"},
		{"secrecy.open", "until", "soon", "act.day"}, {"secrecy.open", "signed", "2026-09-28 25:00", "act.day"}, {"line.decide", "line", "-1", "act.field"},
		{"deadline.set", "lines", "1;2", "act.field"}, {"demand.read", "emergency", "perhaps", "act.choice"}, {"message.keep", "document", "../etc", "act.field"},
		{"stay.record", "lines", "7", "demand.line"},
	} {
		a, ok := act.Find(c.act)
		if !ok {
			t.Fatal(c.act)
		}
		in := input(a)
		in.Values[c.field] = []string{c.value}
		_, err := a.Command(in)
		if problem.Code(err) != c.code || !strings.Contains(problem.Of(err).Field, c.field) && c.code != "demand.line" {
			t.Errorf("%s %s=%q: %v", c.act, c.field, c.value, err)
		}
	}
}

func TestADayThatEndsSomethingStandsAllDayLongInTheZoneThatIsStated(t *testing.T) {
	a, _ := act.Find("secrecy.open")
	in := input(a)
	in.Values["until"] = []string{"2026-10-25"} // the clocks go back in Copenhagen
	c, err := a.Command(in)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := c.(demand.OpenSecrecy).Until, time.Date(2026, 10, 25, 23, 0, 0, 0, time.UTC); !got.Equal(want) {
		t.Fatalf("%v, want %v", got, want)
	}
	// 02:30 happens twice that night: a gag ends at the later, what we owe is due at the earlier.
	in.Values["until"] = []string{"2026-10-25 02:30"}
	c, err = a.Command(in)
	if err != nil || !c.(demand.OpenSecrecy).Until.Equal(time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC)) {
		t.Fatalf("%v %v", c, err)
	}
	d, _ := act.Find("deadline.set")
	in = input(d)
	in.Values["latest"] = []string{"2026-10-25 02:30"}
	delete(in.Values, "not_before")
	c, err = d.Command(in)
	if err != nil || !c.(demand.SetDeadline).Latest.Equal(time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)) {
		t.Fatalf("%v %v", c, err)
	}
}

func TestAPartIsNarrowedByTimeAccountAndParticipantAndNeverWidened(t *testing.T) {
	a, _ := act.Find("line.decide")
	in := act.Input{Zone: time.UTC, Page: page(), State: page(), Values: map[string][]string{"line": {"1"}, "decision": {"in_part"}, "from": {"2026-09-01"}, "until": {"2026-09-28"}, "accounts": {"acc-two"}}}
	c, err := a.Command(in)
	if err != nil {
		t.Fatal(err)
	}
	got := c.(demand.DecideLine).Part.Selectors()
	want := time.Date(2026, 9, 28, 23, 59, 59, 0, time.UTC)
	if len(got) != 1 || got[0].Account != "acc-two" || !got[0].From.Equal(noon) || !got[0].Until.Equal(want) {
		t.Fatalf("%+v", got)
	}
	in.Values["accounts"] = []string{"acc-nine"}
	if _, err := a.Command(in); problem.Code(err) != "line.part" {
		t.Fatal(err)
	}
}

func TestAnIdentifierThatTheDemandNamesIsNotNamedTwice(t *testing.T) {
	a, _ := act.Find("demand.ask")
	in := input(a)
	in.Values["identifier"], in.Values["stated"] = []string{"address"}, []string{"p@example.com"}
	c, err := a.Command(in)
	if err != nil {
		t.Fatal(err)
	}
	if got := c.(demand.AddAsked); len(got.Targets) != 0 || got.Lines[0].Target != 1 || got.Lines[0].No != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestAccountsAreFreedWhereTheDutyNamesThem(t *testing.T) {
	a, _ := act.Find("secrecy.ease")
	two := shared(demand.SecrecyOpened{ID: "s-k7wq-93", Source: "order", Cite: "c", Authority: "a",
		Covers: []demand.Silence{{Demand: "k7wq-93", Accounts: []scope.AccountID{"acc-one", "acc-two"}}, {Demand: "b3xt-77", Accounts: []scope.AccountID{"acc-two", "acc-three"}}}}, "s-k7wq-93")
	for _, c := range []struct {
		accounts, demand string
		want             []demand.Silence
		code             string
	}{
		{"acc-three", "", []demand.Silence{{Demand: "b3xt-77", Accounts: []scope.AccountID{"acc-three"}}}, ""},
		{"acc-one,acc-two", "", []demand.Silence{{Demand: "k7wq-93", Accounts: []scope.AccountID{"acc-one", "acc-two"}}, {Demand: "b3xt-77", Accounts: []scope.AccountID{"acc-two"}}}, ""},
		{"acc-two", "b3xt-77", []demand.Silence{{Demand: "b3xt-77", Accounts: []scope.AccountID{"acc-two"}}}, ""},
		{"acc-two,acc-four", "", nil, "secrecy.covers"},
		{"acc-one", "b3xt-77", nil, "secrecy.covers"},
	} {
		in := act.Input{Zone: time.UTC, State: two, Page: two, Values: map[string][]string{"source": {"the court"}, "on": {"2026-09-30"}, "accounts": {c.accounts}}}
		if c.demand != "" {
			in.Values["demand"] = []string{c.demand}
		}
		got, err := a.Command(in)
		if problem.Code(err) != c.code {
			t.Fatalf("%s: %v", c.accounts, err)
		}
		if diff := cmp.Diff(c.want, got.(demand.EaseSecrecy).Free); c.code == "" && diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.accounts, diff)
		}
	}
}
