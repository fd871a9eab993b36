package scope

import (
	"time"

	"pgregory.net/rapid"
)

// The properties run in a small world, so that everything meets everything.
var (
	worldStart   = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	worldPeople  = []string{"a@x.example", "b@x.example", "c@x.example"}
	worldItems   = []string{"item-1", "item-2", "item-3"}
	worldSeconds = 12
)

func aSecond(t *rapid.T, label string) time.Time {
	return worldStart.Add(time.Duration(rapid.IntRange(0, worldSeconds).Draw(t, label)) * time.Second)
}

func someOf(t *rapid.T, label string, names []string) []string {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(names), 0, len(names), rapid.ID[string]).Draw(t, label)
}

func aSelector(t *rapid.T) Selector {
	a, b := aSecond(t, "from"), aSecond(t, "until")
	if b.Before(a) {
		a, b = b, a
	}
	return Selector{
		Account: rapid.SampledFrom([]AccountID{"acc-1", "acc-2"}).Draw(t, "account"), Service: Mail,
		Category: rapid.SampledFrom([]Category{Content, Content, Traffic}).Draw(t, "category"),
		From:     a, Until: b, Basis: rapid.SampledFrom([]Basis{Received, Received, Sent}).Draw(t, "basis"),
		Participants: someOf(t, "participants", worldPeople), Items: someOf(t, "items", worldItems),
	}
}

func aScope(t *rapid.T, label string) Scope {
	n := rapid.IntRange(1, 5).Draw(t, label)
	var sel []Selector
	for range n {
		sel = append(sel, aSelector(t))
	}
	s, err := New(sel...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func anItem(t *rapid.T) Item {
	it := Item{
		ID: rapid.SampledFrom(worldItems).Draw(t, "id"), Account: rapid.SampledFrom([]AccountID{"acc-1", "acc-2"}).Draw(t, "owner"),
		Service: Mail, Category: rapid.SampledFrom([]Category{Content, Traffic}).Draw(t, "kind"),
		Participants: someOf(t, "people", append(worldPeople, "d@x.example")),
	}
	it.Received, it.ReceivedSpread = aTime(t, "received")
	it.Sent, it.SentSpread = aTime(t, "sent")
	return it
}

func aTime(t *rapid.T, label string) (time.Time, time.Duration) {
	switch rapid.IntRange(0, 4).Draw(t, label+" kind") {
	case 0:
		return time.Time{}, 0
	case 1:
		return aSecond(t, label), time.Duration(rapid.IntRange(0, 4).Draw(t, label+" spread")) * time.Second
	}
	return aSecond(t, label).Add(time.Duration(rapid.IntRange(0, 999).Draw(t, label+" fraction")) * time.Millisecond), 0
}

func given(v Verdict) bool { return v == Inside || v == Split }
