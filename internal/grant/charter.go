package grant

import (
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Charter is what a chain of statements adds up to.
type Charter struct {
	Provider string
	Number   int       // of the last statement
	Head     Digest    // of the last statement's text
	At       time.Time // of the last statement
	Roster   []Person
	Policy   Policy
	Gates    []Gate
	Accounts []Account
	Aliases  []Alias
	Agencies []Agency
	Log      []string // the log policy's text, line by line; package proof reads it
	Packs    []Pack

	Emergency *Emergency // nil: there is none
	Register  string     // the register's verifier key, under the witnesses of Log; "": nobody has signed one

	places *places // of Accounts and Aliases; nil: not drawn up
}

// Person is somebody on the roster. Persons are counted, not keys.
type Person struct {
	ID    string
	Group string // legal, privacy, on-call …
	Name  string
	Keys  []ssh.PublicKey
}

// Policy is the gate's own.
type Policy struct {
	Approvals int           // distinct persons a grant needs
	Groups    int           // distinct groups among them
	Quorum    int           // distinct persons a charter statement needs
	GrantLife time.Duration // at most 24 h
	Fresh     time.Duration // how old a "still in force" may be
	KeyAge    time.Duration // how long a recipient's key must have been known
	Skew      time.Duration // how far another's clock may run ahead of the gate's
	ByteCap   int64         // payload bytes of one grant at most
	PerDay    int           // distinct accounts in any 24 hours, over all grants
	NotByHand string        // where exports by hand are refused: see Bars; "" for nowhere
	KeepDays  int           // how long a preserved copy is kept at most, with its renewals; 0: DefaultKeepDays
}

// Bounds that no policy may loosen.
const (
	MaxGrantLife = 24 * time.Hour
	MaxFresh     = time.Hour
	MaxSkew      = 5 * time.Minute
)

// Gate is one gate with its region and the key it signs releases with.
type Gate struct {
	ID, Region string
	Key        ssh.PublicKey
	Page       string // origin on which people sign with passkeys; "": there is none
}

// Pages are the origins of the gates' pages: what was signed with a passkey elsewhere
// does not count.
func (c *Charter) Pages() (out []string) {
	for _, g := range c.Gates {
		if g.Page != "" {
			out = append(out, g.Page)
		}
	}
	return out
}

// Account is one row of the gate's own estate: the services whose data of this
// account lie in the region. An account whose services lie apart has several
// rows, one below the other, by region, each service once.
type Account struct {
	ID       scope.AccountID
	Region   string
	Services []scope.Service
}

// Alias says that an identifier stood for an account during a time.
type Alias struct {
	Account scope.AccountID
	Kind    string // address, phone …
	From    time.Time
	Until   time.Time // zero: still
	Value   string    // in normal form
}

// Agency is a requester with the keys that packages may be encrypted to.
type Agency struct {
	ID, Country, Name string
	Contacts          []string // held independently of any demand: a number to call back
	Recipients        []Recipient
}

// Recipient is an agency's key and since when it has been known: an age public
// key, or an OpenPGP certificate with its name (openpgp.Certificate.Recipient). It is
// also the charter's word that the agency may get a ZIP under a passphrase (ByZip).
type Recipient struct {
	Since       time.Time
	Key         string
	Certificate string // binary, in base64; "" for an age key
	Content     bool   // of a ZIP: content may go that way
}

// Name tells a recipient from others of its agency: one that differs in anything but its
// age is another one, and is new.
func (r Recipient) Name() string {
	name := r.Key + " " + r.Certificate
	if r.Content {
		name += withContent
	}
	return name
}

// Certificate gives the certificate of an agency that a recipient names. Codes:
// grant.recipient_unknown, and those of openpgp.Parse.
func (c *Charter) Certificate(agency, key string) (*openpgp.Certificate, error) {
	for _, a := range c.Agencies {
		for _, r := range a.Recipients {
			if a.ID == agency && r.Key == key && r.Certificate != "" {
				return r.certificate()
			}
		}
	}
	return nil, refuse("grant.recipient_unknown", "this is not a key of the requester").At("%s", agency)
}

// certificate reads the certificate of a recipient, which bears the recipient's name.
func (r Recipient) certificate() (*openpgp.Certificate, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(r.Certificate)
	if err != nil || base64.StdEncoding.EncodeToString(raw) != r.Certificate {
		return nil, badText("recipient")
	}
	c, err := openpgp.Parse(raw)
	if err != nil {
		return nil, err
	}
	if c.Recipient() != r.Key {
		return nil, problem.New(problem.Invalid, "charter.recipient", "this certificate has another fingerprint than the recipient states").At("%s", r.Key)
	}
	return c, nil
}

// checkRecipients refuses a certificate that does not bear its name, and a name
// without its certificate.
func (c *Charter) checkRecipients() error {
	for _, a := range c.Agencies {
		for _, r := range a.Recipients {
			if r.Certificate == "" && !openpgp.Names(r.Key) {
				continue
			}
			if _, err := r.certificate(); err != nil {
				return problem.New(problem.Invalid, "charter.recipient", "an OpenPGP recipient is the whole fingerprint and the certificate that has it").At("%s: %s", a.ID, r.Key).Because(err)
			}
		}
	}
	return nil
}

// Pack is a rule pack's name and digest.
type Pack struct {
	Name   string
	Digest Digest
}

// PersonOf finds whose key it is.
func (c *Charter) PersonOf(key ssh.PublicKey) (Person, bool) {
	want := string(key.Marshal())
	for _, p := range c.Roster {
		if slices.ContainsFunc(p.Keys, func(k ssh.PublicKey) bool { return string(k.Marshal()) == want }) {
			return p, true
		}
	}
	return Person{}, false
}

// PersonByID finds a person on the roster.
func (c *Charter) PersonByID(id string) (Person, bool) {
	i := slices.IndexFunc(c.Roster, func(p Person) bool { return p.ID == id })
	if i < 0 {
		return Person{}, false
	}
	return c.Roster[i], true
}

// GateByID finds a gate.
func (c *Charter) GateByID(id string) (Gate, bool) {
	i := slices.IndexFunc(c.Gates, func(g Gate) bool { return g.ID == id })
	if i < 0 {
		return Gate{}, false
	}
	return c.Gates[i], true
}

// Extend adds the next statement to the chain and returns the charter that
// results; c stays as it was. The first statement is made by ceremony: every
// person that it puts on the roster signs it. Each later one needs the quorum
// of the roster before it, except that one person alone may remove. Codes:
// charter.number, charter.previous, charter.provider, charter.quorum,
// charter.incomplete, charter.policy, charter.twice, charter.key,
// charter.shared_key, charter.remove, charter.backdated, and those of
// ParseStatement and signature.
func (c *Charter) Extend(text []byte, signatures [][]byte) (*Charter, error) {
	st, err := ParseStatement(text)
	if err != nil {
		return nil, err
	}
	return c.extend(st, text, signatures)
}

// extend is Extend by a statement that was read from the text.
func (c *Charter) extend(st Statement, text []byte, signatures [][]byte) (*Charter, error) {
	if st.Number != c.Number+1 {
		return nil, problem.New(problem.Refused, "charter.number", "statement %d follows statement %d, not %d", c.Number+1, c.Number, st.Number-1)
	}
	if st.Previous != c.Head {
		return nil, problem.New(problem.Refused, "charter.previous", "this statement does not follow the charter as it stands")
	}
	if c.Number > 0 && st.Provider != c.Provider {
		return nil, problem.New(problem.Refused, "charter.provider", "this statement is another provider's").At("%s", st.Provider)
	}
	next := c.with(st)
	next.Head, next.At = sha256.Sum256(text), st.At
	if err := c.checkRemoved(st); err != nil {
		return nil, err
	}
	if err := next.check(); err != nil {
		return nil, err
	}
	if st.Roster != nil || st.Policy != nil {
		if err := next.checkReach(); err != nil {
			return nil, err
		}
	}
	if err := c.checkTimes(st); err != nil {
		return nil, err
	}
	signers, err := c.signers(next, text, signatures)
	if err != nil {
		return nil, err
	}
	if need := c.needed(st, next); signers < need {
		return nil, problem.New(problem.Refused, "charter.quorum", "this statement needs the signatures of %d persons and has %d", need, signers).
			Fix("sign with: ssh-keygen -Y sign -n %s -f KEY STATEMENT", signature.Charter)
	}
	return next, nil
}

// checkRemoved refuses to remove who is not there: a slip of the pen would leave
// somebody on the roster whom everybody believes gone.
func (c *Charter) checkRemoved(st Statement) error {
	for _, id := range st.Removed {
		_, before := c.PersonByID(id)
		if !before || st.Roster != nil {
			return problem.New(problem.Invalid, "charter.remove", "a removal names a person of the roster as it stands, and comes without a new roster").At("%s", id)
		}
	}
	return nil
}

// checkTimes refuses a recipient's key that a later statement adds with a date
// before that statement: its age counts from when the charter knew it. A
// statement is not older than the one it follows.
func (c *Charter) checkTimes(st Statement) error {
	if c.Number == 0 {
		return nil
	}
	if st.At.Before(c.At) {
		return problem.New(problem.Refused, "charter.backdated", "a statement is not older than the one that it follows").At("at")
	}
	for _, a := range st.Agencies {
		for _, r := range a.Recipients {
			if r.Since.Before(st.At) && !c.knows(a.ID, r) {
				return problem.New(problem.Refused, "charter.backdated", "a recipient's key is known from the statement that adds it, not earlier").At("%s", a.ID)
			}
		}
	}
	return nil
}

func (c *Charter) knows(agency string, r Recipient) bool {
	return slices.ContainsFunc(c.Agencies, func(a Agency) bool { return a.ID == agency && slices.Contains(a.Recipients, r) })
}

// needed is how many distinct persons must sign the statement.
func (c *Charter) needed(st Statement, next *Charter) int {
	switch {
	case c.Number == 0:
		return len(next.Roster)
	case st.OnlyRemoves():
		return 1
	}
	return c.Policy.Quorum
}

// signers counts the distinct persons of the roster before the statement (at
// the ceremony: of the new roster) who signed it.
func (c *Charter) signers(next *Charter, text []byte, signatures [][]byte) (int, error) {
	by := c
	if c.Number == 0 {
		by = next
	}
	if len(signatures) > 100 {
		return 0, problem.New(problem.Invalid, "charter.quorum", "a statement has at most 100 signatures")
	}
	seen := map[string]bool{}
	for _, s := range signatures {
		made, err := signature.VerifyFrom(by.Pages(), s, signature.Charter, text)
		if err != nil {
			return 0, err
		}
		if p, ok := by.PersonOf(made.Key); ok {
			seen[p.ID] = true
		}
	}
	return len(seen), nil
}

func (c *Charter) with(st Statement) *Charter {
	n := *c
	n.Provider, n.Number = st.Provider, st.Number
	if st.Roster != nil {
		n.Roster = st.Roster
	}
	if st.Policy != nil {
		n.Policy = *st.Policy
	}
	if st.Gates != nil {
		n.Gates = st.Gates
	}
	if st.Accounts != nil {
		n.Accounts, n.Aliases = st.Accounts, st.Aliases
		n.places = drawPlaces(&n)
	}
	if st.Agencies != nil {
		n.Agencies = st.Agencies
	}
	if st.Log != nil {
		n.Log = st.Log
	}
	if st.Packs != nil {
		n.Packs = st.Packs
	}
	if st.Emergency != nil {
		n.Emergency = st.Emergency
	}
	if st.Register != "" {
		n.Register = st.Register
	}
	if n.Emergency != nil && n.Emergency.none() {
		n.Emergency = nil
	}
	n.Roster = slices.DeleteFunc(slices.Clone(n.Roster), func(p Person) bool { return slices.Contains(st.Removed, p.ID) })
	return &n
}

// check refuses a charter that could not protect anybody.
func (c *Charter) check() error {
	if c.Provider == "" || len(c.Roster) == 0 || len(c.Gates) == 0 || len(c.Log) == 0 {
		return problem.New(problem.Invalid, "charter.incomplete", "a charter has a provider, a roster, a gate and a log policy")
	}
	if err := c.checkOnce(); err != nil {
		return err
	}
	if err := c.checkKeys(); err != nil {
		return err
	}
	if err := c.checkRecipients(); err != nil {
		return err
	}
	if err := c.checkZips(); err != nil {
		return err
	}
	if err := c.Emergency.check(); err != nil {
		return err
	}
	p := c.Policy
	switch {
	case p.Approvals < 2 || p.Groups < 1 || p.Groups > p.Approvals || p.Quorum < 2:
		return badPolicy("at least two approvals, two for the quorum, and no more groups than approvals")
	case p.GrantLife <= 0 || p.GrantLife > MaxGrantLife:
		return badPolicy("a grant lives at most 24 hours")
	case p.Fresh <= 0 || p.Fresh > MaxFresh || p.Skew < 0 || p.Skew > MaxSkew || p.KeyAge < 0:
		return badPolicy("still-in-force is at most an hour old and clocks differ by at most five minutes")
	case p.ByteCap <= 0 || p.PerDay <= 0:
		return badPolicy("a byte cap and a number of accounts for each day")
	case p.KeepDays < 0 || p.KeepDays > MaxKeepDays:
		return badPolicy("a copy is kept for 400 days at most")
	case !validBars(p.NotByHand):
		return badPolicy("what is not done by hand is everything, or services and region/service pairs in byte order, each once")
	}
	return nil
}

// checkReach refuses a roster that its own policy locks out. Removals may leave
// such a roster: then nothing is granted until the ceremony is held again.
func (c *Charter) checkReach() error {
	groups := map[string]bool{}
	for _, p := range c.Roster {
		groups[p.Group] = true
	}
	if len(c.Roster) < max(c.Policy.Approvals, c.Policy.Quorum) || len(groups) < c.Policy.Groups {
		return badPolicy("the roster has as many persons and groups as a grant and a statement need")
	}
	return nil
}

// checkOnce refuses two rows of one name: a look-up would find only the first.
func (c *Charter) checkOnce() error {
	seen := map[string]bool{}
	once := func(section, name string) error {
		if seen[section+" "+name] {
			return problem.New(problem.Invalid, "charter.twice", "a charter names each person, gate, page, account, agency and pack once").At("%s %s", section, name)
		}
		seen[section+" "+name] = true
		return nil
	}
	var rows [][2]string
	for _, p := range c.Roster {
		rows = append(rows, [2]string{"person", p.ID})
	}
	for _, g := range c.Gates {
		rows = append(rows, [2]string{"gate", g.ID})
		if g.Page != "" {
			rows = append(rows, [2]string{"page", g.Page})
		}
	}
	for _, a := range c.Accounts {
		rows = append(rows, [2]string{"account", string(a.ID) + " " + a.Region})
	}
	for _, a := range c.Agencies {
		rows = append(rows, [2]string{"agency", a.ID})
	}
	for _, p := range c.Packs {
		rows = append(rows, [2]string{"pack", p.Name})
	}
	for _, r := range rows {
		if err := once(r[0], r[1]); err != nil {
			return err
		}
	}
	return nil
}

func badPolicy(what string) error {
	return problem.New(problem.Invalid, "charter.policy", "the gate policy must hold: %s", what).At("policy")
}
