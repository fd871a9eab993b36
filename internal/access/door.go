package access

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"io"
	"sync"
	"time"

	"counterseal/internal/problem"
)

const (
	TokenLife   = 15 * time.Minute
	SessionLife = 8 * time.Hour

	secretBytes = 32 // 256 bits
	maxTokens   = 16
	maxSessions = 256
	maxFailures = 10 // in window
	window      = time.Minute
)

// Outside is the world that a door needs.
type Outside struct {
	Now    func() time.Time
	Random io.Reader // a cryptographic source
	Pages  Pages
	Home   string // where a new session begins, such as "/queue"

	// A door of its own for others than staff: its pages and its cookie lie under a
	// path such as "/customer", so that no session of the one door counts at the other.
	Under string
	Links Links // whose tokens it takes; nil: those that it issues itself
}

// Door holds tokens and sessions.
type Door struct {
	out Outside

	mu       sync.Mutex
	tokens   []held
	sessions []held
	failures []time.Time
}

// held is a secret's digest, whose it is, and from when until when it counts.
type held struct {
	digest        [sha256.Size]byte
	person        string
	issued, until time.Time
}

func (h held) counts(now time.Time) bool { return !now.Before(h.issued) && now.Before(h.until) }

// New makes a door that nobody has passed.
func New(out Outside) *Door { return &Door{out: out} }

// Issue makes a token for a person: 43 characters of base64url. Whoever has it
// can enter as that person once, from this machine. Codes: access.person,
// access.full, access.random.
func (d *Door) Issue(person string) (string, error) {
	if person == "" || len(person) > 64 {
		return "", problem.New(problem.Invalid, "access.person", "a token is for a named person")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.out.Now()
	d.tokens = current(d.tokens, now)
	if len(d.tokens) >= maxTokens {
		return "", problem.New(problem.Refused, "access.full", "too many tokens are open").Fix("use one of them, or wait until they end")
	}
	return d.make(&d.tokens, person, now, TokenLife)
}

// make adds a fresh secret to a list and returns it.
func (d *Door) make(list *[]held, person string, now time.Time, life time.Duration) (string, error) {
	var raw [secretBytes]byte
	_, err := io.ReadFull(d.out.Random, raw[:])
	if err != nil {
		return "", problem.New(problem.Unavailable, "access.random", "no randomness is to be had").Because(err)
	}
	secret := base64.RawURLEncoding.EncodeToString(raw[:])
	*list = append(*list, held{digest: sha256.Sum256([]byte(secret)), person: person, issued: now, until: now.Add(life)})
	return secret, nil
}

// look says whose token this is, without spending it. Codes: access.token,
// access.limited.
func (d *Door) look(token string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.try(token, false)
}

// exchange spends a token for a session's secret. Codes: access.token,
// access.limited, access.full, access.random.
func (d *Door) exchange(token string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.out.Now()
	d.sessions = current(d.sessions, now)
	if len(d.sessions) >= maxSessions {
		return "", problem.New(problem.Refused, "access.full", "too many sessions are open").Fix("end one of them")
	}
	person, err := d.try(token, true) // spent before the session exists: an error below leaves nothing open
	if err != nil {
		return "", err
	}
	return d.make(&d.sessions, person, now, SessionLife)
}

// try says whose token this is, if it counts. It says the same of a token that
// never was, was spent or has ended, and it counts failures.
func (d *Door) try(token string, spend bool) (string, error) {
	now := d.out.Now()
	recent := d.failures[:0]
	for _, f := range d.failures {
		if now.Sub(f).Abs() < window {
			recent = append(recent, f)
		}
	}
	d.failures = recent
	if len(d.failures) >= maxFailures {
		return "", problem.New(problem.Refused, "access.limited", "too many tokens were tried").Fix("wait a minute")
	}
	person, err := d.whose(token, spend, now)
	if problem.Code(err) == "access.token" {
		d.failures = append(d.failures, now)
	}
	return person, err
}

func (d *Door) whose(token string, spend bool, now time.Time) (string, error) {
	switch {
	case d.out.Links != nil && spend:
		return d.out.Links.Spend(token)
	case d.out.Links != nil:
		return d.out.Links.Look(token)
	}
	i := find(d.tokens, token, now)
	if i < 0 {
		return "", problem.New(problem.Refused, "access.token", "this link does not work: it works once, for 15 minutes").
			Fix("start the program again, or ask it for another link")
	}
	person := d.tokens[i].person
	if spend {
		d.tokens = append(d.tokens[:i:i], d.tokens[i+1:]...)
	}
	return person, nil
}

// person says whose session a secret belongs to.
func (d *Door) person(secret string) (string, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := find(d.sessions, secret, d.out.Now())
	if i < 0 {
		return "", false
	}
	return d.sessions[i].person, true
}

// end ends one session.
func (d *Door) end(secret string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i := find(d.sessions, secret, d.out.Now())
	if i >= 0 {
		d.sessions = append(d.sessions[:i:i], d.sessions[i+1:]...)
	}
}

// Revoke ends every session and token of a person, at once.
func (d *Door) Revoke(person string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens = without(d.tokens, person)
	d.sessions = without(d.sessions, person)
}

// find compares with every entry in constant time, so that the time it takes does
// not tell how close a guess came.
func find(list []held, secret string, now time.Time) int {
	digest := sha256.Sum256([]byte(secret))
	at := -1
	for i, h := range list {
		same := subtle.ConstantTimeCompare(h.digest[:], digest[:]) == 1
		if same && h.counts(now) {
			at = i
		}
	}
	return at
}

func current(list []held, now time.Time) []held {
	var out []held
	for _, h := range list {
		if h.counts(now) {
			out = append(out, h)
		}
	}
	return out
}

func without(list []held, person string) []held {
	var out []held
	for _, h := range list {
		if h.person != person {
			out = append(out, h)
		}
	}
	return out
}
