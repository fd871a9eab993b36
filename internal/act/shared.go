package act

import (
	"slices"

	"counterseal/internal/calendar"
	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func open(name string, on demand.Stream, build func(*reader) demand.Command, fields ...Field) Act {
	return Act{Name: name, On: on, From: demand.DemandStream, Begins: true, Fields: fields, build: build}
}

func onStream(name string, on demand.Stream, build func(*reader) demand.Command, fields ...Field) Act {
	return Act{Name: name, On: on, From: on, Fields: fields, build: build}
}

// cover is the page's demand with the lines that are contested; none for a contest
// that is about secrecy alone.
func cover(r *reader) []demand.Cover {
	c := demand.Cover{Demand: r.in.Page.ID}
	if len(r.list("lines")) > 0 {
		c.Reach = r.part("lines").Lines()
	}
	return []demand.Cover{c}
}

var contestActs = []Act{
	open("contest.open", demand.ContestStream, func(r *reader) demand.Command {
		return demand.OpenContest{ID: r.in.NewID, Title: r.text("title"), Against: r.text("against"), Court: r.text("court"), Number: r.text("number"), Filed: r.day("filed"),
			Covers: cover(r), Duties: r.streams("duties")}
	}, need("title", Line), need("against", Choice, demand.ContestAims...), need("court", Line), may("number", Line), need("filed", Day), may("lines", Lines), may("duties", Streams)),
	{Name: "contest.widen", On: demand.ContestStream, From: demand.DemandStream, Fields: []Field{may("lines", Lines)},
		build: func(r *reader) demand.Command { return demand.WidenContest{Covers: cover(r)} }},
	onStream("contest.move", demand.ContestStream, func(r *reader) demand.Command {
		return demand.MoveContest{Court: r.text("court"), Number: r.text("number"), Filed: r.day("filed")}
	}, need("court", Line), may("number", Line), need("filed", Day)),
	onStream("contest.rule", demand.ContestStream, func(r *reader) demand.Command {
		no := r.number("instance")
		if no == 0 {
			no = r.in.State.Contest.Current().No
		}
		return demand.RecordRuling{Instance: no, Ruling: r.text("ruling"), On: r.day("on"), Says: r.text("says")}
	}, need("ruling", Choice, demand.Rulings...), need("on", Day), need("says", Text), may("instance", Number)),
	onStream("contest.stay", demand.ContestStream, stay, need("source", Line), need("on", Day), may("demands", Streams), may("until", LastDay)),
	onStream("contest.lift_stay", demand.ContestStream, func(r *reader) demand.Command {
		return demand.LiftContestStay{Stay: demand.Seq(r.number("stay")), Source: r.text("source"), On: r.day("on")}
	}, need("stay", Number), need("source", Line), need("on", Day)),
	onStream("contest.contempt", demand.ContestStream, func(r *reader) demand.Command {
		return demand.RecordContempt{Court: r.text("court"), On: r.day("on"), Terms: r.text("terms")}
	}, need("court", Line), need("on", Day), need("terms", Text)),
	onStream("contest.filing", demand.ContestStream, func(r *reader) demand.Command {
		return demand.RecordFiling{Who: r.text("who"), What: r.text("what"), On: r.day("on")}
	}, need("who", Line), need("what", Line), need("on", Day)),
	onStream("contest.unseal", demand.ContestStream, func(r *reader) demand.Command {
		return demand.RecordUnsealing{What: r.text("what"), On: r.day("on")}
	}, need("what", Text), need("on", Day)),
	onStream("contest.end", demand.ContestStream, func(r *reader) demand.Command {
		return demand.EndContest{How: r.text("how"), On: r.day("on")}
	}, need("how", Choice, demand.ContestEnds...), need("on", Day)),
}

// stay reaches what the contest is about, of all its demands or of those that are
// named.
func stay(r *reader) demand.Command {
	c := demand.StayContest{Source: r.text("source"), On: r.day("on"), Until: r.lastDay("until", calendar.Later)}
	only := r.streams("demands")
	for _, x := range r.in.State.Contest.Covers {
		if len(x.Reach) > 0 && (len(only) == 0 || slices.Contains(only, x.Demand)) {
			c.Covers = append(c.Covers, x)
		}
	}
	if len(c.Covers) == 0 {
		r.fail(problem.New(problem.Invalid, "stay.reach", "the contest is about no lines that could be stayed").At("demands").Fix("widen the contest to the lines first"))
	}
	return c
}

var secrecyActs = []Act{
	open("secrecy.open", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.OpenSecrecy{ID: r.in.NewID, Source: r.text("source"), Cite: r.text("cite"), Authority: r.text("authority"), Number: r.text("number"), Reasons: r.text("reasons"),
			Covers: []demand.Silence{{Demand: r.in.Page.ID, Accounts: r.accounts("accounts")}}, Binds: r.list("binds"),
			Signed: r.momentAt("signed", calendar.Earlier), Served: r.moment("served"), Effective: r.momentAt("effective", calendar.Earlier), Until: r.lastDay("until", calendar.Later),
			Review: r.day("review"), MayTell: r.list("may_tell")}
	}, need("source", Choice, demand.SecrecySources...), need("cite", Line), need("authority", Line), may("number", Line), may("reasons", Choice, demand.SecrecyReasons[1:]...),
		may("accounts", Accounts), may("binds", Words, demand.SecrecyBinds...), may("signed", Moment), may("served", Moment), may("effective", Moment), may("until", LastDay),
		may("review", Day), may("may_tell", Words)),
	onStream("secrecy.renew", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.RenewSecrecy{Number: r.text("number"), Signed: r.momentAt("signed", calendar.Earlier), Served: r.momentAt("served", calendar.Earlier), Until: r.lastDay("until", calendar.Later)}
	}, may("number", Line), need("signed", Moment), need("served", Moment), may("until", LastDay)),
	onStream("secrecy.settle", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.SettleRenewal{Renewal: demand.Seq(r.number("renewal")), Binds: r.text("answer") == "binds"}
	}, need("renewal", Number), need("answer", Choice, "binds", "does_not_bind")),
	onStream("secrecy.ease", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.EaseSecrecy{Source: r.text("source"), On: r.day("on"), Who: r.list("who"), Free: freed(r)}
	}, need("source", Line), need("on", Day), may("who", Words), may("accounts", Accounts), may("demand", Streams)),
	onStream("secrecy.lift", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.LiftSecrecy{Source: r.text("source"), On: r.momentAt("on", calendar.Later)}
	}, need("source", Line), need("on", Moment)),
	onStream("secrecy.review", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.ReviewSecrecy{Next: r.day("next")}
	}, need("next", Day)),
	onStream("secrecy.arm", demand.SecrecyStream, func(r *reader) demand.Command {
		return demand.ArmNotice{End: r.lastDay("end", calendar.Later)}
	}, need("end", LastDay)),
	onStream("secrecy.disarm", demand.SecrecyStream, func(*reader) demand.Command { return demand.DisarmNotice{} }),
}

var caseActs = []Act{
	open("matter.open", demand.MatterStream, func(r *reader) demand.Command {
		return demand.OpenMatter{ID: r.in.NewID, Title: r.text("title"), Ref: r.text("reference")}
	}, need("title", Line), may("reference", Line)),
	open("case.open", demand.CaseStream, func(r *reader) demand.Command {
		c := demand.OpenCase{ID: r.in.NewID, Why: r.text("why")}
		for _, p := range r.list("members") {
			c.Members = append(c.Members, demand.Person(p))
		}
		return c
	}, need("why", Line), need("members", Words)),
	onDemand("case.seal", func(r *reader) demand.Command {
		c := demand.SealDemand{}
		if ids := r.streams("case"); len(ids) == 1 {
			c.Case = ids[0]
		}
		return c
	}, may("case", Streams)),
	onStream("case.member", demand.CaseStream, func(r *reader) demand.Command {
		return demand.ChangeMember{Person: demand.Person(r.text("person")), In: r.text("change") == "add"}
	}, need("person", Line), need("change", Choice, "add", "remove")),
	{Name: "note.write", On: demand.NotesStream, From: demand.DemandStream, Fields: []Field{need("text", Text)},
		build: func(r *reader) demand.Command { return demand.WriteNote{Text: r.text("text")} }},
}

// freed are the stated accounts as the duty names them, demand by demand.
func freed(r *reader) []demand.Silence {
	var out []demand.Silence
	ids, named := r.streams("demand"), map[scope.AccountID]bool{}
	for _, x := range r.in.State.Duty.Covers {
		if len(ids) > 0 && !slices.Contains(ids, x.Demand) {
			continue
		}
		var own []scope.AccountID
		for _, a := range r.accounts("accounts") {
			if slices.Contains(x.Accounts, a) {
				own, named[a] = append(own, a), true
			}
		}
		if len(own) > 0 {
			out = append(out, demand.Silence{Demand: x.Demand, Accounts: own})
		}
	}
	for _, a := range r.accounts("accounts") {
		if !named[a] {
			r.fail(problem.New(problem.Invalid, "secrecy.covers", "only accounts that the duty names one by one can be freed one by one").At("accounts"))
		}
	}
	return out
}
