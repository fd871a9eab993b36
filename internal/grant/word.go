package grant

import (
	"crypto/sha256"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

const (
	stopHeader    = "counterseal-stop-v1"
	inForceHeader = "counterseal-inforce-v1"
)

// Reach is what a stop halts: "demand <id>", "grant <id>", "account <id>", "copy
// <digest>" or "everything". A stop of a copy also ends it: its key is destroyed.
type Reach struct {
	Kind string // demand, grant, account, copy, everything
	Name string
}

func (r Reach) String() string {
	if r.Kind == "everything" {
		return r.Kind
	}
	return r.Kind + " " + r.Name
}

// ParseReach reads what String writes. Code: stop.reach.
func ParseReach(s string) (Reach, error) {
	if s == "everything" {
		return Reach{Kind: s}, nil
	}
	// A name that no demand, grant or account can have would halt nothing while
	// its author believes that it does.
	kind, name, _ := strings.Cut(s, " ")
	named := (kind == "demand" || kind == "grant") && Name(name) || kind == "account" && scope.ValidAccount(name)
	if _, err := ParseDigest(name); kind == "copy" && err == nil {
		named = true
	}
	if !named {
		return Reach{}, problem.New(problem.Invalid, "stop.reach", "a stop reaches a demand, a grant, an account, a copy or everything").At("%.80q", s).
			Fix("write: demand k7wq-93")
	}
	return Reach{kind, name}, nil
}

// Meets reports whether the stop reaches the grant.
func (r Reach) Meets(g Grant) bool {
	switch r.Kind {
	case "everything":
		return true
	case "demand":
		// Also the one for which the copy is kept that the grant opens.
		return r.Name == g.Demand || r.Name == g.Copy.Demand
	case "copy":
		return r.Name == g.Copy.Statement.String() && g.Copy != CopyFacts{}
	case "grant":
		return r.Name == g.ID
	case "account":
		for _, a := range g.Scope.Accounts() {
			if string(a) == r.Name {
				return true
			}
		}
	}
	return false
}

// Stop is one person's word that something must halt. It holds for good; a later
// grant names it (Grant.Stops), so its approvers have seen it.
type Stop struct {
	Reach  Reach
	Person string
	At     time.Time
	Reason string
}

// Bytes is the canonical text that the person signs. Codes: stop.reach, canon.value.
func (s Stop) Bytes() ([]byte, error) {
	if _, err := ParseReach(s.Reach.String()); err != nil {
		return nil, err
	}
	return canon.Encode(stopHeader, []canon.Field{
		{Key: "stop", Value: s.Reach.String()}, {Key: "person", Value: s.Person}, {Key: "at", Value: canon.Time(s.At)}, {Key: "reason", Value: s.Reason}})
}

// ParseStop reads a stop. Codes: stop.reach, grant.text, canon.text.
func ParseStop(text []byte) (Stop, error) {
	f, err := canon.Decode(stopHeader, text)
	if err != nil {
		return Stop{}, err
	}
	if len(f) != 4 {
		return Stop{}, badText("stop")
	}
	s := Stop{Person: f[1].Value, Reason: f[3].Value}
	s.Reach, err = ParseReach(f[0].Value)
	if err != nil {
		return Stop{}, err
	}
	s.At, err = canon.ParseTime(f[2].Value)
	if err != nil {
		return Stop{}, err
	}
	return canon.Exact(s, text)
}

// InForce is one person's word that the order behind a grant still stands.
type InForce struct {
	Grant  Digest
	Demand string
	Person string
	At     time.Time
}

// Bytes is the canonical text that the person signs.
func (w InForce) Bytes() ([]byte, error) {
	return canon.Encode(inForceHeader, []canon.Field{
		{Key: "still-in-force-grant-sha256", Value: w.Grant.String()}, {Key: "demand", Value: w.Demand}, {Key: "person", Value: w.Person}, {Key: "at", Value: canon.Time(w.At)}})
}

// ParseInForce reads a still-in-force. Codes: grant.text, canon.text.
func ParseInForce(text []byte) (InForce, error) {
	f, err := canon.Decode(inForceHeader, text)
	if err != nil {
		return InForce{}, err
	}
	if len(f) != 4 {
		return InForce{}, badText("still in force")
	}
	w := InForce{Demand: f[1].Value, Person: f[2].Value}
	w.Grant, err = ParseDigest(f[0].Value)
	if err != nil {
		return InForce{}, err
	}
	w.At, err = canon.ParseTime(f[3].Value)
	if err != nil {
		return InForce{}, err
	}
	return canon.Exact(w, text)
}

// Signed is a text with its armored signature.
type Signed struct {
	Text      []byte
	Signature []byte
}

// Digest is the SHA-256 of the text.
func (s Signed) Digest() Digest { return sha256.Sum256(s.Text) }

// CheckStop verifies that a person on the roster signed the stop in their own
// name. Codes: stop.not_on_roster, stop.other_person, and those of signature.
func CheckStop(c *Charter, s Signed) (Stop, error) {
	stop, err := ParseStop(s.Text)
	if err != nil {
		return Stop{}, err
	}
	if err := c.signedBy(s, signature.Stop, stop.Person, "stop"); err != nil {
		return Stop{}, err
	}
	return stop, nil
}

// CheckInForce verifies that a person on the roster, minutes ago and about this
// very grant, said that it stands. Codes: inforce.other_grant, inforce.stale,
// inforce.future, inforce.not_on_roster, inforce.other_person, and those of
// signature.
func CheckInForce(c *Charter, s Signed, g Grant, now time.Time) (InForce, error) {
	w, err := ParseInForce(s.Text)
	if err != nil {
		return InForce{}, err
	}
	if err := c.signedBy(s, signature.InForce, w.Person, "inforce"); err != nil {
		return InForce{}, err
	}
	switch {
	case w.Grant != g.Digest() || w.Demand != g.Demand:
		return InForce{}, problem.New(problem.Refused, "inforce.other_grant", "this was said about another grant")
	case w.At.After(now.Add(c.Policy.Skew)):
		return InForce{}, problem.New(problem.Refused, "inforce.future", "this was said in the future").Fix("set the clock right")
	case now.Sub(w.At) > c.Policy.Fresh:
		return InForce{}, problem.New(problem.Refused, "inforce.stale", "the order was last said to be in force more than %d minutes ago", int(c.Policy.Fresh.Minutes())).
			Fix("a person on the roster says again that the order stands")
	}
	return w, nil
}

// SignedBy checks that the person on the roster signed the text in their own
// name. Codes: those of signature.VerifyFrom; room.not_on_roster and
// room.other_person.
func (c *Charter) SignedBy(s Signed, ns signature.Namespace, person, room string) error {
	return c.signedBy(s, ns, person, room)
}

func (c *Charter) signedBy(s Signed, ns signature.Namespace, person, room string) error {
	made, err := signature.VerifyFrom(c.Pages(), s.Signature, ns, s.Text)
	if err != nil {
		return err
	}
	p, ok := c.PersonOf(made.Key)
	if !ok {
		return problem.New(problem.Refused, room+".not_on_roster", "the key that signed this is not on the roster")
	}
	if p.ID != person {
		return problem.New(problem.Refused, room+".other_person", "the key that signed this is another person's")
	}
	return nil
}
