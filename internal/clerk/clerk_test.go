package clerk_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/blob"
	"counterseal/internal/clerk"
	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/keys"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/store/sqlite"
)

var start = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// office is a clerk on a real docket, with a composer and a notifier that the
// test looks at.
type office struct {
	t      testing.TB
	docket *docket.Docket
	config clerk.Config
	post   *post
	db     *sqlite.DB
	now    time.Time
	n      int
}

type journal struct{ sqlite.Ledger }

func (j journal) Published(ctx context.Context) (ordinary, emergency uint64, err error) {
	n, err := j.Size(ctx, ledger.InJournal)
	return n, n, err
}

// post composes and delivers, and remembers.
type post struct {
	mu        sync.Mutex
	delivered map[string]int // by letter id: how often it went out
	letters   []clerk.Letter
	asked     int
	composing func(docket.Case)
	failure   func(clerk.Letter) error
}

func (p *post) Compose(_ context.Context, c docket.Case, l clerk.Letter) ([]byte, error) {
	if p.composing != nil {
		p.composing(c)
	}
	return []byte("to " + l.To + " of " + string(l.Account) + " " + l.ID), nil
}

func (p *post) Deliver(_ context.Context, l clerk.Letter) (before bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked++
	if p.failure != nil {
		if err := p.failure(l); err != nil {
			return false, err
		}
	}
	if p.delivered[l.ID] > 0 { // idempotent, as the interface asks
		return true, nil
	}
	p.delivered[l.ID]++
	p.letters = append(p.letters, l)
	return false, nil
}

func build(t testing.TB) *office {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"keys", "blobs"} {
		must(t, os.Mkdir(filepath.Join(dir, name), 0o700))
	}
	db, err := sqlite.Open(t.Context(), filepath.Join(dir, "s.db"))
	must(t, err)
	t.Cleanup(func() { db.Close() })
	folder, err := keys.Open(filepath.Join(dir, "keys"), rand.Reader, time.Now)
	must(t, err)
	t.Cleanup(func() { folder.Close() })
	blobs, err := blob.Open(filepath.Join(dir, "blobs"))
	must(t, err)
	o := &office{t: t, db: db, now: start, post: &post{delivered: map[string]int{}}}
	quiet := slog.New(slog.DiscardHandler)
	o.docket, err = docket.New(t.Context(), docket.Config{Store: db.Docket(), Keys: folder, Originals: blobs, Journal: journal{db.Ledger()},
		Clock: func() time.Time { return o.now }, Steady: func() time.Duration { return o.now.Sub(start) }, Rand: rand.Reader,
		Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 1}, Log: quiet,
		Fields: func(demand.Receive) (proof.Fields, error) { return proof.Fields{Class: proof.ClassOrdinary}, nil }})
	must(t, err)
	o.config = clerk.Config{Docket: o.docket, Composer: o.post, Notifier: o.post, Rand: rand.Reader, Log: quiet}
	return o
}

func (o *office) clerk() *clerk.Clerk {
	o.t.Helper()
	k, err := clerk.New(o.config)
	must(o.t, err)
	return k
}

func (o *office) do(id demand.ID, by demand.Person, c demand.Command) docket.Result {
	o.t.Helper()
	o.n++
	s := sha256.Sum256([]byte(fmt.Sprint("act ", o.n)))
	r, err := o.docket.Do(context.Background(), docket.Act{ID: id, CommandID: [16]byte(s[:]), Actor: by, Seats: []string{"counsel"}, Reason: "so", Command: c})
	must(o.t, err)
	return r
}

// received is a demand for n accounts; told walks it until their holders may be told.
func (o *office) received(name string, n int) demand.ID {
	o.t.Helper()
	r := demand.Receive{Instrument: demand.Instrument{Kind: "us.warrant", Title: "Warrant", Agency: "agency-north", Due: start.Add(30 * 24 * time.Hour)}}
	for i := range n {
		r.Targets = append(r.Targets, demand.StatedTarget{No: i + 1, Kind: "account", Stated: fmt.Sprintf("acc-%d", i)})
		r.Lines = append(r.Lines, demand.StatedLine{No: i + 1, Target: i + 1, Service: scope.Mail, Category: scope.Content,
			From: start.Add(-90 * 24 * time.Hour), Until: start.Add(-24 * time.Hour), Basis: scope.Received})
	}
	a, err := o.docket.Submit(o.t.Context(), docket.Submission{Channel: "api", Key: sha256.Sum256([]byte(name)), Original: []byte(name), By: "door", Receive: r})
	must(o.t, err)
	return a.ID
}

func (o *office) told(name string, n int) demand.ID {
	o.t.Helper()
	id := o.walked(name, n)
	o.do(id, "carl", demand.StateSecrecy{None: true})
	return id
}

// walked leads a demand to the decision to give everything.
func (o *office) walked(name string, n int) demand.ID {
	o.t.Helper()
	id := o.received(name, n)
	o.do(id, "ann", demand.Authenticate{Genuine: true, How: "called"})
	for i := range n {
		r := o.do(id, "ann", demand.Resolve{Target: i + 1, Accounts: []scope.AccountID{scope.AccountID(fmt.Sprintf("acc-%d", i))}})
		o.do(id, "ben", demand.Check{Target: i + 1, Resolution: r.Last})
	}
	for i := range n {
		o.do(id, "ben", demand.DecideLine{Line: i + 1, Decision: demand.Comply})
	}
	return id
}

func (o *office) notices(id demand.ID) int {
	o.t.Helper()
	c, err := o.docket.State(o.t.Context(), id)
	must(o.t, err)
	return len(c.State.Notices)
}

func TestEveryHolderIsToldOnceAndItIsRecorded(t *testing.T) {
	o := build(t)
	a, b := o.told("a", 3), o.told("b", 1)
	k := o.clerk()
	for range 3 {
		_, err := k.Pass(t.Context(), o.now)
		must(t, err)
	}
	if o.notices(a) != 3 || o.notices(b) != 1 || len(o.post.delivered) != 4 || o.post.asked != 4 {
		t.Fatalf("%d and %d recorded, %v delivered, %d asked", o.notices(a), o.notices(b), o.post.delivered, o.post.asked)
	}
	must(t, o.docket.Audit(t.Context(), a))
}

func TestACrashBetweenDeliveryAndRecordingRepeatsTheSameLetter(t *testing.T) {
	o := build(t)
	id := o.told("a", 2)
	crash := &crashing{Docket: o.docket}
	o.config.Docket = crash
	_, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	if o.notices(id) != 0 || len(o.post.delivered) != 2 {
		t.Fatal("the crash did not strike between")
	}
	o.config.Docket = o.docket
	o.now = o.now.Add(2 * time.Minute)
	r, err := o.clerk().Pass(t.Context(), o.now) // another clerk, after the process has come back
	must(t, err)
	if r.Done != 2 || o.notices(id) != 2 || len(o.post.delivered) != 2 {
		t.Fatalf("%+v, %d recorded, %v", r, o.notices(id), o.post.delivered)
	}
}

// crashing loses every act.
type crashing struct{ *docket.Docket }

func (crashing) Do(context.Context, docket.Act) (docket.Result, error) {
	return docket.Result{}, problem.New(problem.Unavailable, "store.unavailable", "gone")
}

func TestADutyThatAClerkHeldWhenItDiedIsDoneByAnother(t *testing.T) {
	o := build(t)
	id := o.told("a", 1)
	due, err := o.docket.Claim(t.Context(), docket.Claim{Holder: [16]byte{1}, Now: o.now, Until: o.now.Add(5 * time.Minute), Limit: 5})
	must(t, err)
	if len(due) != 1 {
		t.Fatal("nothing to hold")
	}
	k := o.clerk()
	_, err = k.Pass(t.Context(), o.now)
	must(t, err)
	if o.notices(id) != 0 {
		t.Fatal("a held duty was done by another")
	}
	o.now = o.now.Add(5 * time.Minute)
	_, err = k.Pass(t.Context(), o.now)
	must(t, err)
	if o.notices(id) != 1 {
		t.Fatal("a duty was forgotten")
	}
}

func TestAFailedDeliveryIsEscalatedTriedAgainAndHoldsUpNoOther(t *testing.T) {
	o := build(t)
	id := o.told("a", 3)
	o.post.failure = func(l clerk.Letter) error {
		if l.Account == "acc-2" { // the last one
			return errors.New("mail host says no to acc-2")
		}
		return nil
	}
	k := o.clerk()
	r, err := k.Pass(t.Context(), o.now)
	must(t, err)
	failed := failures(r)
	if r.Done != 2 || len(failed) != 1 || failed[0].About != "acc-2" || failed[0].ID != id || strings.Contains(failed[0].Problem.Error(), "acc-2") {
		t.Fatalf("%+v", r)
	}
	r, err = k.Pass(t.Context(), o.now)
	must(t, err)
	if len(failures(r)) != 0 {
		t.Fatal("tried again without a pause")
	}
	for n := range 6 { // pauses double, and end
		o.now = o.now.Add(time.Hour)
		r, err = k.Pass(t.Context(), o.now)
		must(t, err)
		if f := failures(r); len(f) != 1 || f[0].Tries != n+2 || f[0].Late <= 0 {
			t.Fatalf("round %d: %+v", n, r)
		}
	}
	o.post.failure = nil
	o.now = o.now.Add(time.Hour)
	_, err = k.Pass(t.Context(), o.now)
	must(t, err)
	if o.notices(id) != 3 {
		t.Fatal("it was forgotten")
	}
}

func failures(r clerk.Report) (out []clerk.Alarm) {
	for _, a := range r.Alarms {
		if a.Problem != nil {
			out = append(out, a)
		}
	}
	return out
}

func TestSecrecyThatIsRecordedWhileALetterIsWrittenHoldsItBack(t *testing.T) {
	o := build(t)
	id := o.told("a", 1)
	o.post.composing = func(docket.Case) {
		o.secrecy(start.Add(365*24*time.Hour), id)
	}
	r, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	if f := failures(r); o.post.asked != 0 || len(f) != 1 || f[0].Problem.Code != "secrecy.in_force" {
		t.Fatalf("%+v", r)
	}
}

func TestSecrecyThatComesTooLateForALetterIsEscalated(t *testing.T) {
	o := build(t)
	id := o.told("a", 1)
	o.post.failure = func(clerk.Letter) error {
		o.secrecy(start.Add(365*24*time.Hour), id)
		return nil
	}
	r, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	if f := failures(r); len(f) != 1 || f[0].Problem.Code != "clerk.unrecorded" {
		t.Fatalf("%+v", r)
	}
}

func TestWithoutASoundClockNothingIsDeliveredAndPeopleAreStillReminded(t *testing.T) {
	o := build(t)
	o.told("a", 1)
	o.received("b", 1)
	o.now = o.now.Add(60 * 24 * time.Hour)
	r, err := o.clerk().Pass(t.Context(), o.now)
	if problem.Code(err) != "clerk.clock" || o.post.asked != 0 || len(r.Alarms) == 0 || len(failures(r)) != 0 {
		t.Fatalf("%v %+v", err, r)
	}
}

func TestPeopleAreRemindedBeforeTheTimeAndAfter(t *testing.T) {
	o := build(t)
	id := o.received("a", 2)
	k := o.clerk()
	type reminder struct {
		About, Kind, Seat string
		Late              time.Duration
	}
	at := func(since time.Duration) (out []reminder) {
		o.now = start.Add(since)
		must(t, o.docket.TrustClock(t.Context()))
		r, err := k.Pass(t.Context(), o.now)
		must(t, err)
		for _, a := range r.Alarms {
			if a.ID != id || a.Problem != nil {
				t.Fatalf("%+v", a)
			}
			out = append(out, reminder{a.About, a.Kind, a.Seat, a.Late})
		}
		return out
	}
	due := 30 * 24 * time.Hour
	if got := at(due - 25*time.Hour); len(got) != 0 {
		t.Fatalf("too early: %+v", got)
	}
	for _, late := range []time.Duration{-24 * time.Hour, 3 * time.Hour} {
		got := at(due + late)
		if len(got) == 2 && got[0].About > got[1].About {
			got[0], got[1] = got[1], got[0]
		}
		if diff := cmp.Diff([]reminder{{"line 1", "decide", "reviewer", late}, {"line 2", "decide", "reviewer", late}}, got); diff != "" {
			t.Fatal(diff)
		}
	}
}

func TestTwoClerksNeverDoOneDutyTwice(t *testing.T) {
	o := build(t)
	id := o.told("a", 12)
	o.config.Batch = 2
	var all sync.WaitGroup
	for range 4 {
		k := o.clerk()
		all.Go(func() {
			for range 6 {
				r, err := k.Pass(context.Background(), o.now)
				if err != nil || len(failures(r)) > 0 {
					t.Errorf("%v %+v", err, failures(r))
				}
			}
		})
	}
	all.Wait()
	if o.post.asked != 12 || o.notices(id) != 12 {
		t.Fatalf("%d deliveries, %d recorded, want 12", o.post.asked, o.notices(id))
	}
}

func TestAPassIsBoundedAndSaysThatThereIsMore(t *testing.T) {
	o := build(t)
	id := o.told("a", 5)
	o.config.Batch, o.config.Most = 2, 2
	k := o.clerk()
	for _, want := range []struct {
		done int
		more bool
	}{{2, true}, {2, true}, {1, false}} {
		r, err := k.Pass(t.Context(), o.now)
		must(t, err)
		if r.Done != want.done || r.More != want.more {
			t.Fatalf("%+v, want %+v", r, want)
		}
	}
	if o.notices(id) != 5 {
		t.Fatal("not all")
	}
}

func TestADutyWithoutARuleOrThatCannotBeOpenedIsEscalated(t *testing.T) {
	o := build(t)
	tampered := problem.New(problem.Unverified, "docket.tampered", "changed")
	o.config.Docket = odd{o.docket, []docket.Due{{ID: "bbbb-22", Kind: "dance"}, {ID: "cccc-22", Kind: "notice.send", Problem: tampered}}}
	r, err := o.clerk().Pass(t.Context(), o.now)
	must(t, err)
	var codes []string
	for _, f := range failures(r) {
		codes = append(codes, f.Problem.Code)
	}
	if diff := cmp.Diff([]string{"clerk.duty", "docket.tampered"}, codes); diff != "" || o.post.asked != 0 {
		t.Fatal(diff)
	}
}

type odd struct {
	*docket.Docket
	due []docket.Due
}

func (o odd) Claim(_ context.Context, c docket.Claim) ([]docket.Due, error) {
	if c.Kind != "" {
		return nil, nil
	}
	return o.due, nil
}

func TestWithoutRandomnessThereIsNoClerk(t *testing.T) {
	_, err := clerk.New(clerk.Config{Rand: strings.NewReader("short")})
	if problem.Code(err) != "clerk.randomness" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("got %v", err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
