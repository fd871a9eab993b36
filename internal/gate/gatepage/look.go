package gatepage

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/http"
	"sync"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

// How long a look and an invitation to look last, and how many look at once.
const (
	lookLife   = 15 * time.Minute
	inviteLife = 5 * time.Minute
	maxLooks   = 1000
)

// looks remembers, in memory alone, who may read. An invitation carries its own proof,
// so whoever opens the door a million times takes no room. It is safe for concurrent
// use.
type looks struct {
	now    func() time.Time
	random io.Reader
	key    [32]byte // of invitations
	mu     sync.Mutex
	used   map[string]time.Time // invitations, until they are over
	given  map[string]look      // by the cookie's value
}

type look struct {
	person string
	until  time.Time
}

func newLooks(now func() time.Time, random io.Reader) (*looks, error) {
	l := &looks{now: now, random: random, used: map[string]time.Time{}, given: map[string]look{}}
	_, err := io.ReadFull(random, l.key[:])
	return l, noRandom(err)
}

func noRandom(err error) error {
	if err == nil {
		return nil
	}
	return problem.New(problem.Internal, "gatepage.random", "no randomness could be had").Because(err)
}

// invite gives a nonce that opens one look: until when, chance, and a MAC over both.
func (l *looks) invite() (string, error) {
	b := binary.BigEndian.AppendUint64(nil, uint64(l.now().Add(inviteLife).Unix()))
	b = append(b, make([]byte, 16)...)
	_, err := io.ReadFull(l.random, b[8:])
	if err != nil {
		return "", noRandom(err)
	}
	return hex.EncodeToString(append(b, l.mac(b)...)), nil
}

func (l *looks) mac(b []byte) []byte {
	m := hmac.New(sha256.New, l.key[:])
	m.Write(b)
	return m.Sum(nil)
}

// invited reads a nonce and says until when it opens.
func (l *looks) invited(nonce string) (time.Time, bool) {
	b, err := hex.DecodeString(nonce)
	if err != nil || len(b) != 24+sha256.Size || hex.EncodeToString(b) != nonce || !hmac.Equal(b[24:], l.mac(b[:24])) {
		return time.Time{}, false
	}
	until := time.Unix(int64(binary.BigEndian.Uint64(b)), 0)
	return until, l.now().Before(until)
}

// open takes a nonce once and gives the cookie of a look. Codes: gatepage.late,
// gatepage.crowded.
func (l *looks) open(nonce, person string) (string, error) {
	var b [32]byte
	_, err := io.ReadFull(l.random, b[:])
	if err != nil {
		return "", noRandom(err)
	}
	until, ok := l.invited(nonce)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	if _, before := l.used[nonce]; !ok || before {
		return "", problem.New(problem.Refused, "gatepage.late", "this page was open for too long, or was used before").Fix("open it again")
	}
	l.used[nonce] = until
	if len(l.given) >= maxLooks {
		return "", problem.New(problem.Unavailable, "gatepage.crowded", "too many look at once").Fix("wait some minutes")
	}
	cookie := hex.EncodeToString(b[:])
	l.given[cookie] = look{person, l.now().Add(lookLife)}
	return cookie, nil
}

func (l *looks) close(cookie string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.given, cookie)
}

func (l *looks) who(cookie string) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.forget()
	x, ok := l.given[cookie]
	return x.person, ok
}

// forget drops what is over; mu is held.
func (l *looks) forget() {
	now := l.now()
	for n, until := range l.used {
		if !now.Before(until) {
			delete(l.used, n)
		}
	}
	for c, x := range l.given {
		if !now.Before(x.until) {
			delete(l.given, c)
		}
	}
}

// cookieName is the page's own: on one host several gates may have pages on several
// ports, which cookies do not tell apart.
func (p *Pages) cookieName() string { return "counterseal-gate-" + p.out.ID }

// looker is who looks: somebody who is on the roster still.
func (p *Pages) looker(r *http.Request) (grant.Person, bool) {
	c, err := r.Cookie(p.cookieName())
	if err != nil || p.out.Gate == nil {
		return grant.Person{}, false
	}
	id, ok := p.looks.who(c.Value)
	if !ok {
		return grant.Person{}, false
	}
	return p.out.Gate.Charter().PersonByID(id)
}

// lookText is what a passkey signs to be let look: it is about this page and this
// moment, and approves nothing.
func (p *Pages) lookText(nonce string) ([]byte, error) {
	return canon.Encode("counterseal-look-v1", []canon.Field{{Key: "page", Value: p.out.Origin}, {Key: "gate", Value: p.out.ID}, {Key: "nonce", Value: nonce}})
}

type waysIn struct {
	Nonce     string
	Challenge string
}

func (p *Pages) home(w http.ResponseWriter, r *http.Request) {
	if _, ok := p.looker(r); ok {
		p.page("home.html", p.waiting)(w, r)
		return
	}
	v := p.view(r)
	v.Title = "The gate’s own page"
	if p.out.Gate == nil || p.out.Gate.Charter().Number == 0 {
		p.show(w, http.StatusOK, "begin.html", v)
		return
	}
	nonce, err := p.looks.invite()
	if err != nil {
		p.trouble(w, r, err)
		return
	}
	text, err := p.lookText(nonce)
	if err != nil {
		p.trouble(w, r, err)
		return
	}
	v.Data = waysIn{nonce, challenge(signature.Look, text)}
	p.show(w, http.StatusOK, "enter.html", v)
}

func challenge(ns signature.Namespace, text []byte) string {
	return base64.RawURLEncoding.EncodeToString(signature.Challenge(ns, text))
}

type lookRequest struct {
	Nonce  string              `json:"nonce"`
	Answer signature.Assertion `json:"answer"`
}

// look lets somebody read for a while.
func (p *Pages) look(w http.ResponseWriter, _ *http.Request, in lookRequest) (any, error) {
	text, err := p.lookText(in.Nonce)
	if err != nil {
		return nil, err
	}
	charter := p.out.Gate.Charter()
	_, person, err := p.signed(charter.Roster, signature.Look, text, in.Answer)
	if err != nil {
		return nil, err
	}
	cookie, err := p.looks.open(in.Nonce, person.ID)
	if err != nil {
		return nil, err
	}
	http.SetCookie(w, &http.Cookie{Name: p.cookieName(), Value: cookie, Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: int(lookLife.Seconds())})
	p.out.Log.Info("look", "gate", p.out.ID, "person", person.ID)
	return next{"/"}, nil
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(p.cookieName()); err == nil {
		p.looks.close(c.Value)
	}
	http.SetCookie(w, &http.Cookie{Name: p.cookieName(), Path: "/", HttpOnly: true, Secure: true, SameSite: http.SameSiteStrictMode, MaxAge: -1})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// signed turns a passkey's answer into an armored signature of whoever on the roster
// has it. Codes: gatepage.nobody, and those of signature.
func (p *Pages) signed(roster []grant.Person, ns signature.Namespace, text []byte, a signature.Assertion) ([]byte, grant.Person, error) {
	var first error
	for _, person := range roster {
		for _, key := range person.Keys {
			if signature.Host(key) != p.name {
				continue
			}
			armored, err := signature.FromAssertion(key, ns, a)
			if err == nil {
				_, err = signature.VerifyFrom([]string{p.out.Origin}, armored, ns, text)
			}
			if err == nil {
				return armored, person, nil
			}
			// Another's key gives "wrong"; what else is amiss is amiss with every key.
			if first == nil && problem.Code(err) != "signature.wrong" {
				first = err
			}
		}
	}
	if first != nil {
		p.out.Log.Warn("refused", "gate", p.out.ID, "act", "page", "code", problem.Code(first))
		return nil, grant.Person{}, first
	}
	return nil, grant.Person{}, problem.New(problem.Refused, "gatepage.nobody", "this passkey is nobody’s on the roster").
		Fix("make one on this page, and let the quorum put its key into the charter")
}
