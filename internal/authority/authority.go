package authority

import (
	"slices"
	"strings"
	"time"

	"counterseal/internal/openpgp"
	"counterseal/internal/problem"
	"counterseal/internal/strict"
	"filippo.io/age"
)

// MaxFile bounds an agencies file.
const MaxFile = 8 << 20

// Kinds are the words for what an agency is: those of the fact authority_kind,
// and two more.
var Kinds = []string{"court", "prosecutor", "police", "intelligence", "agency", "regulator", "minister", "private_party", "central_authority", "other"}

// Languages are those in which letters are written.
var Languages = []string{"en", "de", "da", "it"}

// Agency is one requester.
type Agency struct {
	ID         string      `toml:"id"`
	Name       string      `toml:"name"`
	Kind       string      `toml:"kind"` // of Kinds; may be unstated
	Country    string      `toml:"country"`
	Language   string      `toml:"language"`       // of letters to it
	Languages  []string    `toml:"languages"`      // that it also reads; ISO 639-1
	Contact    string      `toml:"contact"`        // the first that is called back
	Source     string      `toml:"contact_source"` // where the contact was found
	Callbacks  []Callback  `toml:"callback"`       // further contacts
	Domains    []string    `toml:"domains"`        // of its mail, in lower case
	Mail       string      `toml:"mail"`           // where letters go by mail; none: they are posted
	Officers   []Officer   `toml:"officer"`
	Flags      []Flag      `toml:"flag"`
	Recipients []Recipient `toml:"recipient"`
	Zip        *Zip        `toml:"zip"` // nil: it gets no ZIP under a passphrase
}

// Zip says that an agency may get a package as a ZIP under a passphrase, which is read
// out on a call to one of its contacts.
type Zip struct {
	Since   time.Time `toml:"since"`
	Content bool      `toml:"content"` // content may go that way too
}

// Callback is a contact that was found independently of any demand.
type Callback struct {
	Contact   string    `toml:"contact"`   // a number, an address, or a person and place in words
	Source    string    `toml:"source"`    // where it was found
	Checked   time.Time `toml:"checked"`   // when it was last found right there
	Emergency bool      `toml:"emergency"` // designated for emergencies: answered at any hour
}

// Officer is a person of an agency for whom somebody vouched.
type Officer struct {
	ID      string    `toml:"id"` // within the agency
	Name    string    `toml:"name"`
	Rank    string    `toml:"rank"`
	Address string    `toml:"address"` // mail
	Phone   string    `toml:"phone"`
	Vouched string    `toml:"vouched_by"` // who vouched, at the agency
	How     string    `toml:"how"`        // how that was verified
	Checked time.Time `toml:"checked"`
	Until   time.Time `toml:"until"` // left the office; zero: still there
}

// Flag says that a mailbox is not its owner's any more. A mailbox "@domain" is
// every mailbox of the domain.
type Flag struct {
	Mailbox string    `toml:"mailbox"`
	At      time.Time `toml:"at"`
	By      string    `toml:"by"`
	Why     string    `toml:"why"`
	Lifted  time.Time `toml:"lifted"` // zero: it stands
}

// Recipient is a key for packages: an age public key, or an OpenPGP certificate,
// whose key is then openpgp: and its fingerprint.
type Recipient struct {
	Key         string    `toml:"key"`         // may be left out with a certificate
	Certificate string    `toml:"certificate"` // armored
	Since       time.Time `toml:"since"`

	Binary []byte `toml:"-"` // the certificate
}

// Register is the list of agencies. It does not change; With gives another.
type Register struct {
	agencies []Agency
	byID     map[string]int
}

type file struct {
	Agency []Agency `toml:"agency"`
}

// Parse reads an agencies file (TOML). Codes: authority.form, authority.agency,
// authority.callback, authority.domain, authority.officer, authority.flag,
// authority.recipient, authority.zip.
func Parse(text []byte) (*Register, error) {
	var f file
	if err := strict.TOML("agencies", text, MaxFile, "authority.form", &f); err != nil {
		return nil, err
	}
	return newRegister(f.Agency)
}

func newRegister(agencies []Agency) (*Register, error) {
	r := &Register{agencies: agencies, byID: map[string]int{}}
	domains := map[string]string{}
	for i := range agencies {
		a := &agencies[i]
		if err := r.check(i, a); err != nil {
			return nil, err
		}
		for _, d := range a.Domains {
			if other, taken := domains[d]; taken {
				return nil, problem.New(problem.Invalid, "authority.domain", "a mail domain is one agency's").At("agency %d: %.80q, of %s too", i+1, d, other)
			}
			domains[d] = a.ID
		}
		r.byID[a.ID] = i
	}
	return r, nil
}

func (r *Register) check(i int, a *Agency) error {
	_, twice := r.byID[a.ID]
	if a.ID == "" || a.Name == "" || len(a.Country) != 2 || a.Contact == "" || a.Source == "" || twice || !slices.Contains(Languages, a.Language) {
		return problem.New(problem.Invalid, "authority.agency", "an agency has its own id, a name, a country, a language, and a contact with the place where it was found").At("agency %d", i+1)
	}
	if a.Kind != "" && !slices.Contains(Kinds, a.Kind) {
		return problem.New(problem.Invalid, "authority.agency", "there is no such kind of agency").At("agency %d: kind", i+1).Fix("write %s", strings.Join(Kinds, ", "))
	}
	for _, l := range a.Languages {
		if len(l) != 2 || l != strings.ToLower(l) {
			return problem.New(problem.Invalid, "authority.agency", "a language is two letters").At("agency %d: languages", i+1).Fix("write, for example, fr")
		}
	}
	for j, c := range a.Callbacks {
		if c.Contact == "" || c.Source == "" || c.Checked.IsZero() {
			return problem.New(problem.Invalid, "authority.callback", "a contact has the place where it was found and the day on which it was checked").At("agency %d, callback %d", i+1, j+1)
		}
	}
	for j, d := range a.Domains {
		if n, err := mailbox("x@" + d); err != nil || n != "x@"+d {
			return problem.New(problem.Invalid, "authority.domain", "a mail domain is written in lower case and without @").At("agency %d, domain %d", i+1, j+1)
		}
	}
	if a.Mail != "" {
		if n, err := mailbox(a.Mail); err != nil || n != a.Mail {
			return problem.New(problem.Invalid, "authority.agency", "letters by mail go to one plain address, in lower case").At("agency %d: mail", i+1)
		}
	}
	if err := checkOfficers(i, a.Officers); err != nil {
		return err
	}
	for j := range a.Flags {
		if err := a.Flags[j].check(); err != nil {
			return problem.Of(err).At("agency %d, flag %d", i+1, j+1)
		}
	}
	for j := range a.Recipients {
		if err := a.Recipients[j].check(); err != nil {
			return problem.Of(err).At("agency %d, recipient %d", i+1, j+1)
		}
	}
	if a.Zip != nil && a.Zip.Since.IsZero() {
		return problem.New(problem.Invalid, "authority.zip", "a ZIP under a passphrase has the day since when the agency may get one").At("agency %d, zip", i+1)
	}
	return nil
}

// check reads the key; of a certificate it fills in the recipient's name.
func (r *Recipient) check() error {
	bad := problem.New(problem.Invalid, "authority.recipient", "a recipient is an age public key (age1…) or an armored OpenPGP certificate, with the day since when it is known")
	if r.Since.IsZero() {
		return bad
	}
	if r.Certificate == "" {
		if _, err := age.ParseX25519Recipient(r.Key); err != nil {
			return bad.Because(err)
		}
		return nil
	}
	raw, err := openpgp.Dearmor(r.Certificate)
	if err != nil {
		return err
	}
	c, err := openpgp.Parse(raw)
	if err != nil {
		return err
	}
	if r.Key != "" && r.Key != c.Recipient() {
		return problem.New(problem.Invalid, "authority.recipient", "the certificate has another fingerprint than the key that is stated").Fix("it is %s", c.Recipient())
	}
	r.Key, r.Binary = c.Recipient(), raw
	return nil
}

func checkOfficers(i int, officers []Officer) error {
	seen := map[string]bool{}
	for j, o := range officers {
		if o.ID == "" || o.Name == "" || seen[o.ID] || o.Vouched == "" || o.How == "" || o.Checked.IsZero() {
			return problem.New(problem.Invalid, "authority.officer", "an officer has an id, a name, who vouched, how that was verified, and when").At("agency %d, officer %d", i+1, j+1)
		}
		if o.Address != "" {
			if _, err := mailbox(o.Address); err != nil {
				return problem.New(problem.Invalid, "authority.officer", "an officer's address is a mail address").At("agency %d, officer %d: address", i+1, j+1).Because(err)
			}
		}
		seen[o.ID] = true
	}
	return nil
}

// Agency finds an agency by its id.
func (r *Register) Agency(id string) (Agency, bool) {
	i, ok := r.byID[id]
	if !ok {
		return Agency{}, false
	}
	return r.agencies[i], true
}

// All returns a copy of the list.
func (r *Register) All() []Agency { return slices.Clone(r.agencies) }

// Officer finds a person of an agency who was there at a time.
func (a Agency) Officer(id string, at time.Time) (Officer, bool) {
	for _, o := range a.Officers {
		if o.ID == id && (o.Until.IsZero() || !at.After(o.Until)) {
			return o, true
		}
	}
	return Officer{}, false
}

// OnFile lists every contact of the agency, the designated emergency contacts
// first. The one that stands in the agency's own row has no date.
func (a Agency) OnFile() []Callback {
	all := append([]Callback{{Contact: a.Contact, Source: a.Source}}, a.Callbacks...)
	slices.SortStableFunc(all, func(x, y Callback) int {
		switch {
		case x.Emergency == y.Emergency:
			return 0
		case x.Emergency:
			return -1
		}
		return 1
	})
	return all
}
