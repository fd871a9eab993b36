package docket_test

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/docket"
	"counterseal/internal/problem"
)

// touched is a docket with two demands, each under a contest of its own with a
// stay; the first also under a duty of secrecy. All but the release of the first
// is ready.
type touched struct {
	*house
	a, b, contest, other, duty demand.ID
	permit                     demand.PermitRelease
	whole                      []byte
}

func touch(t *testing.T) touched {
	h := build(t)
	x := touched{house: h, a: h.submit("one").ID, b: h.submit("two").ID}
	x.contest, x.other = h.opens(h.contest(x.a)), h.opens(h.contest(x.b))
	x.permit = h.ready(x.a)
	x.duty = h.state(x.a).State.Duties()[0].ID
	h.do(x.contest, "carl", h.stay(x.contest, x.a).Command)
	h.publish()
	h.close()
	whole, err := os.ReadFile(filepath.Join(h.dir, "s.db"))
	must(t, err)
	x.whole = whole
	return x
}

func (x touched) change(statements ...string) {
	x.t.Helper()
	x.restore(x.whole)
	names := strings.NewReplacer("'A'", "'"+string(x.a)+"'", "'B'", "'"+string(x.b)+"'", "'C'", "'"+string(x.contest)+"'", "'O'", "'"+string(x.other)+"'", "'S'", "'"+string(x.duty)+"'")
	x.raw(func(db *sql.DB) {
		for _, s := range statements {
			_, err := db.Exec(names.Replace(s))
			must(x.t, err)
		}
	})
	must(x.t, x.open())
}

// gone removes a stream with everything of it.
func gone(id string) (out []string) {
	for _, table := range []string{"duties", "queue", "commands", "events", "members", "documents", "receipts", "streams"} {
		out = append(out, `DELETE FROM `+table+` WHERE demand = `+id)
	}
	return out
}

func TestWhateverIsDoneToAContestOrADutyNothingLeavesAndNobodyIsTold(t *testing.T) {
	x := touch(t)
	cut := func(id string) []string {
		return []string{`DELETE FROM commands WHERE demand = ` + id + ` AND rowid = (SELECT max(rowid) FROM commands WHERE demand = ` + id + `)`,
			`DELETE FROM events WHERE demand = ` + id + ` AND seq = (SELECT last FROM streams WHERE demand = ` + id + `)`,
			`UPDATE streams SET last = last - 1, head = (SELECT chain FROM events WHERE demand = ` + id + ` AND seq = streams.last - 1) WHERE demand = ` + id}
	}
	attacks := map[string][]string{
		"the stay cut off the contest, head and mark to fit": cut("'C'"),
		"the contest removed with all its rows":              gone("'C'"),
		"the duty removed with all its rows":                 gone("'S'"),
		"the contest's events replaced by another's": {
			`UPDATE events SET sealed = (SELECT sealed FROM events WHERE demand = 'O' AND seq = 1) WHERE demand = 'C' AND seq = 1`},
		"two contests swapped": {
			`UPDATE streams SET demand = 'tmp' WHERE 0`,
			`UPDATE events SET sealed = (SELECT e.sealed FROM events e WHERE e.demand = 'O' AND e.seq = 1), chain = (SELECT e.chain FROM events e WHERE e.demand = 'O' AND e.seq = 1) WHERE demand = 'C' AND seq = 1`,
			`DELETE FROM events WHERE demand = 'C' AND seq > 1`,
			`UPDATE streams SET last = 1, head = (SELECT s.head FROM streams s WHERE s.demand = 'O') WHERE demand = 'C'`},
		"the link to the contest cut out of the demand": {
			`DELETE FROM events WHERE demand = 'A' AND seq = 2`},
		"the opening's mark removed":   {`DELETE FROM commands WHERE demand = 'C' AND rowid = (SELECT min(rowid) FROM commands WHERE demand = 'C')`},
		"the mark of the link removed": {`DELETE FROM commands WHERE demand = 'A' AND rowid = (SELECT rowid FROM commands WHERE demand = 'A' ORDER BY rowid LIMIT 1 OFFSET 3)`},
	}
	for name, statements := range attacks {
		t.Run(name, func(t *testing.T) {
			x.change(statements...)
			err := x.Audit(t.Context(), x.a)
			if code := problem.Code(err); !slices.Contains(stable, code) {
				t.Errorf("not found: %v", err)
			}
			_, err = x.Do(t.Context(), x.act(x.a, "gate", x.permit))
			if code := problem.Code(err); code != "docket.tampered" && code != "dossier.incomplete" {
				t.Errorf("released? %v", err)
			}
			c, err := x.State(t.Context(), x.a)
			if err != nil {
				wantCode(t, err, "docket.tampered")
				return
			}
			if len(demand.MayNotify(c.State, accounts[0], c.Env)) == 0 || len(c.Amiss) == 0 || !slices.ContainsFunc(demand.InTheWay(c.State, c.Env), func(o demand.Obstacle) bool { return o.Code == "dossier.incomplete" }) {
				t.Error("the guards do not see that something is amiss")
			}
			// What only stops something is still recorded.
			x.do(x.a, "carl", demand.PlaceHold{Kind: "action", Why: "the store was changed"})
		})
	}
}

func TestAStayIsRecordedAlthoughADemandOfTheContestCannotBeRead(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	contest := h.opens(h.contest(a.ID, b.ID))
	must(t, h.keys.Destroy(t.Context(), string(b.ID)))
	h.do(contest, "carl", h.stay(contest, a.ID, b.ID).Command)
	if n := len(h.state(a.ID).State.Contests()[0].Stays); n != 1 {
		t.Fatalf("%d stays", n)
	}
}

func TestNoRowOfTheIndexMakesAMemberAndAnOldRowShowsNothing(t *testing.T) {
	h := build(t)
	sealed := h.openCase("mia")
	h.openCase("eve") // so that the index holds her name
	a := h.submit("one")
	var old [2]any
	h.raw(func(db *sql.DB) {
		must(t, db.QueryRow(`SELECT due, sealed FROM queue WHERE demand = $1`, string(a.ID)).Scan(&old[0], &old[1]))
	})
	must(t, h.open())
	h.do(a.ID, "mia", demand.SealDemand{Case: sealed})
	h.close()
	whole, err := os.ReadFile(filepath.Join(h.dir, "s.db"))
	must(t, err)
	eve, mia := docket.For(context.Background(), "eve"), docket.For(context.Background(), "mia")

	h.raw(func(db *sql.DB) {
		_, err := db.Exec(`INSERT INTO members (token, demand) SELECT token, $1 FROM members WHERE demand <> $1`, string(sealed))
		must(t, err)
	})
	must(t, h.open())
	_, err = h.State(eve, a.ID)
	wantCode(t, err, "docket.not_found")
	wantCode(t, h.Audit(t.Context(), sealed), "docket.tampered")
	must(t, h.Rebuild(t.Context(), sealed))
	must(t, h.Audit(t.Context(), sealed))

	h.restore(whole)
	h.raw(func(db *sql.DB) {
		_, err := db.Exec(`DELETE FROM members WHERE demand = $1`, string(sealed))
		must(t, err)
	})
	must(t, h.open())
	_, err = h.State(mia, a.ID)
	wantCode(t, err, "docket.not_found")
	must(t, h.Rebuild(t.Context(), sealed))
	if _, err = h.State(mia, a.ID); err != nil {
		t.Fatal(err)
	}

	h.restore(whole)
	h.raw(func(db *sql.DB) {
		_, err := db.Exec(`UPDATE queue SET compartment = 'general', due = $1, sealed = $2 WHERE demand = $3`, old[0], old[1], string(a.ID))
		must(t, err)
	})
	must(t, h.open())
	_, err = h.State(eve, a.ID)
	wantCode(t, err, "docket.tampered")
}

// An index of members that was put back cannot bring back who has left the case.
func TestWhoLeftACaseStaysOutWhateverIsCut(t *testing.T) {
	h := build(t)
	sealed := h.openCase("mia", "max")
	h.publish()
	h.do(sealed, "mia", demand.ChangeMember{Person: "max"})
	h.raw(func(db *sql.DB) {
		for _, q := range []string{
			`DELETE FROM commands WHERE rowid = (SELECT max(rowid) FROM commands)`,
			`DELETE FROM events WHERE demand = 'X' AND seq = 2`,
			`UPDATE streams SET last = 1, head = (SELECT chain FROM events WHERE demand = 'X' AND seq = 1) WHERE demand = 'X'`} {
			_, err := db.Exec(strings.ReplaceAll(q, "'X'", "'"+string(sealed)+"'"))
			must(t, err)
		}
	})
	must(t, h.open())
	_, err := h.State(docket.For(t.Context(), "max"), sealed)
	wantCode(t, err, "docket.not_found")
}

// Absent and sealed are answered after the same questions to the store.
func TestAbsentAndSealedCostTheSameQuestions(t *testing.T) {
	h := build(t)
	s := submission("one")
	s.Compartment = string(h.openCase("mia"))
	a, err := h.Submit(t.Context(), s)
	must(t, err)
	counting := &counting{Store: h.config.Store}
	h.config.Store = counting
	d, err := docket.New(t.Context(), h.config)
	must(t, err)
	asked := func(id demand.ID) string {
		counting.asked = nil
		_, err := d.State(docket.For(t.Context(), "eve"), id)
		wantCode(t, err, "docket.not_found")
		return strings.Join(counting.asked, " ")
	}
	if absent, sealed := asked("bbbb-22"), asked(a.ID); absent != sealed || absent != "compartment member" {
		t.Fatalf("absent: %s; sealed: %s", absent, sealed)
	}
}

type counting struct {
	docket.Store
	asked []string
}

func (c *counting) Compartment(ctx context.Context, id demand.ID) (string, bool, error) {
	c.asked = append(c.asked, "compartment")
	return c.Store.Compartment(ctx, id)
}

func (c *counting) Member(ctx context.Context, token docket.Digest, id demand.ID) (bool, error) {
	c.asked = append(c.asked, "member")
	return c.Store.Member(ctx, token, id)
}

func (c *counting) Head(ctx context.Context, id demand.ID) (demand.Seq, docket.Digest, error) {
	c.asked = append(c.asked, "head")
	return c.Store.Head(ctx, id)
}

func (c *counting) Load(ctx context.Context, id demand.ID) (docket.Stream, error) {
	c.asked = append(c.asked, "load")
	return c.Store.Load(ctx, id)
}

func TestTheQueueFindsBySeatStatusEmergencyAndDayAndCounts(t *testing.T) {
	h := build(t)
	var ids []demand.ID
	for i := range 6 {
		s := submission(string(rune('a' + i)))
		s.Receive.Emergency = i == 5
		s.Receive.Instrument.Due = start.Add(time.Duration(i+1) * 24 * time.Hour)
		a, err := h.Submit(t.Context(), s)
		must(t, err)
		ids = append(ids, a.ID)
	}
	h.compel(ids[2])
	h.do(ids[3], "carl", demand.StateFacts{Facts: []byte{1, 0}})
	contest := h.opens(h.contest(ids[0], ids[1]))
	duty := h.opens(h.secrecy(start.Add(365*24*time.Hour), ids[0]))
	for name, c := range map[string]struct {
		q    docket.QueryArgs
		want []demand.ID
	}{
		"all, by what falls due":  {docket.QueryArgs{}, ids},
		"a status":                {docket.QueryArgs{Statuses: []demand.Status{demand.StatusWaiting}}, ids[2:3]},
		"two statuses":            {docket.QueryArgs{Statuses: []demand.Status{demand.StatusWaiting, demand.StatusReceived}}, ids},
		"a seat":                  {docket.QueryArgs{Seat: "counsel"}, nil},
		"emergencies":             {docket.QueryArgs{Emergency: true}, ids[5:]},
		"until a day":             {docket.QueryArgs{Until: start.Add(3 * 24 * time.Hour)}, ids[:2]},
		"contests":                {docket.QueryArgs{Streams: []demand.Stream{demand.ContestStream}}, []demand.ID{contest}},
		"duties":                  {docket.QueryArgs{Streams: []demand.Stream{demand.SecrecyStream}, Statuses: docket.Statuses(demand.SecrecyStream)}, []demand.ID{duty}},
		"a compartment of nobody": {docket.QueryArgs{Compartments: []string{"x-bbbb-22"}}, nil},
	} {
		c.q.Limit = 100
		items, err := h.Queue(t.Context(), c.q)
		must(t, err)
		var got []demand.ID
		for _, it := range items {
			got = append(got, it.ID)
			if it.Problem != nil {
				t.Errorf("%s: %v", name, it.Problem)
			}
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		n, err := h.Count(t.Context(), c.q)
		must(t, err)
		if n != len(c.want) {
			t.Errorf("%s: counted %d, want %d", name, n, len(c.want))
		}
	}
	items, err := h.List(t.Context(), demand.SecrecyStream, docket.QueryArgs{Limit: 1})
	must(t, err)
	if v := items[0].View; v.Demands != 1 || !v.Stands || v.Armed || !v.Ends.Equal(start.Add(365*24*time.Hour)) || v.Agency != "the court" {
		t.Errorf("%+v", v)
	}
}
