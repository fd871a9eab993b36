package authority

import (
	"strings"
	"time"

	"counterseal/internal/identifier"
	"counterseal/internal/problem"
)

// Called says whether a contact is one that is on file for an agency: the one to
// call back, whatever a demand's own letterhead says. Numbers are compared in
// E.164, addresses as mail is; what is neither is compared in words, letters of
// ASCII without their case. A number without its country is compared with the
// numbers on file as it stands and never completed.
func (a Agency) Called(stated string) (Callback, bool) {
	want := comparable(stated)
	if want == "" {
		return Callback{}, false
	}
	for _, c := range a.OnFile() {
		if comparable(c.Contact) == want {
			return c, true
		}
	}
	return Callback{}, false
}

// comparable is the form in which contacts are compared; its first letter says
// which, so that a number is never the same as words.
func comparable(contact string) string {
	if n, err := identifier.Normal(identifier.Phone, contact); err == nil {
		return "+ " + n
	}
	if n, err := mailbox(contact); err == nil {
		return "@ " + n
	}
	words := strings.Join(strings.Fields(contact), " ")
	if words == "" || len(words) > identifier.MaxStated {
		return ""
	}
	return "w " + strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, words)
}

func mailbox(address string) (string, error) { return identifier.Normal(identifier.Address, address) }

// Sender is what is known of a mailbox. It is a lead and no proof: a mailbox can
// be forged, and a genuine one can be somebody else's by now.
type Sender struct {
	Agency  Agency
	Officer Officer // zero where no officer on file has the address
}

// Sender finds the agency that a mailbox is said to belong to: an officer's own
// address, or exactly one of the agency's domains. A domain under it is another.
func (r *Register) Sender(address string, at time.Time) (Sender, bool) {
	n, err := mailbox(address)
	if err != nil {
		return Sender{}, false
	}
	_, domain, _ := strings.Cut(n[strings.LastIndexByte(n, '@'):], "@")
	byDomain, found := Sender{}, false
	for _, a := range r.agencies {
		for _, o := range a.Officers {
			if own, err := mailbox(o.Address); err == nil && own == n && (o.Until.IsZero() || !at.After(o.Until)) {
				return Sender{a, o}, true
			}
		}
		for _, d := range a.Domains {
			if d == domain {
				byDomain, found = Sender{Agency: a}, true
			}
		}
	}
	return byDomain, found
}

// Held gives the flag for which everything that came from a mailbox waits: also
// what came before it was flagged, because nobody knows since when it was
// somebody else's. What has been answered is not called back by a flag.
func (r *Register) Held(address string, now time.Time) (Flag, bool) {
	n, err := mailbox(address)
	if err != nil {
		return Flag{}, false
	}
	for _, a := range r.agencies {
		for _, f := range a.Flags {
			if f.covers(n) && f.stands(now) {
				return f, true
			}
		}
	}
	return Flag{}, false
}

func (f Flag) stands(now time.Time) bool {
	return !f.At.After(now) && (f.Lifted.IsZero() || f.Lifted.After(now))
}

func (f Flag) covers(normal string) bool {
	if strings.HasPrefix(f.Mailbox, "@") {
		whole, err := mailbox("x" + f.Mailbox)
		return err == nil && normal[strings.LastIndexByte(normal, '@'):] == whole[1:]
	}
	own, err := mailbox(f.Mailbox)
	return err == nil && own == normal
}

func (f Flag) check() error {
	address := f.Mailbox
	if strings.HasPrefix(address, "@") {
		address = "x" + address
	}
	if _, err := mailbox(address); err != nil || f.At.IsZero() || f.By == "" || f.Why == "" || (!f.Lifted.IsZero() && f.Lifted.Before(f.At)) {
		return problem.New(problem.Invalid, "authority.flag", "a flag has a mailbox, a time, who set it and why, and is not lifted before it was set").Because(err)
	}
	return nil
}

// With gives the register with one flag more on an agency; r stays as it was.
// Codes: authority.unknown, authority.flag.
func (r *Register) With(agency string, f Flag) (*Register, error) {
	i, ok := r.byID[agency]
	if !ok {
		return nil, problem.New(problem.Missing, "authority.unknown", "no agency of this id is registered").At("%.64q", agency)
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	next := r.All()
	next[i].Flags = append(append([]Flag{}, next[i].Flags...), f)
	return newRegister(next)
}
