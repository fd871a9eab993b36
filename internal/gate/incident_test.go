package gate_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// january is what was compelled after all: the first days of what the grant asks for.
func january(days int) scope.Scope {
	m := gatetest.Mail("acct-a1")
	m.Until = m.From.AddDate(0, 0, days).Add(-time.Second)
	return scopeOf(m)
}

// daily holds one message a day of January, and what of it is which.
func daily(s *gatetest.Store, days int) {
	s.Held, s.Gaps = s.Held[:0:0], nil
	from := gatetest.Mail("acct-a1").From
	for d := range days {
		at := from.AddDate(0, 0, d).Add(8 * time.Hour)
		s.Held = append(s.Held, gatetest.Message("acct-a1", fmt.Sprintf("day-%02d", d+1), at, at, 100+d))
	}
}

// said is a statement about a release, as a test changes it.
func (s *scene) said(g grant.Grant, change func(*grant.Incident)) grant.Incident {
	s.t.Helper()
	st, err := s.gate.Status(ctx, g.Digest().String())
	if err != nil || st.Outcome == nil {
		s.t.Fatal(st, err)
	}
	released, err := grant.ParseDigest(st.Outcome.Release)
	if err != nil {
		s.t.Fatal(err)
	}
	i := grant.Incident{Provider: s.First.Provider, Gate: "gate-1", Demand: g.Demand, Grant: g.Digest(), Release: released, Person: "carla", At: s.Clock.Now().Truncate(time.Second), Reason: "the court narrowed it"}
	change(&i)
	return i
}

func (s *scene) signed(i grant.Incident) grant.Signed {
	s.t.Helper()
	text, err := i.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return grant.Signed{Text: text, Signature: s.Sign(i.Person, signature.Incident, text)}
}

func narrowed(to scope.Scope) func(*grant.Incident) {
	return func(i *grant.Incident) { i.Compelled = to }
}

func (s *scene) read(digest, person string) ([]byte, error) {
	s.t.Helper()
	s.Clock.Add(time.Second) // a word is good once
	d, err := grant.ParseDigest(digest)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := grant.ListRead{Gate: "gate-1", Incident: d, Person: person, At: s.Clock.Now().Truncate(time.Second)}.Bytes()
	if err != nil {
		s.t.Fatal(err)
	}
	return s.readOn(grant.Signed{Text: text, Signature: s.Sign(person, signature.IncidentRead, text)})
}

func (s *scene) readOn(word grant.Signed) ([]byte, error) {
	r, size, err := s.gate.ReadIncident(ctx, word)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err == nil && int64(len(b)) != size {
		s.t.Errorf("%d bytes of %d", len(b), size)
	}
	return b, err
}

// listed gives the ids in a list, and holds it to the digest that was stated.
func (s *scene) listed(in gate.Incident) (ids []string) {
	s.t.Helper()
	b, err := s.read(in.Incident, "carla")
	if err != nil {
		s.t.Fatal(err)
	}
	if sum := sha256.Sum256(b); hex.EncodeToString(sum[:]) != in.List {
		s.t.Error("the list is not the one that was stated")
	}
	for i, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		var row struct{ ID, Statement, SHA256 string }
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			s.t.Fatal(err)
		}
		if i == 0 {
			if !strings.HasPrefix(row.Statement, "counterseal-incident-v1\n") {
				s.t.Errorf("the list does not begin with whose word it rests on: %s", line)
			}
			continue
		}
		ids = append(ids, row.ID)
	}
	return ids
}

func (s *scene) left(g grant.Grant) grant.Grant {
	s.t.Helper()
	if _, err := s.released(g); err != nil {
		s.t.Fatal(err)
	}
	return g
}

func (s *scene) fetchable(want string) {
	s.t.Helper()
	r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err == nil {
		r.Close()
	}
	if problem.Code(err) != want {
		s.t.Errorf("a fetch: %v, want %q", err, want)
	}
}

func TestWhatLeftAndWasNotCompelledIsListedExactlyAndTheDownloadsEnd(t *testing.T) {
	s := newScene(t)
	daily(s.store, 28)
	g := s.left(s.Grant(1))
	s.fetchable("")
	word := s.signed(s.said(g, narrowed(january(27))))
	in, err := s.gate.ReportIncident(ctx, word)
	if err != nil {
		t.Fatal(err)
	}
	if in.Items != 28 || in.Outside != 1 || in.Bytes != 127 || in.Kind != gate.HadLeft || in.Person != "carla" || !in.Kept || !in.Logged {
		t.Fatalf("%+v", in)
	}
	if got := s.listed(in); !slices.Equal(got, []string{"day-28"}) {
		t.Fatalf("the list is %v", got)
	}
	s.fetchable("gate.incident")
	day := gatetest.Mail("acct-a1").From.AddDate(0, 0, 27)
	if diff := cmp.Diff([]gate.Excess{{Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Items: 1, From: day, Until: day}}, in.Whose); diff != "" {
		t.Errorf("whose it was: %s", diff)
	}
	digest, _ := grant.ParseDigest(in.Incident)
	text, err := s.gate.IncidentText(ctx, in.Incident)
	if err != nil || sha256.Sum256(text) != digest || !s.Journal.Holds(digest) || strings.Contains(string(text), "day-28") {
		t.Errorf("the gate's word: %s, %v", text, err)
	}
	if record := s.recorded(); strings.Contains(record, "day-28") || strings.Contains(s.log.all(), "day-") {
		t.Error("an item is named outside the list")
	}
	again, err := s.gate.ReportIncident(ctx, word)
	if err != nil || !cmp.Equal(again, in) {
		t.Errorf("the same word again: %+v, %v", again, err)
	}
	s.reopen()
	s.fetchable("gate.incident")
	if list, err := s.gate.Incidents(ctx); err != nil || len(list) != 1 || !cmp.Equal(list[0], in) {
		t.Errorf("after a start: %+v, %v", list, err)
	}
	if got := s.listed(in); !slices.Equal(got, []string{"day-28"}) {
		t.Errorf("after a start the list is %v", got)
	}
	if _, err := s.released(s.Grant(2)); err != nil {
		t.Errorf("what is compelled is still released: %v", err)
	}
}

// What the package holds of an item is what the list says of it.
func TestTheListHasTheDigestsOfThePackage(t *testing.T) {
	s := newScene(t)
	daily(s.store, 3)
	s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", "large", gatetest.Mail("acct-a1").From, gatetest.Mail("acct-a1").From, 3<<20))
	g := s.left(s.Grant(1))
	in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, func(*grant.Incident) {})))
	if err != nil || in.Outside != 4 {
		t.Fatal(in, err)
	}
	b, err := s.read(in.Incident, "anna")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, it := range s.store.Held {
		h := sha256.New()
		n, _ := io.Copy(h, gatetest.Body(it.ID, int(it.Size)))
		want[it.ID] = fmt.Sprintf("%x %d", h.Sum(nil), n)
	}
	for _, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n"))[1:] {
		var row struct {
			ID, SHA256 string
			Size       int64
		}
		if err := json.Unmarshal(line, &row); err != nil || want[row.ID] != fmt.Sprintf("%s %d", row.SHA256, row.Size) {
			t.Errorf("%s, %v", line, err)
		}
		delete(want, row.ID)
	}
	if len(want) != 0 {
		t.Errorf("not listed: %v", want)
	}
}

// Whatever lies in the store and whatever was compelled: the list is what left, less
// what was compelled.
func TestTheListIsWhatLeftLessWhatWasCompelled(t *testing.T) {
	s := newScene(t)
	from := gatetest.Mail("acct-a1").From
	n := byte(0)
	rapid.Check(t, func(rt *rapid.T) {
		if n == 200 {
			return
		}
		n++
		s.store.Held, s.store.Gaps = nil, nil
		for k := range rapid.IntRange(1, 12).Draw(rt, "items") {
			at := func(name string) time.Time {
				return from.Add(time.Duration(rapid.Int64Range(-86400, 33*86400).Draw(rt, name)) * time.Second)
			}
			s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", fmt.Sprintf("item %d\n\"ø\"", k), at("received"), at("sent"), k))
		}
		g := s.Grant(n)
		out, err := s.released(g)
		if err != nil {
			rt.Fatal(err)
		}
		var sels []scope.Selector
		for range rapid.IntRange(0, 3).Draw(rt, "selectors") {
			m := gatetest.Mail("acct-a1")
			m.From = from.Add(time.Duration(rapid.Int64Range(0, 31*86400).Draw(rt, "from")) * time.Second)
			m.Until = m.From.Add(time.Duration(rapid.Int64Range(0, 31*86400).Draw(rt, "long")) * time.Second)
			m.Basis = rapid.SampledFrom([]scope.Basis{scope.Received, scope.Sent}).Draw(rt, "basis")
			sels = append(sels, m)
		}
		var compelled scope.Scope
		if len(sels) > 0 {
			compelled, err = scope.New(sels...)
			if err != nil {
				rt.Fatal(err)
			}
		}
		var sent, want []string
		var named []grant.ItemName
		for _, it := range s.store.Held {
			gave := g.Scope.Judge(it.Item)
			if gave != scope.Inside && gave != scope.Split {
				continue
			}
			sent = append(sent, it.ID)
			asks := compelled.Judge(it.Item)
			name := rapid.IntRange(0, 9).Draw(rt, "named") == 0
			if name {
				named = append(named, grant.ItemName{Account: it.Account, Service: it.Service, ID: it.ID})
			}
			if name || asks != scope.Inside && asks != scope.Split {
				want = append(want, it.ID)
			}
		}
		in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, func(i *grant.Incident) { i.Compelled, i.Named = compelled, grant.NamedOnce(named) })))
		if len(want) == 0 {
			if problem.Code(err) != "gate.incident_nothing" {
				rt.Fatalf("nothing is beyond it: %v", err)
			}
			return
		}
		if err != nil || in.Items != out.Items || in.Items != int64(len(sent)) || in.Outside != int64(len(want)) {
			rt.Fatalf("%+v, %v; sent %v, want %v", in, err, sent, want)
		}
		var counted int64
		for _, e := range in.Whose {
			counted += e.Items
		}
		if counted != in.Outside {
			rt.Fatalf("%+v are not %d items", in.Whose, in.Outside)
		}
		got := s.listed(in)
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			rt.Fatalf("the list is %q, want %q", got, want)
		}
	})
}

func TestAListNamesThePeopleWhomTheGrantNames(t *testing.T) {
	s := newScene(t)
	at := gatetest.Mail("acct-a1").From
	bea, zoe := gatetest.Message("acct-a1", "bea", at, at, 10), gatetest.Message("acct-a1", "zoe", at, at, 10)
	bea.Participants, zoe.Participants = []string{"bea@lindworm.example"}, []string{"zoe@elsewhere.example"}
	s.store.Held, s.store.Gaps = []source.Item{bea, zoe}, nil
	both, one, third := gatetest.Mail("acct-a1"), gatetest.Mail("acct-a1"), gatetest.Mail("acct-a1")
	both.Participants = []string{"bea@lindworm.example", "zoe@elsewhere.example"}
	one.Participants, third.Participants = both.Participants[:1], []string{"kim@elsewhere.example"}
	g := s.Grant(1)
	g.Scope = scopeOf(both)
	s.left(g)
	if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(scopeOf(third))))); problem.Code(err) != "gate.incident_people" {
		t.Fatal(err)
	}
	in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(scopeOf(one)))))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.listed(in); !slices.Equal(got, []string{"zoe"}) {
		t.Fatal(got)
	}
}

func TestAnIndexEndsWithItsTimeAndComesBackFromNoBackup(t *testing.T) {
	s := newScene(t)
	s.cfg = func(c *gate.Config) { c.Lists = 40 * 24 * time.Hour }
	s.reopen()
	daily(s.store, 3)
	g := s.left(s.Grant(1))
	in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(2)))))
	if err != nil {
		t.Fatal(err)
	}
	keys := func() (names []string) {
		for _, dir := range []string{"lists", "listkeys"} {
			entries, err := os.ReadDir(filepath.Join(s.dir, dir))
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range entries {
				names = append(names, dir+"/"+e.Name())
			}
		}
		return names
	}
	if got := keys(); len(got) != 4 {
		t.Fatalf("kept are %v", got)
	}
	old := s.saved()
	s.Clock.Add(40*24*time.Hour + time.Minute)
	if _, err := s.read(in.Incident, "carla"); problem.Code(err) != "gate.index_ended" {
		t.Errorf("from its second on: %v", err)
	}
	s.reopen() // sweeps
	if got := keys(); len(got) != 0 {
		t.Errorf("left are %v", got)
	}
	s.fetchable("gate.incident")
	if list, err := s.gate.Incidents(ctx); err != nil || len(list) != 1 || list[0].Kept {
		t.Errorf("%+v, %v", list, err)
	}
	// The two folders alone come back, and then all of it.
	for _, dir := range []string{"lists", "listkeys"} {
		if err := os.CopyFS(filepath.Join(s.dir, dir), os.DirFS(filepath.Join(old, dir))); err != nil {
			t.Fatal(err)
		}
	}
	s.reopen()
	if got := keys(); len(got) != 0 {
		t.Errorf("came back: %v", got)
	}
	s.restored(old)
	if got := keys(); len(got) != 0 {
		t.Errorf("came back with the whole folder: %v", got)
	}
}

func TestAnIndexOfARefusedReleaseIsNotKept(t *testing.T) {
	s := newScene(t)
	s.docket.refuse = problem.New(problem.Refused, "release.stayed", "a court stays it")
	if _, err := s.released(s.Grant(1)); problem.Code(err) != "gate.not_permitted" {
		t.Fatal(err)
	}
	for _, dir := range []string{"lists", "listkeys"} {
		if entries, err := os.ReadDir(filepath.Join(s.dir, dir)); err != nil || len(entries) != 0 {
			t.Errorf("%s: %v, %v", dir, entries, err)
		}
	}
}

// A release from before there were indexes, or by hand, has none: the gate says so.
func TestWhatHasNoIndexIsSaid(t *testing.T) {
	s := newScene(t)
	e, files := s.Collected()
	if err := s.brought(e.Collector, e, files); err != nil {
		t.Fatal(err)
	}
	g := s.left(s.HandGrant(1, e))
	if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, func(*grant.Incident) {}))); problem.Code(err) != "gate.index_missing" {
		t.Fatal(err)
	}
}

func TestADownloadUnderWayEndsWithTheIncident(t *testing.T) {
	s := newScene(t)
	daily(s.store, 2)
	at := gatetest.Mail("acct-a1").From
	s.store.Held = append(s.store.Held, gatetest.Message("acct-a1", "large", at, at, 4<<20))
	g := s.left(s.Grant(1))
	r, _, err := s.gate.Fetch(ctx, "g-1", release.PackageFile, "the desk")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := io.CopyN(io.Discard, r, 1<<20); err != nil {
		t.Fatal(err)
	}
	if _, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(1))))); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); problem.Code(err) != "gate.incident" || n > 1<<20 {
		t.Fatal(n, err)
	}
}

func TestWithoutTheJournalTheWordIsNotTakenAndSaysWhatHelps(t *testing.T) {
	s := newScene(t)
	daily(s.store, 3)
	g := s.left(s.Grant(1))
	word := s.signed(s.said(g, narrowed(january(2))))
	s.Journal.Refuse = errJournalDown
	s.reopen()
	if _, err := s.gate.ReportIncident(ctx, word); problem.Code(err) != "gate.ledger_unavailable" || !strings.Contains(problem.Of(err).Remedy, "stop --grant g-1") {
		t.Fatal(err)
	}
}
