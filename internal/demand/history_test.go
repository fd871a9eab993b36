package demand_test

import (
	"flag"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"counterseal/internal/demand"
	"counterseal/internal/scope"
)

// walk is one random history of a dossier against the real core: two demands of
// three targets, and what is contested and kept silent about them.
type walk struct {
	t       *rapid.T
	all     map[demand.ID]*demand.State
	history map[demand.ID][]demand.Recorded // as read back from their records, where the walk writes them
	oracle  *oracle
	env     demand.Env
	now     time.Time // the latest that the clock has shown
	stats   *stats
	skip    int // the step of the preparation that is left out
	step    int
	grants  int
	depth   int

	incidents int

	eachStep bool // write, read back and compare after every step
}

// stats say what the histories reached.
type stats struct {
	histories, released, refused, told             int
	afterSecrecy, representative, stayed, held     int
	inTime, late, bound, eased, lifted, early      int
	kept, ended, closed, emergency, superseded     int
	unconfirmed, armed, disarmed, drained, widened int
	exceeded, corrected, hushed, heard             int
}

var (
	walked  = []demand.ID{theDemand, otherDemand}
	suits   = []demand.ID{"c-one", "c-two", "c-three"}
	gags    = []demand.ID{"s-one", "s-two", "s-three"}
	staff   = []demand.Person{"ann", "bob", "carl"}
	seats   = []string{"counsel", "privacy"}
	first   = time.Date(2013, 4, 1, 0, 0, 0, 0, time.UTC)
	whole3  = wholeWeek(names...)
	allSeen = func() map[demand.Seq]bool {
		out := map[demand.Seq]bool{}
		for q := demand.Seq(1); q < 200; q++ {
			out[q] = true
		}
		return out
	}()
)

func days(a scope.AccountID, from, until int) scope.Selector {
	return sel(a, first.AddDate(0, 0, from-1), first.AddDate(0, 0, until).Add(-time.Second))
}

func wholeWeek(a ...scope.AccountID) scope.Scope {
	var out []scope.Selector
	for _, x := range a {
		out = append(out, days(x, 1, 7))
	}
	return part(out...)
}

// do decides, follows the echoes as the docket does, and applies. Every outcome is
// held against the oracle.
func (w *walk) do(by demand.Person, id demand.ID, c demand.Command) error {
	w.env.Actor = by
	s := w.all[id]
	if s == nil {
		s = demand.NewState(id)
	}
	events, err := demand.Decide(s, c, w.env)
	if err != nil && len(events) > 0 {
		w.t.Fatalf("%T: events and a problem", c)
	}
	if len(events) > 0 && !w.env.ClockSane && !takesBack(c) {
		w.t.Fatalf("%T: done while the clock cannot be trusted", c)
	}
	w.judge(id, c, events, err)
	due := w.dueBefore(id, events)
	w.all[id] = s
	w.depth++
	for _, x := range demand.Echoes(id, events) {
		if err := w.do(by, x.To, x.Command); err != nil {
			w.t.Fatalf("%T brings about %T, which is refused: %v", c, x.Command, err)
		}
	}
	for _, ev := range events {
		w.append(by, id, s, ev)
	}
	if s.Last == 0 {
		delete(w.all, id)
	} else if demand.StreamOf(id) != demand.DemandStream {
		for _, x := range walked {
			w.all[x].Join(id, s)
		}
	}
	w.stillDue(id, due)
	if w.depth--; w.eachStep && w.depth == 0 { // what an act brings about is stored with it
		w.compare()
	}
	return err
}

func (w *walk) append(by demand.Person, id demand.ID, s *demand.State, ev demand.Event) {
	r := demand.Recorded{Meta: demand.Meta{Seq: s.Last + 1, At: w.env.Now, By: by, Reason: w.env.Reason}, Event: ev}
	s.Apply(r)
	if s.Unsound > 0 {
		w.t.Fatalf("%T does not fit", ev)
	}
	if w.eachStep {
		b, err := demand.Encode(id, r.Meta, ev)
		if err != nil {
			w.t.Fatalf("%T: %v", ev, err)
		}
		if _, r, err = demand.Decode(b); err != nil {
			w.t.Fatalf("%s: %v", b, err)
		}
		w.history[id] = append(w.history[id], r)
	}
	w.oracle.see(id, r)
	w.count(id, r)
}

// compare asks that the dossier that grew step by step, and that Decide was shown,
// is the one that the stored records fold to.
func (w *walk) compare() {
	again := map[demand.ID]*demand.State{}
	for id, h := range w.history {
		again[id] = demand.Fold(h)
		again[id].ID = id
	}
	for id, s := range again {
		if demand.StreamOf(id) == demand.DemandStream {
			continue
		}
		for _, x := range walked {
			if again[x] != nil {
				again[x].Join(id, s)
			}
		}
	}
	if !reflect.DeepEqual(again, w.all) {
		w.t.Fatal("the dossier differs from its history")
	}
	w.alarmed()
}

// takesBack tells the commands that only stop something, which no clock holds up.
func takesBack(c demand.Command) bool {
	switch c.(type) {
	case demand.RecordStay, demand.RevokeGrant, demand.StayContest, demand.PlaceHold, demand.DisarmNotice:
		return true
	}
	return reflect.TypeOf(c).Name() == "joinStream"
}

// judge compares what was decided with what the oracle allows, both ways: what
// it forbids must not happen, and what it allows must not be refused.
func (w *walk) judge(id demand.ID, c demand.Command, events []demand.Event, err error) {
	agree := func(why string) {
		if (len(events) == 1) != (why == "") {
			w.t.Fatalf("%T decided %v (%v), the invariants say %q", c, len(events) == 1, err, why)
		}
	}
	sane := func(why string) string {
		if !w.env.ClockSane {
			return "clock"
		}
		return why
	}
	switch c := c.(type) {
	case demand.PermitRelease:
		w.judgeRelease(id, c, events, err, agree)
	case demand.SendNotice:
		why := w.oracle.whyNoNotice(id, c.Account, c.To, w.env)
		agree(why)
		if why == "" && w.oracle.afterSecrecy(id, c.Account, c.To) {
			w.stats.afterSecrecy++
		}
	case demand.SendCorrection:
		why := w.oracle.whyNoCorrection(id, c.Incident, c.Account, c.To, w.env)
		agree(why)
		switch {
		case why == "in force" || why == "not armed" || why == "not drained":
			w.stats.hushed++
		case why == "not owed" && slices.Contains(w.oracle.demands[id].exceeded[c.Incident].whose, c.Account) && w.oracle.demands[id].knew[c.Account][demand.Holder] > w.oracle.demands[id].exceeded[c.Incident].at:
			w.stats.heard++
		}
	case demand.EndCopy:
		why := w.oracle.whyKept(id, c)
		agree(sane(why))
		if why == "contested" || why == "held" {
			w.stats.kept++
		}
	case demand.Close:
		agree(sane(w.oracle.demands[id].whyOpen()))
	case demand.DecideLine:
		if w.oracle.demands[id].replaced[c.Line] && len(events) > 0 {
			w.t.Fatal("a line that another paper replaced was decided")
		}
	case demand.RenewSecrecy:
		if !w.oracle.duties[id].lifted.IsZero() && len(events) > 0 {
			w.t.Fatal("a duty that was lifted was renewed")
		}
	}
}

func (w *walk) judgeRelease(id demand.ID, c demand.PermitRelease, events []demand.Event, err error, agree func(string)) {
	g := w.oracle.demands[id].grants[c.Grant]
	if g == nil {
		agree("no such grant")
		return
	}
	if g.permitted && g.statement == c.Release && w.env.ClockSane {
		if err != nil || len(events) > 0 {
			w.t.Fatalf("asked again for the same package: %v, %v", events, err)
		}
		return
	}
	why := w.oracle.whyNoRelease(id, g, w.env)
	agree(why)
	switch why {
	case "":
		w.stats.released++
	case stayedByContest:
		w.stats.stayed++
	case "held":
		w.stats.held++
	case "too early":
		w.stats.early++
	case "an emergency that nobody confirmed":
		w.stats.unconfirmed++
	}
	if why != "" {
		w.stats.refused++
	} else if w.oracle.demands[id].emergency {
		w.stats.emergency++
	}
}

func (w *walk) count(id demand.ID, r demand.Recorded) {
	st := w.stats
	switch e := r.Event.(type) {
	case demand.SecrecyRenewed:
		if _, late := w.oracle.duties[id].late[r.Seq]; late {
			st.late++
		} else {
			st.inTime++
		}
	case demand.NoticeSent:
		st.told++
		if e.To == demand.Representative {
			st.representative++
		}
	case demand.OverProduced:
		st.exceeded++
	case demand.NoticeCorrected:
		st.corrected++
	case demand.RenewalSettled:
		if e.Binds {
			st.bound++
		}
	case demand.SecrecyEased:
		st.eased++
	case demand.SecrecyLifted:
		st.lifted++
	case demand.NoticeArmed:
		st.armed++
	case demand.NoticeDisarmed:
		st.disarmed++
	case demand.ChannelsDrained:
		st.drained++
	case demand.ContestEnded:
		st.ended++
	case demand.ContestWidened:
		st.widened++
	case demand.PaperAdded:
		st.superseded += len(e.Supersedes)
	case demand.Closed:
		st.closed++
	}
}

// dueBefore is what falls due on a demand that is about to be closed, but for what
// the closing itself is the answer to.
func (w *walk) dueBefore(id demand.ID, events []demand.Event) []demand.Duty {
	if len(events) != 1 || events[0] != (demand.Closed{}) {
		return nil
	}
	return slices.DeleteFunc(demand.Agenda(w.all[id], w.env.Policy), func(y demand.Duty) bool {
		return slices.Contains([]string{"close", "deadline.answer", "grant.expires", "message.remind"}, y.Kind)
	})
}

func (w *walk) stillDue(id demand.ID, due []demand.Duty) {
	if len(due) == 0 {
		return
	}
	now := demand.Agenda(w.all[id], w.env.Policy)
	for _, y := range due {
		if !slices.Contains(now, y) {
			w.t.Fatalf("closing lost %v", y)
		}
	}
}

// alarmed asks that nothing that is open is without a duty, that every customer
// who is concerned is told some day, and that no duty stands twice (invariants 20
// and 24).
func (w *walk) alarmed() {
	agendas := map[demand.ID][]demand.Duty{}
	for id, s := range w.all {
		list := demand.Agenda(s, w.env.Policy)
		agendas[id] = list
		for i, y := range list {
			if y.At.IsZero() || y.Seat == "" {
				w.t.Fatalf("%s: %s falls due never, or for nobody", id, y.Kind)
			}
			if slices.ContainsFunc(list[:i], func(x demand.Duty) bool { return x.Kind == y.Kind && x.About == y.About }) {
				w.t.Fatalf("%s: %s about %q twice", id, y.Kind, y.About)
			}
		}
		w.open(id, list)
	}
	for _, id := range walked {
		if w.all[id] == nil {
			continue
		}
		for _, a := range world {
			w.toBeTold(id, a, agendas)
			w.toBeCorrected(id, a, agendas)
		}
	}
}

// timeAlone asks that nothing which stands in the way, and no word for people
// outside, changes by the passing of time but at one of the moments that are known.
func (w *walk) timeAlone(id demand.ID) {
	s, e := w.all[id], w.env
	at := func(now time.Time) []string {
		e.Now = now
		out := named(demand.InTheWay(s, e))
		out = append(append(out, "to tell"), codes(demand.MayNotify(s, "acc-three", e))...)
		return append(out, string(s.Status(now)))
	}
	moments := demand.Moments(s, e.Policy)
	for i := range len(moments) - 1 {
		if a, b := at(moments[i]), at(moments[i+1].Add(-time.Nanosecond)); !slices.Equal(a, b) {
			w.t.Fatalf("between %v and %v it changes from %v to %v", moments[i], moments[i+1], a, b)
		}
	}
}

func (w *walk) open(id demand.ID, list []demand.Duty) {
	works := false
	switch demand.StreamOf(id) {
	case demand.DemandStream:
		works = w.oracle.demands[id].closed
	case demand.ContestStream:
		works = w.oracle.contests[id].ended
	case demand.SecrecyStream:
		y := w.oracle.duties[id]
		works = !y.inForce(w.now) && len(y.late) == 0
	}
	if !works && len(list) == 0 {
		w.t.Fatalf("%s is open without an alarm", id)
	}
	line := slices.ContainsFunc(list, func(y demand.Duty) bool { return y.Kind == "decide" || y.Kind == "answer" || y.Kind == "close" })
	if demand.StreamOf(id) == demand.DemandStream && !works && !line {
		w.t.Fatalf("%s: nobody is told to go on", id)
	}
}

// toBeTold asks, of a customer who is concerned and was not told, that the clerk is
// to tell as soon as that is lawful, and that until then a person is reminded.
func (w *walk) toBeTold(id demand.ID, a scope.AccountID, agendas map[demand.ID][]demand.Duty) {
	d, sane := w.oracle.demands[id], w.env
	sane.ClockSane = true
	concerned := false
	for _, r := range d.given {
		concerned = concerned || r.meets(ofAccount(a))
	}
	if len(d.told[a]) > 0 || !concerned {
		return
	}
	i := slices.IndexFunc(agendas[id], func(y demand.Duty) bool { return y.Kind == "notice.send" && y.About == string(a) })
	holder, rep := w.oracle.whyNoNotice(id, a, demand.Holder, sane), w.oracle.whyNoNotice(id, a, demand.Representative, sane)
	if (holder == "" || rep == "") && (i < 0 || agendas[id][i].At.After(w.now)) {
		w.t.Fatalf("%s of %s may be told, and the agenda does not say so", a, id)
	}
	if i >= 0 || !d.closed {
		return
	}
	for g, y := range w.oracle.duties {
		if y.covers1(id, a) && len(agendas[g]) > 0 {
			return
		}
	}
	if holder != "a paper that is not genuine" {
		w.t.Fatalf("%s of %s is forgotten: %s", a, id, holder)
	}
}

// toBeCorrected asks, of a customer who was told before a package was found to have held
// too much of their data, that the clerk is to tell them as soon as that is lawful, that
// until then a duty of secrecy reminds a person, and that nobody else is to be told.
func (w *walk) toBeCorrected(id demand.ID, a scope.AccountID, agendas map[demand.ID][]demand.Duty) {
	sane := w.env
	sane.ClockSane = true
	i := slices.IndexFunc(agendas[id], func(y demand.Duty) bool { return y.Kind == "notice.correct" && y.About == string(a) })
	owed, may := false, false
	for x := range w.oracle.demands[id].exceeded {
		owed = owed || w.oracle.owed(id, x, a)
		for _, to := range []string{demand.Holder, demand.Representative} {
			may = may || w.oracle.whyNoCorrection(id, x, a, to, sane) == ""
		}
	}
	switch {
	case may && (i < 0 || agendas[id][i].At.After(w.now)):
		w.t.Fatalf("%s of %s may be told once more, and the agenda does not say so", a, id)
	case !owed && i >= 0:
		w.t.Fatalf("%s of %s is to be told of nothing", a, id)
	case !owed || i >= 0:
		return
	}
	for g, y := range w.oracle.duties {
		if y.covers1(id, a) && len(agendas[g]) > 0 {
			return
		}
	}
	w.t.Fatalf("the correction to %s of %s is forgotten", a, id)
}

func TestNoHistoryLetsGoWhatTheInvariantsHold(t *testing.T) {
	checks := flag.Lookup("rapid.checks")
	if checks.Value.String() == "100" { // rapid's own default
		if err := checks.Value.Set("20000"); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = checks.Value.Set("100") }()
	}
	st := new(stats)
	rapid.Check(t, func(t *rapid.T) {
		st.histories++
		w := &walk{t: t, all: map[demand.ID]*demand.State{}, history: map[demand.ID][]demand.Recorded{}, oracle: newOracle(), stats: st, now: start,
			eachStep: rapid.IntRange(0, 19).Draw(t, "each step") == 19,
			env:      demand.Env{Now: start, Journaled: allSeen, Seats: seats, Reason: "why", ClockSane: true, Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 2}}}
		w.prepare()
		for range rapid.IntRange(0, 12).Draw(t, "acts") {
			w.clock()
			w.random()
		}
		w.finish()
	})
	t.Logf("%+v", *st)
	st.reachWhatTheyTest(t)
}

// A walk that never gets to a release, or never is refused one, shows nothing.
func (st *stats) reachWhatTheyTest(t *testing.T) {
	v := reflect.ValueOf(*st)
	least := map[string]int{"released": 10, "refused": 2, "told": 2, "afterSecrecy": 20, "stayed": 100, "late": 30, "inTime": 30, "unconfirmed": 4000}
	for i := range v.NumField() {
		name, n := v.Type().Field(i).Name, int(v.Field(i).Int())
		part, named := least[name]
		if !named {
			part = 500
		}
		if n < st.histories/part {
			t.Errorf("%d histories reach %q only %d times", st.histories, name, n)
		}
	}
}
