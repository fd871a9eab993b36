package access

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"io"
	"strings"
	"time"

	"counterseal/internal/problem"
)

// LinkLife is how long a signed link works.
const LinkLife = 24 * time.Hour

// Links are tokens that another process made, so that a door can take them
// without having issued them. Both methods give access.token for one that does not
// count, and never say why.
type Links interface {
	// Look says whose token this is, and leaves it as it is.
	Look(token string) (person string, err error)
	// Spend says whose token this is, once.
	Spend(token string) (person string, err error)
}

// Spent remembers which links were used, across processes and restarts. It is safe
// for concurrent use.
type Spent interface {
	Used(id [16]byte) (bool, error)
	// Use marks the link as used, durably, and says whether this was the first time.
	// It may be forgotten after until.
	Use(id [16]byte, until time.Time) (first bool, err error)
}

// SignedLinks makes and takes links under a key: a token is
//
//	0x01 || until (Unix seconds, uint64 big-endian) || id[16] || person || HMAC-SHA-256
//
// in base64url without padding, the code over "counterseal-link-v1\n" and
// everything before it. Whoever has the key can make links; it is kept like the
// other keys of the folder.
type SignedLinks struct {
	Key    [32]byte
	Now    func() time.Time
	Random io.Reader
	Spent  Spent
}

const (
	linkHead   = 1 + 8 + 16
	maxPerson  = 64
	linkDomain = "counterseal-link-v1\n"
)

// Issue makes a link's token for a person. Codes: access.person, access.random.
func (s SignedLinks) Issue(person string) (string, error) {
	if person == "" || len(person) > maxPerson {
		return "", problem.New(problem.Invalid, "access.person", "a token is for a named person")
	}
	b := make([]byte, linkHead, linkHead+len(person)+sha256.Size)
	b[0] = 1
	binary.BigEndian.PutUint64(b[1:], uint64(s.Now().Add(LinkLife).Unix()))
	_, err := io.ReadFull(s.Random, b[9:linkHead])
	if err != nil {
		return "", problem.New(problem.Unavailable, "access.random", "no randomness is to be had").Because(err)
	}
	b = append(b, person...)
	return base64.RawURLEncoding.EncodeToString(append(b, s.code(b)...)), nil
}

func (s SignedLinks) code(b []byte) []byte {
	h := hmac.New(sha256.New, s.Key[:])
	h.Write([]byte(linkDomain))
	h.Write(b)
	return h.Sum(nil)
}

type link struct {
	id     [16]byte
	person string
	until  time.Time
}

func (s SignedLinks) parse(token string) (link, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(token)
	if err != nil || strings.ContainsAny(token, "\r\n") || len(b) <= linkHead+sha256.Size || len(b) > linkHead+maxPerson+sha256.Size || b[0] != 1 {
		return link{}, badLink()
	}
	body, code := b[:len(b)-sha256.Size], b[len(b)-sha256.Size:]
	if !hmac.Equal(code, s.code(body)) {
		return link{}, badLink()
	}
	l := link{id: [16]byte(body[9:linkHead]), person: string(body[linkHead:]), until: time.Unix(int64(binary.BigEndian.Uint64(body[1:])), 0)}
	left := l.until.Sub(s.Now())
	if left <= 0 || left > LinkLife { // a clock that jumped back does not lengthen it
		return link{}, badLink()
	}
	return l, nil
}

func badLink() *problem.Error {
	return problem.New(problem.Refused, "access.token", "this link does not work: it works once, for a day").Fix("ask for another link")
}

// Look implements Links. Codes: access.token, and those of Spent.
func (s SignedLinks) Look(token string) (string, error) {
	l, err := s.parse(token)
	if err != nil {
		return "", err
	}
	used, err := s.Spent.Used(l.id)
	if err != nil {
		return "", err
	}
	if used {
		return "", badLink()
	}
	return l.person, nil
}

// Spend implements Links. Codes: access.token, and those of Spent.
func (s SignedLinks) Spend(token string) (string, error) {
	l, err := s.parse(token)
	if err != nil {
		return "", err
	}
	first, err := s.Spent.Use(l.id, l.until)
	if err != nil {
		return "", err
	}
	if !first {
		return "", badLink()
	}
	return l.person, nil
}
