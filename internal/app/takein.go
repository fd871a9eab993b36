package app

import (
	"context"
	"io"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/fact"
	"counterseal/internal/intake"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Delivery is a demand as somebody brings it.
type Delivery struct {
	Channel      string
	FormName     string // for messages only
	Form         io.Reader
	OriginalName string
	Original     io.Reader
}

// Receipt is what the one who brought it gets.
type Receipt struct {
	Demand    demand.ID
	Received  time.Time
	Original  string // SHA-256, lower-case hex
	Again     bool   // it was here before
	Text      []byte // package receipt
	Signature []byte // armored
}

// TakeIn is the one door: whatever the channel, a demand is read strictly, stored
// durably, and then receipted. Codes: those of intake.Read, docket.Submit and
// receipt.
func (o *Office) TakeIn(ctx context.Context, d Delivery) (Receipt, error) {
	in, err := intake.Read(ctx, d.Channel, d.FormName, d.Form, d.OriginalName, d.Original)
	if err != nil {
		return Receipt{}, err
	}
	a, err := o.Docket.Submit(ctx, docket.Submission{Channel: d.Channel, Key: in.Key, Original: in.Original, MediaType: in.MediaType, Form: in.Form,
		By: demand.Person("door:" + d.Channel), Receive: in.Receive})
	if err != nil {
		return Receipt{}, err
	}
	original, _, err := o.Docket.Original(ctx, a.ID)
	if err != nil {
		return Receipt{}, err
	}
	return o.receiptFor(a, int64(len(original)))
}

// Act gives a command on a demand in the name of a person. Codes: docket.not_found,
// those of may and of docket.Do.
func (o *Office) Act(ctx context.Context, id demand.ID, actor demand.Person, reason string, c demand.Command) (_ docket.Result, err error) {
	defer func() { o.refusedSeat(string(actor), actionOf(c), err) }()
	x, err := o.Docket.State(ctx, id)
	if err != nil {
		return docket.Result{}, err
	}
	w, err := o.reader(string(actor))
	if err != nil {
		return docket.Result{}, err
	}
	if err := w.may(actionOf(c), resourceOf(x)); err != nil {
		return docket.Result{}, err
	}
	return o.act(ctx, id, actor, w.seats, reason, c)
}

// Propose says which accounts a target stood for during the lines that name it,
// by the office's own estate. It records nothing. None and several are for a
// person to say. Codes: demand.target, estate.no_account, estate.several.
func (o *Office) Propose(ctx context.Context, id demand.ID, target int) ([]scope.AccountID, error) {
	r, err := o.LookUp(ctx, id, target)
	if err != nil {
		return nil, err
	}
	why, found := strings.TrimSuffix(r.Why, "."), r.Accounts()
	switch len(found) {
	case 1:
		return found, nil
	case 0:
		return nil, problem.New(problem.Missing, "estate.no_account", "the estate knows no account for this identifier in that time; a name alone is no identifier").
			At("target %d", target).Fix("%s; if that is right, say so with --none; otherwise name the account with --account", why)
	}
	names := make([]string, len(found))
	for i, a := range found {
		names[i] = string(a)
	}
	return nil, problem.New(problem.Refused, "estate.several", "this identifier stood for more than one account in that time").
		At("target %d: %s", target, strings.Join(names, ", ")).Fix("%s; ask the requester which is meant, then name it with --account", why)
}

// calledOnFile asks that a call-back was made on a contact that is on file for the
// agency: the number in a demand is the caller's own. An agency that is not
// registered has none, and the record says what was called.
func (o *Office) calledOnFile(s *demand.State, c demand.Command) error {
	call, ok := c.(demand.RecordCallback)
	if !ok {
		return nil
	}
	a, registered := o.Agencies.Agency(s.Instrument.Agency)
	if _, on := a.Called(call.Contact); !registered || on {
		return nil
	}
	return problem.New(problem.Refused, "callback.not_on_file", "this is no contact that we hold for the agency").At("contact").
		Fix("call %s; a contact that was found elsewhere is added to agencies.toml, with where", a.OnFile()[0].Contact)
}

// known asks that a person names accounts that the estate has, papers that the rules
// have a word for, and agencies that are registered.
func (o *Office) known(c demand.Command) error {
	switch c := c.(type) {
	case demand.ReadDemand:
		return o.knownPaper(c.Instrument, c.Kind == demand.Informal)
	case demand.AddPaper:
		return o.knownPaper(c.Instrument, false)
	case demand.Resolve:
		for _, a := range c.Accounts {
			if !o.Estate.Now().Owns(a) {
				return problem.New(problem.Missing, "estate.no_account", "the estate has no such account").At("target %d: %.80q", c.Target, string(a)).
					Fix("name an account of estate.toml")
			}
		}
	}
	return nil
}

// knownPaper refuses a paper of a kind that the rules have no word for, and one of an
// agency that nobody registered: whoever writes an informal letter may be nobody.
func (o *Office) knownPaper(i demand.Instrument, informal bool) error {
	var f fact.Facts
	err := f.Set("instrument", i.Kind)
	if err != nil {
		return err
	}
	if _, registered := o.Agencies.Agency(i.Agency); !registered && !informal {
		return noAgency(i.Agency)
	}
	return nil
}
