package grant

import (
	"encoding/hex"
	"slices"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/signature"
)

const (
	tellingHeader = string(signature.Telling)
	reachedHeader = string(signature.Reached)
)

// Telling is one person's word that they are about to call an agency and ask for the
// passphrase of a package, to read it out. The gate answers it once.
type Telling struct {
	Provider string
	Gate     string
	Demand   string
	Grant    Digest
	Release  Digest // of release.txt
	Agency   string // agency id in the charter
	Contact  string // that is called: one of the agency's contacts in the charter
	Person   string // person id
	At       time.Time
	Nonce    [16]byte
}

// Bytes is the canonical text that the person signs. Codes: grant.text, canon.value.
func (t Telling) Bytes() ([]byte, error) {
	if !Name(t.Demand) || !Name(t.Gate) || !word(t.Agency) || !word(t.Person) || t.Contact == "" {
		return nil, badText("passphrase")
	}
	return canon.Encode(tellingHeader, []canon.Field{{Key: "provider", Value: t.Provider}, {Key: "gate", Value: t.Gate}, {Key: "demand", Value: t.Demand},
		{Key: "grant-sha256", Value: t.Grant.String()}, {Key: "release-sha256", Value: t.Release.String()}, {Key: "agency", Value: t.Agency},
		{Key: "about-to-call", Value: t.Contact}, {Key: "person", Value: t.Person}, {Key: "at", Value: canon.Time(t.At)}, {Key: "nonce", Value: hex.EncodeToString(t.Nonce[:])}})
}

// ParseTelling reads what Bytes writes and nothing else. Codes: grant.text, grant.digest,
// canon.text.
func ParseTelling(text []byte) (Telling, error) {
	f, err := canon.Decode(tellingHeader, text)
	if err != nil {
		return Telling{}, err
	}
	if len(f) != 10 {
		return Telling{}, badText("passphrase")
	}
	t := Telling{Provider: f[0].Value, Gate: f[1].Value, Demand: f[2].Value, Agency: f[5].Value, Contact: f[6].Value, Person: f[7].Value}
	t.Grant, err = ParseDigest(f[3].Value)
	if err != nil {
		return Telling{}, err
	}
	t.Release, err = ParseDigest(f[4].Value)
	if err != nil {
		return Telling{}, err
	}
	t.At, err = canon.ParseTime(f[8].Value)
	if err != nil {
		return Telling{}, err
	}
	nonce, err := hex.DecodeString(f[9].Value)
	if err != nil || len(nonce) != len(t.Nonce) {
		return Telling{}, badText("nonce")
	}
	t.Nonce = [16]byte(nonce)
	return canon.Exact(t, text)
}

// CheckTelling verifies that a person on the roster signed this minutes ago in their own
// name, to this gate, and is about to call a contact that the charter holds. What it says
// of grant and release, and who the person is to them, the gate holds against its record.
// Codes: passphrase.not_on_roster, passphrase.other_person, passphrase.other_gate,
// passphrase.stale, passphrase.future, passphrase.contact_unknown, and those of
// ParseTelling and signature.
func CheckTelling(c *Charter, s Signed, gate string, now time.Time) (Telling, error) {
	t, err := ParseTelling(s.Text)
	if err != nil {
		return Telling{}, err
	}
	if err := c.signedBy(s, signature.Telling, t.Person, "passphrase"); err != nil {
		return Telling{}, err
	}
	if err := said(c, t.Provider, t.Gate, gate, now.Sub(t.At), c.Policy.Fresh); err != nil {
		return Telling{}, err
	}
	a, ok := c.AgencyByID(t.Agency)
	if !ok || !slices.Contains(a.Contacts, t.Contact) {
		return Telling{}, refuse("passphrase.contact_unknown", "the charter holds no such contact of this agency").At("%s", t.Agency).
			Fix("call a contact that was registered beforehand; counterseal gate amend adds one")
	}
	return t, nil
}

// said: to this gate, neither in the future nor longer ago than such a word counts.
func said(c *Charter, provider, to, gate string, ago, life time.Duration) error {
	switch {
	case provider != c.Provider || to != gate:
		return refuse("passphrase.other_gate", "this was said to another provider's gate, or another gate")
	case ago < -c.Policy.Skew:
		return refuse("passphrase.future", "this was said in the future").Fix("set the clock right")
	case ago > life:
		return refuse("passphrase.stale", "this was signed more than %d minutes ago", int(life.Minutes())).Fix("say it again")
	}
	return nil
}

// Reached is the same person's word, after the call, whom they reached and whether they
// read the passphrase out.
type Reached struct {
	Provider string
	Gate     string
	Demand   string
	Telling  Digest // of the text on which the passphrase was told
	Who      string // who answered, in words
	ReadOut  bool
	Person   string
	At       time.Time
}

// Bytes is the canonical text that the person signs. Codes: grant.text, canon.value.
func (r Reached) Bytes() ([]byte, error) {
	if !Name(r.Demand) || !Name(r.Gate) || !word(r.Person) || r.Who == "" {
		return nil, badText("reached")
	}
	out := "no"
	if r.ReadOut {
		out = "yes"
	}
	return canon.Encode(reachedHeader, []canon.Field{{Key: "provider", Value: r.Provider}, {Key: "gate", Value: r.Gate}, {Key: "demand", Value: r.Demand}, {Key: "passphrase-told-sha256", Value: r.Telling.String()},
		{Key: "reached", Value: r.Who}, {Key: "read-out", Value: out}, {Key: "person", Value: r.Person}, {Key: "at", Value: canon.Time(r.At)}})
}

// ParseReached reads what Bytes writes and nothing else. Codes: grant.text, grant.digest,
// canon.text.
func ParseReached(text []byte) (Reached, error) {
	f, err := canon.Decode(reachedHeader, text)
	if err != nil {
		return Reached{}, err
	}
	if len(f) != 8 {
		return Reached{}, badText("reached")
	}
	r := Reached{Provider: f[0].Value, Gate: f[1].Value, Demand: f[2].Value, Who: f[4].Value, ReadOut: f[5].Value == "yes", Person: f[6].Value}
	r.Telling, err = ParseDigest(f[3].Value)
	if err != nil {
		return Reached{}, err
	}
	r.At, err = canon.ParseTime(f[7].Value)
	if err != nil {
		return Reached{}, err
	}
	return canon.Exact(r, text)
}

// ReachedLife is how long after it was signed a word about a call comes to the gate.
const ReachedLife = 24 * time.Hour

// CheckReached verifies that a person on the roster signed this in the last day, in their
// own name, to this gate. Codes: passphrase.not_on_roster, passphrase.other_person,
// passphrase.other_gate, passphrase.stale, passphrase.future, and those of ParseReached
// and signature.
func CheckReached(c *Charter, s Signed, gate string, now time.Time) (Reached, error) {
	r, err := ParseReached(s.Text)
	if err != nil {
		return Reached{}, err
	}
	if err := c.signedBy(s, signature.Reached, r.Person, "passphrase"); err != nil {
		return Reached{}, err
	}
	return r, said(c, r.Provider, r.Gate, gate, now.Sub(r.At), ReachedLife)
}
