package proof

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"counterseal/internal/problem"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// MaxWitnesses bounds a policy; a signed note holds at most 100 signatures.
const MaxWitnesses = 32

const (
	maxPolicyText  = 16 << 10
	keyEd25519     = 1 // signed-note, Ed25519
	keyCosignature = 4 // tlog-cosignature, Ed25519
)

// Policy says whose signatures make a checkpoint acceptable: the log's, and
// those of at least K of the witnesses. The log's key name is the origin of its
// checkpoints. Make one with NewPolicy or ParsePolicy: the zero Policy accepts
// nothing. Values are immutable.
type Policy struct {
	logKey    string
	witKeys   []string
	k         int
	log       note.Verifier
	witnesses []note.Verifier
}

// NewPolicy checks the keys and the threshold. logKey is a signed-note verifier
// key of type 0x01, each witness key one of type 0x04. 1 ≤ k ≤ number of
// witnesses: a policy without witnesses does not exist. No public key may occur
// twice, be it under two names. Problem: proof.policy_malformed.
func NewPolicy(logKey string, witnessKeys []string, k int) (Policy, error) {
	if k < 1 || k > len(witnessKeys) || len(witnessKeys) > MaxWitnesses {
		return Policy{}, policyMalformed("the threshold must be between one and the number of witnesses").At("group")
	}
	p := Policy{logKey: logKey, witKeys: append([]string(nil), witnessKeys...), k: k}
	pub, err := parseKey(logKey, keyEd25519)
	if err != nil {
		return Policy{}, policyMalformed("the log's key is not an Ed25519 verifier key").At("log").Because(err)
	}
	if p.log, err = note.NewVerifier(logKey); err != nil {
		return Policy{}, policyMalformed("the log's key is not an Ed25519 verifier key").At("log").Because(err)
	}
	seen := map[string]bool{string(pub): true}
	for i, key := range witnessKeys {
		field := fmt.Sprintf("witness w%d", i+1)
		pub, err := parseKey(key, keyCosignature)
		if err != nil {
			return Policy{}, policyMalformed("a witness's key is not an Ed25519 cosignature key").At("%s", field).Because(err)
		}
		if seen[string(pub)] {
			return Policy{}, policyMalformed("one key stands for two signers").At("%s", field)
		}
		seen[string(pub)] = true
		v, err := fnote.NewVerifierForCosignatureV1(key)
		if err != nil {
			return Policy{}, policyMalformed("a witness's key is not an Ed25519 cosignature key").At("%s", field).Because(err)
		}
		p.witnesses = append(p.witnesses, v)
	}
	return p, nil
}

// Beside is the policy of another log under the same witnesses and the same threshold,
// with a name and a key of its own. Problem: proof.policy_malformed.
func (p Policy) Beside(logKey string) (Policy, error) {
	other, err := NewPolicy(logKey, p.witKeys, p.k)
	if err != nil {
		return Policy{}, err
	}
	if other.Origin() == p.Origin() || other.logPublic() == p.logPublic() {
		return Policy{}, policyMalformed("two logs have two names and two keys").At("log")
	}
	return other, nil
}

// logPublic is the log's public key alone; two names can stand for one. Base64 has a "+"
// of its own.
func (p Policy) logPublic() string {
	parts := strings.SplitN(p.logKey, "+", 3)
	return parts[len(parts)-1]
}

// Origin is the log's name, the first line of its checkpoints.
func (p Policy) Origin() string {
	if p.log == nil {
		return ""
	}
	return p.log.Name()
}

// LogKey is the log's verifier key.
func (p Policy) LogKey() string { return p.logKey }

// Witnesses gives the witnesses' verifier keys, in the policy's order.
func (p Policy) Witnesses() []string { return append([]string(nil), p.witKeys...) }

// K is how many distinct witnesses must have cosigned.
func (p Policy) K() int { return p.k }

// LogVerifier checks the log's own signature; nil for the zero Policy.
func (p Policy) LogVerifier() note.Verifier { return p.log }

// CheckEmergency says whether e can stand beside the policy for emergencies: it is of the
// same log, asks for fewer witnesses, at least one, and names none that the policy does
// not name. Whether those that it names are anybody else's than the log's owner, no key
// says. Problem: proof.policy_malformed.
func (p Policy) CheckEmergency(e Policy) error {
	if e.logKey != p.logKey {
		return policyMalformed("an emergency policy is of the same log").At("log")
	}
	if e.k >= p.k {
		return policyMalformed("an emergency policy asks for fewer witnesses than the policy").At("group")
	}
	for i, k := range e.witKeys {
		if !slices.Contains(p.witKeys, k) {
			return policyMalformed("an emergency policy names witnesses of the policy alone").At("witness w%d", i+1)
		}
	}
	return nil
}

// None reports whether it is the zero Policy.
func (p Policy) None() bool { return p.log == nil }

// Marshal gives the policy's text, or nil for the zero Policy.
func (p Policy) Marshal() []byte {
	if p.log == nil {
		return nil
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "log %s\n", p.logKey)
	for i, k := range p.witKeys {
		fmt.Fprintf(&b, "witness w%d %s\n", i+1, k)
	}
	fmt.Fprintf(&b, "group witnesses %d", p.k)
	for i := range p.witKeys {
		fmt.Fprintf(&b, " w%d", i+1)
	}
	b.WriteString("\nquorum witnesses\n")
	return b.Bytes()
}

// ParsePolicy reads the text form, strictly: no comments, no other order, no
// other names. Problem: proof.policy_malformed.
func ParsePolicy(text []byte) (Policy, error) {
	if len(text) > maxPolicyText {
		return Policy{}, policyMalformed("the policy is too long")
	}
	var logKey string
	var witnesses []string
	var k int
	for line := range strings.Lines(string(text)) {
		word, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch word {
		case "log":
			logKey = rest
		case "witness":
			_, key, _ := strings.Cut(rest, " ")
			witnesses = append(witnesses, key)
		case "group":
			_, rest, _ = strings.Cut(rest, " ")
			number, _, _ := strings.Cut(rest, " ")
			k, _ = strconv.Atoi(number)
		}
	}
	p, err := NewPolicy(logKey, witnesses, k)
	if err != nil {
		return Policy{}, err
	}
	if !bytes.Equal(p.Marshal(), text) {
		return Policy{}, policyMalformed("the policy is not in its canonical form")
	}
	return p, nil
}

// parseKey checks a verifier key of the form name+hash+base64 in full, its hash
// included, and gives the public key's bytes.
func parseKey(vkey string, alg byte) ([]byte, error) {
	name, rest, _ := strings.Cut(vkey, "+")
	_, key64, _ := strings.Cut(rest, "+")
	key, err := base64.StdEncoding.DecodeString(key64)
	if err != nil || len(key) != 33 || key[0] != alg {
		return nil, fmt.Errorf("verifier key: not of type %#02x", alg)
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), key...))
	want := fmt.Sprintf("%s+%08x+%s", name, binary.BigEndian.Uint32(sum[:4]), base64.StdEncoding.EncodeToString(key))
	if vkey != want {
		return nil, fmt.Errorf("verifier key: not canonical")
	}
	return key[1:], nil
}

func policyMalformed(sentence string) *problem.Error {
	return problem.New(problem.Invalid, "proof.policy_malformed", "%s", sentence).Fix("take the policy file again from where it is published")
}
