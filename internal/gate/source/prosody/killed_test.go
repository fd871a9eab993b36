package prosody_test

import (
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"counterseal/internal/gate/source/prosody"
	"counterseal/internal/gate/sourcetest/servers"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Prosody is killed while it archives. What it left behind on the disk is read as what it
// is once somebody who may write has opened it, or not at all.
func TestAnArchiveWhoseProsodyWasKilledIsWholeOrUnreadable(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes a minute under the race detector")
	}
	server := servers.Prosody(t, "june", "mercer")
	cfg := config(server.Dir)
	cfg.Accounts = map[scope.AccountID]string{"ac-mercer-2": "mercer"}
	rounds := 3
	if os.Getenv("COUNTERSEAL_FAULTS") == "all" {
		rounds = 60
	}
	archivesAtAll(t, server.Address, cfg)
	unreadable, last := 0, 0
	for round := 0; round < rounds || last <= 1 && round < 40; round++ { // on a busy machine, until a flood has come as far as the archive
		june := dial(t, server.Address, "june")
		flood(june, round)
		time.Sleep(time.Duration(20+7*round%200) * time.Millisecond)
		server.Kill()
		june.Close()
		left, _, err := collect(t, open(t, cfg), "ac-mercer-2")
		if err != nil && problem.Code(err) != "source.unreadable" {
			t.Fatal(err)
		}
		mend(t, server.Dir)
		mended, gaps, merr := collect(t, open(t, cfg), "ac-mercer-2")
		server.Start()
		if merr != nil || len(gaps) > 0 {
			t.Fatalf("%d items, %v, %v", len(mended), gaps, merr)
		}
		last = len(mended) / 2
		if err != nil {
			unreadable++
		} else if !slices.Equal(left, mended) {
			t.Fatalf("round %d: %d items before it was mended, %d after", round, len(left), len(mended))
		}
	}
	if last <= 1 {
		t.Error("Prosody has archived nothing of what was said before it was killed")
	}
	t.Logf("%d messages in the end; %d times unreadable until it was mended", last, unreadable)
}

// archivesAtAll says one thing and waits until it is in the archive: before that, there
// may be no table.
func archivesAtAll(t *testing.T, address string, cfg prosody.Config) {
	t.Helper()
	june := dial(t, address, "june")
	defer june.Close()
	june.say(t, `<message to='mercer@chat.example' type='chat' id='first'><body>the first</body></message>`)
	for range 200 {
		got, _, err := collect(t, open(t, cfg), "ac-mercer-2")
		if err == nil && len(got) == 2 {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("Prosody archives nothing")
}

// mend opens the database as one does who may write, and takes back what was begun.
func mend(t *testing.T, dir string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, "prosody.sqlite"))
	must(t, err)
	defer db.Close()
	n := 0
	err = db.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&n)
	must(t, err)
}

// flood has a client say much, and does not wait.
func flood(c *client, round int) {
	go func() {
		for i := range 5000 {
			_, err := fmt.Fprintf(c, "<message to='mercer@chat.example' type='chat' id='m%d-%d'><body>what was said in round %d, number %d</body></message>", round, i, round, i)
			if err != nil {
				return
			}
		}
	}()
}
