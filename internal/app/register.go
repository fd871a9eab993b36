package app

import (
	"context"

	"counterseal/internal/ledger"
)

// BatchRegister writes a batch of the register as its period does, for a demo
// whose days pass in a moment. Code: ledger.busy where another process writes.
func (o *Office) BatchRegister(ctx context.Context) error {
	logs := o.logs.Load()
	if logs == nil {
		return ledger.Fenced()
	}
	return logs.register.Batch(ctx)
}
