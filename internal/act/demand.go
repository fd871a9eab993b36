package act

import (
	"slices"

	"counterseal/internal/calendar"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// onDemand is an act on a demand, offered on its page.
func onDemand(name string, build func(*reader) demand.Command, fields ...Field) Act {
	return Act{Name: name, On: demand.DemandStream, From: demand.DemandStream, Fields: fields, build: build}
}

var instrumentFields = []Field{
	need("instrument", Line), need("title", Line), may("number", Line), need("agency", Line), may("officer", Line), may("signed", Day), may("due", LastDay),
}

func instrument(r *reader) demand.Instrument {
	return demand.Instrument{Kind: r.text("instrument"), Title: r.text("title"), Number: r.text("number"), Agency: r.text("agency"), Officer: r.text("officer"),
		Signed: r.day("signed"), Due: r.lastDay("due", calendar.Earlier)}
}

var demandActs = []Act{
	onDemand("demand.read", func(r *reader) demand.Command {
		return demand.ReadDemand{Kind: demand.DemandKind(r.text("kind")), Emergency: r.yes("emergency"), Instrument: instrument(r), Facts: r.in.Page.Facts}
	}, append([]Field{need("kind", Choice, of(demand.DemandKinds)...), may("emergency", Yes)}, instrumentFields...)...),

	onDemand("demand.ask", ask,
		may("paper", Number), need("identifier", Choice, "address", "account", "phone", "ip", "imei", "payment", "name", "url"), need("stated", Line),
		need("service", Choice, of(scope.Services)...), need("category", Choice, of(scope.Categories)...), need("from", Moment), need("until", LastDay),
		may("basis", Choice, string(scope.Received), string(scope.Sent)), may("participants", Words)),

	onDemand("line.decide", decide,
		need("line", Number), need("decision", Choice, of(demand.Decisions)...), may("from", Moment), may("until", LastDay), may("accounts", Accounts), may("participants", Words)),

	onDemand("demand.link", func(r *reader) demand.Command {
		c := demand.LinkDemand{Type: r.text("type")}
		if ids := r.streams("other"); len(ids) == 1 {
			c.Other = ids[0]
		}
		return c
	}, need("type", Choice, demand.LinkTypes...), need("other", Streams)),

	onDemand("stay.record", func(r *reader) demand.Command {
		return demand.RecordStay{Source: r.text("source"), Reach: r.part("lines"), Until: r.lastDay("until", calendar.Later)}
	}, need("source", Line), need("lines", Lines), may("until", LastDay)),
	onDemand("stay.lift", func(r *reader) demand.Command {
		return demand.LiftStay{Stay: demand.Seq(r.number("stay"))}
	}, need("stay", Number)),

	onDemand("preservation.make", func(r *reader) demand.Command {
		return demand.MakeCopy{Copy: r.text("copy"), Scope: r.part("lines"), Region: r.text("region"), How: "hand", Until: r.lastDay("until", calendar.Later)}
	}, need("copy", Line), need("lines", Lines), need("region", Line), need("until", LastDay)),
	onDemand("preservation.extend", func(r *reader) demand.Command {
		return demand.ExtendCopy{Copy: r.text("copy"), Until: r.lastDay("until", calendar.Later), Source: r.text("source")}
	}, need("copy", Line), need("until", LastDay), need("source", Line)),
	onDemand("preservation.end", func(r *reader) demand.Command {
		return demand.EndCopy{Copy: r.text("copy"), End: r.text("end")}
	}, need("copy", Line), need("end", Choice, "produced", "destroyed", "released")),

	onDemand("release.ask", func(r *reader) demand.Command {
		return demand.AskRelease{Grant: r.text("grant")}
	}, need("grant", Line)),
	onDemand("release.acknowledge", func(r *reader) demand.Command {
		return demand.AcknowledgeRelease{Grant: r.text("grant"), By: r.text("by")}
	}, need("grant", Line), need("by", Line)),
	onDemand("production.recall", func(r *reader) demand.Command {
		return demand.RecallProduction{Grant: r.text("grant")}
	}, need("grant", Line)),

	onDemand("demand.conclude", func(r *reader) demand.Command {
		return demand.Conclude{How: r.text("how")}
	}, need("how", Choice, "refused", "withdrawn", "to_counsel", "answered")),
	onDemand("demand.close", func(*reader) demand.Command { return demand.Close{} }),
}

// ask names one identifier and one line of a paper. An identifier that the demand
// names already is not named twice.
func ask(r *reader) demand.Command {
	s := r.in.Page
	c := demand.AddAsked{Paper: max(r.number("paper"), 1)}
	kind, stated := r.text("identifier"), r.text("stated")
	i := slices.IndexFunc(s.Targets, func(t demand.Target) bool { return t.Kind == kind && t.Stated == stated })
	target := i + 1
	if i < 0 {
		target = len(s.Targets) + 1
		c.Targets = []demand.StatedTarget{{No: target, Kind: kind, Stated: stated}}
	}
	basis := scope.Basis(r.text("basis"))
	if basis == "" {
		basis = scope.Received
	}
	l := demand.StatedLine{No: len(s.Lines) + 1, Target: target, Service: scope.Service(r.text("service")), Category: scope.Category(r.text("category")),
		From: r.momentAt("from", calendar.Earlier), Basis: basis, Participants: r.list("participants")}
	// A scope's ends are both inside, at whole seconds.
	if until := r.lastDay("until", calendar.Earlier); !until.IsZero() {
		l.Until = until.Add(-1e9)
	}
	c.Lines = []demand.StatedLine{l}
	return c
}

// decide narrows what a line asks where from, until, accounts or participants are
// stated; without them a line is given whole.
func decide(r *reader) demand.Command {
	c := demand.DecideLine{Line: r.number("line"), Decision: demand.Decision(r.text("decision"))}
	if c.Decision != demand.InPart {
		return c
	}
	asked, some := r.in.Page.Asked(c.Line)
	if !some {
		r.fail(problem.New(problem.Refused, "act.no_account", "nobody has said yet which account this line is about").At("line %d", c.Line))
		return c
	}
	from, until, accounts, with := r.momentAt("from", calendar.Later), r.lastDay("until", calendar.Earlier), r.accounts("accounts"), r.list("participants")
	if from.IsZero() && until.IsZero() && len(accounts)+len(with) == 0 {
		r.fail(problem.New(problem.Invalid, "line.part", "say which part of the line is given").At("line %d", c.Line).Fix("state from, until, accounts or participants, or decide comply"))
		return c
	}
	var kept []scope.Selector
	for _, sel := range asked.Selectors() {
		if len(accounts) > 0 && !slices.Contains(accounts, sel.Account) {
			continue
		}
		if from.After(sel.From) {
			sel.From = from
		}
		if end := until.Add(-1e9); !until.IsZero() && end.Before(sel.Until) {
			sel.Until = end
		}
		if len(with) > 0 {
			sel.Participants = with
		}
		if !sel.Until.Before(sel.From) {
			kept = append(kept, sel)
		}
	}
	if len(kept) == 0 {
		r.fail(problem.New(problem.Invalid, "line.part", "nothing would be left to give").At("line %d", c.Line))
		return c
	}
	part, err := scope.New(kept...)
	if err != nil {
		r.fail(problem.Of(err))
	}
	c.Part = part
	return c
}

var paperActs = []Act{
	onDemand("paper.add", func(r *reader) demand.Command {
		return demand.AddPaper{Amends: r.number("amends"), Document: r.digest("document"), Instrument: instrument(r), Supersedes: r.numbers("supersedes")}
	}, append([]Field{need("document", Document), may("amends", Number), may("supersedes", Numbers)}, instrumentFields...)...),
	onDemand("paper.authenticate", func(r *reader) demand.Command {
		genuine, how := r.text("outcome") == "genuine", r.text("how")
		if no := r.number("paper"); no > 1 {
			return demand.AuthenticatePaper{Paper: no, Genuine: genuine, How: how}
		}
		return demand.Authenticate{Genuine: genuine, How: how}
	}, may("paper", Number), need("outcome", Choice, "genuine", "not_genuine"), need("how", Text)),
	onDemand("service.record", func(r *reader) demand.Command {
		return demand.RecordService{Paper: max(r.number("paper"), 1), Entity: r.text("entity"), Manner: r.text("manner"), At: r.moment("at")}
	}, may("paper", Number), need("entity", Line), need("manner", Line), need("at", Moment)),
	onDemand("party.name", func(r *reader) demand.Command {
		return demand.NameParty{Role: r.text("role"), Name: r.text("name"), Note: r.text("note")}
	}, need("role", Choice, demand.PartyRoles...), need("name", Line), may("note", Line)),
	onDemand("callback.record", func(r *reader) demand.Command {
		return demand.RecordCallback{Contact: r.text("contact"), Reached: r.text("reached"), At: r.moment("at"), Confirmed: r.text("answer") == "confirmed"}
	}, need("contact", Line), need("reached", Line), need("at", Moment), need("answer", Choice, "confirmed", "not_theirs")),
}

var deadlineActs = []Act{
	onDemand("deadline.set", func(r *reader) demand.Command {
		return demand.SetDeadline{ID: r.text("deadline"), Kind: r.text("kind"), Lines: r.numbers("lines"), Start: r.moment("start"), NotBefore: r.momentAt("not_before", calendar.Later),
			Latest: r.lastDay("latest", calendar.Earlier), Rule: "stated", Cite: r.text("cite"), Zone: r.in.Zone.String(), Says: r.text("says")}
	}, need("deadline", Line), need("kind", Choice, demand.DeadlineKinds...), may("latest", LastDay), may("not_before", Moment), may("start", Moment), may("lines", Numbers), may("cite", Line), need("says", Line)),
	onDemand("deadline.suspend", func(r *reader) demand.Command {
		return demand.SuspendDeadline{ID: r.text("deadline"), Source: r.text("source")}
	}, need("deadline", Line), need("source", Line)),
	onDemand("deadline.resume", func(r *reader) demand.Command {
		return demand.ResumeDeadline{ID: r.text("deadline"), Latest: r.lastDay("latest", calendar.Earlier), Says: r.text("says")}
	}, need("deadline", Line), need("latest", LastDay), need("says", Line)),
	onDemand("deadline.meet", func(r *reader) demand.Command {
		return demand.MeetDeadline{ID: r.text("deadline"), How: r.text("how")}
	}, need("deadline", Line), need("how", Line)),
	onDemand("deadline.clear", func(r *reader) demand.Command {
		return demand.ClearDeadline{ID: r.text("deadline"), Source: r.text("source")}
	}, need("deadline", Line), need("source", Line)),
}

var deskActs = []Act{
	onDemand("message.keep", func(r *reader) demand.Command {
		return demand.KeepMessage{Out: r.text("direction") == "out", Party: r.text("party"), Channel: r.text("channel"), Subject: r.text("subject"), Document: r.digest("document"),
			Question: r.yes("question"), Answers: r.number("answers")}
	}, need("direction", Choice, "in", "out"), need("party", Line), need("channel", Line), need("subject", Line), need("document", Document), may("question", Yes), may("answers", Number)),
	onDemand("task.set", func(r *reader) demand.Command {
		return demand.SetTask{What: r.text("what"), Seat: r.text("seat"), Due: r.lastDay("due", calendar.Earlier)}
	}, need("what", Line), need("seat", Choice, "reviewer", "counsel", "privacy"), need("due", LastDay)),
	onDemand("task.finish", func(r *reader) demand.Command { return demand.FinishTask{Task: r.number("task")} }, need("task", Number)),
	onDemand("cost.note", func(r *reader) demand.Command {
		return demand.NoteCost{What: r.text("what"), Minor: int64(r.number("minor")), Currency: r.text("currency"), State: r.text("state"), Basis: r.text("basis")}
	}, need("what", Line), need("minor", Number), need("currency", Line), need("state", Choice, demand.CostStates...), may("basis", Line)),
	onDemand("hold.place", func(r *reader) demand.Command {
		return demand.PlaceHold{Kind: r.text("kind"), Why: r.text("why")}
	}, need("kind", Choice, "action", "retention"), need("why", Line)),
	onDemand("hold.lift", func(r *reader) demand.Command { return demand.LiftHold{Hold: demand.Seq(r.number("hold"))} }, need("hold", Number)),
	onDemand("silence.ask", func(*reader) demand.Command { return demand.AskSilence{} }),
	onDemand("matter.file", func(r *reader) demand.Command {
		c := demand.FileUnder{}
		if ids := r.streams("matter"); len(ids) == 1 {
			c.Matter = ids[0]
		}
		return c
	}, need("matter", Streams)),
}
