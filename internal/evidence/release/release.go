package release

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// Namespace is the SSHSIG namespace under which a gate signs a release.
const Namespace = "counterseal-release-v1"

// The first line of a text. The second version is of packages that are encrypted to
// an OpenPGP certificate, the third of a ZIP under a passphrase; all are signed in
// Namespace.
const (
	header1 = Namespace
	header2 = "counterseal-release-v2"
	header3 = "counterseal-release-v3"
)

const nameBytes = "abcdefghijklmnopqrstuvwxyz0123456789-"

// MaxText bounds what Parse reads, in bytes.
const MaxText = 4096

// Filtered says who chose the items of a package.
type Filtered string

const (
	ByGate Filtered = "gate"    // the gate judged every item against the approved scope
	ByHand Filtered = "by-hand" // a person uploaded an export; no item was judged
)

// Release is the statement about one package. Times are whole seconds of UTC.
type Release struct {
	Demand         string // the demand's id: as Name allows
	GrantSHA256    [sha256.Size]byte
	ScopeSHA256    scope.Digest
	Region         string // as Name allows
	Gate           string // as Name allows
	Recipient      string // an age X25519 recipient, age1…, an OpenPGP certificate, openpgp: and its fingerprint, or zip: and the grant's digest
	TagManifest    [sha256.Size]byte
	AgeHeader      [sha256.Size]byte // SHA-256 of the age header, its MAC line included; of an OpenPGP message, of its first packet; of a ZIP, of its header and salt
	Size           int64             // bytes of the encrypted package
	Items          int64             // payload files
	Withheld       int64             // rows of withheld.jsonl
	Filtered       Filtered
	CollectedFrom  time.Time
	CollectedUntil time.Time
	CollectedAt    time.Time

	// Witnesses is set in the emergency lane of a provider whose charter has an emergency
	// policy of witnesses: under which policy the journal showed that the release began.
	// Its proof may then hold under either.
	Witnesses Witnesses
}

// Witnesses names a policy of witnesses; "" where there is the ordinary one alone.
type Witnesses string

const (
	Ordinary  Witnesses = "ordinary"
	Emergency Witnesses = "emergency"
)

// witnessesAtStart is the name of the one line that need not stand there.
const witnessesAtStart = "witnesses-at-start"

var fieldNames = [...]string{
	"demand", "grant-sha256", "scope-sha256", "region", "gate", "recipient", "tag-manifest-sha256", "age-header-sha256",
	"size", "items", "withheld", "filtered", "collected-from", "collected-until", "collected-at",
}

// Bytes returns the canonical text: the header line counterseal-release-v1, then
// one line `name: value` for each field in fixed order (package canon); a last one,
// witnesses-at-start, where Witnesses is set.
// Digests are lower-case hex, numbers decimal without leading zeros, times
// RFC 3339 in UTC with whole seconds. See testdata/vectors.txt. Code: release.field.
func (r Release) Bytes() ([]byte, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	values := [...]string{
		r.Demand, hex.EncodeToString(r.GrantSHA256[:]), r.ScopeSHA256.String(), r.Region, r.Gate, r.Recipient,
		hex.EncodeToString(r.TagManifest[:]), hex.EncodeToString(r.AgeHeader[:]),
		strconv.FormatInt(r.Size, 10), strconv.FormatInt(r.Items, 10), strconv.FormatInt(r.Withheld, 10), string(r.Filtered),
		r.CollectedFrom.UTC().Format(time.RFC3339), r.CollectedUntil.UTC().Format(time.RFC3339), r.CollectedAt.UTC().Format(time.RFC3339),
	}
	fields := make([]canon.Field, len(fieldNames))
	for i, name := range r.names()[:len(fieldNames)] {
		fields[i] = canon.Field{Key: name, Value: values[i]}
	}
	if r.Witnesses != "" {
		fields = append(fields, canon.Field{Key: witnessesAtStart, Value: string(r.Witnesses)})
	}
	return canon.Encode(r.header(), fields)
}

// OpenPGP reports whether the package is encrypted to an OpenPGP certificate.
func (r Release) OpenPGP() bool { return strings.HasPrefix(r.Recipient, openPGP) }

// Zip reports whether the package is a ZIP under a passphrase.
func (r Release) Zip() bool { return strings.HasPrefix(r.Recipient, zip) }

// Package is the name of the encrypted package in the folder.
func (r Release) Package() string { return PackageOf(r.Recipient) }

const (
	openPGP = "openpgp:"
	zip     = "zip:"
)

func (r Release) header() string {
	switch {
	case r.OpenPGP():
		return header2
	case r.Zip():
		return header3
	}
	return header1
}

func (r Release) names() []string {
	names := slices.Clone(fieldNames[:])
	if r.OpenPGP() {
		names[7] = "openpgp-header-sha256"
	}
	if r.Zip() {
		names[7] = "zip-header-sha256"
	}
	return append(names, witnessesAtStart)
}

// Parse reads the canonical text. Codes: release.text (not canonical),
// release.field (a value out of bounds).
func Parse(text []byte) (Release, error) {
	if len(text) > MaxText {
		return Release{}, notCanonical("length")
	}
	header := header1
	for _, later := range [...]string{header2, header3} {
		if strings.HasPrefix(string(text), later) {
			header = later
		}
	}
	fields, err := canon.Decode(header, text)
	if err != nil {
		return Release{}, notCanonical("first line, or a line that is not \"name: value\"").Because(err)
	}
	if n := len(fieldNames); len(fields) != n && len(fields) != n+1 {
		return Release{}, notCanonical("number of lines")
	}
	var r Release
	for i, f := range fields {
		if f.Key != r.names()[i] || !r.set(f.Key, f.Value) { // the recipient stands before the name that depends on it
			return Release{}, notCanonical(r.names()[i])
		}
	}
	exact, err := canon.Exact(r, text)
	if problem.Code(err) == "canon.text" {
		err = notCanonical("a value in another form").Because(err)
	}
	return exact, err
}

func (r *Release) set(name, value string) bool {
	var err error
	switch name {
	case "demand":
		r.Demand = value
	case "region":
		r.Region = value
	case "gate":
		r.Gate = value
	case "recipient":
		r.Recipient = value
	case "filtered":
		r.Filtered = Filtered(value)
	case witnessesAtStart:
		r.Witnesses = Witnesses(value)
	case "grant-sha256":
		return digest(value, r.GrantSHA256[:])
	case "scope-sha256":
		return digest(value, r.ScopeSHA256[:])
	case "tag-manifest-sha256":
		return digest(value, r.TagManifest[:])
	case "age-header-sha256", "openpgp-header-sha256", "zip-header-sha256":
		return digest(value, r.AgeHeader[:])
	case "size":
		r.Size, err = strconv.ParseInt(value, 10, 64)
	case "items":
		r.Items, err = strconv.ParseInt(value, 10, 64)
	case "withheld":
		r.Withheld, err = strconv.ParseInt(value, 10, 64)
	case "collected-from":
		r.CollectedFrom, err = time.Parse(time.RFC3339, value)
	case "collected-until":
		r.CollectedUntil, err = time.Parse(time.RFC3339, value)
	case "collected-at":
		r.CollectedAt, err = time.Parse(time.RFC3339, value)
	}
	return err == nil
}

func digest(text string, into []byte) bool {
	b, err := hex.DecodeString(text)
	return err == nil && copy(into, b) == len(into) && len(b) == len(into)
}

func (r Release) check() error {
	for _, n := range []struct{ field, value string }{{"demand", r.Demand}, {"region", r.Region}, {"gate", r.Gate}} {
		if !Name(n.value) {
			return bad(n.field, "1 to 64 of a–z, 0–9 and inner hyphens")
		}
	}
	if !recipient(r.Recipient) && r.Recipient != zip+hex.EncodeToString(r.GrantSHA256[:]) {
		return bad("recipient", "an age X25519 recipient (age1 and 58 characters), openpgp: and a fingerprint in capitals, or zip: and the grant's digest")
	}
	if r.Filtered != ByGate && r.Filtered != ByHand {
		return bad("filtered", "gate or by-hand")
	}
	if r.Witnesses != "" && r.Witnesses != Ordinary && r.Witnesses != Emergency {
		return bad(witnessesAtStart, "ordinary or emergency")
	}
	if r.Size <= 0 || r.Items < 0 || r.Withheld < 0 {
		return bad("size, items, withheld", "counts, the size above zero")
	}
	for _, t := range []time.Time{r.CollectedFrom, r.CollectedUntil, r.CollectedAt} {
		if y := t.UTC().Year(); y < 1970 || y > 9999 || t.Nanosecond() != 0 {
			return bad("times", "whole seconds from 1970 on")
		}
	}
	if r.CollectedUntil.Before(r.CollectedFrom) {
		return bad("collected-until", "not before collected-from")
	}
	return nil
}

// Name reports whether s can name a demand, gate or region: 1 to 64 of a–z, 0–9
// and inner hyphens.
func Name(s string) bool {
	if s == "" || len(s) > 64 || s[0] == '-' || s[len(s)-1] == '-' {
		return false
	}
	return strings.Trim(s, nameBytes) == ""
}

// recipient checks the form only; whoever holds the age library checks the sum.
func recipient(s string) bool {
	if digits, ok := strings.CutPrefix(s, openPGP); ok {
		return (len(digits) == 40 || len(digits) == 64) && strings.Trim(digits, "0123456789ABCDEF") == ""
	}
	data, ok := strings.CutPrefix(s, "age1")
	return ok && len(data) == 58 && strings.Trim(data, "qpzry9x8gf2tvdw0s3jn54khce6mua7l") == ""
}

func bad(field, want string) error {
	return problem.New(problem.Invalid, "release.field", "a release states %s", want).At("%s", field)
}

func notCanonical(what string) *problem.Error {
	return problem.New(problem.Invalid, "release.text", "this is not a release in canonical form").At("%s", what)
}
