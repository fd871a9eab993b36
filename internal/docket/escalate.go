package docket

import (
	"context"
	"time"

	"counterseal/internal/demand"
)

// steps are when a person's duty is escalated, from its due time.
var steps = []time.Duration{-24 * time.Hour, 0, time.Hour, 24 * time.Hour}

// FirstAlarm is when a duty is escalated first.
func FirstAlarm(due time.Time) time.Time { return due.Add(steps[0]) }

// Escalation is a person's duty that has come to a step: 0 a day before it is
// due, 1 when it is, 2 an hour after, 3 a day after.
type Escalation struct {
	Due
	Step int
}

// Escalate takes the people's duties that have come to a step since it was last
// asked, each step of each duty once, whoever asks and however often the program
// starts: where several steps have passed, as after a jump of the clock, the last
// of them. More tells that there are others left.
func (d *Docket) Escalate(ctx context.Context, now time.Time, limit int) (out []Escalation, more bool, err error) {
	defer func() { d.refused(ctx, "escalate", demand.ID(""), err) }()
	list, err := d.Store.Alarms(ctx, now, limit)
	if err != nil {
		return nil, false, err
	}
	if len(list) == 0 {
		return nil, false, nil
	}
	var moves []AlarmMove
	for _, a := range list {
		_, next := stepAt(a.Duty.Due, now)
		moves = append(moves, AlarmMove{Alarm: a, To: next})
	}
	moved, err := d.Store.MoveAlarms(ctx, moves)
	if err != nil {
		return nil, false, err
	}
	for _, m := range moved {
		step, _ := stepAt(m.Duty.Due, now)
		out = append(out, Escalation{Due: d.openDuties(ctx, []DueDuty{m.DueDuty})[0], Step: step})
	}
	return out, len(list) == limit, nil
}

// stepAt is the last step that has come by now, and when the next one comes.
func stepAt(due, now time.Time) (step int, next time.Time) {
	for i, s := range steps {
		if now.Before(due.Add(s)) {
			return step, due.Add(s)
		}
		step = i
	}
	return step, Never
}
