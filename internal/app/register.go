package app

import (
	"context"

	"counterseal/internal/ledger"
)

// BatchRegister writes a batch of the register as its period does, for a demo
// whose days pass in a moment. Code: ledger.busy where another process writes.
func (o *Office) BatchRegister(ctx context.Context) error {
	if !o.Writes {
		return ledger.Fenced()
	}
	return o.writers.register.Batch(ctx)
}
