package ledger_test

import (
	"testing"

	"counterseal/internal/ledger/ledgertest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	ledgertest.Outbox(t, func(*testing.T) ledgertest.Store { return ledgertest.NewMemory() })
}
