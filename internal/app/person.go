package app

import (
	"cmp"
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/policy"
	"counterseal/internal/problem"
)

// As names the person who reads and acts with ctx: see docket.For. Whoever is
// nobody in particular reads as the Onlooker: what is not sealed, and no notes.
func (o *Office) As(ctx context.Context, person string) context.Context {
	return docket.For(ctx, demand.Person(cmp.Or(person, Onlooker)))
}

// MayAct says whether a person may do an act of the command line, before it is known
// what it is about. Their seats are those of the charter's roster and of the staff
// that the configuration names; where neither names anybody, somebody who gives a
// name is taken at their word. Codes: app.roster, app.seat, app.policy.
func (o *Office) MayAct(person, action string) error {
	w, err := o.reader(person)
	if err == nil {
		err = w.may(action, policy.Resource{})
	}
	o.refusedSeat(person, action, err)
	if problem.Code(err) == "app.roster" {
		return problem.Of(err).At("%.64q", person).
			Fix("use an id of the charter, such as counterseal gate init wrote into charter/1.txt, or of [[staff]] in counterseal.toml")
	}
	return err
}
