package demand_test

import (
	"fmt"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

const aDay = 24 * time.Hour

func (w *walk) n(from, to int, what string) int { return rapid.IntRange(from, to).Draw(w.t, what) }

func pick[T any](w *walk, what string, from ...T) T { return from[w.n(0, len(from)-1, what)] }

// usually is a step of the preparation; at most one of them is left out, because
// histories that are never ready to be released would test nothing.
func (w *walk) usually(by demand.Person, id demand.ID, c demand.Command) {
	if w.step++; w.step != w.skip {
		_ = w.do(by, id, c)
	}
}

func (w *walk) prepare() {
	contested, silent := w.n(0, 2, "contested") == 2, w.n(0, 1, "silent") == 1
	w.skip = w.n(0, 99, "left out")
	for i, id := range walked {
		w.receive(id, i == 0 && w.n(0, 7, "emergency") == 1)
	}
	if contested {
		w.contest(suits[0])
	}
	if silent {
		w.silence(gags[0], time.Duration(w.n(1, 8, "ends"))*aDay)
		if w.n(0, 2, "another") == 2 {
			w.silence(gags[1], time.Duration(w.n(1, 8, "ends"))*aDay)
		}
	}
	for _, id := range walked {
		w.ready(id)
	}
}

func (w *walk) receive(id demand.ID, emergency bool) {
	r := full()
	r.Emergency = emergency
	for i := range r.Lines {
		r.Lines[i].From, r.Lines[i].Until = first, first.Add(7*aDay-time.Second)
	}
	if d := w.n(0, 28, "due"); d > 14 {
		r.Instrument.Due = start.Add(time.Duration(d-14) * aDay)
	}
	w.all[id] = demand.NewState(id)
	if err := w.do("door", id, r); err != nil {
		w.t.Fatal(err)
	}
	if emergency {
		w.usually("dan", id, demand.RecordCallback{Contact: "on file", Reached: "the desk", At: w.env.Now, Confirmed: w.n(0, 5, "confirmed") > 0})
	}
}

// ready takes a demand to where its first grant waits for its release alone.
func (w *walk) ready(id demand.ID) {
	w.usually("ann", id, demand.Authenticate{Genuine: true, How: "call"})
	w.usually("ann", id, w.assessment(id, true))
	w.usually("carl", id, demand.AnswerFinding{Rule: "us.last"})
	w.usually("bob", id, demand.AnswerFinding{Rule: "us.last"})
	for i, a := range names {
		w.usually("ann", id, demand.Resolve{Target: i + 1, Accounts: []scope.AccountID{a}})
		w.usually("bob", id, demand.Check{Target: i + 1, Resolution: w.all[id].Targets[i].Resolved})
		w.usually("carl", id, demand.DecideLine{Line: i + 1, Decision: demand.Comply})
	}
	w.usually("carl", id, demand.StateSecrecy{None: true})
	for _, a := range names {
		w.usually("clerk", id, demand.SendNotice{Account: a, Letter: "l", To: demand.Holder})
	}
	w.usually("ann", id, w.draft(whole3))
	for _, p := range []demand.Person{"bob", "carl"} {
		w.usually("gate-1", id, demand.SeeApproval{Grant: fmt.Sprintf("g%d", w.grants), Person: p})
	}
}

func (w *walk) contest(id demand.ID) {
	w.usually("carl", id, demand.OpenContest{ID: id, Title: "Motion", Against: "production", Court: "court", Filed: w.env.Now, Covers: w.covers()})
	if w.all[id] != nil && w.n(0, 2, "stayed") > 0 {
		w.usually("carl", id, w.stay(id))
	}
}

func (w *walk) covers() []demand.Cover {
	out := []demand.Cover{{Demand: theDemand, Reach: w.someDays().Lines()}, {Demand: otherDemand, Reach: w.someDays().Lines()}}
	switch w.n(0, 5, "covers") {
	case 0, 4:
		return out[:1]
	case 5:
		out[1].Reach = nil
	}
	return out
}

func (w *walk) stay(id demand.ID) demand.Command {
	c := demand.StayContest{Source: "court", On: w.env.Now}
	for _, x := range w.all[id].Contest.Covers {
		c.Covers = append(c.Covers, demand.Cover{Demand: x.Demand, Reach: w.someDays().Lines()})
	}
	if w.n(0, 2, "until") == 2 {
		c.Until = w.env.Now.Add(time.Duration(w.n(0, 12, "days")) * aDay)
	}
	return c
}

func (w *walk) silence(id demand.ID, until time.Duration) {
	g := demand.OpenSecrecy{ID: id, Source: "order", Cite: "18 USC 2705(b)", Authority: "court", Signed: w.env.Now, Served: w.env.Now, Until: w.env.Now.Add(until)}
	g.Covers = []demand.Silence{{Demand: theDemand, Accounts: w.some()}, {Demand: otherDemand, Accounts: w.some()}}
	switch w.n(0, 9, "kind") {
	case 7:
		g.Until = time.Time{}
	case 8:
		g.MayTell = []string{demand.Representative}
	case 9:
		g.Covers = g.Covers[:1]
	}
	w.usually("carl", id, g)
}

func (w *walk) some() []scope.AccountID {
	return [][]scope.AccountID{nil, {"acc-three"}, {"acc-one", "acc-two"}, {"acc-two", "acc-three", "acc-four"}}[w.n(0, 3, "accounts")]
}

func (w *walk) someDays() scope.Scope {
	from := w.n(1, 7, "from")
	return part(days(world[w.n(0, 3, "account")], from, w.n(from, 7, "until")))
}

func (w *walk) draft(sc scope.Scope) demand.Command {
	w.grants++
	return demand.DraftGrant{Grant: fmt.Sprintf("g%d", w.grants), Digest: digestG, Scope: sc, Region: "iad", Recipient: "o", Expires: w.env.Now.Add(16 * aDay)}
}

func (w *walk) assessment(id demand.ID, block bool) demand.Command {
	a := demand.Assess{Packs: "p", Facts: w.all[id].FactsSeq, Findings: []demand.Finding{{Rule: "us.one", Outcome: "holds", Severity: "blocking"}}}
	if block {
		a.Findings = append(a.Findings, demand.Finding{Rule: "us.last", Outcome: "violated", Severity: "blocking"})
	}
	return a
}

func (w *walk) clock() {
	switch w.n(0, 19, "clock") {
	case 10, 11, 12, 13, 14:
		w.pass(time.Duration(w.n(1, 72, "hours")) * time.Hour)
	case 15, 16:
		w.pass(-time.Duration(w.n(1, 48, "back")) * time.Hour)
	case 17:
		w.env.ClockSane = false
	case 18, 19:
		w.env.ClockSane, w.env.Journaled = true, allSeen
	}
}

func (w *walk) pass(d time.Duration) {
	w.env.Now = w.env.Now.Add(d)
	if w.env.Now.After(w.now) {
		w.now = w.env.Now
	}
}

// random does any act, sensible or not.
func (w *walk) random() {
	by := staff[w.n(0, 2, "by")]
	switch w.n(0, 4, "on") {
	case 0, 1:
		id := walked[w.n(0, 1, "demand")]
		_ = w.do(by, id, w.onDemand(id))
	case 2:
		w.onContest(by, suits[w.n(0, 2, "contest")])
	default:
		w.onDuty(by, gags[w.n(0, 2, "duty")])
	}
}

func (w *walk) onContest(by demand.Person, id demand.ID) {
	if w.all[id] == nil {
		w.contest(id)
		return
	}
	c := &w.all[id].Contest
	var cmd demand.Command
	switch w.n(0, 7, "contest act") {
	case 0, 1:
		cmd = w.stay(id)
	case 2, 3:
		lift := demand.LiftContestStay{Source: "court", On: w.env.Now, Stay: 1}
		if n := len(c.Stays); n > 0 {
			lift.Stay = c.Stays[w.n(0, n-1, "stay")].Seq
		}
		cmd = lift
	case 4:
		cmd = demand.EndContest{How: "moot", On: w.env.Now}
	case 5:
		cmd = demand.WidenContest{Covers: []demand.Cover{{Demand: otherDemand, Reach: w.someDays().Lines()}}}
	case 6:
		cmd = demand.RecordRuling{Instance: 1, Ruling: "denied", On: w.env.Now, Says: "Denied."}
	default:
		cmd = demand.MoveContest{Court: "a higher court", Filed: w.env.Now}
	}
	_ = w.do(by, id, cmd)
}

func (w *walk) onDuty(by demand.Person, id demand.ID) {
	if w.all[id] == nil {
		w.silence(id, time.Duration(w.n(1, 10, "ends"))*aDay)
		return
	}
	d := &w.all[id].Duty
	end := d.End()
	if end.IsZero() {
		end = w.env.Now
	}
	var cmd demand.Command
	switch w.n(0, 13, "duty act") {
	case 0, 1:
		cmd = demand.RenewSecrecy{Signed: end.Add(-time.Hour), Served: end.Add(-time.Second), Until: end.Add(time.Duration(w.n(1, 5, "longer")) * aDay)}
	case 2, 3:
		cmd = demand.RenewSecrecy{Signed: end.Add(-time.Second), Served: end.Add(time.Duration(w.n(0, 2, "late")) * time.Hour), Until: end.Add(3 * aDay)}
	case 4:
		cmd = demand.RenewSecrecy{Signed: end.Add(time.Duration(w.n(-1, 1, "signed")) * time.Second), Served: end.Add(time.Second)}
	case 5, 6:
		cmd = w.settle(d)
	case 7:
		cmd = demand.EaseSecrecy{Source: "court", On: w.env.Now, Who: []string{demand.Representative}}
	case 8:
		cmd = demand.EaseSecrecy{Source: "court", On: w.env.Now, Free: []demand.Silence{{Demand: walked[w.n(0, 1, "demand")], Accounts: []scope.AccountID{names[w.n(0, 2, "free")]}}}}
	case 9:
		cmd = demand.LiftSecrecy{Source: "court", On: w.env.Now.Add(-time.Duration(w.n(0, 30, "ago")) * time.Hour)}
	case 10:
		cmd = demand.DisarmNotice{}
	case 11:
		cmd = demand.DrainChannels{Through: w.env.Now}
	case 12:
		cmd = demand.AskSecrecy{End: end, Days: 30, Letter: "l"}
	default:
		cmd = demand.ArmNotice{End: d.End()}
	}
	_ = w.do(by, id, cmd)
}

func (w *walk) settle(d *demand.SecrecyDuty) demand.Command {
	c := demand.SettleRenewal{Renewal: 1, Binds: w.n(0, 2, "binds") == 0}
	for _, r := range d.Renewals {
		if r.Settled == 0 {
			c.Renewal = r.Seq
		}
	}
	return c
}

// finish lets time pass, does what people usually do when a duty of secrecy ends,
// and then tries to give, to tell, to end and to close.
func (w *walk) finish() {
	w.pass(time.Duration(w.n(0, 15, "days")) * aDay)
	w.env.ClockSane, w.env.Journaled = w.n(0, 29, "sane") != 29, allSeen
	if w.n(0, 29, "journal") == 29 {
		w.env.Journaled = nil
	}
	for _, id := range gags {
		if w.all[id] == nil {
			continue
		}
		d := &w.all[id].Duty
		for d.Open() && w.n(0, 3, "settle") < 3 {
			if w.do("carl", id, w.settle(d)) != nil {
				break
			}
		}
		if left := w.n(0, 7, "at the end"); left != 6 {
			_ = w.do("carl", id, demand.ArmNotice{End: d.End()})
		} else if left != 7 {
			_ = w.do("clerk", id, demand.DrainChannels{Through: w.env.Now})
		}
		_ = w.do("clerk", id, demand.DrainChannels{Through: w.env.Now.Add(-time.Duration(w.n(0, 3, "behind")) * time.Hour)})
	}
	for _, id := range walked {
		if w.eachStep && id == theDemand {
			w.timeAlone(id)
		}
		w.giveAndTell(id)
	}
	if w.eachStep {
		w.compare()
		return
	}
	w.alarmed()

}

func (w *walk) giveAndTell(id demand.ID) {
	for _, g := range w.all[id].Grants {
		permit := demand.PermitRelease{Grant: g.ID, Release: digestR}
		_ = w.do("gate-1", id, permit)
		_ = w.do("gate-1", id, permit)
		err := w.do("gate-1", id, demand.PermitRelease{Grant: g.ID, Release: digestO})
		if w.oracle.demands[id].grants[g.ID].statement == digestR && err == nil {
			w.t.Fatal("a second package was permitted")
		}
		_ = w.do("gate-1", id, demand.EndRelease{Grant: g.ID, Outcome: demand.Released})
	}
	w.exceed(id)
	for _, a := range world {
		knew := demand.Seq(w.n(0, 5, "knew") / 5) // of a letter that an earlier attempt delivered
		_ = w.do("clerk", id, demand.SendNotice{Account: a, Letter: "l", To: demand.Representative, Knew: knew})
		_ = w.do("clerk", id, demand.SendNotice{Account: a, Letter: "l", To: demand.Holder, Knew: knew})
	}
	w.exceed(id)
	w.correct(id)
	for _, g := range w.all[id].Grants {
		if w.n(0, 3, "recall") > 0 {
			_ = w.do("carl", id, demand.RecallProduction{Grant: g.ID})
		}
	}
	for _, c := range w.all[id].Copies {
		_ = w.do("ann", id, demand.EndCopy{Copy: c.ID, End: pick(w, "end", "destroyed", "produced", "released")})
	}
	for _, x := range w.all[id].Deadlines {
		if w.n(0, 1, "met") == 1 {
			_ = w.do("ann", id, demand.MeetDeadline{ID: x.ID, How: "answered"})
		}
	}
	_ = w.do("carl", id, demand.Close{})
}

// exceed finds out of what has left, now and then, that it held too much.
func (w *walk) exceed(id demand.ID) {
	for _, g := range w.all[id].Grants {
		if g.Outcome != demand.Released || w.n(0, 2, "too much") > 0 {
			continue
		}
		w.incidents++
		c := demand.RecordIncident{Incident: demand.Digest{byte(w.incidents), 1}, Grant: g.ID, Kind: demand.HadLeft, Items: 9, Outside: 1, List: demand.Digest{9}}
		for _, a := range g.Scope.Accounts() {
			if w.n(0, 2, "theirs") > 0 {
				c.Beyond = append(c.Beyond, demand.Excess{Account: a, Service: scope.Mail, Category: scope.Content, Items: 2, From: first, Until: first})
			}
		}
		if len(c.Beyond) > 0 {
			c.Outside = 2 * int64(len(c.Beyond))
		}
		_ = w.do(demand.TheGate, id, c)
	}
}

// correct tells everybody of every incident, whether that is owed or not, and twice.
func (w *walk) correct(id demand.ID) {
	if w.n(0, 3, "corrects") == 3 {
		return
	}
	for _, x := range w.all[id].Incidents {
		for _, a := range world {
			_ = w.do("clerk", id, demand.SendCorrection{Incident: x.Digest, Account: a, Letter: "l", To: demand.Representative})
			_ = w.do("clerk", id, demand.SendCorrection{Incident: x.Digest, Account: a, Letter: "l", To: demand.Holder})
		}
	}
}
