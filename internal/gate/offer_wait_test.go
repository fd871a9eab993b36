package gate_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

// The order's document of a grant may be large and the disk slow; a stop that comes
// meanwhile holds before it is written.
func TestAStopDoesNotWaitForTheDocumentsOfOffers(t *testing.T) {
	s := newScene(t)
	document := make([]byte, gate.MaxDocument)
	const offers = 6
	ended := make(chan error, offers)
	for n := range byte(offers) {
		g := s.Grant(n + 1)
		g.OrderDigest = sha256.Sum256(document)
		s.journaled(g)
		go func() {
			_, err := s.gate.Offer(ctx, gate.Offer{Text: gatetest.Text(g), Document: document})
			ended <- err
		}()
	}
	holdStops(t, s, ended, offers)
}

// holdStops sends stops until so much has ended that was begun: none waits for half of it.
func holdStops(t *testing.T, s *scene, ended <-chan error, left int) {
	t.Helper()
	begun := time.Now()
	slowest := time.Duration(0)
	for left > 0 {
		select {
		case err := <-ended:
			left--
			if err != nil {
				t.Error(err)
			}
		default:
			at := time.Now()
			if err := stopBy("dan", "grant g-700")(s); err != nil {
				t.Fatal(err)
			}
			slowest = max(slowest, time.Since(at))
			s.Clock.Add(time.Second) // another stop
		}
	}
	took := time.Since(begun)
	t.Logf("the slowest stop took %s of %s", slowest, took)
	if slowest > took/2 {
		t.Errorf("a stop waited %s, of %s", slowest, took)
	}
}

// heavy is a grant of as many intervals as a scope holds, each within the ones before:
// to hold it against what the order compels takes as long as it can.
func heavy(s *scene, n byte) grant.Grant {
	var selectors []scope.Selector
	for i := range scope.MaxSelectors {
		sel := gatetest.Mail("acct-a1")
		sel.From, sel.Until = sel.From.Add(time.Duration(i)*time.Second), sel.Until.Add(-time.Duration(i)*time.Second)
		selectors = append(selectors, sel)
	}
	g := s.Grant(n)
	g.Compelled, g.Scope = scopeOf(selectors...), scopeOf(selectors...)
	return g
}

// What stands in the way of each grant is asked anew for a list; a stop that comes
// meanwhile waits for a few of them, and not for all.
func TestAStopDoesNotWaitForAListOfLargeGrants(t *testing.T) {
	s := newScene(t)
	const offers = 24
	for n := range byte(offers) {
		if err := s.offered(heavy(s, n+1)); err != nil {
			t.Fatal(err)
		}
	}
	ended := make(chan error, 1)
	go func() {
		list, err := s.gate.List(ctx)
		if err == nil && len(list) != offers {
			t.Errorf("%d of %d grants are listed", len(list), offers)
		}
		ended <- err
	}()
	holdStops(t, s, ended, 1)
}
