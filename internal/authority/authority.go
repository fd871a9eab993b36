// Package authority is who may demand: agencies with the contacts that the
// provider found independently of any demand.
//
// Its words. An *agency* makes demands; its *contact* is the number or person
// that is called back, taken from a public register and never from a demand's
// own letterhead, because a mailbox proves nothing. A *recipient* is an age
// public key that its packages may be encrypted to, and since when it is known.
//
// Its promises. Read-only after Parse, safe for concurrent use. What the gate
// believes about agencies stands in the charter; this is the docket's working copy.
//
// Imports: standard library, problem, strict, age (to check the form of keys).
package authority

import (
	"slices"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/strict"
	"filippo.io/age"
)

// MaxFile bounds an agencies file.
const MaxFile = 8 << 20

// Agency is one requester.
type Agency struct {
	ID         string      `toml:"id"`
	Name       string      `toml:"name"`
	Country    string      `toml:"country"`
	Language   string      `toml:"language"`
	Contact    string      `toml:"contact"`
	Source     string      `toml:"contact_source"` // where the contact was found
	Recipients []Recipient `toml:"recipient"`
}

// Recipient is a key for packages.
type Recipient struct {
	Key   string    `toml:"key"`
	Since time.Time `toml:"since"`
}

// Register is the parsed list.
type Register struct{ agencies []Agency }

type file struct {
	Agency []Agency `toml:"agency"`
}

// Parse reads an agencies file (TOML). Codes: authority.form, authority.agency,
// authority.recipient.
func Parse(text []byte) (*Register, error) {
	var f file
	if err := strict.TOML("agencies", text, MaxFile, "authority.form", &f); err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for i, a := range f.Agency {
		if a.ID == "" || a.Name == "" || len(a.Country) != 2 || a.Contact == "" || a.Source == "" || seen[a.ID] ||
			!slices.Contains([]string{"en", "de", "da", "it"}, a.Language) {
			return nil, problem.New(problem.Invalid, "authority.agency", "an agency has its own id, a name, a country, a language, and a contact with the place where it was found").At("agency %d", i+1)
		}
		for j, r := range a.Recipients {
			if _, err := age.ParseX25519Recipient(r.Key); err != nil || r.Since.IsZero() {
				return nil, problem.New(problem.Invalid, "authority.recipient", "a recipient is an age public key (age1…) with the day since when it is known").At("agency %d, recipient %d", i+1, j+1)
			}
		}
		seen[a.ID] = true
	}
	return &Register{f.Agency}, nil
}

// Agency finds an agency by its id.
func (r *Register) Agency(id string) (Agency, bool) {
	i := slices.IndexFunc(r.agencies, func(a Agency) bool { return a.ID == id })
	if i < 0 {
		return Agency{}, false
	}
	return r.agencies[i], true
}

// All returns a copy of the list.
func (r *Register) All() []Agency { return slices.Clone(r.agencies) }
