package app

import (
	"context"
	"io"
	"time"

	"counterseal/internal/act"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// Deed is one act of the catalogue, as somebody asks for it.
type Deed struct {
	Act       string
	Page      demand.ID // the stream on whose page it is asked; "" for acts that need none
	Command   [16]byte  // the same act sent again is done once
	Seen      demand.Seq
	Values    map[string][]string
	Documents map[string]Upload // by the names of their fields
	Reason    string
	Zone      *time.Location // in which its days are stated; nil: the office's
}

// Upload is a document that comes with a deed.
type Upload struct {
	MediaType string
	Bytes     []byte
}

// Performed is what came of a deed.
type Performed struct {
	ID demand.ID // the stream that it was done on: a new one where the act begins one
	docket.Result
}

// Perform does an act of the catalogue in a person's name. What somebody may not
// see is missing, what their seats are not for is refused, and both are asked
// before the input is read. Codes: act.unknown, app.roster, app.seat, those of
// package act, of the commands, and of docket.Do.
func (o *Office) Perform(ctx context.Context, reader string, d Deed) (_ Performed, err error) {
	defer func() { o.refusedSeat(reader, d.Act, err) }()
	a, ok := act.Find(d.Act)
	if !ok {
		return Performed{}, problem.New(problem.Invalid, "act.unknown", "there is no such act").At("%.40q", d.Act).Fix("counterseal --help lists them")
	}
	w, err := o.reader(reader)
	if err != nil {
		return Performed{}, err
	}
	ctx = o.As(ctx, reader)
	in, err := o.input(ctx, a, d)
	if err != nil {
		return Performed{}, err
	}
	if err := w.may(a.Name, in.at); err != nil && !leftToDocket(err) {
		return Performed{}, err
	}
	if err := o.keepUploads(ctx, d, &in.Input); err != nil {
		return Performed{}, err
	}
	if a.Begins {
		return o.begin(ctx, a, in.Input, w, d)
	}
	c, err := a.Command(in.Input)
	if err != nil {
		return Performed{}, err
	}
	if err := o.known(c); err != nil {
		return Performed{}, err
	}
	if err := o.calledOnFile(in.State, c); err != nil {
		return Performed{}, err
	}
	id := in.State.ID
	if d.Seen > 0 {
		ctx = asSeen(ctx, id, d.Seen)
	}
	r, err := o.Docket.Do(ctx, docket.Act{ID: id, CommandID: d.Command, Actor: w.person, Seats: w.seats, Reason: canon.Text(d.Reason), Command: c})
	return Performed{ID: id, Result: r}, err
}

// looked is what an act may look at, and what the policy is asked about: the stream on
// whose page it is offered.
type looked struct {
	act.Input
	at policy.Resource
}

// input loads what the act may look at.
func (o *Office) input(ctx context.Context, a act.Act, d Deed) (looked, error) {
	in := looked{Input: act.Input{Values: d.Values, Zone: d.Zone}}
	if in.Zone == nil {
		in.Zone = o.Zone()
	}
	if d.Page != "" {
		c, err := o.Docket.State(ctx, d.Page)
		if err != nil {
			return in, err
		}
		in.Page, in.State, in.at = c.State, c.State, resourceOf(c)
	}
	if in.Page == nil && a.NeedsPage() {
		return in, problem.New(problem.Invalid, "act.missing", "say on which demand, contest or duty this is done")
	}
	switch {
	case a.Begins || a.On == a.From:
	case a.On == demand.NotesStream:
		in.State = demand.NewState(demand.NotesOf(d.Page))
	default:
		id := first(d.Values[a.Target()])
		c, err := o.Docket.State(ctx, demand.ID(id))
		if err != nil {
			return in, err
		}
		in.State = c.State
	}
	return in, nil
}

func first(v []string) string {
	if len(v) == 0 {
		return ""
	}
	return v[0]
}

// begin opens a stream. A contest or a duty is as sealed as the demand that it is
// about.
func (o *Office) begin(ctx context.Context, a act.Act, in act.Input, w who, d Deed) (Performed, error) {
	var compartment string
	if in.Page != nil {
		compartment = string(in.Page.SealedIn)
	}
	if _, err := a.Command(withID(in, a)); err != nil { // before an id is drawn
		return Performed{}, err
	}
	opened, err := o.Docket.Open(ctx, docket.Opening{Stream: a.On, CommandID: d.Command, Actor: w.person, Seats: w.seats, Reason: canon.Text(d.Reason), Compartment: compartment,
		Command: func(id demand.ID) demand.Command {
			in.NewID = id
			c, _ := a.Command(in)
			return c
		}})
	return Performed{ID: opened.ID, Result: opened.Result}, err
}

func withID(in act.Input, a act.Act) act.Input {
	in.NewID = demand.ID(demand.Prefix(a.On) + "2222-22")
	return in
}

// keepUploads stores the documents of a deed beside the demand and names them in
// its input by their digests.
func (o *Office) keepUploads(ctx context.Context, d Deed, in *act.Input) error {
	if len(d.Documents) == 0 {
		return nil
	}
	values := map[string][]string{}
	for k, v := range d.Values {
		values[k] = v
	}
	for name, u := range d.Documents {
		digest, err := o.Docket.KeepDocument(ctx, d.Page, u.Bytes, u.MediaType)
		if err != nil {
			return err
		}
		values[name] = []string{digest.String()}
	}
	in.Values = values
	return nil
}

// refusedSeat writes the log entry of an act that was refused for who asked: the
// docket has not heard of it.
func (o *Office) refusedSeat(reader, name string, err error) {
	if code := problem.Code(err); code == "app.roster" || code == "app.seat" || code == "app.policy" {
		o.log.Info("refused", "act", name, "by", reader, "code", code)
	}
}

// Zone is the zone in which staff state days.
func (o *Office) Zone() *time.Location {
	if o.Config.Zone == "" {
		return time.UTC
	}
	z, err := time.LoadLocation(o.Config.Zone)
	if err != nil {
		return time.UTC // checked with the configuration
	}
	return z
}

// NewCommandID draws the id of an act for those who have none of their own.
func (o *Office) NewCommandID() (id [16]byte, err error) {
	if _, err := io.ReadFull(o.random, id[:]); err != nil {
		return id, problem.New(problem.Internal, "app.random", "no randomness could be had").Because(err)
	}
	return id, nil
}

// Do is Perform with an id of its own: for the command line and stories, where
// nobody sends the same act twice.
func (o *Office) Do(ctx context.Context, reader, name string, page demand.ID, reason string, values map[string]string) (Performed, error) {
	id, err := o.NewCommandID()
	if err != nil {
		return Performed{}, err
	}
	d := Deed{Act: name, Page: page, Command: id, Reason: reason, Values: map[string][]string{}}
	for k, v := range values {
		d.Values[k] = []string{v}
	}
	return o.Perform(ctx, reader, d)
}
