package gate

import (
	"context"
	"os"
	"slices"
	"strings"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// Approve keeps a person's signature over Text: see Desk.
func (g *Gate) Approve(ctx context.Context, id string, armored []byte) (Status, error) {
	_, leave, err := g.enter(ctx)
	if err != nil {
		return Status{}, err
	}
	defer leave()
	full, err := g.approve(id, armored)
	if err != nil {
		return Status{}, g.refused("approve", logID(id), err)
	}
	return g.Status(ctx, full)
}

func (g *Gate) approve(id string, armored []byte) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, err := g.find(id)
	if err != nil {
		return "", err
	}
	if g.runs[o.id] != nil || g.running[o.id] != nil {
		return "", problem.New(problem.Conflict, "gate.begun", "this release has begun").Fix("look at its status")
	}
	text, err := g.readText(o.id)
	if err != nil {
		return "", err
	}
	_, made, err := grant.Approval(g.charter, o.grant, text, armored)
	if err != nil {
		return "", err
	}
	if err := g.counted(made, armored); err != nil {
		return "", err
	}
	return o.id, writeWhole(g.offerFile(o.id, keyID(made.Key)+".sig"), armored)
}

// counted records how far a device has counted its signatures, and refuses one that
// counts backwards: there are two of it (WebAuthn Level 3, section 6.1.1). The same
// signature again, as for the grants of a batch, is no step back. Code:
// approval.counter.
func (g *Gate) counted(made signature.Made, approval []byte) error {
	if !made.Hardware {
		return nil
	}
	now := stepDevice{Key: keyID(made.Key), Count: made.Counter, Signature: hexSum(approval)}
	last := g.devices[now.Key]
	if last == now || (made.Counter == 0 && last.Count == 0) {
		return nil
	}
	if made.Counter <= last.Count {
		return refuse("approval.counter", "this device has counted further before, so there may be two of it; its signature does not count").
			Fix("take its key off the roster, and find out who else has it")
	}
	return g.append(kindDevice, now)
}

// approvals reads the kept signatures that count now; one that lies there and
// does not count is left out, as it is when a person was removed.
func (g *Gate) approvals(c *grant.Charter, o *offer, text []byte) (signatures [][]byte, persons []string, err error) {
	entries, err := os.ReadDir(g.path("offers", o.id))
	if err != nil {
		return nil, nil, unusable(err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".sig") || len(signatures) == 32 {
			continue
		}
		s, err := readBounded(g.offerFile(o.id, e.Name()), signature.MaxArmor)
		if err != nil {
			return nil, nil, unusable(err)
		}
		who, err := g.cfg.Readings.Approvers(c, o.grant, text, [][]byte{s})
		if err != nil {
			continue
		}
		signatures = append(signatures, s)
		if !slices.Contains(persons, who[0].ID) {
			persons = append(persons, who[0].ID)
		}
	}
	return signatures, persons, nil
}
