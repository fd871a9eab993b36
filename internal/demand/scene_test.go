package demand_test

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// A scene is a history written down event by event, without asking Decide, so
// that a test can build states that no command would make.
type scene struct {
	steps []step
	env   demand.Env
	seq   map[string]demand.Seq
}

type step struct {
	name  string
	by    demand.Person
	at    time.Time
	event func(seq map[string]demand.Seq) demand.Event
}

var (
	start   = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	later   = start.Add(10 * 24 * time.Hour)
	names   = []scope.AccountID{"acc-one", "acc-two", "acc-three"}
	april   = time.Date(2013, 4, 1, 0, 0, 0, 0, time.UTC)
	endMay  = time.Date(2013, 5, 31, 23, 59, 59, 0, time.UTC)
	digestG = demand.Digest(sha256.Sum256([]byte("grant")))
	digestR = demand.Digest(sha256.Sum256([]byte("release")))
	digestO = demand.Digest(sha256.Sum256([]byte("original")))
)

func sel(a scope.AccountID, from, until time.Time) scope.Selector {
	return scope.Selector{Account: a, Service: scope.Mail, Category: scope.Content, From: from, Until: until, Basis: scope.Received}
}

func part(sels ...scope.Selector) scope.Scope {
	s, err := scope.New(sels...)
	if err != nil {
		panic(err)
	}
	return s
}

func whole(accounts ...scope.AccountID) scope.Scope {
	var sels []scope.Selector
	for _, a := range accounts {
		sels = append(sels, sel(a, april, endMay))
	}
	return part(sels...)
}

func received() demand.Received {
	r := demand.Received{Channel: "portal", Original: digestO, Facts: []byte{1, 0},
		Instrument: demand.Instrument{Kind: "us.warrant", Title: "Search warrant", Number: "26-mj-1", Agency: "agency-7"}}
	for i := range names {
		r.Targets = append(r.Targets, demand.StatedTarget{No: i + 1, Kind: "address", Stated: fmt.Sprintf("p%d@example.com", i+1)})
		r.Lines = append(r.Lines, demand.StatedLine{No: i + 1, Target: i + 1, Service: scope.Mail, Category: scope.Content,
			From: april, Until: endMay, Basis: scope.Received})
	}
	return r
}

func plain(e demand.Event) func(map[string]demand.Seq) demand.Event {
	return func(map[string]demand.Seq) demand.Event { return e }
}

// ready is a demand of three targets whose grant may be released at later.
func ready() *scene {
	sc := &scene{env: demand.Env{Now: later, Actor: "gate-1", ClockSane: true, Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 2}}}
	sc.add("received", "door", plain(received()))
	sc.add("authentic", "ann", plain(demand.Authenticated{Genuine: true, How: "call to the registry"}))
	sc.add("assessed", "ann", func(q map[string]demand.Seq) demand.Event {
		return demand.Assessed{Packs: "p1", Facts: q["received"], Findings: []demand.Finding{
			{Rule: "us.one", Outcome: "holds", Severity: "blocking"},
			{Rule: "us.ask", Outcome: "ask", Severity: "blocking", Missing: []string{"signed"}},
			{Rule: "us.warn", Outcome: "violated", Severity: "warning"},
			{Rule: "us.last", Outcome: "violated", Severity: "blocking"}}}
	})
	sc.add("answer", "carl", plain(demand.Answered{Rule: "us.last"}))
	sc.add("second answer", "pia", plain(demand.Answered{Rule: "us.last"}))
	for i, a := range names {
		resolve := fmt.Sprintf("resolve %d", i+1)
		sc.add(resolve, "ann", plain(demand.Resolved{Target: i + 1, Accounts: []scope.AccountID{a}}))
		sc.add(fmt.Sprintf("check %d", i+1), "bob", func(q map[string]demand.Seq) demand.Event {
			return demand.Checked{Target: i + 1, Resolution: q[resolve]}
		})
	}
	for i, a := range names {
		sc.add(fmt.Sprintf("decide %d", i+1), "carl", plain(demand.LineDecided{Line: i + 1, Decision: demand.Comply, Part: whole(a).Lines()}))
	}
	sc.add("secrecy", "carl", plain(demand.SecrecyStated{None: true}))
	for i, a := range names {
		sc.add(fmt.Sprintf("notice %d", i+1), "clerk", plain(demand.NoticeSent{Account: a, Letter: "letter", To: demand.Holder}))
	}
	sc.add("grant", "ann", plain(demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole(names...).Lines(), Region: "iad",
		Recipient: "officer", Expires: later.Add(24 * time.Hour)}))
	sc.add("approval 1", "gate-1", plain(demand.ApprovalSeen{Grant: "g1", Person: "bob"}))
	sc.add("approval 2", "gate-1", plain(demand.ApprovalSeen{Grant: "g1", Person: "dan"}))
	return sc
}

// done is a demand of which everything has been released.
func done() *scene {
	sc := ready()
	sc.add("permit", "gate-1", plain(demand.ReleasePermitted{Grant: "g1", Release: digestR, Items: 3}))
	sc.add("end", "gate-1", plain(demand.ReleaseEnded{Grant: "g1", Outcome: demand.Released}))
	return sc
}

func (sc *scene) add(name string, by demand.Person, e func(map[string]demand.Seq) demand.Event) *scene {
	sc.steps = append(sc.steps, step{name, by, start, e})
	return sc
}

func (sc *scene) then(e demand.Event) *scene { return sc.add("", "zoe", plain(e)) }

func (sc *scene) drop(names ...string) *scene {
	sc.steps = slices.DeleteFunc(sc.steps, func(s step) bool { return slices.Contains(names, s.name) })
	return sc
}

func (sc *scene) change(name string, e demand.Event) *scene {
	sc.step(name).event = plain(e)
	return sc
}

func (sc *scene) by(name string, p demand.Person) *scene {
	sc.step(name).by = p
	return sc
}

func (sc *scene) step(name string) *step {
	i := slices.IndexFunc(sc.steps, func(s step) bool { return s.name == name })
	return &sc.steps[i]
}

func (sc *scene) history() []demand.Recorded {
	var out []demand.Recorded
	sc.seq = map[string]demand.Seq{}
	for i, st := range sc.steps {
		seq := demand.Seq(i + 1)
		sc.seq[st.name] = seq
		out = append(out, demand.Recorded{Meta: demand.Meta{Seq: seq, At: st.at, By: st.by, Reason: "why"}, Event: st.event(sc.seq)})
	}
	return out
}

// play folds the scene; everything is journaled unless the scene says otherwise.
func (sc *scene) play() (*demand.State, demand.Env) {
	s := demand.Fold(sc.history())
	if sc.env.Journaled == nil {
		sc.env.Journaled = map[demand.Seq]bool{}
		for q := demand.Seq(1); q <= s.Last; q++ {
			sc.env.Journaled[q] = true
		}
	}
	return s, sc.env
}

func codes(b demand.Blocked) []string {
	out := []string{}
	for _, o := range b {
		out = append(out, o.Code)
	}
	return out
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Fatalf("got %v, want code %q", err, code)
	}
}
