package demand_test

import (
	"fmt"
	"slices"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// reach is the oracle's whole idea of a scope: one bit for each account and each of
// the first seven days of April 2013. Random histories name whole days of that
// week, of mail content, and nothing else.
type reach uint32

var world = []scope.AccountID{"acc-one", "acc-two", "acc-three", "acc-four"}

const week = 0x7f

func ofAccount(a scope.AccountID) reach {
	i := slices.Index(world, a)
	if i < 0 {
		panic(a)
	}
	return week << (7 * i)
}

func (r reach) meets(o reach) bool { return r&o != 0 }
func (r reach) inside(o reach) bool {
	return r&^o == 0
}

var read = map[string]reach{} // the same few lines are read a million times

func reachOf(lines []string) reach {
	var out reach
	for _, l := range lines {
		r, known := read[l]
		if !known {
			r = reachOfLine(l)
			read[l] = r
		}
		out |= r
	}
	return out
}

func reachOfLine(l string) reach {
	var account, service, category, from, until, basis string
	if _, err := fmt.Sscanf(l, "select account=%s service=%s category=%s from=%s until=%s basis=%s", &account, &service, &category, &from, &until, &basis); err != nil {
		panic(err)
	}
	a, _ := time.Parse(time.RFC3339, from)
	b, _ := time.Parse(time.RFC3339, until)
	var days reach
	for d := range 7 {
		if noon := time.Date(2013, 4, d+1, 12, 0, 0, 0, time.UTC); !noon.Before(a) && noon.Before(b) {
			days |= 1 << d
		}
	}
	return days << (7 * slices.Index(world, scope.AccountID(account)))
}

// The oracle knows, from the events that were accepted and nothing else, what the
// invariants 1, 2, 8, 9, 11, 19 to 21, 23 and 29 allow. It shares no code with
// the guards.
type oracle struct {
	demands  map[demand.ID]*demandFacts
	contests map[demand.ID]*contestFacts
	duties   map[demand.ID]*dutyFacts
}

type demandFacts struct {
	genuine         map[int]bool // by paper; absent while nobody has checked
	facts, assessed demand.Seq
	blocking        map[string][]demand.Person
	resolved        map[int][]scope.AccountID
	resolver        map[int]demand.Person
	agreed          map[int]bool
	target, paper   map[int]int // of a line
	given           map[int]reach
	rejected        map[int]bool // decided to give nothing
	replaced        map[int]bool
	stays           map[demand.Seq]*stayFact
	said            bool // that no duty of secrecy covers the rest
	silence         time.Time
	told            map[scope.AccountID]map[string]bool
	letter          map[scope.AccountID]time.Time             // the first about an account
	knew            map[scope.AccountID]map[string]demand.Seq // the last event that a letter told of
	exceeded        map[demand.Digest]incidentFact
	corrected       map[correctionFact]bool
	grants          map[string]*grantFact
	due             time.Time
	deadlines       map[string]*deadlineFact
	emergency       bool
	calls           []demand.CallbackMade
	callers         map[demand.Person]bool
	holds           map[demand.Seq]string
	copies          map[string]reach
	openTasks       int
	closed          bool
}

type stayFact struct {
	reach  map[demand.ID]reach
	until  time.Time
	lifted bool
}

func (s *stayFact) stops(id demand.ID, r reach, now time.Time) bool {
	return !s.lifted && (s.until.IsZero() || now.Before(s.until)) && s.reach[id].meets(r)
}

type grantFact struct {
	reach     reach
	drafter   demand.Person
	expires   time.Time
	approvers map[demand.Person]bool
	revoked   bool
	permitted bool
	statement demand.Digest
	outcome   demand.Outcome
	exceeded  bool
	recalled  bool
}

type incidentFact struct {
	at    demand.Seq
	whose []scope.AccountID
}

type correctionFact struct {
	incident demand.Digest
	account  scope.AccountID
}

type deadlineFact struct {
	demand.DeadlineSet
	suspended, met, cleared bool
}

type contestFacts struct {
	against string
	covers  map[demand.ID]reach
	stays   map[demand.Seq]*stayFact
	ended   bool
}

type dutyFacts struct {
	covers  map[demand.ID][]scope.AccountID // no accounts: all
	freed   map[demand.ID][]scope.AccountID
	ends    []time.Time // each end that an order set; a zero one is none
	lifted  time.Time
	late    map[demand.Seq]time.Time // renewals that wait for counsel, with their ends
	armed   time.Time
	drained time.Time
	mayTell map[string]bool
}

func newOracle() *oracle {
	return &oracle{demands: map[demand.ID]*demandFacts{}, contests: map[demand.ID]*contestFacts{}, duties: map[demand.ID]*dutyFacts{}}
}

// until is the latest of the ends; the second result is false where one of the
// orders that bind has no end.
func (d *dutyFacts) until() (time.Time, bool) {
	out := time.Time{}
	for _, t := range d.ends {
		if t.IsZero() {
			return t, false
		}
		if t.After(out) {
			out = t
		}
	}
	return out, true
}

// end is when the duty ends or ended.
func (d *dutyFacts) end() (time.Time, bool) {
	at, some := d.until()
	if !d.lifted.IsZero() && (!some || d.lifted.Before(at)) {
		return d.lifted, true
	}
	return at, some
}

// bind takes in a further order; where it makes the duty last longer, whoever armed
// the notice did not mean that end.
func (d *dutyFacts) bind(until time.Time) {
	before, some := d.until()
	d.ends = append(d.ends, until)
	if after, now := d.until(); now != some || !after.Equal(before) {
		d.armed = time.Time{}
	}
}

func (d *dutyFacts) inForce(now time.Time) bool {
	at, some := d.end()
	return !some || now.Before(at)
}

func (d *dutyFacts) covers1(id demand.ID, a scope.AccountID) bool {
	list, there := d.covers[id]
	return there && (len(list) == 0 || slices.Contains(list, a))
}

func (o *oracle) see(id demand.ID, r demand.Recorded) {
	switch demand.StreamOf(id) {
	case demand.ContestStream:
		o.seeContest(id, r)
	case demand.SecrecyStream:
		o.seeDuty(id, r)
	default:
		if o.demands[id] == nil {
			o.demands[id] = &demandFacts{genuine: map[int]bool{}, resolved: map[int][]scope.AccountID{}, resolver: map[int]demand.Person{}, agreed: map[int]bool{}, target: map[int]int{},
				paper: map[int]int{}, given: map[int]reach{}, rejected: map[int]bool{}, replaced: map[int]bool{}, stays: map[demand.Seq]*stayFact{}, told: map[scope.AccountID]map[string]bool{}, letter: map[scope.AccountID]time.Time{},
				grants: map[string]*grantFact{}, deadlines: map[string]*deadlineFact{}, callers: map[demand.Person]bool{}, holds: map[demand.Seq]string{}, copies: map[string]reach{},
				knew: map[scope.AccountID]map[string]demand.Seq{}, exceeded: map[demand.Digest]incidentFact{}, corrected: map[correctionFact]bool{}}
		}
		if d := o.demands[id]; !d.seeWork(r) {
			d.seeRelease(id, r)
		}
	}
}

// seeWork takes in what is read, checked and decided.
func (d *demandFacts) seeWork(r demand.Recorded) bool {
	switch e := r.Event.(type) {
	case demand.Received:
		d.facts, d.due, d.emergency = r.Seq, e.Instrument.Due, e.Emergency
		for _, l := range e.Lines {
			d.target[l.No], d.paper[l.No] = l.Target, 1
		}
	case demand.PaperAdded:
		for _, n := range e.Supersedes {
			d.replaced[n] = true
			delete(d.given, n)
		}
		no := 2
		for _, p := range d.paper {
			no = max(no, p+1)
		}
		for _, l := range e.Lines {
			d.target[l.No], d.paper[l.No] = l.Target, no
		}
	case demand.PaperAuthenticated:
		d.genuine[e.Paper] = e.Genuine
	case demand.Authenticated:
		d.genuine[1] = e.Genuine
	case demand.FactsStated:
		d.facts = r.Seq
	case demand.Assessed:
		d.assessed, d.blocking = e.Facts, map[string][]demand.Person{}
		for _, f := range e.Findings {
			if f.Outcome == "violated" && f.Severity == "blocking" {
				d.blocking[f.Rule] = nil
			}
		}
	case demand.Answered:
		d.blocking[e.Rule] = append(d.blocking[e.Rule], r.By)
	case demand.Resolved:
		d.resolved[e.Target], d.resolver[e.Target], d.agreed[e.Target] = e.Accounts, r.By, false
		for line, target := range d.target {
			if target == e.Target {
				delete(d.given, line)
				delete(d.rejected, line)
			}
		}
	case demand.Checked:
		d.agreed[e.Target] = d.resolver[e.Target] != r.By
	case demand.LineDecided:
		delete(d.given, e.Line)
		d.rejected[e.Line] = len(e.Part) == 0
		if len(e.Part) > 0 {
			d.given[e.Line] = reachOf(e.Part)
		}
	case demand.DeadlineSet:
		was := d.deadlines[e.ID]
		d.deadlines[e.ID] = &deadlineFact{DeadlineSet: e, suspended: was != nil && was.suspended}
	case demand.DeadlineSuspended:
		d.deadlines[e.ID].suspended = true
	case demand.DeadlineResumed:
		d.deadlines[e.ID].suspended, d.deadlines[e.ID].Latest = false, e.Latest
	case demand.DeadlineMet:
		d.deadlines[e.ID].met = true
	case demand.DeadlineCleared:
		d.deadlines[e.ID].cleared = true
	case demand.TaskSet:
		d.openTasks++
	case demand.TaskDone:
		d.openTasks--
	default:
		return false
	}
	return true
}

func (d *demandFacts) seeRelease(id demand.ID, r demand.Recorded) {
	switch e := r.Event.(type) {
	case demand.SecrecyStated:
		d.said = true
	case demand.SilenceAsked:
		d.silence = e.Until
	case demand.NoticeSent:
		if d.told[e.Account] == nil {
			d.told[e.Account], d.letter[e.Account] = map[string]bool{}, r.At
			d.knew[e.Account] = map[string]demand.Seq{}
		}
		d.told[e.Account][e.To] = true
		d.knew[e.Account][e.To] = r.Seq
		if e.Knew > 0 {
			d.knew[e.Account][e.To] = e.Knew
		}
	case demand.OverProduced:
		x := incidentFact{at: r.Seq}
		for _, b := range e.Beyond {
			x.whose = append(x.whose, b.Account)
		}
		d.exceeded[e.Incident], d.grants[e.Grant].exceeded = x, true
	case demand.ProductionRecalled:
		d.grants[e.Grant].recalled = true
	case demand.NoticeCorrected:
		d.corrected[correctionFact{e.Incident, e.Account}] = true
	case demand.CallbackMade:
		d.calls = append(d.calls, e)
		d.callers[r.By] = true
	case demand.HoldPlaced:
		d.holds[r.Seq] = e.Kind
	case demand.HoldLifted:
		delete(d.holds, e.Hold)
	case demand.CopyMade:
		d.copies[e.Copy] = reachOf(e.Scope)
	case demand.CopyEnded:
		delete(d.copies, e.Copy)
	case demand.Stayed:
		d.stays[r.Seq] = &stayFact{reach: map[demand.ID]reach{id: reachOf(e.Reach)}, until: e.Until}
	case demand.StayLifted:
		d.stays[e.Stay].lifted = true
	case demand.GrantDrafted:
		d.grants[e.Grant] = &grantFact{reach: reachOf(e.Scope), drafter: r.By, expires: e.Expires, approvers: map[demand.Person]bool{}}
	case demand.ApprovalSeen:
		d.grants[e.Grant].approvers[e.Person] = true
	case demand.GrantRevoked:
		d.grants[e.Grant].revoked = true
	case demand.ReleasePermitted:
		d.grants[e.Grant].permitted, d.grants[e.Grant].statement = true, e.Release
	case demand.ReleaseEnded:
		d.grants[e.Grant].outcome = e.Outcome
	case demand.Closed:
		d.closed = true
	}
}

func (o *oracle) seeContest(id demand.ID, r demand.Recorded) {
	c := o.contests[id]
	cover := func(covers []demand.Cover) {
		for _, x := range covers {
			c.covers[x.Demand] = reachOf(x.Reach)
		}
	}
	switch e := r.Event.(type) {
	case demand.ContestOpened:
		c = &contestFacts{against: e.Against, covers: map[demand.ID]reach{}, stays: map[demand.Seq]*stayFact{}}
		o.contests[id] = c
		cover(e.Covers)
	case demand.ContestWidened:
		cover(e.Covers)
	case demand.ContestStayed:
		st := &stayFact{reach: map[demand.ID]reach{}, until: e.Until}
		for _, x := range e.Covers {
			st.reach[x.Demand] |= reachOf(x.Reach)
		}
		c.stays[r.Seq] = st
	case demand.ContestStayLifted:
		c.stays[e.Stay].lifted = true
	case demand.ContestEnded:
		c.ended = true
	}
}

func (o *oracle) seeDuty(id demand.ID, r demand.Recorded) {
	d := o.duties[id]
	switch e := r.Event.(type) {
	case demand.SecrecyOpened:
		d = &dutyFacts{covers: map[demand.ID][]scope.AccountID{}, freed: map[demand.ID][]scope.AccountID{}, ends: []time.Time{e.Until}, late: map[demand.Seq]time.Time{}, mayTell: map[string]bool{}}
		o.duties[id] = d
		for _, c := range e.Covers {
			d.covers[c.Demand] = slices.Clone(c.Accounts)
		}
		for _, w := range e.MayTell {
			d.mayTell[w] = true
		}
	case demand.SecrecyRenewed:
		if at, some := d.end(); !some || e.Served.Before(at) {
			d.bind(e.Until)
		} else {
			d.late[r.Seq] = e.Until
		}
	case demand.RenewalSettled:
		if e.Binds {
			d.bind(d.late[e.Renewal])
		}
		delete(d.late, e.Renewal)
	case demand.SecrecyEased:
		for _, w := range e.Who {
			d.mayTell[w] = true
		}
		for _, f := range e.Free {
			d.freed[f.Demand] = append(d.freed[f.Demand], f.Accounts...)
			d.covers[f.Demand] = slices.DeleteFunc(d.covers[f.Demand], func(a scope.AccountID) bool { return slices.Contains(f.Accounts, a) })
			if len(d.covers[f.Demand]) == 0 {
				delete(d.covers, f.Demand)
			}
		}
	case demand.SecrecyLifted:
		d.lifted = e.On
	case demand.NoticeArmed:
		d.armed = e.End
	case demand.NoticeDisarmed:
		d.armed = time.Time{}
	case demand.ChannelsDrained:
		if e.Through.After(d.drained) {
			d.drained = e.Through
		}
	}
}
