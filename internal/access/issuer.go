package access

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"time"

	"counterseal/internal/problem"
)

// OpenID is an issuer of OpenID Connect whose word lets people in. Package
// access/openid is one.
type OpenID interface {
	// Begin is where the issuer asks who somebody is. Code: access.issuer.
	Begin(ctx context.Context, s Started) (url string, err error)
	// End gets what the issuer has to say for a code, and believes nothing else. Codes:
	// access.issuer, access.issuer_token.
	End(ctx context.Context, s Started, code, iss string) (Identity, error)
	// Leave is where somebody ends their session at the issuer, to come back to a page;
	// "" where the issuer has no such place.
	Leave(ctx context.Context, back string) string
}

// Started is one sign-in at an issuer, as only this process and one browser can know it.
type Started struct {
	Back                   string // where the issuer sends the browser
	State, Nonce, Verifier string
}

// Identity is somebody as an issuer names them. Email is empty where the issuer does
// not say that it has verified it.
type Identity struct{ Issuer, Subject, Email string }

// IDs are the names under which a Signer can be known to an issuer, the surer first.
func (i Identity) IDs() []string {
	out := []string{SubjectID(i.Issuer, i.Subject)}
	if i.Email != "" {
		out = append(out, EmailID(i.Issuer, i.Email))
	}
	return out
}

// SubjectID is the id of an issuer's subject, which the issuer gives nobody else.
func SubjectID(issuer, subject string) string { return issuer + " subject:" + subject }

// EmailID is the id of an address that the issuer has verified.
func EmailID(issuer, email string) string { return issuer + " email:" + email }

const (
	issuerAt = enterAt + "/openid"
	backAt   = issuerAt + "/back"
)

// IssuerAt is the address of the page from which people go to the issuer, and
// IssuerBackAt the one to which they come back.
const (
	IssuerAt     = issuerAt
	IssuerBackAt = backAt
)

func (d *Door) mountIssuer(mux Mux) {
	if d.out.SignIn.OpenID == nil {
		return
	}
	mux.Handle("GET "+d.out.Under+issuerAt, d.onPage(d.toIssuer))
	mux.Handle("GET "+d.out.Under+backAt, d.onPage(d.fromIssuer))
}

// started derives a sign-in from an invitation that one browser holds. What the issuer
// and its log come to see tells nothing of what it does not.
func (d *Door) started(invitation string) Started {
	derive := func(what string) string {
		return base64.RawURLEncoding.EncodeToString(d.invites.derive("counterseal-openid-"+what+"-v1\n", invitation))
	}
	return Started{Back: d.site.origin + d.out.Under + backAt, State: derive("state"), Nonce: derive("nonce"), Verifier: derive("verifier")}
}

// derive is a keyed digest of an invitation.
func (i *invitations) derive(label, invitation string) []byte {
	i.mu.Lock()
	defer i.mu.Unlock()
	m := hmac.New(sha256.New, i.key[:])
	_, _ = io.WriteString(m, label+invitation)
	return m.Sum(nil)
}

// toIssuer sends a browser to the issuer. The cookie goes back with the browser when it
// comes from there, as that of a session, which is stricter, does not.
func (d *Door) toIssuer(w http.ResponseWriter, r *http.Request) error {
	invitation, err := d.invites.invite(d.out.Random, d.now())
	if err != nil {
		return err
	}
	at, err := d.out.SignIn.OpenID.Begin(r.Context(), d.started(invitation))
	if err != nil {
		return err
	}
	http.SetCookie(w, d.issuerCookie(invitation, int(inviteLife/time.Second), atOf(r)))
	redirect(w, at)
	return nil
}

func (d *Door) issuerCookie(value string, age int, at place) *http.Cookie {
	c := d.cookie(value, age, at)
	c.Name, c.Path, c.SameSite = c.Name+"_openid", "/", http.SameSiteLaxMode
	return c
}

// fromIssuer begins a session for whom the issuer names. Codes: access.limited,
// access.late, access.issuer, access.issuer_refused, access.issuer_token,
// access.nobody, access.full, and those of SignIn.People.
func (d *Door) fromIssuer(w http.ResponseWriter, r *http.Request) error {
	who := caller(r)
	if d.struck(who) {
		return problem.New(problem.Refused, "access.limited", "too many have failed to sign in").Fix("wait a minute")
	}
	s, err := d.named(r)
	if err != nil {
		if k := problem.Of(err).Kind; k != problem.Internal && k != problem.Unavailable {
			d.strike(who)
		}
		return err
	}
	secret, err := d.begin(s.Person, ByOpenID, s.Key)
	if err != nil {
		return err
	}
	err = d.endOld(r)
	if err != nil {
		return err
	}
	http.SetCookie(w, d.issuerCookie("", -1, atOf(r)))
	http.SetCookie(w, d.cookie(secret, int(SessionLife/time.Second), atOf(r)))
	// The browser comes from another site, and would not send the session's cookie along
	// a redirection. A page of ours, which goes on by itself, is of this site.
	d.out.SignIn.Pages.Entered(w, d.out.Home)
	return nil
}

// named says whom the issuer names, for a browser that was sent there by this process
// and has not come back before.
func (d *Door) named(r *http.Request) (Session, error) {
	now := d.now()
	c, err := r.Cookie(d.issuerCookie("", 0, atOf(r)).Name)
	if err != nil {
		return Session{}, late()
	}
	_, err = d.invites.read(c.Value, now)
	if err != nil {
		return Session{}, err
	}
	q, started := r.URL.Query(), d.started(c.Value)
	if !hmac.Equal([]byte(q.Get("state")), []byte(started.State)) {
		return Session{}, late()
	}
	err = d.invites.use(c.Value, now)
	if err != nil {
		return Session{}, err
	}
	if q.Get("error") != "" || q.Get("code") == "" {
		return Session{}, problem.New(problem.Refused, "access.issuer_refused", "the issuer let nobody in").At("%.40q", q.Get("error")).Fix("sign in again, or with a passkey")
	}
	named, err := d.out.SignIn.OpenID.End(r.Context(), started, q.Get("code"), q.Get("iss"))
	if err != nil {
		return Session{}, err
	}
	people, err := d.out.SignIn.People()
	if err != nil {
		return Session{}, err
	}
	for _, id := range named.IDs() {
		i := slices.IndexFunc(people, func(p Signer) bool { return slices.Contains(p.IDs, id) })
		if i >= 0 {
			return Session{Person: people[i].Person, Key: id}, nil
		}
	}
	return Session{}, problem.New(problem.Refused, "access.nobody", "this account lets nobody in here").At("subject %.255q", named.Subject).
		Fix("let who runs the office write this subject to your line under [sign_in] in counterseal.toml")
}

// leftIssuer offers to end the session at the issuer too, where that let somebody in.
func (d *Door) leftIssuer(w http.ResponseWriter, r *http.Request, s Session) bool {
	if s.By != ByOpenID || d.out.SignIn == nil || d.out.SignIn.OpenID == nil {
		return false
	}
	at := d.out.SignIn.OpenID.Leave(r.Context(), d.site.origin+"/")
	if at == "" {
		return false
	}
	d.out.SignIn.Pages.Left(w, at)
	return true
}
