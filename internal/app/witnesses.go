package app

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/evidence/verify"
	"counterseal/internal/gate/pinned"
	"counterseal/internal/grant"
	"counterseal/internal/ledger"
	"counterseal/internal/ledger/proof"
	"counterseal/internal/ledger/witness"
	"counterseal/internal/problem"
)

// WitnessConfig is a witness that is not this office's own: [[ledger.witness]].
type WitnessConfig struct {
	Name    string `toml:"name"`    // by which people speak of it
	Key     string `toml:"key"`     // verifier key of its cosignatures
	Address string `toml:"address"` // https://HOST/PATH or tls://HOST:PORT of its add-checkpoint call; on this machine http://127.0.0.1:PORT/PATH or unix:PATH
	Pin     string `toml:"pin"`     // of its key for TLS, with tls://
	Gate    string `toml:"gate"`    // in place of an address: the gate that it is part of
}

// WitnessesConfig is what [ledger] says of witnesses.
type WitnessesConfig struct {
	Witness   []WitnessConfig `toml:"witness"`
	Threshold int             `toml:"threshold"` // how many must cosign; 0: the policy stays as it is
	NotOwn    bool            `toml:"not_own"`   // the local witness does not count
	Emergency EmergencyConfig `toml:"emergency"`
}

// amiss names the key that does not hold; "" for none.
func (w WitnessesConfig) amiss(c Config) (key, fix string) {
	seen := map[string]bool{}
	for i, x := range w.Witness {
		at := "ledger.witness " + strconv.Itoa(i+1) + ": "
		if !grant.Name(x.Name) || seen[x.Name] || seen[x.Key] {
			return at + "name", "write a name of one word and a key, each once"
		}
		seen[x.Name], seen[x.Key] = true, true
		if key, fix := x.amiss(c); key != "" {
			return at + key, fix
		}
	}
	n := len(w.Witness)
	if !w.NotOwn {
		n++
	}
	if w.Threshold < 0 || w.Threshold > n || w.NotOwn && w.Threshold == 0 {
		return "ledger.threshold", "write how many of the witnesses must cosign, at most " + strconv.Itoa(n)
	}
	return w.Emergency.amiss(w.Witness)
}

func (x WitnessConfig) amiss(c Config) (key, fix string) {
	if x.Gate != "" {
		at := slices.IndexFunc(c.gates(), func(r Region) bool { return r.Gate == x.Gate })
		if at < 0 || c.gates()[at].inside() || x.Address != "" {
			return "gate", "write the id of a gate that runs by itself, and no address: one inside the office is no other witness than the office's own"
		}
		return "", ""
	}
	if _, ok := pinned.Address(x.Address); ok {
		if _, err := pinned.ParsePin(x.Pin); err != nil {
			return "pin", "write what \"counterseal witness init\" printed on the witness's host"
		}
		return "", ""
	}
	if path, ok := strings.CutPrefix(x.Address, "unix:"); ok && path != "" {
		return "", ""
	}
	u, err := url.Parse(x.Address)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return "address", "write https://HOST/PATH or tls://HOST:PORT, or unix:PATH or http:// of this machine alone"
	}
	return "", ""
}

func loopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// witnessesAt are the configured witnesses as the logs' writers ask them.
func (o *Office) witnessesAt(asked []WitnessConfig) ([]ledger.WitnessAt, error) {
	var out []ledger.WitnessAt
	for _, x := range asked {
		at, err := o.witnessAt(x)
		if err != nil {
			return nil, err
		}
		out = append(out, at)
	}
	return out, nil
}

// witnessAt is the way to one witness. No redirect is followed, and no proxy asked: what
// is asked is what the configuration names.
func (o *Office) witnessAt(x WitnessConfig) (ledger.WitnessAt, error) {
	t := &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 2, IdleConnTimeout: time.Minute, TLSHandshakeTimeout: 10 * time.Second}
	at := ledger.WitnessAt{Key: x.Key, URL: x.Address, HTTP: &http.Client{Transport: t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	pin, address := x.Pin, x.Address
	if x.Gate != "" {
		for _, r := range o.Config.gates() {
			if r.Gate == x.Gate {
				pin, address = r.Pin, r.Address
			}
		}
		at.URL = "http://gate/v1/witness"
	}
	if !strings.HasPrefix(address, "http") && x.Gate == "" {
		at.URL = "http://witness"
	}
	if path, ok := strings.CutPrefix(address, "unix:"); ok {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, "unix", path)
		}
		return at, nil
	}
	hostPort, far := pinned.Address(address)
	if !far {
		return at, nil
	}
	own, err := o.Folder.Line()
	if err != nil {
		return at, err
	}
	other, err := pinned.ParsePin(pin)
	if err != nil {
		return at, err
	}
	dial := own.Dialer(hostPort, other)
	t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx) }
	return at, nil
}

// readPolicy reads the policy of a log that is in force.
func (f Folder) readPolicy(log string) (proof.Policy, error) {
	text, err := os.ReadFile(f.Policy(log))
	if err != nil {
		return proof.Policy{}, folderProblem(err)
	}
	return proof.ParsePolicy(text)
}

// draftPolicy is the journal's policy as the configuration wants it: the office's own
// witness first, then the others in their order. Without a threshold it stays as it is.
func (f Folder) draftPolicy(c Config) (proof.Policy, error) {
	now, err := f.readPolicy("journal")
	if err != nil || c.Ledger.Threshold == 0 {
		return now, err
	}
	var keys []string
	if !c.Ledger.NotOwn {
		own, err := f.ownWitness()
		if err != nil {
			return now, err
		}
		keys = append(keys, own)
	}
	for _, x := range c.Ledger.Witness {
		keys = append(keys, x.Key)
	}
	return proof.NewPolicy(now.LogKey(), keys, c.Ledger.Threshold)
}

// ownWitness is the verifier key of the local witness.
func (f Folder) ownWitness() (string, error) {
	secret, err := f.readSecret("witness")
	if err != nil {
		return "", err
	}
	return witness.VerifierKeyOf(strings.TrimSpace(string(secret)))
}

// charterPolicy is the witness policy that the charter states.
func charterPolicy(c *grant.Charter) (proof.Policy, error) {
	p, err := proof.ParsePolicy([]byte(strings.Join(c.Log, "\n") + "\n"))
	if err != nil {
		return p, problem.New(problem.Invalid, "charter.log", "the charter's log policy cannot be read").Because(err)
	}
	return p, nil
}

// logPolicies are the charter's policy and those before it. The trust file remembers
// them: a former one counts for checkpoints as large as the journal is now.
func (o *Office) logPolicies(ctx context.Context, c *grant.Charter) (proof.Policies, error) {
	next, err := charterPolicy(c)
	if err != nil {
		return proof.Policies{}, err
	}
	spare, err := charterEmergency(c)
	if err != nil {
		return proof.Policies{}, err
	}
	was := proof.InForce(o.policies["journal"].Policy(), o.policies["journal"].Emergency())
	text, err := readOptional(o.Folder.Trust())
	if err != nil {
		return was, err
	}
	if t, err := verify.ParseTrust(text); err == nil {
		was, err = proof.ParsePolicies(t.LogPolicy)
		if err != nil {
			return was, inFile("trust", err)
		}
	}
	if bytes.Equal(was.Now().Marshal(), next.Marshal()) && bytes.Equal(was.Emergency().Marshal(), spare.Marshal()) {
		return was, nil
	}
	size, err := o.db.Ledger().Size(ctx, ledger.InJournal)
	if err != nil {
		return was, err
	}
	return was.Next(next, spare, size)
}

// takePolicies makes the policy that the charter states the one that both logs are
// written and read by. A running office takes it up by itself.
func (f Folder) takePolicies(c *grant.Charter) error {
	next, err := charterPolicy(c)
	if err != nil {
		return err
	}
	for _, log := range []string{"register", "journal"} {
		now, err := f.readPolicy(log)
		if err != nil {
			return err
		}
		p, err := proof.NewPolicy(now.LogKey(), next.Witnesses(), next.K()) // that its key is the charter's, sameRegister says
		if err != nil {
			return err
		}
		if bytes.Equal(p.Marshal(), now.Marshal()) {
			continue
		}
		if err := replace(f.Policy(log), p.Marshal()); err != nil {
			return err
		}
	}
	return f.takeEmergency(c)
}

// replace puts a file that anybody may read in the place of another, whole.
func replace(path string, b []byte) error {
	err := os.WriteFile(path+".new", b, 0o644)
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return folderProblem(err)
	}
	return nil
}
