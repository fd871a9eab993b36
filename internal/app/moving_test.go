package app_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/web/staff"
)

// collectingDesk is a gate of whose grants one is collected for.
type collectingDesk struct {
	gate.Desk
	silent bool
	asked  []string
}

func (d *collectingDesk) Status(ctx context.Context, id string) (gate.Status, error) {
	d.asked = append(d.asked, id)
	if d.silent {
		<-ctx.Done()
		return gate.Status{}, ctx.Err()
	}
	if id == "running" {
		return gate.Status{State: gate.Running, Progress: &gate.Progress{Items: 12, Bytes: 5 << 20, Withheld: 3}}, nil
	}
	return gate.Status{State: gate.Offered}, nil
}

func withDesk(d gate.Desk) *app.Office {
	o := &app.Office{}
	app.SetDesk(o, d)
	return o
}

func TestAPageSaysHowFarAGateHasComeAndDoesNotWaitForASilentOne(t *testing.T) {
	approved := []staff.Approval{{Person: "p-ann"}}
	page := func() []staff.Grant {
		return []staff.Grant{{Digest: "running", Approvals: approved}, {Digest: "offered", Approvals: approved}, {Digest: "unapproved"}, {Digest: "ended", Approvals: approved, Outcome: "released"}, {Digest: "revoked", Approvals: approved, Revoked: true}}
	}
	d := &collectingDesk{}
	got, want := page(), page()
	app.Moving(withDesk(d), t.Context(), got)
	want[0].Collecting = &staff.Collecting{Items: 12, MiB: 5, Withheld: 3}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"running", "offered"}, d.asked); diff != "" {
		t.Errorf("it is asked about what cannot run: %s", diff)
	}
	silent := page()
	app.Moving(withDesk(&collectingDesk{silent: true}), t.Context(), silent) // returns, or the test hangs
	app.Moving(&app.Office{}, t.Context(), silent)
	if diff := cmp.Diff(page(), silent); diff != "" {
		t.Error(diff)
	}
}
