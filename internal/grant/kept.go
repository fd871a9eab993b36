package grant

import (
	"strconv"
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/scope"
)

const (
	keptHeader    = "counterseal-copy-v1"
	keptEndHeader = "counterseal-copy-end-v1"
)

// Kept is what a gate says, signed, of a copy that it has made. It holds no content.
type Kept struct {
	Provider string
	Demand   string // for which it is kept
	Grant    Digest // by which it was made
	Region   string
	Gate     string
	Covers   scope.Scope
	Key      string // age public key to which it is encrypted; of this copy alone
	Cipher   Digest // of the encrypted file
	Size     int64  // of the encrypted file
	Items    int64
	Payload  int64 // bytes of the items
	Withheld int64 // what was found and could not be kept, listed in the copy
	At       time.Time
	Until    time.Time // its first end; a later grant may move it
}

// Bytes is the canonical text that the gate signs. Codes: grant.text, canon.value.
func (k Kept) Bytes() ([]byte, error) {
	if !Name(k.Demand) || !Name(k.Region) || !Name(k.Gate) || !word(k.Key) || k.Covers.Empty() || k.Size < 0 || k.Items < 0 || k.Payload < 0 || k.Withheld < 0 || !k.Until.After(k.At) {
		return nil, badText("copy")
	}
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	f := []canon.Field{{Key: "provider", Value: k.Provider}, {Key: "demand", Value: k.Demand}, {Key: "grant-sha256", Value: k.Grant.String()},
		{Key: "region", Value: k.Region}, {Key: "gate", Value: k.Gate}}
	for _, l := range k.Covers.Lines() {
		f = append(f, canon.Field{Key: "covers", Value: l})
	}
	f = append(f, []canon.Field{{Key: "key", Value: k.Key}, {Key: "file-sha256", Value: k.Cipher.String()}, {Key: "size", Value: n(k.Size)}, {Key: "items", Value: n(k.Items)},
		{Key: "bytes", Value: n(k.Payload)}, {Key: "withheld", Value: n(k.Withheld)}, {Key: "made", Value: canon.Time(k.At)}, {Key: "until", Value: canon.Time(k.Until)}}...)
	return canon.Encode(keptHeader, f)
}

// ParseKept reads what Bytes writes and nothing else. Codes: grant.text, grant.digest,
// canon.text, and those of scope.
func ParseKept(text []byte) (Kept, error) {
	fields, err := canon.Decode(keptHeader, text)
	if err != nil {
		return Kept{}, err
	}
	var k Kept
	var covers []string
	for _, f := range fields {
		if f.Key == "covers" {
			covers = append(covers, f.Value)
			continue
		}
		if err := k.set(f); err != nil {
			return Kept{}, err
		}
	}
	k.Covers, err = scope.ParseLines(covers)
	if err != nil {
		return Kept{}, err
	}
	return canon.Exact(k, text)
}

func (k *Kept) set(f canon.Field) (err error) {
	switch f.Key {
	case "provider":
		k.Provider = f.Value
	case "demand":
		k.Demand = f.Value
	case "grant-sha256":
		k.Grant, err = ParseDigest(f.Value)
	case "region":
		k.Region = f.Value
	case "gate":
		k.Gate = f.Value
	case "key":
		k.Key = f.Value
	case "file-sha256":
		k.Cipher, err = ParseDigest(f.Value)
	case "size":
		k.Size, err = parseInt(f)
	case "items":
		k.Items, err = parseInt(f)
	case "bytes":
		k.Payload, err = parseInt(f)
	case "withheld":
		k.Withheld, err = parseInt(f)
	case "made":
		k.At, err = canon.ParseTime(f.Value)
	case "until":
		k.Until, err = canon.ParseTime(f.Value)
	default:
		return badText(f.Key)
	}
	return err
}

// KeptEnd is the text by which a gate says that a copy's key is destroyed. It has no
// time, so that a gate can ask the journal whether it has ever said so: what the journal
// holds is the digest of the gate's signature over it, which nobody else can make.
func KeptEnd(gate string, statement Digest) ([]byte, error) {
	if !Name(gate) {
		return nil, badText("gate")
	}
	return canon.Encode(keptEndHeader, []canon.Field{{Key: "gate", Value: gate}, {Key: "destroyed-copy-sha256", Value: statement.String()}})
}
