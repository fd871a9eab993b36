package opendoor_test

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/demand"
)

// Whoever can write the database, but no file beside it, puts every row of the
// docket back to what it was before a court's stay, and takes the stay's entry out
// of the ledger's outbox as well. History, chain and marks then fit again; only
// the journal's leaf still holds the stay.
func TestAStayThatIsCutOutOfTheDatabaseStillStopsTheRelease(t *testing.T) {
	r := makeReady(t)
	h := r.Copy(t)
	before := filepath.Join(t.TempDir(), "before.db")
	copyFile(t, h.Folder.Database(), before)

	must(t, h.Open())
	part, _ := h.State(r.demands[0]).Compelled()
	must(t, h.Act(r.demands[0], walk.Counsel, "order of this morning", demand.RecordStay{Source: "Court of Appeals, No. 13-77", Reach: part}))
	size := leaves(t, h)
	for end := time.Now().Add(20 * time.Second); leaves(t, h) < size+3; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the journal stands still")
		}
	}
	h.Close()

	statements := []string{fmt.Sprintf("ATTACH '%s' AS old", before)}
	for _, table := range []string{"duties", "queue", "commands", "receipts", "events", "streams"} {
		statements = append(statements, "DELETE FROM "+table, "INSERT INTO "+table+" SELECT * FROM old."+table)
	}
	edit(t, h, append(statements, "DELETE FROM ledger_entries WHERE id NOT IN (SELECT id FROM old.ledger_entries)")...)

	must(t, h.Open())
	if stays := h.State(r.demands[0]).Stays; len(stays) > 0 {
		t.Fatal("the stay was not cut out, so the test shows nothing")
	}
	refused(t, h, r.a, "gate.not_permitted")
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	must(t, err)
	defer in.Close()
	out, err := os.Create(to)
	must(t, err)
	_, err = io.Copy(out, in)
	must(t, err)
	must(t, out.Close())
}
