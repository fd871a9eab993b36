package law

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/cel"
	"go.yaml.in/yaml/v3"

	"counterseal/internal/calendar"
	"counterseal/internal/fact"
)

// DeadlineKind says what falls due.
type DeadlineKind string

const (
	DueAnswer      DeadlineKind = "answer"       // our answer, or what takes its place
	DueObject      DeadlineKind = "object"       // our objection or motion
	DueReview      DeadlineKind = "review"       // somebody looks again
	DueAwait       DeadlineKind = "await"        // what the other side owes
	DueConfirm     DeadlineKind = "confirm"      // paper that must follow
	DueNotice      DeadlineKind = "notice"       // the customer's time to object
	DueSecrecyEnd  DeadlineKind = "secrecy_end"  // silence ends
	DuePreserveEnd DeadlineKind = "preserve_end" // the duty to keep ends
)

var deadlineKinds = []DeadlineKind{DueAnswer, DueObject, DueReview, DueAwait, DueConfirm, DueNotice, DueSecrecyEnd, DuePreserveEnd}

// side is the safer reading of an ambiguous end: what we owe is due earlier; a
// duty to keep or to be silent, and others' time, end later.
func (k DeadlineKind) side() calendar.Side {
	switch k {
	case DueAnswer, DueObject, DueReview, DueConfirm:
		return calendar.Earlier
	}
	return calendar.Later
}

// DeadlineRule is a deadline as the pack states it.
type DeadlineRule struct {
	Entry
	Kind      DeadlineKind
	Start     string        // the date or instant fact from which it runs; with Until, the last day itself
	Event     string        // what Start is, for the sentence: "receipt"
	Until     bool          // Start is the last day on the paper's face; nothing is counted
	N         int           // length
	Unit      calendar.Unit // of N
	Method    calendar.Method
	Place     string // where it is counted: a country, "forum", or the fact that holds a country
	NotBefore bool   // the end is also, or only, the first moment at which it may be done
	Latest    bool   // the end is the last moment
	Suspended string // CEL; empty: never
	Says      string // what falls due, in one English sentence
	Examples  []DeadlineExample
}

// DeadlineExample is a worked example that the tests execute. Moments are local
// times at the place, the end of a day as 24:00.
type DeadlineExample struct {
	Name      string
	Line      int
	Facts     factsOf
	Expect    DeadlineOutcome
	NotBefore string
	Latest    string
	Suspended Suspension
	Missing   []string
}

// DeadlineOutcome is what one deadline says about one set of facts.
type DeadlineOutcome string

const (
	NoDeadline DeadlineOutcome = "none"
	Counted    DeadlineOutcome = "counted"
	AskFirst   DeadlineOutcome = "ask"       // facts are missing
	Uncounted  DeadlineOutcome = "uncounted" // the facts are there, but no calendar or zone is; Why says which
)

var deadlineOutcomes = []DeadlineOutcome{NoDeadline, Counted, AskFirst, Uncounted}

// Suspension says whether the duty behind a deadline rests.
type Suspension string

const (
	Runs    Suspension = "no"
	Rests   Suspension = "yes"
	AskRest Suspension = "ask" // facts are missing; until they are stated, it runs
)

var suspensions = []Suspension{Runs, Rests, AskRest}

// events names what a fact is the time of, for the sentence of arithmetic.
var events = map[fact.Key]string{
	fact.Signed: "signature", fact.Served: "service", fact.Received: "receipt", fact.ReceivedAt: "receipt", fact.Effective: "taking effect",
	fact.ClarificationAsked: "receipt of our form", fact.Granted: "the grant", fact.AnsweredAt: "our answer", fact.ReviewAsked: "our notice",
	fact.NoticeGiven: "notice to the customer", fact.SecrecyUntil: "the last day of silence", fact.Due: "the date on its face",
	fact.Expiry: "expiry", fact.EnforcementAsked: "the transfer for enforcement", fact.EnforcementDue: "the day that the enforcing authority set",
}

// starts are the facts that a deadline can run from, in the order of the schema.
func starts() (out []string) {
	for k := fact.Key(0); int(k) < fact.Count; k++ {
		if events[k] != "" {
			out = append(out, k.String())
		}
	}
	return out
}

func (r *reader) readDeadline(pack string, n *yaml.Node) (d DeadlineRule, err error) {
	m, err := r.readEntry(pack, n, &d.Entry, "kind!", "start", "until", "length", "count", "place!", "sets!", "suspended", "says!")
	if err != nil {
		return d, err
	}
	kind, err := r.word(m["kind"], texts(deadlineKinds))
	if err != nil {
		return d, err
	}
	d.Kind = DeadlineKind(kind)
	err = r.readLength(m, n, &d)
	if err != nil {
		return d, err
	}
	d.Place, err = r.text(m["place"])
	if err != nil {
		return d, err
	}
	if !placeKnown(d.Place) {
		return d, r.fail("law.place", m["place"].Line, "a place is %s, forum, or a fact that holds a country, such as enforcing_country", strings.Join(slices.Sorted(maps.Keys(countries)), ", "))
	}
	sets, err := r.words(m["sets"], []string{"not_before", "latest"})
	if err != nil {
		return d, err
	}
	d.NotBefore, d.Latest = slices.Contains(sets, "not_before"), slices.Contains(sets, "latest")
	d.Suspended, err = r.text(m["suspended"])
	if err != nil {
		return d, err
	}
	d.Says, err = r.sentence(m["says"])
	if err != nil {
		return d, err
	}
	return d, r.readDeadlineExamples(m["examples"], &d)
}

var lengthForm = regexp.MustCompile(`^([1-9][0-9]{0,3}) (hours|days|working_days|months)$`)

// readLength reads start, length and count, or until alone.
func (r *reader) readLength(m map[string]*yaml.Node, n *yaml.Node, d *DeadlineRule) error {
	d.Until = m["until"] != nil
	if counted := m["start"] != nil && m["length"] != nil && m["count"] != nil; counted == d.Until {
		return r.fail("law.length", n.Line, "a deadline has start, length and count, or until alone")
	}
	from := m["start"]
	if d.Until {
		from = m["until"]
	}
	var err error
	d.Start, err = r.text(from)
	if err != nil {
		return err
	}
	k, known := fact.Lookup(d.Start)
	if !known || events[k] == "" {
		return r.fail("law.length", from.Line, "%.64q is not a fact that a deadline can run from: %s", d.Start, strings.Join(starts(), ", "))
	}
	d.Event = events[k]
	if d.Until {
		if k.Def().Type != fact.Date {
			return r.fail("law.length", from.Line, "a last day is a fact of type date")
		}
		return nil
	}
	length, err := r.text(m["length"])
	if err != nil {
		return err
	}
	parts := lengthForm.FindStringSubmatch(length)
	if parts == nil {
		return r.fail("law.length", m["length"].Line, "a length is written like 10 days, 8 hours, 5 working_days or 3 months")
	}
	d.N, err = strconv.Atoi(parts[1])
	if err != nil {
		return r.fail("law.length", m["length"].Line, "the length is not a number")
	}
	d.Unit = calendar.Unit(parts[2])
	count, err := r.word(m["count"], texts(calendar.Methods))
	if err != nil {
		return err
	}
	d.Method = calendar.Method(count)
	if (d.Unit == calendar.Hours) != (k.Def().Type == fact.Instant) {
		return r.fail("law.length", m["start"].Line, "hours run from a moment, longer periods from a day")
	}
	return nil
}

var faceForm = regexp.MustCompile(`^[0-9]{4}-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-5][0-9]$`)

func (r *reader) readDeadlineExamples(n *yaml.Node, d *DeadlineRule) error {
	nodes, err := r.list(n)
	if err != nil {
		return err
	}
	var counted, quiet bool
	for _, n := range nodes {
		e, err := r.fields(n, "name!", "facts!", "expect!", "not_before", "latest", "suspended", "missing")
		if err != nil {
			return err
		}
		ex := DeadlineExample{Line: n.Line, Suspended: Runs}
		if ex.Name, err = r.text(e["name"]); err != nil {
			return err
		}
		if ex.Facts, err = r.facts(e["facts"]); err != nil {
			return err
		}
		expect, err := r.word(e["expect"], texts(deadlineOutcomes))
		if err != nil {
			return err
		}
		ex.Expect = DeadlineOutcome(expect)
		if e["suspended"] != nil {
			s, err := r.word(e["suspended"], texts(suspensions))
			if err != nil {
				return err
			}
			ex.Suspended = Suspension(s)
		}
		if ex.Missing, err = r.texts(e["missing"]); err != nil {
			return err
		}
		for _, f := range []struct {
			to    *string
			key   string
			given bool
		}{{&ex.NotBefore, "not_before", d.NotBefore}, {&ex.Latest, "latest", d.Latest}} {
			if *f.to, err = r.text(e[f.key]); err != nil {
				return err
			}
			switch wanted := f.given && ex.Expect == Counted; {
			case wanted && !faceForm.MatchString(*f.to):
				return r.fail("law.example", n.Line, "an example that is counted states the moment that the deadline sets, the end of a day as 24:00: %s: \"2026-11-12 24:00\"", f.key)
			case *f.to != "" && !wanted && ex.Expect == Counted:
				return r.fail("law.example", n.Line, "the example states %s, and the deadline does not set it; sets is the list of what it sets", f.key)
			case *f.to != "" && !wanted:
				return r.fail("law.example", n.Line, "the example states %s, but is not counted", f.key)
			}
		}
		if (ex.Expect == AskFirst || ex.Suspended == AskRest) != (len(ex.Missing) > 0) {
			return r.fail("law.example", n.Line, "an example that asks names the missing facts, and no other does")
		}
		counted = counted || ex.Expect == Counted
		quiet = quiet || ex.Expect == NoDeadline
		d.Examples = append(d.Examples, ex)
	}
	if !counted || !quiet {
		return r.fail("law.example", n.Line, "a deadline has an example that is counted and one to which it does not apply")
	}
	return nil
}

type compiledDeadline struct {
	*DeadlineRule
	entry
	start     fact.Key
	place     fact.Key // of Place, where it is a fact
	suspended cel.Program
}

func compileDeadline(env *cel.Env, p *Pack, d *DeadlineRule) (compiledDeadline, error) {
	base, err := compileEntry(env, p, &d.Entry)
	if err != nil {
		return compiledDeadline{}, err
	}
	c := compiledDeadline{DeadlineRule: d, entry: base}
	c.start, _ = fact.Lookup(d.Start)
	c.place, _ = fact.Lookup(d.Place)
	if d.Suspended != "" {
		c.suspended, err = compileExpression(env, p, &d.Entry, "suspended", d.Suspended)
	}
	return c, err
}

// Face writes a moment as a person reads it at the place: the end of a day is
// 24:00 of that day.
func Face(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	t = t.In(zone)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.AddDate(0, 0, -1).Format(time.DateOnly) + " 24:00"
	}
	return t.Format("2006-01-02 15:04")
}

// Deadline is what one deadline of the packs says about a demand.
type Deadline struct {
	Rule       string          `json:"rule"`
	Pack       string          `json:"pack"`
	PackDigest string          `json:"pack_digest"` // lower-case hex of SHA-256
	Kind       DeadlineKind    `json:"kind"`
	Outcome    DeadlineOutcome `json:"outcome"`
	NotBefore  time.Time       `json:"not_before,omitzero"` // first moment at which it may be done
	Latest     time.Time       `json:"latest,omitzero"`     // last moment; the end of a day is 24:00
	Start      string          `json:"start"`               // the fact from which it runs
	Zone       string          `json:"zone,omitempty"`      // IANA name
	Calendar   string          `json:"calendar,omitempty"`  // name@version
	Arithmetic string          `json:"arithmetic,omitempty"`
	Why        string          `json:"why,omitempty"` // uncounted: what is not there
	Suspended  Suspension      `json:"suspended"`
	Says       string          `json:"says"`
	Cite       string          `json:"cite"`
	Quote      string          `json:"quote,omitempty"`
	Facts      []string        `json:"facts"`             // known facts that were read, in schema order
	Missing    []string        `json:"missing,omitempty"` // facts to state: to count it, or to know whether it is suspended
	LeavesOut  []string        `json:"leaves_out,omitempty"`
	Checked    Checked         `json:"checked"`
}

// Stored is the deadline as the calendar keeps it. Only a counted one has a
// rule, a zone and a moment that Check accepts.
func (d Deadline) Stored() calendar.Deadline {
	return calendar.Deadline{Rule: d.Rule, Zone: d.Zone, Calendar: d.Calendar, NotBefore: d.NotBefore, Latest: d.Latest}
}

// moment orders deadlines: by the last moment, else the first; one without comes
// last.
func (d Deadline) moment() time.Time {
	switch {
	case !d.Latest.IsZero():
		return d.Latest
	case !d.NotBefore.IsZero():
		return d.NotBefore
	}
	return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
}

// Text is one deadline for a person.
func (d Deadline) Text() string {
	var b strings.Builder
	switch d.Outcome {
	case Counted:
		zone, err := calendar.Zone(d.Zone)
		if err != nil {
			zone = time.UTC
		}
		first, last := Face(d.NotBefore, zone), Face(d.Latest, zone)
		when := "by " + last
		switch {
		case last == "":
			when = "not before " + first
		case first != "":
			when = "not before " + first + ", by " + last
		}
		fmt.Fprintf(&b, "%s  %s (%s)  %s\n  %s\n  %s\n", d.Kind, when, d.Zone, d.Rule, d.Says, d.Arithmetic)
	case Uncounted:
		fmt.Fprintf(&b, "%s  could not be counted  %s\n  %s\n  %s\n", d.Kind, d.Rule, d.Says, d.Why)
	default:
		fmt.Fprintf(&b, "%s  not counted yet  %s\n  %s\n", d.Kind, d.Rule, d.Says)
	}
	switch d.Suspended {
	case Rests:
		b.WriteString("  Suspended: the duty rests, and the date with it.\n")
	case AskRest:
		b.WriteString("  It may be suspended; until that is known, the date stands.\n")
	}
	if len(d.Missing) > 0 {
		fmt.Fprintf(&b, "  state: %s\n", strings.Join(d.Missing, ", "))
	}
	fmt.Fprintf(&b, "  %s\n  checked: %s, %s, %s\n", d.Cite, d.Checked.Level, d.Checked.On, d.Checked.Source)
	return b.String()
}
