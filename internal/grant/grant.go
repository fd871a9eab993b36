package grant

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// The version of a grant's text follows from the grant: one without a Production
// is of version 1, one with a Purpose of version 3. All are signed under the namespace
// signature.Grant; the header line is inside what is signed.
const (
	grantHeader  = "counterseal-grant-v1"
	grantHeader2 = "counterseal-grant-v2"
	grantHeader3 = "counterseal-grant-v3"
)

// Bounds of one grant, so that every check of it takes bounded time.
const (
	MaxText  = 1 << 20 // bytes of its text
	MaxNames = 4096    // (participant, item) pairs over all selectors, in Compelled and in Scope
)

// Digest is the SHA-256 of a canonical text. It prints as lower-case hex.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// ParseDigest reads what String writes. Code: grant.digest.
func ParseDigest(s string) (Digest, error) {
	var d Digest
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(d) || s != strings.ToLower(s) {
		return d, problem.New(problem.Invalid, "grant.digest", "a digest is 64 lower-case hexadecimal digits")
	}
	copy(d[:], b)
	return d, nil
}

// Grant is one permission to collect. Every field is part of the signed text.
type Grant struct {
	ID          string
	Provider    string
	Demand      string      // the case number
	Received    Digest      // the record of the demand's receipt, as the journal commits to it
	Order       string      // the instrument in words
	OrderDigest Digest      // of the document as it came
	Requester   string      // agency id in the charter
	Targets     []Target    // what the order names, and whose accounts these are
	Compelled   scope.Scope // what the order compels, as decided
	Scope       scope.Scope // what this grant collects
	Recipient   string      // age public key, whole; a certificate's name; or ByZip
	Language    string      // of the README in the package: en, de, da, it
	Region      string      //
	Gate        string      // the one gate that may act on it
	Drafter     string      // person id
	Charter     Digest      // the charter's head when it was drafted
	ByteCap     int64       // payload bytes at most
	Stops       []Digest    // stops that stand against this demand and that the approvers have seen
	Issued      time.Time   //
	Expires     time.Time   // not after
	Nonce       [16]byte    //

	// Since version 2.
	Production Production  // what kind of answer this is; "" in version 1
	Export     ExportFacts // of the export that is sent; zero where the gate collects
	Emergency  bool        // the emergency lane: danger to life, answered before the paper comes
	Caller     string      // person id: who called the agency back; "" for nobody
	Call       Digest      // of the caller's statement (Call.Bytes)

	// Since version 3.
	Purpose Purpose   // what it is for; "" before version 3: a release from the stores
	Until   time.Time // of a grant to keep: when the copy ends
	Copy    CopyFacts // of the copy that is kept longer or opened
}

// Production is what kind of answer to a demand a grant is. A recall is an act
// of its own and no grant.
type Production string

const (
	First      Production = "first"
	Rolling    Production = "rolling"    // the next of several that were announced
	Supplement Production = "supplement" // what an amended order or a later finding adds
	Correction Production = "correction" // in the place of one that was wrong
)

// Productions lists them all.
var Productions = []Production{First, Rolling, Supplement, Correction}

// ByHand reports whether the grant sends an export that a person collected.
func (g Grant) ByHand() bool { return g.Export.Manifest != Digest{} }

// Target is one identifier as the order states it, and one account it stands for.
type Target struct {
	Kind    string // address, account, phone …
	Stated  string
	Account scope.AccountID
}

// Bytes is the canonical text that people sign. Codes: canon.value, grant.name,
// grant.too_large.
func (g Grant) Bytes() ([]byte, error) {
	if err := g.check(); err != nil {
		return nil, err
	}
	f := []canon.Field{{Key: "grant", Value: g.ID}}
	header := grantHeader
	if g.Production != "" {
		header = grantHeader2
	}
	if g.Purpose != ForRelease {
		header = grantHeader3
		f = append(f, g.purpose()...)
	}
	if g.Production != "" {
		f = append(f, g.manner()...)
	}
	f = append(f, []canon.Field{
		{Key: "provider", Value: g.Provider},
		{Key: "demand", Value: g.Demand},
		{Key: "demand-record-sha256", Value: g.Received.String()},
		{Key: "order", Value: g.Order},
		{Key: "order-sha256", Value: g.OrderDigest.String()},
		{Key: "requester", Value: g.Requester},
	}...)
	for _, t := range g.Targets {
		f = append(f, canon.Field{Key: "target", Value: fmt.Sprintf("%s is %s %s", t.Account, t.Kind, t.Stated)})
	}
	for _, l := range g.Compelled.Lines() {
		f = append(f, canon.Field{Key: "compelled", Value: l})
	}
	for _, l := range g.Scope.Lines() {
		f = append(f, canon.Field{Key: "collect", Value: l})
	}
	for _, w := range InWords(g.Scope) {
		f = append(f, canon.Field{Key: "in-words", Value: w})
	}
	if !g.Stays() {
		f = append(f, canon.Field{Key: "recipient", Value: g.Recipient})
		if g.ByZip() {
			f = append(f, canon.Field{Key: "recipient-in-words", Value: ZipInWords})
		}
		f = append(f, canon.Field{Key: "language", Value: g.Language})
	}
	f = append(f,
		canon.Field{Key: "region", Value: g.Region},
		canon.Field{Key: "gate", Value: g.Gate},
		canon.Field{Key: "drafter", Value: g.Drafter},
		canon.Field{Key: "charter-sha256", Value: g.Charter.String()},
		canon.Field{Key: "byte-cap", Value: strconv.FormatInt(g.ByteCap, 10)})
	for _, s := range g.Stops {
		f = append(f, canon.Field{Key: "despite-stop-sha256", Value: s.String()})
	}
	f = append(f,
		canon.Field{Key: "issued", Value: canon.Time(g.Issued)},
		canon.Field{Key: "expires", Value: canon.Time(g.Expires)},
		canon.Field{Key: "nonce", Value: hex.EncodeToString(g.Nonce[:])})
	return canon.Encode(header, f)
}

// check refuses values that a text could not carry unambiguously. ID, demand,
// region and gate name files and releases, so they are plain names.
func (g Grant) check() error {
	for _, n := range []struct{ field, value string }{{"grant", g.ID}, {"demand", g.Demand}, {"region", g.Region}, {"gate", g.Gate}} {
		if !Name(n.value) {
			return problem.New(problem.Invalid, "grant.name", "a name is 1 to 64 of a–z, 0–9 and inner hyphens").At("%s", n.field)
		}
	}
	if err := g.checkManner(); err != nil {
		return err
	}
	if err := g.checkPurpose(); err != nil {
		return err
	}
	for i, t := range g.Targets {
		if !scope.ValidAccount(string(t.Account)) || !word(t.Kind) {
			return badText(fmt.Sprintf("target %d", i+1))
		}
	}
	if names(g.Compelled) > MaxNames || names(g.Scope) > MaxNames {
		return problem.New(problem.Invalid, "grant.too_large", "a grant names at most %d pairs of participant and item", MaxNames).Fix("divide it")
	}
	return nil
}

// names counts the (participant, item) pairs that a comparison of scopes looks at.
func names(s scope.Scope) int {
	n := 0
	for _, sel := range s.Selectors() {
		n += max(1, len(sel.Participants)) * max(1, len(sel.Items))
	}
	return n
}

// Name reports whether s can name a grant, demand, gate or region: 1 to 64 of
// a–z, 0–9 and inner hyphens.
func Name(s string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-") == "" && s[0] != '-' && s[len(s)-1] != '-'
}

// word reports whether s can stand between two spaces.
func word(s string) bool {
	return s != "" && len(s) <= 200 && !strings.ContainsFunc(s, unicode.IsSpace)
}

// Digest is the SHA-256 of Bytes; the zero Digest where the grant has no text.
func (g Grant) Digest() Digest {
	b, err := g.Bytes()
	if err != nil {
		return Digest{}
	}
	return sha256.Sum256(b)
}

// Parse reads a grant and accepts only its canonical text. Codes: grant.text,
// grant.name, grant.too_large, grant.digest, canon.text, canon.value, and those
// of scope.
func Parse(text []byte) (Grant, error) {
	if len(text) > MaxText {
		return Grant{}, problem.New(problem.Invalid, "grant.too_large", "a grant's text is at most %d bytes", MaxText).Fix("divide it")
	}
	header := grantHeader
	for _, later := range []string{grantHeader2, grantHeader3} {
		if bytes.HasPrefix(text, []byte(later)) {
			header = later
		}
	}
	fields, err := canon.Decode(header, text)
	if err != nil {
		return Grant{}, err
	}
	var g Grant
	var compelled, collect []string
	for _, f := range fields {
		switch f.Key {
		case "compelled":
			compelled = append(compelled, f.Value)
		case "collect":
			collect = append(collect, f.Value)
		default:
			if err := g.set(f); err != nil {
				return Grant{}, err
			}
		}
	}
	g.Compelled, err = scope.ParseLines(compelled)
	if err != nil {
		return Grant{}, err
	}
	g.Scope, err = scope.ParseLines(collect)
	if err != nil {
		return Grant{}, err
	}
	return canon.Exact(g, text)
}

func (g *Grant) set(f canon.Field) (err error) {
	switch f.Key {
	case "grant":
		g.ID = f.Value
	case "provider":
		g.Provider = f.Value
	case "demand":
		g.Demand = f.Value
	case "demand-record-sha256":
		g.Received, err = ParseDigest(f.Value)
	case "order":
		g.Order = f.Value
	case "order-sha256":
		g.OrderDigest, err = ParseDigest(f.Value)
	case "requester":
		g.Requester = f.Value
	case "target":
		account, rest, ok1 := strings.Cut(f.Value, " is ")
		kind, stated, ok2 := strings.Cut(rest, " ")
		if !ok1 || !ok2 {
			return badText("target")
		}
		g.Targets = append(g.Targets, Target{Kind: kind, Stated: stated, Account: scope.AccountID(account)})
	case "in-words", "recipient-in-words": // follow from the rest; the comparison in Parse holds them to that
	case "recipient":
		g.Recipient = f.Value
	case "language":
		g.Language = f.Value
	case "region":
		g.Region = f.Value
	case "gate":
		g.Gate = f.Value
	case "drafter":
		g.Drafter = f.Value
	case "charter-sha256":
		g.Charter, err = ParseDigest(f.Value)
	case "byte-cap":
		g.ByteCap, err = parseInt(f)
	case "despite-stop-sha256":
		var d Digest
		d, err = ParseDigest(f.Value)
		g.Stops = append(g.Stops, d)
	case "issued":
		g.Issued, err = canon.ParseTime(f.Value)
	case "expires":
		g.Expires, err = canon.ParseTime(f.Value)
	case "nonce":
		n, herr := hex.DecodeString(f.Value)
		if herr != nil || len(n) != len(g.Nonce) {
			return badText("nonce")
		}
		copy(g.Nonce[:], n)
	default:
		return g.setManner(f)
	}
	return err
}

// InWords says a scope as a person would, one sentence for each selector.
func InWords(s scope.Scope) []string {
	var out []string
	for _, sel := range s.Selectors() {
		w := fmt.Sprintf("%s %s of account %s, %s from %s to %s UTC, both included", sel.Service, sel.Category, sel.Account, sel.Basis,
			sel.From.Format("2 January 2006 15:04:05"), sel.Until.Format("2 January 2006 15:04:05"))
		if len(sel.Participants) > 0 {
			w += ", only with " + strings.Join(sel.Participants, " or ")
		}
		if len(sel.Items) > 0 {
			w += fmt.Sprintf(", only %d named items", len(sel.Items))
		}
		out = append(out, w)
	}
	return out
}

func parseInt(f canon.Field) (int64, error) {
	n, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil || n < 0 {
		return 0, badText(f.Key)
	}
	return n, nil
}

func badText(field string) error {
	return problem.New(problem.Invalid, "grant.text", "this text is not of the form that it claims").At("%s", field)
}
