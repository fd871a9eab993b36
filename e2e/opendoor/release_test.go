package opendoor_test

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func march(number, address string) walk.Ask {
	return walk.Ask{Number: number, Targets: []string{address}, From: "2013-03-01", Until: "2013-03-31", Basis: "received"}
}

// ready is a closed house in which two demands wait for their release alone: a
// and b have both approvals.
type ready struct {
	*walk.House
	demands []demand.ID
	a, b    gate.Status
}

func makeReady(t *testing.T) ready {
	t.Helper()
	h := walk.Nordwind(t)
	ids := h.Decided(march("13-mj-0601", "june.hartwell@nordwind.example"), march("13-mj-0602", "mercer@nordwind.example"))
	r := ready{h, ids, h.Approved(ids[0]), h.Approved(ids[1])}
	for _, st := range []gate.Status{r.a, r.b} {
		awaitLeaf(t, h, st)
	}
	h.Close()
	return r
}

// awaitLeaf waits until the grant is in the published journal.
func awaitLeaf(t *testing.T, h *walk.House, st gate.Status) {
	t.Helper()
	db, err := sql.Open("sqlite", h.Folder.Database())
	must(t, err)
	defer db.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		var seq sql.NullInt64
		must(t, db.QueryRow("SELECT max(seq) FROM ledger_entries WHERE digest = unhex($1)", st.ID).Scan(&seq))
		if seq.Valid && leaves(t, h) > int(seq.Int64) {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the journal does not take the grant")
		}
	}
}

// leaves is how many leaves the published journal has.
func leaves(t *testing.T, h *walk.House) int {
	t.Helper()
	n, err := strconv.Atoi(strings.Split(read(t, h.Folder.Journal(), "checkpoint"), "\n")[1])
	must(t, err)
	return n
}

// releaseIt asks for the release of a grant.
func releaseIt(t *testing.T, h *walk.House, st gate.Status) error {
	t.Helper()
	return releaseWithin(t, h, st, time.Minute)
}

// releaseWithin waits only so long, where a journal that stands still is awaited.
func releaseWithin(t *testing.T, h *walk.House, st gate.Status, patience time.Duration) error {
	t.Helper()
	must(t, h.InForce(st, walk.Counsel))
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	_, err := h.Office.Release(ctx, st.ID)
	return err
}

// refused holds that the release ends with the code and that nothing is visible
// but what was.
func refused(t *testing.T, h *walk.House, st gate.Status, codes ...string) *problem.Error {
	t.Helper()
	before, patience := h.Visible(), time.Minute
	if slices.Contains(codes, "gate.ledger_unavailable") {
		patience = 4 * time.Second
	}
	err := releaseWithin(t, h, st, patience)
	if !slices.Contains(codes, problem.Code(err)) {
		t.Errorf("the release ends with %v, want %s", err, codes)
	}
	if now := h.Visible(); !slices.Equal(now, before) {
		t.Errorf("refused, and the gate holds %v", now)
	}
	return problem.Of(err)
}

// amiss lists the codes of what doctor finds.
func amiss(t *testing.T, h *walk.House) []string {
	t.Helper()
	var codes []string
	for _, c := range h.Office.Examine(t.Context()).Checks {
		if !c.Well {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// What is restored is older than what the gate has seen: it released a, and the
// copies come from before. The codes are those of a release of b.
func TestWhatWasRolledBackReleasesNothing(t *testing.T) {
	t.Parallel()
	r := makeReady(t)
	for _, c := range []struct {
		what   string
		parts  []string
		code   string
		doctor string
	}{
		{"journal and database", []string{"ledger", "docket"}, "gate.log_rolled_back", "gate.log_rolled_back"},
		{"journal, database and witness", []string{"ledger", "docket", "witness"}, "gate.log_rolled_back", "gate.log_rolled_back"},
		{"the gate's folder", []string{"gate"}, "gate.restored", "gate.restored"},
		{"everything but the witness", []string{"ledger", "docket", "gate"}, "gate.ledger_unavailable", "ledger.stalled"},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			h := r.Copy(t)
			restore := h.Keep(c.parts...)
			must(t, h.Open())
			must(t, releaseIt(t, h, r.a))
			h.Close()
			restore()
			must(t, h.Open())
			refused(t, h, r.b, c.code)
			if c.code == "gate.restored" {
				refused(t, h, r.a, c.code) // nor a second time what the old folder does not know
			}
			if found := amiss(t, h); !slices.Contains(found, c.doctor) {
				t.Errorf("doctor says %v, and not %s", found, c.doctor)
			}
		})
	}
	t.Run("the database alone", func(t *testing.T) {
		t.Parallel()
		h := r.Copy(t)
		restore := h.Keep("docket")
		must(t, h.Open())
		must(t, releaseIt(t, h, r.a))
		h.Close()
		restore()
		if err := h.Open(); problem.Code(err) != "ledger.mismatch" {
			t.Errorf("the office opens with %v", err)
		}
	})
}

// Whoever owns the machine puts back journal, database and witness, and writes
// into the database what the gate would ask for: its counter. The journal then
// grows another way.
func TestAForkedJournalReleasesNothingEvenWithTheGatesCounterPutRight(t *testing.T) {
	t.Parallel()
	r := makeReady(t)
	h := r.Copy(t)
	restore := h.Keep("ledger", "docket", "witness")
	must(t, h.Open())
	must(t, releaseIt(t, h, r.a))
	h.Close()
	later := h.Copy(t)
	restore()
	edit(t, h, "ATTACH '"+later.Folder.Database()+"' AS later", "DELETE FROM gate_counters", "INSERT INTO gate_counters SELECT * FROM later.gate_counters")

	must(t, h.OpenStill())
	refused(t, h, r.b, "gate.log_rolled_back")
	h.Close()

	must(t, h.Open())
	had := leaves(t, later)
	for end := time.Now().Add(20 * time.Second); leaves(t, h) <= had; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the journal does not grow")
		}
	}
	refused(t, h, r.b, "gate.log_forked")
}

// edit runs SQL on a closed house's database, as whoever has the file can.
func edit(t *testing.T, h *walk.House, statements ...string) (changed int64) {
	t.Helper()
	db, err := sql.Open("sqlite", h.Folder.Database())
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range append([]string{"PRAGMA foreign_keys = off"}, statements...) {
		done, err := db.Exec(s)
		must(t, err)
		n, err := done.RowsAffected()
		must(t, err)
		changed = n
	}
	return changed
}

const (
	lastByte = "%s = unhex(substr(hex(%[1]s), 1, length(hex(%[1]s)) - 2) || CASE substr(hex(%[1]s), -2) WHEN 'A5' THEN '5A' ELSE 'A5' END)"
	oneMore  = "%s = %[1]s + 1"
	oneWord  = "%s = %[1]s || 'x'"
)

// Each edit changes one value of one row, the last that concerns demand b; the
// others stay as they are.
func TestAnEditedDatabaseReleasesNothing(t *testing.T) {
	t.Parallel()
	r := makeReady(t)
	b := "demand = '" + string(r.demands[1]) + "'"
	entry := "digest = unhex('" + r.b.ID + "')" // the grant's
	leaf := "log = 1 AND seq = (SELECT seq FROM ledger_entries WHERE " + entry + ")"
	proofs := []string{"gate.unlogged", "gate.ledger_unavailable"}
	tampered := []string{"gate.not_permitted"}
	for _, c := range []struct {
		table, column, change, where string
		opening                      string   // what opening the office ends with, where it does
		codes                        []string // what the release ends with
	}{
		{"events", "sealed", lastByte, b, "", tampered}, {"events", "chain", lastByte, b, "", tampered}, {"events", "seq", oneMore, b, "", tampered},
		{"streams", "last", oneMore, b, "", tampered}, {"streams", "head", lastByte, b, "", tampered},
		{"commands", "sealed", lastByte, b, "", tampered}, {"commands", "token", lastByte, b, "", tampered},
		{"queue", "sealed", lastByte, b, "", tampered}, {"queue", "status", oneWord, b, "", tampered}, {"queue", "due", oneMore, b, "", tampered},
		{"queue", "compartment", oneWord, b, "", tampered},
		{"clock", "highest", "%s = %[1]s - 100000", "one = 1", "docket.tampered", nil},
		{"ledger_entries", "salt", lastByte, entry, "", proofs},
		{"ledger_entries", "digest", lastByte, entry, "", proofs}, {"ledger_entries", "id", lastByte, entry, "", tampered},
		{"ledger_entries", "seq", oneMore, entry, "", proofs}, {"ledger_entries", "place", oneMore, entry, "", proofs},
		{"ledger_leaves", "secret", lastByte, leaf, "", proofs},
		{"ledger_leaves", "leaf", lastByte, "log = 1 AND seq = (SELECT max(seq) FROM ledger_leaves WHERE log = 1)", "ledger.mismatch", nil},
		{"ledger_logs", "size", oneMore, "log = 1", "ledger.mismatch", nil},
		{"gate_counters", "counter", oneMore, "counter > 0 AND gate = 'gate-iad-1'", "", []string{"gate.restored"}},
		{"gate_counters", "counter", "%s = %[1]s - 1", "counter > 0 AND gate = 'gate-iad-1'", "", []string{"gate.log_rolled_back"}},
		{"migrations", "digest", lastByte, "name LIKE '0003%'", "store.migration", nil},
	} {
		t.Run(c.table+" "+c.column, func(t *testing.T) {
			t.Parallel()
			h := r.Copy(t)
			row := "rowid = (SELECT max(rowid) FROM " + c.table + " WHERE " + c.where + ")"
			if c.table == "ledger_leaves" { // without rowid
				row = c.where
			}
			if n := edit(t, h, "UPDATE "+c.table+" SET "+strings.ReplaceAll(strings.Replace(c.change, "%s", c.column, 1), "%[1]s", c.column)+" WHERE "+row); n != 1 {
				t.Fatalf("%d rows were changed", n)
			}
			err := h.Open()
			if problem.Code(err) != c.opening {
				t.Fatalf("the office opens with %v, want %q", err, c.opening)
			}
			if err != nil {
				return
			}
			p := refused(t, h, r.b, c.codes...)
			if p != nil && p.Code == "gate.not_permitted" && p.Field != "docket.tampered" {
				t.Errorf("the docket does not say that its records were changed, but %q", p.Field)
			}
			if len(amiss(t, h)) == 0 {
				t.Error("doctor finds nothing amiss")
			}
			// What concerns b alone leaves a free.
			if c.table == "events" || c.table == "queue" {
				if err := releaseIt(t, h, r.a); err != nil {
					t.Errorf("the other demand cannot be released either: %v", err)
				}
			}
		})
	}
}

// The docket's word comes after the package is sealed and before it is visible.
func TestAStayOrANarrowerDecisionAfterTheApprovalsWins(t *testing.T) {
	t.Parallel()
	r := makeReady(t)
	until := time.Date(2013, 3, 10, 23, 59, 59, 0, time.UTC)
	for _, c := range []struct {
		what, code string
		happens    func(*testing.T, *walk.House)
	}{
		{"a stay", "release.stayed", func(t *testing.T, h *walk.House) {
			part, _ := h.State(r.demands[1]).Compelled()
			must(t, h.Act(r.demands[1], walk.Counsel, "order of this morning", demand.RecordStay{Source: "Court of Appeals, No. 13-77", Reach: part}))
		}},
		{"a stay of the last second alone", "release.stayed", func(t *testing.T, h *walk.House) {
			part, _ := h.State(r.demands[1]).Compelled()
			s := part.Selectors()[0]
			s.From = s.Until
			last, err := scope.New(s)
			must(t, err)
			must(t, h.Act(r.demands[1], walk.Counsel, "order of this morning", demand.RecordStay{Source: "Court of Appeals, No. 13-77", Reach: last}))
		}},
		{"ten days only", "release.not_compelled", func(t *testing.T, h *walk.House) {
			part, _ := h.State(r.demands[1]).Compelled()
			s := part.Selectors()[0]
			s.Until = until
			narrow, err := scope.New(s)
			must(t, err)
			must(t, h.Act(r.demands[1], walk.Counsel, "the court narrowed its warrant", demand.DecideLine{Line: 1, Decision: demand.InPart, Part: narrow}))
		}},
		{"nothing at all", "release.not_compelled", func(t *testing.T, h *walk.House) {
			must(t, h.Act(r.demands[1], walk.Counsel, "the warrant was quashed", demand.DecideLine{Line: 1, Decision: demand.Reject}))
		}},
		{"taken back", "grant.revoked", func(t *testing.T, h *walk.House) {
			must(t, h.Act(r.demands[1], walk.Counsel, "drafted in error", demand.RevokeGrant{Grant: r.b.Grant}))
		}},
		{"another account after all", "target.unchecked", func(t *testing.T, h *walk.House) {
			must(t, h.Act(r.demands[1], walk.Drafter, "looked up again", demand.Resolve{Target: 1, Accounts: []scope.AccountID{"ac-mercer"}}))
		}},
	} {
		t.Run(c.what, func(t *testing.T) {
			t.Parallel()
			h := r.Copy(t)
			must(t, h.Open())
			c.happens(t, h)
			if p := refused(t, h, r.b, "gate.not_permitted"); p != nil && p.Field != c.code {
				t.Errorf("refused at %q, want %s", p.Field, c.code)
			}
			if _, err := h.Office.Desk().Release(t.Context(), r.b.ID); problem.Code(err) != "gate.not_permitted" {
				t.Errorf("asked again, the gate says %v", err)
			}
			if codes := amiss(t, h); len(codes) > 0 {
				t.Errorf("nothing is out of order, and doctor says %v", codes)
			}
		})
	}
}

func TestAStopThatReachesTheGateStopsWhateverTheDocketSays(t *testing.T) {
	t.Parallel()
	r := makeReady(t)
	h := r.Copy(t)
	must(t, h.Open())
	must(t, h.Stop("demand "+string(r.demands[1]), walk.Privacy))
	refused(t, h, r.b, "gate.stopped")
	must(t, releaseIt(t, h, r.a))
}

// One demand, three targets; of the last nobody knows an account.
func TestTheGoodLinesOfADemandAreGivenAndTheLastBadOneNever(t *testing.T) {
	t.Parallel()
	h := walk.Nordwind(t)
	id := h.TakeIn(walk.Ask{Number: "13-mj-0701", Targets: []string{"june.hartwell@nordwind.example", "mercer@nordwind.example", "nobody@nordwind.example"},
		From: "2013-03-01", Until: "2013-03-31", Basis: "received"}).Demand
	h.Examine(id)
	must(t, h.Comply(id, 1))
	must(t, h.Comply(id, 2))
	if err := h.Comply(id, 3); problem.Code(err) != "target.no_account" {
		t.Fatalf("line 3 is decided with %v", err)
	}
	h.Close()
	good := h.Copy(t)

	// Two people who agree on another account than the address stood for get past
	// the docket, also where somebody wrote that account into the office's estate;
	// the gate asks its own.
	for _, ghost := range []struct {
		account scope.AccountID
		code    string
	}{{"ac-nobody", "grant.account_unknown"}, {"ac-delacroix", "grant.alias_moved"}} {
		bad := good.Copy(t)
		if ghost.account == "ac-nobody" {
			write(t, read(t, bad.Folder.Estate())+"\n[[account]]\nid = \"ac-nobody\"\ncustomer = \"c-1\"\nregion = \"iad\"\nservices = [\"mail\"]\n", bad.Folder.Estate())
		}
		must(t, bad.Open())
		bad.Resolve(id, demand.Resolve{Target: 3, Accounts: []scope.AccountID{ghost.account}})
		must(t, bad.Comply(id, 3))
		if _, err := bad.Draft(id); problem.Code(err) != ghost.code {
			t.Errorf("a grant that reaches %s is put before approvers with %v, want %s", ghost.account, err, ghost.code)
		}
		bad.Close()
	}

	must(t, good.Open())
	must(t, good.Act(id, walk.Counsel, "no such account", demand.DecideLine{Line: 3, Decision: demand.NoRecords}))
	good.Tell()
	st := good.Approved(id)
	out, err := good.Release(st)
	must(t, err)
	if out.Items == 0 {
		t.Fatal("nothing was given")
	}
	bag := unpack(t, good.Fetch(st), good.Officer)
	rows := read(t, bag, "items.jsonl")
	if strings.Count(rows, "data/ac-hartwell/")*strings.Count(rows, "data/ac-mercer/") == 0 || strings.Count(rows, "\n") != strings.Count(rows, "data/ac-hartwell/")+strings.Count(rows, "data/ac-mercer/") {
		t.Errorf("the package holds other accounts than the two:\n%.500s", rows)
	}
}
