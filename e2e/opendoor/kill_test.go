package opendoor_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"counterseal/e2e/opendoor/walk"
	"counterseal/internal/demand"
	"counterseal/internal/evidence/release"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// The whole program, as a user starts it, is killed at a random moment of a
// release, docket, logs and gate at once. Whatever the moment: nothing is visible
// or a complete package is; what is visible is in the journal; and the next start
// says what became of the release. CI asks for 50 rounds with
// COUNTERSEAL_KILL_ROUNDS.
func TestAKillOfTheWholeProgramLeavesNothingOrACompletePackage(t *testing.T) {
	rounds := 4
	if n, err := strconv.Atoi(os.Getenv("COUNTERSEAL_KILL_ROUNDS")); err == nil {
		rounds = n
	}
	path, err := program()
	must(t, err)
	r := makeReady(t)
	took := killAfter(t, path, r.Copy(t), r.a, time.Minute)
	seen := map[gate.State]int{}
	for range rounds {
		h := r.Copy(t)
		killAfter(t, path, h, r.a, time.Duration(rand.Int64N(int64(took))))
		seen[afterKill(t, h, r.a, r.demands[0])]++
		must(t, os.RemoveAll(string(h.Folder)))
	}
	t.Logf("%d kills within %v: %v", rounds, took.Round(time.Millisecond), seen)
}

// killAfter starts a release and kills it after a while; it returns how long the
// process lived.
func killAfter(t *testing.T, path string, h *walk.House, st gate.Status, after time.Duration) time.Duration {
	t.Helper()
	c := exec.Command(path, "gate", "release", st.Grant, "--data", string(h.Folder), "--as", walk.Counsel, "--yes",
		"--key", filepath.Join(string(h.Folder), "people", walk.Counsel))
	begin := time.Now()
	must(t, c.Start())
	timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
	defer timer.Stop()
	err := c.Wait()
	var exit *exec.ExitError
	if err != nil && !(errors.As(err, &exit) && !exit.Exited()) {
		t.Fatalf("the release ended by itself, with %v", err)
	}
	return time.Since(begin)
}

// afterKill opens the folder again and holds what must be true.
func afterKill(t *testing.T, h *walk.House, st gate.Status, id demand.ID) gate.State {
	t.Helper()
	before := h.Visible() // what the kill left, before anything was put right
	must(t, h.Open())
	defer h.Close()
	status, err := h.Office.Desk().Status(t.Context(), st.ID)
	must(t, err)
	must(t, h.Office.TakeNews(t.Context()))
	interrupted, err := h.Office.Desk().Interrupted(t.Context())
	must(t, err)
	told := slices.ContainsFunc(interrupted, func(i gate.Interruption) bool { return i.ID == st.ID })
	grant := h.State(id).Grants[0]
	switch status.State {
	case gate.Released:
		checkFetched(t, h, h.Fetch(st))
		if grant.Outcome != demand.Released {
			t.Errorf("a package is visible and the docket says %q", grant.Outcome)
		}
	case gate.Offered:
		if _, err := h.Release(st); err != nil {
			t.Errorf("nothing had begun, so the release can be asked for again: %v", err)
		}
	case gate.Interrupted, gate.Unknown:
		if !told {
			t.Error("the next start does not say that a release was interrupted")
		}
		if status.State == gate.Unknown && grant.Outcome != demand.Unknown {
			t.Errorf("a person has to find out, and the docket says %q", grant.Outcome)
		}
		if _, err := h.Release(st); err == nil {
			t.Error("an interrupted grant was released")
		} else if code := problem.Code(err); code != "gate.interrupted" && code != "gate.outcome_unknown" {
			t.Errorf("an interrupted grant answers %v", err)
		}
		if left := h.Visible(); len(left) > 0 {
			t.Errorf("an interrupted release left %v", left)
		}
	default:
		t.Errorf("after a kill the grant is %q, with %v", status.State, before)
	}
	return status.State
}

// checkFetched holds that a fetched package is complete: signature, journal,
// every item.
func checkFetched(t *testing.T, h *walk.House, folder string) {
	t.Helper()
	for _, name := range release.Files {
		if _, err := os.Stat(filepath.Join(folder, name)); err != nil {
			t.Errorf("a visible package lacks %s", name)
		}
	}
	if said := command(t, "verify", folder, "--trust", h.Folder.Trust(), "--identity", h.Officer); said.exit != 0 {
		t.Errorf("a visible package does not verify: %s", said.err)
	}
}
