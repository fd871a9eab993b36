package access

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// SignIn is a page of its own origin on which people of the staff sign in.
type SignIn struct {
	Page   string                   // its origin, as browsers write it: signature.ValidPage
	People func() ([]Signer, error) // who may, as it stands now
	OpenID OpenID                   // nil: passkeys alone
	Pages  SignInPages
}

// Signer is somebody who may sign in, by their passkeys' keys or as an issuer knows
// them.
type Signer struct {
	Person string
	Keys   []ssh.PublicKey
	IDs    []string // SubjectID, EmailID
}

// SignInPages draws the pages of sign-in.
type SignInPages interface {
	// SignIn asks for a passkey's answer to challenge, POSTed as JSON with the nonce; and
	// leads to the issuer, where there is one at that address.
	SignIn(w http.ResponseWriter, nonce, challenge, issuer string)
	// Entered goes on to a page by itself; Left leads to where a session at the issuer
	// is ended.
	Entered(w http.ResponseWriter, home string)
	Left(w http.ResponseWriter, at string)
	// Make makes a passkey that is bound to host and shows its line.
	Make(w http.ResponseWriter, host string)
	// Fault tells the pages' script a problem; status 0 is that of its kind.
	Fault(w http.ResponseWriter, status int, err error)
}

const (
	passkeyAt = enterAt + "/passkey"
	makeAt    = enterAt + "/make"
	maxAsked  = 64 << 10
)

// backupEligible is the flag by which a passkey says that it may be copied to other
// devices (WebAuthn Level 3, section 6.1).
const backupEligible = 0x08

func (d *Door) mountSignIn(mux Mux) {
	if d.out.SignIn == nil {
		return
	}
	under := d.out.Under
	mux.Handle("POST "+under+passkeyAt, d.onPage(d.signIn))
	mux.Handle("GET "+under+makeAt, d.onPage(func(w http.ResponseWriter, _ *http.Request) error {
		d.out.SignIn.Pages.Make(w, d.site.name)
		return nil
	}))
	mux.Handle("POST "+under+makeAt, d.onPage(d.made))
	d.mountIssuer(mux)
}

// onPage lets a request through that came to the page to sign in on. Code:
// access.elsewhere, and those of Local.
func (d *Door) onPage(f func(http.ResponseWriter, *http.Request) error) http.Handler {
	return d.Local(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := error(problem.New(problem.Refused, "access.elsewhere", "people sign in at the address of the page alone").At("%s", d.site.origin).Fix("open that address"))
		if atOf(r).page {
			err = f(w, r)
		}
		switch {
		case err == nil:
		case r.Method == http.MethodGet:
			d.refuse(w, err)
		default:
			d.fault(w, err)
		}
	}))
}

func (d *Door) fault(w http.ResponseWriter, err error) {
	status := 0
	if problem.Code(err) == "access.limited" {
		w.Header().Set("Retry-After", "60")
		status = http.StatusTooManyRequests
	}
	d.out.SignIn.Pages.Fault(w, status, err)
}

// SignInText is what a passkey signs to sign in at a page: it is about this page and
// this moment, and counts nowhere else.
func SignInText(page, nonce string, at time.Time) ([]byte, error) {
	return canon.Encode("counterseal-sign-in-v1", []canon.Field{{Key: "page", Value: page}, {Key: "nonce", Value: nonce}, {Key: "time", Value: canon.Time(at)}})
}

// askPasskey shows the page to sign in.
func (d *Door) askPasskey(w http.ResponseWriter, _ *http.Request) error {
	now := d.now()
	nonce, err := d.invites.invite(d.out.Random, now)
	if err != nil {
		return err
	}
	text, err := SignInText(d.site.origin, nonce, now)
	if err != nil {
		return err
	}
	issuer := ""
	if d.out.SignIn.OpenID != nil {
		issuer = d.out.Under + issuerAt
	}
	d.out.SignIn.Pages.SignIn(w, nonce, base64.RawURLEncoding.EncodeToString(signature.Challenge(signature.SignIn, text)), issuer)
	return nil
}

type passkeyAnswer struct {
	Nonce  string              `json:"nonce"`
	Answer signature.Assertion `json:"answer"`
}

// signIn begins a session for whoever's passkey answered. Codes: access.request,
// access.limited, access.late, access.nobody, access.full, those of SignIn.People and
// of signature.
func (d *Door) signIn(w http.ResponseWriter, r *http.Request) error {
	var in passkeyAnswer
	err := decode(w, r, &in)
	if err != nil {
		return err
	}
	who := caller(r)
	if d.struck(who) {
		return problem.New(problem.Refused, "access.limited", "too many passkeys were tried").Fix("wait a minute")
	}
	s, err := d.answered(in)
	if err != nil {
		if k := problem.Of(err).Kind; k != problem.Internal && k != problem.Unavailable {
			d.strike(who)
		}
		return err
	}
	secret, err := d.begin(s.Person, ByPasskey, s.Key)
	if err != nil {
		return err
	}
	err = d.endOld(r)
	if err != nil {
		return err
	}
	http.SetCookie(w, d.cookie(secret, int(SessionLife/time.Second), atOf(r)))
	return reply(w, map[string]string{"at": d.out.Home})
}

func (d *Door) struck(caller string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.strikes.full(caller, d.now())
}

func (d *Door) strike(caller string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.strikes.add(caller, d.now())
}

// answered says who answered an invitation, and spends it.
func (d *Door) answered(in passkeyAnswer) (Session, error) {
	now := d.now()
	at, err := d.invites.read(in.Nonce, now)
	if err != nil {
		return Session{}, err
	}
	text, err := SignInText(d.site.origin, in.Nonce, at)
	if err != nil {
		return Session{}, err
	}
	people, err := d.out.SignIn.People()
	if err != nil {
		return Session{}, err
	}
	s, err := d.signer(people, text, in.Answer)
	if err != nil {
		return Session{}, err
	}
	return s, d.invites.use(in.Nonce, now)
}

// signer finds whose passkey signed a text.
func (d *Door) signer(people []Signer, text []byte, a signature.Assertion) (Session, error) {
	var first error
	for _, p := range people {
		for _, key := range p.Keys {
			if signature.Host(key) != d.site.name {
				continue
			}
			armored, err := signature.FromAssertion(key, signature.SignIn, a)
			if err == nil {
				_, err = signature.VerifyFrom([]string{d.site.origin}, armored, signature.SignIn, text)
			}
			if err == nil {
				return Session{Person: p.Person, Key: ssh.FingerprintSHA256(key)}, nil
			}
			// Another's key gives "wrong"; what else is amiss is amiss with every key.
			if first == nil && problem.Code(err) != "signature.wrong" {
				first = err
			}
		}
	}
	if first != nil {
		return Session{}, first
	}
	return Session{}, problem.New(problem.Refused, "access.nobody", "this passkey lets nobody in here").Fix("make one on this page, and let who runs the office put its line under [sign_in] in counterseal.toml")
}

type newKey struct {
	PublicKey []byte `json:"publicKey"` // SubjectPublicKeyInfo in DER
	Flags     byte   `json:"flags"`
}

// made writes a new passkey's key as it stands in counterseal.toml. It lets nobody in.
func (d *Door) made(w http.ResponseWriter, r *http.Request) error {
	var in newKey
	err := decode(w, r, &in)
	if err != nil {
		return err
	}
	key, err := signature.WebKey(in.PublicKey, d.site.name)
	if err != nil {
		return err
	}
	return reply(w, map[string]any{"line": signature.Line(key), "synced": in.Flags&backupEligible != 0})
}

// decode reads one JSON value. Code: access.request.
func decode(w http.ResponseWriter, r *http.Request, into any) error {
	bad := problem.New(problem.Invalid, "access.request", "this request cannot be read").Fix("open the page again")
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return bad
	}
	j := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxAsked))
	j.DisallowUnknownFields()
	err = j.Decode(into)
	if err != nil {
		return bad.Because(err)
	}
	if _, err := j.Token(); !errors.Is(err, io.EOF) {
		return bad
	}
	return nil
}

func reply(w http.ResponseWriter, out any) error {
	b, err := json.Marshal(out)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(append(b, '\n'))
	return nil
}
