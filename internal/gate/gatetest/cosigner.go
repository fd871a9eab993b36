package gatetest

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"time"
)

// cosigner signs as c2sp.org/tlog-cosignature says, by a clock of its own.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
}

func newCosigner(name string) *cosigner {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		panic(err)
	}
	return &cosigner{name, key}
}

func (c *cosigner) public() []byte {
	return append([]byte{4}, c.key.Public().(ed25519.PublicKey)...)
}

func (c *cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.hash(), base64.StdEncoding.EncodeToString(c.public()))
}

func (c *cosigner) hash() uint32 {
	sum := sha256.Sum256(append([]byte(c.name+"\n"), c.public()...))
	return binary.BigEndian.Uint32(sum[:])
}

// cosignerAt is a cosigner at one moment. It implements note.Signer.
type cosignerAt struct {
	*cosigner
	at time.Time
}

func (c cosignerAt) Name() string    { return c.name }
func (c cosignerAt) KeyHash() uint32 { return c.hash() }

func (c cosignerAt) Sign(body []byte) ([]byte, error) {
	t := uint64(c.at.Unix())
	sig := ed25519.Sign(c.key, fmt.Appendf(nil, "cosignature/v1\ntime %d\n%s", t, body))
	return append(binary.BigEndian.AppendUint64(nil, t), sig...), nil
}
