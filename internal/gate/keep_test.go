package gate_test

import (
	"archive/tar"
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

const day = 24 * time.Hour

// keep goes the whole way with one approver.
func (s *scene) keep(g grant.Grant) (gate.Copy, error) {
	if err := errorsOf(s.offered(g), s.approved(g, "anna")); err != nil {
		return gate.Copy{}, err
	}
	if _, err := s.gate.InForce(ctx, s.InForce("carla", g)); err != nil {
		return gate.Copy{}, err
	}
	return s.gate.Keep(ctx, g.Digest().String())
}

// kept makes a copy and gives what the gate stated about it.
func (s *scene) kept(n byte) (gate.Copy, grant.Kept) {
	s.t.Helper()
	c, err := s.keep(s.KeepGrant(n))
	if err != nil {
		s.t.Fatalf("%v\n%s", err, s.log.all())
	}
	return c, s.statedOf(c)
}

func (s *scene) statedOf(c gate.Copy) grant.Kept {
	s.t.Helper()
	text, err := s.gate.CopyText(ctx, c.Copy)
	if err != nil {
		s.t.Fatal(err)
	}
	k, err := grant.ParseKept(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return k
}

// files lists what lies in the folders of copies and of their keys.
func (s *scene) files() (data, keys int) {
	s.t.Helper()
	d, err1 := filepath.Glob(filepath.Join(s.dir, "copies", "*", "copy.age"))
	k, err2 := filepath.Glob(filepath.Join(s.dir, "copykeys", "*"))
	if err := errorsOf(err1, err2); err != nil {
		s.t.Fatal(err)
	}
	return len(d), len(k)
}

func (s *scene) aCopyOf(want gate.CopyState) gate.Copy {
	s.t.Helper()
	list, err := s.gate.Copies(ctx)
	if err != nil || len(list) != 1 || list[0].State != want {
		s.t.Fatalf("%+v, %v; want %s\n%s", list, err, want, s.log.all())
	}
	return list[0]
}

func TestACopyIsMadeByOneApprovalAndGivesWhatTheCustomerHasDeletedSince(t *testing.T) {
	s := newScene(t)
	g := s.KeepGrant(1)
	if !strings.Contains(string(must(g.Bytes())), "\nwhat-happens: the gate copies what is listed under collect") {
		t.Errorf("the approver is not told:\n%s", must(g.Bytes()))
	}
	c, k := s.kept(1)
	if c.State != gate.CopyKept || c.Items != 4 || c.Withheld != 3 || c.Demand != "k7wq-93" || !c.Until.Equal(s.Clock.Now().Add(60*day)) || len(s.out()) != 0 || s.docket.asked != 0 || s.docket.keeps != 1 {
		t.Fatalf("%+v; visible %v, docket asked %d times", c, s.out(), s.docket.asked)
	}
	if again, err := s.gate.Keep(ctx, "g-1"); err != nil || again.Copy != c.Copy || s.store.Asked() != 1 {
		t.Fatalf("again: %+v, %v", again, err)
	}
	st, err := s.gate.Status(ctx, "g-1")
	if err != nil || st.State != gate.Kept || st.Copy != c.Copy || st.Purpose != "keep" || st.Outcome != nil {
		t.Fatalf("%+v, %v", st, err)
	}
	s.store.Held, s.store.Gaps = nil, nil // the customer deletes everything
	s.Clock.Add(40 * day)
	s.reopen()
	out, err := s.released(s.CopyGrant(2, k))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.log.all())
	}
	r := s.verified("k7wq-93_g-2", s.Agency)
	if !r.Complete || r.Items != 4 || out.Items != 4 || out.Withheld != 3 || s.store.Asked() != 1 {
		t.Fatalf("report %+v, outcome %+v; the store was asked %d times", r, out, s.store.Asked())
	}
	if got := s.aCopyOf(gate.CopyKept); len(got.Opened) != 1 || got.Opened[0] != "g-2" {
		t.Errorf("%+v", got)
	}
}

// What is taken from a copy is, byte for byte, what the store would have given then.
func TestAPackageFromACopyHoldsWhatOneFromTheStoreWouldHaveHeld(t *testing.T) {
	s := newScene(t)
	_, k := s.kept(1)
	if _, err := s.released(s.Grant(2)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.released(s.CopyGrant(3, k)); err != nil {
		t.Fatal(err)
	}
	store, kept := payload(t, s, "k7wq-93_g-2"), payload(t, s, "k7wq-93_g-3")
	if len(store) != 4 || len(kept) != 4 {
		t.Fatalf("%d and %d items", len(store), len(kept))
	}
	for name, b := range store {
		if !bytes.Equal(kept[name], b) {
			t.Errorf("%s differs", name)
		}
	}
	for name, want := range map[string]int{"g-2": 0, "g-3": 1} {
		custody := bag(t, s, "k7wq-93_"+name)["custody.jsonld"]
		if got := bytes.Count(custody, []byte("made the copy from which this package is taken")); got != want {
			t.Errorf("%s says %d times that it comes from a copy", name, got)
		}
		if want > 0 && !bytes.Contains(custody, []byte("copied on 5 April 2031 09:00:00 UTC")) {
			t.Errorf("the package does not say of when the copy is:\n%s", custody)
		}
	}
}

func TestAReleaseTakesAPartOfACopyAndNothingElse(t *testing.T) {
	s := newScene(t)
	_, k := s.kept(1)
	g := s.CopyGrant(2, k)
	narrow := g.Scope.Selectors()[0]
	narrow.Until = time.Date(2031, 1, 10, 9, 30, 0, 0, time.UTC)
	g.Scope = scopeOf(narrow)
	out, err := s.released(g)
	if err != nil || out.Items != 3 { // at 8:00 two, at 9:00 one
		t.Fatalf("%+v, %v", out, err)
	}
}

func TestNothingServesACopy(t *testing.T) {
	s := newScene(t)
	c, _ := s.kept(1)
	for _, name := range append(release.Files[:], "copy.age", "copy.txt", "../copies") {
		if _, _, err := s.gate.Fetch(ctx, "g-1", name, "the desk"); err == nil {
			t.Errorf("%s was served", name)
		}
	}
	id := s.KeepGrant(1).Digest().String()
	data, err := os.ReadFile(filepath.Join(s.dir, "copies", id, "copy.age"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := os.ReadFile(filepath.Join(s.dir, "copykeys", id))
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"in-acct-a1", "lindworm", "AGE-SECRET-KEY"} {
		if bytes.Contains(data, []byte(plain)) || bytes.Contains(key, []byte(plain)) {
			t.Errorf("%q lies open in the folder", plain)
		}
	}
	if _, err := age.Decrypt(bytes.NewReader(data), s.Agency); err == nil {
		t.Error("the agency's key opens it")
	}
	if text, err := s.gate.CopyText(ctx, c.Copy); err != nil || bytes.Contains(text, []byte("in-acct")) {
		t.Errorf("the statement names items: %s, %v", text, err)
	}
}

func TestACopysKeyIsDestroyedAtItsEndAndTheJournalIsTold(t *testing.T) {
	s := newScene(t)
	c, k := s.kept(1)
	s.Clock.Add(60*day - time.Second)
	if data, keys := s.files(); s.aCopyOf(gate.CopyKept).State != gate.CopyKept || data != 1 || keys != 1 {
		t.Fatal("destroyed before its end")
	}
	s.Clock.Add(time.Second)
	size := s.Journal.Size()
	got := s.aCopyOf(gate.CopyEnded)
	if data, keys := s.files(); data != 0 || keys != 0 || got.Why != "expired" || !got.Ended.Equal(s.Clock.Now()) {
		t.Fatalf("data %d, keys %d, %+v", data, keys, got)
	}
	if s.Journal.Size() < size+2 { // the counter, and the end itself
		t.Errorf("the journal grew by %d", s.Journal.Size()-size)
	}
	if _, err := s.gate.Keep(ctx, "g-1"); err != nil {
		t.Error(err) // what was made is told, with its end
	}
	s.reopen()
	s.aCopyOf(gate.CopyEnded)
	if _, err := s.released(s.CopyGrant(2, k)); problem.Code(err) != "gate.copy_ended" {
		t.Error(err)
	}
	if text, err := s.gate.CopyText(ctx, c.Copy); err != nil || len(text) == 0 {
		t.Error("what was said of it is gone too", err)
	}
	if strings.Contains(s.log.all(), "acct-") {
		t.Errorf("the log holds names:\n%s", s.log.all())
	}
}

func TestARenewalMovesTheEndWithinThePolicyAndNoFurther(t *testing.T) {
	s := newScene(t)
	c, k := s.kept(1)
	until := s.Clock.Now().Add(60 * day)
	for n := byte(2); ; n++ {
		s.Clock.Add(30 * day)
		next := s.Clock.Now().Add(90 * day)
		got, err := s.keep(s.LongerGrant(n, k, next))
		if next.After(k.At.Add(180 * day)) {
			if problem.Code(err) != "gate.copy_too_long" {
				t.Fatal(err)
			}
			break
		}
		if err != nil || !got.Until.Equal(next) || got.LastBy == "g-1" || got.Copy != c.Copy {
			t.Fatalf("%+v, %v", got, err)
		}
		until = next
	}
	s.reopen()
	if got := s.aCopyOf(gate.CopyKept); !got.Until.Equal(until) || s.store.Asked() != 1 {
		t.Errorf("%+v; the store was asked %d times", got, s.store.Asked())
	}
	s.Clock.Add(until.Sub(s.Clock.Now()))
	s.aCopyOf(gate.CopyEnded)
}

func TestAPersonsStopOfACopyDestroysItAndOtherStopsKeepIt(t *testing.T) {
	s := newScene(t)
	c, k := s.kept(1)
	for _, reach := range []string{"demand k7wq-93", "grant g-1", "account acct-a1", "everything"} {
		if err := stopBy("dan", reach)(s); err != nil {
			t.Fatal(err)
		}
	}
	s.aCopyOf(gate.CopyKept) // a stay must not destroy what a court may still order produced
	if _, err := s.released(s.CopyGrant(2, k)); problem.Code(err) != "gate.stopped" {
		t.Fatal(err)
	}
	if err := stopBy("outsider", "copy "+c.Copy)(s); problem.Code(err) != "stop.not_on_roster" {
		t.Fatal(err)
	}
	if err := stopBy("frida", "copy "+c.Copy)(s); err != nil {
		t.Fatal(err)
	}
	if data, keys := s.files(); data != 0 || keys != 0 {
		t.Fatalf("data %d, keys %d when the stop returned", data, keys)
	}
	if got := s.aCopyOf(gate.CopyEnded); got.Why != "stopped" {
		t.Errorf("%+v", got)
	}
}

func TestAnItemThatItsStoreCannotGiveIsListedAndNotKept(t *testing.T) {
	s := newScene(t)
	s.store.Held[1].Open = func() (io.ReadCloser, error) { return nil, errUnread }
	s.store.Held[2].Open = func() (io.ReadCloser, error) {
		return io.NopCloser(io.MultiReader(strings.NewReader("the beginning"), failing{errUnread})), nil
	}
	c, k := s.kept(1)
	if c.Items != 2 || c.Withheld != 5 {
		t.Fatalf("%+v", c)
	}
	s.store.Held = nil
	out, err := s.released(s.CopyGrant(2, k))
	if err != nil || out.Items != 2 || out.Withheld != 5 {
		t.Fatalf("%+v, %v", out, err)
	}
	s.verified("k7wq-93_g-2", s.Agency)
}

func TestWhereTheJournalsTimeDisagreesNothingIsDestroyedAndNothingOpened(t *testing.T) {
	s := newScene(t)
	_, k := s.kept(1)
	s.Clock.Add(61 * day) // the gate's clock has jumped
	s.Journal.Tick = func(at time.Time) time.Time { return at.Add(-61 * day) }
	if got := s.aCopyOf(gate.CopyDue); got.Until.After(s.Clock.Now()) {
		t.Errorf("%+v", got)
	}
	if data, keys := s.files(); data != 1 || keys != 1 {
		t.Fatalf("data %d, keys %d", data, keys)
	}
	if _, err := s.released(s.CopyGrant(2, k)); problem.Code(err) != "gate.copy_ended" {
		t.Error(err)
	}
	s.Journal.Tick = nil
	s.aCopyOf(gate.CopyEnded)
}

func TestWithoutTheJournalACopyThatIsDueWaitsAndCannotBeOpened(t *testing.T) {
	s := newScene(t)
	s.cfg = hasty
	s.reopen()
	s.kept(1)
	s.Clock.Add(60 * day)
	s.Journal.Refuse = errJournalDown
	s.aCopyOf(gate.CopyDue)
	s.Journal.Refuse = nil
	s.aCopyOf(gate.CopyEnded)
}

var (
	errUnread      = problem.New(problem.Unavailable, "source.unreadable", "the store cannot read this item")
	errJournalDown = problem.New(problem.Unavailable, "ledger.down", "the journal is down")
)

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// bag is everything in a visible package, by its path below the bag's folder.
func bag(t *testing.T, s *scene, name string) map[string][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join(s.dir, "out", name, release.PackageFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	plain, err := age.Decrypt(f, s.Agency)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(plain); ; {
		h, err := r.Next()
		if err == io.EOF {
			return out
		}
		b, rerr := io.ReadAll(r)
		if err := errorsOf(err, rerr); err != nil {
			t.Fatal(err)
		}
		_, path, _ := strings.Cut(h.Name, "/")
		out[path] = b
	}
}

func payload(t *testing.T, s *scene, name string) map[string][]byte {
	t.Helper()
	out := bag(t, s, name)
	maps.DeleteFunc(out, func(path string, _ []byte) bool { return !strings.HasPrefix(path, "data/acct") })
	return out
}

// Nothing of a copy that was not made is left, neither its data nor its key, and not
// only after a restart.
func TestARefusedCopyLeavesNothing(t *testing.T) {
	s := newScene(t)
	s.docket.refuse = problem.New(problem.Refused, "demand.closed", "it is closed")
	if _, err := s.keep(s.KeepGrant(1)); problem.Code(err) != "gate.not_permitted" {
		t.Fatal(err)
	}
	if data, keys := s.files(); data != 0 || keys != 0 || s.staging() != 0 {
		t.Errorf("data %d, keys %d, staging %d", data, keys, s.staging())
	}
	if list, err := s.gate.Copies(ctx); err != nil || len(list) != 0 {
		t.Errorf("%+v, %v", list, err)
	}
}

// What no copy could say again is not kept under another name: it is listed.
func TestAnItemWithANameThatIsNoTextIsListedAndNotKept(t *testing.T) {
	s := newScene(t)
	s.store.Held[0].ID = ""
	s.store.Held[1].ID = "m-\xff"
	s.store.Held[2].Name = "a\xff.eml"
	c, k := s.kept(1)
	if c.Items != 1 || c.Withheld != 6 {
		t.Fatalf("%+v", c)
	}
	if out, err := s.released(s.CopyGrant(2, k)); err != nil || out.Items != 1 || out.Withheld != 6 {
		t.Fatalf("%+v, %v", out, err)
	}
	s.verified("k7wq-93_g-2", s.Agency)
}

// A copy that a store broke off can be tried again as often as it takes.
func TestACopyThatAStoreBrokeOffDoesNotCountAmongTheDays(t *testing.T) {
	s := newScene(t)
	s.store.Fail = gatetest.Broken()
	for n := range byte(gate.CopiesPerDay + 1) {
		if _, err := s.keep(s.KeepGrant(n + 1)); problem.Code(err) != "gate.incomplete" {
			t.Fatal(err)
		}
	}
	s.store.Fail = nil
	for n := range byte(gate.CopiesPerDay) {
		if _, err := s.keep(s.KeepGrant(n + 50)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.keep(s.KeepGrant(99)); problem.Code(err) != "gate.copies" {
		t.Fatal(err)
	}
	s.Clock.Add(24*time.Hour + time.Second)
	if _, err := s.keep(s.KeepGrant(100)); err != nil {
		t.Fatal(err)
	}
}
