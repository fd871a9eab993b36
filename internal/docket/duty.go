package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// Due is a duty that falls due. Where it cannot be opened, Problem says why and
// About is empty: it still has to be looked at.
type Due struct {
	ID      demand.ID
	Token   Digest
	Kind    string
	About   string // account, line, grant
	Seat    string
	At      time.Time
	Tries   int // how often it was claimed, this time included
	Problem *problem.Error
}

// DueDuties lists what people must be reminded of by now, oldest first, without
// what a named reader may not see. The clerk's own duties are not among them: see
// Claim.
func (d *Docket) DueDuties(ctx context.Context, now time.Time, limit int) (out []Due, err error) {
	defer func() { d.refused(ctx, "due", "", err) }()
	list, err := d.Store.Due(ctx, false, now, limit)
	if err != nil {
		return nil, err
	}
	if _, named := Reader(ctx); named {
		list, err = d.forReader(ctx, list)
		if err != nil {
			return nil, err
		}
	}
	return d.openDuties(ctx, list), nil
}

func (d *Docket) forReader(ctx context.Context, list []DueDuty) (out []DueDuty, err error) {
	for _, y := range list {
		err := d.admit(ctx, y.Demand)
		if problem.Code(err) == NotFound().Code {
			continue
		}
		if err != nil {
			return nil, err
		}
		out = append(out, y)
	}
	return out, nil
}

// Claim leases due duties of the clerk to the holder until a time, at most
// MaxLease ahead. No duty is leased to two holders at once.
func (d *Docket) Claim(ctx context.Context, c Claim) (out []Due, err error) {
	defer func() { d.refused(ctx, "claim", "", err) }()
	list, err := d.Store.Claim(ctx, c)
	if err != nil {
		return nil, err
	}
	return d.openDuties(ctx, list), nil
}

// Defer gives a claimed duty back, to be claimed again from until on.
func (d *Docket) Defer(ctx context.Context, y Due, holder [16]byte, until time.Time) (err error) {
	defer func() { d.refused(ctx, "defer", y.ID, err) }()
	return d.Store.Defer(ctx, y.ID, y.Token, holder, until)
}

func (d *Docket) openDuties(ctx context.Context, list []DueDuty) []Due {
	out := make([]Due, 0, len(list))
	for _, l := range list {
		y := Due{ID: l.Demand, Token: l.Token, Kind: l.Kind, Seat: l.Seat, At: l.Due, Tries: l.Tries}
		v, err := d.vaultOf(ctx, l.Demand)
		if err == nil {
			var plain []byte
			plain, err = v.open(dutyPlace(l.Demand, l.Duty), l.Sealed)
			y.About = string(plain)
		}
		if err != nil {
			y.Problem = problem.Of(err)
		}
		out = append(out, y)
	}
	return out
}
