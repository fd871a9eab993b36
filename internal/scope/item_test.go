package scope

import (
	"testing"
	"time"
)

func TestVerdicts(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 12, 0, 0, 0, time.UTC) }
	sel := Selector{Account: "acc-1", Service: Mail, Category: Content, From: day(10), Until: day(20), Basis: Received, Participants: []string{"A@x", "b@x"}, Items: []string{"i1", "i2"}}
	it := Item{ID: "i2", Account: "acc-1", Service: Mail, Category: Content, Received: day(15), Sent: day(15), Participants: []string{"z@x", "a@x"}}
	s := must(t, sel)
	sel.Basis = Sent
	bySent := must(t, sel)
	for name, c := range map[string]struct {
		scope  Scope
		change func(*Item)
		want   Verdict
	}{
		"all agree":                       {s, func(*Item) {}, Inside},
		"the first second":                {s, func(i *Item) { i.Received = day(10) }, Inside},
		"the last second, with fractions": {s, func(i *Item) { i.Received = day(20).Add(999 * time.Millisecond) }, Inside},
		"a second early":                  {s, func(i *Item) { i.Received, i.Sent = day(10).Add(-1), day(9) }, Outside},
		"a second late":                   {s, func(i *Item) { i.Received, i.Sent = day(20).Add(time.Second), day(21) }, Outside},
		"the other time unknown":          {s, func(i *Item) { i.Sent = time.Time{} }, Inside},
		"the other time outside":          {s, func(i *Item) { i.Sent = day(9) }, Split},
		"only the other time inside":      {s, func(i *Item) { i.Received = day(9) }, Near},
		"the time unknown":                {s, func(i *Item) { i.Received = time.Time{} }, Undated},
		"outside, the other unknown":      {s, func(i *Item) { i.Received, i.Sent = day(9), time.Time{} }, Outside},
		"by sent: only received inside":   {bySent, func(i *Item) { i.Sent = day(9) }, Near},
		"by sent: received outside":       {bySent, func(i *Item) { i.Received = day(9) }, Split},
		"by sent: unknown":                {bySent, func(i *Item) { i.Sent = time.Time{} }, Undated},
		"another account":                 {s, func(i *Item) { i.Account = "acc-2" }, Outside},
		"another account, undated":        {s, func(i *Item) { i.Account, i.Received = "acc-2", time.Time{} }, Outside},
		"another service":                 {s, func(i *Item) { i.Service = Files }, Outside},
		"another category":                {s, func(i *Item) { i.Category = Traffic }, Outside},
		"another item":                    {s, func(i *Item) { i.ID = "i3" }, Outside},
		"nobody named":                    {s, func(i *Item) { i.Participants = []string{"z@x"} }, Outside},
		"nobody at all":                   {s, func(i *Item) { i.Participants = nil }, Outside},
		"a spread all inside":             {s, func(i *Item) { i.Received, i.ReceivedSpread = day(10), 10*24*time.Hour }, Inside},
		"a spread a second over":          {s, func(i *Item) { i.Received, i.ReceivedSpread = day(10), 10*24*time.Hour+time.Second }, Undated},
		"a spread that begins before":     {s, func(i *Item) { i.Received, i.ReceivedSpread = day(9), 26*time.Hour }, Undated},
		"a spread around everything":      {s, func(i *Item) { i.Received, i.ReceivedSpread = day(9), 300*time.Hour }, Undated},
		"a spread all outside":            {s, func(i *Item) { i.Received, i.ReceivedSpread, i.Sent = day(8), 26*time.Hour, day(9) }, Outside},
		"the other's spread unsure":       {s, func(i *Item) { i.Sent, i.SentSpread = day(9), 26*time.Hour }, Inside},
		"the other's spread outside":      {s, func(i *Item) { i.Sent, i.SentSpread = day(8), 26*time.Hour }, Split},
		"outside, the other unsure":       {s, func(i *Item) { i.Received, i.Sent, i.SentSpread = day(9), day(9), 26*time.Hour }, Outside},
		"a spread below zero is unknown":  {s, func(i *Item) { i.ReceivedSpread = -1 }, Undated},
	} {
		one := it
		c.change(&one)
		if got := c.scope.Judge(one); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// A state of things is asked for where any second of it is: whoever asks who held
// an account in March asks for the name that held from January to May.
func TestAStateOfThingsIsAskedForWhereAnySecondOfItIs(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	sel := Selector{Account: "acc-1", Service: Records, Category: Subscriber, From: day(10), Until: day(20), Basis: Received}
	apart := sel
	apart.From, apart.Until, apart.Basis = day(25), day(26), Sent
	s := must(t, sel, apart)
	for name, c := range map[string]struct {
		from, until time.Time
		want        Verdict
	}{
		"held before, during and after": {day(1), day(30), Inside},
		"ended in the first second":     {day(1), day(10), Inside},
		"began in the last second":      {day(20), day(30), Inside},
		"ended a second before":         {day(1), day(10).Add(-time.Second), Outside},
		"between the two intervals":     {day(21), day(24), Outside},
		"by the other basis":            {day(24), day(25), Inside},
		"nobody knows when":             {time.Time{}, time.Time{}, Undated},
	} {
		it := Item{ID: "r", Account: "acc-1", Service: Records, Category: Subscriber, Received: c.from, ReceivedSpread: c.until.Sub(c.from), Lasting: true}
		if got := s.Judge(it); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
		it.Category = Traffic
		if got := s.Judge(it); got != Outside {
			t.Errorf("%s, of another category: %s", name, got)
		}
	}
}

func TestTheStrongestWordWins(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 3, n, 0, 0, 0, 0, time.UTC) }
	row := func(from, until int, b Basis) Selector {
		return Selector{Account: "acc-1", Service: Mail, Category: Content, From: day(from), Until: day(until), Basis: b}
	}
	it := Item{Account: "acc-1", Service: Mail, Category: Content, Received: day(5), Sent: day(15)}
	for _, c := range []struct {
		scope Scope
		want  Verdict
	}{
		{must(t, row(1, 2, Received), row(3, 8, Received)), Split},
		{must(t, row(3, 8, Received), row(14, 16, Received)), Inside}, // each of its times is in the scope
		{must(t, row(14, 16, Received)), Near},
		{must(t, row(14, 16, Received), row(14, 16, Sent)), Split},
		{must(t, row(14, 16, Received), row(4, 16, Sent)), Inside},
		{must(t, row(1, 2, Received), row(25, 26, Sent)), Outside},
	} {
		if got := c.scope.Judge(it); got != c.want {
			t.Errorf("%s, want %s\n%s", got, c.want, c.scope.Bytes())
		}
	}
	it.Sent = time.Time{}
	if got := must(t, row(14, 16, Received), row(14, 16, Sent)).Judge(it); got != Undated {
		t.Errorf("undated by one basis, outside by the other: %s", got)
	}
	if (Scope{}).Judge(it) != Outside {
		t.Error("the empty scope asks for something")
	}
	if Verdict(200).String() != "undated" || Inside.String() != "inside" {
		t.Error("verdict names")
	}
}
