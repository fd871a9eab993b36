package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/gate"
)

// said is a desk whose gate says something else of its grants.
type saidOf struct {
	gate.Desk
	list []gate.Status
}

func (d saidOf) List(context.Context) ([]gate.Status, error) { return d.list, nil }

func checked(h app.Health, about string) (app.Check, bool) {
	for _, c := range h.Checks {
		if c.About == about {
			return c, true
		}
	}
	return app.Check{}, false
}

func TestDoctorSaysThatAPassphraseWaitsTooLongAndThatNobodySaidWhomTheyReached(t *testing.T) {
	_, o := openStage(t)
	now := o.Clock.Now()
	told := gate.Passphrase{State: gate.PassphraseTold, Person: "p-otto", At: now.Add(-25 * time.Hour)}
	answered := told
	answered.Reached = "R. Sample"
	for name, c := range map[string]struct {
		p    *gate.Passphrase
		code string
		says string
	}{
		"no ZIP":                 {nil, "", ""},
		"waits since today":      {&gate.Passphrase{State: gate.PassphraseWaits, Since: now.Add(-time.Hour)}, "", "1 passphrase to be told"},
		"waits since last week":  {&gate.Passphrase{State: gate.PassphraseWaits, Since: now.AddDate(0, 0, -7)}, "passphrase.waits", "g-1"},
		"told, and not a word":   {&told, "passphrase.silent", "g-1"},
		"told, and whom reached": {&answered, "", ""},
		"ended":                  {&gate.Passphrase{State: gate.PassphraseEnded, Since: now.AddDate(0, -2, 0)}, "", ""},
	} {
		app.SetDesk(o, saidOf{o.Desk(), []gate.Status{{Grant: "g-1", Demand: "d-1", State: gate.Released, Passphrase: c.p}}})
		got, there := checked(o.Examine(t.Context()), "passphrases")
		if there != (c.says != "") || got.Code != c.code || !strings.Contains(got.Says, c.says) || there && got.Well != (c.code == "") {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
