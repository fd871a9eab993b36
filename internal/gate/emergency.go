package gate

import (
	"context"
	"slices"
	"strings"
	"time"

	"counterseal/internal/evidence/release"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// On the day on which too few witnesses answer, a life must not wait for them, and the
// witnesses must not become something that is asked when it suits. So a quorum says
// beforehand, in the journal, whose cosignatures are enough for a grant of the emergency
// lane; a gate goes by that while the log policy cannot be had, writes down that it did,
// and from then on the office owes the cosignatures of the log policy on what the gate
// went by. Decision 0040 says why.

// askAgain is the pause between two questions to a journal that says at once that it has
// nothing; alreadySilent is how long one is asked that was waited for in this release.
const (
	askAgain      = 200 * time.Millisecond
	alreadySilent = time.Second
)

// spare is the charter's emergency policy as this gate goes by it.
type spare struct {
	policy proof.Policy
	terms  grant.Emergency
}

// readSpare gives the charter's emergency policy; nil where it has none. It names no
// witness that is this gate's own: that would be the provider's word for itself. Code:
// charter.emergency.
func (g *Gate) readSpare(c *grant.Charter) (*spare, error) {
	if c.Emergency == nil {
		return nil, nil
	}
	bad := problem.New(problem.Invalid, "charter.emergency", "the emergency policy does not hold").At("emergency-log").
		Fix("it asks for fewer witnesses than the log policy, at least one, and names witnesses of the log policy that are not the provider's own")
	ordinary, err := logPolicy(c)
	if err != nil {
		return nil, err
	}
	p, err := proof.ParsePolicy([]byte(strings.Join(c.Emergency.Log, "\n") + "\n"))
	if err == nil {
		err = ordinary.CheckEmergency(p)
	}
	if err != nil {
		return nil, bad.Because(err)
	}
	own := func(key string) bool { return strings.HasPrefix(key, g.cfg.OwnWitness+"+") }
	if g.cfg.OwnWitness != "" && !g.unasked["emergency-own"] && slices.ContainsFunc(p.Witnesses(), own) {
		return nil, bad.At("emergency-log: %s", g.cfg.OwnWitness)
	}
	return &spare{p, *c.Emergency}, nil
}

// under says of a checkpoint that it was taken under the emergency policy, and for whom.
type under struct {
	id       string // of the grant
	ordinary uint64 // leaves of the newest checkpoint that holds under the log policy
	late     time.Duration
}

// spareChecks are asked before and after a proof is taken under the emergency policy, by
// name, so that a test takes the list apart.
var spareChecks = []struct {
	name string
	ask  func(a *attempt, taken checkpoint, shown checkpoint) error
}{
	{"emergency-overdue", checkOverdue},
	{"emergency-needless", checkNeedless},
}

// checkOverdue: what is owed from the first such release on is there in time, or there is
// no further one.
func checkOverdue(a *attempt, _, _ checkpoint) error {
	a.g.mu.RLock()
	defer a.g.mu.RUnlock()
	if d := a.g.duty; d != nil && a.g.cfg.Now().After(d.due) {
		return refuse("gate.emergency_overdue", "the witnesses' cosignatures have been owed since %s, and were due on %s", d.since.UTC().Format(time.RFC3339), d.due.UTC().Format(time.RFC3339)).
			Fix("have the witnesses of the log policy cosign, or have the quorum name others: counterseal gate amend")
	}
	return nil
}

// checkNeedless: where the log policy holds for as much, nothing else is taken.
func checkNeedless(_ *attempt, taken, shown checkpoint) error {
	if shown.Size >= taken.Size {
		return refuse("gate.emergency_needless", "the journal is cosigned as the log policy asks, and was offered under the emergency policy").Fix("see why the proof was not given: the office's log says")
	}
	return nil
}

// lane gives the emergency policy where this grant may rest on it; mu is held. A grant to
// keep or to preview has no lane.
func (a *attempt) lane() *spare {
	if !a.grant.Emergency && !a.g.unasked["emergency-lane"] {
		return nil
	}
	s, err := a.g.readSpare(a.charter)
	if err != nil { // taken before this gate was a witness; the log policy is all there is
		return nil
	}
	return s
}

// ordinary proves a digest under the log policy. Where there is an emergency policy to
// go by, it asks for as long as the charter says before it gives up, whatever the office
// answers meanwhile; once in a release.
func (a *attempt) ordinary(digest [32]byte) (text []byte, v proof.Verified, cp checkpoint, err error) {
	if a.spare == nil {
		return a.g.proven(a.ctx, a.policy, digest)
	}
	wait := a.spare.terms.Wait
	if a.waited {
		wait = alreadySilent
	}
	ctx, cancel := context.WithTimeout(a.ctx, wait)
	defer cancel()
	for {
		text, v, cp, err = a.g.proven(ctx, a.policy, digest)
		if !silent(err) || a.waited {
			return text, v, cp, err
		}
		if a.g.unasked["emergency-wait"] {
			a.waited = true
			return text, v, cp, err
		}
		select {
		case <-ctx.Done():
			a.waited = true
			return text, v, cp, err
		case <-time.After(askAgain):
		}
	}
}

// silent reports whether the journal gave nothing, as against something that is wrong.
func silent(err error) bool { return problem.Code(err) == "gate.ledger_unavailable" }

// provenSpare proves a digest under the emergency policy. Codes: those of spareChecks,
// gate.unlogged, gate.unwitnessed, gate.ledger_unavailable, gate.log_forked.
func (a *attempt) provenSpare(digest [32]byte) ([]byte, proof.Verified, error) {
	ctx, cancel := a.g.patient(a.ctx)
	defer cancel()
	text, err := a.g.cfg.Journal.EmergencyProof(ctx, digest)
	if err != nil {
		return nil, proof.Verified{}, unanswered(err)
	}
	p, err := proof.ParseProof(text)
	if err != nil {
		return nil, proof.Verified{}, unlogged(err)
	}
	v, err := proof.Verify(p, digest, a.spare.policy)
	if err != nil {
		return nil, proof.Verified{}, disbelieved(err)
	}
	shown, err := a.g.latest(a.ctx, a.policy)
	if err != nil {
		return nil, proof.Verified{}, err
	}
	taken := checkpoint{Checkpoint: proof.Checkpoint{Origin: a.policy.Origin(), Size: v.Size, Root: v.Root}, text: p.Checkpoint}
	for _, c := range spareChecks {
		if a.g.unasked[c.name] {
			continue
		}
		if err := c.ask(a, taken, shown); err != nil {
			return nil, proof.Verified{}, err
		}
	}
	taken.under = &under{a.id, shown.Size, a.spare.terms.Late}
	a.seen = append(a.seen, taken)
	a.took = true
	return text, v, nil
}

// statementLogged proves that the journal holds a statement of the charter. What a quorum
// decides is never taken under the emergency policy, or it could be made for the occasion;
// that somebody is taken off the roster is, so that no removal stops a rescue.
func (a *attempt) statementLogged(number int, digest grant.Digest) (time.Time, error) {
	if a.spare != nil && !a.g.unasked["emergency-statement"] && !a.g.removes(number) {
		_, v, cp, err := a.ordinary(digest)
		if err != nil {
			return time.Time{}, err
		}
		a.seen = append(a.seen, cp)
		return v.Tick, nil
	}
	_, tick, err := a.logged(digest)
	return tick, err
}

// removes reports whether a statement of the charter only takes persons off the roster.
func (g *Gate) removes(number int) bool {
	text, _, err := g.readStatement(number)
	if err != nil {
		return false
	}
	st, err := g.cfg.Readings.Statement(text)
	return err == nil && st.OnlyRemoves()
}

// witnesses is what the release's text says of its beginning.
func (a *attempt) witnesses() release.Witnesses {
	switch {
	case a.took:
		return release.Emergency
	case a.spare != nil:
		return release.Ordinary
	}
	return ""
}

// spareHead holds the newest head under the emergency policy against what the gate had
// seen, where the log policy's is behind.
func (a *attempt) spareHead(seen, ordinary uint64) error {
	ctx, cancel := a.g.patient(a.ctx)
	defer cancel()
	text, err := a.g.cfg.Journal.EmergencyCheckpoint(ctx)
	if err != nil {
		return unanswered(err)
	}
	cp, err := a.spare.policy.OpenCheckpoint(text)
	if err != nil {
		return disbelieved(err)
	}
	if cp.Size < seen {
		return rolledBack(seen, cp.Size)
	}
	return a.g.continues(a.ctx, checkpoint{cp, text, &under{a.id, ordinary, a.spare.terms.Late}})
}

// behind is why nothing else leaves while the log policy's witnesses have not cosigned
// what an emergency was released by.
func behind() *problem.Error {
	return problem.New(problem.Unavailable, "gate.witnesses_behind", "too few witnesses have cosigned the journal since it was taken under the emergency policy").
		Fix("see that the witnesses answer: counterseal doctor")
}

// forward holds that the journal's newest head is not behind what the gate had seen
// before it asked.
func (a *attempt) forward() error {
	// Another release may see a newer head while this one waits for its answer.
	a.g.mu.RLock()
	seen, owed := a.g.kept[a.policy.Origin()].Size, a.g.duty != nil
	a.g.mu.RUnlock()
	newest, err := a.g.latest(a.ctx, a.policy)
	if err != nil {
		return err
	}
	switch {
	case newest.Size >= seen:
		return a.g.continues(a.ctx, newest)
	case a.took:
		if err := a.g.continues(a.ctx, newest); err != nil {
			return err
		}
		return a.spareHead(seen, newest.Size)
	case owed:
		return behind()
	}
	return rolledBack(seen, newest.Size)
}

func rolledBack(seen, shown uint64) *problem.Error {
	return problem.New(problem.Unverified, "gate.log_rolled_back", "the journal had %d leaves and now shows %d", seen, shown).
		Fix("find out what was restored; nothing leaves until the journal is whole")
}
