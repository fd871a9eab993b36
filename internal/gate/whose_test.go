package gate_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"counterseal/internal/gate"
	"counterseal/internal/gate/gatetest"
	"counterseal/internal/gate/source"
	"counterseal/internal/grant"
	"counterseal/internal/scope"
)

// Whose data went too far is told by account and kind, by days of UTC and never by an
// item's own time.
func TestWhatWasNotCompelledIsCountedByAccountAndKindAndByDays(t *testing.T) {
	s := newScene(t)
	from := gatetest.Mail("acct-a1").From
	at := func(days int, clock time.Duration) time.Time { return from.AddDate(0, 0, days).Add(clock) }
	early, late := gatetest.Message("acct-b2", "early", at(3, time.Minute), at(3, 0), 10), gatetest.Message("acct-b2", "late", at(5, 23*time.Hour), at(5, 0), 10)
	only := gatetest.Message("acct-a1", "only", at(9, 8*time.Hour), at(9, 8*time.Hour), 10)
	stays := gatetest.Message("acct-a1", "stays", at(1, 0), at(1, 0), 10)
	s.store.Held, s.store.Gaps = []source.Item{late, early, only, stays}, nil
	g := s.Grant(1)
	g.Targets = append(g.Targets, grant.Target{Kind: "address", Stated: "bea@lindworm.example", Account: "acct-b2"})
	g.Compelled = scopeOf(gatetest.Mail("acct-a1"), gatetest.Mail("acct-b2"))
	g.Scope = g.Compelled
	s.left(g)
	in, err := s.gate.ReportIncident(ctx, s.signed(s.said(g, narrowed(january(2)))))
	if err != nil {
		t.Fatal(err)
	}
	want := []gate.Excess{
		{Account: "acct-a1", Service: scope.Mail, Category: scope.Content, Items: 1, From: at(9, 0), Until: at(9, 0)},
		{Account: "acct-b2", Service: scope.Mail, Category: scope.Content, Items: 2, From: at(3, 0), Until: at(5, 0)},
	}
	if diff := cmp.Diff(want, in.Whose); diff != "" {
		t.Error(diff)
	}
	s.reopen()
	if list, err := s.gate.Incidents(ctx); err != nil || len(list) != 1 || !cmp.Equal(want, list[0].Whose) {
		t.Errorf("after a start: %+v, %v", list, err)
	}
}
