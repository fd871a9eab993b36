package gate_test

import (
	"crypto/sha256"
	"testing"
	"time"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
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
	begun := time.Now()
	slowest := time.Duration(0)
	for left := offers; left > 0; {
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
		}
	}
	t.Logf("the slowest stop took %s of %s", slowest, time.Since(begun))
	if took := time.Since(begun); slowest > took/2 {
		t.Errorf("a stop waited %s while offers were taken for %s", slowest, took)
	}
}
