package timestamp

import (
	"crypto/x509"
	"encoding/asn1"
	"math/big"
	"time"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"
)

// Token is a time stamp whose form was read and whose signature was not checked.
type Token struct {
	der      []byte // ContentInfo
	digest   asn1.ObjectIdentifier
	content  []byte   // TSTInfo
	certs    [][]byte // as they came
	parsed   []*x509.Certificate
	signer   signer
	imprint  [32]byte
	at       time.Time
	nonce    *big.Int
	accuracy time.Duration
}

// signer is a SignerInfo.
type signer struct {
	raw           []byte // without unsigned attributes
	issuer        []byte // Name, as it stands
	serial        *big.Int
	key           []byte // subject key identifier, in place of issuer and serial
	attributes    []byte // as they are signed: a SET
	contentType   asn1.ObjectIdentifier
	messageDigest []byte
	certificates  essCert
	algorithm     asn1.ObjectIdentifier
	signature     []byte
}

var (
	oidSignedData    = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCert   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
)

var (
	optional0 = der.Tag(0).Constructed().ContextSpecific()
	optional1 = der.Tag(1).Constructed().ContextSpecific()
	bare0     = der.Tag(0).ContextSpecific()
	bare1     = der.Tag(1).ContextSpecific()
)

// read reads a ContentInfo that is all there is.
func read(in cryptobyte.String) (*Token, error) {
	var info, wrapped, signed, algorithms, certificates, signers cryptobyte.String
	var kind asn1.ObjectIdentifier
	var version int64
	t := &Token{der: in}
	if !in.ReadASN1(&info, der.SEQUENCE) || !in.Empty() || !info.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidSignedData) ||
		!info.ReadASN1(&wrapped, optional0) || !info.Empty() || !wrapped.ReadASN1(&signed, der.SEQUENCE) || !wrapped.Empty() {
		return nil, malformed("a signed message")
	}
	if !signed.ReadASN1Integer(&version) || version != 3 || !signed.ReadASN1(&algorithms, der.SET) || !readAlgorithm(&algorithms, &t.digest) || !algorithms.Empty() {
		return nil, malformed("version, or one digest")
	}
	if !t.readContent(&signed) {
		return nil, malformed("what is stated")
	}
	var some bool
	if !signed.ReadOptionalASN1(&certificates, &some, optional0) {
		return nil, malformed("certificates")
	}
	for !certificates.Empty() {
		var c cryptobyte.String
		if !certificates.ReadASN1Element(&c, der.SEQUENCE) {
			return nil, malformed("certificates")
		}
		parsed, err := x509.ParseCertificate(c)
		if err != nil {
			return nil, malformed("certificates").Because(err)
		}
		t.certs, t.parsed = append(t.certs, c), append(t.parsed, parsed)
	}
	if !signed.SkipOptionalASN1(optional1) {
		return nil, malformed("revocation lists")
	}
	if !signed.ReadASN1(&signers, der.SET) || !signed.Empty() || !t.readSigner(&signers) || !signers.Empty() {
		return nil, malformed("one signer")
	}
	return t, nil
}

func readAlgorithm(in *cryptobyte.String, id *asn1.ObjectIdentifier) bool {
	var a, null cryptobyte.String
	if !in.ReadASN1(&a, der.SEQUENCE) || !a.ReadASN1ObjectIdentifier(id) {
		return false
	}
	return a.Empty() || a.ReadASN1(&null, der.NULL) && null.Empty() && a.Empty()
}

// readContent reads EncapsulatedContentInfo with its TSTInfo (RFC 3161 §2.4.2).
func (t *Token) readContent(in *cryptobyte.String) bool {
	var wrapped, explicit, stated, info, imprint, hashed, accuracy cryptobyte.String
	var kind, policy, algorithm asn1.ObjectIdentifier
	var version int64
	if !in.ReadASN1(&wrapped, der.SEQUENCE) || !wrapped.ReadASN1ObjectIdentifier(&kind) || !kind.Equal(oidTSTInfo) ||
		!wrapped.ReadASN1(&explicit, optional0) || !wrapped.Empty() || !explicit.ReadASN1(&stated, der.OCTET_STRING) || !explicit.Empty() {
		return false
	}
	t.content = stated
	serial := new(big.Int)
	if !stated.ReadASN1(&info, der.SEQUENCE) || !stated.Empty() || !info.ReadASN1Integer(&version) || version != 1 || !info.ReadASN1ObjectIdentifier(&policy) ||
		!info.ReadASN1(&imprint, der.SEQUENCE) || !readAlgorithm(&imprint, &algorithm) || !imprint.ReadASN1(&hashed, der.OCTET_STRING) || !imprint.Empty() ||
		!algorithm.Equal(oidSHA256) || !hashed.CopyBytes(t.imprint[:]) || !hashed.Empty() || !info.ReadASN1Integer(serial) || !readTime(&info, &t.at) {
		return false
	}
	var some bool
	if !info.ReadOptionalASN1(&accuracy, &some, der.SEQUENCE) || !t.readAccuracy(accuracy) {
		return false
	}
	if info.PeekASN1Tag(der.BOOLEAN) { // ordering; false is the default and not written
		var ordering bool
		if !info.ReadASN1Boolean(&ordering) || !ordering {
			return false
		}
	}
	if info.PeekASN1Tag(der.INTEGER) {
		t.nonce = new(big.Int)
		if !info.ReadASN1Integer(t.nonce) {
			return false
		}
	}
	return info.SkipOptionalASN1(optional0) && readExtensions(&info) && info.Empty() // the authority's name, unchecked; extensions
}

// readTime reads a GeneralizedTime as RFC 3161 §2.4.2 allows it: seconds, and perhaps
// a fraction that does not end with a zero.
func readTime(in *cryptobyte.String, out *time.Time) bool {
	var text cryptobyte.String
	if !in.ReadASN1(&text, der.GeneralizedTime) || len(text) > 30 {
		return false
	}
	for _, layout := range [...]string{"20060102150405Z", "20060102150405.999999999Z"} {
		at, err := time.Parse(layout, string(text))
		if err == nil && at.Format(layout) == string(text) {
			*out = at
			return true
		}
	}
	return false
}

// readAccuracy reads seconds, milliseconds and microseconds.
func (t *Token) readAccuracy(in cryptobyte.String) bool {
	for _, part := range [...]struct {
		tag  der.Tag
		unit time.Duration
	}{{der.INTEGER, time.Second}, {bare0, time.Millisecond}, {bare1, time.Microsecond}} {
		if !in.PeekASN1Tag(part.tag) {
			continue
		}
		var n int64
		if !in.ReadASN1Int64WithTag(&n, part.tag) || n < 0 || n > 1<<20 {
			return false
		}
		t.accuracy += time.Duration(n) * part.unit
	}
	return in.Empty()
}

// readExtensions lets extensions pass that may be overlooked.
func readExtensions(in *cryptobyte.String) bool {
	var list cryptobyte.String
	var some bool
	if !in.ReadOptionalASN1(&list, &some, optional1) {
		return false
	}
	for !list.Empty() {
		var one, value cryptobyte.String
		var id asn1.ObjectIdentifier
		if !list.ReadASN1(&one, der.SEQUENCE) || !one.ReadASN1ObjectIdentifier(&id) || !one.ReadASN1(&value, der.OCTET_STRING) || !one.Empty() {
			return false // also where one is critical: nobody here knows any
		}
	}
	return true
}
