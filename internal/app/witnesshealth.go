package app

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

const (
	lagging      = 8               // leaves that a witness may be behind before doctor speaks of it
	probeWaiting = 5 * time.Second // for one witness's answer
)

// onlooker is a witness as doctor sees it: of the policy, of the configuration, or both.
type onlooker struct {
	name   string
	key    string
	counts bool // the policy names it
	at     *WitnessConfig
}

// witnesses are the office's own first, then those of the configuration, then those of
// the policy that nobody asks any more.
func (o *Office) witnesses() []onlooker {
	policy := o.policies["journal"].Policy().Witnesses()
	counts := func(key string) bool { return slices.Contains(policy, key) }
	var out []onlooker
	own := o.ownWitness()
	if own != "" {
		out = append(out, onlooker{name: "the office's own", key: own, counts: counts(own)})
	}
	for _, x := range o.asked() {
		out = append(out, onlooker{x.Name, x.Key, counts(x.Key), &x})
	}
	for _, key := range policy {
		if !slices.ContainsFunc(out, func(a onlooker) bool { return a.key == key }) {
			name, _, _ := strings.Cut(key, "+")
			out = append(out, onlooker{name, key, true, nil})
		}
	}
	return out
}

// ownWitness is the verifier key of the local witness; "" where its key is not here.
func (o *Office) ownWitness() string {
	key, err := o.Folder.ownWitness()
	if err != nil {
		return ""
	}
	return key
}

// examineWitnesses says how many must cosign, whether that is what the charter states, and
// of each witness whether it follows the journal.
func (o *Office) examineWitnesses(ctx context.Context, h *Health) {
	p := o.policies["journal"].Policy()
	all := o.witnesses()
	err := o.sameWitnesses()
	says := fmt.Sprintf("%d of %d must cosign", p.K(), len(p.Witnesses()))
	if spare := len(p.Witnesses()) - p.K(); len(all) > 1 && spare < 2 {
		says += fmt.Sprintf("; with %d missing the logs stand still", spare+1)
	}
	h.check("witnesses", says, err)
	head, err := o.journal.reader.Latest(ctx)
	if err != nil || len(all) == 1 && all[0].at == nil {
		return // of the journal itself it was said above; the own one signs what is published
	}
	checks := make([]Health, len(all))
	var g sync.WaitGroup
	for i, w := range all {
		g.Go(func() {
			says, err := o.follows(ctx, w, head)
			checks[i].check("witness", w.name+" "+says, err)
		})
	}
	g.Wait()
	for _, c := range checks {
		h.Checks = append(h.Checks, c.Checks...)
	}
}

// sameWitnesses holds the policy that this office goes by against the charter's. Code:
// ledger.policy.
func (o *Office) sameWitnesses() error {
	c, err := o.charter()
	if err != nil {
		return nil // said where the gate is examined
	}
	want, err := charterPolicy(c)
	if err != nil {
		return err
	}
	spare, err := charterEmergency(c)
	if err != nil {
		return err
	}
	now := o.policies["journal"]
	if bytes.Equal(want.Marshal(), now.Policy().Marshal()) && bytes.Equal(spare.Marshal(), now.Emergency().Marshal()) {
		return nil
	}
	return problem.New(problem.Refused, "ledger.policy", "the logs are published under another witness policy than the charter states; the gate believes the charter's").
		Fix("run counterseal gate amend --finish")
}

// follows says how far one witness is. Codes: ledger.witness_silent,
// ledger.witness_refuses, ledger.witness_lags.
func (o *Office) follows(ctx context.Context, w onlooker, head ledger.Head) (string, error) {
	note := ""
	if !w.counts {
		note = "; it does not count yet: counterseal gate amend"
	}
	if at, ok := proof.CosignedAt(head.Text, w.key); ok {
		return fmt.Sprintf("cosigned %d leaves at %s%s", head.Size, at.Format(time.RFC3339), note), nil
	}
	if w.at == nil {
		return "", problem.New(problem.Unavailable, "ledger.witness_silent", "a witness does not cosign").At("%s", w.name).
			Fix("write its address under [[ledger.witness]], or see to its key and its folder")
	}
	at, err := o.witnessAt(*w.at)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, probeWaiting)
	defer cancel()
	size, err := ledger.Probe(ctx, at.HTTP, at, head)
	if err != nil {
		return "", problem.Of(err).At("%s", w.name).Fix("ask whoever runs it; what it signed and when is in its own log")
	}
	if size+lagging < head.Size {
		return "", problem.New(problem.Unavailable, "ledger.witness_lags", "a witness has cosigned %d of %d leaves", size, head.Size).At("%s", w.name).
			Fix("ask whoever runs it")
	}
	return fmt.Sprintf("follows, %d leaves behind%s", max(head.Size, size)-size, note), nil
}

// outside says whether a checkpoint can count without anybody outside.
func (o *Office) outside() Promise {
	own, others := 0, 0
	for _, w := range o.witnesses() {
		switch {
		case !w.counts:
		case w.at == nil && w.key == o.ownWitness(), w.at != nil && w.at.Gate != "":
			own++
		default:
			others++
		}
	}
	k := o.policies["journal"].Policy().K()
	switch {
	case others == 0 && own <= 1:
		return Promise{false, "Nobody outside cosigns the journal: its one witness is on this machine, so whoever owns it could show different logs to different people"}
	case others == 0:
		return Promise{false, "Nobody outside cosigns the journal: its witnesses are this office's own and its gates, so whoever runs all of them could show different logs to different people"}
	case k <= own:
		return Promise{false, fmt.Sprintf("Witnesses outside cosign the journal, and it would count without them: %d must cosign, and %d are this provider's own", k, own)}
	}
	return Promise{true, fmt.Sprintf("Nobody is shown another journal unless witnesses outside join in: %d of %d must cosign, and %d of them are this provider's own", k, own+others, own)}
}
