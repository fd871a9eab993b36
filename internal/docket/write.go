package docket

import (
	"encoding/json"
	"io"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
)

// change is what one transaction writes of a demand.
type change struct {
	after   demand.Seq
	records []Record
	events  []demand.Recorded
	entries []ledger.Entry
	row     Row
	duties  []Duty
}

// extend encodes, seals and folds new events into o, and prepares everything
// that is stored with them. What is folded is what a later reader will decode.
func (d *Docket) extend(o *opened, at time.Time, by demand.Person, reason string, events []demand.Event) (*change, error) {
	c := &change{after: o.state.Last}
	chain := o.stream.Head
	if c.after == 0 {
		chain = o.vault.name(place("stream", []byte(o.id)))
	}
	for _, e := range events {
		seq := o.state.Last + 1
		m := demand.Meta{Seq: seq, At: at, By: by, Reason: reason}
		if _, err := io.ReadFull(d.Rand, m.Salt[:]); err != nil {
			return nil, noRandomness(err)
		}
		plain, err := demand.Encode(o.id, m, e)
		if err != nil {
			return nil, err
		}
		sealed, err := o.vault.seal(d.Rand, recordPlace(o.id, seq), plain)
		if err != nil {
			return nil, err
		}
		if err = o.add(plain, seq); err != nil {
			return nil, err
		}
		chain = o.vault.link(chain, uint64(seq), plain)
		c.records = append(c.records, Record{Seq: seq, Chain: chain, Sealed: sealed})
		if err = d.enter(c, o, e, plain); err != nil {
			return nil, err
		}
	}
	c.events = o.history[c.after:]
	o.stream.Head = chain
	return c, d.readModels(c, o, at)
}

// enter adds the outbox entry of a journaled event.
func (d *Docket) enter(c *change, o *opened, e demand.Event, plain []byte) error {
	digest, ok := demand.Leaf(e, plain)
	if !ok {
		return nil
	}
	entry := ledger.Entry{ID: o.vault.entry(string(o.id), o.leaves), Log: ledger.InJournal, Urgent: urgent(e),
		Event: proof.Opening{Digest: digest}}
	if _, err := io.ReadFull(d.Rand, entry.Event.Salt[:]); err != nil {
		return noRandomness(err)
	}
	c.entries = append(c.entries, entry)
	return nil
}

// urgent entries never wait behind unverified intake: what a gate waits for and
// what stops it.
func urgent(e demand.Event) bool {
	switch e.(type) {
	case demand.GrantDrafted, demand.GrantRevoked, demand.ApprovalSeen, demand.ReleasePermitted, demand.Stayed, demand.StayLifted:
		return true
	}
	return false
}

// View is what the queue shows of a demand to those who may see it.
type View struct {
	Title    string    `json:"title"`
	Number   string    `json:"number"`
	Agency   string    `json:"agency"`
	Channel  string    `json:"channel"`
	Received time.Time `json:"received"`
	Duty     string    `json:"duty"`  // kind of the first duty; "" when none
	About    string    `json:"about"` // what it is about
	Seat     string    `json:"seat"`  // who does it
	Lines    int       `json:"lines"`
}

// readModels derives row and duties from the state.
func (d *Docket) readModels(c *change, o *opened, now time.Time) error {
	s := o.state
	view := View{Title: s.Instrument.Title, Number: s.Instrument.Number, Agency: s.Instrument.Agency, Channel: s.Channel,
		Received: s.Received.At, Lines: len(s.Lines)}
	c.row = Row{Compartment: o.row.Compartment, Status: string(s.Status(now)), Due: Never}
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
	plain, err := json.Marshal(view)
	if err != nil {
		return broken(err)
	}
	c.row.Sealed, err = o.vault.seal(d.Rand, rowPlace(o.id, c.row), plain)
	return err
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
	clerk := []byte{0}
	if y.Clerk {
		clerk[0] = 1
	}
	return place("duty", []byte(id), y.Token[:], clerk, []byte(y.Kind), []byte(y.Seat), number(uint64(y.Due.UnixMilli())))
}
