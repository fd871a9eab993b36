package demand_test

import (
	"fmt"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// onDemand draws any command on a demand, sensible or not.
func (w *walk) onDemand(id demand.ID) demand.Command {
	switch w.n(0, 3, "group") {
	case 0:
		return w.checking(id)
	case 1:
		return w.giving(id)
	case 2:
		return w.keeping(id)
	}
	return w.timing(id)
}

func (w *walk) checking(id demand.ID) demand.Command {
	s := w.all[id]
	switch w.n(0, 7, "checking") {
	case 0:
		return demand.Authenticate{Genuine: w.n(0, 3, "genuine") > 0, How: "call"}
	case 1:
		return demand.StateFacts{Facts: []byte{1, 0}}
	case 2:
		return w.assessment(id, w.n(0, 1, "blocks") == 1)
	case 3:
		return demand.AnswerFinding{Rule: pick(w, "rule", "us.last", "us.one")}
	case 4:
		accounts := [][]scope.AccountID{nil, {"acc-four"}, {"acc-one", "acc-three"}}
		return demand.Resolve{Target: w.n(1, 4, "target"), Accounts: accounts[w.n(0, 2, "accounts")]}
	case 5:
		target := w.n(1, len(s.Targets), "target")
		return demand.Check{Target: target, Resolution: s.Targets[target-1].Resolved}
	case 6:
		replaced := w.n(1, len(s.Lines), "replaced")
		return demand.AddPaper{Amends: 1, Document: digestR, Instrument: s.Instrument, Supersedes: []int{replaced}, Lines: []demand.StatedLine{{No: len(s.Lines) + 1, Target: s.Lines[replaced-1].Target,
			Service: scope.Mail, Category: scope.Content, From: first, Until: first.Add(time.Duration(w.n(1, 7, "days"))*aDay - time.Second), Basis: scope.Received}}}
	}
	return demand.AuthenticatePaper{Paper: max(len(s.Papers), 2), Genuine: w.n(0, 3, "genuine") > 0, How: "call"}
}

func (w *walk) giving(id demand.ID) demand.Command {
	s := w.all[id]
	grant := func() string { return fmt.Sprintf("g%d", w.n(1, max(1, w.grants), "grant")) }
	switch w.n(0, 7, "giving") {
	case 0:
		return demand.DecideLine{Line: w.n(1, len(s.Lines)+1, "line"), Decision: demand.Comply}
	case 1:
		return demand.DecideLine{Line: w.n(1, len(s.Lines)+1, "line"), Decision: demand.Decisions[w.n(0, len(demand.Decisions)-1, "decision")]}
	case 2:
		return demand.DecideLine{Line: w.n(1, len(s.Lines), "line"), Decision: demand.InPart, Part: w.someDays()}
	case 3:
		return w.draft(w.someDays())
	case 4, 5:
		return demand.SeeApproval{Grant: grant(), Person: pick[demand.Person](w, "person", "ann", "bob", "carl", "dan")}
	case 6:
		return demand.RevokeGrant{Grant: grant()}
	}
	return demand.EndRelease{Grant: grant(), Outcome: pick(w, "outcome", demand.Released, demand.Unknown)}
}

func (w *walk) keeping(id demand.ID) demand.Command {
	s := w.all[id]
	switch w.n(0, 10, "keeping") {
	case 0:
		return demand.StateSecrecy{None: true}
	case 1:
		return demand.SendNotice{Account: world[w.n(0, 3, "account")], Letter: "l", To: pick(w, "to", demand.Holder, demand.Representative)}
	case 2:
		return demand.AskSilence{}
	case 3:
		c := demand.RecordStay{Source: "court", Reach: w.someDays()}
		if w.n(0, 1, "end") == 1 {
			c.Until = w.env.Now.Add(time.Duration(w.n(0, 10, "until")) * aDay)
		}
		return c
	case 4:
		for _, st := range s.Stays {
			if st.Lifted == 0 {
				return demand.LiftStay{Stay: st.Seq}
			}
		}
		return demand.LiftStay{Stay: s.Last}
	case 5, 6:
		return demand.MakeCopy{Copy: fmt.Sprintf("k%d", len(s.Copies)+1), Scope: w.someDays(), Region: "iad", How: "hand", Until: w.env.Now.Add(aDay)}
	case 7:
		return demand.EndCopy{Copy: "k1", End: pick(w, "end", "destroyed", "produced")}
	case 8:
		return demand.PlaceHold{Kind: pick(w, "kind", "action", "retention"), Why: "why"}
	case 9:
		for _, h := range s.Holds {
			if h.Lifted == 0 {
				return demand.LiftHold{Hold: h.Seq}
			}
		}
		return demand.LiftHold{Hold: s.Last}
	}
	return demand.RecordCallback{Contact: "on file", Reached: "the desk", At: w.env.Now, Confirmed: w.n(0, 2, "confirmed") > 0}
}

func (w *walk) timing(id demand.ID) demand.Command {
	s := w.all[id]
	name := pick(w, "deadline", "one", "two")
	switch w.n(0, 8, "timing") {
	case 0, 1, 2:
		c := demand.SetDeadline{ID: name, Kind: pick(w, "kind", "answer", "confirm"), Rule: "r", Says: "so", NotBefore: w.env.Now.Add(time.Duration(w.n(0, 9, "from")) * aDay)}
		if w.n(0, 1, "some") == 1 {
			c.Lines = []int{w.n(1, len(s.Lines), "line")}
		}
		c.Latest = c.NotBefore.Add(time.Duration(w.n(0, 6, "latest")) * aDay)
		return c
	case 3:
		return demand.SuspendDeadline{ID: name, Source: "order"}
	case 4:
		return demand.ResumeDeadline{ID: name, Latest: w.env.Now.Add(9 * aDay), Says: "so"}
	case 5:
		return demand.ClearDeadline{ID: name, Source: "the authority"}
	case 6:
		return demand.MeetDeadline{ID: name, How: "answered"}
	case 7:
		return demand.SetTask{What: "call", Seat: "reviewer", Due: w.env.Now.Add(aDay)}
	}
	return demand.FinishTask{Task: w.n(1, len(s.Tasks)+1, "task")}
}
