package notice

import (
	"bytes"
	"encoding/json"
	"reflect"
	"time"

	"counterseal/internal/problem"
)

// MaxEncoded bounds the bytes that Decode reads.
const MaxEncoded = 1 << 20

// envelope is a letter's facts as they are kept: JSON, the zone by name.
type envelope struct {
	Kind  Kind            `json:"kind"`
	Zone  string          `json:"zone"`
	Facts json.RawMessage `json:"facts"`
}

// Encode makes bytes of a letter's facts, for Decode. Codes: notice.field.
func Encode(l Letter) ([]byte, error) {
	l, err := checked(l)
	if err != nil {
		return nil, err
	}
	facts, err := json.Marshal(l)
	if err != nil {
		return nil, unwritable(err)
	}
	b, err := json.Marshal(envelope{Kind: l.Kind(), Zone: l.head().Zone.String(), Facts: facts})
	if err != nil {
		return nil, unwritable(err)
	}
	return b, nil
}

// Decode reads what Encode made, and checks it as Write does. Codes:
// notice.encoding (not such bytes, unknown kind or field), notice.field.
func Decode(b []byte) (Letter, error) {
	if len(b) > MaxEncoded {
		return nil, unreadable(nil)
	}
	var e envelope
	err := exactly(b, &e)
	if err != nil {
		return nil, unreadable(err)
	}
	l := empty(e.Kind)
	if l == nil {
		return nil, unreadable(nil)
	}
	err = exactly(e.Facts, l)
	if err != nil {
		return nil, unreadable(err)
	}
	zone, err := time.LoadLocation(e.Zone)
	if err != nil {
		return nil, unreadable(err)
	}
	l.head().Zone = zone
	return checked(l)
}

func exactly(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err != nil {
		return err
	}
	if d.More() {
		return problem.New(problem.Invalid, "notice.encoding", "something follows the letter")
	}
	return nil
}

// empty is a new letter of the kind, or nil.
func empty(k Kind) Letter {
	for _, l := range Kinds() {
		if l.Kind() == k {
			return reflect.New(reflect.TypeOf(l).Elem()).Interface().(Letter)
		}
	}
	return nil
}

func unreadable(err error) error {
	return problem.New(problem.Invalid, "notice.encoding", "these bytes are not the facts of a letter").Because(err)
}
