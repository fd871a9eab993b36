package docket_test

import (
	"database/sql"
	"fmt"
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

// stable are the codes that a changed store may lead to.
var stable = []string{"docket.tampered", "docket.not_found", "keys.missing", "store.unavailable", "docket.no_document"}

// look asks everything of a store that somebody may have changed.
func (h *house) look(ids []demand.ID) (codes []string) {
	if err := h.open(); err != nil {
		return []string{problem.Code(err)}
	}
	add := func(err error) {
		if err != nil && !slices.Contains(codes, problem.Code(err)) {
			codes = append(codes, problem.Code(err))
		}
	}
	for _, id := range ids {
		add(h.Audit(h.t.Context(), id))
		_, err := h.Do(h.t.Context(), h.act(id, "gate", demand.PermitRelease{Grant: "g1", Release: demand.Digest{2}}))
		if err == nil {
			codes = append(codes, "released")
		}
	}
	return codes
}

func TestAFlippedByteInAnyColumnOfAnyTableIsFound(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	h.do(b.ID, "ann", demand.Authenticate{Genuine: true, How: "called"})
	contest, sealed := h.opens(h.contest(a.ID, b.ID)), h.openCase("mia")
	h.do(contest, "carl", demand.StayContest{Source: "court", On: start, Until: start.Add(24 * time.Hour), Covers: []demand.Cover{{Demand: b.ID, Reach: reach(t).Lines()}}})
	digest, err := h.KeepDocument(t.Context(), b.ID, []byte("a document"), "text/plain")
	must(t, err)
	h.do(b.ID, "ann", demand.KeepMessage{Party: "agency", Channel: "mail", Subject: "answer", Document: digest})
	ids := []demand.ID{a.ID, b.ID, contest, sealed}
	h.publish()
	h.close()
	file := filepath.Join(h.dir, "s.db")
	whole, err := os.ReadFile(file)
	must(t, err)
	if codes := h.look(ids); slices.ContainsFunc(codes, func(c string) bool { return slices.Contains(stable, c) }) {
		t.Fatalf("untouched: %v", codes)
	}
	h.close()
	var columns [][2]string
	h.raw(func(db *sql.DB) { columns = columnsOf(t, db) })
	for _, c := range columns {
		t.Run(c[0]+"."+c[1], func(t *testing.T) {
			h.restore(whole)
			h.raw(func(db *sql.DB) { flip(t, db, c[0], c[1]) })
			codes := h.look(ids)
			found := false
			for _, code := range codes {
				found = found || slices.Contains(stable, code)
			}
			if free := unguarded[c]; !found && !free {
				t.Fatalf("not found: %v", codes)
			}
			if slices.Contains(codes, "released") {
				t.Fatal("released")
			}
		})
	}
}

// unguarded are columns that hold no more than who is at work on a duty, and when
// it is escalated next, beside the alarm that each pass gives of it: the store
// bounds what a wrong one can do (docket.MaxLease, and a contract test).
var unguarded = map[[2]string]bool{{"duties", "leased"}: true, {"duties", "holder"}: true, {"duties", "tries"}: true,
	{"duties", "alarm"}: true}

func (h *house) restore(file []byte) {
	h.t.Helper()
	h.close()
	path := filepath.Join(h.dir, "s.db")
	for _, p := range []string{path + "-wal", path + "-shm"} {
		os.Remove(p)
	}
	must(h.t, os.WriteFile(path, file, 0o600))
}

// columnsOf lists the columns of docket's tables: those of its migration.
func columnsOf(t *testing.T, db *sql.DB) (out [][2]string) {
	for _, table := range []string{"streams", "events", "commands", "receipts", "queue", "duties", "members", "documents", "clock"} {
		rows, err := db.Query(`SELECT name FROM pragma_table_info($1)`, table)
		must(t, err)
		for rows.Next() {
			var name string
			must(t, rows.Scan(&name))
			if table != "clock" || name != "one" {
				out = append(out, [2]string{table, name})
			}
		}
		must(t, rows.Err())
		rows.Close()
	}
	if len(out) < 34 {
		t.Fatalf("only %d columns", len(out))
	}
	return out
}

// flip changes the last byte of a blob or text, or the lowest bit of a number,
// in the last row of the table.
func flip(t *testing.T, db *sql.DB, table, column string) {
	t.Helper()
	var rowid int64
	var v any
	must(t, db.QueryRow(fmt.Sprintf(`SELECT rowid, %s FROM %s ORDER BY rowid DESC LIMIT 1`, column, table)).Scan(&rowid, &v))
	switch x := v.(type) {
	case []byte:
		x[len(x)-1] ^= 1
		v = x
	case string:
		b := []byte(x + " ")
		if len(x) > 0 {
			b = []byte(x)
		}
		b[len(b)-1] ^= 1
		v = string(b)
	case int64:
		v = x ^ 1
	case nil:
		v = []byte{1}
	}
	_, err := db.Exec(fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE rowid = $2`, table, column), v, rowid)
	must(t, err)
}

func TestEventsThatAreSwappedRemovedOrCutOffAreFound(t *testing.T) {
	h := build(t)
	a, b := h.submit("one"), h.submit("two")
	for _, id := range []demand.ID{a.ID, b.ID} {
		h.do(id, "ann", demand.Authenticate{Genuine: true, How: "called"})
		h.do(id, "carl", demand.RecordStay{Source: "court", Reach: h.stayOf(id)})
	}
	h.close()
	whole, err := os.ReadFile(filepath.Join(h.dir, "s.db"))
	must(t, err)
	first, second := string(a.ID), string(b.ID)
	attacks := map[string][]string{
		"two events of one demand swapped": {
			`UPDATE events SET seq = 99 WHERE demand = 'A' AND seq = 2`, `UPDATE events SET seq = 2 WHERE demand = 'A' AND seq = 3`, `UPDATE events SET seq = 3 WHERE demand = 'A' AND seq = 99`},
		"an event of another demand": {
			`UPDATE events SET sealed = (SELECT sealed FROM events WHERE demand = 'B' AND seq = 2), chain = (SELECT chain FROM events WHERE demand = 'B' AND seq = 2) WHERE demand = 'A' AND seq = 2`},
		"one in the middle removed": {`DELETE FROM events WHERE demand = 'A' AND seq = 2`},
		"the last one removed":      {`DELETE FROM events WHERE demand = 'A' AND seq = 3`},
		"the stay cut off, head and mark to fit": {
			`DELETE FROM events WHERE demand = 'A' AND seq = 3`,
			`UPDATE streams SET last = 2, head = (SELECT chain FROM events WHERE demand = 'A' AND seq = 2) WHERE demand = 'A'`,
			`DELETE FROM commands WHERE demand = 'A' AND rowid = (SELECT max(rowid) FROM commands WHERE demand = 'A')`},
		"a mark removed": {`DELETE FROM commands WHERE rowid = (SELECT max(rowid) FROM commands WHERE demand = 'A')`},
		"a delivery's mark removed": {
			`DELETE FROM commands WHERE rowid = (SELECT min(rowid) FROM commands WHERE demand = 'A')`},
		"the original's mark removed": {
			`DELETE FROM commands WHERE rowid = (SELECT min(rowid) + 1 FROM commands WHERE demand = 'A')`},
		"a receipt of another demand": {`UPDATE receipts SET sealed = (SELECT sealed FROM receipts WHERE demand = 'B') WHERE demand = 'A'`},
		"a row of another demand":     {`UPDATE queue SET sealed = (SELECT sealed FROM queue WHERE demand = 'B') WHERE demand = 'A'`},
		"another compartment":         {`UPDATE queue SET compartment = 'sealed' WHERE demand = 'A'`},
		"a duty removed":              {`DELETE FROM duties WHERE rowid = (SELECT max(rowid) FROM duties WHERE demand = 'A')`},
		"an entry removed":            {`DELETE FROM ledger_entries WHERE number = (SELECT max(number) FROM ledger_entries)`},
		"an entry's digest changed":   {`UPDATE ledger_entries SET digest = zeroblob(32) WHERE log = 1`},
	}
	for name, statements := range attacks {
		t.Run(name, func(t *testing.T) {
			h.restore(whole)
			h.raw(func(db *sql.DB) {
				for _, s := range statements {
					s = strings.NewReplacer("'A'", "'"+first+"'", "'B'", "'"+second+"'").Replace(s)
					_, err := db.Exec(s)
					must(t, err)
				}
			})
			if codes := h.look([]demand.ID{a.ID, b.ID}); !slices.Contains(codes, "docket.tampered") {
				t.Fatalf("not found: %v", codes)
			}
		})
	}
}

func TestAChangedDocumentIsFound(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	all, err := filepath.Glob(filepath.Join(h.dir, "blobs", "*", "*"))
	must(t, err)
	for _, path := range all {
		b, err := os.ReadFile(path)
		must(t, err)
		b[len(b)-1] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
		wantCode(t, h.Audit(t.Context(), a.ID), "blob.corrupt")
		b[len(b)-1] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
	}
	must(t, h.Audit(t.Context(), a.ID))
}

func TestReadModelsAreBuiltAnewFromTheHistory(t *testing.T) {
	h := build(t)
	sealed := string(h.openCase("mia"))
	s := submission("one")
	s.Compartment = sealed
	a, err := h.Submit(t.Context(), s)
	must(t, err)
	h.raw(func(db *sql.DB) {
		for _, q := range []string{`UPDATE queue SET compartment = 'general', due = due + 1000000`, `DELETE FROM duties`} {
			_, err := db.Exec(q)
			must(t, err)
		}
	})
	must(t, h.open())
	wantCode(t, h.Audit(t.Context(), a.ID), "docket.tampered")
	must(t, h.Rebuild(t.Context(), a.ID))
	must(t, h.Audit(t.Context(), a.ID))
	if c := h.state(a.ID); c.Compartment != sealed {
		t.Fatalf("compartment %q", c.Compartment)
	}
}

func TestTheQueueListsByWhatFallsDueFirstAndPages(t *testing.T) {
	h := build(t)
	want := make(map[demand.ID]bool)
	sealed := string(h.openCase("mia"))
	for i := range 9 {
		s := submission(fmt.Sprint(i))
		s.Receive.Instrument.Due = start.Add(time.Duration(20-i) * 24 * time.Hour)
		s.Compartment = []string{docket.General, sealed}[i%2]
		a, err := h.Submit(t.Context(), s)
		must(t, err)
		want[a.ID] = true
	}
	q := docket.QueryArgs{Compartments: []string{sealed, docket.General}, Limit: 4}
	var last time.Time
	for {
		items, err := h.Queue(t.Context(), q)
		must(t, err)
		if len(items) == 0 {
			break
		}
		for _, it := range items {
			if it.Due.Before(last) || !want[it.ID] || it.View.Agency != "agency-north" || it.View.Duty != "decide" || it.Status != demand.StatusReceived || it.Problem != nil {
				t.Fatalf("%+v", it)
			}
			delete(want, it.ID)
			last, q.Due, q.After = it.Due, it.Due, it.ID
		}
	}
	if len(want) > 0 {
		t.Fatalf("%d demands are missing", len(want))
	}
	for _, limit := range []int{0, docket.MaxPage + 1} {
		_, err := h.Queue(t.Context(), docket.QueryArgs{Limit: limit})
		wantCode(t, err, "docket.query")
	}
}

// The digests of records lie in the open for the journal's writer. Without a salt
// of its own, whoever reads the database could try out what a record says.
func TestADigestInTheOpenConfirmsNoGuess(t *testing.T) {
	h := build(t)
	a := h.submit("warrant")
	h.publish()
	h.compel(a.ID)
	history, err := h.History(t.Context(), a.ID)
	must(t, err)
	seen := map[demand.Salt]bool{{}: true}
	for _, r := range history {
		if seen[r.Salt] {
			t.Fatalf("event %d has no salt of its own", r.Seq)
		}
		seen[r.Salt] = true
		guess := r.Meta
		guess.Salt = demand.Salt{}
		plain, err := demand.Encode(a.ID, guess, r.Event)
		must(t, err)
		if leaf, ok := demand.Leaf(r.Event, plain); ok && r.Seq == 1 && leaf == demand.Digest(a.Journal.Digest) {
			t.Fatal("a right guess of everything but the salt gives the digest")
		}
	}
}
