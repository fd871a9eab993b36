package cli

import (
	"context"
	"time"

	"counterseal/internal/app"
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
	s.told = o.Told()
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

// actor says who does an act. On the command line this is a claim, and doctor says
// so; it must at least be somebody to whom the policy permits the act.
func (s *session) actor(o *app.Office, as, act string) (demand.Person, error) {
	as = named(as)
	if as == "" {
		return "", problem.New(problem.Invalid, "cli.actor", "nobody is named who acts").At("--as").Fix("add --as PERSON, or set COUNTERSEAL_AS")
	}
	return demand.Person(as), o.MayAct(as, act)
}

// patience is how long a command waits for the journal before it gives up.
const patience = 90 * time.Second
