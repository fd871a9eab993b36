package gate_test

import (
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// witnessesSay sets the clocks of the witnesses apart from that of gate and office.
func witnessesSay(by ...time.Duration) func(*scene, grant.Grant) error {
	return func(s *scene, _ grant.Grant) error {
		s.Journal.Lock()
		defer s.Journal.Unlock()
		for i, d := range by {
			s.Journal.Cosigned[i] = func(t time.Time) time.Time { return t.Add(d) }
		}
		return nil
	}
}

func TestTheMedianOfTheWitnessesHoldsAgainstOneThatLies(t *testing.T) {
	for _, c := range []struct {
		name     string
		by       []time.Duration
		cosigned int
		own      string
		code     string
	}{
		{"all agree", []time.Duration{0, 0, 0}, 3, "", ""},
		{"one of three is an hour ahead", []time.Duration{time.Hour, 0, 0}, 3, "", ""},
		{"one of three is years behind", []time.Duration{0, -50000 * time.Hour, 0}, 3, "", ""},
		{"two of three lie", []time.Duration{time.Hour, time.Hour, 0}, 3, "", "gate.clock_witnesses"},
		{"two of three lie apart: the median is the third", []time.Duration{time.Hour, -time.Hour, 0}, 3, "", ""},
		{"two have signed and one lies", []time.Duration{time.Hour, 0}, 2, "", "gate.clock_witnesses"},
		{"two have signed and one is behind", []time.Duration{-time.Hour, 0}, 2, "", "gate.clock_witnesses"},
		{"within the skew", []time.Duration{59 * time.Second, 59 * time.Second, 59 * time.Second}, 3, "", ""},
		{"the gate's own witness has the gate's own clock", []time.Duration{0, time.Hour, time.Hour}, 3, "witness-1.example", "gate.clock_witnesses"},
		{"and does not outvote another", []time.Duration{0, time.Hour}, 2, "witness-1.example", "gate.clock_witnesses"},
		{"nor is it asked alone", []time.Duration{time.Hour, 0, 0}, 3, "witness-1.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newScene(t)
			s.cfg = func(g *gate.Config) { g.OwnWitness = c.own }
			s.reopen()
			s.Journal.Cosigners = c.cosigned
			g := s.Grant(1)
			s.mustReady(g)
			if err := witnessesSay(c.by...)(s, g); err != nil {
				t.Fatal(err)
			}
			_, err := s.gate.Release(ctx, g.Digest().String())
			if problem.Code(err) != c.code {
				t.Fatalf("got %v, want %q", err, c.code)
			}
			if err == nil {
				return
			}
			// That grant is spent and nothing was read; with the clocks right another goes on.
			if s.store.Asked() != 0 {
				t.Fatal("the store was read")
			}
			if err := witnessesSay(0, 0, 0)(s, g); err != nil {
				t.Fatal(err)
			}
			if _, err := s.released(s.Grant(2)); err != nil {
				t.Fatalf("afterwards: %v", err)
			}
		})
	}
}
