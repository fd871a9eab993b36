package letter

import (
	"math"
	"time"

	"counterseal/internal/gate/source"
	"counterseal/internal/scope"
)

// Reasons for a gap.
const (
	GapHead      = "source.header_too_long"    // over MaxHead
	GapAddresses = "source.too_many_addresses" // over MaxAddresses
	GapDelivery  = "source.no_recipient"       // shared: no delivery header
	GapRecipient = "source.recipient_form"     // shared: it does not hold exactly one address
	GapAccount   = "source.not_resolved"       // shared: its address names no single account then
)

// People reads the addresses of one header block after another and remembers
// those of late.
type People struct {
	named  addresses // of a message's people; given away with each item
	handed addresses // of its delivery header
}

// Of collects a message's addresses; false means too many.
func (p *People) Of(h *Head) ([]string, bool) {
	p.named.found, p.named.seen = make([]string, 0, 8), 0
	for _, value := range h.recipients {
		p.named.add(value)
		if p.named.seen > MaxAddresses {
			return nil, false
		}
	}
	return p.named.found, true
}

// Holder says whose a message is by its delivery header, or the reason for a gap.
// The address is resolved at both ends of the time of receipt, which must agree.
func (p *People) Holder(h *Head, t Times, resolve func(address string, at time.Time) (scope.AccountID, bool)) (id scope.AccountID, why string) {
	if !h.wasHanded {
		return "", GapDelivery
	}
	p.handed.found, p.handed.seen = p.handed.found[:0], 0
	p.handed.add(h.delivered)
	if p.handed.seen != 1 || len(p.handed.found) != 1 {
		return "", GapRecipient
	}
	at, until := time.Time{}, time.Time{}
	if !t.NoReceived {
		at, until = t.Received.Ends()
	}
	id, ok := resolve(p.handed.found[0], at)
	if ok && !until.Equal(at) {
		var last scope.AccountID
		last, ok = resolve(p.handed.found[0], until)
		ok = ok && last == id
	}
	if !ok {
		return "", GapAccount
	}
	return id, ""
}

// Span gives a query's two ends in Unix seconds.
func Span(q source.Query) (from, until int64) {
	from, until = math.MinInt64, math.MaxInt64
	if !q.From.IsZero() {
		from = q.From.Unix()
	}
	if !q.Until.IsZero() {
		until = q.Until.Unix()
	}
	return from, until
}
