package grant

import (
	"slices"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

const callHeader = "counterseal-caller-v1"

// CallLife is how long before its grant a call may have been made.
const CallLife = 24 * time.Hour

// Call is one person's word that they called an agency back, on a contact that
// the charter holds, and what they heard. Who called does not approve.
type Call struct {
	Provider  string
	Demand    string
	Agency    string // agency id in the charter
	Contact   string // what was called: one of the agency's contacts in the charter
	Reached   string // who answered, in words
	Caller    string // person id
	At        time.Time
	Confirmed bool   // the agency confirmed the demand; false where it did not
	Key       string // the recipient's key as it was read back on the call; "" where none was
}

// Bytes is the canonical text that the caller signs. Codes: grant.name, canon.value.
func (c Call) Bytes() ([]byte, error) {
	if !Name(c.Demand) || !word(c.Agency) || !word(c.Caller) {
		return nil, problem.New(problem.Invalid, "grant.name", "a name is 1 to 64 of a–z, 0–9 and inner hyphens").At("demand, agency, caller")
	}
	if c.Key != "" && (!word(c.Key) || c.Key == "none") {
		return nil, badText("key-read-back")
	}
	confirmed, key := "no", "none"
	if c.Confirmed {
		confirmed = "yes"
	}
	if c.Key != "" {
		key = c.Key
	}
	return canon.Encode(callHeader, []canon.Field{{Key: "provider", Value: c.Provider}, {Key: "demand", Value: c.Demand}, {Key: "agency", Value: c.Agency},
		{Key: "contact", Value: c.Contact}, {Key: "reached", Value: c.Reached}, {Key: "caller", Value: c.Caller}, {Key: "at", Value: canon.Time(c.At)},
		{Key: "confirmed", Value: confirmed}, {Key: "key-read-back", Value: key}})
}

// ParseCall reads a caller's statement. Codes: grant.text, grant.name, canon.text.
func ParseCall(text []byte) (Call, error) {
	f, err := canon.Decode(callHeader, text)
	if err != nil {
		return Call{}, err
	}
	if len(f) != 9 {
		return Call{}, badText("call")
	}
	c := Call{Provider: f[0].Value, Demand: f[1].Value, Agency: f[2].Value, Contact: f[3].Value, Reached: f[4].Value, Caller: f[5].Value, Confirmed: f[7].Value == "yes", Key: f[8].Value}
	if c.Key == "none" {
		c.Key = ""
	}
	c.At, err = canon.ParseTime(f[6].Value)
	if err != nil {
		return Call{}, err
	}
	return canon.Exact(c, text)
}

// CheckCall verifies that a person on the roster signed the statement in their
// own name, and that what was called is a contact that the charter holds for the
// agency: the number on the demand's own letterhead is not one. Codes:
// call.not_on_roster, call.other_person, call.contact_unknown, call.future, and
// those of ParseCall and signature.
func CheckCall(c *Charter, s Signed, now time.Time) (Call, error) {
	call, err := ParseCall(s.Text)
	if err != nil {
		return Call{}, err
	}
	if err := c.signedBy(s, signature.Caller, call.Caller, "call"); err != nil {
		return Call{}, err
	}
	i := slices.IndexFunc(c.Agencies, func(a Agency) bool { return a.ID == call.Agency })
	if i < 0 || !slices.Contains(c.Agencies[i].Contacts, call.Contact) || call.Provider != c.Provider {
		return Call{}, refuse("call.contact_unknown", "the charter holds no such contact of this agency").At("%s", call.Agency).
			Fix("call a contact that was registered beforehand; counterseal gate amend adds one")
	}
	if call.At.After(now.Add(c.Policy.Skew)) {
		return Call{}, refuse("call.future", "this call was made in the future").Fix("set the clock right")
	}
	return call, nil
}

// checkCaller: an emergency grant rests on a call to the agency, made and signed
// by a person who does not approve (Approvers), about this demand, confirmed.
func checkCaller(c Case) error {
	g := c.Grant
	if g.Caller == "" {
		if g.Emergency {
			return refuse("grant.caller_missing", "the emergency lane needs a person's signed word that the agency was called back").
				Fix("call a contact that the charter holds, and record it: counterseal gate called --help")
		}
		return nil
	}
	if c.Call.Digest() != g.Call {
		return refuse("grant.call_missing", "the caller's statement that the grant names is not at hand").At("%s", g.Call)
	}
	call, err := CheckCall(c.Charter, c.Call, c.Now)
	if err != nil {
		return err
	}
	switch {
	case call.Demand != g.Demand || call.Agency != g.Requester || call.Caller != g.Caller:
		return refuse("grant.call_other", "the call was about another demand, to another agency, or by another person")
	case !call.Confirmed:
		return refuse("grant.call_denied", "the agency did not confirm the demand when it was called")
	case g.Issued.Sub(call.At) > CallLife || call.At.After(g.Issued.Add(c.Charter.Policy.Skew)):
		return refuse("grant.call_stale", "the call was not made in the %d hours before the grant", int(CallLife.Hours())).Fix("call again")
	case call.Key != "" && call.Key != g.Recipient:
		return refuse("grant.call_key", "another key was read back on the call than the grant encrypts to")
	}
	return nil
}

// ReadBack reports whether the recipient's key was read back on the call of an
// emergency grant: that stands in for the day that a key must have been known. A ZIP
// has no key that could be read back.
func ReadBack(c Case) bool {
	if !c.Grant.Emergency || c.Grant.ByZip() || checkCaller(c) != nil {
		return false
	}
	call, err := ParseCall(c.Call.Text)
	return err == nil && call.Key == c.Grant.Recipient
}
