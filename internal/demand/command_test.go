package demand_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

func full() demand.Receive { return demand.Receive(received()) }

func with(change func(*demand.Receive)) demand.Command {
	r := full()
	change(&r)
	return r
}

type commandCase struct {
	name  string
	scene *scene
	by    demand.Person
	seats string
	mute  bool // no reason is given
	cmd   demand.Command
	code  string // "" is accepted
}

func TestACommandIsRefusedForEachReason(t *testing.T) {
	nothing := &scene{env: ready().env}
	undecided := ready().drop("decide 3")
	fresh := ready().drop("grant", "approval 1", "approval 2")
	big := strings.Repeat("x", demand.MaxText+1)
	stay := demand.RecordStay{Source: "court", Reach: whole("acc-three")}
	draft := demand.DraftGrant{Grant: "g1", Digest: digestG, Scope: whole(names...), Region: "iad", Recipient: "officer", Expires: later.Add(time.Hour)}
	change := func(f func(*demand.DraftGrant)) demand.Command { d := draft; f(&d); return d }
	gagged := func(until time.Time) *scene {
		return ready().change("secrecy", demand.SecrecyStated{Source: "order", Until: until})
	}
	asked := func(fs ...demand.Finding) demand.Command { return demand.Assess{Packs: "p1", Facts: 1, Findings: fs} }
	good := demand.Finding{Rule: "r", Outcome: "holds", Severity: "blocking"}
	unanswered := ready().drop("answer", "second answer")
	once := ready().drop("second answer")
	permitted := ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR})

	for _, c := range []commandCase{
		{name: "receive", scene: nothing, cmd: full()},
		{name: "receive twice", scene: ready(), cmd: full(), code: "demand.exists"},
		{name: "act on nothing", scene: nothing, cmd: stay, code: "demand.missing"},
		{name: "no kind", scene: nothing, cmd: with(func(r *demand.Receive) { r.Instrument.Kind = "" }), code: "demand.instrument"},
		{name: "no title", scene: nothing, cmd: with(func(r *demand.Receive) { r.Instrument.Title = "" }), code: "demand.instrument"},
		{name: "no agency", scene: nothing, cmd: with(func(r *demand.Receive) { r.Instrument.Agency = "" }), code: "demand.instrument"},
		{name: "long officer", scene: nothing, cmd: with(func(r *demand.Receive) { r.Instrument.Officer = big }), code: "demand.instrument"},
		{name: "no document", scene: nothing, cmd: with(func(r *demand.Receive) { r.Original = demand.Digest{} }), code: "demand.original"},
		{name: "large facts", scene: nothing, cmd: with(func(r *demand.Receive) { r.Facts = make([]byte, demand.MaxFacts+1) }), code: "demand.facts"},
		{name: "long channel", scene: nothing, cmd: with(func(r *demand.Receive) { r.Channel = big }), code: "demand.facts"},
		{name: "names in what nobody has read", scene: nothing, cmd: with(func(r *demand.Receive) { r.Unread = true }), code: "demand.targets"},
		{name: "a long entity", scene: nothing, cmd: with(func(r *demand.Receive) { r.Entity = big }), code: "demand.facts"},
		{name: "no targets", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets = nil }), code: "demand.targets"},
		{name: "many targets", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets = make([]demand.StatedTarget, demand.MaxTargets+1) }), code: "demand.targets"},
		{name: "last target unstated", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets[2].Stated = "" }), code: "demand.targets"},
		{name: "last target without kind", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets[2].Kind = "" }), code: "demand.targets"},
		{name: "last target misnumbered", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets[2].No = 2 }), code: "demand.targets"},
		{name: "last target long", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets[2].Stated = big }), code: "demand.targets"},
		{name: "no lines", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines = nil }), code: "demand.lines"},
		{name: "many lines", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines = make([]demand.StatedLine, demand.MaxLines+1) }), code: "demand.lines"},
		{name: "last line of no target", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines[2].Target = 4 }), code: "demand.lines"},
		{name: "last line misnumbered", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines[2].No = 7 }), code: "demand.lines"},
		{name: "last line ends before it begins", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines[2].Until = april.Add(-1e9) }), code: "scope.interval"},
		{name: "last line of year 9999", scene: nothing, cmd: with(func(r *demand.Receive) { r.Lines[2].Until = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }), code: "scope.year"},
		{name: "text that is not UTF-8", scene: nothing, cmd: with(func(r *demand.Receive) { r.Targets[2].Stated = "a\xffb" }), code: "demand.text"},
		{name: "a time that no record can hold", scene: nothing, cmd: with(func(r *demand.Receive) { r.Instrument.Due = time.Date(12000, 1, 1, 0, 0, 0, 0, time.UTC) }), code: "demand.time"},

		{name: "authenticate", scene: ready(), cmd: demand.Authenticate{Genuine: true, How: "call"}},
		{name: "authenticate somehow", scene: ready(), cmd: demand.Authenticate{Genuine: true}, code: "demand.how"},
		{name: "authenticate at length", scene: ready(), cmd: demand.Authenticate{Genuine: true, How: big}, code: "demand.how"},
		{name: "no facts", scene: ready(), cmd: demand.StateFacts{}, code: "demand.facts"},
		{name: "too many facts", scene: ready(), cmd: demand.StateFacts{Facts: make([]byte, demand.MaxFacts+1)}, code: "demand.facts"},

		{name: "resolve", scene: ready(), cmd: demand.Resolve{Target: 3, Accounts: []scope.AccountID{"acc-four", "acc-five"}}},
		{name: "resolve to none", scene: ready(), cmd: demand.Resolve{Target: 3}},
		{name: "resolve nothing", scene: ready(), cmd: demand.Resolve{Target: 4}, code: "demand.target"},
		{name: "last account is an address", scene: ready(), cmd: demand.Resolve{Target: 3, Accounts: []scope.AccountID{"acc-four", "p@example.com"}}, code: "scope.account"},
		{name: "everybody", scene: ready(), cmd: demand.Resolve{Target: 3, Accounts: make([]scope.AccountID, demand.MaxTargets+1)}, code: "demand.targets"},
		{name: "check", scene: ready(), by: "bob", cmd: demand.Check{Target: 3, Resolution: 10}},
		{name: "check one's own", scene: ready(), by: "ann", cmd: demand.Check{Target: 3, Resolution: 10}, code: "target.same_person"},
		{name: "check an older", scene: ready(), by: "bob", cmd: demand.Check{Target: 3, Resolution: 8}, code: "target.changed"},
		{name: "check nothing", scene: ready(), by: "bob", cmd: demand.Check{Target: 4}, code: "demand.target"},
		{name: "check the open", scene: ready().drop("resolve 3", "check 3"), by: "bob", cmd: demand.Check{Target: 3}, code: "target.unresolved"},

		{name: "assess", scene: ready(), cmd: asked(good)},
		{name: "assess old facts", scene: ready().then(demand.FactsStated{Facts: []byte{1, 0}}), cmd: asked(good), code: "findings.stale"},
		{name: "assess by no pack", scene: ready(), cmd: demand.Assess{Facts: 1}, code: "findings.form"},
		{name: "last finding misspelt", scene: ready(), cmd: asked(good, demand.Finding{Rule: "s", Outcome: "violated", Severity: "Blocking"}), code: "findings.form"},
		{name: "last outcome misspelt", scene: ready(), cmd: asked(good, demand.Finding{Rule: "s", Outcome: "violate", Severity: "blocking"}), code: "findings.form"},
		{name: "last finding without rule", scene: ready(), cmd: asked(good, demand.Finding{Outcome: "violated", Severity: "blocking"}), code: "findings.form"},
		{name: "a rule twice", scene: ready(), cmd: asked(good, good), code: "findings.form"},
		{name: "too many findings", scene: ready(), cmd: demand.Assess{Packs: "p", Facts: 1, Findings: make([]demand.Finding, demand.MaxFindings+1)}, code: "findings.form"},

		{name: "counsel answers", scene: unanswered, by: "carl", seats: "counsel", cmd: demand.AnswerFinding{Rule: "us.last"}},
		{name: "privacy answers first", scene: unanswered, by: "pia", seats: "privacy", cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.seat"},
		{name: "reviewer answers", scene: unanswered, by: "ann", seats: "reviewer", cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.seat"},
		{name: "privacy agrees", scene: once, by: "pia", seats: "privacy", cmd: demand.AnswerFinding{Rule: "us.last"}},
		{name: "reviewer agrees", scene: once, by: "ann", seats: "reviewer", cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.seat"},
		{name: "the same agrees", scene: once, by: "carl", seats: "counsel", cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.same_person"},
		{name: "a third", scene: ready(), by: "eve", seats: "counsel", cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.answered"},
		{name: "answer without reason", scene: once, by: "pia", seats: "privacy", mute: true, cmd: demand.AnswerFinding{Rule: "us.last"}, code: "finding.reason"},
		{name: "answer what holds", scene: ready(), by: "carl", seats: "counsel", cmd: demand.AnswerFinding{Rule: "us.one"}, code: "finding.missing"},
		{name: "answer what asks", scene: ready(), by: "carl", seats: "counsel", cmd: demand.AnswerFinding{Rule: "us.ask"}, code: "finding.missing"},

		{name: "comply", scene: undecided, mute: true, cmd: demand.DecideLine{Line: 3, Decision: demand.Comply}},
		{name: "in part", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: demand.InPart, Part: part(sel("acc-three", april, april))}},
		{name: "no line", scene: undecided, cmd: demand.DecideLine{Line: 4, Decision: demand.Comply}, code: "demand.line"},
		{name: "no decision", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: ""}, code: "line.decision"},
		{name: "reject without reason", scene: undecided, mute: true, cmd: demand.DecideLine{Line: 3, Decision: demand.Reject}, code: "line.reason"},
		{name: "in part without reason", scene: undecided, mute: true, cmd: demand.DecideLine{Line: 3, Decision: demand.InPart, Part: whole("acc-three")}, code: "line.reason"},
		{name: "comply with less, silently", scene: undecided, mute: true, cmd: demand.DecideLine{Line: 3, Decision: demand.Comply, Part: part(sel("acc-three", april, april))}, code: "line.part"},
		{name: "in part of nothing", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: demand.InPart}, code: "line.part"},
		{name: "more than asked", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: demand.InPart, Part: part(sel("acc-three", april, endMay.Add(time.Second)))}, code: "line.part"},
		{name: "another account", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: demand.InPart, Part: whole("acc-one", "acc-three")}, code: "line.part"},
		{name: "reject a part", scene: undecided, cmd: demand.DecideLine{Line: 3, Decision: demand.Reject, Part: whole("acc-three")}, code: "line.part"},
		{name: "give the unchecked", scene: ready().drop("decide 3", "check 3"), cmd: demand.DecideLine{Line: 3, Decision: demand.Comply}, code: "target.unchecked"},

		{name: "no secrecy", scene: ready(), cmd: demand.StateSecrecy{None: true}},
		{name: "a duty stated beside its stream", scene: ready(), cmd: demand.StateSecrecy{Source: "order"}, code: "secrecy.source"},
		{name: "an end for the endless", scene: gagged(time.Time{}), cmd: demand.StateSecrecy{Source: "order", Until: later}, code: "secrecy.source"},
		{name: "lifted by saying so", scene: gagged(later), cmd: demand.StateSecrecy{None: true}, code: "secrecy.stands"},
		{name: "a request", scene: ready(), cmd: demand.StateSecrecy{Source: "request"}, code: "secrecy.source"},
		{name: "from nowhere", scene: ready(), cmd: demand.StateSecrecy{Until: later}, code: "secrecy.source"},
		{name: "none by order", scene: ready(), cmd: demand.StateSecrecy{None: true, Source: "order"}, code: "secrecy.source"},
		{name: "none until", scene: ready(), cmd: demand.StateSecrecy{None: true, Until: later}, code: "secrecy.source"},

		{name: "notice", scene: ready().drop("notice 3"), cmd: demand.SendNotice{Account: "acc-three", Letter: "l"}},
		{name: "notice after the end", scene: ready().drop("notice 3").then(demand.Closed{}), cmd: demand.SendNotice{Account: "acc-three", Letter: "l"}},
		{name: "notice twice", scene: ready(), cmd: demand.SendNotice{Account: "acc-three", Letter: "l"}, code: "notice.sent"},
		{name: "notice without letter", scene: ready().drop("notice 3"), cmd: demand.SendNotice{Account: "acc-three"}, code: "notice.letter"},
		{name: "notice under an unknown secrecy", scene: ready().drop("notice 3", "secrecy"), cmd: demand.SendNotice{Account: "acc-three", Letter: "l"}, code: "secrecy.unstated"},
		{name: "notice under secrecy", scene: gagged(start).drop("notice 3"), cmd: demand.SendNotice{Account: "acc-three", Letter: "l"}, code: "secrecy.in_force"},

		{name: "stay", scene: ready(), cmd: stay},
		{name: "stay of no court", scene: ready(), cmd: demand.RecordStay{Reach: whole("acc-one")}, code: "stay.source"},
		{name: "stay at length", scene: ready(), cmd: demand.RecordStay{Source: big, Reach: whole("acc-one")}, code: "stay.source"},
		{name: "stay of nothing", scene: ready(), cmd: demand.RecordStay{Source: "court"}, code: "stay.reach"},
		{name: "stay after the end", scene: ready().then(demand.Closed{}), cmd: stay},
		{name: "lift nothing", scene: ready(), cmd: demand.LiftStay{Stay: 3}, code: "stay.missing"},
		{name: "lift without order", scene: ready().then(demand.Stayed{Source: "c", Reach: whole("acc-one").Lines()}), mute: true, cmd: demand.LiftStay{Stay: 19}, code: "stay.reason"},
		{name: "lift", scene: ready().then(demand.Stayed{Source: "c", Reach: whole("acc-one").Lines()}), cmd: demand.LiftStay{Stay: 19}, code: "stay.missing"},

		{name: "draft", scene: fresh, cmd: draft},
		{name: "draft again", scene: ready(), cmd: draft, code: "grant.exists"},
		{name: "draft no id", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Grant = "" }), code: "grant.incomplete"},
		{name: "draft no digest", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Digest = demand.Digest{} }), code: "grant.incomplete"},
		{name: "draft no region", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Region = "" }), code: "grant.incomplete"},
		{name: "draft no recipient", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Recipient = "" }), code: "grant.incomplete"},
		{name: "draft no scope", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Scope = scope.Scope{} }), code: "grant.incomplete"},
		{name: "draft ended", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Expires = later }), code: "grant.incomplete"},
		{name: "draft long", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Recipient = big }), code: "grant.incomplete"},
		{name: "draft wider", scene: fresh, cmd: change(func(d *demand.DraftGrant) { d.Scope = part(sel("acc-three", april, endMay.Add(time.Second))) }), code: "release.not_compelled"},

		{name: "approve", scene: ready(), cmd: demand.SeeApproval{Grant: "g1", Person: "eve"}},
		{name: "approve twice", scene: ready(), cmd: demand.SeeApproval{Grant: "g1", Person: "dan"}, code: "approval.seen"},
		{name: "drafter approves", scene: ready(), cmd: demand.SeeApproval{Grant: "g1", Person: "ann"}, code: "approval.drafter"},
		{name: "nobody approves", scene: ready(), cmd: demand.SeeApproval{Grant: "g1"}, code: "approval.person"},
		{name: "approve nothing", scene: ready(), cmd: demand.SeeApproval{Grant: "g2", Person: "eve"}, code: "grant.missing"},
		{name: "revoke", scene: ready(), cmd: demand.RevokeGrant{Grant: "g1"}},
		{name: "revoke nothing", scene: ready(), cmd: demand.RevokeGrant{Grant: "g2"}, code: "grant.missing"},
		{name: "revoke without reason", scene: ready(), mute: true, cmd: demand.RevokeGrant{Grant: "g1"}, code: "grant.reason"},
		{name: "revoke too late", scene: permitted, cmd: demand.RevokeGrant{Grant: "g1"}, code: "grant.permitted"},

		{name: "permit", scene: ready(), cmd: demand.PermitRelease{Grant: "g1", Release: digestR}},
		{name: "permit nothing", scene: ready(), cmd: demand.PermitRelease{Grant: "g2", Release: digestR}, code: "grant.missing"},
		{name: "permit no statement", scene: ready(), cmd: demand.PermitRelease{Grant: "g1"}, code: "release.statement"},
		{name: "permit fewer than none", scene: ready(), cmd: demand.PermitRelease{Grant: "g1", Release: digestR, Items: -1}, code: "release.statement"},
		{name: "permit another", scene: permitted, cmd: demand.PermitRelease{Grant: "g1", Release: digestO}, code: "release.other"},
		{name: "permit the narrowed", scene: ready().then(narrower), cmd: demand.PermitRelease{Grant: "g1", Release: digestR}, code: "release.not_compelled"},
		{name: "permit the closed", scene: ready().then(demand.Closed{}), cmd: demand.PermitRelease{Grant: "g1", Release: digestR}, code: "demand.closed"},
		{name: "end", scene: permitted, cmd: demand.EndRelease{Grant: "g1", Outcome: demand.Released}},
		{name: "end nothing", scene: permitted, cmd: demand.EndRelease{Grant: "g2", Outcome: demand.Released}, code: "grant.missing"},
		{name: "end the unpermitted", scene: ready(), cmd: demand.EndRelease{Grant: "g1", Outcome: demand.Released}, code: "release.not_permitted"},
		{name: "end somehow", scene: permitted, cmd: demand.EndRelease{Grant: "g1", Outcome: ""}, code: "release.outcome"},
		{name: "end otherwise", scene: done(), cmd: demand.EndRelease{Grant: "g1", Outcome: demand.Nothing}, code: "release.ended"},
		{name: "end what was found unsent", scene: permitted2(demand.Nothing), cmd: demand.EndRelease{Grant: "g1", Outcome: demand.Released}, code: "release.ended"},
		{name: "unknown, then found", scene: permitted2(demand.Unknown), cmd: demand.EndRelease{Grant: "g1", Outcome: demand.Nothing}},
		{name: "close", scene: done(), cmd: demand.Close{}},
		{name: "close twice", scene: done().then(demand.Closed{}), cmd: demand.Close{}, code: "demand.closed"},
		{name: "close the unfinished", scene: ready(), cmd: demand.Close{}, code: "line.not_released"},

		{name: "work on the closed", scene: done().then(demand.Closed{}), cmd: demand.Resolve{Target: 3}, code: "demand.closed"},
		{name: "reject the closed", scene: done().then(demand.Closed{}), cmd: demand.DecideLine{Line: 3, Decision: demand.Reject}, code: "demand.closed"},
		{name: "a long reason", scene: ready(), seats: "why" + big, cmd: stay, code: "demand.reason"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, e := c.scene.play()
			e.Actor, e.Seats, e.Reason = "zoe", []string{c.seats}, "because"
			if c.by != "" {
				e.Actor = c.by
			}
			if c.mute {
				e.Reason = ""
			}
			if strings.HasPrefix(c.seats, "why") {
				e.Reason = c.seats
			}
			if c.name == "lift" { // the stay's own number
				c.cmd, c.code = demand.LiftStay{Stay: s.Stays[0].Seq}, ""
			}
			before := demand.Fold(c.scene.history())
			events, err := demand.Decide(s, c.cmd, e)
			wantCode(t, err, c.code)
			if (err == nil) != (len(events) == 1) {
				t.Fatalf("error %v and %d events", err, len(events))
			}
			if !reflect.DeepEqual(s, before) {
				t.Fatal("the state changed")
			}
			for _, ev := range events {
				s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: e.Now, By: e.Actor}, Event: ev})
			}
			if s.Unsound > 0 {
				t.Fatal("what was decided does not fit")
			}
		})
	}
}

func permitted2(o demand.Outcome) *scene {
	return ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR}).then(demand.ReleaseEnded{Grant: "g1", Outcome: o})
}

func TestRepeatingAnActThatWasDoneGivesNeitherEventNorError(t *testing.T) {
	revoked := ready().then(demand.GrantRevoked{Grant: "g1"})
	for name, c := range map[string]struct {
		sc  *scene
		cmd demand.Command
	}{
		"permit":                   {done(), demand.PermitRelease{Grant: "g1", Release: digestR, Items: 3}},
		"permit after a stay":      {done().then(demand.Stayed{Source: "c", Reach: whole("acc-one").Lines()}), demand.PermitRelease{Grant: "g1", Release: digestR}},
		"permit after the closing": {done().then(demand.Closed{}), demand.PermitRelease{Grant: "g1", Release: digestR}},
		"end":                      {done(), demand.EndRelease{Grant: "g1", Outcome: demand.Released}},
		"revoke":                   {revoked, demand.RevokeGrant{Grant: "g1"}},
	} {
		s, e := c.sc.play()
		e.Reason = "again"
		events, err := demand.Decide(s, c.cmd, e)
		if err != nil || len(events) > 0 {
			t.Errorf("%s: %v, %v", name, events, err)
		}
	}
}

func TestAStayThatWasCommittedFirstWins(t *testing.T) {
	s, e := ready().play()
	permit := demand.PermitRelease{Grant: "g1", Release: digestR}
	if _, err := demand.Decide(s, permit, e); err != nil {
		t.Fatal(err)
	}
	// Both were decided on the same state; the stay was appended first, so the
	// permission is decided again on what is there now.
	events, err := demand.Decide(s, demand.RecordStay{Source: "court", Reach: whole("acc-three")}, e)
	if err != nil {
		t.Fatal(err)
	}
	s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: e.Now, By: "carl"}, Event: events[0]})
	_, err = demand.Decide(s, permit, e)
	wantCode(t, err, "release.stayed")
}

func TestAClockThatCannotBeTrustedHoldsUpEverythingButStops(t *testing.T) {
	s, e := ready().play()
	e.ClockSane, e.Reason = false, "why"
	_, err := demand.Decide(s, demand.PermitRelease{Grant: "g1", Release: digestR}, e)
	wantCode(t, err, "clock.unsound")
	for _, c := range []demand.Command{demand.RecordStay{Source: "court", Reach: whole("acc-one")}, demand.RevokeGrant{Grant: "g1"}} {
		if _, err := demand.Decide(s, c, e); err != nil {
			t.Errorf("%T: %v", c, err)
		}
	}
}

func TestNobodyCannotAct(t *testing.T) {
	s, e := ready().play()
	e.Actor = ""
	_, err := demand.Decide(s, demand.Check{Target: 3, Resolution: 10}, e)
	wantCode(t, err, "demand.actor")
	e.Actor = "a\xffn"
	_, err = demand.Decide(s, demand.Check{Target: 3, Resolution: 10}, e)
	wantCode(t, err, "demand.reason")
	e.Actor, e.Reason = "bob", "a\xffn"
	_, err = demand.Decide(s, demand.Check{Target: 3, Resolution: 10}, e)
	wantCode(t, err, "demand.reason")
}

func TestAFullHistoryCanStillBeStoppedAndEnded(t *testing.T) {
	s, e := permitted2(demand.Unknown).play()
	e.Reason = "why"
	stay := demand.RecordStay{Source: "court", Reach: whole("acc-one")}
	s.Last = demand.MaxEvents - 100
	_, err := demand.Decide(s, demand.Authenticate{Genuine: true, How: "call"}, e)
	wantCode(t, err, "demand.too_long")
	for _, c := range []demand.Command{stay, demand.EndRelease{Grant: "g1", Outcome: demand.Nothing}, demand.StateSecrecy{None: true}} {
		if _, err := demand.Decide(s, c, e); err != nil {
			t.Errorf("%T: %v", c, err)
		}
	}
	s.Last = demand.MaxEvents
	_, err = demand.Decide(s, stay, e)
	wantCode(t, err, "demand.too_long")
}

func TestResolvingAgainVoidsTheCheckAndTheDecisionOfItsLinesOnly(t *testing.T) {
	s, _ := ready().then(demand.Resolved{Target: 3, Accounts: []scope.AccountID{"acc-four"}}).play()
	if s.Targets[2].Checked != 0 || s.Lines[2].Decision != demand.Undecided || !s.Lines[2].Part.Empty() {
		t.Fatal("the old check or decision stands")
	}
	if s.Targets[1].Checked == 0 || s.Lines[1].Decision != demand.Comply {
		t.Fatal("another target lost its own")
	}
}

func TestServiceIsKnownFromWhatWasSaidAtTheDoor(t *testing.T) {
	for name, c := range map[string]struct {
		at     time.Time
		entity string
		want   int
	}{"nothing": {time.Time{}, "", 0}, "a time": {start, "", 1}, "whom": {time.Time{}, "Nordwind Cloud Inc.", 1}} {
		r := received()
		r.Served, r.Entity = c.at, c.entity
		s, _ := ready().change("received", r).play()
		if got := s.Papers[0].Services; len(got) != c.want || (c.want == 1 && (got[0].Entity != c.entity || !got[0].At.Equal(c.at))) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestADecisionAfterWhichTheWholeCouldNotBeWrittenIsRefused(t *testing.T) {
	r := received()
	var many, few []scope.AccountID
	for i := range 200 {
		many = append(many, scope.AccountID("acc-"+string(rune('a'+i/26))+string(rune('a'+i%26))))
	}
	few = many[:1]
	for no := 4; no <= 6; no++ {
		l := r.Lines[0]
		l.No, l.Service = no, scope.Services[no-3]
		r.Lines = append(r.Lines, l)
	}
	sc := &scene{env: ready().env}
	sc.add("received", "door", plain(r)).then(demand.Authenticated{Genuine: true, How: "call"})
	for i, accounts := range [][]scope.AccountID{many, many, few} {
		sc.add("", "ann", plain(demand.Resolved{Target: i + 1, Accounts: accounts}))
		q := demand.Seq(len(sc.steps))
		sc.add("", "bob", plain(demand.Checked{Target: i + 1, Resolution: q}))
	}
	s, e := sc.play()
	e.Reason = "why"
	var last error
	for i := range r.Lines {
		var events []demand.Event
		events, last = demand.Decide(s, demand.DecideLine{Line: i + 1, Decision: demand.Comply}, e)
		for _, ev := range events {
			s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1}, Event: ev})
		}
	}
	if last != nil {
		t.Fatalf("800 accounts by service fit: %v", last) // lines 1 and 2 name 200 equal selectors
	}
	r.Lines[1].Service, r.Lines[4].Target = scope.Messages, 2
	sc.change("received", r)
	for no := 7; no <= 9; no++ {
		l := r.Lines[0]
		l.No, l.Service, l.Category = no, scope.Services[no-6], scope.Traffic
		r.Lines = append(r.Lines, l)
	}
	sc.change("received", r)
	s, e = sc.play()
	e.Reason = "why"
	refused := ""
	for i := range r.Lines {
		events, err := demand.Decide(s, demand.DecideLine{Line: i + 1, Decision: demand.Comply}, e)
		if err != nil {
			wantCode(t, err, "scope.too_large")
			refused = "yes"
		}
		for _, ev := range events {
			s.Apply(demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1}, Event: ev})
		}
		if _, some := s.Compelled(); !some {
			t.Fatal("what is compelled cannot be written any more")
		}
	}
	if refused == "" {
		t.Fatal("the bound was not reached")
	}
}

func TestADecidedEventSharesNoMemoryWithItsCommand(t *testing.T) {
	s, e := ready().drop("decide 3").play()
	accounts := []scope.AccountID{"acc-four"}
	events, err := demand.Decide(s, demand.Resolve{Target: 3, Accounts: accounts}, e)
	if err != nil {
		t.Fatal(err)
	}
	accounts[0] = "acc-evil"
	if got := events[0].(demand.Resolved).Accounts[0]; got != "acc-four" {
		t.Fatalf("the event now says %s", got)
	}
	r := full()
	events, err = demand.Decide(new(demand.State), r, e)
	if err != nil {
		t.Fatal(err)
	}
	r.Targets[2].Stated, r.Facts[0] = "evil", 9
	if got := events[0].(demand.Received); got.Targets[2].Stated == "evil" || got.Facts[0] == 9 {
		t.Fatal("the event changed with the command")
	}
}

func TestEveryOpenDemandHasAnAlarm(t *testing.T) {
	kinds := func(sc *scene) map[string]time.Time {
		s, e := sc.play()
		out := map[string]time.Time{}
		for _, d := range demand.Agenda(s, e.Policy) {
			if d.At.IsZero() || d.Seat == "" {
				t.Errorf("%s falls due never, or for nobody", d.Kind)
			}
			out[d.Kind] = d.At
		}
		return out
	}
	due := received()
	due.Instrument.Due = start.Add(72 * time.Hour)
	reject := demand.LineDecided{Line: 3, Decision: demand.Reject}
	gag := demand.SecrecyStated{Source: "order", Until: start.Add(365 * 24 * time.Hour)}
	for _, c := range []struct {
		name, kind string
		sc         *scene
		at         time.Time
	}{
		{"just received", "decide", (&scene{}).add("received", "door", plain(received())), start.Add(48 * time.Hour)},
		{"a day on its face", "decide", (&scene{}).add("received", "door", plain(due)), due.Instrument.Due},
		{"last line open", "decide", done().drop("decide 3"), start.Add(48 * time.Hour)},
		{"not released", "answer", ready(), start.Add(14 * 24 * time.Hour)},
		{"all done", "close", done(), start.Add(14 * 24 * time.Hour)},
		{"all refused", "close", ready().drop("grant", "approval 1", "approval 2").change("decide 1", demand.LineDecided{Line: 1, Decision: demand.Reject}).
			change("decide 2", demand.LineDecided{Line: 2, Decision: demand.NoRecords}).change("decide 3", reject), start.Add(14 * 24 * time.Hour)},
		{"last customer untold", "notice.send", ready().drop("notice 3"), start},
		{"untold after the end", "notice.send", done().drop("notice 3").then(demand.Closed{}), start},
		{"secret", "secrecy.review", ready().drop("notice 3").change("secrecy", gag), gag.Until.Add(-30 * 24 * time.Hour)},
		{"secret after the end", "secrecy.review", done().drop("notice 3").change("secrecy", gag).then(demand.Closed{}), gag.Until.Add(-30 * 24 * time.Hour)},
		{"secret without end", "secrecy.review", ready().drop("notice 3").change("secrecy", demand.SecrecyStated{Source: "order"}), start.Add(182 * 24 * time.Hour)},
		{"grant open", "grant.expires", ready(), later.Add(24 * time.Hour)},
		{"permitted", "outcome.find", ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR}), later.Add(24 * time.Hour)},
		{"outcome unknown", "outcome.find", permitted2(demand.Unknown), start},
	} {
		at, there := kinds(c.sc)[c.kind]
		if !there || !at.Equal(c.at) {
			t.Errorf("%s: %s at %v (%v), want %v", c.name, c.kind, at, there, c.at)
		}
	}
	if got := kinds(done().then(demand.Closed{})); len(got) > 0 {
		t.Errorf("closed and told: %v", got)
	}
	if got := kinds(ready().drop("notice 3", "secrecy")); !got["notice.send"].IsZero() {
		t.Error("a notice falls due while nobody knows of secrecy")
	}
	if demand.Agenda(new(demand.State), demand.Policy{}) != nil {
		t.Error("nothing has duties")
	}
}
