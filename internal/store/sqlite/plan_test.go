package sqlite

import (
	"strings"
	"testing"
	"time"

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
		all := strings.Join(plan, "; ")
		if !strings.Contains(all, c.index) || strings.Contains(all, "SCAN") || strings.Contains(all, "TEMP B-TREE") && name != "members" {
			t.Errorf("%s: %s", name, all)
		}
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
