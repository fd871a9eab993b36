package gate_test

import (
	"os/exec"
	"testing"

	"counterseal/internal/gate/gatetest"
)

// The line that too much was packed is on the disk, and the disk says that it is not:
// what was packed is not removed by who does not know, and the next start keeps it apart.
func TestAnAlarmThatMayBeOnTheDiskKeepsWhatItIsAbout(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: it takes a minute under the race detector")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Skip("SKIPPED: strace is missing")
	}
	found := 0
	v := newVictimWith(t, gatetest.Mailbox())
	toRelease(v)
	all := v.points("COUNTERSEAL_CHILD_BREAKS=1")
	for _, b := range all {
		if b.call != "fsync" || b.what != "error=EIO" {
			continue
		}
		v := newVictimWith(t, gatetest.Mailbox())
		toRelease(v)
		v.strike(b, "COUNTERSEAL_CHILD_BREAKS=1")
		v.open()
		if holdsApart(v, false) {
			found++
		}
		v.gate.Close()
	}
	if found == 0 {
		t.Error("no fsync that failed left the line on the disk")
	}
}
