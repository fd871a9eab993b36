package app

import (
	"testing"
	"time"

	"counterseal/internal/problem"
	"counterseal/internal/scope"
)

func TestWhoseContentIsUnderTheirOwnKeysIsStatedExactly(t *testing.T) {
	s := Stores{CustomerKeys: []CustomerKey{{Service: "files", Accounts: []string{"ac-june"}}, {Service: "messages", All: true}}}
	held, err := s.customerKeys()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		service scope.Service
		account scope.AccountID
		want    bool
	}{{scope.Files, "ac-june", true}, {scope.Files, "ac-alan", false}, {scope.Mail, "ac-june", false}, {scope.Messages, "ac-alan", true}} {
		if got := held(c.service, c.account); got != c.want {
			t.Errorf("%s of %s: %v", c.service, c.account, got)
		}
	}
	for _, k := range []CustomerKey{{Service: "disks", All: true}, {Service: "files"}, {Service: "files", All: true, Accounts: []string{"ac-june"}}, {Service: "files", Accounts: []string{"*"}}} {
		if _, err := (Stores{CustomerKeys: []CustomerKey{k}}).customerKeys(); problem.Code(err) != "app.config" {
			t.Errorf("%+v: %v", k, err)
		}
	}
}

func TestListsAreKeptForTwoYearsOrAsLongAsSomebodySays(t *testing.T) {
	for days, want := range map[int]time.Duration{0: 0, 30: 30 * 24 * time.Hour, 3660: 3660 * 24 * time.Hour} {
		if got, err := (Stores{ListDays: days}).lists(); err != nil || got != want {
			t.Errorf("%d: %v, %v", days, got, err)
		}
	}
	for _, days := range []int{-1, 29, 3661} {
		if _, err := (Stores{ListDays: days}).lists(); problem.Code(err) != "app.config" {
			t.Errorf("%d: %v", days, err)
		}
	}
}
