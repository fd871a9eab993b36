package grant_test

import (
	"testing"
	"time"

	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/signature"
)

func TestTheClockNeedsTheWordOfAQuorumThatWasJustGiven(t *testing.T) {
	w := gatetest.NewWorld()
	c := w.Charter()
	now := w.Clock.Now()
	word := func(change func(*grant.ClockWord)) []byte {
		cw := grant.ClockWord{Provider: c.Provider, At: now.UTC().Truncate(time.Second), Reason: "the server was moved"}
		change(&cw)
		text, err := cw.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	same := func(*grant.ClockWord) {}
	by := func(ns signature.Namespace, text []byte, persons ...string) (out [][]byte) {
		for _, p := range persons {
			out = append(out, w.Sign(p, ns, text))
		}
		return out
	}
	cases := map[string]struct {
		text []byte
		sigs [][]byte
		code string
	}{
		"a quorum":               {word(same), by(signature.Clock, word(same), "anna", "bo", "carla"), ""},
		"one person":             {word(same), by(signature.Clock, word(same), "anna"), "clock.quorum"},
		"one person twice":       {word(same), by(signature.Clock, word(same), "anna", "anna", "anna"), "clock.quorum"},
		"nobody":                 {word(same), nil, "clock.quorum"},
		"one and an outsider":    {word(same), by(signature.Clock, word(same), "anna", "bo", "outsider"), "clock.quorum"},
		"under another kind":     {word(same), by(signature.Stop, word(same), "anna", "bo", "carla"), "signature.namespace"},
		"of another text":        {word(same), by(signature.Clock, word(func(c *grant.ClockWord) { c.Reason = "x" }), "anna", "bo", "carla"), "signature.wrong"},
		"of another provider":    {word(func(c *grant.ClockWord) { c.Provider = "Other" }), nil, "clock.provider"},
		"said two hours ago":     {word(func(c *grant.ClockWord) { c.At = c.At.Add(-2 * time.Hour) }), nil, "clock.stale"},
		"said in two hours":      {word(func(c *grant.ClockWord) { c.At = c.At.Add(2 * time.Hour) }), nil, "clock.stale"},
		"not in canonical form":  {append(word(same), '\n'), nil, "canon.text"},
		"with a line in excess":  {append(word(same), []byte("more: x\n")...), nil, "grant.text"},
		"that is something else": {[]byte("x"), nil, "canon.text"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := grant.CheckClock(c, tc.text, tc.sigs, now)
			if problem.Code(err) != tc.code {
				t.Fatalf("got %v, want %q", err, tc.code)
			}
		})
	}
}
