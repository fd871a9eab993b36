package docket

import (
	"encoding/json"
	"slices"
	"time"

	"counterseal/internal/demand"
)

// View is what the queue shows of a stream to those who may see it.
type View struct {
	Title    string    `json:"title"`
	Number   string    `json:"number"`
	Agency   string    `json:"agency"` // who asks; of a contest the court, of a duty the authority that can end it
	Channel  string    `json:"channel"`
	Received time.Time `json:"received"` // of other streams: when it was opened
	Duty     string    `json:"duty"`     // kind of the first duty; "" when none
	About    string    `json:"about"`    // what it is about
	Seat     string    `json:"seat"`     // who does it
	Lines    int       `json:"lines"`

	Kind       string            `json:"kind,omitempty"` // of demand; what a contest is against; what a duty rests on
	Emergency  bool              `json:"emergency,omitempty"`
	Unread     bool              `json:"unread,omitempty"`
	Targets    int               `json:"targets,omitempty"`
	Accounts   int               `json:"accounts,omitempty"`
	Categories []string          `json:"categories,omitempty"`
	Way        []demand.Obstacle `json:"way,omitempty"` // what stands in the way, every event taken as journaled

	Ends      time.Time `json:"ends,omitzero"` // of a duty of secrecy; zero: no end is stated
	Armed     bool      `json:"armed,omitempty"`
	Stands    bool      `json:"stands,omitempty"`    // the duty is in force, or a stay of the contest is
	Instances int       `json:"instances,omitempty"` // of a contest
	Demands   int       `json:"demands,omitempty"`   // that a contest, a duty or a matter touches
}

// InTheWay are the obstacles of the view that have not passed by time alone.
func (v View) InTheWay(now time.Time) []demand.Obstacle {
	return slices.DeleteFunc(slices.Clone(v.Way), func(o demand.Obstacle) bool { return !o.Until.IsZero() && !now.Before(o.Until) })
}

// Words for the state of a stream that is no demand.
const (
	StatusPending   demand.Status = "pending"   // a contest in which a court may still rule
	StatusEnded     demand.Status = "ended"     // a contest or a duty
	StatusInForce   demand.Status = "in force"  // a duty
	StatusUnsettled demand.Status = "unsettled" // a duty with a renewal that counsel has to settle
	StatusOpen      demand.Status = "open"      // a matter, a sealed case
)

// Statuses are all words that a row of a kind of stream can have.
func Statuses(kind demand.Stream) []demand.Status {
	switch kind {
	case demand.DemandStream:
		return []demand.Status{demand.StatusReceived, demand.StatusChecking, demand.StatusForYou, demand.StatusWaiting, demand.StatusOnHold, demand.StatusInPart, demand.StatusClosed}
	case demand.ContestStream:
		return []demand.Status{StatusPending, StatusEnded}
	case demand.SecrecyStream:
		return []demand.Status{StatusInForce, StatusUnsettled, StatusEnded}
	case demand.MatterStream, demand.CaseStream:
		return []demand.Status{StatusOpen}
	}
	return nil
}

// view derives the view and the status of a stream.
func (d *Docket) view(s *demand.State, now time.Time) (View, demand.Status) {
	switch s.Stream {
	case demand.ContestStream:
		return contestView(&s.Contest, now)
	case demand.SecrecyStream:
		return secrecyView(&s.Duty, now)
	case demand.MatterStream:
		m := s.About
		return View{Title: m.Title, Number: m.Ref, Received: m.Opened.At, Demands: len(m.Demands)}, StatusOpen
	case demand.CaseStream:
		return View{Title: s.Case.Why, Received: s.Case.Opened.At}, StatusOpen
	}
	v := View{Title: s.Instrument.Title, Number: s.Instrument.Number, Agency: s.Instrument.Agency, Channel: s.Channel, Received: s.Received.At,
		Lines: len(s.Lines), Kind: string(s.Kind), Emergency: s.Emergency, Unread: s.Unread, Targets: len(s.Targets)}
	for _, t := range s.Targets {
		v.Accounts += len(t.Accounts)
	}
	for _, l := range s.Lines {
		if !slices.Contains(v.Categories, string(l.Category)) {
			v.Categories = append(v.Categories, string(l.Category))
		}
	}
	v.Way = demand.InTheWay(s, demand.Env{Now: now, Policy: d.Policy, ClockSane: true, Journaled: everything(s)})
	v.Way = v.Way[:min(len(v.Way), maxWay)]
	return v, s.Status(now)
}

// maxWay bounds the obstacles that a row keeps: a demand of a thousand lines says
// the first of them.
const maxWay = 50

// everything takes all events as journaled: seconds later they are.
func everything(s *demand.State) map[demand.Seq]bool {
	out := make(map[demand.Seq]bool, s.Last)
	for n := demand.Seq(1); n <= s.Last; n++ {
		out[n] = true
	}
	return out
}

func contestView(c *demand.Contest, now time.Time) (View, demand.Status) {
	i := c.Current()
	v := View{Title: c.Title, Number: i.Number, Agency: i.Court, Received: c.Opened.At, Kind: c.Against, Instances: len(c.Instances), Demands: len(c.Covers)}
	for _, st := range c.Stays {
		v.Stands = v.Stands || st.Lifted == 0 && (st.Until.IsZero() || now.Before(st.Until))
	}
	if c.Pending() {
		return v, StatusPending
	}
	return v, StatusEnded
}

func secrecyView(y *demand.SecrecyDuty, now time.Time) (View, demand.Status) {
	v := View{Title: y.Cite, Number: y.Number, Agency: y.Authority, Received: y.Opened.At, Kind: y.Source, Ends: y.End(), Armed: y.ArmedFor(),
		Stands: y.Stands(now), Demands: len(y.Covers)}
	switch {
	case y.Open():
		return v, StatusUnsettled
	case v.Stands:
		return v, StatusInForce
	}
	return v, StatusEnded
}

// look is the clerk's duty to derive a row again when time alone has changed what
// it says, so that no row is older than a round.
const look = "look.again"

// lookAgain is that duty for the next such moment after now. Its moment is what
// it is about, so that the next one is another duty with a lease of its own.
func lookAgain(s *demand.State, p demand.Policy, now time.Time) (demand.Duty, bool) {
	for _, at := range demand.Moments(s, p) {
		if at = at.UTC().Truncate(time.Millisecond); at.After(now) {
			return demand.Duty{Kind: look, At: at, About: at.Format(time.RFC3339Nano), Seat: clerkSeat}, true
		}
	}
	return demand.Duty{}, false
}

// readModels derives row and duties from the state.
func (d *Docket) readModels(c *change, o *opened, now time.Time) error {
	s := o.state
	view, status := d.view(s, now)
	c.row = Row{Stream: string(demand.StreamOf(o.id)), Compartment: o.compartment(), Status: string(status), Emergency: view.Emergency, Due: Never}
	c.duties = nil
	seen := make(map[Digest]bool)
	for _, y := range demand.Agenda(s, d.Policy) {
		duty, err := d.sealDuty(o, y)
		if err != nil {
			return err
		}
		if seen[duty.Token] {
			continue
		}
		seen[duty.Token] = true
		c.duties = append(c.duties, duty)
		if duty.Due.Before(c.row.Due) {
			c.row.Due, view.Duty, view.About, view.Seat = duty.Due, y.Kind, y.About, y.Seat
		}
	}
	if y, some := lookAgain(s, d.Policy, now); some {
		duty, err := d.sealDuty(o, y)
		if err != nil {
			return err
		}
		c.duties = append(c.duties, duty)
	}
	c.row.Seat = view.Seat
	plain, err := json.Marshal(view)
	if err != nil {
		return broken(err)
	}
	c.row.Sealed, err = o.vault.seal(d.Rand, rowPlace(o.id, c.row), plain)
	return err
}

func rowPlace(id demand.ID, r Row) []byte {
	return place("row", []byte(id), []byte(r.Compartment), []byte(r.Status), number(uint64(r.Due.UnixMilli())), []byte(r.Stream), []byte(r.Seat), flag(r.Emergency))
}

// openRow opens a row in its place. One that was sealed before there were other
// streams than demands opens in the place of that time, until its demand is next
// written.
func (v *vault) openRow(id demand.ID, r Row) (view View, err error) {
	plain, err := v.open(rowPlace(id, r), r.Sealed)
	if err != nil && r.Stream == string(demand.DemandStream) && r.Seat == "" && !r.Emergency {
		plain, err = v.open(place("row", []byte(id), []byte(r.Compartment), []byte(r.Status), number(uint64(r.Due.UnixMilli()))), r.Sealed)
	}
	if err != nil {
		return View{}, err
	}
	if r.Stream != string(demand.StreamOf(id)) {
		return View{}, tampered(nil)
	}
	if err = json.Unmarshal(plain, &view); err != nil {
		return View{}, tampered(err)
	}
	return view, nil
}

// clerkSeat is the seat whose duties the clerk does by itself.
const clerkSeat = "clerk"

func (d *Docket) sealDuty(o *opened, y demand.Duty) (Duty, error) {
	out := Duty{Token: o.vault.name(place("duty", []byte(y.Kind), []byte(y.About))), Clerk: y.Seat == clerkSeat,
		Kind: y.Kind, Seat: y.Seat, Due: y.At.UTC().Truncate(time.Millisecond)}
	sealed, err := o.vault.seal(d.Rand, dutyPlace(o.id, out), []byte(y.About))
	out.Sealed = sealed
	return out, err
}

func dutyPlace(id demand.ID, y Duty) []byte {
	return place("duty", []byte(id), y.Token[:], flag(y.Clerk), []byte(y.Kind), []byte(y.Seat), number(uint64(y.Due.UnixMilli())))
}

func flag(b bool) []byte {
	if b {
		return []byte{1}
	}
	return []byte{0}
}
