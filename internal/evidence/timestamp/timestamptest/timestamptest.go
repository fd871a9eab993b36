// Package timestamptest has time-stamping authorities for tests: one that is made of
// openssl, and one that can be told to be wrong.
package timestamptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"testing"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"counterseal/internal/evidence/timestamp"
)

// Authority stamps with the keys and at the times that a test wants.
type Authority struct {
	Root      *x509.Certificate
	Signer    *x509.Certificate
	rootKey   crypto.Signer
	signerKey crypto.Signer
}

// NewAuthority makes a root and a signer under it. change may spoil the signer's
// certificate.
func NewAuthority(t testing.TB, from time.Time, change func(*x509.Certificate)) *Authority {
	t.Helper()
	a := &Authority{rootKey: newKey(t), signerKey: newKey(t)}
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{Organization: []string{"Fictional Time"}, CommonName: "Root"}, NotBefore: from.Add(-time.Hour), NotAfter: from.Add(10 * 365 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	a.Root = a.certify(t, root, root, a.rootKey.Public())
	signer := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{Organization: []string{"Fictional Time"}, CommonName: "Stamp 1"}, NotBefore: from.Add(-time.Hour), NotAfter: from.Add(365 * 24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtraExtensions: []pkix.Extension{Usage(true)}}
	if change != nil {
		change(signer)
	}
	a.Signer = a.certify(t, signer, a.Root, a.signerKey.Public())
	return a
}

// Usage is the extended key usage of a certificate for time stamps.
func Usage(critical bool, more ...asn1.ObjectIdentifier) pkix.Extension {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8})
		for _, m := range more {
			b.AddASN1ObjectIdentifier(m)
		}
	})
	return pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: critical, Value: b.BytesOrPanic()}
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func (a *Authority) certify(t testing.TB, c, parent *x509.Certificate, key crypto.PublicKey) *x509.Certificate {
	t.Helper()
	raw, err := x509.CreateCertificate(rand.Reader, c, parent, key, a.rootKey)
	if err != nil {
		t.Fatal(err)
	}
	out, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// PEM writes certificates as their files hold them.
func PEM(certificates ...*x509.Certificate) (out []byte) {
	for _, c := range certificates {
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	return out
}

// Wish is what a token is to say.
type Wish struct {
	Digest       [32]byte
	Nonce        uint64
	At           time.Time
	Certificates []*x509.Certificate // nil: the signer's
	Twice        bool                // two signers
	Unsigned     bool                // an attribute that is not signed
	Status       int64
	Digested     []byte // in place of the content's digest
	Ess          []byte // in place of the certificate's digest
	Critical     bool   // an extension of the token that nobody may overlook
}

// Question reads a request as an authority does.
func Question(t testing.TB, request []byte) (digest [32]byte, nonce uint64) {
	t.Helper()
	in, all, imprint, hashed := cryptobyte.String(request), cryptobyte.String(nil), cryptobyte.String(nil), cryptobyte.String(nil)
	var version int64
	var certificates bool
	if !in.ReadASN1(&all, der.SEQUENCE) || !in.Empty() || !all.ReadASN1Integer(&version) || version != 1 || !all.ReadASN1(&imprint, der.SEQUENCE) || !imprint.SkipASN1(der.SEQUENCE) ||
		!imprint.ReadASN1(&hashed, der.OCTET_STRING) || !hashed.CopyBytes(digest[:]) || !all.ReadASN1Integer(&nonce) || !all.ReadASN1Boolean(&certificates) || !certificates || !all.Empty() {
		t.Fatalf("not a request: %x", request)
	}
	return digest, nonce
}

// Answer gives a TimeStampResp.
func (a *Authority) Answer(t testing.TB, w Wish) []byte {
	t.Helper()
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(w.Status)
			if w.Status > 1 {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(der.UTF8String, func(b *cryptobyte.Builder) { b.AddBytes([]byte("not today")) })
				})
				b.AddASN1BitString([]byte{0x00, 0x00, 0x01})
			}
		})
		if w.Status <= 1 {
			b.AddBytes(a.token(t, w))
		}
	})
	return b.BytesOrPanic()
}

func oid(b *cryptobyte.Builder, parts ...int) { b.AddASN1ObjectIdentifier(parts) }

func (a *Authority) token(t testing.TB, w Wish) []byte {
	t.Helper()
	sha := func(b *cryptobyte.Builder) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { oid(b, 2, 16, 840, 1, 101, 3, 4, 2, 1) })
	}
	content := stated(w)
	certificates := w.Certificates
	if certificates == nil {
		certificates = []*x509.Certificate{a.Signer}
	}
	tag := func(n uint8) der.Tag { return der.Tag(n).Constructed().ContextSpecific() }
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		oid(b, 1, 2, 840, 113549, 1, 7, 2)
		b.AddASN1(tag(0), func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1Int64(3)
				b.AddASN1(der.SET, sha)
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					oid(b, 1, 2, 840, 113549, 1, 9, 16, 1, 4)
					b.AddASN1(tag(0), func(b *cryptobyte.Builder) { b.AddASN1OctetString(content) })
				})
				b.AddASN1(tag(0), func(b *cryptobyte.Builder) {
					for _, c := range certificates {
						b.AddBytes(c.Raw)
					}
				})
				b.AddASN1(der.SET, func(b *cryptobyte.Builder) {
					one := a.signed(t, w, content)
					b.AddBytes(one)
					if w.Twice {
						b.AddBytes(one)
					}
				})
			})
		})
	})
	return b.BytesOrPanic()
}

// stated is TSTInfo.
func stated(w Wish) []byte {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		oid(b, 1, 2, 3, 4, 1)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { oid(b, 2, 16, 840, 1, 101, 3, 4, 2, 1) })
			b.AddASN1OctetString(w.Digest[:])
		})
		b.AddASN1Int64(7)
		b.AddASN1(der.GeneralizedTime, func(b *cryptobyte.Builder) {
			b.AddBytes([]byte(w.At.UTC().Format("20060102150405.999999999Z")))
		})
		b.AddASN1Uint64(w.Nonce)
		if w.Critical {
			b.AddASN1(der.Tag(1).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					oid(b, 1, 2, 3, 4, 5)
					b.AddASN1Boolean(true)
					b.AddASN1OctetString([]byte{5, 0})
				})
			})
		}
	})
	return b.BytesOrPanic()
}

func (a *Authority) signed(t testing.TB, w Wish, content []byte) []byte {
	t.Helper()
	digested, ess := sha256.Sum256(content), sha256.Sum256(a.Signer.Raw)
	if w.Digested == nil {
		w.Digested = digested[:]
	}
	if w.Ess == nil {
		w.Ess = ess[:]
	}
	attribute := func(b *cryptobyte.Builder, last int, value func(*cryptobyte.Builder)) {
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			if last == 47 {
				oid(b, 1, 2, 840, 113549, 1, 9, 16, 2, last)
			} else {
				oid(b, 1, 2, 840, 113549, 1, 9, last)
			}
			b.AddASN1(der.SET, value)
		})
	}
	var attributes cryptobyte.Builder
	attributes.AddASN1(der.SET, func(b *cryptobyte.Builder) {
		attribute(b, 3, func(b *cryptobyte.Builder) { oid(b, 1, 2, 840, 113549, 1, 9, 16, 1, 4) })
		attribute(b, 4, func(b *cryptobyte.Builder) { b.AddASN1OctetString(w.Digested) })
		attribute(b, 47, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
					b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1OctetString(w.Ess) })
				})
			})
		})
	})
	signed := attributes.BytesOrPanic()
	digest := sha256.Sum256(signed)
	signature, err := a.signerKey.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddBytes(a.Signer.RawIssuer)
			b.AddASN1BigInt(a.Signer.SerialNumber)
		})
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { oid(b, 2, 16, 840, 1, 101, 3, 4, 2, 1) })
		b.AddBytes(append([]byte{0xA0}, signed[1:]...))
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) { oid(b, 1, 2, 840, 10045, 4, 3, 2) })
		b.AddASN1OctetString(signature)
		if w.Unsigned {
			b.AddASN1(der.Tag(1).Constructed().ContextSpecific(), func(b *cryptobyte.Builder) {
				attribute(b, 99, func(b *cryptobyte.Builder) { b.AddASN1Int64(1) })
			})
		}
	})
	return b.BytesOrPanic()
}

// Anchors are the root.
func (a *Authority) Anchors() timestamp.Anchors { return timestamp.Anchors{a.Root} }
