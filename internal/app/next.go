package app

import (
	"fmt"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/web/staff"
)

// next finds the next lawful act of a demand: the first thing that somebody can
// do now, what it waits for, and the command that does it.
func (v Staff) next(id demand.ID, c docket.Case) staff.Next {
	s := c.State
	for _, find := range []func(demand.ID, docket.Case) (staff.Next, bool){nextCheck, nextTarget, nextFinding, nextLine, nextNotice, nextGrant} {
		if n, ok := find(id, c); ok {
			return n
		}
	}
	if s.Closed > 0 {
		return staff.Next{Act: "none"}
	}
	if blocked := demand.MayClose(s, c.Env); len(blocked) > 0 {
		return staff.Next{Act: "wait", Seat: blocked[0].Seat, Way: obstacles(blocked)}
	}
	return staff.Next{Act: "close", Seat: "reviewer", Yours: true, Command: command(id, "close")}
}

func command(id demand.ID, act string, more ...string) string {
	return strings.Join(append([]string{"counterseal demand", act, string(id)}, more...), " ")
}

func yours(act, about, seat, cmd string) (staff.Next, bool) {
	return staff.Next{Act: act, About: about, Seat: seat, Yours: true, Command: cmd}, true
}

func nextCheck(id demand.ID, c docket.Case) (staff.Next, bool) {
	if c.State.Authentic.Seq == 0 {
		return yours("authenticate", "", "reviewer", command(id, "authenticate", `--genuine --how "called back on …"`))
	}
	return staff.Next{}, false
}

func nextTarget(id demand.ID, c docket.Case) (staff.Next, bool) {
	for _, t := range c.State.Targets {
		about := fmt.Sprintf("target %d", t.No)
		switch {
		case t.Resolved == 0:
			return yours("resolve", about, "reviewer", command(id, "resolve", fmt.Sprintf("--target %d --propose", t.No)))
		case t.Checked == 0:
			return yours("check", about, "reviewer", command(id, "check", fmt.Sprintf("--target %d", t.No)))
		}
	}
	return staff.Next{}, false
}

func nextFinding(id demand.ID, c docket.Case) (staff.Next, bool) {
	s := c.State
	if s.Findings.Seq == 0 || s.Findings.Facts != s.FactsSeq {
		return yours("assess", "", "reviewer", command(id, "assess"))
	}
	for _, f := range findingsView(s, nil) {
		if f.Severity == "blocking" && f.Outcome == "violated" && f.SecondedBy == "" {
			return yours("answer", f.Rule, "counsel", command(id, "answer", f.Rule, `--reason "…"`))
		}
	}
	return staff.Next{}, false
}

func nextLine(id demand.ID, c docket.Case) (staff.Next, bool) {
	for _, l := range c.State.Lines {
		if l.Decision == demand.Undecided {
			return yours("decide", fmt.Sprintf("line %d", l.No), "counsel", command(id, "decide", fmt.Sprintf("--line %d --comply", l.No)))
		}
	}
	if c.State.Secrecy.Seq == 0 {
		return yours("state_secrecy", "", "counsel", command(id, "secrecy", "--none"))
	}
	return staff.Next{}, false
}

func nextNotice(_ demand.ID, c docket.Case) (staff.Next, bool) {
	part, some := c.State.Compelled()
	if !some || !c.State.Secrecy.None {
		return staff.Next{}, false
	}
	for _, a := range part.Accounts() {
		told := false
		for _, n := range c.State.Notices {
			told = told || n.Account == a
		}
		if !told {
			return staff.Next{Act: "tell", About: string(a), Seat: "clerk", Way: obstacles(demand.MayNotify(c.State, a, c.Env))}, true
		}
	}
	return staff.Next{}, false
}

func nextGrant(id demand.ID, c docket.Case) (staff.Next, bool) {
	s := c.State
	part, some := c.State.Compelled()
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
			return yours("find_outcome", g.ID, "counsel", command(id, "outcome", g.ID))
		case g.Permitted == 0 && g.Revoked == 0 && c.Env.Now.Before(g.Expires):
			return nextOfGrant(g, c), true
		}
	}
	blocked := demand.MayGrant(s, part, c.Env)
	if len(blocked) > 0 {
		return staff.Next{Act: "wait", Seat: blocked[0].Seat, Way: obstacles(blocked)}, true
	}
	if until, waits := waiting(s, c.Env); waits {
		return staff.Next{Act: "wait", Seat: "time", Way: []staff.Obstacle{{Code: "notice.waiting", Seat: "time", Until: until}}}, true
	}
	return yours("draft", "", "reviewer", command(id, "grant"))
}

// waiting reports until when the customers' waiting period runs: a grant lives a
// day at most, so drafting one earlier would be in vain.
func waiting(s *demand.State, e demand.Env) (until time.Time, waits bool) {
	for _, n := range s.Notices {
		if end := s.WaitingEnds(n, e.Policy); end.After(until) {
			until = end
		}
	}
	return until, e.Now.Before(until)
}

func nextOfGrant(g demand.Grant, c docket.Case) staff.Next {
	blocked := demand.MayRelease(c.State, g.ID, c.Env)
	if len(g.Approvals) < c.Env.Policy.Approvals {
		return staff.Next{Act: "approve", About: g.ID, Seat: "approver", Yours: true, Command: "counterseal approve " + g.ID + " --key ~/.ssh/id_ed25519", Way: obstacles(blocked)}
	}
	if len(blocked) > 0 {
		return staff.Next{Act: "wait", About: g.ID, Seat: blocked[0].Seat, Way: obstacles(blocked)}
	}
	return staff.Next{Act: "release", About: g.ID, Seat: "approver", Yours: true, Command: "counterseal gate release " + g.ID + " --key ~/.ssh/id_ed25519"}
}
