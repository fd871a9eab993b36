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

// Asking is the question to the authority whether the duty continues.
type Asking struct {
	Seq    Seq
	At     time.Time
	End    time.Time // the end that was asked about
	Days   int       // before the end: 30 or 7
	Letter string
	Answer string
}

// Arming is a person's word that the notice goes when the duty ends. It is for
// one end: a duty that is renewed is armed anew.
type Arming struct {
	Seq Seq
	By  Person
	End time.Time
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

// Covered reports whether the duty covers an account of a demand.
func (d *SecrecyDuty) covers(id ID, a scope.AccountID) bool {
	for _, c := range d.Covers {
		if c.Demand == id && (len(c.Accounts) == 0 || slices.Contains(c.Accounts, a)) {
			return true
		}
	}
	return false
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
func (OpenSecrecy) begins()    {}

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

// SecrecyRenewed continues a duty.
type SecrecyRenewed struct {
	Number string
	Signed time.Time
	Served time.Time
	Until  time.Time
}

func (e SecrecyRenewed) apply(s *State, m Meta) {
	d := &s.Duty
	r := Renewal{Seq: m.Seq, Number: e.Number, Signed: e.Signed, Served: e.Served, Until: e.Until}
	if end := d.End(); end.IsZero() || e.Served.Before(end) {
		r.Settled, r.Binds = m.Seq, true
		d.extend(e.Until)
	}
	d.Renewals = append(d.Renewals, r)
}

// extend moves the end later, never earlier; no end at all is the latest.
func (d *SecrecyDuty) extend(until time.Time) {
	if !d.Until.IsZero() && (until.IsZero() || until.After(d.Until)) {
		d.Until = until
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
				s.Duty.extend(r.Until)
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

func forCounsel(code, what string) error { return problem.New(problem.Refused, code, "%s", what) }

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
		return nil, problem.New(problem.Conflict, "secrecy.ended", "this duty was lifted whole")
	}
	if !text(c.Source) || c.On.IsZero() || (len(c.Who) == 0 && len(c.Free) == 0) || len(c.Who) > MaxTargets {
		return nil, problem.New(problem.Invalid, "secrecy.form", "say which order eases the duty, when, and who may be told or which accounts are free").At("source")
	}
	for _, f := range c.Free {
		i := slices.IndexFunc(s.Duty.Covers, func(x Silence) bool { return x.Demand == f.Demand })
		if i < 0 || len(f.Accounts) == 0 || !containsAll(s.Duty.Covers[i].Accounts, f.Accounts) {
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
		return nil, problem.New(problem.Conflict, "secrecy.ended", "this duty was lifted")
	}
	if !text(c.Source) || c.On.IsZero() || c.On.After(e.Now) {
		return nil, problem.New(problem.Invalid, "secrecy.form", "say which order lifted the duty, and on which day that has come").At("source")
	}
	return []Event{SecrecyLifted{Source: c.Source, On: instant(c.On)}}, nil
}

// SecrecyAsked is the question to the authority before the end.
type SecrecyAsked struct {
	End    time.Time
	Days   int
	Letter string
}

func (e SecrecyAsked) apply(s *State, m Meta) {
	s.Duty.Asked = append(s.Duty.Asked, Asking{Seq: m.Seq, At: m.At, End: e.End, Days: e.Days, Letter: e.Letter})
}

// AskSecrecy records that the authority was asked. Codes: secrecy.asked,
// secrecy.form.
type AskSecrecy SecrecyAsked

func (AskSecrecy) on() Stream { return SecrecyStream }

func (c AskSecrecy) decide(s *State, _ Env) ([]Event, error) {
	if !text(c.Letter) || !slices.Contains(askDays, c.Days) || !c.End.Equal(s.Duty.End()) || c.End.IsZero() {
		return nil, problem.New(problem.Invalid, "secrecy.form", "the question is about the end that stands, %v days before it", askDays).At("end")
	}
	if s.Duty.asked(c.Days) {
		return nil, problem.New(problem.Conflict, "secrecy.asked", "this was asked")
	}
	own := SecrecyAsked(c)
	own.End = instant(c.End)
	return []Event{own}, nil
}

func (d *SecrecyDuty) asked(days int) bool {
	return slices.ContainsFunc(d.Asked, func(a Asking) bool { return a.Days == days && a.End.Equal(d.End()) })
}

// SecrecyReviewed is a person's look at a duty without an end.
type SecrecyReviewed struct{ Next time.Time }

func (e SecrecyReviewed) apply(s *State, _ Meta) { s.Duty.Review = e.Next }

// ReviewSecrecy records it. Codes: secrecy.reason, secrecy.dates.
type ReviewSecrecy SecrecyReviewed

func (ReviewSecrecy) on() Stream { return SecrecyStream }

func (c ReviewSecrecy) decide(_ *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "secrecy.reason", "say what was found: why the duty still stands")
	}
	if !c.Next.After(e.Now) || c.Next.Sub(e.Now) > 2*reviewAfter {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "the next review lies ahead, within a year").At("next")
	}
	return []Event{SecrecyReviewed{Next: instant(c.Next)}}, nil
}

// NoticeArmed is a person's word that the notice goes when the duty ends.
type NoticeArmed struct{ End time.Time }

func (e NoticeArmed) apply(s *State, m Meta) {
	s.Duty.Armed = Arming{Seq: m.Seq, By: m.By, End: e.End}
}

// ArmNotice arms it for the end that stands. It is for counsel or privacy.
// Codes: secrecy.seat, secrecy.dates.
type ArmNotice NoticeArmed

func (ArmNotice) on() Stream { return SecrecyStream }

func (c ArmNotice) decide(s *State, e Env) ([]Event, error) {
	if !slices.Contains(e.Seats, "counsel") && !slices.Contains(e.Seats, "privacy") {
		return nil, forCounsel("secrecy.seat", "a notice after secrecy is armed by counsel or by privacy")
	}
	if c.End.IsZero() || !c.End.Equal(s.Duty.End()) {
		return nil, problem.New(problem.Conflict, "secrecy.dates", "the duty ends on another day than you saw, or has no end").At("end").Fix("look again")
	}
	return []Event{NoticeArmed{End: instant(c.End)}}, nil
}

// NoticeDisarmed takes the word back.
type NoticeDisarmed struct{}

func (NoticeDisarmed) apply(s *State, _ Meta) { s.Duty.Armed = Arming{} }

// DisarmNotice takes it back. Code: secrecy.reason.
type DisarmNotice NoticeDisarmed

func (DisarmNotice) on() Stream { return SecrecyStream }

func (c DisarmNotice) decide(_ *State, e Env) ([]Event, error) {
	if e.Reason == "" {
		return nil, problem.New(problem.Invalid, "secrecy.reason", "say why the notice is held back")
	}
	return []Event{NoticeDisarmed(c)}, nil
}

// ChannelsDrained says that everything that could bring a renewal was read past
// the end: nothing that came in time lies unread.
type ChannelsDrained struct{ Through time.Time }

func (e ChannelsDrained) apply(s *State, _ Meta) {
	if e.Through.After(s.Duty.Drained) {
		s.Duty.Drained = e.Through
	}
}

// DrainChannels records it. Code: secrecy.dates.
type DrainChannels ChannelsDrained

func (DrainChannels) on() Stream { return SecrecyStream }

func (c DrainChannels) decide(s *State, e Env) ([]Event, error) {
	if c.Through.IsZero() || c.Through.After(e.Now) {
		return nil, problem.New(problem.Invalid, "secrecy.dates", "channels are read up to now at most").At("through")
	}
	return []Event{ChannelsDrained{Through: instant(c.Through)}}, nil
}

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
	if d.Lifted == 0 {
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

// askDays are how long before the end the authority is asked (design §10).
var askDays = []int{30, 7}

const armBefore = 7 * 24 * time.Hour

func askKind(days int) string {
	if days == askDays[0] {
		return "secrecy.ask_30"
	}
	return "secrecy.ask_7"
}
