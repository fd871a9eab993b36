package app

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/access"
	"counterseal/internal/access/openid"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
	"counterseal/internal/strict"
)

// SignInConfig says where staff sign in to the office's pages, and who. None of its
// keys counts at a gate.
type SignInConfig struct {
	Page   string         `toml:"page"` // its origin: "https://office.example", or "http://localhost:8780" to try
	OpenID OpenIDConfig   `toml:"openid"`
	People []SignInPerson `toml:"person"`
}

// SignInPerson is somebody of the roster or the staff, and their passkeys for the page.
type SignInPerson struct {
	ID   string   `toml:"id"`
	Keys []string `toml:"keys"` // "sk-ecdsa-sha2-nistp256@openssh.com AAAA…", as the page made them

	// How the issuer knows them: by its subject, which is never another's, or by an
	// address that it has verified. One of them.
	Subject string `toml:"subject"`
	Email   string `toml:"email"`
}

// amiss names the key that does not hold together by itself; "" for none.
func (s SignInConfig) amiss(c Config) (key, fix string) {
	if s.Page == "" && len(s.People) == 0 && s.OpenID == (OpenIDConfig{}) {
		return "", ""
	}
	if !signature.ValidPage(s.Page) {
		return "page", "write an origin, such as \"https://office.example\" or \"http://localhost:8780\""
	}
	var pages []string
	for _, r := range c.gates() {
		pages = append(pages, r.Page.Origin, r.Page.PickUp)
	}
	if sharesHost(s.Page, pages) {
		return "page", "give the office a host of its own: a gate's page is another's"
	}
	if s.OpenID != (OpenIDConfig{}) && (!openid.ValidIssuer(s.OpenID.Issuer) || s.OpenID.Client == "") {
		return "openid", "write the issuer's name as it stands in its own metadata, such as \"https://id.example\", and the client that the office is there"
	}
	seen := map[string]bool{}
	for i, p := range s.People {
		_, ok := p.keys(s.Page)
		if p.ID == "" || seen[p.ID] || len(p.Keys) == 0 && p.Subject+p.Email == "" || !ok {
			return fmt.Sprintf("person %d", i+1), "name each person once, with a key that the page to sign in made, or as the issuer knows them"
		}
		if p.Subject+p.Email != "" && (s.OpenID.Issuer == "" || p.Subject != "" && p.Email != "" || len(p.Subject) > 255 || p.Email != "" && !strings.Contains(p.Email, "@")) {
			return fmt.Sprintf("person %d", i+1), "name the issuer under [sign_in.openid], and the person by its subject or by an address, not both"
		}
		seen[p.ID] = true
	}
	return "", ""
}

// sharesHost reports whether a page has the host of another one: a passkey is bound to
// a host and not to its port. On localhost, to try it out, ports tell them apart.
func sharesHost(page string, others []string) bool {
	u, err := url.Parse(page)
	if err != nil {
		return true
	}
	return slices.ContainsFunc(others, func(other string) bool {
		o, err := url.Parse(other)
		return other != "" && err == nil && (other == page || o.Hostname() == u.Hostname() && u.Scheme == "https")
	})
}

// keys reads a person's keys; ok where each is a passkey of the page's host.
func (p SignInPerson) keys(page string) (out []ssh.PublicKey, ok bool) {
	u, err := url.Parse(page)
	if err != nil {
		return nil, false
	}
	for _, line := range p.Keys {
		k, err := signature.ParseLine(stripComment(line))
		if err != nil || signature.Host(k) != u.Hostname() {
			return nil, false
		}
		out = append(out, k)
	}
	return out, true
}

// signers are the people as the door knows them. The configuration was checked.
func (s SignInConfig) signers() (out []access.Signer) {
	for _, p := range s.People {
		keys, ok := p.keys(s.Page)
		if !ok {
			continue
		}
		out = append(out, access.Signer{Person: p.ID, Keys: keys, IDs: p.ids(s.OpenID.Issuer)})
	}
	return out
}

// apart refuses a key that signs in and stands on a roster too: what opens the office
// must never approve at a gate. Code: app.sign_in_key.
func (s SignInConfig) apart(roster []grant.Person) error {
	for _, signer := range s.signers() {
		for _, key := range signer.Keys {
			for _, p := range roster {
				if slices.ContainsFunc(p.Keys, func(k ssh.PublicKey) bool { return signature.SameKey(k, key) }) {
					return problem.New(problem.Refused, "app.sign_in_key", "a key that signs in to the office stands in the charter too, or would").At("%s, %s", signer.Person, ssh.FingerprintSHA256(key)).
						Fix("make another passkey on the page to sign in, and put that one into counterseal.toml")
				}
			}
		}
	}
	return nil
}

// checkSignIn holds the configuration against the charter's statements, those that were
// replaced and the one that waits too: somebody whom a later one takes off signs in no
// more, and the file can still be read. Codes: app.config, app.sign_in_key.
func (f Folder) checkSignIn(c Config) error {
	if c.SignIn.Page == "" {
		return nil
	}
	bad := func(field, fix string) error {
		return problem.New(problem.Invalid, "app.config", "the configuration does not hold together").At("counterseal.toml: sign_in.%s", field).Fix("%s", fix)
	}
	if c.SignIn.sharesKey() {
		return bad("person", "let each passkey, and each name at the issuer, be one person's, once")
	}
	known := map[string]bool{}
	for _, m := range c.Staff {
		known[m.ID] = true
	}
	statements, err := f.statements()
	if err != nil {
		return err
	}
	for _, st := range statements {
		for _, p := range st.Roster {
			known[p.ID] = true
		}
		for _, g := range st.Gates {
			if sharesHost(c.SignIn.Page, []string{g.Page}) {
				return bad("page", "give the office a host of its own: a gate's page is another's")
			}
		}
		err := c.SignIn.apart(st.Roster)
		if err != nil {
			return err
		}
	}
	for i, p := range c.SignIn.People {
		if !known[p.ID] {
			return bad(fmt.Sprintf("person %d: %s", i+1, p.ID), "name somebody on the charter's roster, or of [[staff]]")
		}
	}
	return nil
}

// sharesKey reports whether a key, or a name at the issuer, stands there twice.
func (s SignInConfig) sharesKey() bool {
	seen := map[string]bool{}
	for _, signer := range s.signers() {
		for _, k := range signer.Keys {
			id := ssh.FingerprintSHA256(k)
			if seen[id] {
				return true
			}
			seen[id] = true
		}
		for _, id := range signer.IDs {
			if seen[id] {
				return true
			}
			seen[id] = true
		}
	}
	return false
}

// statements reads every statement in charter/, whoever has signed it. One that cannot
// be read is left to whoever reads the charter.
func (f Folder) statements() (out []grant.Statement, err error) {
	files, err := filepath.Glob(f.path("charter", "*.txt"))
	if err != nil {
		return nil, folderProblem(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, folderProblem(err)
		}
		st, err := grant.ParseStatement(text)
		if err == nil {
			out = append(out, st)
		}
	}
	return out, nil
}

// Sessions is where the folder keeps who is signed in.
func (f Folder) Sessions() string { return f.path("docket", "sessions") }

// staffNow is the part of the configuration that says who may come in, read again where
// a file has changed: taking a line out ends a session at its next request.
type staffNow struct {
	mu      sync.Mutex
	text    []byte
	charter string
	config  Config
}

// configNow reads counterseal.toml as it stands. Code: access.people.
func (o *Office) configNow() (Config, error) {
	bad := func(err error) error {
		return problem.New(problem.Unavailable, "access.people", "it cannot be read who may come in").Fix("see what counterseal doctor says of counterseal.toml").Because(err)
	}
	text, err := os.ReadFile(o.Folder.Config())
	if err != nil {
		return Config{}, bad(err)
	}
	stamp := o.Folder.charterStamp()
	o.staff.mu.Lock()
	defer o.staff.mu.Unlock()
	if o.staff.text != nil && bytes.Equal(text, o.staff.text) && stamp == o.staff.charter {
		return o.staff.config, nil
	}
	var c Config
	err = strict.TOML("counterseal.toml", text, 1<<20, "app.config", &c)
	if err == nil {
		err = c.check()
	}
	if err == nil {
		err = o.Folder.checkSignIn(c)
	}
	if err != nil {
		return Config{}, bad(err)
	}
	o.staff.text, o.staff.charter, o.staff.config = text, stamp, c
	return c, nil
}

// works reports whether somebody is on the roster or of the staff now; where neither
// names anybody, somebody who gives a name is taken at their word.
func (o *Office) works(c Config, id string) (bool, error) {
	if len(c.seatsOf(id)) > 0 {
		return true, nil
	}
	charter, err := o.charter()
	if problem.Code(err) == "app.no_charter" {
		return len(c.Staff) == 0 && id != "" && !strings.ContainsAny(id, " \t\n"), nil
	}
	if err != nil {
		return false, err
	}
	_, ok := charter.PersonByID(id)
	return ok, nil
}

// signers are those who may sign in now.
func (o *Office) signers() (out []access.Signer, err error) {
	c, err := o.configNow()
	if err != nil || c.SignIn.Page != o.Config.SignIn.Page || c.SignIn.OpenID != o.Config.SignIn.OpenID { // they are where they were when this process began
		return nil, err
	}
	for _, s := range c.SignIn.signers() {
		works, err := o.works(c, s.Person)
		if err != nil {
			return nil, err
		}
		if works {
			out = append(out, s)
		}
	}
	return out, nil
}

// sessionCounts reports whether a session's person may come in still, and with that
// passkey or name.
func (o *Office) sessionCounts(s access.Session) (bool, error) {
	if s.By == access.ByLink {
		if s.Person == Onlooker {
			return true, nil
		}
		c, err := o.configNow()
		if err != nil {
			return false, err
		}
		return o.works(c, s.Person)
	}
	people, err := o.signers()
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(people, func(p access.Signer) bool {
		return p.Person == s.Person && (slices.Contains(p.IDs, s.Key) && s.By == access.ByOpenID || s.By == access.ByPasskey && slices.ContainsFunc(p.Keys, func(k ssh.PublicKey) bool { return ssh.FingerprintSHA256(k) == s.Key }))
	}), nil
}

// staffSignIn reports whether somebody can sign in on a page.
func (o *Office) staffSignIn() bool {
	people, err := o.signers()
	return err == nil && len(people) > 0
}

// examineSignIn says who may come in and who is in, where there is a page for it.
func (o *Office) examineSignIn(ctx context.Context, h *Health, now time.Time) {
	if o.Config.SignIn.Page == "" {
		return
	}
	people, err := o.signers()
	var open []*access.Session
	if err == nil {
		open, err = o.Folder.OpenSessions(now)
	}
	h.check("sign-in", fmt.Sprintf("at %s: %d may sign in, %d sessions are open", o.Config.SignIn.Page, len(people), len(open)), err)
	if o.Config.SignIn.OpenID.Issuer == "" {
		return
	}
	issuer, err := o.issuer()
	if err == nil {
		err = issuer.Answers(ctx)
	}
	h.check("issuer", o.Config.SignIn.OpenID.Issuer+" answers", err)
}
