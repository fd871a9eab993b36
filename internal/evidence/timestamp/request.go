package timestamp

import (
	"bytes"
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
	imprint := wrap(sequence, wrap(sequence, marshal(oidSHA256), []byte{5, 0}), wrap(octets, digest[:]))
	return wrap(sequence, []byte{2, 1, 1}, imprint, marshal(new(big.Int).SetUint64(nonce)), []byte{1, 1, 0xff})
}

const (
	sequence = byte(der.SEQUENCE)
	set      = byte(der.SET)
	octets   = byte(der.OCTET_STRING)
	tagged   = 0xa0 // [0], constructed
)

// wrap writes a DER element of up to MaxAnswer bytes.
func wrap(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	n := len(content)
	switch {
	case n < 1<<7:
		return append([]byte{tag, byte(n)}, content...)
	case n < 1<<8:
		return append([]byte{tag, 0x81, byte(n)}, content...)
	case n < 1<<16:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
	return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
}

// marshal writes an identifier or a number, which cannot fail.
func marshal(v any) []byte {
	b, _ := asn1.Marshal(v)
	return b
}

// Answer takes the token out of a TimeStampResp. Codes: timestamp.refused,
// timestamp.form.
func Answer(answer []byte) (*Token, error) {
	if len(answer) > MaxAnswer {
		return nil, malformed("length")
	}
	in, response, info := cryptobyte.String(answer), cryptobyte.String(nil), cryptobyte.String(nil)
	var status int64
	if !in.ReadASN1(&response, der.SEQUENCE) || !in.Empty() || !response.ReadASN1(&info, der.SEQUENCE) || !info.ReadASN1Integer(&status) {
		return nil, malformed("an answer")
	}
	if status != 0 { // 1 is "granted with changes": what was changed nobody asked for
		return nil, problem.New(problem.Unavailable, "timestamp.refused", "the time-stamping authority gives no time stamp").At("status %d%s", status, why(info)).
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
func Read(file []byte) (*Token, error) {
	if len(file) > MaxAnswer {
		return nil, malformed("length")
	}
	in, response := cryptobyte.String(file), cryptobyte.String(nil)
	head := make([]byte, len(granted))
	if !in.ReadASN1(&response, der.SEQUENCE) || !in.Empty() || !response.CopyBytes(head) || string(head) != string(granted) {
		return nil, malformed("an answer that grants a time stamp")
	}
	return read(response)
}

// Bytes writes the file.
func (t *Token) Bytes() []byte { return wrap(sequence, granted, t.der) }

func malformed(what string) *problem.Error {
	return problem.New(problem.Unverified, "timestamp.form", "this is not a time stamp in the form that is read").At("%s", what)
}
