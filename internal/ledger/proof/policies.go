package proof

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"counterseal/internal/problem"
)

// MaxFormer bounds how many policies that were in force before are carried along.
const MaxFormer = 64

// Policies are a log's policy and those that were in force before it. A former one
// counts for checkpoints of at most as many leaves as the log had when the next came into
// force: what was proven then stays proven, and nothing that came later rests on it.
type Policies struct {
	now       Policy
	emergency Policy   // beside now; zero: there is none
	former    []Former // the newest first
}

// Former is a policy that was in force.
type Former struct {
	Until uint64 // leaves of the largest checkpoint that it is believed on
	Policy
	Emergency Policy // that stood beside it; zero: there was none
}

// InForce begins with one policy, and the emergency policy beside it; the zero Policy
// where there is none.
func InForce(p, emergency Policy) Policies { return Policies{now: p, emergency: emergency} }

// Now is the policy in force.
func (p Policies) Now() Policy { return p.now }

// Emergency is the emergency policy beside it; the zero Policy where there is none.
func (p Policies) Emergency() Policy { return p.emergency }

// Former gives those before it, the newest first.
func (p Policies) Former() []Former { return append([]Former(nil), p.former...) }

// Next puts another policy in force, from a log of so many leaves on. The same one
// changes nothing. Problem: proof.policy_malformed (too many, or the log has shrunk).
func (p Policies) Next(policy, emergency Policy, size uint64) (Policies, error) {
	if bytes.Equal(p.now.Marshal(), policy.Marshal()) && bytes.Equal(p.emergency.Marshal(), emergency.Marshal()) {
		return p, nil
	}
	if p.now.log == nil {
		return InForce(policy, emergency), nil
	}
	next := Policies{now: policy, emergency: emergency, former: append([]Former{{Until: size, Policy: p.now, Emergency: p.emergency}}, p.former...)}
	return next, next.check()
}

func (p Policies) check() error {
	for _, f := range append([]Former{{Policy: p.now, Emergency: p.emergency}}, p.former...) {
		if f.Emergency.log == nil {
			continue
		}
		if err := f.Policy.CheckEmergency(f.Emergency); err != nil {
			return err
		}
	}
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

const (
	until     = "until "
	emergency = "emergency\n"
)

// Marshal gives the text: the policy in force, then each former one behind a line
// "until SIZE"; behind each, where there is one, a line "emergency" and its emergency
// policy.
func (p Policies) Marshal() []byte {
	b := pair(p.now, p.emergency)
	for _, f := range p.former {
		b = fmt.Appendf(b, "%s%d\n%s", until, f.Until, pair(f.Policy, f.Emergency))
	}
	return b
}

func pair(p, e Policy) []byte {
	b := p.Marshal()
	if e.log != nil {
		b = append(append(b, emergency...), e.Marshal()...)
	}
	return b
}

func parsePair(text string) (p, e Policy, err error) {
	own, spare, some := strings.Cut(text, "\n"+emergency)
	if some {
		own += "\n"
		e, err = ParsePolicy([]byte(spare))
		if err != nil {
			return p, e, err
		}
	}
	p, err = ParsePolicy([]byte(own))
	return p, e, err
}

// ParsePolicies reads the text, strictly. Problem: proof.policy_malformed.
func ParsePolicies(text []byte) (Policies, error) {
	if len(text) > 2*(MaxFormer+1)*maxPolicyText {
		return Policies{}, policyMalformed("the policies are too long")
	}
	now, rest, more := strings.Cut(string(text), "\n"+until)
	if more {
		now += "\n"
	}
	policy, spare, err := parsePair(now)
	if err != nil {
		return Policies{}, err
	}
	p := InForce(policy, spare)
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
		policy, spare, err := parsePair(before)
		if err != nil {
			return Policies{}, err
		}
		p.former = append(p.former, Former{size, policy, spare})
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
// its time. An emergency policy is no part of it. Problems: those of Verify.
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

// VerifyEmergency is Verify under the emergency policies of now and before. What holds
// under one alone rests on fewer witnesses than the log's policy asks for. Problems:
// those of Verify; proof.no_emergency.
func (p Policies) VerifyEmergency(pr Proof, digest [32]byte) (Verified, error) {
	first := error(problem.New(problem.Unverified, "proof.no_emergency", "there is no emergency policy to check against"))
	for i, f := range append([]Former{{Policy: p.now, Emergency: p.emergency}}, p.former...) {
		if f.Emergency.log == nil {
			continue
		}
		v, err := Verify(pr, digest, f.Emergency)
		if err == nil && (i == 0 || v.Size <= f.Until) {
			return v, nil
		}
		if err != nil {
			first = err
		}
	}
	return Verified{}, first
}
