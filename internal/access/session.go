package access

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"sync"
	"time"

	"counterseal/internal/problem"
)

// Ways in which a session can begin.
const (
	ByLink    = "link"    // a link that works once
	ByPasskey = "passkey" // a passkey that the configuration names
	ByOpenID  = "openid"  // an issuer of OpenID Connect named them
)

// IdleLife is how long a session of staff outlasts its last use.
const IdleLife = 30 * time.Minute

// idleGrain is how exactly the last use is kept: not every request writes.
const idleGrain = time.Minute

// Session is one that somebody began. Its secret is with their browser alone.
type Session struct {
	ID     string    `json:"id"` // begins the SHA-256 of the secret, and opens nothing
	Person string    `json:"person"`
	By     string    `json:"by"`            // link, passkey, openid
	Key    string    `json:"key,omitempty"` // fingerprint of the passkey's key, or who the issuer says it is
	Issued time.Time `json:"issued"`
	Until  time.Time `json:"until"`
	Used   time.Time `json:"used"` // last, within a minute
}

// counts reports whether the clock lets the session count. A clock that has jumped to
// before its last use does not lengthen it. idle 0: it may lie unused.
func (s Session) counts(now time.Time, idle time.Duration) bool {
	return !now.Before(s.Issued) && !now.Before(s.Used) && now.Before(s.Until) && (idle == 0 || now.Before(s.Used.Add(idle)))
}

// secretHash is what is kept of a secret.
type secretHash [sha256.Size]byte

func hashOf(secret string) secretHash { return sha256.Sum256([]byte(secret)) }

// id is the part of a secret's hash by which people name a session.
func (h secretHash) id() string { return hex.EncodeToString(h[:8]) }

// Sessions keeps sessions. It is safe for concurrent use; every problem of it is
// access.sessions.
type Sessions interface {
	begin(h secretHash, s Session) error
	find(h secretHash) (Session, bool, error)
	used(h secretHash, at time.Time) error
	end(h secretHash) error
	all() (map[secretHash]Session, error)
}

// inMemory keeps sessions until the program ends.
type inMemory struct {
	mu   sync.Mutex
	held map[secretHash]Session
}

func newMemory() *inMemory { return &inMemory{held: map[secretHash]Session{}} }

func (m *inMemory) begin(h secretHash, s Session) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held[h] = s
	return nil
}

func (m *inMemory) find(h secretHash) (Session, bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.held[h]
	return s, ok, nil
}

func (m *inMemory) used(h secretHash, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s, ok := m.held[h]; ok {
		s.Used = at
		m.held[h] = s
	}
	return nil
}

func (m *inMemory) end(h secretHash) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.held, h)
	return nil
}

func (m *inMemory) all() (map[secretHash]Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[secretHash]Session{}
	for h, s := range m.held {
		out[h] = s
	}
	return out, nil
}

// begin makes a session and returns its secret. Codes: access.full, access.random,
// access.sessions.
func (d *Door) begin(person, by, key string) (string, error) {
	d.beginning.Lock() // no two at once pass the bound
	defer d.beginning.Unlock()
	err := d.room()
	if err != nil {
		return "", err
	}
	secret, err := d.secret()
	if err != nil {
		return "", err
	}
	now := d.now().Truncate(time.Second)
	h := hashOf(secret)
	s := Session{ID: h.id(), Person: person, By: by, Key: key, Issued: now, Until: now.Add(SessionLife), Used: now}
	err = d.sessions.begin(h, s)
	if err != nil {
		return "", err
	}
	if d.out.Began != nil {
		d.out.Began(s)
	}
	return secret, nil
}

// room drops what is over and refuses where too many are open.
func (d *Door) room() error {
	all, err := d.sessions.all()
	if err != nil {
		return err
	}
	open, now := 0, d.now()
	for h, s := range all {
		if s.counts(now, d.out.Idle) {
			open++
			continue
		}
		err := d.sessions.end(h)
		if err != nil {
			return err
		}
	}
	if open >= maxSessions {
		return problem.New(problem.Refused, "access.full", "too many sessions are open").Fix("end one of them")
	}
	return nil
}

// resume finds the session of a secret and notes that it was used. One that does not
// count any more is ended for good: a clock that is set right again, or a line that
// comes back into a file, does not bring it back. Code: access.sessions.
func (d *Door) resume(secret string, at place) (Session, bool, error) {
	h := hashOf(secret)
	s, ok, err := d.sessions.find(h)
	if err != nil || !ok {
		return Session{}, false, err
	}
	now := d.now()
	counts := s.counts(now, d.out.Idle)
	if counts && d.out.Counts != nil {
		counts, err = d.out.Counts(s)
	}
	if err != nil {
		return Session{}, false, err
	}
	if !counts {
		return Session{}, false, d.sessions.end(h)
	}
	if s.By == ByLink && !at.local || s.By != ByLink && !at.page {
		return Session{}, false, nil
	}
	if now.Sub(s.Used) >= idleGrain {
		err := d.sessions.used(h, now)
		if err != nil {
			return Session{}, false, err
		}
	}
	return s, true, nil
}

func (d *Door) end(secret string) error { return d.sessions.end(hashOf(secret)) }

// Open lists the sessions that are kept and not over, the first one first. Code:
// access.sessions.
func Open(kept Sessions, now time.Time) ([]*Session, error) {
	all, err := kept.all()
	if err != nil {
		return nil, err
	}
	var out []*Session
	for _, s := range all {
		if s.counts(now.Round(0).UTC(), IdleLife) {
			out = append(out, &s)
		}
	}
	slices.SortFunc(out, func(a, b *Session) int { return cmp.Or(a.Issued.Compare(b.Issued), cmp.Compare(a.ID, b.ID)) })
	return out, nil
}

// End ends every session that fits, at once and for good, and gives those that it
// ended. Code: access.sessions.
func End(kept Sessions, fits func(Session) bool) ([]*Session, error) {
	all, err := kept.all()
	if err != nil {
		return nil, err
	}
	var out []*Session
	for h, s := range all {
		if !fits(s) {
			continue
		}
		err := kept.end(h)
		if err != nil {
			return out, err
		}
		out = append(out, &s)
	}
	return out, nil
}
