package demand_test

import (
	"flag"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// point is one account on one day: the oracle's whole idea of a scope. Random
// histories name whole days of the first week of April 2013 only.
type point struct {
	account scope.AccountID
	day     int
}

type points map[point]bool

func pointsOf(lines []string) points {
	out := points{}
	for _, l := range lines {
		var account, service, category, from, until, basis string
		if _, err := fmt.Sscanf(l, "select account=%s service=%s category=%s from=%s until=%s basis=%s", &account, &service, &category, &from, &until, &basis); err != nil {
			panic(err)
		}
		a, _ := time.Parse(time.RFC3339, from)
		b, _ := time.Parse(time.RFC3339, until)
		for d := 1; d <= 7; d++ {
			if noon := time.Date(2013, 4, d, 12, 0, 0, 0, time.UTC); !noon.Before(a) && noon.Before(b) {
				out[point{scope.AccountID(account), d}] = true
			}
		}
	}
	return out
}

func (p points) meets(o points) bool {
	for x := range p {
		if o[x] {
			return true
		}
	}
	return false
}

// oracle knows, from the events that were accepted and nothing else, what the
// invariants 1, 2, 9, 11, 19, 20, 21 and 23 allow. It shares no code with the
// guards.
type oracle struct {
	genuine, checked   bool
	facts, assessed    int
	blocking           map[string][]demand.Person
	resolved           map[int][]scope.AccountID
	resolver           map[int]demand.Person
	agreed             map[int]bool
	given              map[int]points
	targetOf           map[int]int
	stays              map[demand.Seq]*stayFact
	secret, secretSaid bool
	told               map[scope.AccountID]time.Time
	grants             map[string]*grantFact
	closed             bool
	due                time.Time
}

type stayFact struct {
	reach  points
	until  time.Time
	lifted bool
}

type grantFact struct {
	reach     points
	drafter   demand.Person
	expires   time.Time
	approvers map[demand.Person]bool
	revoked   bool
	permitted bool
	statement demand.Digest
}

func newOracle() *oracle {
	return &oracle{blocking: map[string][]demand.Person{}, resolved: map[int][]scope.AccountID{}, resolver: map[int]demand.Person{}, agreed: map[int]bool{},
		given: map[int]points{}, targetOf: map[int]int{}, stays: map[demand.Seq]*stayFact{}, told: map[scope.AccountID]time.Time{}, grants: map[string]*grantFact{}}
}

func (o *oracle) see(r demand.Recorded) {
	switch e := r.Event.(type) {
	case demand.Received:
		o.facts, o.due = 1, e.Instrument.Due
		for _, l := range e.Lines {
			o.targetOf[l.No] = l.Target
		}
	case demand.Authenticated:
		o.checked, o.genuine = true, e.Genuine
	case demand.FactsStated:
		o.facts = int(r.Seq)
	case demand.Assessed:
		o.assessed, o.blocking = int(e.Facts), map[string][]demand.Person{}
		for _, f := range e.Findings {
			if f.Outcome == "violated" && f.Severity == "blocking" {
				o.blocking[f.Rule] = nil
			}
		}
	case demand.Answered:
		o.blocking[e.Rule] = append(o.blocking[e.Rule], r.By)
	case demand.Resolved:
		o.resolved[e.Target], o.resolver[e.Target], o.agreed[e.Target] = e.Accounts, r.By, false
		for line, target := range o.targetOf {
			if target == e.Target {
				delete(o.given, line)
			}
		}
	case demand.Checked:
		o.agreed[e.Target] = o.resolver[e.Target] != r.By
	case demand.LineDecided:
		delete(o.given, e.Line)
		if len(e.Part) > 0 {
			o.given[e.Line] = pointsOf(e.Part)
		}
	case demand.SecrecyStated:
		o.secretSaid = true
		o.secret = o.secret || !e.None
	case demand.NoticeSent:
		o.told[e.Account] = r.At
	case demand.Stayed:
		o.stays[r.Seq] = &stayFact{reach: pointsOf(e.Reach), until: e.Until}
	case demand.StayLifted:
		o.stays[e.Stay].lifted = true
	case demand.GrantDrafted:
		o.grants[e.Grant] = &grantFact{reach: pointsOf(e.Scope), drafter: r.By, expires: e.Expires, approvers: map[demand.Person]bool{}}
	case demand.ApprovalSeen:
		o.grants[e.Grant].approvers[e.Person] = true
	case demand.GrantRevoked:
		o.grants[e.Grant].revoked = true
	case demand.ReleasePermitted:
		o.grants[e.Grant].permitted, o.grants[e.Grant].statement = true, e.Release
	case demand.Closed:
		o.closed = true
	}
}

// whyNoRelease is "" where the invariants allow the release of g at now.
func (o *oracle) whyNoRelease(g *grantFact, e demand.Env) string {
	switch {
	case o.closed || g.revoked || g.permitted || !e.Now.Before(g.expires) || !e.ClockSane:
		return "over"
	case !o.genuine:
		return "not authentic"
	case o.assessed != o.facts:
		return "not assessed on these facts"
	case !o.secretSaid:
		return "secrecy unknown"
	}
	for rule, who := range o.blocking {
		if len(who) < 2 || who[0] == who[1] {
			return "a blocking finding without two answers: " + rule
		}
	}
	compelled := points{}
	for _, p := range o.given {
		for x := range p {
			compelled[x] = true
		}
	}
	for x := range g.reach {
		if !compelled[x] {
			return "outside what is compelled"
		}
		if !o.accountAgreed(x.account) {
			return "an account nobody checked"
		}
		if why := o.whyUntold(x.account, e); why != "" {
			return why
		}
	}
	for _, s := range o.stays {
		if !s.lifted && (s.until.IsZero() || e.Now.Before(s.until)) && s.reach.meets(g.reach) {
			return "stayed"
		}
	}
	delete(g.approvers, g.drafter)
	if len(g.approvers) < e.Policy.Approvals {
		return "too few persons"
	}
	return ""
}

func (o *oracle) accountAgreed(a scope.AccountID) bool {
	named := false
	for target, accounts := range o.resolved {
		if slices.Contains(accounts, a) {
			named = true
			if !o.agreed[target] {
				return false
			}
		}
	}
	return named
}

func (o *oracle) whyUntold(a scope.AccountID, e demand.Env) string {
	at, sent := o.told[a]
	switch {
	case o.secret: // a gag does not stop production
		return ""
	case !sent:
		return "a customer who was not told"
	case e.Now.Sub(at) >= e.Policy.Waiting:
		return ""
	case !o.due.IsZero() && o.due.Sub(e.Now) <= 24*time.Hour:
		return ""
	}
	return "within the wait"
}

// whyNoNotice is "" where the account's holder may be told.
func (o *oracle) whyNoNotice(a scope.AccountID) string {
	_, sent := o.told[a]
	concerned := false
	for _, p := range o.given {
		for x := range p {
			concerned = concerned || x.account == a
		}
	}
	switch {
	case sent:
		return "told before"
	case !o.secretSaid || o.secret:
		return "secret, or nobody knows"
	case !o.genuine:
		return "not authentic"
	case !concerned:
		return "not concerned"
	}
	return ""
}

// walk is one random history against the real core.
type walk struct {
	t       *rapid.T
	s       *demand.State
	history []demand.Recorded // as read back from their records
	oracle  *oracle
	env     demand.Env
	stats   *stats
	nextID  int

	eachStep bool // compare after every step, and not at the end alone
}

type stats struct{ histories, released, refused, told int }

func day(d int, a scope.AccountID, until int) scope.Selector {
	return sel(a, time.Date(2013, 4, d, 0, 0, 0, 0, time.UTC), time.Date(2013, 4, until, 23, 59, 59, 0, time.UTC))
}

var (
	staff  = []demand.Person{"ann", "bob", "carl"}
	world  = []scope.AccountID{"acc-one", "acc-two", "acc-three", "acc-four"}
	oneOf4 = rapid.SampledFrom(world)
	wholeW = func(a ...scope.AccountID) scope.Scope {
		var out []scope.Selector
		for _, x := range a {
			out = append(out, day(1, x, 7))
		}
		return part(out...)
	}
)

func (w *walk) do(by demand.Person, c demand.Command) error {
	w.env.Actor = by
	events, err := demand.Decide(w.s, c, w.env)
	if err != nil && len(events) > 0 {
		w.t.Fatalf("%T: events and a problem", c)
	}
	w.judge(c, events, err)
	for _, ev := range events {
		m := demand.Meta{Seq: w.s.Last + 1, At: w.env.Now, By: by, Reason: w.env.Reason}
		b, err := demand.Encode("d-1", m, ev)
		if err != nil {
			w.t.Fatalf("%T: %v", ev, err)
		}
		_, r, err := demand.Decode(b)
		if err != nil {
			w.t.Fatalf("%s: %v", b, err)
		}
		w.s.Apply(demand.Recorded{Meta: m, Event: ev})
		w.history = append(w.history, r)
		w.oracle.see(r)
	}
	if w.eachStep {
		w.compare()
	}
	if w.s.Unsound > 0 {
		w.t.Fatalf("%T: unsound", c)
	}
	return err
}

// compare asks that the state that grew step by step, and that Decide was shown,
// is the state that the stored records fold to.
func (w *walk) compare() {
	if again := demand.Fold(w.history); !reflect.DeepEqual(again, w.s) {
		w.t.Fatalf("after event %d the state differs from its history", w.s.Last)
	}
	w.alarmed()
}

// judge compares what was decided with what the oracle allows, both ways: what
// it forbids must not happen, and what it allows must not be refused.
func (w *walk) judge(c demand.Command, events []demand.Event, err error) {
	switch c := c.(type) {
	case demand.PermitRelease:
		g := w.oracle.grants[c.Grant]
		if g == nil {
			return
		}
		if g.permitted && g.statement == c.Release && w.env.ClockSane {
			if err != nil || len(events) > 0 {
				w.t.Fatalf("asked again for the same package: %v, %v", events, err)
			}
			return
		}
		why := w.oracle.whyNoRelease(g, w.env)
		if (len(events) == 1) != (why == "") {
			w.t.Fatalf("release decided %v (%v), the invariants say %q", len(events) == 1, err, why)
		}
		if why == "" {
			w.stats.released++
		} else {
			w.stats.refused++
		}
	case demand.SendNotice:
		why := w.oracle.whyNoNotice(c.Account)
		if !w.env.ClockSane {
			why = "clock"
		}
		if (len(events) == 1) != (why == "") {
			w.t.Fatalf("notice decided %v (%v), the invariants say %q", len(events) == 1, err, why)
		}
		if why == "" {
			w.stats.told++
		}
	case demand.StateSecrecy:
		if w.oracle.secret && c.None && len(events) > 0 {
			w.t.Fatal("a secrecy that stands was ended by saying that there is none")
		}
	}
}

// alarmed asks for a duty while the demand is open, and for each customer who
// may be told (invariants 20 and 24).
func (w *walk) alarmed() {
	duties := demand.Agenda(w.s, w.env.Policy)
	line := slices.ContainsFunc(duties, func(d demand.Duty) bool {
		return (d.Kind == "decide" || d.Kind == "answer" || d.Kind == "close") && !d.At.IsZero()
	})
	if w.s.Last > 0 && !w.oracle.closed && !line {
		w.t.Fatal("an open demand without an alarm")
	}
	if w.s.Last == 0 {
		return
	}
	for _, a := range world {
		may := w.oracle.whyNoNotice(a) == ""
		owed := slices.Contains(duties, demand.Duty{Kind: "notice.send", At: w.s.Received.At, About: string(a), Seat: "clerk"})
		if may != owed {
			w.t.Fatalf("%s may be told: %v; the agenda says: %v", a, may, owed)
		}
	}
}

// likely draws true most of the time: histories that are never ready to be
// released would test nothing.
// (rapid draws small numbers more often.)
func (w *walk) likely() bool { return rapid.IntRange(0, 63).Draw(w.t, "skip") != 41 }

func (w *walk) prepare() {
	r := full()
	for i := range r.Lines {
		r.Lines[i].From, r.Lines[i].Until = time.Date(2013, 4, 1, 0, 0, 0, 0, time.UTC), time.Date(2013, 4, 7, 23, 59, 59, 0, time.UTC)
	}
	if rapid.Bool().Draw(w.t, "has a day") {
		r.Instrument.Due = start.Add(time.Duration(rapid.IntRange(1, 14).Draw(w.t, "due")) * 24 * time.Hour)
	}
	if err := w.do("door", r); err != nil {
		w.t.Fatal(err)
	}
	w.usually("ann", demand.Authenticate{Genuine: true, How: "call"})
	w.usually("ann", w.assessment(true))
	w.usually("carl", demand.AnswerFinding{Rule: "us.last"})
	w.usually("bob", demand.AnswerFinding{Rule: "us.last"})
	for i := 1; i <= 3; i++ {
		w.usually("ann", demand.Resolve{Target: i, Accounts: []scope.AccountID{names[i-1]}})
		w.usually("bob", demand.Check{Target: i, Resolution: w.s.Targets[i-1].Resolved})
		w.usually("carl", demand.DecideLine{Line: i, Decision: demand.Comply})
	}
	w.usually("carl", demand.StateSecrecy{None: w.likely(), Source: ""})
	for _, a := range names {
		w.usually("clerk", demand.SendNotice{Account: a, Letter: "l"})
	}
	w.usually("ann", w.draft(whole3))
	w.usually("gate-1", demand.SeeApproval{Grant: "g1", Person: "bob"})
	w.usually("gate-1", demand.SeeApproval{Grant: "g1", Person: "carl"})
}

var allJournaled = func() map[demand.Seq]bool {
	out := map[demand.Seq]bool{}
	for q := demand.Seq(1); q < 200; q++ {
		out[q] = true
	}
	return out
}()

var whole3 = wholeW(names...)

func (w *walk) usually(by demand.Person, c demand.Command) {
	if w.likely() {
		_ = w.do(by, c)
	}
}

func (w *walk) draft(sc scope.Scope) demand.Command {
	w.nextID++
	return demand.DraftGrant{Grant: fmt.Sprintf("g%d", w.nextID), Digest: digestG, Scope: sc, Region: "iad", Recipient: "o", Expires: w.env.Now.Add(12 * 24 * time.Hour)}
}

func (w *walk) assessment(block bool) demand.Command {
	a := demand.Assess{Packs: "p", Facts: w.s.FactsSeq, Findings: []demand.Finding{{Rule: "us.one", Outcome: "holds", Severity: "blocking"}}}
	if block {
		a.Findings = append(a.Findings, demand.Finding{Rule: "us.last", Outcome: "violated", Severity: "blocking"})
	}
	return a
}

// random draws any command, sensible or not.
func (w *walk) random() demand.Command {
	t := w.t
	n := func(from, to int, what string) int { return rapid.IntRange(from, to).Draw(t, what) }
	grant := func() string { return fmt.Sprintf("g%d", n(1, max(1, w.nextID), "grant")) }
	someDays := func() scope.Scope {
		from := n(1, 7, "from")
		return part(day(from, oneOf4.Draw(t, "account"), n(from, 7, "until")))
	}
	switch n(0, 19, "command") {
	case 0:
		return demand.Authenticate{Genuine: n(0, 3, "genuine") > 0, How: "call"}
	case 1:
		return demand.StateFacts{Facts: []byte{1, 0}}
	case 2:
		return w.assessment(n(0, 1, "blocks") == 1)
	case 3, 4:
		return demand.AnswerFinding{Rule: rapid.SampledFrom([]string{"us.last", "us.one"}).Draw(t, "rule")}
	case 5:
		return demand.Resolve{Target: n(1, 4, "target"), Accounts: rapid.SliceOfN(oneOf4, 0, 2).Draw(t, "accounts")}
	case 6, 7:
		target := n(1, 3, "target")
		return demand.Check{Target: target, Resolution: w.s.Targets[target-1].Resolved}
	case 8:
		return demand.DecideLine{Line: n(1, 4, "line"), Decision: rapid.SampledFrom(demand.Decisions).Draw(t, "decision")}
	case 9:
		return demand.DecideLine{Line: n(1, 3, "line"), Decision: demand.InPart, Part: someDays()}
	case 10:
		return demand.StateSecrecy{None: n(0, 2, "none") > 0}
	case 11, 12:
		return demand.SendNotice{Account: oneOf4.Draw(t, "account"), Letter: "l"}
	case 13:
		c := demand.RecordStay{Source: "court", Reach: someDays()}
		if n(0, 1, "end") == 1 {
			c.Until = w.env.Now.Add(time.Duration(n(0, 10, "until")) * 24 * time.Hour)
		}
		return c
	case 14:
		return demand.LiftStay{Stay: demand.Seq(n(1, int(w.s.Last)+1, "stay"))}
	case 15:
		return w.draft(someDays())
	case 16, 17:
		return demand.SeeApproval{Grant: grant(), Person: rapid.SampledFrom(staff).Draw(t, "person")}
	case 18:
		return rapid.SampledFrom([]demand.Command{demand.RevokeGrant{Grant: grant()}, demand.EndRelease{Grant: grant(), Outcome: demand.Released},
			demand.EndRelease{Grant: grant(), Outcome: demand.Unknown}}).Draw(t, "end")
	default:
		return demand.Close{}
	}
}

func (w *walk) clock() {
	switch rapid.IntRange(0, 9).Draw(w.t, "clock") {
	case 0, 1, 2:
		w.env.Now = w.env.Now.Add(time.Duration(rapid.IntRange(1, 96).Draw(w.t, "hours")) * time.Hour)
	case 3:
		w.env.Now = w.env.Now.Add(-time.Duration(rapid.IntRange(1, 48).Draw(w.t, "back")) * time.Hour)
	case 4:
		w.env.ClockSane = rapid.IntRange(0, 3).Draw(w.t, "sane") > 0
	}
}

func TestNoHistoryLetsGoWhatTheInvariantsHold(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() == "100" { // rapid's own default
		if err := checks.Value.Set("5000"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Value.Set("100") }()
	}
	st := new(stats)
	rapid.Check(t, func(t *rapid.T) {
		st.histories++
		w := &walk{t: t, s: new(demand.State), oracle: newOracle(), stats: st,
			eachStep: rapid.IntRange(0, 3).Draw(t, "each step") == 0,
			env:      demand.Env{Now: start, Journaled: allJournaled, Seats: []string{"counsel"}, Reason: "why", ClockSane: true, Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 2}}}
		w.prepare()
		w.env.Now = w.env.Now.Add(time.Duration(rapid.IntRange(0, 11).Draw(t, "days")) * 24 * time.Hour)
		for range rapid.IntRange(0, 8).Draw(t, "acts") {
			w.clock()
			_ = w.do(rapid.SampledFrom(staff).Draw(t, "by"), w.random())
		}
		for g := 1; g <= w.nextID; g++ {
			permit := demand.PermitRelease{Grant: fmt.Sprintf("g%d", g), Release: digestR}
			_ = w.do("gate-1", permit)
			_ = w.do("gate-1", permit)
			if err := w.do("gate-1", demand.PermitRelease{Grant: permit.Grant, Release: digestO}); w.oracle.grants[permit.Grant] != nil &&
				w.oracle.grants[permit.Grant].statement == digestR && err == nil {
				t.Fatal("a second package was permitted")
			}
		}
		for _, a := range world {
			_ = w.do("clerk", demand.SendNotice{Account: a, Letter: "l"})
		}
		w.compare()
	})
	t.Logf("%+v", *st)
	// A walk that never gets to a release, or never is refused one, shows nothing.
	if st.released < st.histories/50 || st.refused < st.histories/50 || st.told < st.histories/10 {
		t.Fatalf("the histories do not reach what they test: %+v", *st)
	}
}
