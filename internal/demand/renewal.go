package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
)

// Renewal is an order that continues a duty. It counts by itself if it was served
// while the duty stood. Signed before the end and served after it, it is open
// until counsel has settled whether it binds, and until then it blocks notice
// (invariant 19).
type Renewal struct {
	Seq     Seq
	Number  string
	Signed  time.Time
	Served  time.Time
	Until   time.Time
	Settled Seq // 0 while open
	Binds   bool
}

// SecrecyRenewed continues a duty.
type SecrecyRenewed struct {
	Number string
	Signed time.Time
	Served time.Time
	Until  time.Time
}

func (e SecrecyRenewed) apply(s *State, m Meta) {
	d := &s.Duty
	if d.Lifted > 0 {
		s.misfit(m)
		return
	}
	r := Renewal{Seq: m.Seq, Number: e.Number, Signed: e.Signed, Served: e.Served, Until: e.Until}
	if end := d.End(); end.IsZero() || e.Served.Before(end) {
		r.Settled, r.Binds = m.Seq, true
		d.extend(e.Until, m.At)
	}
	d.Renewals = append(d.Renewals, r)
}

// extend moves the end later, never earlier; no end at all is the latest, and then
// a person looks again. Whoever armed the notice armed it for the end before.
func (d *SecrecyDuty) extend(until, now time.Time) {
	if !endsBefore(d.Until, until) {
		return
	}
	d.Until, d.Armed = until, Arming{}
	if until.IsZero() && !d.Review.After(now) {
		d.Review = now.Add(reviewAfter)
	}
}

// RenewSecrecy records a renewal. One that was signed when the duty had ended is
// a new order, and one of a duty that was lifted has nothing to renew: both are
// refused. Codes: secrecy.form, secrecy.ended, secrecy.dates.
type RenewSecrecy SecrecyRenewed

func (RenewSecrecy) on() Stream { return SecrecyStream }

func (c RenewSecrecy) decide(s *State, _ Env) ([]Event, error) {
	d := &s.Duty
	if c.Signed.IsZero() || c.Served.IsZero() || c.Served.Before(c.Signed) || len(c.Number) > MaxText {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "a renewal states when it was signed and when it was served, in that order").At("signed")
	}
	if !c.Until.IsZero() && !c.Served.Before(c.Until) {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "this renewal would end before it was served").At("until")
	}
	if end := d.End(); d.Lifted > 0 || (!end.IsZero() && !c.Signed.Before(end)) {
		return nil, problem.New(problem.Refused, "secrecy.ended", "the duty had ended when this was signed, so it renews nothing").
			Fix("record it as a duty of its own; a letter that has gone stays gone")
	}
	own := SecrecyRenewed(c)
	own.Signed, own.Served, own.Until = instant(c.Signed), instant(c.Served), instant(c.Until)
	return []Event{own}, nil
}

// RenewalSettled is counsel's word on a renewal that came late.
type RenewalSettled struct {
	Renewal Seq
	Binds   bool
}

func (e RenewalSettled) apply(s *State, m Meta) {
	for i := range s.Duty.Renewals {
		r := &s.Duty.Renewals[i]
		if r.Seq == e.Renewal && r.Settled == 0 {
			r.Settled, r.Binds = m.Seq, e.Binds
			if e.Binds {
				s.Duty.extend(r.Until, m.At)
			}
			return
		}
	}
	s.misfit(m)
}

// SettleRenewal records it. Codes: secrecy.renewal, secrecy.reason, secrecy.seat.
type SettleRenewal RenewalSettled

func (SettleRenewal) on() Stream { return SecrecyStream }

func (c SettleRenewal) decide(s *State, e Env) ([]Event, error) {
	if !slices.Contains(e.Seats, "counsel") {
		return nil, forCounsel("secrecy.seat", "whether a late renewal binds is for counsel")
	}
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "secrecy.reason", "say why the renewal binds or does not")
	}
	for _, r := range s.Duty.Renewals {
		if r.Seq == c.Renewal && r.Settled == 0 {
			return []Event{RenewalSettled(c)}, nil
		}
	}
	return nil, problem.New(problem.Missing, "secrecy.renewal", "no such renewal is open").At("event %d", c.Renewal)
}
