package gate_test

import (
	"strings"
	"testing"
	"time"

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

// A stop that has come is named, and whoever is to approve goes on despite it.
func TestAGrantGoesOnDespiteAStopThatHasReachedItsGateAndIsNamedOnce(t *testing.T) {
	s := newScene(t)
	stop := s.Stop("dan", "demand k7wq-93")
	if _, err := s.gate.Stop(ctx, stop); err != nil {
		t.Fatal(err)
	}
	g := s.Grant(1)
	g.Stops = []grant.Digest{stop.Digest()}
	if _, err := s.released(g); err != nil {
		t.Fatal(err)
	}
	other := s.Stop("anna", "demand k7wq-93")
	h := s.Grant(2)
	h.Stops = []grant.Digest{stop.Digest(), other.Digest()}
	if _, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(h), Document: s.Order}); problem.Code(err) != "gate.stop_unheard" {
		t.Fatal(err)
	}
}

// What falls away while the stores are read ends the release before the docket is asked
// and before the journal hears of a package.
func TestWhatFallsAwayDuringACollectionEndsItBeforeTheDocketIsAsked(t *testing.T) {
	for name, c := range map[string]struct {
		code   string
		happen func(s *scene) error
	}{
		"the word that the order stands grows old": {"inforce.stale", func(s *scene) error { s.Clock.Add(11 * time.Minute); return nil }},
		"an approver is removed": {"grant.charter", func(s *scene) error {
			_, err := s.statement(grant.Statement{Removed: []string{"anna"}}, "carla")
			return err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newScene(t)
			committed := int64(0)
			s.store.Before = func(i int) error {
				if i != 3 {
					return nil
				}
				err := c.happen(s)
				committed = s.Journal.Size()
				return err
			}
			if _, err := s.released(s.Grant(1)); problem.Code(err) != c.code {
				t.Fatal(err)
			}
			if s.docket.asked != 0 || s.Journal.Size() != committed {
				t.Errorf("the docket was asked %d times, the journal heard of %d more", s.docket.asked, s.Journal.Size()-committed)
			}
		})
	}
}

// Who saw an older word on its way cannot put it in the place of a later one.
func TestAnOlderWordThatTheOrderStandsDoesNotTakeThePlaceOfALaterOne(t *testing.T) {
	s := newScene(t)
	g := s.Grant(1)
	if err := s.offered(g); err != nil {
		t.Fatal(err)
	}
	older := s.InForce("carla", g)
	s.Clock.Add(8 * time.Minute)
	if _, err := s.gate.InForce(ctx, s.InForce("dan", g)); err != nil {
		t.Fatal(err)
	}
	st, err := s.gate.InForce(ctx, older)
	if err != nil || st.InForceBy != "dan" || !st.InForce.Equal(s.Clock.Now()) {
		t.Fatal(st.InForceBy, st.InForce, err)
	}
}
