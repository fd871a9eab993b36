package grant

import (
	"time"

	"counterseal/internal/canon"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

const clockHeader = "counterseal-clock-v1"

// ClockWord is the quorum's word that the office's clock is right, after it
// jumped or stood still for long (invariants 15 and 21).
type ClockWord struct {
	Provider string
	At       time.Time // what the clock says
	Reason   string
}

// Bytes is the canonical text that the quorum signs.
func (w ClockWord) Bytes() ([]byte, error) {
	return canon.Encode(clockHeader, []canon.Field{{Key: "provider", Value: w.Provider}, {Key: "clock-says", Value: canon.Time(w.At)}, {Key: "reason", Value: w.Reason}})
}

// ParseClockWord reads it. Codes: grant.text, canon.text.
func ParseClockWord(text []byte) (ClockWord, error) {
	f, err := canon.Decode(clockHeader, text)
	if err != nil {
		return ClockWord{}, err
	}
	if len(f) != 3 {
		return ClockWord{}, badText("clock")
	}
	w := ClockWord{Provider: f[0].Value, Reason: f[2].Value}
	w.At, err = canon.ParseTime(f[1].Value)
	if err != nil {
		return ClockWord{}, err
	}
	return canon.Exact(w, text)
}

// CheckClock verifies that a quorum of distinct persons has just said that the
// clock is right. Codes: clock.provider, clock.stale, clock.quorum, and those of
// signature.
func CheckClock(c *Charter, text []byte, signatures [][]byte, now time.Time) (ClockWord, error) {
	w, err := ParseClockWord(text)
	if err != nil {
		return ClockWord{}, err
	}
	if w.Provider != c.Provider {
		return ClockWord{}, problem.New(problem.Refused, "clock.provider", "this was said of another provider's clock")
	}
	if age := now.Sub(w.At).Abs(); age > MaxFresh {
		return ClockWord{}, problem.New(problem.Refused, "clock.stale", "this was said at another time than the clock shows").Fix("sign a new text within the hour")
	}
	seen := map[string]bool{}
	for _, s := range signatures[:min(len(signatures), 100)] {
		key, err := signature.Verify(s, signature.Clock, text)
		if err != nil {
			return ClockWord{}, err
		}
		if p, ok := c.PersonOf(key); ok {
			seen[p.ID] = true
		}
	}
	if len(seen) < c.Policy.Quorum {
		return ClockWord{}, problem.New(problem.Refused, "clock.quorum", "the clock needs the word of %d persons and has that of %d", c.Policy.Quorum, len(seen))
	}
	return w, nil
}
