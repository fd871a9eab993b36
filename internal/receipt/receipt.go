package receipt

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"

	"golang.org/x/crypto/ssh"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

const header = "counterseal-receipt-v1"

// Statement is the fixed sentence of every receipt.
const Statement = "This receipt acknowledges that these bytes arrived. It does not accept service, does not submit to any jurisdiction and does not waive any objection."

// Bounds of a receipt.
const (
	MaxText    = 256 << 10
	MaxWord    = 400       // bytes of provider, demand and channel
	MaxOpening = 128 << 10 // bytes of the register opening
)

// Receipt is what one demand's sender is told. Times count at whole seconds.
type Receipt struct {
	Provider        string // as it is known to the public
	Demand          string // the random case number
	Received        time.Time
	Channel         string
	OriginalSHA256  [32]byte
	OriginalBytes   int64
	JournalSalt     [32]byte
	JournalDigest   [32]byte
	RegisterOpening []byte // opaque; not empty
}

// Bytes is the canonical text, which is what is signed. Codes:
// receipt.incomplete, canon.value.
func (r Receipt) Bytes() ([]byte, error) {
	if r.Provider == "" || r.Demand == "" || r.Channel == "" || len(r.Provider) > MaxWord || len(r.Demand) > MaxWord || len(r.Channel) > MaxWord {
		return nil, incomplete("provider, demand and channel take 1 to %d bytes each", MaxWord)
	}
	if y := r.Received.UTC().Year(); y < 1970 || y > 2199 {
		return nil, incomplete("it lacks the time of receipt")
	}
	if r.OriginalSHA256 == ([32]byte{}) || r.OriginalBytes <= 0 {
		return nil, incomplete("it lacks the original's digest or size")
	}
	if r.JournalSalt == ([32]byte{}) || r.JournalDigest == ([32]byte{}) || len(r.RegisterOpening) == 0 || len(r.RegisterOpening) > MaxOpening {
		return nil, incomplete("it does not open its leaf")
	}
	return canon.Encode(header, []canon.Field{
		{Key: "provider", Value: r.Provider},
		{Key: "demand", Value: r.Demand},
		{Key: "received", Value: canon.Time(r.Received)},
		{Key: "channel", Value: r.Channel},
		{Key: "original-sha256", Value: hex.EncodeToString(r.OriginalSHA256[:])},
		{Key: "original-bytes", Value: strconv.FormatInt(r.OriginalBytes, 10)},
		{Key: "journal-salt", Value: hex.EncodeToString(r.JournalSalt[:])},
		{Key: "journal-digest", Value: hex.EncodeToString(r.JournalDigest[:])},
		{Key: "register-opening", Value: base64.StdEncoding.EncodeToString(r.RegisterOpening)},
		{Key: "statement", Value: Statement},
	})
}

// Parse reads the canonical text and accepts it only if writing it again gives
// the same bytes. Codes: receipt.text, receipt.incomplete, canon.text,
// canon.value.
func Parse(text []byte) (Receipt, error) {
	if len(text) > MaxText {
		return Receipt{}, unreadable("it is longer than %d bytes", MaxText)
	}
	fields, err := canon.Decode(header, text)
	if err != nil {
		return Receipt{}, err
	}
	var r Receipt
	into := []struct {
		key  string
		read func(string) error
	}{
		{"provider", word(&r.Provider)},
		{"demand", word(&r.Demand)},
		{"received", func(s string) (err error) { r.Received, err = canon.ParseTime(s); return err }},
		{"channel", word(&r.Channel)},
		{"original-sha256", digest(&r.OriginalSHA256)},
		{"original-bytes", func(s string) (err error) { r.OriginalBytes, err = strconv.ParseInt(s, 10, 64); return err }},
		{"journal-salt", digest(&r.JournalSalt)},
		{"journal-digest", digest(&r.JournalDigest)},
		{"register-opening", func(s string) (err error) {
			r.RegisterOpening, err = base64.StdEncoding.Strict().DecodeString(s)
			return err
		}},
		{"statement", func(string) error { return nil }}, // compared below, with everything else
	}
	if len(fields) != len(into) {
		return Receipt{}, unreadable("it has %d lines, not %d", len(fields), len(into))
	}
	for i, f := range into {
		if fields[i].Key != f.key {
			return Receipt{}, unreadable("line %d is not %s", i+2, f.key)
		}
		if err := f.read(fields[i].Value); err != nil {
			return Receipt{}, unreadable("%s is not in form", f.key).Because(err)
		}
	}
	return canon.Exact(r, text)
}

// Sign returns the text and the docket's armored signature of it. Codes: those
// of Bytes and signature.Sign.
func (r Receipt) Sign(docket ssh.Signer) (text, armored []byte, err error) {
	text, err = r.Bytes()
	if err != nil {
		return nil, nil, err
	}
	armored, err = signature.Sign(docket, signature.Receipt, text)
	if err != nil {
		return nil, nil, err
	}
	return text, armored, nil
}

// Verify checks that the docket whose public key the caller holds signed this
// text, and reads it. The key must come from elsewhere than the receipt. The
// same can be done with
//
//	ssh-keygen -Y verify -f SIGNERS -I docket -n counterseal-receipt-v1 -s SIGNATURE < TEXT
//
// Codes: receipt.signer, and those of signature.Verify and Parse.
func Verify(armored, text []byte, docket ssh.PublicKey) (Receipt, error) {
	if docket == nil {
		return Receipt{}, otherSigner()
	}
	if len(text) > MaxText {
		return Receipt{}, unreadable("it is longer than %d bytes", MaxText)
	}
	by, err := signature.Verify(armored, signature.Receipt, text)
	if err != nil {
		return Receipt{}, err
	}
	if subtle.ConstantTimeCompare(by.Marshal(), docket.Marshal()) != 1 {
		return Receipt{}, otherSigner()
	}
	return Parse(text)
}

func word(into *string) func(string) error {
	return func(s string) error { *into = s; return nil }
}

func digest(into *[32]byte) func(string) error {
	return func(s string) error {
		if len(s) != 64 {
			return hex.ErrLength
		}
		_, err := hex.Decode(into[:], []byte(s))
		return err
	}
}

func otherSigner() error {
	return problem.New(problem.Unverified, "receipt.signer", "the receipt was not signed by this docket").Fix("obtain the docket's public key from the provider's trust file")
}

func incomplete(format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, "receipt.incomplete", "this is not a whole receipt: "+format, args...)
}

func unreadable(format string, args ...any) *problem.Error {
	return problem.New(problem.Invalid, "receipt.text", "this is not a receipt: "+format, args...)
}
