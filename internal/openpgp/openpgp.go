package openpgp

import (
	"bytes"
	"crypto"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
	pgp "github.com/ProtonMail/go-crypto/openpgp/v2"

	"counterseal/internal/problem"
)

// Bounds of a certificate.
const (
	MaxCertificate = 32 << 10 // bytes, binary
	maxPackets     = 256
	maxSubkeys     = 32
)

// prefix of a recipient.
const prefix = "openpgp:"

// Certificate is one that was read.
type Certificate struct {
	raw    []byte
	entity *pgp.Entity
}

// Parse reads a binary certificate. Codes: openpgp.form, openpgp.too_large,
// openpgp.secret.
func Parse(raw []byte) (c *Certificate, err error) {
	defer caught(&err)
	if len(raw) > MaxCertificate {
		return nil, problem.New(problem.Invalid, "openpgp.too_large", "a certificate has at most %d bytes", MaxCertificate).
			Fix("leave out what is not needed: gpg --armor --export-options export-minimal --export KEY")
	}
	if err = bounded(raw); err != nil {
		return nil, err
	}
	packets := packet.NewReader(bytes.NewReader(raw))
	e, err := pgp.ReadEntity(packets)
	if err != nil {
		return nil, malformed("its packets").Because(err)
	}
	_, err = packets.Next()
	if !errors.Is(err, io.EOF) {
		return nil, malformed("something follows it").Because(err)
	}
	if len(e.Subkeys) > maxSubkeys || e.PrimaryKey == nil || e.PrimaryKey.Version != 4 && e.PrimaryKey.Version != 6 {
		return nil, malformed("its version, or its number of subkeys")
	}
	return &Certificate{slices.Clone(raw), e}, nil
}

// caught makes a problem of a panic: the library's reader of packets has more than
// one for a hostile certificate (testdata/fuzz holds one).
func caught(err *error) {
	if r := recover(); r != nil {
		*err = malformed("its packets").Because(fmt.Errorf("panic: %v", r))
	}
}

// bounded walks over the packets without reading into them: as many as may be,
// none of a secret key, none of a length that is not there.
func bounded(raw []byte) error {
	reader := packet.NewOpaqueReader(bytes.NewReader(raw))
	for n := 0; ; n++ {
		p, err := reader.Next()
		if errors.Is(err, io.EOF) && n > 0 {
			return nil
		}
		switch {
		case err != nil || n == maxPackets:
			return malformed("its packets").Because(err)
		case p.Tag == tagSecretKey || p.Tag == tagSecretSubkey:
			return problem.New(problem.Invalid, "openpgp.secret", "this is a secret key").Fix("ask its owner for the public certificate, and tell them that the secret one is out")
		case n == 0 && p.Tag != tagPublicKey, n > 0 && p.Tag == tagPublicKey:
			return malformed("it is not one public key")
		}
	}
}

// Packet types (RFC 9580 §5).
const (
	tagSessionKey   = 1
	tagSecretKey    = 5
	tagPublicKey    = 6
	tagSecretSubkey = 7
)

func malformed(where string) *problem.Error {
	return problem.New(problem.Invalid, "openpgp.form", "this is not one OpenPGP certificate").At("%s", where).
		Fix("ask for the output of: gpg --armor --export-options export-minimal --export KEY")
}

// Dearmor gives the binary of one armored public key block. Codes: those of Parse.
func Dearmor(text string) (raw []byte, err error) {
	defer caught(&err)
	if len(text) > 2*MaxCertificate {
		return nil, problem.New(problem.Invalid, "openpgp.too_large", "a certificate has at most %d bytes", MaxCertificate)
	}
	block, err := armor.Decode(strings.NewReader(text))
	if err != nil {
		return nil, malformed("its armor").Because(err)
	}
	if block.Type == "PGP PRIVATE KEY BLOCK" {
		return nil, problem.New(problem.Invalid, "openpgp.secret", "this is a secret key").Fix("ask its owner for the public certificate, and tell them that the secret one is out")
	}
	raw, err = io.ReadAll(io.LimitReader(block.Body, MaxCertificate+1))
	if err != nil || block.Type != "PGP PUBLIC KEY BLOCK" {
		return nil, malformed("its armor").Because(err)
	}
	c, err := Parse(raw)
	if err != nil {
		return nil, err
	}
	return c.raw, nil
}

// Recipient names the certificate.
func (c *Certificate) Recipient() string {
	return prefix + strings.ToUpper(hex.EncodeToString(c.entity.PrimaryKey.Fingerprint))
}

// String is Recipient.
func (c *Certificate) String() string { return c.Recipient() }

// IsRecipient reports whether s has the form of a recipient: a fingerprint of
// version 4 or 6.
func IsRecipient(s string) bool {
	digits, ok := strings.CutPrefix(s, prefix)
	return ok && (len(digits) == 40 || len(digits) == 64) && strings.Trim(digits, "0123456789ABCDEF") == ""
}

// Names reports whether s claims to name a certificate.
func Names(s string) bool { return strings.HasPrefix(s, prefix) }

// rules are what counts as sound.
func rules(now time.Time, random io.Reader) *packet.Config {
	return &packet.Config{
		Time: func() time.Time { return now }, Rand: random, DefaultCipher: packet.CipherAES256, DefaultCompressionAlgo: packet.CompressionNone,
		MinRSABits: 2048, RejectHashAlgorithms: map[crypto.Hash]bool{crypto.MD5: true, crypto.RIPEMD160: true, crypto.SHA1: true},
	}
}

// Usable says whether something can be encrypted to the certificate at that time.
// Code: openpgp.unusable.
func (c *Certificate) Usable(now time.Time) (err error) {
	defer caught(&err)
	key, err := c.entity.EncryptionKeyWithError(now, rules(now, nil))
	if err != nil {
		return unusable("expired, revoked, not signed soundly, or without a sound key to encrypt to").Because(err)
	}
	for _, k := range []*packet.PublicKey{c.entity.PrimaryKey, key.PublicKey} {
		if !sound(k) {
			return unusable("an algorithm or length that does not count")
		}
	}
	return nil
}

func unusable(why string) *problem.Error {
	return problem.New(problem.Refused, "openpgp.unusable", "nothing can be encrypted to this certificate now").At("%s", why).
		Fix("ask the agency for its certificate as it is today, with a key of Curve25519 or RSA of 3,072 bits")
}

// sound is the list of algorithms that count, so that one that a library learns
// does not count by itself.
func sound(k *packet.PublicKey) bool {
	switch k.PubKeyAlgo {
	case packet.PubKeyAlgoRSA:
		n, err := k.BitLength()
		return err == nil && n >= 2048 && n <= 8192
	case packet.PubKeyAlgoEdDSA, packet.PubKeyAlgoECDSA, packet.PubKeyAlgoECDH:
		curve, err := k.Curve()
		return err == nil && slices.Contains([]packet.Curve{packet.Curve25519, packet.Curve448, packet.CurveNistP256, packet.CurveNistP384, packet.CurveNistP521}, curve)
	case packet.PubKeyAlgoX25519, packet.PubKeyAlgoX448, packet.PubKeyAlgoEd25519, packet.PubKeyAlgoEd448:
		return true
	}
	return false
}

// Encrypt begins a message to the certificate. The packet with the session key
// goes to head, what follows to w. Closing the plaintext ends the message and
// writes its integrity code; without it nothing decrypts to its end. Codes:
// openpgp.unusable, openpgp.encrypt.
func (c *Certificate) Encrypt(w, head io.Writer, now time.Time, random io.Reader) (out io.WriteCloser, err error) {
	defer caught(&err)
	if err := c.Usable(now); err != nil {
		return nil, err
	}
	out, err = pgp.EncryptWithParams(w, []*pgp.Entity{c.entity}, nil, &pgp.EncryptParams{
		KeyWriter: head, Hints: &pgp.FileHints{}, Config: rules(now, random),
	})
	if err != nil {
		return nil, problem.New(problem.Unavailable, "openpgp.encrypt", "the encryption could not begin").Because(err)
	}
	return out, nil
}

// maxHead bounds the packet with the session key. One for RSA of 8,192 bits takes 1,036.
const maxHead = 4096

// Head reads the packet with which a message of Encrypt begins. Code: openpgp.head.
func Head(r io.Reader) ([]byte, error) {
	bad := problem.New(problem.Unverified, "openpgp.head", "this does not begin as a message to an OpenPGP certificate")
	var first [2]byte
	if _, err := io.ReadFull(r, first[:]); err != nil {
		return nil, bad.Because(err)
	}
	head, n := first[:], int(first[1])
	if first[0] != 0xc0|tagSessionKey || n >= 224 { // one packet of a stated length (RFC 9580 §4.2.1)
		return nil, bad
	}
	if n >= 192 {
		var more [1]byte
		if _, err := io.ReadFull(r, more[:]); err != nil {
			return nil, bad.Because(err)
		}
		head, n = append(head, more[0]), (n-192)<<8+int(more[0])+192
	}
	if n > maxHead {
		return nil, bad
	}
	body := make([]byte, n)
	if _, err := io.ReadFull(r, body); err != nil {
		return nil, bad.Because(err)
	}
	return append(head, body...), nil
}
