package app

import (
	"context"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// personKey carries who reads and acts down to the question who may read counsel's
// notes.
type personKey struct{}

// As names the person who reads and acts with ctx. They see what is not sealed,
// what lies in a sealed case whose member they are, and, as counsel, counsel's
// notes. Whoever is nobody in particular reads as the Onlooker.
func (o *Office) As(ctx context.Context, person string) context.Context {
	if person == "" {
		person = Onlooker
	}
	return docket.For(context.WithValue(ctx, personKey{}, person), demand.Person(person))
}

// mayReadNotes reports whether who reads is counsel (design §5: advice lies under a
// key of its own).
func (o *Office) mayReadNotes(ctx context.Context) bool {
	person, named := ctx.Value(personKey{}).(string)
	if !named {
		return false
	}
	w, err := o.reader(person)
	return err == nil && w.holds("counsel")
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
