package demand_test

import (
	"testing"
	"time"

	"counterseal/internal/demand"
	"counterseal/internal/problem"
)

// A production by hand is told from one that a gate filtered for good: in the
// event, after reading it back, and in the state.
func TestAGrantByHandStaysTellable(t *testing.T) {
	for collection, want := range map[string]bool{"": false, "gate": false, "by-hand": true} {
		e := demand.GrantDrafted{Grant: "g1", Digest: digestG, Scope: whole(names...).Lines(), Region: "iad", Recipient: "officer", Expires: later.Add(24 * time.Hour),
			Collection: collection, Production: "supplement", Emergency: want}
		b, err := demand.Encode("k7wq-93", demand.Meta{Seq: 1, At: april, By: "ann"}, e)
		if err != nil {
			t.Fatal(err)
		}
		_, r, err := demand.Decode(b)
		if err != nil {
			t.Fatal(err)
		}
		state, _ := ready().change("grant", r.Event).play()
		g := state.Grants[0]
		if g.ByHand() != want || g.Collection != collection || g.Production != "supplement" || g.Emergency != want {
			t.Errorf("%q: %+v", collection, g)
		}
	}
}

func TestAGrantIsCollectedAndProducedInAKnownWay(t *testing.T) {
	state, env := ready().drop("grant", "approval 1", "approval 2").play()
	for _, c := range []demand.DraftGrant{{Collection: "somehow"}, {Production: "recall"}} {
		c.Grant, c.Digest, c.Scope, c.Region, c.Recipient, c.Expires = "g1", digestG, whole(names...), "iad", "officer", later.Add(time.Hour)
		if _, err := demand.Decide(state, c, env); problem.Code(err) != "grant.incomplete" {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
