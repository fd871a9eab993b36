package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io"
	"sync"
	"time"

	"counterseal/internal/problem"
)

// inviteLife is how long the page to sign in may lie open.
const inviteLife = 5 * time.Minute

// invitations open one sign-in each. An invitation carries its own proof, so whoever
// opens the page a million times takes no room; what is remembered are those that were
// used, until they are over. The key is this process's own: after a restart the page
// is opened again.
type invitations struct {
	mu   sync.Mutex
	key  *[32]byte
	used map[string]time.Time // until when it would have counted
}

// ready makes the key when it is first needed; mu is held.
func (i *invitations) ready(random io.Reader) error {
	if i.key != nil {
		return nil
	}
	var key [32]byte
	_, err := io.ReadFull(random, key[:])
	if err != nil {
		return noRandom(err)
	}
	i.key, i.used = &key, map[string]time.Time{}
	return nil
}

// invite gives a nonce: from when it counts (Unix seconds, uint64 big-endian),
// 16 bytes of chance, and HMAC-SHA-256 over both, in hex. Code: access.random.
func (i *invitations) invite(random io.Reader, now time.Time) (string, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	err := i.ready(random)
	if err != nil {
		return "", err
	}
	b := binary.BigEndian.AppendUint64(nil, uint64(now.Unix()))
	b = append(b, make([]byte, 16)...)
	_, err = io.ReadFull(random, b[8:])
	if err != nil {
		return "", noRandom(err)
	}
	return hex.EncodeToString(append(b, i.mac(b)...)), nil
}

func (i *invitations) mac(b []byte) []byte {
	m := hmac.New(sha256.New, i.key[:])
	m.Write([]byte("counterseal-sign-in-nonce-v1\n"))
	m.Write(b)
	return m.Sum(nil)
}

// read gives the time in a nonce that counts now and was not used. Code: access.late.
func (i *invitations) read(nonce string, now time.Time) (time.Time, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.readLocked(nonce, now)
}

func (i *invitations) readLocked(nonce string, now time.Time) (time.Time, error) {
	b, err := hex.DecodeString(nonce)
	if err != nil || i.key == nil || len(b) != 24+sha256.Size || hex.EncodeToString(b) != nonce || !hmac.Equal(b[24:], i.mac(b[:24])) {
		return time.Time{}, late()
	}
	from := time.Unix(int64(binary.BigEndian.Uint64(b)), 0).UTC()
	_, before := i.used[nonce]
	if before || now.Before(from) || !now.Before(from.Add(inviteLife)) {
		return time.Time{}, late()
	}
	return from, nil
}

// use takes a nonce, once. Code: access.late.
func (i *invitations) use(nonce string, now time.Time) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	from, err := i.readLocked(nonce, now)
	if err != nil {
		return err
	}
	for n, until := range i.used {
		if !now.Before(until) {
			delete(i.used, n)
		}
	}
	i.used[nonce] = from.Add(inviteLife)
	return nil
}

func late() *problem.Error {
	return problem.New(problem.Refused, "access.late", "this page was open for too long, or was used before").Fix("open it again")
}
