package demand

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Contest is one proceeding against demands, against duties of secrecy or against
// a statute, through its instances. Contesting stops nothing by itself: only a
// recorded stay does, or the law (invariant 23).
type Contest struct {
	ID        ID
	Opened    Meta
	Title     string
	Against   string // production, secrecy, statute
	Covers    []Cover
	Duties    []ID // the duties of secrecy that are contested
	Instances []Instance
	Stays     []CourtStay
	Contempts []Contempt
	Filings   []Filing
	Unsealed  []Unsealing
	Ended     Seq
	How       string    // withdrawn, moot, final, settled
	EndedOn   time.Time // the court's day
}

// Cover is a demand that a contest touches, and what of it: no lines for a
// contest that is about secrecy alone.
type Cover struct {
	Demand ID
	Reach  []string // canonical lines of a scope
}

// Instance is the contest before one court.
type Instance struct {
	No      int
	Court   string
	Number  string
	Filed   time.Time
	Ruling  string // "" while open
	RuledOn time.Time
	Says    string
	Ruled   Seq
}

// Contempt is a finding of contempt: who carries its terms decides knowingly.
type Contempt struct {
	Seq   Seq
	Court string
	On    time.Time
	Terms string
}

// Filing is what somebody else brought before the court.
type Filing struct {
	Seq  Seq
	Who  string
	What string
	On   time.Time
}

// Unsealing is a court's word on what may be known since.
type Unsealing struct {
	Seq  Seq
	What string
	On   time.Time
}

// What a contest is against, how a court rules, and how a contest ends.
var (
	ContestAims = []string{"production", "secrecy", "statute"}
	Rulings     = []string{"upheld", "denied", "granted", "granted_in_part", "reversed", "vacated", "remanded", "moot", "withdrawn"}
	ContestEnds = []string{"withdrawn", "moot", "final", "settled"}
)

// Pending reports whether a court may still rule.
func (c *Contest) Pending() bool { return c.Opened.Seq > 0 && c.Ended == 0 }

// Current is the instance before which the contest is or was last.
func (c *Contest) Current() Instance {
	if len(c.Instances) == 0 {
		return Instance{}
	}
	return c.Instances[len(c.Instances)-1]
}

// ContestOpened begins a contest's history.
type ContestOpened struct {
	ID      ID
	Title   string
	Against string
	Court   string
	Number  string
	Filed   time.Time
	Covers  []Cover
	Duties  []ID
}

func (e ContestOpened) apply(s *State, m Meta) {
	s.Contest = Contest{ID: e.ID, Opened: m, Title: e.Title, Against: e.Against, Covers: e.Covers, Duties: e.Duties,
		Instances: []Instance{{No: 1, Court: e.Court, Number: e.Number, Filed: e.Filed}}}
}

func (e ContestOpened) echoes(id ID) []Echo {
	out := coverEchoes(id, e.Covers)
	for _, d := range e.Duties {
		out = append(out, Echo{To: d, Command: contestDuty{Contest: id}})
	}
	return out
}

func coverEchoes(id ID, covers []Cover) []Echo {
	var out []Echo
	for _, c := range covers {
		out = append(out, Echo{To: c.Demand, Command: joinStream{To: id}})
	}
	return out
}

// OpenContest begins a contest. Codes: contest.form, contest.covers.
type OpenContest ContestOpened

func (OpenContest) on() Stream { return ContestStream }

func (OpenContest) begins() {}

func (c OpenContest) decide(_ *State, _ Env) ([]Event, error) {
	if StreamOf(c.ID) != ContestStream || !text(c.Title) || !text(c.Court) || len(c.Number) > MaxText || c.Filed.IsZero() || !slices.Contains(ContestAims, c.Against) {
		return nil, problem.New(problem.Invalid, "contest.form", "a contest has a title, a court and a day, and is against production, secrecy or a statute").At("contest")
	}
	if err := checkCovers(c.Against, c.Covers); err != nil {
		return nil, err
	}
	if c.Against == "secrecy" && len(c.Duties) == 0 || len(c.Duties) > MaxCovered {
		return nil, problem.New(problem.Invalid, "contest.covers", "a contest of secrecy names the duties that it is against, at most %d", MaxCovered).At("duties")
	}
	for i, d := range c.Duties {
		if StreamOf(d) != SecrecyStream || slices.Contains(c.Duties[:i], d) {
			return nil, problem.New(problem.Invalid, "contest.covers", "this is no duty of secrecy, or it is named twice").At("%.40q", string(d))
		}
	}
	own := ContestOpened(c)
	own.Filed, own.Covers, own.Duties = instant(c.Filed), cloneCovers(c.Covers), slices.Clone(c.Duties)
	return []Event{own}, nil
}

func checkCovers(against string, covers []Cover) error {
	bad := problem.New(problem.Invalid, "contest.covers", "a contest names the demands that it touches, each once, at most %d, and what of them it is about", MaxCovered).At("covers")
	if len(covers) > MaxCovered || (against == "production" && len(covers) == 0) {
		return bad
	}
	seen := map[ID]bool{}
	for _, c := range covers {
		if StreamOf(c.Demand) != DemandStream || seen[c.Demand] {
			return bad.At("%.40q", string(c.Demand))
		}
		seen[c.Demand] = true
		if len(c.Reach) == 0 {
			continue
		}
		if _, err := scope.ParseLines(c.Reach); err != nil {
			return problem.Of(err).At("%.40q", string(c.Demand))
		}
	}
	return nil
}

func cloneCovers(in []Cover) []Cover {
	out := slices.Clone(in)
	for i := range out {
		out[i].Reach = slices.Clone(out[i].Reach)
	}
	return out
}

// ContestWidened adds demands to a contest.
type ContestWidened struct{ Covers []Cover }

func (e ContestWidened) apply(s *State, m Meta) {
	if s.Contest.Ended > 0 {
		s.misfit(m)
		return
	}
	s.Contest.Covers = append(s.Contest.Covers, e.Covers...)
}

func (e ContestWidened) echoes(id ID) []Echo { return coverEchoes(id, e.Covers) }

// WidenContest adds demands. Codes: contest.covers, contest.ended.
type WidenContest ContestWidened

func (WidenContest) on() Stream { return ContestStream }

func (c WidenContest) decide(s *State, _ Env) ([]Event, error) {
	if err := contestOpen(s); err != nil {
		return nil, err
	}
	if len(c.Covers) == 0 {
		return nil, problem.New(problem.Invalid, "contest.covers", "name the demands that the contest touches from now on").At("covers")
	}
	if err := checkCovers("production", append(cloneCovers(s.Contest.Covers), c.Covers...)); err != nil {
		return nil, err
	}
	return []Event{ContestWidened{Covers: cloneCovers(c.Covers)}}, nil
}

func contestOpen(s *State) error {
	if s.Contest.Ended > 0 {
		return problem.New(problem.Conflict, "contest.ended", "this contest has ended").Fix("open another for a new proceeding")
	}
	return nil
}

// ContestMoved brings the contest before another court.
type ContestMoved struct {
	Court  string
	Number string
	Filed  time.Time
}

func (e ContestMoved) apply(s *State, m Meta) {
	if s.Contest.Ended > 0 {
		s.misfit(m)
		return
	}
	s.Contest.Instances = append(s.Contest.Instances, Instance{No: len(s.Contest.Instances) + 1, Court: e.Court, Number: e.Number, Filed: e.Filed})
}

// MoveContest records the next instance: an appeal, or a remand's new docket.
// Codes: contest.form, contest.ended, contest.order.
type MoveContest ContestMoved

func (MoveContest) on() Stream { return ContestStream }

func (c MoveContest) decide(s *State, _ Env) ([]Event, error) {
	if err := contestOpen(s); err != nil {
		return nil, err
	}
	if !text(c.Court) || c.Filed.IsZero() || len(c.Number) > MaxText {
		return nil, problem.New(problem.Invalid, "contest.form", "an instance has a court and the day on which it was asked").At("court")
	}
	if c.Filed.Before(s.Contest.Current().Filed) {
		return nil, problem.New(problem.Invalid, "contest.order", "this lies before the instance that it follows").At("filed")
	}
	return []Event{ContestMoved{Court: c.Court, Number: c.Number, Filed: instant(c.Filed)}}, nil
}

// ContestRuled is a court's ruling in one instance.
type ContestRuled struct {
	Instance int
	Ruling   string
	On       time.Time
	Says     string
}

func (e ContestRuled) apply(s *State, m Meta) {
	if e.Instance < 1 || e.Instance > len(s.Contest.Instances) {
		s.misfit(m)
		return
	}
	i := &s.Contest.Instances[e.Instance-1]
	i.Ruling, i.RuledOn, i.Says, i.Ruled = e.Ruling, e.On, e.Says, m.Seq
}

// RecordRuling records it. A ruling may be recorded again, as when it is amended.
// Codes: contest.instance, contest.ruling, contest.order.
type RecordRuling ContestRuled

func (RecordRuling) on() Stream { return ContestStream }

func (c RecordRuling) decide(s *State, _ Env) ([]Event, error) {
	if c.Instance < 1 || c.Instance > len(s.Contest.Instances) {
		return nil, problem.New(problem.Missing, "contest.instance", "the contest has no such instance").At("instance %d", c.Instance)
	}
	if !slices.Contains(Rulings, c.Ruling) || !text(c.Says) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "contest.ruling", "a ruling has a day, an outcome and a sentence").At("ruling")
	}
	if c.On.Before(s.Contest.Instances[c.Instance-1].Filed) {
		return nil, problem.New(problem.Invalid, "contest.order", "a court does not rule before it was asked").At("on")
	}
	own := ContestRuled(c)
	own.On = instant(c.On)
	return []Event{own}, nil
}

// HeldInContempt is a finding of contempt.
type HeldInContempt struct {
	Court string
	On    time.Time
	Terms string
}

func (e HeldInContempt) apply(s *State, m Meta) {
	s.Contest.Contempts = append(s.Contest.Contempts, Contempt{Seq: m.Seq, Court: e.Court, On: e.On, Terms: e.Terms})
}

// RecordContempt records it. Code: contest.form.
type RecordContempt HeldInContempt

func (RecordContempt) on() Stream { return ContestStream }

func (c RecordContempt) decide(*State, Env) ([]Event, error) {
	if !text(c.Court) || !text(c.Terms) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "contest.form", "contempt has a court, a day and its terms").At("terms")
	}
	own := HeldInContempt(c)
	own.On = instant(c.On)
	return []Event{own}, nil
}

// ContestFiled is what somebody else brought: a supporter, a foreign State, the
// government.
type ContestFiled struct {
	Who  string
	What string
	On   time.Time
}

func (e ContestFiled) apply(s *State, m Meta) {
	s.Contest.Filings = append(s.Contest.Filings, Filing{Seq: m.Seq, Who: e.Who, What: e.What, On: e.On})
}

// RecordFiling records it. Code: contest.form.
type RecordFiling ContestFiled

func (RecordFiling) on() Stream { return ContestStream }

func (c RecordFiling) decide(*State, Env) ([]Event, error) {
	if !text(c.Who) || !text(c.What) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "contest.form", "a filing says who filed what, and on which day").At("who")
	}
	own := ContestFiled(c)
	own.On = instant(c.On)
	return []Event{own}, nil
}

// ContestUnsealed is a court's word on what may be known since.
type ContestUnsealed struct {
	What string
	On   time.Time
}

func (e ContestUnsealed) apply(s *State, m Meta) {
	s.Contest.Unsealed = append(s.Contest.Unsealed, Unsealing{Seq: m.Seq, What: e.What, On: e.On})
}

// RecordUnsealing records it. Whom a duty of secrecy then lets be told is an act
// on that duty. Code: contest.form.
type RecordUnsealing ContestUnsealed

func (RecordUnsealing) on() Stream { return ContestStream }

func (c RecordUnsealing) decide(*State, Env) ([]Event, error) {
	if !text(c.What) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "contest.form", "an unsealing has a day, and says what may be known").At("what")
	}
	own := ContestUnsealed(c)
	own.On = instant(c.On)
	return []Event{own}, nil
}

// ContestEnded ends a contest: nobody can be asked any more.
type ContestEnded struct {
	How string
	On  time.Time
}

func (e ContestEnded) apply(s *State, m Meta) {
	if s.Contest.Ended > 0 {
		s.misfit(m)
		return
	}
	s.Contest.Ended, s.Contest.How, s.Contest.EndedOn = m.Seq, e.How, e.On
}

// EndContest ends it. A stay that stands outlives it until a court lifts it.
// Codes: contest.form, contest.ended, contest.order, contest.unruled.
type EndContest ContestEnded

func (EndContest) on() Stream { return ContestStream }

func (c EndContest) decide(s *State, _ Env) ([]Event, error) {
	if err := contestOpen(s); err != nil {
		return nil, err
	}
	if !slices.Contains(ContestEnds, c.How) || c.On.IsZero() {
		return nil, problem.New(problem.Invalid, "contest.form", "a contest ends withdrawn, moot, final or settled, on a day").At("how")
	}
	if c.On.Before(s.Contest.Current().Filed) {
		return nil, problem.New(problem.Invalid, "contest.order", "a contest does not end before its last instance was asked").At("on")
	}
	if c.How == "final" && s.Contest.Current().Ruling == "" {
		return nil, problem.New(problem.Refused, "contest.unruled", "a contest is not final while its last instance has not ruled").Fix("record the ruling first")
	}
	own := ContestEnded(c)
	own.On = instant(c.On)
	return []Event{own}, nil
}

// text asks that a required text is there and not longer than a text may be.
func text(s string) bool { return s != "" && len(s) <= MaxText }

// agenda of a contest: somebody looks at it again while it is pending, so that a
// next instance's day is not missed, or while a stay without an end outlives it;
// the days themselves are deadlines of the demands.
func (c *Contest) agenda() []Duty {
	endless := slices.ContainsFunc(c.Stays, func(st CourtStay) bool { return st.Lifted == 0 && st.Until.IsZero() })
	if !c.Pending() && !endless {
		return nil
	}
	i := c.Current()
	return []Duty{{Kind: "contest.look", At: latest(c.Opened.At, i.Filed, i.RuledOn, c.EndedOn).Add(lookAfter), About: i.Court, Seat: "counsel"}}
}

const lookAfter = 30 * 24 * time.Hour
