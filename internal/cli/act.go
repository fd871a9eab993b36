package cli

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"counterseal/internal/act"
	"counterseal/internal/app"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/intake"
	"counterseal/internal/problem"
)

// catalogue makes a command of every act of package act, by the word before its
// dot: contest.open becomes "contest open". Those about demands join theirs.
func (s *session) catalogue(demands *cobra.Command) []*cobra.Command {
	groups := map[string]*cobra.Command{"demand": demands}
	var out []*cobra.Command
	for _, a := range act.All() {
		name, _, _ := strings.Cut(a.Name, ".")
		g := groups[name]
		if g == nil {
			g = group(&cobra.Command{Use: name, Short: act.Groups[name], Long: act.Groups[name] + ". Every act is recorded with who,\nwhen and why, and can be asked for by those alone to whom the policy permits it."})
			groups[name] = g
			out = append(out, g)
		}
		g.AddCommand(s.catalogueAct(a))
	}
	groups["note"].AddCommand(s.noteRead())
	return out
}

// given is what somebody typed for an act.
type given struct {
	fields           map[string]*typed
	as, reason, zone string
}

// typed is the flag of one field: a value, or several where it takes a list. It
// implements pflag.Value; Type stands behind the flag in its help.
type typed struct {
	values []string
	takes  string
	list   bool
}

func (t *typed) String() string { return strings.Join(t.values, ",") }
func (t *typed) Type() string   { return t.takes }
func (t *typed) Set(v string) error {
	if !t.list {
		t.values = nil
	}
	t.values = append(t.values, v)
	return nil
}

func (s *session) catalogueAct(a act.Act) *cobra.Command {
	words := wordsAfter(a)
	g := given{fields: map[string]*typed{}}
	c := &cobra.Command{
		Use: actUse(a, words), Short: a.Wording().Short, Example: "  counterseal " + a.Wording().Example, Args: exactly(len(words)),
		RunE: func(cmd *cobra.Command, args []string) error { return s.perform(cmd.Context(), a, &g, args) },
	}
	explainWhenAsked(c, func() string { return s.actLong(a) })
	if len(words) == 0 {
		c.Args = none
	}
	for _, f := range a.Fields {
		g.flag(c, a, f)
	}
	addActor(c, &g.as)
	c.Flags().StringVar(&g.reason, "reason", "", "why; kept with the event")
	if slices.ContainsFunc(a.Fields, func(f act.Field) bool { return f.Kind == act.Day || f.Kind == act.LastDay || f.Kind == act.Moment }) {
		c.Flags().StringVar(&g.zone, "zone", "", "in which days are stated, such as Europe/Copenhagen; none: that of counterseal.toml")
	}
	return c
}

// wordsAfter names what follows an act's name on the command line: the stream on
// whose page the act is offered, the one that it is done on where that is another,
// and its documents.
func wordsAfter(a act.Act) []string {
	var out []string
	if a.NeedsPage() {
		out = append(out, streamWord(a.From))
	}
	if a.Target() != "" {
		out = append(out, streamWord(a.On))
	}
	for _, f := range a.Fields {
		if f.Kind == act.Document {
			out = append(out, "FILE")
		}
	}
	return out
}

func streamWord(k demand.Stream) string {
	if k == demand.SecrecyStream {
		return "DUTY"
	}
	return strings.ToUpper(string(k))
}

func flagName(field string) string { return strings.ReplaceAll(field, "_", "-") }

func actUse(a act.Act, words []string) string {
	_, verb, _ := strings.Cut(a.Name, ".")
	use := append([]string{flagName(verb)}, words...)
	for _, f := range a.Fields {
		if f.Required && f.Kind != act.Document {
			use = append(use, "--"+flagName(f.Name), takes[f.Kind])
		}
	}
	return strings.Join(use, " ")
}

var seatWords = map[string]string{"reviewer": "a reviewer", "counsel": "counsel", "privacy": "the privacy officer"}

func (s *session) actLong(a act.Act) string {
	var who []string
	seats, _ := s.rules().Seats(a.Name)
	for _, seat := range seats {
		who = append(who, seatWords[seat])
	}
	long := a.Wording().Short + ".\nWho may: " + orList(who) + "."
	if slices.ContainsFunc(a.Fields, func(f act.Field) bool { return f.Kind == act.Lines }) {
		long += "\nA line stands for what it gives once that is decided, and before for all that it asks."
	}
	if a.Begins {
		long += "\nIt begins a register entry of its own and prints its id."
	}
	return long
}

// takes is what the flag of a kind of field takes.
var takes = map[act.Kind]string{
	act.Line: "TEXT", act.Text: "TEXT", act.Day: "DAY", act.LastDay: "DAY", act.Moment: "TIME", act.Choice: "CHOICE", act.Number: "N", act.Numbers: "N,N",
	act.Words: "NAMES", act.Accounts: "ACCOUNTS", act.Streams: "IDS", act.Lines: "N,N", act.Yes: "bool",
}

// flag makes the flag of a field; a document is a word instead.
func (g *given) flag(c *cobra.Command, a act.Act, f act.Field) {
	says := a.Says(f)
	if len(f.Choices) > 0 && f.Kind == act.Choice {
		says += ":\n" + orList(f.Choices)
	}
	if f.Required {
		says += " (required)"
	}
	if f.Kind == act.Document {
		return
	}
	t := &typed{takes: takes[f.Kind], list: slices.Contains([]act.Kind{act.Numbers, act.Words, act.Accounts, act.Streams, act.Lines}, f.Kind)}
	g.fields[f.Name] = t
	flag := c.Flags().VarPF(t, flagName(f.Name), "", says)
	if f.Kind == act.Yes {
		flag.NoOptDefVal = "true"
	}
}

func orList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

// values reads flags and words into what the act takes. What is missing is said
// before anything is looked up.
func (g *given) values(s *session, a act.Act, args []string) (d app.Deed, err error) {
	d = app.Deed{Act: a.Name, Reason: g.reason, Values: map[string][]string{}, Documents: map[string]app.Upload{}}
	if a.NeedsPage() {
		d.Page, args = demand.ID(args[0]), args[1:]
	}
	if t := a.Target(); t != "" {
		d.Values[t], args = []string{args[0]}, args[1:]
	}
	var missing []string
	for _, f := range a.Fields {
		switch {
		case f.Kind == act.Document:
			if err = addDocument(&d, f.Name, args[0]); err != nil {
				return d, err
			}
			args = args[1:]
		case len(g.fields[f.Name].values) > 0:
			d.Values[f.Name], err = s.texts(f, g.fields[f.Name].values)
			if err != nil {
				return d, err
			}
		case f.Required:
			missing = append(missing, "--"+flagName(f.Name)+" "+takes[f.Kind])
		}
	}
	if len(missing) > 0 {
		return d, missingFlag(andList(missing))
	}
	d.Zone, err = zoneOf(g.zone)
	return d, err
}

func andList(words []string) string {
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

func zoneOf(name string) (*time.Location, error) {
	if name == "" {
		return nil, nil
	}
	z, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return nil, problem.New(problem.Invalid, "cli.zone", "this is no time zone").At("--zone %.40q", name).Fix("write an IANA zone such as Europe/Copenhagen")
	}
	return z, nil
}

// maxText bounds a text that comes on standard input; the acts have bounds of
// their own below it.
const maxText = 1 << 20

// texts lets a long text come on standard input.
func (s *session) texts(f act.Field, v []string) ([]string, error) {
	if f.Kind != act.Text || v[0] != "-" {
		return v, nil
	}
	b, err := io.ReadAll(io.LimitReader(s.In, maxText+1))
	if err != nil || len(b) > maxText {
		return nil, problem.New(problem.Invalid, "cli.input", "standard input cannot be read, or is too long").At("--%s", flagName(f.Name)).Fix("write at most 1 MiB").Because(err)
	}
	return []string{string(bytes.TrimSpace(b))}, nil
}

func addDocument(d *app.Deed, field, path string) error {
	b, err := readFile(path, intake.MaxOriginal)
	if err != nil {
		return err
	}
	d.Documents[field] = app.Upload{MediaType: http.DetectContentType(b), Bytes: b}
	d.Values[field] = []string{path} // its digest takes this place when it is kept
	return nil
}

func (s *session) perform(ctx context.Context, a act.Act, g *given, args []string) error {
	d, err := g.values(s, a, args)
	if err != nil {
		return err
	}
	return s.withOffice(ctx, func(ctx context.Context, o *app.Office) error {
		actor, err := s.actor(o, g.as, a.Name)
		if err != nil {
			return err
		}
		d.Command, err = o.NewCommandID()
		if err != nil {
			return err
		}
		p, err := o.Perform(ctx, string(actor), d)
		if err != nil {
			return flagged(a, err)
		}
		return s.answerResult(p.ID, p.ID != d.Page, p.Result)
	})
}

// flagged names the flag where a problem names the field behind it.
func flagged(a act.Act, err error) error {
	p := problem.Of(err)
	if p == nil {
		return err
	}
	name, _, _ := strings.Cut(p.Field, ":")
	if !slices.ContainsFunc(a.Fields, func(f act.Field) bool { return f.Name == name }) {
		return err
	}
	return p.At("--%s%s", flagName(name), p.Field[len(name):])
}

// event is one event in an answer.
type event struct {
	Seq  demand.Seq    `json:"seq"`
	Kind string        `json:"kind"`
	At   time.Time     `json:"at"`
	By   demand.Person `json:"by"`
}

// answerResult says what came of an act. Other tells that it was done on another
// stream than the one that was named.
func (s *session) answerResult(id demand.ID, other bool, r docket.Result) error {
	events := []event{}
	for _, e := range r.Events {
		events = append(events, event{Seq: e.Seq, Kind: demand.KindOf(e.Event), At: e.At, By: e.By})
	}
	return s.answer(map[string]any{"id": id, "first": r.First, "last": r.Last, "events": events}, func(w io.Writer) {
		where := ""
		if other {
			where = fmt.Sprintf(" of %s", id)
		}
		for _, e := range events {
			fmt.Fprintf(w, "✓ recorded as event %d%s: %s\n", e.Seq, where, e.Kind)
		}
		if len(events) == 0 {
			fmt.Fprintln(w, "Nothing to record: it was so already.")
		}
	})
}

// named is who acts or reads: the flag, or the environment.
func named(as string) string { return cmp.Or(as, os.Getenv("COUNTERSEAL_AS")) }
