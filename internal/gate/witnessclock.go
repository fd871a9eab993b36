package gate

import (
	"slices"
	"time"

	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// The journal's tick is the office's word. Each cosignature states when a witness made it
// (c2sp.org/tlog-cosignature), so the checkpoint of what this gate committed a moment ago
// tells the time of everybody who signed it, and an office that sets the gate's clock and
// lies along with it needs most of them.

// witnessClock holds the gate's clock against the median of the witnesses' times on a
// checkpoint of something that was committed at the time given and was proven now. Of an
// even number both in the middle count: with two, one that lies makes the gate wait, and
// not release. The gate's own witness has the gate's own clock and is left out; where
// nobody else has signed, the journal's tick is all there is. Code: gate.clock_witnesses.
func (g *Gate) witnessClock(v proof.Verified, committed, now time.Time, skew time.Duration) error {
	var at []time.Time
	for i, t := range v.At {
		if v.Witnesses[i] != g.cfg.OwnWitness {
			at = append(at, t)
		}
	}
	if len(at) == 0 {
		return nil
	}
	slices.SortFunc(at, time.Time.Compare)
	low, high := at[(len(at)-1)/2], at[len(at)/2]
	// A cosignature states whole seconds.
	if low.Before(committed.Truncate(time.Second).Add(-skew)) || high.After(now.Add(skew)) {
		return problem.New(problem.Refused, "gate.clock_witnesses", "the gate's clock is not that of the witnesses").
			At("%s to %s, here %s", low.Format(time.RFC3339), high.Format(time.RFC3339), now.UTC().Format(time.RFC3339)).
			Fix("set the clock right, or ask the witnesses what time it is there; then draft and approve a new grant")
	}
	return nil
}

// checkWitnessClock: whoever holds office and gate's clock does not hold the witnesses'.
func checkWitnessClock(a *attempt) error {
	return a.g.witnessClock(a.begins, a.drawn, a.g.cfg.Now(), a.charter.Policy.Skew)
}
