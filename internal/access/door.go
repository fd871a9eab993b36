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

	Sessions Sessions      // nil: in memory, until the program ends
	Idle     time.Duration // how long a session outlasts its last use; 0: it may lie unused

	// What else a session needs at each request; nil: nothing. One that does not count
	// ends for good; a problem lets nobody in and ends nothing.
	Counts func(Session) (bool, error)

	SignIn *SignIn // nil: links alone

	Began func(Session) // is told of each session that begins; nil: nobody is
}

// Door holds tokens, and knows sessions.
type Door struct {
	out      Outside
	sessions Sessions
	site     site        // of the page to sign in on; zero: none
	invites  invitations // to sign in

	beginning sync.Mutex

	mu       sync.Mutex
	tokens   []held
	failures failures // of tokens
	strikes  failures // of passkeys
}

// held is a token's digest, whose it is, and from when until when it counts.
type held struct {
	digest        [sha256.Size]byte
	person        string
	issued, until time.Time
}

func (h held) counts(now time.Time) bool { return !now.Before(h.issued) && now.Before(h.until) }

// New makes a door that nobody has passed.
func New(out Outside) *Door {
	d := &Door{out: out, sessions: out.Sessions, failures: failures{most: maxFailures}, strikes: failures{most: maxStrikes}}
	if d.sessions == nil {
		d.sessions = newMemory()
	}
	if out.SignIn != nil {
		d.site = siteOf(out.SignIn.Page)
	}
	return d
}

// now is the wall's time: one that jumps back is seen to.
func (d *Door) now() time.Time { return d.out.Now().Round(0).UTC() }

// Issue makes a token for a person: 43 characters of base64url. Whoever has it
// can enter as that person once, from this machine. Codes: access.person,
// access.full, access.random.
func (d *Door) Issue(person string) (string, error) {
	if person == "" || len(person) > 64 {
		return "", problem.New(problem.Invalid, "access.person", "a token is for a named person")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	d.tokens = current(d.tokens, now)
	if len(d.tokens) >= maxTokens {
		return "", problem.New(problem.Refused, "access.full", "too many tokens are open").Fix("use one of them, or wait until they end")
	}
	secret, err := d.secret()
	if err != nil {
		return "", err
	}
	d.tokens = append(d.tokens, held{digest: sha256.Sum256([]byte(secret)), person: person, issued: now, until: now.Add(TokenLife)})
	return secret, nil
}

// secret is a fresh one. Code: access.random.
func (d *Door) secret() (string, error) {
	var raw [secretBytes]byte
	_, err := io.ReadFull(d.out.Random, raw[:])
	if err != nil {
		return "", noRandom(err)
	}
	return base64.RawURLEncoding.EncodeToString(raw[:]), nil
}

func noRandom(err error) error {
	return problem.New(problem.Unavailable, "access.random", "no randomness is to be had").Because(err)
}

// look says whose token this is, without spending it. Codes: access.token,
// access.limited.
func (d *Door) look(token string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.try(token, false)
}

// exchange spends a token for a session's secret. Codes: access.token,
// access.limited, access.full, access.random, access.sessions.
func (d *Door) exchange(token string) (string, error) {
	err := d.room()
	if err != nil {
		return "", err
	}
	person, err := d.spend(token) // before the session exists: an error below leaves nothing open
	if err != nil {
		return "", err
	}
	return d.begin(person, ByLink, "")
}

func (d *Door) spend(token string) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.try(token, true)
}

// try says whose token this is, if it counts. It says the same of a token that
// never was, was spent or has ended, and it counts failures.
func (d *Door) try(token string, spend bool) (string, error) {
	now := d.now()
	if d.failures.full("", now) {
		return "", problem.New(problem.Refused, "access.limited", "too many tokens were tried").Fix("wait a minute")
	}
	person, err := d.whose(token, spend, now)
	if problem.Code(err) == "access.token" {
		d.failures.add("", now)
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

// Revoke ends every session and token of a person, at once. Code: access.sessions.
func (d *Door) Revoke(person string) error {
	d.mu.Lock()
	d.tokens = without(d.tokens, person)
	d.mu.Unlock()
	_, err := End(d.sessions, func(s Session) bool { return s.Person == person })
	return err
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
