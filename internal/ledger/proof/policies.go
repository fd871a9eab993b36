package proof

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// MaxFormer bounds how many policies that were in force before are carried along.
const MaxFormer = 64

// Policies are a log's policy and those that were in force before it. A former one
// counts for checkpoints of at most as many leaves as the log had when the next came into
// force: what was proven then stays proven, and nothing that came later rests on it.
type Policies struct {
	now    Policy
	former []Former // the newest first
}

// Former is a policy that was in force.
type Former struct {
	Until uint64 // leaves of the largest checkpoint that it is believed on
	Policy
}

// InForce begins with one policy.
func InForce(p Policy) Policies { return Policies{now: p} }

// Now is the policy in force.
func (p Policies) Now() Policy { return p.now }

// Former gives those before it, the newest first.
func (p Policies) Former() []Former { return append([]Former(nil), p.former...) }

// Next puts another policy in force, from a log of so many leaves on. The same one
// changes nothing. Problem: proof.policy_malformed (too many, or the log has shrunk).
func (p Policies) Next(policy Policy, size uint64) (Policies, error) {
	if bytes.Equal(p.now.Marshal(), policy.Marshal()) {
		return p, nil
	}
	if p.now.log == nil {
		return InForce(policy), nil
	}
	next := Policies{now: policy, former: append([]Former{{Until: size, Policy: p.now}}, p.former...)}
	return next, next.check()
}

func (p Policies) check() error {
	if len(p.former) > MaxFormer {
		return policyMalformed("there are too many former policies")
	}
	for i, f := range p.former {
		if i > 0 && f.Until > p.former[i-1].Until {
			return policyMalformed("the former policies are not in their order").At("until %d", f.Until)
		}
	}
	return nil
}

const until = "until "

// Marshal gives the text: the policy in force, then each former one behind a line
// "until SIZE".
func (p Policies) Marshal() []byte {
	b := p.now.Marshal()
	for _, f := range p.former {
		b = fmt.Appendf(b, "%s%d\n%s", until, f.Until, f.Policy.Marshal())
	}
	return b
}

// ParsePolicies reads the text, strictly. Problem: proof.policy_malformed.
func ParsePolicies(text []byte) (Policies, error) {
	if len(text) > (MaxFormer+1)*maxPolicyText {
		return Policies{}, policyMalformed("the policies are too long")
	}
	now, rest, more := strings.Cut(string(text), "\n"+until)
	if more {
		now += "\n"
	}
	policy, err := ParsePolicy([]byte(now))
	if err != nil {
		return Policies{}, err
	}
	p := InForce(policy)
	for more {
		var part string
		part, rest, more = strings.Cut(rest, "\n"+until)
		number, before, _ := strings.Cut(part, "\n")
		size, err := strconv.ParseUint(number, 10, 63)
		if err != nil {
			return Policies{}, policyMalformed("a former policy states up to how many leaves it was in force").Because(err)
		}
		if more {
			before += "\n"
		}
		policy, err := ParsePolicy([]byte(before))
		if err != nil {
			return Policies{}, err
		}
		p.former = append(p.former, Former{size, policy})
	}
	if err := p.check(); err != nil {
		return Policies{}, err
	}
	if !bytes.Equal(p.Marshal(), text) {
		return Policies{}, policyMalformed("the policies are not in their canonical form")
	}
	return p, nil
}

// Verify is Verify under the policy in force, or under a former one for a checkpoint of
// its time. Problems: those of Verify.
func (p Policies) Verify(pr Proof, digest [32]byte) (Verified, error) {
	v, err := Verify(pr, digest, p.now)
	if err == nil {
		return v, nil
	}
	for _, f := range p.former {
		if old, e := Verify(pr, digest, f.Policy); e == nil && old.Size <= f.Until {
			return old, nil
		}
	}
	return v, err
}
