package demand_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// obstacleCase builds a state in which exactly one obstacle stands.
type obstacleCase struct {
	code string
	make func() *scene
}

func broken(sc *scene) *scene {
	return sc.then(demand.Stayed{Source: "court", Reach: []string{"select everything"}})
}

func unclocked(sc *scene) *scene { sc.env.ClockSane = false; return sc }

func unjournaled(sc *scene, name string) *scene {
	s, e := sc.play()
	_ = s
	delete(e.Journaled, sc.seq[name])
	return sc
}

var narrower = demand.LineDecided{Line: 3, Decision: demand.InPart, Part: part(sel("acc-three", april, april.Add(time.Hour))).Lines()}

// common are the obstacles that a grant and a release share. Where it matters
// only the last of the three targets, lines or findings is bad.
func common(base func() *scene) []obstacleCase {
	return []obstacleCase{
		{"history.unsound", func() *scene { return broken(base()) }},
		{"clock.unsound", func() *scene { return unclocked(base()) }},
		{"demand.closed", func() *scene { return base().then(demand.Closed{}) }},
		{"instrument.unverified", func() *scene { return base().drop("authentic") }},
		{"instrument.forged", func() *scene { return base().change("authentic", demand.Authenticated{How: "call"}) }},
		{"target.not_named", func() *scene { return base().drop("resolve 3", "check 3") }},
		{"target.unchecked", func() *scene { return base().drop("check 3") }},
		{"findings.missing", func() *scene { return base().drop("assessed", "answer", "second answer") }},
		{"findings.stale", func() *scene { return base().then(demand.FactsStated{Facts: []byte{1, 0}}) }},
		{"finding.open", func() *scene { return base().drop("second answer") }},
		{"release.not_compelled", func() *scene { return base().then(narrower) }},
		{"release.not_compelled", func() *scene { return base().drop("decide 3") }},
		{"release.stayed", func() *scene {
			return base().then(demand.Stayed{Source: "court", Reach: part(sel("acc-three", endMay, endMay)).Lines()})
		}},
		{"release.stayed", func() *scene {
			return base().then(demand.Stayed{Source: "court", Reach: whole("acc-three").Lines(), Until: later.Add(time.Second)})
		}},
		{"secrecy.unstated", func() *scene { return base().drop("secrecy") }},
		{"ledger.not_journaled", func() *scene { return unjournaled(base(), "decide 3") }},
		{"ledger.not_journaled", func() *scene { return unjournaled(base(), "received") }},
	}
}

func askExactly(t *testing.T, cases []obstacleCase, ask func(*demand.State, demand.Env) demand.Blocked) {
	t.Helper()
	for _, c := range cases {
		s, e := c.make().play()
		got := ask(s, e)
		if len(got) != 1 || got[0].Code != c.code {
			t.Errorf("%s: the guard says %v", c.code, codes(got))
			continue
		}
		if got[0].Seat == "" {
			t.Errorf("%s: nobody can remove it", c.code)
		}
	}
}

func TestNothingStandsInTheWayWhenEverythingIsDone(t *testing.T) {
	s, e := ready().play()
	if s.Unsound > 0 {
		t.Fatalf("event %d does not fit", s.Unsound)
	}
	for name, b := range map[string]demand.Blocked{
		"decide": demand.MayDecide(s, 3, e), "grant": demand.MayGrant(s, whole(names...), e),
		"release": demand.MayRelease(s, "g1", e), "notify": demand.MayNotify(s, "acc-three", e),
	} {
		if len(b) > 0 {
			t.Errorf("%s: %v", name, codes(b))
		}
	}
	s, e = done().play()
	if b := demand.MayClose(s, e); len(b) > 0 {
		t.Errorf("close: %v", codes(b))
	}
}

func TestEachObstacleAloneBlocksAGrant(t *testing.T) {
	askExactly(t, common(ready), func(s *demand.State, e demand.Env) demand.Blocked {
		return demand.MayGrant(s, whole(names...), e)
	})
}

func TestEachObstacleAloneBlocksARelease(t *testing.T) {
	cases := append(common(ready),
		obstacleCase{"notice.not_sent", func() *scene { return ready().drop("notice 3") }},
		obstacleCase{"notice.waiting", func() *scene {
			sc := ready()
			sc.step("notice 3").at = later.Add(-7*24*time.Hour + time.Second)
			return sc
		}},
		obstacleCase{"grant.missing", func() *scene { return ready().drop("grant", "approval 1", "approval 2") }},
		obstacleCase{"grant.revoked", func() *scene { return ready().then(demand.GrantRevoked{Grant: "g1"}) }},
		obstacleCase{"grant.expired", func() *scene { sc := ready(); sc.env.Now = later.Add(24 * time.Hour); return sc }},
		obstacleCase{"approval.missing", func() *scene { return ready().drop("approval 2") }},
		obstacleCase{"approval.missing", func() *scene { sc := ready(); sc.env.Policy.Approvals = 0; return sc }},
		obstacleCase{"grant.used", func() *scene {
			return ready().then(demand.ReleasePermitted{Grant: "g1", Release: digestR})
		}},
	)
	askExactly(t, cases, func(s *demand.State, e demand.Env) demand.Blocked { return demand.MayRelease(s, "g1", e) })
}

func TestEachObstacleAloneBlocksADecision(t *testing.T) {
	fresh := func() *scene { return ready().drop("decide 1", "decide 2", "decide 3") }
	askExactly(t, []obstacleCase{
		{"history.unsound", func() *scene { return broken(fresh()) }},
		{"demand.closed", func() *scene { return fresh().then(demand.Closed{}) }},
		{"instrument.unverified", func() *scene { return fresh().drop("authentic") }},
		{"instrument.forged", func() *scene { return fresh().change("authentic", demand.Authenticated{How: "call"}) }},
		{"target.unresolved", func() *scene { return fresh().drop("resolve 3", "check 3") }},
		{"target.unchecked", func() *scene { return fresh().drop("check 3") }},
		{"target.no_account", func() *scene { return fresh().change("resolve 3", demand.Resolved{Target: 3}) }},
	}, func(s *demand.State, e demand.Env) demand.Blocked { return demand.MayDecide(s, 3, e) })
	s, e := fresh().play()
	if got := codes(demand.MayDecide(s, 4, e)); !slices.Equal(got, []string{"demand.line"}) {
		t.Errorf("a line that does not exist: %v", got)
	}
}

func TestEachObstacleAloneBlocksANotice(t *testing.T) {
	untold := func() *scene { return ready().drop("notice 3") }
	askExactly(t, []obstacleCase{
		{"history.unsound", func() *scene { return broken(untold()) }},
		{"clock.unsound", func() *scene { return unclocked(untold()) }},
		{"secrecy.unstated", func() *scene { return untold().drop("secrecy") }},
		{"secrecy.in_force", func() *scene { return untold().change("secrecy", demand.SecrecyStated{Source: "order"}) }},
		{"secrecy.in_force", func() *scene {
			return untold().change("secrecy", demand.SecrecyStated{Source: "order", Until: start.Add(time.Hour)})
		}},
		{"instrument.unverified", func() *scene { return untold().drop("authentic") }},
		{"instrument.forged", func() *scene { return untold().change("authentic", demand.Authenticated{How: "call"}) }},
		{"notice.not_concerned", func() *scene { return untold().drop("decide 3") }},
	}, func(s *demand.State, e demand.Env) demand.Blocked { return demand.MayNotify(s, "acc-three", e) })
}

func TestEachObstacleAloneBlocksClosing(t *testing.T) {
	second := demand.GrantDrafted{Grant: "g2", Digest: digestG, Scope: whole("acc-three").Lines(), Region: "iad", Recipient: "officer", Expires: later.Add(time.Hour)}
	permitted := demand.ReleasePermitted{Grant: "g2", Release: digestR}
	askExactly(t, []obstacleCase{
		{"history.unsound", func() *scene { return broken(done()) }},
		{"demand.closed", func() *scene { return done().then(demand.Closed{}) }},
		{"line.undecided", func() *scene { return done().drop("decide 3") }},
		{"line.not_released", func() *scene {
			return done().change("grant", demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole("acc-one", "acc-two").Lines(), Expires: later})
		}},
		{"release.pending", func() *scene { return done().then(second).then(permitted) }},
		{"release.unknown", func() *scene {
			return done().then(second).then(permitted).then(demand.ReleaseEnded{Grant: "g2", Outcome: demand.Unknown})
		}},
	}, demand.MayClose)
}

func TestAnEmptyPartIsNeverGrantedNorReleased(t *testing.T) {
	s, e := ready().play()
	if got := codes(demand.MayGrant(s, scope.Scope{}, e)); !slices.Equal(got, []string{"release.not_compelled"}) {
		t.Fatalf("an empty part: %v", got)
	}
}

func TestAStayThatDoesNotReachThePartOrIsOverDoesNotStopIt(t *testing.T) {
	for name, sc := range map[string]*scene{
		"another account": ready().then(demand.Stayed{Source: "court", Reach: whole("acc-four").Lines()}),
		"another time":    ready().then(demand.Stayed{Source: "court", Reach: part(sel("acc-one", endMay.Add(time.Second), endMay.Add(time.Hour))).Lines()}),
		"at its end":      ready().then(demand.Stayed{Source: "court", Reach: whole("acc-one").Lines(), Until: later}),
		"lifted": ready().add("stay", "carl", plain(demand.Stayed{Source: "court", Reach: whole("acc-one").Lines()})).
			add("", "carl", func(q map[string]demand.Seq) demand.Event { return demand.StayLifted{Stay: q["stay"]} }),
	} {
		s, e := sc.play()
		if b := demand.MayRelease(s, "g1", e); len(b) > 0 {
			t.Errorf("%s: %v", name, codes(b))
		}
	}
}

func TestSecrecyDoesNotStayProduction(t *testing.T) {
	sc := ready().drop("notice 1", "notice 2", "notice 3").change("secrecy", demand.SecrecyStated{Source: "order"})
	s, e := sc.play()
	if b := demand.MayRelease(s, "g1", e); len(b) > 0 {
		t.Fatalf("a gag stopped production: %v", codes(b))
	}
}

func TestTheWaitNeverPassesTheDayBeforeTheInstrumentsDay(t *testing.T) {
	due := start.Add(5 * 24 * time.Hour)
	for _, c := range []struct {
		name  string
		due   time.Time
		now   time.Time
		waits bool
	}{
		{"no day on the face, a second before the wait ends", time.Time{}, start.Add(7*24*time.Hour - time.Second), true},
		{"no day on the face, at the end of the wait", time.Time{}, start.Add(7 * 24 * time.Hour), false},
		{"a second before the last day begins", due, due.Add(-24*time.Hour - time.Second), true},
		{"when the last day begins", due, due.Add(-24 * time.Hour), false},
		{"the wait would end within the last day", start.Add(7*24*time.Hour + time.Hour), start.Add(6*24*time.Hour + time.Hour), false},
		{"the day is long after the wait", start.Add(60 * 24 * time.Hour), start.Add(7 * 24 * time.Hour), false},
		{"the day is long after, the wait runs", start.Add(60 * 24 * time.Hour), start.Add(6 * 24 * time.Hour), true},
	} {
		r := received()
		r.Instrument.Due = c.due
		sc := ready().change("received", r)
		sc.env.Now = c.now
		s, e := sc.play()
		got := codes(demand.MayRelease(s, "g1", e))
		if slices.Contains(got, "notice.waiting") != c.waits {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestTheWaitFollowsTheFirstDayByWhichAnAnswerIsDue(t *testing.T) {
	soon, set := later.Add(23*time.Hour), func(kind string, latest time.Time) demand.DeadlineSet {
		return demand.DeadlineSet{ID: kind + latest.Format("0102"), Kind: kind, Latest: latest, Rule: "r", Says: "s"}
	}
	answer := set("answer", soon)
	for name, c := range map[string]struct {
		due    time.Time
		events []demand.Event
		waits  bool
	}{
		"no day":                                {time.Time{}, nil, true},
		"an answer's deadline":                  {time.Time{}, []demand.Event{answer}, false},
		"the deadline before the day":           {later.AddDate(0, 1, 0), []demand.Event{answer}, false},
		"the day before the deadline":           {soon, []demand.Event{set("answer", later.AddDate(0, 1, 0))}, false},
		"the last of two deadlines":             {time.Time{}, []demand.Event{set("answer", later.AddDate(0, 1, 0)), answer}, false},
		"the first of two deadlines":            {time.Time{}, []demand.Event{answer, set("answer", later.AddDate(0, 1, 0))}, false},
		"a deadline for something else":         {time.Time{}, []demand.Event{set("confirm", soon)}, true},
		"a deadline that was met":               {time.Time{}, []demand.Event{answer, demand.DeadlineMet{ID: answer.ID, How: "h"}}, true},
		"a deadline that is suspended":          {time.Time{}, []demand.Event{answer, demand.DeadlineSuspended{ID: answer.ID, Source: "s"}}, true},
		"a deadline with a first day alone":     {time.Time{}, []demand.Event{demand.DeadlineSet{ID: "d", Kind: "answer", NotBefore: start, Rule: "r", Says: "s"}}, true},
		"a first day alone, beside a later day": {later.AddDate(0, 1, 0), []demand.Event{demand.DeadlineSet{ID: "d", Kind: "answer", NotBefore: start, Rule: "r", Says: "s"}}, true},
	} {
		r := received()
		r.Instrument.Due = c.due
		sc := ready().change("received", r)
		sc.step("notice 3").at = later.Add(-time.Hour)
		for _, e := range c.events {
			sc.then(e)
		}
		s, e := sc.play()
		if got := codes(demand.MayRelease(s, "g1", e)); slices.Contains(got, "notice.waiting") != c.waits || len(got) > 1 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAProblemNamesTheFirstObstacleAndCarriesThemAllButNoSecrets(t *testing.T) {
	sc := ready().drop("notice 2", "notice 3", "authentic").then(demand.Stayed{Source: "E.D.N.Y. 26-mc-9", Reach: whole("acc-three").Lines()})
	s, e := sc.play()
	want := []string{"instrument.unverified", "release.stayed", "notice.not_sent", "notice.not_sent"}
	if got := codes(demand.MayRelease(s, "g1", e)); !slices.Equal(got, want) {
		t.Fatalf("order: %v", got)
	}
	_, err := demand.Decide(s, demand.PermitRelease{Grant: "g1", Release: digestR}, e)
	wantCode(t, err, "instrument.unverified")
	var blocked demand.Blocked
	if !errors.As(err, &blocked) || !slices.Equal(codes(blocked), want) {
		t.Fatalf("the obstacles are lost: %v", blocked)
	}
	if strings.Contains(err.Error(), "acc-") || strings.Contains(err.Error(), "E.D.N.Y.") {
		t.Fatalf("a sealed fact in an error text: %v", err)
	}
	if !strings.Contains(err.Error(), "instrument.unverified, release.stayed, notice.not_sent;") && !strings.Contains(err.Error(), "instrument.unverified, release.stayed, notice.not_sent") {
		t.Fatalf("codes: %v", err)
	}
	if demand.Blocked(nil).Problem() != nil {
		t.Fatal("no obstacle is no problem")
	}
}

func TestAGuardOfAStrangeHistoryNeitherPanicsNorOpens(t *testing.T) {
	for name, sc := range map[string]*scene{
		"two beginnings":     ready().then(received()),
		"target of no line":  ready().then(demand.Resolved{Target: 9}),
		"check of no target": ready().then(demand.Checked{Target: 9, Resolution: 3}),
		"check by the resolver": ready().add("", "ann", func(q map[string]demand.Seq) demand.Event {
			return demand.Checked{Target: 3, Resolution: q["resolve 3"]}
		}),
		"check of another": ready().add("", "bob", func(q map[string]demand.Seq) demand.Event {
			return demand.Checked{Target: 3, Resolution: q["resolve 2"]}
		}),
		"no such line":            ready().then(demand.LineDecided{Line: 9, Decision: demand.Reject}),
		"no such decision":        ready().then(demand.LineDecided{Line: 3, Decision: "perhaps"}),
		"comply with nothing":     ready().then(demand.LineDecided{Line: 3, Decision: demand.Comply}),
		"reject with a part":      ready().then(demand.LineDecided{Line: 3, Decision: demand.Reject, Part: whole("acc-one").Lines()}),
		"unreadable part":         ready().then(demand.LineDecided{Line: 3, Decision: demand.Comply, Part: []string{"x"}}),
		"unreadable stay":         broken(ready()),
		"lift of no stay":         ready().then(demand.StayLifted{Stay: 2}),
		"answer to no finding":    ready().then(demand.Answered{Rule: "us.one"}),
		"third answer":            ready().then(demand.Answered{Rule: "us.last"}),
		"answer by the same":      ready().drop("second answer").add("", "carl", plain(demand.Answered{Rule: "us.last"})),
		"approval of no grant":    ready().then(demand.ApprovalSeen{Grant: "g9", Person: "eve"}),
		"approval twice":          ready().then(demand.ApprovalSeen{Grant: "g1", Person: "dan"}),
		"approval by the drafter": ready().then(demand.ApprovalSeen{Grant: "g1", Person: "ann"}),
		"approval by nobody":      ready().then(demand.ApprovalSeen{Grant: "g1"}),
		"grant twice":             ready().then(demand.GrantDrafted{Grant: "g1"}),
		"grant of nothing":        ready().then(demand.GrantDrafted{Grant: "g9"}),
		"revocation of no grant":  ready().then(demand.GrantRevoked{Grant: "g9"}),
		"permission of no grant":  ready().then(demand.ReleasePermitted{Grant: "g9"}),
		"permission of a revoked": ready().then(demand.GrantRevoked{Grant: "g1"}).then(demand.ReleasePermitted{Grant: "g1"}),
		"end of no grant":         ready().then(demand.ReleaseEnded{Grant: "g9", Outcome: demand.Released}),
		"end without permission":  ready().then(demand.ReleaseEnded{Grant: "g1", Outcome: demand.Released}),
		"end of no kind":          done().then(demand.ReleaseEnded{Grant: "g1", Outcome: "lost"}),
		"a second end":            done().then(demand.ReleaseEnded{Grant: "g1", Outcome: demand.Nothing}),
		"a revocation too late":   done().then(demand.GrantRevoked{Grant: "g1"}),
		"a second permission":     done().then(demand.ReleasePermitted{Grant: "g1", Release: digestG}),
		"a notice twice":          ready().then(demand.NoticeSent{Account: "acc-one"}),
		"secrecy from nowhere":    ready().then(demand.SecrecyStated{}),
		"secrecy shortened":       ready().then(demand.SecrecyStated{Source: "order"}).then(demand.SecrecyStated{None: true}),
		"closed twice":            done().then(demand.Closed{}).then(demand.Closed{}),
		"no event":                ready().then(nil),
		"a line of no target":     ready().change("received", demand.Received{Lines: []demand.StatedLine{{No: 1, Target: 5}}}),
		"nothing before it":       ready().drop("received"),
	} {
		s, e := sc.play()
		if s.Unsound == 0 {
			t.Errorf("%s: not noticed", name)
		}
		for line := 0; line < 5; line++ {
			if got := codes(demand.MayDecide(s, line, e)); got[0] != "history.unsound" {
				t.Errorf("%s: decide %v", name, got)
			}
			s.Asked(line)
		}
		for guard, b := range map[string]demand.Blocked{"grant": demand.MayGrant(s, whole(names...), e), "release": demand.MayRelease(s, "g1", e),
			"notify": demand.MayNotify(s, "acc-one", e), "close": demand.MayClose(s, e)} {
			if len(b) == 0 || (b[0].Code != "history.unsound" && b[0].Code != "grant.missing") {
				t.Errorf("%s: %s %v", name, guard, codes(b))
			}
		}
		_, err := demand.Decide(s, demand.Authenticate{Genuine: true, How: "call"}, e)
		wantCode(t, err, "history.unsound")
		if !slices.ContainsFunc(demand.Agenda(s, e.Policy), func(d demand.Duty) bool { return d.Kind == "history.check" }) {
			t.Errorf("%s: nobody is told", name)
		}
		s.Status(later)
	}
}

func TestAGapInTheSequenceIsNoticed(t *testing.T) {
	h := ready().history()
	h[4].Seq = 9
	if s := demand.Fold(h); s.Unsound != 9 {
		t.Fatalf("unsound is %d", s.Unsound)
	}
	h = ready().history()
	if s := demand.Fold(append(h[:4:4], h[5:]...)); s.Unsound != 6 {
		t.Fatalf("a missing event: unsound is %d", s.Unsound)
	}
}
