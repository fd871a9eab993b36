package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// SecrecyEased lets somebody be told, or frees accounts, while the rest stands.
type SecrecyEased struct {
	Source string // the order or statute
	On     time.Time
	Who    []string  // who may be told from now on
	Free   []Silence // accounts that are no longer covered
}

func (e SecrecyEased) apply(s *State, m Meta) {
	for _, w := range e.Who {
		s.Duty.MayTell = append(s.Duty.MayTell, Telling{Seq: m.Seq, Who: w, Source: e.Source})
	}
	for _, f := range e.Free {
		i := slices.IndexFunc(s.Duty.Covers, func(c Silence) bool { return c.Demand == f.Demand })
		if i < 0 || len(s.Duty.Covers[i].Accounts) == 0 {
			s.misfit(m)
			return
		}
		s.Duty.freed = append(s.Duty.freed, f)
		kept := slices.DeleteFunc(slices.Clone(s.Duty.Covers[i].Accounts), func(a scope.AccountID) bool { return slices.Contains(f.Accounts, a) })
		s.Duty.Covers = slices.Clone(s.Duty.Covers)
		if len(kept) == 0 { // an empty list would mean all of them
			s.Duty.Covers = slices.Delete(s.Duty.Covers, i, i+1)
			continue
		}
		s.Duty.Covers[i].Accounts = kept
	}
}

// EaseSecrecy records a partial lifting. Codes: secrecy.form, secrecy.covers,
// secrecy.ended.
type EaseSecrecy SecrecyEased

func (EaseSecrecy) on() Stream { return SecrecyStream }

func (c EaseSecrecy) decide(s *State, _ Env) ([]Event, error) {
	if s.Duty.Lifted > 0 {
		return nil, problem.New(problem.Refused, "secrecy.ended", "this duty was lifted whole")
	}
	if !text(c.Source) || c.On.IsZero() || (len(c.Who) == 0 && len(c.Free) == 0) || len(c.Who) > MaxTargets {
		return nil, problem.New(problem.Invalid, "secrecy.form", "say which order eases the duty, when, and who may be told or which accounts are free").At("source")
	}
	for n, f := range c.Free {
		i := slices.IndexFunc(s.Duty.Covers, func(x Silence) bool { return x.Demand == f.Demand })
		twice := slices.ContainsFunc(c.Free[:n], func(x Silence) bool { return x.Demand == f.Demand })
		if i < 0 || twice || len(f.Accounts) == 0 || !containsAll(s.Duty.Covers[i].Accounts, f.Accounts) {
			return nil, problem.New(problem.Invalid, "secrecy.covers", "only accounts that the duty names one by one can be freed one by one").At("%.40q", string(f.Demand))
		}
	}
	own := SecrecyEased{Source: c.Source, On: instant(c.On), Who: slices.Clone(c.Who), Free: cloneSilences(c.Free)}
	return []Event{own}, nil
}

func containsAll(list, want []scope.AccountID) bool {
	for _, w := range want {
		if !slices.Contains(list, w) {
			return false
		}
	}
	return true
}

// SecrecyLifted ends a duty before its day.
type SecrecyLifted struct {
	Source string
	On     time.Time
}

func (e SecrecyLifted) apply(s *State, m Meta) {
	if s.Duty.Lifted > 0 {
		s.misfit(m)
		return
	}
	s.Duty.Lifted, s.Duty.LiftedOn = m.Seq, e.On
}

// LiftSecrecy records that whoever could has ended the duty. Codes: secrecy.form,
// secrecy.ended.
type LiftSecrecy SecrecyLifted

func (LiftSecrecy) on() Stream { return SecrecyStream }

func (c LiftSecrecy) decide(s *State, e Env) ([]Event, error) {
	if s.Duty.Lifted > 0 {
		return nil, problem.New(problem.Refused, "secrecy.ended", "this duty was lifted")
	}
	if !text(c.Source) || c.On.IsZero() || c.On.After(e.Now) {
		return nil, problem.New(problem.Invalid, "secrecy.form", "say which order lifted the duty, and on which day that has come").At("source")
	}
	return []Event{SecrecyLifted{Source: c.Source, On: instant(c.On)}}, nil
}
