package docket_test

import (
	"database/sql"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/demand"
)

// TestWhatWasReadBeforeHidesNoChange changes the store under a docket that has just
// read the stream, and asks that docket again.
func TestWhatWasReadBeforeHidesNoChange(t *testing.T) {
	for name, change := range map[string]string{
		"a record":           `UPDATE events SET sealed = zeroblob(length(sealed)) WHERE demand = $1 AND seq = 1`,
		"the last record":    `UPDATE events SET sealed = zeroblob(length(sealed)) WHERE demand = $1 AND seq = 2`,
		"a link":             `UPDATE events SET chain = zeroblob(32) WHERE demand = $1 AND seq = 1`,
		"a record is gone":   `DELETE FROM events WHERE demand = $1 AND seq = 1`,
		"the end is cut off": `DELETE FROM events WHERE demand = $1 AND seq = 2`,
		"two are exchanged":  `UPDATE events SET sealed = (SELECT sealed FROM events AS o WHERE o.demand = events.demand AND o.seq = 3 - events.seq) WHERE demand = $1 AND seq < 3`,
		"the head":           `UPDATE streams SET head = zeroblob(32) WHERE demand = $1`,
	} {
		t.Run(name, func(t *testing.T) {
			h := build(t)
			a := h.submit("one")
			h.do(a.ID, "ann", demand.Authenticate{Genuine: true, How: "called"})
			first, again := h.state(a.ID), h.state(a.ID)
			if d := cmp.Diff(first.State.Authentic, again.State.Authentic); d != "" || first.State.Last != again.State.Last {
				t.Fatalf("read as another: %s", d)
			}
			db, err := sql.Open("sqlite", filepath.Join(h.dir, "s.db"))
			must(t, err)
			defer db.Close()
			done, err := db.Exec(change, string(a.ID))
			must(t, err)
			if n, err := done.RowsAffected(); err != nil || n == 0 {
				t.Fatalf("nothing was changed: %d %v", n, err)
			}
			_, err = h.State(t.Context(), a.ID)
			wantCode(t, err, "docket.tampered")
		})
	}
}

// TestAStateThatSomebodyChangedIsNotReadAgain changes what one reader was given.
func TestAStateThatSomebodyChangedIsNotReadAgain(t *testing.T) {
	h := build(t)
	a := h.submit("one")
	want := h.state(a.ID).State.Targets[0].Stated
	for range 3 {
		s := h.state(a.ID).State
		if got := s.Targets[0].Stated; got != want {
			t.Fatalf("read %q, want %q", got, want)
		}
		s.Targets[0].Stated = "somebody else"
		past, err := h.History(t.Context(), a.ID)
		must(t, err)
		past[0].Event.(demand.Received).Targets[0].Stated = "somebody else"
	}
}
