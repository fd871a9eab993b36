package gate_test

import (
	"strings"
	"testing"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/problem"
)

// Attempts on what approvers read: something stands in the text that is not true, that
// nobody has told them, or that hides what matters.
var textAttacks = []attack{
	{name: "an identifier of somebody of whom nothing is collected", code: "grant.target_idle", without: "grant: targets", run: variant(func(_ *scene, g *grant.Grant) {
		g.Targets = append(g.Targets, grant.Target{Kind: "address", Stated: "the.suspect@elsewhere.example", Account: "acct-b2"})
	})},
	{name: "the scope is pushed out of sight by identifiers", code: "grant.target_idle", without: "grant: targets", run: variant(func(_ *scene, g *grant.Grant) {
		for range 5000 {
			g.Targets = append(g.Targets, g.Targets[0])
		}
	})},
	{name: "a stop whose words were guessed is named before it comes", code: "gate.stop_unheard", without: "stops-heard", run: func(s *scene) error {
		g := s.Grant(1)
		stop := s.Stop("dan", "demand k7wq-93")
		g.Stops = []grant.Digest{stop.Digest()}
		if err := s.ready(g); err != nil {
			return err
		}
		if _, err := s.gate.Stop(ctx, stop); err != nil {
			return err
		}
		_, err := s.gate.Release(ctx, g.Digest().String())
		return err
	}},
	{name: "the scope is pushed out of sight by one stop, over and over", code: "gate.stop_unheard", without: "stops-heard", run: func(s *scene) error {
		g := s.Grant(1)
		stop := s.Stop("dan", "demand k7wq-93")
		if _, err := s.gate.Stop(ctx, stop); err != nil {
			return err
		}
		for range 5000 {
			g.Stops = append(g.Stops, stop.Digest())
		}
		_, err := s.released(g)
		return err
	}},
	{name: "an order of very many words, of which only a copy is made", code: "gate.unpackable", without: "packable", run: keepingSeen(func(_ *scene, g *grant.Grant) {
		g.Order = strings.Repeat("and so on ", 60) + "."
	})},
}

func init() { attacks = append(attacks, textAttacks...) }

// Beside a stop that has come, one that has not is named in vain.
func TestAGrantNamesStopsThatHaveReachedItsGateAlone(t *testing.T) {
	s := newScene(t)
	stop, other := s.Stop("dan", "demand k7wq-93"), s.Stop("anna", "demand k7wq-93")
	if _, err := s.gate.Stop(ctx, stop); err != nil {
		t.Fatal(err)
	}
	g := s.Grant(1)
	g.Stops = []grant.Digest{stop.Digest(), other.Digest()}
	if _, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: s.Order}); problem.Code(err) != "gate.stop_unheard" {
		t.Fatal(err)
	}
}
