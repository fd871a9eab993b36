package app

import (
	"context"
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
	"counterseal/internal/web/staff"
)

// may asks the policy, which is the only place that says who may do what: every route
// of the staff's pages, every act, and every look at a stream comes through here.
// Codes: app.roster, app.seat, app.policy, demand.closed, docket.not_found.
func (w who) may(action string, at policy.Resource) error {
	d := w.policy.Decide(policy.Question{Seats: w.seats, Action: action, Resource: at})
	if d.Allowed() {
		return nil
	}
	if at.Sealed && !at.Member {
		return docket.NotFound() // whatever else is amiss: it is not there
	}
	seats, anybody := w.policy.Seats(action)
	switch {
	case len(seats) == 0 && !anybody:
		return problem.New(problem.Refused, "app.policy", "no rule of the policy permits this to anybody").At("%.60q", action).Fix("counterseal policy show prints the rules")
	case len(w.seats) == 0 && !anybody:
		return problem.New(problem.Refused, "app.roster", "only a person on the charter's roster can act").Fix("ask somebody who is on it")
	case len(d.Permits) == 0:
		return problem.New(problem.Refused, "app.seat", "this is for another seat: %s", seats[0]).Fix("ask %s", seatHolders(seats))
	}
	return demand.ErrClosed
}

// seatHolders says whom to ask.
func seatHolders(seats []string) string {
	out := make([]string, len(seats))
	for i, s := range seats {
		out[i] = "somebody of the group " + s + " on the charter's roster"
	}
	if len(out) == 1 {
		return out[0]
	}
	return "somebody of the groups " + strings.Join(seats[:len(seats)-1], ", ") + " or " + seats[len(seats)-1] + " on the charter's roster"
}

// resourceOf is what the policy knows of a stream that somebody has read: what lies in a
// sealed case only its members have.
func resourceOf(c docket.Case) policy.Resource {
	sealed := c.Compartment != docket.General
	return policy.Resource{Sealed: sealed, Member: sealed, Closed: c.State.Closed > 0}
}

// mayRead answers the docket. Somebody whose seats cannot be read has none.
func (o *Office) mayRead(_ context.Context, a docket.Asked) bool {
	action := "stream.read"
	if a.Stream == demand.NotesStream {
		action = "notes.read"
	}
	w, err := o.reader(string(a.Person))
	if err != nil {
		w = who{policy: o.policy}
	}
	return w.may(action, policy.Resource{Sealed: a.Sealed, Member: a.Member}) == nil
}

// MayOpen says whether somebody may send a request to a route of the staff's pages.
// What they then ask for is asked again, with what it is about. Codes: those of may.
func (o *Office) MayOpen(person, route string) error {
	w, err := o.reader(person)
	if err == nil {
		err = w.may(route, policy.Resource{})
	}
	o.refusedSeat(person, route, err)
	return err
}

// actionOfDeed names the act of a form on a demand's own page.
func actionOfDeed(d staff.Deed) string {
	switch d.(type) {
	case staff.Authenticate:
		return actionOfForm["authenticate"]
	case staff.Resolve:
		return actionOfForm["resolve"]
	case staff.Check:
		return actionOfForm["check"]
	case staff.Assess:
		return actionOfForm["assess"]
	case staff.Answer:
		return actionOfForm["answer"]
	case staff.Decide:
		return actionOfForm["decide"]
	case staff.StateNoSecrecy:
		return actionOfForm["state_secrecy"]
	}
	return ""
}

// actionOfForm names the acts of the forms on a demand's own page.
var actionOfForm = map[string]string{
	"authenticate": "paper.authenticate", "resolve": "identifier.resolve", "check": "identifier.check", "assess": "demand.assess", "answer": "finding.answer", "decide": "line.decide",
	"state_secrecy": "secrecy.none",
}

// actionOf names the act of a command that is given without the catalogue.
func actionOf(c demand.Command) string {
	switch c.(type) {
	case demand.Authenticate:
		return "paper.authenticate"
	case demand.StateFacts:
		return "facts.state"
	case demand.Resolve:
		return "identifier.resolve"
	case demand.Check:
		return "identifier.check"
	case demand.Assess:
		return "demand.assess"
	case demand.AnswerFinding:
		return "finding.answer"
	case demand.DecideLine:
		return "line.decide"
	case demand.StateSecrecy:
		return "secrecy.none"
	case demand.EndRelease:
		return "release.outcome"
	case demand.RevokeGrant:
		return "grant.revoke"
	case demand.SealDemand:
		return "case.seal"
	case demand.NoteCost:
		return "cost.note"
	case demand.RecordStay:
		return "stay.record"
	case demand.Close:
		return "demand.close"
	}
	return ""
}

// leftToDocket reports whether what may refuses is left to the docket: that refuses a
// new act on a closed demand with the same answer, and it alone knows a form that is
// sent again from one that was sent before the demand was closed.
func leftToDocket(err error) bool { return problem.Code(err) == demand.ErrClosed.Code }

// holds reports whether the reader does what a seat's duty is. Everybody on the
// roster may be an approver; whose key counts, the gate says.
func (w who) holds(seat string) bool {
	return seat == "approver" && len(w.seats) > 0 || slices.Contains(w.seats, seat)
}
