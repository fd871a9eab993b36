package docket

import (
	"encoding/binary"
	"encoding/json"
	"io"
	"reflect"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

// What a mark stands for.
const (
	markKey      = 'k' // a delivery, by its channel's key
	markOriginal = 'o' // an original of an agency
	markBytes    = 'y' // an original, whoever makes the demand
	markAct      = 'a' // an act, by its command id
	markEcho     = 'e' // what an act on another stream made of this one
	markBegin    = 'b' // the opening of a stream, by its command id
)

// work is what a mark seals: the events that came of the command, and, for an
// opening, the compartment that the stream was opened in.
type work struct {
	kind        byte
	first, last uint64
	born        string
}

func markPlace(m Mark) []byte {
	return place("mark", m.Token[:], m.Request[:], []byte(m.Demand))
}

func (v *vault) sealMark(random io.Reader, m Mark, w work) (Mark, error) {
	plain := binary.BigEndian.AppendUint64([]byte{w.kind}, w.first)
	plain = binary.BigEndian.AppendUint64(plain, w.last)
	sealed, err := v.seal(random, markPlace(m), append(plain, w.born...))
	m.Sealed = sealed
	return m, err
}

func (v *vault) openMark(m Mark) (work, error) {
	plain, err := v.open(markPlace(m), m.Sealed)
	if err != nil {
		return work{}, err
	}
	if len(plain) < 17 || (len(plain) > 17) != (plain[0] == markBegin) {
		return work{}, tampered(nil)
	}
	return work{kind: plain[0], first: binary.BigEndian.Uint64(plain[1:]), last: binary.BigEndian.Uint64(plain[9:]), born: string(plain[17:])}, nil
}

// describe writes a command so that two commands that ask for different things
// give different bytes. Commands are plain structs; a scope is written as its
// canonical lines, since it shows nothing of itself to a JSON encoder.
func describe(c demand.Command) ([]byte, error) {
	v := reflect.ValueOf(c)
	if v.Kind() != reflect.Struct {
		return nil, problem.New(problem.Invalid, "docket.command", "this is not a command")
	}
	out := []any{v.Type().String()}
	for i := range v.NumField() {
		if !v.Type().Field(i).IsExported() {
			return nil, broken(nil)
		}
		f := v.Field(i).Interface()
		if s, ok := f.(scope.Scope); ok {
			f = s.Lines()
		}
		out = append(out, v.Type().Field(i).Name, f)
	}
	b, err := json.Marshal(out)
	if err != nil {
		return nil, broken(err)
	}
	return b, nil
}
