package timestamp

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// essCert is how the signed attributes name the signer's certificate (RFC 2634
// §5.4, RFC 5816): without it another certificate with the same key could be put in
// its place.
type essCert struct {
	sum    func([]byte) []byte
	digest []byte
}

// sums are the digests that count, for content and certificate.
var sums = map[string]func([]byte) []byte{
	sha256OID: func(b []byte) []byte { s := sha256.Sum256(b); return s[:] },
	sha384OID: func(b []byte) []byte { s := sha512.Sum384(b); return s[:] },
	sha512OID: func(b []byte) []byte { s := sha512.Sum512(b); return s[:] },
}

// sumSHA1 is for essCert of the first version alone, which has no other digest. It
// names one of the certificates whose chain is checked beside it.
func sumSHA1(b []byte) []byte { s := sha1.Sum(b); return s[:] }

// readSigner reads the SignerInfo (RFC 5652 §5.3).
func (t *Token) readSigner(in *cryptobyte.String) bool {
	var info, attributes cryptobyte.String
	var version int64
	var digest asn1.ObjectIdentifier
	s := &t.signer
	if !in.ReadASN1(&info, der.SEQUENCE) {
		return false
	}
	whole := info
	if !info.ReadASN1Integer(&version) || !s.readName(&info, version) || !readAlgorithm(&info, &digest) || !digest.Equal(t.digest) ||
		!info.ReadASN1Element(&attributes, optional0) || !readAlgorithm(&info, &s.algorithm) || !info.ReadASN1((*cryptobyte.String)(&s.signature), der.OCTET_STRING) {
		return false
	}
	s.raw = whole[:len(whole)-len(info)]
	if !info.SkipOptionalASN1(optional1) || !info.Empty() { // unsigned attributes
		return false
	}
	// What is signed has the tag of a SET (RFC 5652 §5.4).
	s.attributes = append([]byte{byte(der.SET)}, attributes[1:]...)
	return s.readAttributes(s.attributes)
}

// readName reads who signed: by issuer and serial number in version 1, by key in 3.
func (s *signer) readName(in *cryptobyte.String, version int64) bool {
	var name cryptobyte.String
	if version == 3 {
		return in.ReadASN1((*cryptobyte.String)(&s.key), bare0)
	}
	s.serial = new(big.Int)
	return version == 1 && in.ReadASN1(&name, der.SEQUENCE) && name.ReadASN1Element((*cryptobyte.String)(&s.issuer), der.SEQUENCE) && name.ReadASN1Integer(s.serial) && name.Empty()
}

// readAttributes reads a SET of attributes, of which three are needed, once each.
func (s *signer) readAttributes(in cryptobyte.String) bool {
	var set cryptobyte.String
	if !in.ReadASN1(&set, der.SET) || !in.Empty() {
		return false
	}
	seen := map[string]bool{}
	for !set.Empty() {
		var one, values cryptobyte.String
		var kind asn1.ObjectIdentifier
		if !set.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&kind) || !one.ReadASN1(&values, der.SET) || !one.Empty() || seen[kind.String()] {
			return false
		}
		seen[kind.String()] = true
		ok := true
		switch {
		case kind.Equal(oidContentType):
			ok = values.ReadASN1ObjectIdentifier(&s.contentType) && values.Empty()
		case kind.Equal(oidMessageDigest):
			ok = values.ReadASN1((*cryptobyte.String)(&s.messageDigest), der.OCTET_STRING) && values.Empty()
		case kind.Equal(oidSigningCertV2):
			ok = s.readCertificates(values, true)
		case kind.Equal(oidSigningCert) && s.certificates.sum == nil: // the second version wins
			ok = s.readCertificates(values, false)
		}
		if !ok {
			return false
		}
	}
	return s.contentType.Equal(oidTSTInfo) && s.messageDigest != nil && s.certificates.sum != nil
}

// readCertificates reads SigningCertificate, of which the first names the signer's.
func (s *signer) readCertificates(in cryptobyte.String, second bool) bool {
	var all, list, first cryptobyte.String
	if !in.ReadASN1(&all, der.SEQUENCE) || !in.Empty() || !all.ReadASN1(&list, der.SEQUENCE) || !list.ReadASN1(&first, der.SEQUENCE) {
		return false
	}
	c := essCert{sum: sumSHA1}
	if second {
		algorithm := oidSHA256 // the default, and not written
		if first.PeekASN1Tag(der.SEQUENCE) && !readAlgorithm(&first, &algorithm) {
			return false
		}
		c.sum = sums[algorithm.String()]
	}
	if c.sum == nil || !first.ReadASN1((*cryptobyte.String)(&c.digest), der.OCTET_STRING) {
		return false
	}
	s.certificates = c
	return true
}
