package gate_test

import (
	"crypto/rand"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"counterseal/internal/grant"
	"counterseal/internal/problem"
	"counterseal/internal/scope"
	"counterseal/internal/signature"
)

// Whoever reaches the desk can send large statements with signatures that count for
// nothing; a stop that comes meanwhile holds before they are read.
func TestAStopDoesNotWaitForStatements(t *testing.T) {
	s := newScene(t)
	st := grant.Statement{}
	for i := range 100_000 {
		st.Accounts = append(st.Accounts, grant.Account{ID: scope.AccountID(fmt.Sprintf("acc-%08d", i)), Region: "north", Services: []scope.Service{scope.Mail}})
	}
	text, _ := s.Next(st, s.gate.Charter(), "anna")
	key, _, err := signature.NewKey(rand.Reader, "a stranger")
	if err != nil {
		t.Fatal(err)
	}
	sig, err := signature.Sign(key, signature.Charter, text)
	if err != nil {
		t.Fatal(err)
	}
	var signatures [][]byte
	for range 100 {
		signatures = append(signatures, sig)
	}
	const senders = 5
	var under atomic.Int64
	ended := make(chan error, senders)
	for range senders {
		under.Add(1)
		go func() {
			_, err := s.gate.ExtendCharter(ctx, text, signatures)
			under.Add(-1)
			ended <- err
		}()
	}
	time.Sleep(300 * time.Millisecond) // so that they are being read
	if err := stopBy("dan", "grant g-1")(s); err != nil {
		t.Fatal(err)
	}
	if under.Load() < 2 {
		t.Error("the stop waited for the statements")
	}
	for range senders {
		if err := <-ended; problem.Code(err) != "charter.quorum" {
			t.Error(err)
		}
	}
}
