package app

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/problem"
)

// EmergencyConfig is [ledger.emergency]: whose cosignatures are enough for a grant of the
// emergency lane while too few witnesses answer. It counts once the charter says so.
type EmergencyConfig struct {
	Witnesses []string `toml:"witnesses"` // of [[ledger.witness]], by name; none of them the provider's own
	Threshold int      `toml:"threshold"` // how many of them must cosign; 0: one
	Wait      string   `toml:"wait"`      // how long a gate waits for the others first; "": 20s
	Late      string   `toml:"late"`      // how long the others' cosignatures may be missing; "": 72h
}

const (
	defaultEmergencyWait = 20 * time.Second
	defaultEmergencyLate = 72 * time.Hour
)

// some reports whether there is one.
func (e EmergencyConfig) some() bool { return len(e.Witnesses) > 0 }

// amiss names the key that does not hold; "" for none.
func (e EmergencyConfig) amiss(all []WitnessConfig) (key, fix string) {
	if !e.some() {
		if e.Threshold != 0 || e.Wait != "" || e.Late != "" {
			return "ledger.emergency: witnesses", "name the witnesses, of [[ledger.witness]], or leave the section out"
		}
		return "", ""
	}
	for i, name := range e.Witnesses {
		at := slices.IndexFunc(all, func(w WitnessConfig) bool { return w.Name == name })
		if at < 0 || all[at].Gate != "" || slices.Contains(e.Witnesses[:i], name) {
			return "ledger.emergency: witnesses", "write names of [[ledger.witness]], each once, and none of a gate: a gate's word is the provider's own"
		}
	}
	if e.Threshold < 0 || e.Threshold > len(e.Witnesses) {
		return "ledger.emergency: threshold", "write how many of these witnesses must cosign, at least one"
	}
	t, err := e.terms()
	if err != nil || t.Wait < grant.MinEmergencyWait || t.Wait > grant.MaxEmergencyWait {
		return "ledger.emergency: wait", "write how long a gate waits, from \"1s\" to \"1m\""
	}
	if t.Late < grant.MinEmergencyLate || t.Late > grant.MaxEmergencyLate {
		return "ledger.emergency: late", "write how long cosignatures may be missing, from \"1h\" to \"168h\""
	}
	return "", ""
}

func (e EmergencyConfig) terms() (grant.Emergency, error) {
	out := grant.Emergency{Wait: defaultEmergencyWait, Late: defaultEmergencyLate}
	for _, d := range []struct {
		text string
		into *time.Duration
	}{{e.Wait, &out.Wait}, {e.Late, &out.Late}} {
		if d.text == "" {
			continue
		}
		v, err := time.ParseDuration(d.text)
		if err != nil {
			return out, err
		}
		*d.into = v
	}
	return out, nil
}

// draftEmergency is the section of the charter that the configuration wants beside a log
// policy; nil for none. Code: charter.emergency.
func (c Config) draftEmergency(policy proof.Policy) (*grant.Emergency, error) {
	e := c.Ledger.Emergency
	if !e.some() {
		return nil, nil
	}
	out, err := e.terms()
	if err != nil {
		return nil, err // refused with the configuration
	}
	var keys []string
	for _, name := range e.Witnesses {
		for _, w := range c.Ledger.Witness {
			if w.Name == name {
				keys = append(keys, w.Key)
			}
		}
	}
	p, err := proof.NewPolicy(policy.LogKey(), keys, max(e.Threshold, 1))
	if err == nil {
		err = policy.CheckEmergency(p)
	}
	if err != nil {
		return nil, problem.New(problem.Invalid, "charter.emergency", "the emergency policy does not hold").At("counterseal.toml: ledger.emergency").
			Fix("it asks for fewer witnesses than the log policy, and names witnesses that the log policy names").Because(err)
	}
	out.Log = policyLines(p)
	return &out, nil
}

func policyLines(p proof.Policy) []string {
	return strings.Split(strings.TrimSuffix(string(p.Marshal()), "\n"), "\n")
}

// charterEmergency is the emergency policy that the charter states; the zero Policy for
// none.
func charterEmergency(c *grant.Charter) (proof.Policy, error) {
	if c.Emergency == nil {
		return proof.Policy{}, nil
	}
	p, err := proof.ParsePolicy([]byte(strings.Join(c.Emergency.Log, "\n") + "\n"))
	if err != nil {
		return p, problem.New(problem.Invalid, "charter.emergency", "the charter's emergency policy cannot be read").Because(err)
	}
	return p, nil
}

// EmergencyPolicy is the journal's emergency policy; the register has none.
func (f Folder) EmergencyPolicy() string { return f.path("ledger", "journal-emergency.policy") }

// readEmergency reads the journal's emergency policy that is in force; the zero Policy
// for none.
func (f Folder) readEmergency() (proof.Policy, error) {
	text, err := readOptional(f.EmergencyPolicy())
	if err != nil || text == nil {
		return proof.Policy{}, err
	}
	return proof.ParsePolicy(text)
}

// takeEmergency makes the emergency policy that the charter states the one by which
// checkpoints are published apart.
func (f Folder) takeEmergency(c *grant.Charter) error {
	p, err := charterEmergency(c)
	if err != nil {
		return err
	}
	if p.None() {
		if err := os.Remove(f.EmergencyPolicy()); err != nil && !os.IsNotExist(err) {
			return folderProblem(err)
		}
		return nil
	}
	now, err := f.readEmergency()
	if err == nil && bytes.Equal(now.Marshal(), p.Marshal()) {
		return nil
	}
	return replace(f.EmergencyPolicy(), p.Marshal())
}

// takenUp is what the logs go by: which witnesses are asked, and which count.
type takenUp struct {
	asked []WitnessConfig
	text  string // of all that was taken up
	read  string // the folder's files, as they were then
}

// witnessTexts are the folder's files that say something of witnesses, one after the
// other.
func (f Folder) witnessTexts() (string, error) {
	var all strings.Builder
	for _, path := range []string{f.Config(), f.Policy("journal"), f.Policy("register"), f.EmergencyPolicy()} {
		text, err := readOptional(path)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&all, "%d\n%s", len(text), text)
	}
	return all.String(), nil
}

// rereadWitnesses takes up what the folder says of witnesses since: the policies that a
// gate's charter has come to, and the witnesses that the configuration names. What cannot
// be read, or does not fit together, changes nothing and goes into the log; doctor says
// the same.
func (o *Office) rereadWitnesses() {
	if err := o.takeUp(); err != nil {
		o.log.Error("witnesses not taken up", "code", problem.Code(err))
	}
}

func (o *Office) takeUp() error {
	read, err := o.Folder.witnessTexts()
	if err != nil {
		return err
	}
	o.witnessing.Lock()
	known := o.takenUp.read == read
	o.witnessing.Unlock()
	if known { // at every round of a clerk: the texts are not parsed again
		return nil
	}
	c, err := o.Folder.ReadConfig()
	if err != nil {
		return err
	}
	policies := map[string]proof.Policy{}
	text := bytes.Buffer{}
	for _, log := range []string{"journal", "register"} {
		policies[log], err = o.Folder.readPolicy(log)
		if err != nil {
			return err
		}
		text.Write(policies[log].Marshal())
	}
	spare, err := o.Folder.readEmergency()
	if err != nil {
		return err
	}
	text.Write(spare.Marshal())
	for _, w := range c.Ledger.Witness {
		text.WriteString(strings.Join([]string{w.Name, w.Key, w.Address, w.Pin, w.Gate}, "\x00") + "\n")
	}
	o.witnessing.Lock()
	defer o.witnessing.Unlock()
	if o.takenUp.text == text.String() {
		o.takenUp.read = read
		return nil
	}
	if w := o.logs.Load(); w != nil {
		if err := o.rewire(w, policies, spare, c.Ledger.Witness); err != nil {
			return err
		}
	}
	o.policies["journal"].Set(policies["journal"], spare)
	o.policies["register"].Set(policies["register"], proof.Policy{})
	if o.takenUp.text != "" {
		o.log.Info("witnesses taken up", "asked", len(c.Ledger.Witness), "threshold", policies["journal"].K())
	}
	o.takenUp = takenUp{c.Ledger.Witness, text.String(), read}
	return nil
}

// forgetWitnesses has the next round take up everything anew.
func (o *Office) forgetWitnesses() {
	o.witnessing.Lock()
	defer o.witnessing.Unlock()
	o.takenUp.read, o.takenUp.text = "", ""
}

// rewire lets the logs' writers ask these witnesses and go by these policies.
func (o *Office) rewire(w *writers, policies map[string]proof.Policy, spare proof.Policy, asked []WitnessConfig) error {
	others, err := o.witnessesAt(asked)
	if err != nil {
		return err
	}
	all := append([]ledger.WitnessAt{w.own}, others...)
	if err := w.journal.Take(policies["journal"], spare, all); err != nil {
		return err
	}
	return w.register.Take(policies["register"], proof.Policy{}, all)
}

// asked are the witnesses that the configuration names, as they were taken up.
func (o *Office) asked() []WitnessConfig {
	o.witnessing.Lock()
	defer o.witnessing.Unlock()
	return o.takenUp.asked
}

// EmergencyProof implements gate.Journal.
func (j journal) EmergencyProof(ctx context.Context, digest [32]byte) ([]byte, error) {
	id, err := j.rows.FindDigest(ctx, digest)
	if err != nil {
		return nil, err
	}
	j.hurried(ctx)
	p, err := j.reader.InEmergency().Await(ctx, ledger.ByID(id))
	if err != nil {
		return nil, err
	}
	return p.Marshal(), nil
}

// EmergencyCheckpoint implements gate.Journal.
func (j journal) EmergencyCheckpoint(ctx context.Context) ([]byte, error) {
	head, err := j.reader.InEmergency().Latest(ctx)
	return head.Text, err
}

// examineEmergency says what is enough in an emergency, and whether the witnesses are owed
// for one that was.
func (o *Office) examineEmergency(ctx context.Context, h *Health) {
	c, err := o.charter()
	if err != nil {
		return // said where the gate is examined
	}
	if c.Emergency != nil {
		h.check("emergency", o.enough(c.Emergency), nil)
	}
	list, _ := o.Desk().List(ctx) // that a gate is down is said there; it hides nothing of the others
	for _, st := range list {
		if st.UnderEmergency == nil {
			continue
		}
		at := "demand " + st.Demand + ", grant " + st.Grant
		h.check("witnesses after an emergency", at+" went by the emergency policy, and enough have cosigned since", owed(st.UnderEmergency, at, o.Clock.Now()))
	}
}

func (o *Office) enough(e *grant.Emergency) string {
	spare, policy := o.policies["journal"].Emergency(), o.policies["journal"].Policy()
	says := plural(spare.K(), "outside witness") + " of " + strconv.Itoa(len(spare.Witnesses())) + " will do for a danger to life, after " + e.Wait.String() + "; the others are then owed within " + e.Late.String()
	if policy.K()+spare.K() <= len(policy.Witnesses()) {
		says += "; meanwhile two journals could be shown, and what is owed finds it"
	}
	return says
}

// owed is what is amiss with the witnesses after an emergency. Codes: witnesses.owed,
// witnesses.overdue, gate.emergency_contradicted.
func owed(w *gate.Witnessed, at string, now time.Time) error {
	due := w.Due.UTC().Format(time.RFC3339)
	switch {
	case w.Contradicted:
		return standing["gate.emergency_contradicted"]
	case !w.Since.IsZero():
		return nil
	case now.After(w.Due):
		return problem.New(problem.Refused, "witnesses.overdue", "too few witnesses have cosigned what an emergency was released by; they were due on %s, and no further emergency is released without them", due).
			At("%s", at).Fix("have them cosign, or have the quorum name others: counterseal gate amend")
	}
	return problem.New(problem.Unavailable, "witnesses.owed", "too few witnesses have cosigned what an emergency was released by; they are due on %s", due).
		At("%s", at).Fix("see that they answer; their cosignatures are taken by themselves")
}

// witnessesOf is the word of demand.WitnessesSaid for what the gate says of a grant; ""
// where the log's policy held.
func witnessesOf(st gate.Status) string {
	switch w := st.UnderEmergency; {
	case w == nil:
		return ""
	case w.Contradicted:
		return demand.WitnessesContradict
	case w.Since.IsZero():
		return demand.WitnessesOwed
	}
	return demand.WitnessesHeard
}

// takeWitnesses records that a gate went by the emergency policy, and what has become of
// the witnesses since.
func (o *Office) takeWitnesses(ctx context.Context, id demand.ID, st gate.Status) error {
	word := witnessesOf(st)
	if word == "" {
		return nil
	}
	_, err := o.act(ctx, id, demand.TheGate, nil, "the gate's record says so", demand.RecordWitnesses{Grant: st.Grant, Word: word, Due: st.UnderEmergency.Due})
	return err
}
