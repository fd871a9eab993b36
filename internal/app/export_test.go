package app

import (
	"context"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatehttp"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// What tests of this room's own look at.
var (
	// SessionCounts is what the staff's door asks at each request.
	SessionCounts = (*Office).sessionCounts

	// Mount adds every page to a mux.
	Mount = (*House).mount

	// Moving puts on a page how far the gate has come.
	Moving = (*Office).moving

	// SetDesk lets other gates be the office's.
	SetDesk = (*Office).setDesk

	// Followed is how long a preservation certificate waited for its production.
	Followed = (*Office).followed
)

// SilenceFirstGate lets the gate that is asked first be one that says nothing.
func SilenceFirstGate(o *Office) { o.Desk().(desks)[0].Desk = silent{} }

type silent struct{ gate.Desk }

func (silent) Stop(ctx context.Context, _ grant.Signed) (gate.HeldStop, error) {
	<-ctx.Done()
	return gate.HeldStop{}, unreachable()
}

func (silent) CharterHead(ctx context.Context) (gate.CharterHead, error) {
	<-ctx.Done()
	return gate.CharterHead{}, unreachable()
}

func (silent) Stops(ctx context.Context) ([]gate.HeldStop, error) {
	<-ctx.Done()
	return nil, unreachable()
}

func unreachable() error {
	return problem.New(problem.Unavailable, "gate.unreachable", "the gate does not answer")
}

// InOrder is a desk of two gates.
func InOrder(one, two gate.Desk) gate.Desk {
	return desks{{ID: "gate-one", Region: "one", Desk: one}, {ID: "gate-two", Region: "two", Desk: two}}
}

// OneSilentOf is a desk of two gates, of which the first says nothing.
func OneSilentOf(other gate.Desk) gate.Desk {
	return desks{{ID: "gate-one", Region: "one", Desk: silent{}}, {ID: "gate-two", Region: "two", Desk: other}}
}

func (silent) Approve(ctx context.Context, _ string, _ []byte) (gate.Status, error) {
	<-ctx.Done()
	return gate.Status{}, unreachable()
}

// WithoutGate lets a gate be one that nobody reaches.
func WithoutGate(o *Office, id string) {
	all := o.Desk().(desks)
	for i := range all {
		if all[i].ID == id {
			all[i].Desk = gatehttp.Unix("/nowhere/gate.sock")
		}
	}
}

// AskAuthority asks a time-stamping authority.
var AskAuthority = askAuthority

// StampTrials gives when an authority that fails each time is asked again.
func StampTrials(at time.Time, n int) (out []time.Time) {
	var s stamping
	for range n {
		out = append(out, s.failed("x", "stamp.unreachable", at).again)
	}
	return out
}
