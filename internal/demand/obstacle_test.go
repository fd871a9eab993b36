package demand_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

type guard func(*dossier) demand.Blocked

func toRelease(d *dossier) demand.Blocked { return demand.MayRelease(d.s, "g1", d.env) }
func toGrant(d *dossier) demand.Blocked   { return demand.MayGrant(d.s, whole(names...), d.env) }
func toClose(d *dossier) demand.Blocked   { return demand.MayClose(d.s, d.env) }
func toDecide(d *dossier) demand.Blocked  { return demand.MayDecide(d.s, 3, d.env) }
func toDecide4(d *dossier) demand.Blocked { return demand.MayDecide(d.s, 4, d.env) }
func toTell(d *dossier) demand.Blocked    { return demand.MayNotify(d.s, "acc-three", d.env) }

// obstacleScene is a dossier in which one obstacle alone stands before one act.
type obstacleScene struct {
	name string
	from *scene // the demand, as events; ready where there is none
	then []given
	at   time.Time // later where none is stated
	ask  guard
	want demand.Obstacle
}

func (c obstacleScene) play(t *testing.T) *dossier {
	from := c.from
	if from == nil {
		from = ready()
	}
	s, e := from.play()
	s.ID = theDemand
	e.Actor, e.Seats, e.Reason = "carl", []string{"counsel"}, "because"
	d := &dossier{t: t, s: s, env: e, all: map[demand.ID]*demand.State{theDemand: s}}
	for _, g := range c.then {
		d.must(g.on, g.cmd)
	}
	if !c.at.IsZero() {
		d.env.Now = c.at
	}
	return d
}

func emergency(calls ...demand.CallbackMade) *scene {
	r := received()
	r.Emergency = true
	sc := ready().drop("notice 1", "notice 2", "notice 3").change("received", r)
	for _, c := range calls {
		sc.add("call", "dan", plain(c)) // dan has approved as well
	}
	return sc
}

// amended is ready with a second paper on which the third account's line rests.
func amended(genuine ...demand.Event) *scene {
	sc := ready().drop("decide 3", "notice 3", "grant", "approval 1", "approval 2")
	r := received()
	r.Lines = r.Lines[2:]
	r.Lines[0].No = 4
	sc.then(demand.PaperAdded{Document: digestR, Instrument: r.Instrument, Lines: r.Lines, Supersedes: []int{3}})
	for _, e := range genuine {
		sc.then(e)
	}
	sc.add("decide 4", "carl", plain(demand.LineDecided{Line: 4, Decision: demand.Comply, Part: whole("acc-three").Lines()}))
	return sc
}

func TestEachObstacleOfADossierStandsAloneAndNamesItsSeatEventAndStream(t *testing.T) {
	untold := func() *scene { return ready().drop("secrecy", "notice 1", "notice 2", "notice 3") }
	open := given{theDuty, gag(theDuty, end)}
	late := given{theDuty, demand.RenewSecrecy{Signed: end.Add(-time.Hour), Served: end.Add(time.Hour), Until: end.AddDate(1, 0, 0)}}
	arm := given{theDuty, demand.ArmNotice{End: end}}
	both := []given{open, {another, gag(another, end.AddDate(1, 0, 0), "acc-three")}}
	two := motion(func(c *demand.OpenContest) {
		c.Covers = []demand.Cover{{Demand: otherDemand, Reach: whole("acc-one").Lines()}, {Demand: theDemand, Reach: whole("acc-three").Lines()}}
	})
	stays := []given{{aContest, two}, {aContest, demand.StayContest{Source: "judge", On: start, Covers: two.Covers[:1]}}, {aContest, demand.StayContest{Source: "judge", On: start, Covers: two.Covers, Until: end}}}
	deadline := func(id, kind string, lines []int, from, until time.Time) given {
		return given{theDemand, demand.SetDeadline{ID: id, Kind: kind, Lines: lines, NotBefore: from, Latest: until, Rule: "eu.x", Cite: "Art. 10", Says: "ten days"}}
	}
	hold := func(kind string) given { return given{theDemand, demand.PlaceHold{Kind: kind, Why: "flagged mailbox"}} }
	yes, no := demand.CallbackMade{Contact: "on file", Reached: "the desk", Confirmed: true}, demand.CallbackMade{Contact: "on file", Reached: "the clerk"}
	bytes := (&scene{env: ready().env}).add("", "door", plain(demand.Received{Channel: "mail", Original: digestO, Unread: true}))
	live := received()
	live.Kind = demand.Prospective
	keeping := received()
	keeping.Kind = demand.ForPreservation
	copied := func(id string, accounts ...scope.AccountID) given {
		return given{theDemand, demand.MakeCopy{Copy: id, Scope: whole(accounts...), Region: "iad", How: "hand", Until: end}}
	}
	twoTasks := []given{{theDemand, demand.SetTask{What: "call", Seat: "reviewer", Due: later}}, {theDemand, demand.FinishTask{Task: 1}}, {theDemand, demand.SetTask{What: "write", Seat: "counsel", Due: end}}}

	cases := []obstacleScene{
		{name: "a contest nobody laid beside", from: ready().then(demand.Joined{Stream: aContest}), ask: toRelease, want: demand.Obstacle{Code: "dossier.incomplete", Seat: "counsel"}},
		{name: "the last hold", then: []given{hold("action"), {theDemand, demand.LiftHold{Hold: 22}}, hold("retention"), hold("action")}, ask: toRelease,
			want: demand.Obstacle{Code: "demand.held", Seat: "counsel", Because: []demand.Seq{25}, About: "flagged mailbox"}},
		{name: "a hold before a grant", then: []given{hold("action")}, ask: toGrant, want: demand.Obstacle{Code: "demand.held", Seat: "counsel", Because: []demand.Seq{22}, About: "flagged mailbox"}},
		{name: "not for stored data, to release", from: ready().change("received", live), ask: toRelease, want: demand.Obstacle{Code: "demand.not_stored_data", Seat: "counsel", Because: []demand.Seq{1}, About: "prospective"}},
		{name: "not for stored data, to grant", from: ready().change("received", live), ask: toGrant, want: demand.Obstacle{Code: "demand.not_stored_data", Seat: "counsel", Because: []demand.Seq{1}, About: "prospective"}},
		{name: "not for stored data, to decide", from: ready().change("received", live), ask: toDecide, want: demand.Obstacle{Code: "demand.not_stored_data", Seat: "counsel", Because: []demand.Seq{1}, About: "prospective"}},

		{name: "only to be preserved, to grant", from: ready().change("received", keeping), ask: keptOnly(toGrant), want: demand.Obstacle{Code: "demand.keeps_only", Seat: "counsel", Because: []demand.Seq{1}}},
		{name: "only to be preserved, to release", from: ready().change("received", keeping), ask: keptOnly(toRelease), want: demand.Obstacle{Code: "demand.keeps_only", Seat: "counsel", Because: []demand.Seq{1}}},
		{name: "the last line of which no copy was made", from: ready().change("received", keeping), then: []given{copied("k1", "acc-one"), copied("k2", "acc-two")}, ask: toClose,
			want: demand.Obstacle{Code: "line.not_kept", Seat: "reviewer", Because: []demand.Seq{14}, About: "line 3"}},

		{name: "an emergency nobody called back", from: emergency(), ask: toGrant, want: demand.Obstacle{Code: "callback.missing", Seat: "reviewer"}},
		{name: "an emergency that the last call denied, to grant", from: emergency(yes, no), ask: toGrant, want: demand.Obstacle{Code: "callback.denied", Seat: "counsel", Because: []demand.Seq{20}, About: "the clerk"}},
		{name: "an emergency that the last call denied, to release", from: emergency(yes).add("", "eve", plain(no)).change("call", yes).by("call", "eve"), ask: toRelease, want: demand.Obstacle{Code: "callback.denied", Seat: "counsel", Because: []demand.Seq{20}, About: "the clerk"}},
		{name: "the caller's approval does not count", from: emergency(yes), ask: toRelease, want: demand.Obstacle{Code: "approval.missing", Seat: "approver", Because: []demand.Seq{16}}},

		{name: "the last stay of a contest, of the last demand", then: stays, ask: toRelease, want: demand.Obstacle{Code: "release.stayed", Seat: "court", Because: []demand.Seq{3}, About: "judge", Until: end, In: aContest}},
		{name: "a stay of a contest before a grant", then: stays, ask: toGrant, want: demand.Obstacle{Code: "release.stayed", Seat: "court", Because: []demand.Seq{3}, About: "judge", Until: end, In: aContest}},
		{name: "the last deadline begins later", then: []given{deadline("a", "answer", nil, later, end), deadline("b", "answer", []int{2, 3}, later.Add(time.Second), end)}, ask: toRelease,
			want: demand.Obstacle{Code: "deadline.not_before", Seat: "time", Because: []demand.Seq{23}, About: "Art. 10", Until: later.Add(time.Second)}},
		{name: "the whole demand's first day", then: []given{deadline("a", "answer", nil, end, end)}, ask: toRelease, want: demand.Obstacle{Code: "deadline.not_before", Seat: "time", Because: []demand.Seq{22}, About: "Art. 10", Until: end}},
		{name: "the first paper was not checked", from: ready().drop("authentic"), ask: toGrant, want: demand.Obstacle{Code: "instrument.unverified", Seat: "reviewer"}},
		{name: "the second paper was not checked, to decide", from: amended().drop("decide 4"), ask: toDecide4, want: demand.Obstacle{Code: "instrument.unverified", Seat: "reviewer", About: "paper 2"}},
		{name: "the second paper is forged, to decide", from: amended(demand.PaperAuthenticated{Paper: 2, How: "call"}).drop("decide 4"), ask: toDecide4, want: demand.Obstacle{Code: "instrument.forged", Seat: "counsel", Because: []demand.Seq{18}, About: "paper 2"}},
		{name: "less is decided than the grant gives", from: ready().then(narrower), ask: toGrant, want: demand.Obstacle{Code: "release.not_compelled", Seat: "counsel", Because: []demand.Seq{12, 13, 22}}},
		{name: "the second paper was not checked", from: withGrant(amended()), ask: toGrant, want: demand.Obstacle{Code: "instrument.unverified", Seat: "reviewer", About: "paper 2"}},
		{name: "the second paper is forged", from: withGrant(amended(demand.PaperAuthenticated{Paper: 2, How: "call"})), ask: toGrant, want: demand.Obstacle{Code: "instrument.forged", Seat: "counsel", Because: []demand.Seq{18}, About: "paper 2"}},
		{name: "the second paper was not checked, to tell", from: amended(), ask: toTell, want: demand.Obstacle{Code: "instrument.unverified", Seat: "reviewer", About: "paper 2"}},
		{name: "the second paper is forged, to tell", from: amended(demand.PaperAuthenticated{Paper: 2, How: "call"}), ask: toTell, want: demand.Obstacle{Code: "instrument.forged", Seat: "counsel", Because: []demand.Seq{18}, About: "paper 2"}},

		{name: "the last account under no known secrecy", from: untold(), then: []given{{theDuty, gag(theDuty, end, "acc-one", "acc-two")}}, ask: toRelease, want: demand.Obstacle{Code: "secrecy.unstated", Seat: "counsel"}},
		{name: "the last duty in force", from: untold(), then: append(both[:2:2], arm, given{theDuty, demand.DrainChannels{Through: later}}), at: end.Add(time.Hour), ask: atEnd(toTell),
			want: demand.Obstacle{Code: "secrecy.in_force", Seat: "court", Because: []demand.Seq{1}, Until: end.AddDate(1, 0, 0), In: another}},
		{name: "a late renewal", from: untold(), then: []given{open, arm, late}, at: end.Add(2 * time.Hour), ask: toTell, want: demand.Obstacle{Code: "secrecy.unsettled", Seat: "counsel", Because: []demand.Seq{3}, In: theDuty}},
		{name: "nobody armed it", from: untold(), then: []given{open}, at: end, ask: toTell, want: demand.Obstacle{Code: "notice.not_armed", Seat: "counsel", Because: []demand.Seq{1}, In: theDuty}},
		{name: "armed for the end before", from: untold(), then: []given{open, arm, {theDuty, demand.RenewSecrecy{Signed: later, Served: later, Until: end.Add(time.Hour)}}}, at: end.Add(time.Hour), ask: toTell,
			want: demand.Obstacle{Code: "notice.not_armed", Seat: "counsel", Because: []demand.Seq{1}, In: theDuty}},
		{name: "disarmed", from: untold(), then: []given{open, arm, {theDuty, demand.DisarmNotice{}}}, at: end, ask: toTell, want: demand.Obstacle{Code: "notice.not_armed", Seat: "counsel", Because: []demand.Seq{1}, In: theDuty}},
		{name: "channels not drained", from: untold(), then: []given{open, arm, {theDuty, demand.DrainChannels{Through: later}}}, at: end, ask: toTell, want: demand.Obstacle{Code: "notice.not_drained", Seat: "clerk", Because: []demand.Seq{1}, In: theDuty}},
		{name: "a bare request", from: ready().drop("notice 3"), then: []given{{theDemand, demand.AskSilence{}}}, ask: toTell, want: demand.Obstacle{Code: "notice.silence_asked", Seat: "time", Until: later.Add(48 * time.Hour)}},
		{name: "a duty that ended and nobody was told, to release", from: untold(), then: []given{{theDuty, gag(theDuty, later.Add(time.Hour), "acc-three")}, {theDemand, demand.StateSecrecy{None: true}},
			{theDemand, demand.SendNotice{Account: "acc-one", Letter: "l"}}, {theDemand, demand.SendNotice{Account: "acc-two", Letter: "l"}}}, at: later.AddDate(0, 0, 8), ask: lasting(toRelease),
			want: demand.Obstacle{Code: "notice.not_sent", Seat: "clerk", Because: []demand.Seq{19}, About: "acc-three"}},

		{name: "not read", from: bytes, ask: func(d *dossier) demand.Blocked {
			return only(demand.MayDecide(d.s, 1, d.env), "instrument.unverified", "demand.line")
		}, want: demand.Obstacle{Code: "demand.unread", Seat: "reviewer", Because: []demand.Seq{1}}},
		{name: "no such line", ask: func(d *dossier) demand.Blocked { return demand.MayDecide(d.s, 4, d.env) }, want: demand.Obstacle{Code: "demand.line", Seat: "reviewer"}},
		{name: "neither lines nor an end", from: bytes, ask: toClose, want: demand.Obstacle{Code: "demand.not_concluded", Seat: "counsel"}},
		{name: "the last task", from: done(), then: twoTasks, ask: toClose, want: demand.Obstacle{Code: "task.open", Seat: "counsel", Until: end, About: "2 write"}},
		{name: "the last deadline", from: done(), then: []given{deadline("a", "answer", nil, later, end), deadline("b", "confirm", nil, later, end), {theDemand, demand.MeetDeadline{ID: "b", How: "came"}}, deadline("c", "confirm", nil, later, end)}, ask: toClose,
			want: demand.Obstacle{Code: "deadline.open", Seat: "counsel", Until: end, About: "c"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := c.ask(c.play(t))
			if diff := cmp.Diff(demand.Blocked{c.want}, got); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		})
	}
}

// withGrant drafts a grant over everything that is decided, and approves it.
func withGrant(sc *scene) *scene {
	return sc.then(demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole(names...).Lines(), Region: "iad", Recipient: "officer", Expires: later.Add(24 * time.Hour)})
}

// only leaves out the obstacles that cannot but stand beside another.
func only(b demand.Blocked, but ...string) demand.Blocked {
	return slices.DeleteFunc(b, func(o demand.Obstacle) bool { return slices.Contains(but, o.Code) })
}

// keptOnly asks of a demand that gives nothing, so that nothing is compelled either.
func keptOnly(g guard) guard {
	return func(d *dossier) demand.Blocked { return only(g(d), "release.not_compelled") }
}

// atEnd has every channel drained past the end of the first duty.
func atEnd(g guard) guard {
	return func(d *dossier) demand.Blocked {
		d.must(theDuty, demand.DrainChannels{Through: d.env.Now})
		return g(d)
	}
}

// lasting asks of a grant that has not expired meanwhile.
func lasting(g guard) guard {
	return func(d *dossier) demand.Blocked { return only(g(d), "grant.expired") }
}

// No guard gives a code that no scene of this package asks for alone.
func TestEveryObstacleHasAScene(t *testing.T) {
	var tests []byte
	for _, f := range []string{"guard_test.go", "obstacle_test.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		tests = append(tests, b...)
	}
	n := 0
	for _, f := range []string{"guard.go", "check.go", "stay.go"} {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`(?:Code: |at\()("[a-z_]+\.[a-z_]+")`).FindAllSubmatch(b, -1) {
			n++
			if !slices.Contains([]string{`"demand.target"`}, string(m[1])) && !regexp.MustCompile(`(?:\{|Code: )`+string(m[1])).Match(tests) {
				t.Errorf("%s has no scene", m[1])
			}
		}
	}
	if n < 30 {
		t.Fatalf("only %d codes were found", n)
	}
}

// What is asked of a part is asked of every line, account and paper of it, and of
// nothing else.
func TestAnObstacleOfAnotherPartIsNoneOfThisOne(t *testing.T) {
	d := obstacleScene{from: withGrant(amended())}.play(t)
	if b := demand.MayGrant(d.s, whole("acc-one", "acc-two"), d.env); len(b) > 0 {
		t.Errorf("a paper on which nothing of the part rests: %v", codes(b))
	}
	if b := demand.MayNotify(d.s, "acc-one", d.env); len(b) > 0 {
		t.Errorf("a paper on which nothing of the account rests: %v", codes(b))
	}
	d.must(theDemand, demand.SetDeadline{ID: "a", Kind: "answer", Lines: []int{4}, NotBefore: end, Rule: "r", Says: "s"})
	d.must(theDuty, gag(theDuty, end, "acc-three"))
	d.tells("acc-one")
	g := demand.GrantDrafted{Grant: "g2", Digest: digestG, Scope: whole("acc-one").Lines(), Expires: end}
	for _, e := range []demand.Event{g, demand.ApprovalSeen{Grant: "g2", Person: "bob"}, demand.ApprovalSeen{Grant: "g2", Person: "dan"}} {
		d.s.Apply(demand.Recorded{Meta: demand.Meta{Seq: d.s.Last + 1, At: later, By: "ann"}, Event: e})
	}
	if b := demand.MayRelease(d.s, "g2", d.env); len(b) > 0 {
		t.Errorf("a deadline and a duty that are not about the part: %v", codes(b))
	}
	if scope.Scope.Empty(d.s.Grants[1].Scope) {
		t.Fatal("the grant is of nothing")
	}
}

func TestWhatIsNoObstacleLetsTheActPass(t *testing.T) {
	genuine := demand.PaperAuthenticated{Paper: 2, Genuine: true, How: "call"}
	second := demand.GrantDrafted{Grant: "g2", Digest: digestG, Scope: whole("acc-one").Lines(), Expires: later}
	two := demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole("acc-one", "acc-two").Lines(), Region: "iad", Recipient: "officer", Expires: later.Add(24 * time.Hour)}
	early := demand.DeadlineSet{ID: "d", Kind: "answer", NotBefore: end, Latest: end, Rule: "r", Says: "s"}
	for _, c := range []struct {
		name string
		from *scene
		ask  guard
	}{
		{"a line on a second paper, when the first was never checked", amended(genuine).drop("authentic", "decide 4"), toDecide4},
		{"who called back about what is no emergency approves it", ready().add("", "dan", plain(demand.CallbackMade{Contact: "c", Reached: "r"})), toRelease},
		{"a first day that whoever it waits for has cleared", ready().then(early).then(demand.DeadlineCleared{ID: "d", Source: "the authority"}), toRelease},
		{"a first day that has come", ready().then(demand.DeadlineSet{ID: "d", Kind: "answer", NotBefore: later, Rule: "r", Says: "s"}), toRelease},
		{"closing when the last line is rejected", done().change("decide 3", demand.LineDecided{Line: 3, Decision: demand.Reject}).change("grant", two), toClose},
		{"closing beside a grant that was never released", done().then(second), toClose},
		{"closing beside an answer's deadline", done().then(demand.DeadlineSet{ID: "d", Kind: "answer", Latest: end, Rule: "r", Says: "s"}), toClose},
		{"closing when the last deadline is suspended", done().then(demand.DeadlineSet{ID: "d", Kind: "confirm", Latest: end, Rule: "r", Says: "s"}).then(demand.DeadlineSuspended{ID: "d", Source: "order"}), toClose},
	} {
		if b := c.ask(obstacleScene{from: c.from}.play(t)); len(b) > 0 {
			t.Errorf("%s: %v", c.name, codes(b))
		}
	}
}
