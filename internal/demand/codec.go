package demand

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"time"
	"unicode/utf8"

	"counterseal/internal/problem"
)

// MaxRecord bounds one event's bytes.
const MaxRecord = 1 << 20

type kind struct {
	name    string
	version int
	leaf    bool
	stream  Stream
	first   bool // it begins a history
	typ     reflect.Type
	decode  func([]byte) (Event, error)
}

func of[E Event](name string, version int, leaf bool) kind {
	return kind{name: name, version: version, leaf: leaf, stream: DemandStream, typ: reflect.TypeFor[E](), decode: func(b []byte) (Event, error) {
		var e E
		err := strict(b, &e)
		return e, err
	}}
}

// in says which kind of stream the event belongs to.
func (k kind) in(s Stream) kind { k.stream = s; return k }

// begins says that the event begins a history.
func (k kind) begins() kind { k.first = true; return k }

// old is an earlier shape of a kind: it is read and lifted to the present one,
// and never written.
func old[O any, E Event](name string, version int, lift func(O) E) kind {
	return kind{name: name, version: version, typ: reflect.TypeFor[O](), decode: func(b []byte) (Event, error) {
		var o O
		err := strict(b, &o)
		return lift(o), err
	}}
}

// record is the stored shape of an event. Kind and actor are inside what is
// sealed and hashed.
type record struct {
	Kind    string          `json:"kind"`
	Version int             `json:"v"`
	Demand  ID              `json:"demand"`
	Seq     Seq             `json:"seq"`
	At      time.Time       `json:"at"`
	By      Person          `json:"by"`
	Reason  string          `json:"reason"`
	Salt    Salt            `json:"salt"`
	Data    json.RawMessage `json:"data"`
}

// Encode writes the record of an event. Call it once: the bytes are stored and
// hashed as they are.
func Encode(id ID, m Meta, e Event) ([]byte, error) {
	k, ok := kindOf(e)
	if !ok {
		return nil, problem.New(problem.Internal, "event.kind", "this event has no kind")
	}
	if err := wellFormed(e); err != nil {
		return nil, err
	}
	if !utf8.ValidString(string(id)+string(m.By)+m.Reason) || !writable(m.At.UTC()) {
		return nil, problem.New(problem.Internal, "event.encode", "an event could not be written")
	}
	data, err := json.Marshal(e)
	if err != nil {
		return nil, problem.New(problem.Internal, "event.encode", "an event could not be written").Because(err)
	}
	out, err := json.Marshal(record{Kind: k.name, Version: k.version, Demand: id, Seq: m.Seq, At: m.At.UTC(), By: m.By, Reason: m.Reason, Salt: m.Salt, Data: data})
	if err != nil {
		return nil, problem.New(problem.Internal, "event.encode", "an event could not be written").Because(err)
	}
	if len(out) > MaxRecord {
		return nil, problem.New(problem.Invalid, "event.too_large", "this is too much for one event").Fix("divide the demand")
	}
	return out, nil
}

// Decode reads a record. It refuses unknown kinds, versions and keys, keys that
// come twice or in another case, and anything after the record. Codes:
// event.form, event.kind.
func Decode(b []byte) (ID, Recorded, error) {
	if len(b) > MaxRecord {
		return "", Recorded{}, malformed(nil)
	}
	var r record
	if err := strict(b, &r); err != nil {
		return "", Recorded{}, malformed(err)
	}
	if r.Seq == 0 || !writable(r.At) {
		return "", Recorded{}, malformed(nil)
	}
	for _, k := range kinds {
		if k.name != r.Kind || k.version != r.Version {
			continue
		}
		e, err := k.decode(r.Data)
		if err != nil {
			return "", Recorded{}, malformed(err)
		}
		if err := wellFormed(e); err != nil {
			return "", Recorded{}, malformed(err)
		}
		return r.Demand, Recorded{Meta: Meta{Seq: r.Seq, At: r.At, By: r.By, Reason: r.Reason, Salt: r.Salt}, Event: e}, nil
	}
	return "", Recorded{}, problem.New(problem.Internal, "event.kind", "the history holds a kind of event that this version does not know").
		At("%.60q", r.Kind).Fix("run the version that wrote it, or a newer one")
}

// Leaf is the digest that the journal commits to for this event: its subject's
// own digest where outsiders hold the subject (a grant, a release statement),
// and that of the stored record otherwise. False for kinds that are not journaled.
func Leaf(e Event, stored []byte) (Digest, bool) {
	k, _ := kindOf(e)
	if !k.leaf {
		return Digest{}, false
	}
	if s, ok := e.(interface{ Subject() Digest }); ok {
		return s.Subject(), true
	}
	return sha256.Sum256(stored), true
}

// KindOf is the stable name of an event's kind.
func KindOf(e Event) string {
	k, _ := kindOf(e)
	return k.name
}

func kindOf(e Event) (kind, bool) {
	t := reflect.TypeOf(e)
	for _, k := range kinds {
		if k.typ == t && k.stream != "" { // old shapes are read only
			return k, true
		}
	}
	return kind{}, false
}

// strict decodes JSON and then compares what it read with what was there:
// encoding it again must give the same bytes. That refuses at one stroke unknown,
// missing, doubled and case-variant keys, and numbers that lost digits.
func strict(b []byte, into any) error {
	if err := json.Unmarshal(b, into); err != nil { // which takes nothing after the value
		return err
	}
	again, err := json.Marshal(into)
	if err != nil {
		return err
	}
	if !bytes.Equal(again, b) {
		return malformed(nil)
	}
	return nil
}

// wellFormed refuses what a record could not give back as it was: text that is
// not UTF-8, which JSON would silently replace, and times outside UTC or the
// years that RFC 3339 can write. Codes: demand.text, demand.time.
func wellFormed(e Event) error { return walk(reflect.ValueOf(e)) }

func walk(v reflect.Value) error {
	switch v.Kind() {
	case reflect.String:
		if !utf8.ValidString(v.String()) {
			return problem.New(problem.Invalid, "demand.text", "a text is not valid UTF-8").Fix("state it in UTF-8")
		}
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return nil
		}
		for i := range v.Len() {
			if err := walk(v.Index(i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		if t, ok := v.Interface().(time.Time); ok {
			if !writable(t) {
				return problem.New(problem.Invalid, "demand.time", "a time lies outside the years 1 to %d", maxYear)
			}
			return nil
		}
		for i := range v.NumField() {
			if err := walk(v.Field(i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// Copy is an event that shares nothing with this one that anybody could change:
// states take events in as they are, and change what they took in. Parts with fields
// of their own rooms, such as scopes and times, are values that nobody changes.
func (r Recorded) Copy() Recorded {
	r.Event = copied(reflect.ValueOf(r.Event)).Interface().(Event)
	return r
}

func copied(v reflect.Value) reflect.Value {
	switch {
	case v.Kind() == reflect.Slice && !v.IsNil():
		out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(out, v)
		if holds(v.Type().Elem()) {
			for i := range v.Len() {
				out.Index(i).Set(copied(v.Index(i)))
			}
		}
		return out
	case v.Kind() == reflect.Struct && holds(v.Type()):
		out := reflect.New(v.Type()).Elem()
		out.Set(v)
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() && holds(f.Type) {
				out.Field(i).Set(copied(v.Field(i)))
			}
		}
		return out
	}
	return v
}

// holds says whether values of the type may share a slice.
func holds(t reflect.Type) bool { return t.Kind() == reflect.Slice || t.Kind() == reflect.Struct }

const maxYear = 9999 // RFC 3339

func writable(t time.Time) bool {
	return t.Location() == time.UTC && t.Year() >= 1 && t.Year() <= maxYear
}

func malformed(cause error) *problem.Error {
	return problem.New(problem.Internal, "event.form", "an event of the history cannot be read").Because(cause)
}

// MarshalText writes a digest as lower-case hex.
func (d Digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d[:])), nil }

// MarshalText writes a salt as lower-case hex.
func (s Salt) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(s[:])), nil }

// UnmarshalText reads what MarshalText writes.
func (s *Salt) UnmarshalText(b []byte) error { return unhex(s[:], b) }

// UnmarshalText reads what MarshalText writes.
func (d *Digest) UnmarshalText(b []byte) error { return unhex(d[:], b) }

func unhex(into, b []byte) error {
	if len(b) != 2*len(into) {
		return malformed(nil)
	}
	if _, err := hex.Decode(into, b); err != nil {
		return malformed(err)
	}
	return nil
}

func (d Digest) String() string { return hex.EncodeToString(d[:]) }
