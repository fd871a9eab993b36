package sqlite

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/docket"
)

// What is found by an index costs what is found. A query that walks a table, or
// sorts what it found, grows with everything that is not due.
func TestWhatIsDueAndWhatAPageShowsIsFoundByAnIndex(t *testing.T) {
	db := fresh(t)
	page := func(p docket.Page) string {
		where, _ := pageWhere(p)
		return `SELECT ` + rowColumns + `, demand FROM queue WHERE ` + where + ` ORDER BY due, demand LIMIT 10`
	}
	for name, c := range map[string]struct{ query, index string }{
		"claim":       {claimDuties, "duties_by_due"},
		"due":         {dueDuties, "duties_by_due"},
		"alarms":      {alarmsAt, "duties_by_alarm"},
		"queue":       {page(docket.Page{Compartment: "general", Stream: "demand"}), "queue_by_due"},
		"until":       {page(docket.Page{Compartment: "general", Stream: "demand", Until: time.UnixMilli(1)}), "queue_by_due"},
		"seat":        {page(docket.Page{Compartment: "general", Stream: "demand", Seat: "counsel"}), "queue_by_seat"},
		"status":      {page(docket.Page{Compartment: "general", Stream: "demand", Status: "closed"}), "queue_by_status"},
		"emergencies": {page(docket.Page{Compartment: "general", Stream: "demand", Emergency: true}), "queue_emergencies"},
		"cases":       {casesOf, "members"},
		"members":     {membersOf, "members_by_case"},
		"entries":     {entriesByID, "sqlite_autoindex_ledger_entries"},
		"all cases":   {sealedCases, "sqlite_autoindex_queue"},
	} {
		args := make([]any, strings.Count(c.query, "$"))
		for i := range args {
			args[i] = 1
		}
		rows, err := db.writer.Query("EXPLAIN QUERY PLAN "+c.query, args[:highest(c.query)]...)
		if err != nil {
			t.Fatal(name, err)
		}
		var plan []string
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan = append(plan, detail)
		}
		rows.Close()
		all := strings.ReplaceAll(strings.Join(plan, "; "), "SCAN json_each", "") // the list that was given is walked
		if !strings.Contains(all, c.index) || strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") && name != "members" {
			t.Errorf("%s: %s", name, all)
		}
	}
}

// What stood in a store of the first version is found where new rows are.
func TestAStoreOfTheFirstVersionIsLiftedWithItsRowsAndDuties(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.db")
	raw, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	first := fstest.MapFS{}
	for _, name := range []string{"migrations/0001_docket.sql", "migrations/0002_ledger.sql", "migrations/0003_gates.sql"} {
		b, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		first[name] = &fstest.MapFile{Data: b}
	}
	if err = migrate(t.Context(), raw, first); err != nil {
		t.Fatal(err)
	}
	due := time.UnixMilli(200_000_000).UTC()
	for _, q := range []string{
		`INSERT INTO streams VALUES ('k7wq-93', 1, zeroblob(32))`,
		`INSERT INTO queue VALUES ('k7wq-93', 'general', 'received', 200000000, x'01')`,
		`INSERT INTO duties (demand, token, clerk, kind, seat, due, sealed) VALUES ('k7wq-93', zeroblob(32), 0, 'decide', 'reviewer', 200000000, x'02')`,
	} {
		if _, err = raw.Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	raw.Close()
	db, err := Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	page, err := db.Docket().Queue(t.Context(), docket.Page{Compartment: "general", Stream: "demand", Limit: 5})
	want := docket.Row{Stream: "demand", Compartment: "general", Status: "received", Due: due, Sealed: []byte{1}}
	if err != nil || len(page) != 1 || cmp.Diff(want, page[0].Row) != "" {
		t.Fatalf("%+v %v", page, err)
	}
	early, errEarly := db.Docket().Alarms(t.Context(), docket.FirstAlarm(due).Add(-time.Millisecond), 5)
	now, errNow := db.Docket().Alarms(t.Context(), docket.FirstAlarm(due), 5)
	if errEarly != nil || errNow != nil || len(early) != 0 || len(now) != 1 {
		t.Fatalf("%v %v; %v %v", early, errEarly, now, errNow)
	}
}

// highest is the number of a query's last parameter.
func highest(query string) (n int) {
	for i, c := range query {
		if c == '$' && i+1 < len(query) {
			n = max(n, int(query[i+1]-'0'))
		}
	}
	return n
}
