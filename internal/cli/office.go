package cli

import (
	"context"
	"os"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/canon"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// withOffice opens the folder, lets its standing work run, and calls do. Where
// another process runs the office, that one goes on writing the logs.
func (s *session) withOffice(ctx context.Context, do func(context.Context, *app.Office) error) error {
	o, err := app.Open(ctx, app.Folder(s.data), s.officeOptions())
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- o.Run(running) }()
	err = do(ctx, o)
	if err == nil {
		// What the act made due is done now: nobody else may be running.
		if roundErr := o.Round(ctx); roundErr != nil {
			s.log().Error("round", "code", problem.Code(roundErr))
		}
	}
	stop()
	runErr := <-ended
	closeErr := o.Close()
	for _, e := range []error{err, runErr, closeErr} {
		if e != nil {
			return e
		}
	}
	return nil
}

// actor says who acts. Until there is sign-in this is a claim, and doctor says so;
// where there is a charter it must at least be a person on the roster.
func (s *session) actor(o *app.Office, as string) (demand.Person, []string, error) {
	if as == "" {
		as = os.Getenv("COUNTERSEAL_AS")
	}
	if as == "" {
		return "", nil, problem.New(problem.Invalid, "cli.actor", "nobody is named who acts").At("--as").Fix("add --as PERSON, or set COUNTERSEAL_AS")
	}
	c, err := o.Folder.Charter()
	if problem.Code(err) == "app.no_charter" {
		return demand.Person(canon.Text(as)), []string{"reviewer", "counsel"}, nil
	}
	if err != nil {
		return "", nil, err
	}
	p, ok := c.PersonByID(as)
	if !ok {
		return "", nil, problem.New(problem.Refused, "cli.not_on_roster", "nobody of this id is on the roster").At("%s", canon.Text(as)).Fix("use an id of the charter, such as counterseal gate init wrote into charter/1.txt")
	}
	return demand.Person(p.ID), []string{"reviewer", p.Group}, nil
}

// patience is how long a command waits for the journal before it gives up.
const patience = 90 * time.Second
