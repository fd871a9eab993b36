package timestamp

import (
	"encoding/asn1"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	der "golang.org/x/crypto/cryptobyte/asn1"

	"counterseal/internal/problem"
)

// The media types of RFC 3161 §3.4.
const (
	QueryType = "application/timestamp-query"
	ReplyType = "application/timestamp-reply"
)

// MaxAnswer bounds what is read of an answer, in bytes. A token with its
// certificates takes three to eight thousand.
const MaxAnswer = 64 << 10

// File is the name of a time stamp beside a package. It is about the journal's
// checkpoint at the end of the ledger's proof.
const File = "timestamp.tsr"

var oidSHA256 = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}

// Request is a TimeStampReq for a SHA-256, which asks for the signer's certificate.
func Request(digest [32]byte, nonce uint64) []byte {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1Int64(1)
		b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
			b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
				b.AddASN1ObjectIdentifier(oidSHA256)
				b.AddASN1NULL()
			})
			b.AddASN1OctetString(digest[:])
		})
		b.AddASN1Uint64(nonce)
		b.AddASN1Boolean(true)
	})
	return b.BytesOrPanic() // of values of this program alone
}

// Answer takes the token out of a TimeStampResp. Codes: timestamp.refused,
// timestamp.form.
func Answer(answer []byte) (Token, error) {
	if len(answer) > MaxAnswer {
		return Token{}, malformed("length")
	}
	in, response, info := cryptobyte.String(answer), cryptobyte.String(nil), cryptobyte.String(nil)
	var status int64
	if !in.ReadASN1(&response, der.SEQUENCE) || !in.Empty() || !response.ReadASN1(&info, der.SEQUENCE) || !info.ReadASN1Integer(&status) {
		return Token{}, malformed("an answer")
	}
	if status != 0 { // 1 is "granted with changes": what was changed nobody asked for
		return Token{}, problem.New(problem.Unavailable, "timestamp.refused", "the time-stamping authority gives no time stamp").At("status %d%s", status, why(info)).
			Fix("see what the authority says about its refusals")
	}
	return read(response)
}

// why gives the bits of PKIFailureInfo that are set.
func why(info cryptobyte.String) string {
	var bits asn1.BitString
	if info.PeekASN1Tag(der.SEQUENCE) && !info.SkipASN1(der.SEQUENCE) {
		return ""
	}
	if !info.ReadASN1BitString(&bits) {
		return ""
	}
	for i := range bits.BitLength {
		if bits.At(i) == 1 {
			return ", failure " + big.NewInt(int64(i)).String()
		}
	}
	return ""
}

// granted is the beginning of every file: PKIStatusInfo with the status "granted" and
// nothing beside it.
var granted = []byte{0x30, 0x03, 0x02, 0x01, 0x00}

// Read reads a file as Bytes writes it. Code: timestamp.form.
func Read(file []byte) (Token, error) {
	if len(file) > MaxAnswer {
		return Token{}, malformed("length")
	}
	in, response := cryptobyte.String(file), cryptobyte.String(nil)
	head := make([]byte, len(granted))
	if !in.ReadASN1(&response, der.SEQUENCE) || !in.Empty() || !response.CopyBytes(head) || string(head) != string(granted) {
		return Token{}, malformed("an answer that grants a time stamp")
	}
	return read(response)
}

// Bytes writes the file.
func (t Token) Bytes() []byte {
	var b cryptobyte.Builder
	b.AddASN1(der.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddBytes(granted)
		b.AddBytes(t.der)
	})
	return b.BytesOrPanic() // of bytes that were read as DER
}

func malformed(what string) *problem.Error {
	return problem.New(problem.Unverified, "timestamp.form", "this is not a time stamp in the form that is read").At("%s", what)
}
