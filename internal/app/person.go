package app

import (
	"cmp"
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// As names the person who reads and acts with ctx: see docket.For. Whoever is
// nobody in particular reads as the Onlooker: what is not sealed, and no notes.
func (o *Office) As(ctx context.Context, person string) context.Context {
	return docket.For(ctx, demand.Person(cmp.Or(person, Onlooker)))
}

// SeatsOf gives the seats of a person who acts on the command line, as Perform
// takes them: those of the charter's roster and of the staff that the configuration
// names; where neither names anybody, somebody who gives a name is taken at their
// word. Code: app.roster.
func (o *Office) SeatsOf(person string) ([]string, error) {
	w, err := o.reader(person)
	if err != nil {
		return nil, err
	}
	if len(w.seats) == 0 {
		return nil, problem.New(problem.Refused, "app.roster", "only a person on the charter's roster can act").At("%.64q", person).
			Fix("use an id of the charter, such as counterseal gate init wrote into charter/1.txt, or of [[staff]] in counterseal.toml")
	}
	return w.seats, nil
}
