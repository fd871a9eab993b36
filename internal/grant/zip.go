package grant

import (
	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// ByZip is how a grant names its recipient where the package is a ZIP under a passphrase
// that is read out on a call (docs/decisions/0032). It is weaker than a key, so the
// charter says of each agency whether it may be, and whether content may go that way.
const ByZip = "zip"

// ZipInWords stands in the text that people approve.
const ZipInWords = "a ZIP under a passphrase that is read out on a call. Whoever hears it opens the package."

// The words of the charter about content.
const (
	withContent    = "with-content"
	withoutContent = "without-content"
)

func contentWord(content bool) string {
	if content {
		return withContent
	}
	return withoutContent
}

// ByZip reports whether the grant's package is a ZIP under a passphrase.
func (g Grant) ByZip() bool { return g.Recipient == ByZip }

// Zip gives the charter's word about ZIPs to this agency.
func (a Agency) Zip() (Recipient, bool) {
	for _, r := range a.Recipients {
		if r.Key == ByZip {
			return r, true
		}
	}
	return Recipient{}, false
}

// AgencyByID finds an agency.
func (c *Charter) AgencyByID(id string) (Agency, bool) {
	for _, a := range c.Agencies {
		if a.ID == id {
			return a, true
		}
	}
	return Agency{}, false
}

func (st *Statement) setZip(w []string) error {
	if w[2] != withContent && w[2] != withoutContent {
		return badText("zip")
	}
	since, err := canon.ParseTime(w[1])
	if err != nil {
		return err
	}
	if n := len(st.Agencies); n == 0 || st.Agencies[n-1].ID != w[0] {
		return badText("zip")
	}
	a := &st.Agencies[len(st.Agencies)-1]
	a.Recipients = append(a.Recipients, Recipient{Since: since, Key: ByZip, Content: w[2] == withContent})
	return nil
}

// checkZips refuses a ZIP to an agency that nobody could call, and two words about one.
func (c *Charter) checkZips() error {
	for _, a := range c.Agencies {
		n := 0
		for _, r := range a.Recipients {
			if r.Key == ByZip {
				n++
			}
		}
		if n > 1 || n == 1 && len(a.Contacts) == 0 {
			return problem.New(problem.Invalid, "charter.zip", "an agency that may get a ZIP says so once, and has a contact on which it is called").At("%s", a.ID)
		}
	}
	return nil
}

// checkZip: a ZIP may be, by the charter, and content goes that way only where it says
// so. An emergency lifts neither.
func checkZip(c Case) error {
	if !c.Grant.ByZip() {
		return nil
	}
	a, _ := c.Charter.AgencyByID(c.Grant.Requester)
	r, may := a.Zip()
	if !may {
		return refuse("grant.zip_not_said", "the charter does not say that this agency may get a ZIP under a passphrase").At("%s", c.Grant.Requester).
			Fix("send to a key; or write [agency.zip] into agencies.toml, and draft a statement: counterseal gate amend")
	}
	if r.Content {
		return nil
	}
	for _, sel := range c.Grant.Scope.Selectors() {
		if sel.Category == scope.Content {
			return refuse("grant.zip_content", "by the charter no content goes to this agency in a ZIP under a passphrase").At("%s", c.Grant.Requester).
				Fix("send to a key; an emergency does not lift this")
		}
	}
	return nil
}

// zipOf names a package: "zip:" and its grant's digest, as its release states it.
func zipOf(d Digest) string { return ByZip + ":" + d.String() }

// Package is how the release of this grant names its recipient.
func (g Grant) Package() string {
	if g.ByZip() {
		return zipOf(g.Digest())
	}
	return g.Recipient
}
