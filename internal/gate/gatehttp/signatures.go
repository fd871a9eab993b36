package gatehttp

import (
	"bytes"
	"encoding/json"
	"errors"
)

// maxSignatures is how many a statement of the charter has at most (grant.Charter.Extend).
const maxSignatures = 100

// signatures are those of a charter statement. They are counted as they are read: three
// bytes of a body make an empty one, which takes eight times as much, and a body may be
// as long as a map of all accounts.
type signatures [][]byte

// UnmarshalJSON implements json.Unmarshaler.
func (s *signatures) UnmarshalJSON(text []byte) error {
	*s = nil
	if string(text) == "null" {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	t, err := d.Token()
	if err != nil || t != json.Delim('[') {
		return errors.New("signatures are a list")
	}
	for d.More() {
		if len(*s) == maxSignatures {
			return errors.New("more signatures than a statement has")
		}
		var one []byte
		if err := d.Decode(&one); err != nil {
			return err
		}
		*s = append(*s, one)
	}
	return nil
}
