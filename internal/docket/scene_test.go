package docket_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"counterseal/internal/blob"
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

// house is a docket on real files, with a clock that the test sets.
type house struct {
	t      testing.TB
	dir    string
	db     *sqlite.DB
	keys   *keys.Folder
	config docket.Config
	*docket.Docket
	now    time.Time
	steady time.Duration
	log    bytes.Buffer
	ids    atomic.Uint64
}

func build(t testing.TB) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), now: start}
	for _, name := range []string{"keys", "blobs"} {
		must(t, os.Mkdir(filepath.Join(h.dir, name), 0o700))
	}
	t.Cleanup(h.close)
	must(t, h.open())
	return h
}

func (h *house) open() (err error) {
	ctx := context.Background()
	if h.db, err = sqlite.Open(ctx, filepath.Join(h.dir, "s.db")); err != nil {
		return err
	}
	if h.keys, err = keys.Open(filepath.Join(h.dir, "keys"), rand.Reader, func() time.Time { return h.now }); err != nil {
		return err
	}
	blobs, err := blob.Open(filepath.Join(h.dir, "blobs"))
	if err != nil {
		return err
	}
	h.config = docket.Config{Store: h.db.Docket(), Keys: h.keys, Originals: blobs, Journal: journal{h.db.Ledger()},
		Clock: func() time.Time { return h.now }, Steady: func() time.Duration { return h.steady }, Rand: rand.Reader,
		Policy: demand.Policy{Waiting: 7 * 24 * time.Hour, Approvals: 1}, Log: slog.New(slog.NewTextHandler(&h.log, nil)),
		MayRead: func(_ context.Context, a docket.Asked) bool { return !a.Sealed || a.Member },
		Fields: func(r demand.Receive) (proof.Fields, error) {
			return proof.Fields{Instrument: proof.InstrumentWarrant, Band: proof.BandOf(len(r.Targets)), Class: proof.ClassOrdinary}, nil
		}}
	h.Docket, err = docket.New(ctx, h.config)
	return err
}

func (h *house) close() {
	if h.db != nil {
		h.db.Close()
	}
	if h.keys != nil {
		h.keys.Close()
	}
	h.db, h.keys = nil, nil
}

func (h *house) reopen() {
	h.t.Helper()
	h.close()
	must(h.t, h.open())
}

// pass lets time go by, on both clocks.
func (h *house) pass(d time.Duration) { h.now, h.steady = h.now.Add(d), h.steady+d }

// raw changes the closed store behind the docket's back.
func (h *house) raw(do func(db *sql.DB)) {
	h.t.Helper()
	h.close()
	db, err := sql.Open("sqlite", filepath.Join(h.dir, "s.db"))
	must(h.t, err)
	do(db)
	must(h.t, db.Close())
}

// journal counts every sequenced leaf as published.
type journal struct{ sqlite.Ledger }

func (j journal) Published(ctx context.Context) (ordinary, emergency uint64, err error) {
	n, err := j.Size(ctx, ledger.InJournal)
	return n, n, err
}

// publish puts all pending entries into the journal.
func (h *house) publish() {
	h.t.Helper()
	ctx := context.Background()
	l := h.db.Ledger()
	epoch, err := l.Claim(ctx, ledger.InJournal)
	must(h.t, err)
	first, err := l.Size(ctx, ledger.InJournal)
	must(h.t, err)
	entries, err := l.Pending(ctx, ledger.InJournal, 10000)
	must(h.t, err)
	b := ledger.Batch{Log: ledger.InJournal, Epoch: epoch, First: first,
		Leaves: []ledger.Leaf{{Bytes: proof.JournalLeaf{TickMillis: int64(first)}.Marshal(), Key: make([]byte, 32)}}}
	for i, e := range entries {
		b.Places = append(b.Places, ledger.Place{Entry: e.ID, Sequence: first, Position: uint16(i)})
	}
	must(h.t, l.Sequence(ctx, b))
}

func received() demand.Receive {
	r := demand.Receive{Instrument: demand.Instrument{Kind: "us.warrant", Title: "Search warrant", Number: "26-mj-11",
		Agency: "agency-north", Due: start.Add(30 * 24 * time.Hour)}}
	for i, stated := range []string{"ada@example.org", "grace@example.org", "joan@example.org"} {
		r.Targets = append(r.Targets, demand.StatedTarget{No: i + 1, Kind: "address", Stated: stated})
		r.Lines = append(r.Lines, demand.StatedLine{No: i + 1, Target: i + 1, Service: scope.Mail, Category: scope.Content,
			From: start.Add(-90 * 24 * time.Hour), Until: start.Add(-30 * 24 * time.Hour), Basis: scope.Received})
	}
	return r
}

func submission(name string) docket.Submission {
	return docket.Submission{Channel: "api", Key: sha256.Sum256([]byte(name)), Original: []byte("order of the court " + name),
		MediaType: "application/pdf", Form: []byte("form of " + name), By: "door", Receive: received()}
}

func (h *house) submit(name string) docket.Accepted {
	h.t.Helper()
	a, err := h.Submit(context.Background(), submission(name))
	must(h.t, err)
	return a
}

func (h *house) act(id demand.ID, by demand.Person, c demand.Command) docket.Act {
	return docket.Act{ID: id, CommandID: sha256Of(h.ids.Add(1)), Actor: by, Seats: []string{"counsel"}, Reason: "it is so", Command: c}
}

func sha256Of(v any) [16]byte {
	s := sha256.Sum256([]byte(fmt.Sprint(v)))
	return [16]byte(s[:])
}

func (h *house) do(id demand.ID, by demand.Person, c demand.Command) docket.Result {
	h.t.Helper()
	r, err := h.Do(context.Background(), h.act(id, by, c))
	if err != nil {
		h.t.Helper()
		h.t.Fatalf("%T: %v", c, err)
	}
	return r
}

// openCase opens a sealed case.
func (h *house) openCase(members ...demand.Person) demand.ID {
	h.t.Helper()
	return h.opens(docket.Opening{Stream: demand.CaseStream, Actor: members[0], Command: func(id demand.ID) demand.Command {
		return demand.OpenCase{ID: id, Why: "an order under seal", Members: members}
	}})
}

// opens opens a stream.
func (h *house) opens(p docket.Opening) demand.ID {
	h.t.Helper()
	if p.CommandID == ([16]byte{}) {
		p.CommandID = sha256Of(h.ids.Add(1))
	}
	o, err := h.Open(context.Background(), p)
	must(h.t, err)
	return o.ID
}

// contest is an opening of one against the production of demands.
func (h *house) contest(ids ...demand.ID) docket.Opening {
	var covers []demand.Cover
	for _, id := range ids {
		covers = append(covers, demand.Cover{Demand: id, Reach: reach(h.t).Lines()})
	}
	return docket.Opening{Stream: demand.ContestStream, CommandID: sha256Of(h.ids.Add(1)), Actor: "carl", Seats: []string{"counsel"}, Reason: "too wide",
		Command: func(id demand.ID) demand.Command {
			return demand.OpenContest{ID: id, Title: "motion to vacate", Against: "production", Court: "the court", Filed: start, Covers: covers}
		}}
}

// secrecy is an opening of a duty on all of some demands until a day.
func (h *house) secrecy(until time.Time, ids ...demand.ID) docket.Opening {
	var covers []demand.Silence
	for _, id := range ids {
		covers = append(covers, demand.Silence{Demand: id})
	}
	return docket.Opening{Stream: demand.SecrecyStream, CommandID: sha256Of(h.ids.Add(1)), Actor: "carl", Seats: []string{"counsel"}, Reason: "served",
		Command: func(id demand.ID) demand.Command {
			return demand.OpenSecrecy{ID: id, Source: "order", Cite: "18 USC 2705(b)", Authority: "the court", Number: "26-mj-12", Covers: covers, Until: until}
		}}
}

func (h *house) state(id demand.ID) docket.Case {
	h.t.Helper()
	c, err := h.State(context.Background(), id)
	must(h.t, err)
	return c
}

// accounts that the targets of received stand for.
var accounts = []scope.AccountID{"acc-ada", "acc-grace", "acc-joan"}

// compel walks a demand up to the decision to give everything.
func (h *house) compel(id demand.ID) {
	h.t.Helper()
	h.do(id, "ann", demand.Authenticate{Genuine: true, How: "called the clerk of the court back"})
	for i, a := range accounts {
		r := h.do(id, "ann", demand.Resolve{Target: i + 1, Accounts: []scope.AccountID{a}})
		h.do(id, "ben", demand.Check{Target: i + 1, Resolution: r.Last})
	}
	h.do(id, "ann", demand.Assess{Packs: "packs", Facts: 1})
	for i := range accounts {
		h.do(id, "ben", demand.DecideLine{Line: i + 1, Decision: demand.Comply})
	}
}

// ready walks a demand up to an approved grant, of which only the release is
// left.
func (h *house) ready(id demand.ID) demand.PermitRelease {
	h.t.Helper()
	h.compel(id)
	h.opens(h.secrecy(start.Add(365*24*time.Hour), id))
	h.publish()
	part, _ := h.state(id).State.Compelled()
	h.do(id, "ann", demand.DraftGrant{Grant: "g1", Digest: demand.Digest{1}, Scope: part, Region: "iad", Recipient: "officer", Expires: h.now.Add(time.Hour)})
	h.do(id, "gate", demand.SeeApproval{Grant: "g1", Person: "ben"})
	h.publish()
	return demand.PermitRelease{Grant: "g1", Release: demand.Digest{2}, Items: 3}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wantCode(t testing.TB, err error, code string) {
	t.Helper()
	if problem.Code(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

// secrets are facts of received and its walk that no log or error may show.
var secrets = []string{"ada@", "acc-ada", "26-mj-11", "agency-north", "order of the court", "called the clerk", "it is so", "form of"}

func holdsSecret(s string) bool {
	for _, x := range secrets {
		if strings.Contains(s, x) {
			return true
		}
	}
	return false
}
