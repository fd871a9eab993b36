package gate

import (
	"fmt"
	"time"

	"counterseal/internal/evidence"
	"counterseal/internal/scope"
)

// reading is when the stores of a service were read, and for how many accounts.
type reading struct {
	service     scope.Service
	from, until time.Time
	accounts    int
	again       int // lines that broke and were taken up
}

// wasRead notes that an account's data of a service were read to their end.
func (a *attempt) wasRead(now reading) {
	for i := range a.readings {
		if r := &a.readings[i]; r.service == now.service {
			r.until = now.until
			r.accounts++
			r.again += now.again
			return
		}
	}
	a.readings = append(a.readings, now)
}

// copyRead notes that a preserved copy was read to its end.
func (a *attempt) copyRead(from, until time.Time) { a.copyReading = &reading{from: from, until: until} }

// collected says in the custody what the gate read.
func (a *attempt) collected() (steps []evidence.Step) {
	for _, r := range a.readings {
		accounts := "1 account"
		if r.accounts > 1 {
			accounts = fmt.Sprintf("%d accounts", r.accounts)
		}
		switch {
		case r.again == 1:
			accounts += "; the line to a store broke and was taken up"
		case r.again > 1:
			accounts += fmt.Sprintf("; lines to a store broke and were taken up %d times", r.again)
		}
		steps = append(steps, evidence.Step{At: r.from, Until: r.until, By: "gate " + a.g.cfg.ID, Act: "read the stores of " + string(r.service) + ", read-only, and judged each item",
			Detail: accounts, Of: evidence.OfPayload})
	}
	if r := a.copyReading; r != nil {
		steps = append(steps, evidence.Step{At: r.from, Until: r.until, By: "gate " + a.g.cfg.ID, Act: "read the preserved copy to its end, held it to its digest, and judged each item",
			Detail: "copy " + a.grant.Copy.Statement.String(), Of: evidence.OfPayload})
	}
	return steps
}
