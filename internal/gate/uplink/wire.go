package uplink

import (
	"encoding/hex"
	"encoding/json"

	"counterseal/internal/problem"
)

// Bounds in bytes.
const (
	maxRequest = 64 << 10
	maxAnswer  = 1 << 20
)

// sum is a digest as 64 lower-case hexadecimal digits.
type sum [32]byte

func (s sum) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(s[:])) }

func (s *sum) UnmarshalJSON(b []byte) error {
	var text string
	if err := json.Unmarshal(b, &text); err != nil {
		return err
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(s) {
		return problem.New(problem.Invalid, "uplink.request", "a digest is 64 hexadecimal digits")
	}
	copy(s[:], raw)
	return nil
}

type commitCall struct {
	Digest sum  `json:"digest"`
	Urgent bool `json:"urgent"`
}

type proofCall struct {
	Digest sum `json:"digest"`
}

type consistencyCall struct {
	From uint64 `json:"from"`
	To   uint64 `json:"to"`
}

type counterCall struct {
	Gate string `json:"gate"`
}

type commitCounterCall struct {
	Gate   string `json:"gate"`
	N      uint64 `json:"n"`
	Digest sum    `json:"digest"`
}

type permitCall struct {
	Demand  string `json:"demand"`
	Grant   string `json:"grant"`
	Release sum    `json:"release"`
	Items   int64  `json:"items"`
}

type permitKeepCall struct {
	Demand string `json:"demand"`
	Grant  string `json:"grant"`
}

type textAnswer struct {
	Text []byte `json:"text"`
}

type hashesAnswer struct {
	Hashes []sum `json:"hashes"`
}

type counterAnswer struct {
	N      uint64 `json:"n"`
	Digest sum    `json:"digest"`
}

type none struct{}
