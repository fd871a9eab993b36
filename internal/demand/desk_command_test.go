package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// What a demand can be filed under.
const (
	aMatter = demand.ID("m-k7wq-93")
	aCase   = demand.ID("x-k7wq-93")
)

func released(t *testing.T) *dossier {
	d := pair(t)
	d.must(theDuty, gag(theDuty, end))
	d.must(theDemand, demand.PermitRelease{Grant: "g1", Release: digestR})
	d.must(theDemand, demand.EndRelease{Grant: "g1", Outcome: demand.Released})
	return d
}

func TestWhatIsKeptIsEndedForEachReasonOnly(t *testing.T) {
	keep := func(f func(*demand.MakeCopy)) demand.Command {
		c := demand.MakeCopy{Copy: "k1", Scope: whole("acc-one"), Region: "iad", How: "hand", Until: later.AddDate(0, 0, 60)}
		if f != nil {
			f(&c)
		}
		return c
	}
	made := []given{{theDemand, keep(nil)}}
	on := func(id demand.ID, c ...demand.Command) []given {
		out := made[:1:1]
		for _, x := range c {
			out = append(out, given{id, x})
		}
		return out
	}
	destroyed, produced := demand.EndCopy{Copy: "k1", End: "destroyed"}, demand.EndCopy{Copy: "k1", End: "produced"}
	unnamed := motion(func(c *demand.OpenContest) { c.Covers[0].Reach = nil })
	quiet := motion(func(c *demand.OpenContest) {
		c.Against, c.Duties, c.Covers[0].Reach = "secrecy", []demand.ID{theDuty}, nil
	})
	cases := []askCase{
		{name: "keep", on: theDemand, cmd: keep(nil)},
		{name: "keep at the gate", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.How = "gate" })},
		{name: "keep without an id", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Copy = "" }), code: "preservation.form"},
		{name: "keep nothing", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Scope = scope.Scope{} }), code: "preservation.form"},
		{name: "keep nowhere", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Region = "" }), code: "preservation.form"},
		{name: "keep somehow", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.How = "somehow" }), code: "preservation.form"},
		{name: "keep until now", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Until = later }), code: "preservation.form"},
		{name: "keep for ever", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Until = time.Time{} }), code: "preservation.form"},
		{name: "keep twice under one id", before: made, on: theDemand, cmd: keep(nil), code: "preservation.exists"},
		{name: "keep more than is asked", on: theDemand, cmd: keep(func(c *demand.MakeCopy) { c.Scope = whole("acc-one", "acc-four") }), code: "preservation.not_asked"},
		{name: "keep what was refused", before: []given{{theDemand, demand.DecideLine{Line: 1, Decision: demand.Reject}}}, on: theDemand, cmd: keep(nil)},

		{name: "extend", before: made, on: theDemand, cmd: demand.ExtendCopy{Copy: "k1", Until: later.AddDate(0, 0, 90), Source: "renewed"}},
		{name: "extend nothing", before: made, on: theDemand, cmd: demand.ExtendCopy{Copy: "k2", Until: later.AddDate(0, 0, 90), Source: "renewed"}, code: "preservation.missing"},
		{name: "extend to the same day", before: made, on: theDemand, cmd: demand.ExtendCopy{Copy: "k1", Until: later.AddDate(0, 0, 60), Source: "renewed"}, code: "preservation.form"},
		{name: "extend for no reason", before: made, on: theDemand, cmd: demand.ExtendCopy{Copy: "k1", Until: later.AddDate(0, 0, 90)}, code: "preservation.form"},
		{name: "extend what has ended", before: on(theDemand, destroyed), on: theDemand, cmd: demand.ExtendCopy{Copy: "k1", Until: later.AddDate(0, 0, 90), Source: "renewed"}, code: "preservation.missing"},

		{name: "destroy", before: made, on: theDemand, cmd: destroyed},
		{name: "end somehow", before: made, on: theDemand, cmd: demand.EndCopy{Copy: "k1", End: "lost"}, code: "preservation.form"},
		{name: "end twice", before: on(theDemand, destroyed), on: theDemand, cmd: destroyed, code: "preservation.missing"},
		{name: "end nothing", on: theDemand, cmd: destroyed, code: "preservation.missing"},
		{name: "destroy while contested", before: on(aContest, motion(nil)), on: theDemand, cmd: destroyed, code: "preservation.contested"},
		{name: "release while contested", before: on(aContest, motion(nil)), on: theDemand, cmd: demand.EndCopy{Copy: "k1", End: "released"}, code: "preservation.contested"},
		{name: "say produced while contested, when nothing has left", before: on(aContest, motion(nil)), on: theDemand, cmd: produced, code: "preservation.contested"},
		{name: "destroy while a contest of no named part is pending", before: on(aContest, unnamed), on: theDemand, cmd: destroyed, code: "preservation.contested"},
		{name: "destroy while another part is contested", before: on(aContest, motion(func(c *demand.OpenContest) { c.Covers[0].Reach = whole("acc-two").Lines() })), on: theDemand, cmd: destroyed},
		{name: "destroy while another demand is contested", before: on(aContest, motion(func(c *demand.OpenContest) { c.Covers = c.Covers[1:] })), on: theDemand, cmd: destroyed},
		{name: "destroy while another part, and this part of another demand, is contested", before: on(aContest, motion(func(c *demand.OpenContest) {
			c.Covers[0].Reach, c.Covers[1].Reach = whole("acc-two").Lines(), whole("acc-one").Lines()
		})), on: theDemand, cmd: destroyed},
		{name: "destroy when the hold was lifted", before: on(theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}, demand.LiftHold{Hold: 19}), on: theDemand, cmd: destroyed},
		{name: "destroy when the first of two holds stands", before: on(theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}, demand.PlaceHold{Kind: "retention", Why: "another"}, demand.LiftHold{Hold: 20}), on: theDemand, cmd: destroyed, code: "demand.held"},
		{name: "destroy while the secrecy alone is contested", before: append(on(theDuty, gag(theDuty, end)), given{aContest, quiet}), on: theDemand, cmd: destroyed},
		{name: "destroy after the contest", before: on(aContest, motion(nil), demand.EndContest{How: "moot", On: later}), on: theDemand, cmd: destroyed},
		{name: "destroy while held", before: on(theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}), on: theDemand, cmd: destroyed, code: "demand.held"},
		{name: "say produced while held", before: on(theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}), on: theDemand, cmd: produced, code: "demand.held"},
		{name: "destroy while only acting is held", before: on(theDemand, demand.PlaceHold{Kind: "action", Why: "a look"}), on: theDemand, cmd: destroyed},
		{name: "destroy when the last of two holds stands", before: on(theDemand, demand.PlaceHold{Kind: "retention", Why: "a suit"}, demand.PlaceHold{Kind: "retention", Why: "another"}, demand.LiftHold{Hold: 19}), on: theDemand, cmd: destroyed, code: "demand.held"},

		{name: "hold", on: theDemand, cmd: demand.PlaceHold{Kind: "action", Why: "flagged mailbox"}},
		{name: "hold of nothing", on: theDemand, cmd: demand.PlaceHold{Kind: "breath", Why: "why"}, code: "hold.form"},
		{name: "hold for no reason", on: theDemand, cmd: demand.PlaceHold{Kind: "action"}, code: "hold.form"},
		{name: "lift", before: []given{{theDemand, demand.PlaceHold{Kind: "action", Why: "w"}}}, on: theDemand, cmd: demand.LiftHold{Hold: 18}},
		{name: "lift by a reviewer", before: []given{{theDemand, demand.PlaceHold{Kind: "action", Why: "w"}}}, on: theDemand, seats: "reviewer", cmd: demand.LiftHold{Hold: 18}, code: "hold.seat"},
		{name: "lift without a word", before: []given{{theDemand, demand.PlaceHold{Kind: "action", Why: "w"}}}, on: theDemand, mute: true, cmd: demand.LiftHold{Hold: 18}, code: "hold.form"},
		{name: "lift nothing", on: theDemand, cmd: demand.LiftHold{Hold: 3}, code: "hold.missing"},
		{name: "lift twice", before: []given{{theDemand, demand.PlaceHold{Kind: "action", Why: "w"}}, {theDemand, demand.LiftHold{Hold: 18}}}, on: theDemand, cmd: demand.LiftHold{Hold: 18}, code: "hold.missing"},
	}
	ask(t, pair, cases)
	ask(t, released, []askCase{
		{name: "produced while contested, when it has left", before: on(aContest, motion(nil)), on: theDemand, cmd: produced},
		{name: "destroyed while contested, when it has left", before: on(aContest, motion(nil)), on: theDemand, cmd: destroyed, code: "preservation.contested"},
	})
}

func TestTheDeskIsRefusedForEachReason(t *testing.T) {
	msg := func(f func(*demand.KeepMessage)) demand.Command {
		c := demand.KeepMessage{Out: true, Party: "S.D.N.Y.", Channel: "post", Subject: "A question", Document: digestO, Question: true}
		if f != nil {
			f(&c)
		}
		return c
	}
	task := demand.SetTask{What: "call the clerk", Seat: "reviewer", Due: later}
	cost := func(f func(*demand.NoteCost)) demand.Command {
		c := demand.NoteCost{What: "search", Minor: 12500, Currency: "USD", State: "billed", Basis: "18 USC 2706"}
		if f != nil {
			f(&c)
		}
		return c
	}
	link := demand.LinkDemand{Other: otherDemand, Type: "supersedes"}
	matter, sealed := given{aMatter, demand.OpenMatter{ID: aMatter, Title: "Harbor"}}, given{aCase, demand.OpenCase{ID: aCase, Why: "by order", Members: []demand.Person{"carl", "pia", "carl"}}}
	tasks := make([]given, demand.MaxTargets)
	for i := range tasks {
		tasks[i] = given{theDemand, task}
	}

	ask(t, pair, []askCase{
		{name: "message", on: theDemand, cmd: msg(nil)},
		{name: "message of nobody", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Party = "" }), code: "message.form"},
		{name: "message by no way", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Channel = "" }), code: "message.form"},
		{name: "message about nothing", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Subject = "" }), code: "message.form"},
		{name: "message without its text", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Document = demand.Digest{} }), code: "message.form"},
		{name: "message of a long kind", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Letter = big }), code: "message.form"},
		{name: "an answer", before: []given{{theDemand, msg(nil)}}, on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Answers = 1 })},
		{name: "an answer to nothing", before: []given{{theDemand, msg(nil)}}, on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Answers = 2 }), code: "message.answers"},
		{name: "an answer to less than nothing", on: theDemand, cmd: msg(func(c *demand.KeepMessage) { c.Answers = -1 }), code: "message.answers"},

		{name: "task", on: theDemand, cmd: task},
		{name: "task of nothing", on: theDemand, cmd: demand.SetTask{Seat: "reviewer", Due: later}, code: "task.form"},
		{name: "task for nobody", on: theDemand, cmd: demand.SetTask{What: "call", Due: later}, code: "task.form"},
		{name: "task without a day", on: theDemand, cmd: demand.SetTask{What: "call", Seat: "reviewer"}, code: "task.form"},
		{name: "one task too many", before: tasks, on: theDemand, cmd: task, code: "task.too_many"},
		{name: "done", before: []given{{theDemand, task}}, on: theDemand, cmd: demand.FinishTask{Task: 1}},
		{name: "done twice", before: []given{{theDemand, task}, {theDemand, demand.FinishTask{Task: 1}}}, on: theDemand, cmd: demand.FinishTask{Task: 1}, code: "task.missing"},
		{name: "nothing done", before: []given{{theDemand, task}}, on: theDemand, cmd: demand.FinishTask{}, code: "task.missing"},
		{name: "the second of one", before: []given{{theDemand, task}}, on: theDemand, cmd: demand.FinishTask{Task: 2}, code: "task.missing"},

		{name: "cost", on: theDemand, cmd: cost(nil)},
		{name: "cost noted, without a basis", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.State, c.Basis = "noted", "" })},
		{name: "a bill without a basis", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.Basis = "" }), code: "cost.form"},
		{name: "cost of nothing", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.What = "" }), code: "cost.form"},
		{name: "cost below nothing", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.Minor = -1 }), code: "cost.form"},
		{name: "cost in no currency", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.Currency = "dollars" }), code: "cost.form"},
		{name: "cost of no state", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.State = "lost" }), code: "cost.form"},
		{name: "cost on a long basis", on: theDemand, cmd: cost(func(c *demand.NoteCost) { c.Basis = big }), code: "cost.form"},

		{name: "link", on: theDemand, cmd: link},
		{name: "link of no kind", on: theDemand, cmd: demand.LinkDemand{Other: otherDemand, Type: "likes"}, code: "link.type"},
		{name: "link to a contest", on: theDemand, cmd: demand.LinkDemand{Other: aContest, Type: "follows"}, code: "link.type"},
		{name: "link to itself", on: theDemand, cmd: demand.LinkDemand{Other: theDemand, Type: "follows"}, code: "link.self"},
		{name: "link twice", before: []given{{theDemand, link}}, on: theDemand, cmd: link, code: "link.exists"},
		{name: "each supersedes the other", before: []given{{theDemand, link}}, on: otherDemand, cmd: demand.LinkDemand{Other: theDemand, Type: "supersedes"}, code: "link.exists"},
		{name: "link of another kind", before: []given{{theDemand, link}}, on: theDemand, cmd: demand.LinkDemand{Other: otherDemand, Type: "follows"}},

		{name: "link of that kind to another", before: []given{{theDemand, link}}, on: theDemand, cmd: demand.LinkDemand{Other: "d3xx-11", Type: "supersedes"}},

		{name: "matter", on: aMatter, cmd: matter.cmd},
		{name: "matter without a title", on: aMatter, cmd: demand.OpenMatter{ID: aMatter}, code: "matter.form"},
		{name: "matter of another kind", on: aMatter, cmd: demand.OpenMatter{ID: aCase, Title: "Harbor"}, code: "matter.form"},
		{name: "matter with a long reference", on: aMatter, cmd: demand.OpenMatter{ID: aMatter, Title: "Harbor", Ref: big}, code: "matter.form"},
		{name: "file", before: []given{matter}, on: theDemand, cmd: demand.FileUnder{Matter: aMatter}},
		{name: "file twice", before: []given{matter, {theDemand, demand.FileUnder{Matter: aMatter}}}, on: theDemand, cmd: demand.FileUnder{Matter: aMatter}, nop: true},
		{name: "file under a contest", on: theDemand, cmd: demand.FileUnder{Matter: aContest}, code: "matter.missing"},

		{name: "case", on: aCase, cmd: sealed.cmd},
		{name: "case for no reason", on: aCase, cmd: demand.OpenCase{ID: aCase, Members: []demand.Person{"carl"}}, code: "case.form"},
		{name: "case of nobody", on: aCase, cmd: demand.OpenCase{ID: aCase, Why: "by order"}, code: "case.form"},
		{name: "case whose last member is nobody", on: aCase, cmd: demand.OpenCase{ID: aCase, Why: "by order", Members: []demand.Person{"carl", ""}}, code: "case.form"},
		{name: "case of another kind", on: aCase, cmd: demand.OpenCase{ID: aMatter, Why: "by order", Members: []demand.Person{"carl"}}, code: "case.form"},
		{name: "a member more", before: []given{sealed}, on: aCase, cmd: demand.ChangeMember{Person: "bob", In: true}},
		{name: "a member twice", before: []given{sealed}, on: aCase, cmd: demand.ChangeMember{Person: "pia", In: true}, nop: true},
		{name: "a member less", before: []given{sealed}, on: aCase, cmd: demand.ChangeMember{Person: "pia"}},
		{name: "the last member", before: []given{sealed, {aCase, demand.ChangeMember{Person: "pia"}}}, on: aCase, cmd: demand.ChangeMember{Person: "carl"}, code: "case.last"},
		{name: "a member by somebody else", before: []given{sealed}, on: aCase, by: "eve", cmd: demand.ChangeMember{Person: "eve", In: true}, code: "case.member"},
		{name: "nobody a member", before: []given{sealed}, on: aCase, cmd: demand.ChangeMember{In: true}, code: "case.form"},
		{name: "a long member", before: []given{sealed}, on: aCase, cmd: demand.ChangeMember{Person: demand.Person(big), In: true}, code: "case.form"},
		{name: "seal", before: []given{sealed}, on: theDemand, cmd: demand.SealDemand{Case: aCase}},
		{name: "seal without a word", before: []given{sealed}, on: theDemand, mute: true, cmd: demand.SealDemand{Case: aCase}},
		{name: "a second member beside the only one", before: []given{{aCase, demand.OpenCase{ID: aCase, Why: "by order", Members: []demand.Person{"carl"}}}}, on: aCase, cmd: demand.ChangeMember{Person: "pia", In: true}},
		{name: "seal twice", before: []given{sealed, {theDemand, demand.SealDemand{Case: aCase}}}, on: theDemand, cmd: demand.SealDemand{Case: aCase}, nop: true},
		{name: "seal into a matter", on: theDemand, cmd: demand.SealDemand{Case: aMatter}, code: "case.missing"},
		{name: "unseal", before: []given{{theDemand, demand.SealDemand{Case: aCase}}}, on: theDemand, cmd: demand.SealDemand{}},
		{name: "unseal by no order", before: []given{{theDemand, demand.SealDemand{Case: aCase}}}, on: theDemand, mute: true, cmd: demand.SealDemand{}, code: "case.missing"},
		{name: "seal what is contested", before: []given{{aContest, motion(nil)}}, on: theDemand, cmd: demand.SealDemand{Case: aCase}, code: "case.joined"},

		{name: "note", on: "n-k7wq-93", cmd: demand.WriteNote{Text: "Counsel's view."}},
		{name: "a second note", before: []given{{"n-k7wq-93", demand.WriteNote{Text: "one"}}}, on: "n-k7wq-93", cmd: demand.WriteNote{Text: "two"}},
		{name: "note by privacy", on: "n-k7wq-93", seats: "privacy", cmd: demand.WriteNote{Text: "one"}, code: "note.seat"},
		{name: "note of nothing", on: "n-k7wq-93", cmd: demand.WriteNote{}, code: "note.text"},
		{name: "note on a demand", on: theDemand, cmd: demand.WriteNote{Text: "one"}, code: "stream.kind"},
	})
}

func TestADemandWithoutLinesIsConcludedAndOneWithLinesIsDecided(t *testing.T) {
	conclude := demand.Conclude{How: "refused"}
	untouched := func(t *testing.T) *dossier {
		d := unread(t)
		s, _ := (&scene{}).add("", "door", plain(received())).play()
		s.ID = "o7wq-93"
		d.all[s.ID] = s
		return d
	}
	const old, bytes = demand.ID("o7wq-93"), demand.ID("u7wq-93")
	imported := given{old, demand.Conclude{How: "imported"}}
	ask(t, untouched, []askCase{
		{name: "conclude", on: bytes, cmd: conclude},
		{name: "conclude somehow", on: bytes, cmd: demand.Conclude{How: "forgotten"}, code: "conclusion.form"},
		{name: "conclude without a word", on: bytes, mute: true, cmd: conclude, code: "conclusion.reason"},
		{name: "conclude what has lines", on: old, cmd: conclude, code: "conclusion.lines"},
		{name: "import", on: old, cmd: imported.cmd},
		{name: "import what was worked on here", on: theDemand, cmd: imported.cmd, code: "conclusion.lines"},
		{name: "import what was decided here", before: []given{{old, demand.DecideLine{Line: 3, Decision: demand.Reject}}}, on: old, cmd: imported.cmd, code: "conclusion.lines"},
		{name: "import what was checked here", before: []given{{old, demand.Authenticate{How: "call"}}}, on: old, cmd: imported.cmd, code: "conclusion.lines"},
		{name: "close", before: []given{{bytes, conclude}}, on: bytes, cmd: demand.Close{}},
		{name: "close the unconcluded", on: bytes, cmd: demand.Close{}, code: "demand.not_concluded"},
		{name: "close the imported", before: []given{imported}, on: old, cmd: demand.Close{}},
		{name: "close the imported with a task", before: []given{imported, {old, demand.SetTask{What: "t", Seat: "reviewer", Due: later}}}, on: old, cmd: demand.Close{}, code: "task.open"},
		{name: "conclude the closed", before: []given{{bytes, conclude}, {bytes, demand.Close{}}}, on: bytes, cmd: demand.Conclude{How: "withdrawn"}, code: "demand.closed"},
	})
}

func TestAReleaseIsAskedForOnceAndBeforeItIsPermitted(t *testing.T) {
	asks := demand.AskRelease{Grant: "g1"}
	ask(t, pair, []askCase{
		{name: "ask", on: theDemand, cmd: asks},
		{name: "ask twice", before: []given{{theDemand, asks}}, on: theDemand, cmd: asks, code: "release.asked"},
		{name: "ask for no grant", on: theDemand, cmd: demand.AskRelease{Grant: "g2"}, code: "grant.missing"},
		{name: "ask for what was taken back", before: []given{{theDemand, demand.RevokeGrant{Grant: "g1"}}}, on: theDemand, cmd: asks, code: "grant.revoked"},
		{name: "take back what was asked for", before: []given{{theDemand, asks}}, on: theDemand, cmd: demand.RevokeGrant{Grant: "g1"}},
	})
	ask(t, released, []askCase{{name: "ask for what has left", on: theDemand, cmd: asks, code: "grant.permitted"}})
}

func TestAReleaseIsAcknowledgedAndRecalledOnlyWhenItHasLeft(t *testing.T) {
	recall, got := demand.RecallProduction{Grant: "g1"}, demand.AcknowledgeRelease{Grant: "g1", By: "R. Sample"}
	ask(t, released, []askCase{
		{name: "acknowledge", on: theDemand, cmd: got},
		{name: "acknowledge twice", before: []given{{theDemand, got}}, on: theDemand, cmd: got, nop: true},
		{name: "acknowledge by nobody", on: theDemand, cmd: demand.AcknowledgeRelease{Grant: "g1"}, code: "release.by"},
		{name: "acknowledge nothing", on: theDemand, cmd: demand.AcknowledgeRelease{Grant: "g2", By: "R. Sample"}, code: "grant.missing"},
		{name: "acknowledge what has not left", on: otherDemand, cmd: got, code: "release.not_released"},
		{name: "recall", on: theDemand, cmd: recall},
		{name: "recall twice", before: []given{{theDemand, recall}}, on: theDemand, cmd: recall, code: "release.recalled"},
		{name: "recall without a word", on: theDemand, mute: true, cmd: recall, code: "release.reason"},
		{name: "recall nothing", on: theDemand, cmd: demand.RecallProduction{Grant: "g2"}, code: "grant.missing"},
		{name: "recall what has not left", on: otherDemand, cmd: recall, code: "release.not_released"},
	})
}
