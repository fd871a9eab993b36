package timestamp

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"slices"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
)

// Anchors are the certificates under which time stamps count.
type Anchors []*x509.Certificate

// MaxAnchors bounds a file of them, in bytes.
const MaxAnchors = 64 << 10

// ReadAnchors reads certificates in PEM, and nothing else between them. Code:
// timestamp.anchors.
func ReadAnchors(text []byte) (Anchors, error) {
	var out Anchors
	for rest := bytes.TrimSpace(text); len(rest) > 0; rest = bytes.TrimSpace(rest) {
		var block *pem.Block
		block, rest = pem.Decode(rest)
		if len(text) > MaxAnchors || block == nil || block.Type != "CERTIFICATE" || len(block.Headers) > 0 {
			return nil, unanchored()
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, unanchored().Because(err)
		}
		out = append(out, c)
	}
	if len(out) == 0 {
		return nil, unanchored()
	}
	return out, nil
}

func unanchored() *problem.Error {
	return problem.New(problem.Invalid, "timestamp.anchors", "this is not a file of certificates of a time-stamping authority").
		Fix("put the authority's certificate there, or that of its root, in PEM (BEGIN CERTIFICATE)")
}

// Stamp is what a token says once its signature was checked.
type Stamp struct {
	At       time.Time
	Accuracy time.Duration // the authority's own word on how far off At may be; 0: none
	By       string        // who signed, as the certificate names them, in plain text
}

// Answers reports whether the token holds the nonce of a request. Code:
// timestamp.nonce.
func (t *Token) Answers(nonce uint64) error {
	if t.nonce == nil || t.nonce.Cmp(new(big.Int).SetUint64(nonce)) != 0 {
		return problem.New(problem.Unverified, "timestamp.nonce", "this time stamp answers another question").Fix("ask again")
	}
	return nil
}

// Check checks the token about a digest, under the anchors. Codes:
// timestamp.imprint, timestamp.signature, timestamp.signer.
func (t *Token) Check(digest [32]byte, anchors Anchors) (Stamp, error) {
	s, _, err := t.check(digest, anchors)
	return s, err
}

func (t *Token) check(digest [32]byte, anchors Anchors) (Stamp, [][]*x509.Certificate, error) {
	if t.imprint != digest {
		return Stamp{}, nil, problem.New(problem.Unverified, "timestamp.imprint", "this time stamp is about something else")
	}
	c := t.signerCertificate(anchors)
	if c == nil {
		return Stamp{}, nil, unbelieved("its certificate is not there")
	}
	if !stampsOnly(c) {
		return Stamp{}, nil, unbelieved("its certificate is not for time stamps alone")
	}
	sum, algorithm := sums[t.digest.String()], algorithms[t.digest.String()+" "+t.signer.algorithm.String()]
	if sum == nil || algorithm == 0 || !bytes.Equal(sum(t.content), t.signer.messageDigest) {
		return Stamp{}, nil, unsigned()
	}
	if err := c.CheckSignature(algorithm, t.signer.attributes, t.signer.signature); err != nil {
		return Stamp{}, nil, unsigned().Because(err)
	}
	chains, err := t.chains(c, anchors)
	if err != nil {
		return Stamp{}, nil, unbelieved("its certificate was not issued under one that is named, or did not count at that time").Because(err)
	}
	by := canon.Text(c.Subject.String())
	return Stamp{At: t.at, Accuracy: t.accuracy, By: strings.ToValidUTF8(by[:min(len(by), 200)], "")}, chains, nil
}

// signerCertificate finds the certificate that the signature names, in the token or
// among the anchors.
func (t *Token) signerCertificate(anchors Anchors) *x509.Certificate {
	s := t.signer
	for _, c := range slices.Concat(t.parsed, anchors) {
		named := s.key != nil && bytes.Equal(c.SubjectKeyId, s.key) || s.key == nil && bytes.Equal(c.RawIssuer, s.issuer) && c.SerialNumber.Cmp(s.serial) == 0
		if named && bytes.Equal(s.certificates.sum(c.Raw), s.certificates.digest) {
			return c
		}
	}
	return nil
}

var oidExtKeyUsage = asn1.ObjectIdentifier{2, 5, 29, 37}

// stampsOnly is RFC 3161 §2.3.
func stampsOnly(c *x509.Certificate) bool {
	return len(c.ExtKeyUsage) == 1 && c.ExtKeyUsage[0] == x509.ExtKeyUsageTimeStamping && len(c.UnknownExtKeyUsage) == 0 && !c.IsCA &&
		slices.ContainsFunc(c.Extensions, func(e pkix.Extension) bool { return e.Id.Equal(oidExtKeyUsage) && e.Critical })
}

// chains are the ways from the signer to an anchor, at the time that is stated.
func (t *Token) chains(c *x509.Certificate, anchors Anchors) ([][]*x509.Certificate, error) {
	roots, between := x509.NewCertPool(), x509.NewCertPool()
	for _, a := range anchors {
		roots.AddCert(a)
	}
	for _, p := range t.parsed {
		between.AddCert(p)
	}
	return c.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: t.at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}})
}

const (
	sha256OID = "2.16.840.1.101.3.4.2.1"
	sha384OID = "2.16.840.1.101.3.4.2.2"
	sha512OID = "2.16.840.1.101.3.4.2.3"
	rsaOID    = "1.2.840.113549.1.1.1"
)

// algorithms are the signatures that count, by digest and signature algorithm. RSA
// may be named without its digest (RFC 3370 §3.2).
var algorithms = map[string]x509.SignatureAlgorithm{
	sha256OID + " " + rsaOID: x509.SHA256WithRSA, sha256OID + " 1.2.840.113549.1.1.11": x509.SHA256WithRSA, sha256OID + " 1.2.840.10045.4.3.2": x509.ECDSAWithSHA256,
	sha384OID + " " + rsaOID: x509.SHA384WithRSA, sha384OID + " 1.2.840.113549.1.1.12": x509.SHA384WithRSA, sha384OID + " 1.2.840.10045.4.3.3": x509.ECDSAWithSHA384,
	sha512OID + " " + rsaOID: x509.SHA512WithRSA, sha512OID + " 1.2.840.113549.1.1.13": x509.SHA512WithRSA, sha512OID + " 1.2.840.10045.4.3.4": x509.ECDSAWithSHA512,
}

func unsigned() *problem.Error {
	return problem.New(problem.Unverified, "timestamp.signature", "the signature on this time stamp does not hold")
}

func unbelieved(why string) *problem.Error {
	return problem.New(problem.Unverified, "timestamp.signer", "the signer of this time stamp may not stamp: %s", why)
}

// Tidy checks as Check does, and takes away what no signature covers and nobody needs
// to check it: certificates of other chains, revocation lists, unsigned attributes.
func (t *Token) Tidy(digest [32]byte, anchors Anchors) (Stamp, error) {
	s, chains, err := t.check(digest, anchors)
	if err != nil {
		return s, err
	}
	var keep [][]byte
	for i, c := range t.certs {
		if needed(chains, c) && !t.before(i) {
			keep = append(keep, c)
		}
	}
	tidy, err := read(t.write(keep))
	if err == nil {
		*t = *tidy
	}
	return s, err
}

// before reports whether a certificate has come before.
func (t *Token) before(i int) bool {
	return slices.ContainsFunc(t.certs[:i], func(b []byte) bool { return bytes.Equal(b, t.certs[i]) })
}

func needed(chains [][]*x509.Certificate, raw []byte) bool {
	return slices.ContainsFunc(chains, func(chain []*x509.Certificate) bool {
		return slices.ContainsFunc(chain, func(c *x509.Certificate) bool { return bytes.Equal(c.Raw, raw) })
	})
}

// CheckTidy checks as Check does and refuses what Tidy would have written in another
// way. Code, beside those: timestamp.form.
func (t *Token) CheckTidy(digest [32]byte, anchors Anchors) (Stamp, error) {
	tidy := *t
	s, err := tidy.Tidy(digest, anchors)
	if err == nil && !bytes.Equal(tidy.der, t.der) {
		err = malformed("more than is signed")
	}
	return s, err
}

// write writes the token anew, with these certificates.
func (t *Token) write(certificates [][]byte) []byte {
	var chain []byte
	if len(certificates) > 0 {
		chain = wrap(tagged, certificates...)
	}
	content := wrap(sequence, marshal(oidTSTInfo), wrap(tagged, wrap(octets, t.content)))
	signed := wrap(sequence, []byte{2, 1, 3}, wrap(set, wrap(sequence, marshal(t.digest))), content, chain, wrap(set, wrap(sequence, t.signer.raw)))
	return wrap(sequence, marshal(oidSignedData), wrap(tagged, signed))
}
