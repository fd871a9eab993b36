package app

import (
	"fmt"
	"slices"
	"strings"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/policy"
	"counterseal/internal/scope"
	"counterseal/internal/web/staff"
)

// next finds the next lawful act of a demand: the first thing that somebody can
// do now, what stands between here and the release, and the command that does it.
func (v Staff) next(id demand.ID, c docket.Case, w who) staff.Next {
	finders := []func(docket.Case, who) (staff.Next, bool){nextRecall, nextRead, nextCheck, nextCall, nextAsk, nextTarget, nextFinding, nextLine, nextKeep, nextNotice, nextGrant, nextLetter, nextCorrect}
	if c.State.Closed > 0 { // work has ended; whoever was not told yet still is
		finders = []func(docket.Case, who) (staff.Next, bool){nextRecall, nextNotice, nextCorrect}
	}
	for _, find := range finders {
		n, ok := find(c, w)
		if !ok {
			continue
		}
		n.Command, n.Href = w.signed(n, id), w.address(id, n.Href)
		if n.Act == letterAct && w.may(sendLetter, resourceOf(c)) == nil {
			n.Href = addressOf(id) + "/letter/" + n.About
		}
		if n.Act == letterAct || n.Act == "keep" || n.Act == "correct" {
			return n
		}
		if n.Act == "read" {
			n.Way = obstacles(demand.InTheWay(c.State, c.Env))
		} else if len(n.Way) == 0 && n.Act != "find_outcome" {
			n.Toward, n.Way = "release", obstacles(demand.InTheWay(c.State, c.Env))
		}
		return n
	}
	if c.State.Closed > 0 {
		return staff.Next{Act: "none"}
	}
	if blocked := demand.MayClose(c.State, c.Env); len(blocked) > 0 {
		return staff.Next{Act: "wait", Seat: blocked[0].Seat, Way: obstacles(blocked)}
	}
	n, _ := w.act("close", "reviewer", "counterseal demand close DEMAND")
	n.Command, n.Href = w.signed(n, id), w.address(id, "demand.close")
	return n
}

// act is one that a seat can do.
func (w who) act(act, seat, cmd string) (staff.Next, bool) {
	return staff.Next{Act: act, Seat: seat, Yours: w.holds(seat), Command: cmd}, true
}

// on is an act on one target or line.
func (w who) on(act, what string, no int, seat, cmd string) (staff.Next, bool) {
	n, ok := w.act(act, seat, cmd)
	n.About, n.No = fmt.Sprintf("%s %d", what, no), no
	return n, ok
}

// signed is an act's command with the demand in it, and the reader where they can do
// it.
func (w who) signed(n staff.Next, id demand.ID) string {
	if n.Command == "" {
		return ""
	}
	cmd := strings.ReplaceAll(n.Command, "DEMAND", string(id))
	if n.Yours && len(w.seats) > 0 && w.person != "" && !strings.HasPrefix(cmd, "counterseal approve") {
		cmd += " --as " + string(w.person)
	}
	return cmd
}

// address is the page of an act of the catalogue; "" where the reader's seats are
// not for it.
func (w who) address(id demand.ID, name string) string {
	if l := w.link(policy.Resource{}, id, name, ""); len(l) > 0 {
		return l[0].Href
	}
	return ""
}

// onPage is an act of the catalogue.
func (w who) onPage(act, name, seat string) (staff.Next, bool) {
	n, ok := w.act(act, seat, "")
	n.Href = name
	return n, ok
}

// nextRecall: what went beyond what was compelled is asked back first of all, on the
// record and then by letter.
func nextRecall(c docket.Case, w who) (staff.Next, bool) {
	if open := c.State.Unrecalled(); len(open) > 0 {
		n, _ := w.onPage("recall", "production.recall", "counsel")
		n.About = open[0].Grant
		return n, true
	}
	x, some := exceeded(c.State)
	if !some || slices.ContainsFunc(c.State.Thread, func(m demand.Message) bool { return m.Out && m.Letter == "recall" && m.Seq > x.Seq }) {
		return staff.Next{}, false
	}
	n, _ := w.act(letterAct, "reviewer", "counterseal letter draft DEMAND recall")
	n.About = "recall"
	return n, true
}

func nextRead(c docket.Case, w who) (staff.Next, bool) {
	if !c.State.Unread {
		return staff.Next{}, false
	}
	return w.onPage("read", "demand.read", "reviewer")
}

// nextCall: an emergency rests on a call-back, not on the check of a paper alone.
func nextCall(c docket.Case, w who) (staff.Next, bool) {
	if s := c.State; !s.Emergency || len(s.Callbacks) > 0 {
		return staff.Next{}, false
	}
	return w.onPage("callback", "callback.record", "reviewer")
}

// nextAsk: a demand for stored data names what it asks for; any other is answered
// and concluded.
func nextAsk(c docket.Case, w who) (staff.Next, bool) {
	s := c.State
	if len(s.Lines) > 0 || s.Conclusion.Seq > 0 {
		return staff.Next{}, false
	}
	switch s.Kind {
	case demand.ForData, demand.ForPreservation, demand.Private, demand.AboutUs:
		return w.onPage("ask", "demand.ask", "reviewer")
	}
	return w.onPage("conclude", "demand.conclude", "counsel")
}

func nextCheck(c docket.Case, w who) (staff.Next, bool) {
	if c.State.Authentic.Seq == 0 && c.State.Kind != demand.Informal { // which has no paper
		return w.act("authenticate", "reviewer", `counterseal paper authenticate DEMAND --outcome genuine --how "called back on …"`)
	}
	return staff.Next{}, false
}

func nextTarget(c docket.Case, w who) (staff.Next, bool) {
	for _, t := range c.State.Targets {
		switch {
		case t.Resolved == 0:
			return w.on("resolve", "target", t.No, "reviewer", fmt.Sprintf("counterseal demand resolve DEMAND --target %d --propose", t.No))
		case t.Checked == 0:
			n, _ := w.on("check", "target", t.No, "reviewer", fmt.Sprintf("counterseal demand check DEMAND --target %d", t.No))
			if t.By == w.person {
				n.Yours, n.Seat, n.Command = false, "second", ""
			}
			return n, true
		}
	}
	return staff.Next{}, false
}

func nextFinding(c docket.Case, w who) (staff.Next, bool) {
	s := c.State
	if answered(c) {
		return staff.Next{}, false // a finding stands in the way of what is still to be given
	}
	if s.Findings.Seq == 0 || s.Findings.Facts != s.FactsSeq {
		return w.act("assess", "reviewer", "counterseal demand assess DEMAND")
	}
	for _, f := range findingsView(s, nil) {
		if f.Open() {
			n, _ := w.act("answer", "counsel", fmt.Sprintf(`counterseal demand answer DEMAND %s --reason "…"`, f.Rule))
			n.About = f.Rule
			if f.AnsweredBy == string(w.person) {
				n.Yours, n.Seat, n.Command = false, "second", ""
			} else if f.AnsweredBy != "" && w.holds("privacy") {
				n.Yours = true
			}
			return n, true
		}
	}
	return staff.Next{}, false
}

// answered reports whether nothing is left to be given: every line is decided and what
// was to be given has been, or the demand has no lines and somebody said what became
// of it.
func answered(c docket.Case) bool {
	if len(c.State.Lines) == 0 {
		return c.State.Conclusion.Seq > 0
	}
	return !slices.ContainsFunc(demand.MayClose(c.State, c.Env), func(o demand.Obstacle) bool {
		return o.Code == "line.undecided" || o.Code == "line.not_released" || o.Code == "line.not_kept"
	})
}

func nextLine(c docket.Case, w who) (staff.Next, bool) {
	for _, l := range c.State.Lines {
		if l.Decision == demand.Undecided {
			return w.on("decide", "line", l.No, "counsel", fmt.Sprintf("counterseal line decide DEMAND --line %d --decision %s", l.No, likely(c.State, l)))
		}
	}
	if part, some := c.State.Compelled(); some && slices.ContainsFunc(demand.MayGrant(c.State, part, c.Env), func(o demand.Obstacle) bool { return o.Code == "secrecy.unstated" }) {
		return w.act("state_secrecy", "counsel", "counterseal demand secrecy DEMAND --none")
	}
	return staff.Next{}, false
}

// likely is the decision that the command for a line shows: nothing can be given
// where nobody is meant.
func likely(s *demand.State, l demand.Line) demand.Decision {
	for _, t := range s.Targets {
		if t.No == l.Target && t.Checked > 0 && len(t.Accounts) == 0 {
			return demand.NoRecords
		}
	}
	return demand.Comply
}

// nextKeep: what is only to be preserved is met by a copy.
func nextKeep(c docket.Case, w who) (staff.Next, bool) {
	if c.State.Kind != demand.ForPreservation || !slices.ContainsFunc(demand.MayClose(c.State, c.Env), func(o demand.Obstacle) bool { return o.Code == "line.not_kept" }) {
		return staff.Next{}, false
	}
	return w.onPage("keep", "preservation.make", "reviewer")
}

// nextLetter: what is not given is told to whoever asked, with the reason; what is
// given is told by its package.
func nextLetter(c docket.Case, w who) (staff.Next, bool) {
	kind := owedLetter(c.State)
	if kind == "" {
		return staff.Next{}, false
	}
	n, _ := w.act(letterAct, "reviewer", "counterseal letter draft DEMAND "+kind)
	n.About = kind
	return n, true
}

const letterAct = "write_letter"

// letterOf is the letter that tells of a decision.
var letterOf = map[demand.Decision]string{demand.NoRecords: "no-records", demand.Reject: "rejection", demand.Redirect: "redirect", demand.Duplicate: "duplicate"}

// owedLetter is the letter that is still owed; "" where none is.
func owedLetter(s *demand.State) string {
	kind, since := "", demand.Seq(0)
	owed := func(k string, at demand.Seq) {
		if k != "" && at >= since {
			kind, since = k, at
		}
	}
	for _, l := range s.Lines {
		owed(letterOf[l.Decision], l.Decided)
	}
	if s.Kind == demand.Informal && s.Conclusion.How == "refused" {
		owed("no-instrument", 0)
	}
	if k, some := kept(s); some && s.Kind == demand.ForPreservation {
		owed("preserved", k.Seq)
	}
	for _, m := range s.Thread {
		if m.Out && m.Seq > since && !slices.Contains([]string{"acknowledgement", "clarification-request", "call-back-failed"}, m.Letter) {
			return ""
		}
	}
	return kind
}

func nextNotice(c docket.Case, _ who) (staff.Next, bool) {
	part, some := c.State.Compelled()
	if !some {
		return staff.Next{}, false
	}
	for _, a := range part.Accounts() {
		if !toldOf(c.State, a) && c.State.Silenced(a, c.Env.Now) == nil && (c.State.Secrecy.None || len(c.State.Duties()) > 0) {
			return staff.Next{Act: "tell", About: string(a), Seat: "clerk", Way: obstacles(demand.MayNotify(c.State, a, c.Env))}, true
		}
	}
	return staff.Next{}, false
}

// nextCorrect: who was told before it was known that a package held too much of their
// data is told once more.
func nextCorrect(c docket.Case, _ who) (staff.Next, bool) {
	for _, a := range c.State.ToCorrect() {
		if c.State.Silenced(a, c.Env.Now) == nil {
			return staff.Next{Act: "correct", About: string(a), Seat: "clerk", Way: obstacles(demand.MayCorrect(c.State, a, demand.Holder, c.Env))}, true
		}
	}
	return staff.Next{}, false
}

func toldOf(s *demand.State, a scope.AccountID) bool {
	return slices.ContainsFunc(s.Notices, func(n demand.Notice) bool { return n.Account == a })
}

func nextGrant(c docket.Case, w who) (staff.Next, bool) {
	s := c.State
	part, some := s.Compelled()
	if !some {
		return staff.Next{}, false
	}
	rest := true
	for _, g := range s.Grants {
		switch {
		case g.Outcome == demand.Released:
			part, rest = part.Minus(g.Scope)
			if !rest {
				return staff.Next{}, false
			}
		case g.Outcome == demand.Unknown:
			n, _ := w.act("find_outcome", "counsel", "counterseal demand outcome DEMAND "+g.ID)
			n.About = g.ID
			return n, true
		case g.Permitted == 0 && g.Revoked == 0 && c.Env.Now.Before(g.Expires):
			return nextOfGrant(g, c, w), true
		}
	}
	blocked := demand.MayGrant(s, part, c.Env)
	if len(blocked) > 0 {
		return staff.Next{Act: "wait", Seat: blocked[0].Seat, Way: obstacles(blocked)}, true
	}
	if waits(s, c.Env) {
		return staff.Next{Act: "wait", Seat: "time"}, true
	}
	return w.act("draft", "reviewer", "counterseal demand grant DEMAND")
}

// waits reports whether a customer's waiting period runs: a grant lives a day at
// most, so drafting one earlier would be in vain.
func waits(s *demand.State, e demand.Env) bool {
	return slices.ContainsFunc(s.Notices, func(n demand.Notice) bool { return e.Now.Before(s.WaitingEnds(n, e.Policy)) })
}

func nextOfGrant(g demand.Grant, c docket.Case, w who) staff.Next {
	blocked := demand.MayRelease(c.State, g.ID, c.Env)
	n, _ := w.act("release", "approver", "counterseal gate release "+g.ID+" --key ~/.ssh/id_ed25519")
	n.About, n.Way = g.ID, obstacles(blocked)
	switch {
	case len(g.Approvals) < c.Env.Policy.Approvals:
		n.Act, n.Toward, n.Command = "approve", "release", "counterseal approve "+g.ID+" --key ~/.ssh/id_ed25519"
		if w.person == g.Drafter || slices.Contains(g.Approvals, w.person) {
			n.Yours = false
		}
	case len(blocked) > 0:
		n.Act, n.Seat, n.Yours, n.Command = "wait", blocked[0].Seat, false, ""
	}
	return n
}
