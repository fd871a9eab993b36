package gate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"counterseal/internal/canon"
	"counterseal/internal/grant"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// loadCharter replays the kept statements and holds them to the record: the
// chain is as long as the record says, and each text is the one it names.
func (g *Gate) loadCharter() error {
	for i, want := range g.floor {
		text, signatures, err := g.readStatement(i + 1)
		if err != nil {
			return recordDamaged().At("charter %d", i+1).Because(err)
		}
		next, err := g.cfg.Readings.Extend(g.charter, text, signatures)
		if err != nil || next.Head != want {
			return recordDamaged().At("charter %d", i+1).Because(err)
		}
		g.adopt(next)
	}
	return nil
}

func (g *Gate) readStatement(n int) (text []byte, signatures [][]byte, err error) {
	text, err = readBounded(g.statementFile(n, "txt"), canon.MaxText)
	if err != nil {
		return nil, nil, err
	}
	for i := 1; ; i++ {
		s, err := readBounded(g.statementFile(n, fmt.Sprintf("%d.sig", i)), signature.MaxArmor)
		if errors.Is(err, fs.ErrNotExist) {
			return text, signatures, nil
		}
		if err != nil {
			return nil, nil, err
		}
		signatures = append(signatures, s)
	}
}

// Chartered says that a statement of the charter has reached the gate of a folder, also
// of one that another process runs.
func Chartered(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "charter", "1.txt"))
	return err == nil
}

func (g *Gate) statementFile(n int, end string) string {
	return g.path("charter", fmt.Sprintf("%d.%s", n, end))
}

// adopt takes a charter that was checked.
func (g *Gate) adopt(next *grant.Charter) {
	since := map[string]int{}
	for _, a := range next.Agencies {
		for _, r := range a.Recipients {
			name := a.ID + " " + r.Name()
			since[name] = next.Number
			if n, ok := g.since[name]; ok {
				since[name] = n
			}
		}
	}
	g.charter, g.since = next, since
}

// logPolicy is the policy by which the charter believes the journal.
func logPolicy(c *grant.Charter) (proof.Policy, error) {
	p, err := proof.ParsePolicy([]byte(strings.Join(c.Log, "\n") + "\n"))
	if err != nil {
		return proof.Policy{}, problem.New(problem.Invalid, "charter.log", "the charter's log policy cannot be read").Because(err)
	}
	return p, nil
}

// registerKey holds that what the charter names as the register's key is that of a log of
// its own under the log policy's witnesses. The gate itself never asks the register.
func registerKey(c *grant.Charter) error {
	if c.Register == "" {
		return nil
	}
	policy, err := logPolicy(c)
	if err == nil {
		_, err = policy.Beside(c.Register)
	}
	if err != nil {
		return problem.New(problem.Invalid, "charter.register", "the charter's key of the register does not hold").At("register").
			Fix("it is the verifier key of a log with a name and a key of its own: ledger/register.policy has it").Because(err)
	}
	return nil
}

// CharterHead gives the charter in force.
func (g *Gate) CharterHead(context.Context) (CharterHead, error) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return headOf(g.charter), nil
}

func headOf(c *grant.Charter) CharterHead {
	return CharterHead{Provider: c.Provider, Number: c.Number, Head: c.Head.String()}
}

// ExtendCharter takes the next statement: see Desk. A statement that only
// removes persons holds at once, whatever the journal does.
func (g *Gate) ExtendCharter(ctx context.Context, text []byte, signatures [][]byte) (CharterHead, error) {
	ctx, leave, err := g.enter(ctx)
	if err != nil {
		return CharterHead{}, err
	}
	defer leave()
	head, err := g.extend(ctx, text, signatures)
	if err != nil {
		return CharterHead{}, g.refused("charter", hexSum(text), err)
	}
	g.cfg.Log.Info("charter", "gate", g.cfg.ID, "number", head.Number, "head", head.Head)
	return head, nil
}

func (g *Gate) extend(ctx context.Context, text []byte, signatures [][]byte) (CharterHead, error) {
	st, err := g.cfg.Readings.Statement(text)
	if err != nil {
		return CharterHead{}, err
	}
	digest := grant.Signed{Text: text}.Digest()
	g.mu.RLock()
	now := g.charter
	g.mu.RUnlock()
	// A large statement takes its time, and whoever reaches the desk can send one: no stop
	// waits for it.
	_, err = g.next(now, st, text, signatures)
	if err != nil {
		return CharterHead{}, err
	}
	if !st.OnlyRemoves() {
		if err := g.commit(ctx, digest); err != nil {
			return CharterHead{}, err
		}
	}
	head, err := g.take(st, text, signatures)
	if err != nil {
		return CharterHead{}, err
	}
	if st.OnlyRemoves() {
		_ = g.commit(ctx, digest) // a release commits it again and waits for the proof
	}
	g.mark(ctx, "charter", digest)
	return head, nil
}

// next is the charter that the statement leads to from the one in force. What was read of
// it before is remembered.
func (g *Gate) next(now *grant.Charter, st grant.Statement, text []byte, signatures [][]byte) (*grant.Charter, error) {
	next, err := g.cfg.Readings.Extend(now, text, signatures)
	if err != nil {
		return nil, err
	}
	if _, err := logPolicy(next); err != nil {
		return nil, err
	}
	if _, err := g.readSpare(next); err != nil {
		return nil, err
	}
	if err := registerKey(next); err != nil {
		return nil, err
	}
	if st.At.After(g.cfg.Now().Add(grant.MaxSkew)) {
		return nil, problem.New(problem.Refused, "charter.future", "this statement is dated in the future").Fix("compare the clocks")
	}
	if next.Number == 1 {
		if err := g.named(next); err != nil {
			return nil, err
		}
	}
	return next, nil
}

// named holds that the charter names this gate with this key.
func (g *Gate) named(c *grant.Charter) error {
	own, ok := c.GateByID(g.cfg.ID)
	if !ok || signature.Line(own.Key) != signature.Line(g.cfg.Key.PublicKey()) {
		return problem.New(problem.Refused, "gate.key", "the charter does not name this gate with the key that it signs with").At("%s", g.cfg.ID)
	}
	return nil
}

func (g *Gate) take(st grant.Statement, text []byte, signatures [][]byte) (CharterHead, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	next, err := g.next(g.charter, st, text, signatures)
	if err != nil {
		return CharterHead{}, err
	}
	// Files of a statement that a crash kept out of the record are overwritten.
	for i := 1; ; i++ {
		gone, err := removeIfThere(g.statementFile(next.Number, fmt.Sprintf("%d.sig", i)))
		if err != nil {
			return CharterHead{}, err
		}
		if !gone {
			break
		}
	}
	for i, s := range signatures {
		if err := writeWhole(g.statementFile(next.Number, fmt.Sprintf("%d.sig", i+1)), s); err != nil {
			return CharterHead{}, err
		}
	}
	if err := writeWhole(g.statementFile(next.Number, "txt"), text); err != nil {
		return CharterHead{}, err
	}
	if err := g.append(kindCharter, stepCharter{Number: next.Number, Digest: next.Head.String()}); err != nil {
		return CharterHead{}, err
	}
	g.adopt(next)
	return headOf(next), nil
}
