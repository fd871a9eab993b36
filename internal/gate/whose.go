package gate

import (
	"cmp"
	"slices"
	"time"

	"counterseal/internal/scope"
)

// Excess is how many items of one account were of one kind and not compelled. The days are
// of UTC and both inside, so that no item's time is told; zero: the items bear none.
type Excess struct {
	Account  scope.AccountID `json:"account"`
	Service  scope.Service   `json:"service"`
	Category scope.Category  `json:"category"`
	Items    int64           `json:"items"`
	From     time.Time       `json:"from,omitzero"`
	Until    time.Time       `json:"until,omitzero"`
}

// kindOf is what items are counted by.
type kindOf struct {
	account  scope.AccountID
	service  scope.Service
	category scope.Category
}

// beyond counts whose data were given and not compelled.
type beyond map[kindOf]*Excess

// add counts an item. What lasts without an end lasts until the day on which it was
// found.
func (t beyond) add(it scope.Item, found time.Time) {
	k := kindOf{it.Account, it.Service, it.Category}
	e := t[k]
	if e == nil {
		e = &Excess{Account: it.Account, Service: it.Service, Category: it.Category}
		t[k] = e
	}
	e.Items++
	at, spread := it.Received, it.ReceivedSpread
	if at.IsZero() {
		at, spread = it.Sent, it.SentSpread
	}
	if !sayable(at) {
		return
	}
	end := at.Add(spread)
	if it.Lasting && end.After(found) {
		end = found
	}
	from, until := dayOf(at), dayOf(at)
	if sayable(end) && end.After(at) {
		until = dayOf(end)
	}
	if e.From.IsZero() || from.Before(e.From) {
		e.From = from
	}
	if until.After(e.Until) {
		e.Until = until
	}
}

// sayable are times that a letter can name.
func sayable(t time.Time) bool { return t.UTC().Year() >= 1970 && t.UTC().Year() <= 9998 }

func dayOf(t time.Time) time.Time { return t.UTC().Truncate(24 * time.Hour) }

// rows are in order of account, service and category.
func (t beyond) rows() []Excess {
	out := make([]Excess, 0, len(t))
	for _, e := range t {
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Excess) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Category, b.Category))
	})
	return out
}
