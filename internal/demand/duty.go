package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// SecrecyDuty is one duty not to tell: where it comes from, whom and what it
// covers, and how long. Duties overlap; each that stands blocks notice by itself,
// so the latest end wins.
type SecrecyDuty struct {
	ID        ID
	Opened    Meta
	Source    string // order, statute, certification
	Cite      string // what it rests on
	Authority string // the court or authority that can end it
	Number    string
	Reasons   string // individual, boilerplate, none; "" where nobody has read them
	Covers    []Silence
	Binds     []string // what may not be told: existence, contents, identity …
	Signed    time.Time
	Served    time.Time
	Effective time.Time
	Until     time.Time // the first moment at which it no longer stands; zero: no end is stated
	Review    time.Time // when a person looks again whether it still stands
	MayTell   []Telling
	Renewals  []Renewal
	Asked     []Asking
	Contests  []ID
	Armed     Arming
	Drained   time.Time // every channel was read past this moment
	Lifted    Seq
	LiftedOn  time.Time

	freed []Silence // what it covered until a court freed it
}

// Silence is what a duty covers of a demand: the accounts named, or all of it.
type Silence struct {
	Demand   ID
	Accounts []scope.AccountID
}

// Telling is somebody who may be told although the duty stands.
type Telling struct {
	Seq    Seq
	Who    string // representative, counsel, staff, or a name
	Source string // the order or statute that allows it
}

// What a duty can rest on, bind, and how its reasons read.
var (
	SecrecySources = []string{"order", "statute", "certification"}
	SecrecyBinds   = []string{"existence", "contents", "identity", "answer"}
	SecrecyReasons = []string{"", "individual", "boilerplate", "none"}
)

// Stands reports whether the duty is in force at now. One that begins later
// stands from the day on which it is known.
func (d *SecrecyDuty) Stands(now time.Time) bool {
	if d.Lifted > 0 && !now.Before(d.LiftedOn) {
		return false
	}
	return d.Until.IsZero() || now.Before(d.Until)
}

// Open reports whether a renewal waits for counsel.
func (d *SecrecyDuty) Open() bool {
	return slices.ContainsFunc(d.Renewals, func(r Renewal) bool { return r.Settled == 0 })
}

// End is when the duty ends or ended: the day of lifting where that came first;
// zero while no end is stated.
func (d *SecrecyDuty) End() time.Time {
	if d.Lifted > 0 && (d.Until.IsZero() || d.LiftedOn.Before(d.Until)) {
		return d.LiftedOn
	}
	return d.Until
}

// ArmedFor reports whether a person has armed the notice for the present end.
func (d *SecrecyDuty) ArmedFor() bool { return d.Armed.Seq > 0 && d.Armed.End.Equal(d.End()) }

// covers reports whether the duty covers an account of a demand.
func (d *SecrecyDuty) covers(id ID, a scope.AccountID) bool { return silencesAccount(d.Covers, id, a) }

func silencesAccount(covers []Silence, id ID, a scope.AccountID) bool {
	for _, c := range covers {
		if c.Demand == id && (len(c.Accounts) == 0 || slices.Contains(c.Accounts, a)) {
			return true
		}
	}
	return false
}

// coversWhole reports whether the duty covers all of a demand.
func (d *SecrecyDuty) coversWhole(id ID) bool {
	return slices.ContainsFunc(d.Covers, func(c Silence) bool { return c.Demand == id && len(c.Accounts) == 0 })
}

// MayTellWho reports whether the duty lets somebody be told while it stands.
func (d *SecrecyDuty) MayTellWho(who string) bool {
	return slices.ContainsFunc(d.MayTell, func(t Telling) bool { return t.Who == who })
}

// SecrecyOpened begins a duty's history.
type SecrecyOpened struct {
	ID        ID
	Source    string
	Cite      string
	Authority string
	Number    string
	Reasons   string
	Covers    []Silence
	Binds     []string
	Signed    time.Time
	Served    time.Time
	Effective time.Time
	Until     time.Time
	Review    time.Time
	MayTell   []string
}

func (e SecrecyOpened) apply(s *State, m Meta) {
	s.Duty = SecrecyDuty{ID: e.ID, Opened: m, Source: e.Source, Cite: e.Cite, Authority: e.Authority, Number: e.Number, Reasons: e.Reasons, Covers: e.Covers,
		Binds: e.Binds, Signed: e.Signed, Served: e.Served, Effective: e.Effective, Until: e.Until, Review: e.Review}
	for _, w := range e.MayTell {
		s.Duty.MayTell = append(s.Duty.MayTell, Telling{Seq: m.Seq, Who: w, Source: e.Cite})
	}
}

func (e SecrecyOpened) echoes(id ID) []Echo {
	var out []Echo
	for _, c := range e.Covers {
		out = append(out, Echo{To: c.Demand, Command: joinStream{To: id}})
	}
	return out
}

// OpenSecrecy records a duty of secrecy. A bare request to stay silent is none
// (see AskSilence). A duty without an end has a day of review. Codes:
// secrecy.source, secrecy.form, secrecy.covers, secrecy.dates.
type OpenSecrecy SecrecyOpened

func (OpenSecrecy) on() Stream { return SecrecyStream }

func (OpenSecrecy) begins() {}

func (c OpenSecrecy) decide(_ *State, e Env) ([]Event, error) {
	if !slices.Contains(SecrecySources, c.Source) {
		return nil, problem.New(problem.Invalid, "secrecy.source", "a bare request to stay silent binds nobody").At("%.40q", c.Source).
			Fix("a duty rests on an order, a statute or a certification")
	}
	if StreamOf(c.ID) != SecrecyStream || !text(c.Cite) || !text(c.Authority) || len(c.Number) > MaxText || !slices.Contains(SecrecyReasons, c.Reasons) {
		return nil, problem.New(problem.Invalid, "secrecy.form", "a duty of secrecy says what it rests on, and who can end it").At("cite")
	}
	for _, b := range c.Binds {
		if !slices.Contains(SecrecyBinds, b) {
			return nil, problem.New(problem.Invalid, "secrecy.form", "no such thing can be bound").At("%.40q", b)
		}
	}
	if err := checkSilences(c.Covers); err != nil {
		return nil, err
	}
	own := SecrecyOpened(c)
	own.Covers, own.Binds, own.MayTell = cloneSilences(c.Covers), slices.Clone(c.Binds), slices.Clone(c.MayTell)
	own.Signed, own.Served, own.Effective, own.Until, own.Review = instant(c.Signed), instant(c.Served), instant(c.Effective), instant(c.Until), instant(c.Review)
	if own.Until.IsZero() && own.Review.IsZero() {
		own.Review = e.Now.Add(reviewAfter)
	}
	if own.Until.IsZero() && own.Review.Sub(e.Now) > 2*reviewAfter {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "a duty without an end is looked at again within a year").At("review")
	}
	begun := latest(own.Signed, own.Served, own.Effective)
	if !own.Until.IsZero() && !begun.IsZero() && !begun.Before(own.Until) {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "this duty would end before it began").At("until")
	}
	return []Event{own}, nil
}

func latest(ts ...time.Time) time.Time {
	var out time.Time
	for _, t := range ts {
		if t.After(out) {
			out = t
		}
	}
	return out
}

func checkSilences(covers []Silence) error {
	bad := problem.New(problem.Invalid, "secrecy.covers", "a duty names the demands that it covers, each once, 1 to %d", MaxCovered).At("covers")
	if len(covers) == 0 || len(covers) > MaxCovered {
		return bad
	}
	seen := map[ID]bool{}
	for _, c := range covers {
		if StreamOf(c.Demand) != DemandStream || seen[c.Demand] || len(c.Accounts) > MaxTargets {
			return bad
		}
		seen[c.Demand] = true
		for _, a := range c.Accounts {
			if !scope.ValidAccount(string(a)) {
				return bad.At("%.40q", string(a))
			}
		}
	}
	return nil
}

func cloneSilences(in []Silence) []Silence {
	out := slices.Clone(in)
	for i := range out {
		out[i].Accounts = slices.Clone(out[i].Accounts)
	}
	return out
}

func forCounsel(code, what string) error { return problem.New(problem.Refused, code, "%s", what) }

// DutyContested says that a contest is against this duty.
type DutyContested struct{ Contest ID }

func (e DutyContested) apply(s *State, _ Meta) {
	s.Duty.Contests = append(s.Duty.Contests, e.Contest)
}

// contestDuty comes of a contest that names the duty.
type contestDuty DutyContested

func (contestDuty) on() Stream { return SecrecyStream }

func (c contestDuty) decide(*State, Env) ([]Event, error) { return []Event{DutyContested(c)}, nil }

// agenda of a duty: to ask the authority, to arm, to drain, to look again.
func (d *SecrecyDuty) agenda() []Duty {
	end := d.End()
	if d.Open() {
		return []Duty{{Kind: "secrecy.settle", At: d.Opened.At, About: d.Number, Seat: "counsel"}}
	}
	if end.IsZero() {
		return []Duty{{Kind: "secrecy.review", At: d.Review, About: d.Cite, Seat: "counsel"}}
	}
	var out []Duty
	if d.Lifted == 0 && d.Drained.Before(end) { // once the channels were read past it, there is nothing to ask
		for _, days := range askDays {
			if !d.asked(days) {
				out = append(out, Duty{Kind: askKind(days), At: end.AddDate(0, 0, -days), About: d.Number, Seat: "clerk"})
			}
		}
	}
	if !d.ArmedFor() {
		out = append(out, Duty{Kind: "notice.arm", At: end.Add(-armBefore), About: d.Number, Seat: "counsel"})
	}
	if d.Drained.Before(end) {
		out = append(out, Duty{Kind: "secrecy.drain", At: end, About: d.Number, Seat: "clerk"})
	}
	return out
}
