// Package signaturetest plays an authenticator and its browser, as WebAuthn Level 3
// describes them, for tests of whoever takes signatures of passkeys. It imports
// signature.
package signaturetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"slices"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/signature"
)

// Passkey is one that a device holds.
type Passkey struct {
	Public ssh.PublicKey
	Host   string // for which the device signs
	key    *ecdsa.PrivateKey
}

// NewPasskey makes one that is bound to a host.
func NewPasskey(host string) Passkey {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	return Passkey{must(signature.WebKey(must(x509.MarshalPKIXPublicKey(&key.PublicKey)), host)), host, key}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Ceremony is what somebody signs, and how.
type Ceremony struct {
	NS         signature.Namespace
	Text       string
	Origin     string // of the page
	Flags      byte   // of the authenticator's data
	Count      uint32
	Client     func(challenge, origin string) string // what the browser says
	Extensions []byte
}

// Ordinary is a ceremony in which all is well: a person present and verified, with a
// passkey that stays on its device.
func Ordinary(ns signature.Namespace, text, origin string) Ceremony {
	return Ceremony{NS: ns, Text: text, Origin: origin, Flags: 0x05, Count: 7, Client: func(c, o string) string {
		return `{"type":"webauthn.get","challenge":"` + c + `","origin":"` + o + `","crossOrigin":false}`
	}}
}

// Assert gives what the browser would.
func (p Passkey) Assert(c Ceremony) (signature.Assertion, error) {
	client := c.Client(base64.RawURLEncoding.EncodeToString(signature.Challenge(c.NS, []byte(c.Text))), c.Origin)
	app, sum := sha256.Sum256([]byte(p.Host)), sha256.Sum256([]byte(client))
	data := slices.Concat(app[:], []byte{c.Flags}, binary.BigEndian.AppendUint32(nil, c.Count), c.Extensions)
	digest := sha256.Sum256(append(slices.Clone(data), sum[:]...))
	der, err := ecdsa.SignASN1(rand.Reader, p.key, digest[:])
	return signature.Assertion{AuthenticatorData: data, ClientDataJSON: []byte(client), Signature: der}, err
}

// Sign gives the armored signature.
func (p Passkey) Sign(c Ceremony) ([]byte, error) {
	a, err := p.Assert(c)
	if err != nil {
		return nil, err
	}
	return signature.FromAssertion(p.Public, c.NS, a)
}
