package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"counterseal/internal/app"
	"counterseal/internal/gate"
	"counterseal/internal/problem"
)

// partly is a desk of several gates of which one is down.
type partly struct{ saidOf }

func (d partly) List(context.Context) ([]gate.Status, error) {
	return d.list, problem.New(problem.Unavailable, "gate.unreachable", "the gate does not answer")
}

func TestDoctorSaysThatTheWitnessesAreOwedAfterAnEmergencyAndThatTheyAreOverdue(t *testing.T) {
	_, o := openStage(t)
	now, desk := o.Clock.Now(), o.Desk()
	began := now.Add(-72 * time.Hour)
	for name, c := range map[string]struct {
		w    *gate.Witnessed
		code string
		says string
	}{
		"the log policy held": {nil, "", ""},
		"owed":                {&gate.Witnessed{At: began, Due: now.Add(time.Hour)}, "witnesses.owed", "they are due on " + now.Add(time.Hour).UTC().Format(time.RFC3339)}, // the clock goes on meanwhile
		"overdue":             {&gate.Witnessed{At: began, Due: now.Add(-time.Second)}, "witnesses.overdue", "they were due on " + now.Add(-time.Second).UTC().Format(time.RFC3339) + ", and no further emergency is released without them"},
		"heard":               {&gate.Witnessed{At: began, Due: now.Add(time.Hour), Since: now}, "", "demand d-1, grant g-1 went by the emergency policy, and enough have cosigned since"},
		"heard too late":      {&gate.Witnessed{At: began, Due: began.Add(time.Hour), Since: now}, "", "enough have cosigned since"},
		"another journal":     {&gate.Witnessed{At: began, Due: began.Add(time.Hour), Contradicted: true}, "gate.emergency_contradicted", "nothing leaves this gate any more"},
	} {
		said := saidOf{desk, []gate.Status{{Grant: "g-0", Demand: "d-0", State: gate.Released}, {Grant: "g-1", Demand: "d-1", State: gate.Released, UnderEmergency: c.w}}}
		for form, d := range map[string]gate.Desk{"": said, ", and another gate is down": partly{said}} {
			app.SetDesk(o, d)
			h := o.Examine(t.Context())
			got, there := checked(h, "witnesses after an emergency")
			if there != (c.says != "") || got.Code != c.code || !strings.Contains(got.Says, c.says) || there && got.Well != (c.code == "") {
				t.Errorf("%s%s: %+v", name, form, got)
			}
			if g, _ := checked(h, "gate"); form != "" && c.code != "gate.emergency_contradicted" && g.Code != "gate.unreachable" {
				t.Errorf("%s%s: the gate's check says %+v", name, form, g)
			}
			if strings.HasPrefix(c.code, "witnesses.") && got.Fix == "" {
				t.Errorf("%s%s: it says not what to do", name, form)
			}
		}
	}
}

func TestDoctorSaysThatAGateStandsStillWhileAnotherIsDown(t *testing.T) {
	_, o := openStage(t)
	app.SetDesk(o, partly{saidOf{o.Desk(), []gate.Status{{Grant: "g-1", Demand: "d-1", State: gate.Offered, Obstacles: []string{"inforce.missing", "gate.restored"}}}}})
	if got, _ := checked(o.Examine(t.Context()), "gate"); got.Code != "gate.restored" {
		t.Errorf("%+v", got)
	}
}
