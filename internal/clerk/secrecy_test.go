package clerk_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
)

// secrecy records a duty on all of some demands until a day. May are those who
// may be told all the same.
func (o *office) secrecy(until time.Time, id demand.ID, more ...demand.ID) demand.ID {
	o.t.Helper()
	return o.secrecyBut(until, nil, append([]demand.ID{id}, more...)...)
}

func (o *office) secrecyBut(until time.Time, may []string, ids ...demand.ID) demand.ID {
	o.t.Helper()
	var covers []demand.Silence
	for _, id := range ids {
		covers = append(covers, demand.Silence{Demand: id})
	}
	o.n++
	s := sha256.Sum256([]byte(fmt.Sprint("open ", o.n)))
	x, err := o.docket.Open(context.Background(), docket.Opening{Stream: demand.SecrecyStream, CommandID: [16]byte(s[:]), Actor: "carl", Seats: []string{"counsel"}, Reason: "served",
		Command: func(id demand.ID) demand.Command {
			return demand.OpenSecrecy{ID: id, Source: "order", Cite: "18 USC 2705(b)", Authority: "the court", Number: "26-mj-12", Covers: covers, Until: until, MayTell: may}
		}})
	must(o.t, err)
	return x.ID
}

// at moves the clock, as hours of quiet work would.
func (o *office) at(t time.Time) {
	o.t.Helper()
	o.now = t
	must(o.t, o.docket.TrustClock(o.t.Context()))
}

// channels were read up to a moment.
type channels struct{ through time.Time }

func (c *channels) DrainedThrough(context.Context) (time.Time, error) { return c.through, nil }

// inquiries write questions.
type inquiries struct{}

func (inquiries) Inquire(_ context.Context, c docket.Case, days int, id string) ([]byte, error) {
	return fmt.Appendf(nil, "%s in %d days? %s", c.ID, days, id), nil
}

func TestWhenASecrecyEndsArmedAndDrainedAllAreToldWithinThePass(t *testing.T) {
	o := build(t)
	read := &channels{}
	o.config.Channels, o.config.Inquiries = read, inquiries{}
	a, b := o.walked("a", 70), o.walked("b", 40)
	end := start.Add(40 * 24 * time.Hour)
	y := o.secrecy(end, a, b)
	o.do(y, "carl", demand.ArmNotice{End: end})
	k := o.clerk()
	for _, before := range []time.Duration{30 * 24 * time.Hour, 7 * 24 * time.Hour, time.Millisecond} {
		o.at(end.Add(-before))
		_, err := k.Pass(t.Context(), o.now)
		must(t, err)
	}
	if len(o.post.letters) != 2 || o.post.letters[0].To != clerk.Authority || o.post.letters[1].To != clerk.Authority {
		t.Fatalf("%+v", o.post.letters)
	}
	o.at(end)
	read.through = end.Add(-time.Millisecond) // the last channel is not read yet
	r, err := k.Pass(t.Context(), o.now)
	must(t, err)
	if n := o.notices(a) + o.notices(b); n != 0 || len(failures(r)) != 0 {
		t.Fatalf("%d told before the channels were read, %+v", n, failures(r))
	}
	o.at(end.Add(6 * time.Second))
	read.through = end
	r, err = k.Pass(t.Context(), o.now)
	must(t, err)
	if n := o.notices(a) + o.notices(b); n != 110 || len(failures(r)) != 0 || r.More {
		t.Fatalf("%d of 110 told; %+v", n, r)
	}
	c, err := o.docket.State(t.Context(), y)
	must(t, err)
	if len(c.State.Duty.Asked) != 2 || !c.State.Duty.Drained.Equal(end) {
		t.Fatalf("%+v", c.State.Duty)
	}
	must(t, o.docket.Audit(t.Context(), a))
}

func TestWithoutArmingNobodyIsToldAtTheEnd(t *testing.T) {
	o := build(t)
	end := start.Add(40 * 24 * time.Hour)
	o.config.Channels, o.config.Inquiries = &channels{through: end.Add(time.Hour)}, inquiries{}
	a := o.walked("a", 1)
	o.secrecy(end, a)
	k := o.clerk()
	o.at(end.Add(time.Minute))
	_, err := k.Pass(t.Context(), o.now)
	must(t, err)
	if o.notices(a) != 0 {
		t.Fatal("told without a person's word")
	}
}

func TestWhereOnlyTheRepresentativeMayBeToldTheLetterGoesToThem(t *testing.T) {
	o := build(t)
	a := o.walked("a", 1)
	o.secrecyBut(start.Add(40*24*time.Hour), []string{demand.Representative}, a)
	k := o.clerk()
	for range 2 {
		_, err := k.Pass(t.Context(), o.now)
		must(t, err)
	}
	if len(o.post.letters) != 1 || o.post.letters[0].To != demand.Representative || o.notices(a) != 1 {
		t.Fatalf("%+v", o.post.letters)
	}
}

func TestADutyThatIsRecordedLateIsAskedAboutOnce(t *testing.T) {
	o := build(t)
	o.config.Inquiries = inquiries{}
	y := o.secrecy(start.Add(3*24*time.Hour), o.walked("a", 1))
	_, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	c, err := o.docket.State(t.Context(), y)
	must(t, err)
	if len(o.post.letters) != 1 || len(c.State.Duty.Asked) != 2 {
		t.Fatalf("%d letters, %d recorded", len(o.post.letters), len(c.State.Duty.Asked))
	}
}

func TestAChannelThatStaysUnreadBecomesAnAlarm(t *testing.T) {
	o := build(t)
	end := start.Add(24 * time.Hour)
	o.config.Channels, o.config.Inquiries = &channels{}, inquiries{}
	y := o.secrecy(end, o.walked("a", 1))
	o.do(y, "carl", demand.ArmNotice{End: end})
	k := o.clerk()
	o.at(end.Add(6 * time.Minute))
	r, err := k.Pass(t.Context(), o.now)
	must(t, err)
	codes := map[string]int{}
	for _, f := range failures(r) {
		codes[f.Problem.Code]++
	}
	if diff := cmp.Diff(map[string]int{"clerk.undrained": 1, "notice.not_drained": 1, "clerk.late": 2}, codes); diff != "" {
		t.Fatal(diff)
	}
}

func TestWithoutChannelsOrInquiriesAPersonDoesIt(t *testing.T) {
	o := build(t)
	end := start.Add(24 * time.Hour)
	o.secrecy(end, o.walked("a", 1))
	o.at(end)
	r, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	n := 0
	for _, f := range failures(r) {
		if f.Problem.Code == "clerk.duty" {
			n++
		}
	}
	if n != 3 { // two questions and the channels
		t.Fatalf("%+v", failures(r))
	}
}

func TestAPersonsDutyClimbsOnceAStepHoweverTheClockMoves(t *testing.T) {
	o := build(t)
	id := o.received("a", 1)
	due := start.Add(30 * 24 * time.Hour)
	type heard struct {
		Step int
		To   string
	}
	pass := func(at time.Time) (out []heard) {
		o.at(at)
		for range 2 { // two clerks, as after the program has started again
			r, err := o.clerk().Pass(t.Context(), o.now)
			must(t, err)
			for _, e := range r.Escalations {
				if e.ID != id || e.Kind != "decide" || e.About != "line 1" {
					t.Fatalf("%+v", e)
				}
				out = append(out, heard{e.Step, e.To})
			}
		}
		return out
	}
	for _, c := range []struct {
		at   time.Duration
		want []heard
	}{
		{-24*time.Hour - time.Millisecond, nil}, {-24 * time.Hour, []heard{{0, "reviewer"}}}, {-time.Hour, nil}, {0, []heard{{1, "counsel"}}},
		{-time.Hour, nil}, {0, nil}, // set back and on again
		{30 * time.Hour, []heard{{3, clerk.Everybody}}}, // a day of standstill: the last step alone
		{-25 * time.Hour, nil}, {1000 * time.Hour, nil},
	} {
		if diff := cmp.Diff(c.want, pass(due.Add(c.at))); diff != "" {
			t.Fatalf("at %v: %s", c.at, diff)
		}
	}
}

func TestNothingClimbsOnAClockThatIsNotSound(t *testing.T) {
	o := build(t)
	o.received("a", 1)
	k := o.clerk()
	o.now = start.Add(60 * 24 * time.Hour)
	r, err := k.Pass(t.Context(), o.now)
	if err == nil || len(r.Escalations) != 0 {
		t.Fatalf("%v %+v", err, r.Escalations)
	}
	o.now = start
	if r, err = k.Pass(t.Context(), o.now); err != nil || len(r.Escalations) != 0 {
		t.Fatalf("%v %+v", err, r.Escalations)
	}
}

func TestARowIsLookedAtAgainWhenTimeAloneHasChangedIt(t *testing.T) {
	o := build(t)
	id := o.walked("a", 1)
	until := start.Add(24 * time.Hour)
	c, err := o.docket.State(t.Context(), id)
	must(t, err)
	part, _ := c.State.Compelled()
	o.do(id, "carl", demand.RecordStay{Source: "court", Reach: part, Until: until})
	status := func() demand.Status {
		items, err := o.docket.Queue(t.Context(), docket.QueryArgs{Limit: 10})
		must(t, err)
		return items[0].Status
	}
	if status() != demand.StatusOnHold {
		t.Fatal(status())
	}
	o.at(until)
	must(t, o.docket.Audit(t.Context(), id)) // overdue, not tampered with
	_, err = o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	if status() == demand.StatusOnHold {
		t.Fatal("the row is older than the stay")
	}
	must(t, o.docket.Audit(t.Context(), id))
}

// BenchmarkPass is a pass with 100,000 duties that lie ahead and nothing due.
func BenchmarkPass(b *testing.B) {
	o := build(b)
	o.ahead(100_000)
	k := o.clerk()
	for b.Loop() {
		r, err := k.Pass(b.Context(), o.now)
		if err != nil || r.Done+len(r.Alarms) > 0 {
			b.Fatalf("%v %+v", err, r)
		}
	}
}

// ahead stores duties of clerk and people that fall due in years.
func (o *office) ahead(n int) {
	o.t.Helper()
	for first := 0; first < n; first += 1000 {
		id := demand.ID(fmt.Sprintf("z-%05d", first))
		must(o.t, o.db.Docket().Update(context.Background(), func(ctx context.Context, tx docket.Tx) error {
			var duties []docket.Duty
			for i := range 1000 {
				duties = append(duties, docket.Duty{Token: sha256.Sum256(fmt.Append(nil, first+i)), Clerk: i%2 == 0, Kind: "secrecy.drain", Seat: "clerk",
					Due: o.now.Add(time.Duration(first+i+9000) * time.Hour), Sealed: []byte("about")})
			}
			return errors.Join(tx.Append(ctx, id, 0, []docket.Record{{Seq: 1, Sealed: []byte("r")}}),
				tx.Put(ctx, id, docket.Row{Stream: "demand", Compartment: "elsewhere", Due: docket.Never, Sealed: []byte("row")}, duties, nil))
		}))
	}
}
